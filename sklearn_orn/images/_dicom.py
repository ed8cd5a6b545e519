"""DICOM files: a quiet, guarded parser, and the image of a single slice."""

import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D

__all__ = ["is_dicom", "parse_dicom", "read_dicom_image", "sop_class"]

T = TypeVar("T")

# Filters of warnings belong to the whole process, so threads take turns.
_LOCK = threading.Lock()

# Nothing else is parsed: a name or a birth date cannot leak from what is not read.
_IMAGE_TAGS = [
    "SOPClassUID",
    "Modality",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelSpacing",
    "SliceThickness",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "FrameOfReferenceUID",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "PixelData",
]


def is_dicom(head: bytes) -> bool:
    """Recognise DICOM by its preamble, or by a first tag of group 2 or 8.

    Scanners and old archives write files without the preamble; their first element
    is a tag of group 0008 (or 0002), followed by an even element number.
    """
    return head[128:132] == b"DICM" or (
        len(head) > 8 and head[0] in (2, 8) and head[1] == 0 and head[3] == 0
    )


def parse_dicom(path: Path, tags: list[str], convert: Callable[[Any], T]) -> T:
    """Read some elements of a DICOM file and convert them.

    pydicom converts values when they are asked for, and warns of each that bends the
    standard; a damaged file can raise any exception there. So all use of the dataset
    happens in `convert`, where such warnings are silent and exceptions become one.

    Parameters
    ----------
    path : Path
        The file.
    tags : list of str
        Keywords of the top-level elements to read.
    convert : callable
        Takes the dataset; its result must not hold on to it.

    Returns
    -------
    object
        What `convert` returns.

    Raises
    ------
    LesionError
        If the file is damaged. The message repeats nothing from the header.
    """
    import pydicom

    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            return convert(pydicom.dcmread(path, force=True, specific_tags=tags))
        except LesionError:
            raise
        except Exception as error:
            raise LesionError(
                f"file '{path}' is a damaged DICOM file: pydicom stopped with "
                f"{type(error).__name__}. Export or copy it again."
            ) from None


def sop_class(path: Path) -> tuple[str, str]:
    """Tell what a DICOM file holds: the UID of its SOP class, and its name."""

    def convert(dataset: Any) -> tuple[str, str]:
        uid = dataset.get("SOPClassUID")
        if uid is None:
            return "", "unnamed"
        return str(uid), str(uid.name)

    return parse_dicom(path, ["SOPClassUID"], convert)


def read_dicom_image(path: Path) -> Image2D:
    """Read the single slice of a DICOM file.

    Parameters
    ----------
    path : Path
        A DICOM file with one grey-level frame.

    Returns
    -------
    Image2D
        Stored values and place of the slice.

    Raises
    ------
    LesionError
        If there are no pixels, several frames, colours, or fewer bytes than declared.
    """

    def convert(dataset: Any) -> Image2D:
        _check_single_grey_frame(dataset, path)
        _check_pixel_data(dataset, path)
        return Image2D(_decode(dataset, path), _geometry(dataset))

    return parse_dicom(path, _IMAGE_TAGS, convert)


def _check_single_grey_frame(dataset: Any, path: Path) -> None:
    if "PixelData" not in dataset:
        kind = dataset.SOPClassUID.name if "SOPClassUID" in dataset else "unnamed"
        raise LesionError(
            f"file '{path}' holds no pixel data (its type is {kind}); expected a "
            "DICOM image. Give the file of the slice."
        )
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1:
        raise LesionError(
            f"file '{path}' holds {frames} frames; expected one slice. Export the "
            "slice that was drawn on as a single-frame DICOM file."
        )
    samples = int(dataset.get("SamplesPerPixel") or 1)
    photometric = str(dataset.get("PhotometricInterpretation", "MONOCHROME2"))
    if samples != 1 or not photometric.startswith("MONOCHROME"):
        raise LesionError(
            f"file '{path}' is a colour image ({photometric}, {samples} samples per "
            "pixel); expected grey levels. Give the original slice, not a screenshot."
        )


def _check_pixel_data(dataset: Any, path: Path) -> None:
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if "TransferSyntaxUID" not in dataset.file_meta:
        # no file meta: pydicom saw the encoding, and such files are never compressed
        implicit, _ = dataset.original_encoding
        syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = syntax
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    bits = int(dataset.get("BitsAllocated") or 0)
    if min(rows, columns, bits) < 1:
        raise LesionError(
            f"file '{path}' declares {rows} rows, {columns} columns and {bits} bits "
            "per pixel; expected positive numbers. Export it again."
        )
    expected = (rows * columns * bits + 7) // 8
    found = len(dataset.PixelData)
    if not dataset.file_meta.TransferSyntaxUID.is_compressed and found < expected:
        raise LesionError(
            f"file '{path}' is truncated: {found} bytes of pixel data, expected "
            f"{expected} for {rows} x {columns} pixels of {bits} bits. Copy it again."
        )


def _decode(dataset: Any, path: Path) -> np.ndarray:
    syntax = dataset.file_meta.TransferSyntaxUID
    shifts = (0, 0) if syntax.is_compressed else _unused_bits(dataset, path)
    if any(shifts):
        dataset.BitsStored = dataset.BitsAllocated  # pydicom takes no note of HighBit
    try:
        pixels = dataset.pixel_array
    except Exception as error:
        raise LesionError(
            f"the pixels of file '{path}' cannot be decoded ({syntax.name}; pydicom "
            f"stopped with {type(error).__name__}). Export it uncompressed (Explicit "
            "VR Little Endian), or copy it again if it is damaged."
        ) from None
    # numba knows native byte order only
    pixels = np.array(pixels, dtype=pixels.dtype.newbyteorder("="), order="C")
    # beyond the left end with what is above, back to the right with the sign
    return (pixels << shifts[0]) >> shifts[1] if any(shifts) else pixels


def _unused_bits(dataset: Any, path: Path) -> tuple[int, int]:
    """Count the bits above the stored ones, where old files hide overlays, and all."""
    allocated = int(dataset.BitsAllocated)
    stored = int(dataset.get("BitsStored") or allocated)
    high_bit = int(dataset.get("HighBit") or stored - 1)
    if not 1 <= stored <= high_bit + 1 <= allocated:
        raise LesionError(
            f"file '{path}' declares {stored} bits stored up to bit {high_bit}, of "
            f"{allocated} allocated, which is impossible. Export it again."
        )
    return allocated - 1 - high_bit, allocated - stored


def _geometry(dataset: Any) -> Geometry:
    spacing = _numbers(dataset, "PixelSpacing", 2)
    if spacing is not None and spacing.min() <= 0:
        spacing = None
    orientation = _numbers(dataset, "ImageOrientationPatient", 6)
    if orientation is not None:
        orientation = orientation.reshape(2, 3)
        if not np.allclose(orientation @ orientation.T, np.eye(2), atol=1e-3):
            orientation = None
    thickness = _numbers(dataset, "SliceThickness", 1)
    frame_of_reference = str(dataset.get("FrameOfReferenceUID") or "").strip()
    return Geometry(
        spacing=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        position=_numbers(dataset, "ImagePositionPatient", 3),
        orientation=orientation,
        thickness=float(thickness[0]) if thickness is not None else None,
        frame_of_reference=frame_of_reference or None,
    )


def _numbers(dataset: Any, keyword: str, count: int) -> np.ndarray | None:
    """Return `count` finite numbers, or None where the header holds something else."""
    try:
        numbers = np.atleast_1d(np.array(dataset.get(keyword), dtype=float))
    except (TypeError, ValueError):
        return None
    return numbers if numbers.shape == (count,) and np.isfinite(numbers).all() else None
