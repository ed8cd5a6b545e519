"""The table of new patients that a stored model is applied to."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn._validation import name_list
from sklearn_orn.deploy._branches import ImageBranch, image_branches, number_columns
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort

IDS = ("lesion", "patient")
SEPARATORS = ",;\t"


def read_new_cohort(path: str | os.PathLike, model: ModelFile) -> pd.DataFrame:
    """Read the table that a model is to be applied to.

    Parameters
    ----------
    path : str or path-like
        CSV, one row per lesion. For a model of images ``image``, and ``mask`` or
        ``mask_<reader>``, as in training, and the clinical columns of the model. For a
        model of a table of features these features. Also ``lesion`` and ``patient``.
    model : ModelFile
        The model.

    Returns
    -------
    DataFrame
        Its columns may be in any order, and there may be more of them.

    Raises
    ------
    CohortError
        If the file is no such table, or lacks a column; the message names it.
    """
    branches = image_branches(model.pipeline)
    table = read_cohort(path) if branches else _read_features(Path(path))
    return complete_columns(table, model)


def complete_columns(table: pd.DataFrame, model: ModelFile) -> pd.DataFrame:
    """Add the columns of readers who are absent, and check that no other is missing.

    Parameters
    ----------
    table : DataFrame
        New lesions.
    model : ModelFile
        The model.

    Returns
    -------
    DataFrame

    Raises
    ------
    CohortError
        If a column of numbers is missing.
    """
    for branch in image_branches(model.pipeline):
        table = _with_readers(table, branch)
    needed = number_columns(model.pipeline)
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise CohortError(
            f"the table lacks {len(missing)} columns that the model needs: "
            f"{name_list(missing)}. It has {name_list(table.columns)}."
        )
    return table


def lesion_names(table: pd.DataFrame) -> list[str]:
    """Return what each row is called: its id, else its label."""
    rows = [f"row {label}" for label in table.index]
    if "lesion" not in table.columns:
        return rows
    given = table["lesion"].tolist()
    return [r if pd.isna(x) else str(x) for x, r in zip(given, rows, strict=True)]


def _with_readers(table: pd.DataFrame, branch: ImageBranch) -> pd.DataFrame:
    """Bring a table's readers to the columns that a ColumnTransformer picks.

    A reader who is absent is an empty column; an unnamed mask is the first reader's.
    """
    picked = branch.columns or []
    masks = [c for c in picked if c.startswith("mask_")]
    if "mask" in table.columns and masks and not set(masks) & set(table.columns):
        table = table.rename(columns={"mask": masks[0]})
    absent: dict[str, Any] = {
        column: np.nan
        for column in picked
        if column.startswith(("mask_", "section", "series"))
        and column not in table.columns
    }
    if "image" in table.columns:
        of_readers = [c for c in picked if c.startswith("image_")]
        absent |= {c: table["image"] for c in of_readers if c not in table.columns}
    _check_no_stranger(table, masks, branch)
    return table.assign(**absent) if absent else table


def _check_no_stranger(
    table: pd.DataFrame, masks: Sequence[str], branch: ImageBranch
) -> None:
    given = [str(c) for c in table.columns if str(c).startswith("mask_")]
    unknown = [c for c in given if masks and c not in masks]
    if unknown:
        raise CohortError(
            f"column {unknown[0]!r} names a reader whom the model does not know: its "
            f"readers are {name_list(branch.extractor.readers_)}. Rename it, or use "
            "the column 'mask'."
        )


def _read_features(path: Path) -> pd.DataFrame:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            separator = max(SEPARATORS, key=head.count)
            columns = next(csv.reader([head], delimiter=separator), [])
        table = pd.read_csv(
            path,
            sep=separator,
            dtype={name: str for name in IDS if name in columns},
            encoding="utf-8-sig",
            skipinitialspace=True,
        )
    except OSError as error:
        raise CohortError(
            f"table '{path}' cannot be opened: {error.strerror}. Correct the path."
        ) from None
    except (ValueError, csv.Error) as error:
        raise CohortError(f"table '{path}' cannot be read as CSV: {error}") from None
    if len(set(columns)) < len(columns):
        raise CohortError(f"table '{path}' has two columns of one name.")
    if not len(table):
        raise CohortError(f"table '{path}' holds no row.")
    return table
