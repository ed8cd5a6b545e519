"""Progress on a terminal, and Ctrl-C at every step of it."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sklearn_orn._progress import Progress
from sklearn_orn.cli._interrupts import Interrupts

SECONDS_BEFORE_BAR = 2.0
INTERRUPTS = Interrupts()


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Give a callable of (step, done, total), which shows on a terminal after 2 s."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: INTERRUPTS.check()
        return
    from rich import progress
    from rich.console import Console

    bar = progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.TextColumn("{task.fields[count]}", markup=False),
        progress.TimeElapsedColumn(),
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
