"""ROIs of MaZda: its `.roi` files, and the coloured `.bmp` it saves."""

import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sklearn_orn._messages import file_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import check_not_empty
from sklearn_orn.images._geometry import Image2D
from sklearn_orn.images._labels import as_text, choose_roi
from sklearn_orn.images.formats._bounded import check_size, read_range
from sklearn_orn.images.formats._painted import PaintedMask, check_picture_shape
from sklearn_orn.images.formats._pictures import picture_of

__all__ = ["MAZDA_COLOURS", "MazdaBmp", "MazdaRoi", "is_mazda_roi", "open_bmp_rois"]

# of the ROIs 1 to 16
MAZDA_COLOURS = (
    "ff0000 00ff00 0000ff 00ffff ff00ff ffff00 ff8000 ff0080 "
    "80ff00 00ff80 8000ff 0080ff ffc400 c4ff00 c400ff 00ffc4"
).split()
_MAGIC = b"PMS_ROI_2001"
_HEADER = struct.Struct("<12s2H16H32H")
_N_ROIS = 16


class MazdaClass(NamedTuple):
    """One ROI of MaZda: its number from 1, and the name of its class."""

    number: int
    name: str


def is_mazda_roi(head: bytes) -> bool:
    """Recognise MaZda's ROI file by its magic."""
    return head.startswith(_MAGIC)


class MazdaRoi:
    """The ROIs of a MaZda `.roi` file, which may overlap.

    Parameters
    ----------
    path : Path
        The file; it is read here.

    Notes
    -----
    Little endian: 12 bytes of magic, columns, rows, the lengths of 16 names and 32
    reserved words of 16 bits; then one word per pixel, top row first, whose bit
    ``r - 1`` belongs to ROI r; then the names.
    """

    flat = True

    def __init__(self, path: Path) -> None:
        self.path = path
        fields = _HEADER.unpack(read_range(path, 0, 0, _HEADER.size))
        columns, rows = fields[1:3]
        check_size(path, (rows, columns), 2)
        content = read_range(path, _HEADER.size, 0, rows * columns * 2)
        self._bits = np.frombuffer(content, "<u2").reshape(rows, columns)
        names = _names(path, _HEADER.size + len(content), fields[3:19])
        present = int(np.bitwise_or.reduce(self._bits, axis=None))
        self.classes = [
            MazdaClass(number, names[number - 1])
            for number in range(1, _N_ROIS + 1)
            if present >> (number - 1) & 1
        ]

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return one ROI, by number or by the name of its class.

        Parameters
        ----------
        roi : str or None
            Name or number, from 1; None for the only one.
        image : Image2D
            The image that it was drawn on.

        Returns
        -------
        ndarray of bool
            Of the shape of the image.
        """
        check_picture_shape(self.path, self._bits.shape, image)
        try:
            chosen = choose_roi(self.classes, roi)
        except LesionError as error:
            raise error.within(f"file {file_part(self.path)}: ") from None
        return check_not_empty((self._bits >> (chosen.number - 1) & 1) == 1)


def _names(path: Path, offset: int, lengths: tuple[int, ...]) -> list[str]:
    """Read the names of the classes; a file without them is no damaged one."""
    with path.open("rb") as file:
        file.seek(offset)
        return [as_text(file.read(length).split(b"\0")[0]) for length in lengths]


def open_bmp_rois(path: Path) -> "MazdaBmp | PaintedMask":
    """Open a BMP file: MaZda's if all its colours are, a painted mask otherwise."""
    numbers = picture_of(path, "BMP", _roi_numbers)
    if numbers is None:
        return PaintedMask(path, kind="BMP")
    return MazdaBmp(path, numbers)


class MazdaBmp:
    """The ROIs of a `.bmp` in MaZda's colours.

    Parameters
    ----------
    path : Path
        The file.
    numbers : ndarray of int of shape (n_rows, n_columns)
        ROI of each pixel from 1, 0 outside.
    """

    flat = True

    def __init__(self, path: Path, numbers: np.ndarray) -> None:
        self.path = path
        self._numbers = numbers
        self.classes = [
            MazdaClass(int(number), f"#{MAZDA_COLOURS[number - 1]}")
            for number in np.unique(numbers[numbers > 0])
        ]

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return one ROI by its number, from 1; None for the only one."""
        check_picture_shape(self.path, self._numbers.shape, image)
        try:
            chosen = choose_roi(self.classes, roi)
        except LesionError as error:
            raise error.within(f"file {file_part(self.path)}: ") from None
        return check_not_empty(self._numbers == chosen.number)


def _roi_numbers(file: Any) -> np.ndarray | None:
    """Return the ROI of each pixel, None where a colour is not MaZda's."""
    if file.mode != "P":
        return None
    # by colour: the entries of the palette are in any order
    red, green, blue = np.moveaxis(np.asarray(file.convert("RGB"), np.uint32), -1, 0)
    colours = red << 16 | green << 8 | blue
    numbers = np.zeros(colours.shape, np.uint8)
    for number, colour in enumerate(MAZDA_COLOURS, start=1):
        numbers[colours == int(colour, 16)] = number
    known = (numbers > 0) | (colours == 0)
    return numbers if known.all() and numbers.any() else None
