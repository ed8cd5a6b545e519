"""The four measures that no report of a risk model should lack, in one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, Unpack

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._validation import check_probabilities
from sklearn_orn.plotting._calibration import FlexibleCalibrationDisplay
from sklearn_orn.plotting._decision_curve import DecisionCurveDisplay
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._responses import response
from sklearn_orn.plotting._roc import RocDisplay
from sklearn_orn.plotting._style import (
    BLUE,
    LINES,
    PAGE_WIDTH,
    VERMILION,
    add_legend,
    label_axes,
    panels_of,
)
from sklearn_orn.plotting._types import Classifier, Look, Panels, Settings
from sklearn_orn.plotting._weak import warn_training_data

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import StepPatch

SIZE = (PAGE_WIDTH, 7.0)
BINS = np.linspace(0, 1, 21)


class _Passed(Settings, total=False):
    thresholds: ArrayLike | None
    threshold_range: tuple[float, float] | None
    prevalence: float | None
    ax: Panels


class PerformanceDisplay(Display):
    """Discrimination, calibration, net benefit, and the risks in each class.

    Parameters
    ----------
    roc : RocDisplay
        The ROC curve.
    calibration : FlexibleCalibrationDisplay
        The calibration plot.
    decision : DecisionCurveDisplay
        The decision curve.
    risks : tuple of two ndarray
        Predicted risks of those without and of those with the event.
    class_names : tuple of two str, default=("No event", "Event")
        Names of the two classes.

    Attributes
    ----------
    roc_, calibration_, decision_ : displays
        Those of the first three panels, drawn.
    histograms_ : tuple of two matplotlib StepPatch
        Shares of the negatives and of the positives in each twentieth of the risk.
    ax_ : ndarray of Axes, shape (2, 2)
        The panels.
    [[figure_]]

    References
    ----------
    Van Calster et al. (STRATOS topic group 6), Lancet Digit Health 2025;7:100916.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.plotting import PerformanceDisplay
    >>> proba = np.linspace(0.05, 0.95, 40)
    >>> y = (np.arange(40) % 5 < 2).astype(int)
    >>> display = PerformanceDisplay.from_predictions(y, proba)
    >>> display.ax_.shape
    (2, 2)
    """

    roc: RocDisplay
    calibration: FlexibleCalibrationDisplay
    decision: DecisionCurveDisplay
    risks: tuple[np.ndarray, np.ndarray]
    class_names: tuple[str, str] = ("No event", "Event")

    _texts = """
groups : array-like of shape (n_samples,), default=None
    The patient of each sample, for the intervals.
name : str, default=None
    Name in the legends.
thresholds : array-like, default=None
    Threshold probabilities of the decision curve.
threshold_range : tuple of two float, default=None
    Thresholds that matter in the clinic.
prevalence : float, default=None
    Share of positives where the model is to be used, for the net benefit.
class_names : tuple of two str, default=("No event", "Event")
    Names of the negative and of the positive class.
ax : array of four Axes, default=None
    Axes to draw on; None makes a figure.
"""

    @classmethod
    def from_estimator(
        cls, estimator: Classifier, X: object, y: ArrayLike, **settings: Unpack[_Passed]
    ) -> Self:
        """Draw the performance of a fitted binary classifier.

        Warns
        -----
        StudyWarning
            If these are the data that a `NomogramClassifier` was fitted to.
        """
        warn_training_data(estimator, X, "calibration")
        said = response(estimator, X, settings.get("pos_label"))
        settings["pos_label"] = said.label
        return cls.from_predictions(
            y, said.values, class_names=said.class_names, **settings
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        name: str | None = None,
        thresholds: ArrayLike | None = None,
        threshold_range: tuple[float, float] | None = None,
        prevalence: float | None = None,
        class_names: tuple[str, str] = ("No event", "Event"),
        pos_label: object = None,
        ax: Panels = None,
    ) -> Self:
        """Draw the performance of probabilities."""
        positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
        panels = panels_of(ax, (2, 2), SIZE)
        return cls(
            roc=RocDisplay.from_predictions(
                positive, proba, groups=groups, name=name, ax=panels[0]
            ),
            calibration=FlexibleCalibrationDisplay.from_predictions(
                positive, proba, groups=groups, name=name, ax=panels[1]
            ),
            decision=DecisionCurveDisplay.from_predictions(
                positive,
                proba,
                groups=groups,
                name=name,
                thresholds=thresholds,
                threshold_range=threshold_range,
                prevalence=prevalence,
                ax=panels[2],
            ),
            risks=(proba[~positive], proba[positive]),
            class_names=class_names,
        )._finish(panels)

    def plot(self, ax: Panels = None) -> Self:
        """Draw."""
        panels = panels_of(ax, (2, 2), SIZE)
        self.roc.plot(ax=panels[0])
        self.calibration.plot(ax=panels[1])
        self.decision.plot(ax=panels[2])
        return self._finish(panels)

    def _finish(self, panels: np.ndarray) -> Self:
        self.ax_ = panels.reshape(2, 2)  # type: ignore[assignment]
        self.figure_ = panels[0].figure
        self.roc_, self.calibration_ = self.roc, self.calibration
        self.decision_ = self.decision
        self.histograms_ = self._plot_risks(panels[3])
        return self

    def _plot_risks(self, ax: Axes) -> tuple[StepPatch, StepPatch]:
        """Draw the share of each class along the risk."""
        steps: list[StepPatch] = []
        for risk, name, colour, line in zip(
            self.risks, self.class_names, (BLUE, VERMILION), LINES[:2], strict=True
        ):
            share = 100 * np.histogram(risk, BINS)[0] / len(risk)
            label = f"{name} (n = {len(risk)})"
            look: Look = {"color": colour, "linestyle": line, "linewidth": 1.5}
            steps.append(ax.stairs(share, BINS, label=label, **look))
            ax.stairs(share, BINS, fill=True, color=colour, alpha=0.12)
        ax.set(xlim=(0, 1))
        label_axes(ax, "Predicted probability", "Share of the class (%)")
        add_legend(ax)
        return steps[0], steps[1]
