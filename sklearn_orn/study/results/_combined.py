"""Clinical columns and the radiomics score in one model."""

from typing import Literal

from sklearn_orn.study.results._model import PartJudged
from sklearn_orn.study.results._performance import Number
from sklearn_orn.study.results._record import Record


class OddsRatio(Record):
    """Odds ratio of a unit of a number, or of a level; its limits are by patient.

    Of a spline it is that of the upper quartile against the lower.
    """

    predictor: str
    level: str | None  # of a category; the reference has an odds ratio of 1
    n_lesions: int
    coefficient: float
    odds_ratio: Number  # None where a level separates the classes
    lower: Number
    upper: Number
    p_value: Number  # of a spline: of all its terms together
    low: Number  # the quartiles; None without a spline, as the next two
    high: Number
    p_nonlinear: Number


class CombinedPredictor(Record):
    """A predictor of the combined model, with its distribution in training."""

    name: str
    kind: Literal["score", "continuous", "ordinal", "categorical"]
    minimum: Number
    maximum: Number
    values: tuple[float, ...] | None  # of a number, where they are few
    levels: tuple[str, ...]  # in their order, or the reference first
    knots: tuple[float, ...]  # of a spline
    terms: tuple[float, ...]  # its coefficients: of the column, and of what is curved


class WorkedPatient(Record):
    """The lesion with the median prediction, for the combined nomogram."""

    lesion: str
    part: PartJudged
    values: dict[str, float | str]  # by predictor
    probability: float


class SequenceScore(Record):
    """The radiomics score of a sequence, by the model of all lesions that train."""

    name: str
    constant: bool  # cross-fitted the same for all that train: in no combined model
    intercept: float
    coefficients: dict[str, float]  # by feature; none where the LASSO keeps none


class Combined(Record):
    """Clinical columns and the cross-fitted radiomics score, learnt in training."""

    n_lesions: int
    n_patients: int
    n_positive: int
    n_folds: int  # in which the score was cross-fitted, by patient
    penalty: Literal["none", "firth"]
    predictors: tuple[CombinedPredictor, ...]
    not_selected: tuple[CombinedPredictor, ...]  # clinical ones, in no combined model
    univariable: tuple[OddsRatio, ...]
    multivariable: tuple[OddsRatio, ...]
    intercept: float
    threshold: float  # probability from which a lesion is called positive
    separated: tuple[str, ...]  # predictors without a finite odds ratio
    scores: tuple[SequenceScore, ...]  # where there is one of each sequence
    worked: WorkedPatient
