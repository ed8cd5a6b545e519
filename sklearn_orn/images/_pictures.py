"""Pictures of one slice, without a place: PNG, TIFF, BMP and NPY."""

import functools
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import (
    as_image_array,
    as_mask_array,
    check_not_empty,
    format_shape,
)
from sklearn_orn.images._bounded import check_size, guarded, read_range
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images._misfit import describe_shapes

__all__ = [
    "NpyMask",
    "PaintedMask",
    "check_picture_shape",
    "is_bmp",
    "is_npy",
    "is_png",
    "is_tiff",
    "open_npy",
    "open_picture",
    "picture_of",
]

_NPY_HEADER = 4096
_GREY = ("1", "L", "I", "F", "I;16", "I;16B", "I;16L")


def is_png(head: bytes) -> bool:
    """Recognise PNG by its signature."""
    return head.startswith(b"\x89PNG\r\n\x1a\n")


def is_tiff(head: bytes) -> bool:
    """Recognise TIFF by its byte order and magic number."""
    return head[:4] in (b"II*\0", b"MM\0*")


def is_bmp(head: bytes) -> bool:
    """Recognise BMP by its signature and reserved bytes."""
    return head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and len(head) > 26


def is_npy(head: bytes) -> bool:
    """Recognise an array saved by NumPy."""
    return head.startswith(b"\x93NUMPY")


def picture_of(path: Path, kind: str, function: Callable[[Any], Any]) -> Any:
    """Open a picture with pillow, check its declared size, and convert it.

    Parameters
    ----------
    path : Path
        The file.
    kind : {"PNG", "TIFF", "BMP"}
        Its format.
    function : callable
        Takes the opened picture, whose pixels are not yet unpacked.

    Returns
    -------
    object
        What `function` returns.
    """
    from PIL import Image

    def convert() -> Any:
        with Image.open(path, formats=[kind]) as file:
            check_size(path, (file.height, file.width), 4)
            pages = getattr(file, "n_frames", 1)
            if pages > 1:
                raise LesionError(
                    f"file '{path}' holds {pages} pages; expected one. Save the slice "
                    "as a file of its own."
                )
            return function(file)

    return guarded(
        convert,
        f"file '{path}' is a damaged {kind} file: pillow stopped with "
        "{kind}. Export or copy it again.",
    )


def open_picture(path: Path, *, kind: str) -> ImageFile:
    """Open a grey-level picture as an image of one slice, without a spacing.

    Parameters
    ----------
    path : Path
        The file.
    kind : {"PNG", "TIFF", "BMP"}
        Its format.

    Returns
    -------
    ImageFile
        Of one slice.
    """
    shape = picture_of(path, kind, lambda file: (file.height, file.width))

    def pixels(section: int) -> np.ndarray:
        found = picture_of(path, kind, functools.partial(_grey, path=path))
        return as_image_array(found)

    return ImageFile(path, [shape], [Geometry()], pixels)


def _grey(file: Any, path: Path) -> np.ndarray:
    if file.mode in _GREY:
        values = np.array(file)
        return values.astype(np.uint8) if values.dtype == bool else values
    colour = np.array(file.convert("RGB"))
    if (colour == colour[..., :1]).all():  # grey levels, saved as colours
        return np.ascontiguousarray(colour[..., 0])
    raise LesionError(
        f"file '{path}' is a colour picture; expected grey levels. Give the original "
        "slice, not a screenshot."
    )


class PaintedMask:
    """The ROI of a picture: every pixel that is not black or transparent.

    Parameters
    ----------
    path : Path
        The file, of any depth, grey, palette or colour.
    kind : {"PNG", "TIFF", "BMP"}
        Its format.
    """

    flat = True

    def __init__(self, path: Path, *, kind: str) -> None:
        self.path = path
        self.kind = kind

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return the ROI, which must be as large as the image.

        Parameters
        ----------
        roi : None
            Such a file holds one ROI.
        image : Image2D
            The image that it was drawn on.

        Returns
        -------
        ndarray of bool
            Of the shape of the image.
        """
        if roi is not None:
            raise LesionError(
                f"'#{roi}' picks one ROI of several, but a {self.kind} file holds one. "
                f"Remove '#{roi}' after '{self.path}'."
            )

        def painted(file: Any) -> np.ndarray:
            check_picture_shape(self.path, (file.height, file.width), image)
            return _painted(file)

        mask: np.ndarray = picture_of(self.path, self.kind, painted)
        try:
            return check_not_empty(mask)
        except LesionError as error:
            raise LesionError(f"file '{self.path}': {error}") from None


def check_picture_shape(path: Path, shape: tuple[int, ...], image: Image2D) -> None:
    """Refuse a picture that is not of the size of the image."""
    if shape != image.pixels.shape:
        raise LesionError(
            f"file '{path}' has {format_shape(shape)} pixels, the image has "
            f"{format_shape(image.pixels.shape)} (rows x columns); expected the same. "
            f"{describe_shapes(shape, image.pixels.shape)}"
        )


def _painted(file: Any) -> np.ndarray:
    # the number of a palette's entry says nothing, its colour does
    picture: Any = file.convert("RGBA") if file.mode in ("P", "PA") else file
    values = np.asarray(picture)
    if values.ndim == 2:
        return values != 0
    channels = np.moveaxis(values, -1, 0) != 0
    if picture.mode in ("LA", "RGBA"):
        return np.logical_or.reduce(channels[:-1]) & channels[-1]
    return np.logical_or.reduce(channels)


def open_npy(path: Path) -> ImageFile:
    """Open an array of two axes as an image of one slice, without a spacing."""
    shape, _, _, _ = _npy_header(path)
    return ImageFile(
        path, [shape], [Geometry()], lambda section: as_image_array(_npy(path))
    )


class NpyMask:
    """The ROI of an array of booleans, or of 0 and 1.

    Parameters
    ----------
    path : Path
        A file of `numpy.save`.
    """

    flat = True

    def __init__(self, path: Path) -> None:
        self.path = path

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return the ROI, which must be as large as the image."""
        if roi is not None:
            raise LesionError(
                f"'#{roi}' picks one ROI of several, but a NPY file holds one. Remove "
                f"'#{roi}' after '{self.path}'."
            )
        check_picture_shape(self.path, _npy_header(self.path)[0], image)
        try:
            return as_mask_array(_npy(self.path), image.pixels.shape)
        except LesionError as error:
            raise LesionError(f"file '{self.path}': {error}") from None


def _npy(path: Path) -> np.ndarray:
    shape, dtype, by_columns, offset = _npy_header(path)
    content = read_range(path, offset, 0, shape[0] * shape[1] * dtype.itemsize)
    values = np.frombuffer(content, dtype).reshape(
        shape, order="F" if by_columns else "C"
    )
    return np.array(values, dtype.newbyteorder("="), order="C")


def _npy_header(path: Path) -> tuple[tuple[int, int], np.dtype, bool, int]:
    with path.open("rb") as file:
        content = io.BytesIO(file.read(_NPY_HEADER))
    shape, by_columns, dtype = guarded(
        lambda: _parse_npy_header(content),
        f"file '{path}' is a damaged NPY file: NumPy stopped with "
        "{kind}. Save it again.",
    )
    if len(shape) != 2 or dtype.kind not in "biuf":
        raise LesionError(
            f"file '{path}' holds an array of {dtype} with {len(shape)} axes; expected "
            "numbers with two axes, rows and columns. Save one slice."
        )
    check_size(path, shape, dtype.itemsize)
    return shape, dtype, by_columns, content.tell()


def _parse_npy_header(content: io.BytesIO) -> tuple[Any, bool, np.dtype]:
    from numpy.lib import format as npy

    version = npy.read_magic(content)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, by_columns, dtype = read(content, max_header_size=_NPY_HEADER)
    return shape, bool(by_columns), dtype
