"""The ROC curve with the AUC's confidence interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import logit
from sklearn.metrics import roc_curve

from sklearn_orn._final_step import final_step
from sklearn_orn._validation import check_binary_outcome
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import roc_auc_ci, roc_band, youden_threshold
from sklearn_orn.metrics.shared import sensitivity_at
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._responses import (
    ResponseMethod,
    fold_predictions,
    response,
)
from sklearn_orn.plotting._style import (
    diagonal,
    fill_band,
    has_line,
    next_style,
    number,
)
from sklearn_orn.plotting._types import (
    CvResults,
    Fitted,
    MaybeAxes,
    ResampledSettings,
    Seed,
)
from sklearn_orn.plotting._weak import (
    warn_own_threshold,
    warn_repeated_patients,
    warn_training_data,
)

if TYPE_CHECKING:
    from matplotlib.collections import FillBetweenPolyCollection
    from matplotlib.lines import Line2D


class _Passed(ResampledSettings, total=False):
    confidence: float
    threshold: float | Literal["youden"] | None
    plot_band: bool
    ax: MaybeAxes


def _on_its_scale(threshold: float | None, is_score: bool) -> float | None:
    """Return a threshold of the probability on the scale of the score, its logit."""
    if threshold is None or not is_score:
        return threshold
    return float(logit(threshold)) if 0 < threshold < 1 else None


class RocDisplay(Display):
    """ROC curve, AUC with interval, operating point and chance line.

    Parameters
    ----------
    fpr, tpr : ndarray of shape (n_points,)
        1 - specificity and sensitivity.
    roc_auc : float, default=None
        AUC; the mean over folds.
    roc_auc_limits : tuple of float, default=None
        Its lower and upper confidence limit.
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
    chance_level_ : matplotlib Line2D or None
        The diagonal; None if the axes had one.
    [[ax_, figure_]]

    Examples
    --------
    >>> from sklearn_orn.plotting import RocDisplay
    >>> y, score = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
    >>> display = RocDisplay.from_predictions(y, score, name="Training")
    >>> print(display.line_.get_label())
    Training
    AUC 0.833 (95 % CI 0.042–0.994)
    """

    fpr: np.ndarray
    tpr: np.ndarray
    roc_auc: float | None = None
    roc_auc_limits: tuple[float, float] | None = None
    confidence: float = 0.95
    operating_point: tuple[float, float, float] | None = None
    name: str | None = None
    band: pd.DataFrame | None = None
    unit: str | None = None
    folds: Sequence[tuple[np.ndarray, np.ndarray]] | None = None
    summary: str | None = None

    _texts = """
estimator : estimator
    With `predict_proba` or `decision_function`.
response_method : {"auto", "predict_proba", "decision_function"}, default="auto"
    What to draw; ``"auto"`` takes probabilities where there are any.
y_score : array-like of shape (n_samples,)
    Scores or probabilities; higher means more likely positive.
confidence : float, default=0.95
    Level of the interval.
groups : array-like of shape (n_samples,), default=None
    The patient of each sample: intervals by patient, and the legend says so.
plot_band : bool, default=False
    Whether to draw the limits of the sensitivity at each specificity, those of
    `sklearn_orn.metrics.roc_band`.
n_resamples : int, default=0
    Bootstrap resamples for the band, which is drawn then.
plot.ax : matplotlib Axes, default=None
    Axes to draw on; None makes a figure. Curves on the same axes get colours
    and line styles of their own.
"""

    @classmethod
    def from_estimator(
        cls,
        estimator: Fitted,
        X: object,
        y: ArrayLike,
        *,
        response_method: ResponseMethod = "auto",
        **settings: Unpack[_Passed],
    ) -> Self:
        """Draw the ROC curve of a fitted binary classifier.

        Parameters
        ----------
        threshold : float, "youden" or None, default=None
            Probability, or score, at which to mark the operating point. None takes the
            estimator's `threshold_` if it has one and `pos_label` is its second class.

        Warns
        -----
        StudyWarning
            If X has a column ``patient`` with repeats and there are no groups; if the
            threshold was learnt on these data.
        """
        warn_repeated_patients(X, settings.get("groups"))
        said = response(estimator, X, settings.get("pos_label"), response_method)
        settings["pos_label"] = said.label
        if settings.get("threshold") is None and not said.flipped:
            final = final_step(estimator)
            settings["threshold"] = _on_its_scale(
                getattr(final, "threshold_", None), said.is_score
            )
            if getattr(final, "threshold", None) == "youden":
                warn_training_data(estimator, X, "threshold")
        warn_own_threshold(settings.get("threshold"))
        return cls.from_predictions(y, said.values, **settings)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_score: ArrayLike,
        *,
        name: str | None = None,
        confidence: float = 0.95,
        threshold: float | Literal["youden"] | None = None,
        groups: ArrayLike | None = None,
        plot_band: bool = False,
        n_resamples: int = 0,
        random_state: Seed = None,
        pos_label: object = None,
        ax: MaybeAxes = None,
    ) -> Self:
        """Draw the ROC curve of scores.

        Parameters
        ----------
        threshold : float, "youden" or None, default=None
            Score at which to mark the operating point (positive if ``score >=
            threshold``). "youden" takes the best one on these data, which flatters.
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
        if plot_band or n_resamples:
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
            roc_auc=auc,
            roc_auc_limits=(lower, upper),
            confidence=confidence,
            operating_point=point,
            name=name,
            band=band,
            unit=None if groups is None else "patient",
        ).plot(ax=ax)

    @classmethod
    def from_cv_results(
        cls,
        cv_results: CvResults,
        X: object,
        y: ArrayLike,
        *,
        response_method: ResponseMethod = "auto",
        pos_label: object = None,
        name: str | None = None,
        ax: MaybeAxes = None,
    ) -> Self:
        """Draw the ROC curves of the test folds of a cross-validation, and their mean.

        Returns
        -------
        RocDisplay
            Its legend has mean and standard deviation over the folds with both
            classes; these are no confidence interval.
        """
        rows, said, label = fold_predictions(cv_results, X, pos_label, response_method)
        outcome = np.asarray(y) == label
        grid = np.linspace(0, 1, 101)
        folds, aucs, heights = [], [], []
        for test, values in zip(rows, said, strict=True):
            positive = outcome[test]
            if positive.all() or not positive.any():
                continue
            fpr, tpr, _ = roc_curve(positive, values)
            folds.append((fpr, tpr))
            aucs.append(roc_auc_ci(positive, values).auc)
            heights.append(sensitivity_at(fpr, tpr, grid))
        if not folds:
            raise NotEstimable("No test fold of cv_results has both classes.")
        spread = f" \N{PLUS-MINUS SIGN} {np.std(aucs, ddof=1):.3f}" if aucs[1:] else ""
        return cls(
            fpr=np.concatenate([[0], grid]),
            tpr=np.concatenate([[0], np.mean(heights, axis=0)]),
            roc_auc=float(np.mean(aucs)),
            name=name,
            folds=folds,
            summary=f"AUC {np.mean(aucs):.3f}{spread} (mean \N{PLUS-MINUS SIGN} SD of "
            f"{len(folds)} folds)",
        ).plot(ax=ax)

    def _limits(self) -> str:
        if self.roc_auc_limits is None:
            return ""
        lower, upper = self.roc_auc_limits
        limits = f"{lower:.3f}\N{EN DASH}{upper:.3f}"
        if np.isnan(lower) or np.isnan(upper):
            limits = "not defined"
        return f" ({100 * self.confidence:g} % CI {limits})"

    def _label(self, name: str | None) -> str | None:
        lines = [] if name is None else [name]
        if self.summary is not None:
            lines.append(self.summary)
        elif self.roc_auc is not None:
            lines.append(f"AUC {self.roc_auc:.3f}{self._limits()}")
        return "\n".join(lines) or None

    def plot(self, ax: MaybeAxes = None, *, name: str | None = None) -> Self:
        """Draw."""
        ax = self._begin(ax, (3.5, 3.3 if self.band is None else 4.2))
        self.chance_level_ = None if has_line(ax, "chance") else diagonal(ax, "chance")
        style = next_style(ax, "roc")
        self.fold_lines_ = [
            ax.plot(fpr, tpr, color=style["color"], alpha=0.35, linewidth=0.7)[0]
            for fpr, tpr in self.folds or ()
        ]
        self.band_: FillBetweenPolyCollection | None = None
        if self.band is not None:
            fpr, *limits = self.band[["fpr", "lower", "upper"]].to_numpy().T
            self.band_ = fill_band(ax, fpr, limits, style["color"])
        (self.line_,) = ax.plot(
            self.fpr,
            self.tpr,
            label=self._label(self.name if name is None else name),
            linewidth=1.5,
            **style,
        )
        self.operating_point_: Line2D | None = None
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
        title = None if self.unit is None else f"CI by {self.unit}"
        label = "1 \N{MINUS SIGN} specificity"
        return self._end(label, "Sensitivity", inside=True, title=title)
