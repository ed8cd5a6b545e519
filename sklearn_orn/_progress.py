"""One progress bar for everything that takes long."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def track(items: Iterable[T], total: int, description: str) -> Iterator[T]:
    """Pass items on and show on standard error how many have passed."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    if console.is_jupyter:
        # rich's own way needs ipywidgets; a notebook redraws one line by itself.
        console = Console(stderr=True, force_jupyter=False, force_terminal=True)
    with Progress(*columns, console=console) as bar:
        yield from bar.track(items, total=total, description=description)
