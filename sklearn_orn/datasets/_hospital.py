"""The synthetic cohort as a hospital has it: export, outlines, spreadsheet."""

from __future__ import annotations

import gc
import tempfile
import warnings
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sklearn_orn.datasets._contrasts import CE_T1, CONTRASTS
from sklearn_orn.datasets._dicom_header import LABEL, Row, draw_uid
from sklearn_orn.datasets._drawn_patients import draw_lesions, draw_people
from sklearn_orn.datasets._label_maps import (
    LabelMap,
    write_nifti_labels,
    write_slicer_labels,
)
from sklearn_orn.datasets._spreadsheet import write_german_csv, write_xlsx
from sklearn_orn.datasets._synthetic_cohort import (
    draw_patient,
    draw_table,
    rows_by_patient,
)

if TYPE_CHECKING:
    from pydicom import Dataset

    from sklearn_orn.datasets._synthetic_cohort import Seed

FIRST_ID, STEP_ID = 4711003, 37  # numbers of patients, as hospitals give them
README = "LIESMICH.txt"
TITLE = "SYNTHETIC HOSPITAL, made by sklearn_orn.datasets.make_hospital"
README_TEXT = f"""{TITLE}

The synthetic cohort of sklearn_orn.datasets.make_cohort, as a hospital would have it.
Nothing here comes from a person.

PACS/            export with a DICOMDIR; files without extension, four series a patient
Konturen/Anna/   outlines of reader Anna, 3D Slicer (.seg.nrrd)
Konturen/Ben/    outlines of reader Ben, ITK-SNAP (.nii.gz)
Patienten.xlsx   the outcomes, one row a patient; Patienten.csv is the same as a German
                 Excel writes CSV
"""
GERMAN = {
    "outcome": "Diagnose",
    "split": "Gruppe",
    "date": "Untersuchung",
    "age": "Alter",
    "sex": "Geschlecht",
    "t_stage": "T-Stadium",
    "n_stage": "N-Stadium",
    "dose_gy": "Dosis (Gy)",
    "interval_months": "Zeit seit RT (Monate)",
    "chemotherapy": "Chemotherapie",
}
WORDS = {"metastasis": "Metastase", "yes": "ja", "no": "nein", "F": "w", "M": "m"}


def make_hospital(directory: str | Path, *, random_state: Seed = None) -> Path:
    """Write the synthetic cohort the way a hospital has it.

    The images and outlines are those of `make_cohort` with the same seed: a PACS export
    with a DICOMDIR and files without extension, in which each patient has a localizer,
    a sagittal T2, an axial T1 before and one after contrast agent; the outlines of two
    readers from 3D Slicer and ITK-SNAP; the outcomes as an Excel workbook and as the
    CSV of a German Excel (semicolons, decimal commas, dates such as 31.12.2012).

    Parameters
    ----------
    directory : str or Path
        A new or empty folder.
    random_state : int, numpy.random.Generator or None, default=None
        Seed.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileExistsError
        If `directory` holds something, or is a file.

    See Also
    --------
    sklearn_orn.collect.collect : Makes a cohort table of such a folder.

    Examples
    --------
    ``sklearn-orn demo --as-hospital hospital`` does the same.

    >>> import tempfile
    >>> from sklearn_orn.datasets import make_hospital
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = make_hospital(folder, random_state=0)
    ...     sorted(path.name for path in made.iterdir())
    ['Konturen', 'LIESMICH.txt', 'PACS', 'Patienten.csv', 'Patienten.xlsx']
    """
    directory = Path(directory)
    if directory.is_file() or (directory.is_dir() and any(directory.iterdir())):
        raise FileExistsError(
            f"directory={str(directory)!r} is there already and not empty; name a new "
            "folder."
        )
    directory.mkdir(parents=True, exist_ok=True)
    for reader in ("Anna", "Ben"):
        (directory / "Konturen" / reader).mkdir(parents=True)
    rng = np.random.default_rng(random_state)
    patients = draw_people(rng)
    seeds = rng.integers(2**63, size=len(patients))
    cohort = draw_table(patients, draw_lesions(rng, patients), {})
    numbers = FIRST_ID + STEP_ID * np.arange(len(patients))
    ids = {p: str(n) for p, n in zip(patients["patient"], numbers, strict=True)}
    with tempfile.TemporaryDirectory() as staged:
        for rows, seed in zip(rows_by_patient(cohort), seeds, strict=True):
            own = np.random.default_rng([int(seed), len(CONTRASTS)])
            drawn = [
                (lesion.images[CE_T1], lesion.masks)
                for lesion in draw_patient(int(seed), rows, (CE_T1,))
            ]
            number = ids[str(rows[0]["patient"])]
            _write_patient(directory, Path(staged), number, rows, drawn, own)
        _write_export(directory / "PACS", Path(staged), rng)
    table = _outcomes(patients, ids)
    write_xlsx(directory / "Patienten.xlsx", table)
    write_german_csv(directory / "Patienten.csv", table)
    (directory / README).write_text(README_TEXT, encoding="utf-8", newline="\n")
    return directory


def _outcomes(patients: pd.DataFrame, ids: dict[str, str]) -> pd.DataFrame:
    table = patients[list(GERMAN)].rename(columns=GERMAN)
    dates = pd.to_datetime(patients["date"])
    table["Untersuchung"] = dates.dt.strftime("%d.%m.%Y")
    table["Dosis (Gy)"] = table["Dosis (Gy)"].astype(float)
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            table[name] = table[name].replace(WORDS)
    table.insert(0, "Pat-ID", [int(ids[patient]) for patient in patients["patient"]])
    return table


def _write_patient(
    directory: Path,
    staged: Path,
    number: str,
    rows: list[Row],
    drawn: list[tuple[Dataset, tuple[np.ndarray, np.ndarray]]],
    rng: np.random.Generator,
) -> None:
    """Write four series of a patient, and the outlines of both readers."""
    from pydicom import dcmwrite

    slices = sorted(
        zip(rows, drawn, strict=True), key=lambda x: float(x[1][0].SliceLocation)
    )
    datasets = [dataset for _, (dataset, _) in slices]
    for position, dataset in enumerate(_all_series(datasets, number, rng)):
        dcmwrite(staged / f"{number}-{position}", dataset, enforce_file_format=True)
    names = [str(row["vertebra"]) for row, _ in slices]
    low = [float(value) for value in datasets[0].ImagePositionPatient]
    high = float(datasets[-1].ImagePositionPatient[2])
    step = (high - low[2]) / (len(slices) - 1) if len(slices) > 1 else 5.0
    spacing = (*map(float, datasets[0].PixelSpacing[::-1]), step)
    for reader, write in enumerate((write_slicer_labels, write_nifti_labels)):
        masks = [pair[reader] for _, (_, pair) in slices]
        labels = np.stack(
            [mask.T * np.uint8(label) for label, mask in enumerate(masks, 1)], axis=-1
        )
        name = f"Anna/{number}.seg.nrrd" if reader == 0 else f"Ben/{number}.nii.gz"
        label_map = LabelMap(labels, spacing, low, names)
        write(directory / "Konturen" / name, label_map)


def _all_series(
    datasets: list[Dataset], number: str, rng: np.random.Generator
) -> list[Dataset]:
    """Return the images of all series; those that were drawn on are the last ones."""
    series = [
        ("localizer", datasets[:1], 5, [1, 0, 0, 0, 0, -1]),
        ("t2_tse_sag", datasets[:1], 3, [0, 1, 0, 0, 0, -1]),
        ("t1_tse_tra", datasets, 1, None),
        ("t1_tse_tra_KM", datasets, 1, None),
    ]
    found = []
    for position, (name, images, step, turned) in enumerate(series, 1):
        uid = draw_uid(rng)
        for image in images:
            changed: dict[str, object] = {
                "PatientID": number,
                "PatientName": f"SYNTHETIC^{number}",
                "SeriesDescription": name,
                "ProtocolName": name,
                "SeriesNumber": position,
                "SeriesInstanceUID": uid,
                "SOPInstanceUID": draw_uid(rng),
                "ImageComments": LABEL,  # without the vertebra
            }
            if not name.endswith("KM"):
                changed |= _without_agent(image, step)
            if turned is not None:
                changed["ImageOrientationPatient"] = turned
            if name.startswith("t2"):
                changed |= {"RepetitionTime": 3500, "EchoTime": 100}
                changed |= {"SequenceName": "TSE_T2"}
            dataset = deepcopy(image)
            for keyword, value in changed.items():
                setattr(dataset, keyword, value)
            found.append(dataset)
    return found


def _without_agent(image: Dataset, step: int) -> dict[str, object]:
    """Return what differs before contrast agent, of every `step`-th pixel."""
    pixels = np.frombuffer(image.PixelData, "<u2").reshape(image.Rows, image.Columns)
    pixels = pixels[::step, ::step]
    return {
        "ContrastBolusAgent": "",
        "ContrastBolusRoute": "",
        "PixelData": (pixels * 0.6).astype("<u2").tobytes(),
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "PixelSpacing": [step * float(value) for value in image.PixelSpacing],
    }


def _write_export(folder: Path, staged: Path, rng: np.random.Generator) -> None:
    """Write the files as an export has them, with their index."""
    from pydicom.fileset import FileSet
    from pydicom.uid import UID

    with warnings.catch_warnings():
        # pydicom leaves a temporary folder of its own to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        export = FileSet()
        export.UID = UID(draw_uid(rng))
        for path in sorted(staged.iterdir()):
            export.add(path)
        export.write(folder)
        del export
        gc.collect()
