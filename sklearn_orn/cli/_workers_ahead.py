"""Workers that have all imports behind them: they are forked from one process."""

import argparse
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

IMPORTS = "sklearn_orn.cli._imports_of_workers"
FORKS: Final = "forkserver"
FORKED_FROM_HERE = "SKLEARN_ORN_FORKED_FROM_HERE"  # tells its process from any other
# Objects between collections of garbage. What is imported, and what a figure is made
# of, is looked at for nothing; there is little garbage in a command.
RARELY = 100_000
# What joblib sets for workers that it starts itself.
THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS"),
    "NUMEXPR_NUM_THREADS",
)


def workers_ahead(arguments: argparse.Namespace, n_jobs: int | None) -> bool:
    """Let a process import what workers need, while this one imports it too.

    Return whether there is one. They are forked from it, which takes milliseconds; else
    each of them would import for seconds. So only where the process is the command's
    own: workers import what the program is, and one of a user's that calls `main` may
    not bear that.
    """
    import multiprocessing

    import joblib

    n_workers = joblib.effective_n_jobs(n_jobs)
    # Windows has no forks, and those of a process with macOS's BLAS may not end.
    forks = platform.system() == "Linux"
    if n_workers == 1 or not arguments.as_program or not forks:
        return False
    from multiprocessing.forkserver import ensure_running

    from joblib.externals.loky.backend.context import set_start_method

    multiprocessing.set_forkserver_preload([IMPORTS])
    with _environment(max(joblib.cpu_count() // n_workers, 1)):
        ensure_running()
    set_start_method(FORKS, force=True)
    return True


@contextmanager
def _environment(n_threads: int) -> Iterator[None]:
    """Set what the process shall find; the working directory is none of its paths."""
    wanted = dict.fromkeys(THREADS, str(n_threads))
    wanted |= {"PYTHONSAFEPATH": "1", FORKED_FROM_HERE: "1"}
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
