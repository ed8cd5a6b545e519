"""The decision curve: what acting on the model is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeAlias, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn.metrics import decision_curve
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._responses import pooled, response
from sklearn_orn.plotting._style import (
    BLACK,
    COLUMN_WIDTH,
    GREY,
    fill_band,
    has_line,
    label_axes,
    next_style,
    panels_of,
)
from sklearn_orn.plotting._types import (
    Classifier,
    CvResults,
    Look,
    Panels,
    ResampledSettings,
    Seed,
)
from sklearn_orn.plotting._weak import warn_repeated_patients, warn_training_data

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import FillBetweenPolyCollection
    from matplotlib.lines import Line2D

Limits: TypeAlias = tuple[np.ndarray, np.ndarray]
LEAST = 5  # samples on either side of a threshold
FAINT = 0.3


def _band(table: pd.DataFrame, name: str) -> Limits:
    return table[f"{name}_lower"].to_numpy(), table[f"{name}_upper"].to_numpy()


class _Passed(ResampledSettings, total=False):
    thresholds: ArrayLike | None
    prevalence: float | None
    threshold_range: tuple[float, float] | None
    interventions: bool
    ax: Panels


class DecisionCurveDisplay(Display):
    """Net benefit of the model, of treating all and of treating none.

    Parameters
    ----------
    thresholds : ndarray of shape (n_thresholds,)
        Threshold probabilities.
    model, treat_all, treat_none : ndarray of shape (n_thresholds,)
        Net benefits.
    name : str, default=None
        Name of the model in the legend, "Model" for None.
    band : tuple of two ndarray, default=None
        Lower and upper limits of the model's net benefit.
    interventions : ndarray of shape (n_thresholds,), default=None
        Net interventions avoided per sample, for the second panel.
    interventions_band : tuple of two ndarray, default=None
        Their limits.
    few : ndarray of bool, shape (n_thresholds,), default=None
        Where too few samples stand on either side of the threshold: drawn pale.
    threshold_range : tuple of two float, default=None
        Thresholds that matter in the clinic: the axis shows these alone, and none is
        pale.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The model's curve.
    solid_line_ : matplotlib Line2D or None
        The part of it that is not pale; None where nothing is.
    treat_all_line_, treat_none_line_ : matplotlib Line2D or None
        The two extremes; None if the axes had the same line.
    band_ : matplotlib FillBetweenPolyCollection or None
        The interval of the model's net benefit.
    interventions_line_, interventions_band_ : artists or None
        In the second panel.
    [[ax_]]
    interventions_ax_ : matplotlib Axes or None
        The panel of interventions avoided.
    [[figure_]]

    Examples
    --------
    >>> from sklearn_orn.plotting import DecisionCurveDisplay
    >>> y, proba = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
    >>> display = DecisionCurveDisplay.from_predictions(y, proba, name="Score")
    >>> [text.get_text() for text in display.ax_.get_legend().get_texts()]
    ['Score', 'Treat all', 'Treat none']
    """

    thresholds: np.ndarray
    model: np.ndarray
    treat_all: np.ndarray
    treat_none: np.ndarray
    name: str | None = None
    band: Limits | None = None
    interventions: np.ndarray | None = None
    interventions_band: Limits | None = None
    few: np.ndarray | None = None
    threshold_range: tuple[float, float] | None = None

    _texts = """
thresholds : array-like, default=None
    Threshold probabilities; None takes those of `decision_curve`.
prevalence : float, default=None
    Share of positives where the model is to be used, for case-control data.
groups : array-like of shape (n_samples,), default=None
    The patient of each sample: draws the 95 % limits by patient.
n_resamples : int, default=0
    Bootstrap resamples for the limits; 0 takes those of `decision_curve` by
    the variance, where there are groups.
threshold_range : tuple of two float, default=None
    Thresholds that matter in the clinic: the axis shows these alone. Without
    it thresholds with fewer than 5 samples on either side are drawn pale.
interventions : bool, default=False
    Whether a second panel shows the interventions avoided.
ax : matplotlib Axes, default=None
    Axes to draw on, two of them with `interventions`; None makes a figure.
plot.ax : matplotlib Axes, default=None
    Axes to draw on, two of them with interventions; None makes a figure.
    Further models of the same patients share the lines of the two extremes.
"""

    @classmethod
    def from_estimator(
        cls, estimator: Classifier, X: object, y: ArrayLike, **settings: Unpack[_Passed]
    ) -> Self:
        """Draw the decision curve of a fitted binary classifier.

        Warns
        -----
        StudyWarning
            If these are the data that a `NomogramClassifier` was fitted to, or if X
            has a column ``patient`` with repeats and an interval is asked for without
            groups.
        """
        warn_training_data(estimator, X, "decision")
        if settings.get("n_resamples"):
            warn_repeated_patients(X, settings.get("groups"))
        said = response(estimator, X, settings.get("pos_label"))
        settings["pos_label"] = said.label
        return cls.from_predictions(y, said.values, **settings)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        name: str | None = None,
        thresholds: ArrayLike | None = None,
        prevalence: float | None = None,
        groups: ArrayLike | None = None,
        n_resamples: int = 0,
        random_state: Seed = None,
        threshold_range: tuple[float, float] | None = None,
        interventions: bool = False,
        pos_label: object = None,
        ax: Panels = None,
    ) -> Self:
        """Draw the decision curve of probabilities."""
        table = decision_curve(
            y_true,
            y_proba,
            thresholds=thresholds,
            prevalence=prevalence,
            groups=groups,
            n_resamples=n_resamples,
            random_state=random_state,
            pos_label=pos_label,
        )
        avoided = "interventions_avoided"
        limits = bool(n_resamples) or groups is not None
        return cls(
            thresholds=table["threshold"].to_numpy(),
            model=table["model"].to_numpy(),
            treat_all=table["treat_all"].to_numpy(),
            treat_none=table["treat_none"].to_numpy(),
            name=name,
            band=_band(table, "model") if limits else None,
            interventions=table[avoided].to_numpy() if interventions else None,
            interventions_band=_band(table, avoided)
            if interventions and limits
            else None,
            few=(table[["above", "below"]].min(axis=1) < LEAST).to_numpy(),
            threshold_range=threshold_range,
        ).plot(ax=ax)

    @classmethod
    def from_cv_results(
        cls, cv_results: CvResults, X: object, y: ArrayLike, **settings: Unpack[_Passed]
    ) -> Self:
        """Draw the decision curve of the predictions of all test folds together."""
        outcome, proba, settings["groups"], settings["pos_label"] = pooled(
            cv_results, X, y, settings.get("groups"), settings.get("pos_label")
        )
        return cls.from_predictions(outcome, proba, **settings)

    def plot(self, ax: Panels = None, *, name: str | None = None) -> Self:
        """Draw."""
        ax = self._begin_panels(ax)
        name = (self.name if name is None else name) or "Model"
        another = has_line(ax, "treat all")
        style = next_style(ax, "decision")
        self._plot_model(ax, name, style)
        self.band_ = self._fill(ax, self.band, style["color"])
        self._plot_extremes(ax, name, another)
        # Treating all falls without bound: the view keeps to where a model can be.
        low, high = self.threshold_range or (0.0, 1.0)
        seen = (self.thresholds >= low) & (self.thresholds <= high)
        highest = np.maximum(self.treat_all, self.model)[seen].max(initial=0.01)
        if self.band is not None:
            highest = max(highest, self.band[1][seen].max(initial=0.01))
        top = highest * 1.05
        if another:
            top = max(top, ax.get_ylim()[1])
        ax.set(xlim=(low, high), ylim=(-0.25 * top, top))
        self._plot_interventions(style)
        last = self.interventions_ax_ is None
        return self._end("Threshold probability" if last else "", "Net benefit")

    def _begin_panels(self, ax: Panels) -> Axes:
        """Keep the axes of both panels and return those of the curve."""
        self.interventions_ax_: Axes | None = None
        if self.interventions is not None:
            size, ratios = (COLUMN_WIDTH, 4.8), (3, 2)
            ax, self.interventions_ax_ = panels_of(
                ax, (2, 1), size, height_ratios=ratios
            )
        return self._begin(ax)

    def _pale(self) -> np.ndarray | None:
        """Where the curve is drawn pale; None where nowhere."""
        if self.few is None or self.threshold_range is not None or not self.few.any():
            return None
        return self.few

    def _plot_model(self, ax: Axes, name: str, style: Look) -> None:
        pale = self._pale()
        style = style | {"linewidth": 1.8, "zorder": 3}
        self.solid_line_: Line2D | None = None
        (self.line_,) = ax.plot(
            self.thresholds,
            self.model,
            label=name if pale is None else "_pale",
            alpha=None if pale is None else FAINT,
            **style,
        )
        if pale is not None:
            (self.solid_line_,) = ax.plot(
                self.thresholds,
                np.where(pale, np.nan, self.model),
                label=name,
                **(style | {"gid": "decision with enough samples"}),
            )

    def _fill(
        self, ax: Axes, band: Limits | None, colour: str
    ) -> FillBetweenPolyCollection | None:
        if band is None:
            return None
        pale = self._pale()
        if pale is None:
            return fill_band(ax, self.thresholds, band, colour)
        solid = (np.where(pale, np.nan, band[0]), band[1])
        fill_band(ax, self.thresholds, solid, colour, 0.11)
        return fill_band(ax, self.thresholds, band, colour, 0.05)

    def _plot_extremes(self, ax: Axes, name: str, another: bool) -> None:
        self.treat_all_line_: Line2D | None = None
        self.treat_none_line_: Line2D | None = None
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

    def _plot_interventions(self, style: Look) -> None:
        self.interventions_line_: Line2D | None = None
        self.interventions_band_: FillBetweenPolyCollection | None = None
        ax = self.interventions_ax_
        if ax is None or self.interventions is None:
            return
        another = has_line(ax, "decision")
        (self.interventions_line_,) = ax.plot(
            self.thresholds, 100 * self.interventions, linewidth=1.8, **style
        )
        band = self.interventions_band
        if band is not None:
            band = (100 * band[0], 100 * band[1])
        self.interventions_band_ = self._fill(ax, band, style["color"])
        if not another:
            ax.axhline(0, color=BLACK, linewidth=0.8)
        # At low thresholds a missed patient outweighs any number of interventions.
        top = max(1.05 * 100 * self.interventions.max(), 1.0)
        if another:
            top = max(top, ax.get_ylim()[1])
        ax.set(xlim=self.threshold_range or (0, 1), ylim=(-0.25 * top, top))
        label_axes(ax, "Threshold probability", "Interventions\navoided per 100")
