"""Volumes in every format for the tests of images: one scene, stored in many ways."""

import warnings

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedMRImageStorage, SegmentationStorage
from scipy.spatial.transform import Rotation

from ._make import FRAME, dicom_image

SPACING, STEP = (0.8, 0.5), 3.0
N_SLICES, SHAPE = 5, (20, 24)
FLIP = np.diag([-1.0, -1.0, 1.0, 1.0])
ORIENTATIONS = {
    "axial": (0, 0, 0),
    "coronal": (90, 0, 0),
    "sagittal": (90, 90, 0),
    "oblique": (25, -40, 13),
}
UPSIDE_DOWN = (0, 90, 90)  # sagittal, with the feet on top


class Scene:
    """Slices (section, row, column) somewhere in a patient, and an ROI on three."""

    def __init__(self, angles=(0, 0, 0), seed=0):
        rng = np.random.default_rng(seed)
        self.pixels = rng.integers(0, 4000, (N_SLICES, *SHAPE)).astype(np.int16)
        self.mask = np.zeros((N_SLICES, *SHAPE), dtype=bool)
        self.mask[1, 4:9, 5:15] = True
        self.mask[2, 4:12, 5:16] = True
        self.mask[2, 6:8, 8:10] = False
        self.mask[3, 5:7, 6:9] = True
        self.axes = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
        self.origin = np.array([-31.5, 12.25, 88.0])

    def position(self, section):
        return self.origin + section * STEP * self.axes[2]

    def affine(self):
        """From (column, row, section) to mm in the coordinates of DICOM."""
        affine = np.eye(4)
        steps = (SPACING[1], SPACING[0], STEP)
        affine[:3, :3] = (self.axes * np.array(steps)[:, None]).T
        affine[:3, 3] = self.origin
        return affine

    def header(self, section):
        return {
            "ImagePositionPatient": [float(v) for v in self.position(section).round(6)],
            "ImageOrientationPatient": [
                float(v) for v in self.axes[:2].ravel().round(8)
            ],
            "PixelSpacing": list(SPACING),
            "SliceThickness": STEP,
        }

    def write_series(self, folder, series="1.2.3", number=4, order=None):
        folder.mkdir(exist_ok=True)
        for position, section in enumerate(order or range(N_SLICES)):
            dataset = dicom_image(self.pixels[section], **self.header(section))
            dataset.SeriesInstanceUID, dataset.SeriesNumber = series, number
            dataset.InstanceNumber = position + 1
            name = f"IM{number}{position:03d}"
            dataset.save_as(folder / name, enforce_file_format=True)
        return str(folder)

    def stored(self, values, flips=(), order=(0, 1, 2), crop=None):
        """Return values (column, row, section) and affine, stored in another way."""
        array, affine = values.transpose(2, 1, 0).copy(), self.affine()
        if crop is not None:
            array = array[crop]
            affine[:3, 3] += affine[:3, :3] @ [part.start for part in crop]
        for axis in flips:
            affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
            affine[:3, axis] *= -1
            array = np.flip(array, axis)
        affine[:, :3] = affine[:, list(order)]
        return array.transpose(order), affine


def write_nifti(path, array, affine, kind="Nifti1Image", **header):
    import nibabel

    image = getattr(nibabel, kind)(np.ascontiguousarray(array), FLIP @ affine)
    image.header.set_xyzt_units("mm")
    for name, value in header.items():
        image.header[name] = value
    nibabel.save(image, path)
    return str(path)


def save_nrrd(path, array, header):
    import nrrd

    with warnings.catch_warnings():  # its clock is deprecated from Python 3.12 on
        warnings.filterwarnings("ignore", ".*utcnow", DeprecationWarning)
        nrrd.write(str(path), array, header)
    return str(path)


def write_nrrd(path, array, affine, space="left-posterior-superior", **fields):
    flips = {
        "left-posterior-superior": (1, 1, 1),
        "right-anterior-superior": (-1, -1, 1),
    }
    placed = np.diag([*flips[space], 1]) @ affine
    header = {
        "space": space,
        "space directions": placed[:3, :3].T,
        "space origin": placed[:3, 3],
        "encoding": "gzip",
        **fields,
    }
    if array.ndim == 4:
        header["kinds"] = ["list", "domain", "domain", "domain"]
        header["space directions"] = np.vstack([[np.nan] * 3, placed[:3, :3].T])
    return save_nrrd(path, array, header)


def _item(**values):
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _groups(scene, section, **more):
    header = scene.header(section)
    position = header["ImagePositionPatient"]
    return _item(
        PlanePositionSequence=Sequence([_item(ImagePositionPatient=position)]), **more
    )


def _shared(scene):
    header = scene.header(0)
    return _item(
        PlaneOrientationSequence=Sequence(
            [_item(ImageOrientationPatient=header["ImageOrientationPatient"])]
        ),
        PixelMeasuresSequence=Sequence(
            [_item(PixelSpacing=list(SPACING), SliceThickness=STEP)]
        ),
        PixelValueTransformationSequence=Sequence(
            [_item(RescaleSlope=0.5, RescaleIntercept=-10)]
        ),
    )


def _multi_frame(scene, pixels, sections, **more):
    shared = "PixelSpacing SliceThickness RescaleSlope RescaleIntercept"
    own = "ImagePositionPatient ImageOrientationPatient"
    dataset = dicom_image(pixels, **dict.fromkeys(f"{shared} {own}".split()))
    dataset.NumberOfFrames = len(pixels)
    dataset.SharedFunctionalGroupsSequence = Sequence([_shared(scene)])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(
        [
            _groups(scene, section, **{k: v[i] for k, v in more.items()})
            for i, section in enumerate(sections)
        ]
    )
    return dataset


def write_enhanced(path, scene, sections=range(N_SLICES)):
    dataset = _multi_frame(scene, scene.pixels[list(sections)], sections)
    dataset.SOPClassUID = EnhancedMRImageStorage
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


def write_seg(path, scene, segments, kind="BINARY", frame=FRAME):
    """`segments`: label -> masks (section, row, column); frames in reverse order."""
    frames, sections, numbers = [], [], []
    for number, masks in enumerate(segments.values(), start=1):
        for section in reversed(range(N_SLICES)):
            if masks[section].any():
                frames.append(masks[section])
                sections.append(section)
                numbers.append(number)
    pixels = np.array(frames).astype(np.uint8)
    if kind == "FRACTIONAL":
        pixels = np.where(pixels, 200, 90).astype(np.uint8)
    identified = [
        Sequence([_item(ReferencedSegmentNumber=number)]) for number in numbers
    ]
    dataset = _multi_frame(
        scene, pixels, sections, SegmentIdentificationSequence=identified
    )
    dataset.SOPClassUID, dataset.Modality = SegmentationStorage, "SEG"
    dataset.SegmentationType, dataset.FrameOfReferenceUID = kind, frame
    dataset.SegmentSequence = Sequence(
        [
            _item(SegmentNumber=number, SegmentLabel=label)
            for number, label in enumerate(segments, start=1)
        ]
    )
    if kind == "FRACTIONAL":
        dataset.MaximumFractionalValue = 255
    else:
        dataset.BitsAllocated = dataset.BitsStored = 1
        dataset.HighBit = 0
        bits = np.packbits(pixels.ravel(), bitorder="little").tobytes()
        dataset.PixelData = bits + b"\0" * (len(bits) % 2)
    dataset.save_as(path, enforce_file_format=True)
    return str(path)
