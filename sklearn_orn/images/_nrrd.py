"""NRRD files, also the `.seg.nrrd` of 3D Slicer."""

import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._bounded import guarded
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images._labels import choose_roi
from sklearn_orn.images._volume import Stored, VoxelRois
from sklearn_orn.images._volume_image import open_volume

__all__ = ["is_nrrd", "open_nrrd", "open_nrrd_rois"]

_MAX_HEADER = 2**22
_ENCODINGS = {
    "raw": "raw",
    "gzip": "gzip",
    "gz": "gzip",
    "bzip2": "bzip2",
    "bz2": "bzip2",
}
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": (
        "short",
        "short int",
        "signed short",
        "signed short int",
        "int16",
        "int16_t",
    ),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_DTYPES = {name: dtype for dtype, names in _TYPES.items() for name in names}
# the axes of each space that DICOM counts the other way
_FLIPPED = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}


class SlicerSegment(NamedTuple):
    """One segment of 3D Slicer: a value in a layer."""

    number: int
    name: str
    layer: int


def is_nrrd(head: bytes) -> bool:
    """Recognise NRRD by its magic."""
    return head.startswith(b"NRRD000")


def open_nrrd(path: Path, plane: str | None = None) -> ImageFile:
    """Open the slices of a NRRD volume, in the rows and columns of DICOM."""
    return open_volume(_stored(path)[0], plane)


def open_nrrd_rois(path: Path) -> VoxelRois:
    """Open a NRRD label map, or a segmentation of 3D Slicer."""
    stored, segments = _stored(path)
    return SlicerRois(stored, segments) if segments else VoxelRois(stored)


class SlicerRois(VoxelRois):
    """The segments of a `.seg.nrrd` file.

    Parameters
    ----------
    stored : Stored
        How the voxels are stored.
    segments : list of SlicerSegment
        Name, label value and layer of each.
    """

    def __init__(self, stored: Stored, segments: list[SlicerSegment]) -> None:
        super().__init__(stored)
        self.segments = segments

    def choose(self, roi: str | None, voxels: np.ndarray) -> np.ndarray:
        """Return the voxels of one segment."""
        segment = choose_roi(self.segments, roi, "segments")
        drawn: np.ndarray = voxels[segment.layer] == segment.number
        return drawn


def _stored(path: Path) -> tuple[Stored, list[SlicerSegment]]:
    try:
        import nrrd  # noqa: F401
    except ImportError:
        raise LesionError(
            f"file '{path}' is a NRRD file, which needs pynrrd. Install it with "
            "`pip install sklearn-orn[io]`."
        ) from None
    stored, segments = guarded(
        lambda: _parsed(path),
        f"file '{path}' is a damaged NRRD file: its header cannot be read "
        "({kind}). Export or copy it again.",
    )
    stored.check()
    return stored, segments


def _parsed(path: Path) -> tuple[Stored, list[SlicerSegment]]:
    import nrrd

    with path.open("rb") as file:
        content = io.BytesIO(file.read(_MAX_HEADER))
    header: dict[str, Any] = nrrd.read_header(content)
    for name in ("data file", "datafile"):
        if name in header:
            raise LesionError(
                f"file '{path}' is a header whose voxels lie in another file; expected "
                "both in one. Save it as '.nrrd'."
            )
    encoding = _ENCODINGS.get(str(header["encoding"]).lower())
    if encoding is None or header.get("line skip") or header.get("byte skip"):
        raise LesionError(
            f"file '{path}' is stored as {str(header['encoding'])[:20]!r} or skips "
            "bytes; expected raw, gzip or bzip2. Save it again as '.nrrd'."
        )
    sizes = [int(size) for size in header["sizes"]]
    layers, sizes = (sizes[0], sizes[1:]) if len(sizes) == 4 else (1, sizes)
    if not 2 <= len(sizes) <= 3 or layers < 1:
        raise LesionError(
            f"file '{path}' has {header['dimension']} axes; expected two or three. "
            "Export one time point as a file of its own."
        )
    columns, rows, slices = (*sizes, 1)[:3]
    stored = Stored(
        path,
        "NRRD",
        (columns, rows, slices),
        _dtype(header, path),
        offset=content.tell(),
        encoding=encoding,
        affine=_affine(header, len(sizes), path),
        spacing=_spacing(header),
        layers=layers,
    )
    return stored, _segments(header, layers)


def _dtype(header: dict[str, Any], path: Path) -> np.dtype:
    name = _DTYPES.get(str(header["type"]).lower())
    if name is None:
        raise LesionError(
            f"file '{path}' holds voxels of an unknown type; expected numbers of 8 to "
            "64 bits. Export it again."
        )
    order = ">" if str(header.get("endian", "little")).lower() == "big" else "<"
    return np.dtype(order + name)


def _affine(header: dict[str, Any], axes: int, path: Path) -> np.ndarray | None:
    directions, origin = header.get("space directions"), header.get("space origin")
    if directions is None or origin is None or axes != 3:
        return None
    space = str(header.get("space", "")).lower()
    if space not in _FLIPPED:
        raise LesionError(
            f"file '{path}' gives its place in a space that is none of LPS, RAS and "
            "LAS. Export it again with one of them."
        )
    affine = np.eye(4)
    # the axis of layers has no direction
    affine[:3, :3] = np.array(directions, dtype=float)[-3:].T
    affine[:3, 3] = np.array(origin, dtype=float)
    flips: np.ndarray = np.diag([*_FLIPPED[space], 1.0])
    return flips @ affine


def _spacing(header: dict[str, Any]) -> tuple[float, float] | None:
    """Return the spacing of rows and columns, where only that is told."""
    found = header.get("spacings")
    if found is None:
        return None
    columns, rows = (abs(float(value)) for value in list(found)[:2])
    if not (np.isfinite([rows, columns]).all() and min(rows, columns) > 0):
        return None
    return rows, columns


def _segments(header: dict[str, Any], layers: int) -> list[SlicerSegment]:
    segments = []
    for key in header:
        if not (key.startswith("Segment") and key.endswith("_LabelValue")):
            continue
        stem = key.removesuffix("_LabelValue")
        layer = int(header.get(f"{stem}_Layer", 0))
        if not 0 <= layer < layers:
            raise LesionError(
                f"{stem} lies in layer {layer}, and there are {layers}. Save the "
                "segmentation again."
            )
        name = str(header.get(f"{stem}_Name", "")).strip()
        segments.append(SlicerSegment(int(header[key]), name, layer))
    return segments
