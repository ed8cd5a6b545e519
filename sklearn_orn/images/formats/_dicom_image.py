"""Images in DICOM files: one slice, or the frames of a multi-frame file."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sklearn_orn._messages import choice_part, file_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images._image_file import ImageFile, apart, sorted_along_normal
from sklearn_orn.images.formats._bounded import check_size
from sklearn_orn.images.formats._canonical import AS_STORED, turn_to
from sklearn_orn.images.formats._dicom import (
    class_name,
    frame_count,
    numbers,
    parse_dicom,
)
from sklearn_orn.images.formats._dicom_pixels import PIXEL_TAGS, decode_frame
from sklearn_orn.images.formats._stacks import STACK_TAGS, choose_stack, stack_labels

__all__ = [
    "IMAGE_TAGS",
    "NO_IMAGES",
    "DicomHeader",
    "dicom_notes",
    "frame_items",
    "open_dicom_image",
    "place_of",
    "read_dicom_header",
]

# Nothing else is parsed: a name or a birth date cannot leak from what is not read.
IMAGE_TAGS = [
    *(tag for tag in PIXEL_TAGS if tag != "PixelData"),
    "SOPClassUID",
    "SOPInstanceUID",
    "Modality",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "FrameOfReferenceUID",
    "RescaleSlope",
    "RescaleIntercept",
    "SeriesInstanceUID",
    "SeriesNumber",
    "SOPInstanceUID",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    *STACK_TAGS,
]

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


def open_dicom_image(
    path: Path, series: str | None = None, stack: str | None = None
) -> ImageFile:
    """Open a DICOM image without reading its pixels.

    Parameters
    ----------
    path : Path
        A DICOM file with one or more grey-level frames.
    series : str or None, default=None
        Number or UID of the series that the file must belong to.
    stack : str or None, default=None
        Which of several frames at one place, such as ``"b=800"``.

    Returns
    -------
    ImageFile
        Frames are sorted along the normal.

    Raises
    ------
    LesionError
        If the file holds no grey-level image.
    """
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
        functools.partial(_frame_pixels, path, order),
        [header.scales[frame] for frame in order],
        [path] if len(order) == 1 else [],
        dicom_notes([header]),
    )


def dicom_notes(headers: Sequence[DicomHeader]) -> list[str]:
    """Say where low values are bright, and where a volume would be shown otherwise.

    Parameters
    ----------
    headers : sequence of DicomHeader
        Of the files of one image.

    Returns
    -------
    list of str
        Sentences for `check_cohort`.
    """
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
    """Read what tells one series from another, and where the frames lie.

    Parameters
    ----------
    path : Path
        Any DICOM file.

    Returns
    -------
    DicomHeader
        Without any element that identifies a person.
    """
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
    check_size(path, header.shape, 4)


def _frame_pixels(path: Path, order: Sequence[int], section: int) -> np.ndarray:
    decode = functools.partial(decode_frame, path=path, frame=order[section])
    return parse_dicom(path, PIXEL_TAGS, decode)


def _header(dataset: Any, path: Path) -> DicomHeader:
    uid = dataset.get("SOPClassUID")
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    frames = frame_count(dataset, path)
    if rows and columns:
        check_size(path, (rows, columns, frames), 1)
    items = frame_items(dataset, frames, path)
    number = dataset.get("SeriesNumber")
    return DicomHeader(
        kind="unnamed" if uid is None else class_name(uid),
        modality=str(dataset.get("Modality") or ""),
        series=str(dataset.get("SeriesInstanceUID") or "").strip(),
        series_number="" if number is None else str(number).strip(),
        shape=(rows, columns),
        samples=(
            int(dataset.get("SamplesPerPixel") or 1),
            str(dataset.get("PhotometricInterpretation", "MONOCHROME2")),
        ),
        places=[place_of(dataset, groups) for groups in items],
        scales=[_scale(dataset, groups) for groups in items],
        labels=[stack_labels(dataset, groups) for groups in items],
        uid=str(dataset.get("SOPInstanceUID") or "").strip(),
        is_mosaic=_is_mosaic(dataset),
    )


def _is_mosaic(dataset: Any) -> bool:
    kinds = dataset.get("ImageType") or ()
    return "MOSAIC" in ([kinds] if isinstance(kinds, str) else list(kinds))


def frame_items(dataset: Any, n_frames: int, path: Path) -> list[tuple[Any, ...]]:
    """Return the functional groups of each frame, its own before the shared ones.

    Parameters
    ----------
    dataset : Dataset
        With the sequences of functional groups, if it has any.
    n_frames : int
        Declared number of frames.
    path : Path
        For the message.

    Returns
    -------
    list of tuple of Dataset
        Empty tuples for a file without functional groups.
    """
    shared = tuple(dataset.get("SharedFunctionalGroupsSequence") or ())[:1]
    own = list(dataset.get("PerFrameFunctionalGroupsSequence") or ())
    if own and len(own) != n_frames:
        raise LesionError(
            f"file {file_part(path)} declares {n_frames} frames and describes "
            f"{len(own)}. Export it again."
        )
    return [(item, *shared) for item in own] or [shared] * n_frames


def place_of(dataset: Any, groups: Sequence[Any] = ()) -> Geometry:
    """Read where a slice or frame lies, from its functional groups or the top level."""
    measures = _group(dataset, groups, "PixelMeasuresSequence")
    orientation = _orientation(
        _group(dataset, groups, "PlaneOrientationSequence"),
    )
    spacing = numbers(measures, "PixelSpacing", 2)
    if spacing is not None and spacing.min() <= 0:
        spacing = None
    return Geometry(
        spacing=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        position=numbers(
            _group(dataset, groups, "PlanePositionSequence"), "ImagePositionPatient", 3
        ),
        orientation=orientation,
        thickness=_length(measures, "SliceThickness"),
        step=_length(measures, "SpacingBetweenSlices"),
        frame_of_reference=_text(dataset, "FrameOfReferenceUID"),
        series=_text(dataset, "SeriesInstanceUID"),
        instance=_text(dataset, "SOPInstanceUID") if _is_alone(dataset) else None,
    )


def _is_alone(dataset: Any) -> bool:
    """Tell a file of one slice from one of several frames, which share its UID."""
    return int(dataset.get("NumberOfFrames") or 1) <= 1


def _length(item: Any, keyword: str) -> float | None:
    found = numbers(item, keyword, 1)
    return float(found[0]) if found is not None and found[0] > 0 else None


def _group(dataset: Any, groups: Sequence[Any], keyword: str) -> Any:
    """Return the first item of a functional group; the dataset where there is none."""
    for group in groups:
        for item in group.get(keyword) or ():
            return item
    return dataset


def _orientation(item: Any) -> np.ndarray | None:
    axes = numbers(item, "ImageOrientationPatient", 6)
    if axes is None:
        return None
    axes = axes.reshape(2, 3)
    return axes if np.allclose(axes @ axes.T, np.eye(2), atol=1e-3) else None


def _scale(dataset: Any, groups: Sequence[Any]) -> tuple[float, float]:
    item = _group(dataset, groups, "PixelValueTransformationSequence")
    slope = numbers(item, "RescaleSlope", 1)
    intercept = numbers(item, "RescaleIntercept", 1)
    return (
        1.0 if slope is None else float(slope[0]),
        0.0 if intercept is None else float(intercept[0]),
    )


def _text(dataset: Any, keyword: str) -> str | None:
    return str(dataset.get(keyword) or "").strip() or None
