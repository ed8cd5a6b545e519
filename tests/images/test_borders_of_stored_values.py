"""Stored values of DICOM bit by bit, and what is refused before it is decoded."""

import struct

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.formats._dicom_pixels import (
    _codestream_shape,
    _decoding_remedy,
    decode_frame,
    read_frame,
)

from ._make import dicom_image

RAW = np.random.default_rng(0).integers(0, 2**16, (3, 4)).astype(np.uint16)


def decoded(pixels, frame=0, **header):
    return decode_frame(dicom_image(pixels, **header), "i.dcm", frame)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    ("stored", "high"),
    [(16, 15), (12, 11), (12, 15), (12, 13), (10, 9), (1, 0), (1, 15), (15, 14)],
)
def test_bits_beyond_the_stored_ones_do_not_count(stored, high, signed):
    found = decoded(
        RAW, BitsStored=stored, HighBit=high, PixelRepresentation=int(signed)
    )
    expected = [
        int(format(value, "016b")[15 - high : 15 - high + stored], 2)
        for value in RAW.ravel().tolist()
    ]
    if signed:
        half = 2 ** (stored - 1)
        expected = [value - 2 * half * (value >= half) for value in expected]
    assert found.ravel().tolist() == expected
    assert found.dtype.isnative and found.flags.writeable and found.flags.c_contiguous


def test_without_a_high_bit_the_stored_ones_are_the_lowest():
    assert np.array_equal(decoded(RAW, HighBit=None), RAW)
    assert np.array_equal(decoded(RAW, HighBit=None, BitsStored=10), RAW % 1024)


@pytest.mark.parametrize(("stored", "high"), [(13, 11), (16, 16), (17, 15)])
def test_bits_that_cannot_be_are_refused(stored, high):
    message = f"declares {stored} bits stored up to bit {high}, of 16 allocated"
    with pytest.raises(LesionError, match=message):
        decoded(RAW, BitsStored=stored, HighBit=high)


@pytest.mark.parametrize("shape", [(3, 5), (2, 4), (3, 7), (1, 1)])
def test_frames_of_single_bits_begin_within_a_byte(shape):
    frames = np.random.default_rng(1).integers(0, 2, (5, *shape)).astype(np.uint8)
    dataset = dicom_image(frames, NumberOfFrames=5, BitsStored=1, HighBit=0)
    dataset.BitsAllocated = 1
    bits = np.packbits(frames.ravel(), bitorder="little").tobytes()
    dataset.PixelData = bits
    for number, frame in enumerate(frames):
        assert np.array_equal(decode_frame(dataset, "i.dcm", number), frame)
    dataset.PixelData = bits[:-1]
    with pytest.raises(LesionError, match=f"truncated: {len(bits) - 1} bytes .* frame"):
        decode_frame(dataset, "i.dcm", 0)


def test_each_frame_is_its_own():
    frames = np.stack([RAW, RAW + 1, RAW + 2])
    for number, frame in enumerate(frames):
        assert np.array_equal(decoded(frames, number, NumberOfFrames=3), frame)


def test_a_frame_of_a_file_is_read_by_itself(tmp_path):
    path = tmp_path / "i.dcm"
    frames = np.stack([RAW, RAW + 1])
    dicom_image(frames, NumberOfFrames=2).save_as(path, enforce_file_format=True)
    assert np.array_equal(read_frame(path, 1), frames[1])


def test_a_byte_less_than_declared_is_refused():
    dataset = dicom_image(RAW)
    dataset.PixelData = dataset.PixelData[:-1]
    message = r"23 bytes of pixel data, expected 24 for 3 x 4 pixels of 16 bits\. Copy"
    with pytest.raises(LesionError, match=message):
        decode_frame(dataset, "i.dcm", 0)


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "BitsAllocated"])
def test_sizes_are_positive_and_no_larger_than_an_image(keyword):
    with pytest.raises(LesionError, match=r"declares .*\b0 .*; expected positive num"):
        decoded(RAW, **{keyword: 0})
    one = dicom_image(np.array([[7]], np.uint8))
    assert decode_frame(one, "i.dcm", 0).tolist() == [[7]]
    with pytest.raises(LesionError, match="65535 x 65535 pixels of 2 bytes, more than"):
        decoded(RAW, Rows=65535, Columns=65535)


def test_what_has_no_pixels_is_no_image():
    with pytest.raises(LesionError, match="holds no pixel data"):
        decoded(RAW, PixelData=None)


def test_without_a_transfer_syntax_the_encoding_that_was_seen_counts():
    dataset = dicom_image(RAW)
    del dataset.file_meta.TransferSyntaxUID
    dataset.set_original_encoding(True, True)
    assert np.array_equal(decode_frame(dataset, "i.dcm", 0), RAW)
    assert dataset.file_meta.TransferSyntaxUID.is_implicit_VR
    del dataset.file_meta.TransferSyntaxUID
    dataset.set_original_encoding(False, True)
    assert np.array_equal(decode_frame(dataset, "i.dcm", 0), RAW)
    assert not dataset.file_meta.TransferSyntaxUID.is_implicit_VR


def jpeg(rows, columns, frame=0xC0, before=()):
    parts = [b"\xff\xd8"]
    parts += [struct.pack(">BBH", 0xFF, kind, 2 + n) + bytes(n) for kind, n in before]
    return b"".join(parts) + struct.pack(">BBHBHH", 0xFF, frame, 8, 8, rows, columns)


def jpeg_2000(rows, columns, top=0, left=0):
    size = struct.pack(">4I", columns + left, rows + top, left, top)
    return b"\xff\x4f\xff\x51\x00\x29\x00\x00" + size


def test_the_size_that_a_compressed_stream_declares():
    for start in (b"", bytes(40)):
        assert _codestream_shape(start + jpeg_2000(300, 200)) == (300, 200)
        assert _codestream_shape(start + jpeg_2000(300, 200, 7, 9)) == (300, 200)
        for frame in (0xC0, 0xC1, 0xC2, 0xC3, 0xF7):
            assert _codestream_shape(start + jpeg(300, 200, frame)) == (300, 200)
        segments = [(0xE0, 14), (0xC4, 5), (0xDB, 0)]
        found = _codestream_shape(start + jpeg(3, 4, 0xC3, segments) + bytes(9))
        assert found == (3, 4)
    for stream in (
        b"",
        jpeg_2000(300, 200)[:-1],
        jpeg(300, 200)[:-1],
        jpeg(300, 200, 0xC5),
        b"\xff\xd8\xff",
        jpeg(300, 200, before=[(0xE0, 3)]).replace(b"\x00\x05", b"\x00\x06"),
        bytes(65536) + jpeg(300, 200),
        bytes(65536) + jpeg_2000(300, 200),
    ):
        assert _codestream_shape(stream) is None
    late = bytes(65533) + jpeg(300, 200)
    assert _codestream_shape(late) == (300, 200)


@pytest.mark.parametrize(
    ("stream", "syntax"),
    [(jpeg(5, 6), JPEGBaseline8Bit), (jpeg_2000(5, 6), JPEG2000Lossless)],
)
def test_another_size_within_the_compressed_stream_is_refused(stream, syntax):
    dataset = dicom_image(RAW)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = stream
    message = "declares 3 x 4 pixels, its compressed data 5 x 6; expected the same"
    with pytest.raises(LesionError, match=message):
        decode_frame(dataset, "i.dcm", 0)
    dataset.Rows, dataset.Columns = 5, 6  # 60 bytes, if they were not compressed
    with pytest.raises(LesionError, match="cannot be decoded") as refused:
        decode_frame(dataset, "i.dcm", 0)
    assert "truncated" not in str(refused.value)


def test_the_decoder_is_named_where_there_is_one_to_install():
    assert "python-gdcm" in _decoding_remedy(JPEGLosslessSV1)
    assert "python-gdcm" not in _decoding_remedy(JPEG2000Lossless)
