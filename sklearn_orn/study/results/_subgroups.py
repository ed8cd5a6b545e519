"""The model in groups of patients: sex, age, centre, scanner."""

from sklearn_orn.study.results._model import PartJudged
from sklearn_orn.study.results._performance import Number
from sklearn_orn.study.results._record import Record


class GroupMeasure(Record):
    """A measure in a group, with its 95 % interval by patient.

    `difference` is to all others together, with limits that are adjusted for the
    number of comparisons.
    """

    estimate: Number
    lower: Number
    upper: Number
    difference: Number
    difference_lower: Number
    difference_upper: Number


class Subgroup(Record):
    """A group of lesions of the part that judges the model."""

    by: str  # what groups it, such as sex
    name: str
    n_lesions: int
    n_patients: int
    n_positive: int  # lesions
    n_positive_patients: int  # with a lesion of the class
    n_negative_patients: int
    few: bool  # fewer than 10 patients of a class
    auc: GroupMeasure
    in_the_large: GroupMeasure  # observed minus expected share of positives
    net_benefit: GroupMeasure


class Subgroups(Record):
    """The model in groups of patients."""

    part: PartJudged
    threshold: float  # of the net benefit: that at which the study decides
    n_comparisons: int  # differences with limits, of all measures
    level: float  # of each interval of a difference, so that all hold at 95 %
    rows: tuple[Subgroup, ...]
    missing: dict[str, str]  # groupings that are not there, and why
    shared: tuple[str, ...]  # groupings that split the lesions of a patient
