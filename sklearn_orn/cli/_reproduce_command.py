"""``sklearn-orn reproduce``: a published study run again, beside what it prints."""

import argparse

from sklearn_orn.cli._common import LEFT_OUT, OK, add_jobs
from sklearn_orn.cli._numbers_file import (
    add_numbers_file,
    check_numbers_file,
    write_numbers,
)
from sklearn_orn.cli._own_files import REPRODUCTION, is_reproduction
from sklearn_orn.cli._paths import input_path

HELP = "run a published study again, and compare its numbers"
DESCRIPTION = (
    "One file names a table of lesions or features, the published "
    "score or the settings of the study, and the numbers that the paper prints. "
    "Each is computed again and shown beside what is printed."
)
VERSION = 1


def add(reproduce: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    reproduce.add_argument(
        "study", type=input_path, help="JSON or YAML file of a published study"
    )
    reproduce.add_argument(
        "--table",
        type=input_path,
        metavar="FILE.csv",
        help="table of lesions or features, in place of the one that the study names",
    )
    add_numbers_file(reproduce, is_reproduction, "numbers")
    add_jobs(reproduce)


def run(arguments: argparse.Namespace) -> int:
    """Run the study again, and print what was found."""
    from sklearn_orn.audit import reproduce_study

    check_numbers_file(arguments.out)
    found = reproduce_study(
        arguments.study, table=arguments.table, n_jobs=arguments.jobs
    )
    write_numbers(arguments.out, found, REPRODUCTION, VERSION)
    print(found)
    return LEFT_OUT if any(run.n_left_out for run in found.runs) else OK
