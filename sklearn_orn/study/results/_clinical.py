"""Which clinical predictors were selected, and how often they are."""

from dataclasses import dataclass
from typing import Literal

from sklearn_orn.study.results._performance import Number


@dataclass(frozen=True)
class ClinicalPredictor:
    """A clinical predictor: whether the models take it, and how sure that is."""

    name: str
    selected: bool  # in training
    p_value: Number  # alone, by patient; None where the LASSO selects
    share: float  # of the resamples in which it was selected


@dataclass(frozen=True)
class ClinicalSelection:
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
