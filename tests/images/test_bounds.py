"""The box of an outline, which is found once."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_orn import Normalizer
from sklearn_orn.images import Region

SHAPE = (150, 40)


@pytest.mark.parametrize(
    "pixels",
    [
        [(0, 0)],
        [(149, 39)],
        [(3, 39), (4, 0)],
        # Rows that are searched first end 64 below the top.
        [(10, 5), (73, 7)],
        [(10, 5), (74, 0)],
        [(10, 5), (74, 1)],
        [(10, 5), (149, 0)],
        [(86, 1), (149, 2)],
    ],
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_box_is_that_of_all_pixels(pixels, order):
    mask = np.zeros(SHAPE, bool, order=order)
    rows, columns = np.transpose(pixels)
    mask[rows, columns] = True
    expected = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    assert Region(np.ones(SHAPE), mask, None).bounds == expected


def test_another_mask_has_another_box_and_a_window_keeps_it():
    image = np.arange(600).reshape(20, 30)
    mask = np.zeros(image.shape, bool)
    mask[2:9, 4:8] = True
    (region,) = Normalizer().transform([(image, mask)])[0].read().values()
    assert region.bounds == (2, 9, 4, 8)
    assert replace(region, mask=mask[::-1]).bounds == (11, 18, 4, 8)
