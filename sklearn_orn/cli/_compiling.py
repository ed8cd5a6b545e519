"""The first study: what takes long to compile is compiled beside other work."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from sklearn_orn._progress import Progress

SOLVER = "from sklearn_orn.model.shared import compile_solver; compile_solver()"
MEASURING = (
    "from sklearn_orn.texture.shared import compile_measuring; compile_measuring()"
)
Process: TypeAlias = "subprocess.Popen[bytes]"


@contextmanager
def compiled_beside(
    n_jobs: int | None, *, wanted: bool = True
) -> Iterator[Callable[[Progress], Progress]]:
    """Compile in processes of their own what no study compiled before.

    It is kept on the disk, where this process and its workers find it; each that came
    too early would compile it too. So yield what waits for the kernel that measures,
    and returns the progress of a study that waits for the solver before it fits.
    """
    import joblib

    from sklearn_orn.model.shared import solver_is_compiled
    from sklearn_orn.texture.shared import measuring_is_compiled

    several = wanted and joblib.effective_n_jobs(n_jobs) > 1
    measuring = [_started(MEASURING)] if several and not measuring_is_compiled() else []
    solver = [_started(SOLVER)] if wanted and not solver_is_compiled() else []

    def waited(progress: Progress) -> Progress:
        from sklearn_orn.study.shared import FITTING

        _wait(measuring)

        def waiting(step: str, done: int, total: int) -> None:
            if step == FITTING:
                _wait(solver)
            progress(step, done, total)

        return waiting

    try:
        yield waited
    finally:
        for process in [*measuring, *solver]:
            process.terminate()
            process.wait()


def _wait(processes: Sequence[Process]) -> None:
    for process in processes:
        process.wait()


def _started(command: str) -> Process:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
