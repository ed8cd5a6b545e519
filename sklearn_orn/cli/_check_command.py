"""``sklearn-orn check``: every lesion of a table looked over, and nothing measured."""

import argparse

from sklearn_orn.cli._cohorts import add_table_options, open_cohort
from sklearn_orn.cli._common import (
    LEFT_OUT,
    OK,
    add_options,
    add_regions,
    make_room,
    region_steps,
)
from sklearn_orn.cli._own_files import is_overlap_table, is_protocol_table
from sklearn_orn.cli._paths import OutputFile
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.cli._told_once import told_once

HELP = "read every lesion of a table and say what does not fit"
DESCRIPTION = (
    "Reads every image and outline as the study would, without "
    "measuring: one line per problem, then a summary."
)


def add(check: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    protocol = ("--protocol", "FILE.csv", "write how images were made")
    add_options(check, protocol, of=OutputFile(is_protocol_table))
    overlap = ("--overlap", "FILE.csv", "write how readers agree")
    add_options(check, overlap, of=OutputFile(is_overlap_table))
    add_regions(check)
    add_table_options(check)


def run(arguments: argparse.Namespace) -> int:
    """Check a table, and print what was found."""
    from sklearn_orn.images import check_cohort, reader_overlap
    from sklearn_orn.study.shared import write_csv

    cohort = open_cohort(arguments)
    for file in (arguments.protocol, arguments.overlap):
        if file is not None:
            make_room(file, "FILE.csv")
    lesions, table = cohort.lesions(), cohort.table
    measured = lesions
    for _, step in region_steps(arguments):
        measured = step.transform(lesions)
    with progress_bar() as progress:
        report = check_cohort(
            measured, progress=lambda done, total: progress("reading", done, total)
        )
        ids = table[[c for c in ("lesion", "patient") if c in table.columns]]
        if arguments.protocol is not None:
            write_csv(arguments.protocol, ids.join(report.protocol))
        if arguments.overlap is not None:
            write_csv(arguments.overlap, ids.join(reader_overlap(lesions), how="right"))
    print(*told_once(str(report).splitlines()), sep="\n")
    return LEFT_OUT if report.errors else OK
