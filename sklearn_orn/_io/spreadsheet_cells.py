"""Cells of CSV files that a spreadsheet must not run.

A cell that begins with one of ``= + - @``, a tab or a line break is a formula to a
spreadsheet. Text of that kind is written with an apostrophe before it, and read without
it. What begins with apostrophes before such a letter gets one more, so that reading
undoes writing. Numbers stay as they are.
"""

import csv
import re
from collections.abc import Callable
from typing import TypeVar

import pandas as pd

C = TypeVar("C")

_STARTS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # the last four are wide forms
_RUN = re.compile(rf"'*[{_STARTS}]")
_MARKED = re.compile(rf"'+[{_STARTS}]")


def marked_cell(cell: C) -> C | str:
    """Return a cell as it is written: text that would be run gets an apostrophe."""
    if isinstance(cell, str) and _RUN.match(cell) and not _is_number(cell):
        return f"'{cell}"
    return cell


def plain_cell(cell: C) -> C | str:
    """Return a cell as it was before `marked_cell`; other quotes stay."""
    return cell[1:] if isinstance(cell, str) and _MARKED.match(cell) else cell


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as the text of a CSV file, without its index."""
    marked = _mapped(table, marked_cell)
    marked = marked.set_axis([marked_cell(name) for name in table.columns], axis=1)
    text = str(marked.to_csv(index=False, lineterminator="\n"))
    if "\r" in text:  # it ends a row unless it is quoted, which only text is here
        text = marked.to_csv(
            index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC
        )
    return text


def plain_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it was before `csv_text`; its columns keep their names."""
    return _mapped(table, plain_cell)


def _mapped(table: pd.DataFrame, function: Callable[[object], object]) -> pd.DataFrame:
    mapped = table
    for position, dtype in enumerate(table.dtypes):
        if pd.api.types.is_numeric_dtype(dtype):
            continue
        column = table.iloc[:, position]
        cells = [function(cell) for cell in column]
        if any(new is not old for new, old in zip(cells, column, strict=True)):
            mapped = table.copy() if mapped is table else mapped
            mapped.isetitem(position, pd.Series(cells, dtype=object).to_numpy())
    return mapped


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and "_" not in text
