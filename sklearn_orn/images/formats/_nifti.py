"""NIfTI files, as ITK-SNAP and most research programs write them."""

import io
import struct
import zlib
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sklearn_orn._messages import choice_part, file_part, the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import format_shape
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images.formats._bounded import Packed, guarded
from sklearn_orn.images.formats._volume import Stored, VoxelRois
from sklearn_orn.images.formats._volume_image import open_volume

if TYPE_CHECKING:
    from nibabel import Nifti1Header

_GZIP = b"\x1f\x8b"
_UNITS = {"meter": 1000.0, "micron": 0.001}
_FIRST, _SECOND = 348, 540  # bytes of the header of NIfTI-1, and of NIfTI-2
_SAME_MM = 0.1  # both are stored in single precision
_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])  # NIfTI counts x to the right, y to the front


def is_nifti(head: bytes) -> bool:
    """Recognise NIfTI-1 and -2 in one file, also within gzip."""
    if head.startswith(_GZIP):
        head = _first_bytes(head)
    return head[344:348] == b"n+1\0" or head[4:12] == b"n+2\0\r\n\x1a\n"


def is_half_of_pair(path: Path, head: bytes) -> bool:
    """Recognise header and voxels that lie in two files: NIfTI pairs and Analyze.

    The voxels have no signature: there the names tell, and a header beside them.
    """
    if _is_pair_header(_first_bytes(head) if head.startswith(_GZIP) else head):
        return True
    name = path.name.lower().removesuffix(".gz")
    if not name.endswith(".img"):
        return False
    stem = path.name[: len(name) - 4]
    beside = [path.with_name(stem + end) for end in (".hdr", ".HDR", ".hdr.gz")]
    return any(_is_pair_header(_start(other)) for other in beside)


def _is_pair_header(head: bytes) -> bool:
    if head[344:348] == b"ni1\0" or head[4:8] == b"ni2\0":
        return True
    sizes = (struct.pack(f"{order}i", _FIRST) for order in "<>")
    return len(head) == _FIRST and head[:4] in sizes  # Analyze has no signature


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(_SECOND)
    except OSError:
        return b""
    return _first_bytes(head) if head.startswith(_GZIP) else head


def open_nifti(
    path: Path, plane: str | None = None, stack: str | None = None
) -> ImageFile:
    """Open the slices of a NIfTI volume, in the rows and columns of DICOM."""
    return open_volume(_one_volume(_stored(path), stack), plane)


def open_nifti_rois(path: Path) -> VoxelRois:
    """Open a NIfTI label map."""
    stored = _stored(path)
    if stored.volumes > 1:
        raise _too_many_axes(path, (*stored.shape, stored.volumes))
    return VoxelRois(stored)


def _one_volume(stored: Stored, stack: str | None) -> Stored:
    """Choose one of several volumes by its number, from 0."""
    if stored.volumes == 1:
        if stack is not None:
            raise LesionError(
                f"stack {choice_part(stack)} was asked for, but "
                f"{the_file(stored.path)} is a NIfTI file of one volume. Leave its "
                "stack out of the table."
            )
        return stored
    number = (stack or "").removeprefix("volume=").strip()
    if number.isascii() and number.isdigit() and int(number) < stored.volumes:
        return replace(stored, volume=int(number))
    choice = "" if stack is None else f", and stack {choice_part(stack)} was asked for"
    raise LesionError(
        f"file {file_part(stored.path)} holds "
        f"{format_shape((*stored.shape, stored.volumes))} voxels, {stored.volumes} "
        f"time points or b-values{choice}; expected three axes, or one of the volumes "
        f"0 to {stored.volumes - 1}. Choose it as 'volume=0' in the column 'stack', or "
        "as 'path#frame=volume=0'."
    )


def _too_many_axes(path: Path, shape: tuple[int, ...]) -> LesionError:
    return LesionError(
        f"file {file_part(path)} holds {format_shape(shape)} voxels; expected three "
        "axes. Export one time point as a file of its own."
    )


def _first_bytes(packed: bytes) -> bytes:
    start = b""
    try:
        while packed.startswith(_GZIP) and len(start) < _SECOND:
            member = zlib.decompressobj(wbits=31)  # with the header of gzip
            start += member.decompress(packed, _SECOND - len(start))
            packed = member.unused_data
    except zlib.error:
        return b""
    return start


def _stored(path: Path) -> Stored:
    with path.open("rb") as file:
        encoding = "gzip" if file.read(2) == _GZIP else "raw"
    packed = Packed(path, encoding=encoding)
    start = packed.read(0, _FIRST)
    is_second = start[4:7] == b"n+2"
    header = packed.read(0, _SECOND) if is_second else start
    stored = guarded(
        lambda: _parsed(path, header, is_second, encoding),
        f"file {file_part(path)} is a damaged NIfTI file: nibabel stopped with "
        "{kind}. Export or copy it again.",
    )
    stored.check()
    return stored


def _parsed(path: Path, content: bytes, is_second: bool, encoding: str) -> Stored:
    import nibabel

    kind = nibabel.Nifti2Header if is_second else nibabel.Nifti1Header
    header = kind.from_fileobj(io.BytesIO(content), check=False)
    shape = tuple(int(length) for length in header.get_data_shape())
    volumes = [length for length in shape[3:] if length != 1]
    if not 2 <= len(shape) <= 7 or len(volumes) > 1 or any(n < 1 for n in volumes):
        raise _too_many_axes(path, shape)
    slope, intercept = header.get_slope_inter()
    offset = int(header.get_data_offset())
    if offset < len(content):
        raise LesionError(
            f"file {file_part(path)} is a damaged NIfTI file: its voxels start at byte "
            f"{offset}, inside the header. Export or copy it again."
        )
    unit = _UNITS.get(header.get_xyzt_units()[0], 1.0)
    affine = np.array(header.get_best_affine(), dtype=float)
    affine[:3] *= unit
    placed = [bool(header[f"{form}_code"] > 0) for form in ("sform", "qform")]
    columns, rows, slices = (*shape[:3], 1)[:3]
    return Stored(
        path,
        "NIfTI",
        (columns, rows, slices),
        header.get_data_dtype(),
        offset=0,
        encoding=encoding,
        skip=offset,
        affine=_LPS @ affine,
        scale=(
            1.0 if slope is None else float(slope),
            0.0 if intercept is None else float(intercept),
        ),
        oriented=any(placed),
        slices=header.get_dim_info()[2],
        volumes=volumes[0] if volumes else 1,
        notes=_notes(header, placed),
    )


def _notes(header: "Nifti1Header", placed: list[bool]) -> tuple[str, ...]:
    """Say where the header does not tell, or tells twice, how the volume lies."""
    if not any(placed):
        return (
            "its header does not say how it lies in the patient (no sform, no qform); "
            "its rows and columns are taken as they are stored. Convert it again from "
            "DICOM, or see that all images are stored alike.",
        )
    if not all(placed):
        return ()
    sform, qform = header.get_sform(), header.get_qform()
    corners = np.array(list(product((0, 1), repeat=3))) * (
        np.array((*header.get_data_shape()[:3], 1)[:3]) - 1
    )
    apart = np.linalg.norm(
        corners @ (sform - qform)[:3, :3].T + (sform - qform)[:3, 3], axis=1
    )
    if not apart.max() > _SAME_MM:
        return ()
    return (
        f"its sform and its qform place it up to {apart.max():.1f} mm apart; the sform "
        "is taken. Programs that take the qform lay an ROI elsewhere: export image and "
        "ROI by the same program.",
    )
