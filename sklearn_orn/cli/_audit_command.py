"""``sklearn-orn audit``: a paper's own arithmetic, from the numbers that it prints."""

import argparse

from sklearn_orn.cli._common import OK, Commands, make_room
from sklearn_orn.cli._own_files import is_audit
from sklearn_orn.cli._paths import OutputFile, input_path
from sklearn_orn.exceptions import CohortError


def add(commands: Commands) -> None:
    """Add the command."""
    audit = commands.add_parser(
        "audit",
        help="check the arithmetic of a paper's reported numbers",
        description="Counts, percentages, p values, intervals of AUCs, fractions and "
        "net benefit, recomputed from what the paper prints: what contradicts itself, "
        "what is doubtful, and what agrees.",
    )
    audit.add_argument(
        "paper", type=input_path, help="JSON file of the numbers that a paper reports"
    )
    audit.add_argument(
        "--out",
        type=OutputFile(is_audit),
        metavar="FILE.csv",
        help="write the table, as CSV or, to FILE.json, as JSON",
    )
    audit.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the numbers, and print what was found."""
    from sklearn_orn import __version__
    from sklearn_orn.audit import audit_reported_numbers
    from sklearn_orn.audit.shared import FORMAT, VERSION
    from sklearn_orn.study.shared import write_csv, write_json

    out = arguments.out
    if out is not None:
        if out.suffix not in (".csv", ".json"):
            raise CohortError(f"--out {out} is neither FILE.csv nor FILE.json.")
        make_room(out, "FILE.csv")
    audit = audit_reported_numbers(arguments.paper)
    if out is not None and out.suffix == ".json":
        head = {"format": FORMAT, "schema_version": VERSION, "sklearn_orn": __version__}
        write_json(out, head | audit.as_dict())
    elif out is not None:
        write_csv(out, audit.table())
    print(audit)
    return OK
