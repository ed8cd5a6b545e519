"""A file of numbers that a command writes, as CSV or as JSON."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sklearn_orn.cli._common import make_room
from sklearn_orn.cli._paths import Ours, OutputFile
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    import pandas as pd


class Numbers(Protocol):
    """What can be written both ways."""

    def table(self) -> "pd.DataFrame":
        """Return the numbers as a table."""

    def as_dict(self) -> dict[str, object]:
        """Return them as plain data."""


def add_numbers_file(parser: argparse.ArgumentParser, ours: Ours, what: str) -> None:
    """Add the option that names the file."""
    parser.add_argument(
        "--out",
        type=OutputFile(ours),
        metavar="FILE.csv",
        help=f"write the {what}, as CSV or, to FILE.json, as JSON",
    )


def check_numbers_file(out: Path | None) -> None:
    """Refuse a name that does not say which of the two it is."""
    if out is not None:
        if out.suffix not in (".csv", ".json"):
            raise CohortError(f"--out {out} is neither FILE.csv nor FILE.json.")
        make_room(out, "FILE.csv")


def write_numbers(out: Path | None, found: Numbers, name: str, version: int) -> None:
    """Write the file, where there is to be one; JSON says its format and version."""
    from sklearn_orn import __version__
    from sklearn_orn._io.json_head import head
    from sklearn_orn.study.shared import write_csv, write_json

    if out is not None and out.suffix == ".json":
        own = {"sklearn_orn": __version__}
        write_json(out, head(name, version) | own | found.as_dict())
    elif out is not None:
        write_csv(out, found.table())
