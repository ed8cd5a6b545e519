"""CSV tables as people have them: any of three separators, a mark before the text."""

import bz2
import csv
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from sklearn_orn._io.spreadsheet_cells import plain_cell, plain_table
from sklearn_orn.exceptions import CohortError

IDS = ("lesion", "patient")
SEPARATORS = ",;\t"
OPEN: dict[str, Callable[..., io.BufferedIOBase]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
PACKED = {
    b"PK\x03\x04": "a ZIP file or an Excel workbook",
    b"\x28\xb5\x2f\xfd": "a file packed by zstd",
    b"\x1f\x8b": "packed by gzip, and its name does not end in .gz",
    b"BZh": "packed by bzip2, and its name does not end in .bz2",
    b"\xfd7zXZ\x00": "packed by xz, and its name does not end in .xz",
}

# A packed table of 1 kB can hold gigabytes; these are counted before it is parsed.
MAX_BYTES = 2**28  # unpacked: the most cells that are read, of 8 letters each
MAX_COLUMNS = 10**5  # a radiomics table has thousands
MAX_ROWS = 10**6  # as many as a spreadsheet has
MAX_CELLS = 2**25  # 256 MiB as floats
_CHUNK = 2**20  # bytes read between two looks at the limit
DECIMAL_COMMA = r"\s*[-+]?\d+,\d+\s*"

# Before pandas 3.1 the default reader rounds every third number to another last bit;
# from then on it is exact, and the argument deprecated.
_PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
EXACT_NUMBERS: dict[str, Any] = (
    {"float_precision": "round_trip"} if _PANDAS < (3, 1) else {}
)


def read_text(path: str | os.PathLike[str]) -> str:
    """Read a text file, compressed if its name says so, without Excel's mark."""
    content = b""
    try:
        with OPEN.get(Path(path).suffix.lower(), open)(path, "rb") as file:
            content = _bounded(file, path)
        text = content.decode("utf-8-sig")
        _check_cells(text, path)
        return text
    except UnicodeDecodeError:
        packed = (what for start, what in PACKED.items() if content.startswith(start))
        what = next((f"it is {what}; " for what in packed), "")
        raise CohortError(
            f"table '{path}' is not a text file in UTF-8; {what}expected CSV. In "
            "Excel, save it as 'CSV UTF-8'."
        ) from None
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CohortError(
            f"table '{path}' cannot be opened: {reason}. Correct the path."
        ) from None


def _bounded(file: io.BufferedIOBase, path: str | os.PathLike[str]) -> bytes:
    """Read a file piece by piece, and no more of it than a table has."""
    content = bytearray()
    while part := file.read(_CHUNK):
        content += part
        if len(content) > MAX_BYTES:
            raise CohortError(
                f"table '{path}' holds more than {MAX_BYTES // 2**20} MiB of text, as "
                "no such table does. Give the table itself, or a part of it."
            )
    return bytes(content)


def _check_cells(text: str, path: str | os.PathLike[str]) -> None:
    """Count columns and cells, as far as separators tell, before they take memory."""
    separator = find_separator(text)
    head = text.find("\n")
    columns = text.count(separator, 0, len(text) if head < 0 else head) + 1
    rows = text.count("\n") + 1
    cells = text.count(separator) + rows
    if columns > MAX_COLUMNS or rows > MAX_ROWS or cells > MAX_CELLS:
        raise CohortError(
            f"table '{path}' has {columns} columns, {rows} rows and {cells} cells, "
            f"more than the {MAX_COLUMNS} columns, {MAX_ROWS} rows or {MAX_CELLS} "
            "cells that are read. Leave out what is not needed."
        )


def read_header(path: str | os.PathLike[str]) -> list[str]:
    """Return the names of a CSV's columns."""
    columns, _ = _header(read_text(path), path)
    return columns


def find_separator(text: str) -> str:
    """Return the comma, semicolon or tab that the first line has most of."""
    end = text.find("\n")
    end = len(text) if end < 0 else end
    return max(SEPARATORS, key=lambda separator: text.count(separator, 0, end))


def read_table(path: str | os.PathLike[str], text: Iterable[str] = ()) -> pd.DataFrame:
    """Read a CSV table of one row or more; numbers come back to the last bit.

    Columns in `text` stay text, where they are there: 007 stays as it is. Numbers may
    have a decimal comma where semicolons or tabs separate the columns.
    """
    content = read_text(path)
    columns, separator = _header(content, path)
    kept = set(text) & set(columns)

    raw = content.encode("utf-8")  # a StringIO takes four times the memory

    def parse(decimal: str) -> pd.DataFrame:
        try:
            return pd.read_csv(
                io.BytesIO(raw),
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
    return plain_table(table)


def text_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, one by one."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _header(text: str, path: str | os.PathLike[str]) -> tuple[list[str], str]:
    separator = find_separator(text)
    try:
        rows = csv.reader(text_lines(text), delimiter=separator)
        columns, first = next(rows, []), next(rows, [])
    except csv.Error as error:
        raise _no_table(path, error) from None
    if len(first) > len(columns):
        raise CohortError(
            f"table '{path}' cannot be read as CSV: its header has {len(columns)} "
            f"cells, the row below {len(first)}. From R, write it with row.names = "
            "FALSE."
        )
    columns = [plain_cell(name.strip()) for name in columns]
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
