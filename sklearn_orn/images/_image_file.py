"""An opened image of one or several slices, whose pixels are read one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from sklearn_orn._messages import the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D

_PARALLEL = 0.01  # of direction cosines, half a degree: a localizer is 90 degrees off


class NotOnSlice(LesionError):
    """Nothing was drawn on this slice; on another one there may be something."""


class DrawnTooSmall(NotOnSlice):
    """What was drawn on this slice encloses no pixel centre."""


@dataclass(frozen=True, eq=False)
class ImageFile:
    """An image that has been opened, but not read: slices count from 0.

    `scales` are slope and intercept of each slice, none for 1 and 0; `files` the file
    of each, where each has its own; `notes` says what is worth a word before a study;
    `several` reads slices of a packed file together, which is unpacked once.
    """

    path: Path
    shapes: Sequence[tuple[int, int]]
    places: Sequence[Geometry]
    pixels: Callable[[int], np.ndarray]
    scales: Sequence[tuple[float, float]] = ()
    files: Sequence[Path] = ()
    notes: Callable[[], Sequence[str]] = tuple
    several: Callable[[Sequence[int]], list[np.ndarray]] | None = None

    def __len__(self) -> int:
        return len(self.places)

    def blank(self, section: int) -> Image2D:
        """Return a slice whose pixels are all 0 and take no memory."""
        self.check_section(section)
        pixels = np.broadcast_to(np.int16(0), self.shapes[section])
        return Image2D(pixels, self.places[section])

    def read(self, section: int, *, rescale: bool = False) -> Image2D:
        """Read the pixels of one slice."""
        self.check_section(section)
        pixels = self.pixels(section)
        if rescale and self.scales:
            pixels = _rescaled(pixels, *self.scales[section])
        return Image2D(pixels, self.places[section])

    def read_several(
        self, sections: Sequence[int], *, rescale: bool = False
    ) -> list[np.ndarray]:
        """Read the pixels of slices that there are."""
        if self.several is None:
            found = [self.pixels(section) for section in sections]
        else:
            found = self.several(sections)
        if not (rescale and self.scales):
            return found
        return [
            _rescaled(pixels, *self.scales[section])
            for pixels, section in zip(found, sections, strict=True)
        ]

    def check_section(self, section: int) -> None:
        """Refuse the number of a slice that there is not."""
        if not 0 <= section < len(self):
            slices = "one slice" if len(self) == 1 else f"{len(self)} slices"
            raise LesionError(
                f"section {section} was asked for, and {the_file(self.path)} holds "
                f"{slices}; expected 0 to {len(self) - 1}. Correct the column "
                "'section'."
            )


class RoiFile(Protocol):
    """An opened file with one or more ROIs.

    `flat` says that it holds a picture of one slice and no place in the patient.
    """

    flat: bool

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Return one ROI on the grid of an image, with one pixel or more."""


def _rescaled(pixels: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    if not (np.isfinite(slope) and np.isfinite(intercept)) or slope == 0:
        raise LesionError(
            f"the rescale slope is {slope:g} and the intercept {intercept:g}; expected "
            "finite numbers and a slope other than 0. Leave `rescale` out."
        )
    if slope.is_integer() and intercept.is_integer() and pixels.dtype.kind in "iu":
        return pixels.astype(np.int64) * int(slope) + int(intercept)
    return pixels * np.float64(slope) + intercept


def along_normal(places: Sequence[Geometry], what: str) -> np.ndarray | None:
    """Return where slices lie along their common normal in mm.

    None where there is one alone, or one has no place; LesionError if orientations
    differ.
    """
    if len(places) < 2 or any(
        place.position is None or place.orientation is None for place in places
    ):
        return None
    axes = np.array([place.orientation for place in places])
    if np.abs(axes - axes[0]).max() > _PARALLEL:
        raise LesionError(
            f"{what} holds slices of several orientations, as a localizer does; "
            "expected parallel ones. Give a series of one orientation."
        )
    along: np.ndarray = np.array([x.position for x in places]) @ np.cross(*axes[0])
    return along


def sorted_along_normal(places: Sequence[Geometry], what: str) -> list[int]:
    """Order slices along their normal; as they stand where one has no place.

    Names and instance numbers of files say nothing.
    """
    along = along_normal(places, what)
    if along is None:
        return list(range(len(places)))
    return [int(position) for position in np.argsort(along, kind="stable")]


def apart(places: Sequence[Geometry]) -> list[Geometry]:
    """Limit the thickness of slices to their distance.

    Where slices overlap, half a thickness reaches into the next slice, and what was
    drawn there would count for both.
    """
    if len(places) < 2 or any(place.missing() for place in places):
        return list(places)
    positions = np.array([place.position for place in places])
    smallest = float(np.linalg.norm(np.diff(positions, axis=0), axis=1).min())
    return [
        replace(place, thickness=min(place.thickness or smallest, smallest))
        for place in places
    ]
