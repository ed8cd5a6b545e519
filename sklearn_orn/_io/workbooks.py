"""Workbooks of Excel and LibreOffice: one sheet as rows of cells."""

from __future__ import annotations

import datetime
import html
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sklearn_orn._io.hidden_rows import hidden_rows
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

OLE = b"\xd0\xcf\x11\xe0"  # .xls, and any workbook with a password
PARTS = ("xl/workbook.xml", "content.xml")
# What zipfile raises of a damaged, an encrypted or an odd archive.
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError)
_CELL = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", re.DOTALL)
_OF_ROW = re.compile(rb"<table:table-cell\b([^>]*)")
_TIMES = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')

_TABLE = re.compile(
    rb'<table:table\b[^>]*table:name="([^"]*)"[^>]*>(.*?)</table:table>', re.DOTALL
)
_ANY_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)")
_SPANS = [
    re.compile(rb'number-%s-spanned="(\d+)"' % axis) for axis in (b"columns", b"rows")
]

Cell = str | bool | int | float | None
Rows = list[list[Cell]]
Place = tuple[int, int]


def split_sheet(path: str) -> tuple[str, str | None]:
    """Split ``file.xlsx#Sheet`` into the file and the sheet; a file may hold a #."""
    file, mark, sheet = path.rpartition("#")
    if mark and sheet and not os.path.exists(path) and os.path.isfile(file):
        return file, sheet
    return path, None


def is_workbook(content: bytes) -> bool:
    """Tell a workbook by its content."""
    if content.startswith(OLE):
        return True
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(part in archive.namelist() for part in PARTS)
    except (zipfile.BadZipFile, OSError):
        return False


def sheet_rows(
    content: bytes, path: str, sheet: str | None, *, most_bytes: int, most_cells: int
) -> Rows:
    """Return the rows of a sheet, from the first; empty cells are None.

    Without a name it is the only sheet that is shown and holds something.
    """
    import python_calamine as calamine

    packed = not content.startswith(OLE)  # a .xlsx or .ods
    if packed:
        _check_size(content, path, most_bytes, most_cells)
    try:
        book = calamine.load_workbook(io.BytesIO(content))
        found = _chosen(book, path, sheet)
        rows = found.to_python(skip_empty_area=False)
    except calamine.PasswordError:
        raise CohortError(
            f"table '{path}' has a password. Save a copy without one."
        ) from None
    except calamine.CalamineError as error:
        raise CohortError(
            f"table '{path}' cannot be read as a workbook: {str(error).strip()}. Open "
            "it, and save it again as .xlsx or 'CSV UTF-8'."
        ) from None
    merged: Iterable[tuple[Place, Place]] | None = found.merged_cell_ranges
    if merged is None and packed:  # of .ods it says nothing
        merged = _spanned(content, found.name)
    for (top, left), (bottom, right) in merged or ():
        if top < len(rows) and left < len(rows[top]) and rows[top][left] != "":
            name = f"{cell_name(top + 1, left)}:{cell_name(bottom + 1, right)}"
            raise CohortError(
                f"table '{path}': the cells {name} of sheet '{found.name}' are merged; "
                "expected one row of names, and a value in each cell below. Unmerge "
                "them, and fill each."
            )
    cells = [[_plain(cell) for cell in row] for row in rows]
    if packed:  # a .xls does not tell
        _refuse_hidden(content, path, found.name, cells)
    return cells


def _refuse_hidden(content: bytes, path: str, sheet: str, cells: Rows) -> None:
    hidden = [
        row
        for row in hidden_rows(content, sheet, len(cells))
        if any(cell is not None for cell in cells[row - 1])
    ]
    if hidden:
        those = f"{len(hidden)} rows" if len(hidden) > 1 else "a row"
        raise CohortError(
            f"table '{path}': sheet '{sheet}' hides {those} "
            f"({_listed(map(str, hidden))}), by a filter or by hand, so that nobody "
            "sees whether they belong to the table. Show them, or delete them."
        )


def _chosen(book: CalamineWorkbook, path: str, sheet: str | None) -> CalamineSheet:
    import python_calamine as calamine

    names = book.sheet_names
    if sheet is not None:
        near = [name for name in names if name.casefold() == sheet.casefold()]
        if sheet in names or len(near) == 1:
            return book.get_sheet_by_name(sheet if sheet in names else near[0])
        raise CohortError(
            f"table '{path}' has no sheet '{sheet}'; it has "
            f"{_listed(map(repr, names))}."
        )
    shown = [
        about.name
        for about in book.sheets_metadata
        if about.visible == calamine.SheetVisibleEnum.Visible
        and about.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    sheets = [book.get_sheet_by_name(name) for name in shown]
    filled = [found for found in sheets if found.start is not None]
    if len(filled) > 1:
        names = [found.name for found in filled]
        raise CohortError(
            f"table '{path}' has {len(filled)} sheets: {_listed(map(repr, names))}. "
            f"Say which, as in '{os.path.basename(path)}#{names[0]}'."
        )
    if not filled:
        raise CohortError(f"table '{path}' has no sheet that holds something.")
    return filled[0]


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    more = f" and {len(words) - 8} more" if len(words) > 8 else ""
    return ", ".join(words[:8]) + more


def cell_name(row: int, column: int) -> str:
    """Return what a spreadsheet calls a cell; rows count from 1, columns from 0.

    Examples
    --------
    >>> cell_name(1, 0), cell_name(3, 27)
    ('A1', 'AB3')
    """
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"


def _plain(cell: object) -> Cell:
    """Return a cell as text, number, truth value or None."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return str(cell.date() if midnight else cell.replace(microsecond=0))
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell if isinstance(cell, str | bool | int | float) else str(cell)


def _check_size(content: bytes, path: str, most_bytes: int, most_cells: int) -> None:
    """Refuse a small file that unpacks to more than a table holds.

    The reader makes room for every cell up to the last one, so that a single cell far
    out would fill the memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
            broken = archive.testzip() if size <= most_bytes else None
            cells = 0
            if size <= most_bytes and broken is None:
                cells = max(_cells(archive), default=0)
    except _BROKEN as error:
        raise CohortError(
            f"table '{path}' is a damaged workbook: {error}. Copy it again."
        ) from None
    if broken is not None:
        raise CohortError(
            f"table '{path}' is a damaged workbook, at '{broken}'. Copy it again."
        )
    if size > most_bytes or cells > most_cells:
        raise CohortError(
            f"table '{path}' holds {size // 2**20} MiB and {cells} cells up to the "
            f"last that is filled, more than the {most_bytes // 2**20} MiB or "
            f"{most_cells} cells that are read. Copy the table alone to a new sheet."
        )


def _cells(archive: zipfile.ZipFile) -> Iterator[int]:
    for name in archive.namelist():
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            rows = columns = 0
            for letters, row in set(_CELL.findall(archive.read(name))):
                column = 0
                for letter in letters:
                    column = 26 * column + letter - 64
                rows, columns = max(rows, int(row)), max(columns, column)
            yield rows * columns
        elif name == "content.xml":
            yield sum(
                _times(row) * sum(map(_times, _filled(cells)))
                for row, cells in _ROW.findall(archive.read(name))
            )


def _spanned(content: bytes, sheet: str) -> Iterator[tuple[Place, Place]]:
    """Yield the first and the last cell of what is merged in a sheet of .ods."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("content.xml")
    for name, table in _TABLE.findall(text):
        if html.unescape(name.decode("utf-8")) != sheet:
            continue
        row = 0
        for of_row, cells in _ROW.findall(table):
            column = 0
            for cell in _ANY_CELL.findall(cells):
                wide, high = (int((x.search(cell) or (0, 1))[1]) for x in _SPANS)
                if wide > 1 or high > 1:
                    yield (row, column), (row + high - 1, column + wide - 1)
                column += _times(cell)
            row += _times(of_row)


def _filled(cells: bytes) -> list[bytes]:
    return [cell for cell in _OF_ROW.findall(cells) if b"value-type" in cell]


def _times(element: bytes) -> int:
    match = _TIMES.search(element)
    return int(match[1]) if match else 1
