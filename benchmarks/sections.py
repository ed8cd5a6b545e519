"""Sections of simulated studies: how they are named, repeated and printed."""

from collections.abc import Callable

import numpy as np
from joblib import Parallel, delayed

# Name of a section -> function of (runs, jobs) that returns its Markdown lines.
SECTIONS: dict[str, Callable[[int, int], list[str]]] = {}
RUNS: dict[str, int] = {}


def section(runs):
    """Register a function as a section with a default number of studies a row."""

    def register(function):
        SECTIONS[function.__name__] = function
        RUNS[function.__name__] = runs
        return function

    return register


def repeat(function, runs, jobs, *arguments, seed=0, **settings):
    """Return an array of what `function(rng, ...)` returns for each study."""
    parts = np.array_split(np.random.SeedSequence(seed).spawn(runs), max(4 * jobs, 1))

    def some(seeds):
        return [
            function(np.random.default_rng(s), *arguments, **settings) for s in seeds
        ]

    done = Parallel(n_jobs=jobs)(delayed(some)(part) for part in parts)
    return np.array([row for rows in done for row in rows], dtype=float)


def markdown(header, rows):
    """Return the lines of a table."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def percent(flags):
    """Return the share of true values, in per cent."""
    return f"{100 * np.mean(flags):.1f}"


def coverage(truth, lower, upper):
    """Return coverage, both tails, and how often there is no interval, in per cent.

    The tails are shares of the intervals that lie above and below the truth.
    """
    known = ~(np.isnan(lower) | np.isnan(upper))
    above, below = lower[known] > truth, upper[known] < truth
    return [percent(~above & ~below), percent(above), percent(below), percent(~known)]


COVERAGE = ["coverage %", "lies above %", "lies below %", "no interval %"]


def mean_and_error(values):
    """Return a mean and its standard error, as they are printed."""
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    return [f"{np.mean(values):.3f}", f"{error:.3f}"]
