"""ROIs in DICOM segmentations, joined with images by position."""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import file_part, name_part, private
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_file import NotOnSlice
from sklearn_orn.images._labels import choose_roi
from sklearn_orn.images.formats._bounded import check_size, of_file
from sklearn_orn.images.formats._dicom import (
    Dataset,
    frame_count,
    items,
    parse_dicom,
    text_of,
    whole_of,
)
from sklearn_orn.images.formats._dicom_image import frame_items, place_of
from sklearn_orn.images.formats._dicom_pixels import PIXEL_TAGS, read_frame
from sklearn_orn.images.formats._grid import grid_of, lay_on, plane_tolerance
from sklearn_orn.images.formats._rtstruct import other_series

SEG_UIDS = (
    "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation
    "1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation
)

_TAGS = [
    *(tag for tag in PIXEL_TAGS if tag != "PixelData"),
    *(
        "FrameOfReferenceUID SegmentationType MaximumFractionalValue SegmentSequence "
        "SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence "
        "ReferencedSeriesSequence"
    ).split(),
]
_KEPT = 64  # frames: a region is read slice by slice, and each is asked for again


class Segment(NamedTuple):
    """One segment: its label, and its frames."""

    number: int
    name: str
    frames: list[int]


class _Header(NamedTuple):
    kind: str
    maximum: float
    rois: list[Segment]  # those that have frames
    places: list[Geometry]
    frames: set[str]  # of reference
    series: set[str]


class DicomSeg:
    """The segments of a DICOM SEG file: binary, fractional or a label map.

    Frames are joined with the image by where they lie; the images that they refer to
    may have been renamed by an anonymiser, or not be named at all. A fractional pixel
    belongs to the ROI from half of the maximum.
    """

    flat = False

    def __init__(self, path: Path) -> None:
        self.path = path
        header = parse_dicom(path, _TAGS, functools.partial(_header, path=path))
        self.kind, self.maximum = header.kind, header.maximum
        self.rois, self.places = header.rois, header.places
        self.frames, self.series = header.frames, header.series
        self._pixels_of: dict[int, np.ndarray] = {}

    def points(self) -> dict[int, np.ndarray]:
        """Return corners of what is drawn of each segment, by its number, in mm."""
        return {segment.number: self._corners(segment) for segment in self.rois}

    def _corners(self, segment: Segment) -> np.ndarray:
        corners = [np.zeros((0, 3))]
        for frame in segment.frames:
            place = self.places[frame]
            rows, columns = np.nonzero(self._pixels(frame, segment.number))
            if not place.missing() and len(rows):
                half = (place.thickness or 1.0) / 2
                ends = [
                    (row, column, across)
                    for row in (rows.min() - 0.5, rows.max() + 0.5)
                    for column in (columns.min() - 0.5, columns.max() + 0.5)
                    for across in (-half, half)
                ]
                corners.append(place.to_patient(np.array(ends)))
        return np.concatenate(corners)

    def mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        """Lay the frame of one segment on the grid of an image."""
        with of_file(self.path):
            return self._mask(roi, image)

    def _mask(self, roi: str | None, image: Image2D) -> np.ndarray:
        segment = choose_roi(self.rois, roi, "segments")
        own = next(iter(self.frames), None)
        if own and image.geometry.frame_of_reference not in (None, own):
            raise LesionError(
                f"segment {name_part(segment.name)} was drawn in the frame of "
                f"reference {private(own)}, the image lies in "
                f"{private(image.geometry.frame_of_reference)}; expected the same. "
                "Give the series that was drawn on, or register them first."
            )
        frame = self._frame_at(segment, image)
        place = self.places[frame]
        drawn = self._pixels(frame, segment.number)
        if not drawn.any():
            raise NotOnSlice("the segment is empty on this slice.")
        return lay_on(drawn[..., None], grid_of(place, drawn.shape), image)

    def _frame_at(self, segment: Segment, image: Image2D) -> int:
        """Find the frame on the plane of the image, a tenth of a slice allowed."""
        grid = grid_of(image.geometry, image.pixels.shape)
        normal = grid.affine[:3, 2] / np.linalg.norm(grid.affine[:3, 2])
        places = [self.places[frame] for frame in segment.frames]
        for place in places:
            if place.missing():
                raise LesionError(
                    f"a frame has no valid {', no valid '.join(place.missing())}, so "
                    "that the segment has no place. Export it again."
                )
        at = np.array([place.position for place in places]) - grid.affine[:3, 3]
        distance = at @ normal
        nearest = int(np.argmin(np.abs(distance)))
        step = image.geometry.thickness or places[nearest].thickness or 1.0
        if abs(distance[nearest]) <= plane_tolerance(step):
            return segment.frames[nearest]
        hint = other_series(self.series, image.geometry)
        if abs(distance[nearest]) < step / 2:
            raise LesionError(
                f"the segment is shifted by {abs(distance[nearest]) / step:.2f} slices "
                f"against this image, so that it lies between the slices.{hint} Give "
                "the series that was drawn on."
            )
        raise NotOnSlice(
            f"the segment has no frame on this slice: its frames lie "
            f"{distance.min():+.1f} to {distance.max():+.1f} mm from it.{hint} Give a "
            "slice that was drawn on."
        )

    def _pixels(self, frame: int, number: int) -> np.ndarray:
        if frame not in self._pixels_of:
            if len(self._pixels_of) > _KEPT:
                self._pixels_of.clear()
            self._pixels_of[frame] = read_frame(self.path, frame)
        pixels = self._pixels_of[frame]
        if self.kind == "LABELMAP":
            return pixels == number
        if self.kind == "FRACTIONAL":
            return pixels >= self.maximum / 2
        return pixels != 0


def _header(dataset: Dataset, path: Path) -> _Header:
    frames = frame_count(dataset, path)
    shape = whole_of(dataset, "Rows"), whole_of(dataset, "Columns")
    check_size(path, (*shape, frames), 1)
    groups_of = frame_items(dataset, frames, path)
    kind = str(dataset.get("SegmentationType") or "BINARY")
    referenced = items([dataset], "ReferencedSeriesSequence")
    return _Header(
        kind=kind,
        maximum=float(dataset.get("MaximumFractionalValue") or 255),
        rois=_segments(dataset, groups_of, kind, path),
        places=[place_of(dataset, groups) for groups in groups_of],
        frames={text_of(dataset, "FrameOfReferenceUID")} - {""},
        series={text_of(item, "SeriesInstanceUID") for item in referenced},
    )


def _segments(
    dataset: Dataset, groups_of: list[tuple[Dataset, ...]], kind: str, path: Path
) -> list[Segment]:
    segments = [
        Segment(int(item.SegmentNumber), text_of(item, "SegmentLabel"), [])
        for item in items([dataset], "SegmentSequence")
    ]
    if len({segment.number for segment in segments}) < len(segments):
        raise LesionError(
            f"file {file_part(path)} has several segments of one number, so that it is "
            "unknown whose its frames are. Export it again."
        )
    if kind == "LABELMAP":
        every = list(range(len(groups_of)))
        return [s._replace(frames=every) for s in segments if s.number != 0]
    by_number = {segment.number: segment for segment in segments}
    for frame, groups in enumerate(groups_of):
        named = items(groups, "SegmentIdentificationSequence")
        number = int(named[0].ReferencedSegmentNumber) if named else None
        if number is None and len(segments) == 1:
            number = segments[0].number
        if number in by_number:
            by_number[number].frames.append(frame)
    return [segment for segment in segments if segment.frames]
