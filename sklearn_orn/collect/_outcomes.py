"""The table of outcomes, joined to the patients of the images by an id."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from sklearn_orn._column_names import loose_name
from sklearn_orn._io.tables import read_header, read_table
from sklearn_orn._messages import counted
from sklearn_orn._validation import name_list
from sklearn_orn.collect._settings import Question, listed
from sklearn_orn.collect._sheet_words import no_values, says_who
from sklearn_orn.collect._spelling import key_of
from sklearn_orn.exceptions import CohortError

_OWN = {"lesion", "patient", "image", "section", "series", "stack"}
_ENOUGH = 0.5  # of the patients: fewer ids in common are no column of ids


class Clinical:
    """Rows of outcomes by patient, and what was said of the join."""

    def __init__(
        self,
        path: Path,
        column: str | None,
        keys: Mapping[str, set[str]],
        ignore_zeros: bool,
    ) -> None:
        self.path = path
        self.guesses: list[str] = []
        self.questions: list[Question] = []
        self._texts = read_table(path, text=read_header(path), strip=True)
        owners: dict[str, set[str]] = defaultdict(set)
        for patient, names in keys.items():
            for name in names:
                owners[name].add(patient)
        self._owner = {k: next(iter(p)) for k, p in owners.items() if len(p) == 1}
        self._bare = {k.lstrip("0"): p for k, p in self._owner.items()}
        self._zeros = ignore_zeros
        self.column = self._id_column(column, len(keys))
        kept = [] if self.column is None else [self.column]
        self.table = read_table(path, text=kept, strip=True, empty=self._empty())
        self.rows = {} if self.column is None else self._matched(keys)

    def columns(self) -> list[str]:
        """Return the columns that the cohort table takes over."""
        found = [name for name in self.table.columns if name != self.column]
        own = [c for c in found if c in _OWN or c.startswith(("mask", "image"))]
        if own:
            self.guesses.append(
                f"columns {listed(own)} of the table of outcomes are left out: the "
                "cohort table has its own. Rename them there to keep them"
            )
        found = [name for name in found if name not in own]
        identity = list(filter(says_who, found))
        if identity:
            self.guesses.append(
                f"columns {listed(identity)} of the table of outcomes are left out: "
                "they may say who a patient is. Rename them there to keep them"
            )
        return [name for name in found if name not in identity]

    def _empty(self) -> dict[str, set[str]]:
        """Return by column which of its texts mean that there is no value."""
        empty, counts = {}, Counter[str]()
        for name in self._texts.columns:
            cells = Counter(filter(None, map(_text, self._texts[name])))
            none = no_values(cells)
            if none and name != self.column:
                empty[str(name)] = none
                counts.update({cell: cells[cell] for cell in none})
        if empty:
            texts = [f"{cell!r} ({count})" for cell, count in counts.most_common()]
            self.guesses.append(
                f"no value: {listed(texts)} in columns {listed(list(empty))} of the "
                "table of outcomes"
            )
        return empty

    def _id_column(self, column: str | None, n_patients: int) -> str | None:
        if column is not None:
            names = [str(name) for name in self._texts.columns]
            near = [name for name in names if loose_name(name) == loose_name(column)]
            if column not in names and len(near) != 1:
                raise CohortError(
                    f"table '{self.path}' has no column {column!r}, named by --id; its "
                    f"columns are {name_list(map(repr, names), 20)}."
                )
            return column if column in names else near[0]
        for zeros in (self._zeros, True):
            counts = {
                str(name): len({p for c in cells if (p := self._patient(c, zeros))})
                for name, cells in self._texts.items()
            }
            best = max(counts.values(), default=0)
            named = [name for name, count in counts.items() if count == best]
            if len(named) == 1 and best >= _ENOUGH * n_patients:
                self.guesses.append(
                    f"ids: column {named[0]!r} of the table of outcomes (--id COLUMN)"
                )
                return named[0]
        self.questions.append(
            Question(
                "no column of the table of outcomes holds the ids of the headers or "
                "the names of the folders, or several do: which one?",
                "--id COLUMN",
            )
        )
        return None

    def _patient(self, cell: object, zeros: bool) -> str | None:
        key = key_of(_text(cell))
        if key and zeros:
            return self._owner.get(key) or self._bare.get(key.lstrip("0"))
        return self._owner.get(key) if key else None

    def _matched(self, keys: Mapping[str, set[str]]) -> dict[str, list[int]]:
        assert self.column is not None
        rows: dict[str, list[int]] = defaultdict(list)
        lost: list[object] = []
        zeros: list[object] = []
        cells = self._texts[self.column]
        for position, (row, cell) in enumerate(zip(cells.index, cells, strict=True)):
            patient = self._patient(cell, self._zeros)
            if patient is not None:
                rows[patient].append(position)
            elif _text(cell):
                key = key_of(_text(cell)).lstrip("0")
                (zeros if key in self._bare else lost).append(row)
        self.guesses.append(
            f"outcomes: {len(rows)} of {counted(len(keys), 'patient')} found by column "
            f"{self.column!r}"
        )
        if zeros:
            self.questions.append(
                Question(
                    f"{counted(len(zeros), 'id')} of column {self.column!r} (row "
                    f"{listed(list(map(str, zeros)))}) differ from the headers or "
                    "folders by leading zeros alone, as a spreadsheet drops them: the "
                    "same patients?",
                    "--ignore-zeros",
                )
            )
        if lost:
            self.guesses.append(
                f"outcomes without images: row {listed(list(map(str, lost)))} of the "
                "table"
            )
        absent = sorted(set(keys) - set(rows))
        if absent and rows:
            self.guesses.append(f"patients without outcomes: {listed(absent)}")
        return rows

    def joined(self, patients: Sequence[str], titles: Sequence[str]) -> pd.DataFrame:
        """Return one row of outcomes for each lesion.

        `titles` are what the ROIs of the lesions are called. Where a patient has a row
        for each lesion, and a column of them holds these names, a lesion has its own.
        """
        columns = self.columns()
        varying = [
            name
            for name in columns
            if any(
                self.table[name].iloc[rows].nunique(dropna=False) > 1
                for rows in self.rows.values()
            )
        ]
        rows = [self.rows[p][0] if p in self.rows else -1 for p in patients]
        named = self._lesion_column(varying, patients, titles)
        if named is None:
            if varying:
                self.guesses.append(
                    f"columns {listed(varying)} differ between rows of one id, and are "
                    "left out: expected one row a patient, or one a lesion with the "
                    "name of its ROI in a column"
                )
            kept = [name for name in columns if name not in varying]
            return self._taken(kept, rows)
        own = self._own_rows(named, patients, titles)
        self._say_of_lesions(named, varying, patients, own)
        others = [name for name in columns if name not in varying]
        table = self._taken(others, rows).reset_index(drop=True)
        of_lesions = self._taken(varying, own).reset_index(drop=True)
        return pd.concat([table, of_lesions], axis=1)[columns]

    def _taken(self, columns: list[str], rows: Sequence[int]) -> pd.DataFrame:
        """Return rows by position, an empty one for -1."""
        return self.table[columns].reset_index(drop=True).reindex(list(rows))

    def _lesion_column(
        self, varying: Sequence[str], patients: Sequence[str], titles: Sequence[str]
    ) -> str | None:
        """Return the one column that holds the names of most lesions' ROIs."""
        n_open = sum(len(self.rows.get(patient, ())) > 1 for patient in patients)
        counts = {
            name: sum(
                row >= 0 and len(self.rows[patient]) > 1
                for row, patient in zip(
                    self._own_rows(name, patients, titles), patients, strict=True
                )
            )
            for name in varying
        }
        best = max(counts.values(), default=0)
        named = [name for name, count in counts.items() if count == best]
        return named[0] if len(named) == 1 and best >= _ENOUGH * n_open > 0 else None

    def _own_rows(
        self, column: str, patients: Sequence[str], titles: Sequence[str]
    ) -> list[int]:
        """Return the row of each lesion, -1 where none or several are called so.

        The only lesion of a patient with one row is that of the row, unless its ROI is
        called as others of the column are.
        """
        n_lesions = Counter(patients)
        cells = [key_of(_text(cell)) for cell in self._texts[column]]
        own = []
        for patient, title in zip(patients, titles, strict=True):
            rows = self.rows.get(patient, [])
            same = [row for row in rows if title and cells[row] == title]
            if title not in cells and len(rows) == n_lesions[patient] == 1:
                same = rows
            own.append(same[0] if len(same) == 1 else -1)
        return own

    def _say_of_lesions(
        self,
        column: str,
        varying: Sequence[str],
        patients: Sequence[str],
        own: Sequence[int],
    ) -> None:
        known = [row for row in own if row >= 0]
        self.guesses.append(
            f"lesions: {len(known)} of {len(own)} found by column {column!r} of the "
            f"table of outcomes, which holds {listed(varying)} by lesion"
        )
        lost = Counter(p for row, p in zip(own, patients, strict=True) if row < 0)
        if lost:
            self.guesses.append(
                "lesions without a row of their own, in which these columns are empty: "
                + listed([f"{count} of {patient}" for patient, count in lost.items()])
            )
        spare = sorted({r for rows in self.rows.values() for r in rows} - set(own))
        if spare:
            numbers = listed([str(self.table.index[row]) for row in spare])
            self.guesses.append(
                f"rows of lesions that are not drawn: row {numbers} of the table"
            )


def _text(cell: object) -> str:
    if cell is None or cell != cell:  # an empty cell is not itself
        return ""
    return str(cell).strip()
