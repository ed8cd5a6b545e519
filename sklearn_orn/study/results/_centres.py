"""Several centres: who they are, whether they confound, and how each does."""

from typing import Literal

from sklearn_orn.study.results._cohort import Absent, PartName, ProtocolValue, Unit
from sklearn_orn.study.results._performance import Number
from sklearn_orn.study.results._record import Record


class CentreCount(Record):
    """Lesions and patients of one centre in one part."""

    centre: str
    part: PartName
    n_lesions: int
    n_patients: int
    n_positive: int  # lesions


class CentreRow(Record):
    """A row of Table 1 by centre: a variable, or a level of it; cells by centre."""

    variable: str
    level: str | None
    kind: Literal["mean", "median", "categorical"]
    unit: Unit
    cells: dict[str, str]


class Recognised(Record):
    """How well one thing tells another in cross-validation, and by chance."""

    auc: float  # mean over the folds
    p_value: float
    n_permutations: int
    of: dict[str, float]  # AUC of each centre against the others; empty for the class


class Confounding(Record):
    """Whether centre or protocol tell the class, and features the centre."""

    class_from_centre: Recognised | Absent
    class_from_protocol: Recognised | Absent
    centre_from_features: Recognised | Absent


class Centres(Record):
    """The centres of a study."""

    names: tuple[str, ...]
    counts: tuple[CentreCount, ...]
    characteristics: tuple[CentreRow, ...]  # of the clinical columns
    protocol: dict[str, tuple[ProtocolValue, ...]]  # by centre; empty without images
    confounding: Confounding


class CentreJudged(Record):
    """A centre judged by a model that was fitted to all others."""

    centre: str
    n_lesions: int
    n_patients: int
    n_positive: int  # lesions
    auc: Number
    auc_lower: Number
    auc_upper: Number
    calibration_in_the_large: Number
    calibration_in_the_large_lower: Number
    calibration_in_the_large_upper: Number
    slope: Number
    slope_lower: Number
    slope_upper: Number
    net_benefit: Number
    net_benefit_lower: Number
    net_benefit_upper: Number
    note: str  # where it is too small to judge


class OverCentres(Record):
    """What the centres say together of a measure, as `metrics.random_effects`."""

    measure: Literal["auc", "calibration_in_the_large", "slope", "net_benefit"]
    n_centres: int  # that have it
    mean: Number
    lower: Number
    upper: Number
    prediction_lower: Number
    prediction_upper: Number
    tau2: Number
    i2: Number


class ByCentre(Record):
    """Internal-external cross-validation: each centre left out in turn."""

    threshold: float  # of the net benefit: the model's own
    rows: tuple[CentreJudged, ...]
    summary: tuple[OverCentres, ...]
    missing: dict[str, str]  # centres that no model could be judged on, and why
    n_shared: int  # patients seen in several centres, who never train for their own
