"""Which values are labels, at the border exactly, and which ROI is asked for."""

from typing import NamedTuple

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._labels import (
    as_text,
    choose_label,
    choose_roi,
    group_labels,
    of_label,
    whole_numbers,
)


class Roi(NamedTuple):
    name: str
    number: int


def test_a_hundredth_is_rounding():
    close = np.array([0.9901, 2.0099, -2.9901, 0.0099])
    assert whole_numbers(close).tolist() == [1, 2, -3, 0]
    assert whole_numbers(close).dtype == np.int64
    for value in (0.9899, 2.0101, -0.0101):
        with pytest.raises(LesionError, match=f"holds the values {value}; expected"):
            whole_numbers(np.array([1.0, value]))
    whole = np.array([3, -4], np.int16)
    assert whole_numbers(whole) is whole


def test_exactly_a_hundredth_is_rounding_too():
    assert whole_numbers(np.array([0.01, -0.01])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("step", "most"), [(0.4, 0.2), (0.49, 0.245), (0.5, 0.01), (0.01, 0.01), (3, 0.01)]
)
def test_half_a_step_of_the_file_is_rounding_where_steps_tell_labels_apart(step, most):
    assert whole_numbers(np.array([1 + most * 0.99]), step).tolist() == [1]
    with pytest.raises(LesionError, match="expected whole numbers"):
        whole_numbers(np.array([1 + most * 1.01]), step)


def test_a_label_halfway_between_two_stored_values_may_be_off_in_the_last_digits():
    assert whole_numbers(np.array([7.2]), 0.4 - 1e-11).tolist() == [7]
    with pytest.raises(LesionError, match=r"holds the values 7\.2;"):
        whole_numbers(np.array([7.2]), 0.4 - 1e-8)


def test_numbers_that_a_float_cannot_tell_apart_are_no_labels():
    most = 2.0**53
    assert whole_numbers(np.array([most, -most])).tolist() == [2**53, -(2**53)]
    for value in (most + 2, -most - 2):
        with pytest.raises(LesionError, match="holds the values -?9.0072e"):
            whole_numbers(np.array([value]))


def test_five_of_the_values_that_are_no_labels_are_shown():
    with pytest.raises(LesionError, match=r"0\.1, 0\.2, 0\.3, 0\.4, 0\.6; expected"):
        whole_numbers(np.array([0.6, 0.1, 1, 0.2, 0.3, 0.4, 0.1]))
    with pytest.raises(LesionError, match=r"0\.4, 0\.6, \.\.\.; expected"):
        whole_numbers(np.array([0.6, 0.1, 1, 0.2, 0.3, 0.4, 0.7]))


def test_a_label_has_the_stored_values_that_round_to_it():
    stored = np.array([-2, 0, 3, 7, 8, 10, 11])
    # -0.2, 0, 0.3, 0.7, 0.8, 1, 1.1: the step is 0.1 and half of it 0.05
    with pytest.raises(LesionError, match=r"values -0\.2, 0\.3, 0\.7, 0\.8, 1\.1; exp"):
        group_labels(stored, (0.1, 0.0))
    near = np.array([0.999, 1.001, 1.005, 3.002, 0.0, -0.001, -1.003])
    groups = group_labels(near)
    assert groups == {1: (0.999, 1.005), 3: (3.002, 3.002), -1: (-1.003, -1.003)}
    assert of_label(near, groups[1]).tolist() == [True] * 3 + [False] * 4
    assert of_label(near, groups[3]).tolist() == [False] * 3 + [True] + [False] * 3


def test_labels_are_what_slope_and_intercept_make_of_stored_values():
    assert group_labels(np.array([0, 1, 2], np.uint8), (2.0, 0.0)) == {
        2: (1, 1),
        4: (2, 2),
    }
    assert group_labels(np.array([0, 1], np.uint8), (1.0, 5.0)) == {
        5: (0, 0),
        6: (1, 1),
    }
    assert group_labels(np.array([0, 1], np.uint8), (1.0, 1.0)) == {
        1: (0, 0),
        2: (1, 1),
    }
    assert group_labels(np.array([0, 3], np.uint8), (-1.0, 3.0)) == {3: (0, 0)}
    # of -0.4 the half step is 0.2: 1.2 and 0.8 are 1
    found = group_labels(np.array([0, 7, 8], np.uint8), (-0.4, 4.0))
    assert found == {4: (0, 0), 1: (7, 8)}
    # real numbers are stored as they are, and have no step
    with pytest.raises(LesionError, match=r"values 0\.8, 1\.2; exp"):
        group_labels(np.array([0.0, 7, 8]), (-0.4, 4.0))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.bool_, np.float32])
def test_masks_of_one_value_of_two_and_of_three(dtype):
    assert group_labels(np.zeros(4, dtype)) == {}
    assert group_labels(np.ones(4, dtype)) == {1: (1, 1)}
    assert group_labels(np.array([0, 1, 1, 0], dtype)) == {1: (1, 1)}
    if dtype != np.bool_:
        assert group_labels(np.array([0, 1, 2, 0], dtype)) == {1: (1, 1), 2: (2, 2)}
        assert group_labels(np.array([5, 3, 5], dtype)) == {3: (3, 3), 5: (5, 5)}
    assert group_labels(np.zeros((0, 2), dtype)) == {}


def test_a_thousand_labels_and_0_are_a_mask_and_more_an_image():
    assert len(group_labels(np.arange(1001))) == 1000
    with pytest.raises(LesionError, match="1002 different values.*Were image and mask"):
        group_labels(np.arange(1002))
    values = np.arange(1002.0)
    with pytest.raises(LesionError, match="1002 different values.*Were image and mask"):
        group_labels(values)
    with pytest.raises(LesionError, match="NaN or infinite"):
        group_labels(np.append(values, np.inf))


ROIS = [Roi("GTV", 1), Roi("3", 2), Roi("node", 3), Roi("é", 4), Roi("GTV", 5)]


def test_an_roi_is_asked_for_by_name_first_and_then_by_number():
    assert choose_roi(ROIS, "node").number == 3
    assert choose_roi(ROIS, "3").number == 2
    assert choose_roi(ROIS, "5").number == 5
    assert choose_roi(ROIS, "e\u0301").number == 4
    assert choose_roi([Roi("e\u0301", 7)], "\u00e9").number == 7
    assert choose_roi(ROIS[:1], None).number == 1
    assert choose_roi(ROIS[:1], "1").number == 1
    for wanted, text in ((None, "no ROI is chosen"), ("GTV", "'#GTV' was asked for")):
        with pytest.raises(LesionError, match=rf"{text}, and the ROIs .*'3' \(#2\)"):
            choose_roi(ROIS, wanted)
    with pytest.raises(LesionError, match="the ROIs are none; expected exactly one"):
        choose_roi([], None)


def test_a_label_is_asked_for_by_its_number():
    labels = {2: "a", -7: "b"}
    assert choose_label(labels, "-7", "NPY") == "b"
    assert choose_label({2: "a"}, None, "NPY") == choose_label({2: "a"}, "2", "NPY")
    for one, wanted in ((labels, None), (labels, "7"), ({2: "a"}, "a")):
        with pytest.raises(LesionError, match="the labels of the NPY file are #2"):
            choose_label(one, wanted, "NPY")
    with pytest.raises(LesionError, match="are none; expected exactly one"):
        choose_label({}, None, "NPY")


def test_a_name_that_is_no_utf_8_is_latin():
    assert as_text(" Lésion ".encode()) == as_text(" Lésion ".encode("latin-1"))
    assert as_text("Lésion".encode()) == "Lésion"
