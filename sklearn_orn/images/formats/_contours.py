"""Contours in the patient, laid on the pixels of one slice."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import format_shape
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_file import DrawnTooSmall, NotOnSlice
from sklearn_orn.images._misfit import mirrored
from sklearn_orn.images.formats._grid import (
    ROUNDED_MM,
    check_placed,
    grid_of,
    plane_tolerance,
)
from sklearn_orn.images.formats._polygons import Drawn, combine, cross, draw_polygons

_UNCROPPED = "Give the uncropped series that the ROI was drawn on."
_DEFAULT_THICKNESS = 1.0  # mm, where the image tells none
_XOR = "CLOSEDPLANAR_XOR"


class Contour(NamedTuple):
    """A closed contour.

    `points`, of shape (n_points, 3) or (n_points, 2), are mm in the patient, or rows
    and columns of a slice. `instance` is the UID of the image it was drawn on.
    """

    points: np.ndarray
    instance: str | None = None
    kind: str = "CLOSED_PLANAR"


def contours_on_slice(
    contours: Sequence[Contour],
    geometry: Geometry,
    *,
    of_series: bool = False,
    instances: Collection[str] = (),
) -> list[Contour]:
    """Project the contours that were drawn on a slice to its pixels.

    Where the file of the contours knows the image, those that name it are taken;
    otherwise those of the nearest plane, if it is nearer than half the distance of two
    slices: where slices overlap, a contour of the next slice is not this slice's.
    """
    check_placed(geometry, "contours")
    thickness = geometry.thickness or _DEFAULT_THICKNESS
    tolerance = plane_tolerance(thickness)
    projected = [geometry.to_pixels(contour.points) for contour in contours]
    spread = np.array([np.ptp(points[:, 2]) for points in projected])
    if (spread > tolerance).all():
        raise LesionError(
            f"the contours leave the plane of this image by up to {spread.max():.1f} "
            "mm: they were drawn on another orientation. Give the series that the ROI "
            "was drawn on."
        )
    distance = np.array([points[:, 2].mean() for points in projected])
    distance[spread > tolerance] = np.inf
    names = [contour.instance for contour in contours]
    own = {None, geometry.instance}
    candidates = distance.copy()
    if geometry.instance in instances and _one_plane_each(names, distance, tolerance):
        candidates[[name not in own for name in names]] = np.inf
    nearest = candidates[np.argmin(np.abs(candidates))]
    if not np.isfinite(nearest):
        raise NotOnSlice(_nothing_on_slice(distance, thickness))
    near = np.flatnonzero(np.abs(candidates - nearest) <= tolerance).tolist()
    of_plane = {names[at] for at in near}
    limit = _half_step(distance, geometry, tolerance, of_series)
    if geometry.instance in of_plane - {None}:
        limit = thickness / 2 + ROUNDED_MM
    elif of_series and None not in of_plane | {geometry.instance}:
        limit = tolerance
    if abs(nearest) > limit:
        raise NotOnSlice(_nothing_on_slice(distance, thickness))
    return [contours[at]._replace(points=projected[at][:, :2]) for at in near]


def _one_plane_each(
    names: Sequence[str | None], distance: np.ndarray, tolerance: float
) -> bool:
    """Tell whether no image is named on several planes, as careless exports do."""
    planes: dict[str | None, list[float]] = defaultdict(list)
    for name, at in zip(names, distance.tolist(), strict=True):
        if name is not None and np.isfinite(at):
            planes[name].append(at)
    return all(max(spots) - min(spots) <= tolerance for spots in planes.values())


def _half_step(
    distance: np.ndarray, geometry: Geometry, tolerance: float, of_series: bool
) -> float:
    """Return how far from a slice its contours may lie.

    A contour that was drawn on the series and lies half a step away is the next
    slice's, where slices overlap by half.
    """
    thickness = geometry.thickness or _DEFAULT_THICKNESS
    steps = [geometry.step or thickness, thickness]
    planes = np.diff(np.unique(distance[np.isfinite(distance)]))
    steps.extend(planes[planes > tolerance].tolist())
    edge = -ROUNDED_MM if of_series else ROUNDED_MM
    return max(min(steps) / 2 + edge, ROUNDED_MM)


def _nothing_on_slice(distance: np.ndarray, thickness: float) -> str:
    planes = np.unique(np.round(distance[np.isfinite(distance)], 1))
    planes = planes[np.argsort(np.abs(planes), kind="stable")]
    shown = ", ".join(f"{plane:+.1f}" for plane in np.sort(planes[:6]))
    more = f" (the nearest of {planes.size} planes)" if planes.size > 6 else ""
    return (
        f"no contour lies on this slice ({thickness:g} mm thick). The contours lie at "
        f"{shown} mm from it along its normal{more}. Give a slice that was drawn on."
    )


def fill_contours(contours: Sequence[Contour], image: Image2D) -> np.ndarray:
    """Fill contours, of `contours_on_slice`, on the pixels of a slice.

    LesionError if they leave the image or two cross, DrawnTooSmall if they enclose no
    pixel centre.
    """
    rows, columns = image.pixels.shape
    vertices = np.concatenate([contour.points for contour in contours])
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    # a contour may run along the outer border of the outermost pixels
    if (low < -1).any() or (high > (rows, columns)).any():
        raise LesionError(
            f"the contours reach from row {low[0]:.1f} to {high[0]:.1f} and column "
            f"{low[1]:.1f} to {high[1]:.1f}, outside the image of "
            f"{format_shape((rows, columns))} pixels (rows x columns). "
            f"{_mirrored(vertices, image) or _UNCROPPED}"
        )
    drawn = draw_polygons([contour.points for contour in contours], (rows, columns))
    _check_crossing(contours, drawn)
    mask = combine(drawn, (rows, columns))
    if mask.any():
        return mask
    if any(one.inside.any() or one.on.any() for one in drawn):
        raise LesionError(
            f"the {len(contours)} contours on this slice enclose no pixel centre: they "
            "were drawn twice, so that they cancel. Draw the ROI again."
        )
    raise DrawnTooSmall(
        f"the {len(contours)} contours on this slice enclose no pixel centre: too "
        "small. Draw the ROI again."
    )


def _check_crossing(contours: Sequence[Contour], drawn: Sequence[Drawn]) -> None:
    """Refuse two contours of which neither is a hole or an island."""
    closed = [
        one
        for contour, one in zip(contours, drawn, strict=True)
        if contour.kind != _XOR
    ]
    for number, first in enumerate(closed):
        if any(cross(first, second) for second in closed[:number]):
            raise LesionError(
                "two contours on this slice cross, so that it is unknown whether what "
                "they share belongs to the ROI: were they drawn on two slices, or "
                "twice? Join them to one outline, or choose another slice in the "
                "column 'section'."
            )


def _mirrored(vertices: np.ndarray, image: Image2D) -> str:
    on_plane = np.column_stack([vertices, np.zeros(len(vertices))])
    points = image.geometry.to_patient(on_plane)
    return mirrored(points, grid_of(image.geometry, image.pixels.shape))
