"""What workers of a study need; a process imports it once and is forked then."""

import gc
import os
import signal
from importlib import import_module

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


if FORKED_FROM_HERE in os.environ:
    prepare()
