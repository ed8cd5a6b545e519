"""Elements of a header as they stand in the file: the numbers and texts of pydicom."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRBigEndian

from sklearn_orn.collect._headers import (
    DicomImage,
    OtherFile,
    _of_dicom,
    read_export_file,
)
from sklearn_orn.collect._raw_elements import TAG_OF, Raw
from tests.images._make import dicom_image, write_image
from tests.images._volumes import Scene, write_enhanced

HEADER = {
    "PatientID": "P 7",
    "StudyInstanceUID": "1.2.5",
    "SeriesInstanceUID": "1.2.6",
    "SeriesNumber": 9,
    "SeriesDescription": "t1 tra",
    "ProtocolName": "head",
    "ContrastBolusAgent": "Gd",
    "ScanningSequence": ["SE", "IR"],
    "RepetitionTime": 500.5,
    "EchoTime": 12,
    "NumberOfFrames": None,
    "PixelSpacing": [0.5, 0.25],
}


@pytest.fixture
def header(tmp_path):
    def write(**changes):
        settings = {k: v for k, v in (HEADER | changes).items() if v is not None}
        absent = {k: None for k, v in changes.items() if v is None and k not in HEADER}
        pixels = np.zeros((300, 7), np.uint16)
        return Path(write_image(tmp_path / "IM", pixels, **settings, **absent))

    return write


@pytest.mark.parametrize("keyword", TAG_OF)
def test_each_element_is_the_one_of_its_keyword(header, keyword):
    path = header()
    expected = dcmread(path).get(keyword, "")
    found = Raw(dcmread(path, specific_tags=list(TAG_OF.values())))
    if keyword in ("Rows", "Columns"):
        assert found.number(keyword) == expected
    elif keyword.startswith(("Image", "Pixel", "Echo", "Repetition")):
        values = np.ravel(expected).astype(float).tolist()
        assert found.numbers(keyword, len(values)) == tuple(values)
    else:
        several = keyword == "ScanningSequence"
        assert found.text(keyword) == ("SE\\IR" if several else str(expected))


def raw(header, **changes):
    return Raw(dcmread(header(**changes), specific_tags=list(TAG_OF.values())))


def test_what_is_absent_is_empty(header):
    found = raw(header, SeriesDescription=None, RepetitionTime=None, Rows=None)
    assert found.text("SeriesDescription") == "" and found.number("Rows") == 0
    assert found.time("RepetitionTime") is None and found.time("EchoTime") == 12.0


def test_texts_lose_what_cannot_be_printed(header):
    assert raw(header, PatientID="P\x017 ").text("PatientID") == "P7"


def test_big_and_little_endian_numbers(tmp_path):
    dataset = dicom_image(np.zeros((300, 7), np.uint16))
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    path = tmp_path / "big"
    dataset.save_as(path, enforce_file_format=True)
    found = Raw(dcmread(path, specific_tags=list(TAG_OF.values())))
    assert (found.number("Rows"), found.number("Columns")) == (300, 7)


def test_a_converted_number_is_itself(header):
    dataset = dcmread(header())
    assert dataset.Rows == 300
    assert Raw(dataset).number("Rows") == 300
    assert Raw(dataset).text("SeriesNumber") == "9"


@pytest.mark.parametrize(
    ("text", "count", "found"),
    [
        ([1, 2], 2, (1.0, 2.0)),
        ([1, 2], 3, None),
        ([1, 999999], 2, (1.0, 999999.0)),
        ([1, 1000000], 2, None),
        ([-1000000, 1], 2, None),
        ([], 2, None),
    ],
)
def test_numbers_are_as_many_as_asked_for(header, text, count, found):
    assert raw(header, PixelSpacing=text).numbers("PixelSpacing", count) == found


@pytest.mark.parametrize(
    ("axes", "fine"),
    [
        ([1, 0, 0, 0, 1, 0], True),
        ([0, 0.6, 0.8, 0, -0.8, 0.6], True),
        ([1.0009, 0, 0, 0, 1, 0], True),
        ([1.002, 0, 0, 0, 1, 0], False),
        ([0.998, 0, 0, 0, 1, 0], False),
        ([1, 0, 0, 0, 0.998, 0], False),
        ([1, 0, 0, 0, 1.002, 0], False),
        ([1, 0, 0, 0.003, 1, 0], False),
        ([1, 0, 0, 1, 0, 0], False),
        ([0, 0, 0, 0, 0, 0], False),
        ([1, 0, 0, 0, 1], False),
    ],
)
def test_axes_are_unit_vectors_at_a_right_angle(header, axes, fine):
    found = raw(header, ImageOrientationPatient=axes).place().orientation
    assert found == (tuple(map(float, axes)) if fine else None)


def test_a_spacing_is_above_0(header):
    assert raw(header).place().spacing == (0.5, 0.25)
    assert raw(header, PixelSpacing=[0.5, 0]).place().spacing is None
    assert raw(header, PixelSpacing=[-1, 0.5]).place().spacing is None
    assert raw(header, PixelSpacing=[3, 1e-3]).place().spacing == (3.0, 0.001)
    assert raw(header, PixelSpacing=[3]).place().spacing is None
    assert raw(header).place().position == (-20.0, 30.0, 100.0)
    assert raw(header, ImagePositionPatient=[1, 2]).place().position is None


# What a file of an export is ---------------------------------------------------------


def test_an_image_is_what_its_header_says(header):
    path = header()
    found, dataset = read_export_file(path), dcmread(path)
    assert isinstance(found, DicomImage)
    assert found._replace(path=None, instance="") == DicomImage(
        path=None,
        patient="P 7",
        study="1.2.5",
        series="1.2.6",
        number="9",
        description="t1 tra",
        modality="MR",
        frame=str(dataset.FrameOfReferenceUID),
        instance="",
        shape=(300, 7),
        positions=((-20.0, 30.0, 100.0),),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        spacing=(0.5, 0.25),
        has_contrast=True,
        spin_echo=True,
        times=(500.5, 12.0),
    )


def test_a_series_without_a_description_has_its_protocol(header):
    assert read_export_file(header(SeriesDescription=None)).description == "head"
    none = header(SeriesDescription=None, ProtocolName=None)
    assert read_export_file(none).description == ""


def test_a_slice_without_a_place_has_none(header):
    found = read_export_file(header(ImagePositionPatient=None))
    assert found.positions == () and found.spacing == (0.5, 0.25)


@pytest.mark.parametrize("agent", ["", "None", "NEIN", "0", None])
def test_without_an_agent_there_is_no_contrast(header, agent):
    assert not read_export_file(header(ContrastBolusAgent=agent)).has_contrast
    assert not read_export_file(header(ScanningSequence="GR")).spin_echo


@pytest.mark.parametrize("absent", ["Rows", "Columns"])
def test_an_image_has_rows_and_columns(header, absent):
    found = read_export_file(header(**{absent: None}))
    assert isinstance(found, OtherFile)
    assert (found.kind, found.reason) == ("MR", "DICOM without pixels: not an image")
    nothing = read_export_file(header(**{absent: None, "Modality": None}))
    assert nothing.kind == "DICOM"


def test_the_index_of_an_export_is_no_image(header, tmp_path):
    index = read_export_file(header(SOPClassUID="1.2.840.10008.1.3.10"))
    assert index.kind == "DICOMDIR"
    dataset = dcmread(header())
    assert isinstance(_of_dicom(dataset, tmp_path / "DICOMDIR"), DicomImage)
    del dataset.SOPClassUID
    assert _of_dicom(dataset, tmp_path / "DICOMDIR").kind == "DICOMDIR"
    assert isinstance(_of_dicom(dataset, tmp_path / "IM"), DicomImage)


def test_frames_have_their_places(header, tmp_path):
    scene = Scene()
    write_enhanced(tmp_path / "many.dcm", scene)
    found = read_export_file(tmp_path / "many.dcm")
    n = len(scene.mask)
    assert len(found.positions) == n > 1 and len(set(found.positions)) == n
    assert found.orientation is not None and found.spacing is not None
    one = read_export_file(header(NumberOfFrames=1))
    assert one.positions == ((-20.0, 30.0, 100.0),)
