"""Features of the run-length matrix."""

import numpy as np

from sklearn_orn._numba import INDEX, part


@part
def _count_runs(levels, places, step, by_level, by_length):
    """Count the runs along a direction; return how many, and the longest."""
    by_level[:] = 0
    for place in places:
        by_level[INDEX(levels[INDEX(place)])] += 1
    runs, longest = len(places), 1
    for place in places:
        level = levels[INDEX(place)]
        following = place + step
        if levels[INDEX(following)] != level:
            continue
        by_level[level] -= 1
        runs -= 1
        if levels[INDEX(place - step)] == level:
            continue
        length = 1
        while levels[following] == level:
            length += 1
            following += step
        by_length[length] += 1
        by_length[1] -= 1
        longest = max(longest, length)
    by_length[1] += runs
    return runs, longest


@part
def run_length_features(levels, places, width, by_level, by_length, out, at):
    """Write the five features of each of the four directions.

    `levels` are flat: from 1 inside the ROI, 0 outside, with a margin of at least 1;
    `by_level` has room for the levels, `by_length` for len(places) + 1 counts.
    """
    by_length[:] = 0
    for step in (1, width, width - 1, width + 1):
        runs, longest = _count_runs(levels, places, step, by_level, by_length)
        length_squares = level_squares = long_runs = np.int64(0)
        short_runs = 0.0
        for length in range(1, longest + 1):
            count, squared = np.int64(by_length[length]), length * length
            by_length[length] = 0
            length_squares += count * count
            long_runs += squared * count
            short_runs += count / squared
        for count in by_level:
            level_squares += np.int64(count) * count
        for value in (
            length_squares / runs,
            level_squares / runs,
            long_runs / runs,
            short_runs / runs,
            runs / len(places),
        ):
            out[at] = value
            at += 1
