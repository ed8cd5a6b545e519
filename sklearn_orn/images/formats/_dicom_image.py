"""Images in DICOM files: one slice, or the frames of a multi-frame file."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import choice_part, file_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images._image_file import ImageFile, apart, sorted_along_normal
from sklearn_orn.images.formats._bounded import check_size
from sklearn_orn.images.formats._canonical import AS_STORED, turn_to
from sklearn_orn.images.formats._dicom import (
    Dataset,
    class_name,
    frame_count,
    items,
    numbers,
    parse_dicom,
    text_of,
    texts_of,
    value_of,
    whole_of,
)
from sklearn_orn.images.formats._dicom_pixels import PIXEL_TAGS, read_frame
from sklearn_orn.images.formats._plain_pixels import PlainPixels, plain_pixels
from sklearn_orn.images.formats._stacks import STACK_TAGS, choose_stack, stack_labels

# Nothing else is parsed: a name or a birth date cannot leak from what is not read.
IMAGE_TAGS = [
    *(tag for tag in PIXEL_TAGS if tag != "PixelData"),
    *(
        "SOPInstanceUID Modality PixelSpacing SliceThickness SpacingBetweenSlices "
        "ImagePositionPatient ImageOrientationPatient FrameOfReferenceUID "
        "RescaleSlope RescaleIntercept SeriesInstanceUID SeriesNumber "
        "SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence"
    ).split(),
    *STACK_TAGS,
]
# By how much the orientation may miss unit vectors at a right angle.
_NEAR_UNIT = 1e-3 + 1e-5 * np.eye(2)

# Modalities of files that have rows and columns, or lie beside images, without being
# an image to measure.
NO_IMAGES = {
    "SEG": "a segmentation",
    "RTSTRUCT": "a structure set",
    "RTDOSE": "a dose",
    "RTPLAN": "a plan",
    "PR": "a presentation state",
    "KO": "a key object selection",
    "SR": "a structured report",
}


class DicomHeader(NamedTuple):
    """What the header of an image file tells."""

    kind: str  # name of the SOP class
    modality: str
    series: str  # UID
    series_number: str
    shape: tuple[int, int]
    samples: tuple[int, str]  # number per pixel, photometric interpretation
    places: list[Geometry]  # one per frame
    scales: list[tuple[float, float]]
    labels: list[dict[str, str]]  # what tells frames at one place from each other
    uid: str  # of this very image
    is_mosaic: bool
    plain: PlainPixels | None  # where its grey levels lie


def open_dicom_image(
    path: Path, series: str | None = None, stack: str | None = None
) -> ImageFile:
    """Open a DICOM image without reading its pixels."""
    header = read_dicom_header(path)
    check_image(header, path)
    if series is not None and series not in (header.series, header.series_number):
        raise LesionError(
            f"file {file_part(path)} belongs to series "
            f"{choice_part(header.series_number or 'unnumbered')}, and series "
            f"{choice_part(series)} was asked for. Correct the column 'series'."
        )
    what = f"file {file_part(path)}"
    chosen = choose_stack(
        header.places, header.labels, stack, what, lambda first, second: None
    )
    order = sorted_along_normal([header.places[i] for i in chosen], what)
    order = [chosen[i] for i in order]
    return ImageFile(
        path,
        [header.shape] * len(order),
        apart([header.places[frame] for frame in order]),
        lambda section: read_frame(path, order[section], header.plain),
        [header.scales[frame] for frame in order],
        [path] if len(order) == 1 else [],
        functools.partial(dicom_notes, [header]),
    )


def dicom_notes(headers: Sequence[DicomHeader]) -> list[str]:
    """Say where low values are bright, and where a volume would be shown otherwise."""
    notes = []
    if any(header.samples[1] == "MONOCHROME1" for header in headers):
        notes.append(
            "its low values are bright (MONOCHROME1). Features are of the stored "
            "values, which run against those of MONOCHROME2 images: do not mix the two "
            "in a study."
        )
    axes = headers[0].places[0].orientation
    if axes is not None:
        affine = np.eye(4)
        affine[:3, :3] = np.stack([*axes, np.cross(*axes)], axis=1)
        if turn_to(affine, 2) != AS_STORED:
            notes.append(
                "its rows and columns do not run as those of its plane usually do (a "
                "patient on the belly, say). DICOM is never turned, and NIfTI and NRRD "
                "are: do not mix them in a study."
            )
    return notes


def read_dicom_header(path: Path) -> DicomHeader:
    """Read what tells one series from another, and where the frames lie."""
    return parse_dicom(path, IMAGE_TAGS, functools.partial(_header, path=path))


def check_image(header: DicomHeader, path: Path) -> None:
    """Refuse what is no grey-level image."""
    if header.modality in NO_IMAGES or not any(header.shape):
        what = NO_IMAGES.get(header.modality, "no pixel data")
        raise LesionError(
            f"file {file_part(path)} holds {what}, no pixel data to measure (its type "
            f"is {header.kind}); expected a DICOM image. Give the file of the slice."
        )
    if header.is_mosaic:
        raise LesionError(
            f"file {file_part(path)} is a Siemens mosaic, many slices as tiles of one "
            "picture; expected one slice a file or frame. Convert it with dcm2niix to "
            "NIfTI, or export it as enhanced DICOM."
        )
    samples, photometric = header.samples
    if samples != 1 or not photometric.startswith("MONOCHROME"):
        raise LesionError(
            f"file {file_part(path)} is a colour image ({photometric}, {samples} "
            "samples per pixel); expected grey levels. Give the original slice, not a "
            "screenshot."
        )
    check_size(path, header.shape, 4)  # bytes of a pixel once decoded, at most


def _header(dataset: Dataset, path: Path) -> DicomHeader:
    rows, columns = (whole_of(dataset, keyword) for keyword in ("Rows", "Columns"))
    frames = frame_count(dataset, path)
    if rows and columns:
        check_size(path, (rows, columns, frames), 1)
    groups_of = frame_items(dataset, frames, path)
    number = value_of(dataset, "SeriesNumber")
    return DicomHeader(
        kind=class_name(dataset),
        modality=str(value_of(dataset, "Modality") or ""),
        series=text_of(dataset, "SeriesInstanceUID"),
        series_number="" if number is None else str(number).strip(),
        shape=(rows, columns),
        samples=(
            whole_of(dataset, "SamplesPerPixel", 1),
            str(value_of(dataset, "PhotometricInterpretation", "MONOCHROME2")),
        ),
        places=[place_of(dataset, groups) for groups in groups_of],
        scales=[_scale(dataset, groups) for groups in groups_of],
        labels=[stack_labels(dataset, groups) for groups in groups_of],
        uid=text_of(dataset, "SOPInstanceUID"),
        is_mosaic="MOSAIC" in texts_of(dataset, "ImageType"),
        plain=plain_pixels(dataset),
    )


def frame_items(
    dataset: Dataset, n_frames: int, path: Path
) -> list[tuple[Dataset, ...]]:
    """Return the functional groups of each frame, its own before the shared ones."""
    shared = tuple(items([dataset], "SharedFunctionalGroupsSequence"))[:1]
    own = items([dataset], "PerFrameFunctionalGroupsSequence")
    if own and len(own) != n_frames:
        raise LesionError(
            f"file {file_part(path)} declares {n_frames} frames and describes "
            f"{len(own)}. Export it again."
        )
    return [(item, *shared) for item in own] or [shared] * n_frames


def place_of(dataset: Dataset, groups: Sequence[Dataset] = ()) -> Geometry:
    """Read where a slice or frame lies, from its functional groups or the top level."""
    measures = _group(dataset, groups, "PixelMeasuresSequence")
    position = _group(dataset, groups, "PlanePositionSequence")
    spacing = numbers(measures, "PixelSpacing", 2)
    if spacing is not None and spacing.min() <= 0:
        spacing = None
    alone = whole_of(dataset, "NumberOfFrames", 1) <= 1  # frames share one UID
    return Geometry(
        spacing=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        position=numbers(position, "ImagePositionPatient", 3),
        orientation=_orientation(_group(dataset, groups, "PlaneOrientationSequence")),
        thickness=_length(measures, "SliceThickness"),
        step=_length(measures, "SpacingBetweenSlices"),
        frame_of_reference=text_of(dataset, "FrameOfReferenceUID") or None,
        series=text_of(dataset, "SeriesInstanceUID") or None,
        instance=(text_of(dataset, "SOPInstanceUID") or None) if alone else None,
    )


def _length(item: Dataset, keyword: str) -> float | None:
    value = numbers(item, keyword, 1)
    return float(value[0]) if value is not None and value[0] > 0 else None


def _group(dataset: Dataset, groups: Sequence[Dataset], keyword: str) -> Dataset:
    """Return the first item of a functional group; the dataset where there is none."""
    return next(iter(items(groups, keyword)), dataset)


def _orientation(item: Dataset) -> np.ndarray | None:
    axes = numbers(item, "ImageOrientationPatient", 6)
    if axes is None:
        return None
    axes = axes.reshape(2, 3)
    return axes if (abs(axes @ axes.T - np.eye(2)) <= _NEAR_UNIT).all() else None


def _scale(dataset: Dataset, groups: Sequence[Dataset]) -> tuple[float, float]:
    item = _group(dataset, groups, "PixelValueTransformationSequence")
    slope = numbers(item, "RescaleSlope", 1)
    intercept = numbers(item, "RescaleIntercept", 1)
    return (
        1.0 if slope is None else float(slope[0]),
        0.0 if intercept is None else float(intercept[0]),
    )
