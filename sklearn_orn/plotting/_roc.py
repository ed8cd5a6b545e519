"""The ROC curve with the AUC's confidence interval."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import roc_curve

from sklearn_orn._validation import check_binary_outcome
from sklearn_orn.metrics import roc_auc_ci, youden_threshold
from sklearn_orn.plotting._style import (
    GREY,
    add_legend,
    binary_response,
    get_axes,
    has_line,
    label_axes,
    next_style,
    number,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


class RocDisplay:
    """ROC curve, AUC with interval, operating point and chance line.

    Make it with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    fpr, tpr : ndarray of shape (n_points,)
        1 - specificity and sensitivity.
    auc : tuple of float, default=None
        AUC and its lower and upper confidence limit.
    confidence : float, default=0.95
        Level of the interval.
    operating_point : tuple of float, default=None
        Threshold, 1 - specificity and sensitivity there.
    name : str, default=None
        Name of the model or data set in the legend.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The curve.
    operating_point_ : matplotlib Line2D or None
        The marker at the threshold.
    chance_line_ : matplotlib Line2D or None
        The diagonal; None if the axes had one.
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn_orn.plotting import RocDisplay
    >>> y, score = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
    >>> display = RocDisplay.from_predictions(y, score, name="Training")
    >>> print(display.line_.get_label())
    Training
    AUC 0.833 (95 % CI 0.371–1.000)
    >>> plt.close(display.figure_)
    """

    operating_point_: "Line2D | None"

    def __init__(
        self,
        *,
        fpr: np.ndarray,
        tpr: np.ndarray,
        auc: tuple[float, float, float] | None = None,
        confidence: float = 0.95,
        operating_point: tuple[float, float, float] | None = None,
        name: str | None = None,
    ) -> None:
        self.fpr = fpr
        self.tpr = tpr
        self.auc = auc
        self.confidence = confidence
        self.operating_point = operating_point
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        name: str | None = None,
        confidence: float = 0.95,
        threshold: float | str | None = None,
        ax: "Axes | None" = None,
    ) -> "RocDisplay":
        """Draw the ROC curve of a fitted binary classifier.

        Parameters
        ----------
        estimator : estimator
            With `predict_proba`; the positive class is ``classes_[1]``.
        X : array-like
            Samples.
        y : array-like of shape (n_samples,)
            Outcome.
        name : str, default=None
            Name in the legend.
        confidence : float, default=0.95
            Level of the interval.
        threshold : float, "youden" or None, default=None
            Probability at which to mark the operating point. None takes the
            estimator's `threshold_` if it has one.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        RocDisplay
        """
        if threshold is None:
            threshold = getattr(estimator, "threshold_", None)
        return cls.from_predictions(
            y,
            binary_response(estimator, X, "predict_proba"),
            name=name,
            confidence=confidence,
            threshold=threshold,
            pos_label=estimator.classes_[1],
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_score: ArrayLike,
        *,
        name: str | None = None,
        confidence: float = 0.95,
        threshold: float | str | None = None,
        pos_label: Any = None,
        ax: "Axes | None" = None,
    ) -> "RocDisplay":
        """Draw the ROC curve of scores.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            Outcome with two labels.
        y_score : array-like of shape (n_samples,)
            Scores or probabilities; higher means more likely positive.
        name : str, default=None
            Name in the legend.
        confidence : float, default=0.95
            Level of the interval.
        threshold : float, "youden" or None, default=None
            Score at which to mark the operating point (positive if ``score >=
            threshold``). "youden" takes the best one on these data, which flatters.
        pos_label : label, default=None
            The positive label; None takes 1 of {0, 1} or {-1, 1}.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        RocDisplay
        """
        positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
        fpr, tpr, cuts = roc_curve(positive, score, drop_intermediate=False)
        point = None
        if threshold == "youden":
            threshold = youden_threshold(positive, score)
        if threshold is not None:
            at = int(np.flatnonzero(cuts >= float(threshold))[-1])
            point = (float(threshold), float(fpr[at]), float(tpr[at]))
        auc, lower, upper, _ = roc_auc_ci(positive, score, confidence=confidence)
        return cls(
            fpr=fpr,
            tpr=tpr,
            auc=(auc, lower, upper),
            confidence=confidence,
            operating_point=point,
            name=name,
        ).plot(ax=ax)

    def _label(self, name: str | None) -> str | None:
        lines = [] if name is None else [name]
        if self.auc is not None:
            auc, lower, upper = self.auc
            lines.append(
                f"AUC {auc:.3f} ({100 * self.confidence:g} % CI "
                f"{lower:.3f}\N{EN DASH}{upper:.3f})"
            )
        return "\n".join(lines) or None

    def plot(
        self, ax: "Axes | None" = None, *, name: str | None = None
    ) -> "RocDisplay":
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure. Curves on the same axes get colours
            and line styles of their own.
        name : str, default=None
            Name in the legend; None takes the display's own.

        Returns
        -------
        RocDisplay
            Itself.
        """
        self.figure_, self.ax_ = get_axes(ax)
        ax = self.ax_
        self.chance_line_ = None
        if not has_line(ax, "chance"):
            (self.chance_line_,) = ax.plot(
                [0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, gid="chance"
            )
        style = next_style(ax, "roc")
        (self.line_,) = ax.plot(
            self.fpr,
            self.tpr,
            label=self._label(self.name if name is None else name),
            linewidth=1.5,
            **style,
        )
        self.operating_point_ = None
        if self.operating_point is not None:
            threshold, x, y = self.operating_point
            (self.operating_point_,) = ax.plot(
                [x],
                [y],
                marker="o",
                markersize=6,
                linestyle="none",
                markerfacecolor="white",
                markeredgecolor=style["color"],
                markeredgewidth=1.5,
                label=f"At {number(threshold, 3)}: sens. {y:.2f}, spec. {1 - x:.2f}",
            )
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        label_axes(ax, "1 \N{MINUS SIGN} specificity", "Sensitivity")
        if ax.get_legend_handles_labels()[1]:
            add_legend(ax, "lower right")
        return self
