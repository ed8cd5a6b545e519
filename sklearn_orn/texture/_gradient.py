"""Features of the absolute gradient."""

import numpy as np

from sklearn_orn._numba import part
from sklearn_orn.texture._histogram import moments


@part
def gradient_features(levels, places, width, work, out, at):
    """Write mean, variance, skewness, kurtosis and share of nonzero gradients.

    Over the pixels whose four direct neighbours lie in the ROI; NaN without any.
    `levels` are flat: from 1 inside, 0 outside, with a margin of at least 1; `work` has
    room for all gradients.
    """
    n, nonzero = 0, np.int64(0)
    for place in places:
        up, down = np.int64(levels[place - width]), np.int64(levels[place + width])
        left, right = np.int64(levels[place - 1]), np.int64(levels[place + 1])
        if up * down * left * right == 0:
            continue
        rise, run = up - down, right - left
        squared = rise * rise + run * run
        work[n] = np.sqrt(float(squared))
        nonzero += squared > 0
        n += 1
    if n:
        for moment in moments(work, n):
            out[at] = moment
            at += 1
        out[at] = nonzero / n
