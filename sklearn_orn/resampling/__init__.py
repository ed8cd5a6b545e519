"""Resampling of whole pipelines, with the lesions of a patient kept together."""

from sklearn_orn.resampling._nested_cross_validation import (
    NestedCrossValidation,
    nested_cross_validate,
)
from sklearn_orn.resampling._optimism import Optimism, optimism
from sklearn_orn.resampling._permutation import PermutedOutcome, permuted_outcome
from sklearn_orn.resampling._prediction_instability import Instability, instability
from sklearn_orn.resampling._selection_stability import (
    Stability,
    nogueira_index,
    stability,
)
from sklearn_orn.resampling._temporal import TemporalSplit

__all__ = [
    "Instability",
    "NestedCrossValidation",
    "Optimism",
    "PermutedOutcome",
    "Stability",
    "TemporalSplit",
    "instability",
    "nested_cross_validate",
    "nogueira_index",
    "optimism",
    "permuted_outcome",
    "stability",
]
