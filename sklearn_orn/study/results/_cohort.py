"""Who and what was studied: settings, lesions, patients, images, characteristics."""

from typing import Literal

from sklearn_orn._io.codec import Plain
from sklearn_orn.study.results._record import Record

Unit = Literal["patient", "lesion"]
PartName = Literal["training", "validation", "all"]
SliceRule = Literal[
    "column section",
    "the only slice, or the largest ROI area in mm² of the first reader",
]


class Absent(Record):
    """Why a study has no such section."""

    absent: str


class Guard(Record):
    """A warning that stands before all numbers."""

    code: str | None  # docs/warnings.md; None for a warning of a step of one's own
    title: str
    text: str


class Settings(Record):
    """What the study was asked to do: `StudyConfig` without the number of workers."""

    outcome: str
    positive: str | int | float | None
    patient: str | None
    split: str | None
    date: str | None
    cut: str | int | float | None
    readers: tuple[str, ...] | None
    sequences: tuple[str, ...] | None  # None takes all of the table
    regions: tuple[str, ...]
    perturbed_outlines: int  # of each lesion
    features: dict[str, tuple[str, ...]] | None  # patterns: include, exclude
    clinical: tuple[str, ...]
    clinical_kinds: dict[str, Plain]  # of those that say it, as the study file has them
    clinical_selection: str | tuple[str, ...]
    nomogram: Literal["radiomics", "combined"]
    scores: Literal["fused", "separate"]  # of all sequences, or one of each
    missing: Literal["impute", "indicator", "exclude"]
    clinical_penalty: Literal["none", "firth"]
    location: str | None
    size: str | None
    centre: str | None  # a column, or a field of the headers
    harmonise: Literal["none", "combat"]
    screening: dict[str, Plain] | None  # as the study file has it
    cv: int
    random_state: int
    normalization: str | None  # None where the features were given
    icc_threshold: float
    k: int
    pipeline: dict[str, Plain]  # parameters of steps
    n_resamples: int
    n_permutations: int
    sensitivity: bool
    pooled_decision_curve: bool
    threshold_range: tuple[float, float] | None
    prevalence: float | None
    bits: dict[str, int] | None  # by family of features; None where they were given
    ignore: tuple[str, ...]  # codes of warnings that are switched off


class ClassCount(Record):
    """Lesions and patients of one class in one part."""

    part: PartName
    label: str
    positive: bool
    n_lesions: int
    n_patients: int
    share: float | None  # of the part's lesions


class CohortCounts(Record):
    """Lesions and patients that were measured."""

    n_lesions: int
    n_patients: int
    counts: tuple[ClassCount, ...]


class LesionLeftOut(Record):
    """A lesion that could not be measured, and why."""

    lesion: str
    patient: str | None
    reason: str


class Exclusion(Record):
    """How many were excluded for a reason; None where that is not known."""

    reason: str
    lesions: int | None
    patients: int | None


class LesionRejected(Record):
    """A lesion that was rejected when it was looked at; a comment may be empty."""

    lesion: str
    patient: str | None
    comment: str


class Inspection(Record):
    """What was decided on the lesions before anything was measured."""

    n_lesions: int  # in the cohort table
    n_accepted: int
    rejected: tuple[LesionRejected, ...]
    reasons: tuple[Exclusion, ...]  # by comment; patients who keep no lesion


class FlowStage(Record):
    """A stage of the flow chart, and who leaves after it."""

    name: str
    lesions: int | None
    patients: int | None
    excluded: tuple[Exclusion, ...]


class FlowClass(Record):
    """Lesions of a class in a part, and the patients who have them."""

    label: str
    lesions: int
    patients: int


class FlowCentre(Record):
    """Lesions and patients of a centre in a part."""

    label: str
    lesions: int
    patients: int


class FlowPart(Record):
    """A part of the study in the flow chart."""

    part: PartName
    lesions: int
    patients: int
    patients_in_both: int  # counted in each class
    classes: tuple[FlowClass, ...]
    centres: tuple[FlowCentre, ...]  # empty where none are named


class Flow(Record):
    """Who was screened, excluded and included; named as `FlowChartDisplay` has it."""

    stages: tuple[FlowStage, ...]
    parts: tuple[FlowPart, ...]


class Known(Record):
    """How many units of a column have a value."""

    n: int


class Share(Record):
    """How many units of a column are at a level."""

    count: int
    total: int
    share: float | None


class Summary(Record):
    """The values of a continuous variable in a column."""

    n: int
    mean: float | None
    sd: float | None
    median: float | None
    q1: float | None
    q3: float | None
    minimum: float | None
    maximum: float | None


class BaselineRow(Record):
    """A row of Table 1 or 2; its dicts are keyed by the labels of the columns."""

    variable: str
    level: str | None  # of a category; follows the row of its variable
    kind: Literal["count", "mean", "median", "categorical"]
    unit: Unit
    cells: dict[str, str]
    values: dict[str, int | Known | Share | Summary]
    test: str | None
    statistic: float | None
    p_value: float | None
    smd: float | None
    missing: dict[str, int] | None  # units without a value
    note: str | None


class BaselineTable(Record):
    """The classes within each part, and the parts, compared at baseline."""

    by_class: dict[str, tuple[BaselineRow, ...]]  # by part
    by_part: tuple[BaselineRow, ...] | None  # None without a split
    notes: tuple[str, ...]


class ProtocolValue(Record):
    """How many lesions have a value of an item of the protocol."""

    item: str
    value: str
    n_lesions: int

    @property
    def is_known(self) -> bool:
        """Whether the files say it; `images.protocol_summary` has a word where not."""
        return self.value != "missing"


class ReaderPair(Record):
    """How far two readers' outlines of a lesion agree."""

    lesion: str
    sequence: str  # empty where the table has one
    reader_1: str
    reader_2: str
    dice: float
    mean_surface_distance_mm: float | None
    area_ratio: float | None
    hausdorff_mm: float | None  # None in files before version 5
    hausdorff_95_mm: float | None


class Overlap(Record):
    """Agreement of the readers' outlines; Dice is None without a second reader."""

    n_lesions: int  # one for each pair of readers that drew it
    dice_median: float | None
    dice_min: float | None
    dice_max: float | None
    pairs: tuple[ReaderPair, ...]


class LesionSize(Record):
    """Size of each lesion, in the order of the scores."""

    name: str  # with the unit
    values: tuple[float, ...]


class Images(Record):
    """What the files of the images say."""

    slice: SliceRule  # which slice was measured
    protocol: tuple[ProtocolValue, ...]
    overlap: Overlap
    size: LesionSize
