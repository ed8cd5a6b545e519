"""The study's model beside other readers, other settings and simpler models."""

from typing import Literal

from sklearn_orn.study.results._cohort import Absent
from sklearn_orn.study.results._performance import Auc, Calibration, Number
from sklearn_orn.study.results._record import Record
from sklearn_orn.study.results._resampling import LesionInstability

RADIOMICS = "radiomics"  # what rows of models and comparisons call the study's model


class ReaderAuc(Record):
    """AUC on the outlines of one reader."""

    reader: str
    n_lesions: int
    auc: float
    lower: Number
    upper: Number
    se: Number


class ReaderSwap(Record):
    """The model on the outlines of each reader, and on the mean of all."""

    rows: tuple[ReaderAuc, ...]


class SettingAuc(Auc):
    """AUC with other settings, and the features selected."""

    n_selected: int
    selected: tuple[str, ...]


class Setting(Record):
    """A normalisation and a number of bits, and what they give."""

    normalization: str
    bits: int
    own: bool  # the study's own
    result: SettingAuc | Absent


class Sensitivity(Record):
    """The study with other grey-level settings."""

    rows: tuple[Setting, ...]


class ModelAuc(Record):
    """AUC of one model."""

    name: str
    predictors: tuple[str, ...]
    auc: float
    lower: Number
    upper: Number
    se: Number


class _Difference(Record):
    first: str
    second: str
    difference: float
    lower: Number
    upper: Number

    @property
    def shown_better(self) -> bool:
        """Whether the first is shown to do better than the second."""
        return self.lower is not None and self.lower > 0


class Comparison(_Difference):
    """Difference of AUC of two models, first minus second, paired, by patient."""

    p_value: Number


class BenefitCurve(Record):
    """Difference of net benefit at each threshold, with limits by patient."""

    threshold: tuple[float, ...]
    difference: tuple[float, ...]
    lower: tuple[Number, ...]
    upper: tuple[Number, ...]


class BenefitComparison(_Difference):
    """Difference of net benefit of two models, first minus second, paired.

    Beside the curve it is that at the threshold at which the study decides.
    """

    curve: BenefitCurve


class ModelBenefit(Record):
    """Net benefit of one model at the threshold at which the study decides."""

    name: str
    net_benefit: float
    lower: Number
    upper: Number


class Benefits(Record):
    """What deciding by each of the three models brings, alone and beside another."""

    threshold: float  # probability at which the study decides
    models: tuple[ModelBenefit, ...]
    comparisons: tuple[BenefitComparison, ...]


class FilledColumn(Record):
    """A clinical column with missing values, and what stands for them."""

    column: str
    n_missing: int
    by: str | None  # None where the lesions are excluded


class MissingClinical(Record):
    """Missing clinical values, and what was done about them."""

    rule: Literal["impute", "indicator", "exclude"]
    n_lesions: int
    n_incomplete: int  # lesions with any value missing
    columns: tuple[FilledColumn, ...]


class JudgedLesions(Record):
    """What each model says of the lesions that judge it, as columns."""

    lesion: tuple[str, ...]
    patient: tuple[str, ...]
    y: tuple[int, ...]  # 1 for the positive class
    probability: dict[str, tuple[float, ...]]  # by model
    calibration: dict[str, Calibration]  # by model


class Models(Record):
    """The study's model beside simpler ones, on the same lesions."""

    part: Literal["validation", "cross-validation"]
    rows: tuple[ModelAuc, ...]
    comparisons: tuple[Comparison, ...]
    judged: JudgedLesions | None  # None in files before version 5
    benefits: Benefits | None  # as well; and where there are no pairs of the three
    verdict: str
    missing: dict[str, str]  # models that could not be fitted, with the reason
    notes: tuple[str, ...]  # on columns that are in no model
    imputed: MissingClinical
    separated: tuple[str, ...]  # models without finite coefficients
    penalty: Literal["none", "firth"]


class ModelInstability(Record):
    """What the refits of one of three models predict for the lesions in training."""

    name: str
    n_refits: int
    failures: dict[str, int]  # resamples without a model, by reason
    mape: float
    changed: float  # share of the refits that put a lesion into the other class
    auc_apparent: Number
    auc_out_of_bag: Number  # of each refit, on the patients that it has not seen
    lesions: LesionInstability


class ModelsInstability(Record):
    """The clinical model, the radiomics score and both, on the same resamples."""

    threshold: float
    n_lesions: int
    n_resamples: int
    models: tuple[ModelInstability, ...]
