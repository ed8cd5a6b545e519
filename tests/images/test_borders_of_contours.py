"""Which contours are those of a slice, at the border exactly."""

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_file import DrawnTooSmall, NotOnSlice
from sklearn_orn.images.formats._contours import (
    Contour,
    contours_on_slice,
    fill_contours,
)

from ._make import square

OWN, OTHER = "1.2.3.100", "1.2.3.101"


def place(thickness=3.0, **more):
    axes = np.eye(3)[:2]
    return Geometry((1.0, 1.0), np.zeros(3), axes, thickness, instance=OWN, **more)


def contour(z, instance=None, spread=0.0, size=4.0):
    rows, columns = square(0, size).T
    across = z + spread * np.array([-0.5, -0.5, 0.5, 0.5])
    return Contour(np.column_stack([columns, rows, across]), instance)


def taken(*contours, geometry=None, **known):
    """The places of the contours of a slice."""
    found = contours_on_slice(contours, geometry or place(), **known)
    sizes = [one.points.max() for one in contours]
    assert all(one.points.shape[1] == 2 for one in found)
    return [sizes.index(one.points.max()) for one in found]


def is_taken(z, *others, geometry=None, instance=None, **known):
    first = contour(z, instance, size=5.0)
    try:
        return 0 in taken(first, *others, geometry=geometry, **known)
    except NotOnSlice:
        return False


@pytest.mark.parametrize(("thickness", "most"), [(3.0, 0.3), (0.2, 0.05), (None, 0.1)])
def test_a_contour_may_leave_its_plane_by_a_tenth_of_a_slice(thickness, most):
    flat = contour(0.0, spread=most - 0.01)
    assert taken(flat, geometry=place(thickness)) == [0]
    tilted = contour(0.0, spread=most + 0.01)
    with pytest.raises(LesionError, match=f"by up to {most + 0.01:.1f} mm: they were"):
        taken(tilted, geometry=place(thickness))
    beside = contour(0.01, size=6.0)
    assert taken(tilted, beside, geometry=place(thickness)) == [1]


@pytest.mark.parametrize(
    ("known", "most"),
    [
        ({}, 1.55),
        ({"geometry": place(None)}, 0.55),
        ({"geometry": place(3.0, step=2.0)}, 1.05),
        ({"geometry": place(3.0, step=4.0)}, 1.55),
        ({"of_series": True}, 1.45),
        ({"of_series": True, "geometry": place(0.12)}, 0.05),
        ({"of_series": True, "instance": OTHER}, 0.3),
        ({"of_series": True, "instance": OWN}, 1.55),
        ({"of_series": True, "instance": OWN, "geometry": place(3.0, step=1.0)}, 1.55),
        ({"instance": OTHER}, 1.55),
        ({"instance": OTHER, "instances": {OTHER}}, 1.55),
        ({"instance": OWN, "geometry": place(3.0, step=1.0)}, 1.55),
    ],
)
@pytest.mark.parametrize("side", [1, -1])
def test_how_far_from_a_slice_its_contours_may_lie(known, most, side):
    assert is_taken(side * (most - 0.01), **known)
    assert not is_taken(side * (most + 0.01), **known)


def test_exactly_at_the_border_a_contour_is_taken():
    half = place(5.0)  # whose tenth, 0.5, is exact
    assert taken(contour(0.0, spread=0.5), geometry=half) == [0]
    tilted = contour(1.0, spread=0.5, size=5.0)
    assert taken(contour(1.0), tilted, geometry=half) == [0, 1]
    assert taken(contour(0.0), contour(0.5, size=5.0), geometry=half) == [0, 1]
    assert is_taken(1.5, geometry=place(2.9))
    assert is_taken(1.5, geometry=place(2.9), instance=OWN)
    both = contour(1.0), contour(1.5, size=5.0)  # of one plane, and no step
    assert taken(*both, geometry=half) == [0, 1]
    same = contour(0.0, OTHER), contour(0.5, OTHER), contour(0.25, OWN, size=5.0)
    assert taken(*same, geometry=half, instances={OWN}) == [2]


def test_an_image_without_a_place_takes_no_contours():
    with pytest.raises(LesionError, match="contours cannot be placed"):
        taken(contour(0.0), geometry=Geometry((1.0, 1.0)))


def test_the_step_of_the_contours_counts_where_it_is_less_than_the_thickness():
    assert is_taken(1.04, contour(3.04))
    assert not is_taken(1.06, contour(3.06))
    assert is_taken(1.54, contour(5.54))


def test_contours_within_a_tenth_of_a_slice_are_of_one_plane():
    assert taken(contour(1.1), contour(1.39, size=5)) == [0, 1]
    assert taken(contour(0.1), contour(0.41, size=5)) == [0]
    assert taken(contour(-0.1), contour(0.12, size=5)) == [0, 1]


def test_contours_of_other_images_do_not_count_where_each_has_a_plane_of_its_own():
    contours = contour(0.0, OTHER), contour(0.2, OWN, size=5), contour(0.2, size=6)
    assert taken(*contours, instances={OWN, OTHER}) == [1, 2]
    assert taken(*contours, instances={OTHER}) == [0, 1, 2]
    # one image named on two planes: a careless export
    assert taken(*contours, contour(5.0, OWN), instances={OWN, OTHER}) == [0, 1, 2]
    assert taken(*contours, contour(0.31, OTHER), instances={OWN}) == [0, 1, 2]
    assert taken(*contours, contour(0.29, OTHER), instances={OWN}) == [1, 2]
    tilted = contour(5.0, OWN, spread=2.0)
    assert taken(*contours, tilted, instances={OWN, OTHER}) == [1, 2]
    # contours that name no image lie on many
    assert taken(*contours, contour(9.0), instances={OWN, OTHER}) == [1, 2]


def test_where_only_other_images_are_named_nothing_lies_on_the_slice():
    with pytest.raises(NotOnSlice, match=r"\(3 mm thick\). .* lie at \+0\.2, \+3\.2"):
        taken(contour(0.2, OTHER), contour(3.2, "1.2.3.9"), instances={OWN, OTHER})


def test_of_many_planes_the_six_nearest_are_listed():
    planes = [contour(z) for z in (-20, -16, -12, -8, 5, 9, 13, 17)]
    nearest = "at -16.0, -12.0, -8.0, +5.0, +9.0, +13.0 mm from it"
    with pytest.raises(NotOnSlice, match="the nearest of 8 planes") as refused:
        taken(*planes)
    assert nearest in str(refused.value)
    with pytest.raises(NotOnSlice, match="the nearest of 7 planes"):
        taken(*planes[1:])
    with pytest.raises(NotOnSlice, match=r"lie at \+5\.0 mm from"):
        taken(contour(5.04), contour(5.01))
    with pytest.raises(NotOnSlice, match="lie at -16") as refused:
        taken(*planes[1:7])
    assert "nearest" not in str(refused.value)


IMAGE = Image2D(np.zeros((10, 12)), place())


def box(top, bottom, left, right):
    rows = [top, top, bottom, bottom]
    return Contour(np.column_stack([rows, [left, right, right, left]]).astype(float))


def test_contours_may_run_a_pixel_outside_the_image():
    assert fill_contours([box(-1, 10, -1, 12)], IMAGE).all()
    for top, bottom, left, right in (
        (-1.1, 3, 0, 3),
        (0, 10.1, 0, 3),
        (0, 3, -1.1, 3),
        (0, 3, 0, 12.1),
    ):
        with pytest.raises(
            LesionError,
            match=f"from row {top:.1f} to {bottom:.1f} and column {left:.1f} to "
            f"{right:.1f}, outside the image of 10 x 12 pixels",
        ):
            fill_contours([box(top, bottom, left, right)], IMAGE)


def test_what_is_drawn_twice_and_what_encloses_nothing():
    line, small = box(4, 4, 2, 5), box(4.2, 4.8, 2.2, 2.8)
    with pytest.raises(LesionError, match="the 2 contours .* drawn twice") as refused:
        fill_contours([line, line], IMAGE)
    assert not isinstance(refused.value, DrawnTooSmall)
    with pytest.raises(DrawnTooSmall, match="the 2 contours .* too small"):
        fill_contours([small, small], IMAGE)
    inner = box(0.5, 8.5, 0.5, 8.5)
    with pytest.raises(LesionError, match="the 2 contours .* drawn twice"):
        fill_contours([inner, inner], IMAGE)


def test_a_bent_line_drawn_twice_is_not_too_small():
    bent = Contour(np.array([[4, 2], [4, 5], [6, 5], [4, 5]], dtype=float))
    assert fill_contours([bent], IMAGE).sum() == 6
    with pytest.raises(LesionError, match="drawn twice"):
        fill_contours([bent, bent, box(4.2, 4.8, 2.2, 2.8)], IMAGE)


def test_of_contours_that_cross_only_those_of_xor_are_joined():
    first, second = box(0.5, 4.5, 0.5, 4.5), box(2.5, 6.5, 2.5, 6.5)
    with pytest.raises(LesionError, match="two contours on this slice cross"):
        fill_contours([first, second], IMAGE)
    kind = "CLOSEDPLANAR_XOR"
    both = [one._replace(kind=kind) for one in (first, second)]
    assert fill_contours(both, IMAGE).sum() == 16 + 16 - 2 * 4


def test_contours_of_a_tilted_slice_with_x_and_y_flipped():
    half = np.sqrt(0.5)
    axes = np.array([[1, 0, 0], [0, half, -half]])
    # flipped, all of its rows are row 0, and columns 20 to 23 are 6 to 3
    tilted = Geometry((1.0, 1.0), np.array([-13.0, 0, 0]), axes, 3.0)
    with pytest.raises(LesionError, match="With x and y flipped it lies inside"):
        fill_contours([box(2, 5, 20, 23)], Image2D(np.zeros((10, 12)), tilted))
    moved = Geometry((1.0, 1.0), np.array([-13.0, 0.8, 0]), axes, 3.0)
    with pytest.raises(LesionError, match="Give the uncropped series"):
        fill_contours([box(2, 5, 20, 23)], Image2D(np.zeros((10, 12)), moved))
