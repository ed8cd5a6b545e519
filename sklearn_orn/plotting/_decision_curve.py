"""The decision curve: what acting on the model is worth."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn.metrics import decision_curve
from sklearn_orn.plotting._style import (
    BLACK,
    GREY,
    add_legend,
    binary_response,
    get_axes,
    has_line,
    label_axes,
    next_style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class DecisionCurveDisplay:
    """Net benefit of the model, of treating all and of treating none.

    Make it with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    thresholds : ndarray of shape (n_thresholds,)
        Threshold probabilities.
    model, treat_all, treat_none : ndarray of shape (n_thresholds,)
        Net benefits.
    name : str, default=None
        Name of the model in the legend, "Model" for None.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The model's curve.
    treat_all_line_, treat_none_line_ : matplotlib Line2D or None
        The two extremes; None if the axes had the same line.
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn_orn.plotting import DecisionCurveDisplay
    >>> y, proba = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
    >>> display = DecisionCurveDisplay.from_predictions(y, proba, name="Score")
    >>> [text.get_text() for text in display.ax_.get_legend().get_texts()]
    ['Score', 'Treat all', 'Treat none']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        *,
        thresholds: np.ndarray,
        model: np.ndarray,
        treat_all: np.ndarray,
        treat_none: np.ndarray,
        name: str | None = None,
    ) -> None:
        self.thresholds = thresholds
        self.model = model
        self.treat_all = treat_all
        self.treat_none = treat_none
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        name: str | None = None,
        thresholds: ArrayLike | None = None,
        ax: "Axes | None" = None,
    ) -> "DecisionCurveDisplay":
        """Draw the decision curve of a fitted binary classifier.

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
        thresholds : array-like, default=None
            Threshold probabilities; None takes those of `decision_curve`.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        DecisionCurveDisplay
        """
        return cls.from_predictions(
            y,
            binary_response(estimator, X, "predict_proba"),
            name=name,
            thresholds=thresholds,
            pos_label=estimator.classes_[1],
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        name: str | None = None,
        thresholds: ArrayLike | None = None,
        pos_label: Any = None,
        ax: "Axes | None" = None,
    ) -> "DecisionCurveDisplay":
        """Draw the decision curve of probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            Outcome with two labels.
        y_proba : array-like of shape (n_samples,)
            Probability of the positive class.
        name : str, default=None
            Name in the legend.
        thresholds : array-like, default=None
            Threshold probabilities; None takes those of `decision_curve`.
        pos_label : label, default=None
            The positive label; None takes 1 of {0, 1} or {-1, 1}.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        DecisionCurveDisplay
        """
        table = decision_curve(
            y_true, y_proba, thresholds=thresholds, pos_label=pos_label
        )
        return cls(
            thresholds=table["threshold"].to_numpy(),
            model=table["model"].to_numpy(),
            treat_all=table["treat_all"].to_numpy(),
            treat_none=table["treat_none"].to_numpy(),
            name=name,
        ).plot(ax=ax)

    def plot(
        self, ax: "Axes | None" = None, *, name: str | None = None
    ) -> "DecisionCurveDisplay":
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure. Further models of the same patients
            share the lines of the two extremes.
        name : str, default=None
            Name in the legend; None takes the display's own.

        Returns
        -------
        DecisionCurveDisplay
            Itself.
        """
        self.figure_, self.ax_ = get_axes(ax)
        ax = self.ax_
        name = (self.name if name is None else name) or "Model"
        another = has_line(ax, "treat all")
        (self.line_,) = ax.plot(
            self.thresholds,
            self.model,
            label=name,
            linewidth=1.8,
            zorder=3,
            **next_style(ax, "decision"),
        )
        self.treat_all_line_ = self.treat_none_line_ = None
        if not has_line(ax, "treat all", self.treat_all):
            # Other patients have another line: it says whose it is.
            (self.treat_all_line_,) = ax.plot(
                self.thresholds,
                self.treat_all,
                label=f"Treat all ({name})" if another else "Treat all",
                color=GREY,
                linestyle=(0, (1, 1)) if another else (0, (5, 2)),
                linewidth=1,
                gid="treat all",
            )
        if not has_line(ax, "treat none"):
            (self.treat_none_line_,) = ax.plot(
                self.thresholds,
                self.treat_none,
                label="Treat none",
                color=BLACK,
                linewidth=0.8,
                gid="treat none",
            )
        # Treating all falls without bound: the view keeps to where a model can be.
        top = max(self.treat_all.max(), self.model.max(), 0.01) * 1.05
        if another:
            top = max(top, ax.get_ylim()[1])
        ax.set(xlim=(0, 1), ylim=(-0.25 * top, top))
        label_axes(ax, "Threshold probability", "Net benefit")
        add_legend(ax)
        return self
