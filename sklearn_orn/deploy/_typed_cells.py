"""A cell of the table of new patients, as the model was trained with it."""

from collections.abc import Hashable

import numpy as np
import pandas as pd

from sklearn_orn._io.workbooks import Cell
from sklearn_orn._messages import private
from sklearn_orn._validation import as_number, name_list
from sklearn_orn.deploy._branches import Category
from sklearn_orn.exceptions import LesionError

LISTED = 20  # levels in a message


def number_of(cell: Cell, column: str) -> float:
    """Return the cell of a number, NaN where it is empty."""
    number = as_number(cell)
    if number is None and pd.api.types.is_scalar(cell) and pd.isna(cell):
        return np.nan
    if number is None:
        raise LesionError(f"column {column!r} holds {private(repr(cell))}, no number.")
    if np.isinf(number):
        raise LesionError(
            f"column {column!r} holds {private(repr(cell))}, no finite number."
        )
    return number


def level_of(cell: Cell, column: str, category: Category, *, filled: bool) -> Hashable:
    """Return the level of a cell; NaN where it is empty and the model fills it in."""
    levels = [level for level in category.levels.tolist() if not pd.isna(level)]
    known = f"Its levels are {name_list(levels, LISTED)}"
    if pd.isna(cell):
        missing = [level for level in category.levels.tolist() if pd.isna(level)]
        if missing or filled:
            return missing[0] if missing else np.nan
        raise LesionError(
            f"column {column!r} is empty, and the model fills nothing in. {known}: "
            "enter one, or leave the lesion out."
        )
    for same in (lambda level: level == cell, lambda level: _key(level) == _key(cell)):
        for level in levels:
            if same(level):
                return level
    if category.others:
        return str(cell).strip()
    raise LesionError(
        f"column {column!r} holds {private(repr(cell))}, a level that training did not "
        f"have. {known}: correct the cell, or leave the lesion out."
    )


def _key(value: object) -> object:
    """Return what a level and a cell have in common: 2, 2.0 and "2" are one level."""
    if isinstance(value, bool | np.bool_):
        return str(value)
    number = as_number(value)
    return str(value).strip() if number is None else number
