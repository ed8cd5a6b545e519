"""Features of the absolute gradient."""

import numpy as np

from sklearn_orn._numba import kernel
from sklearn_orn.texture._histogram import moments


@kernel
def gradient_features(levels, places, width):
    """Return mean, variance, skewness, kurtosis and share of nonzero gradients.

    Over the pixels whose four direct neighbours lie in the ROI; NaN without any.
    `levels` are flat: from 1 inside, 0 outside, with a margin of at least 1.
    """
    gradients = np.empty(len(places))
    n = nonzero = 0
    for place in places:
        up, down = levels[place - width], levels[place + width]
        left, right = levels[place - 1], levels[place + 1]
        if up == 0 or down == 0 or left == 0 or right == 0:
            continue
        squared = (up - down) ** 2 + (right - left) ** 2
        gradients[n] = np.sqrt(float(squared))
        nonzero += squared > 0
        n += 1
    out = np.full(5, np.nan)
    if n:
        out[0], out[1], out[2], out[3] = moments(gradients[:n])
        out[4] = nonzero / n
    return out
