"""A study from a table of features that another program measured."""

import os
import re

import numpy as np
import pandas as pd

from sklearn_orn._csv_tables import read_table
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._config import COLUMNS, StudyConfig
from sklearn_orn.study._design import lesion_names
from sklearn_orn.study._extraction import Extraction, LeftOut

SEPARATOR = "__"
# What pyradiomics and FAE call the size of a region.
SIZE = re.compile(r"(shape_(Mesh|Voxel)Volume|general_info_VoxelNum)$")


def read_feature_table(
    path: str | os.PathLike[str], config: StudyConfig, *, identifier: str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a table of features.

    Parameters
    ----------
    path : path
        CSV, may be compressed; one row per lesion. What the settings do not name is a
        feature and must hold numbers.
    config : StudyConfig
        Names the columns that are no features.
    identifier : str, default=None
        Column of the lesions' names.

    Returns
    -------
    cohort : DataFrame
        The columns that the settings name, with a column ``lesion``.
    features : DataFrame
        The others.

    Raises
    ------
    CohortError
        Naming the file and the columns that are neither.
    """
    ids = [name for name in (identifier, config.patient) if name is not None]
    table = read_table(path, ids)
    known = {getattr(config, key) for key in COLUMNS} - {None} | set(config.clinical)
    if identifier is not None:
        if identifier not in table.columns:
            raise CohortError(
                f"{os.fspath(path)} has no column {identifier!r} (--id). Its first "
                f"columns are: {name_list(table.columns)}."
            )
        known.add(identifier)
    text = [
        column
        for column in table.columns
        if column not in known and not pd.api.types.is_numeric_dtype(table[column])
    ]
    if text:
        raise CohortError(
            f"{os.fspath(path)}: text stands in columns that are to be "
            f"features: {name_list(text)}. Name them (--id, --clinical, ...) or leave "
            "them out of the table."
        )
    features = table[[c for c in table.columns if c not in known]]
    cohort = table[[c for c in table.columns if c in known]].copy()
    if identifier is not None and identifier != "lesion":
        cohort.insert(0, "lesion", table[identifier])
    return cohort, features.astype(np.float64)


def given_features(
    cohort: pd.DataFrame, features: pd.DataFrame, patient: np.ndarray
) -> Extraction:
    """Take the features of a table as if they had been measured.

    Parameters
    ----------
    cohort : DataFrame
        One row per lesion.
    features : DataFrame of shape (n_lesions, n_features)
        Of the same lesions. Columns ``<reader>__<feature>`` are blocks of readers.
    patient : ndarray of str
        Patient of every row.

    Returns
    -------
    Extraction
        A lesion without any feature is left out.

    Raises
    ------
    CohortError
        If the tables do not fit together, or a feature is infinite.
    """
    if len(cohort) != len(features) or features.shape[1] == 0:
        raise CohortError(
            f"the features have shape {features.shape}: expected one row for each of "
            f"the {len(cohort)} lesions, and at least one column."
        )
    _check_names(features)
    infinite = [str(c) for c in features if np.isinf(features[c]).any()]
    if infinite:
        raise CohortError(f"infinite values in the features {name_list(infinite)}.")
    measured = features.notna().any(axis=1).to_numpy()
    names = lesion_names(cohort)
    left_out = tuple(
        LeftOut(names[i], patient[i], f"lesion {names[i]!r} has no feature.")
        for i in np.flatnonzero(~measured)
    )
    return Extraction(features[measured], measured, left_out, _readers(features), ())


def _check_names(features: pd.DataFrame) -> None:
    names = [str(column) for column in features.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CohortError(
            f"the features {name_list(repeated)} stand in several columns: rename all "
            "but one of each."
        )
    readers = _readers(features)
    for reader in readers[1:]:
        blocks = [_block(names, name) for name in (readers[0], reader)]
        uneven = sorted(blocks[0] ^ blocks[1])
        if uneven:
            raise CohortError(
                f"the readers {readers[0]!r} and {reader!r} have different features: "
                f"only one of them has {name_list(uneven)}. Columns are called "
                f"<reader>{SEPARATOR}<feature>; give both readers the same features."
            )


def _block(names: list[str], reader: str) -> set[str]:
    start = reader + SEPARATOR
    return {name.removeprefix(start) for name in names if name.startswith(start)}


def _readers(features: pd.DataFrame) -> tuple[str, ...]:
    names = [str(column) for column in features.columns]
    if not all(SEPARATOR in name for name in names):
        return ("",)
    return tuple(dict.fromkeys(name.split(SEPARATOR, 1)[0] for name in names))


def feature_of_size(features: pd.DataFrame) -> str | None:
    """Return the feature that is the size of a lesion, by its usual name.

    Examples
    --------
    >>> import pandas as pd
    >>> feature_of_size(pd.DataFrame(columns=["a", "T2_original_shape_VoxelVolume"]))
    'T2_original_shape_VoxelVolume'
    """
    found = [str(name) for name in features.columns if SIZE.search(str(name))]
    return found[0] if found else None
