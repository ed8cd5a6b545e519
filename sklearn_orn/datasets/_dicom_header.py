"""A valid single-slice MR Image Storage object around synthetic pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sklearn_orn.datasets._contrasts import CONTRASTS
from sklearn_orn.datasets._neck import PIXEL_MM, SIZE

if TYPE_CHECKING:
    from pydicom import Dataset

Row = dict[str, object]  # a lesion's row of the cohort table

LABEL = "SYNTHETIC DATA - NOT A PATIENT"
SLICE_MM = 4.0
GAP_MM = 1.0


class SeriesUIDs(NamedTuple):
    """Identifiers that all slices of one patient share."""

    study: str
    series: str
    frame_of_reference: str


def draw_uid(rng: np.random.Generator) -> str:
    """Draw a UID under the root 2.25, which stands for a random UUID (PS3.5 B.2)."""
    import uuid

    return f"2.25.{uuid.UUID(bytes=rng.bytes(16), version=4).int}"


def mr_image(
    pixels: np.ndarray,
    *,
    lesion: Row,
    uids: SeriesUIDs,
    instance_uid: str,
    instance_number: int,
    sequence: str,
) -> Dataset:
    """Build the data set of one slice, with its file meta information.

    Slices count from 1, head to feet.
    """
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

    dataset = Dataset()
    for part in (
        _patient_and_study(lesion, uids),
        _series(uids, sequence),
        _image(pixels, lesion, instance_number),
        _acquisition() | CONTRASTS[sequence].header,
    ):
        for keyword, value in part.items():
            setattr(dataset, keyword, value)
    dataset.SOPClassUID = MRImageStorage
    dataset.SOPInstanceUID = instance_uid
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    return dataset


def _patient_and_study(lesion: Row, uids: SeriesUIDs) -> dict[str, object]:
    patient, date = str(lesion["patient"]), str(lesion["date"]).replace("-", "")
    return {
        "PatientName": f"SYNTHETIC^{patient}",
        "PatientID": f"SYNTHETIC-{patient}",
        "PatientBirthDate": "",
        "PatientSex": lesion["sex"],
        "PatientAge": f"{lesion['age']:03d}Y",
        "PatientComments": LABEL,
        "StudyInstanceUID": uids.study,
        "StudyID": patient,
        "StudyDate": date,
        "StudyTime": "120000",
        "StudyDescription": LABEL,
        "AccessionNumber": "",
        "ReferringPhysicianName": "",
        "AcquisitionDate": date,
        "ContentDate": date,
        "ContentTime": "120000",
    }


def _series(uids: SeriesUIDs, sequence: str) -> dict[str, object]:
    return {
        "Modality": "MR",
        "SeriesInstanceUID": uids.series,
        "SeriesNumber": 1 + list(CONTRASTS).index(sequence),
        "SeriesDescription": f"{LABEL}: axial {sequence} TSE",
        "FrameOfReferenceUID": uids.frame_of_reference,
        "PositionReferenceIndicator": "",
        "Manufacturer": "sklearn_orn",
        "ManufacturerModelName": "synthetic cohort",
        "BodyPartExamined": "CSPINE",
        "PatientPosition": "HFS",
    }


def _image(pixels: np.ndarray, lesion: Row, instance_number: int) -> dict[str, object]:
    corner = -(SIZE - 1) / 2 * PIXEL_MM
    high = int(pixels.max())
    z = -(instance_number - 1) * (SLICE_MM + GAP_MM)
    return {
        "ImageType": ["ORIGINAL", "PRIMARY", "OTHER"],
        "InstanceNumber": instance_number,
        "AcquisitionNumber": 1,
        "ImageComments": f"{LABEL}; vertebra {lesion['vertebra']}",
        "SyntheticData": "YES",
        "BurnedInAnnotation": "NO",
        "LossyImageCompression": "00",
        "ImagePositionPatient": [corner, corner, z],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "SliceLocation": z,
        "PixelSpacing": [PIXEL_MM, PIXEL_MM],
        "SliceThickness": SLICE_MM,
        "SpacingBetweenSlices": SLICE_MM + GAP_MM,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "WindowCenter": high // 3,
        "WindowWidth": 2 * (high // 3),
        "PixelData": pixels.astype("<u2").tobytes(),
    }


def _acquisition() -> dict[str, object]:
    return {
        "ScanningSequence": "SE",
        "SequenceVariant": "SK",
        "ScanOptions": "",
        "MRAcquisitionType": "2D",
        "EchoTrainLength": 4,
        "FlipAngle": 90.0,
        "NumberOfAverages": 2.0,
        "MagneticFieldStrength": 1.5,
        "ImagingFrequency": 63.87,
        "ImagedNucleus": "1H",
        "AcquisitionMatrix": [0, SIZE, SIZE, 0],
        "InPlanePhaseEncodingDirection": "ROW",
    }
