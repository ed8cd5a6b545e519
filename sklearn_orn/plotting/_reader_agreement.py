"""How far the scores of two readers lie apart."""

from __future__ import annotations

from typing import Self, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn.metrics import limits_of_agreement
from sklearn_orn.metrics.shared import Agreement
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._style import BLACK, BLUE, GREY, TEXT, label_axes, number
from sklearn_orn.plotting._types import MaybeAxes, Scorer

READERS = ("reader 1", "reader 2")


class _Passed(TypedDict, total=False):
    groups: ArrayLike | None
    names: tuple[str, str]
    ax: MaybeAxes


class ReaderAgreementDisplay(Display):
    """Bland-Altman plot of the score of two readers.

    Parameters
    ----------
    mean, difference : ndarray of shape (n_samples,)
        Of the two scores of each lesion.
    agreement : Agreement
        Bias and limits, see `sklearn_orn.metrics.limits_of_agreement`.
    names : tuple of str, default=("reader 1", "reader 2")
        The readers.
    unit : str, default=None
        What the intervals count, such as "patient".

    Attributes
    ----------
    points_ : matplotlib Line2D
        One point per lesion.
    lines_ : list of matplotlib Line2D
        Bias, lower and upper limit of agreement.
    bands_ : list of matplotlib Polygon
        Their confidence intervals.
    texts_ : list of matplotlib Text
        Their values, at the right.
    [[ax_, figure_]]

    Examples
    --------
    >>> from sklearn_orn.plotting import ReaderAgreementDisplay
    >>> display = ReaderAgreementDisplay.from_predictions(
    ...     [0.1, 0.8, 1.9, 3.2], [0.0, 1.0, 2.0, 3.0], names=("A", "B")
    ... )
    >>> display.ax_.get_ylabel()
    'Difference of the score, A − B'
    """

    mean: np.ndarray
    difference: np.ndarray
    agreement: Agreement
    names: tuple[str, str] = READERS
    unit: str | None = None

    _texts = """
estimator : estimator
    Fitted, with `decision_function`.
X, other_X : data
    The same lesions as each reader drew them, in the same order.
groups : array-like of shape (n_samples,), default=None
    The patient of each lesion.
names : tuple of str, default=("reader 1", "reader 2")
    The readers.
"""

    @classmethod
    def from_estimator(
        cls, estimator: Scorer, X: object, other_X: object, **settings: Unpack[_Passed]
    ) -> Self:
        """Draw the agreement of the scores that a model gives to two readings."""
        first, second = map(estimator.decision_function, (X, other_X))
        return cls.from_predictions(first, second, **settings)

    @classmethod
    def from_predictions(
        cls,
        first: ArrayLike,
        second: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        names: tuple[str, str] = READERS,
        ax: MaybeAxes = None,
    ) -> Self:
        """Draw the agreement of two sets of scores.

        Parameters
        ----------
        first, second : array-like of shape (n_samples,)
            Scores of the same lesions.
        """
        agreement = limits_of_agreement(first, second, groups=groups)
        a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
        return cls(
            mean=(a + b) / 2,
            difference=a - b,
            agreement=agreement,
            names=names,
            unit=None if groups is None else "patient",
        ).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw."""
        ax = self._begin(ax, (4.2, 3.2))
        (self.points_,) = ax.plot(
            self.mean,
            self.difference,
            linestyle="none",
            marker="o",
            markersize=4,
            markerfacecolor="none",
            markeredgecolor=BLUE,
        )
        a = self.agreement
        rows = [
            ("Mean", a.bias, a.bias_lower, a.bias_upper, "-", BLACK),
            ("\N{MINUS SIGN}1.96 SD", a.low, a.low_lower, a.low_upper, "--", GREY),
            ("+1.96 SD", a.high, a.high_lower, a.high_upper, "--", GREY),
        ]
        self.lines_, self.bands_, self.texts_ = [], [], []
        for label, value, lower, upper, style, colour in rows:
            self.lines_.append(
                ax.axhline(value, color=colour, linestyle=style, linewidth=1)
            )
            if np.isfinite([lower, upper]).all():
                self.bands_.append(
                    ax.axhspan(lower, upper, color=colour, alpha=0.1, linewidth=0)
                )
            self.texts_.append(
                ax.annotate(
                    f"{label}\n{number(value, 3)}",
                    (1, value),
                    xycoords=ax.get_yaxis_transform(),
                    xytext=(4, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=TEXT,
                )
            )
        first, second = self.names
        label_axes(
            ax,
            "Mean of the score",
            f"Difference of the score, {first} \N{MINUS SIGN} {second}",
        )
        if self.unit is not None:
            ax.set_title(f"95 % CI by {self.unit}", fontsize=TEXT, loc="left")
        return self
