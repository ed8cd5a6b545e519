"""Scores and clinical columns beside each other, in models that are compared."""

from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import Pipeline

from sklearn_orn._refitting import clone_to_refit, fit_transform_with_groups
from sklearn_orn.model import CrossFittedScore

# The columns by their names, or by their places where two may be called the same.
Branch = tuple[str, Pipeline | CrossFittedScore, list[str] | np.ndarray]


class SideBySide(TransformerMixin, BaseEstimator):
    """Scores and clinical columns beside each other, of (name, steps, columns).

    A `ColumnTransformer` would do, but for its routing, which takes as long as a fit.
    """

    __metadata_request__fit = {"groups": True}
    _chooses_only = False

    def __init__(self, branches: list[Branch]) -> None:
        self.branches = branches

    def fit(
        self, X: pd.DataFrame, y: np.ndarray, groups: np.ndarray | None = None
    ) -> Self:
        """Fit each branch."""
        self.fit_transform(X, y, groups)
        return self

    def fit_transform(
        self, X: pd.DataFrame, y: np.ndarray, groups: np.ndarray | None = None
    ) -> np.ndarray:
        """Fit each branch; the scores of these rows are cross-fitted."""
        copied = clone_to_refit if self._chooses_only else clone
        self.fitted_: list[Branch] = []
        parts = []
        for name, unfitted, columns in self.branches:
            steps, part = copied(unfitted), _part(X, columns)
            if isinstance(steps, CrossFittedScore):
                values = steps.fit_transform(part, y, groups=groups)
            else:
                values = fit_transform_with_groups(steps, part, y, groups)
            self.fitted_.append((name, steps, columns))
            parts.append(np.asarray(values))
        return np.hstack(parts or [np.empty((len(X), 0))])

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return the columns of new rows."""
        parts = [steps.transform(_part(X, at)) for _, steps, at in self.fitted_]
        return np.hstack([np.asarray(values) for values in parts])

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the names of the columns, behind those of their branches."""
        return np.array(
            [
                f"{name}__{column}"
                for name, steps, _ in self.fitted_
                for column in steps.get_feature_names_out()
            ],
            dtype=object,
        )


def _part(X: pd.DataFrame, columns: list[str] | np.ndarray) -> pd.DataFrame:
    return X[columns] if isinstance(columns, list) else X.iloc[:, columns]
