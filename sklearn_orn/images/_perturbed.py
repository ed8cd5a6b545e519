"""Outlines as other readers might have drawn them, from one that was drawn."""

from __future__ import annotations

import hashlib
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from sklearn_orn._validation import Interval, validate_parameter_constraints
from sklearn_orn.images._arrays import as_image_array, as_mask_array, bounding_slices

# Share of a superpixel inside the outline from which it is always taken, and below
# which it never is.
ALWAYS, NEVER = 0.9, 0.2
COMPACTNESS = 0.1  # of superpixels, for grey levels from 0 to 1
_SAMPLES = 2**20  # pixels moved at once: some 50 MB

CONSTRAINTS = {
    "n": [Interval(Integral, 0, None, closed="left")],
    "rotation": [Interval(Real, 0, 180, closed="both")],
    "shift": [Interval(Real, 0, None, closed="left")],
    "growth": [Interval(Real, 0, 1, closed="left")],
    "superpixel": [Interval(Real, 0, None, closed="left")],
    "random_state": [Interval(Integral, 0, None, closed="left")],
}


class Strength(NamedTuple):
    """How far outlines are perturbed, see `perturb_outlines`."""

    rotation: float
    shift: float
    growth: float
    superpixel: float


def perturb_outlines(
    image: ArrayLike,
    mask: ArrayLike,
    n: int = 10,
    *,
    spacing: tuple[float, float] | None = None,
    rotation: float = 6.0,
    shift: float = 0.75,
    growth: float = 0.15,
    superpixel: float = 4.0,
    random_state: int = 0,
) -> np.ndarray:
    """Make outlines as other readers might have drawn them, from one outline.

    Each is turned, shifted and grown or shrunk by amounts drawn at random, evenly
    between the largest in both directions; then its border is drawn anew along
    superpixels of the image.

    Parameters
    ----------
    image : array-like of shape (n_rows, n_columns)
        Grey levels of the slice: superpixels follow them.
    mask : array-like of bool or 0/1 of shape (n_rows, n_columns)
        The outline.
    n : int, default=10
        How many.
    spacing : tuple of float or None, default=None
        Distance between rows and between columns in mm; None takes square pixels.
    rotation : float, default=6.0
        Largest angle in degrees, about the centre of the outline.
    shift : float, default=0.75
        Largest shift along rows and along columns, in pixels.
    growth : float, default=0.15
        Largest change of the area, as a part of it.
    superpixel : float, default=4.0
        Side of a superpixel in pixels, at most a third of the root of the outline's
        area. Below 2 no border is drawn anew.
    random_state : int, default=0
        Seed. With the pixels around the outline it decides everything: the same lesion
        gets the same outlines wherever it stands in a table and whatever measures it,
        and more outlines begin with the same ones.

    Returns
    -------
    ndarray of bool of shape (n, n_rows, n_columns)
        Outlines of one pixel at least, clipped at the image.

    Raises
    ------
    LesionError
        If image or mask cannot be used.
    ValueError
        If a number is outside its range.

    See Also
    --------
    OutlinePerturber : The same as a step of a Pipeline.

    Notes
    -----
    The outline is the zero of a signed distance, which is turned about the centre of
    the outline's pixels and shifted, and read by linear interpolation. The new outline
    are the pixels deepest inside, as many as its new area holds. The image is parted
    into superpixels (SLIC, of compactness 0.1 where grey levels run from 0 to 1). One
    that lies inside by 90 % or more is taken, one by less than 20 % is not, and
    another is taken with the probability of its share inside: a blurred border is
    drawn anew, a sharp one, which superpixels follow, is not. An outline that would
    lose every pixel stays as it was turned.

    Zwanenburg et al. turn and shift the image with the outline, as if the patient lay
    in another way, and add noise. Here the image stays, pixel by pixel, as stored
    values are what is measured, and the outline moves alone: the question is that of
    readers, not of scans. The largest angles, shifts and areas are of the size of
    theirs. The side of the superpixels is chosen such that perturbed outlines of the
    synthetic cohort overlap with the drawn one as its two readers do (Dice 0.89 and
    0.89).

    References
    ----------
    Zwanenburg et al., Sci Rep 2019;9:614.
    Achanta et al., IEEE Trans Pattern Anal Mach Intell 2012;34:2274-2282.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.images import perturb_outlines
    >>> rows, columns = np.mgrid[:64, :64]
    >>> image = np.random.default_rng(0).integers(0, 256, size=(64, 64))
    >>> disc = np.hypot(rows - 32, columns - 32) < 15
    >>> outlines = perturb_outlines(image, disc, n=3)
    >>> outlines.shape
    (3, 64, 64)
    >>> turned = perturb_outlines(image, disc, n=3, growth=0, superpixel=0)
    >>> (turned.sum(axis=(1, 2)) - disc.sum()).tolist()
    [0, 0, 0]
    """
    given = {"n": n, **Strength(rotation, shift, growth, superpixel)._asdict()}
    validate_parameter_constraints(
        CONSTRAINTS, given | {"random_state": random_state}, "perturb_outlines"
    )
    pixels = as_image_array(image)
    inside = as_mask_array(mask, pixels.shape)
    strength = Strength(rotation, shift, growth, superpixel)
    box, parts = perturbed_parts(pixels, inside, n, spacing, strength, random_state)
    masks = np.zeros((n, *inside.shape), dtype=bool)
    masks[:, *box] = parts
    return masks


def perturbed_parts(
    image: np.ndarray,
    mask: np.ndarray,
    n: int,
    spacing: tuple[float, float] | None,
    strength: Strength,
    random_state: int,
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Return the part of the image where outlines may lie, and n outlines on it."""
    grid = np.array(spacing or (1.0, 1.0))
    box = bounding_slices(mask, _room(mask, strength))
    part, pixels = mask[box], image[box].astype(np.float64)
    seed = _seed(part, pixels, random_state)
    moves, picks = (np.random.default_rng([seed, stream]) for stream in (0, 1))
    drawn = moves.uniform(-1.0, 1.0, size=(n, 4))  # the first are the same for any n
    outlines = _moved(part, grid, drawn, strength)
    labels = _superpixels(pixels, part, strength.superpixel)
    if labels is not None:
        outlines = _randomised(outlines, labels, picks)
    return box, outlines


def _room(mask: np.ndarray, strength: Strength) -> tuple[int, int]:
    """Pixels that an outline may need around it; no superpixel takes it further."""
    size = np.count_nonzero(mask)
    box = bounding_slices(mask, (0, 0))
    longest = max(axis.stop - axis.start for axis in box)
    turned = longest * np.sin(np.radians(min(strength.rotation, 90.0))) / 2
    grown = longest * (np.sqrt(1 + strength.growth) - 1) + np.sqrt(size) * 0.05
    room = int(np.ceil(turned + grown + strength.shift + 2 * strength.superpixel + 2))
    return room, room


def _seed(mask: np.ndarray, pixels: np.ndarray, random_state: int) -> int:
    """Seed by what a lesion holds: its row, its file and its process do not count."""
    content = hashlib.sha256(f"{random_state} {mask.shape}".encode())
    content.update(np.packbits(mask).tobytes())
    content.update(np.ascontiguousarray(pixels).tobytes())
    return int.from_bytes(content.digest()[:8], "little")


def _moved(
    mask: np.ndarray, grid: np.ndarray, drawn: np.ndarray, strength: Strength
) -> np.ndarray:
    """Turn, shift and grow an outline; `drawn` are parts of the largest, -1 to 1."""
    depth = _depth(mask, grid)
    centre = np.array(ndimage.center_of_mass(mask)) * grid
    rows, columns = np.indices(mask.shape) * grid[:, None, None]
    rows, columns = rows - centre[0], columns - centre[1]
    turns = np.radians(strength.rotation) * drawn[:, 0]
    shifts = strength.shift * drawn[:, 1:3] * grid
    area = np.count_nonzero(mask)
    areas = np.rint(area * (1 + strength.growth * drawn[:, 3])).astype(int)
    outlines = np.empty((len(drawn), *mask.shape), dtype=bool)
    at_once = max(_SAMPLES // mask.size, 1)
    for first in range(0, len(drawn), at_once):
        some = slice(first, first + at_once)
        cos, sin = np.cos(turns[some, None, None]), np.sin(turns[some, None, None])
        down = rows - shifts[some, 0, None, None]
        along = columns - shifts[some, 1, None, None]
        places = (
            (cos * down + sin * along + centre[0]) / grid[0] + 1,
            (cos * along - sin * down + centre[1]) / grid[1] + 1,
        )
        deep = ndimage.map_coordinates(depth, places, order=1, mode="nearest")
        for number, values in enumerate(deep, first):
            last = values.size - min(max(areas[number], 1), values.size)
            limit = np.partition(values, last, axis=None)[last]
            outlines[number] = values >= limit
    return outlines


def _depth(mask: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Distance in mm to the other side of the outline, negative outside; 1 px wider."""
    framed = np.pad(mask, 1)
    inwards = ndimage.distance_transform_edt(framed, sampling=grid)
    outwards = ndimage.distance_transform_edt(~framed, sampling=grid)
    return np.asarray(inwards - outwards)


def _superpixels(
    pixels: np.ndarray, mask: np.ndarray, side: float
) -> np.ndarray | None:
    """Part pixels into superpixels; None where they would be pixels."""
    side = min(side, np.sqrt(np.count_nonzero(mask)) / 3)
    if side < 2:
        return None
    from skimage.segmentation import slic

    spread = np.ptp(pixels)
    grey = (pixels - pixels.min()) / spread if spread else np.zeros(pixels.shape)
    return np.asarray(
        slic(
            grey,
            n_segments=max(round(pixels.size / side**2), 1),
            compactness=COMPACTNESS,
            channel_axis=None,
            start_label=0,
        )
    )


def _randomised(
    outlines: np.ndarray, labels: np.ndarray, picks: np.random.Generator
) -> np.ndarray:
    """Take superpixels by the share of them that lies inside; one or more pixels."""
    flat = labels.ravel()
    order = np.argsort(flat, kind="stable")
    sizes = np.bincount(flat)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    inside = outlines.reshape(len(outlines), flat.size)[:, order]
    share = np.add.reduceat(inside, starts, axis=1, dtype=np.int64) / sizes
    chance = picks.random(share.shape)
    taken = np.asarray((share >= ALWAYS) | ((share >= NEVER) & (chance < share)))
    drawn = taken[:, flat].reshape(outlines.shape)
    kept = np.asarray(taken.any(axis=1))
    return np.where(kept[:, None, None], drawn, outlines)
