"""The formats of image and ROI files, recognised by their content.

A new format is one file beside this one and one entry here.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._dicom import is_dicom, read_dicom_image, sop_class
from sklearn_orn.images._files import head, split_roi
from sklearn_orn.images._geometry import Image2D
from sklearn_orn.images._png import PngMask, is_png
from sklearn_orn.images._rtstruct import RTSTRUCT_UID, RtStruct

__all__ = ["open_rois", "read_image", "read_mask"]


class RoiFile(Protocol):
    """An opened file with one or more ROIs."""

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return one ROI on the grid of an image."""


class Format(NamedTuple):
    """A file format: its name in messages, its signature, and who reads it."""

    name: str
    recognises: Callable[[bytes], bool]
    open: Callable[[Path], Any]


DICOM_ROIS: dict[str, Callable[[Path], RoiFile]] = {RTSTRUCT_UID: RtStruct}


def _open_dicom_rois(path: Path) -> RoiFile:
    uid, name = sop_class(path)
    if uid not in DICOM_ROIS:
        raise LesionError(
            f"file '{path}' is a DICOM file of type {name}; expected a mask in one of "
            f"the formats {_names(ROI_FORMATS)}. Correct the path, or convert it."
        )
    return DICOM_ROIS[uid](path)


IMAGE_FORMATS = (Format("DICOM", is_dicom, read_dicom_image),)
ROI_FORMATS = (
    Format("PNG", is_png, PngMask),
    Format("DICOM RT Structure Set", is_dicom, _open_dicom_rois),
)


def read_image(path: str | os.PathLike) -> Image2D:
    """Read one slice from a file.

    Parameters
    ----------
    path : str or path-like
        A DICOM file with a single grey-level frame. The format is recognised by the
        content of the file, whatever its name.

    Returns
    -------
    Image2D
        `pixels`, the stored values (Rescale Slope and Intercept are not applied), and
        `geometry`, where the slice lies.

    Raises
    ------
    LesionError
        If the file is missing, damaged, or not a single grey-level slice.
    """
    file = Path(path)
    image: Image2D = _format_of(file, IMAGE_FORMATS, "an image").open(file)
    return image


def read_mask(path: str | os.PathLike, image: Image2D) -> np.ndarray:
    """Read the ROI of one reader on the grid of an image.

    Parameters
    ----------
    path : str or path-like
        A PNG file of the size of the image, where every pixel that is not black
        belongs to the ROI, or a DICOM RT structure set, of which `path#name` or
        `path#number` picks one ROI of several.
    image : Image2D
        The slice that was drawn on, from `read_image`.

    Returns
    -------
    ndarray of bool of shape (n_rows, n_columns)
        True inside the ROI; at least one pixel is.

    Raises
    ------
    LesionError
        If the file is missing or damaged, or does not fit the image.
    """
    file, roi = split_roi(path)
    return open_rois(file).mask(roi, image)


def open_rois(path: Path) -> RoiFile:
    """Open a file of ROIs, so that several can be taken from it.

    Parameters
    ----------
    path : Path
        The file alone, without `#name`.

    Returns
    -------
    RoiFile
        Its method `mask` returns one ROI on the grid of an image.
    """
    rois: RoiFile = _format_of(path, ROI_FORMATS, "a mask").open(path)
    return rois


def _format_of(path: Path, formats: tuple[Format, ...], what: str) -> Format:
    start = head(path)
    for candidate in formats:
        if candidate.recognises(start):
            return candidate
    known = [f.name for f in IMAGE_FORMATS + ROI_FORMATS if f.recognises(start)]
    found = f"a {known[0]} file" if known else "of an unknown format"
    raise LesionError(
        f"file '{path}' is {found if start else 'empty'}; expected {what} in one of "
        f"the formats {_names(formats)}. Correct the path, or convert the file."
    )


def _names(formats: tuple[Format, ...]) -> str:
    return ", ".join(candidate.name for candidate in formats)
