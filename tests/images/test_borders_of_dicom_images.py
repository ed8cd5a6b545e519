"""What the elements of a DICOM image mean: where it lies, its scale, its frames."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.formats._dicom_image import (
    _scale,
    check_image,
    dicom_notes,
    frame_items,
    open_dicom_image,
    place_of,
    read_dicom_header,
)

from ._make import AXIAL, write_image
from ._volumes import STEP, Scene, write_enhanced

PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4)


def item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def group(**sequences):
    """One functional group: keyword of the sequence -> elements of its item."""
    return item(**{k: Sequence([item(**v)]) for k, v in sequences.items()})


# Places -----------------------------------------------------------------------------


def test_the_place_of_a_slice():
    place = place_of(
        item(
            PixelSpacing=[0.5, 0.25],
            SliceThickness=3,
            SpacingBetweenSlices=0.5,
            ImagePositionPatient=[-20, 30, 100],
            ImageOrientationPatient=list(AXIAL),
            FrameOfReferenceUID="1.2",
            SeriesInstanceUID="1.3",
            SOPInstanceUID="1.4",
        )
    )
    assert place.spacing == (0.5, 0.25)  # between rows, between columns
    assert (place.thickness, place.step) == (3.0, 0.5)
    assert place.position.tolist() == [-20, 30, 100]
    assert place.orientation.tolist() == [[1, 0, 0], [0, 1, 0]]
    uids = place.frame_of_reference, place.series, place.instance
    assert uids == ("1.2", "1.3", "1.4")


def test_what_a_header_lacks_is_none():
    place = place_of(item(FrameOfReferenceUID="", SOPInstanceUID=""))
    assert {*vars(place).values()} == {None}


@pytest.mark.parametrize("spacing", [[0, 0.5], [0.5, 0], [-1, 0.5], [0.5], None])
def test_a_spacing_of_nothing_is_none(spacing):
    assert place_of(item(PixelSpacing=spacing)).spacing is None


@pytest.mark.parametrize(("value", "length"), [(0, None), (-3, None), (0.25, 0.25)])
def test_a_thickness_is_above_nothing(value, length):
    place = place_of(item(SliceThickness=value, SpacingBetweenSlices=value))
    assert (place.thickness, place.step) == (length, length)


@pytest.mark.parametrize(
    ("frames", "instance"), [(None, "1.4"), (0, "1.4"), (1, "1.4"), (2, None)]
)
def test_frames_of_one_file_have_no_uid_of_their_own(frames, instance):
    dataset = item(SOPInstanceUID="1.4")
    if frames is not None:
        dataset.NumberOfFrames = frames
    assert place_of(dataset).instance == instance


@pytest.mark.parametrize(
    ("axes", "valid"),
    [
        ((1, 0, 0, 0, 1, 0), True),
        ((0.6, 0.8, 0, -0.8, 0.6, 0), True),
        ((1.0004, 0, 0, 0, 0.9996, 0), True),
        ((1.003, 0, 0, 0, 1, 0), False),
        ((1, 0, 0, 0, 0.997, 0), False),
        ((1, 0.0009, 0, 0, 1, 0), True),
        ((1, 0.002, 0, 0, 1, 0), False),
        ((1, 1, 0, 0, 1, 0), False),
        ((0, 0, 0, 0, 0, 0), False),
        ((1, 0, 0), False),
    ],
)
def test_an_orientation_is_two_unit_vectors_at_a_right_angle(axes, valid):
    found = place_of(item(ImageOrientationPatient=list(axes))).orientation
    assert (found is not None) is valid
    if valid:
        assert found.tolist() == [list(axes[:3]), list(axes[3:])]


def test_functional_groups_come_before_the_top_and_own_ones_before_shared():
    dataset = item(PixelSpacing=[9, 9], ImagePositionPatient=[9, 9, 9])
    own = group(PlanePositionSequence={"ImagePositionPatient": [1, 2, 3]})
    shared = group(
        PlanePositionSequence={"ImagePositionPatient": [7, 7, 7]},
        PixelMeasuresSequence={"PixelSpacing": [0.5, 0.25], "SliceThickness": 2},
        PlaneOrientationSequence={"ImageOrientationPatient": list(AXIAL)},
    )
    place = place_of(dataset, [own, shared])
    assert place.position.tolist() == [1, 2, 3]
    assert (place.spacing, place.thickness) == ((0.5, 0.25), 2.0)
    assert place.orientation is not None
    assert place_of(dataset, [shared]).position.tolist() == [7, 7, 7]
    assert place_of(dataset).position.tolist() == [9, 9, 9]


@pytest.mark.parametrize(
    ("elements", "scale"),
    [
        ({}, (1.0, 0.0)),
        ({"RescaleSlope": 2.5}, (2.5, 0.0)),
        ({"RescaleIntercept": -1000}, (1.0, -1000.0)),
        ({"RescaleSlope": 2, "RescaleIntercept": 5}, (2.0, 5.0)),
    ],
)
def test_slope_and_intercept(elements, scale):
    assert _scale(item(**elements), []) == scale
    of_frame = group(PixelValueTransformationSequence=elements)
    other = item(RescaleSlope=7, RescaleIntercept=8)
    if elements:
        assert _scale(other, [of_frame]) == scale
    assert _scale(other, []) == (7.0, 8.0)


def test_each_frame_has_its_own_groups_before_the_shared_ones():
    first, second, shared = (group(FrameContentSequence={}) for _ in range(3))
    dataset = item(
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence([first, second]),
    )
    found = frame_items(dataset, 2, Path("x.dcm"))
    assert [[id(g) for g in groups] for groups in found] == [
        [id(first), id(shared)],
        [id(second), id(shared)],
    ]
    with pytest.raises(LesionError, match="declares 3 frames and describes 2"):
        frame_items(dataset, 3, Path("x.dcm"))
    del dataset.PerFrameFunctionalGroupsSequence
    assert frame_items(dataset, 3, Path("x.dcm")) == [(shared,)] * 3
    assert frame_items(Dataset(), 2, Path("x.dcm")) == [(), ()]


# Headers ----------------------------------------------------------------------------


def header(tmp_path, **elements):
    return read_dicom_header(Path(write_image(tmp_path / "a.dcm", PIXELS, **elements)))


def test_what_tells_one_series_from_another(tmp_path):
    found = header(tmp_path, SeriesInstanceUID="1.3", SeriesNumber=7, Modality="MR")
    assert (found.series, found.series_number, found.modality) == ("1.3", "7", "MR")
    assert found.shape == (3, 4)
    assert found.samples == (1, "MONOCHROME2")
    assert found.scales == [(2.0, -1000.0)]
    assert not found.is_mosaic
    bare = header(tmp_path, Modality="", SeriesNumber="", PhotometricInterpretation="")
    assert (bare.modality, bare.series, bare.series_number) == ("", "", "")
    assert header(tmp_path, SeriesNumber=0).series_number == "0"


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"Modality": "SEG"}, "holds a segmentation"),
        ({"Rows": 0, "Columns": 0}, "holds no pixel data, no pixel data to measure"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "a Siemens mosaic"),
        ({"PhotometricInterpretation": "RGB"}, r"colour image \(RGB, 1 samples"),
        (
            {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3},
            r"colour image \(RGB, 3 samples",
        ),
        ({"SamplesPerPixel": 2}, r"colour image \(MONOCHROME2, 2 samples"),
    ],
)
def test_what_is_no_grey_level_image(tmp_path, elements, message):
    found = header(tmp_path, **elements)
    with pytest.raises(LesionError, match=message):
        check_image(found, Path("a.dcm"))
    with pytest.raises(LesionError, match=message):
        open_dicom_image(tmp_path / "a.dcm")


def test_grey_levels_of_either_kind_are_images(tmp_path):
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        found = header(tmp_path, PhotometricInterpretation=photometric)
        check_image(found, Path("a.dcm"))
    bare = header(tmp_path, PhotometricInterpretation=None, SamplesPerPixel=None)
    assert bare.samples == (1, "MONOCHROME2")
    check_image(bare, Path("a.dcm"))


def test_frames_of_more_pixels_than_are_read_are_refused_by_the_header(tmp_path):
    side = {"Rows": 8192, "Columns": 8192}
    assert len(header(tmp_path, NumberOfFrames=8, **side).places) == 8
    with pytest.raises(LesionError, match="declares 8192 x 8192 x 9 pixels"):
        header(tmp_path, NumberOfFrames=9, **side)


@pytest.mark.parametrize(
    ("series", "right"), [("7", True), ("1.3", True), ("8", False)]
)
def test_a_file_is_of_the_series_that_is_asked_for(tmp_path, series, right):
    path = Path(
        write_image(tmp_path / "a.dcm", PIXELS, SeriesInstanceUID="1.3", SeriesNumber=7)
    )
    if right:
        assert open_dicom_image(path, series).files == [path]
        return
    with pytest.raises(LesionError, match="belongs to series 7, and series 8 was as"):
        open_dicom_image(path, series)


def test_frames_stand_in_the_order_in_which_they_lie(tmp_path):
    scene = Scene()
    path = Path(write_enhanced(tmp_path / "e.dcm", scene))
    image = open_dicom_image(path)
    assert image.files == []  # no slice has a file of its own
    assert len(image) == len(scene.pixels)
    along = [place.position[2] for place in image.places]
    assert along == sorted(along)
    assert np.allclose(np.diff(along), STEP)
    assert image.scales == [(0.5, -10.0)] * len(image)
    assert len(image.shapes) == len(image)


# Notes ------------------------------------------------------------------------------


def notes(tmp_path, *elements):
    return dicom_notes([header(tmp_path, **more) for more in elements])


def test_low_values_that_are_bright_are_noted(tmp_path):
    dark = {"PhotometricInterpretation": "MONOCHROME1"}
    assert notes(tmp_path, {}) == []
    for elements in ([dark], [{}, dark]):
        (note,) = notes(tmp_path, *elements)
        assert note.startswith("its low values are bright (MONOCHROME1)")


@pytest.mark.parametrize(
    ("axes", "usual"),
    [
        ((1, 0, 0, 0, 1, 0), True),  # axial, on the back
        ((1, 0, 0, 0, 0, -1), True),  # coronal
        ((0, 1, 0, 0, 0, -1), True),  # sagittal
        ((0.9, 0.43588989, 0, -0.43588989, 0.9, 0), True),
        ((-1, 0, 0, 0, -1, 0), False),  # on the belly
        ((0, 1, 0, 1, 0, 0), False),
        ((1, 0, 0, 0, 0, 1), False),
        ((0, -1, 0, 0, 0, -1), False),
        (None, True),
    ],
)
def test_rows_and_columns_that_run_another_way_are_noted(tmp_path, axes, usual):
    elements = {"ImageOrientationPatient": axes if axes is None else list(axes)}
    found = notes(tmp_path, elements)
    assert [note[:25] for note in found] == (
        [] if usual else ["its rows and columns do n"]
    )
