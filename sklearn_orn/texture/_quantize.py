"""Grey levels: MaZda's intensity base, its windows and its quantisation."""

from typing import NamedTuple, TypeAlias

import numpy as np

from sklearn_orn._numba import INDEX, part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.shared import holds_whole_numbers

# Of a level: numbers stored in single precision, in another unit, have errors of 1e-5.
_SLACK = 1e-4
_LARGEST = 1e60  # its fourth power, which kurtosis takes, is a number still


class GreyScale(NamedTuple):
    """How the stored values of an image become grey levels.

    Of whole numbers, `offset` is the image's minimum if that is negative, else 0;
    stored levels are ``v0 = pixel - offset``, MaZda's grey levels ``v = v0 + base``
    with a `base` of 1, and the whole image fits in `bits` bits. Fractions have a unit
    of their own: `offset`, `base` and `bits` are 0, and `lowest` and `highest` of the
    whole image take the place of the bit range.
    """

    offset: float
    bits: int
    base: float = 1.0
    slack: float = 0.0
    lowest: float = 0.0
    highest: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether the image holds whole numbers, as MaZda's rules need them."""
        return self.base == 1.0


_UNSIGNED = GreyScale(0.0, 0)


def grey_scale(image: np.ndarray) -> GreyScale:
    """Return offset and bit depth of a whole image, or the limits of fractions.

    MaZda knows no negative values: an image that has them is shifted by its
    minimum. The depth is ``ceil(log2(max(v0 + 1)))`` over the whole image. A
    LesionError is raised for numbers that no unit makes.
    """
    lowest = 0 if image.dtype.kind in "ub" else image.min()
    highest = image.max()
    if image.dtype.kind == "f":
        _check_size(float(lowest), float(highest))
    if not holds_whole_numbers(image):
        return GreyScale(0.0, 0, 0.0, _SLACK, float(lowest), float(highest))
    offset = float(min(lowest, 0))
    top = float(highest) - offset
    return GreyScale(offset, int(top).bit_length())


def grey_unit(image: np.ndarray) -> GreyScale:
    """Return the scale without its bits, for which unsigned images need no reading."""
    return _UNSIGNED if image.dtype.kind == "u" else grey_scale(image)


def _check_size(lowest: float, highest: float) -> None:
    """Refuse numbers whose fourth powers, which kurtosis needs, are no numbers."""
    largest, extent = max(abs(lowest), abs(highest)), highest - lowest
    if largest > _LARGEST or 0 < extent < 1 / _LARGEST:
        raise LesionError(
            f"the image holds values from {lowest:g} to {highest:g}; expected a unit "
            f"in which they are at most {_LARGEST:g}, and further apart than "
            f"{1 / _LARGEST:g}. Its file is damaged or read in the wrong byte order; "
            "otherwise store it in another unit."
        )


def ordered_window(scale: GreyScale, lo: float, hi: float) -> tuple[float, float]:
    """Widen an empty window: by one grey level, or by next to nothing of fractions.

    Either way, what is at most `lo` falls on the first level, and what is clearly
    above it on the last.
    """
    if hi > lo:
        return float(lo), float(hi)
    if scale.whole:
        return float(lo), float(lo + 1)
    # Next to nothing beside the image's range, and far from the rounding of doubles.
    width = (scale.highest - scale.lowest or abs(lo)) * 1e-9
    return float(lo), float(max(lo + width, np.nextafter(lo, np.inf)))


# How stored values become levels, from 1: lo, width, lost, shift and slack of
# ``1 + clip(floor((v0 - lo) * (n_levels - lost) / width + shift + slack))``.
GreyLevels: TypeAlias = tuple[float, float, float, float, float]


def grey_levels(scale: GreyScale, window: tuple[float, float] | None) -> GreyLevels:
    """Return the levels of a window; MaZda's default without one: the bit range."""
    if window is None:
        return 0.0, 2.0**scale.bits, 0.0, 0.0, 0.0
    lo, hi = float(window[0]), float(window[1])
    return lo, hi - lo, 1.0, 0.5, scale.slack


@part
def level_of(value, grey, n_levels):
    """Return the level of a value, from 0, as a float."""
    lo, width, lost, shift, slack = grey
    level = np.floor((value - lo) * (n_levels - lost) / width + shift + slack)
    return min(max(level, 0.0), n_levels - 1.0)


@part
def quantize(pixels, places, grey, n_levels, work, levels):
    """Write the levels of pixels, from 1, to their places."""
    for i in range(len(pixels)):
        work[i] = level_of(pixels[i], grey, n_levels)
    for i in range(len(pixels)):
        levels[INDEX(places[INDEX(i)])] = np.int64(work[INDEX(i)]) + 1
