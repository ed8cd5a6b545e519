"""From the table that a command names to its Cohort, and ids as the user wants them."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sklearn_orn.cli._common import add_options
from sklearn_orn.cli._paths import input_path, paths_of

if TYPE_CHECKING:
    import pandas as pd

    from sklearn_orn.cohort import Cohort, Columns

COHORT = (
    "CSV, one row per lesion: image, and mask or mask_<reader>; paths relative to it"
)


def add_table_options(parser: argparse.ArgumentParser, *, table: bool = True) -> None:
    """Add what every command that reads a cohort table understands, and the table."""
    if table:
        parser.add_argument("cohort", type=input_path, help=COHORT)
    parser.add_argument(
        "--section",
        type=_section,
        metavar="WHICH",
        help="slices of volumes: largest, all (one row for each), or a number from 0; "
        "without it the slice of the largest ROI in rows that name none",
    )
    hashes = (
        "replace ids by hashes; the file of the secret salt is made where it is not "
        "there"
    )
    add_options(
        parser,
        ("--root", "DIR", "refuse a table that leads to files outside of this folder"),
        ("--hash-ids", "SALT", hashes),
        of=input_path,
    )


def _section(text: str) -> str | int:
    if text in ("largest", "all"):
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is none of largest, all, or a number"
        ) from None


def open_cohort(
    arguments: argparse.Namespace, columns: "Columns | None" = None
) -> "Cohort":
    """Read the table of images that a command names; no output is one of its files."""
    from sklearn_orn.cohort import Cohort

    ids = _columns_of_ids(columns)
    found = Cohort.read(
        arguments.cohort,
        columns,
        root=getattr(arguments, "root", None),
        section=getattr(arguments, "section", None),
        salt=_salt(arguments),
        ids=ids,
    )
    paths_of(arguments).check_files(found.files())
    return found


def as_asked(
    table: "pd.DataFrame",
    arguments: argparse.Namespace,
    columns: "Columns | None" = None,
    *,
    source: Path,
    identifier: str | None = None,
) -> "Cohort":
    """Return the Cohort of a table that was read; `identifier` is a column of ids."""
    from sklearn_orn.cohort import Cohort
    from sklearn_orn.images import hash_ids

    salt = _salt(arguments)
    if salt is not None:
        table = hash_ids(table, salt, columns=_columns_of_ids(columns, identifier))
    found = Cohort.of(table, columns, source=source)
    paths_of(arguments).check_files(found.files())
    return found


def _salt(arguments: argparse.Namespace) -> str | None:
    from sklearn_orn.images.shared import read_salt

    path = getattr(arguments, "hash_ids", None)
    return None if path is None else read_salt(path)


def _columns_of_ids(
    columns: "Columns | None", further: str | None = None
) -> Sequence[str]:
    named = [None if columns is None else columns.patient, further]
    return list(dict.fromkeys(["lesion", "patient", *filter(None, named)]))
