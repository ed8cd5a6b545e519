"""How far a long work is: what is told, and one bar that shows it."""

from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

T = TypeVar("T")
# Called with the step, how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]


def no_progress(step: str, done: int, total: int) -> None:
    """Report nothing."""


def track(items: Iterable[T], total: int, description: str) -> Generator[T, None, None]:
    """Pass items on and show on standard error how many have passed."""
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    if console.is_jupyter:
        # rich's own way needs ipywidgets; a notebook redraws one line by itself.
        console = Console(stderr=True, force_jupyter=False, force_terminal=True)
    with progress.Progress(*columns, console=console) as bar:
        yield from bar.track(items, total=total, description=description)
