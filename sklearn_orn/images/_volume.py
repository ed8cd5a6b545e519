"""Volumes of voxels, as NIfTI and NRRD files hold them."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import check_not_empty
from sklearn_orn.images._bounded import MAX_MM, check_size, read_range
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._grid import Grid, lay_on
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images._labels import choose_label, group_labels, of_label

__all__ = ["Stored", "VoxelRois", "open_volume"]


@dataclass(frozen=True, eq=False)
class Stored:
    """How a file stores its voxels: the first index runs along a row of the image.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        Its format, for messages.
    shape : tuple of int
        Columns, rows and slices; a leading axis of layers is told by `layers`.
    dtype : dtype
        Of one voxel, with its byte order.
    offset : int
        Where the voxels start.
    encoding : {"raw", "gzip", "bzip2"}
        How they are packed; `offset` counts in the packed file, `skip` behind it.
    skip : int
        Unpacked bytes before the voxels.
    affine : ndarray of shape (4, 4) or None
        From the indices (column, row, slice) to mm in the coordinates of DICOM.
    spacing : tuple of float or None
        Rows and columns in mm, where there is no affine.
    scale : tuple of float
        Slope and intercept.
    layers : int
        Voxels that share one place, in a first axis of their own.
    """

    path: Path
    what: str
    shape: tuple[int, int, int]
    dtype: np.dtype
    offset: int
    encoding: str = "raw"
    skip: int = 0
    affine: np.ndarray | None = None
    spacing: tuple[float, float] | None = None
    scale: tuple[float, float] = (1.0, 0.0)
    layers: int = 1

    def check(self) -> None:
        """Refuse a size that no image has, and voxels that are no numbers."""
        if self.dtype.kind not in "iuf" or self.dtype.itemsize > 8:
            raise LesionError(
                f"file '{self.path}' holds voxels of type {self.dtype}; expected whole "
                "or real numbers. Export it as grey levels."
            )
        check_size(
            self.path,
            (*self.shape[:2], self.shape[2], self.layers),
            self.dtype.itemsize,
        )
        if self.affine is not None and not (np.abs(self.affine) < MAX_MM).all():
            raise LesionError(
                f"file '{self.path}' places its voxels nowhere: at NaN or more than "
                f"{MAX_MM:g} mm. Export it again."
            )

    def voxels(self, first: int = 0, count: int | None = None) -> np.ndarray:
        """Read whole slices.

        Parameters
        ----------
        first : int, default=0
            The first slice.
        count : int or None, default=None
            How many; None for all.

        Returns
        -------
        ndarray of shape (layers, columns, rows, count)
            In native byte order.
        """
        columns, rows, slices = self.shape
        count = slices if count is None else count
        one = columns * rows * self.layers * self.dtype.itemsize
        content = read_range(
            self.path,
            self.offset,
            self.skip + first * one,
            count * one,
            self.encoding,
        )
        flat = np.frombuffer(content, self.dtype)
        voxels = flat.reshape((self.layers, columns, rows, count), order="F")
        return voxels.astype(self.dtype.newbyteorder("="), copy=False)


def open_volume(stored: Stored) -> ImageFile:
    """Open the slices of a volume as an image.

    Parameters
    ----------
    stored : Stored
        How it is stored.

    Returns
    -------
    ImageFile
        Slices in the order of the file, columns of the file along the rows.
    """
    if stored.layers > 1:
        raise LesionError(
            f"file '{stored.path}' holds {stored.layers} values per voxel: colours, "
            "time points or segments; expected one grey level. Export one of them."
        )
    columns, rows, slices = stored.shape
    return ImageFile(
        stored.path,
        [(rows, columns)] * slices,
        [_place(stored, section) for section in range(slices)],
        functools.partial(_slice, stored),
        [stored.scale] * slices,
    )


def _slice(stored: Stored, section: int) -> np.ndarray:
    pixels = np.ascontiguousarray(stored.voxels(section, 1)[0, :, :, 0].T)
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise LesionError(
            f"slice {section} of file '{stored.path}' holds NaN or infinite values; "
            "expected finite grey levels. Replace them first."
        )
    return pixels


def _place(stored: Stored, section: int) -> Geometry:
    if stored.affine is None:
        return Geometry(spacing=stored.spacing)
    axes = stored.affine[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not (lengths > 0).all():
        return Geometry()
    units = (axes / lengths).T
    along = units[:2] if abs(units[0] @ units[1]) < 1e-3 else None
    return Geometry(
        spacing=(float(lengths[1]), float(lengths[0])),
        position=stored.affine[:3, 3] + section * axes[:, 2],
        orientation=along,
        thickness=float(lengths[2]),
    )


class VoxelRois:
    """ROIs stored as numbers of voxels.

    Parameters
    ----------
    stored : Stored
        How they are stored; the voxels are read when the first mask is asked for.
    """

    flat = False

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self._chosen: dict[str | None, tuple[np.ndarray, Grid | None]] = {}

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Lay one ROI on the grid of an image.

        Parameters
        ----------
        roi : str or None
            Name or number of the ROI; None for the only one.
        image : Image2D
            The slice.

        Returns
        -------
        ndarray of bool
            Of the shape of the image.
        """
        try:
            if roi not in self._chosen:
                drawn = self.choose(roi, self.voxels())
                self._chosen[roi] = _cropped(drawn, self.stored.affine)
            return self._laid(*self._chosen[roi], image)
        except LesionError as error:
            raise type(error)(f"file '{self.stored.path}': {error}") from None

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
        raise LesionError(
            "the ROI is empty: none of its voxels is set. Leave the reader out where "
            "nothing was drawn."
        )
    low, high = [], []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero(drawn.any(axis=others))
        low.append(int(found[0]))
        high.append(int(found[-1]) + 1)
    part = drawn[low[0] : high[0], low[1] : high[1], low[2] : high[2]].copy()
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :3] @ low
    return part, Grid((part.shape[0], part.shape[1], part.shape[2]), moved)
