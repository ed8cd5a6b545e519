"""Exponential and logarithm of the likelihood, beside those of the C library."""

import numpy as np
import pytest

from sklearn_orn._numba import kernel
from sklearn_orn.model._exp_log import exp_of_negative, log1p_of_share


@kernel
def both(x, out):
    """Write exp(x) and log(1 + exp(x))."""
    for i in range(len(x)):
        out[0, i] = exp_of_negative(x[i])
        out[1, i] = log1p_of_share(out[0, i])


def applied(x):
    out = np.empty((2, len(x)))
    both(x, out)
    return out


def test_they_equal_the_c_librarys_to_three_units_in_the_last_place():
    x = -np.concatenate(
        [np.linspace(0, 1, 2001), np.geomspace(1e-300, 699.9, 2000), np.arange(700.0)]
    )
    exp, log = applied(x)
    np.testing.assert_allclose(exp, np.exp(x), rtol=3 * 2.0**-52)
    np.testing.assert_allclose(log, np.log1p(np.exp(x)), rtol=3 * 2.0**-52)


@pytest.mark.parametrize("x", [-700.0, -700.5, -1e4, -1e300, -np.inf])
def test_what_is_certain_stays_above_zero(x):
    exp, log = applied(np.array([x]))
    assert exp == log == pytest.approx(np.exp(-700.0), rel=1e-15)


def test_zero_is_exact():
    exp, log = applied(np.array([0.0, -0.0]))
    assert exp.tolist() == [1.0, 1.0]
    np.testing.assert_allclose(log, np.log(2.0), rtol=2.0**-52)


def test_gaps_stay_gaps():
    assert np.isnan(applied(np.array([np.nan]))).all()
