"""An opened image of one or several slices, whose pixels are read one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sklearn_orn._messages import the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D

__all__ = ["DrawnTooSmall", "ImageFile", "NotOnSlice", "apart", "sorted_along_normal"]


class NotOnSlice(LesionError):
    """Nothing was drawn on this slice; on another one there may be something."""


class DrawnTooSmall(NotOnSlice):
    """What was drawn on this slice encloses no pixel centre."""


@dataclass(frozen=True, eq=False)
class ImageFile:
    """An image that has been opened, but not read.

    Parameters
    ----------
    path : Path
        The file or folder, for messages.
    shapes : sequence of tuple of int
        Rows and columns of each slice.
    places : sequence of Geometry
        Where each slice lies.
    pixels : callable
        Takes the number of a slice, from 0, and reads its stored values.
    scales : sequence of tuple of float, default=()
        Slope and intercept of each slice; none means 1 and 0.
    files : sequence of Path, default=()
        The file of each slice, where each has its own.
    notes : sequence of str, default=()
        What is valid, and worth a word before a study: sentences about this image.
    """

    path: Path
    shapes: Sequence[tuple[int, int]]
    places: Sequence[Geometry]
    pixels: Callable[[int], np.ndarray]
    scales: Sequence[tuple[float, float]] = ()
    files: Sequence[Path] = ()
    notes: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.places)

    def blank(self, section: int) -> Image2D:
        """Return a slice whose pixels are all 0 and take no memory."""
        self.check_section(section)
        pixels = np.broadcast_to(np.int16(0), self.shapes[section])
        return Image2D(pixels, self.places[section])

    def read(self, section: int, *, rescale: bool = False) -> Image2D:
        """Read the pixels of one slice.

        Parameters
        ----------
        section : int
            Number of the slice, from 0.
        rescale : bool, default=False
            Whether Rescale Slope and Intercept are applied.

        Returns
        -------
        Image2D
            Stored values, or rescaled ones: integers where slope and intercept are.
        """
        self.check_section(section)
        pixels = self.pixels(section)
        if rescale and self.scales:
            pixels = _rescaled(pixels, *self.scales[section])
        return Image2D(pixels, self.places[section])

    def check_section(self, section: int) -> None:
        """Refuse the number of a slice that there is not."""
        if not 0 <= section < len(self):
            slices = "one slice" if len(self) == 1 else f"{len(self)} slices"
            raise LesionError(
                f"section {section} was asked for, and {the_file(self.path)} holds "
                f"{slices}; expected 0 to {len(self) - 1}. Correct the column "
                "'section'."
            )


def _rescaled(pixels: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    if not (np.isfinite(slope) and np.isfinite(intercept)) or slope == 0:
        raise LesionError(
            f"the rescale slope is {slope:g} and the intercept {intercept:g}; expected "
            "finite numbers and a slope other than 0. Leave `rescale` out."
        )
    if slope.is_integer() and intercept.is_integer() and pixels.dtype.kind in "iu":
        return pixels.astype(np.int64) * int(slope) + int(intercept)
    return pixels * np.float64(slope) + intercept


def sorted_along_normal(places: Sequence[Geometry], what: str) -> list[int]:
    """Order slices by their position along their common normal.

    Parameters
    ----------
    places : sequence of Geometry
        Of slices in any order; names and instance numbers of files say nothing.
    what : str
        The image, for messages.

    Returns
    -------
    list of int
        Positions in `places`, the slice of the lowest position first. As they stand
        where a slice has no place.

    Raises
    ------
    LesionError
        If orientations differ.
    """
    if len(places) < 2 or any(
        place.position is None or place.orientation is None for place in places
    ):
        return list(range(len(places)))
    axes = np.array([place.orientation for place in places])
    if np.abs(axes - axes[0]).max() > 0.01:
        raise LesionError(
            f"{what} holds slices of several orientations, as a localizer does; "
            "expected parallel ones. Give a series of one orientation."
        )
    normal = np.cross(*axes[0])
    along = np.array([place.position for place in places]) @ normal
    order = np.argsort(along, kind="stable")
    return [int(position) for position in order]


def apart(places: Sequence[Geometry]) -> list[Geometry]:
    """Limit the thickness of slices to their distance.

    Where slices overlap, half a thickness reaches into the next slice, and what was
    drawn there would count for both.

    Parameters
    ----------
    places : sequence of Geometry
        Of one image, sorted along the normal.

    Returns
    -------
    list of Geometry
        The same, no thicker than the smallest distance between two of them.
    """
    if len(places) < 2 or any(place.missing() for place in places):
        return list(places)
    positions = np.array([place.position for place in places])
    smallest = float(np.linalg.norm(np.diff(positions, axis=0), axis=1).min())
    return [
        replace(place, thickness=min(place.thickness or smallest, smallest))
        for place in places
    ]
