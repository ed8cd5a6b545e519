"""Exponential and logarithm of the likelihood, compiled so that loops do four at once.

The C library's are called for one number at a time. Both are right to three units in
the last place where the likelihood needs them, and nowhere else.
"""

import numpy as np

from sklearn_orn._numba import part

LEAST = -700.0  # exp is above 0 there, and its power of two is one of normal numbers
LOG2_E = 1.4426950408889634
# ln 2 in two parts: products of the first with whole numbers up to 2**20 are exact.
LN2, LN2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# A number to which this is added is rounded, and stands in the last bits of the sum.
ROUNDED = 1.5 * 2.0**52
MANTISSA_BITS = 52


@part
def exp_of_negative(x: float) -> float:
    """Return exp(x) for x up to 0; below -700 it is that of -700, 1e-304.

    With x = k ln 2 + r it is 2**k exp(r); Taylor's series of exp(r), |r| <= 0.35, has
    14 terms.
    """
    x = max(x, LEAST)
    power = x * LOG2_E + ROUNDED
    k = power - ROUNDED
    r = (x - k * LN2) - k * LN2_REST
    series = 1.0
    for i in range(13, 0, -1):
        series = 1.0 + series * (r * (1.0 / i))
    shift = np.float64(power).view(np.int64) << MANTISSA_BITS
    return np.int64(np.float64(series).view(np.int64) + shift).view(np.float64)


@part
def log1p_of_share(x: float) -> float:
    """Return log(1 + x) for x from 0 to 1: 2 artanh(x / (2 + x)), in 17 terms."""
    z = x / (2.0 + x)
    square, series = z * z, 0.0
    for i in range(33, 0, -2):
        series = series * square + 2.0 / i
    return series * z
