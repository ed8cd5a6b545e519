"""What was collected: the cohort table, what is left over, guesses and questions."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sklearn_orn._io.spreadsheet_cells import csv_text
from sklearn_orn._io.text_files import encodable, write_text
from sklearn_orn._messages import counted
from sklearn_orn.collect._settings import Question

LEFT_OUT_COLUMNS = ("file", "kind", "reason")
_MARK = "written by sklearn-orn collect, sha256 "


@dataclass(frozen=True)
class Collected:
    """What `collect` found in a folder.

    Attributes
    ----------
    table : DataFrame of shape (n_lesions, n_columns)
        The cohort table: `lesion`, `patient`, `image`, `series` where a folder holds
        several, `mask` or `mask_<reader>`, then the columns of the outcomes.
    left_out : DataFrame
        Columns `file`, `kind` and `reason`: every file that is no part of the table.
    guesses : tuple of str
        What was taken for granted, each with the flag that says otherwise.
    questions : tuple of Question
        What the folder leaves open: `text`, `flag` (the option that answers it) and
        `files`, which are left out.
    candidates : DataFrame
        The series among which one must be chosen: `series`, `patients` and `slices`;
        empty where all is clear.
    """

    table: pd.DataFrame
    left_out: pd.DataFrame
    guesses: tuple[str, ...]
    questions: tuple[Question, ...]
    candidates: pd.DataFrame

    def headline(self) -> str:
        """Count lesions, patients and readers.

        Returns
        -------
        str
            In words.
        """
        if not len(self.table):
            return "not written, since no lesion is clear"
        columns = [str(name) for name in self.table.columns]
        readers = [name[5:] for name in columns if name.startswith("mask_")]
        patients = counted(self.table["patient"].nunique(), "patient")
        drawn = f", readers {' and '.join(readers)}" if readers else ""
        return f"{counted(len(self.table), 'lesion')} of {patients}{drawn}"

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the cohort table, and what is left over beside it.

        Parameters
        ----------
        path : path
            The cohort table; the other file ends in ``-left-out.csv``. Paths in it are
            relative to its folder. Where there is no lesion, an earlier table of
            `collect` is removed.
        """
        path = Path(path)
        table = self.table.copy()
        for column in table.columns:
            if column == "image" or column == "mask" or column.startswith("mask_"):
                table[column] = _relative(table[column], path.parent)
        text = encodable(csv_text(table))
        left = self.left_out.copy()
        left["file"] = _relative(left["file"], path.parent)
        own = [path.name, "table", _MARK + _digest(text.encode())]
        left = pd.concat([pd.DataFrame([own], columns=left.columns), left])
        if len(table):
            write_text(path, text)
        elif is_collected(path):
            path.unlink()
        write_text(left_out_path(path), csv_text(left))


def left_out_path(path: Path) -> Path:
    """Return where the files that are left over are listed."""
    return path.with_name(f"{path.stem}-left-out.csv")


def is_collected(path: Path) -> bool:
    """Say whether `collect` wrote a table, and nobody has changed it since."""
    beside = left_out_path(path)
    if not (path.is_file() and is_left_out_list(beside)):
        return False
    listed = pd.read_csv(beside, nrows=1, dtype=str)
    return str(listed["reason"].iloc[0]) == _MARK + _digest(path.read_bytes())


def is_left_out_list(path: Path) -> bool:
    """Say whether `collect` wrote a list of files that are left over."""
    try:
        with open(path, encoding="utf-8") as file:
            header, first = file.readline(), file.readline()
    except (OSError, UnicodeDecodeError):
        return False
    return header.strip() == ",".join(LEFT_OUT_COLUMNS) and _MARK in first


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _relative(cells: pd.Series, folder: Path) -> pd.Series:
    def from_folder(cell: str) -> str:
        try:
            return Path(os.path.relpath(cell, folder)).as_posix()
        except ValueError:  # another drive
            return cell

    return cells.map(from_folder, na_action="ignore")
