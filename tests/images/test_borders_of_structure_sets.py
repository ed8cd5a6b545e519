"""RT structure sets: which contours an ROI has, and whose frame of reference counts."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images.formats._bounded import MAX_MM
from sklearn_orn.images.formats._rtstruct import RtStruct, other_series

from ._make import FRAME, square, write_rtstruct
from ._volumes import Scene

SHAPE = (12, 14)


def image(frame=FRAME, series=None, instance=None):
    place = Geometry(
        (1.0, 1.0),
        np.zeros(3),
        np.eye(3)[:2],
        3.0,
        frame_of_reference=frame,
        series=series,
        instance=instance,
    )
    return Image2D(np.zeros(SHAPE), place)


def contour(low=1.5, high=5.5, z=0.0):
    return np.column_stack([square(low, high), np.full(4, z)])


def changed(path, change, rois=None, **settings):
    write_rtstruct(path, rois or {"GTV": [contour()]}, **settings)
    dataset = dcmread(path)
    change(dataset)
    dataset.save_as(path)
    return RtStruct(path)


def items(**values):
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return Sequence([item])


def refers(dataset, *frames, series="1.2.3", images=()):
    """Say in which frames of reference, series and images the ROIs were drawn."""
    referenced = items(SeriesInstanceUID=series)
    if images:
        named = [items(ReferencedSOPInstanceUID=uid)[0] for uid in images]
        referenced[0].ContourImageSequence = Sequence(named)
    study = items(RTReferencedSeriesSequence=referenced)
    entries = [items(FrameOfReferenceUID=frame)[0] for frame in frames]
    entries[0].RTReferencedStudySequence = study
    dataset.ReferencedFrameOfReferenceSequence = Sequence(entries)


def test_points_of_each_roi_by_its_number(tmp_path):
    rois = {
        "GTV": [contour(), contour(z=3.0)[:3]],
        "empty": [],
        "damaged": [contour()],
        "marker": [contour()[:1]],
    }

    def damage(dataset):
        dataset.ROIContourSequence[2].ContourSequence[0].ContourData = ["1", "2"]

    points = changed(tmp_path / "rs.dcm", damage, rois).points()
    assert {number: len(of) for number, of in points.items()} == {1: 7, 3: 0, 4: 0}
    assert all(of.shape[1] == 3 for of in points.values())
    np.testing.assert_array_equal(points[1][:4], contour())
    np.testing.assert_array_equal(points[1][4:], contour(z=3.0)[:3])


def test_from_three_points_a_contour_encloses_something(tmp_path):
    rois = {"GTV": [contour()[:3], contour(7.5, 9.5)[:2]]}
    found = changed(tmp_path / "rs.dcm", lambda d: None, rois).mask(None, image())
    assert found.sum() == 4 + 3 + 2 + 1
    rois = {"GTV": [contour()[:2]]}
    lone = changed(tmp_path / "rs.dcm", lambda d: None, rois)
    with pytest.raises(LesionError, match="no closed contour of three or more points"):
        lone.mask(None, image())


@pytest.mark.parametrize("side", [1, -1])
def test_coordinates_beyond_any_patient_are_damaged(tmp_path, side):
    def far(value):
        def move(dataset):
            one = dataset.ROIContourSequence[0].ContourSequence[0]
            one.ContourData = [*map(str, contour()[1:].ravel()), f"{value:.0f}", 0, 0]

        return changed(tmp_path / "rs.dcm", move)

    assert np.abs(far(side * (MAX_MM - 1)).points()[1]).max() == MAX_MM - 1
    with pytest.raises(LesionError, match="a contour of ROI 'GTV' is damaged"):
        far(side * MAX_MM).mask(None, image())


def test_a_contour_that_does_not_say_its_kind_is_closed(tmp_path):
    def untyped(dataset):
        del dataset.ROIContourSequence[0].ContourSequence[0].ContourGeometricType

    assert changed(tmp_path / "rs.dcm", untyped).mask(None, image()).sum() == 16


def test_a_marker_among_closed_contours_is_passed_over(tmp_path):
    def marked(dataset):
        contours = dataset.ROIContourSequence[0].ContourSequence
        contours[1].ContourGeometricType = "POINT"

    rois = {"GTV": [contour(), contour(), contour(7.5, 9.5)]}
    assert changed(tmp_path / "rs.dcm", marked, rois).mask(None, image()).sum() == 20


def test_contours_find_their_slice(tmp_path):
    scene = Scene()
    place = np.column_stack([square(3.5, 7.5)[:, ::-1] * (0.5, 0.8), np.full(4, 9.0)])
    path = write_rtstruct(tmp_path / "rs.dcm", {"GTV": [place + scene.origin]})
    region = Lesion(scene.write_series(tmp_path / "s"), path).read()[""]
    np.testing.assert_array_equal(region.image, scene.pixels[3])
    assert region.mask[4:8, 4:8].all() and region.mask.sum() == 16


def test_a_contour_without_coordinates_has_no_points(tmp_path):
    def bare(dataset):
        contours = dataset.ROIContourSequence[0].ContourSequence
        del contours[0].ContourData

    rois = {"GTV": [contour(7.5, 9.5), contour()]}
    with pytest.raises(LesionError, match="is damaged"):
        changed(tmp_path / "rs.dcm", bare, rois).mask(None, image())


def check_frames(path, own, frames, image_frame, series="1.2.3"):
    def change(dataset):
        refers(dataset, *frames)
        if own is None:
            del dataset.StructureSetROISequence[0].ReferencedFrameOfReferenceUID

    settings = {"frame": own or "9"}
    rois = changed(path, change, **settings)
    try:
        return rois.mask(None, image(image_frame, series)).any()
    except LesionError as error:
        assert "frame of reference" in str(error)
        return False


@pytest.mark.parametrize(
    ("own", "frames", "image_frame", "series", "fits"),
    [
        ("1.1", ["1.1"], "1.1", None, True),
        ("1.1", ["1.1"], "1.2", None, False),
        ("1.1", ["1.1"], None, None, True),
        # the only frame of the file is that of its ROIs
        (None, ["1.1"], "1.1", None, True),
        (None, ["1.1"], "1.2", None, False),
        (None, ["1.1", "1.2"], "1.3", None, True),
        # a frame that stands at the ROI alone, of a file drawn on this series
        ("1.9", ["1.1"], "1.1", "1.2.3", True),
        ("1.9", ["1.1"], "1.1", "1.2.4", False),
        ("1.9", ["1.1"], "1.2", "1.2.3", False),
        ("1.9", ["1.1", "1.9"], "1.1", "1.2.3", False),
    ],
)
def test_which_frame_of_reference_an_roi_was_drawn_in(
    tmp_path, own, frames, image_frame, series, fits
):
    assert check_frames(tmp_path / "rs.dcm", own, frames, image_frame, series) == fits


def test_another_series_is_a_hint_where_both_are_told():
    place = image(series="1.2.3").geometry
    assert "refers to another series" in other_series({"1.2.4"}, place)
    assert other_series({"1.2.4", "1.2.3"}, place) == ""
    assert other_series({""}, place) == other_series(set(), place) == ""
    assert "refers to another series" in other_series({"", "1.2.4"}, place)
    assert other_series({"1.2.4"}, image().geometry) == ""


def test_images_that_the_series_lists_are_known_without_contours(tmp_path):
    def of_others(dataset):
        refers(dataset, FRAME, images=["5.1", "5.2"])
        first = dataset.ROIContourSequence[0].ContourSequence[0]
        first.ContourImageSequence = items(ReferencedSOPInstanceUID="5.2")

    rois = changed(tmp_path / "rs.dcm", of_others)
    assert rois.mask(None, image(instance="5.2")).sum() == 16
    with pytest.raises(LesionError, match="no contour lies on this slice"):
        rois.mask(None, image(instance="5.1"))
    assert rois.mask(None, image(instance="5.3")).sum() == 16


def test_an_image_that_a_contour_names_is_known(tmp_path):
    def named(dataset):
        contours = dataset.ROIContourSequence[0].ContourSequence
        for one, uid in zip(contours, ("5.1", "5.2"), strict=True):
            one.ContourImageSequence = items(ReferencedSOPInstanceUID=uid)

    rois = {"GTV": [contour(), contour(7.5, 9.5)]}
    found = changed(tmp_path / "rs.dcm", named, rois)
    assert found.mask(None, image(instance="5.1")).sum() == 16
    assert found.mask(None, image(instance="5.2")).sum() == 4
    assert found.mask(None, image(instance="5.3")).sum() == 20


def test_on_its_series_a_contour_half_a_slice_away_is_the_next_one(tmp_path):
    half = {"GTV": [contour(z=1.5)]}
    known = changed(tmp_path / "rs.dcm", lambda d: refers(d, FRAME), half)
    assert known.mask(None, image(series="1.2.4")).any()
    with pytest.raises(LesionError, match="no contour lies on this slice"):
        known.mask(None, image(series="1.2.3"))


def test_one_roi_listed_twice_and_two_of_one_number(tmp_path):
    rois = {"GTV": [contour()], "other": [contour(7.5, 9.5)]}

    def same_number(dataset):
        dataset.StructureSetROISequence[1].ROINumber = 1

    with pytest.raises(LesionError, match="two ROIs have the number 1: 'GTV' and 'oth"):
        changed(tmp_path / "rs.dcm", same_number, rois)

    def same_name(dataset):
        same_number(dataset)
        dataset.StructureSetROISequence[1].ROIName = "GTV"
        dataset.ROIContourSequence[1].ReferencedROINumber = 1

    found = changed(tmp_path / "rs.dcm", same_name, rois)
    assert [roi.number for roi in found.rois] == [1]
    assert found.mask(None, image()).sum() == 20
