"""The stored values of one frame of a DICOM file."""

import struct
from pathlib import Path

import numpy as np

from sklearn_orn._messages import file_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.formats._bounded import check_size
from sklearn_orn.images.formats._dicom import (
    Dataset,
    class_name,
    frame_count,
    parse_dicom,
    whole_of,
)
from sklearn_orn.images.formats._plain_pixels import PlainPixels

PIXEL_TAGS = (
    "Rows Columns NumberOfFrames SamplesPerPixel PhotometricInterpretation "
    "PlanarConfiguration BitsAllocated BitsStored HighBit PixelRepresentation "
    "ExtendedOffsetTable ExtendedOffsetTableLengths SOPClassUID PixelData"
).split()

# Transfer syntaxes that only a decoder outside the dependencies reads.
_NEED_GDCM = {"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"}  # JPEG Lossless
_JPEG_SIZE = {0xC0, 0xC1, 0xC2, 0xC3, 0xF7}  # SOF0 to SOF3, SOF55 of JPEG-LS


def read_frame(path: Path, frame: int, plain: PlainPixels | None = None) -> np.ndarray:
    """Read the stored values of one frame, from 0, without what hides in unused bits.

    LesionError if there are fewer bytes than declared, or they cannot be decoded.
    `plain` is what the header told of where they lie.
    """
    if plain is not None and (pixels := plain.read(path, frame)) is not None:
        return pixels
    return parse_dicom(
        path, PIXEL_TAGS, lambda dataset: decode_frame(dataset, path, frame)
    )


def decode_frame(dataset: Dataset, path: Path, frame: int) -> np.ndarray:
    """Decode one frame of a dataset with the elements of `PIXEL_TAGS`."""
    if "PixelData" not in dataset:
        raise LesionError(
            f"file {file_part(path)} holds no pixel data (its type is "
            f"{class_name(dataset)}); expected a DICOM image. Give the file of the "
            "slice."
        )
    _check_pixel_data(dataset, path)
    return _decode(dataset, path, frame)


def _check_pixel_data(dataset: Dataset, path: Path) -> None:
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if "TransferSyntaxUID" not in dataset.file_meta:
        # no file meta: pydicom saw the encoding, and such files are never compressed
        implicit, _ = dataset.original_encoding
        syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = syntax
    sizes = ("Rows", "Columns", "BitsAllocated")
    rows, columns, bits = (whole_of(dataset, keyword) for keyword in sizes)
    if min(rows, columns, bits) < 1:
        raise LesionError(
            f"file {file_part(path)} declares {rows} rows, {columns} columns and "
            f"{bits} bits per pixel; expected positive numbers. Export it again."
        )
    check_size(path, (rows, columns), (bits + 7) // 8)
    frames = frame_count(dataset, path)
    expected = (rows * columns * frames * bits + 7) // 8
    n_bytes = len(dataset.PixelData)
    if dataset.file_meta.TransferSyntaxUID.is_compressed:
        _check_codestream(dataset, path, (rows, columns))
    elif n_bytes < expected:
        raise LesionError(
            f"file {file_part(path)} is truncated: {n_bytes} bytes of pixel data, "
            f"expected {expected} for {rows} x {columns} pixels of {bits} "
            f"bits{f' in {frames} frames' if frames > 1 else ''}. Copy it again."
        )


def _check_codestream(dataset: Dataset, path: Path, shape: tuple[int, int]) -> None:
    """Compare the size that the compressed stream declares, before it is unpacked."""
    declared = _codestream_shape(dataset.PixelData)
    if declared is not None and declared != shape:
        raise LesionError(
            f"file {file_part(path)} declares {shape[0]} x {shape[1]} pixels, its "
            f"compressed data {declared[0]} x {declared[1]}; expected the same. Export "
            "it again."
        )


def _codestream_shape(stream: bytes) -> tuple[int, int] | None:
    """Find rows and columns in the first header of JPEG, JPEG-LS or JPEG 2000.

    Searched in the first 64 kB: behind a table of the offsets of up to 16,000 frames.
    """
    start = stream.find(b"\xff\x4f\xff\x51", 0, 65536)  # SOC and SIZ of JPEG 2000
    if start >= 0 and len(stream) >= start + 24:
        right, bottom, left, top = struct.unpack_from(">4I", stream, start + 8)
        return bottom - top, right - left
    position = stream.find(b"\xff\xd8\xff", 0, 65536)
    if position < 0:
        return None
    position += 2
    while position + 9 <= len(stream) and stream[position] == 0xFF:
        if stream[position + 1] in _JPEG_SIZE:
            rows, columns = struct.unpack_from(">2H", stream, position + 5)
            return rows, columns
        position += 2 + struct.unpack_from(">H", stream, position + 2)[0]
    return None


def _decode(dataset: Dataset, path: Path, frame: int) -> np.ndarray:
    from pydicom.pixels.utils import pixel_array

    syntax = dataset.file_meta.TransferSyntaxUID
    shifts = (0, 0) if syntax.is_compressed else _unused_bits(dataset, path)
    if any(shifts):
        dataset.BitsStored = dataset.BitsAllocated  # pydicom takes no note of HighBit
    try:
        if int(dataset.BitsAllocated) == 1 and not syntax.is_compressed:
            pixels = _bits_of_frame(dataset, frame)
        else:
            pixels = pixel_array(dataset, index=frame)
    except Exception as error:
        raise LesionError(
            f"the pixels of file {file_part(path)} cannot be decoded ({syntax.name}; "
            f"pydicom stopped with {type(error).__name__}). {_decoding_remedy(syntax)}"
        ) from None
    # numba knows native byte order only
    pixels = np.array(pixels, dtype=pixels.dtype.newbyteorder("="), order="C")
    # beyond the left end with what is above, back to the right with the sign
    return (pixels << shifts[0]) >> shifts[1] if any(shifts) else pixels


def _bits_of_frame(dataset: Dataset, frame: int) -> np.ndarray:
    """Unpack one frame of single bits, which may start and end within a byte.

    pydicom 3.0 stops at most frames of 8n + 5 or more pixels.
    """
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    first = frame * rows * columns
    stop = first + rows * columns
    packed = np.frombuffer(dataset.PixelData, dtype=np.uint8)
    bits = np.unpackbits(packed[first // 8 : -(-stop // 8)], bitorder="little")
    start = first % 8
    return bits[start : start + rows * columns].reshape(rows, columns)


def _decoding_remedy(syntax: str) -> str:
    remedy = (
        "Export it uncompressed (Explicit VR Little Endian), or copy it again if it is "
        "damaged."
    )
    if syntax in _NEED_GDCM:
        return f"Install the decoder with `pip install python-gdcm`. {remedy}"
    return remedy


def _unused_bits(dataset: Dataset, path: Path) -> tuple[int, int]:
    """Count the bits above the stored ones, where old files hide overlays, and all."""
    allocated = int(dataset.BitsAllocated)
    stored = whole_of(dataset, "BitsStored", allocated)
    high_bit = whole_of(dataset, "HighBit", stored - 1)
    if not 1 <= stored <= high_bit + 1 <= allocated:
        raise LesionError(
            f"file {file_part(path)} declares {stored} bits stored up to bit "
            f"{high_bit}, of {allocated} allocated, which is impossible. Export it "
            "again."
        )
    return allocated - 1 - high_bit, allocated - stored
