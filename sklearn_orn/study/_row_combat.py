"""ComBat in a study: the centre of each row stands beside the table of features."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd

from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection import ComBat
from sklearn_orn.selection.shared import Unseen


class RowComBat(ComBat):
    """`ComBat` that finds the batch of a row by its index.

    Folds and resamples take rows of one table, so each fold learns from the centres of
    the rows that it trains on, whatever calls it: no scorer hands metadata on. `rows`
    leads from each label of the index to the centre.
    """

    _parameter_constraints = ComBat._parameter_constraints | {"rows": [pd.Series, None]}

    def __init__(
        self,
        *,
        rows: pd.Series | None = None,
        parametric: bool = True,
        mean_only: bool = False,
        reference: str | int | None = None,
        unseen: Unseen = "error",
        min_lesions: int = 5,
    ) -> None:
        super().__init__(
            parametric=parametric,
            mean_only=mean_only,
            reference=reference,
            unseen=unseen,
            min_lesions=min_lesions,
        )
        self.rows = rows

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # type: ignore[override]
        """Learn from the centres of these rows."""
        return super().fit(X, y, batch=self._batch(X))

    def transform(self, X: pd.DataFrame) -> np.ndarray:  # type: ignore[override]
        """Take away what the centres of these rows add; an unseen one by the rule."""
        batch = self._batch(X)
        new = sorted(set(batch) - set(self.batches_), key=str)
        if new and self.unseen == "error":
            raise NotEstimable(
                f"ComBat has not seen the centre {name_list(map(repr, new))} in the "
                f"lesions that train, of {name_list(map(repr, self.batches_))}. To "
                "leave such lesions as they are set 'combat__unseen': grand (pipeline)."
            )
        return super().transform(X, batch=batch)

    def fit_transform(self, X: pd.DataFrame, y: object = None) -> np.ndarray:  # type: ignore[override]
        """Learn, and harmonise the same rows."""
        return self.fit(X, y).transform(X)

    def _batch(self, X: pd.DataFrame) -> np.ndarray:
        if self.rows is None:
            raise ValueError("rows is None: nothing says the centre of a row.")
        return self.rows.loc[X.index].to_numpy(dtype=object)
