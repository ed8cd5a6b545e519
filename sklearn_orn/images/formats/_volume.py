"""Volumes of voxels, as NIfTI and NRRD files hold them."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sklearn_orn._messages import file_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import bounding_box, check_not_empty, format_shape
from sklearn_orn.images._geometry import Grid, Image2D
from sklearn_orn.images._labels import choose_label, group_labels, of_label
from sklearn_orn.images.formats._bounded import (
    MAX_MM,
    Packed,
    check_size,
    check_there,
    of_file,
)
from sklearn_orn.images.formats._grid import EMPTY, lay_on

_MAX_SIDE = 2**14  # slices, each of which is asked whether the ROI lies on it
_MAX_OF_ALL = 2**31  # voxels of a file: unpacked one after the other, never kept


@dataclass(frozen=True, eq=False)
class Stored:
    """How a file stores its voxels: the first index runs along a row of the image."""

    path: Path
    what: str  # its format, for messages
    shape: tuple[int, int, int]  # columns, rows, slices
    dtype: np.dtype
    offset: int  # in the packed file
    encoding: str = "raw"
    skip: int = 0  # unpacked bytes before the voxels
    affine: np.ndarray | None = None  # (column, row, slice) to mm as DICOM counts them
    spacing: tuple[float, float] | None = None  # mm, where there is no affine
    scale: tuple[float, float] = (1.0, 0.0)  # slope and intercept
    layers: int = 1  # voxels that share one place, in a first axis of their own
    oriented: bool = True  # whether the affine tells how it lies in the patient
    slices: int | None = None  # the axis that the header calls that of the slices
    notes: tuple[str, ...] = ()
    volumes: int = 1  # of this shape, one behind the other
    volume: int = 0  # which is meant

    def check(self) -> None:
        """Refuse a size that no image has, and voxels that are no numbers."""
        if self.dtype.kind not in "iuf" or self.dtype.itemsize > 8:
            raise LesionError(
                f"file {file_part(self.path)} holds voxels of type {self.dtype}; "
                "expected whole or real numbers. Export it as grey levels."
            )
        # an image is read slice by slice: its numbers may be as wide as they are
        check_size(
            self.path,
            (*self.shape[:2], self.shape[2], self.layers),
            min(self.dtype.itemsize, 2),
        )
        voxels = math.prod((*self.shape, self.volumes))
        if voxels > _MAX_OF_ALL or max(self.shape) > _MAX_SIDE:
            raise LesionError(
                f"file {file_part(self.path)} declares {self.volumes} volumes of "
                f"{format_shape(self.shape)} voxels; expected at most {_MAX_OF_ALL} in "
                f"all, and {_MAX_SIDE} along an axis. Export what was drawn on."
            )
        if self.encoding == "raw":
            check_there(self.path, self.offset, self._extent()[2])
        if self.affine is not None and not (np.abs(self.affine) < MAX_MM).all():
            raise LesionError(
                f"file {file_part(self.path)} places its voxels nowhere: at NaN or "
                f"more than {MAX_MM:g} mm. Export it again."
            )

    def voxels(self) -> np.ndarray:
        """Read the whole volume: layers, columns, rows, slices, in native order."""
        check_size(self.path, (*self.shape, self.layers), self.dtype.itemsize)
        first, size, total = self._extent()
        content = self._packed(total).read(first, size)
        flat = np.frombuffer(content, self.dtype)
        return _as_native(flat.reshape((self.layers, *self.shape), order="F"))

    def plane(self, axis: int, index: int) -> np.ndarray:
        """Read one plane of the first layer, its axes in their order; keep no other.

        A packed volume is unpacked to its end, so that its checksum speaks first.
        """
        columns, rows, slices = self.shape
        one = columns * rows * self.dtype.itemsize
        number, count = (index, 1) if axis == 2 else (0, slices)
        first, _, total = self._extent()

        def taken(content: bytes) -> np.ndarray:
            flat = np.frombuffer(content, self.dtype)
            whole = flat.reshape((columns, rows), order="F")
            return whole if axis == 2 else whole.take(index, axis=axis)

        lines = self._packed(total).pieces(first + number * one, one, count, taken)
        return _as_native(lines[0] if axis == 2 else np.stack(lines, axis=1))

    def _packed(self, total: int) -> Packed:
        return Packed(self.path, self.offset, self.encoding, total)

    def _extent(self) -> tuple[int, int, int]:
        """Return where the volume starts, its bytes, and where the last one ends."""
        columns, rows, slices = self.shape
        size = columns * rows * slices * self.layers * self.dtype.itemsize
        return self.skip + self.volume * size, size, self.skip + self.volumes * size


def _as_native(voxels: np.ndarray) -> np.ndarray:
    return voxels.astype(voxels.dtype.newbyteorder("="), copy=False)


class VoxelRois:
    """ROIs stored as numbers of voxels."""

    flat = False

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.notes = stored.notes
        self._chosen: dict[str | None, tuple[np.ndarray, Grid | None]] = {}

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Lay one ROI on the grid of an image."""
        with of_file(self.stored.path):
            if roi not in self._chosen:
                drawn = self.choose(roi, self.voxels())
                self._chosen[roi] = _cropped(drawn, self.stored.affine)
            return self._laid(*self._chosen[roi], image)

    def voxels(self) -> np.ndarray:
        """Read all voxels, of shape (layers, columns, rows, slices)."""
        return self.stored.voxels()

    def choose(self, roi: str | None, voxels: np.ndarray) -> np.ndarray:
        """Return the voxels of one ROI, of shape (columns, rows, slices)."""
        labels = group_labels(voxels[0], self.stored.scale)
        between = choose_label(labels, roi, self.stored.what)
        return of_label(voxels[0], between)

    def _laid(self, drawn: np.ndarray, grid: Grid | None, image: Image2D) -> np.ndarray:
        if grid is not None:
            return lay_on(drawn, grid, image)
        if drawn.shape[2] == 1 and drawn.shape[1::-1] == image.pixels.shape:
            return check_not_empty(drawn[:, :, 0].T)
        raise LesionError(
            f"the {self.stored.what} file does not say where its voxels lie, so that "
            "they cannot be placed on the image. Export it with the image loaded."
        )


def _cropped(
    drawn: np.ndarray, affine: np.ndarray | None
) -> tuple[np.ndarray, Grid | None]:
    """Keep the part around the ROI alone: many slices ask for it."""
    if affine is None:
        return drawn, None
    if not drawn.any():
        raise LesionError(EMPTY)
    box = bounding_box(drawn)
    part = drawn[box].copy()
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :3] @ [axis.start for axis in box]
    return part, Grid((part.shape[0], part.shape[1], part.shape[2]), moved)
