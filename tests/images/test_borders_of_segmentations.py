"""DICOM segmentations at the border of a slice, of a half and of a segment."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_file import NotOnSlice
from sklearn_orn.images.formats._seg import DicomSeg

from ._make import FRAME
from ._volumes import SHAPE, SPACING, Scene, write_seg

SCENE = Scene()
EMPTY = np.zeros_like(SCENE.mask)


def image(distance=0.0, section=2, thickness=3.0, frame=FRAME):
    position = SCENE.position(section) + (0, 0, distance)
    axes = np.eye(3)[:2]
    place = Geometry(SPACING, position, axes, thickness, frame_of_reference=frame)
    return Image2D(np.zeros(SHAPE), place)


def changed(path, change, **segments):
    path = write_seg(path, SCENE, segments or {"GTV": SCENE.mask})
    dataset = dcmread(path)
    change(dataset)
    dataset.save_as(path)
    return DicomSeg(path)


@pytest.fixture
def seg(tmp_path):
    return DicomSeg(write_seg(tmp_path / "s.dcm", SCENE, {"GTV": SCENE.mask}))


def test_corners_of_what_is_drawn_in_mm(tmp_path):
    other = EMPTY.copy()
    other[4, 7, 9] = True
    path = write_seg(tmp_path / "s.dcm", SCENE, {"GTV": SCENE.mask, "dot": other})
    points = DicomSeg(path).points()
    assert {number: len(of) for number, of in points.items()} == {1: 24, 2: 8}
    # columns 5 to 15 of 0.5 mm, rows 4 to 11 of 0.8 mm, slices 1 to 3 of 3 mm
    x, y, z = SCENE.origin
    low = [x + 4.5 * 0.5, y + 3.5 * 0.8, z + 3 - 1.5]
    high = [x + 15.5 * 0.5, y + 11.5 * 0.8, z + 9 + 1.5]
    np.testing.assert_allclose(points[1].min(axis=0), low)
    np.testing.assert_allclose(points[1].max(axis=0), high)
    middle = [x + 9 * 0.5, y + 7 * 0.8, z + 12]
    np.testing.assert_allclose(points[2].mean(axis=0), middle)
    np.testing.assert_allclose(np.ptp(points[2], axis=0), [0.5, 0.8, 3])


def test_slices_of_unknown_thickness_are_one_mm_thick(tmp_path):
    def thin(dataset):
        groups = dataset.SharedFunctionalGroupsSequence[0]
        del groups.PixelMeasuresSequence[0].SliceThickness

    seg = changed(tmp_path / "s.dcm", thin)
    assert np.ptp(seg.points()[1], axis=0)[2] == pytest.approx(6 + 1)
    assert seg.mask(None, image(0.09, thickness=None)).any()
    with pytest.raises(LesionError, match="shifted by 0.11 slices"):
        seg.mask(None, image(0.11, thickness=None))
    with pytest.raises(NotOnSlice, match=r"lie -3.5 to \+2.5 mm from it"):
        seg.mask(None, image(0.51, thickness=None))


@pytest.mark.parametrize("thickness", [3.0, None])
@pytest.mark.parametrize("side", [1, -1])
def test_a_tenth_of_a_slice_is_rounding_and_half_a_slice_is_between(
    seg, thickness, side
):
    near, between, beyond = (image(side * d, 2, thickness) for d in (0.29, 0.31, 1.49))
    np.testing.assert_array_equal(seg.mask(None, near), SCENE.mask[2])
    with pytest.raises(LesionError, match=r"shifted by 0\.10 slices") as refused:
        seg.mask(None, between)
    assert not isinstance(refused.value, NotOnSlice)
    with pytest.raises(LesionError, match=r"shifted by 0\.50 slices"):
        seg.mask(None, beyond)
    section = 3 if side > 0 else 1
    with pytest.raises(NotOnSlice, match="has no frame on this slice"):
        seg.mask(None, image(side * 1.51, section, thickness))


def test_exactly_half_a_slice_away_nothing_is_on_it(seg):
    with pytest.raises(NotOnSlice, match="has no frame on this slice"):
        seg.mask(None, image(1.5, section=3))


def test_frames_larger_than_any_image_are_refused(tmp_path):
    def huge(dataset):
        dataset.Rows = dataset.Columns = 65535

    with pytest.raises(LesionError, match="65535 x 65535 x 3 pixels of 1 bytes, more"):
        changed(tmp_path / "s.dcm", huge)


def test_the_thickness_of_the_image_comes_before_that_of_the_frames(seg):
    with pytest.raises(LesionError, match=r"shifted by 0\.29 slices"):
        seg.mask(None, image(0.29, thickness=1.0))
    assert seg.mask(None, image(0.29, thickness=5.0)).any()


def test_each_slice_has_its_own_frame(seg):
    for section in (1, 2, 3):
        found = seg.mask("GTV", image(section=section))
        np.testing.assert_array_equal(found, SCENE.mask[section])


def test_a_frame_of_reference_counts_where_both_are_told(tmp_path, seg):
    assert seg.mask(None, image(frame=None)).any()
    with pytest.raises(LesionError, match=rf"in the frame of reference {FRAME}, the"):
        seg.mask(None, image(frame="1.2.3"))
    unknown = changed(tmp_path / "u.dcm", lambda d: delattr(d, "FrameOfReferenceUID"))
    assert unknown.mask(None, image()).any()


@pytest.mark.parametrize(
    ("maximum", "value", "drawn"),
    [(200, 100, True), (200, 99, False), (None, 128, True), (None, 127, False)],
)
def test_from_half_of_the_maximum_a_pixel_belongs_to_the_roi(
    tmp_path, maximum, value, drawn
):
    path = write_seg(tmp_path / "s.dcm", SCENE, {"GTV": SCENE.mask}, "FRACTIONAL")
    dataset = dcmread(path)
    pixels = np.frombuffer(dataset.PixelData, np.uint8).copy()
    pixels[pixels == 90] = 0
    frame = pixels.reshape(-1, *SHAPE)[1]  # of slice 2
    frame[0, 0] = value
    dataset.PixelData = pixels.tobytes()
    if maximum is None:
        del dataset.MaximumFractionalValue
    else:
        dataset.MaximumFractionalValue = maximum
    dataset.save_as(path)
    found = DicomSeg(path).mask(None, image())
    assert found[0, 0] == drawn
    assert found.sum() == SCENE.mask[2].sum() + drawn


def labelled(dataset):
    """Make a label map of the binary frames: 1 where drawn, 3 in the corner."""
    frames = np.zeros((3, *SHAPE), np.uint8)
    for frame, section in enumerate((3, 2, 1)):
        frames[frame][SCENE.mask[section]] = 1
        frames[frame, 0, :2] = 3
    dataset.SegmentationType = "LABELMAP"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = frames.tobytes()
    for number, label in ((0, "background"), (3, "corner")):
        item = Dataset()
        item.SegmentNumber, item.SegmentLabel = number, label
        dataset.SegmentSequence.append(item)
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        del frame.SegmentIdentificationSequence


def test_in_a_label_map_each_number_is_a_segment_but_0(tmp_path):
    seg = changed(tmp_path / "s.dcm", labelled)
    assert [roi.name for roi in seg.rois] == ["GTV", "corner"]
    np.testing.assert_array_equal(seg.mask("GTV", image()), SCENE.mask[2])
    assert np.argwhere(seg.mask("corner", image())).tolist() == [[0, 0], [0, 1]]
    assert seg.points()[3].shape == (24, 3)


def test_frames_that_name_no_segment_are_those_of_the_only_one(tmp_path):
    def unnamed(dataset):
        for frame in dataset.PerFrameFunctionalGroupsSequence:
            del frame.SegmentIdentificationSequence

    seg = changed(tmp_path / "s.dcm", unnamed)
    np.testing.assert_array_equal(seg.mask(None, image()), SCENE.mask[2])
    both = {"GTV": SCENE.mask, "other": SCENE.mask}
    assert changed(tmp_path / "s.dcm", unnamed, **both).rois == []


def test_a_frame_of_a_segment_that_is_not_listed_is_left_out(tmp_path):
    def renumbered(dataset):
        frames = dataset.PerFrameFunctionalGroupsSequence
        frames[0].SegmentIdentificationSequence[0].ReferencedSegmentNumber = 9

    seg = changed(tmp_path / "s.dcm", renumbered)
    assert seg.mask(None, image()).any()
    with pytest.raises(NotOnSlice, match=r"lie -6\.0 to -3\.0 mm from it"):
        seg.mask(None, image(section=3))


def test_two_segments_of_one_number_are_refused(tmp_path):
    def same(dataset):
        dataset.SegmentSequence[1].SegmentNumber = 1

    with pytest.raises(LesionError, match="several segments of one number"):
        changed(tmp_path / "s.dcm", same, GTV=SCENE.mask, other=SCENE.mask)


def test_a_segment_without_a_pixel_on_a_slice(tmp_path):
    def erased(dataset):
        dataset.PixelData = bytes(len(dataset.PixelData))

    seg = changed(tmp_path / "s.dcm", erased)
    with pytest.raises(NotOnSlice, match="the segment is empty on this slice"):
        seg.mask(None, image())
    assert seg.points()[1].shape == (0, 3)


def test_a_frame_without_a_place_has_no_corners_and_no_mask(tmp_path):
    def unplaced(dataset):
        del dataset.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence

    seg = changed(tmp_path / "s.dcm", unplaced)
    assert len(seg.points()[1]) == 16
    with pytest.raises(LesionError, match="a frame has no valid ImagePositionPatient"):
        seg.mask(None, image())


def test_a_segmentation_of_another_series_says_so(tmp_path):
    def named(dataset):
        series = Dataset()
        series.SeriesInstanceUID = "1.2.9"
        dataset.ReferencedSeriesSequence = Sequence([series])

    seg = changed(tmp_path / "s.dcm", named)
    place = image(0.6).geometry
    for series, hint in (("1.2.3", True), ("1.2.9", False), (None, False)):
        other = Geometry(**{**vars(place), "series": series})
        with pytest.raises(LesionError, match="shifted by 0.20 slices") as refused:
            seg.mask(None, Image2D(np.zeros(SHAPE), other))
        assert ("refers to another series" in str(refused.value)) == hint
