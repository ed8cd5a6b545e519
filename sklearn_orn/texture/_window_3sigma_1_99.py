"""The grey-level window of one ROI: mean and 3 SD, or from 1 % to 99 %."""

import numpy as np

from sklearn_orn.texture._histogram import percentile
from sklearn_orn.texture._quantize import grey_scale, ordered_window

Window = tuple[float, float]


def bounding_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return top, bottom, left, right (bottom and right exclusive) of a mask."""
    width = mask.shape[1]
    # Bytes are searched from both ends: many times faster than NumPy's reductions.
    flat = mask.tobytes()
    top = flat.index(b"\x01") // width
    bottom = flat.rindex(b"\x01") // width + 1
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    return top, bottom, int(columns[0]), int(columns[-1]) + 1


def grey_level_window(image: np.ndarray, mask: np.ndarray, method: str) -> Window:
    """Return the window (lo, hi) of one ROI, by any method but ``"none"``.

    Of whole numbers in terms of MaZda's ``v = v0 + 1``, the limits of 3 sigma cut to
    whole numbers; of fractions in their own unit, so that it goes with the unit. An
    empty window is widened.
    """
    top, bottom, left, right = bounding_box(mask)
    part = mask[top:bottom, left:right]
    values = image[top:bottom, left:right][part].astype(np.float64)
    scale = grey_scale(image)
    if scale.whole:
        values += scale.base - scale.offset
    if method in ("1-99", "1-99-below"):
        values.sort()
        if method == "1-99":
            lo, hi = percentile(values, 1), percentile(values, 99)
        else:
            lo, hi = _limits_below(values, whole=scale.whole)
    elif scale.whole:
        mean, sd = values.mean(), values.std()
        # A bound that is an integer but for rounding errors is that integer.
        lo, hi = np.trunc(np.round([mean - 3 * sd, mean + 3 * sd], 9))
    elif values.min() == values.max():
        lo = hi = values[0]
    else:
        mean, sd = values.mean(), values.std()
        lo, hi = mean - 3 * sd, mean + 3 * sd
    return ordered_window(scale, lo, hi)


def _limits_below(ordered: np.ndarray, *, whole: bool) -> Window:
    """Return the last levels with a cumulated count < n // 100, <= n - n // 100.

    Of whole numbers every one is a level; of fractions levels lie without a gap, so
    the last one below a value is that value.
    """
    n = len(ordered)
    share = n // 100
    if share == 0:  # the counts bound neither end
        return float(ordered[0]), float(ordered[-1])
    # A level's count is below k where the k-th smallest value is above the level.
    above = ordered[[share - 1, n - share]]
    low, high = np.ceil(above) - 1 if whole else above
    return float(low), float(high)
