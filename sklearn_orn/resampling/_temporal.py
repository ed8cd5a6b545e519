"""Train on the past, test on what came later."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sized
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.model_selection import BaseCrossValidator

from sklearn_orn._messages import shown
from sklearn_orn._patients_on_both_sides import check_groups, refuse_both_sides


@runtime_checkable
class _Table(Protocol):
    @property
    def columns(self) -> Container[object]: ...
    def __getitem__(self, name: str) -> ArrayLike: ...


class TemporalSplit(BaseCrossValidator):
    """One split by date, for `cv`: training before the cut, testing from it on.

    Parameters
    ----------
    date : str or array-like of shape (n_samples,)
        Date of each sample, or the name of the column of X that holds it. Anything
        that pandas reads as dates, or numbers such as years.
    cut : date or number
        The first date of the test set.

    See Also
    --------
    sklearn.model_selection.PredefinedSplit : A split by hospital, for external
        validation.

    Notes
    -----
    The split itself is mlxtend's ``PredefinedHoldoutSplit``. Where patients are given
    as groups, one with samples on both sides is an error that names them: decide by the
    patient's first date, or leave the patient out.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_validate
    >>> from sklearn_orn.resampling import TemporalSplit
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(40, 2)), np.arange(40) % 2
    >>> year = np.repeat([2019, 2020, 2021, 2022], 10)
    >>> split = TemporalSplit(year, 2022)
    >>> [(len(train), len(test)) for train, test in split.split(X, y)]
    [(30, 10)]
    >>> len(cross_validate(LogisticRegression(), X, y, cv=split)["test_score"])
    1
    """

    # Patients are asked for, so that metadata routing hands them to `split`.
    __metadata_request__split = {"groups": True}

    def __init__(self, date: str | ArrayLike, cut: Any) -> None:
        self.date = date
        self.cut = cut

    def split(
        self, X: Sized, y: object = None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the one split.

        Parameters
        ----------
        X : data of n_samples
            Only its length counts, or its column of dates.
        y : object, default=None
            Not used.
        groups : array-like of shape (n_samples,), default=None
            The patient of each sample.

        Yields
        ------
        train, test : ndarray of int
            Rows.
        """
        from mlxtend.evaluate import PredefinedHoldoutSplit

        later = self._later(X)
        rows = np.arange(len(later))
        splitter = PredefinedHoldoutSplit(np.flatnonzero(later))
        for train, test in splitter.split(rows, rows):
            if groups is not None:
                patient = check_groups(groups, len(later))
                refuse_both_sides(patient[train], patient[test])
            yield train, test

    def get_n_splits(
        self, X: object = None, y: object = None, groups: ArrayLike | None = None
    ) -> int:
        """Return 1.

        Parameters
        ----------
        X, y, groups : object, default=None
            Not used.

        Returns
        -------
        int
            Always 1.
        """
        return 1

    def _later(self, X: Sized) -> np.ndarray:
        """Tell which samples belong to the test set."""
        values = self.date
        if isinstance(values, str):
            if not isinstance(X, _Table) or values not in X.columns:
                raise ValueError(
                    f"date={values!r} is not a column of X. Pass the dates themselves, "
                    "one for each sample."
                )
            values = X[values]
        column = pd.Series(np.asarray(values))
        if len(column) != len(X):
            raise ValueError(f"date has {len(column)} values, X has {len(X)} samples.")
        cut = self.cut
        if not pd.api.types.is_numeric_dtype(column):
            column, cut = pd.to_datetime(column), pd.Timestamp(cut)
        missing = np.flatnonzero(column.isna())
        if missing.size:
            raise ValueError(
                f"date has {missing.size} missing values, the first at position "
                f"{missing[0]}: such samples belong to neither part."
            )
        later = np.asarray(column >= cut)
        if later.all() or not later.any():
            side = "before" if later.all() else "from"
            first, last = (
                str(date).removesuffix(" 00:00:00")
                for date in (column.min(), column.max())
            )
            raise ValueError(
                f"No sample is dated {side} cut={shown(self.cut)}: the dates run from "
                f"{first} to {last}."
            )
        return later
