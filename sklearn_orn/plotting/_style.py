"""What the figures share: colours, line styles, and labels that keep apart."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.isotonic import isotonic_regression

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.text import Text

# Okabe and Ito's colours without the pale ones; each differs in line style too.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"
BLACK, GREY, PALE = "#000000", "#666666", "#BBBBBB"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, "#56B4E9", "#B07A00", BLACK)
LINES = ("-", "--", "-.", ":")
TEXT = "small"

COLUMN_WIDTH = 3.5
PAGE_WIDTH = 7.0


def get_axes(
    ax: "Axes | None", figsize: tuple[float, float] = (COLUMN_WIDTH, 3.3)
) -> "tuple[Figure | SubFigure, Axes]":
    """Return the axes to draw on and their figure; a new one for None."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    return ax.figure, ax


def label_axes(ax: "Axes", x: str, y: str) -> None:
    """Set the axis labels and the size of all tick labels."""
    ax.set_xlabel(x, fontsize=TEXT)
    ax.set_ylabel(y, fontsize=TEXT)
    ax.tick_params(labelsize=TEXT)
    ax.spines[["top", "right"]].set_visible(False)


def add_legend(ax: "Axes", inside: Any = None, title: str | None = None) -> None:
    """Draw the legend above the axes, or in a corner that no curve passes through.

    Parameters
    ----------
    ax : Axes
        Axes with all their curves.
    inside : str, default=None
        Corner to prefer, such as "lower right". The chance line may pass there.
    title : str, default=None
        Text over its left edge.
    """
    if inside is not None:
        legend = ax.legend(
            loc=inside, fontsize=TEXT, framealpha=0.9, edgecolor="none", borderpad=0.2
        )
        legend_title(ax, title)
        axes_size(ax)
        if not _is_crossed(ax, legend.get_window_extent()):
            return
    for columns in (1,) if inside else (2, 1):
        legend = ax.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1.01),
            ncols=columns,
            fontsize=TEXT,
            frameon=False,
            borderaxespad=0,
            columnspacing=1.2,
        )
        legend_title(ax, title)
        axes_size(ax)
        if legend.get_window_extent().x1 <= ax.figure.bbox.x1:
            return


def _is_crossed(ax: "Axes", box: Any) -> bool:
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


def legend_title(ax: "Axes", title: str | None) -> None:
    """Give the legend a title over its left edge; None leaves it without."""
    legend = ax.get_legend()
    if title is not None and legend is not None:
        legend.set_title(title)
        legend.get_title().set_fontsize(TEXT)
        legend.set_alignment("left")


def next_style(ax: "Axes", kind: str) -> dict[str, Any]:
    """Return colour and line style of the next curve of one kind on these axes."""
    n = sum(line.get_gid() == kind for line in ax.lines)
    return {
        "color": COLOURS[n % len(COLOURS)],
        "linestyle": LINES[n % len(LINES)],
        "gid": kind,
    }


def has_line(ax: "Axes", kind: str, y: Any = None) -> bool:
    """Tell whether the axes already show such a line (with these y values)."""
    lines = [line for line in ax.lines if line.get_gid() == kind]
    if y is None:
        return bool(lines)
    return any(np.array_equal(line.get_ydata(), y) for line in lines)


def axes_size(ax: "Axes") -> tuple[float, float]:
    """Width and height of the axes in points (1/72 in), after layout."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    box = ax.get_window_extent()
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


@lru_cache(maxsize=4)
def text_renderer(dpi: float) -> Any:
    """Return what measures texts; matplotlib makes one as large as the figure."""
    from matplotlib.backends.backend_agg import RendererAgg

    make: Any = RendererAgg
    return make(1, 1, dpi)


def text_size(text: "Text") -> tuple[float, float]:
    """Width and height of a text in points (1/72 in)."""
    figure = text.get_figure(root=True)
    assert figure is not None
    box = text.get_window_extent(text_renderer(figure.dpi))
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


def spread(
    wanted: np.ndarray, sizes: np.ndarray, limits: tuple[float, float]
) -> np.ndarray:
    """Move labels along a line as little as possible until none overlaps.

    Parameters
    ----------
    wanted : ndarray of shape (n_labels,)
        Ascending centres the labels should have.
    sizes : ndarray of shape (n_labels,)
        Extent of each label, its gap included.
    limits : tuple of float
        The labels stay between them as far as there is room.

    Returns
    -------
    ndarray of shape (n_labels,)
        The centres. Their order is kept, and the sum of squared moves is least: with
        the labels' own extents taken off, that is an isotonic regression.
    """
    offsets = np.concatenate([[0.0], np.cumsum((sizes[:-1] + sizes[1:]) / 2)])
    low = limits[0] + sizes[0] / 2
    high = max(low, limits[1] - sizes[-1] / 2 - offsets[-1])
    return np.clip(isotonic_regression(wanted - offsets), low, high) + offsets


def fits(centres: Sequence[float] | np.ndarray, sizes: np.ndarray) -> bool:
    """Tell whether labels at ascending centres keep clear of one another."""
    return bool(np.all(np.diff(centres) >= (sizes[:-1] + sizes[1:]) / 2))


def number(value: float, digits: int = 12) -> str:
    """Write a number as short as possible, with a true minus sign."""
    text = f"{value:.{digits}g}"
    if 10**digits <= abs(value) < 1e12:
        text = f"{value:.0f}"
    return text.replace("-", "\N{MINUS SIGN}")


def binary_response(estimator: Any, X: Any, method: str) -> np.ndarray:
    """Return the score or the probability of the positive class."""
    if method == "predict_proba":
        return np.asarray(estimator.predict_proba(X))[:, 1]
    return np.asarray(getattr(estimator, method)(X))
