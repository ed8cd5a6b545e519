"""The first study: the solver is compiled while the lesions are measured."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

COMPILE = "from sklearn_orn.model.shared import compile_solver; compile_solver()"


@contextmanager
def solver_compiled_beside(*, wanted: bool = True) -> Iterator[None]:
    """Compile the LASSO in a process of its own, unless a study did so before.

    It is kept on the disk, where this process finds it when it gets there; if it is
    not there yet, or the other process fails, this one compiles it.
    """
    from sklearn_orn.model.shared import solver_is_compiled

    if not wanted or solver_is_compiled():
        yield
        return
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", COMPILE],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
