"""Reading one DICOM slice."""

import logging
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import read_image

from ._make import BIRTH_DATE, NAME, PATIENT_ID, dicom_image, write_image

PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4) + 300


def test_stored_values_and_place(tmp_path):
    image = read_image(write_image(tmp_path / "a.dcm", PIXELS))
    np.testing.assert_array_equal(image.pixels, PIXELS)
    assert image.pixels.dtype == np.uint16
    assert image.pixels.flags.writeable and image.pixels.flags.c_contiguous
    geometry = image.geometry
    assert geometry.spacing == (0.5, 0.25)
    assert geometry.thickness == 3
    assert geometry.position.tolist() == [-20, 30, 100]
    assert geometry.orientation.tolist() == [[1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.uint32])
def test_every_stored_type(tmp_path, dtype):
    pixels = np.array([[0, 100], [np.iinfo(dtype).max, np.iinfo(dtype).min]], dtype)
    image = read_image(write_image(tmp_path / "a.dcm", pixels))
    np.testing.assert_array_equal(image.pixels, pixels)
    assert image.pixels.dtype == dtype


def test_overlay_in_the_high_bits_is_not_read(tmp_path):
    stored = np.array([[5, 4095], [1, 2048]], np.uint16)
    path = write_image(tmp_path / "a.dcm", stored | 0xF000, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(read_image(path).pixels, stored)


def test_the_sign_of_twelve_bits(tmp_path):
    path = write_image(
        tmp_path / "a.dcm", np.array([[0x0FFF, 5]], np.int16), BitsStored=12, HighBit=11
    )
    assert read_image(path).pixels.tolist() == [[-1, 5]]


def test_twelve_bits_in_the_upper_part(tmp_path):
    stored = np.array([[5, 4095], [1, 2048]], np.uint16)
    path = write_image(tmp_path / "a.dcm", stored << 4, BitsStored=12, HighBit=15)
    np.testing.assert_array_equal(read_image(path).pixels, stored)


def test_the_suffix_does_not_matter(tmp_path):
    write_image(tmp_path / "IM000001", PIXELS)
    write_image(tmp_path / "a.png", PIXELS)
    for name in ("IM000001", "a.png"):
        np.testing.assert_array_equal(read_image(tmp_path / name).pixels, PIXELS)


@pytest.mark.parametrize("implicit", [True, False])
def test_without_preamble_and_meta(tmp_path, implicit):
    dataset = dicom_image(PIXELS)
    del dataset.file_meta
    path = tmp_path / "a.dcm"
    dataset.save_as(path, implicit_vr=implicit, little_endian=True)
    assert path.read_bytes()[128:132] != b"DICM"
    np.testing.assert_array_equal(read_image(path).pixels, PIXELS)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ({"PixelSpacing": [0, 1]}, "spacing"),
        ({"PixelSpacing": None}, "spacing"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "orientation"),
        ({"ImagePositionPatient": None}, "position"),
        ({"SliceThickness": None}, "thickness"),
        ({"FrameOfReferenceUID": None}, "frame_of_reference"),
    ],
)
def test_what_the_header_lacks_is_none(tmp_path, header, found):
    image = read_image(write_image(tmp_path / "a.dcm", PIXELS, **header))
    assert getattr(image.geometry, found) is None


def colour():
    return {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (colour(), "colour image .RGB, 3 samples"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "colour image"),
        ({"NumberOfFrames": 12}, "holds 12 slices at one place: several time points"),
        ({"PixelData": None}, "no pixel data .its type is MR Image Storage"),
        ({"PixelData": b"\0" * 20}, "truncated: 20 bytes of pixel data, expected 24"),
        ({"Rows": 60000}, "truncated: 24 bytes"),
        ({"Rows": 0}, "declares 0 x 4 pixels; expected positive"),
        ({"BitsStored": 20}, "20 bits stored up to bit 15"),
        ({"BitsAllocated": 12}, "16 bits stored up to bit 15, of 12 allocated"),
        (
            {"BitsAllocated": 12, "BitsStored": 12, "HighBit": 11},
            "cannot be decoded .Explicit VR Little Endian",
        ),
    ],
)
def test_refused_images(tmp_path, header, message):
    path = write_image(tmp_path / "a.dcm", PIXELS, **header)
    with pytest.raises(LesionError, match=message) as caught:
        read_image(path)
    assert path in str(caught.value)


def test_one_frame_may_be_declared(tmp_path):
    path = write_image(tmp_path / "a.dcm", PIXELS, NumberOfFrames=1)
    assert read_image(path).pixels.shape == (3, 4)


def test_refused_files(tmp_path):
    (tmp_path / "empty.dcm").write_bytes(b"")
    (tmp_path / "text.dcm").write_text("patient,image\n")
    cases = {
        "none.dcm": "does not exist",
        "empty.dcm": "is empty; expected an image in one of the formats DICOM",
        "text.dcm": "unknown format; expected an image in one of the formats DICOM",
        ".": "holds no DICOM image",
    }
    for name, message in cases.items():
        with pytest.raises(LesionError, match=message):
            read_image(tmp_path / name)


def test_a_cut_file_is_refused_wherever_it_is_cut(tmp_path):
    whole = Path(write_image(tmp_path / "a.dcm", PIXELS)).read_bytes()
    path = tmp_path / "cut.dcm"
    for length in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(LesionError, match=r"cut\.dcm"):
            read_image(path)


def test_odd_headers_are_neither_failure_nor_noise(tmp_path, caplog, recwarn):
    # the suite turns warnings into errors: these come from pydicom
    dataset = dicom_image(PIXELS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.StudyID = "longer than the sixteen characters"
        dataset.add_new("SliceThickness", "DS", "0.333333333333333333333")
    dataset.PixelData += b"\0" * 50
    dataset.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    read_image(tmp_path / "a.dcm")
    assert not recwarn.list


def test_no_identity_in_messages_or_attributes(tmp_path, caplog):
    secrets = (NAME, "Planted", PATIENT_ID, BIRTH_DATE)
    with caplog.at_level(logging.DEBUG):
        image = read_image(write_image(tmp_path / "a.dcm", PIXELS))
        for header in (colour(), {"PixelData": None}, {"BitsAllocated": 12}):
            path = write_image(tmp_path / "b.dcm", PIXELS, **header)
            with pytest.raises(LesionError) as caught:
                read_image(path)
            assert not any(secret in str(caught.value) for secret in secrets)
    shown = repr(vars(image)) + repr(vars(image.geometry))
    assert not any(secret in shown for secret in secrets)


# the `pydicom` wheel carries these files
READ = [
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "MR_small_padded.dcm",
    "CT_small.dcm",
    "examples_overlay.dcm",
]


@pytest.mark.parametrize("name", READ)
def test_files_of_pydicom(name):
    path = get_testdata_file(name)
    image = read_image(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = pydicom.dcmread(path).pixel_array
    np.testing.assert_array_equal(image.pixels, expected)
    assert image.pixels.dtype.isnative
