"""The formats of image and ROI files, recognised by their content.

A new format is one file beside this one and one entry here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from sklearn_orn._messages import choice_part, file_part, name_part, the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._files import head, split_choice, split_roi
from sklearn_orn.images._geometry import Image2D
from sklearn_orn.images._image_file import ImageFile, RoiFile
from sklearn_orn.images.formats._dicom import is_dicom, sop_class
from sklearn_orn.images.formats._dicom_image import open_dicom_image
from sklearn_orn.images.formats._dicom_series import open_series
from sklearn_orn.images.formats._mazda import (
    is_mazda_roi,
    open_bmp_rois,
    open_mazda_rois,
)
from sklearn_orn.images.formats._nifti import (
    is_half_of_pair,
    is_nifti,
    open_nifti,
    open_nifti_rois,
)
from sklearn_orn.images.formats._nrrd import is_nrrd, open_nrrd, open_nrrd_rois
from sklearn_orn.images.formats._overlay import OverlayRoi
from sklearn_orn.images.formats._painted import NpyMask, PaintedMask
from sklearn_orn.images.formats._pictures import (
    is_bmp,
    is_npy,
    is_png,
    open_npy,
    open_picture,
)
from sklearn_orn.images.formats._rtstruct import RTSTRUCT_UID, RtStruct
from sklearn_orn.images.formats._seg import SEG_UIDS, DicomSeg
from sklearn_orn.images.formats._tiff import is_tiff

Opened = TypeVar("Opened", ImageFile, RoiFile)


class Format(NamedTuple, Generic[Opened]):
    """A file format: its name in messages, its signature, and who reads it.

    `choices` are the keywords that `open` takes, by which one of several slices or
    stacks is chosen.
    """

    name: str
    recognises: Callable[[bytes], bool]
    open: Callable[..., Opened]
    choices: tuple[str, ...] = ()


DICOM_ROIS: dict[str, Callable[[Path], RoiFile]] = {
    RTSTRUCT_UID: RtStruct,
    **dict.fromkeys(SEG_UIDS, DicomSeg),
}


def _open_dicom_rois(path: Path) -> RoiFile:
    uid, name = sop_class(path)
    if uid in DICOM_ROIS:
        return DICOM_ROIS[uid](path)
    rois = OverlayRoi(path)
    if not rois.overlays:
        raise LesionError(
            f"file {file_part(path)} is a DICOM file of type {name}; expected a mask "
            f"in one of the formats {_names(ROI_FORMATS)}. Correct the path, or "
            "convert it."
        )
    return rois


FOLDER = Format("folder", lambda head: False, open_series, ("series", "stack"))
IMAGE_FORMATS: tuple[Format[ImageFile], ...] = (
    Format("DICOM", is_dicom, open_dicom_image, ("series", "stack")),
    Format("NIfTI", is_nifti, open_nifti, ("plane", "stack")),
    Format("NRRD", is_nrrd, open_nrrd, ("plane",)),
    Format("PNG", is_png, partial(open_picture, kind="PNG")),
    Format("TIFF", is_tiff, partial(open_picture, kind="TIFF")),
    Format("BMP", is_bmp, partial(open_picture, kind="BMP")),
    Format("NPY", is_npy, open_npy),
)
ROI_FORMATS: tuple[Format[RoiFile], ...] = (
    Format("DICOM RT Structure Set, DICOM SEG", is_dicom, _open_dicom_rois),
    Format("NIfTI", is_nifti, open_nifti_rois),
    Format("NRRD", is_nrrd, open_nrrd_rois),
    Format("PNG", is_png, partial(PaintedMask, kind="PNG")),
    Format("TIFF", is_tiff, partial(PaintedMask, kind="TIFF")),
    Format("BMP", is_bmp, open_bmp_rois),
    Format("NPY", is_npy, NpyMask),
    Format("MaZda ROI", is_mazda_roi, open_mazda_rois),
)

_LOSSY = {b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF"}


def open_image(
    path: str | os.PathLike[str],
    series: str | None = None,
    stack: str | None = None,
) -> ImageFile:
    """Open an image of one or several slices, without reading its pixels."""
    file, frame, plane = split_choice(path)
    if frame is not None and stack is not None and frame != stack:
        raise LesionError(
            f"{the_file(path)} and the column 'stack' ({name_part(stack)}) choose "
            "different frames; expected one choice. Empty the cell of the column "
            "'stack'."
        )
    stack = stack if frame is None else frame
    chosen = (
        FOLDER if os.path.isdir(file) else _format_of(file, IMAGE_FORMATS, "an image")
    )
    choices = {"series": series, "stack": stack, "plane": plane}
    what = chosen.name if chosen is FOLDER else f"{chosen.name} file"
    for name, value in choices.items():
        if value is not None and name not in chosen.choices:
            raise LesionError(
                f"{name} {choice_part(value)} was asked for, but {the_file(path)} is a "
                f"{what}, which has none. Leave its {name} out of the table."
            )
    return chosen.open(file, **{name: choices[name] for name in chosen.choices})


def read_image(
    path: str | os.PathLike[str],
    *,
    section: int | None = None,
    series: str | int | None = None,
    stack: str | None = None,
    rescale: bool = False,
) -> Image2D:
    """Read one slice from a file or a folder.

    Parameters
    ----------
    path : str or path-like
        A file in one of the formats DICOM (one frame or several), NIfTI, NRRD, PNG,
        TIFF, BMP or NPY, or a folder with DICOM files. The format is recognised by
        the content of the file, whatever its name. `path#plane=axial`, `coronal` or
        `sagittal` tells the plane of a volume of cubes, `path#frame=b=800` a stack.
    section : int or None, default=None
        Number of the slice, from 0; None for the only one. Slices are counted along
        their normal: axial ones from the feet upwards, coronal ones from front to
        back, sagittal ones from the patient's left to the right.
    series : str, int or None, default=None
        Number or UID of the DICOM series; None for the only one.
    stack : str or None, default=None
        Which of several slices at one place, such as ``"b=800"`` of DICOM, or
        ``"volume=3"`` of a NIfTI with four axes.
    rescale : bool, default=False
        Whether Rescale Slope and Intercept are applied.

    Returns
    -------
    Image2D
        `pixels`, the stored values or rescaled ones, in the rows and columns of
        DICOM, and `geometry`, where the slice lies.

    Raises
    ------
    LesionError
        If the file is missing, damaged, or holds several slices and none is chosen.

    Examples
    --------
    >>> from pydicom.data import get_testdata_file
    >>> from sklearn_orn.images import read_image
    >>> image = read_image(get_testdata_file("MR_small.dcm"))
    >>> image.pixels.shape, image.geometry.spacing
    ((64, 64), (0.3125, 0.3125))
    """
    opened = open_image(path, None if series is None else str(series), stack)
    if section is None and len(opened) > 1:
        raise LesionError(
            f"{the_file(path)} holds {len(opened)} slices; expected one. Choose it by "
            "its number, from 0, in `section`."
        )
    return opened.read(section or 0, rescale=rescale)


def read_mask(path: str | os.PathLike[str], image: Image2D) -> np.ndarray:
    """Read the ROI of one reader on the grid of an image.

    Parameters
    ----------
    path : str or path-like
        ROIs that know their place: DICOM RT structure set, DICOM SEG, NIfTI, NRRD
        (also 3D Slicer's `.seg.nrrd`). Pictures of the size of the image: PNG, TIFF,
        BMP, NPY, where the one colour that is not black is the ROI, and MaZda's
        `.roi` and coloured `.bmp`. `path#name` or `path#number` picks one ROI of
        several, `path##rrggbb` that of a colour, and `path#0` what is black;
        `image.dcm#overlay` is the outline drawn in a DICOM overlay.
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

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sklearn_orn.images import Image2D, read_mask
    >>> image = Image2D(np.arange(6).reshape(2, 3))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mask.npy"
    ...     np.save(path, image.pixels > 3)
    ...     read_mask(path, image)
    array([[False, False, False],
           [False,  True,  True]])
    """
    file, roi = split_roi(path)
    return open_rois(file).mask(roi, image)


def open_rois(path: Path) -> RoiFile:
    """Open a file of ROIs, so that several can be taken from it."""
    return _format_of(path, ROI_FORMATS, "a mask").open(path)


def _format_of(
    path: Path, formats: tuple[Format[Opened], ...], what: str
) -> Format[Opened]:
    start = head(path)
    for candidate in formats:
        if candidate.recognises(start):
            return candidate
    if is_half_of_pair(path, start):
        raise LesionError(
            f"file {file_part(path)} is one half of a NIfTI or Analyze pair (.hdr and "
            f".img); expected {what} in one file. Convert the pair to '.nii', which "
            "Analyze needs anyhow to say where left is."
        )
    names = [f.name for f in IMAGE_FORMATS if f.recognises(start)]
    names += [f.name for f in ROI_FORMATS if f.recognises(start)]
    names += [name for sign, name in _LOSSY.items() if start.startswith(sign)]
    kind = f"a {names[0]} file" if names else "of an unknown format"
    raise LesionError(
        f"file {file_part(path)} is {kind if start else 'empty'}; expected {what} in "
        f"one of the formats {_names(formats)}. Correct the path, or convert the file."
    )


def _names(formats: tuple[Format[Opened], ...]) -> str:
    return ", ".join(candidate.name for candidate in formats)
