"""Where a slice lies in the patient."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True, eq=False)
class Geometry:
    """Place of one slice in the patient, as far as its file tells it.

    Parameters
    ----------
    spacing : tuple of float or None, default=None
        Distance between the centres of neighbouring rows and of neighbouring
        columns, in mm, in this order (DICOM PixelSpacing).
    position : ndarray of shape (3,) or None, default=None
        Centre of the pixel in row 0, column 0, in mm (ImagePositionPatient).
    orientation : ndarray of shape (2, 3) or None, default=None
        Unit vectors along a row (the column number grows) and down a column (the
        row number grows), as in ImageOrientationPatient.
    thickness : float or None, default=None
        Thickness of the slice in mm.
    frame_of_reference : str or None, default=None
        UID of the coordinate system that the position is given in.
    series : str or None, default=None
        UID of the series that the slice belongs to.
    instance : str or None, default=None
        UID of the image, where it holds this slice alone.
    step : float or None, default=None
        Distance between the centres of neighbouring slices in mm, as the header of
        one of them tells it.

    Examples
    --------
    A sagittal slice: its columns run from front to back, its rows downwards.

    >>> import numpy as np
    >>> geometry = Geometry(
    ...     spacing=(0.5, 0.25),
    ...     position=np.array([30.0, -10.0, 80.0]),
    ...     orientation=np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0]]),
    ... )
    >>> geometry.to_pixels([[30.0, -9.0, 79.0]]).tolist()
    [[2.0, 4.0, 0.0]]
    """

    spacing: tuple[float, float] | None = None
    position: np.ndarray | None = None
    orientation: np.ndarray | None = None
    thickness: float | None = None
    frame_of_reference: str | None = None
    series: str | None = None
    instance: str | None = None
    step: float | None = None

    def missing(self) -> list[str]:
        """Name the DICOM attributes that placing a contour on the slice lacks.

        Returns
        -------
        list of str
            Keywords, none where all is known.
        """
        needed = {
            "ImagePositionPatient": self.position,
            "ImageOrientationPatient": self.orientation,
            "PixelSpacing": self.spacing,
        }
        return [name for name, value in needed.items() if value is None]

    def to_pixels(self, points: np.ndarray) -> np.ndarray:
        """Project points of the patient on the slice.

        Parameters
        ----------
        points : array-like of shape (n_points, 3)
            In mm, in the patient's coordinate system.

        Returns
        -------
        ndarray of shape (n_points, 3)
            Row and column, where pixel centres are whole numbers, and the signed
            distance from the slice along its normal, in mm.
        """
        position, axes, spacing = self._complete()
        offset = np.asarray(points, dtype=float) - position
        column, row, distance = (offset @ axis for axis in axes)
        return np.column_stack([row / spacing[0], column / spacing[1], distance])

    def to_patient(self, pixels: np.ndarray) -> np.ndarray:
        """Place pixels of the slice in the patient: the inverse of `to_pixels`.

        Parameters
        ----------
        pixels : array-like of shape (n_points, 3)
            Row, column and distance from the slice in mm.

        Returns
        -------
        ndarray of shape (n_points, 3)
            Points in mm, in the patient's coordinate system.
        """
        position, axes, spacing = self._complete()
        row, column, distance = np.asarray(pixels, dtype=float).T
        offsets = (column * spacing[1], row * spacing[0], distance)
        return position + sum(
            np.outer(offset, axis) for offset, axis in zip(offsets, axes, strict=True)
        )

    def _complete(self) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
        if self.position is None or self.orientation is None or self.spacing is None:
            raise ValueError(f"the slice has no {' and no '.join(self.missing())}")
        along_row, down_column = self.orientation
        normal = np.cross(along_row, down_column)
        return self.position, np.stack([along_row, down_column, normal]), self.spacing


@dataclass(frozen=True, eq=False)
class Image2D:
    """One slice: its stored values and its place.

    Parameters
    ----------
    pixels : ndarray of shape (n_rows, n_columns)
        Stored values, row 0 on top; no rescale slope or intercept is applied.
    geometry : Geometry
        As far as the file tells it.
    """

    pixels: np.ndarray
    geometry: Geometry = field(default_factory=Geometry)


class Grid(NamedTuple):
    """Where the voxels of an array lie.

    `affine`, of shape (4, 4), takes the three indices of a voxel to its centre in mm,
    in the coordinate system of DICOM (x to the left, y to the back, z to the head).
    """

    shape: tuple[int, int, int]
    affine: np.ndarray
