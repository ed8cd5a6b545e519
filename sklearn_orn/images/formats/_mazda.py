"""ROIs of MaZda: its `.roi` files, and the coloured `.bmp` it saves."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sklearn_orn.images._arrays import check_not_empty
from sklearn_orn.images._geometry import Image2D
from sklearn_orn.images._labels import as_text, choose_roi
from sklearn_orn.images.formats._bounded import Packed, check_size, of_file
from sklearn_orn.images.formats._painted import PaintedMask, check_picture_shape
from sklearn_orn.images.formats._pictures import picture_of

if TYPE_CHECKING:
    from PIL.Image import Image

# of the ROIs 1 to 16
MAZDA_COLOURS = (
    "ff0000 00ff00 0000ff 00ffff ff00ff ffff00 ff8000 ff0080 "
    "80ff00 00ff80 8000ff 0080ff ffc400 c4ff00 c400ff 00ffc4"
).split()
_MAGIC = b"PMS_ROI_2001"
_HEADER = struct.Struct("<12s2H16H32H")


class MazdaClass(NamedTuple):
    """One ROI of MaZda: its number from 1, and the name of its class."""

    number: int
    name: str


def is_mazda_roi(head: bytes) -> bool:
    """Recognise MaZda's ROI file by its magic."""
    return head.startswith(_MAGIC)


class MazdaRois:
    """ROIs that may overlap: of each pixel one bit a ROI, that of ROI 1 first."""

    flat = True

    def __init__(
        self, path: Path, bits: NDArray[np.uint16], names: Sequence[str]
    ) -> None:
        self.path = path
        self._bits = bits
        present = int(np.bitwise_or.reduce(bits, axis=None))
        self.classes = [
            MazdaClass(number, name)
            for number, name in enumerate(names, start=1)
            if present >> (number - 1) & 1
        ]

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return one ROI, by number from 1 or by the name of its class."""
        check_picture_shape(self.path, self._bits.shape, image)
        with of_file(self.path):
            chosen = choose_roi(self.classes, roi)
        return check_not_empty((self._bits >> (chosen.number - 1) & 1) == 1)


def open_mazda_rois(path: Path) -> MazdaRois:
    """Open a `.roi` file.

    Little endian: 12 bytes of magic, columns, rows, the lengths of 16 names and 32
    reserved words of 16 bits; then one word per pixel, top row first; then the names,
    without which a file is no damaged one.
    """
    fields = _HEADER.unpack(Packed(path).read(0, _HEADER.size))
    columns, rows = fields[1:3]
    check_size(path, (rows, columns), 2)
    content = Packed(path).read(_HEADER.size, rows * columns * 2)
    with path.open("rb") as file:
        file.seek(_HEADER.size + len(content))
        names = [as_text(file.read(n).split(b"\0")[0]) for n in fields[3:19]]
    return MazdaRois(path, np.frombuffer(content, "<u2").reshape(rows, columns), names)


def open_bmp_rois(path: Path) -> MazdaRois | PaintedMask:
    """Open a BMP file: MaZda's if all its colours are, a painted mask otherwise."""
    bits = picture_of(path, "BMP", _roi_bits)
    if bits is None:
        return PaintedMask(path, kind="BMP")
    return MazdaRois(path, bits, [f"#{colour}" for colour in MAZDA_COLOURS])


def _roi_bits(file: Image) -> NDArray[np.uint16] | None:
    """Return the ROI of each pixel, None where a colour is not MaZda's."""
    if file.mode != "P":
        return None
    # by colour: the entries of the palette are in any order
    red, green, blue = np.moveaxis(np.asarray(file.convert("RGB"), np.uint32), -1, 0)
    colours = red << 16 | green << 8 | blue
    bits = np.zeros(colours.shape, np.uint16)
    for position, colour in enumerate(MAZDA_COLOURS):
        bits[colours == int(colour, 16)] = 1 << position
    named = (bits > 0) | (colours == 0)
    return bits if named.all() and bits.any() else None
