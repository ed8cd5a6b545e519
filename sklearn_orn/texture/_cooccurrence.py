"""Features of the grey-level co-occurrence matrix."""

from functools import lru_cache

import numpy as np

from sklearn_orn._numba import INDEX, part


def count_logs(n: int) -> np.ndarray:
    """Return c log10(c) for counts c up to n at least, and c log10(2c) behind them."""
    return _logs(max(12, n.bit_length()))


@lru_cache
def _logs(bits: int) -> np.ndarray:
    counts = np.arange(1 << bits)
    logs = [counts * np.log10(np.maximum(times * counts, 1)) for times in (1, 2)]
    return np.concatenate(logs)


@part
def _count_pairs(levels, places, step, bits, matrix, cells):
    """Count pairs in the upper triangle; return how many, and how many cells in use.

    Cells are listed where they are first used, so that no empty one is read.
    """
    pairs = used = np.int64(0)
    for place in places:
        other = np.int64(levels[INDEX(place + step)])
        if other == 0:
            continue
        level = np.int64(levels[INDEX(place)])
        cell = (min(level, other) << bits) + max(level, other)
        count = matrix[INDEX(cell)]
        matrix[INDEX(cell)] = count + 1
        cells[INDEX(used)] = cell
        used += count == 0
        pairs += 1
    return pairs, used


@part
def _empty_cells(matrix, cells, used, bits, logs, sums, differences):
    """Move counts from the matrix to its marginals.

    Returns the sum of squares, and half the sum of c log10(c), of all cells.
    """
    squares, weighted, half = np.int64(0), 0.0, len(logs) // 2
    for i in range(used):
        cell = np.int64(cells[INDEX(i)])
        count = np.int64(matrix[INDEX(cell)])
        matrix[INDEX(cell)] = 0
        low = (cell - 1) >> bits
        high = cell - (low << bits)
        diagonal = np.int64(low == high)
        sums[INDEX(low + high)] += count
        differences[INDEX(high - low)] += count
        squares += (count * count) << (1 + diagonal)
        weighted += logs[INDEX(count + (half if diagonal else 0))]
    return squares, weighted


@part
def _distribution(counts, pairs, logs):
    """Return mean, variance and entropy of a marginal."""
    first, last = 0, len(counts) - 1
    while counts[first] == 0:
        first += 1
    while counts[last] == 0:
        last -= 1
    total, weighted = np.int64(0), 0.0
    for k in range(first, last + 1):
        total += k * counts[k]
        weighted += logs[counts[k]]
    mean, squares = total / pairs, 0.0
    for k in range(first, last + 1):
        squares += (k - mean) * (k - mean) * counts[k]
    return mean, squares / pairs, max(np.log10(float(pairs)) - weighted / pairs, 0.0)


@part
def _features(pairs, squares, weighted, sums, differences, logs):
    """Eleven features from the marginals of the matrix.

    SumOfSqs and Correlat follow from the identities
    ``4 SumOfSqs = SumVarnc + Contrast`` and
    ``Correlat = 1 - Contrast / (2 SumOfSqs)`` of a symmetric matrix.
    """
    contrast, inverse, total = np.int64(0), 0.0, 2.0 * pairs
    for d in range(len(differences)):
        contrast += d * d * differences[d]
        inverse += differences[d] / (1.0 + d * d)
    mean_square = contrast / pairs
    sum_average, sum_variance, sum_entropy = _distribution(sums, pairs, logs)
    _, difference_variance, difference_entropy = _distribution(differences, pairs, logs)
    variance = (sum_variance + mean_square) / 4.0
    return (
        squares / (total * total),
        mean_square,
        1.0 - mean_square / (2.0 * variance) if variance > 0.0 else np.nan,
        variance,
        inverse / pairs,
        sum_average,
        sum_variance,
        sum_entropy,
        max(np.log10(total) - weighted / pairs, 0.0),
        difference_variance,
        difference_entropy,
    )


@part
def cooccurrence_features(
    levels, places, width, distances, bits, logs, matrix, cells, out, at
):
    """Write the features of each displacement, four for each distance.

    `levels` are flat: from 1 inside the ROI, 0 outside, with a margin as wide as the
    longest distance; `bits` is log2 of the number of levels, `logs` are `count_logs` of
    the number of places; `matrix` and `cells` have room for `n_cells(bits)` counts and
    one more cell than there are places.
    """
    n_levels = 1 << bits
    sums, differences = (
        np.empty(2 * n_levels + 1, np.int32),
        np.empty(n_levels, np.int32),
    )
    matrix[:] = 0
    for distance in distances:
        # A displacement and its opposite have the same pairs.
        for direction in (1, width, width - 1, width + 1):
            step = distance * direction
            pairs, used = _count_pairs(levels, places, step, bits, matrix, cells)
            if not pairs:
                at += 11
                continue
            sums[:] = 0
            differences[:] = 0
            squares, weighted = _empty_cells(
                matrix, cells, used, bits, logs, sums, differences
            )
            for value in _features(pairs, squares, weighted, sums, differences, logs):
                out[at] = value
                at += 1
