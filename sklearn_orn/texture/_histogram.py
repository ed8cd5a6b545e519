"""First-order features of the raw grey levels."""

import numpy as np

from sklearn_orn._numba import part


@part
def moments(values, n):
    """Mean, population variance, skewness and excess kurtosis of the first n values.

    Skewness and kurtosis of equal values are NaN.
    """
    total, equal, first = 0.0, True, values[0]
    for i in range(n):
        value = values[i]
        total += value
        equal = equal and value == first
    mean = total / n
    if equal:
        return first, 0.0, np.nan, np.nan
    m2 = m3 = m4 = 0.0
    for i in range(n):
        d = values[i] - mean
        m2 += d * d
        m3 += d * d * d
        m4 += d * d * d * d
    m2, m3, m4 = m2 / n, m3 / n, m4 / n
    return mean, m2, m3 / m2**1.5, m4 / (m2 * m2) - 3.0


def percentile(ordered: np.ndarray, percent: int) -> float:
    """Return the smallest value with a cumulated count of at least percent * N."""
    n = len(ordered)
    return float(ordered[max(-(-percent * n // 100), 1) - 1])


@part
def histogram_features(ordered, out, at):
    """Write the nine features of ascending grey levels ``v = v0 + 1``."""
    n = len(ordered)
    for moment in moments(ordered, n):
        out[at] = moment
        at += 1
    for percent in (1, 10, 50, 90, 99):
        out[at] = ordered[max(-(-percent * n // 100), 1) - 1]
        at += 1
