"""ROIs in RT structure sets."""

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from scipy.spatial.transform import Rotation

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Image2D, read_image, read_mask
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images.formats._rtstruct import RtStruct

from ._make import (
    BIRTH_DATE,
    FRAME,
    NAME,
    PATIENT_ID,
    square,
    write_image,
    write_rtstruct,
)

SHAPE = (40, 48)
OUTER, HOLE = square(9.5, 29.5), square(14.5, 19.5)


def geometry(angles=(0, 0, 0), **changes):
    axes = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    values = {
        "spacing": (0.8, 0.5),
        "position": np.array([-31.5, 12.25, 88.0]),
        "orientation": axes[:2],
        "thickness": 4.0,
        "frame_of_reference": FRAME,
    }
    return Geometry(**(values | changes))


def image(place=None):
    return Image2D(np.zeros(SHAPE, np.int16), place or geometry())


def placed(polygon, place, distance=0.0):
    column = np.full((len(polygon), 1), distance)
    return place.to_patient(np.hstack([polygon, column]))


def write(tmp_path, polygons, place=None, distance=0.0, **settings):
    place = place or geometry()
    rois = {"GTV": [placed(polygon, place, distance) for polygon in polygons]}
    return write_rtstruct(tmp_path / "rs.dcm", rois, **settings)


def expected(*holes):
    mask = np.zeros(SHAPE, dtype=bool)
    mask[10:30, 10:30] = True
    for hole in holes:
        mask[hole] = False
    return mask


ORIENTATIONS = {
    "axial": (0, 0, 0),
    "coronal": (90, 0, 0),
    "sagittal": (0, 90, 90),
    "oblique": (25, -40, 13),
    "double oblique": (171, 33, -80),
}


@pytest.mark.parametrize("angles", ORIENTATIONS.values(), ids=ORIENTATIONS)
def test_square_with_a_hole(tmp_path, angles):
    place = geometry(angles)
    path = write(tmp_path, [OUTER, HOLE], place)
    mask = read_mask(path, image(place))
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, expected(np.s_[15:20, 15:20]))


@pytest.mark.parametrize("angles", ORIENTATIONS.values(), ids=ORIENTATIONS)
def test_round_trip_of_a_lesion(tmp_path, angles):
    from skimage.measure import find_contours

    place = geometry(angles)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    angle = np.arctan2(rows - 20, columns - 24)
    mask = np.hypot(rows - 20, columns - 24) < 12 + 3 * np.sin(3 * angle)
    path = write(tmp_path, find_contours(mask.astype(float), 0.5), place)
    np.testing.assert_array_equal(read_mask(path, image(place)), mask)


def test_two_islands(tmp_path):
    path = write(tmp_path, [square(1.5, 4.5), square(20.5, 22.5)])
    assert read_mask(path, image()).sum() == 9 + 4


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR"])
def test_closed_kinds(tmp_path, kind):
    path = write(tmp_path, [OUTER], kind=kind)
    np.testing.assert_array_equal(read_mask(path, image()), expected())


@pytest.mark.parametrize("distance", [-2.0, -1.9, 0.3, 2.0])
def test_within_half_a_slice(tmp_path, distance):
    path = write(tmp_path, [OUTER], distance=distance)
    np.testing.assert_array_equal(read_mask(path, image()), expected())


def test_overlapping_slices_take_the_nearest_plane(tmp_path):
    place = geometry()
    near, far = placed(OUTER, place, 0.2), placed(square(0.5, 5.5), place, 1.8)
    path = write_rtstruct(tmp_path / "rs.dcm", {"GTV": [far, near]})
    np.testing.assert_array_equal(read_mask(path, image()), expected())


def test_no_contour_on_this_slice_says_where_they_are(tmp_path):
    place = geometry()
    contours = [placed(OUTER, place, distance) for distance in (-8, 4, 12)]
    path = write_rtstruct(tmp_path / "rs.dcm", {"GTV": contours})
    with pytest.raises(
        LesionError, match=r"4 mm thick.*lie at -8\.0, \+4\.0, \+12\.0 mm from it"
    ):
        read_mask(path, image())


def test_many_planes_are_not_all_listed(tmp_path):
    place = geometry()
    contours = [placed(OUTER, place, distance) for distance in range(10, 50, 4)]
    path = write_rtstruct(tmp_path / "rs.dcm", {"GTV": contours})
    with pytest.raises(LesionError, match=r"\+30\.0 mm .* \(the nearest of 10 planes"):
        read_mask(path, image())


def test_another_orientation(tmp_path):
    path = write(tmp_path, [OUTER], geometry((10, 0, 0)))
    with pytest.raises(
        LesionError, match=r"leave the plane of this image by up to 2\."
    ):
        read_mask(path, image())


def test_another_frame_of_reference(tmp_path):
    path = write(tmp_path, [OUTER], frame="1.2.3")
    with pytest.raises(LesionError, match=f"frame of reference 1.2.3, .* in {FRAME};"):
        read_mask(path, image())


def test_a_frame_that_is_not_told_is_not_compared(tmp_path):
    path = write(tmp_path, [OUTER], frame=None)
    np.testing.assert_array_equal(read_mask(path, image()), expected())
    path = write(tmp_path, [OUTER])
    unnamed = image(geometry(frame_of_reference=None))
    np.testing.assert_array_equal(read_mask(path, unnamed), expected())


def test_an_image_without_a_place(tmp_path):
    path = write(tmp_path, [OUTER])
    bare = Image2D(np.zeros(SHAPE), Geometry(spacing=(1.0, 1.0)))
    with pytest.raises(
        LesionError, match="no valid ImagePositionPatient, no valid ImageOrientation"
    ):
        read_mask(path, bare)


@pytest.mark.parametrize("shift", [-12, 25])
def test_outside_the_image(tmp_path, shift):
    path = write(tmp_path, [OUTER + shift])
    with pytest.raises(LesionError, match="outside the image of 40 x 48 pixels"):
        read_mask(path, image())


def test_a_contour_along_the_border(tmp_path):
    border = np.array([[-0.5, -0.5], [-0.5, 47.5], [39.5, 47.5], [39.5, -0.5]])
    assert read_mask(write(tmp_path, [border]), image()).all()


@pytest.mark.parametrize("polygons", [[OUTER, OUTER], [square(10.1, 10.4)]])
def test_nothing_enclosed(tmp_path, polygons):
    path = write(tmp_path, polygons)
    with pytest.raises(LesionError, match="enclose no pixel centre"):
        read_mask(path, image())


@pytest.mark.parametrize("kind", ["POINT", "OPEN_PLANAR"])
def test_no_closed_contour(tmp_path, kind):
    path = write(tmp_path, [OUTER], kind=kind)
    with pytest.raises(LesionError, match=f"no closed contour .*found: {kind}"):
        read_mask(path, image())


def test_stray_points_are_left_out(tmp_path):
    path = write(tmp_path, [OUTER, OUTER[:1], OUTER[:2]])
    np.testing.assert_array_equal(read_mask(path, image()), expected())


def three_rois(tmp_path):
    place = geometry()
    rois = {
        "GTV": [placed(OUTER, place)],
        "GTV #2": [placed(square(0.5, 5.5), place)],
        "7": [placed(square(0.5, 3.5), place)],
        "empty": [],
    }
    return write_rtstruct(tmp_path / "rs.dcm", rois)


@pytest.mark.parametrize(
    ("roi", "area"),
    [("GTV", 400), ("GTV #2", 25), ("7", 9), ("1", 400), ("2", 25), (" GTV ", 400)],
)
def test_one_roi_of_several(tmp_path, roi, area):
    assert read_mask(f"{three_rois(tmp_path)}#{roi}", image()).sum() == area


@pytest.mark.parametrize(
    ("suffix", "asked"),
    [("", "no ROI is chosen"), ("#PTV", "'#PTV' was asked"), ("#4", "'#4' was asked")],
)
def test_the_rois_are_listed(tmp_path, suffix, asked):
    path = three_rois(tmp_path)
    with pytest.raises(
        LesionError, match=rf"rs\.dcm.*{asked}.*'GTV' \(#1\), 'GTV #2' \(#2\), '7' \(#3"
    ) as caught:
        read_mask(path + suffix, image())
    assert "'empty'" not in str(caught.value)


def test_the_only_roi_with_contours_needs_no_name(tmp_path):
    rois = {"body": [], "GTV": [placed(OUTER, geometry())]}
    path = write_rtstruct(tmp_path / "rs.dcm", rois)
    np.testing.assert_array_equal(read_mask(path, image()), expected())


@pytest.mark.parametrize("damage", ["12\\345678", "nan", "x", ""])
def test_damaged_coordinates(tmp_path, damage):
    path = write(tmp_path, [OUTER])
    first = f"{placed(OUTER, geometry())[0, 0]:.6f}"
    with open(path, "rb") as file:
        content = file.read()
    with open(path, "wb") as file:
        damaged = damage.ljust(len(first)).encode()
        file.write(content.replace(first.encode(), damaged, 1))
    with pytest.raises(LesionError, match="a contour of ROI 'GTV' is damaged"):
        read_mask(path, image())


def test_a_cut_file_is_refused_or_has_no_damaged_roi(tmp_path):
    path = write(tmp_path, [OUTER, HOLE])
    with open(path, "rb") as file:
        whole = file.read()
    cut = tmp_path / "cut.dcm"
    for length in range(0, len(whole) - 1, 23):
        cut.write_bytes(whole[:length])
        with pytest.raises(LesionError, match=r"cut\.dcm"):
            read_mask(cut, image())


def test_no_identity_in_messages(tmp_path):
    path = three_rois(tmp_path)
    for suffix in ("", "#nobody"):
        with pytest.raises(LesionError) as caught:
            read_mask(path + suffix, image())
        shown = str(caught.value) + repr(vars(RtStruct(path)))
        assert not any(text in shown for text in (NAME, PATIENT_ID, BIRTH_DATE))


def test_the_image_comes_from_its_header(tmp_path):
    image_path = write_image(tmp_path / "i.dcm", np.zeros(SHAPE, np.int16))
    slice_ = read_image(image_path)
    path = write(tmp_path, [OUTER], slice_.geometry)
    np.testing.assert_array_equal(read_mask(path, slice_), expected())


def test_structure_set_of_pydicom():
    # written without preamble; its 4 ROIs have contours on axial planes
    rois = RtStruct(get_testdata_file("rtstruct.dcm")).rois
    assert all(roi.contours for roi in rois)
    with pytest.raises(LesionError, match="expected exactly one"):
        read_mask(get_testdata_file("rtstruct.dcm"), image())
