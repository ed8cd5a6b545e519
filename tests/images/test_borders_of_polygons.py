"""Polygons and pixel centres a thousandth of a pixel apart, and those that cross."""

import numpy as np
import pytest

from sklearn_orn.images.formats._polygons import (
    cross,
    draw_polygons,
    mask_of_polygons,
)

from ._make import polygons_to_mask

SHAPE = (14, 16)


def rows_of(mask):
    rows = np.flatnonzero(mask.any(axis=1)).tolist()
    return {row: np.flatnonzero(mask[row]).tolist() for row in rows}


def test_places_are_x_and_then_y():
    triangle = np.array([[1.5, 2.5], [9.5, 2.5], [9.5, 6.5]])
    mask = mask_of_polygons([triangle], SHAPE)
    assert rows_of(mask) == {
        3: [3, 4, 5, 6, 7, 8, 9],
        4: [5, 6, 7, 8, 9],
        5: [7, 8, 9],
        6: [9],
    }


@pytest.mark.parametrize(("off", "on"), [(0.001, True), (0.00101, False)])
def test_a_traced_edge_may_be_a_thousandth_off(off, on):
    outline = np.array([[off, 0], [off, 5], [3, 5], [3, 0]])
    assert rows_of(polygons_to_mask([outline], SHAPE)).get(0, []) == (
        list(range(6)) if on else []
    )


def test_an_edge_is_traced_if_both_of_its_ends_are_pixel_centres():
    near = 4 + 5e-4
    outline = np.array([[near, 2], [near, 9.5], [9.5, 9.5], [9, 2]])
    found = rows_of(polygons_to_mask([outline], SHAPE))
    assert found[4] == [2]
    assert found[5] == list(range(2, 10))
    assert found[9] == [2, 3, 4, 5, 6, 7, 8, 9]


def box(top, bottom, left, right):
    rows = [top, top, bottom, bottom]
    return np.column_stack([rows, [left, right, right, left]]).astype(float)


@pytest.mark.parametrize(
    ("second", "crosses"),
    [
        (box(0.5, 10.5, 19.5, 29.5), True),  # a strip of 10 of 100
        (box(0.5, 5.5, 19.5, 21.5), True),  # of 5 of 10
        (box(0.5, 1.5, 11.5, 21.5), True),  # of 9 of 10
        (box(0.5, 10.5, 20.5, 30.5), False),  # side by side
        (box(10.5, 20.5, 0.5, 20.5), False),  # one below the other
        (box(0.5, 10.5, 30.5, 39.5), False),  # far to the right
        (box(20.5, 30.5, 0.5, 20.5), False),  # far below
        (box(20.5, 30.5, 30.5, 39.5), False),
        (box(9.5, 19.5, 19.5, 29.5), False),  # a corner of 1 of 100
        (box(5.5, 10.5, 19.5, 39.5), False),  # 5 of 100: a twentieth
        (box(4.5, 10.5, 19.5, 39.5), False),  # 6 of 120: a twentieth
        (box(5.5, 11.5, 18.5, 38.5), True),  # 10 of 120
        (box(2.5, 4.5, 2.5, 4.5), False),  # a hole
        (box(-0.5, 12.5, -0.5, 22.5), False),  # around it
        (box(0, 10, 0, 20), False),  # along its outline
    ],
)
def test_two_outlines_cross_from_more_than_a_twentieth_of_the_smaller(second, crosses):
    first = box(0.5, 10.5, 0.5, 20.5)
    one, other = draw_polygons([first, second], (40, 40))
    assert cross(one, other) == cross(other, one) == crosses
