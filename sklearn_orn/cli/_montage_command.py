"""``sklearn-orn montage``: every lesion with its outlines, to look at."""

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING

from sklearn_orn._messages import counted
from sklearn_orn.cli._cohorts import add_table_options, open_cohort
from sklearn_orn.cli._common import LEFT_OUT, OK, add_options, make_room
from sklearn_orn.cli._own_files import MONTAGE_SOFTWARE, is_inspection, is_montage
from sklearn_orn.cli._paths import OutputFile
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    from sklearn_orn.cohort import Cohort

HELP = "draw every lesion with the readers' outlines, to look at"
MONTAGE_DPI = 130


def add(montage: argparse.ArgumentParser) -> None:
    """Add its arguments."""
    picture = ("--out", "FILE.png", "a picture with one panel for each lesion")
    add_options(montage, picture, of=OutputFile(is_montage))
    page = "a page with all slices, on which lesions are accepted or rejected; the CSV "
    page += "that it saves is for study --exclusions"
    add_options(montage, ("--html", "FILE.html", page), of=OutputFile(is_inspection))
    montage.add_argument(
        "--columns", type=int, default=6, metavar="N", help="panels in a row (6)"
    )
    add_table_options(montage)


def run(arguments: argparse.Namespace) -> int:
    """Draw the montage of a table, or write its page, or both."""
    if arguments.columns < 1:
        raise CohortError(f"--columns is {arguments.columns}: expected 1 or more.")
    if arguments.out is None and arguments.html is None:
        raise CohortError("nothing is to be written: pass --out or --html.")
    cohort = open_cohort(arguments)
    code = OK
    if arguments.out is not None:
        out = make_room(arguments.out, "FILE.png")
        code = max(code, _draw(cohort, out, arguments.columns))
    if arguments.html is not None:
        out = make_room(arguments.html, "FILE.html", "--html")
        code = max(code, _write_page(cohort, out))
    return code


def _draw(cohort: "Cohort", out: Path, n_columns: int) -> int:
    from sklearn_orn._io.text_files import write_bytes
    from sklearn_orn.plotting import MontageDisplay

    display = MontageDisplay.from_cohort(cohort.lesions(), n_columns=n_columns)
    content = io.BytesIO()
    display.figure_.savefig(
        content, dpi=MONTAGE_DPI, format="png", metadata={"Software": MONTAGE_SOFTWARE}
    )
    write_bytes(out, content.getvalue())
    failed = sum(panel.image is None for panel in display.panels)
    print(f"{counted(len(cohort), 'lesion')}, {failed} of them unreadable: {out}")
    return LEFT_OUT if failed else OK


def _write_page(cohort: "Cohort", out: Path) -> int:
    import statistics

    from sklearn_orn._io.text_files import write_text
    from sklearn_orn.plotting.shared import inspection_page

    with progress_bar() as progress:
        page = inspection_page(cohort, progress=progress)
    write_text(out, page.html)
    middle = statistics.median(page.n_bytes) / 1000
    print(
        f"{counted(len(cohort), 'lesion')}, {page.n_unreadable} of them unreadable, "
        f"{middle:.0f} kB each (median), {max(page.n_bytes) / 1000:.0f} at most: {out}"
    )
    return LEFT_OUT if page.n_unreadable else OK
