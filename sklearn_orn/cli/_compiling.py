"""The first study: what takes long to compile is compiled beside other work."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.process import BaseProcess
from typing import TypeAlias

from sklearn_orn._progress import Progress
from sklearn_orn.cli._workers_ahead import FORKS

SOLVER = "from sklearn_orn.model.shared import compile_solver; compile_solver()"
MEASURING = (
    "from sklearn_orn.texture.shared import compile_measuring; compile_measuring()"
)
NEEDED_LATER = ("pydicom", "matplotlib", "jinja2", "sklearn_orn.plotting.shared")
Process: TypeAlias = subprocess.Popen[bytes] | BaseProcess


@contextmanager
def compiled_beside(
    n_jobs: int | None, *, wanted: bool = True, forked: bool = False
) -> Iterator[Callable[[Progress], Progress]]:
    """Compile in processes of their own what no study compiled before.

    It is kept on the disk, where this process and its workers find it; each that came
    too early would compile it too. So yield what waits for the kernel that measures,
    and returns the progress of a study that waits for the solver before it fits. They
    are forked from the process that `workers_ahead` started, if it did.
    """
    import joblib

    from sklearn_orn.model.shared import compile_solver, solver_is_compiled
    from sklearn_orn.texture.shared import measuring_is_compiled

    several = wanted and joblib.effective_n_jobs(n_jobs) > 1
    start = _forked if forked else _started
    measuring = [start(MEASURING)] if several and not measuring_is_compiled() else []
    solver = [start(SOLVER)] if wanted and not solver_is_compiled() else []
    if forked and wanted:  # the workers import longer than this process
        for name in NEEDED_LATER:
            import_module(name)
        if not solver:
            compile_solver()  # it is read from the disk

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
        started = [*measuring, *solver]
        for process in started:
            process.terminate()
        _wait(started)


def _wait(processes: Sequence[Process]) -> None:
    for process in processes:
        process.join() if isinstance(process, BaseProcess) else process.wait()


def _started(command: str) -> Process:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _forked(command: str) -> Process:
    import multiprocessing

    process = multiprocessing.get_context(FORKS).Process(
        target=_run_silently, args=(command,), daemon=True
    )
    process.start()
    return process


def _run_silently(command: str) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    exec(command)
