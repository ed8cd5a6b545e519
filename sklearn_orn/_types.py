"""Types for what scikit-learn leaves without."""

from collections.abc import Iterable
from typing import Protocol, Self, runtime_checkable

import numpy as np

Seed = int | np.random.RandomState | None
Split = tuple[np.ndarray, np.ndarray]


class Estimator(Protocol):
    """What can be fitted: X is what it takes, a table, images or an array."""

    def fit(self, X: object, y: np.ndarray, **params: object) -> Self:
        """Learn from X and y."""

    def get_params(self, deep: bool = True) -> dict[str, object]:
        """Return its settings."""

    def set_params(self, **params: object) -> Self:
        """Change some of them."""


class Classifier(Estimator, Protocol):
    """A binary classifier with probabilities."""

    def predict_proba(self, X: object) -> np.ndarray:
        """Return a column for each of two classes."""


@runtime_checkable
class Splitter(Protocol):
    """What makes the folds of a cross-validation."""

    def split(
        self, X: object, y: np.ndarray, groups: np.ndarray | None
    ) -> Iterable[Split]:
        """Yield rows to learn from and rows to judge on."""


Folds = int | Splitter | Iterable[Split]
