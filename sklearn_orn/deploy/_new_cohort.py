"""The table of new patients that a stored model is applied to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from sklearn_orn._block_names import IMAGE, parse_block
from sklearn_orn._io.tables import IDS, read_table
from sklearn_orn._messages import listed_columns
from sklearn_orn._validation import name_list
from sklearn_orn.deploy._branches import ImageBranch, image_branches, plain_columns
from sklearn_orn.deploy._examples import with_stored_model
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import expand_cohort, read_cohort
from sklearn_orn.images.shared import table_columns


@with_stored_model
def read_new_cohort(
    path: str | os.PathLike[str],
    model: ModelFile,
    *,
    root: str | os.PathLike[str] | None = None,
    section: Literal["largest", "all"] | int | None = None,
) -> pd.DataFrame:
    """Read the table that a model is to be applied to.

    Parameters
    ----------
    path : str or path-like
        CSV, one row per lesion. For a model of images ``image``, and ``mask`` or
        ``mask_<reader>``, as in training, and the clinical columns of the model. For a
        model of a table of features these features. Also ``lesion`` and ``patient``.
    model : ModelFile
        The model.
    root : str, path-like or None, default=None
        A folder that all paths must lie in, as of `read_cohort`.
    section : {"largest", "all"}, int or None, default=None
        Which slices of volumes, as of `expand_cohort`.

    Returns
    -------
    DataFrame
        Its columns may be in any order, and there may be more of them.

    Raises
    ------
    CohortError
        If the file is no such table, or lacks a column; the message names it.

    Examples
    --------
    [[stored_model]]
    >>> from sklearn_orn.deploy import read_new_cohort
    >>> new = pd.DataFrame({"lesion": ["007"], "ADC": [1.5], "T2": [0.1]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     new.to_csv(f"{folder}/new.csv", index=False)
    ...     cohort = read_new_cohort(f"{folder}/new.csv", model)
    >>> cohort["lesion"].tolist(), cohort["ADC"].tolist()
    (['007'], [1.5])
    """
    branches = image_branches(model.pipeline)
    if section is not None:
        _check_section(branches)
    if not branches:
        return complete_columns(read_table(path, IDS), model)
    table = read_cohort(path, root=root)
    if section is not None:
        table = expand_cohort(table, section)
    return complete_columns(table, model)


def _check_section(branches: Sequence[ImageBranch]) -> None:
    """Refuse a slice that the model would not look at."""
    if not branches:
        raise CohortError(
            "the model is of a table of features, and a section chooses slices of "
            "images. Leave it out."
        )
    for branch in branches:
        if branch.columns is not None and "section" not in branch.columns:
            raise CohortError(
                f"the model takes its images from {name_list(branch.columns)}, and "
                "never sees a section. Leave it out: the slice of the largest ROI is "
                "measured."
            )


def complete_columns(table: pd.DataFrame, model: ModelFile) -> pd.DataFrame:
    """Add the columns of readers who are absent, and check that no other is missing."""
    for branch in image_branches(model.pipeline):
        _check_sequences(table, branch)
        table = _with_readers(table, branch)
    needed = plain_columns(model.pipeline)
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise CohortError(
            f"the table lacks {len(missing)} columns that the model needs: "
            f"{name_list(missing)}. It has {listed_columns(table.columns, 5)}. Add "
            "them under these names, with a value for each lesion."
        )
    return table


def _with_readers(table: pd.DataFrame, branch: ImageBranch) -> pd.DataFrame:
    """Bring a table's readers to the columns that a ColumnTransformer picks.

    A reader who is absent is an empty column; an unnamed mask is the first reader's.
    """
    picked = branch.columns or []
    masks = [c for c in picked if c.startswith("mask_")]
    if "mask" in table.columns and masks and not set(masks) & set(table.columns):
        blocks = table_columns(picked).blocks.values()
        first = {b.block.sequence: b.masks[0] for b in reversed(list(blocks))}
        masked = dict.fromkeys(first.values(), table["mask"])
        table = table.drop(columns="mask").assign(**masked)
    absent: dict[str, float | pd.Series] = {
        column: np.nan
        for column in picked
        if column.startswith(("mask_", "section", "series", "stack"))
        and column not in table.columns
    }
    if "image" in table.columns:
        of_readers = [c for c in picked if c.startswith(("image_", "image@"))]
        absent |= {c: table["image"] for c in of_readers if c not in table.columns}
    _check_no_stranger(table, masks, branch)
    return table.assign(**absent) if absent else table


def _check_sequences(table: pd.DataFrame, branch: ImageBranch) -> None:
    """Refuse a table without a sequence that the model measures."""
    blocks = map(parse_block, branch.extractor.readers_)
    wanted = dict.fromkeys(b.sequence for b in blocks if b.sequence not in ("", IMAGE))
    if not wanted:
        return
    known = table_columns(table.columns).sequences
    absent = [name for name in wanted if name not in known]
    if absent:
        raise CohortError(
            f"the table has no images of the sequence {name_list(map(repr, absent))}, "
            f"which the model measures. Add the column 'image_{absent[0]}'."
        )


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
