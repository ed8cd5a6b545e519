"""Energies of the Haar wavelet's subbands."""

import numpy as np

from sklearn_orn._numba import kernel


@kernel
def wavelet_features(values, inside, levels_per_unit, smallest):
    """Return the energies of LL, LH, HL, HH at five scales, shape (5, 4).

    `values` are stored levels ``v0`` of a part of the image whose top-left corner lies
    on the grid of the coarsest blocks; `levels_per_unit` is ``2^b / 2^k``, `b` bits of
    the transform, `k` of the image; `smallest` the shorter side of the whole image's
    subbands at each scale: one under 8 is not computed.
    """
    out = np.full((5, 4), np.nan)
    height, width = values.shape
    low = np.empty((height, width))
    for i in range(height):
        for j in range(width):
            low[i, j] = np.floor(values[i, j] * levels_per_unit)
    roi = inside.copy()
    for scale in range(5):
        height, width = height // 2, width // 2
        if smallest[scale] < 8:
            break
        n = 0
        ll = lh = hl = hh = 0.0
        for i in range(height):
            for j in range(width):
                a, b = low[2 * i, 2 * j], low[2 * i, 2 * j + 1]
                c, d = low[2 * i + 1, 2 * j], low[2 * i + 1, 2 * j + 1]
                mean = (a + b + c + d) / 4
                touched = (
                    roi[2 * i, 2 * j]
                    or roi[2 * i, 2 * j + 1]
                    or roi[2 * i + 1, 2 * j]
                    or roi[2 * i + 1, 2 * j + 1]
                )
                # In place: the block's own corner is read for the last time here.
                low[i, j] = mean
                roi[i, j] = touched
                if touched:
                    n += 1
                    ll += mean * mean
                    lh += ((a + b - c - d) / 4) ** 2
                    hl += ((a - b + c - d) / 4) ** 2
                    hh += ((a - b - c + d) / 4) ** 2
        if n >= 4:
            out[scale, 0] = ll / n
            out[scale, 1] = lh / n
            out[scale, 2] = hl / n
            out[scale, 3] = hh / n
    return out
