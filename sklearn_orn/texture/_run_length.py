"""Features of the run-length matrix."""

import numpy as np

from sklearn_orn._numba import kernel


@kernel
def run_length_features(levels, places, steps, n_levels):
    """Return the five features of each direction, shape (n_steps, 5).

    `levels` are flat: from 1 inside the ROI, 0 outside, with a margin of at least 1;
    `steps` are flat, one along each direction.
    """
    out = np.empty((len(steps), 5))
    by_length = np.zeros(len(places) + 1, np.int64)
    for k in range(len(steps)):
        step = steps[k]
        by_level = np.zeros(n_levels + 1, np.int64)
        runs = longest = 0
        for place in places:
            level = levels[place]
            if levels[place - step] == level:
                continue
            length = 1
            following = place + step
            while levels[following] == level:
                length += 1
                following += step
            by_level[level] += 1
            by_length[length] += 1
            longest = max(longest, length)
            runs += 1
        length_squares = level_squares = long_runs = short_runs = 0.0
        for length in range(1, longest + 1):
            count = by_length[length]
            by_length[length] = 0
            length_squares += float(count) * count
            long_runs += float(length) * length * count
            short_runs += count / (float(length) * length)
        for count in by_level:
            level_squares += float(count) * count
        out[k, 0] = length_squares / runs
        out[k, 1] = level_squares / runs
        out[k, 2] = long_runs / runs
        out[k, 3] = short_runs / runs
        out[k, 4] = runs / len(places)
    return out
