"""How good the model is on one part of the study."""

from typing import Literal

from sklearn_orn.study.results._model import PartJudged
from sklearn_orn.study.results._record import Record

Number = float | None  # None where it cannot be estimated
CandidatesOf = Literal["measured", "reproducible", "seen by the LASSO"]


class Auc(Record):
    """Area under the ROC curve with its 95 % interval, by patient."""

    auc: float
    lower: Number
    upper: Number
    se: Number


class Proportion(Record):
    """A share of lesions with its 95 % interval, by patient."""

    estimate: Number
    lower: Number
    upper: Number
    count: int
    total: int
    n_patients: int


class Performance(Record):
    """Proportions at the threshold learnt in training."""

    sensitivity: Proportion
    specificity: Proportion
    accuracy: Proportion
    ppv: Proportion
    npv: Proportion


class RiskGroup(Record):
    """A group of the Hosmer-Lemeshow test."""

    lower: float
    upper: float
    n_lesions: int
    observed: int
    expected: float


class HosmerLemeshow(Record):
    """The Hosmer-Lemeshow test; whether p allows for lesions of one patient."""

    statistic: Number
    df: int
    p_value: Number
    by_patient: bool
    groups: tuple[RiskGroup, ...]


class Calibration(Record):
    """As `metrics.CalibrationStatistics`."""

    dxy: Number
    c: Number
    brier: Number
    brier_scaled: Number
    intercept: Number
    slope: Number
    emax: Number
    e90: Number
    eavg: Number
    observed_expected: Number
    r2: Number
    discrimination: Number
    discrimination_chi2: Number
    unreliability: Number
    unreliability_chi2: Number
    unreliability_p: Number
    quality: Number
    spiegelhalter_z: Number
    spiegelhalter_p: Number
    calibration_in_the_large: Number
    calibration_in_the_large_lower: Number
    calibration_in_the_large_upper: Number
    intercept_lower: Number
    intercept_upper: Number
    slope_lower: Number
    slope_upper: Number
    observed_expected_lower: Number
    observed_expected_upper: Number
    brier_lower: Number
    brier_upper: Number


class CalibrationCurve(Record):
    """Smoothed share of positives by predicted probability."""

    predicted: tuple[Number, ...]
    observed: tuple[Number, ...]


class DecisionCurve(Record):
    """Net benefit by threshold probability, as `metrics.decision_curve`."""

    threshold: tuple[float, ...]
    model: tuple[Number, ...]
    treat_all: tuple[Number, ...]
    treat_none: tuple[Number, ...]
    standardized: tuple[Number, ...]
    interventions_avoided: tuple[Number, ...]
    over_all: tuple[Number, ...]
    model_lower: tuple[Number, ...]
    model_upper: tuple[Number, ...]
    standardized_lower: tuple[Number, ...]
    standardized_upper: tuple[Number, ...]
    interventions_avoided_lower: tuple[Number, ...]
    interventions_avoided_upper: tuple[Number, ...]
    over_all_lower: tuple[Number, ...]
    over_all_upper: tuple[Number, ...]
    above: tuple[int, ...]  # lesions at or above the threshold
    below: tuple[int, ...]


class Folds(Record):
    """AUC within each fold; None for a fold of one class."""

    auc: tuple[Number, ...]
    mean: Number
    sd: Number
    n_with_both_classes: int


class Part(Record):
    """Every number that the report gives for one part of the study."""

    part: PartJudged
    apparent: bool  # judged on the lesions that the model was fitted to
    n_lesions: int
    n_patients: int
    n_positive: int  # lesions
    prevalence: Number  # where the model is to be used; None: that of the lesions
    auc: Auc
    performance: Performance
    hosmer_lemeshow: HosmerLemeshow
    calibration: Calibration
    calibration_curve: CalibrationCurve
    decision_curve: DecisionCurve
    folds: Folds | None  # in cross-validation


class PartUpdate(Record):
    """The model brought to a part, judged on the same lesions: apparent."""

    method: Literal["intercept", "intercept and slope"]
    intercept: Number  # of the updated log-odds
    slope: Number
    brier: Number
    reason: str  # why there is no fit; empty where there is one


class ValidationPart(Record):
    """One of several validation parts."""

    name: str
    lesions: tuple[str, ...]
    judged: Part
    updates: tuple[PartUpdate, ...]


class ValidationParts(Record):
    """Several validation parts, each by itself; `Results.parts` has them together."""

    rows: tuple[ValidationPart, ...]
    missing: dict[str, str]  # parts that cannot be judged, and why


class RileySize(Record):
    """Riley's criteria for a number of candidates, and what this sample gives."""

    candidates_of: CandidatesOf
    n_candidates: int
    shrinkage: float  # to expect in this sample
    n: int  # patients needed
    n_shrinkage: int
    n_optimism: int
    n_risk: int
    n_events: int
    events_per_candidate: float
    r2_cox_snell: float
    r2_nagelkerke: float


class SampleSize(Record):
    """The training part beside Riley's criteria, which count patients."""

    n_patients: int
    n_lesions: int
    smaller_class: str
    n_event_patients: int  # of the smaller class
    n_event_lesions: int
    prevalence: float
    n_candidates: int  # seen by the LASSO
    r2_nagelkerke: float  # what the model is taken to explain
    riley: tuple[RileySize, ...]
