"""Folders of DICOM: which files are one series, and in which order they lie."""

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import read_image
from sklearn_orn.images.formats._dicom_series import open_series, series_paths

from ._make import dicom_image
from ._volumes import Scene, write_enhanced

SHAPE = (4, 5)


def write(folder, name, z=0.0, value=0, **header):
    """Write a slice whose pixels all have one value."""
    folder.mkdir(exist_ok=True)
    pixels = np.full(SHAPE, value, np.uint16)
    header = {
        "SeriesInstanceUID": "1.2.1",
        "SeriesNumber": 4,
        "ImagePositionPatient": [0, 0, z],
    } | header
    dataset = dicom_image(pixels, **header)
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.5"
    dataset.save_as(folder / name, enforce_file_format=True)
    return folder / name


@pytest.fixture
def folder(tmp_path):
    """Three slices whose names say nothing of their order, and a second series."""
    for name, z in (("c", 0.0), ("a", 6.0), ("b", 3.0)):
        write(tmp_path / "im", name, z, 100 + int(z))
    for name, z in (("x", 0.0), ("y", 3.0)):
        other = {"SeriesInstanceUID": "1.2.2", "SeriesNumber": 7, "Modality": "CT"}
        write(tmp_path / "im", name, z, 500, RescaleIntercept=-7, **other)
    return tmp_path / "im"


def test_slices_stand_in_the_order_in_which_they_lie(folder):
    image = open_series(folder, "4")
    assert [file.name for file in image.files] == ["c", "b", "a"]
    assert [place.position[2] for place in image.places] == [0, 3, 6]
    assert image.shapes == [SHAPE] * 3
    values = [read_image(folder, section=k, series="4").pixels[0, 0] for k in range(3)]
    assert values == [100, 103, 106]


@pytest.mark.parametrize("series", ["7", "1.2.2"])
def test_a_series_is_chosen_by_number_or_uid(folder, series):
    image = open_series(folder, series)
    assert [file.name for file in image.files] == ["x", "y"]
    assert image.scales == [(2.0, -7.0)] * 2
    assert {file.name for file in series_paths(folder, series)} == {"x", "y"}


@pytest.mark.parametrize(
    ("series", "message"), [(None, "no series is chosen"), ("9", "series 9 was asked")]
)
def test_series_are_listed_with_kind_and_files(folder, series, message):
    with pytest.raises(
        LesionError,
        match=rf"{message}.*holds 2: 4 \(MR, 3 files\), 7 \(CT, 2 files\); exp",
    ):
        open_series(folder, series)


def test_series_of_one_number_are_listed_with_their_uid(folder):
    write(folder, "z", SeriesInstanceUID="1.2.0", SeriesNumber=4)
    write(folder, "w", SeriesInstanceUID="1.2.9", SeriesNumber="")
    with pytest.raises(
        LesionError,
        match=r"holds 4: 4, UID 1\.2\.0 \(MR, 1 files\), 4, UID 1\.2\.1 \(MR, 3 files\)"
        r", 7 \(CT, 2 files\), 1\.2\.9 \(MR, 1 files\);",
    ):
        open_series(folder, "4")
    assert len(open_series(folder, "1.2.1")) == 3


@pytest.fixture
def mixed(tmp_path):
    """What else lies in a folder, by names that come before those of the images."""
    folder = tmp_path / "im"
    for name, z in (("m", 0.0), ("n", 3.0)):
        write(folder, name, z, 9)
    (folder / "a.txt").write_text("notes")
    write(folder, "DICOMDIR")
    write(folder, "b", Modality="SEG")
    write(folder, "c", Rows=0, Columns=0)
    return folder


def test_files_that_are_no_images_are_passed_over(mixed):
    assert [file.name for file in open_series(mixed).files] == ["m", "n"]


def test_a_folder_without_an_image(mixed):
    for name in "mn":
        (mixed / name).unlink()
    with pytest.raises(LesionError, match="holds no DICOM image"):
        open_series(mixed)


def test_what_is_wrong_with_one_slice_is_told_of_the_series(folder):
    write(folder, "d", 9.0, ImagePositionPatient=None)
    with pytest.raises(LesionError, match="series 4 of folder .* without a valid pos"):
        open_series(folder, "4")
    write(folder, "d", 9.0, ImageOrientationPatient=[1, 1, 0, 0, 1, 0])
    with pytest.raises(LesionError, match="series 4 of folder .* without a valid pos"):
        open_series(folder, "4")
    write(folder, "d", 9.0, PhotometricInterpretation="RGB")
    with pytest.raises(LesionError, match="file '.*d' is a colour image"):
        open_series(folder, "4")


def test_a_slice_that_lost_a_side_is_not_passed_over(folder):
    write(folder, "d", 9.0, Columns=0)
    with pytest.raises(LesionError, match="d' declares 4 x 0 pixels"):
        open_series(folder, "4")


def test_one_file_is_an_image_of_its_own(tmp_path):
    write(tmp_path / "one", "a", ImagePositionPatient=None)
    assert len(open_series(tmp_path / "one")) == 1
    (tmp_path / "many").mkdir()
    write_enhanced(tmp_path / "many" / "e", Scene())
    assert len(open_series(tmp_path / "many")) == 5


def test_a_file_of_frames_beside_a_slice_is_refused(tmp_path):
    frames = {"PixelData": np.zeros((2, *SHAPE), np.uint16).tobytes()}
    write(tmp_path / "im", "a", NumberOfFrames=2, **frames)
    write(tmp_path / "im", "b", 3.0)
    with pytest.raises(LesionError, match="has 2 files, some with several frames"):
        open_series(tmp_path / "im")


def test_a_series_without_a_number_is_called_so(tmp_path):
    for name in "ab":
        write(tmp_path / "im", name, SeriesNumber="", AcquisitionNumber=ord(name))
    with pytest.raises(LesionError, match="series unnumbered of folder .* 2 slices at"):
        open_series(tmp_path / "im")


@pytest.mark.parametrize(
    ("second", "copies"),
    [
        ({"SOPInstanceUID": "1.9"}, True),
        ({"SOPInstanceUID": "1.8"}, True),  # the same pixels
        ({"SOPInstanceUID": "1.8", "value": 6}, False),
        ({"SOPInstanceUID": "1.9", "value": 6}, True),
        ({"SOPInstanceUID": "", "value": 6}, False),
        ({"SOPInstanceUID": ""}, True),
    ],
)
def test_copies_of_an_image_are_told_from_other_images(tmp_path, second, copies):
    first = {"SOPInstanceUID": second["SOPInstanceUID"] and "1.9"}
    write(tmp_path / "im", "a", value=5, **first)
    write(tmp_path / "im", "b", **{"value": 5} | second)
    write(tmp_path / "im", "c", 3.0, value=5)
    message = "They are copies: '.*a' and '.*b' hold one image"
    with pytest.raises(LesionError, match=message if copies else "do not tell which"):
        open_series(tmp_path / "im")


def test_a_stack_of_a_series_is_taken_alone(tmp_path):
    for name, z, time in (("a", 3.0, 2), ("b", 0.0, 1), ("c", 0.0, 2), ("d", 3.0, 1)):
        value = int(10 * time + z)
        write(tmp_path / "im", name, z, value, TemporalPositionIdentifier=time)
    image = open_series(tmp_path / "im", None, "time=2")
    assert [file.name for file in image.files] == ["c", "a"]
    found = [
        read_image(tmp_path / "im", section=k, stack="time=2").pixels[0, 0]
        for k in range(2)
    ]
    assert found == [20, 23]
    assert [place.position[2] for place in image.places] == [0, 3]
