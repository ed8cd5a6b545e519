"""One outline of several sequences, laid from the slice it was drawn on onto others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sklearn_orn._messages import private, the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import format_shape
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_file import ImageFile

_PARALLEL = 0.02  # radians between normals: 0.5 mm at 25 mm from the axis
_SAME_SPACING = 0.005  # relative: a pixel in 200
_ROUNDED_MM = 0.05  # headers round positions
_DEFAULT_THICKNESS = 1.0  # mm, where nothing tells it
_OWN = "Give this sequence an outline of its own: 'mask_<sequence>_<reader>'."


def nearest_section(image: ImageFile, drawn_on: ImageFile, section: int) -> int:
    """Choose the slice nearest to one of another image.

    Stacks that do not say where they lie go by number, if they have as many slices.
    """
    drawn = drawn_on.places[section]
    if not (drawn.missing() or any(place.missing() for place in image.places)):
        _check_frames(drawn, image.places[0])
        distances = [_distance(drawn, place) for place in image.places]
        return int(np.argmin(np.abs(distances)))
    if len(image) == len(drawn_on):
        return section
    raise LesionError(
        f"nothing tells which of the {len(image)} slices of {the_file(image.path)} is "
        f"that of the outline, which was drawn on another sequence of {len(drawn_on)}: "
        "an image has no place in the patient. Give the numbers of the slices, from "
        "0, in columns 'section_<sequence>'."
    )


def _distance(drawn_on: Geometry, place: Geometry) -> float:
    """Return how far the centre of a slice's first pixel lies from a plane in mm."""
    assert place.position is not None
    return float(drawn_on.to_pixels(place.position[None])[0, 2])


def lay_outline(
    mask: np.ndarray, drawn_on: Geometry, image: Image2D, places: Sequence[Geometry]
) -> np.ndarray:
    """Lay an ROI of one slice onto the grid of another by nearest neighbours.

    A pixel belongs to the ROI if the pixel of the first slice that its centre lies in
    does. `places` are those of all slices of the image. LesionError if the slice is
    not the one on which the ROI lies.
    """
    place, shape = image.geometry, image.pixels.shape
    if drawn_on.missing() or place.missing():
        return _as_it_is(mask, drawn_on, image)
    _check_frames(drawn_on, place)
    drawn = np.argwhere(mask)
    centres = drawn_on.to_patient(np.column_stack([drawn, np.zeros(len(drawn))]))
    there = place.to_pixels(centres)
    _check_plane(drawn_on, place, there[:, 2], _half_step(place, places))
    low, high = there[:, :2].min(axis=0), there[:, :2].max(axis=0)
    if (low < -0.5).any() or (high > np.array(shape) - 0.5).any():
        raise LesionError(
            f"the outline was drawn on another sequence, and reaches here from row "
            f"{low[0]:.0f} to {high[0]:.0f} and column {low[1]:.0f} to {high[1]:.0f}, "
            f"outside the image of {format_shape(shape)} pixels (rows x columns). "
            f"Give the uncropped series. {_OWN}"
        )
    rows, columns = _around(drawn, drawn_on, image)
    at = np.column_stack([rows.ravel(), columns.ravel(), np.zeros(rows.size)])
    back = drawn_on.to_pixels(place.to_patient(at))[:, :2]
    # a centre on a border belongs to the pixel above it, whatever the rounding
    source = np.floor(np.round(back + 0.5, 6)).astype(int)
    inside = ((source >= 0) & (source < mask.shape)).all(axis=1)
    laid = np.zeros(shape, dtype=bool)
    laid[rows.ravel()[inside], columns.ravel()[inside]] = mask[tuple(source[inside].T)]
    if not laid.any():
        raise LesionError(
            "the outline was drawn on another sequence, and encloses no pixel centre "
            f"here: too small. {_OWN}"
        )
    return laid


def _around(
    drawn: np.ndarray, drawn_on: Geometry, image: Image2D
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the pixels around those of another slice."""
    top, left = drawn.min(axis=0) - 0.5
    bottom, right = drawn.max(axis=0) + 0.5
    corners = [(top, left, 0), (top, right, 0), (bottom, left, 0), (bottom, right, 0)]
    there = image.geometry.to_pixels(drawn_on.to_patient(np.array(corners)))[:, :2]
    first = np.maximum(np.floor(there.min(axis=0)).astype(int), 0)
    last = np.minimum(np.ceil(there.max(axis=0)).astype(int) + 1, image.pixels.shape)
    rows, columns = np.mgrid[first[0] : last[0], first[1] : last[1]]
    return rows, columns


def _as_it_is(mask: np.ndarray, drawn_on: Geometry, image: Image2D) -> np.ndarray:
    """Take a mask between images of which one has no place, if the grids are alike."""
    own, other = image.geometry.spacing, drawn_on.spacing
    if mask.shape != image.pixels.shape:
        raise LesionError(
            f"the outline was drawn on another sequence, of {format_shape(mask.shape)} "
            f"pixels, and this image has {format_shape(image.pixels.shape)} (rows x "
            "columns); without a place in the patient of both, nothing tells where it "
            f"lies. {_OWN}"
        )
    if own and other and not np.allclose(own, other, rtol=_SAME_SPACING, atol=0):
        raise LesionError(
            f"the outline was drawn on another sequence, with pixels of "
            f"{_spacing(other)} mm, and those of this image are {_spacing(own)} mm "
            "(rows x columns); without a place in the patient of both, nothing tells "
            f"where it lies. {_OWN}"
        )
    return mask


def _check_frames(drawn_on: Geometry, place: Geometry) -> None:
    frames = drawn_on.frame_of_reference, place.frame_of_reference
    if None not in frames and frames[0] != frames[1]:
        raise LesionError(
            "the outline was drawn on another sequence, in the frame of reference "
            f"{private(str(frames[0]))}, and the image lies in "
            f"{private(str(frames[1]))}; expected the same. Register them first. "
            f"{_OWN}"
        )


def _check_plane(
    drawn_on: Geometry, place: Geometry, distances: np.ndarray, half: float
) -> None:
    assert drawn_on.orientation is not None and place.orientation is not None
    cosine = np.cross(*drawn_on.orientation) @ np.cross(*place.orientation)
    angle = np.arccos(np.clip(abs(cosine), 0, 1))
    if angle > _PARALLEL:
        raise LesionError(
            "the outline was drawn on another sequence, whose slices are tilted by "
            f"{np.degrees(angle):.1f} degrees against this one; expected parallel "
            f"ones. {_OWN}"
        )
    furthest = float(np.abs(distances).max())
    if furthest > half + _ROUNDED_MM:
        raise LesionError(
            "the outline was drawn on another sequence, and lies "
            f"{distances.min():+.1f} to {distances.max():+.1f} mm from this slice "
            f"along its normal; expected within {half:.1f} mm, half the distance of "
            f"two slices. Give the series that covers the lesion. {_OWN}"
        )


def _half_step(place: Geometry, places: Sequence[Geometry]) -> float:
    """Return half the distance of two slices of an image, or half their thickness."""
    steps = [place.thickness or 0.0, place.step or 0.0]
    if len(places) > 1:
        others = np.abs([_distance(place, other) for other in places])
        steps.append(float(np.min(others[others > _ROUNDED_MM], initial=np.inf)))
    known = [step for step in steps if 0 < step < np.inf]
    return max(known, default=_DEFAULT_THICKNESS) / 2


def _spacing(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.3g} x {pair[1]:.3g}"
