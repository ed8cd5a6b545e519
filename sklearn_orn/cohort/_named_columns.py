"""Which columns of a cohort table mean what, and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_orn._column_names import did_you_mean, lost_zeros
from sklearn_orn._messages import id_part, listed_columns, private
from sklearn_orn._validation import as_numbers, name_list
from sklearn_orn.exceptions import CohortError


@dataclass(frozen=True)
class Columns:
    """The columns of a cohort table by what they mean.

    Parameters
    ----------
    outcome : str or None, default=None
        Class of each lesion; None for a table that is not judged.
    positive : str, int, float or None, default=None
        Label of the positive class; may be left out where the outcome is 0/1.
    patient : str or None, default=None
        Whose lesion it is; None takes the column ``patient`` where there is one.
    split : str or None, default=None
        Holds ``training`` or ``validation``; of several validation parts each begins
        with validation, internal, external or temporal, such as ``external A``.
    date : str or None, default=None
        Dates or years.
    cut : str, number, date or None, default=None
        First date of the validation part.
    clinical : sequence of str, default=()
        Columns of the clinical model.
    location, size, centre : str or None, default=None
        Where a lesion lies, how large it is, and where it was seen.
    class_names : sequence of str or None, default=None
        The negative and the positive class as a signature calls them: they tell the
        positive label where the outcome holds them.
    """

    outcome: str | None = None
    positive: str | int | float | None = None
    patient: str | None = None
    split: str | None = None
    date: str | None = None
    cut: object = None
    clinical: Sequence[str] = ()
    location: str | None = None
    size: str | None = None
    centre: str | None = None
    class_names: Sequence[str] | None = None

    @property
    def has_split(self) -> bool:
        """Whether lesions are held back for validation."""
        return self.split is not None or self.date is not None


def label_text(value: object) -> str:
    """Return a label as its reader writes it: ``1.0`` and ``1`` are both ``"1"``.

    >>> label_text(1.0), label_text(" high "), label_text(True)
    ('1', 'high', 'True')
    """
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def named_rows(names: np.ndarray, where: np.ndarray) -> str:
    """Name up to five lesions."""
    return name_list(map(id_part, names[np.flatnonzero(where)]))


def find_column(table: pd.DataFrame, name: str, field: str) -> pd.Series:
    """Return the one column of a name."""
    if name not in table.columns:
        raise CohortError(
            f"the cohort has no column {name!r}, named as {field}. "
            f"Its columns are: {listed_columns(table.columns, 20)}."
            f"{did_you_mean(name, table.columns)}"
        )
    column = table[name]
    if isinstance(column, pd.DataFrame):
        raise CohortError(
            f"the cohort has {column.shape[1]} columns {name!r}, named as {field}: "
            "rename all but one."
        )
    return column


def filled_column(
    table: pd.DataFrame, name: str, field: str, names: np.ndarray
) -> pd.Series:
    """Return a column without missing cells."""
    column = find_column(table, name, field)
    missing = column.isna().to_numpy() | (column.astype(str).str.strip() == "")
    if missing.any():
        raise CohortError(
            f"column {name!r} ({field}) is empty for {int(missing.sum())} of "
            f"{len(column)} lesions: {named_rows(names, np.asarray(missing))}. "
            "Fill the cells or leave these lesions out of the table."
        )
    return column


def check_zeros(ids: np.ndarray, name: str) -> None:
    """Refuse ids of which some lost the zeros in front: 007 and 7 may be one."""
    pairs = lost_zeros(ids, ids)
    if pairs:
        one, other = (private(repr(x)) for x in sorted(pairs[0], key=len, reverse=True))
        raise CohortError(
            f"column {name!r} (patient) holds {one} and {other}, which differ by zeros "
            "in front alone, as where a spreadsheet took ids for numbers. Write the "
            "ids of each patient alike; of different patients, in another way."
        )


def check_sizes(column: pd.Series, names: np.ndarray) -> None:
    """Refuse sizes that are no numbers."""
    wrong = (as_numbers(column).isna() & column.notna()).to_numpy()
    if wrong.any():
        raise CohortError(
            f"column {column.name!r} (size) holds "
            f"{private(repr(column[wrong].iloc[0]))} for "
            f"{named_rows(names, wrong)}: expected numbers."
        )
