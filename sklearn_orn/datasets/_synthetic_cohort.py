"""A synthetic two-reader cohort in the shape of the published study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sklearn_orn.datasets._dicom_header import Row, SeriesUIDs, draw_uid, mr_image
from sklearn_orn.datasets._drawn_patients import VERTEBRAE, draw_lesions, draw_patients
from sklearn_orn.datasets._lesion_texture import (
    WINDOW,
    draw_effect,
    draw_texture,
    lesion_distance,
    paint_lesion,
)
from sklearn_orn.datasets._neck import draw_neck, paint_neck, slice_grid
from sklearn_orn.datasets._readers import draw_readings
from sklearn_orn.datasets._scanner import acquire, draw_shading

if TYPE_CHECKING:
    from numpy.random import BitGenerator, Generator, RandomState, SeedSequence
    from pydicom import Dataset

    Seed = int | Generator | BitGenerator | SeedSequence | RandomState | None

TABLE, README = "cohort.csv", "README.txt"
FOLDERS = {"image": "images", "mask_reader_a": "masks_a", "mask_reader_b": "masks_b"}
SUFFIXES = {"image": ".dcm", "mask_reader_a": ".png", "mask_reader_b": ".png"}
TITLE = "SYNTHETIC COHORT, made by sklearn_orn.datasets.make_cohort"
README_TEXT = f"""{TITLE}

Nothing here comes from a person. The images are drawn and the table is drawn by
a random number generator, in the shape of this study: Zhong X, Li L, Jiang H,
et al. Cervical spine osteoradionecrosis or bone metastasis after radiotherapy
for nasopharyngeal carcinoma? The MRI-based radiomics for characterization. BMC
Medical Imaging 2020, doi:10.1186/s12880-020-00502-2. No result on these data
says anything about patients.

{TABLE}   one row per lesion; paths relative to this folder
images/      axial contrast-enhanced T1 MR, DICOM, one slice per lesion
masks_a/     the lesion as reader a drew it, PNG, 255 inside
masks_b/     the same by reader b
"""


def make_cohort(directory: str | Path, *, random_state: Seed = None) -> pd.DataFrame:
    """Write a synthetic two-reader cohort shaped like the published study.

    It has 71 patients with 142 lesions of the cervical spine after radiotherapy
    of nasopharyngeal carcinoma: 95 lesions of 46 patients for training (51
    osteoradionecrosis, 44 metastasis) and 47 lesions of 25 later patients for
    validation (25 and 22), as in [1]_. In the images the classes differ in texture
    only, and overlap: the study's pipeline reaches an area under the ROC curve near
    0.72. Of the characteristics the T and N stage and the interval since radiotherapy
    tell a little, so that there is something to combine.

    Parameters
    ----------
    directory : str or Path
        Folder to write to, made if it is not there. Files of an earlier cohort
        in it are overwritten, no other file is touched.
    random_state : int, numpy.random.Generator or None, default=None
        Seed. The same integer gives the same files, byte for byte, with the same
        versions of the libraries on the same kind of machine.

    Returns
    -------
    pandas.DataFrame
        One row per lesion: ``lesion``, ``patient``, the paths ``image``,
        ``mask_reader_a`` and ``mask_reader_b`` as seen from the working directory,
        ``outcome`` ("ORN" or "metastasis"), ``split`` ("training" or
        "validation"), ``date`` of the MRI, ``vertebra``, then the patient's
        characteristics. ``cohort.csv`` holds the same with paths relative to it.

    Raises
    ------
    NotADirectoryError
        If `directory` is a file.
    FileExistsError
        If `directory` holds a file of the same name from elsewhere.

    Notes
    -----
    Mean signal, size and shape of a lesion do not depend on its class. Correlation
    length, heterogeneity, anisotropy and the necrotic share do, with effects of
    the patient and of the lesion on top, so lesions of one patient resemble each
    other. Marginal distributions of the characteristics are plausible, not those
    of the study. Every header says that the image is synthetic.

    References
    ----------
    .. [1] Zhong X, Li L, Jiang H, et al. Cervical spine osteoradionecrosis or bone
       metastasis after radiotherapy for nasopharyngeal carcinoma? The MRI-based
       radiomics for characterization. BMC Medical Imaging 2020,
       doi:10.1186/s12880-020-00502-2.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_orn.datasets import make_cohort
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cohort = make_cohort(folder, random_state=0)
    >>> cohort.groupby(["split", "outcome"])["patient"].agg(["size", "nunique"])
                           size  nunique
    split      outcome
    training   ORN           51       25
               metastasis    44       21
    validation ORN           25       14
               metastasis    22       11
    """
    directory = Path(directory)
    rng = np.random.default_rng(random_state)
    patients = draw_patients(rng)
    seeds = rng.integers(2**63, size=len(patients))
    cohort = draw_table(patients, draw_lesions(rng, patients))
    _prepare(directory, cohort)
    for (_, lesions), seed in zip(
        cohort.groupby("patient", sort=False), seeds, strict=True
    ):
        rows: list[Row] = lesions.to_dict("records")  # type: ignore[assignment]
        for row, (image, masks) in zip(
            rows, draw_patient(np.random.default_rng(seed), rows), strict=True
        ):
            _write_lesion(directory, row, image, masks)
    cohort.to_csv(directory / TABLE, index=False, lineterminator="\n")
    for column in FOLDERS:
        cohort[column] = [str(directory / path) for path in cohort[column]]
    return cohort


def draw_table(patients: pd.DataFrame, lesions: pd.DataFrame) -> pd.DataFrame:
    """Join lesions to their patients and name their files."""
    cohort = lesions.merge(patients, on="patient", validate="many_to_one")
    for column, folder in FOLDERS.items():
        cohort[column] = folder + "/" + cohort["lesion"] + SUFFIXES[column]
    first = ["lesion", "patient", *FOLDERS, "outcome", "split", "date", "vertebra"]
    others = [name for name in patients if name not in [*first, "n_lesions"]]
    return cohort[first + others]


def _prepare(directory: Path, cohort: pd.DataFrame) -> None:
    """Make the folders, unless that would overwrite somebody else's files."""
    if directory.exists() and not directory.is_dir():
        raise NotADirectoryError(
            f"directory={str(directory)!r} is a file; name a folder to write to."
        )
    readme = directory / README
    if not (readme.is_file() and readme.read_bytes().startswith(TITLE.encode())):
        names = [README, TABLE, *cohort[list(FOLDERS)].to_numpy().ravel()]
        for name in names:
            if (directory / name).exists():
                raise FileExistsError(
                    f"{str(directory / name)!r} was not written by make_cohort and "
                    "would be overwritten; name another directory."
                )
    for folder in FOLDERS.values():
        (directory / folder).mkdir(parents=True, exist_ok=True)
    # First of all files: it tells a later call that the others may be overwritten.
    readme.write_text(README_TEXT, encoding="utf-8", newline="\n")


def draw_patient(
    rng: np.random.Generator, rows: list[Row]
) -> Iterator[tuple[Dataset, tuple[np.ndarray, np.ndarray]]]:
    """Draw the image and both masks of each lesion of one patient."""
    neck, shading = draw_neck(rng), draw_shading(rng)
    peak = rng.uniform(2300, 3900)
    patient_effect = draw_effect(rng)
    uids = SeriesUIDs(draw_uid(rng), draw_uid(rng), draw_uid(rng))
    top = rng.integers(3, 8)
    for row in rows:
        vertebra = str(row["vertebra"])
        x, y = slice_grid(rng, neck)
        signal = paint_neck(x, y, neck, vertebra)
        distance = lesion_distance(rng, x[WINDOW], y[WINDOW], vertebra)
        level = neck.marrow * rng.uniform(0.60, 0.80)
        texture = draw_texture(rng, str(row["outcome"]), patient_effect)
        paint_lesion(rng, signal[WINDOW], distance, texture, level)
        image = mr_image(
            acquire(rng, signal, shading, peak),
            lesion=row,
            uids=uids,
            instance_uid=draw_uid(rng),
            instance_number=int(top + 3 * VERTEBRAE.index(vertebra)),
        )
        yield image, draw_readings(rng, distance)


def _write_lesion(
    directory: Path,
    row: Row,
    image: Dataset,
    masks: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write the image and both masks of one lesion."""
    from pydicom import dcmwrite
    from skimage.io import imsave

    dcmwrite(directory / str(row["image"]), image, enforce_file_format=True)
    for reader, mask in zip("ab", masks, strict=True):
        path = directory / str(row[f"mask_reader_{reader}"])
        imsave(path, mask.astype(np.uint8) * 255, check_contrast=False)
