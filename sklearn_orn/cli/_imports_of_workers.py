"""What workers of a study need; a process imports it once and is forked then."""

import gc
import os
import signal
import sys
from importlib import import_module
from types import TracebackType

from sklearn_orn.cli._workers_ahead import FORKED_FROM_HERE, RARELY

MODULES = (
    "sklearn_orn.study",
    "sklearn_orn.datasets",
    "sklearn_orn.plotting.shared",
    "sklearn_orn._numba",
    "pydicom",
    "PIL.PngImagePlugin",
    "scipy.ndimage",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
)


def prepare() -> None:
    """Import the modules, and read from the disk what was compiled."""
    # Ctrl-C is for the command, which ends this process with it.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.excepthook = of_a_start
    gc.set_threshold(RARELY)
    for name in MODULES:
        import_module(name)
    from sklearn_orn.model.shared import compile_solver, solver_is_compiled
    from sklearn_orn.texture.shared import compile_measuring, measuring_is_compiled

    if measuring_is_compiled():
        compile_measuring()
    if solver_is_compiled():
        compile_solver()
    gc.freeze()  # never looked at again, so that workers share its memory too
    signal.signal(signal.SIGINT, before)


def of_a_start(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Print why a worker cannot start, unless the command ends: its locks are gone."""
    if not (isinstance(error, FileNotFoundError) and error.filename is None):
        sys.__excepthook__(kind, error, traceback)


if FORKED_FROM_HERE in os.environ:
    prepare()
