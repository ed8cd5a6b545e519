"""The command line: ``sklearn-orn`` and its commands."""

import argparse
import atexit
import gc
import sys
import traceback
from collections.abc import Sequence
from functools import cache

from sklearn_orn import __version__
from sklearn_orn.cli import (
    _audit_command,
    _calculator_command,
    _check_command,
    _collect_command,
    _demo_command,
    _extract_command,
    _init_command,
    _montage_command,
    _predict_command,
    _report_command,
    _reproduce_command,
    _study_command,
    _validate_command,
)
from sklearn_orn.cli._common import (
    BAD_INPUT,
    CRASHED,
    EXIT_CODES,
    INTERRUPTED,
    crash_text,
    error_text,
)
from sklearn_orn.cli._paths import CommandPaths
from sklearn_orn.cli._progress_bar import INTERRUPTS
from sklearn_orn.cli._streams import tolerant_streams
from sklearn_orn.cli._told_once import shortened
from sklearn_orn.cli._workers_ahead import RARELY
from sklearn_orn.exceptions import (
    CohortError,
    LesionError,
    ModelFileError,
    NotEstimable,
)

# In the order of `--help`.
COMMANDS = (
    _demo_command,
    _collect_command,
    _study_command,
    _init_command,
    _report_command,
    _extract_command,
    _check_command,
    _montage_command,
    _predict_command,
    _validate_command,
    _calculator_command,
    _audit_command,
    _reproduce_command,
)


@cache
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
    for command in COMMANDS:
        added = commands.add_parser(
            command.__name__.rpartition("._")[2].removesuffix("_command"),
            help=command.HELP,
            description=getattr(command, "DESCRIPTION", None),
            epilog=EXIT_CODES,
        )
        command.add(added)
        added.set_defaults(parser=added, module=command)
    return parser


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
        arguments = _parser().parse_args(argv)
        arguments.as_program = argv is None
        if arguments.as_program:
            gc.set_threshold(RARELY)
            # Else all objects are looked at for garbage once more as the process ends.
            atexit.register(gc.freeze)
        return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    hidden = getattr(arguments, "hash_ids", None) is not None
    try:
        with INTERRUPTS:
            actions = arguments.parser._actions
            arguments.paths = CommandPaths.of(actions, arguments)
            return int(arguments.module.run(arguments))
    except (CohortError, LesionError, ModelFileError, NotEstimable, OSError) as error:
        text = " ".join(error_text(error, hidden).splitlines())
        print(f"sklearn-orn: error: {shortened(text)}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("\nsklearn-orn: interrupted; no file is half-written", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # no fault of the input: one line, and a way to more
        print(f"sklearn-orn: crashed: {crash_text(error, hidden)}", file=sys.stderr)
        if arguments.traceback and hidden:  # its message may hold an id
            traceback.print_tb(error.__traceback__)
        elif arguments.traceback:
            traceback.print_exception(error)
        return CRASHED
