"""The "FCM" selection of MaZda: Fisher, POE+ACC (CEP+ACC) and mutual information."""

from __future__ import annotations

from numbers import Integral
from typing import Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._column_selector import ColumnSelector
from sklearn_orn._validation import (
    Interval,
    StrOptions,
    check_classes,
    checked_training,
    feature_names,
)
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection._criteria import (
    Poe,
    fisher_coefficient,
    mutual_information,
    poe_acc,
)

CRITERIA = ("fisher", "poe_acc", "mutual_information")


def _descending(scores: np.ndarray, varying: np.ndarray) -> np.ndarray:
    """Columns by falling score, ties by column order, constant columns left out."""
    # Twelve digits count: rounding must not decide between features that are equal.
    mantissa, exponent = np.frexp(np.where(varying, scores, -np.inf))
    order = np.argsort(-np.ldexp(np.round(mantissa, 12), exponent), kind="stable")
    return order[: int(varying.sum())]


def combine_rankings(
    rankings: dict[str, np.ndarray], k: int, combine: str
) -> dict[int, list[str]]:
    """Return the chosen columns, each with the criteria that chose it.

    The first k of each ranking; with ``"refill"`` the rankings then give their next
    column in turn, one at a time, until 3k distinct columns stand or none is left.
    """
    chosen: dict[int, list[str]] = {}
    for criterion, order in rankings.items():
        for column in order[:k]:
            chosen.setdefault(int(column), []).append(criterion)
    if combine == "union":
        return chosen
    rest = {criterion: iter(order[k:]) for criterion, order in rankings.items()}
    while rest and len(chosen) < 3 * k:
        for criterion in list(rest):
            column = next((int(c) for c in rest[criterion] if c not in chosen), None)
            if column is None:
                del rest[criterion]
            elif len(chosen) < 3 * k:
                chosen[column] = [criterion]
    return chosen


Combine: TypeAlias = Literal["refill", "union"]


class FCMSelector(ColumnSelector):
    """Select features by Fisher coefficient, POE+ACC and mutual information.

    Parameters
    ----------
    k : int, default=10
        Features that each criterion chooses. More than there are takes all.
    combine : {"refill", "union"}, default="refill"
        - ``"refill"``: where the lists overlap, each criterion in turn gives its
          next-ranked feature until 3k distinct ones stand: exactly 30 by default, as
          the study has it.
        - ``"union"``: k to 3k features.
    poe : {"range", "histogram"}, default="range"
        Estimate of the probability of error, see `poe_acc`.

    Attributes
    ----------
    scores_ : dict of str to ndarray of shape (n_features,)
        ``"fisher"`` coefficient, ``"poe_acc"`` (the probability of error alone) and
        ``"mutual_information"`` of each feature.
    ranking_ : dict of str to ndarray of int
        Columns in the order in which each criterion takes them; constant columns do
        not appear.
    selected_by_ : dict of str to tuple of str
        Selected feature to the criteria that chose it.
    [[n_features_in_, feature_names_in_]]

    See Also
    --------
    fisher_coefficient, poe_acc, mutual_information : The criteria as functions.

    Notes
    -----
    Constant columns are never chosen; ties go to the first column. Missing values are
    refused by name: put
    ``SimpleImputer(strategy="median", keep_empty_features=True)`` in front.

    The selection looks at the outcome: it belongs inside the cross-validated pipeline.

    References
    ----------
    MaZda 4.6 user's manual (Feature reduction, "MI+PA+F").

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn import FCMSelector
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 20)
    >>> X = rng.normal(size=(40, 100))
    >>> X[:, 7] += 2 * y
    >>> selector = FCMSelector().fit(X, y)
    >>> selector.transform(X).shape
    (40, 30)
    >>> selector.selected_by_["x7"]
    ('fisher', 'poe_acc', 'mutual_information')
    """

    _parameter_constraints = {
        "k": [Interval(Integral, 1, None, closed="left")],
        "combine": [StrOptions(set(get_args(Combine)))],
        "poe": [StrOptions(set(get_args(Poe)))],
    }

    def __init__(
        self, k: int = 10, *, combine: Combine = "refill", poe: Poe = "range"
    ) -> None:
        self.k = k
        self.combine = combine
        self.poe = poe

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Rank the features and choose.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature values without missing ones.
        y : array-like of shape (n_samples,)
            Classes, any number.

        """
        self._validate_params()
        X, y = checked_training(self, X, y)
        check_classes(y)
        order, error = poe_acc(X, y, 3 * self.k, poe=self.poe)
        fisher, information = fisher_coefficient(X, y), mutual_information(X, y)
        varying = np.ptp(X, axis=0) > 0
        if not varying.any():
            raise NotEstimable(
                f"All {X.shape[1]} features are constant: there is nothing to select."
            )
        self.scores_ = {
            "fisher": fisher,
            "poe_acc": error,
            "mutual_information": information,
        }
        self.ranking_ = {
            "fisher": _descending(fisher, varying),
            "poe_acc": order,
            "mutual_information": _descending(information, varying),
        }
        chosen = combine_rankings(self.ranking_, self.k, self.combine)
        self._support = np.zeros(X.shape[1], dtype=bool)
        self._support[list(chosen)] = True
        names = feature_names(self)
        self.selected_by_ = {
            str(names[column]): tuple(chosen[column]) for column in sorted(chosen)
        }
        return self
