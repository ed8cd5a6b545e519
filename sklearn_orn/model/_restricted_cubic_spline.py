"""Restricted cubic splines: a number's effect as a curve with straight ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._documented import Documented
from sklearn_orn._messages import shown
from sklearn_orn._validation import (
    Interval,
    _check_feature_names_in,
    checked_table,
    feature_names,
    name_list,
    refuse_nan,
    refuse_unknown,
    validate_data,
)
from sklearn_orn.exceptions import NotEstimable

FEW = 100  # below so many samples the outer knots are values, not quantiles
OUTER = {3: 0.1, 4: 0.05, 5: 0.05, 6: 0.05, 7: 0.025}


def spline_term(
    x: np.ndarray, knots: Sequence[float] | np.ndarray, term: int
) -> np.ndarray:
    """Return one of the nonlinear terms of the basis, counted from 0."""
    first, before, last = knots[0], knots[-2], knots[-1]
    knot = knots[term]
    cubes = (
        np.maximum(x - knot, 0.0) ** 3
        - np.maximum(x - before, 0.0) ** 3 * (last - knot) / (last - before)
        + np.maximum(x - last, 0.0) ** 3 * (before - knot) / (last - before)
    )
    return np.asarray(cubes / (last - first) ** 2)


class RestrictedCubicSpline(TransformerMixin, Documented, BaseEstimator):
    r"""Restricted cubic splines of the columns, as rms's ``rcs``.

    Each column becomes itself and `n_knots` - 2 nonlinear terms: together a curve that
    is cubic between its knots and straight beyond the outer ones.

    Parameters
    ----------
    n_knots : {3, 4, 5, 6, 7}, default=4
        Number of knots, at Harrell's quantiles.
    knots : array-like of shape (n_knots,) or mapping, default=None
        The knots themselves, in ascending order: of all columns, or a mapping from the
        name of a column to its knots; columns that it does not name get `n_knots`.

    Attributes
    ----------
    knots_ : list of ndarray
        The knots of each column.
    [[n_features_in_, feature_names_in_]]

    See Also
    --------
    sklearn_orn.model.Nomogram.from_estimator : Draws such a column as one axis.
    sklearn.preprocessing.SplineTransformer : B-splines; a nomogram does not know them.

    Notes
    -----
    With knots :math:`t_1 < ... < t_k` the terms are, for :math:`j = 1 ... k - 2`,

    .. math:: \frac{(x - t_j)_+^3 - (x - t_{k-1})_+^3 \frac{t_k - t_j}{t_k - t_{k-1}}
        + (x - t_k)_+^3 \frac{t_{k-1} - t_j}{t_k - t_{k-1}}}{(t_k - t_1)^2},

    in the units of x, as ``rcspline.eval(x, norm = 2)`` of R's Hmisc, to 1e-10. The
    knots are evenly spaced on the scale of quantiles, from 0.1 to 0.9 for 3 knots, 0.05
    to 0.95 for 4 to 6, 0.025 to 0.975 for 7; with fewer than 100 samples the outer ones
    are the fifth smallest and the fifth largest value. Of a column with many ties rms
    moves knots or leaves some out; here that is an error.

    The terms of a column are correlated: they belong in a model without a penalty, or
    with one on all of them.

    References
    ----------
    Harrell, Regression Modeling Strategies, 2nd ed., 2015, section 2.4.5. Stone, Koo,
    Proc Stat Comp Section ASA 1985:45-48.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.model import RestrictedCubicSpline
    >>> spline = RestrictedCubicSpline().set_output(transform="pandas")
    >>> table = spline.fit_transform(pd.DataFrame({"age": range(1, 101)}))
    >>> spline.knots_[0].round(2).tolist()
    [5.95, 35.65, 65.35, 95.05]
    >>> table.iloc[[0, 49, 99]].round(3)  # straight before the first knot
          age    age'   age''
    0     1.0   0.000   0.000
    49   50.0  10.767   0.372
    99  100.0  89.100  23.100
    """

    _parameter_constraints = {
        "n_knots": [Interval(Integral, 3, 7, closed="both")],
        "knots": [None, "array-like", Mapping],
    }

    def __init__(
        self,
        n_knots: int = 4,
        *,
        knots: ArrayLike | Mapping[str, ArrayLike] | None = None,
    ) -> None:
        self.n_knots = n_knots
        self.knots = knots

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Choose the knots.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers without missing values.
        y : object, default=None
            Not used.

        Raises
        ------
        NotEstimable
            If a column has too few different values for its knots.
        ValueError
            If knots of one's own do not ascend, or are for a column that X does not
            have.
        """
        self._validate_params()
        table: np.ndarray = validate_data(
            self,
            X,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            ensure_min_samples=2,
        )
        refuse_nan(self, table)
        names = [str(name) for name in feature_names(self)]
        given = self._given_knots(names)
        self.knots_ = [
            given[name] if name in given else self._quantiles(table[:, j], name)
            for j, name in enumerate(names)
        ]
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return each column and its nonlinear terms.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers without missing values, also beyond the knots.

        Returns
        -------
        ndarray of shape (n_samples, n_terms)
            For each column itself, then its terms; a DataFrame where `set_output` says
            so.
        """
        check_is_fitted(self)
        columns = []
        for column, knots in zip(checked_table(self, X).T, self.knots_, strict=True):
            columns.append(column)
            columns += [spline_term(column, knots, j) for j in range(len(knots) - 2)]
        return np.column_stack(columns)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the names of the terms: ``age``, ``age'``, ``age''``.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns; those seen in fit, or ``x0, x1, ...``.

        Returns
        -------
        ndarray of str, shape (n_terms,)
            As rms calls them.
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        terms = [
            f"{name}{chr(39) * j}"
            for name, knots in zip(names, self.knots_, strict=True)
            for j in range(len(knots) - 1)
        ]
        return np.array(terms, dtype=object)

    def _given_knots(self, names: list[str]) -> dict[str, np.ndarray]:
        if self.knots is None:
            return {}
        if not isinstance(self.knots, Mapping):
            return dict.fromkeys(names, checked_knots(self.knots, "knots"))
        refuse_unknown(self.knots, names, "knots")
        return {
            name: checked_knots(values, f"knots of {name!r}")
            for name, values in self.knots.items()
        }

    def _quantiles(self, values: np.ndarray, name: str) -> np.ndarray:
        outer = OUTER[int(self.n_knots)]
        knots = np.quantile(values, np.linspace(outer, 1 - outer, self.n_knots))
        if len(values) < FEW:
            ordered = np.sort(values)
            at = min(4, len(values) - 1)
            knots[[0, -1]] = ordered[at], ordered[-1 - at]
        if not (np.diff(knots) > 0).all():
            raise NotEstimable(
                f"Column {name!r} has {len(np.unique(values))} different values in "
                f"{len(values)} samples, too few for a spline of {self.n_knots} knots: "
                f"they would be {name_list((f'{k:g}' for k in knots), limit=7)}. Ask "
                "for fewer, give knots of your own, or leave the column straight."
            )
        return np.asarray(knots)


def checked_knots(knots: ArrayLike, name: str) -> np.ndarray:
    """Return knots as numbers, at least three in ascending order."""
    try:
        values = np.asarray(knots, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold numbers, got {shown(knots)}.") from None
    ascending = values.ndim == 1 and len(values) >= 3 and np.isfinite(values).all()
    if not ascending or not (np.diff(values) > 0).all():
        raise ValueError(
            f"{name} must hold at least three finite numbers in ascending order, got "
            f"{shown(knots)}."
        )
    return values
