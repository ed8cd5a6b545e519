"""Parameters of the autoregressive model."""

import numpy as np

from sklearn_orn._numba import INDEX, inlined, part
from sklearn_orn.texture._histogram import moments


@inlined
def _pivot(rows, i):
    """Swap the largest element of the column up; return its size."""
    pivot = i
    for r in range(i + 1, len(rows)):
        if abs(rows[r, i]) > abs(rows[pivot, i]):
            pivot = r
    for c in range(len(rows) + 1):
        rows[i, c], rows[pivot, c] = rows[pivot, c], rows[i, c]
    return abs(rows[i, i])


@part
def _solve(rows):
    """Gaussian elimination with pivoting; False where the matrix is singular.

    `rows` are those of the matrix, each with its right side, which becomes the
    solution. A pivot under 1e-10 of the largest diagonal element is what rounding
    leaves of 0.
    """
    n = len(rows)
    scale = 0.0
    for i in range(n):
        scale = max(scale, abs(rows[i, i]))
    # Sums over a million pixels are wrong by 1e-10 of them at worst.
    for i in range(n):
        if _pivot(rows, i) <= 1e-10 * scale:
            return False
        for r in range(i + 1, n):
            factor = rows[r, i] / rows[i, i]
            for c in range(i, n + 1):
                rows[r, c] -= factor * rows[i, c]
    for i in range(n - 1, -1, -1):
        for c in range(i + 1, n):
            rows[i, n] -= rows[i, c] * rows[c, n]
        rows[i, n] /= rows[i, i]
    return True


@part
def _near(z, place, width):
    """Left, upper-left, upper and upper-right neighbour."""
    left, above = INDEX(place - 1), place - width
    return z[left], z[INDEX(above - 1)], z[INDEX(above)], z[INDEX(above + 1)]


@inlined
def _normal_equations(z, places, width, rows):
    """Sum products of neighbours with each other and the pixel; return how many."""
    n = 0
    aa = ba = bb = ca = cb = cc = da = db = dc = dd = 0.0
    az = bz = cz = dz = 0.0
    for place in places:
        a, b, c, d = _near(z, place, width)
        if np.isnan(a + b + c + d):
            continue
        own = z[INDEX(place)]
        aa += a * a
        ba += b * a
        bb += b * b
        ca += c * a
        cb += c * b
        cc += c * c
        da += d * a
        db += d * b
        dc += d * c
        dd += d * d
        az += a * own
        bz += b * own
        cz += c * own
        dz += d * own
        n += 1
    equations = (
        (aa, ba, ca, da, az),
        (ba, bb, cb, db, bz),
        (ca, cb, cc, dc, cz),
        (da, db, dc, dd, dz),
    )
    for i in range(4):
        for j in range(5):
            rows[i, j] = equations[i][j]
    return n


@inlined
def autoregressive_features(pixels, places, width, z, out, at):
    """Write Teta1..Teta4 and Sigma, NaN where the equations are singular.

    `places` are flat positions of the pixels in the ROI with a margin of at least 1,
    for which `z` has room; `pixels` are used up.
    """
    mean, variance, _, _ = moments(pixels, len(pixels))
    if variance <= 0.0:
        return
    deviation = np.sqrt(variance)
    for i in range(len(pixels)):
        pixels[i] = (pixels[i] - mean) / deviation
    z[:] = np.nan
    for i in range(len(pixels)):
        z[INDEX(places[INDEX(i)])] = pixels[INDEX(i)]
    rows = np.empty((4, 5))
    n = _normal_equations(z, places, width, rows)
    if n == 0 or not _solve(rows):
        return
    ta, tb, tc, td = rows[0, 4], rows[1, 4], rows[2, 4], rows[3, 4]
    residual = 0.0
    for place in places:
        a, b, c, d = _near(z, place, width)
        error = z[INDEX(place)] - ta * a - tb * b - tc * c - td * d
        if not np.isnan(error):
            residual += error * error
    for value in (ta, tb, tc, td, np.sqrt(residual / n)):
        out[at] = value
        at += 1
