"""Small lesions, in memory and as files, that image steps are checked on."""

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["Pairs", "make_pairs", "write_cohort"]

Pairs = list[tuple[np.ndarray, np.ndarray]]


def make_pairs(n_lesions: int = 4) -> Pairs:
    """Make small lesions in memory, the same at each call.

    Parameters
    ----------
    n_lesions : int, default=4
        How many.

    Returns
    -------
    list of tuple of ndarray
        Image (uint16, 28 x 32, 12 bits used) and mask (bool, a disc of some 200
        pixels) of each lesion.

    Examples
    --------
    >>> image, mask = make_pairs(1)[0]
    >>> image.shape, image.dtype.name, mask.dtype.name
    ((28, 32), 'uint16', 'bool')
    """
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:28, :32]
    pairs = []
    for number in range(n_lesions):
        noise = rng.normal(size=(28, 32))
        smooth = noise + np.roll(noise, 1, axis=0) + np.roll(noise, 1, axis=1)
        image = np.clip(1500 + 40 * number + 120 * smooth, 0, 4095).astype(np.uint16)
        distance = np.hypot(rows - 13 - number % 3, columns - 15)
        pairs.append((image, distance < 8.5))
    return pairs


def write_cohort(folder: Path) -> pd.DataFrame:
    """Write the lesions of `make_pairs` as DICOM and PNG files.

    Parameters
    ----------
    folder : Path
        Where the files go.

    Returns
    -------
    DataFrame
        Columns `image`, `mask` and `lesion`, one row a lesion.
    """
    from PIL import Image

    rows = []
    for number, (image, mask) in enumerate(make_pairs()):
        image_path, mask_path = folder / f"{number}.dcm", folder / f"{number}.png"
        _write_dicom(image_path, image)
        Image.fromarray(mask.astype(np.uint8) * 255).save(mask_path)
        rows.append((str(image_path), str(mask_path), f"L{number}"))
    return pd.DataFrame(rows, columns=["image", "mask", "lesion"])


def _write_dicom(path: Path, image: np.ndarray) -> None:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, generate_uid()
    dataset.Rows, dataset.Columns = image.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 0
    dataset.PixelData = image.astype("<u2").tobytes()
    dataset.save_as(path, enforce_file_format=True)
