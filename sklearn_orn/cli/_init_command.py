"""``sklearn-orn init``: a first study file, to be looked over."""

import argparse
from pathlib import Path

from sklearn_orn.cli._cohorts import COHORT, open_cohort
from sklearn_orn.cli._common import OK, Commands
from sklearn_orn.cli._own_files import is_nothing
from sklearn_orn.cli._paths import OutputFile, input_path


def add(commands: Commands) -> None:
    """Add the command."""
    init = commands.add_parser(
        "init",
        help="write a commented study file for a cohort table, to be looked over",
    )
    init.add_argument("cohort", type=input_path, help=COHORT)
    init.add_argument(
        "--out",
        type=OutputFile(is_nothing),
        default=Path("study.yaml"),
        metavar="FILE.yaml",
    )
    init.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write a study file for a table."""
    from sklearn_orn._io.text_files import write_text
    from sklearn_orn.study.shared import study_file_text

    cohort = open_cohort(arguments)
    write_text(arguments.out, study_file_text(cohort.table, arguments.cohort.name))
    print(f"{arguments.out}: look it over, then run")
    print(
        f"  sklearn-orn study {arguments.cohort} --config {arguments.out} --out report"
    )
    return OK
