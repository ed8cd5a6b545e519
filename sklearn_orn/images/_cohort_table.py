"""Cohort tables: one row a lesion, with the paths of its image and masks."""

from __future__ import annotations

import csv
import glob
import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from sklearn_orn._io.csv_tables import (
    EXACT_NUMBERS,
    IDS,
    find_separator,
    read_text,
    text_lines,
)
from sklearn_orn._io.spreadsheet_cells import plain_cell, plain_table
from sklearn_orn._messages import private
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images._cells import is_missing
from sklearn_orn.images._files import split_roi
from sklearn_orn.images._table_columns import check_unique, quoted, table_columns

__all__ = ["read_cohort"]

_TEXTS = {*IDS, "series", "stack"}


def read_cohort(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] = (),
    root: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Read a cohort table from a CSV file.

    Parameters
    ----------
    path : str or path-like
        CSV in UTF-8, separated by commas, semicolons or tabs. One row a lesion.
        Columns `image` and `mask`, or `mask_<reader>` for each reader; of several
        sequences `image_<sequence>`, and `mask_<sequence>_<reader>` where outlines
        differ; `image@<reader>` of one reader's own. Optional are `lesion`, `patient`,
        `section`, `series` and `stack`. All others are kept as they are.
    columns : sequence of str, default=()
        Further columns that must be there, without an empty cell.
    root : str, path-like or None, default=None
        A folder that all paths must lie in, also behind symbolic links. A table from
        elsewhere cannot reach other files then.

    Returns
    -------
    DataFrame of shape (n_lesions, n_columns)
        Relative paths are resolved against the folder of the table; empty cells are
        NaN: a lesion without an image is an error of that lesion, when it is read.
        `lesion` and `patient` are strings, so that `007` stays as it is.

    Raises
    ------
    CohortError
        If the file is not such a table; the message names the row and column. Rows
        are counted from 0, as in the index of the result.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from sklearn_orn.images import read_cohort
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cohort.csv"
    ...     row = pd.DataFrame({"patient": ["007"], "image": "7.dcm", "mask": "7.png"})
    ...     row.to_csv(path, sep=";", index=False)
    ...     cohort = read_cohort(path)
    >>> cohort["patient"][0], Path(cohort["image"][0]).name
    ('007', '7.dcm')
    """
    path = Path(path)
    text = read_text(path)
    try:
        header, body, separator = _parse_layout(text)
        paths = {*table_columns(header).paths()}
    except CohortError as error:
        raise error.within(f"table '{path}': ") from None
    except csv.Error as error:
        raise CohortError(f"table '{path}': {error}") from None
    for column in columns:
        if column not in header:
            raise CohortError(
                f"table '{path}' has no column '{column}'; its columns are "
                f"{quoted(header)}."
            )
    comma = separator == ";" and re.search(r"(^|;)-?\d+,\d+(;|$)", body, re.M)
    table = pd.read_csv(
        io.StringIO(body),
        sep=separator,
        names=header,
        decimal="," if comma else ".",
        dtype=dict.fromkeys(paths | (_TEXTS & set(header)), str),
        **EXACT_NUMBERS,
    )
    table = plain_table(table)
    _check_rows(table, path, columns)
    for column in paths:
        table[column] = _resolved(table[column], path.parent)
        if root is not None:
            _check_inside(table[column], Path(root), path)
    return table


def _parse_layout(text: str) -> tuple[list[str], str, str]:
    """Return the header, the rows as text, and the separator."""
    separator = find_separator(text)
    read = csv.reader(text_lines(text), delimiter=separator)
    rows = [row for row in read if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        found = "a header and no row" if rows else "empty"
        raise CohortError(
            f"the table is {found}; expected a header, and one row a lesion."
        )
    header = [plain_cell(cell.strip()) for cell in rows[0]]
    while header and not header[-1]:  # Excel ends lines with empty cells
        header.pop()
    check_unique(header)
    for number, row in enumerate(rows[1:]):
        if any(cell.strip() for cell in row[len(header) :]) or len(row) < len(header):
            raise CohortError(
                f"row {number} has {len(row)} cells, the header has {len(header)}; "
                f"expected the same. Quote cells that contain '{separator}'."
            )
    body = io.StringIO()
    writer = csv.writer(body, delimiter=separator, lineterminator="\n")
    writer.writerows([cell.strip() for cell in row[: len(header)]] for row in rows[1:])
    return header, body.getvalue(), separator


def _check_rows(table: pd.DataFrame, path: Path, columns: Sequence[str]) -> None:
    for column in columns:
        empty = table.index[table[column].isna()].tolist()
        if empty:
            raise CohortError(
                f"table '{path}': column '{column}' is empty in row {_first(empty)}; "
                "expected a value in every row. Fill it in, or leave the row out."
            )
    if "lesion" in table:
        known = table["lesion"].dropna()
        twice = known[known.duplicated(keep=False)]
        if len(twice):
            rows = known.index[known == twice.iloc[0]].tolist()
            raise CohortError(
                f"table '{path}': column 'lesion' holds "
                f"{private(repr(twice.iloc[0]), 'one id')} in rows {_first(rows)}; "
                "expected one row a lesion. Give each its own id.",
                row=rows[0],
            )


def _resolved(cells: pd.Series, folder: Path) -> pd.Series:
    """Join relative paths to the folder as text, which keeps a `#name`."""
    paths = [c if is_missing(c) else os.path.join(folder, c) for c in cells]
    return pd.Series(paths, cells.index, dtype=object)  # a name need not be UTF-8


def _check_inside(cells: pd.Series, root: Path, path: Path) -> None:
    allowed = root.resolve()
    known: set[Path] = set()
    for row, cell in cells.items():
        if is_missing(cell):
            continue
        files = {split_roi(cell)[0], *map(Path, _existing(str(cell)))} - known
        known |= files  # a series serves many lesions
        reached = (found for file in files for found in _reached(file))
        if not all(found.resolve().is_relative_to(allowed) for found in reached):
            raise CohortError(
                f"table '{path}': column '{cells.name}' of row {row} leads outside of "
                f"the folder '{root}', itself or by a link in the folder that it "
                "names; expected files inside. Move them there, or choose another "
                "root."
            )


def _existing(cell: str) -> Iterator[str]:
    """Yield what is there of a cell and of what stands before each `#`."""
    ends = [len(cell), *(i for i, letter in enumerate(cell) if letter == "#")]
    yield from (cell[:end] for end in ends if os.path.exists(cell[:end]))


def _reached(file: Path) -> Iterator[Path]:
    """Yield what a cell leads to: the file and its twin, or a folder and its links."""
    yield file
    twins = {".hdr": ".img", ".img": ".hdr"}
    if file.suffix.lower() in twins:  # one image in two files
        yield from file.parent.glob(f"{glob.escape(file.stem)}.*")
    if file.is_dir():
        for folder, folders, files in os.walk(file):
            names = (Path(folder, name) for name in (*folders, *files))
            yield from (name for name in names if name.is_symlink())


def _first(rows: list[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:5])
    return shown + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
