"""A synthetic two-reader cohort in the shape of the published study."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from joblib import delayed, effective_n_jobs

from sklearn_orn._workers import in_workers
from sklearn_orn.datasets._contrasts import CE_T1, CONTRASTS
from sklearn_orn.datasets._dicom_header import Row, SeriesUIDs, draw_uid, mr_image
from sklearn_orn.datasets._drawn_patients import VERTEBRAE, draw_lesions, draw_people
from sklearn_orn.datasets._lesion_texture import (
    WINDOW,
    draw_effect,
    draw_texture,
    lesion_distance,
    paint_lesion,
)
from sklearn_orn.datasets._neck import Neck, draw_neck, paint_neck, slice_grid
from sklearn_orn.datasets._readings import draw_readings
from sklearn_orn.datasets._scanner import acquire, draw_shading

if TYPE_CHECKING:
    from numpy.random import BitGenerator, Generator, RandomState, SeedSequence
    from pydicom import Dataset

    Seed = int | Generator | BitGenerator | SeedSequence | RandomState | None

TABLE, README = "cohort.csv", "README.txt"
MASKS = {"mask_reader_a": "masks_a", "mask_reader_b": "masks_b"}
TITLE = "SYNTHETIC COHORT, made by sklearn_orn.datasets.make_cohort"
README_TEXT = f"""{TITLE}

Nothing here comes from a person. The images are drawn and the table is drawn by
a random number generator, in the shape of this study: Zhong X, Li L, Jiang H,
et al. Cervical spine osteoradionecrosis or bone metastasis after radiotherapy
for nasopharyngeal carcinoma? The MRI-based radiomics for characterization. BMC
Medical Imaging 2020, doi:10.1186/s12880-020-00502-2. No result on these data
says anything about patients.

{TABLE}   one row per lesion; paths relative to this folder
"""
OF_IMAGES = """\
images/      axial contrast-enhanced T1 MR, DICOM, one slice per lesion
"""
OF_MASKS = """\
masks_a/     the lesion as reader a drew it, PNG, 255 inside
masks_b/     the same by reader b
"""


class Drawn(NamedTuple):
    """What is drawn of a lesion: its image in each sequence, and both masks."""

    images: dict[str, Dataset]
    masks: tuple[np.ndarray, np.ndarray]


def make_cohort(
    directory: str | Path,
    *,
    random_state: Seed = None,
    sequences: Sequence[str] | None = None,
    n_jobs: int | None = None,
) -> pd.DataFrame:
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
    sequences : sequence of {"CE-T1", "T1", "T2"}, default=None
        MR sequences of each lesion, registered: one grid, one frame of reference, and
        one outline a reader for all. None draws contrast-enhanced T1 alone, as
        ``image``.
    n_jobs : int or None, default=None
        Number of processes, -1 for all cores; None is 1 unless a
        `joblib.parallel_config` says otherwise. The files are the same.

    Returns
    -------
    pandas.DataFrame
        One row per lesion: ``lesion``, ``patient``, the paths ``image``,
        ``mask_reader_a`` and ``mask_reader_b`` as seen from the working directory,
        ``outcome`` ("ORN" or "metastasis"), ``split`` ("training" or
        "validation"), ``date`` of the MRI, ``vertebra``, then the patient's
        characteristics. ``cohort.csv`` holds the same with paths relative to it. With
        `sequences`, ``image_<sequence>`` stands for each in place of ``image``.

    Raises
    ------
    ValueError
        If `sequences` names none, one twice, or one that is not known.
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

    The texture of a lesion in T2 is drawn by itself, with a larger effect: it tells of
    the class what contrast-enhanced T1 does not. That in T1 does not depend on the
    class. Outlines, table and contrast-enhanced T1 are the same to the bit whatever
    `sequences` are drawn.

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
    folders = _image_folders(sequences)
    directory = Path(directory)
    rng = np.random.default_rng(random_state)
    patients = draw_people(rng)
    seeds = rng.integers(2**63, size=len(patients))
    paths = {**folders, **MASKS}
    cohort = draw_table(patients, draw_lesions(rng, patients), paths)
    of_images = _of_images(folders, sequences)
    _prepare(directory, cohort, paths, README_TEXT + of_images + OF_MASKS)
    columns = dict(zip(sequences or (CE_T1,), folders, strict=True))
    of_patients = list(zip(rows_by_patient(cohort), seeds.tolist(), strict=True))
    # Workers take a while to start; this process draws some patients meanwhile.
    n_own = len(of_patients) // (3 * effective_n_jobs(n_jobs))
    write = delayed(_write_patient)
    drawn = in_workers(n_jobs)(
        write(directory, rows, seed, columns) for rows, seed in of_patients[n_own:]
    )
    for rows, seed in of_patients[:n_own]:
        _write_patient(directory, rows, seed, columns)
    for _ in drawn:
        pass
    cohort.to_csv(directory / TABLE, index=False, lineterminator="\n")
    for column in paths:
        cohort[column] = [str(directory / path) for path in cohort[column]]
    return cohort


def _image_folders(sequences: Sequence[str] | None) -> dict[str, str]:
    """Return columns and folders of the images, one for each sequence."""
    if sequences is None:
        return {"image": "images"}
    names = [] if isinstance(sequences, str) else list(sequences)
    if not names or len({*names}) < len(names) or not {*names} <= {*CONTRASTS}:
        known = ", ".join(map(repr, CONTRASTS))
        raise ValueError(
            f"sequences={sequences!r}; expected some of {known}, each once, or None."
        )
    return {f"image_{name}": f"images_{name}" for name in names}


def _of_images(folders: Mapping[str, str], sequences: Sequence[str] | None) -> str:
    """Say in the README what lies in the folders of images."""
    if sequences is None:
        return OF_IMAGES
    return "".join(
        f"{folder + '/':<13}axial {name} MR, DICOM, one slice per lesion\n"
        for folder, name in zip(folders.values(), sequences, strict=True)
    )


def draw_table(
    patients: pd.DataFrame, lesions: pd.DataFrame, paths: Mapping[str, str]
) -> pd.DataFrame:
    """Join lesions to their patients and name their files."""
    cohort = lesions.merge(patients, on="patient", validate="many_to_one")
    for column, folder in paths.items():
        suffix = ".png" if column in MASKS else ".dcm"
        cohort[column] = folder + "/" + cohort["lesion"] + suffix
    first = ["lesion", "patient", *paths, "outcome", "split", "date", "vertebra"]
    others = [name for name in patients if name not in [*first, "n_lesions"]]
    return cohort[first + others]


def rows_by_patient(cohort: pd.DataFrame) -> Iterator[list[Row]]:
    """Yield the rows of each patient, which stand together."""
    rows: list[Row] = cohort.to_dict("records")  # type: ignore[assignment]
    for _, own in groupby(rows, key=itemgetter("patient")):
        yield list(own)


def _prepare(
    directory: Path, cohort: pd.DataFrame, paths: Mapping[str, str], text: str
) -> None:
    """Make the folders, unless that would overwrite somebody else's files."""
    if directory.exists() and not directory.is_dir():
        raise NotADirectoryError(
            f"directory={str(directory)!r} is a file; name a folder to write to."
        )
    readme = directory / README
    if not (readme.is_file() and readme.read_bytes().startswith(TITLE.encode())):
        names = [README, TABLE, *cohort[list(paths)].to_numpy().ravel()]
        for name in names:
            if (directory / name).exists():
                raise FileExistsError(
                    f"{str(directory / name)!r} was not written by make_cohort and "
                    "would be overwritten; name another directory."
                )
    for folder in paths.values():
        (directory / folder).mkdir(parents=True, exist_ok=True)
    # First of all files: it tells a later call that the others may be overwritten.
    readme.write_text(text, encoding="utf-8", newline="\n")


class Scan(NamedTuple):
    """One sequence of one patient."""

    sequence: str
    rng: np.random.Generator
    peak: float
    patient_effect: np.ndarray
    uids: SeriesUIDs

    def draw(self, row: Row, anatomy: Anatomy, number: int) -> Dataset:
        """Draw the slice of a lesion, of this number from the head."""
        rng, contrast = self.rng, CONTRASTS[self.sequence]
        x, y, neck, shading, distance = anatomy
        signal = paint_neck(x, y, neck, str(row["vertebra"]), contrast)
        level = neck.marrow * rng.uniform(*contrast.lesion)
        texture = draw_texture(
            rng, str(row["outcome"]), self.patient_effect, contrast.class_effect
        )
        paint_lesion(rng, signal[WINDOW], distance, texture, level)
        return mr_image(
            acquire(rng, signal, shading, self.peak),
            lesion=row,
            uids=self.uids,
            instance_uid=draw_uid(rng),
            instance_number=number,
            sequence=self.sequence,
        )


class Anatomy(NamedTuple):
    """What all sequences show of a slice."""

    x: np.ndarray
    y: np.ndarray
    neck: Neck
    shading: np.ndarray
    distance: np.ndarray  # to the border of the lesion, in pixels


def draw_patient(
    seed: int, rows: list[Row], sequences: Collection[str]
) -> Iterator[Drawn]:
    """Draw the images and both masks of each lesion of one patient.

    CE-T1 is always drawn, by the numbers of the patient: the others have their own.
    """
    rng = np.random.default_rng(seed)
    neck, shading = draw_neck(rng), draw_shading(rng)
    peak, patient_effect = rng.uniform(2300, 3900), draw_effect(rng)
    uids = SeriesUIDs(draw_uid(rng), draw_uid(rng), draw_uid(rng))
    top = rng.integers(3, 8)
    scans = [Scan(CE_T1, rng, peak, patient_effect, uids)]
    for number, name in enumerate(CONTRASTS):
        if name in sequences and name != CE_T1:
            own = np.random.default_rng([seed, number])
            scans.append(
                Scan(
                    name,
                    own,
                    own.uniform(2300, 3900),
                    draw_effect(own),
                    uids._replace(series=draw_uid(own)),
                )
            )
    for row in rows:
        vertebra = str(row["vertebra"])
        x, y = slice_grid(rng, neck)
        distance = lesion_distance(rng, x[WINDOW], y[WINDOW], vertebra)
        anatomy = Anatomy(x, y, neck, shading, distance)
        number = int(top + 3 * VERTEBRAE.index(vertebra))
        images = {scan.sequence: scan.draw(row, anatomy, number) for scan in scans}
        yield Drawn(images, draw_readings(rng, distance))


def _write_patient(
    directory: Path, rows: list[Row], seed: int, columns: Mapping[str, str]
) -> None:
    """Draw and write the lesions of one patient; `columns` name the images."""
    drawn = draw_patient(seed, rows, tuple(columns))
    for row, lesion in zip(rows, drawn, strict=True):
        _write_lesion(directory, row, lesion, columns)


def _write_lesion(
    directory: Path, row: Row, drawn: Drawn, columns: Mapping[str, str]
) -> None:
    """Write the images and both masks of one lesion; `columns` name the images."""
    from PIL import Image
    from pydicom import dcmwrite

    for sequence, column in columns.items():
        path = directory / str(row[column])
        dcmwrite(path, drawn.images[sequence], enforce_file_format=True)
    for reader, mask in zip("ab", drawn.masks, strict=True):
        path = directory / str(row[f"mask_reader_{reader}"])
        Image.fromarray(mask.astype(np.uint8) * 255).save(path)
