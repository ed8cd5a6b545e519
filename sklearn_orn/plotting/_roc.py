"""The ROC curve with the AUC's confidence interval."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import roc_curve

from sklearn_orn._validation import check_binary_outcome
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import roc_auc_ci, roc_band, youden_threshold
from sklearn_orn.plotting._cv_results import fold_predictions
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
from sklearn_orn.plotting._weak import (
    warn_own_threshold,
    warn_repeated_patients,
    warn_training_data,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import FillBetweenPolyCollection
    from matplotlib.lines import Line2D


def _final_step(estimator: Any) -> Any:
    return getattr(estimator, "steps", [("", estimator)])[-1][1]


class RocDisplay:
    """ROC curve, AUC with interval, operating point and chance line.

    Make it with `from_estimator`, `from_predictions` or `from_cv_results`.

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
    band : DataFrame, default=None
        Columns ``fpr, lower, upper``, see `sklearn_orn.metrics.roc_band`.
    unit : str, default=None
        What the interval counts, such as "patient"; the legend says it.
    folds : sequence of (fpr, tpr), default=None
        Curves of the folds that the curve is the mean of.
    summary : str, default=None
        Text in the legend in place of the AUC with its interval.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The curve.
    band_ : matplotlib FillBetweenPolyCollection or None
        The interval of the sensitivity at each specificity.
    fold_lines_ : list of matplotlib Line2D
        Curves of the folds.
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
    AUC 0.833 (95 % CI 0.042–0.994)
    >>> plt.close(display.figure_)
    """

    operating_point_: "Line2D | None"
    band_: "FillBetweenPolyCollection | None"

    def __init__(
        self,
        *,
        fpr: np.ndarray,
        tpr: np.ndarray,
        auc: tuple[float, float, float] | None = None,
        confidence: float = 0.95,
        operating_point: tuple[float, float, float] | None = None,
        name: str | None = None,
        band: pd.DataFrame | None = None,
        unit: str | None = None,
        folds: Sequence[tuple[np.ndarray, np.ndarray]] | None = None,
        summary: str | None = None,
    ) -> None:
        self.fpr = fpr
        self.tpr = tpr
        self.auc = auc
        self.confidence = confidence
        self.operating_point = operating_point
        self.name = name
        self.band = band
        self.unit = unit
        self.folds = folds
        self.summary = summary

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
        groups: ArrayLike | None = None,
        n_resamples: int = 0,
        random_state: Any = None,
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
        groups : array-like of shape (n_samples,), default=None
            The patient of each sample: intervals by patient, and the legend says so.
        n_resamples : int, default=0
            Bootstrap resamples for the band; 0 draws none.
        random_state : int, RandomState instance or None, default=None
            Seed of the bootstrap.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        RocDisplay

        Warns
        -----
        StudyWarning
            If X has a column ``patient`` with repeats and there are no groups; if the
            threshold was learnt on these data.
        """
        warn_repeated_patients(X, groups)
        if threshold is None:
            final = _final_step(estimator)
            threshold = getattr(final, "threshold_", None)
            if getattr(final, "threshold", None) == "youden":
                warn_training_data(estimator, X, "threshold")
        warn_own_threshold(threshold)
        return cls.from_predictions(
            y,
            binary_response(estimator, X, "predict_proba"),
            name=name,
            confidence=confidence,
            threshold=threshold,
            groups=groups,
            n_resamples=n_resamples,
            random_state=random_state,
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
        groups: ArrayLike | None = None,
        n_resamples: int = 0,
        random_state: Any = None,
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
        groups : array-like of shape (n_samples,), default=None
            The patient of each sample: intervals by patient, and the legend says so.
        n_resamples : int, default=0
            Bootstrap resamples for the band; 0 draws none.
        random_state : int, RandomState instance or None, default=None
            Seed of the bootstrap.
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
        auc, lower, upper, _ = roc_auc_ci(
            positive, score, confidence=confidence, groups=groups
        )
        band = None
        if n_resamples:
            band = roc_band(
                positive,
                score,
                groups=groups,
                confidence=confidence,
                n_resamples=n_resamples,
                random_state=random_state,
            )
        return cls(
            fpr=fpr,
            tpr=tpr,
            auc=(auc, lower, upper),
            confidence=confidence,
            operating_point=point,
            name=name,
            band=band,
            unit=None if groups is None else "patient",
        ).plot(ax=ax)

    @classmethod
    def from_cv_results(
        cls,
        cv_results: Mapping[str, Any],
        X: Any,
        y: ArrayLike,
        *,
        name: str | None = None,
        ax: "Axes | None" = None,
    ) -> "RocDisplay":
        """Draw the ROC curves of the test folds of a cross-validation, and their mean.

        Parameters
        ----------
        cv_results : dict
            From ``cross_validate(..., return_estimator=True, return_indices=True)``.
        X : array-like
            What was cross-validated.
        y : array-like of shape (n_samples,)
            Outcome.
        name : str, default=None
            Name in the legend.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        RocDisplay
            Its legend has mean and standard deviation over the folds with both
            classes; these are no confidence interval.
        """
        rows, proba, label = fold_predictions(cv_results, X)
        outcome = np.asarray(y) == label
        grid = np.linspace(0, 1, 101)
        folds, aucs, heights = [], [], []
        for test, values in zip(rows, proba, strict=True):
            positive = outcome[test]
            if positive.all() or not positive.any():
                continue
            fpr, tpr, _ = roc_curve(positive, values)
            folds.append((fpr, tpr))
            aucs.append(roc_auc_ci(positive, values).auc)
            last = np.append(np.diff(fpr) > 0, True)
            heights.append(np.interp(grid, fpr[last], tpr[last]))
        if not folds:
            raise NotEstimable("No test fold of cv_results has both classes.")
        spread = f" \N{PLUS-MINUS SIGN} {np.std(aucs, ddof=1):.3f}" if aucs[1:] else ""
        return cls(
            fpr=np.concatenate([[0], grid]),
            tpr=np.concatenate([[0], np.mean(heights, axis=0)]),
            name=name,
            folds=folds,
            summary=f"AUC {np.mean(aucs):.3f}{spread} (mean \N{PLUS-MINUS SIGN} SD of "
            f"{len(folds)} folds)",
        ).plot(ax=ax)

    def _label(self, name: str | None) -> str | None:
        lines = [] if name is None else [name]
        if self.summary is not None:
            lines.append(self.summary)
        elif self.auc is not None:
            auc, lower, upper = self.auc
            limits = f"{lower:.3f}\N{EN DASH}{upper:.3f}"
            if np.isnan(lower) or np.isnan(upper):
                limits = "not defined"
            lines.append(f"AUC {auc:.3f} ({100 * self.confidence:g} % CI {limits})")
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
        self.figure_, self.ax_ = get_axes(ax, (3.5, 3.3 if self.band is None else 4.2))
        ax = self.ax_
        self.chance_line_ = None
        if not has_line(ax, "chance"):
            (self.chance_line_,) = ax.plot(
                [0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, gid="chance"
            )
        style = next_style(ax, "roc")
        self.fold_lines_ = [
            ax.plot(fpr, tpr, color=style["color"], alpha=0.35, linewidth=0.7)[0]
            for fpr, tpr in self.folds or ()
        ]
        self.band_ = None
        if self.band is not None:
            self.band_ = ax.fill_between(
                self.band["fpr"],
                self.band["lower"],
                self.band["upper"],
                color=style["color"],
                alpha=0.15,
                linewidth=0,
            )
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
            title = None if self.unit is None else f"CI by {self.unit}"
            add_legend(ax, "lower right", title)
        return self
