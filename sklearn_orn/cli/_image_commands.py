"""The commands that look at images: ``sklearn-orn check`` and ``montage``."""

import argparse
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sklearn_orn.cli._common import LEFT_OUT, OK, make_room
from sklearn_orn.cli._own_files import (
    MONTAGE_SOFTWARE,
    is_montage,
    is_overlap_table,
    is_protocol_table,
)
from sklearn_orn.cli._paths import OutputFile, input_path, paths_of
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "add_image_commands",
    "add_table_options",
    "hide_ids",
    "ids_unsaid",
    "load_table",
]

MONTAGE_DPI = 130


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command that reads a cohort table understands.

    Parameters
    ----------
    parser : ArgumentParser
        Of the command.
    """
    parser.add_argument(
        "--section",
        type=_section,
        metavar="WHICH",
        help="slices of volumes: largest, all (one row for each), or a number from 0; "
        "without it the slice of the largest ROI in rows that name none",
    )
    parser.add_argument(
        "--root",
        type=input_path,
        metavar="DIR",
        help="refuse a table that leads to files outside of this folder",
    )
    parser.add_argument(
        "--hash-ids",
        type=input_path,
        metavar="SALT",
        help="replace ids by hashes; the file of the secret salt is made where it is "
        "not there",
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


def load_table(arguments: argparse.Namespace) -> "pd.DataFrame":
    """Read the cohort table of a command, as its options say.

    Parameters
    ----------
    arguments : argparse.Namespace
        ``cohort``, and what `add_table_options` adds; ``patient`` where it names the
        column of patients.

    Returns
    -------
    DataFrame
        One row per lesion, or per slice.
    """
    from sklearn_orn.images import expand_cohort, read_cohort

    with ids_unsaid(arguments):
        table = read_cohort(arguments.cohort, root=arguments.root)
    paths_of(arguments).check_table(table)
    if arguments.section is not None:
        table = expand_cohort(table, arguments.section)
    return hide_ids(table, arguments)


@contextmanager
def ids_unsaid(arguments: argparse.Namespace) -> Iterator[None]:
    """Take ids out of what is said of a table before they are hashed."""
    try:
        yield
    except CohortError as error:
        hidden = getattr(error, "hidden", None)
        if arguments.hash_ids is None or hidden is None:
            raise
        raise CohortError(hidden) from None


def hide_ids(table: "pd.DataFrame", arguments: argparse.Namespace) -> "pd.DataFrame":
    """Replace the ids of a table by hashes, where the user wants it.

    Parameters
    ----------
    table : DataFrame
        One row per lesion.
    arguments : argparse.Namespace
        ``hash_ids``; ``patient`` and ``id`` where they name columns of patients and
        of lesions.

    Returns
    -------
    DataFrame
        The table itself without ``--hash-ids``.
    """
    from sklearn_orn.images import hash_ids, read_salt

    if arguments.hash_ids is None:
        return table
    named = [getattr(arguments, name, None) for name in ("patient", "id")]
    columns = dict.fromkeys(["lesion", "patient", *filter(None, named)])
    return hash_ids(table, read_salt(arguments.hash_ids), columns=list(columns))


def add_image_commands(
    commands: Any, cohort: str, progress_bar: Callable[[], Any]
) -> None:
    """Add the commands.

    Parameters
    ----------
    commands : object
        Of `ArgumentParser.add_subparsers`.
    cohort : str
        Help of the table.
    progress_bar : callable
        Makes the context manager that shows progress.
    """
    check = commands.add_parser(
        "check",
        help="read every lesion of a table and say what does not fit",
        description="Reads every image and outline as the study would, without "
        "measuring: one line per problem, then a summary.",
    )
    check.add_argument("cohort", type=input_path, help=cohort)
    check.add_argument(
        "--protocol",
        type=OutputFile(is_protocol_table),
        metavar="FILE.csv",
        help="write how images were made",
    )
    check.add_argument(
        "--overlap",
        type=OutputFile(is_overlap_table),
        metavar="FILE.csv",
        help="write how readers agree",
    )
    add_table_options(check)
    check.set_defaults(run=lambda arguments: run_check(arguments, progress_bar))

    montage = commands.add_parser(
        "montage", help="draw every lesion with the readers' outlines, to look at"
    )
    montage.add_argument("cohort", type=input_path, help=cohort)
    montage.add_argument(
        "--out", type=OutputFile(is_montage), required=True, metavar="FILE.png"
    )
    montage.add_argument(
        "--columns", type=int, default=6, metavar="N", help="panels in a row (6)"
    )
    add_table_options(montage)
    montage.set_defaults(run=run_montage)


def run_check(arguments: argparse.Namespace, progress_bar: Callable[[], Any]) -> int:
    """Check a table, and print what was found.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``check``.
    progress_bar : callable
        Makes the context manager that shows progress.

    Returns
    -------
    int
        0, or 1 if a lesion cannot be measured.
    """
    from sklearn_orn.images import check_cohort, reader_overlap
    from sklearn_orn.study.shared import write_csv

    table = load_table(arguments)
    for file in (arguments.protocol, arguments.overlap):
        if file is not None:
            make_room(file, "FILE.csv")
    with progress_bar() as progress:
        report = check_cohort(
            table, progress=lambda done, total: progress("reading", done, total)
        )
        ids = table[[c for c in ("lesion", "patient") if c in table.columns]]
        if arguments.protocol is not None:
            write_csv(arguments.protocol, ids.join(report.protocol))
        if arguments.overlap is not None:
            write_csv(arguments.overlap, ids.join(reader_overlap(table), how="right"))
    print(report)
    return LEFT_OUT if report.errors else OK


def run_montage(arguments: argparse.Namespace) -> int:
    """Draw the montage of a table.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``montage``.

    Returns
    -------
    int
        0, or 1 if a lesion cannot be drawn.
    """
    from sklearn_orn._io.text_files import write_bytes
    from sklearn_orn.plotting import MontageDisplay

    if arguments.columns < 1:
        raise CohortError(f"--columns is {arguments.columns}: expected 1 or more.")
    table = load_table(arguments)
    out = make_room(arguments.out, "FILE.png")
    display = MontageDisplay.from_cohort(table, n_columns=arguments.columns)
    content = io.BytesIO()
    display.figure_.savefig(
        content,
        dpi=MONTAGE_DPI,
        format="png",
        metadata={"Software": MONTAGE_SOFTWARE},
    )
    write_bytes(out, content.getvalue())
    failed = sum(panel.image is None for panel in display.panels)
    print(f"{len(display.panels)} lesions, {failed} of them unreadable: {out}")
    return LEFT_OUT if failed else OK
