"""What a study depends on: inputs by their hashes, settings, versions."""

import hashlib
import json
import os
import platform
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd

from sklearn_orn._io.json_head import head
from sklearn_orn._io.text_files import encodable
from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.shared import (
    existing_file,
    folder_files,
    is_path_column,
    source_path,
    split_roi,
)
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._folder import FORMAT, VERSION
from sklearn_orn.study._inspection import NOT_GIVEN
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._results import software_versions
from sklearn_orn.study.results import VERSION as RESULTS
from sklearn_orn.study.results import Absent, Inspection

CHUNK = 1 << 20  # bytes in memory at once, however large an image is
MOST_BYTES = 1 << 40  # of a file; the kernel's memory looks like a larger one


def file_hash(path: str | Path) -> str | None:
    """Return the SHA-256 of a file, or of a folder's files in order of their names.

    None where there is nothing to read; devices and folders of a folder are not read.
    """
    digest = hashlib.sha256()
    try:
        for file in _plain_files(Path(path)):
            if file.stat().st_size > MOST_BYTES:
                return None
            with open(file, "rb") as content:
                while chunk := content.read(CHUNK):
                    digest.update(chunk)
    except (LesionError, OSError, ValueError):  # it is left out, with the reason
        return None
    return digest.hexdigest()


def _plain_files(path: Path) -> list[Path]:
    return folder_files(path) if os.path.isdir(path) else [existing_file(path)]


def make_manifest(
    cohort: Cohort,
    config: StudyConfig,
    features: pd.DataFrame | None = None,
    inspection: Inspection | Absent = NOT_GIVEN,
) -> dict[str, object]:
    """Describe all that the results of a study depend on.

    Paths may hold names, so they are not written: ``cohort`` is the hash of the table
    without them, ``files`` the hash of every image and mask by lesion and column, and
    of what a path chooses behind ``#``. `features` are those of another program;
    ``inspection`` is the hash of the decisions on lesions, where there are any.
    """
    looked = {}
    if isinstance(inspection, Inspection):
        text = json.dumps(plain_data(inspection), sort_keys=True)
        looked = {"inspection": hashlib.sha256(text.encode("utf-8")).hexdigest()}
    table = cohort.table
    columns = [c for c in table.columns if is_path_column(str(c))]
    hash_of = cache(file_hash)  # a series serves many lesions
    files = [
        {
            "lesion": lesion,
            "column": column,
            "sha256": hash_of(os.fspath(source_path(str(cell)))),
            **_choice(cell),
        }
        for lesion, column, cell in _cells(cohort, columns)
    ]
    return {
        **head(FORMAT, VERSION),
        "config": config.as_dict(),
        "versions": software_versions(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cohort": _table_hash(table.drop(columns=columns)),
        "features": None if features is None else _table_hash(features),
        **looked,
        "files": files,
    }


def fingerprint(manifest: dict[str, object]) -> str:
    """Return one hash for a manifest, and for the form of what is kept."""
    text = json.dumps([RESULTS, plain_data(manifest)], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _table_hash(table: pd.DataFrame) -> str:
    text = table.to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(encodable(text).encode("utf-8")).hexdigest()


def _cells(cohort: Cohort, columns: list[str]) -> Iterator[tuple[str, str, str]]:
    for position, lesion in enumerate(cohort.names):
        for column in columns:
            cell = cohort.table[column].iloc[position]
            if not pd.isna(cell):
                yield str(lesion), column, cell


def _choice(cell: str) -> dict[str, str]:
    """Return the hash of the ROI or frame that a path chooses; nothing without one."""
    choice = None if os.path.exists(cell) else split_roi(cell)[1]
    if choice is None:
        return {}
    return {"choice_sha256": hashlib.sha256(f"#{choice}".encode()).hexdigest()}
