"""What the figures share: colours, line styles, and labels that keep apart."""

import math
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
from sklearn.isotonic import isotonic_regression

from sklearn_orn.plotting._types import Look, Panels

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.collections import FillBetweenPolyCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox
    from matplotlib.typing import LineStyleType

# Okabe and Ito's colours without the pale ones; each differs in line style too.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"
BLACK, GREY, PALE = "#000000", "#666666", "#BBBBBB"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, "#56B4E9", "#B07A00", BLACK)
LINES: "Sequence[LineStyleType]" = ("-", "--", "-.", ":")
TEXT = "small"

COLUMN_WIDTH = 3.5
PAGE_WIDTH = 7.0


def panels_of(
    ax: Panels,
    shape: tuple[int, int],
    figsize: tuple[float, float],
    height_ratios: Sequence[float] | None = None,
) -> np.ndarray:
    """Return the axes to draw on, one after the other; those of a new figure for None.

    TypeError for something else than matplotlib's Axes, ValueError for another number.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.subplots(
            *shape,
            sharex=height_ratios is not None,
            squeeze=False,
            height_ratios=height_ratios,
            figsize=figsize,
            layout="constrained",
        )[1].ravel()
    from matplotlib.axes import Axes

    panels = np.asarray(ax, dtype=object).ravel()
    if len(panels) != math.prod(shape):
        wanted = {1: "one", 2: "two", 4: "four"}[math.prod(shape)]
        raise ValueError(f"ax must be {wanted} Axes, got {len(panels)}.")
    for panel in panels:
        if not isinstance(panel, Axes):
            raise TypeError(f"ax must be matplotlib Axes, got {type(panel).__name__}.")
    return panels


def diagonal(ax: "Axes", gid: str | None = None, label: str | None = None) -> "Line2D":
    """Draw the dotted line from (0, 0) to (1, 1)."""
    look: Look = {"color": GREY, "linestyle": ":", "linewidth": 1}
    return ax.plot([0, 1], [0, 1], label=label, gid=gid, **look)[0]


def fill_band(
    ax: "Axes",
    x: np.ndarray,
    limits: Sequence[np.ndarray],
    colour: str,
    alpha: float = 0.15,
) -> "FillBetweenPolyCollection":
    """Fill the band between two limits; NaN leaves a gap."""
    low, high = limits
    return ax.fill_between(x, low, high, color=colour, alpha=alpha, linewidth=0)


def label_axes(ax: "Axes", x: str, y: str) -> None:
    """Set the axis labels and the size of all tick labels."""
    ax.set_xlabel(x, fontsize=TEXT)
    ax.set_ylabel(y, fontsize=TEXT)
    ax.tick_params(labelsize=TEXT)
    ax.spines[["top", "right"]].set_visible(False)


def add_legend(ax: "Axes", *, inside: bool = False, title: str | None = None) -> None:
    """Draw the legend above the axes, or low inside where no curve passes there.

    The chance line may pass there. The title stands over the left edge.
    """
    draw = partial(
        ax.legend, fontsize=TEXT, title=title, title_fontsize=TEXT, alignment="left"
    )
    n_labels = len(ax.get_legend_handles_labels()[1])
    if not n_labels:
        return
    if inside:
        legend = draw(
            loc="lower right", framealpha=0.9, edgecolor="none", borderpad=0.2
        )
        axes_size(ax)
        if not _is_crossed(ax, legend.get_window_extent()):
            return
    draw = partial(draw, loc="lower left", bbox_to_anchor=(0, 1.01), borderaxespad=0)
    for n_columns in (1,) if inside else (2, 1):
        legend = draw(ncols=n_columns, frameon=False, columnspacing=1.2)
        if 1 in (n_columns, n_labels) or _is_narrow(ax, legend):
            return
        axes_size(ax)
        if legend.get_window_extent().x1 <= ax.figure.bbox.x1:
            return


def _is_narrow(ax: "Axes", legend: "Artist") -> bool:
    """Tell whether a legend has room beside the labels, however the axes are laid out.

    Until they are, a fifth of their width is free between two of them.
    """
    tight, axes = ax.get_tightbbox(), ax.get_window_extent()
    labels = 0 if tight is None else axes.x0 - tight.x0
    return labels + legend.get_window_extent().width < 1.15 * axes.width


def _is_crossed(ax: "Axes", box: "Bbox") -> bool:
    """Tell whether a curve or a band passes through a box in pixels."""
    curves = [
        line.get_path().transformed(line.get_transform())
        for line in ax.lines
        if line.get_gid() != "chance"
    ]
    bands = [
        path.transformed(band.get_transform())
        for band in ax.collections
        for path in band.get_paths()
    ]
    return any(path.intersects_bbox(box, filled=False) for path in curves) or any(
        path.intersects_bbox(box, filled=True) for path in bands
    )


def next_style(ax: "Axes", kind: str) -> Look:
    """Return colour and line style of the next curve of one kind on these axes."""
    n = sum(line.get_gid() == kind for line in ax.lines)
    return {
        "color": COLOURS[n % len(COLOURS)],
        "linestyle": LINES[n % len(LINES)],
        "gid": kind,
    }


def has_line(ax: "Axes", kind: str, y: np.ndarray | None = None) -> bool:
    """Tell whether the axes already show such a line (with these y values)."""
    lines = [line for line in ax.lines if line.get_gid() == kind]
    if y is None:
        return bool(lines)
    return any(np.array_equal(line.get_ydata(), y) for line in lines)


def figure_of(artist: "Artist") -> "Figure":
    """Return the whole figure of an artist on it."""
    figure = artist.get_figure(root=True)
    assert figure is not None
    return figure


def axes_size(ax: "Axes") -> tuple[float, float]:
    """Width and height of the axes in points (1/72 in), after layout."""
    figure = figure_of(ax)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    ax.get_tightbbox()  # settles limits and aspect
    box = ax.get_window_extent()
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


@lru_cache(maxsize=4)
def text_renderer(dpi: float) -> "RendererAgg":
    """Return what measures texts; matplotlib makes one as large as the figure."""
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(1, 1, dpi)  # type: ignore[no-untyped-call]


def text_size(text: "Text") -> tuple[float, float]:
    """Width and height of a text in points (1/72 in)."""
    figure = figure_of(text)
    box = text.get_window_extent(text_renderer(figure.dpi))
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


def spread(
    wanted: np.ndarray, sizes: np.ndarray, limits: tuple[float, float]
) -> np.ndarray:
    """Move labels along a line as little as possible until none overlaps.

    The wanted centres ascend; a size has its gap included; the limits hold as far as
    there is room. The order is kept, and the sum of squared moves is least: with the
    labels' own extents taken off, that is an isotonic regression.
    """
    offsets = np.concatenate([[0.0], np.cumsum((sizes[:-1] + sizes[1:]) / 2)])
    low = limits[0] + sizes[0] / 2
    high = max(low, limits[1] - sizes[-1] / 2 - offsets[-1])
    return np.clip(isotonic_regression(wanted - offsets), low, high) + offsets


def fits(centres: Sequence[float] | np.ndarray, sizes: np.ndarray) -> bool:
    """Tell whether labels at ascending centres keep clear of one another."""
    return bool(np.all(np.diff(centres) >= (sizes[:-1] + sizes[1:]) / 2))


def p_text(p_value: float) -> str:
    """Write a p value."""
    if math.isnan(p_value):
        return "p not defined"
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def number(value: float, digits: int = 12) -> str:
    """Write a number as short as possible, with a true minus sign."""
    text = f"{value:.{digits}g}"
    if 10**digits <= abs(value) < 1e12:
        text = f"{value:.0f}"
    return text.replace("-", "\N{MINUS SIGN}")
