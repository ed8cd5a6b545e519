"""ROIs drawn as contours in DICOM RT structure sets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import format_shape
from sklearn_orn.images._bounded import MAX_MM
from sklearn_orn.images._dicom import parse_dicom
from sklearn_orn.images._geometry import Geometry, Image2D, polygons_to_mask
from sklearn_orn.images._grid import grid_of
from sklearn_orn.images._image_file import NotOnSlice
from sklearn_orn.images._labels import choose_roi
from sklearn_orn.images._misfit import mirrored

__all__ = ["RTSTRUCT_UID", "RtStruct", "contours_on_slice", "other_series"]

RTSTRUCT_UID = "1.2.840.10008.5.1.4.1.1.481.3"

_TAGS = [
    "FrameOfReferenceUID",
    "ReferencedFrameOfReferenceSequence",
    "StructureSetROISequence",
    "ROIContourSequence",
]
_FILLED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
_UNCROPPED = "Give the uncropped series that the ROI was drawn on."
_DEFAULT_THICKNESS = 1.0  # mm, where the image tells none
_PLANE_TOLERANCE = 0.1  # of the slice thickness: contours of one plane
_MIN_PLANE_TOLERANCE = 0.05  # mm, coordinates are rounded on export


class Roi(NamedTuple):
    """One ROI of a structure set, its coordinates not yet parsed."""

    number: int
    name: str
    frame_of_reference: str | None
    contours: list[tuple[str, Any]]  # geometric type, coordinates


class RtStruct:
    """The ROIs of a DICOM RT structure set.

    Parameters
    ----------
    path : Path
        The file; it is read once, here.

    Attributes
    ----------
    rois : list of Roi
        Those that have contours, in the order of the file.
    """

    flat = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parsed: dict[int, list[np.ndarray]] = {}
        self.rois, self.series = parse_dicom(path, _TAGS, _content)

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Fill the contours of one ROI on the grid of an image.

        Parameters
        ----------
        roi : str or None
            Name or number of the ROI; None for the only one.
        image : Image2D
            The slice; its place comes from its own header, since the SOP instances
            that a structure set refers to may have been renamed by an anonymiser.

        Returns
        -------
        ndarray of bool
            Of the shape of the image.
        """
        try:
            chosen = choose_roi(self.rois, roi, "ROIs with contours")
            _check_frames(chosen, image.geometry)
            polygons = contours_on_slice(self._contours(chosen), image.geometry)
            return _fill(polygons, image)
        except LesionError as error:
            hint = other_series(self.series, image.geometry)
            raise type(error)(f"file '{self.path}': {error}{hint}") from None

    def _contours(self, roi: Roi) -> list[np.ndarray]:
        """Parse the contours of a ROI once, however many slices ask for them."""
        if roi.number not in self._parsed:
            self._parsed[roi.number] = _points(roi)
        return self._parsed[roi.number]


def other_series(series: set[str], geometry: Geometry) -> str:
    """Say that an ROI refers to another series, as a hint behind an error.

    Parameters
    ----------
    series : set of str
        UIDs of the series that the ROI's file refers to.
    geometry : Geometry
        Of the image.

    Returns
    -------
    str
        A sentence, or nothing.
    """
    named = series - {""}
    if not named or geometry.series is None or geometry.series in named:
        return ""
    return " Its file refers to another series than that of this image."


def contours_on_slice(
    contours: Sequence[np.ndarray], geometry: Geometry
) -> list[np.ndarray]:
    """Project the contours that were drawn on a slice to its pixels.

    Those of the nearest plane within half a slice thickness are taken: where slices
    overlap, a contour of the next slice is not this slice's.

    Parameters
    ----------
    contours : sequence of ndarray of shape (n_points, 3)
        In mm, in the patient's coordinate system.
    geometry : Geometry
        Place of the slice.

    Returns
    -------
    list of ndarray of shape (n_points, 2)
        Row and column of the vertices, pixel centres at whole numbers.

    Raises
    ------
    LesionError
        If no contour lies on the slice; the message says where they lie.
    """
    if missing := geometry.missing():
        raise LesionError(
            f"contours cannot be placed, since the image has no valid "
            f"{', no valid '.join(missing)}. Give the original DICOM image, or the "
            "mask as PNG."
        )
    thickness = geometry.thickness or _DEFAULT_THICKNESS
    tolerance = max(_PLANE_TOLERANCE * thickness, _MIN_PLANE_TOLERANCE)
    projected = [geometry.to_pixels(contour) for contour in contours]
    spread = np.array([np.ptp(points[:, 2]) for points in projected])
    if (spread > tolerance).all():
        raise LesionError(
            f"the contours leave the plane of this image by up to {spread.max():.1f} "
            "mm: they were drawn on another orientation. Give the series that the ROI "
            "was drawn on."
        )
    distance = np.array([points[:, 2].mean() for points in projected])
    distance[spread > tolerance] = np.inf
    nearest = distance[np.argmin(np.abs(distance))]
    if abs(nearest) > thickness / 2 + _MIN_PLANE_TOLERANCE:
        raise NotOnSlice(_nothing_on_slice(distance, thickness))
    near = np.abs(distance - nearest) <= tolerance
    return [points[:, :2] for points, on in zip(projected, near, strict=True) if on]


def _nothing_on_slice(distance: np.ndarray, thickness: float) -> str:
    planes = np.unique(np.round(distance[np.isfinite(distance)], 1))
    planes = planes[np.argsort(np.abs(planes), kind="stable")]
    shown = ", ".join(f"{plane:+.1f}" for plane in np.sort(planes[:6]))
    more = f" (the nearest of {planes.size} planes)" if planes.size > 6 else ""
    return (
        f"no contour lies on this slice ({thickness:g} mm thick). The contours lie at "
        f"{shown} mm from it along its normal{more}. Give a slice that was drawn on."
    )


def _check_frames(roi: Roi, geometry: Geometry) -> None:
    image_frame = geometry.frame_of_reference
    if roi.frame_of_reference and image_frame and roi.frame_of_reference != image_frame:
        raise LesionError(
            f"ROI '{roi.name}' was drawn in the frame of reference "
            f"{roi.frame_of_reference}, the image lies in {image_frame}; expected the "
            "same. Give the series that the ROI was drawn on, or register them first."
        )


def _fill(polygons: list[np.ndarray], image: Image2D) -> np.ndarray:
    shape = image.pixels.shape
    rows, columns = shape
    vertices = np.concatenate(polygons)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    # a contour may run along the outer border of the outermost pixels
    if (low < -1).any() or (high > (rows, columns)).any():
        raise LesionError(
            f"the contours reach from row {low[0]:.1f} to {high[0]:.1f} and column "
            f"{low[1]:.1f} to {high[1]:.1f}, outside the image of "
            f"{format_shape(shape)} pixels (rows x columns). "
            f"{_mirrored(vertices, image) or _UNCROPPED}"
        )
    mask = polygons_to_mask(polygons, (rows, columns))
    if not mask.any():
        raise LesionError(
            f"the {len(polygons)} contours on this slice enclose no pixel centre: too "
            "small, or drawn twice, so that they cancel. Draw the ROI again."
        )
    return mask


def _mirrored(vertices: np.ndarray, image: Image2D) -> str:
    on_plane = np.column_stack([vertices, np.zeros(len(vertices))])
    points = image.geometry.to_patient(on_plane)
    return mirrored(points, grid_of(image.geometry, image.pixels.shape))


def _content(dataset: Any) -> tuple[list[Roi], set[str]]:
    return _rois(dataset), {
        str(series.get("SeriesInstanceUID") or "")
        for frame in dataset.get("ReferencedFrameOfReferenceSequence") or ()
        for study in frame.get("RTReferencedStudySequence") or ()
        for series in study.get("RTReferencedSeriesSequence") or ()
    }


def _rois(dataset: Any) -> list[Roi]:
    contours = {
        int(item.ReferencedROINumber): [
            (
                str(contour.get("ContourGeometricType", "CLOSED_PLANAR")),
                _coordinates(contour),
            )
            for contour in item.get("ContourSequence") or ()
        ]
        for item in dataset.get("ROIContourSequence") or ()
    }
    frame = _frame_of_reference(dataset)
    return [
        Roi(
            number=int(item.ROINumber),
            name=str(item.get("ROIName") or "").strip(),
            frame_of_reference=str(item.get("ReferencedFrameOfReferenceUID") or "")
            or frame,
            contours=contours[int(item.ROINumber)],
        )
        for item in dataset.get("StructureSetROISequence") or ()
        if contours.get(int(item.ROINumber))
    ]


def _frame_of_reference(dataset: Any) -> str | None:
    frames = {
        str(item.get("FrameOfReferenceUID") or "")
        for item in dataset.get("ReferencedFrameOfReferenceSequence") or ()
    }
    frames.add(str(dataset.get("FrameOfReferenceUID") or ""))
    frames.discard("")
    return frames.pop() if len(frames) == 1 else None


def _coordinates(contour: Any) -> Any:
    """Take the bytes: pydicom's own conversion is ten times slower."""
    element = contour.get_item("ContourData")
    return b"" if element is None or element.value is None else element.value


def _points(roi: Roi) -> list[np.ndarray]:
    """Parse the closed contours of a ROI that enclose an area."""
    contours = []
    for kind, raw in roi.contours:
        if kind not in _FILLED:
            continue
        texts = raw.rstrip(b"\0 ").split(b"\\") if isinstance(raw, bytes) else raw
        try:
            points = np.array([float(text) for text in texts]).reshape(-1, 3)
        except (TypeError, ValueError, OverflowError):
            points = np.full((3, 3), np.nan)
        if not (np.abs(points) < MAX_MM).all():
            raise LesionError(
                f"a contour of ROI '{roi.name}' is damaged; expected three finite "
                "numbers for each point. Export the structure set again."
            )
        if len(points) > 2:
            contours.append(points)
    if not contours:
        kinds = ", ".join(sorted({kind for kind, _ in roi.contours}))
        raise LesionError(
            f"ROI '{roi.name}' has no closed contour of three or more points (found: "
            f"{kinds}). Draw it as closed contours."
        )
    return contours
