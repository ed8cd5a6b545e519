"""ROIs drawn as contours in DICOM RT structure sets."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import name_part, private
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._labels import choose_roi
from sklearn_orn.images.formats._bounded import MAX_MM, of_file
from sklearn_orn.images.formats._contours import (
    Contour,
    contours_on_slice,
    fill_contours,
)
from sklearn_orn.images.formats._dicom import (
    Dataset,
    items,
    parse_dicom,
    tag_of,
    text_of,
    value_of,
)

RTSTRUCT_UID = "1.2.840.10008.5.1.4.1.1.481.3"

_TAGS = (
    "FrameOfReferenceUID ReferencedFrameOfReferenceSequence StructureSetROISequence "
    "ROIContourSequence"
).split()
_FILLED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


class Roi(NamedTuple):
    """One ROI of a structure set, its coordinates not yet parsed."""

    number: int
    name: str
    frame: str | None  # of reference
    # type, coordinates as they stand in the file, UID of the image
    contours: list[tuple[str, bytes | Sequence[str], str | None]]


class _Content(NamedTuple):
    rois: list[Roi]  # those that have contours, in the order of the file
    frames: set[str]  # of reference
    series: set[str]
    instances: set[str]  # UIDs of images


class RtStruct:
    """The ROIs of a DICOM RT structure set, which is read once.

    An anonymiser may have renamed the images that it refers to.
    """

    flat = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parsed: dict[int, list[Contour]] = {}
        content = parse_dicom(path, _TAGS, _content)
        self.rois, self.frames, self.series, self._instances = content

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Fill the contours of one ROI on the grid of an image."""
        with of_file(self.path, other_series(self.series, image.geometry)):
            chosen = choose_roi(self.rois, roi, "ROIs with contours")
            _check_frames(self, chosen, image.geometry)
            contours = contours_on_slice(
                self._contours(chosen),
                image.geometry,
                of_series=image.geometry.series in self.series,
                instances=self._instances,
            )
            return fill_contours(contours, image)

    def points(self) -> dict[int, np.ndarray]:
        """Return the points of closed contours of each ROI, by its number."""
        found = {roi.number: np.zeros((0, 3)) for roi in self.rois}
        for roi in self.rois:
            with suppress(LesionError):  # it has none, or a damaged one
                points = [contour.points for contour in self._contours(roi)]
                found[roi.number] = np.concatenate(points)
        return found

    def _contours(self, roi: Roi) -> list[Contour]:
        """Parse the contours of a ROI once, however many slices ask for them."""
        if roi.number not in self._parsed:
            self._parsed[roi.number] = _points(roi)
        return self._parsed[roi.number]


def other_series(series: set[str], geometry: Geometry) -> str:
    """Say that an ROI refers to another series, as a hint behind an error."""
    named = series - {""}
    if not named or geometry.series is None or geometry.series in named:
        return ""
    return " Its file refers to another series than that of this image."


def _check_frames(rois: RtStruct, roi: Roi, geometry: Geometry) -> None:
    """Refuse another coordinate system.

    Some programs give the ROI a frame of its own, while the file and the series that
    it refers to have that of the image: they were drawn there.
    """
    image_frame = geometry.frame_of_reference
    if not (roi.frame and image_frame) or roi.frame == image_frame:
        return
    own = image_frame in rois.frames and roi.frame not in rois.frames
    if own and geometry.series in rois.series:
        return
    raise LesionError(
        f"ROI {name_part(roi.name)} was drawn in the frame of reference "
        f"{private(roi.frame)}, the image lies in {private(image_frame)}; expected the "
        "same. Give the series that the ROI was drawn on, or register them first."
    )


def _content(dataset: Dataset) -> _Content:
    referenced = items([dataset], "ReferencedFrameOfReferenceSequence")
    frames = {text_of(item, "FrameOfReferenceUID") for item in (dataset, *referenced)}
    frames.discard("")
    drawn_on = items(
        referenced, "RTReferencedStudySequence", "RTReferencedSeriesSequence"
    )
    rois = _rois(dataset, frames)
    named = {uid for roi in rois for _, _, uid in roi.contours if uid}
    return _Content(
        rois,
        frames,
        {text_of(item, "SeriesInstanceUID") for item in drawn_on},
        named.union(*(_images_of(item) for item in drawn_on)),
    )


def _rois(dataset: Dataset, frames: set[str]) -> list[Roi]:
    contours: dict[int, list[tuple[str, bytes | Sequence[str], str | None]]]
    contours = defaultdict(list)
    for item in items([dataset], "ROIContourSequence"):
        contours[int(item.ReferencedROINumber)] += [
            (
                str(value_of(contour, "ContourGeometricType", "CLOSED_PLANAR")),
                _coordinates(contour),
                next(_images_of(contour), None),
            )
            for contour in items([item], "ContourSequence")
        ]
    frame = next(iter(frames)) if len(frames) == 1 else None
    rois: dict[int, Roi] = {}
    for item in items([dataset], "StructureSetROISequence"):
        number, name = int(item.ROINumber), text_of(item, "ROIName")
        own = str(value_of(item, "ReferencedFrameOfReferenceUID") or "") or frame
        if number in rois and rois[number].name != name:
            raise LesionError(
                f"two ROIs have the number {number}: {name_part(rois[number].name)} "
                f"and {name_part(name)}, so that it is unknown whose its contours are. "
                "Export the structure set again."
            )
        if contours[number]:
            rois[number] = Roi(number, name, own, contours[number])
    return list(rois.values())


def _images_of(item: Dataset) -> Iterator[str]:
    """Name the images that a series or a contour refers to."""
    for image in items([item], "ContourImageSequence"):
        if uid := text_of(image, "ReferencedSOPInstanceUID"):
            yield uid


def _coordinates(contour: Dataset) -> bytes | Sequence[str]:
    """Take the bytes: pydicom's own conversion is ten times slower."""
    element = contour.get_item(tag_of("ContourData"))
    values: bytes | Sequence[str] | None = None if element is None else element.value
    return b"" if values is None else values


def _points(roi: Roi) -> list[Contour]:
    """Parse the closed contours of a ROI that enclose an area."""
    contours = []
    for kind, raw, instance in roi.contours:
        if kind not in _FILLED:
            continue
        try:
            texts = raw.rstrip(b"\0 ").split(b"\\") if isinstance(raw, bytes) else raw
            points = np.array(list(map(float, texts))).reshape(-1, 3)
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
