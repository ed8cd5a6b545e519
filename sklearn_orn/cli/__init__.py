"""The command line: ``sklearn-orn`` and its commands."""

import argparse
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sklearn_orn import __version__
from sklearn_orn.cli._common import (
    BAD_INPUT,
    CRASHED,
    EXIT_CODES,
    INTERRUPTED,
    JOBS,
    add_settings_options,
    chosen_bits,
    crash_text,
    list_left_out,
    make_room,
    workers,
)
from sklearn_orn.cli._image_commands import (
    add_image_commands,
    add_table_options,
    load_table,
)
from sklearn_orn.cli._interrupts import Interrupts
from sklearn_orn.cli._model_commands import add_model_commands
from sklearn_orn.cli._own_files import is_feature_table
from sklearn_orn.cli._paths import CommandPaths, OutputFile, input_path
from sklearn_orn.cli._streams import tolerant_streams
from sklearn_orn.cli._study_commands import add_study_commands
from sklearn_orn.exceptions import (
    CohortError,
    LesionError,
    ModelFileError,
    NotEstimable,
)

SECONDS_BEFORE_BAR = 2.0
INTERRUPTS = Interrupts()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sklearn-orn",
        description="Radiomics-nomogram studies, from DICOM to decision curve.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--traceback",
        action="store_true",
        help="after a crash, print where in the program it happened",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    add_study_commands(commands, _COHORT, progress_bar)
    extract = commands.add_parser(
        "extract",
        help="measure the 279 features of each lesion of a cohort table",
        description="Write the features of each lesion, and beside them, as FILE.json, "
        "how they were measured.",
    )
    extract.add_argument("cohort", type=input_path, help=_COHORT)
    extract.add_argument(
        "--out",
        type=OutputFile(is_feature_table, beside=_settings_beside),
        required=True,
        metavar="FILE.csv",
    )
    extract.add_argument("--jobs", type=workers, default=1, metavar="N", help=JOBS)
    add_settings_options(extract, "")
    add_table_options(extract)
    extract.set_defaults(run=run_extract)
    add_image_commands(commands, _COHORT, progress_bar)
    add_model_commands(commands, progress_bar)
    for command in commands.choices.values():
        command.epilog = EXIT_CODES
        command.set_defaults(parser=command)
    return parser


def _settings_beside(out: Path) -> Path:
    from sklearn_orn.texture.shared import settings_path

    return settings_path(out)


_COHORT = (
    "CSV, one row per lesion: image, and mask or mask_<reader>; paths relative to it"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, default=None
        Arguments; None takes the program's own.

    Returns
    -------
    int
        0 if all was done; 1 if lesions were left out; 2 if the command was refused;
        3 if it crashed; 130 if it was interrupted.
    """
    with tolerant_streams():
        return _run(_parser().parse_args(argv))


def _run(arguments: argparse.Namespace) -> int:
    try:
        with INTERRUPTS:
            actions = arguments.parser._actions
            arguments.paths = CommandPaths.of(actions, arguments)
            return int(arguments.run(arguments))
    except (CohortError, LesionError, ModelFileError, NotEstimable) as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(_os_error_text(error))
    except KeyboardInterrupt:
        print("\nsklearn-orn: interrupted; no file is half-written", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # no fault of the input: one line, and a way to more
        print(f"sklearn-orn: crashed: {crash_text(error)}", file=sys.stderr)
        if arguments.traceback:
            traceback.print_exception(error)
        return CRASHED


def _complain(text: str) -> int:
    print(f"sklearn-orn: error: {' '.join(text.splitlines())}", file=sys.stderr)
    return BAD_INPUT


def _os_error_text(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


@contextmanager
def progress_bar() -> Iterator[Any]:
    """Give a callable that shows progress on a terminal, after two seconds.

    Yields
    ------
    callable
        Takes ``(step, done, total)``.
    """
    if not sys.stderr.isatty():
        yield lambda step, done, total: INTERRUPTS.check()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("", total=None, count="")

    def report(step: str, done: int, total: int) -> None:
        INTERRUPTS.check()
        if total == 1:  # a step without parts: the bar only moves
            bar.reset(task, total=None, start=False, description=step, count="")
        else:
            count = f"{done}/{total}"
            bar.update(task, description=step, completed=done, total=total, count=count)

    # A short job shows nothing; a long one shows the bar even while its first step,
    # which compiles, has nothing to report yet.
    timer = threading.Timer(SECONDS_BEFORE_BAR, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield report
    finally:
        timer.cancel()
        timer.join()
        bar.stop()


def run_extract(arguments: argparse.Namespace) -> int:
    """Measure every lesion of a table and write the features.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``extract``.

    Returns
    -------
    int
        0, or 1 if lesions were left out.
    """
    from sklearn.pipeline import Pipeline

    from sklearn_orn.study import extract_rows, feature_table
    from sklearn_orn.study.shared import write_csv
    from sklearn_orn.texture import Normalizer, TextureExtractor
    from sklearn_orn.texture.shared import check_free, write_settings

    cohort = load_table(arguments)
    make_room(arguments.out, "FILE.csv")
    check_free(arguments.out)
    normalizer = Normalizer(arguments.normalization or "3sigma")
    extractor = TextureExtractor(bits=chosen_bits(arguments), n_jobs=arguments.jobs)
    steps = Pipeline([("normalizer", normalizer), ("extractor", extractor)])
    with progress_bar() as progress:
        extraction = extract_rows(cohort, steps, progress=progress)
        write_csv(arguments.out, feature_table(cohort, extraction))
        beside = write_settings(arguments.out, extraction.features, version=__version__)
    n_lesions, n_features = extraction.features.shape
    print(f"{n_lesions} lesions, {n_features} features: {arguments.out}")
    print(f"How they were measured: {beside}")
    return list_left_out(extraction.left_out, len(cohort))
