"""An outline on another grid, pixel by pixel, and at the border exactly."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images._laid_outline import lay_outline, nearest_section

AXES = Rotation.from_euler("xyz", (20, -30, 40), degrees=True).as_matrix()
SHAPE = (12, 14)


def place(at=(0.0, 0.0, 0.0), spacing=(1.0, 1.0), turn=0.0, tilt=0.0, **more):
    """A slice `at` mm to the right, below and behind the first one, turned."""
    own = Rotation.from_euler("xyz", (tilt, 0, turn), degrees=True).as_matrix()
    more = {"thickness": 3.0, **more}
    return Geometry(spacing, np.array(at) @ AXES + 5.0, (own @ AXES)[:2], **more)


def lay(mask, image, drawn_on=None, shape=SHAPE, places=None):
    drawn_on = drawn_on or place()
    slice_ = Image2D(np.zeros(shape), image)
    return lay_outline(mask, drawn_on, slice_, places or [image])


def block():
    mask = np.zeros(SHAPE, dtype=bool)
    mask[4:8, 5:10] = mask[8, 6] = True
    return mask


def stack(*places):
    shapes = [SHAPE] * len(places)
    return ImageFile("i", shapes, list(places), lambda section: np.zeros(SHAPE))


@pytest.mark.parametrize(
    ("at", "spacing", "turn"),
    [
        ((0, 0, 0), (1, 1), 0),
        ((0.31, -0.23, 1), (0.7, 0.9), 0),
        ((-1.3, 2.2, -1), (0.6, 1.1), 15),
        ((12.43, 10.21, 0), (0.9, 1.1), 180),
        ((-0.8, 12.4, 0), (1.1, 0.8), 90),
        ((0.013, 0.027, 0), (0.17, 0.15), 0),
        ((-0.8, 12.43, 0), (0.2, 0.21), 65),
    ],
)
def test_a_pixel_belongs_to_the_roi_if_the_one_it_lies_in_does(at, spacing, turn):
    image, shape, mask = place(at, spacing, turn), (64, 72), block()
    along, down = image.orientation
    rows, columns = np.indices(shape)[..., None]
    centres = rows * spacing[0] * down + columns * spacing[1] * along + image.position
    offsets = (centres - place().position) @ place().orientation.T
    column, row = np.rint(offsets).astype(int).transpose(2, 0, 1)
    within = (row >= 0) & (row < SHAPE[0]) & (column >= 0) & (column < SHAPE[1])
    expected = within & mask[row % SHAPE[0], column % SHAPE[1]]
    found = lay(mask, image, shape=shape)
    assert np.array_equal(found, expected)
    assert found.sum() > 10


def test_an_outline_at_the_edges_of_both_images():
    mask = np.zeros(SHAPE, dtype=bool)
    mask[0, 0] = mask[-1, -1] = True
    assert np.array_equal(lay(mask, place()), mask)
    larger = lay(mask, place((-3, -3, 0)), shape=(20, 22))
    assert np.argwhere(larger).tolist() == [[3, 3], [14, 16]]
    finer = lay(mask, place((-0.25, -0.25, 0), (0.5, 0.5)), shape=(24, 28))
    assert np.array_equal(finer, np.kron(mask, np.ones((2, 2))))


def test_centres_of_pixels_on_the_outer_border_of_the_image_lie_on_it():
    for right, below in ((5.49, 0), (0, 4.49), (-4.49, 0), (0, -3.49)):
        lay(block(), place((right, below, 0)))
    for right, below, rows, columns in (
        (5.51, 0, "4 to 8", "-1 to 3"),
        (0, 4.51, "-1 to 3", "5 to 9"),
        (-4.51, 0, "4 to 8", "10 to 14"),
        (0, -3.51, "8 to 12", "5 to 9"),
    ):
        with pytest.raises(
            LesionError,
            match=f"from row {rows} and column {columns}, outside the image of 12 x 14",
        ):
            lay(block(), place((right, below, 0)))


@pytest.mark.parametrize(
    ("image", "others", "most"),
    [
        (place(), (), 1.5),
        (place(thickness=None), (), 0.5),
        (place(step=4.0), (), 2.0),
        (place(step=2.0), (), 1.5),
        (place(thickness=None, step=2.0), (), 1.0),
        (place(), (4.0, -6.0), 2.0),
        (place(thickness=None), (0.04, -6.0, 9.0), 3.0),
        (place(thickness=None), (0.02,), 0.5),
        (place(thickness=None), (4.0,), 2.0),
        (place(thickness=0.5), (), 0.25),
        (place(thickness=None, step=0.5), (), 0.25),
    ],
)
@pytest.mark.parametrize("side", [1, -1])
def test_an_outline_lies_within_half_a_slice(image, others, most, side):
    places = [image, *(place((0, 0, distance)) for distance in others)]
    near = place((0, 0, side * (most + 0.04)))
    assert np.array_equal(lay(block(), image, near, places=places), block())
    far = place((0, 0, side * (most + 0.06)))
    at = f"{side * (most + 0.06):+.1f}"
    with pytest.raises(
        LesionError,
        match=rf"lies \{at} to \{at} mm from this slice .* within {most:.1f} mm",
    ):
        lay(block(), image, far, places=places)


def test_of_a_tilted_outline_the_furthest_pixel_counts():
    fits = []
    for tilt in (1.14, -1.14):  # rows 4 and 8 lie 0.08 mm apart across the slice
        try:
            fits.append(lay(block(), place(tilt=tilt), place((0, 0, 1.43))).any())
        except LesionError as error:
            fits.append(False)
            assert "mm from this slice" in str(error)
    assert sorted(fits) == [False, True]


def test_exactly_half_a_slice_and_rounding_is_near_enough():
    axes = np.eye(3)[:2]
    own = Geometry((1.0, 1.0), np.array([0, 0, 1.55]), axes, 3.0)
    assert lay(block(), Geometry((1.0, 1.0), np.zeros(3), axes, 3.0), own).any()


def test_slices_may_be_tilted_by_a_fiftieth_of_a_radian():
    for tilt, turn in ((1.14, 0), (1.14, 180), (181.14, 0)):
        image = place((12, 14, 0) if turn else (0, 0, 0), tilt=tilt, turn=turn)
        if tilt > 90:  # seen from behind, rows run upwards
            image = place((0, 12, 0), tilt=tilt)
        assert lay(block(), image, shape=(20, 20)).sum() == 21
    with pytest.raises(LesionError, match=r"tilted by 1\.2 degrees against this one"):
        lay(block(), place(tilt=1.16))


NOWHERE = Geometry((0.8, 0.5))


@pytest.mark.parametrize(
    ("spacing", "fits"),
    [
        ((0.8, 0.5), True),
        ((0.8039, 0.5), True),
        ((0.8041, 0.5), False),
        ((0.8, 0.4976), True),
        ((0.8, 0.4974), False),
        (None, True),
    ],
)
def test_without_a_place_spacings_are_compared_to_a_pixel_in_200(spacing, fits):
    other = Geometry(spacing)
    if fits:
        assert np.array_equal(lay(block(), NOWHERE, other), block())
        assert np.array_equal(lay(block(), other, place(spacing=(0.8, 0.5))), block())
        return
    with pytest.raises(LesionError, match=r"pixels of 0\.8.* mm, and .* 0\.8 x 0\.5 m"):
        lay(block(), NOWHERE, other)


def test_half_a_pixel_of_the_image_lies_around_its_centres():
    axes = np.eye(3)[:2]
    own = Geometry((1.0, 1.0), np.zeros(3), axes, 3.0)
    for at in ((5.5, 0, 0), (0, 4.5, 0), (-4.5, 0, 0), (0, -3.5, 0)):
        lay(block(), Geometry((1.0, 1.0), np.array(at), axes, 3.0), own)


def test_a_fine_image_ends_where_an_outline_does():
    mask = np.zeros(SHAPE, dtype=bool)
    mask[0, 0] = True
    fine = lay(mask, place((-0.25, -0.25, 0), (0.125, 0.125)), shape=(7, 8))
    assert fine.sum() == 36  # of -0.25 to 0.375: 0.5 is the next pixel's
    corner = place((-0.4, -0.4, 0), (0.1, 0.1))
    assert lay(mask, corner, shape=(20, 20)).sum() == 81


def test_slices_of_another_frame_of_reference_are_not_looked_through():
    drawn = stack(place(frame_of_reference="1.2"))
    with pytest.raises(LesionError, match=r"frame of reference 1\.2, .* in 1\.3"):
        nearest_section(stack(place(frame_of_reference="1.3")), drawn, 0)


def test_frames_of_reference_count_where_both_are_told():
    here = place(frame_of_reference="1.2")
    assert np.array_equal(lay(block(), here, place()), block())
    assert np.array_equal(lay(block(), place(), here), block())
    assert np.array_equal(lay(block(), here, here), block())
    with pytest.raises(LesionError, match=r"frame of reference 1\.3, .* in 1\.2"):
        lay(block(), here, place(frame_of_reference="1.3"))


def test_the_nearest_slice_on_either_side():
    drawn = stack(place((0, 0, 40)), place((0, 0, 5)))
    image = stack(*(place((0, 0, z)) for z in (-4, 0, 4, 8, 12)))
    assert nearest_section(image, drawn, 1) == 2
    assert nearest_section(image, drawn, 0) == 4
    near = stack(place((0, 0, 6.1)), place((0, 0, -9)))
    assert nearest_section(image, near, 0) == 3
    assert nearest_section(image, near, 1) == 0


def test_slices_without_a_place_go_by_number_where_there_are_as_many():
    bare, known = stack(NOWHERE, place()), stack(place(), place((0, 0, 3)))
    assert nearest_section(bare, known, 1) == 1
    assert nearest_section(known, stack(NOWHERE, NOWHERE), 1) == 1
    with pytest.raises(LesionError, match="which of the 2 slices .* sequence of 1:"):
        nearest_section(bare, stack(place()), 0)
