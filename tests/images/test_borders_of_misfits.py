"""What is wrong with an ROI that does not fit, with its numbers, at the border."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sklearn_orn.images._geometry import Grid
from sklearn_orn.images._misfit import (
    describe_grids,
    describe_outside,
    describe_shapes,
    mirrored,
)

IMAGE_STEPS = np.array([[0, 0.5, 0], [0.8, 0, 0], [0, 0, 3]])  # (row, column, slice)
ORIGIN = np.array([-3.0, 7.0, 20.0])


def grid(steps=IMAGE_STEPS, origin=ORIGIN, shape=(20, 24, 1)):
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = steps, origin
    return Grid(shape, affine)


IMAGE = grid()


def drawn(*voxels, shape=(20, 24, 1)):
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(np.transpose(voxels))] = True
    return mask


MIDDLE = drawn((4, 5, 0), (9, 12, 0))


def turned(degrees, axis="z", steps=IMAGE_STEPS):
    return Rotation.from_euler(axis, degrees, degrees=True).as_matrix() @ steps


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_from_a_fiftieth_of_a_radian_a_grid_is_rotated(axis):
    rotated = describe_grids(MIDDLE, IMAGE, grid(turned(1.16, axis)))
    assert "rotated by 1.2 degrees" in rotated
    for degrees in (1.13, -1.13):
        assert "rotated" not in describe_grids(
            MIDDLE, IMAGE, grid(turned(degrees, axis))
        )
    assert "rotated by 40.0 degrees" in describe_grids(
        MIDDLE, IMAGE, grid(turned(40, axis))
    )


def test_the_place_of_a_grid_is_none_of_its_axes():
    steps, origin = turned(1.0), np.array([0, 50.3, 0])
    assert "shifted by" in describe_grids(MIDDLE, IMAGE, grid(steps, origin))


@pytest.mark.parametrize("order", [(2, 0, 1), (0, 2, 1), (1, 0, 2)])
def test_a_grid_whose_axes_stand_in_another_order_is_not_rotated(order):
    steps = IMAGE_STEPS[:, order] * (1, -1, 1)
    mask = np.transpose(MIDDLE, order)
    shifted = ORIGIN + IMAGE_STEPS @ (5.25, 6.4, 0.1)
    text = describe_grids(mask, IMAGE, grid(steps, shifted, mask.shape))
    assert "shifted by 0.25 rows, 0.40 columns and 0.10 slices" in text


@pytest.mark.parametrize(
    ("factors", "sizes"),
    [
        ((1.006, 1, 1), "0.805 x 0.5"),
        ((1, 0.994, 1), "0.8 x 0.497"),
        ((0.5, 2, 1), "0.4 x 1"),
        ((1.004, 0.996, 2), None),
    ],
)
def test_from_a_pixel_in_200_a_grid_has_another_spacing(factors, sizes):
    text = describe_grids(MIDDLE, IMAGE, grid(IMAGE_STEPS * factors))
    if sizes is None:
        assert "shifted by 0.00 rows" in text
    else:
        assert f"its pixels are {sizes} mm (rows x columns), those of the im" in text
        assert "image 0.8 x 0.5 mm" in text


def test_a_spacing_of_turned_axes_is_that_of_rows_and_columns():
    steps = IMAGE_STEPS[:, [1, 2, 0]] * (2, 1, 1)
    mask = np.transpose(MIDDLE, (1, 2, 0))
    text = describe_grids(mask, IMAGE, grid(steps, shape=mask.shape))
    assert "its pixels are 0.8 x 1 mm (rows x columns)" in text


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ((0.3, 0, 0), "0.30 rows, 0.00 columns and 0.00 slices"),
        ((0, -1.2, 0), "0.00 rows, 0.20 columns and 0.00 slices"),
        ((0, 0, 2.4), "0.00 rows, 0.00 columns and 0.40 slices"),
        ((5.3, 2.1, -0.2), "0.30 rows, 0.10 columns and 0.20 slices"),
    ],
)
def test_a_shift_is_told_in_parts_of_a_voxel(at, text):
    found = describe_grids(MIDDLE, IMAGE, grid(origin=ORIGIN + IMAGE_STEPS @ at))
    assert found.startswith(f"the ROI is shifted by {text} against this image")


def ras(steps=IMAGE_STEPS, origin=ORIGIN):
    flip = np.diag([-1.0, -1.0, 1.0])
    return grid(flip @ steps, flip @ origin)


def test_only_what_lies_outside_is_called_mirrored():
    text = describe_grids(MIDDLE, IMAGE, ras())
    assert text.startswith("the ROI lies outside the image. With x and y flipped it")
    middle = np.array([-5.75, -7.6, 20.0])  # x and y are 0 in the middle of the image
    shifted = grid(origin=middle + (0.1, 0.1, 0))
    assert mirrored(middle[None] + 5, grid(origin=middle))
    assert "shifted" in describe_grids(MIDDLE, grid(origin=middle), shifted)
    outside = describe_grids(drawn((30, 5, 0), shape=(40, 24, 1)), IMAGE, grid())
    assert outside.startswith("the ROI is shifted by 0.00 rows")


@pytest.mark.parametrize(
    ("pixel", "inside"),
    [
        ((-0.49, 0), True),
        ((-0.51, 0), False),
        ((19.49, 23.49), True),
        ((19.51, 23), False),
        ((19, 23.51), False),
        ((0, -0.51), False),
    ],
)
@pytest.mark.parametrize("distance", [0, 5])
def test_an_outline_is_mirrored_if_all_of_it_lies_on_pixels(pixel, inside, distance):
    points = np.array([[5, 5, 0], [*pixel, distance]]) @ IMAGE_STEPS.T + ORIGIN
    text = mirrored(points * (-1, -1, 1), IMAGE)
    assert text.startswith("With x and y flipped") if inside else text == ""
    assert mirrored(points, IMAGE) == ""


def test_half_a_pixel_around_the_centres_is_inside():
    image = grid(np.eye(3), np.zeros(3), (20, 24, 1))
    for corner in ((0.5, 0.5, 0), (-19.5, -23.5, 0), (0.5, -23.5, 9)):
        assert mirrored(np.array([corner, (-3, -4, 0)]), image)


def test_of_a_coronal_image_rows_keep_their_height():
    steps = np.array([[0, 0.5, 0], [0, 0, 3], [-0.8, 0, 0]])
    image = grid(steps, np.array([-6, 7, 20]), (20, 24, 1))
    assert mirrored(np.array([[0, 7, 18], [1, 7, 5]]), image)
    assert not mirrored(np.array([[0, 7, 21], [1, 7, 5]]), image)


def test_what_leaves_the_image_is_told_by_rows_and_columns():
    voxels = drawn((4, 5, 0), (19, 3, 0), (12, 20, 0), shape=(30, 30, 1))
    of_mask = grid(origin=ORIGIN + IMAGE_STEPS @ (3, -8, 0), shape=(30, 30, 1))
    text = describe_outside(voxels, IMAGE, of_mask)
    assert text == (
        "the ROI reaches from row 7 to 22 and column -5 to 12, outside the image of "
        "20 x 24 pixels (rows x columns). Give the uncropped series that the ROI was "
        "drawn on."
    )
    assert "With x and y flipped" in describe_outside(MIDDLE, IMAGE, ras())


@pytest.mark.parametrize("shape", [(20, 24, 1), (24, 20, 9), (9, 24, 20)])
def test_a_mask_of_the_size_of_the_image_is_flipped_or_shifted(shape):
    voxels = drawn((4, 5, 0), shape=shape)
    of_mask = grid(origin=ORIGIN + IMAGE_STEPS @ (30.2, -4.1, 2), shape=shape)
    text = describe_outside(voxels, IMAGE, of_mask)
    assert "row 34 to 34 and column 1 to 1" in text
    assert "flipped or shifted by 30, 4, 2 voxels" in text
    other = grid(origin=of_mask.affine[:3, 3], shape=(20, 25, 1))
    assert "uncropped" in describe_outside(voxels, IMAGE, other)


def test_pictures_of_the_same_form_are_told_by_how_much_larger():
    assert "drawn at 0.5 times the size" in describe_shapes((10, 12), (20, 24))
    assert "drawn at 1.5 times the size" in describe_shapes((30, 36), (20, 24))
    assert "drawn at 0.05 times the size" in describe_shapes((1, 2), (20, 40))
    for shape in ((10, 24), (20, 12), (24, 30), (0, 0), ()):
        assert describe_shapes(shape, (20, 24)).startswith("Give the mask that was")
    assert "Rows and columns are swapped" in describe_shapes((24, 20), (20, 24))
