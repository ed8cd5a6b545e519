"""Results back to the PACS: the ROIs as DICOM SEG, the numbers as DICOM SR."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sklearn_orn import __version__
from sklearn_orn._io.outputs import Named, refuse_inputs
from sklearn_orn._io.text_files import write_bytes
from sklearn_orn._shared_docs import documented
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.shared import (
    ReadableLesion,
    as_given,
    folder_files,
    is_path,
    same_image,
    source_path,
)

if TYPE_CHECKING:
    from highdicom.sr import Measurement, ReferencedSegment
    from pydicom import Dataset

_MAKER, _MODEL, _SERIAL = "sklearn-orn", "sklearn_orn", "none"
_SCHEME = "99SKLEARNORN"

# What the slice is referred to by. UIDs are kept: without them nothing is filed.
_REFERENCE = (
    "SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID "
    "FrameOfReferenceUID Modality ImageType Rows Columns PixelSpacing SliceThickness "
    "ImagePositionPatient ImageOrientationPatient PatientPosition BitsAllocated"
).split()
_IDENTITY = (
    "PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime StudyID "
    "AccessionNumber ReferringPhysicianName"
).split()


_of_results = documented(
    """
patient_id : str, default=""
    PatientID of the file, such as the id in the table.
identify : bool, default=False
    Whether name, birth date and the like are copied from the image, so that a
    PACS files the result with the patient. By default they are empty.
""",
    outlined_lesion="""\
>>> import tempfile
>>> import numpy as np
>>> from pydicom.data import get_testdata_file
>>> from sklearn_orn.images import Lesion
>>> mask = np.zeros((64, 64), dtype=bool)
>>> mask[20:30, 20:30] = True
>>> lesion = Lesion(get_testdata_file("MR_small.dcm"), {"A": mask})""",
)


@_of_results
def write_segmentation(
    lesion: ReadableLesion,
    path: str | os.PathLike[str],
    *,
    patient_id: str = "",
    identify: bool = False,
) -> Path:
    """Write the ROI of each reader as one segment of a DICOM SEG file.

    Parameters
    ----------
    lesion : Lesion
        Its image is a DICOM file, or a folder of such files.
    path : str or path-like
        Where to write. Readers who drew on another image than the first one, as on a
        rescan, are left out.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    LesionError
        If the lesion cannot be read, or its slice has no DICOM file of its own.
    CohortError
        If `path` is a file that the lesion is read from.

    Examples
    --------
    [[outlined_lesion]]
    >>> from sklearn_orn.deploy import write_segmentation
    >>> from sklearn_orn.images import read_image, read_mask
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_segmentation(lesion, f"{folder}/seg.dcm")
    ...     again = read_mask(path, read_image(lesion.image))
    >>> bool((again == mask).all())
    True
    """
    import highdicom as hd
    from pydicom.sr.codedict import codes

    refuse_inputs([("path", path)], _sources(lesion))
    regions = lesion.read()
    first = next(iter(regions))
    source = _source(as_given(lesion).source_file(first), patient_id, identify)
    same = {r: x for r, x in regions.items() if same_image(x, regions[first])}
    segments = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=reader or "ROI",
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Lesion,
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
            tracking_uid=hd.UID(),
            tracking_id=_tracking_id(lesion),
        )
        for number, reader in enumerate(same, start=1)
    ]
    masks = np.stack([region.mask for region in same.values()], axis=-1)
    segmentation = hd.seg.Segmentation(
        source_images=[source],
        pixel_array=masks[None],
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=segments,
        series_instance_uid=hd.UID(),
        series_number=9001,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=_MAKER,
        manufacturer_model_name=_MODEL,
        software_versions=__version__,
        device_serial_number=_SERIAL,
        content_label="LESION",
        content_description="Outlines of the readers",
        content_creator_name="",
        series_description="Lesion outlines",
    )
    return _save(segmentation, path)


@_of_results
def write_measurements(
    lesion: ReadableLesion,
    segmentation: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    features: Mapping[str, float],
    score: float | None = None,
    reader: str | None = None,
    patient_id: str = "",
    identify: bool = False,
) -> Path:
    """Write features and score of a lesion as a DICOM SR after TID 1500.

    Parameters
    ----------
    lesion : Lesion
        The one that `segmentation` was written of.
    segmentation : str or path-like
        File of `write_segmentation`: the report refers to its segment.
    path : str or path-like
        Where to write.
    features : mapping of str to float
        Feature name to value; undefined ones (NaN) are left out.
    score : float or None, default=None
        The radiomics score.
    reader : str or None, default=None
        Whose segment the numbers refer to; None for the first.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    LesionError
        If there is no such segment, or nothing to write.
    CohortError
        If `path` is a file that the lesion is read from, or `segmentation`.

    Examples
    --------
    [[outlined_lesion]]
    >>> from sklearn_orn.deploy import write_measurements, write_segmentation
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     segmentation = write_segmentation(lesion, f"{folder}/seg.dcm")
    ...     report = write_measurements(
    ...         lesion, segmentation, f"{folder}/sr.dcm", features={"Mean": 732.5}
    ...     )
    ...     report.name
    'sr.dcm'
    """
    import highdicom as hd
    import pydicom
    from highdicom.sr import CodedConcept
    from pydicom.sr.codedict import codes

    refuse_inputs([("path", path)], [*_sources(lesion), ("segmentation", segmentation)])
    source = _source(as_given(lesion).source_file(reader), patient_id, identify)
    masks = pydicom.dcmread(segmentation)
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(
            observer_device_context=hd.sr.ObserverContext(
                observer_type=codes.DCM.Device,
                observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
                    uid=hd.UID(), name=_MODEL, manufacturer_name=_MAKER
                ),
            )
        ),
        procedure_reported=CodedConcept("363679005", "SCT", "Imaging procedure"),
        imaging_measurements=[
            hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
                tracking_identifier=hd.sr.TrackingIdentifier(
                    uid=hd.UID(), identifier=_tracking_id(lesion)
                ),
                referenced_segment=_segment(masks, source, reader),
                finding_type=codes.SCT.Lesion,
                measurements=_measurements(features, score),
            )
        ],
    )
    report = hd.sr.ComprehensiveSR(
        evidence=[source, masks],
        content=content[0],
        series_instance_uid=hd.UID(),
        series_number=9002,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=_MAKER,
        is_complete=True,
        series_description="Radiomics",
    )
    return _save(report, path)


def _save(dataset: Dataset, path: str | os.PathLike[str]) -> Path:
    content = io.BytesIO()
    dataset.save_as(content, enforce_file_format=True)
    write_bytes(path, content.getvalue())
    return Path(path)


def _sources(made: ReadableLesion) -> Iterator[Named]:
    """Yield the files that a lesion is read from, and what messages call them."""
    lesion = as_given(made)
    for reader in lesion.readers:
        image, mask = lesion.image_of(reader), lesion.mask_of(reader)
        if is_path(image) and os.path.isdir(image):
            yield from (("the image", file) for file in folder_files(Path(image)))
        elif is_path(image):
            yield "the image", source_path(image)
        if is_path(mask):
            yield "the mask", source_path(mask)


def _source(path: Path, patient_id: str, identify: bool) -> Dataset:
    """Read what the results refer to, and the identity only where it is asked for."""
    import pydicom

    tags = _REFERENCE + (_IDENTITY if identify else [])
    source = pydicom.dcmread(path, specific_tags=tags, stop_before_pixels=True)
    for keyword in _IDENTITY:
        if keyword not in source:
            setattr(source, keyword, "")
    if patient_id:
        source.PatientID = str(patient_id)
    missing = [
        k for k in ("StudyInstanceUID", "SeriesInstanceUID") if not source.get(k)
    ]
    if missing:
        raise LesionError(
            f"file '{path}' has no {' and no '.join(missing)}, so that nothing can "
            "refer to it. Give the original DICOM file."
        )
    return source


def _segment(masks: Dataset, source: Dataset, reader: str | None) -> ReferencedSegment:
    import highdicom as hd

    labels = {str(s.SegmentLabel): int(s.SegmentNumber) for s in masks.SegmentSequence}
    label = next(iter(labels)) if reader is None else reader or "ROI"
    if label not in labels:
        raise LesionError(
            f"the segmentation has no segment of reader '{reader}'; its segments are "
            f"{', '.join(labels)}."
        )
    return hd.sr.ReferencedSegment(
        sop_class_uid=masks.SOPClassUID,
        sop_instance_uid=masks.SOPInstanceUID,
        segment_number=labels[label],
        source_images=[
            hd.sr.SourceImageForSegmentation(
                referenced_sop_class_uid=source.SOPClassUID,
                referenced_sop_instance_uid=source.SOPInstanceUID,
            )
        ],
    )


def _measurements(
    features: Mapping[str, float], score: float | None
) -> list[Measurement]:
    from highdicom.sr import CodedConcept, Measurement

    values = dict(features)
    if score is not None:
        values["radiomics score"] = score
    unit = CodedConcept("1", "UCUM", "no units")
    measurements = [
        Measurement(
            name=CodedConcept(name.removeprefix("radiomics "), _SCHEME, name),
            value=float(value),
            unit=unit,
        )
        for name, value in values.items()
        if np.isfinite(value)
    ]
    if not measurements:
        raise LesionError(
            "there is no finite feature and no score; expected one number at least. "
            "Give those of the model."
        )
    return measurements


def _tracking_id(lesion: ReadableLesion) -> str:
    """Name the lesion by its id in the table."""
    name = as_given(lesion).lesion
    return "lesion" if name is None else str(name)
