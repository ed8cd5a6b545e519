"""Geometry of slices and contours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.transform import Rotation

from sklearn_orn.images._geometry import Geometry

from ._make import polygons_to_mask, square

finite = st.floats(-200, 200)


@st.composite
def geometries(draw):
    angles = draw(st.tuples(*[st.floats(-180, 180)] * 3))
    axes = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    return Geometry(
        spacing=draw(st.tuples(*[st.floats(0.2, 5)] * 2)),
        position=np.array(draw(st.tuples(finite, finite, finite))),
        orientation=axes[:2],
        thickness=3.0,
    )


@given(geometries(), hnp.arrays(float, (5, 3), elements=finite))
def test_pixels_and_patient_are_inverse(geometry, pixels):
    there_and_back = geometry.to_pixels(geometry.to_patient(pixels))
    np.testing.assert_allclose(there_and_back, pixels, atol=1e-8)


def test_first_pixel_lies_at_the_position():
    geometry = Geometry(
        (2.0, 3.0), np.array([1.0, 2.0, 3.0]), np.array([[1.0, 0, 0], [0, 1, 0]])
    )
    assert geometry.to_pixels([[1, 2, 3]]).tolist() == [[0, 0, 0]]
    # x grows along a row: columns, 3 mm apart; y down a column: rows, 2 mm apart
    assert geometry.to_pixels([[4, 2, 3]]).tolist() == [[0, 1, 0]]
    assert geometry.to_pixels([[1, 4, 3]]).tolist() == [[1, 0, 0]]
    assert geometry.to_pixels([[1, 2, 5]]).tolist() == [[0, 0, 2]]


def test_incomplete_geometry_is_named():
    with pytest.raises(ValueError, match="no ImagePositionPatient and no Image"):
        Geometry(spacing=(1.0, 1.0)).to_pixels([[0, 0, 0]])


polygons = hnp.arrays(
    float, st.tuples(st.integers(3, 12), st.just(2)), elements=st.floats(-5, 25)
)


@given(polygons)
def test_a_polygon_drawn_twice_is_nothing(polygon):
    assert not polygons_to_mask([polygon, polygon], (20, 24)).any()


@given(polygons, polygons)
def test_the_order_of_contours_does_not_matter(first, second):
    np.testing.assert_array_equal(
        polygons_to_mask([first, second], (20, 24)),
        polygons_to_mask([second, first], (20, 24)),
    )


@given(polygons, st.integers(0, 5), st.integers(0, 5))
def test_a_shift_by_whole_pixels_shifts_the_mask(polygon, down, right):
    # binary fractions, so that the shift does not round the vertices
    polygon = np.clip(np.round(polygon * 64) / 64, 0, 14)
    mask = polygons_to_mask([polygon], (20, 20))
    moved = polygons_to_mask([polygon + [down, right]], (20, 20))
    np.testing.assert_array_equal(moved, np.roll(mask, (down, right), axis=(0, 1)))


@given(st.integers(0, 8), st.integers(1, 8), st.integers(0, 8), st.integers(1, 8))
def test_a_rectangle_between_pixel_centres_is_exact(top, height, left, width):
    low, high = (
        np.array([top, left]) - 0.5,
        np.array([top + height, left + width]) - 0.5,
    )
    corners = np.array([low, [low[0], high[1]], high, [high[0], low[1]]])
    expected = np.zeros((20, 20), dtype=bool)
    expected[top : top + height, left : left + width] = True
    np.testing.assert_array_equal(polygons_to_mask([corners], (20, 20)), expected)


def test_a_hole_and_an_island_in_it():
    mask = polygons_to_mask(
        [square(-0.5, 9.5), square(1.5, 7.5), square(3.5, 5.5)], (10, 10)
    )
    assert mask.sum() == 100 - 36 + 4
    assert mask[4, 4] and not mask[2, 2] and mask[0, 0]
