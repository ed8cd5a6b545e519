"""What the commands have in common: exit codes, files, lesions left out."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sklearn_orn._block_names import LESION, region_slug
from sklearn_orn._feature_settings import MAX_BITS, NORMALIZATIONS, QUANTISED
from sklearn_orn._messages import counted
from sklearn_orn._workers import MOST_WORKERS
from sklearn_orn.cli._told_once import told_once
from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    from sklearn_orn.deploy.shared import UnscoredRow
    from sklearn_orn.images import Regions
    from sklearn_orn.study.shared import LeftOut, StudyResult

OK, LEFT_OUT, BAD_INPUT, CRASHED, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_CODES = (
    "Exit codes: 0 done; 1 done, but lesions were left out (they are listed) or no "
    "model could be fitted; 2 refused, one line says why; 3 crashed; 130 interrupted."
)
LONGEST = 300  # letters of an error that is not ours
ALL = -1  # cores
JOBS = "workers, -1 for all cores"
MODEL = "JSON file that sklearn_orn.deploy.save_model wrote"


def workers(text: str) -> int:
    """Read a number of workers."""
    number = int(text)
    if number == 0:
        raise argparse.ArgumentTypeError("0 workers do nothing; 1 or more, or -1")
    if number > MOST_WORKERS:
        raise argparse.ArgumentTypeError(
            f"{number} workers are more than {MOST_WORKERS}; -1 takes all cores"
        )
    return number


def add_options(
    parser: argparse.ArgumentParser,
    *options: tuple[str, str, str],
    of: Callable[[str], object] = str,
) -> None:
    """Add options of one value each: their names, what stands for it, and the help."""
    for name, metavar, text in options:
        parser.add_argument(name, metavar=metavar, help=text, type=of)


def add_jobs(parser: argparse.ArgumentParser, default: int = 1) -> None:
    """Add the option of how many workers there are."""
    text = f"{JOBS} ({default})"
    parser.add_argument("--jobs", type=workers, default=default, metavar="N", help=text)


def add_settings_options(parser: argparse.ArgumentParser, why: str) -> None:
    """Add how features are measured; `why` says when the options count."""
    parser.add_argument(
        "--bits",
        type=_family_bits,
        action="append",
        metavar="FAMILY=N",
        help=f"bits per pixel of {', '.join(QUANTISED)}; may be given for each{why}",
    )
    parser.add_argument(
        "--normalization",
        choices=NORMALIZATIONS,
        help=f"grey-level window of each outline{why}",
    )


def _family_bits(text: str) -> tuple[str, int]:
    family, _, bits = text.partition("=")
    try:
        number = int(bits)
    except ValueError:
        number = 0
    if family not in QUANTISED or not 1 <= number <= MAX_BITS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not FAMILY=N with a family of {', '.join(QUANTISED)} and a "
            f"number from 1 to {MAX_BITS}"
        )
    return family, number


def add_regions(command: argparse.ArgumentParser) -> None:
    """Add the option of what is measured of each outline."""
    command.add_argument(
        "--regions",
        nargs="+",
        type=_region,
        metavar="REGION",
        help="what is measured of each outline (lesion): also 'rim 3 mm outside', "
        "'rim 2 mm inside', 'bounding context'",
    )


def _region(text: str) -> str:
    try:
        region_slug(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def region_steps(arguments: argparse.Namespace) -> "list[tuple[str, Regions]]":
    """Return the step of regions, where others than the lesion are asked for."""
    from sklearn_orn.images import Regions

    if arguments.regions is None or arguments.regions == [LESION]:
        return []
    slugs = [region_slug(text) for text in arguments.regions]
    if len(set(slugs)) < len(slugs):
        raise CohortError(
            f"--regions names one twice: {', '.join(map(repr, arguments.regions))}."
        )
    return [("regions", Regions(arguments.regions))]


def chosen_bits(arguments: argparse.Namespace) -> dict[str, int] | None:
    """Return the bits that the user chose for each family; None for none."""
    return None if arguments.bits is None else dict(arguments.bits)


@contextmanager
def settings_checked() -> Iterator[None]:
    """Make a wrong setting an error of one line."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise CohortError(str(error)) from error


def make_room(out: Path, example: str, option: str = "--out") -> Path:
    """Refuse a folder as the name of a file, and make the folder it goes to."""
    from sklearn_orn.study.shared import make_folder

    if out.is_dir():
        raise CohortError(f"{option} {out} is a folder: name a file, {example}.")
    make_folder(out.parent)
    return out


def error_text(error: Exception, hidden: bool) -> str:
    """Say what was refused; without what a table holds where ids are hidden."""
    if isinstance(error, OSError):
        if hidden:
            return error.strerror or type(error).__name__
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    return str(getattr(error, "hidden", error) if hidden else error)


def crash_text(error: Exception, hidden: bool = False) -> str:
    """Say in one line what a crash was, and what to do."""
    kind = type(error).__name__
    if kind in ("TerminatedWorkerError", "BrokenProcessPool", "KilledWorker"):
        return (
            "a worker was killed, most often for want of memory. Take fewer (--jobs); "
            "a study goes on where it stopped with --resume."
        )
    if isinstance(error, MemoryError):
        return (
            "not enough memory. Take fewer workers (--jobs), or a machine with more; a "
            "study goes on where it stopped with --resume."
        )
    text = "" if hidden else " ".join(str(error).split())[:LONGEST]
    return (
        f"{kind}: {text} This is a fault of the program; `sklearn-orn --traceback "
        "COMMAND ...` shows where. Please report it."
    )


def list_left_out(left_out: "Sequence[LeftOut | UnscoredRow]", n_lesions: int) -> int:
    """List the lesions left out on stderr; return the exit code."""
    if not left_out:
        return OK
    print(
        f"{len(left_out)} of {counted(n_lesions, 'lesion')} left out:", file=sys.stderr
    )
    for line in told_once(" ".join(each.reason.splitlines()) for each in left_out):
        print(f"  {line}", file=sys.stderr)
    return LEFT_OUT


def finish(result: "StudyResult") -> int:
    """Print the main numbers and where the report is; return the exit code."""
    from sklearn_orn.study.shared import summary_text

    print(summary_text(result.numbers))
    print(f"\nReport: {result.report}")
    n_lesions = len(result.features) + len(result.left_out)
    code = list_left_out(result.left_out, n_lesions)
    return LEFT_OUT if result.pipeline is None else code
