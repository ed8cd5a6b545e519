"""The nomogram on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self, TypeAlias, Unpack

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._types import Estimator
from sklearn_orn.model import Nomogram
from sklearn_orn.model.shared import NomogramAxis, StatsmodelsResults
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._nomogram_labels import (
    Placed,
    by_rank,
    cut_texts,
    in_two_rows,
    kept_apart,
    stretches,
    thinned,
    value_text,
    wrap_text,
)
from sklearn_orn.plotting._style import (
    BLACK,
    GREY,
    PAGE_WIDTH,
    TEXT,
    VERMILION,
    axes_size,
    text_size,
)
from sklearn_orn.plotting._types import Look, MaybeAxes, Patient

if TYPE_CHECKING:
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

# Points on each axis, and the text about them.
Worked: TypeAlias = dict[str, tuple[float, str]]

ROW = 31.0  # points (1/72 in) for one axis with its labels
TICK, GAP = 4.0, 4.0
OVERHANG = 8.0  # of labels beyond the ends of the longest axis
LABELS = "x-small"
NAMES, VALUES = 0.38, 0.25  # of the width, at most, for names and a patient's values
DENSE = 2.5  # ticks nearer than this run into one another
ARROW = " \N{RIGHTWARDS ARROW} "


def _fixed(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def _text_of(value: float | str | None, axis: NomogramAxis, digits: int) -> str:
    """Write a value of an axis, by its label if it has one."""
    return axis.texts.get(value) or value_text(value, axis.kind, digits)


class NomogramDisplay(Display, kw_only=False):
    """A nomogram with its scales, and a worked example if wanted.

    Parameters
    ----------
    nomogram : Nomogram
        What to draw.

    Attributes
    ----------
    axis_lines_ : dict of str to matplotlib Line2D
        The axes by name: "points", the predictors, "total", "linear_predictor" and
        "probability".
    names_ : dict of str to matplotlib Text
        Their labels on the left.
    tick_labels_ : dict of str to list of matplotlib Text
        Their tick labels.
    patient_markers_ : dict of str to matplotlib Line2D
        The patient's place on each axis; an arrow head where it lies beyond.
    patient_texts_ : dict of str to matplotlib Text
        The patient's values and points on the right.
    [[ax_, figure_]]

    Notes
    -----
    Names and levels are drawn as they are: a dollar sign begins no formula.

    Numbers of a continuous axis are thinned out until they keep clear of each other,
    its ticks are not. The axis of a spline may turn: from there on ticks and numbers
    stand on the other side of the line, as rms draws them. Every level of a categorical
    predictor is named; on a short axis the names stand above and below it and lines
    lead to their ticks. Levels that are too long for both rows are cut;
    `Nomogram.table` has them in full.

    An arrow head is a value beyond the axis: that of the patient, or the level of
    missing values where its points are not between 0 and 100.

    Examples
    --------
    >>> from sklearn_orn.model import Nomogram
    >>> from sklearn_orn.plotting import NomogramDisplay
    >>> nomogram = Nomogram.from_coefficients(
    ...     {"score": 1.5, "age": -0.02}, 0.4, {"score": (-2, 2), "age": (30, 80)}
    ... )
    >>> display = NomogramDisplay(nomogram).plot(patient={"score": 1.0, "age": 90})
    >>> list(display.axis_lines_)
    ['points', 'score', 'age', 'total', 'linear_predictor', 'probability']
    """

    nomogram: Nomogram

    @classmethod
    def from_estimator(
        cls,
        classifier: Estimator | StatsmodelsResults,
        X: object = None,
        *,
        labels: Mapping[str, str] | None = None,
        patient: Patient | None = None,
        ax: MaybeAxes = None,
    ) -> Self:
        """Draw the nomogram of a fitted binary linear classifier, or its Pipeline.

        Parameters
        ----------
        classifier : estimator or Pipeline
            See `Nomogram.from_estimator`.
        X : DataFrame, array-like or sequence of lesions, default=None
            The training table, for the limits of the axes.
        labels : mapping, default=None
            Texts to print instead of the predictors' names, and of their levels.
        patient : DataFrame of one row, Series or mapping, default=None
            The patient of a worked example.
        """
        nomogram = Nomogram.from_estimator(classifier, X, labels=labels)
        return cls(nomogram).plot(ax=ax, patient=patient)

    def plot(self, ax: MaybeAxes = None, patient: Patient | None = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on, without frame; None makes a figure of 7 in width. Labels
            are laid out for the present size of the figure.
        patient : DataFrame of one row, Series or mapping, default=None
            The patient of a worked example: values, points, total and probability are
            drawn.
        """
        nomogram = self.nomogram
        hundred = np.linspace(0, 100, 11)
        self._axes = [
            NomogramAxis("points", "Points", "scale", hundred, hundred),
            *nomogram.predictors,
            nomogram.total_points,
            nomogram.linear_predictor,
            nomogram.probability_axis,
        ]
        worked = None if patient is None else self._work(patient)
        size = (PAGE_WIDTH, ROW * len(self._axes) / 72 + 0.1)
        ax = self._begin(ax, size)
        ax.set_axis_off()
        # The data coordinates are points on paper, so that texts can be laid out.
        self._width, self._height = axes_size(ax)
        ax.set(xlim=(0, self._width), ylim=(0, self._height))
        left = self._write_names()
        right = self._width - 8
        self.patient_markers_: dict[str, Line2D] = {}
        self.patient_texts_: dict[str, Text] = {}
        if worked is not None:
            right = self._write_patient(worked)
        self._span = (left, right)
        self.axis_lines_: dict[str, Line2D] = {}
        self.tick_labels_: dict[str, list[Text]] = {}
        for row, axis in enumerate(self._axes):
            self._draw_axis(axis, self._y(row))
        if worked is not None:
            self._mark_patient(worked)
        return self

    def _y(self, row: int) -> float:
        return self._height * (1 - (row + 0.45) / len(self._axes))

    def _x(self, axis: NomogramAxis, points: ArrayLike) -> np.ndarray:
        """Place of points on an axis; the scales share that of the total points."""
        scales = ("total", "linear_predictor", "probability")
        most = (
            self.nomogram.total_points.ticks[-1]
            if axis.kind == "scale" and axis.name in scales
            else 100.0
        )
        left, right = self._span
        return np.asarray(left + np.asarray(points) / most * (right - left))

    def _work(self, patient: Patient) -> Worked:
        """Points of the patient on each axis, and the text about it."""
        values = self.nomogram.values(patient)
        if len(values) != 1:
            raise ValueError(
                f"patient must be one row, got {len(values)}: pass X.iloc[[i]]."
            )
        points = self.nomogram.points(values)
        worked = {}
        for axis in self.nomogram.predictors:
            point = float(points[axis.name].iloc[0])
            shown = _text_of(values[axis.name].iloc[0], axis, 4)
            worked[axis.name] = (point, f"{shown}{ARROW}{_fixed(point, 1)}")
        total = float(points["total"].iloc[0])
        lp = self.nomogram.intercept + total / self.nomogram.points_per_unit
        risk = float(self.nomogram.probability(total))
        worked["total"] = (total, _fixed(total, 1))
        worked["linear_predictor"] = (total, _fixed(lp, 2))
        worked["probability"] = (
            total,
            "< 0.001" if risk < 0.001 else "> 0.999" if risk > 0.999 else f"{risk:.3f}",
        )
        return worked

    def _write(self, x: float, y: float, text: str, **look: Unpack[Look]) -> Text:
        return self.ax_.text(x, y, text, va="center", parse_math=False, **look)

    def _write_names(self) -> float:
        """Write the axes' names on the left; return where the axes may begin."""
        self.names_ = {}
        limit = NAMES * self._width
        for row, axis in enumerate(self._axes):
            text = self._write(0, self._y(row), axis.label, ha="left", fontsize=TEXT)
            wrap_text(text, limit, 3)
            self.names_[axis.name] = text
        return max(text_size(text)[0] for text in self.names_.values()) + 16

    def _write_patient(self, worked: Worked) -> float:
        """Write the patient's values on the right; return where the axes must end."""
        texts = {"points": (0.0, "Patient"), **worked}
        for row, axis in enumerate(self._axes):
            look: Look = {"ha": "right", "color": VERMILION, "fontsize": TEXT}
            text = self._write(self._width, self._y(row), texts[axis.name][1], **look)
            limit = VALUES * self._width
            if ARROW in text.get_text() and text_size(text)[0] > limit:
                value, points = text.get_text().rsplit(ARROW, 1)
                text.set_text(value)
                wrap_text(text, limit, 2)
                text.set_text(f"{text.get_text()}\n{ARROW.lstrip()}{points}")
            self.patient_texts_[axis.name] = text
        widest = max(text_size(text)[0] for text in self.patient_texts_.values())
        return self._width - widest - 14

    def _draw_axis(self, axis: NomogramAxis, y: float) -> None:
        directions = np.sign(np.diff(axis.points))
        if axis.kind == "continuous" and len(set(directions[directions != 0])) > 1:
            self._draw_doubled(axis, y, directions)
            return
        ax = self.ax_
        x = self._x(axis, axis.points)
        left, right = self._span
        inside = (x >= left - 1e-6) & (x <= right + 1e-6)
        ends = [x[inside].min(), x[inside].max()] if inside.any() else [left, left]
        drawn = inside | (axis.kind == "categorical")
        order = np.flatnonzero(drawn)[np.argsort(x[drawn], kind="stable")]
        beyond = [self._beyond(axis, i, x[i], y) for i in order]
        ticks, x = axis.ticks[order], np.clip(x[order], left, right)
        (self.axis_lines_[axis.name],) = ax.plot(
            ends, [y, y], color=BLACK, linewidth=1, solid_capstyle="butt", gid=axis.name
        )
        digits = 4 if axis.kind == "discrete" else 12
        look: Look = {"ha": "center", "fontsize": LABELS, "zorder": 3}
        texts = [
            self._write(at, y, _text_of(value, axis, digits) + more, **look)
            for at, value, more in zip(x, ticks, beyond, strict=True)
        ]
        self.tick_labels_[axis.name] = []
        if not texts:
            return
        if axis.kind == "categorical":
            for row in (texts[::2], texts[1::2]):
                cut_texts(row, GAP, right - left + 2 * OVERHANG)
        sizes = np.array([text_size(text)[0] for text in texts]) + GAP
        placed = self._place(axis, ticks, x, sizes)
        shown = sorted(i for i, _, _ in placed)
        dense = len(x) > 1 and np.diff(x).min() < DENSE
        ax.vlines(x[shown] if dense else x, y - TICK, y, color=BLACK, linewidth=0.7)
        self._put(texts, placed, x, y, axis.name)

    def _beyond(self, axis: NomogramAxis, i: int, x: float, y: float) -> str:
        """Mark a level beyond the axis by an arrow head; return its points as text."""
        left, right = self._span
        if left - 1e-6 <= x <= right + 1e-6:
            return ""
        end, head = (left, "<") if x < left else (right, ">")
        self.ax_.plot([end], [y], marker=head, markersize=4, color=BLACK, clip_on=False)
        return f"{ARROW}{_fixed(float(axis.points[i]), 0)}"

    def _draw_doubled(
        self, axis: NomogramAxis, y: float, directions: np.ndarray
    ) -> None:
        """Draw an axis that turns: each stretch on the other side than the one before.

        The tick at which it turns belongs to the stretch before.
        """
        x = self._x(axis, axis.points)
        (self.axis_lines_[axis.name],) = self.ax_.plot(
            [x.min(), x.max()],
            [y, y],
            color=BLACK,
            linewidth=1,
            solid_capstyle="butt",
            gid=axis.name,
        )
        look: Look = {"ha": "center", "fontsize": LABELS, "zorder": 3}
        texts = [
            self._write(at, y, value_text(value, axis.kind, 12), **look)
            for at, value in zip(x, axis.ticks, strict=True)
        ]
        self.tick_labels_[axis.name] = []
        sizes = np.array([text_size(text)[0] for text in texts]) + GAP
        sides = stretches(directions)
        placed = [
            (i, float(x[i]), side)
            for side in (0, 1)
            for i in kept_apart(x, sizes, np.flatnonzero(sides == side))
        ]
        for side, sign in ((0, -1), (1, 1)):
            at = x[sides == side]
            self.ax_.vlines(at, y, y + sign * TICK, color=BLACK, linewidth=0.7)
        self._put(texts, placed, x, y, axis.name)

    def _place(
        self, axis: NomogramAxis, ticks: np.ndarray, x: np.ndarray, sizes: np.ndarray
    ) -> Placed:
        """Choose the tick labels that keep clear of each other, and their places."""
        if axis.kind in ("discrete", "categorical"):
            left, right = self._span
            return in_two_rows(x, sizes, (left - OVERHANG, right + OVERHANG))
        if axis.name == "probability" and axis.kind == "scale":
            return by_rank(ticks.astype(float), x, sizes)
        return thinned(ticks.astype(float), x, sizes)

    def _put(
        self, texts: list[Text], placed: Placed, x: np.ndarray, y: float, name: str
    ) -> None:
        """Move the chosen labels to their places, with leaders; remove the others."""
        half_height = max(text_size(text)[1] for text in texts) / 2
        for i, at, row in placed:
            side = 1 if row else -1
            texts[i].set_position((at, y + side * (TICK + 1.5 + half_height)))
            self.tick_labels_[name].append(texts[i])
            if row or abs(at - x[i]) > 1:
                self.ax_.plot(
                    [x[i], x[i], at],
                    [y, y + side * TICK / 2, y + side * (TICK + 1)],
                    color=GREY,
                    linewidth=0.5,
                )
        for text in texts:
            if text not in self.tick_labels_[name]:
                text.remove()

    def _mark_patient(self, worked: Worked) -> None:
        left, right = self._span
        for row, axis in enumerate(self._axes):
            if axis.name not in worked:
                continue
            x = float(self._x(axis, worked[axis.name][0]))
            marker = "<" if x < left - 1e-6 else ">" if x > right + 1e-6 else "o"
            (self.patient_markers_[axis.name],) = self.ax_.plot(
                [min(max(x, left), right)],
                [self._y(row)],
                marker=marker,
                markersize=5,
                color=VERMILION,
                linestyle="none",
                zorder=4,
                clip_on=False,
            )
