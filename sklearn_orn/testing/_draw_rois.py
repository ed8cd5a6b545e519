"""Hypothesis strategies of ROIs, by topology."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Shape = tuple[int, int]
Limits = tuple[int, int]


@st.composite
def _spans(draw: st.DrawFn, start: int, stop: int, least: int = 1) -> Limits:
    """Draw first and one past the last of some of start .. stop - 1."""
    length = draw(st.integers(least, stop - start))
    first = draw(st.integers(start, stop - length))
    return first, first + length


def _filled(shape: Shape, rows: Limits, columns: Limits) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


@st.composite
def _pixel(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    row, column = (draw(st.integers(0, side - 1)) for side in shape)
    return _filled(shape, (row, row + 1), (column, column + 1))


@st.composite
def _line(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    """Draw two or more pixels in a row, a column or a diagonal."""
    height, width = shape
    steps = [(0, 1)] * (width > 1) + [(1, 0)] * (height > 1)
    steps += [(1, 1), (1, -1)] * (min(shape) > 1)
    down, right = draw(st.sampled_from(steps))
    longest = min([height] * (down > 0) + [width] * (right != 0))
    length = draw(st.integers(2, longest))
    row = draw(st.integers(0, height - 1 - down * (length - 1)))
    column = draw(st.integers(0, width - 1 - abs(right) * (length - 1)))
    if right < 0:
        column += length - 1
    along = np.arange(length)
    mask = np.zeros(shape, dtype=bool)
    mask[row + down * along, column + right * along] = True
    return mask


@st.composite
def _box(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    rows, columns = (draw(_spans(0, side)) for side in shape)
    return _filled(shape, rows, columns)


@st.composite
def _disc(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    """Draw the ellipse in a box."""
    spans = [draw(_spans(0, side)) for side in shape]
    distance = np.zeros(shape)
    for axis, (first, stop) in enumerate(spans):
        places = np.arange(shape[axis]) - (first + stop - 1) / 2
        squares = (places / ((stop - first) / 2)) ** 2
        distance += squares[:, None] if axis == 0 else squares
    return np.asarray(distance < 1)


@st.composite
def _ring(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    """Draw a box with a hole that no pixel of the border opens."""
    outer = [draw(_spans(0, side, 3)) for side in shape]
    inner = [draw(_spans(first + 1, stop - 1)) for first, stop in outer]
    return _filled(shape, *outer) & ~_filled(shape, *inner)


@st.composite
def _islands(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    """Draw two to four boxes that do not touch, not even at a corner."""
    axis = draw(st.sampled_from([a for a in (1, 0) if shape[a] > 2]))
    count = draw(st.integers(2, min(4, (shape[axis] + 1) // 2)))
    # As many strips as islands, each but the last with an empty line at its end.
    borders = np.array_split(np.arange(shape[axis] + 1), count)
    mask = np.zeros(shape, dtype=bool)
    for strip in borders:
        along = draw(_spans(int(strip[0]), int(strip[-1])))
        across = draw(_spans(0, shape[1 - axis]))
        rows, columns = (along, across) if axis == 0 else (across, along)
        mask |= _filled(shape, rows, columns)
    return mask


@st.composite
def _border(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    """Draw a box that ends where the image does, on one side or more."""
    spans = [draw(_spans(0, side)) for side in shape]
    axis, last = draw(st.integers(0, 1)), draw(st.booleans())
    first, stop = spans[axis]
    move = shape[axis] - stop if last else -first
    spans[axis] = first + move, stop + move
    return _filled(shape, *spans)


@st.composite
def _free(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    """Draw each pixel of a part of at most 6 x 6."""
    size = tuple(draw(st.integers(1, min(side, 6))) for side in shape)
    pixels = draw(hnp.arrays(bool, size, elements=st.booleans(), fill=st.nothing()))
    if not pixels.any():
        pixels[0, 0] = True
    places = zip(shape, size, strict=True)
    top, left = (draw(st.integers(0, side - part)) for side, part in places)
    mask = np.zeros(shape, dtype=bool)
    mask[top : top + size[0], left : left + size[1]] = pixels
    return mask


@st.composite
def _whole(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    # Fewer choices count as simpler: without these it would be simpler than a pixel.
    draw(st.tuples(*[st.booleans()] * 5))
    return np.ones(shape, dtype=bool)


Draws = Callable[[Shape], st.SearchStrategy[np.ndarray]]

# Name to the strategy and to the images that have room for it; the simplest first.
_KINDS: dict[str, tuple[Draws, Callable[[int, int], bool]]] = {
    "pixel": (_pixel, lambda height, width: True),
    "line": (_line, lambda height, width: height * width > 1),
    "box": (_box, lambda height, width: True),
    "disc": (_disc, lambda height, width: True),
    "ring": (_ring, lambda height, width: min(height, width) > 2),
    "islands": (_islands, lambda height, width: max(height, width) > 2),
    "border": (_border, lambda height, width: True),
    "free": (_free, lambda height, width: True),
    "whole": (_whole, lambda height, width: True),
}

TOPOLOGIES = tuple(_KINDS)


def rois(
    shape: tuple[int, int], *, topologies: Sequence[str] = TOPOLOGIES
) -> st.SearchStrategy[np.ndarray]:
    """Draw ROIs on images of one shape.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the image, from 1.
    topologies : sequence of str, default=TOPOLOGIES
        What an ROI may be like. Where the image has no room for one of them (a ring
        needs 3 x 3 pixels, islands a side of 3, a line 2 pixels) the others are drawn.

        - ``"pixel"``: one pixel;
        - ``"line"``: two or more pixels along a row, a column or a diagonal;
        - ``"box"``, ``"disc"``: a rectangle, an ellipse;
        - ``"ring"``: a rectangle with a hole;
        - ``"islands"``: two to four rectangles that do not touch;
        - ``"border"``: a rectangle that ends where the image does;
        - ``"free"``: any pixels of a part of at most 6 x 6;
        - ``"whole"``: the whole image.

    Returns
    -------
    SearchStrategy of ndarray of bool, shape `shape`
        At least one pixel is True.

    Raises
    ------
    ValueError
        If a topology is unknown, or the image has room for none of them.

    Notes
    -----
    It shrinks to the topology that stands first in `topologies`, then to the smallest
    of it at the top left: with all of them, to the top left pixel.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import rois
    >>> find(rois((4, 5), topologies=["ring"]), lambda roi: True).astype(int)
    array([[1, 1, 1, 0, 0],
           [1, 0, 1, 0, 0],
           [1, 1, 1, 0, 0],
           [0, 0, 0, 0, 0]])
    """
    unknown = [name for name in topologies if name not in _KINDS]
    if unknown or isinstance(topologies, str):
        raise ValueError(
            f"topologies must hold names of {list(TOPOLOGIES)}, got {topologies!r}."
        )
    height, width = shape
    drawn = [_KINDS[name][0] for name in topologies if _KINDS[name][1](height, width)]
    if not drawn:
        raise ValueError(
            f"An image of {height} x {width} pixels has no room for any of "
            f"{list(topologies)}. Draw a larger image, or name other topologies."
        )
    return st.one_of([draw((height, width)) for draw in drawn])
