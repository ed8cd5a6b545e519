"""What each file is, by its header alone: read in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import OF_THE_TABLE
from sklearn_orn._workers import in_workers
from sklearn_orn.collect._raw_elements import TAG_OF, Place, Raw, Vector
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.shared import (
    DICOM_ROIS,
    IMAGE_FORMATS,
    NO_IMAGES,
    ROI_FORMATS,
    Dataset,
    frame_items,
    head,
    is_dicom,
    is_nifti,
    is_nrrd,
    items,
    parse_dicom,
    place_of,
    read_references,
    read_volume_header,
    text_of,
)

_CHUNK = 100  # files that a process reads between two words on its progress
_FEW = 500  # files that one process reads sooner than others start
_MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
# Nothing else is parsed. The patient's and the reader's names stay within the join.
_TAGS: list[str | int] = [
    *TAG_OF.values(),
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "OperatorsName",
    "ContentCreatorName",
    "RTROIObservationsSequence",
]
_NO_AGENT = ("", "no", "none", "nein", "ohne", "0", "n")


class DicomImage(NamedTuple):
    """One file of a DICOM image."""

    path: Path
    patient: str
    study: str
    series: str
    number: str
    description: str
    modality: str
    frame: str
    instance: str
    shape: tuple[int, int]
    positions: tuple[Vector, ...]
    orientation: Vector | None
    spacing: Vector | None
    has_contrast: bool
    spin_echo: bool
    times: tuple[float | None, float | None]


class DicomOutlines(NamedTuple):
    """A structure set or a DICOM SEG."""

    path: Path
    kind: str
    instance: str
    series: frozenset[str]
    frames: frozenset[str]
    observer: str


class VolumeFile(NamedTuple):
    """A NIfTI or NRRD file: an image or outlines."""

    path: Path
    kind: str
    shape: tuple[int, int, int]
    affine: tuple[Vector, ...] | None
    is_whole: bool
    segments: int
    packed: float
    plane: str


class PictureFile(NamedTuple):
    """A picture, which knows no place: an image or an outline."""

    path: Path
    only_outline: bool


class OtherFile(NamedTuple):
    """A file that is neither."""

    path: Path
    kind: str
    reason: str


Header = DicomImage | DicomOutlines | VolumeFile | PictureFile | OtherFile


def read_headers(
    files: Sequence[Path], n_jobs: int | None, progress: Callable[[int, int], object]
) -> list[Header]:
    """Read the headers of all files, in their order."""
    from joblib import delayed

    chunks = [files[at : at + _CHUNK] for at in range(0, len(files), _CHUNK)]
    results: Iterator[list[Header]] = in_workers(1 if len(files) < _FEW else n_jobs)(
        delayed(read_chunk)(chunk) for chunk in chunks
    )
    headers: list[Header] = []
    for some in results:
        headers += some
        progress(len(headers), len(files))
    return headers


def reason_of(error: LesionError) -> str:
    """Return why a file cannot be read, without its name and the names in it."""
    return error.hidden.replace(f"file {OF_THE_TABLE}", "it")


def read_chunk(files: Sequence[Path]) -> list[Header]:
    """Read the headers of some files."""
    return [read_export_file(path) for path in files]


def read_export_file(path: Path) -> Header:
    """Tell what a file is."""
    try:
        start = head(path)
        if is_dicom(start):
            read: Callable[[Dataset], Header] = partial(_of_dicom, path=path)
            return parse_dicom(path, _TAGS, read, pixels=False)
        if is_nifti(start) or is_nrrd(start):
            return _volume(path, "NIfTI" if is_nifti(start) else "NRRD")
    except LesionError as error:
        return OtherFile(path, "damaged", reason_of(error))
    if any(known.recognises(start) for known in IMAGE_FORMATS):
        return PictureFile(path, only_outline=False)
    if any(known.recognises(start) for known in ROI_FORMATS):
        return PictureFile(path, only_outline=True)
    return OtherFile(
        path, "other", "neither an image nor an outline" if start else "empty"
    )


def _of_dicom(dataset: Dataset, path: Path) -> Header:
    """Tell what a parsed dataset is."""
    raw = Raw(dataset)
    kind, modality = raw.text("SOPClassUID"), raw.text("Modality")
    if kind == _MEDIA_DIRECTORY or (not kind and path.name == "DICOMDIR"):
        reason = "the index of an export; the files that it names are read themselves"
        return OtherFile(path, "DICOMDIR", reason)
    if kind in DICOM_ROIS:
        return _outlines(dataset, modality, path)
    shape = raw.number("Rows"), raw.number("Columns")
    if modality in NO_IMAGES or not all(shape):
        what = NO_IMAGES.get(modality, "DICOM without pixels")
        return OtherFile(path, modality or "DICOM", f"{what}: not an image")
    if raw.text("NumberOfFrames") in ("", "0", "1"):
        places = [raw.place()]
    else:
        places = _places(dataset, path)
    first = places[0]
    return DicomImage(
        path,
        patient=raw.text("PatientID"),
        study=raw.text("StudyInstanceUID"),
        series=raw.text("SeriesInstanceUID"),
        number=raw.text("SeriesNumber"),
        description=raw.text("SeriesDescription") or raw.text("ProtocolName"),
        modality=modality,
        frame=raw.text("FrameOfReferenceUID"),
        instance=raw.text("SOPInstanceUID"),
        shape=shape,
        positions=tuple(p.position for p in places if p.position is not None),
        orientation=first.orientation,
        spacing=first.spacing,
        has_contrast=raw.text("ContrastBolusAgent").lower() not in _NO_AGENT,
        spin_echo="SE" in raw.text("ScanningSequence"),
        times=(raw.time("RepetitionTime"), raw.time("EchoTime")),
    )


def _places(dataset: Dataset, path: Path) -> list[Place]:
    frames = max(int(dataset.get("NumberOfFrames") or 1), 1)
    groups_of = frame_items(dataset, frames, path)
    found = [place_of(dataset, groups) for groups in groups_of]
    return [
        Place(*(None if x is None else tuple(np.ravel(x).tolist()) for x in parts))
        for parts in ((p.position, p.orientation, p.spacing) for p in found)
    ]


def _outlines(dataset: Dataset, modality: str, path: Path) -> DicomOutlines:
    found = read_references(path)
    observations = items([dataset], "RTROIObservationsSequence")
    names = [text_of(item, "ROIInterpreter") for item in observations]
    names += [text_of(dataset, k) for k in ("ContentCreatorName", "OperatorsName")]
    return DicomOutlines(
        path,
        "DICOM SEG" if modality == "SEG" else "RT structure set",
        Raw(dataset).text("SOPInstanceUID"),
        found.series,
        found.frames,
        next(filter(None, names), ""),
    )


def _volume(path: Path, kind: str) -> VolumeFile:
    found = read_volume_header(path)
    affine = found.affine
    rows = None if affine is None else tuple(tuple(row) for row in affine.tolist())
    return VolumeFile(
        path,
        "Slicer segmentation" if found.segments else kind,
        found.shape,
        rows,
        found.is_whole,
        found.segments,
        found.packed,
        found.plane,
    )
