"""The calibration plot: predicted risks against what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypedDict, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._validation import check_probabilities
from sklearn_orn.metrics import flexible_calibration_curve
from sklearn_orn.metrics.shared import (
    check_n_groups,
    patient_codes,
    proportion,
    risk_groups,
)
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._responses import pooled, response
from sklearn_orn.plotting._style import BLACK, GREY, diagonal, has_line, next_style
from sklearn_orn.plotting._types import Classifier, CvResults, MaybeAxes
from sklearn_orn.plotting._weak import warn_training_data

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

    from sklearn_orn.resampling.shared import Optimism

STRIP_CENTRE, STRIP_HEIGHT = -0.18, 0.1


def _groups(
    positive: np.ndarray, proba: np.ndarray, n_groups: int, unit: np.ndarray | None
) -> pd.DataFrame:
    """Mean risk and observed share with Wilson limits in groups of risk."""
    check_n_groups(n_groups)
    group, _ = risk_groups(proba, n_groups)
    rows = []
    for here in (group == i for i in range(group.max() + 1)):
        share = proportion(positive & here, here, unit, 0.95)
        limits = {name: share[name] for name in ("lower", "upper")}
        own = {"predicted": proba[here].mean(), "observed": share["estimate"]}
        rows.append(own | limits)
    return pd.DataFrame(rows)


def _plot_groups(
    ax: Axes, groups: pd.DataFrame, colour: str, label: str
) -> ErrorbarContainer:
    share = groups["observed"].to_numpy()
    return ax.errorbar(
        groups["predicted"],
        share,
        # Rounding may put a limit a hair on the wrong side of the share.
        yerr=np.maximum([share - groups["lower"], groups["upper"] - share], 0),
        fmt="o",
        color=colour,
        markersize=4,
        markerfacecolor="white",
        elinewidth=0.8,
        capsize=2,
        label=label,
    )


class _Passed(TypedDict, total=False):
    groups: ArrayLike | None
    name: str | None
    n_groups: int
    pos_label: object
    ax: MaybeAxes


class FlexibleCalibrationDisplay(Display):
    """Calibration curve, ideal line, grouped points and the risks below.

    Parameters
    ----------
    predicted, observed : ndarray of shape (n_samples,)
        The smoothed curve, ascending.
    groups : DataFrame, default=None
        Columns ``predicted, observed, lower, upper``: one point per group of risk.
    risks : tuple of two ndarray, default=None
        Predicted risks of those with and of those without the event.
    name : str, default=None
        Name of the curve in the legend; for None "Lowess", or "Apparent" beside a
        bias-corrected curve.
    corrected : tuple of two ndarray, default=None
        The bias-corrected curve: predicted and corrected probabilities.
    unit : str, default=None
        What the intervals count, such as "patient"; the legend says it.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The lowess curve.
    corrected_line_ : matplotlib Line2D or None
        The bias-corrected curve.
    ideal_line_ : matplotlib Line2D or None
        The diagonal; None if the axes had one.
    points_ : matplotlib ErrorbarContainer or None
        Groups of risk with 95 % intervals.
    distribution_ : tuple of two matplotlib LineCollection, or None
        Numbers with the event (upwards) and without (downwards) along the risk.
        None if the axes had them: the strip belongs to the first curve.
    [[ax_, figure_]]

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.plotting import FlexibleCalibrationDisplay
    >>> proba = np.linspace(0.05, 0.95, 40)
    >>> y = (np.arange(40) % 5 < 2).astype(int)
    >>> display = FlexibleCalibrationDisplay.from_predictions(y, proba)
    >>> display.ax_.get_xlabel()
    'Predicted probability'
    """

    predicted: np.ndarray
    observed: np.ndarray
    groups: pd.DataFrame | None = None
    risks: tuple[np.ndarray, np.ndarray] | None = None
    name: str | None = None
    corrected: tuple[np.ndarray, np.ndarray] | None = None
    unit: str | None = None

    _texts = """
groups : array-like of shape (n_samples,), default=None
    The patient of each sample: intervals by patient, and the legend says so.
n_groups : int, default=5
    Number of groups of risk, at least 3.
"""

    @classmethod
    def from_estimator(
        cls, estimator: Classifier, X: object, y: ArrayLike, **settings: Unpack[_Passed]
    ) -> Self:
        """Draw the calibration of a fitted binary classifier.

        Warns
        -----
        StudyWarning
            If these are the data that a `NomogramClassifier` was fitted to.
        """
        warn_training_data(estimator, X, "calibration")
        said = response(estimator, X, settings.get("pos_label"))
        settings["pos_label"] = said.label
        return cls.from_predictions(y, said.values, **settings)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        name: str | None = None,
        n_groups: int = 5,
        optimism: Optimism | pd.DataFrame | None = None,
        pos_label: object = None,
        ax: MaybeAxes = None,
    ) -> Self:
        """Draw the calibration of probabilities.

        Parameters
        ----------
        n_groups : int, default=5
            Number of groups of risk, at least 3; between quantiles as in
            `hosmer_lemeshow`.
        optimism : Optimism or DataFrame, default=None
            What `sklearn_orn.resampling.optimism` returned for the model and the same
            samples, or its `calibration`: adds the bias-corrected curve.
        """
        positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
        curve = flexible_calibration_curve(positive, proba)
        corrected = None
        if optimism is not None:
            table = (
                optimism if isinstance(optimism, pd.DataFrame) else optimism.calibration
            )
            corrected = (table["predicted"].to_numpy(), table["corrected"].to_numpy())
        return cls(
            predicted=curve.predicted,
            observed=curve.observed,
            groups=_groups(
                positive, proba, n_groups, patient_codes(groups, len(proba))
            ),
            risks=(proba[positive], proba[~positive]),
            name=name,
            corrected=corrected,
            unit=None if groups is None else "patient",
        ).plot(ax=ax)

    @classmethod
    def from_cv_results(
        cls, cv_results: CvResults, X: object, y: ArrayLike, **settings: Unpack[_Passed]
    ) -> Self:
        """Draw the calibration of the predictions of all test folds together."""
        outcome, proba, settings["groups"], settings["pos_label"] = pooled(
            cv_results, X, y, settings.get("groups"), settings.get("pos_label")
        )
        return cls.from_predictions(outcome, proba, **settings)

    def plot(self, ax: MaybeAxes = None, *, name: str | None = None) -> Self:
        """Draw."""
        ax = self._begin(ax, (3.5, 3.8))
        self.ideal_line_: Line2D | None = None
        self.points_: ErrorbarContainer | None = None
        self.distribution_: tuple[LineCollection, LineCollection] | None = None
        if not has_line(ax, "ideal"):
            self.ideal_line_ = diagonal(ax, "ideal", "Ideal")
            self._plot_distribution(ax)
        another = has_line(ax, "calibration")
        style = next_style(ax, "calibration")
        name = self.name if name is None else name
        default = "Lowess" if self.corrected is None else "Apparent"
        (self.line_,) = ax.plot(
            self.predicted, self.observed, label=name or default, linewidth=1.5, **style
        )
        self.corrected_line_: Line2D | None = None
        if self.corrected is not None:
            (self.corrected_line_,) = ax.plot(
                *self.corrected,
                label="Bias-corrected" if not name else f"{name}, bias-corrected",
                linewidth=1.5,
                **next_style(ax, "calibration"),
            )
        if self.groups is not None:
            label = "_" if another else "Groups (95 % CI)"
            self.points_ = _plot_groups(ax, self.groups, style["color"], label)
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.31, 1.05))
        ax.set_xticks(np.linspace(0, 1, 6))
        title = None if self.unit is None else f"CI by {self.unit}"
        return self._end("Predicted probability", "Observed proportion", title=title)

    def _plot_distribution(self, ax: Axes) -> None:
        """Draw spikes below the axis of the curve: events up, the others down."""
        ticks = np.linspace(0, 1, 6)
        ax.set_yticks(ticks, [f"{tick:.1f}" for tick in ticks])
        if self.risks is None:
            return
        edges = np.linspace(0, 1, 51)
        counts = [np.histogram(risk, edges)[0] for risk in self.risks]
        scale = STRIP_HEIGHT / max(1, *(int(count.max()) for count in counts))
        middles = (edges[:-1] + edges[1:]) / 2
        spikes = []
        for count, sign, colour in zip(counts, (1, -1), (BLACK, GREY), strict=True):
            ends = STRIP_CENTRE + sign * scale * count
            seen = count > 0
            spikes.append(
                ax.vlines(
                    middles[seen], STRIP_CENTRE, ends[seen], colors=colour, linewidth=2
                )
            )
        self.distribution_ = (spikes[0], spikes[1])
        ax.axhline(STRIP_CENTRE, color=BLACK, linewidth=0.5)
        half = STRIP_HEIGHT / 2
        ax.set_yticks(
            [STRIP_CENTRE - half, STRIP_CENTRE + half, *ticks],
            ["No event", "Event", *(f"{tick:.1f}" for tick in ticks)],
        )
        for tick in ax.yaxis.get_major_ticks()[:2]:
            tick.tick1line.set_visible(False)
