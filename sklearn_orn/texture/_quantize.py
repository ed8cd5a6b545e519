"""Grey levels: MaZda's intensity base, its windows and its quantisation."""

from typing import NamedTuple

import numpy as np

from sklearn_orn._numba import kernel


class GreyScale(NamedTuple):
    """How the stored values of an image become grey levels.

    `offset` is the image's minimum if that is negative, else 0; stored levels are
    ``v0 = pixel - offset``, and the whole image fits in `bits` bits.
    """

    offset: float
    bits: int


def grey_scale(image: np.ndarray) -> GreyScale:
    """Return offset and bit depth of a whole image.

    MaZda knows no negative values: an image that has them is shifted by its
    minimum. The depth is ``ceil(log2(max(v0 + 1)))`` over the whole image.
    """
    lowest = 0 if image.dtype.kind in "ub" else image.min()
    highest = image.max()
    offset = float(min(lowest, 0))
    top = float(highest) - offset
    return GreyScale(offset, int(np.ceil(np.log2(top + 1))))


@kernel
def quantize(values, inside, lo, hi, full_range, n_levels, margin):
    """Levels 1..n_levels of the pixels inside, 0 elsewhere, with a zero margin.

    With `full_range` the window is the image's bit range and the rule MaZda's
    default, ``floor(v0 * n_levels / 2^k) + 1``, `hi` being ``2^k``. Otherwise it is
    ``1 + clip(floor((v0 - lo) * (n_levels - 1) / (hi - lo) + 0.5))``.
    """
    height, width = values.shape
    levels = np.zeros((height + 2 * margin, width + 2 * margin), np.int32)
    for i in range(height):
        for j in range(width):
            if not inside[i, j]:
                continue
            v0 = values[i, j]
            if full_range:
                level = np.floor(v0 * n_levels / hi)
            else:
                level = np.floor((v0 - lo) * (n_levels - 1) / (hi - lo) + 0.5)
            level = min(max(level, 0.0), n_levels - 1.0)
            levels[i + margin, j + margin] = np.int32(level) + 1
    return levels
