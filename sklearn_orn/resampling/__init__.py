"""Resampling of whole pipelines, with the lesions of a patient kept together."""

from sklearn_orn.resampling._batch_and_class import batch_predicts_class
from sklearn_orn.resampling._batch_and_features import features_predict_batch
from sklearn_orn.resampling._nested_cross_validation import nested_cross_validate
from sklearn_orn.resampling._optimism import optimism
from sklearn_orn.resampling._permutation import permuted_outcome
from sklearn_orn.resampling._prediction_instability import instability
from sklearn_orn.resampling._selection_stability import nogueira_index, stability
from sklearn_orn.resampling._temporal import TemporalSplit
from sklearn_orn.resampling._third_reader import third_reader

__all__ = [
    "TemporalSplit",
    "batch_predicts_class",
    "features_predict_batch",
    "instability",
    "nested_cross_validate",
    "nogueira_index",
    "optimism",
    "permuted_outcome",
    "stability",
    "third_reader",
]
