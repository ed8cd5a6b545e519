"""Parameters of the autoregressive model."""

import numpy as np

from sklearn_orn._numba import kernel, part


@part
def _pivot(matrix, right, i):
    """Swap the largest element of the column up; return its size."""
    pivot = i
    for r in range(i + 1, len(right)):
        if abs(matrix[r, i]) > abs(matrix[pivot, i]):
            pivot = r
    for c in range(len(right)):
        matrix[i, c], matrix[pivot, c] = matrix[pivot, c], matrix[i, c]
    right[i], right[pivot] = right[pivot], right[i]
    return abs(matrix[i, i])


@kernel
def _solve(matrix, right):
    """Gaussian elimination with pivoting; False where the matrix is singular.

    A pivot under 1e-10 of the largest diagonal element is what rounding leaves of 0.
    """
    n = len(right)
    scale = 0.0
    for i in range(n):
        scale = max(scale, abs(matrix[i, i]))
    # Sums over a million pixels are wrong by 1e-10 of them at worst.
    for i in range(n):
        if _pivot(matrix, right, i) <= 1e-10 * scale:
            return False
        for r in range(i + 1, n):
            factor = matrix[r, i] / matrix[i, i]
            for c in range(i, n):
                matrix[r, c] -= factor * matrix[i, c]
            right[r] -= factor * right[i]
    for i in range(n - 1, -1, -1):
        for c in range(i + 1, n):
            right[i] -= matrix[i, c] * right[c]
        right[i] /= matrix[i, i]
    return True


@part
def _has_neighbours(inside, place, steps):
    for step in steps:
        if not inside[place + step]:
            return False
    return True


@part
def _normal_equations(z, places, steps):
    """Products of the standardised neighbours with each other and the pixel."""
    matrix, right, w = np.zeros((4, 4)), np.zeros(4), np.empty(4)
    for place in places:
        for i in range(4):
            w[i] = z[place + steps[i]]
            right[i] += w[i] * z[place]
            for j in range(i + 1):
                matrix[i, j] += w[i] * w[j]
    for i in range(4):
        for j in range(i):
            matrix[j, i] = matrix[i, j]
    return matrix, right


@kernel
def autoregressive_features(values, inside, places, width, mean, variance):
    """Return Teta1..Teta4 and Sigma, NaN where the equations are singular.

    Arrays are flat, the ROI with a margin of at least 1; `places` are its flat
    positions, `mean` and population `variance` those of its pixels.
    """
    out = np.full(5, np.nan)
    if variance <= 0.0:
        return out
    steps = np.empty(4, np.int64)
    steps[0] = -1
    for i in range(3):
        steps[i + 1] = i - 1 - width
    used = np.empty(len(places), np.int64)
    n = 0
    for place in places:
        if _has_neighbours(inside, place, steps):
            used[n] = place
            n += 1
    z, deviation = np.empty(len(values)), np.sqrt(variance)
    for i in range(len(values)):
        z[i] = (values[i] - mean) / deviation
    matrix, theta = _normal_equations(z, used[:n], steps)
    if n == 0 or not _solve(matrix, theta):
        return out
    residual = 0.0
    for place in used[:n]:
        error = z[place]
        for i in range(4):
            error -= theta[i] * z[place + steps[i]]
        residual += error * error
    for i in range(4):
        out[i] = theta[i]
    out[4] = np.sqrt(residual / n)
    return out
