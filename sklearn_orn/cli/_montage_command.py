"""``sklearn-orn montage``: every lesion with its outlines, to look at."""

import argparse
import io

from sklearn_orn.cli._cohorts import COHORT, add_table_options, open_cohort
from sklearn_orn.cli._common import LEFT_OUT, OK, Commands, make_room
from sklearn_orn.cli._own_files import MONTAGE_SOFTWARE, is_montage
from sklearn_orn.cli._paths import OutputFile, input_path
from sklearn_orn.exceptions import CohortError

MONTAGE_DPI = 130


def add(commands: Commands) -> None:
    """Add the command."""
    montage = commands.add_parser(
        "montage", help="draw every lesion with the readers' outlines, to look at"
    )
    montage.add_argument("cohort", type=input_path, help=COHORT)
    montage.add_argument(
        "--out", type=OutputFile(is_montage), required=True, metavar="FILE.png"
    )
    montage.add_argument(
        "--columns", type=int, default=6, metavar="N", help="panels in a row (6)"
    )
    add_table_options(montage)
    montage.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw the montage of a table."""
    from sklearn_orn._io.text_files import write_bytes
    from sklearn_orn.plotting import MontageDisplay

    if arguments.columns < 1:
        raise CohortError(f"--columns is {arguments.columns}: expected 1 or more.")
    cohort = open_cohort(arguments)
    out = make_room(arguments.out, "FILE.png")
    display = MontageDisplay.from_cohort(cohort.lesions(), n_columns=arguments.columns)
    content = io.BytesIO()
    display.figure_.savefig(
        content,
        dpi=MONTAGE_DPI,
        format="png",
        metadata={"Software": MONTAGE_SOFTWARE},
    )
    write_bytes(out, content.getvalue())
    failed = sum(panel.image is None for panel in display.panels)
    print(f"{len(cohort)} lesions, {failed} of them unreadable: {out}")
    return LEFT_OUT if failed else OK
