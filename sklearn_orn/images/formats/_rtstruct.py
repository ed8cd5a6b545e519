"""ROIs drawn as contours in DICOM RT structure sets."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sklearn_orn._messages import file_part, name_part, private
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._labels import choose_roi
from sklearn_orn.images.formats._bounded import MAX_MM
from sklearn_orn.images.formats._contours import (
    Contour,
    contours_on_slice,
    fill_contours,
)
from sklearn_orn.images.formats._dicom import parse_dicom

__all__ = ["RTSTRUCT_UID", "RtStruct", "other_series"]

RTSTRUCT_UID = "1.2.840.10008.5.1.4.1.1.481.3"

_TAGS = [
    "FrameOfReferenceUID",
    "ReferencedFrameOfReferenceSequence",
    "StructureSetROISequence",
    "ROIContourSequence",
]
_FILLED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


class Roi(NamedTuple):
    """One ROI of a structure set, its coordinates not yet parsed."""

    number: int
    name: str
    frame: str | None  # of reference
    contours: list[tuple[str, Any, str | None]]  # type, coordinates, UID of the image


class _Content(NamedTuple):
    rois: list[Roi]
    frames: set[str]  # of reference
    series: set[str]
    instances: set[str]  # UIDs of images


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
        self._parsed: dict[int, list[Contour]] = {}
        found = parse_dicom(path, _TAGS, _content)
        self.rois, self.frames, self.series, self._instances = found

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Fill the contours of one ROI on the grid of an image.

        Parameters
        ----------
        roi : str or None
            Name or number of the ROI; None for the only one.
        image : Image2D
            The slice; its place comes from its own header. An anonymiser may have
            renamed the images that the structure set refers to.

        Returns
        -------
        ndarray of bool
            Of the shape of the image.
        """
        try:
            chosen = choose_roi(self.rois, roi, "ROIs with contours")
            _check_frames(self, chosen, image.geometry)
            contours = contours_on_slice(
                self._contours(chosen),
                image.geometry,
                of_series=image.geometry.series in self.series,
                instances=self._instances,
            )
            return fill_contours(contours, image)
        except LesionError as error:
            hint = other_series(self.series, image.geometry)
            raise error.within(f"file {file_part(self.path)}: ", hint) from None

    def _contours(self, roi: Roi) -> list[Contour]:
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


def _check_frames(rois: "RtStruct", roi: Roi, geometry: Geometry) -> None:
    """Refuse another coordinate system.

    Some programs give the ROI a frame of its own, while the file and the series that
    it refers to have that of the image: they were drawn there.
    """
    image_frame = geometry.frame_of_reference
    if not (roi.frame and image_frame) or roi.frame == image_frame:
        return
    of_file = image_frame in rois.frames and roi.frame not in rois.frames
    if of_file and geometry.series in rois.series:
        return
    raise LesionError(
        f"ROI {name_part(roi.name)} was drawn in the frame of reference "
        f"{private(roi.frame)}, the image lies in {private(image_frame)}; expected the "
        "same. Give the series that the ROI was drawn on, or register them first."
    )


def _content(dataset: Any) -> _Content:
    frames = {str(dataset.get("FrameOfReferenceUID") or "")}
    series, instances = set(), set()
    for frame in dataset.get("ReferencedFrameOfReferenceSequence") or ():
        frames.add(str(frame.get("FrameOfReferenceUID") or ""))
        for study in frame.get("RTReferencedStudySequence") or ():
            for item in study.get("RTReferencedSeriesSequence") or ():
                series.add(str(item.get("SeriesInstanceUID") or ""))
                instances |= set(_images_of(item))
    frames.discard("")
    rois = _rois(dataset, frames)
    instances |= {uid for roi in rois for _, _, uid in roi.contours if uid}
    return _Content(rois, frames, series, instances)


def _rois(dataset: Any, frames: set[str]) -> list[Roi]:
    contours: dict[int, list[tuple[str, Any, str | None]]] = defaultdict(list)
    for item in dataset.get("ROIContourSequence") or ():
        contours[int(item.ReferencedROINumber)] += [
            (
                str(contour.get("ContourGeometricType", "CLOSED_PLANAR")),
                _coordinates(contour),
                next(_images_of(contour), None),
            )
            for contour in item.get("ContourSequence") or ()
        ]
    frame = next(iter(frames)) if len(frames) == 1 else None
    rois: dict[int, Roi] = {}
    for item in dataset.get("StructureSetROISequence") or ():
        number, name = int(item.ROINumber), str(item.get("ROIName") or "").strip()
        own = str(item.get("ReferencedFrameOfReferenceUID") or "") or frame
        if number in rois and rois[number].name != name:
            raise LesionError(
                f"two ROIs have the number {number}: {name_part(rois[number].name)} "
                f"and {name_part(name)}, so that it is unknown whose its contours are. "
                "Export the structure set again."
            )
        if contours[number]:
            rois[number] = Roi(number, name, own, contours[number])
    return list(rois.values())


def _images_of(item: Any) -> Iterator[str]:
    """Name the images that a series or a contour refers to."""
    for image in item.get("ContourImageSequence") or ():
        if uid := str(image.get("ReferencedSOPInstanceUID") or "").strip():
            yield uid


def _coordinates(contour: Any) -> Any:
    """Take the bytes: pydicom's own conversion is ten times slower."""
    element = contour.get_item("ContourData")
    return b"" if element is None or element.value is None else element.value


def _points(roi: Roi) -> list[Contour]:
    """Parse the closed contours of a ROI that enclose an area."""
    contours = []
    for kind, raw, instance in roi.contours:
        if kind not in _FILLED:
            continue
        texts = raw.rstrip(b"\0 ").split(b"\\") if isinstance(raw, bytes) else raw
        try:
            points = np.array([float(text) for text in texts]).reshape(-1, 3)
        except (TypeError, ValueError, OverflowError):
            points = np.full((3, 3), np.nan)
        if not (np.abs(points) < MAX_MM).all():
            raise LesionError(
                f"a contour of ROI {name_part(roi.name)} is damaged; expected three "
                "finite numbers for each point. Export the structure set again."
            )
        if len(points) > 2:
            contours.append(Contour(points, instance, kind))
    if not contours:
        kinds = ", ".join(sorted({kind for kind, _, _ in roi.contours}))
        raise LesionError(
            f"ROI {name_part(roi.name)} has no closed contour of three or more points "
            f"(found: {kinds}). Draw it as closed contours."
        )
    return contours
