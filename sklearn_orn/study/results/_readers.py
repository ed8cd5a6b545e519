"""How far readers agree, and what another one would change."""

from typing import Literal

from sklearn_orn.study.results._performance import Number
from sklearn_orn.study.results._record import Record


class Spread(Record):
    """Median, quartiles and range of a measure; None without a value."""

    n: int  # lesions that have it
    median: Number
    q1: Number
    q3: Number
    minimum: Number
    maximum: Number


class OutlinePair(Record):
    """How far the outlines of two readers agree, over the lesions that both drew."""

    sequence: str  # empty where the table has one
    reader_1: str
    reader_2: str
    n_lesions: int
    dice: Spread
    hausdorff_mm: Spread
    hausdorff_95_mm: Spread
    mean_surface_distance_mm: Spread
    area_ratio: Spread  # first to second

    @property
    def spreads(self) -> dict[str, Spread]:
        """The spread of each measure, by its name in the results."""
        return {
            "dice": self.dice,
            "hausdorff_mm": self.hausdorff_mm,
            "hausdorff_95_mm": self.hausdorff_95_mm,
            "mean_surface_distance_mm": self.mean_surface_distance_mm,
            "area_ratio": self.area_ratio,
        }


class Outlines(Record):
    """Agreement of the outlines of every two readers, in each sequence."""

    pairs: tuple[OutlinePair, ...]


class AgreementGroup(Record):
    """The ICCs of a family of features in a sequence and region."""

    judged_by: Literal["readers", "perturbed"]
    sequence: str  # empty where the study has one, and so is the region
    region: str
    family: str
    n_features: int
    n_kept: int  # above the study's threshold
    median: Number
    lower_quartile: Number
    upper_quartile: Number


class AgreementGroups(Record):
    """Agreement by sequence, region and family of features."""

    rows: tuple[AgreementGroup, ...]


class ReaderSet(Record):
    """The study as some of its readers would have made it, beside all of them."""

    readers: str
    n_selected: int
    jaccard: float  # share of the selected features in common with the first set
    auc: Number  # mean of the folds
    correlation: Number  # of the out-of-fold probabilities with the first set's


class ThirdReader(Record):
    """What another reader would change, by leaving each out and by putting one in."""

    n_lesions: int  # of training, drawn by all readers
    n_folds: int
    rows: tuple[ReaderSet, ...]  # the study's own readers first


class TwoICCs(Record):
    """The ICC of a feature over readers and over perturbed outlines."""

    feature: str
    readers: Number  # None with one reader
    perturbed: Number


class KeptBy(Record):
    """How many features are above the threshold by readers, by perturbed outlines."""

    both: int
    readers_only: int
    perturbed_only: int
    neither: int


class Perturbation(Record):
    """The ICC over perturbed outlines, beside that over readers."""

    n_outlines: int
    n_lesions: int  # of training
    form: str  # of the ICC over perturbed outlines
    n_kept: int  # by perturbed outlines
    median_icc: Number
    rows: tuple[TwoICCs, ...]
    correlation: Number  # Spearman's; None with one reader
    kept: KeptBy | None  # None with one reader
