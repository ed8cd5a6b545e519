"""ROIs of voxels at the border exactly, and voxel by voxel in every order."""

from itertools import permutations, product

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Grid, Image2D
from sklearn_orn.images._image_file import NotOnSlice
from sklearn_orn.images.formats._grid import grid_of, lay_on, plane_tolerance

SHAPE = (4, 5)
PLACE = Geometry((0.8, 0.5), np.array([-3.0, 7.0, 20.0]), np.eye(3)[:2], 3.0)
IMAGE = Image2D(np.zeros(SHAPE), PLACE)
STEPS = grid_of(PLACE, SHAPE).affine  # of rows, columns and slices
ORDERS = list(product(permutations(range(3)), product((1, -1), repeat=3)))


def grid(at, shape, factors=(1, 1, 1)):
    """A grid as that of the image, whose first voxel lies `at` (row, column, slice)."""
    affine = STEPS @ np.diag([*factors, 1.0])
    affine[:3, 3] = (STEPS @ [*at, 1])[:3]
    return Grid(shape, affine)


def corner(shape=(4, 5, 1)):
    drawn = np.zeros(shape, dtype=bool)
    drawn[0, 0, 0] = True
    return drawn


@pytest.mark.parametrize(("order", "flips"), ORDERS)
def test_a_pixel_has_the_voxel_that_its_centre_lies_in(order, flips):
    whole = grid((-1, -2, -1), (7, 8, 3))
    drawn = np.zeros(whole.shape, dtype=bool)
    drawn[2:4, 3:6, 1] = drawn[1, 6, 1] = drawn[5, 7, 2] = True
    affine = whole.affine.copy()
    for axis, flip in enumerate(flips):
        if flip < 0:
            drawn = np.flip(drawn, axis)
            affine[:3, 3] += affine[:3, axis] * (drawn.shape[axis] - 1)
            affine[:3, axis] *= -1
    drawn = drawn.transpose(order)
    affine[:, :3] = affine[:, list(order)]
    expected = np.zeros(SHAPE, dtype=bool)
    for row, column in np.ndindex(SHAPE):
        centre = [-3 + column * 0.5, 7 + row * 0.8, 20, 1]
        voxel = np.linalg.solve(affine, centre)[:3].round().astype(int)
        expected[row, column] = drawn[tuple(voxel)]
    found = lay_on(drawn, Grid(drawn.shape, affine), IMAGE)
    assert np.array_equal(found, expected)
    assert found.sum() == 7


@pytest.mark.parametrize(
    ("rows", "columns", "fits"),
    [(1.07, 1, True), (1.09, 1, False), (1, 0.95, True), (1, 0.93, False)],
)
def test_spacings_may_add_up_to_less_than_a_third_of_a_voxel(rows, columns, fits):
    of_mask = grid((0, 0, 0), (4, 5, 1), (rows, columns, 1))
    if fits:
        assert lay_on(corner(), of_mask, IMAGE)[0, 0]
        return
    with pytest.raises(LesionError, match="the ROI has another spacing"):
        lay_on(corner(), of_mask, IMAGE)


@pytest.mark.parametrize("axis", range(3))
def test_a_tenth_of_a_voxel_is_rounding(axis):
    for shift in (0.09, -0.09):
        at = np.eye(3)[axis] * shift
        assert lay_on(corner(), grid(at, (4, 5, 1)), IMAGE)[0, 0]
    with pytest.raises(LesionError, match=r"shifted by .*0\.11"):
        lay_on(corner(), grid(np.eye(3)[axis] * 0.11, (4, 5, 1)), IMAGE)


@pytest.mark.parametrize(("at", "reach"), [(1, "+3.0"), (-2, "-6.0")])
def test_a_slice_next_to_a_mask_has_nothing_drawn_on_it(at, reach):
    drawn = corner((4, 5, 2))
    message = f"the ROI lies \\{reach} to \\{reach} mm from it"
    with pytest.raises(NotOnSlice, match=message):
        lay_on(drawn, grid((0, 0, at), drawn.shape), IMAGE)
    drawn[0, 0, 1] = True
    low, high = 3.0 * at, 3.0 * (at + 1)
    with pytest.raises(NotOnSlice, match=f"lies \\{low:+.1f} to \\{high:+.1f} mm"):
        lay_on(drawn, grid((0, 0, at), drawn.shape), IMAGE)


def test_the_first_and_the_last_slice_of_a_mask_are_its_own():
    for index in (0, 1):
        drawn = np.zeros((4, 5, 2), dtype=bool)
        drawn[1, 2, index] = True
        found = lay_on(drawn, grid((0, 0, -index), drawn.shape), IMAGE)
        assert np.argwhere(found).tolist() == [[1, 2]]


def test_an_image_of_unknown_thickness_is_one_mm_thick():
    place = Geometry((0.8, 0.5), np.zeros(3), np.eye(3)[:2])
    found = grid_of(place, SHAPE)
    assert found.shape == (4, 5, 1)
    expected = [[0, 0.5, 0, 0], [0.8, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert found.affine.tolist() == expected
    assert grid_of(PLACE, SHAPE).affine[2, 2] == 3


def test_a_tenth_of_a_slice_and_rounding_are_on_its_plane():
    assert plane_tolerance(3.0) == pytest.approx(0.3)
    assert plane_tolerance(0.3) == 0.05
