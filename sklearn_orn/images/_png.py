"""ROIs painted in PNG files."""

import struct
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import check_not_empty, format_shape
from sklearn_orn.images._files import head
from sklearn_orn.images._geometry import Image2D

__all__ = ["PngMask", "is_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def is_png(head: bytes) -> bool:
    """Recognise PNG by its signature."""
    return head.startswith(_SIGNATURE)


class PngMask:
    """The ROI of a PNG file: every pixel that is not black or transparent.

    Parameters
    ----------
    path : Path
        A PNG file of any depth, grey, palette or colour.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return the ROI, which must be as large as the image.

        Parameters
        ----------
        roi : None
            A PNG file holds one ROI.
        image : Image2D
            The image that it was drawn on.

        Returns
        -------
        ndarray of bool
            Of the shape of the image.
        """
        if roi is not None:
            raise LesionError(
                f"'#{roi}' picks one ROI of several, but a PNG file holds one. Remove "
                f"'#{roi}' after '{self.path}'."
            )
        shape = _declared_shape(self.path)
        if shape != image.pixels.shape:
            raise LesionError(
                f"file '{self.path}' has {format_shape(shape)} pixels, the image has "
                f"{format_shape(image.pixels.shape)} (rows x columns); expected the "
                "same. Give the mask that was drawn on this image."
            )
        try:
            return check_not_empty(_painted(self.path))
        except LesionError as error:
            raise LesionError(f"file '{self.path}': {error}") from None
        except Exception as error:
            raise LesionError(
                f"file '{self.path}' is a damaged PNG file: pillow stopped with "
                f"{type(error).__name__}. Export or copy it again."
            ) from None


def _declared_shape(path: Path) -> tuple[int, int]:
    """Read the size from the header, before any pixel is unpacked."""
    start = head(path)
    if len(start) < 24:
        raise LesionError(f"file '{path}' is a truncated PNG file. Copy it again.")
    columns, rows = struct.unpack(">II", start[16:24])
    return rows, columns


def _painted(path: Path) -> np.ndarray:
    from PIL import Image

    with Image.open(path, formats=["PNG"]) as file:
        # the number of a palette's entry says nothing, its colour does
        picture: Any = file.convert("RGBA") if file.mode in ("P", "PA") else file
        values = np.asarray(picture)
        mode = picture.mode
    if values.ndim == 2:
        return values != 0
    channels = np.moveaxis(values, -1, 0) != 0
    if mode in ("LA", "RGBA"):
        return np.logical_or.reduce(channels[:-1]) & channels[-1]
    return np.logical_or.reduce(channels)
