"""Pixels whose mean rounding moves: where their window begins."""

import pytest

from tests.texture.test_borders import window

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("value", [0.1, 0.3, 0.7, 1 / 3, 1e5 / 3])
def test_three_sigma_of_fractions_that_are_alike_begins_at_them(value):
    low, high = window([value] * 7)
    assert low == value
    assert high == pytest.approx(value * (1 + 1e-9), rel=1e-12)
