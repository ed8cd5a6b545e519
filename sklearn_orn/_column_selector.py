"""What selectors of columns share, whose `fit` says which are kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._documented import Documented
from sklearn_orn._validation import checked_table, is_float_table


class ColumnSelector(SelectorMixin, Documented, BaseEstimator):
    """Base of selectors that look at the outcome and refuse missing values."""

    _support: np.ndarray

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Keep the columns selected.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The columns seen in fit, without missing values.

        Returns
        -------
        ndarray of shape (n_samples, n_kept)
            In the order of X.
        """
        check_is_fitted(self)
        table = checked_table(self, X)
        if not is_float_table(X):
            return super().transform(X)
        return table.T[self._support].T

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        return self._support

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = False
        return tags
