"""How the score came about: agreement, selection, LASSO, and what it says of whom."""

from typing import Literal

from sklearn_orn.study.results._cohort import Unit
from sklearn_orn.study.results._record import Record

PartJudged = Literal["training", "validation", "cross-validation"]


class Agreement(Record):
    """Agreement of the readers in short."""

    form: str  # of the ICC
    median_icc: float | None
    n_kept: int
    n_features: int
    n_lesions: int  # drawn by all readers
    interval_unit: Unit  # what the limits of the ICC count
    judged_by: Literal["readers", "perturbed outlines"]


class FeatureStep(Record):
    """How many features are left after a step."""

    step: Literal["extractor", "icc_perturbed", "icc", "fcm", "nomogram"]
    name: str
    n_features: int
    meaning: str


class BlockFeatures(Record):
    """How many features of a sequence and region are left after each step."""

    sequence: str  # "image" where the table does not name sequences
    region: str
    n_measured: int
    n_reproducible: int | None  # None without an ICC filter
    n_chosen: int
    n_in_score: int


class Blocks(Record):
    """Each sequence and region, in the order of the table."""

    rows: tuple[BlockFeatures, ...]


class FeatureAgreement(Record):
    """Agreement of the readers on a feature."""

    feature: str
    icc: float | None
    lower: float | None
    upper: float | None
    kept: bool
    reason: str


class ChosenFeature(Record):
    """A feature that goes to the LASSO, and the criteria that chose it."""

    feature: str
    criteria: tuple[str, ...]


class Selection(Record):
    """What the steps before the LASSO did with each feature."""

    icc: tuple[FeatureAgreement, ...] | None  # None with one reader
    chosen: tuple[ChosenFeature, ...]


class FilledFeature(Record):
    """Cells of a feature that had no value."""

    feature: str
    n_training: int
    n_validation: int
    median: float  # what stands for them
    in_score: bool


class Imputed(Record):
    """Cells of the table of features that the imputer filled."""

    n_filled: int
    n_cells: int
    features: tuple[FilledFeature, ...]  # those in the score first


class Term(Record):
    """A feature of the score, with its distribution in training."""

    feature: str
    coefficient: float
    per_sd: float
    mean: float
    sd: float
    minimum: float
    maximum: float
    values: tuple[float, ...] | None  # where they are few


class Lasso(Record):
    """The LASSO's path; lists are by penalty, then by feature."""

    lambda_chosen: float
    lambda_min: float | None  # None where the penalty was given
    lambda_1se: float | None
    lambdas: tuple[float, ...]
    deviance_mean: tuple[float | None, ...]
    deviance_se: tuple[float | None, ...]
    n_nonzero: tuple[int, ...]
    features: tuple[str, ...]
    sd: tuple[float, ...]  # of each feature in training
    coefficient_path: tuple[tuple[float, ...], ...]
    intercept_path: tuple[float, ...]


class Refit(Record):
    """The unpenalised logistic fit of the outcome on the score."""

    intercept: float | None
    slope: float | None


class WorkedLesion(Record):
    """The lesion with the median score of the last part, for the nomogram."""

    lesion: str
    part: PartJudged
    values: dict[str, float]  # by feature
    score: float
    probability: float


class Model(Record):
    """The score's formula, and how the LASSO came to it."""

    intercept: float
    threshold: float
    coefficients: tuple[Term, ...]
    lasso: Lasso
    score_refit: Refit
    worked: WorkedLesion


class Scores(Record):
    """What the model says of each lesion of each part, as columns."""

    lesion: tuple[str, ...]
    patient: tuple[str, ...]
    part: tuple[PartJudged, ...]
    y: tuple[int, ...]  # 1 for the positive class
    score: tuple[float, ...]
    probability: tuple[float, ...]
    predicted: tuple[int, ...]


class ClassScore(Record):
    """The score in one class."""

    label: Literal["negative", "positive"]
    n_lesions: int
    median: float | None
    q1: float | None
    q3: float | None


class ScoreTest(Record):
    """The score of the classes of a part, compared."""

    part: PartJudged
    scale: Literal["score", "probability"]  # of different folds only the second
    test: str  # which form of the Mann-Whitney test
    statistic: float | None
    p_value: float | None
    classes: tuple[ClassScore, ...]
