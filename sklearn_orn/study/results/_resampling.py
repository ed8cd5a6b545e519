"""What resampling says of the whole procedure: stability, optimism, chance."""

from sklearn_orn.study.results._performance import CalibrationCurve, Number
from sklearn_orn.study.results._record import Record


class StepStability(Record):
    """Nogueira's index of a step's choice over the resamples."""

    step: str  # "icc", "fcm" or "lasso"
    stability: Number
    lower: Number
    upper: Number
    mean_selected: float


class FeatureStability(Record):
    """Share of the resamples in which a feature passed each step."""

    feature: str
    share: float  # in which it came into the score
    steps: dict[str, float]


class Stability(Record):
    """How often each feature passes each step."""

    n_resamples: int
    failures: dict[str, int]  # resamples without a model, by reason
    steps: tuple[StepStability, ...]
    features: tuple[FeatureStability, ...]  # those that ever came into the score


class Measure(Record):
    """A measure, apparent and corrected."""

    name: str
    key: str
    apparent: Number
    training: Number
    test: Number
    optimism: Number
    corrected: Number  # Harrell's
    out_of_bag: Number
    plus_632: Number
    n: int  # resamples that gave it


class CorrectedCurve(Record):
    """The calibration curve, apparent and corrected."""

    predicted: tuple[Number, ...]
    apparent: tuple[Number, ...]
    corrected: tuple[Number, ...]
    out_of_bag: tuple[Number, ...]


class LesionInstability(Record):
    """What each lesion's probability does over the refits, as columns."""

    lesion: tuple[str, ...]
    probability: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    mape: tuple[float, ...]
    changed: tuple[float, ...]


class CalibrationRefits(CalibrationCurve):
    """The calibration curve of the model, and of the first refits."""

    refits: tuple[tuple[Number, ...], ...]


class BenefitRefits(Record):
    """Net benefit of the model, and of the first refits."""

    threshold: tuple[float, ...]
    model: tuple[Number, ...]
    treat_all: tuple[Number, ...]
    refits: tuple[tuple[Number, ...], ...]


class Instability(Record):
    """How much the predictions depend on the sample."""

    mape: float
    changed: float
    threshold: float
    lesions: LesionInstability
    calibration: CalibrationRefits
    net_benefit: BenefitRefits


class Optimism(Record):
    """Apparent and bias-corrected performance."""

    n_resamples: int
    n_out_of_bag: int
    unit: str
    failures: dict[str, int]  # resamples without a model, by reason
    measures: tuple[Measure, ...]
    calibration_curve: CorrectedCurve
    instability: Instability

    def measure(self, key: str) -> Measure:
        """Return a measure by its key; KeyError without it."""
        return {row.key: row for row in self.measures}[key]


class PooledAuc(Record):
    """The pooled AUC of the repeat in the middle."""

    auc: Number
    lower: Number
    upper: Number


class Repeat(Record):
    """The pooled predictions of one repeat."""

    auc: Number
    auc_lower: Number
    auc_upper: Number
    brier: Number
    intercept: Number
    slope: Number


class Nested(Record):
    """Nested cross-validation: the mean over the folds, with its interval."""

    auc: Number
    lower: Number
    upper: Number
    sd: Number  # over the folds
    n_folds: int
    n_repeats: int
    pooled: PooledAuc
    repeats: tuple[Repeat, ...]


class Permuted(Record):
    """The cross-validated AUC beside that of shuffled outcomes."""

    auc: float
    auc_mean: float  # of the shuffled ones
    auc_sd: Number
    p_value: float
    n_as_large: int
    movable: float  # share of the lesions that can get another outcome
    n_permutations: int
    unit: str
    n_folds: int
    null: tuple[float, ...]
