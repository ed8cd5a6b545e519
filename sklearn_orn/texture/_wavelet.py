"""Energies of the Haar wavelet's subbands."""

from sklearn_orn._numba import inlined
from sklearn_orn.texture._quantize import level_of


@inlined
def wavelet_features(low, roi, width, grey, n_levels, shortest, out, at):
    """Write the energies of LL, LH, HL, HH at five scales; both arrays are used up.

    `low` are the stored values of a part of the image whose top-left corner lies on the
    grid of the coarsest blocks, row after row of a width, `roi` tells which are in the
    ROI, `grey` how they become levels; `shortest` is the shorter side of the whole
    image: a scale whose subbands are under 8 is not computed.
    """
    for i in range(len(low)):
        low[i] = level_of(low[i], grey, n_levels)
    rows, columns = len(low) // width, width
    for _ in range(5):
        rows, columns, shortest = rows // 2, columns // 2, shortest // 2
        if shortest < 8:
            break
        n = 0
        ll = lh = hl = hh = 0.0
        for i in range(rows):
            for j in range(columns):
                up = 2 * (i * width + j)
                down = up + width
                a, b, c, d = low[up], low[up + 1], low[down], low[down + 1]
                # In place: the block's own corner is read for the last time here.
                mean = (a + b + c + d) / 4
                touched = roi[up] | roi[up + 1] | roi[down] | roi[down + 1]
                low[i * width + j] = mean
                roi[i * width + j] = touched
                if touched:
                    n += 1
                    h, v, x = (
                        (a + b - c - d) / 4,
                        (a - b + c - d) / 4,
                        (a - b - c + d) / 4,
                    )
                    ll += mean * mean
                    lh += h * h
                    hl += v * v
                    hh += x * x
        for energy in (ll, lh, hl, hh):
            if n >= 4:
                out[at] = energy / n
            at += 1
