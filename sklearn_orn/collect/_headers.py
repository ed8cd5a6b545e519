"""What each file is, by its header alone: read in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sklearn_orn._workers import in_workers
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
    numbers,
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
_TAGS = (
    "SOPClassUID SOPInstanceUID Modality PatientID StudyInstanceUID SeriesInstanceUID "
    "SeriesNumber SeriesDescription ProtocolName FrameOfReferenceUID Rows Columns "
    "NumberOfFrames PixelSpacing SliceThickness SpacingBetweenSlices "
    "ImagePositionPatient ImageOrientationPatient ContrastBolusAgent "
    "ScanningSequence RepetitionTime EchoTime SharedFunctionalGroupsSequence "
    "PerFrameFunctionalGroupsSequence OperatorsName ContentCreatorName "
    "RTROIObservationsSequence"
).split()
Vector = tuple[float, ...]


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
    results: Iterator[list[Header]] = (
        map(read_chunk, chunks)
        if len(files) < _FEW
        else in_workers(n_jobs)(delayed(read_chunk)(chunk) for chunk in chunks)
    )
    headers: list[Header] = []
    for some in results:
        headers += some
        progress(len(headers), len(files))
    return headers


def read_chunk(files: Sequence[Path]) -> list[Header]:
    """Read the headers of some files."""
    return [read_header(path) for path in files]


def read_header(path: Path) -> Header:
    """Tell what a file is."""
    try:
        start = head(path)
        if is_dicom(start):
            return parse_dicom(path, _TAGS, _Dicom(path), pixels=False)
        if is_nifti(start) or is_nrrd(start):
            return _volume(path, "NIfTI" if is_nifti(start) else "NRRD")
    except LesionError as error:
        return OtherFile(path, "damaged", error.hidden)
    if any(known.recognises(start) for known in IMAGE_FORMATS):
        return PictureFile(path, only_outline=False)
    if any(known.recognises(start) for known in ROI_FORMATS):
        return PictureFile(path, only_outline=True)
    return OtherFile(path, "other", "neither an image nor an outline" if start else "empty")


class _Dicom(NamedTuple):
    """Makes of a parsed dataset what its file is."""

    path: Path

    def __call__(self, dataset: Dataset) -> Header:
        kind = str(dataset.get("SOPClassUID") or "")
        modality = text_of(dataset, "Modality")
        if kind == _MEDIA_DIRECTORY or (not kind and self.path.name == "DICOMDIR"):
            reason = "the index of an export; the files that it names are read themselves"
            return OtherFile(self.path, "DICOMDIR", reason)
        if kind in DICOM_ROIS:
            return self._outlines(dataset, modality)
        rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
        if modality in NO_IMAGES or not (rows and columns):
            what = NO_IMAGES.get(modality, "DICOM without pixels")
            return OtherFile(self.path, modality or "DICOM", f"{what}: not an image")
        frames = max(int(dataset.get("NumberOfFrames") or 1), 1)
        places = [
            place_of(dataset, groups)
            for groups in frame_items(dataset, frames, self.path)
        ]
        first = places[0]
        agent = text_of(dataset, "ContrastBolusAgent").lower()
        times = [numbers(dataset, key, 1) for key in ("RepetitionTime", "EchoTime")]
        repetition, echo = (None if t is None else float(t[0]) for t in times)
        return DicomImage(
            self.path,
            patient=text_of(dataset, "PatientID"),
            study=text_of(dataset, "StudyInstanceUID"),
            series=text_of(dataset, "SeriesInstanceUID"),
            number=_text(dataset, "SeriesNumber"),
            description=_text(dataset, "SeriesDescription")
            or _text(dataset, "ProtocolName"),
            modality=modality,
            frame=text_of(dataset, "FrameOfReferenceUID"),
            instance=text_of(dataset, "SOPInstanceUID"),
            shape=(rows, columns),
            positions=tuple(
                tuple(place.position.tolist())
                for place in places
                if place.position is not None
            ),
            orientation=None
            if first.orientation is None
            else tuple(first.orientation.ravel().tolist()),
            spacing=first.spacing,
            has_contrast=agent not in ("", "no", "none", "nein", "ohne", "0", "n"),
            spin_echo="SE" in str(dataset.get("ScanningSequence") or ""),
            times=(repetition, echo),
        )

    def _outlines(self, dataset: Dataset, modality: str) -> DicomOutlines:
        found = read_references(self.path)
        observations = items([dataset], "RTROIObservationsSequence")
        names = [text_of(item, "ROIInterpreter") for item in observations]
        names += [text_of(dataset, k) for k in ("ContentCreatorName", "OperatorsName")]
        return DicomOutlines(
            self.path,
            "DICOM SEG" if modality == "SEG" else "RT structure set",
            text_of(dataset, "SOPInstanceUID"),
            found.series,
            found.frames,
            next(filter(None, names), ""),
        )


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    text = "" if value is None else str(value)
    return "".join(letter for letter in text if letter.isprintable()).strip()


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
