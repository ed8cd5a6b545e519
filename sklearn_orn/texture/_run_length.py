"""Features of the run-length matrix."""

import numpy as np

from sklearn_orn._numba import INDEX, inlined


@inlined
def _count_runs(levels, places, step, by_level, by_length):
    """Join pixels, runs of 1 so far, along a direction; return runs and the longest."""
    runs, longest, joined = len(places), 1, 0
    for place in places:
        level = levels[INDEX(place)]
        following = place + step
        if levels[INDEX(following)] != level:
            continue
        by_level[INDEX(level)] -= 1
        runs -= 1
        if levels[INDEX(place - step)] == level:
            continue
        length = 1
        while levels[INDEX(following)] == level:
            length += 1
            following += step
        by_length[INDEX(length)] += 1
        joined += 1
        longest = max(longest, length)
    by_length[1] = runs - joined
    return runs, longest


@inlined
def run_length_features(levels, places, width, n_levels, by_length, out, at):
    """Write the five features of each of the four directions.

    `levels` are flat: from 1 inside the ROI, 0 outside, with a margin of at least 1;
    `by_length` has room for len(places) + 1 counts.
    """
    of_pixels = np.empty(n_levels + 1, np.uint32)
    by_level = np.empty(n_levels + 1, np.uint32)
    of_pixels[:] = 0
    for place in places:
        of_pixels[INDEX(levels[INDEX(place)])] += 1
    by_length[:] = 0
    for step in (1, width, width - 1, width + 1):
        for level in range(n_levels + 1):
            by_level[level] = of_pixels[level]
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
