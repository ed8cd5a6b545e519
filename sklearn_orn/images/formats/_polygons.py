"""Closed polygons on a grid of pixels."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

_ROUNDED = 1e-3  # pixels: coordinates are rounded on export
_EXACT = 1e-6  # pixels: only the last digits of a float may be off elsewhere
_STRIP = 0.05  # of the smaller of two contours: what two touching outlines share


class Drawn(NamedTuple):
    """The pixel centres that one polygon encloses, and those on its outline.

    Both are of the box around it, whose first pixel is `corner`.
    """

    corner: tuple[int, int]
    inside: np.ndarray
    on: np.ndarray

    @property
    def box(self) -> tuple[slice, slice]:
        """Where they lie on the grid."""
        rows, columns = self.inside.shape
        row, column = self.corner
        return slice(row, row + rows), slice(column, column + columns)


def draw_polygons(
    polygons: Iterable[np.ndarray], shape: tuple[int, int]
) -> list[Drawn]:
    """Find the pixel centres inside each polygon, and those on its outline."""
    drawn = []
    for polygon in polygons:
        low = np.clip(np.floor(polygon.min(axis=0)), 0, shape).astype(int)
        high = np.clip(np.ceil(polygon.max(axis=0)) + 1, low, shape).astype(int)
        box = (int(high[0] - low[0]), int(high[1] - low[1]))
        on = _on_outline(polygon - low, box)
        inside = _enclosed(polygon - low, box) & ~on
        drawn.append(Drawn((int(low[0]), int(low[1])), inside, on))
    return drawn


def combine(drawn: Sequence[Drawn], shape: tuple[int, int]) -> np.ndarray:
    """Join what polygons enclose to one mask; the second of two cuts a hole.

    A pixel belongs to the ROI when its centre lies inside an odd number of polygons
    (XOR, as DICOM prescribes for CLOSEDPLANAR_XOR, and as inner contours of
    CLOSED_PLANAR are meant), or on an outline, be it that of a hole: programs that
    trace a mask from pixel centre to pixel centre go through pixels of the ROI. What is
    drawn twice is nothing.
    """
    inside, on = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for one in _without_pairs(drawn):
        inside[one.box] ^= one.inside
        on[one.box] |= one.on
    return inside | on


def mask_of_polygons(
    polygons: Iterable[np.ndarray], shape: tuple[int, int]
) -> np.ndarray:
    """Return the mask of polygons of places (x, y) in pixels."""
    turned = [polygon[:, ::-1] for polygon in polygons]
    return combine(draw_polygons(turned, shape), shape)


def cross(first: Drawn, second: Drawn) -> bool:
    """Tell whether two polygons overlap, and neither lies in the other.

    A strip of less than a twentieth of the smaller one does not count.
    """
    row, column = np.maximum(first.corner, second.corner)
    ends = [np.add(one.corner, one.inside.shape) for one in (first, second)]
    last_row, last_column = np.minimum(*ends)
    if row >= last_row or column >= last_column:
        return False
    parts = []
    for one in (first, second):
        rows = slice(row - one.corner[0], last_row - one.corner[0])
        columns = slice(column - one.corner[1], last_column - one.corner[1])
        parts.append((one.inside[rows, columns], one.on[rows, columns]))
    (a, on_a), (b, on_b) = parts
    areas = first.inside.sum(), second.inside.sum()
    shared = (a & b).sum()
    own = areas[0] - (a & (b | on_b)).sum(), areas[1] - (b & (a | on_a)).sum()
    return bool(min(own) > 0 and shared > _STRIP * min(areas))


def _without_pairs(drawn: Sequence[Drawn]) -> list[Drawn]:
    """Leave out what was drawn twice, outlines and all."""
    odd: dict[tuple[object, ...], Drawn] = {}
    for one in drawn:
        key = (
            one.corner,
            one.inside.shape,
            np.packbits(one.inside).tobytes(),
            np.packbits(one.on).tobytes(),
        )
        if odd.pop(key, None) is None:
            odd[key] = one
    return list(odd.values())


def _enclosed(polygon: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Find the pixel centres left of which a row crosses an odd number of edges.

    Those on an edge may be found or not.
    """
    rows, columns = shape
    ends = np.roll(polygon, -1, axis=0)
    low = np.clip(np.ceil(np.minimum(polygon, ends)[:, 0]), 0, rows).astype(int)
    high = np.clip(np.ceil(np.maximum(polygon, ends)[:, 0]), low, rows).astype(int)
    edges, nth = _counted(high - low)
    row, start, step = low[edges] + nth, polygon[edges], (ends - polygon)[edges]
    crossed = start[:, 1] + (row - start[:, 0]) / step[:, 0] * step[:, 1]
    column = np.clip(np.ceil(crossed), 0, columns).astype(int)
    place = row * (columns + 1) + column
    found = np.bincount(place, minlength=rows * (columns + 1))
    crossings = found.reshape(rows, columns + 1)[:, :columns] & 1
    odd: np.ndarray = np.bitwise_xor.accumulate(crossings, axis=1) == 1
    return odd


def _counted(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each edge, repeated by its count, and a running number."""
    edges = np.repeat(np.arange(len(counts)), counts)
    return edges, np.arange(len(edges)) - np.repeat(np.cumsum(counts) - counts, counts)


def _on_outline(polygon: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Find the pixel centres on the edges of a polygon.

    An edge meets each row, or each column, that it crosses once: the one that it runs
    along more steeply. One centre there can lie on it. Edges from pixel centre to pixel
    centre were traced and may be off by a thousandth, others by a millionth.
    """
    on = np.zeros(shape, dtype=bool)
    starts = np.asarray(polygon, dtype=float)
    steps = np.roll(starts, -1, axis=0) - starts
    traced = np.hypot(*(starts - np.rint(starts)).T) <= _ROUNDED
    margins = np.where(traced & np.roll(traced, -1), _ROUNDED, _EXACT)
    for major in (0, 1):
        longer = np.abs(steps[:, major]) >= np.abs(steps[:, 1 - major])
        if major == 1:
            longer &= np.abs(steps[:, 0]) < np.abs(steps[:, 1])
        centres = _centres(starts[longer], steps[longer], margins[longer], major)
        valid = (centres >= 0).all(axis=1) & (centres < shape).all(axis=1)
        on[tuple(centres[valid].T)] = True
    return on


def _centres(
    starts: np.ndarray, steps: np.ndarray, margins: np.ndarray, major: int
) -> np.ndarray:
    """Return the pixel centres, as (row, column), on edges steep along `major`."""
    ends = starts + steps
    low = np.minimum(starts, ends)[:, major] - margins
    high = np.maximum(starts, ends)[:, major] + margins
    first = np.ceil(low).astype(int)
    counts = np.maximum(np.floor(high).astype(int) - first + 1, 0)
    edges, nth = _counted(counts)
    start, step = starts[edges], steps[edges]
    length = np.where(step[:, major] == 0, 1.0, step[:, major])
    along = first[edges] + nth
    share = np.clip((along - start[:, major]) / length, 0, 1)
    centres = np.rint(start + share[:, None] * step).astype(int)
    near = _distances(centres, start, step) <= margins[edges]
    return centres[near]


def _distances(points: np.ndarray, starts: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Measure how far each point lies from its edge."""
    offsets = points - starts
    squares = (steps**2).sum(axis=1)
    share = (offsets * steps).sum(axis=1) / np.where(squares == 0, 1.0, squares)
    rest = offsets - np.clip(share, 0, 1)[:, None] * steps
    return np.hypot(rest[:, 0], rest[:, 1])
