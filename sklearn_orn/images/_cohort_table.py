"""Cohort tables: one row a lesion, with the paths of its image and masks."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from sklearn_orn._column_names import did_you_mean, image_names
from sklearn_orn._io.tables import IDS, read_header, read_table, table_file
from sklearn_orn._messages import private
from sklearn_orn._validation import name_list
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
    """Read a cohort table from a CSV file or a workbook.

    Parameters
    ----------
    path : str or path-like
        CSV, separated by commas, semicolons or tabs, in UTF-8, UTF-16 or Windows'
        cp1252; or a workbook (.xlsx, .ods), where ``#`` and the name of a sheet may
        follow. One row a lesion. Columns `image` and `mask`, or `mask_<reader>` for
        each reader; of several sequences `image_<sequence>`, and
        `mask_<sequence>_<reader>` where outlines differ; `image@<reader>` of one
        reader's own. `Mask Anna` and `mask-anna` are taken for `mask_anna`. Optional
        are `lesion`, `patient`, `section`, `series` and `stack`. All others are kept
        as they are.
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
        `lesion` and `patient` are strings, so that `007` stays as it is. The index
        counts rows as a spreadsheet does: the header is row 1, the first lesion row 2.

    Raises
    ------
    CohortError
        If the file is not such a table; the message names the row and column, or the
        cell.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from sklearn_orn.images import read_cohort
    >>> with TemporaryDirectory() as folder:
    ...     path = f"{folder}/cohort.csv"
    ...     row = pd.DataFrame({"patient": ["007"], "image": "7.dcm", "mask": "7.png"})
    ...     row.to_csv(path, sep=";", index=False)
    ...     cohort = read_cohort(path)
    >>> cohort["patient"][2], cohort["image"][2].endswith("7.dcm")
    ('007', True)
    """
    header = read_header(path)
    renamed = image_names(header)
    header = [renamed.get(name, name) for name in header]
    try:
        check_unique(header)
        paths = {*table_columns(header).paths()}
    except CohortError as error:
        raise error.within(f"table '{path}': ") from None
    for column in columns:
        if column not in header:
            raise CohortError(
                f"table '{path}' has no column '{column}'; its columns are "
                f"{quoted(header)}.{did_you_mean(column, header)}"
            )
    table = read_table(path, paths | _TEXTS, strip=True).rename(columns=renamed)
    file = table_file(path)
    _check_rows(table, file, columns)
    for column in paths:
        try:
            table[column] = _resolved(table[column], file.parent)
        except CohortError as error:
            raise error.within(f"table '{path}': column '{column}' ") from None
        if root is not None:
            _check_inside(table[column], Path(root), file)
    return table


def _check_rows(table: pd.DataFrame, path: Path, columns: Sequence[str]) -> None:
    for column in columns:
        empty = table.index[table[column].isna()].tolist()
        if empty:
            raise CohortError(
                f"table '{path}': column '{column}' is empty in row "
                f"{name_list(empty)}; expected a value in every row. Fill it in, or "
                "leave the row out."
            )
    if "lesion" in table:
        known = table["lesion"].dropna()
        twice = known[known.duplicated(keep=False)]
        if len(twice):
            rows = known.index[known == twice.iloc[0]].tolist()
            raise CohortError(
                f"table '{path}': column 'lesion' holds "
                f"{private(repr(twice.iloc[0]), 'one id')} in rows {name_list(rows)}; "
                "expected one row a lesion. Give each its own id.",
                row=rows[0],
            )


def _resolved(cells: pd.Series, folder: Path) -> pd.Series:
    """Join relative paths to the folder as text, which keeps a `#name`."""
    paths = [
        cell if is_missing(cell) else _joined(folder, cell, row)
        for row, cell in cells.items()
    ]
    return pd.Series(paths, cells.index, dtype=object)  # a name need not be UTF-8


def _joined(folder: Path, cell: str, row: Hashable) -> str:
    """Join a path; one of Windows is found elsewhere too, where it is relative."""
    path = os.path.join(folder, cell)
    if os.sep == "\\" or "\\" not in cell or os.path.exists(split_roi(path)[0]):
        return path
    if re.match(r"[A-Za-z]:|\\\\", cell):
        raise CohortError(
            f"holds {private(repr(cell))} in row {row}, a path of a drive of Windows, "
            "and this is another system; expected paths relative to the table. Copy "
            "the files beside it, and leave out what stands before.",
            row=row,
        )
    file, mark, roi = cell.partition("#")
    return os.path.join(folder, file.replace("\\", "/")) + mark + roi


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
