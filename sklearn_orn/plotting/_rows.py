"""Rows of estimates with their intervals, and what they are in numbers beside them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sklearn_orn.plotting._style import GREY, TEXT, label_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

Limits = tuple[float, float]


def begin(ax: "Axes", n_rows: int, reach: Limits, no_effect: float) -> "Line2D":
    """Set the ends of both axes, the first row on top, and draw the line of no effect.

    A logarithmic axis is one before.
    """
    ax.set_xlim(*reach)
    ax.set_ylim(n_rows - 0.5, -0.5)
    return ax.axvline(
        no_effect, color=GREY, linestyle=":", linewidth=1, gid="reference"
    )


def interval(
    ax: "Axes", y: float, limits: Limits, colour: str, width: float = 1.0
) -> "Line2D":
    """Draw an interval as far as the axis goes; an arrow head says that it goes on."""
    low, high = ax.get_xlim()
    x = np.clip(limits, low, high)
    (line,) = ax.plot(x, [y, y], color=colour, linewidth=width, solid_capstyle="butt")
    for end, beyond, head in (
        (low, limits[0] < low, "<"),
        (high, limits[1] > high, ">"),
    ):
        if beyond:
            ax.plot([end], [y], head, markersize=4, color=colour, clip_on=False)
    return line


def beside(ax: "Axes", y: float, text: str, colour: str | None = None) -> "Text":
    """Write a row in numbers, on the right of the axes."""
    return ax.annotate(
        text,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=TEXT,
        color=colour,
        parse_math=False,
    )


def end(ax: "Axes", names: Sequence[str], label: str, pad: float) -> None:
    """Name the rows, `pad` points from the axis, and what is along it."""
    ax.set_yticks(range(len(names)), names, fontsize=TEXT, parse_math=False)
    ax.tick_params(axis="y", length=0, pad=pad)
    label_axes(ax, label, "")
    ax.spines["left"].set_visible(False)
