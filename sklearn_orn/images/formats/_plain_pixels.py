"""Grey levels that lie in a DICOM file as they are, read without a decoder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn.images.formats._bounded import MAX_PIXELS
from sklearn_orn.images.formats._dicom import Dataset, value_of

_LAYOUT = (
    "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel"
).split()
_GREY = ("MONOCHROME1", "MONOCHROME2")


class Stamp(NamedTuple):
    """What tells that a file is the one that it was."""

    size: int
    changed: int

    @classmethod
    def of(cls, file: int) -> Stamp:
        """Return the stamp of an open file, given its descriptor."""
        found = os.fstat(file)
        return cls(found.st_size, found.st_mtime_ns)


class PixelsAt(NamedTuple):
    """Where the pixel data of a file lie that are not packed, in little endian."""

    vr: str | None
    start: int
    length: int
    stamp: Stamp


class PlainPixels(NamedTuple):
    """The frames of a file; `shifts` clear the bits that no grey level is stored in."""

    start: int
    shape: tuple[int, int]
    kind: np.dtype
    shifts: tuple[int, int]
    stamp: Stamp

    def read(self, path: Path, frame: int) -> np.ndarray | None:
        """Read one frame; None where that fails: the decoder then says why."""
        pixels = np.empty(self.shape, self.kind)
        try:
            with path.open("rb", buffering=0) as file:
                if Stamp.of(file.fileno()) != self.stamp:
                    return None
                file.seek(self.start + frame * pixels.nbytes)
                if file.readinto(pixels) != pixels.nbytes:
                    return None
        except OSError:
            return None
        pixels = pixels.astype(self.kind.newbyteorder("="), copy=False)
        if any(self.shifts):
            pixels <<= self.shifts[0]  # beyond the left end with what is above
            pixels >>= self.shifts[1]  # back to the right with the sign
        return pixels


def plain_pixels(dataset: Dataset) -> PlainPixels | None:
    """Tell from a header where its grey levels lie; None of what needs a decoder.

    A header that leaves any doubt, or is wrong, is for the decoder too.
    """
    place: PixelsAt | None = getattr(dataset, "pixels_at", None)
    if place is None or place.vr not in ("OB", "OW", None):
        return None
    found = [value_of(dataset, keyword) for keyword in _LAYOUT]
    found.append(value_of(dataset, "NumberOfFrames", 1))
    numbers = [value for value in found if type(value) is int]
    if len(numbers) < len(found):
        return None
    rows, columns, allocated, stored, high_bit, sign, samples, frames = numbers
    size = rows * columns * allocated // 8
    if (
        not 1 <= rows * columns <= MAX_PIXELS
        or allocated not in (8, 16, 32)
        or not 1 <= stored <= high_bit + 1 <= allocated
        or sign not in (0, 1)
        or samples != 1
        or value_of(dataset, "PhotometricInterpretation") not in _GREY
        or frames < 1
        or place.length not in (size * frames, size * frames + 1)
    ):
        return None
    return PlainPixels(
        place.start,
        (rows, columns),
        np.dtype(f"<{'ui'[sign]}{allocated // 8}"),
        (allocated - 1 - high_bit, allocated - stored),
        place.stamp,
    )
