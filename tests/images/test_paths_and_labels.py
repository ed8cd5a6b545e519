"""Small pieces of reading that files test only together."""

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import (
    as_mask_array,
    format_shape,
    holds_whole_numbers,
)
from sklearn_orn.images._files import split_choice, split_roi
from sklearn_orn.images._labels import group_labels, whole_numbers
from sklearn_orn.images._misfit import describe_shapes
from sklearn_orn.images.formats._canonical import slice_axis, turn_to
from sklearn_orn.images.formats._layers import _numbers


def test_a_path_that_is_not_there_ends_at_its_last_mark():
    file, roi = split_roi("P03/rs.dcm#GTV")
    assert (file.name, roi) == ("rs.dcm", "GTV")
    choice = split_choice("P03/dwi.dcm#frame=b=800")
    assert (choice.path.name, *choice[1:]) == ("dwi.dcm", "b=800", None)


def test_masks_as_arrays():
    assert as_mask_array([[0, 1], [1, 1]], (2, 2)).sum() == 3
    with pytest.raises(LesionError, match="the mask is empty: none of its 2 x 2"):
        as_mask_array([[0, 0], [0, 0]], (2, 2))
    assert format_shape((256, 192)) == "256 x 192"
    assert holds_whole_numbers(np.array([[0.0, 300.0]]))
    assert not holds_whole_numbers(np.array([[0.0, 0.3]]))


def test_labels_between_what_is_stored():
    assert whole_numbers(np.array([0.0, 0.9999999, 2.0])).tolist() == [0, 1, 2]
    scaled = group_labels(np.array([-5, -3, -1, -3]), (0.5, 2.5))
    assert scaled == {1: (-3, -3), 2: (-1, -1)}
    assert _numbers([2, 1, 1]) == [2, 1, 3]


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        ((300, 200), "Rows and columns are swapped: save the mask transposed."),
        ((400, 600), "It was drawn at 2 times the size: save it at the size of the"),
        ((400, 500), "Give the mask that was drawn on this image."),
    ],
)
def test_why_a_picture_has_another_size(mask, text):
    assert describe_shapes(mask, (200, 300)).startswith(text)


def test_slices_of_3_mm_after_a_change_of_the_axes():
    assert slice_axis(np.diag([3.0, 0.8, 0.8, 1.0]), (8, 64, 72), None, None) == 0


def test_the_first_stored_row_of_dcm2niix_is_the_back():
    turn = turn_to(np.diag([0.8, -0.8, 3.0, 1.0]), 2)
    assert turn == ((0, 1, 2), (False, True, False))
