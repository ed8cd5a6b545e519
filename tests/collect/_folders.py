"""Small folders as hospitals and research groups have them."""

import numpy as np
from pydicom import dcmread

from tests.images._make import FRAME, dicom_image, square, write_png, write_rtstruct
from tests.images._volumes import write_nifti

SHAPE, N_SLICES = (24, 20), 4
SPACING, STEP = (0.5, 0.25), 3.0  # rows and columns, slices


def write_series(folder, patient, series, *, names="IM{:04d}", slices=N_SLICES, **more):
    """Write a series of axial slices without extension; return its files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(slices):
        dataset = dicom_image(
            np.full(SHAPE, 100 + number, np.uint16),
            PatientID=patient,
            StudyInstanceUID=f"1.2.{sum(map(ord, patient))}",
            SeriesInstanceUID=series,
            SeriesNumber=int(series.split(".")[-1]),
            ImagePositionPatient=[-20, 30, 100 + STEP * number],
            **more,
        )
        path = folder / names.format(number)
        dataset.save_as(path, enforce_file_format=True)
        files.append(path)
    return files


def affine():
    """From (column, row, slice) to mm as DICOM counts them, of `write_series`."""
    found = np.diag([SPACING[1], SPACING[0], STEP, 1.0])
    found[:3, 3] = [-20, 30, 100]
    return found


def labels(*boxes):
    """Return a label map (columns, rows, slices): a square for each box, from 1 up."""
    voxels = np.zeros((SHAPE[1], SHAPE[0], N_SLICES), np.uint8)
    for label, (low, high, section) in enumerate(boxes, 1):
        voxels[low:high, low:high, section] = label
    return voxels


def write_labels(path, voxels):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_nifti(path, voxels, affine())


def write_slicer(path, voxels, names):
    from sklearn_orn.datasets._label_maps import LabelMap, write_slicer_labels

    path.parent.mkdir(parents=True, exist_ok=True)
    origin = affine()[:3, 3].tolist()
    drawn = LabelMap(voxels, (*SPACING[::-1], STEP), origin, names)
    write_slicer_labels(path, drawn)


def write_structures(path, series, names=("GTV",), frame=FRAME, observer=None):
    """Write an RT structure set of squares on the second slice of a series."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    path.parent.mkdir(parents=True, exist_ok=True)
    corners = square(5, 12)
    points = np.column_stack(
        [
            -20 + SPACING[1] * corners[:, 1],
            30 + SPACING[0] * corners[:, 0],
            np.full(len(corners), 100 + STEP),
        ]
    )
    write_rtstruct(path, {name: [points] for name in names}, frame=frame)
    dataset = dcmread(path)
    drawn, study, frames = Dataset(), Dataset(), Dataset()
    drawn.SeriesInstanceUID = series
    study.RTReferencedSeriesSequence = Sequence([drawn])
    frames.FrameOfReferenceUID = frame
    frames.RTReferencedStudySequence = Sequence([study])
    dataset.ReferencedFrameOfReferenceSequence = Sequence([frames])
    if observer is not None:
        item = Dataset()
        item.ObservationNumber, item.ReferencedROINumber = 1, 1
        item.ROIInterpreter = observer
        dataset.RTROIObservationsSequence = Sequence([item])
    dataset.save_as(path, enforce_file_format=True)


def write_picture(path, low=5, high=12):
    path.parent.mkdir(parents=True, exist_ok=True)
    mask = np.zeros(SHAPE, np.uint8)
    mask[low:high, low:high] = 255
    write_png(path, mask)


def write_volume(path):
    rng = np.random.default_rng(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    voxels = rng.integers(0, 900, (SHAPE[1], SHAPE[0], N_SLICES)).astype(np.int16)
    write_nifti(path, voxels, affine())
