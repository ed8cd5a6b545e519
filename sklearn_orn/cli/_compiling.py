"""The first study: what takes long to compile is compiled beside other work."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

SOLVER = "from sklearn_orn.model.shared import compile_solver; compile_solver()"
MEASURING = (
    "from sklearn_orn.texture.shared import compile_measuring; compile_measuring()"
)
Process: TypeAlias = "subprocess.Popen[bytes]"


@contextmanager
def compiled_beside(
    n_jobs: int | None, *, wanted: bool = True
) -> Iterator[Callable[[], None]]:
    """Compile in processes of their own what no study compiled before.

    It is kept on the disk, where this process and its workers find it. What is not
    there yet, or whose process fails, is compiled by each that needs it; so yield what
    waits until workers find the kernel that measures.
    """
    import joblib

    from sklearn_orn.model.shared import solver_is_compiled
    from sklearn_orn.texture.shared import measuring_is_compiled

    several = wanted and joblib.effective_n_jobs(n_jobs) > 1
    measuring = [_started(MEASURING)] if several and not measuring_is_compiled() else []
    solver = [_started(SOLVER)] if wanted and not solver_is_compiled() else []

    def wait() -> None:
        for process in measuring:
            process.wait()

    try:
        yield wait
    finally:
        for process in [*measuring, *solver]:
            process.terminate()
            process.wait()


def _started(command: str) -> Process:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
