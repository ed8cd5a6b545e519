"""CSV tables as people have them: any of three separators, a mark before the text."""

import bz2
import csv
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from sklearn_orn.exceptions import CohortError

IDS = ("lesion", "patient")
SEPARATORS = ",;\t"
OPEN: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
DECIMAL_COMMA = r"\s*[-+]?\d+,\d+\s*"

# Before pandas 3.1 the default reader rounds every third number to another last bit;
# from then on it is exact, and the argument deprecated.
_PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
EXACT_NUMBERS: dict[str, Any] = (
    {"float_precision": "round_trip"} if _PANDAS < (3, 1) else {}
)


def read_text(path: str | os.PathLike[str]) -> str:
    """Read a text file, which may be compressed.

    Parameters
    ----------
    path : str or path-like
        UTF-8; compressed if its name ends in ``.gz``, ``.bz2`` or ``.xz``.

    Returns
    -------
    str
        Without the mark that Excel writes before the text.

    Raises
    ------
    CohortError
        If the file cannot be opened, or holds no such text.
    """
    try:
        with OPEN.get(Path(path).suffix.lower(), open)(path, "rb") as file:
            content: bytes = file.read()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CohortError(
            f"table '{path}' is not a text file in UTF-8; expected CSV. In Excel, save "
            "it as 'CSV UTF-8'."
        ) from None
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CohortError(
            f"table '{path}' cannot be opened: {reason}. Correct the path."
        ) from None


def read_header(path: str | os.PathLike[str]) -> list[str]:
    """Return the names of a CSV's columns.

    Parameters
    ----------
    path : str or path-like
        CSV in UTF-8, as `read_text` takes it.

    Returns
    -------
    list of str
        Names without spaces around them.

    Raises
    ------
    CohortError
        If the file cannot be read, or names a column twice.
    """
    columns, _ = _header(read_text(path), path)
    return columns


def find_separator(text: str) -> str:
    """Return the comma, semicolon or tab that the first line has most of."""
    head, _, _ = text.partition("\n")
    return max(SEPARATORS, key=head.count)


def read_table(path: str | os.PathLike[str], text: Iterable[str] = ()) -> pd.DataFrame:
    """Read a CSV table; numbers come back to the last bit.

    Parameters
    ----------
    path : str or path-like
        CSV in UTF-8, as `read_text` takes it. Numbers may have a decimal comma where
        semicolons or tabs separate the columns.
    text : iterable of str, default=()
        Columns to leave as text, where they are there: ``007`` stays as it is.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        At least one row.

    Raises
    ------
    CohortError
        If the file is no such table; the message names it.
    """
    content = read_text(path)
    columns, separator = _header(content, path)
    kept = set(text) & set(columns)

    def parse(decimal: str) -> pd.DataFrame:
        try:
            return pd.read_csv(
                io.StringIO(content),
                sep=separator,
                names=columns,
                header=0,
                dtype=dict.fromkeys(kept, str),
                decimal=decimal,
                skipinitialspace=True,
                **EXACT_NUMBERS,
            )
        except ValueError as error:
            raise _no_table(path, error) from None

    table = parse(".")
    if separator != "," and _has_decimal_comma(table.drop(columns=list(kept))):
        table = parse(",")
    if not len(table):
        raise CohortError(f"table '{path}' holds no row.")
    return table


def _header(text: str, path: str | os.PathLike[str]) -> tuple[list[str], str]:
    separator = find_separator(text)
    try:
        rows = csv.reader(io.StringIO(text), delimiter=separator)
        columns, first = next(rows, []), next(rows, [])
    except csv.Error as error:
        raise _no_table(path, error) from None
    if len(first) > len(columns):
        raise CohortError(
            f"table '{path}' cannot be read as CSV: its header has {len(columns)} "
            f"cells, the row below {len(first)}. From R, write it with row.names = "
            "FALSE."
        )
    columns = [name.strip() for name in columns]
    if len(set(columns)) < len(columns):
        raise CohortError(f"table '{path}' has two columns of one name.")
    return columns, separator


def _has_decimal_comma(table: pd.DataFrame) -> bool:
    return any(
        table[name].dropna().astype(str).str.fullmatch(DECIMAL_COMMA).any()
        for name in table.columns
        if not pd.api.types.is_numeric_dtype(table[name])
    )


def _no_table(path: str | os.PathLike[str], error: Exception) -> CohortError:
    return CohortError(f"table '{path}' cannot be read as CSV: {str(error).strip()}")
