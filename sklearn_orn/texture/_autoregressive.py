"""Parameters of the autoregressive model."""

import numpy as np

from sklearn_orn._numba import kernel


@kernel
def _solve(matrix, right, n):
    """Gaussian elimination with pivoting; False where the matrix is singular.

    A pivot under 1e-10 of the largest diagonal element counts as zero.
    """
    scale = 0.0
    for i in range(n):
        scale = max(scale, abs(matrix[i, i]))
    for i in range(n):
        pivot = i
        for r in range(i + 1, n):
            if abs(matrix[r, i]) > abs(matrix[pivot, i]):
                pivot = r
        if abs(matrix[pivot, i]) <= 1e-10 * scale:
            return False
        for c in range(n):
            matrix[i, c], matrix[pivot, c] = matrix[pivot, c], matrix[i, c]
        right[i], right[pivot] = right[pivot], right[i]
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


@kernel
def autoregressive_features(values, inside, places, width, mean, variance):
    """Return Teta1..Teta4 and Sigma, NaN where the equations are singular.

    Parameters
    ----------
    values : ndarray of float64, flat
        Pixel values, laid out as `inside`.
    inside : ndarray of bool, flat
        The ROI, with a margin of at least 1.
    places : ndarray of int64
        Flat positions of the ROI's pixels.
    width : int
        Length of a row.
    mean, variance : float
        Of the ROI's pixels (population variance), to standardise them.
    """
    out = np.full(5, np.nan)
    if variance <= 0.0:
        return out
    steps = (-1, -width - 1, -width, -width + 1)
    matrix = np.zeros((4, 4))
    right = np.zeros(4)
    power = 0.0
    n = 0
    sd = np.sqrt(variance)
    w = np.empty(4)
    for place in places:
        if (
            not inside[place - 1]
            or not inside[place - width - 1]
            or not inside[place - width]
            or not inside[place - width + 1]
        ):
            continue
        z = (values[place] - mean) / sd
        for i in range(4):
            w[i] = (values[place + steps[i]] - mean) / sd
        for i in range(4):
            right[i] += w[i] * z
            for j in range(i + 1):
                matrix[i, j] += w[i] * w[j]
        power += z * z
        n += 1
    if n == 0:
        return out
    for i in range(4):
        for j in range(i):
            matrix[j, i] = matrix[i, j]
    theta = right.copy()
    if not _solve(matrix, theta, 4):
        return out
    residual = 0.0
    for place in places:
        if (
            not inside[place - 1]
            or not inside[place - width - 1]
            or not inside[place - width]
            or not inside[place - width + 1]
        ):
            continue
        error = (values[place] - mean) / sd
        for i in range(4):
            error -= theta[i] * (values[place + steps[i]] - mean) / sd
        residual += error * error
    out[:4] = theta
    out[4] = np.sqrt(residual / n)
    return out
