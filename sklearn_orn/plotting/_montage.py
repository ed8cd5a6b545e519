"""All lesions of a cohort with every reader's outline, to be looked at."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from sklearn_orn._block_names import IMAGE, LESION, parse_block
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Region, as_lesions
from sklearn_orn.images.shared import ReadableLesion, unmapped
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._types import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.typing import LineStyleType

__all__ = ["MontageDisplay", "Panel", "lesion_panels"]

_MARGIN = 0.6  # of the ROI's longer side, on each side
_LEAST = 32  # pixels of a panel's side
_PERCENTILES = (1, 99)
_PANEL = 1.9  # inches
COLOURS = ("#E69F00", "#56B4E9", "#F0E442", "#CC79A7", "#009E73")  # on grey levels
_LINES: Sequence[LineStyleType] = ("-", (0, (3, 1.5)), (0, (1, 1.2)), (0, (5, 1, 1, 1)))


@dataclass(frozen=True, eq=False)
class Panel:
    """One lesion of a montage, on one sequence.

    Attributes
    ----------
    title : str
        Row and id of the lesion, behind the sequence if there are several.
    image : ndarray of shape (n_rows, n_columns) or None
        The surroundings of the ROI, None where the lesion cannot be read.
    window : tuple of float
        Grey levels shown as black and white.
    outlines : dict of str to ndarray of shape (n_segments, 2, 2)
        Reader to the edges of his ROI, as pairs of (x, y).
    aspect : float
        Height of a pixel over its width.
    error : str
        Why it cannot be read.
    """

    title: str
    image: np.ndarray | None = None
    window: tuple[float, float] = (0.0, 1.0)
    outlines: dict[str, np.ndarray] | None = None
    aspect: float = 1.0
    error: str = ""


def lesion_panels(lesion: ReadableLesion) -> list[Panel]:
    """Read a lesion and cut out what the panel of each of its sequences shows.

    One that cannot be read has one panel, which says why.
    """
    try:
        regions = lesion.read()
    except LesionError as error:
        return [Panel(_title(lesion), error=str(error))]
    of_sequence: dict[str, dict[str, Region]] = {}
    for name, region in regions.items():
        found = of_sequence.setdefault(parse_block(name).sequence, {})
        found[outline_name(name)] = region
    return [_panel(lesion, name, found) for name, found in of_sequence.items()]


def _panel(lesion: ReadableLesion, sequence: str, regions: dict[str, Region]) -> Panel:
    first = next(iter(regions.values()))
    shared = {r: region for r, region in regions.items() if _same(region, first)}
    union = np.logical_or.reduce([region.mask for region in shared.values()])
    box = _box(union)
    image = np.array(first.image[box])
    low, high = np.percentile(image, _PERCENTILES)
    rows, columns = first.spacing or (1.0, 1.0)
    return Panel(
        _title(lesion, sequence),
        image,
        (float(low), float(max(high, low + 1))),
        {reader: outline(region.mask[box]) for reader, region in shared.items()},
        rows / columns,
    )


def outline_name(block: str) -> str:
    """Return the region and the reader of a block, as far as they have names."""
    parts = parse_block(block)
    named = (parts.region if parts.region != LESION else "", parts.reader)
    return ", ".join(filter(None, named))


def outline(mask: np.ndarray) -> np.ndarray:
    """Find the pixel edges between an ROI and its surroundings.

    It returns start and end of each as (x, y), of shape (n_segments, 2, 2); pixel
    centres are whole numbers.

    Examples
    --------
    >>> import numpy as np
    >>> len(outline(np.ones((1, 1), dtype=bool)))
    4
    """
    padded = np.pad(mask, 1)
    rows, columns = np.nonzero(padded[1:] != padded[:-1])
    across = np.stack([columns - 1.5, rows - 0.5, columns - 0.5, rows - 0.5], axis=1)
    rows, columns = np.nonzero(padded[:, 1:] != padded[:, :-1])
    down = np.stack([columns - 0.5, rows - 1.5, columns - 0.5, rows - 0.5], axis=1)
    segments: np.ndarray = np.concatenate([across, down]).reshape(-1, 2, 2)
    return segments


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    """Cut a square around the ROI, as far as the image goes."""
    inside = np.argwhere(mask)
    low, high = inside.min(axis=0), inside.max(axis=0) + 1
    side = max(int((1 + 2 * _MARGIN) * (high - low).max()), _LEAST)
    start = np.maximum((low + high - side) // 2, 0)
    stop = np.minimum(start + side, mask.shape)
    start = np.maximum(stop - side, 0)
    return slice(start[0], stop[0]), slice(start[1], stop[1])


def _same(region: Region, first: Region) -> bool:
    return region.image is first.image or np.array_equal(region.image, first.image)


def _title(lesion: ReadableLesion, sequence: str = "") -> str:
    row = getattr(lesion, "row", None)
    label = getattr(unmapped(lesion), "lesion", None)
    parts = [] if sequence in ("", IMAGE) else [sequence]
    parts += [] if row is None else [f"row {row}"]
    parts += [] if label is None else [str(label)]
    return " \N{MIDDLE DOT} ".join(parts) or lesion.name


class MontageDisplay(Display, kw_only=False):
    """Every lesion of a cohort in a panel, windowed, with the readers' outlines.

    With several sequences each has a panel of its own.

    A look at it finds what no check does: the wrong lesion, a mirrored mask, an image
    of another sequence.

    Parameters
    ----------
    panels : list of Panel
        One per lesion and sequence.

    Attributes
    ----------
    figure_ : Figure
        The figure.
    axes_ : ndarray of Axes
        One per panel, in the order of the cohort.

    See Also
    --------
    sklearn_orn.images.check_cohort : What a program can find.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.plotting import MontageDisplay
    >>> image = np.arange(4096).reshape(64, 64)
    >>> mask = np.zeros((64, 64), dtype=bool)
    >>> mask[20:30, 20:40] = True
    >>> display = MontageDisplay.from_cohort([(image, mask)])
    >>> display.panels[0].title
    'row 0'
    """

    panels: list[Panel]

    _texts = """
n_columns : int, default=6
    Panels in a row.
"""

    @classmethod
    def from_cohort(cls, cohort: object, *, n_columns: int = 6) -> Self:
        """Read a cohort and draw it.

        Parameters
        ----------
        cohort : DataFrame of paths, or sequence of Lesion
            One row per lesion. One lesion is read at a time, and only the
            surroundings of its ROI are kept.
        """
        lesions = as_lesions(cohort)
        panels = [panel for lesion in lesions for panel in lesion_panels(lesion)]
        return cls(panels).plot(n_columns=n_columns)

    def plot(self, *, n_columns: int = 6) -> Self:
        """Draw all panels."""
        from matplotlib.figure import Figure

        columns = max(min(n_columns, len(self.panels)), 1)
        rows = math.ceil(len(self.panels) / columns)
        readers = self._readers()
        size = (_PANEL * max(columns, 2), (_PANEL + 0.22) * rows + 0.4)
        figure = Figure(figsize=size, layout="constrained", facecolor="white")
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for ax in grid:
            ax.set_axis_off()
        for ax, panel in zip(grid, self.panels, strict=False):
            _draw(ax, panel, readers)
        _legend(figure, [reader for reader in readers if reader])
        self.figure_ = figure
        self.axes_ = grid[: len(self.panels)]
        return self

    def _readers(self) -> list[str]:
        return list(dict.fromkeys(r for p in self.panels for r in p.outlines or ()))


def _style(readers: list[str], reader: str) -> Look:
    number = readers.index(reader)
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": _LINES[number % len(_LINES)],
        "linewidth": 1.2,
    }


def _draw(ax: Axes, panel: Panel, readers: list[str]) -> None:
    from matplotlib.collections import LineCollection

    colour = "black" if panel.image is not None else "#B00020"
    title = textwrap.shorten(panel.title, 30)
    # With a place it is not moved out of the way of ticks, which there are none of.
    ax.set_title(title, y=1.0, fontsize=7, color=colour, pad=2)
    if panel.image is None:
        ax.set_box_aspect(1)
        text = "\n".join(textwrap.wrap(panel.error, 34)[:9])
        ax.text(0.02, 0.98, text, fontsize=5, color=colour, va="top")
        return
    low, high = panel.window
    ax.imshow(
        panel.image,
        cmap="gray",
        vmin=low,
        vmax=high,
        interpolation="nearest",
        aspect=panel.aspect,
    )
    for reader, segments in (panel.outlines or {}).items():
        lines = LineCollection(_joined(segments), **_style(readers, reader))
        lines.set_gid(reader)
        ax.add_collection(lines)


def _joined(segments: np.ndarray) -> list[np.ndarray]:
    """Join edges to lines, so that dashes run along the whole outline."""
    following: dict[tuple[float, float], list[int]] = {}
    for number, ends in enumerate(segments):
        for x, y in ends:
            following.setdefault((x, y), []).append(number)
    left = set(range(len(segments)))
    lines = []
    while left:
        number = left.pop()
        start, end = (tuple(point) for point in segments[number])
        line = [start, end]
        while free := [n for n in following[line[-1]] if n in left]:
            left.discard(free[0])
            a, b = (tuple(point) for point in segments[free[0]])
            line.append(b if a == line[-1] else a)
        lines.append(np.array(line))
    return lines


def _legend(figure: Figure, readers: list[str]) -> None:
    from matplotlib.lines import Line2D

    if not readers:
        return
    handles = [Line2D([], [], label=r, **_style(readers, r)) for r in readers]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=min(len(readers), 6),
        fontsize=7,
        frameon=False,
    )
