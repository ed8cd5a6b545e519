"""First-order features of the raw grey levels."""

import numpy as np

from sklearn_orn._numba import kernel


@kernel
def moments(values):
    """Mean, population variance, skewness and excess kurtosis.

    Skewness and kurtosis of equal values are NaN.
    """
    n = len(values)
    total, equal = 0.0, True
    for value in values:
        total += value
        equal = equal and value == values[0]
    mean = total / n
    if equal:
        return values[0], 0.0, np.nan, np.nan
    m2 = m3 = m4 = 0.0
    for value in values:
        d = value - mean
        m2 += d * d
        m3 += d * d * d
        m4 += d * d * d * d
    m2, m3, m4 = m2 / n, m3 / n, m4 / n
    return mean, m2, m3 / m2**1.5, m4 / (m2 * m2) - 3.0


def percentile(ordered: np.ndarray, percent: int) -> float:
    """Return the smallest value with a cumulated count of at least percent * N."""
    n = len(ordered)
    return float(ordered[max(-(-percent * n // 100), 1) - 1])


@kernel
def histogram_features(ordered):
    """Return the nine features of ascending grey levels ``v = v0 + 1``."""
    out = np.empty(9)
    out[0], out[1], out[2], out[3] = moments(ordered)
    n = len(ordered)
    for k, percent in enumerate((1, 10, 50, 90, 99)):
        out[4 + k] = ordered[max(-(-percent * n // 100), 1) - 1]
    return out
