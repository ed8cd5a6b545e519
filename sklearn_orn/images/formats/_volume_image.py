"""The slices of a volume, in the rows and columns of DICOM."""

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sklearn_orn._messages import file_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images.formats._canonical import (
    AS_STORED,
    PLANES,
    Turn,
    odd_axis,
    plane_of,
    slice_axis,
    spans,
    turn_to,
)
from sklearn_orn.images.formats._volume import Stored

_SQUARE = 1e-3  # cosine of the angle of rows and columns: sheared slices have no place


def open_volume(stored: Stored, plane: str | None = None) -> ImageFile:
    """Open the slices of a volume as an image, in the rows and columns of DICOM.

    It is cut along the axis of the acquisition, whatever the order of the stored axes;
    slices count along their normal. What says nothing of the patient is cut as stored.
    """
    if stored.layers > 1:
        raise LesionError(
            f"file {file_part(stored.path)} holds {stored.layers} values per voxel: "
            "colours, time points or segments; expected one grey level. Export one of "
            "them."
        )
    turn, notes = _turned(stored, plane)
    columns, rows, slices = (stored.shape[axis] for axis in turn.axes)
    affine = stored.affine
    affine = None if affine is None else turn.affine(affine, stored.shape)
    return ImageFile(
        stored.path,
        [(rows, columns)] * slices,
        _places(stored, affine, slices),
        functools.partial(_slice, stored, turn),
        [stored.scale] * slices,
        notes=lambda: [*stored.notes, *notes],
        several=None
        if stored.encoding == "raw"
        else functools.partial(_slices, stored, turn),
    )


def _turned(stored: Stored, plane: str | None) -> tuple[Turn, list[str]]:
    """Choose the axes of rows, columns and slices, and say what was not clear."""
    affine = stored.affine
    if affine is None or not stored.oriented or not spans(affine):
        if plane is not None:
            raise LesionError(
                f"plane={plane} was asked for, and file {file_part(stored.path)} does "
                "not say how it lies in the patient. Leave the plane out: it is cut "
                "as stored."
            )
        return AS_STORED, []
    across = slice_axis(affine, stored.shape, plane, stored.slices)
    size = " x ".join(f"{n:.3g}" for n in np.linalg.norm(affine[:3, :3], axis=0))
    cubes = f"its voxels are cubes of {size} mm"
    if across is None:
        choice = f"{stored.path}#plane={plane_of(affine, 2)}"
        raise LesionError(
            f"file {file_part(stored.path)} does not tell in which plane it was "
            f"acquired: {cubes}, and its axes may have been put in another order. "
            f"Choose the plane as {file_part(choice, 'path#plane=...')} or another of "
            f"{', '.join(PLANES)}."
        )
    turn = turn_to(affine, across)
    is_clear = plane is not None or min(stored.shape) == 1
    if is_clear or (_is_cubic(affine) and stored.slices is not None):
        return turn, []
    shown = plane_of(affine, across)
    if _is_cubic(affine):
        return turn, [
            f"{cubes}, so that nothing tells in which plane it was acquired; it is cut "
            f"into {shown} slices. If that is wrong, choose the plane as "
            "'path#plane=coronal' or 'sagittal'."
        ]
    if across == 2:
        return turn, []
    return turn, [
        f"cut into {shown} slices, along the stored axis {across + 1}, since its "
        f"voxels are {size} mm. If it was acquired otherwise, choose the plane as "
        "'path#plane=axial', 'coronal' or 'sagittal'."
    ]


def _is_cubic(affine: np.ndarray) -> bool:
    return odd_axis(np.linalg.norm(affine[:3, :3], axis=0)) is None


def _slice(stored: Stored, turn: Turn, section: int) -> np.ndarray:
    plane = stored.plane(turn.axes[2], _index(stored, turn, section))
    return _finite(stored, turn.plane(plane), section)


def _slices(stored: Stored, turn: Turn, sections: Sequence[int]) -> list[np.ndarray]:
    voxels = stored.voxels()[0]
    planes = [
        voxels.take(_index(stored, turn, section), axis=turn.axes[2])
        for section in sections
    ]
    return [
        _finite(stored, turn.plane(plane), section)
        for plane, section in zip(planes, sections, strict=True)
    ]


def _index(stored: Stored, turn: Turn, section: int) -> int:
    return stored.shape[turn.axes[2]] - 1 - section if turn.backwards[2] else section


def _finite(stored: Stored, pixels: np.ndarray, section: int) -> np.ndarray:
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise LesionError(
            f"slice {section} of file {file_part(stored.path)} holds NaN or infinite "
            "values; expected finite grey levels. Replace them first."
        )
    return pixels


def _places(stored: Stored, affine: np.ndarray | None, slices: int) -> list[Geometry]:
    if affine is None:
        return [Geometry(spacing=stored.spacing)] * slices
    axes = affine[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not (lengths > 0).all():
        return [Geometry()] * slices
    units = (axes / lengths).T
    first = Geometry(
        spacing=(float(lengths[1]), float(lengths[0])),
        orientation=units[:2] if abs(units[0] @ units[1]) < _SQUARE else None,
        thickness=float(lengths[2]),
    )
    positions = affine[:3, 3] + np.outer(np.arange(slices), axes[:, 2])
    return [replace(first, position=position) for position in positions]
