"""An axial slice through a neck, drawn from soft-edged ellipses.

Lengths are in millimetres. The origin is the centre of the vertebral body; x runs
to the right of the image (the patient's left), y downwards (posterior).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from sklearn_orn.datasets._contrasts import Contrast

SIZE = 320
PIXEL_MM = 0.625
EDGE_MM = 1.2 * PIXEL_MM  # over which tissues pass into one another
ANTERIOR_MM = 12.0  # how far the vertebral body lies in front of the image's centre

AIR = 0.01  # signal relative to fat, in all sequences
CANAL = (0.0, 17.5, 11.0, 7.2)  # centre x, centre y, radius x, radius y
LATERAL_MASS_X = 15.0

# tissue, centre x, centre y, radius x, radius y, angle in degrees; drawn on both sides
MUSCLES = (
    ("muscle", 44.0, 4.0, 8.0, 20.0, -14.0),  # sternocleidomastoid
    ("muscle", 31.0, 57.0, 27.0, 4.5, -34.0),  # trapezius
    ("muscle", 26.0, 47.0, 19.0, 5.5, -42.0),  # splenius
    ("muscle", 14.0, 45.0, 11.0, 11.5, 20.0),  # semispinalis capitis
    ("muscle", 14.0, 30.5, 11.0, 8.0, -25.0),  # multifidus
    ("muscle", 37.0, 27.0, 7.5, 15.0, 12.0),  # levator scapulae
    ("muscle", 29.0, 7.0, 6.0, 9.5, -8.0),  # scalenes
    ("muscle", 8.0, -12.5, 7.0, 3.2, 12.0),  # longus colli
    ("muscle", 11.0, -43.0, 10.5, 6.5, 10.0),  # strap muscles
    ("gland", 31.0, -30.0, 10.0, 7.5, 25.0),  # submandibular gland
    ("void", 25.0, -13.0, 3.4, 3.2, 0.0),  # carotid artery
    ("vein", 32.5, -10.5, 5.0, 3.8, 30.0),  # jugular vein
)


@dataclass(frozen=True)
class Neck:
    """What all slices of one patient share."""

    width: float  # scales x, 1 on average
    depth: float  # scales y
    fat: float  # thickness of the subcutaneous fat in mm
    marrow: float  # signal of healthy marrow relative to fat
    warp: np.ndarray  # (2, SIZE, SIZE) displacement in mm


def draw_neck(rng: np.random.Generator) -> Neck:
    """Draw one patient's build."""
    width, depth = rng.normal(1.0, 0.05, 2).clip(0.88, 1.12)
    return Neck(
        width=width,
        depth=depth,
        fat=rng.uniform(4.0, 9.0),
        marrow=rng.uniform(0.60, 0.78),
        warp=_draw_warp(rng, 1.6),
    )


def slice_grid(rng: np.random.Generator, neck: Neck) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of each pixel in mm, bent a little as anatomy is."""
    axis = (np.arange(SIZE, dtype=np.float32) - (SIZE - 1) / 2) * PIXEL_MM
    shift = rng.normal(0.0, 1.5, 2).astype(np.float32)
    bend = neck.warp + _draw_warp(rng, 0.8)
    x = (axis[None, :] + shift[0] + bend[0]) / np.float32(neck.width)
    y = (axis[:, None] + ANTERIOR_MM + shift[1] + bend[1]) / np.float32(neck.depth)
    return x, y


def paint_neck(
    x: np.ndarray, y: np.ndarray, neck: Neck, vertebra: str, tissue: Contrast
) -> np.ndarray:
    """Paint the tissues of a slice, relative to fat; no lesion, shading or noise."""
    canvas = Canvas(x, y)
    layers = ((tissue.skin, 0.0), (tissue.fat, 1.6), (tissue.fascia, neck.fat))
    for level, inset in layers:
        canvas.paint(level, 0, 9.5, 63 - inset, 66.5 - 1.3 * inset, power=2.3)
    for name, cx, cy, rx, ry, angle in MUSCLES:
        canvas.paint_pair(getattr(tissue, name), cx, cy, rx, ry, angle=angle)
    _paint_airway(canvas, tissue)
    _paint_vertebra(canvas, neck.marrow, vertebra, tissue)
    return canvas.image


class Canvas:
    """A slice to paint on, of x and y of each pixel in mm."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self.image = np.full(x.shape, AIR, dtype=np.float32)
        self._x, self._y = x, y
        # The grid is bent: each row spans some y, and each column some x.
        self._rows = y.min(axis=1), y.max(axis=1)
        self._columns = x.min(axis=0), x.max(axis=0)

    def paint(
        self,
        level: float,
        *ellipse: float,
        angle: float = 0.0,
        power: float = 2.0,
    ) -> None:
        """Paint one superellipse of a centre and radii in mm, with a soft edge."""
        box = self._box(*ellipse, angle=angle)
        distance = ellipse_distance(
            self._x[box], self._y[box], *ellipse, angle=angle, power=power
        )
        opacity = np.clip(0.5 - distance / EDGE_MM, 0.0, 1.0)
        self.image[box] += opacity * (level - self.image[box])

    def paint_pair(
        self, level: float, cx: float, *others: float, angle: float = 0.0
    ) -> None:
        """Paint one ellipse and its mirror image on the other side."""
        self.paint(level, cx, *others, angle=angle)
        self.paint(level, -cx, *others, angle=-angle)

    def _box(
        self, cx: float, cy: float, rx: float, ry: float, *, angle: float
    ) -> tuple[slice, slice]:
        """Return the pixels that a superellipse can touch."""
        turn = np.deg2rad(angle)
        cos, sin = abs(np.cos(turn)), abs(np.sin(turn))
        grow = 1.0 + EDGE_MM / min(rx, ry)  # half of it is inside; the rest is slack
        across, down = grow * (rx * cos + ry * sin), grow * (rx * sin + ry * cos)
        rows = _overlapping(self._rows, cy - down, cy + down)
        return rows, _overlapping(self._columns, cx - across, cx + across)


def _overlapping(
    spans: tuple[np.ndarray, np.ndarray], low: float, high: float
) -> slice:
    """Return from the first to the last span that reaches into a range."""
    found = np.flatnonzero((spans[0] <= high) & (spans[1] >= low))
    return slice(found[0], found[-1] + 1) if len(found) else slice(0)


def ellipse_distance(
    x: np.ndarray,
    y: np.ndarray,
    cx: float,
    cy: float,
    rx: float,
    ry: float,
    *,
    angle: float = 0.0,
    power: float = 2.0,
) -> np.ndarray:
    """Return the distance to a superellipse's border in mm, negative inside.

    The distance is approximate, exact at the border only.
    """
    turn = np.deg2rad(angle)
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    u = np.abs((x - cx) * cos + (y - cy) * sin) / np.float32(rx)
    v = np.abs((y - cy) * cos - (x - cx) * sin) / np.float32(ry)
    if power == 2.0:
        radius = np.sqrt(u * u + v * v)
    else:
        radius = (u**power + v**power) ** np.float32(1 / power)
    return (radius - 1.0) * np.float32(min(rx, ry))


def smooth_field(rng: np.random.Generator, step: int, size: int = SIZE) -> np.ndarray:
    """Return a smooth random field of unit variance, varying over `step` pixels."""
    weights = _spline_weights(step, size)
    knots = rng.standard_normal((weights.shape[1], weights.shape[1]))
    return (weights @ knots @ weights.T).astype(np.float32, order="C")


@cache
def _spline_weights(step: int, size: int) -> csr_array:
    """Return cubic B-splines with knots every `step` pixels, each row of norm 1.

    Sparse not for the memory: for dense ones BLAS starts threads, which cost more.
    """
    from scipy.sparse import csr_array

    place, part = np.divmod(np.arange(size) / step, 1.0)
    basis = np.stack(
        [
            (1 - part) ** 3,
            4 - 6 * part**2 + 3 * part**3,
            1 + 3 * part + 3 * part**2 - 3 * part**3,
            part**3,
        ]
    )
    basis /= np.linalg.norm(basis, axis=0)
    rows = np.arange(size)
    weights = np.zeros((size, int(place[-1]) + 4))
    for shift, column in enumerate(basis):
        weights[rows, place.astype(int) + shift] = column
    return csr_array(weights)


def _draw_warp(rng: np.random.Generator, amplitude: float) -> np.ndarray:
    """Return a smooth displacement of each pixel in mm."""
    return np.float32(amplitude) * np.stack([smooth_field(rng, 40) for _ in range(2)])


def _paint_airway(canvas: Canvas, tissue: Contrast) -> None:
    """Paint the pharynx: enhancing mucosa around air, constrictor behind it."""
    canvas.paint(tissue.muscle, 0, -20.5, 19, 4.0)
    canvas.paint(tissue.mucosa, 0, -28, 13.5, 8.5)
    canvas.paint(AIR, 0, -28, 11, 6)


def _paint_vertebra(
    canvas: Canvas, marrow: float, vertebra: str, tissue: Contrast
) -> None:
    """Paint bone, cortex first, then the canal with the cord in it."""
    paint, paint_pair = canvas.paint, canvas.paint_pair
    grow = 1.0 + 0.03 * (int(vertebra[1]) - 3)
    for level, rim in ((tissue.cortex, 0.0), (marrow * tissue.marrow, 1.1)):
        paint_pair(level, 9.5, 27, 10 - rim, 2.7 - rim, angle=-38)
        paint_pair(level, LATERAL_MASS_X, 10, 6.2 - rim, 7 - rim, angle=15)
        if vertebra == "C1":
            paint(level, 0, -9.5, 15 - rim, 3 - rim)
            paint(level, 0, 1, 5.5 - rim, 6 - rim)
            continue
        paint_pair(level, 19.5, 3, 6 - rim, 3.2 - rim, angle=12)
        paint(level, 0, 35, 3.2 - rim, 8.5 - rim)
        paint(level, 0, 0, 13.5 * grow - rim, 9 * grow - rim, power=2.6)
    paint_pair(tissue.fascia, 17.5, -0.5, 3.3, 3.1)
    paint_pair(tissue.void, 17.5, -0.5, 2.3, 2.1)
    paint(tissue.fluid, *CANAL)
    paint(tissue.cord, 0, 17, 6.6, 4.3)
