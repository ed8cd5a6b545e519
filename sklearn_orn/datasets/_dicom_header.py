"""A valid single-slice MR Image Storage object around synthetic pixels."""

from __future__ import annotations

from functools import cache
from io import BytesIO
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
CORNER = -(SIZE - 1) / 2 * PIXEL_MM  # of the slice, in mm
EXPLICIT_LITTLE_ENDIAN = (False, True)


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
    from pydicom.charset import default_encoding
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.update(_common(sequence))
    # Otherwise all that is common would be encoded again.
    dataset.set_original_encoding(*EXPLICIT_LITTLE_ENDIAN, default_encoding)
    for part in (
        _patient_and_study(lesion, uids),
        _image(pixels, lesion, instance_number),
    ):
        for keyword, value in part.items():
            setattr(dataset, keyword, value)
    dataset.SOPInstanceUID = instance_uid
    dataset.add_new("PixelData", "OW", pixels.astype("<u2").tobytes())
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    return dataset


@cache
def _common(sequence: str) -> Dataset:
    """Return what all images of a sequence have in common, encoded."""
    from pydicom import Dataset, dcmread
    from pydicom.uid import MRImageStorage

    dataset, encoded = Dataset(), BytesIO()
    for part in (_labels(sequence), _geometry(), _acquisition()):
        for keyword, value in part.items():
            setattr(dataset, keyword, value)
    for keyword, value in CONTRASTS[sequence].header.items():
        setattr(dataset, keyword, value)
    dataset.SOPClassUID = MRImageStorage
    implicit, little = EXPLICIT_LITTLE_ENDIAN
    dataset.save_as(encoded, implicit_vr=implicit, little_endian=little)
    encoded.seek(0)
    return dcmread(encoded, force=True)


def _patient_and_study(lesion: Row, uids: SeriesUIDs) -> dict[str, object]:
    patient, date = str(lesion["patient"]), str(lesion["date"]).replace("-", "")
    return {
        "PatientName": f"SYNTHETIC^{patient}",
        "PatientID": f"SYNTHETIC-{patient}",
        "PatientSex": lesion["sex"],
        "PatientAge": f"{lesion['age']:03d}Y",
        "StudyInstanceUID": uids.study,
        "SeriesInstanceUID": uids.series,
        "FrameOfReferenceUID": uids.frame_of_reference,
        "StudyID": patient,
        "StudyDate": date,
        "AcquisitionDate": date,
        "ContentDate": date,
    }


def _image(pixels: np.ndarray, lesion: Row, instance_number: int) -> dict[str, object]:
    high = int(pixels.max())
    z = -(instance_number - 1) * (SLICE_MM + GAP_MM)
    return {
        "InstanceNumber": instance_number,
        "ImageComments": f"{LABEL}; vertebra {lesion['vertebra']}",
        "ImagePositionPatient": [CORNER, CORNER, z],
        "SliceLocation": z,
        "WindowCenter": high // 3,
        "WindowWidth": 2 * (high // 3),
    }


def _labels(sequence: str) -> dict[str, object]:
    return {
        "PatientBirthDate": "",
        "PatientComments": LABEL,
        "StudyTime": "120000",
        "StudyDescription": LABEL,
        "AccessionNumber": "",
        "ReferringPhysicianName": "",
        "ContentTime": "120000",
        "Modality": "MR",
        "SeriesNumber": 1 + list(CONTRASTS).index(sequence),
        "SeriesDescription": f"{LABEL}: axial {sequence} TSE",
        "PositionReferenceIndicator": "",
        "Manufacturer": "sklearn_orn",
        "ManufacturerModelName": "synthetic cohort",
        "BodyPartExamined": "CSPINE",
        "PatientPosition": "HFS",
        "ImageType": ["ORIGINAL", "PRIMARY", "OTHER"],
        "SyntheticData": "YES",
        "BurnedInAnnotation": "NO",
        "LossyImageCompression": "00",
    }


def _geometry() -> dict[str, object]:
    return {
        "AcquisitionNumber": 1,
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [PIXEL_MM, PIXEL_MM],
        "SliceThickness": SLICE_MM,
        "SpacingBetweenSlices": SLICE_MM + GAP_MM,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": SIZE,
        "Columns": SIZE,
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
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
