"""Tables as people have them: CSV in any of three separators, or a workbook."""

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sklearn_orn._column_names import loose_name
from sklearn_orn._io.parquet import is_parquet, parquet_header, parquet_table
from sklearn_orn._io.spreadsheet_cells import plain_cell, plain_table
from sklearn_orn._io.table_bytes import MAX_BYTES, decoded, read_bytes
from sklearn_orn._io.workbooks import (
    Cell,
    cell_name,
    is_workbook,
    sheet_rows,
    split_sheet,
)
from sklearn_orn._io.written_numbers import plain_numbers
from sklearn_orn.exceptions import CohortError

IDS = ("lesion", "patient")
SEPARATORS = ",;\t"

# Counted before a table takes memory.
MAX_COLUMNS = 10**5  # a radiomics table has thousands
MAX_ROWS = 10**6  # as many as a spreadsheet has
MAX_CELLS = 2**25  # 256 MiB as floats
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?(?:\n|$)", re.IGNORECASE)  # Excel's own
# What pandas takes for no value in a CSV.
_NO_VALUE = frozenset(
    ",#N/A,#N/A N/A,#NA,-1.#IND,-1.#QNAN,-NaN,-nan,1.#IND,1.#QNAN,<NA>,N/A,NA,NULL,NaN,"
    "None,n/a,nan,null".split(",")
)
# Names of ids: where zeros stand in front, they are no numbers.
_ID = re.compile(
    r"(patient|subject|case|lesion|sample|study|record|scan|pat|fall|proband)?"
    r"(id|no|nr|num|number|nummer)|pid|mrn|patient|subject|case|lesion"
)

# Before pandas 3.1 the default reader rounds every third number to another last bit;
# from then on it is exact, and the argument deprecated.
_PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
_read_csv: Callable[..., pd.DataFrame] = pd.read_csv
if _PANDAS < (3, 1):
    _read_csv = partial(_read_csv, float_precision="round_trip")


class _Layout(NamedTuple):
    """The names of the columns, the rows below, and the spreadsheet's row of each.

    `commas` says that commas separate the cells; None for a workbook.
    """

    header: list[str]
    rows: Iterator[tuple[int, Sequence[Cell]]]
    commas: bool | None


def table_file(path: str | os.PathLike[str]) -> Path:
    """Return the file of a table, without ``#`` and the name of a sheet."""
    return Path(split_sheet(os.fspath(path))[0])


def read_header(path: str | os.PathLike[str]) -> list[str]:
    """Return the names of a table's columns."""
    content = read_bytes(table_file(path))
    if is_parquet(content):
        return parquet_header(content, path)
    return _layout(path, content).header


def read_table(
    path: str | os.PathLike[str],
    text: Iterable[str] = (),
    *,
    strip: bool = False,
    empty: Mapping[str, Set[str]] | None = None,
) -> pd.DataFrame:
    """Read a table of one row or more; numbers come back to the last bit.

    The path of a workbook may end in ``#`` and the name of a sheet. The index counts
    rows as a spreadsheet does, so that the row below the header is 2. Columns whose
    names are in `text`, in any spelling that `loose_name` takes for the same, stay
    text, and so do others called like ids that hold numbers such as 007. `strip` takes
    the blanks off both ends of each text. `empty` says by column which texts mean that
    there is no value, blanks around them or not.
    """
    content = read_bytes(table_file(path))
    if is_parquet(content):
        return _of_parquet(content, path, text, strip, empty or {})
    header, rows, commas = _layout(path, content)
    wanted = {loose_name(name) for name in text}
    kept = {name for name in header if loose_name(name) in wanted}
    numbers: list[int] = []
    checked = _checked(rows, header, numbers, path, csv=commas is not None)
    if empty:
        checked = _emptied(checked, [empty.get(name, frozenset()) for name in header])
    if commas is None:
        table = _of_cells(checked, header, kept, strip)
    else:
        body = _normalised(checked, strip)
        table = _of_text(body, header, kept, path)
    if not numbers:
        raise _no_row(path)
    table.index = pd.Index(numbers)
    others = [name for name in header if name not in kept]
    texts = {name: _texts_of(table[name]) for name in others}
    points = [name for name in others if pd.api.types.is_float_dtype(table[name])]
    ids = [name for name in others if _ID.fullmatch(loose_name(name))]
    numeric = [name for name in ids if pd.api.types.is_numeric_dtype(table[name])]
    # Points may stand between thousands where no comma separates the cells.
    again = {*numeric, *(points if commas is False else ())}
    if again and commas is not None:
        raw = _of_text(body, header, set(header), path, list(again))
        raw.index = table.index
        texts |= {name: raw[name].dropna() for name in again}
    for name in ids:
        if texts[name].str.fullmatch(r"0\d+").any():
            table[name] = table[name].astype(object)
            cells = texts.pop(name)
            table.loc[cells.index, name] = cells
    texts = {name: cells for name, cells in texts.items() if len(cells)}
    fractions = commas and any((table[name] % 1 > 0).any() for name in points)
    decimal = "dot" if fractions else None
    for name, found in plain_numbers(texts, path, decimal, commas=commas).items():
        filled = table[name].astype(object)
        filled[found.index] = found
        kinds = set(map(type, filled[table[name].notna()]))
        if kinds <= {int, float}:
            table[name] = pd.to_numeric(filled)
    return plain_table(table).copy()  # one block for all numbers, not one a column


def _of_parquet(
    content: bytes,
    path: str | os.PathLike[str],
    text: Iterable[str],
    strip: bool,
    empty: Mapping[str, Set[str]],
) -> pd.DataFrame:
    """Return a table that knows itself what is text; ids are text in any case."""
    table = parquet_table(content, path, most_cells=MAX_CELLS)
    _check_header(list(table.columns), 1, path)
    wanted = {loose_name(name) for name in text}
    for name in table.columns:
        if pd.api.types.is_numeric_dtype(table[name].dtype) and (
            loose_name(name) not in wanted
        ):
            continue
        none = empty.get(name, frozenset())
        cells = [
            None if pd.isna(cell) or str(cell).strip() in none else cell
            for cell in table[name]
        ]
        if loose_name(name) in wanted:
            cells = [None if cell is None else str(cell) for cell in cells]
        if strip:
            cells = [cell.strip() if isinstance(cell, str) else cell for cell in cells]
        table[name] = pd.Series(cells, dtype=object, index=table.index)
    if not len(table):
        raise _no_row(path)
    table.index = pd.RangeIndex(2, len(table) + 2)
    return table.copy()


def _no_row(path: str | os.PathLike[str]) -> CohortError:
    return CohortError(
        f"table '{path}' holds no row: found a header and no row below it. Give one "
        "row a lesion."
    )


def _layout(path: str | os.PathLike[str], content: bytes) -> _Layout:
    file, sheet = split_sheet(os.fspath(path))
    commas = None
    rows: Iterator[tuple[int, Sequence[Cell]]]
    if is_workbook(content):
        cells = sheet_rows(
            content, file, sheet, most_bytes=MAX_BYTES, most_cells=MAX_CELLS
        )
        rows = ((n, row) for n, row in enumerate(cells, 1))
    elif sheet is not None:
        raise CohortError(
            f"table '{path}' names the sheet '{sheet}', and the file is no workbook. "
            "Leave out what follows '#'."
        )
    else:
        text = decoded(content, path)
        separator, text = find_separator(text)
        _check_cells(text, separator, path)
        _check_quotes(text, separator, path)
        commas = separator == ","
        rows = _csv_rows(text, separator, path)
    filled = ((number, row) for number, row in rows if any(map(_is_filled, row)))
    first, names = next(filled, (1, []))  # leaves the rows below in `rows`
    if not names:
        raise CohortError(
            f"table '{path}' cannot be read as CSV: the table is empty; expected a "
            "header, and one row a lesion."
        )
    header = [plain_cell(str("" if name is None else name).strip()) for name in names]
    while not header[-1]:  # Excel ends lines with empty cells
        header.pop()
    _check_header(header, first, path)
    return _Layout(header, rows, commas)


def _is_filled(cell: object) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def find_separator(text: str) -> tuple[str, str]:
    """Return comma, semicolon or tab, and the text without Excel's line about it.

    It is the one that the first line has most of, and the second as many of; below a
    title without any, that of the second.
    """
    said = _SEPARATOR_LINE.match(text)
    if said and said[1] in SEPARATORS:
        return said[1], text[said.end() :]
    lines = (re.sub(r'"[^"]*"', "", line) for line in text_lines(text) if line.strip())
    first, second = next(lines, ""), next(lines, "")

    def fit(separator: str) -> tuple[bool, int, int]:
        count, below = first.count(separator), second.count(separator)
        return count > 0 and count == below, count, below

    return max(SEPARATORS, key=fit), text


def _check_cells(text: str, separator: str, path: str | os.PathLike[str]) -> None:
    """Count columns and cells, as far as separators tell, before they take memory."""
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


def _check_quotes(text: str, separator: str, path: str | os.PathLike[str]) -> None:
    """Refuse a quote that is never closed, or first by that of another row.

    It would swallow the rows below.
    """
    if '"' not in text:
        return
    lines, above = text_lines(text), 0
    while True:
        read = csv.reader(
            lines, delimiter=separator, skipinitialspace=True, strict=True
        )
        begun = 0  # lines of the rows that are whole
        try:
            for row, _ in enumerate(read, above + 1):
                above, begun = row, read.line_num
            return
        except csv.Error as error:
            above += 1
            if "unexpected end" in str(error) or read.line_num - begun > 1:
                raise _no_table(
                    path, f"a quote is opened and never closed, in row {above}"
                ) from None


def _csv_rows(
    text: str, separator: str, path: str | os.PathLike[str]
) -> Iterator[tuple[int, Sequence[Cell]]]:
    read = csv.reader(text_lines(text), delimiter=separator, skipinitialspace=True)
    try:
        yield from enumerate(read, 1)
    except csv.Error as error:
        raise _no_table(path, str(error)) from None


def text_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, one by one."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _check_header(header: list[str], row: int, path: str | os.PathLike[str]) -> None:
    seen: dict[str, int] = {}
    for column, name in enumerate(header):
        if name in seen and name:
            raise CohortError(
                f"table '{path}' has two columns of one name: '{name}', in the cells "
                f"{cell_name(row, seen[name])} and {cell_name(row, column)}. Rename "
                "one."
            )
        if name in seen or (not name and column):
            raise CohortError(
                f"table '{path}' has an unnamed column: the cell "
                f"{cell_name(row, column)} of the header is empty. Name it, or delete "
                "the column."
            )
        seen[name] = column


def _checked(
    rows: Iterable[tuple[int, Sequence[Cell]]],
    header: list[str],
    numbers: list[int],
    path: str | os.PathLike[str],
    *,
    csv: bool,
) -> Iterator[Sequence[Cell]]:
    """Yield the cells of each row that is not empty, and note its number.

    Features alone may be all undefined: without ids or images such a row stays.
    """
    width = len(header)
    loose = {loose_name(name) for name in header}
    named = "image" in loose or any(map(_ID.fullmatch, loose))
    for number, row in rows:
        if not any(map(_is_filled, row)) and (named or len(row) < width):
            continue
        if len(row) < width or any(map(_is_filled, row[width:])):
            if len(row) == width + 1 and not numbers and csv:
                raise _no_table(
                    path,
                    f"its header has {width} cells, the row below {width + 1}. From R, "
                    "write it with row.names = FALSE.",
                )
            raise _uneven(number, len(row), width, path, csv=csv)
        numbers.append(number)
        yield row[:width]


def _emptied(
    rows: Iterable[Sequence[Cell]], empty: Sequence[Set[str]]
) -> Iterator[Sequence[Cell]]:
    """Yield rows without the texts that stand for no value."""
    for row in rows:
        yield [
            "" if isinstance(cell, str) and cell.strip() in none else cell
            for cell, none in zip(row, empty, strict=True)
        ]


def _normalised(rows: Iterable[Sequence[Cell]], strip: bool) -> bytes:
    """Return rows as CSV that pandas reads in one way."""
    raw = io.BytesIO()  # a StringIO takes four times the memory
    body = io.TextIOWrapper(raw, "utf-8", newline="", errors="surrogatepass")
    writer = csv.writer(body, lineterminator="\r\n")
    writer.writerows(
        [str(cell).strip() for cell in row] if strip else row for row in rows
    )
    body.flush()
    return raw.getvalue()


def _of_text(
    body: bytes,
    header: list[str],
    kept: set[str],
    path: str | os.PathLike[str],
    columns: list[str] | None = None,
) -> pd.DataFrame:
    if not body:
        return pd.DataFrame(columns=header)
    try:
        return _read_csv(
            io.BytesIO(body),
            names=header,
            index_col=False,
            usecols=columns,
            dtype=dict.fromkeys(kept, str),
            skip_blank_lines=False,
            low_memory=False,  # one kind for the whole column
        )
    except ValueError as error:
        raise _no_table(path, str(error)) from None


def _of_cells(
    rows: Iterable[Sequence[Cell]], header: list[str], kept: set[str], strip: bool
) -> pd.DataFrame:
    """Return the table of a workbook's cells: numbers, texts and truth values."""
    columns: list[list[Cell]] = [[] for _ in header]
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            if isinstance(cell, str):
                cell = cell.strip() if strip else cell
                cell = None if cell.strip() in _NO_VALUE else cell
            column.append(cell)
    table = {}
    for name, cells in zip(header, columns, strict=True):
        if name in kept:
            cells = [None if cell is None else str(cell) for cell in cells]
        table[name] = pd.Series(cells, dtype=object).infer_objects()
        if all(cell is None for cell in cells):
            table[name] = pd.Series(cells, dtype=float)
        elif not any(isinstance(cell, str | bool) for cell in cells):
            table[name] = pd.to_numeric(table[name])
    return pd.DataFrame(table)


def _texts_of(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):
        return column.iloc[:0].astype(object)
    return column[[isinstance(cell, str) for cell in column]].astype(object)


def _no_table(path: str | os.PathLike[str], reason: str) -> CohortError:
    return CohortError(f"table '{path}' cannot be read as CSV: {reason.strip()}")


def _uneven(
    number: int, found: int, width: int, path: str | os.PathLike[str], *, csv: bool
) -> CohortError:
    title = " If row 1 is a title, delete it." if width == 1 else ""
    quote = " Quote cells that contain the separator." if csv else ""
    as_csv = "as CSV" if csv else "as a table"
    return CohortError(
        f"table '{path}' cannot be read {as_csv}: row {number} has {found} cells, the "
        f"header has {width}; expected the same.{quote}{title}"
    )
