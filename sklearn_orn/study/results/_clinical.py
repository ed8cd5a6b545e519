"""Which clinical predictors were selected, and how often they are."""

from typing import Literal

from sklearn_orn.study.results._performance import Number
from sklearn_orn.study.results._record import Record


class ClinicalPredictor(Record):
    """A clinical predictor: whether the models take it, and how sure that is."""

    name: str
    selected: bool  # in training
    p_value: Number  # alone, by patient; None where the LASSO selects
    share: float  # of the resamples in which it was selected


class ClinicalSelection(Record):
    """The selection of clinical predictors, in training and in resamples of it."""

    rule: Literal["univariable", "lasso"]
    p_threshold: (
        Number  # below which a predictor is taken; None where the LASSO selects
    )
    n_lesions: int
    n_patients: int
    n_resamples: int
    failures: dict[str, int]  # resamples without a selection, by reason
    predictors: tuple[ClinicalPredictor, ...]
