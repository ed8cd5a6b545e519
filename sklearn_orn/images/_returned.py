"""What a step makes of a region is checked where it returns it."""

from collections.abc import Iterable
from typing import SupportsFloat

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._about import about
from sklearn_orn.images._arrays import as_image_array, check_not_empty, format_shape
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._region import Region

__all__ = ["check_returned", "check_returned_of"]


def check_returned(region: object, given: Region | None = None) -> Region:
    """Check what a step returned; arrays that it was `given` were checked before.

    A TypeError is a fault of the step whatever the lesion, a LesionError of this one.
    """
    if not isinstance(region, Region):
        raise TypeError(
            f"it returned {type(region).__name__}; expected a Region. Return one, such "
            "as `dataclasses.replace(region, image=...)`."
        )
    same_image = given is not None and region.image is given.image
    same_mask = given is not None and region.mask is given.mask
    if not same_image:
        _check_image(region.image)
    if not (same_image and same_mask):
        _check_mask(region.mask, region.image.shape)
    _check_window(region.window)
    _check_spacing(region.spacing)
    return region


def check_returned_of(
    lesion: ReadableLesion, region: object, place: str, given: Region | None = None
) -> Region:
    """Check what a step returned for a lesion, and name the lesion and the place."""
    try:
        return check_returned(region, given)
    except LesionError as error:
        raise about(lesion, error, place) from None
    except TypeError as error:
        raise TypeError(f"{lesion.name}{place}: {error}") from None


def _check_image(image: object) -> None:
    if not isinstance(image, np.ndarray):
        raise TypeError(
            f"the image that it returned is of type {type(image).__name__}; expected "
            "an array of shape (n_rows, n_columns)."
        )
    as_image_array(image)


def _check_mask(mask: object, shape: tuple[int, ...]) -> None:
    if not isinstance(mask, np.ndarray) or mask.dtype != bool:
        found = type(mask).__name__
        if isinstance(mask, np.ndarray):
            found = f"an array of {mask.dtype}"
        raise LesionError(
            f"the mask that it returned is {found}; expected an array of bool. "
            "Compare it, e.g. `mask > 0.5`."
        )
    if mask.shape != shape:
        raise LesionError(
            f"the mask that it returned has {format_shape(mask.shape)} pixels, the "
            f"image has {format_shape(shape)} (rows x columns); expected the same. "
            "Change both alike."
        )
    check_not_empty(mask)


def _check_window(window: Iterable[SupportsFloat] | None) -> None:
    if window is None:
        return
    low, high = _two_numbers(window)
    if not low <= high < np.inf or low == -np.inf:
        raise LesionError(
            f"the window that it returned is {_shown(window)}; expected None, or two "
            "finite grey levels (low, high), the lower one first."
        )


def _check_spacing(spacing: Iterable[SupportsFloat] | None) -> None:
    if spacing is None:
        return
    pair = _two_numbers(spacing)
    if not all(0 < distance < np.inf for distance in pair):
        raise LesionError(
            f"the spacing that it returned is {_shown(spacing)}; expected None, or two "
            "positive numbers of mm (rows, columns)."
        )


def _two_numbers(pair: Iterable[SupportsFloat]) -> tuple[float, float]:
    """Return the pair, (nan, nan) if it is none."""
    try:
        first, second = pair
        return float(first), float(second)
    except (TypeError, ValueError):
        return np.nan, np.nan


def _shown(value: object) -> str:
    """Write numbers without their NumPy type."""
    is_pair = isinstance(value, tuple | list | np.ndarray)
    plain = np.asarray(value).tolist() if is_pair else value
    return str(plain).replace("[", "(").replace("]", ")")
