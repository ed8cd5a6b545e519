"""The score of each lesion, in order, by class."""

from __future__ import annotations

from typing import Self, Unpack

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._final_step import final_step
from sklearn_orn._validation import check_binary_outcome
from sklearn_orn.metrics import score_by_class
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._responses import response
from sklearn_orn.plotting._style import BLACK, BLUE, VERMILION, p_text
from sklearn_orn.plotting._types import MaybeAxes, Scorer, Settings


class _Passed(Settings, total=False):
    ax: MaybeAxes


class WaterfallDisplay(Display):
    """One bar per lesion, from the threshold to its score, by class.

    Parameters
    ----------
    score : ndarray of shape (n_samples,)
        Scores, ascending.
    positive : ndarray of bool, shape (n_samples,)
        Outcome in the same order.
    threshold : float, default=0.0
        Where the bars start: above it the model says positive.
    p_value : float, default=None
        Of the Mann-Whitney test between the classes.
    class_names : tuple of str, default=("Negative", "Positive")
        Names in the legend.
    name : str, default=None
        Name of the data set, above the legend.

    Attributes
    ----------
    bars_ : tuple of two matplotlib BarContainer
        Of the negative and of the positive lesions.
    [[ax_, figure_]]

    Examples
    --------
    >>> from sklearn_orn.plotting import WaterfallDisplay
    >>> y, score = [0, 0, 1, 1, 1], [-2.0, 0.3, -0.1, 0.7, 1.9]
    >>> display = WaterfallDisplay.from_predictions(y, score)
    >>> [len(bars) for bars in display.bars_]
    [2, 3]
    """

    score: np.ndarray
    positive: np.ndarray
    threshold: float = 0.0
    p_value: float | None = None
    class_names: tuple[str, str] = ("Negative", "Positive")
    name: str | None = None

    _texts = """
estimator : estimator
    With `decision_function`. The bars start at the logit of its `threshold_`, or
    at 0.
groups : array-like of shape (n_samples,), default=None
    The patient of each sample, for the p value.
name : str, default=None
    Name of the data set.
plot.name : str, default=None
    Name of the data set; None takes the display's own.
"""

    @classmethod
    def from_estimator(
        cls, estimator: Scorer, X: object, y: ArrayLike, **settings: Unpack[_Passed]
    ) -> Self:
        """Draw the scores of a fitted binary classifier."""
        cut = float(getattr(final_step(estimator), "threshold_", 0.5))
        start = float(np.log(cut / (1 - cut))) if 0 < cut < 1 else 0.0
        said = response(estimator, X, settings.get("pos_label"), "decision_function")
        settings["pos_label"] = said.label
        return cls.from_predictions(
            y,
            said.values,
            threshold=-start if said.flipped else start,
            class_names=said.class_names,
            **settings,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_score: ArrayLike,
        *,
        threshold: float = 0.0,
        groups: ArrayLike | None = None,
        class_names: tuple[str, str] = ("Negative", "Positive"),
        name: str | None = None,
        pos_label: object = None,
        ax: MaybeAxes = None,
    ) -> Self:
        """Draw scores.

        Parameters
        ----------
        y_score : array-like of shape (n_samples,)
            Scores.
        threshold : float, default=0.0
            Where the bars start.
        class_names : tuple of str, default=("Negative", "Positive")
            Names in the legend.
        """
        positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
        order = np.argsort(score, kind="stable")
        return cls(
            score=score[order],
            positive=positive[order],
            threshold=threshold,
            p_value=score_by_class(positive, score, groups=groups).p_value,
            class_names=class_names,
            name=name,
        ).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None, *, name: str | None = None) -> Self:
        """Draw."""
        ax = self._begin(ax, (3.5, 3.0))
        places = np.arange(len(self.score))
        bars = []
        for value, colour, hatch in ((False, BLUE, ""), (True, VERMILION, "////")):
            rows = self.positive == value
            bars.append(
                ax.bar(
                    places[rows],
                    self.score[rows] - self.threshold,
                    bottom=self.threshold,
                    width=0.9,
                    color=colour,
                    hatch=hatch,
                    edgecolor="white",
                    linewidth=0,
                    label=f"{self.class_names[int(value)]} ({rows.sum()})",
                )
            )
        self.bars_ = (bars[0], bars[1])
        ax.axhline(self.threshold, color=BLACK, linewidth=0.8)
        ax.set_xticks([])
        ax.set_xlim(-0.7, len(self.score) - 0.3)
        name = self.name if name is None else name
        parts = [] if name is None else [name]
        if self.p_value is not None:
            parts.append(p_text(self.p_value))
        title = ", ".join(parts) or None
        return self._end("Lesions, by score", "Radiomics score", title=title)
