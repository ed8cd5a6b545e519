"""``sklearn-orn report``: the report of a finished study, made again."""

import argparse

from sklearn_orn.cli._common import OK
from sklearn_orn.cli._paths import OutputFolder

HELP = "make the report of a finished study again, without its images"


def add(report: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    report.add_argument("folder", type=OutputFolder(), help="folder with results.json")


def run(arguments: argparse.Namespace) -> int:
    """Make the report again."""
    from sklearn_orn.study import write_report

    print(f"Report: {write_report(arguments.folder)}")
    return OK
