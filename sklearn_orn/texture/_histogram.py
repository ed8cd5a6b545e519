"""First-order features of the raw grey levels."""

import numpy as np

from sklearn_orn._numba import INDEX, inlined, part


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


@inlined
def sort_levels(pixels, digit, work, ordered):
    """Write ``v = v0 + 1`` in ascending order: whole numbers of two digits, one a pass.

    `digit` is its number of bits.
    """
    starts, last = np.empty((1 << digit) + 1, np.uint32), (1 << digit) - 1
    source, target = pixels, work
    for shift in (0, digit):
        starts[:] = 0
        for i in range(len(pixels)):
            starts[INDEX((np.int64(source[i]) >> shift & last) + 1)] += 1
        for i in range(last):
            starts[i + 1] += starts[i]
        for i in range(len(pixels)):
            start = INDEX(np.int64(source[i]) >> shift & last)
            target[INDEX(starts[start])] = source[i]
            starts[start] += 1
        source, target = work, ordered
    for i in range(len(ordered)):
        ordered[i] += 1.0


@inlined
def histogram_features(ordered, out, at):
    """Write the nine features of ascending grey levels ``v = v0 + 1``."""
    n = len(ordered)
    for moment in moments(ordered, n):
        out[at] = moment
        at += 1
    for percent in (1, 10, 50, 90, 99):
        out[at] = ordered[max(-(-percent * n // 100), 1) - 1]
        at += 1
