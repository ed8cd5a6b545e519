"""A table of features with, beside it, how they were measured."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from sklearn_orn._feature_settings import (
    MAX_BITS,
    NORMALIZATIONS,
    ORIENTATIONS,
    PROVENANCE,
    QUANTISED,
)
from sklearn_orn._io.codec import JsonObject
from sklearn_orn._io.json_file import JsonFormat
from sklearn_orn._io.kinds import Text, dict_of, list_of, one_of, whole
from sklearn_orn._io.strict_json import read_strict_json
from sklearn_orn._io.tables import IDS, read_table, table_file
from sklearn_orn.exceptions import CohortError, ModelFileError
from sklearn_orn.texture._catalogue import FAMILIES

FORMAT = "sklearn-orn-features"
WHAT, WRITER = "settings file", "sklearn-orn extract"

SETTINGS_FILE = JsonFormat(
    FORMAT,
    3,
    {
        "sklearn_orn": Text,
        "feature_version": whole(1),
        "orientation": one_of(*ORIENTATIONS),
        "normalization": one_of(*NORMALIZATIONS) | None,
        "families": list_of(one_of(*FAMILIES)),
        "distances": list_of(whole(1)),
        "bits": dict_of(whole(1, MAX_BITS), *QUANTISED),
        "readers": list_of(Text),
        "carried": list_of(Text),
        "n_lesions": whole(1),
    },
    WHAT,
    WRITER,
    # slices were taken as they are stored, and nothing said so
    earlier={1: {"orientation": "stored", "carried": []}, 2: {"carried": []}},
)


def settings_path(path: str | os.PathLike[str]) -> Path:
    """Return where a table's settings stand: ``features.json``, if it is free."""
    table = Path(path)
    beside = table.with_suffix(".json")
    if beside == table:
        raise CohortError(
            f"the table '{table}' ends in .json, which is where its settings go. Name "
            "it FILE.csv."
        )
    return beside


def check_free(path: str | os.PathLike[str]) -> None:
    """Refuse a table whose settings would replace a file of another kind."""
    beside = settings_path(path)
    if beside.exists() and not _is_ours(beside):
        raise CohortError(
            f"the settings of '{path}' go to '{beside}', which is a file of another "
            "kind. Choose another name for the table."
        )


def _is_ours(path: Path) -> bool:
    try:
        return read_strict_json(path, WHAT, WRITER).get("format") == FORMAT
    except ModelFileError:
        return False


def write_settings(
    path: str | os.PathLike[str],
    provenance: Mapping[str, object],
    n_lesions: int,
    *,
    version: str,
    carried: Sequence[str] = (),
) -> Path:
    """Write how features were measured, beside their table; `version` is ours.

    `carried` are further columns of the table, which are no features.
    """
    beside = settings_path(path)
    settings = dict(provenance) | {
        "sklearn_orn": version,
        "n_lesions": n_lesions,
        "carried": list(carried),
    }
    SETTINGS_FILE.write(beside, settings)
    return beside


def read_features(path: str | os.PathLike[str]) -> pd.DataFrame:
    r"""Read a table of features, and how they were measured.

    Parameters
    ----------
    path : str or path-like
        CSV as `sklearn-orn extract` writes it, or what else `read_cohort` takes. What
        stands beside it under the same name and ``.json`` says how the features were
        measured.

    Returns
    -------
    DataFrame of shape (n_lesions, n_columns)
        ``lesion`` and ``patient`` as text, so that ``007`` stays as it is. The settings
        are in ``attrs["provenance"]``; without the second file nothing is there. The
        index counts rows as a spreadsheet does, the first of them being 2.

    Raises
    ------
    CohortError
        If a file is not what it should be; the message says what was found.

    See Also
    --------
    declare_settings : Says the settings of a table of another program.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_orn.texture import read_features
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = Path(folder, "features.csv")
    ...     _ = table.write_text("lesion,Sigma\n007,12.5\n")
    ...     read_features(table)["lesion"].tolist()
    ['007']
    """
    table = read_table(path, IDS)
    beside = settings_path(table_file(path))
    if beside.exists():
        settings = read_settings(beside)
        if settings is not None:
            table.attrs[PROVENANCE] = settings
    return table


def carried_columns(path: str | os.PathLike[str]) -> list[str]:
    """Return the columns of a table that `extract` took over from the cohort."""
    beside = settings_path(table_file(path))
    return list(_content(beside)["carried"]) if _is_ours(beside) else []


def read_settings(path: str | os.PathLike[str]) -> dict[str, object] | None:
    """Read what `write_settings` wrote; None for a JSON file of another kind.

    Without what is said of the rows and columns, which may have changed since.
    """
    try:
        if read_strict_json(path, WHAT, WRITER).get("format") != FORMAT:
            return None
    except ModelFileError as error:
        raise CohortError(str(error)) from None
    settings = _content(path)
    del settings["n_lesions"], settings["carried"]
    return settings


def _content(path: str | os.PathLike[str]) -> JsonObject:
    try:
        return SETTINGS_FILE.read(path)
    except ModelFileError as error:
        raise CohortError(str(error)) from None
