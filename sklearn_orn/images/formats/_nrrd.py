"""NRRD files, also the `.seg.nrrd` of 3D Slicer."""

import io
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypedDict

import numpy as np

from sklearn_orn._messages import file_part, private
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images.formats._bounded import guarded
from sklearn_orn.images.formats._layers import LayeredRois, Segment, read_segments
from sklearn_orn.images.formats._volume import Stored
from sklearn_orn.images.formats._volume_image import open_volume

_MAX_HEADER = 2**22  # bytes: names of a thousand segments take a tenth of it
_ENCODINGS = {"raw": "raw", "gzip": "gzip", "gz": "gzip"} | dict.fromkeys(
    ("bzip2", "bz2"), "bzip2"
)
_TYPES = {
    "i1": "signed char, int8, int8_t",
    "u1": "uchar, unsigned char, uint8, uint8_t",
    "i2": "short, short int, signed short, signed short int, int16, int16_t",
    "u2": "ushort, unsigned short, unsigned short int, uint16, uint16_t",
    "i4": "int, signed int, int32, int32_t",
    "u4": "uint, unsigned int, uint32, uint32_t",
    "i8": "longlong, long long, long long int, int64, int64_t",
    "u8": "ulonglong, unsigned long long, uint64, uint64_t",
    "f4": "float",
    "f8": "double",
}
_DTYPES = {name: dtype for dtype, row in _TYPES.items() for name in row.split(", ")}
# the axes of each space that DICOM counts the other way
_FLIPPED = {
    **dict.fromkeys(("left-posterior-superior", "lps"), (1, 1, 1)),
    **dict.fromkeys(("right-anterior-superior", "ras"), (-1, -1, 1)),
    **dict.fromkeys(("left-anterior-superior", "las"), (1, -1, 1)),
}


# What pynrrd makes of the fields that count here.
Header = TypedDict(
    "Header",
    {
        "type": str,
        "dimension": int,
        "sizes": np.ndarray,
        "encoding": str,
        "endian": str,
        "kinds": list[str],
        "spacings": np.ndarray,
        "space": str,
        "space directions": np.ndarray | list[np.ndarray | None],
        "space origin": np.ndarray,
    },
    total=False,
)
# Fields of two spellings are two to it.
_DETACHED = ("data file", "datafile")
_SKIPS = ("line skip", "lineskip", "byte skip", "byteskip")


class _Parsed(NamedTuple):
    stored: Stored
    segments: list[Segment]
    blocks: int  # layers that are stored one behind the other


def is_nrrd(head: bytes) -> bool:
    """Recognise NRRD by its magic."""
    return head.startswith(b"NRRD000")


def open_nrrd(path: Path, plane: str | None = None) -> ImageFile:
    """Open the slices of a NRRD volume, in the rows and columns of DICOM."""
    parsed = _opened(path)
    if parsed.blocks > 1:
        raise LesionError(
            f"file {file_part(path)} holds {parsed.blocks} volumes: time points or "
            "segments; expected one. Export one of them."
        )
    return open_volume(parsed.stored, plane)


def open_nrrd_rois(path: Path) -> LayeredRois:
    """Open a NRRD label map, or a segmentation of 3D Slicer."""
    return LayeredRois(*_opened(path))


def _opened(path: Path) -> _Parsed:
    parsed = guarded(
        lambda: _parsed(path),
        f"file {file_part(path)} is a damaged NRRD file: its header cannot be read "
        "({kind}). Export or copy it again.",
    )
    layers = parsed.stored.layers * parsed.blocks
    replace(parsed.stored, layers=layers).check()
    return parsed


def _parsed(path: Path) -> _Parsed:
    import nrrd

    with path.open("rb") as file:
        content = io.BytesIO(file.read(_MAX_HEADER))
    header: Header = nrrd.read_header(content)
    if any(name in header for name in _DETACHED):
        raise LesionError(
            f"file {file_part(path)} is a header whose voxels lie in another file; "
            "expected both in one. Save it as '.nrrd'."
        )
    encoding = _ENCODINGS.get(header["encoding"].lower())
    if encoding is None or any(header.get(name) for name in _SKIPS):
        raise LesionError(
            f"file {file_part(path)} is stored as "
            f"{private(repr(header['encoding'][:20]))} or skips bytes; expected "
            "raw, gzip or bzip2. Save it again as '.nrrd'."
        )
    sizes = [int(size) for size in header["sizes"]]
    axis = _layer_axis(header, len(sizes))
    layers = 1 if axis is None else sizes[axis]
    spatial = [at for at in range(len(sizes)) if at != axis]
    between = axis is not None and 0 < axis < len(sizes) - 1
    if not 2 <= len(spatial) <= 3 or layers < 1 or between:
        raise LesionError(
            f"file {file_part(path)} has {header['dimension']} axes; expected two or "
            "three. Export one time point as a file of its own."
        )
    columns, rows, slices = (*(sizes[at] for at in spatial), 1)[:3]
    blocks = layers if axis != 0 else 1
    stored = Stored(
        path,
        "NRRD",
        (columns, rows, slices),
        _dtype(header, path),
        offset=content.tell(),
        encoding=encoding,
        affine=_affine(header, spatial, path),
        spacing=_spacing(header, spatial),
        layers=layers // blocks,
    )
    segments = read_segments(content.getvalue()[: content.tell()], layers)
    return _Parsed(stored, segments, blocks)


def _layer_axis(header: Header, axes: int) -> int | None:
    """Find the axis that does not lie in the patient: of layers, colours or time."""
    in_space: list[bool] = []  # for each axis, whether it lies there
    for steps in (header.get("space directions"), header.get("spacings")):
        if steps is not None and not any(in_space):
            in_space = [
                step is not None and bool(np.isfinite(step).all()) for step in steps
            ]
    if not any(in_space):
        in_space = [kind in ("domain", "space") for kind in header.get("kinds") or ()]
    others = [at for at, lies in enumerate(in_space) if not lies]
    if len(in_space) == axes and len(others) == 1:
        return others[0]
    return 0 if axes == 4 else None


def _dtype(header: Header, path: Path) -> np.dtype:
    name = _DTYPES.get(header["type"].lower())
    if name is None:
        raise LesionError(
            f"file {file_part(path)} holds voxels of an unknown type; expected numbers "
            "of 8 to 64 bits. Export it again."
        )
    order = ">" if header.get("endian", "little").lower() == "big" else "<"
    return np.dtype(order + name)


def _affine(header: Header, spatial: list[int], path: Path) -> np.ndarray | None:
    directions, origin = header.get("space directions"), header.get("space origin")
    if directions is None or origin is None or len(spatial) != 3:
        return None
    space = header.get("space", "").lower()
    if space not in _FLIPPED:
        raise LesionError(
            f"file {file_part(path)} gives its place in a space that is none of LPS, "
            "RAS and LAS. Export it again with one of them."
        )
    affine = np.eye(4)
    # the axis of layers has no direction
    affine[:3, :3] = np.array([directions[at] for at in spatial], dtype=float).T
    affine[:3, 3] = np.array(origin, dtype=float)
    flips: np.ndarray = np.diag([*_FLIPPED[space], 1.0])
    return flips @ affine


def _spacing(header: Header, spatial: list[int]) -> tuple[float, float] | None:
    """Return the spacing of rows and columns, where only that is told."""
    spacings = header.get("spacings")
    if spacings is None:
        return None
    columns, rows = (abs(float(spacings[at])) for at in spatial[:2])
    if not (np.isfinite([rows, columns]).all() and min(rows, columns) > 0):
        return None
    return rows, columns
