"""``sklearn-orn reproduce``: a published study run again, beside what it prints."""

import argparse

from sklearn_orn.cli._common import JOBS, LEFT_OUT, OK, Commands, make_room, workers
from sklearn_orn.cli._own_files import REPRODUCTION, is_reproduction
from sklearn_orn.cli._paths import OutputFile, input_path
from sklearn_orn.exceptions import CohortError

VERSION = 1


def add(commands: Commands) -> None:
    """Add the command."""
    reproduce = commands.add_parser(
        "reproduce",
        help="run a published study again, and compare its numbers",
        description="One file names a table of lesions or features, the published "
        "score or the settings of the study, and the numbers that the paper prints. "
        "Each is computed again and shown beside what is printed.",
    )
    reproduce.add_argument(
        "study", type=input_path, help="JSON or YAML file of a published study"
    )
    reproduce.add_argument(
        "--table",
        type=input_path,
        metavar="FILE.csv",
        help="table of lesions or features, in place of the one that the study names",
    )
    reproduce.add_argument(
        "--out",
        type=OutputFile(is_reproduction),
        metavar="FILE.csv",
        help="write the numbers, as CSV or, to FILE.json, as JSON",
    )
    reproduce.add_argument("--jobs", type=workers, default=1, metavar="N", help=JOBS)
    reproduce.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the study again, and print what was found."""
    from sklearn_orn import __version__
    from sklearn_orn.audit import reproduce_study
    from sklearn_orn.study.shared import write_csv, write_json

    out = arguments.out
    if out is not None:
        if out.suffix not in (".csv", ".json"):
            raise CohortError(f"--out {out} is neither FILE.csv nor FILE.json.")
        make_room(out, "FILE.csv")
    found = reproduce_study(
        arguments.study, table=arguments.table, n_jobs=arguments.jobs
    )
    if out is not None and out.suffix == ".json":
        head = {"format": REPRODUCTION, "schema_version": VERSION}
        write_json(out, head | {"sklearn_orn": __version__} | found.as_dict())
    elif out is not None:
        write_csv(out, found.table())
    print(found)
    return LEFT_OUT if any(run.n_left_out for run in found.runs) else OK
