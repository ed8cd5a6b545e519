"""A measure of each centre, and what the centres say together, as a forest plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn.metrics import performance_by_centre
from sklearn_orn.plotting import _rows
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._style import (
    BLACK,
    BLUE,
    GREY,
    PAGE_WIDTH,
    VERMILION,
    number,
)
from sklearn_orn.plotting._types import Look, MaybeAxes

if TYPE_CHECKING:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Polygon
    from matplotlib.text import Text

    from sklearn_orn.metrics.shared import PerformanceByCentre

Measure: TypeAlias = Literal["auc", "calibration_in_the_large", "slope", "net_benefit"]
LABELS = {
    "auc": "AUC",
    "calibration_in_the_large": "Calibration in the large",
    "slope": "Calibration slope",
    "net_benefit": "Net benefit",
}
NO_EFFECT = {
    "auc": 0.5,
    "calibration_in_the_large": 0.0,
    "slope": 1.0,
    "net_benefit": 0.0,
}
ROW = 0.26  # inches
MEAN, NEW = "Mean", "New centre"
BEYOND = 2.0  # times the span of the points: limits further out are cut


class ForestDisplay(Display):
    """A measure in each centre, its mean, and the interval for a new centre.

    Parameters
    ----------
    performance : PerformanceByCentre
        Of `sklearn_orn.metrics.performance_by_centre`.
    measure : {"auc", "calibration_in_the_large", "slope", "net_benefit"}, \
default="auc"
        What to draw.

    Attributes
    ----------
    points_ : dict of str to matplotlib Line2D
        The value of each centre that has one.
    intervals_ : dict of str to matplotlib Line2D
        Their intervals; one that leaves the axis ends in an arrow head.
    texts_ : dict of str to matplotlib Text
        Value and interval as text, of each row.
    mean_ : matplotlib Polygon or None
        A diamond as wide as the interval of the mean; None without a summary.
    prediction_ : matplotlib Line2D or None
        The interval for a new centre, which the axis need not hold; None with fewer
        than three centres.
    reference_line_ : matplotlib Line2D
        Chance, a perfect calibration, or the net benefit of treating nobody.
    [[ax_, figure_]]

    References
    ----------
    Debray et al., BMJ 2017;356:i6460.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.plotting import ForestDisplay
    >>> rng = np.random.default_rng(0)
    >>> proba = rng.uniform(0.05, 0.95, size=240)
    >>> y = rng.random(240) < proba
    >>> centre = np.repeat(["A", "B", "C"], 80)
    >>> display = ForestDisplay.from_predictions(y, proba, centre)
    >>> display.texts_["A"].get_text()
    '0.81 (0.68 to 0.89)'
    """

    performance: PerformanceByCentre
    measure: Measure = "auc"

    _texts = """
centre : array-like of shape (n_samples,)
    The centre of each sample.
groups : array-like of shape (n_samples,), default=None
    The patient of each sample, for the intervals.
threshold : float, default=0.5
    Probability from which patients are treated, for the net benefit.
measure : {"auc", "calibration_in_the_large", "slope", "net_benefit"}, default="auc"
    What to draw.
"""

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        centre: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        threshold: float = 0.5,
        measure: Measure = "auc",
        pos_label: object = None,
        ax: MaybeAxes = None,
    ) -> Self:
        """Draw how good probabilities are in each centre."""
        found = performance_by_centre(
            y_true,
            y_proba,
            centre,
            groups=groups,
            threshold=threshold,
            pos_label=pos_label,
        )
        return cls(performance=found, measure=measure).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure of 7 in width.

        Raises
        ------
        ValueError
            If the measure is none of those known.
        """
        if self.measure not in get_args(Measure):
            raise ValueError(
                f"measure must be one of {', '.join(get_args(Measure))}, "
                f"got {self.measure!r}."
            )
        table = self.performance.table
        summary = self._summary()
        names = [str(name) for name in table.index]
        rows = [*names, MEAN, NEW]
        ax = self._begin(ax, (PAGE_WIDTH, ROW * len(rows) + 0.7))
        reach = self._reach()
        no_effect = NO_EFFECT[self.measure]
        self.reference_line_ = _rows.begin(ax, len(rows), reach, no_effect)
        ax.axhline(len(names) - 0.5, color=GREY, linewidth=0.5)
        self.points_: dict[str, Line2D] = {}
        self.intervals_: dict[str, Line2D] = {}
        self.texts_: dict[str, Text] = {}
        columns = [self.measure, f"{self.measure}_lower", f"{self.measure}_upper"]
        for y, values in enumerate(table[columns].to_numpy(float)):
            name = names[y]
            self._say(name, y, *values)
            if np.isfinite(values[0]):
                look: Look = {"color": BLUE, "zorder": 3, "markersize": 4.5}
                (self.points_[name],) = ax.plot([values[0]], [y], "s", **look)
            if np.isfinite(values).all():
                limits = (values[1], values[2])
                self.intervals_[name] = _rows.interval(ax, y, limits, BLUE)
        self.mean_: Polygon | None = None
        self.prediction_: Line2D | None = None
        y = len(names)
        self._say(MEAN, y, summary["mean"], summary["lower"], summary["upper"])
        if np.isfinite(summary["mean"]):
            ends = np.clip([summary["lower"], summary["upper"]], *reach)
            x = [ends[0], summary["mean"], ends[1], summary["mean"]]
            (self.mean_,) = ax.fill(x, [y, y - 0.3, y, y + 0.3], color=BLACK)
        limits = (summary["prediction_lower"], summary["prediction_upper"])
        self._say(NEW, y + 1, None, *limits)
        if np.isfinite(limits).all():
            self.prediction_ = _rows.interval(ax, y + 1, limits, VERMILION, width=2.5)
        label = LABELS[self.measure]
        if self.measure == "net_benefit":
            label += f" at {number(self.performance.threshold, 2)}"
        _rows.end(ax, rows, label, pad=6)
        return self

    def _summary(self) -> dict[str, float]:
        summary = self.performance.summary
        row = summary.index.get_loc(self.measure)
        values = summary.to_numpy(dtype=float)[row].tolist()
        return dict(zip(map(str, summary.columns), values, strict=True))

    def _reach(self) -> tuple[float, float]:
        """Return the ends of the axis: all that is near the points, and no effect."""
        table = self.performance.table
        summary = self._summary()
        points = np.append(table[self.measure].to_numpy(float), NO_EFFECT[self.measure])
        points = points[np.isfinite(points)]
        middle, span = np.median(points), max(np.ptp(points), 0.1)
        columns = [f"{self.measure}_lower", f"{self.measure}_upper"]
        limits = np.append(
            table[columns].to_numpy(float).ravel(),
            [summary["lower"], summary["upper"]],
        )
        limits = limits[np.isfinite(limits)]
        limits = np.clip(limits, middle - BEYOND * span, middle + BEYOND * span)
        every = np.concatenate([points, limits])
        low, high = every.min(), every.max()
        edge = 0.05 * (high - low)
        if self.measure == "auc":
            return float(max(0.0, low - edge)), float(min(1.0, high + edge))
        return float(low - edge), float(high + edge)

    def _say(
        self, name: str, y: float, value: float | None, lower: float, upper: float
    ) -> None:
        digits = 3 if self.measure == "net_benefit" else 2
        words = [
            f"{x:.{digits}f}".replace("-", "\N{MINUS SIGN}") for x in (lower, upper)
        ]
        text = f"{words[0]} to {words[1]}" if np.isfinite([lower, upper]).all() else ""
        if value is not None:
            shown = f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
            text = f"{shown} ({text})" if text else shown
            if np.isnan(value):
                text = "not defined"
        elif not text:
            text = "too few centres"
        self.texts_[name] = _rows.beside(self.ax_, y, text)
