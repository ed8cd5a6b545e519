"""Dates of a cohort table, read in one way only."""

import re

import numpy as np
import pandas as pd

from sklearn_orn._messages import private
from sklearn_orn.cohort._named_columns import named_rows
from sklearn_orn.exceptions import CohortError

ISO_DATE = r"\d{4}-\d\d(-\d\d|$)"
_DOTTED = re.compile(r"\s*(\d{1,2})\.(\d{1,2})\.(\d{4})\s*")  # day first, everywhere


def read_dates(column: pd.Series, lesion: np.ndarray) -> np.ndarray:
    """Return the dates of a column: numbers as they are, or datetimes.

    Texts are as 2020-01-31 or 31.01.2020; one with two meanings is an error.

    >>> read_dates(pd.Series(["03/04/2020"]), np.array(["L1"]))
    Traceback (most recent call last):
        ...
    sklearn_orn.exceptions.CohortError: it holds '03/04/2020' for L1. ...
    """
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy()
    if not pd.api.types.is_datetime64_any_dtype(column):
        column = column.map(_iso)
        wrong = ~column.astype(str).str.match(ISO_DATE).to_numpy(dtype=bool)
        if wrong.any():
            raise CohortError(
                f"it holds {private(repr(str(column[wrong].iloc[0])))} for "
                f"{named_rows(lesion, wrong)}. Write dates as 2020-01-31 or "
                "31.01.2020, or years as numbers."
            )
    try:
        return pd.to_datetime(column, format="ISO8601").to_numpy()
    except ValueError as error:  # of several lines
        raise CohortError(private(str(error).partition("\n")[0])) from error


def _iso(cell: object) -> object:
    """Return a date with points as ISO 8601 writes it, and what is none as it is."""
    match = _DOTTED.fullmatch(cell) if isinstance(cell, str) else None
    return f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}" if match else cell


def read_cut(column: pd.Series, cut: object) -> object:
    """Return a cut as a number where the dates are numbers."""
    if not pd.api.types.is_numeric_dtype(column):
        return _iso(cut)
    try:
        return float(str(cut))
    except ValueError:
        raise ValueError(
            "the column holds numbers, so the cut must be one, such as 2020."
        ) from None
