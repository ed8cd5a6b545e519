"""``sklearn-orn audit``: a paper's own arithmetic, from the numbers that it prints."""

import argparse

from sklearn_orn.cli._common import OK
from sklearn_orn.cli._numbers_file import (
    add_numbers_file,
    check_numbers_file,
    write_numbers,
)
from sklearn_orn.cli._own_files import is_audit
from sklearn_orn.cli._paths import input_path

HELP = "check the arithmetic of a paper's reported numbers"
DESCRIPTION = (
    "Counts, percentages, p values, intervals of AUCs, fractions and "
    "net benefit, recomputed from what the paper prints: what contradicts itself, "
    "what is doubtful, and what agrees."
)


def add(audit: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    audit.add_argument(
        "paper", type=input_path, help="JSON file of the numbers that a paper reports"
    )
    add_numbers_file(audit, is_audit, "table")


def run(arguments: argparse.Namespace) -> int:
    """Check the numbers, and print what was found."""
    from sklearn_orn.audit import audit_reported_numbers
    from sklearn_orn.audit.shared import FORMAT, VERSION

    check_numbers_file(arguments.out)
    audit = audit_reported_numbers(arguments.paper)
    write_numbers(arguments.out, audit, FORMAT, VERSION)
    print(audit)
    return OK
