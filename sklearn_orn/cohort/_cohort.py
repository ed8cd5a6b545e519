"""One cohort, read and checked once: what every command begins with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from sklearn_orn._block_names import Block
from sklearn_orn._shared_docs import documented
from sklearn_orn._tables import as_pandas
from sklearn_orn.cohort._dates import read_dates
from sklearn_orn.cohort._design import StudyDesign, make_design
from sklearn_orn.cohort._named_columns import (
    Columns,
    check_sizes,
    find_column,
    label_text,
)
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import (
    LesionSequence,
    expand_cohort,
    hash_ids,
    read_cohort,
)
from sklearn_orn.images.shared import (
    TableColumns,
    ids_hidden,
    lesions_of,
    row_labels,
    table_columns,
    table_files,
)

_ROW = "\0row"  # a name that no column of a table has


@documented("""
dropped : sequence of str
    Their names.
""")
@dataclass(frozen=True, eq=False)
class Cohort:
    """The lesions of a table, checked once; slices keep all that is known of them.

    Made by `Cohort.read` from a file, or by `Cohort.of` from a table.

    Parameters
    ----------
    table : DataFrame of shape (n_lesions, n_columns)
        All columns, as a Pipeline takes them: an X of paths, or of features. It is not
        to be changed.
    names : ndarray of str, shape (n_lesions,)
        What outputs and messages call each lesion: its id, or the row.
    patients : ndarray of str or None, shape (n_lesions,)
        Whose lesion it is; None where nothing says it.
    design : StudyDesign or None
        Outcome as 0 and 1 with the names of the classes, patients and parts; None for
        a table whose outcome is not named.
    dates : ndarray or None, shape (n_lesions,)
        Numbers or datetimes, where a column of dates is named.
    centres : ndarray of str or None, shape (n_lesions,)
        Where each lesion was seen, where a column is named.
    readers : tuple of str
        Who drew, ``("",)`` for one mask without a name; empty for a table without
        images.
    sequences : tuple of str
        What the images are of; empty for a table that does not name sequences.
    clinical : DataFrame of shape (n_lesions, n_clinical)
        The clinical columns that are named.
    location, size : Series or None, shape (n_lesions,)
        The columns that are named.
    ids_hidden : bool
        Whether ids are hashes, so that messages show no path, name of an ROI or UID.
    source : Path or None
        File of the table.
    rows : ndarray of int, shape (n_lesions,)
        Row of the file, or of the table, that each lesion comes from, counted from 0.
    columns : Columns
        What was said of the columns.

    See Also
    --------
    sklearn_orn.images.read_cohort : The table alone.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.cohort import Cohort, Columns
    >>> table = pd.DataFrame(
    ...     {
    ...         "lesion": ["a", "b", "c"],
    ...         "patient": [1, 1, 2],
    ...         "grade": ["low", "high", "low"],
    ...     }
    ... )
    >>> columns = Columns(outcome="grade", positive="high", patient="patient")
    >>> cohort = Cohort.of(table, columns)
    >>> cohort.design.y.tolist(), cohort.design.labels
    ([0, 1, 0], ('low', 'high'))
    >>> cohort.take([0, 2]).names.tolist(), cohort.take([0, 2]).rows.tolist()
    (['a', 'c'], [0, 2])
    """

    table: pd.DataFrame
    names: np.ndarray
    patients: np.ndarray | None
    design: StudyDesign | None
    dates: np.ndarray | None
    centres: np.ndarray | None
    readers: tuple[str, ...]
    sequences: tuple[str, ...]
    clinical: pd.DataFrame
    location: pd.Series | None
    size: pd.Series | None
    ids_hidden: bool
    source: Path | None
    rows: np.ndarray
    columns: Columns

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        columns: Columns | None = None,
        *,
        source: str | os.PathLike[str] | None = None,
        rows: Sequence[int] | np.ndarray | None = None,
    ) -> Cohort:
        """Check a table and find everything in it.

        Parameters
        ----------
        table : DataFrame
            One row per lesion; of pandas, polars or pyarrow.
        columns : Columns or None, default=None
            What the columns mean; None for ids, images and outlines alone.
        source : path, default=None
            File of the table.
        rows : sequence of int, default=None
            Rows of that file; None for 0 to n - 1.

        Raises
        ------
        CohortError
            The message names the column or the lesions, and says what to do.
        """
        columns = Columns() if columns is None else columns
        table = as_pandas(table)
        if len(table) == 0:
            raise CohortError("the cohort is empty: expected one row per lesion.")
        hidden = ids_hidden(table)
        names = lesion_names(table, hidden)
        _check_named(table, columns, names)
        design = None if columns.outcome is None else make_design(table, columns, names)
        readers, sequences = _readers(table)
        return cls(
            table=table.copy(),
            names=names,
            patients=_patients(table, columns) if design is None else design.patient,
            design=design,
            dates=None
            if columns.date is None
            else read_dates(find_column(table, columns.date, "date"), names),
            centres=_texts(table, columns.centre, "centre"),
            readers=readers,
            sequences=sequences,
            clinical=table[list(columns.clinical)].copy(),
            location=None if columns.location is None else table[columns.location],
            size=None if columns.size is None else table[columns.size],
            ids_hidden=hidden,
            source=None if source is None else Path(source),
            rows=np.arange(len(table)) if rows is None else np.asarray(rows),
            columns=columns,
        )

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        columns: Columns | None = None,
        *,
        root: str | os.PathLike[str] | None = None,
        section: Literal["largest", "all"] | int | None = None,
        salt: str | None = None,
        ids: Sequence[str] = ("lesion", "patient"),
    ) -> Cohort:
        """Read a cohort table of images from a file.

        Parameters
        ----------
        path : str or path-like
            CSV, as of `sklearn_orn.images.read_cohort`.
        columns : Columns or None, default=None
            What the columns mean.
        root : str, path-like or None, default=None
            A folder that all paths must lie in.
        section : {"largest", "all"}, int or None, default=None
            Which slices of volumes, as of `sklearn_orn.images.expand_cohort`.
        salt : str or None, default=None
            A secret with which ids are hashed, as of `sklearn_orn.images.hash_ids`.
        ids : sequence of str, default=("lesion", "patient")
            The columns of ids.

        Raises
        ------
        CohortError
            If the file is no such table; the message names the row and column.
        """
        table = read_cohort(path, root=root)
        if section is not None:
            numbered = table.assign(**{_ROW: np.arange(len(table))})
            table = expand_cohort(numbered, section)
            rows = table.pop(_ROW).to_numpy()
        else:
            rows = np.arange(len(table))
        if salt is not None:
            table = hash_ids(table, salt, columns=ids)
        return cls.of(table, columns, source=path, rows=rows)

    def __len__(self) -> int:
        return len(self.table)

    def take(self, rows: Sequence[int] | Sequence[bool] | np.ndarray) -> Cohort:
        """Return some of the lesions.

        Parameters
        ----------
        rows : sequence of int or of bool
            Places from 0, or one truth value for each lesion.

        Returns
        -------
        Cohort
            With everything that is known of them; nothing is checked again.
        """
        chosen = np.asarray(rows) if len(rows) else np.zeros(0, dtype=int)
        places = np.arange(len(self))[chosen]

        def cut(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[places]

        return replace(
            self,
            table=self.table.iloc[places],
            names=self.names[places],
            patients=cut(self.patients),
            design=None if self.design is None else self.design.take(places),
            dates=cut(self.dates),
            centres=cut(self.centres),
            clinical=self.clinical.iloc[places],
            location=None if self.location is None else self.location.iloc[places],
            size=None if self.size is None else self.size.iloc[places],
            rows=self.rows[places],
        )

    def lesions(self) -> LesionSequence:
        """Return the lesions, each read when it is asked for.

        Returns
        -------
        LesionSequence
            With the index of the table.

        Raises
        ------
        CohortError
            If the table names no image or no outline.
        """
        lesions = lesions_of(self.table)
        if self.ids_hidden:
            lesions = [lesion.without_paths() for lesion in lesions]
        return LesionSequence(lesions, self.table.index)

    def files(self) -> Iterator[tuple[str, Path]]:
        """Find each image and outline, once for each column.

        Returns
        -------
        iterator of tuple of str and Path
            What messages call it, and its path; none for a table without images.
        """
        return table_files(self.table)

    def without_readers(self, dropped: Sequence[str]) -> Cohort:
        """Return the cohort without the outlines and images of some readers.

        Returns
        -------
        Cohort
            Of as many lesions.
        """
        return self._with_blocks(lambda block: block.reader not in dropped)

    def without_sequences(self, dropped: Sequence[str]) -> Cohort:
        """Return the cohort without the images and outlines of some sequences.

        Returns
        -------
        Cohort
            Of as many lesions.

        Raises
        ------
        CohortError
            If the table does not have such a sequence, or no other one.
        """
        unknown = [name for name in dropped if name not in self.sequences]
        if unknown or not set(self.sequences) - set(dropped):
            what = f"names {unknown[0]!r}" if unknown else "leaves none"
            raise CohortError(
                f"sequences: what is dropped {what}; the table has "
                f"{', '.join(map(repr, self.sequences)) or 'no named sequence'}."
            )
        return self._with_blocks(lambda block: block.sequence not in dropped)

    def _with_blocks(self, wanted: Callable[[Block], bool]) -> Cohort:
        """Keep the images, outlines and choices of some blocks alone."""
        found = table_columns(self.table.columns)
        left = [b for b in found.blocks.values() if wanted(b.block)]
        kept = TableColumns({str(i): b for i, b in enumerate(left)}, (), ())
        names = {*kept.paths(), *kept.choices()}
        known = {*found.paths(), *found.choices()}
        table = self.table.drop(columns=[c for c in self.table if c in known - names])
        sequences = tuple(dict.fromkeys(b.block.sequence for b in left))
        own = f"mask_{sequences[0]}" if len(sequences) == 1 else None
        if own in table and "mask" not in table:
            # beside one image of its name it would be a reader's
            table = table.rename(columns={own: "mask"})
        return replace(
            self,
            table=table,
            readers=tuple(dict.fromkeys(b.block.reader for b in left)),
            sequences=tuple(name for name in sequences if name),
        )


def as_cohort(
    cohort: Cohort | pd.DataFrame | str | os.PathLike[str],
    columns: Columns | None = None,
) -> Cohort:
    """Return a cohort, read and checked where it is a path or a table.

    A cohort that is one already is checked again only where other columns are named.
    """
    if isinstance(cohort, Cohort):
        if columns is None or cohort.columns == columns:
            return cohort
        return Cohort.of(cohort.table, columns, source=cohort.source, rows=cohort.rows)
    table = as_pandas(cohort)
    if isinstance(table, pd.DataFrame):
        return Cohort.of(table, columns)
    return Cohort.read(table, columns)


def lesion_names(table: pd.DataFrame, hidden: bool) -> np.ndarray:
    """Return what each lesion is called: its id, or the label of its row."""
    rows = [f"row {label_text(label)}" for label in row_labels(table.index, hidden)]
    if "lesion" not in table.columns:
        return np.array(rows, dtype=object)
    names = [
        row if missing else label_text(value)
        for value, missing, row in zip(
            table["lesion"], table["lesion"].isna(), rows, strict=True
        )
    ]
    return np.array(names, dtype=object)


def _check_named(table: pd.DataFrame, columns: Columns, names: np.ndarray) -> None:
    for name in columns.clinical:
        find_column(table, name, "clinical")
    if columns.location is not None:
        find_column(table, columns.location, "location")
    if columns.size is not None:
        check_sizes(find_column(table, columns.size, "size"), names)


def _patients(table: pd.DataFrame, columns: Columns) -> np.ndarray | None:
    name = columns.patient or "patient"
    if columns.patient is None and name not in table.columns:
        return None
    return _texts(table, name, "patient")


def _texts(table: pd.DataFrame, name: str | None, field: str) -> np.ndarray | None:
    """Return a column as texts, None where a cell is empty."""
    if name is None:
        return None
    column = find_column(table, name, field)
    cells = [
        None if empty else label_text(cell)
        for cell, empty in zip(column, column.isna(), strict=True)
    ]
    return np.array(cells, dtype=object)


def _readers(table: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the readers and the sequences; neither of a table without outlines."""
    texts = [str(name) for name in table.columns]
    if not any(name == "mask" or name.startswith("mask_") for name in texts):
        return (), ()
    columns = table_columns(table.columns)
    return columns.readers, columns.sequences
