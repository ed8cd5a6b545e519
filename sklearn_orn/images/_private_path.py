"""Tables whose ids are hashed: known again by their cells."""

from collections.abc import Hashable

import pandas as pd

from sklearn_orn._messages import HASHED
from sklearn_orn.images._table_files import is_path_column

__all__ = ["HIDE_PATHS", "PrivatePath", "ids_hidden", "row_labels"]

HIDE_PATHS = "hide_paths"  # in the attrs of a table whose ids are hashed


class PrivatePath(str):
    """A path in a table whose ids are hashed: messages never show it.

    The cell says it itself, so that no merge, slice or new index loses it.
    """

    __slots__ = ()


def ids_hidden(table: pd.DataFrame) -> bool:
    """Say whether the ids of a table are hashed, whatever was done to it since.

    The attrs say it, the cells of paths, or ids of the form of a hash: a merge loses
    the first, a new table of texts the second, a column left out the third.

    Examples
    --------
    >>> ids_hidden(pd.DataFrame({"lesion": ["L-0123456789ab"], "image": "DOE.dcm"}))
    True
    >>> ids_hidden(pd.DataFrame({"lesion": ["L-01"], "image": "DOE.dcm"}))
    False
    """
    if table.attrs.get(HIDE_PATHS):
        return True
    columns = [table.iloc[:, i] for i in range(table.shape[1])]
    texts = [c for c in columns if not pd.api.types.is_numeric_dtype(c.dtype)]
    levels = [table.index.get_level_values(i) for i in range(table.index.nlevels)]
    return any(
        isinstance(cell, PrivatePath)
        for column in texts
        if is_path_column(str(column.name))
        for cell in column
    ) or any(
        isinstance(cell, str) and HASHED.fullmatch(cell) is not None
        for cells in (*texts, *levels)
        for cell in cells
    )


def row_labels(index: pd.Index, hides: bool) -> list[Hashable]:
    """Return what messages call each row: its label, or its place where ids are hidden.

    The labels of a plain index are numbers of rows; any other may be names or numbers
    of patients.
    """
    labels: list[Hashable] = index.tolist()
    plain = index.name is None and pd.api.types.is_integer_dtype(index.dtype)
    return labels if plain or not hides else list(range(len(index)))
