"""Features of the absolute gradient."""

import numpy as np

from sklearn_orn._numba import INDEX, inlined
from sklearn_orn.texture._histogram import moments


@inlined
def gradient_features(levels, places, width, work, out, at):
    """Write mean, variance, skewness, kurtosis and share of nonzero gradients.

    Over the pixels whose four direct neighbours lie in the ROI; NaN without any.
    `levels` are flat: from 1 inside, 0 outside, with a margin of at least 1; `work` has
    room for all gradients.
    """
    n = nonzero = np.int64(0)
    for place in places:
        up = np.int64(levels[INDEX(place - width)])
        down = np.int64(levels[INDEX(place + width)])
        left = np.int64(levels[INDEX(place - 1)])
        right = np.int64(levels[INDEX(place + 1)])
        rise, run = up - down, right - left
        work[INDEX(n)] = rise * rise + run * run
        n += up * down * left * right > 0
    for i in range(n):
        nonzero += work[INDEX(i)] > 0.0
        work[INDEX(i)] = np.sqrt(work[INDEX(i)])
    if n:
        for moment in moments(work, n):
            out[at] = moment
            at += 1
        out[at] = nonzero / n
