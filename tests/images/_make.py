"""DICOM, PNG and RTSTRUCT files for the tests of images."""

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    ExplicitVRLittleEndian,
    MRImageStorage,
    RTStructureSetStorage,
    generate_uid,
)

from sklearn_orn.images.formats._polygons import combine, draw_polygons

FRAME = "1.2.826.0.1.3680043.8.498.1"
AXIAL = (1, 0, 0, 0, 1, 0)
NAME, PATIENT_ID, BIRTH_DATE = "Doe^Planted", "PLANTED-4711", "19010203"


def _file(sop_class):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, generate_uid()
    dataset.PatientName, dataset.PatientID = NAME, PATIENT_ID
    dataset.PatientBirthDate = BIRTH_DATE
    return dataset


def dicom_image(pixels, **header):
    pixels = np.asarray(pixels)
    dataset = _file(MRImageStorage)
    dataset.Modality = "MR"
    dataset.Rows, dataset.Columns = pixels.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    bits = 8 * pixels.dtype.itemsize
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    dataset.PixelSpacing, dataset.SliceThickness = [0.5, 0.25], 3
    dataset.ImagePositionPatient = [-20, 30, 100]
    dataset.ImageOrientationPatient = list(AXIAL)
    dataset.FrameOfReferenceUID = FRAME
    dataset.RescaleSlope, dataset.RescaleIntercept = 2, -1000
    for keyword, value in header.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def write_image(path, pixels, **header):
    dataset = dicom_image(pixels, **header)
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


def write_png(path, mask):
    from PIL import Image

    Image.fromarray(np.asarray(mask)).save(path)
    return str(path)


def write_rtstruct(path, rois, frame=FRAME, kind="CLOSED_PLANAR"):
    """`rois`: mapping name -> list of arrays of points in mm."""
    dataset = _file(RTStructureSetStorage)
    dataset.Modality = "RTSTRUCT"
    names, contours = [], []
    for number, (name, polygons) in enumerate(rois.items(), start=1):
        item = Dataset()
        item.ROINumber, item.ROIName = number, name
        if frame is not None:
            item.ReferencedFrameOfReferenceUID = frame
        names.append(item)
        item = Dataset()
        item.ReferencedROINumber = number
        item.ContourSequence = Sequence([_contour(points, kind) for points in polygons])
        contours.append(item)
    dataset.StructureSetROISequence = Sequence(names)
    dataset.ROIContourSequence = Sequence(contours)
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


def _contour(points, kind):
    item = Dataset()
    item.ContourGeometricType = kind
    item.NumberOfContourPoints = len(points)
    item.ContourData = [f"{value:.6f}" for value in np.ravel(points)]
    return item


def square(low, high):
    """Corners of a square in pixels (row, column)."""
    return np.array([[low, low], [low, high], [high, high], [high, low]], dtype=float)


def polygons_to_mask(polygons, shape):
    """Return the pixels that polygons fill, (row, column) of their vertices given."""
    return combine(draw_polygons(polygons, shape), shape)
