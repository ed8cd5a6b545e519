"""What a benchmark hands over, and how times are taken."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

OURS = "sklearn_orn"


class Case(NamedTuple):
    """One task and what each program needs for it.

    Attributes
    ----------
    name : str
        The task.
    unit : str
        Of the values; less is better.
    values : dict of str to float or None
        Program to value, ours first; None where the program is not installed.
    """

    name: str
    unit: str
    values: dict[str, float | None]


def cpu_ms(function: Callable[[], Any], repeats: int) -> float:
    """Return the median CPU time of a call, after one to warm up where it is short."""
    times = []
    for i in range(repeats + 1):
        start = time.process_time_ns()
        function()
        times.append((time.process_time_ns() - start) / 1e6)
        if i == 0 and times[0] > 20_000:
            return times[0]
    return float(np.median(times[1:]))


def wall_ms(function: Callable[[], Any], repeats: int) -> float:
    """Return the median wall time of a call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter_ns()
        function()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return float(np.median(times))


def unless_missing(measure: Callable[[], float]) -> float | None:
    """Return what `measure` does, None where its program is not installed."""
    try:
        return measure()
    except ModuleNotFoundError:
        return None
