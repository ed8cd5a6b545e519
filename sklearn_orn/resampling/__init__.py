"""Resampling of whole pipelines, with the lesions of a patient kept together."""

from sklearn_orn.resampling._stability import Stability, nogueira_index, stability

__all__ = ["Stability", "nogueira_index", "stability"]
