"""The grey-level window of one ROI: mean and 3 SD, or from 1 % to 99 %."""

import math

import numpy as np

from sklearn_orn.images import Region
from sklearn_orn.texture._histogram import percentile
from sklearn_orn.texture._quantize import grey_unit, ordered_window

Window = tuple[float, float]


def grey_level_window(region: Region, method: str) -> Window:
    """Return the window (lo, hi) of one ROI, by any method but ``"none"``.

    Of whole numbers in terms of MaZda's ``v = v0 + 1``, the limits of 3 sigma cut to
    whole numbers; of fractions in their own unit, so that it goes with the unit. An
    empty window is widened.
    """
    top, bottom, left, right = region.bounds
    box = np.s_[top:bottom, left:right]
    values = region.image[box][region.mask[box]].astype(np.float64)
    scale = grey_unit(region.image)
    if scale.whole:
        values += scale.base - scale.offset
    if method in ("1-99", "1-99-below"):
        values.sort()
        if method == "1-99":
            lo, hi = percentile(values, 1), percentile(values, 99)
        else:
            lo, hi = _limits_below(values, whole=scale.whole)
        return ordered_window(scale, lo, hi)
    if not scale.whole and values.min() == values.max():
        return ordered_window(scale, values[0], values[0])
    mean = np.add.reduce(values) / len(values)
    deviations = values - mean
    deviations *= deviations
    reach = 3 * math.sqrt(np.add.reduce(deviations) / len(values))
    lo, hi = float(mean - reach), float(mean + reach)
    if scale.whole:
        lo, hi = _cut(lo), _cut(hi)
    return ordered_window(scale, lo, hi)


def _cut(bound: float) -> float:
    """Cut towards zero; what is an integer but for rounding errors is that integer."""
    return math.trunc(round(bound * 1e9) / 1e9)


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
