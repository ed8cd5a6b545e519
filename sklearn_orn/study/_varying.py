"""Columns that vary among the lesions that train."""

from typing import Self

import numpy as np
from sklearn.feature_selection import VarianceThreshold

from sklearn_orn.exceptions import NotEstimable


class Varying(VarianceThreshold):
    """Leave constant columns out; without another one there is no model."""

    def fit(self, X: object, y: object = None) -> Self:
        """Learn which columns vary; NotEstimable if none does."""
        values = np.asarray(X, dtype=float)
        if not (np.minimum(values.var(axis=0), np.ptp(values, axis=0)) > 0).any():
            raise NotEstimable("No column varies among the lesions that train.")
        fitted: Self = super().fit(X, y)
        return fitted
