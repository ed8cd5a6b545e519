"""Features of the grey-level co-occurrence matrix."""

from functools import lru_cache

import numpy as np

from sklearn_orn._numba import INDEX, inlined, part


def count_logs(n: int) -> np.ndarray:
    """Return c log10(c) for counts c up to n at least, and c log10(2c) behind them."""
    return _logs(max(12, n.bit_length()))


@lru_cache
def _logs(bits: int) -> np.ndarray:
    counts = np.arange(1 << bits)
    logs = [counts * np.log10(np.maximum(times * counts, 1)) for times in (1, 2)]
    return np.concatenate(logs)


@part
def _find_cells(levels, places, step, bits, cells):
    """Write the cell of each pair, in the upper triangle; in its row 0 if it is none.

    Vector instructions find those of all pixels from the first place to the last.
    """
    n_levels = np.int32(1 << bits)
    for i in range(places[0], places[-1] + 1):
        one, other = levels[INDEX(i)], levels[INDEX(i + step)]
        cells[INDEX(i)] = min(one, other) * n_levels + max(one, other) - 1


@part
def _count_pairs(cells, places, matrix, used):
    """Count pairs; return how many cells are in use.

    Cells are listed where they are first used, so that no empty one is read.
    """
    n = np.int64(0)
    for i in range(len(places)):
        cell = cells[INDEX(places[i])]
        count = matrix[INDEX(cell)]
        matrix[INDEX(cell)] = count + 1
        used[INDEX(n)] = cell
        n += count == 0
    return n


@part
def _mark_diagonal(matrix, bits, mark, sums, differences):
    """Raise what stands on the diagonal by a mark, and take it off what is added up.

    So the next step need not look where a cell is. Returns what it would be wrong by in
    half the sum of squares.
    """
    squares = np.int64(0)
    for level in range(1, (1 << bits) + 1):
        cell = INDEX((level << bits) + level - 1)
        count = np.int64(matrix[cell])
        marked = count + mark if count else 0
        matrix[cell] = marked
        sums[INDEX(2 * level)] = count - marked
        differences[0] += count - marked
        squares += 2 * count * count - marked * marked
    return squares


@part
def _empty_cells(matrix, used, n, bits, logs, sums, differences):
    """Move counts from the matrix to its marginals.

    Returns half the sum of squares, and half the sum of c log10(c), of all cells.
    """
    sums[:] = 0
    differences[:] = 0
    squares = _mark_diagonal(matrix, bits, len(logs) // 2, sums, differences)
    weighted = 0.0
    for i in range(n):
        cell = np.int64(used[INDEX(i)])
        count = np.int64(matrix[INDEX(cell)])
        matrix[INDEX(cell)] = 0
        low = cell >> bits
        high = cell - (low << bits) + 1
        sums[INDEX(low + high)] += count
        differences[INDEX(high - low)] += count
        squares += count * count
        weighted += logs[INDEX(count)]
    return squares, weighted


@part
def _features(squares, weighted, sums, differences, logs):
    """Eleven features from the marginals of the matrix, both as long as its sums.

    SumOfSqs and Correlat follow from the identities
    ``4 SumOfSqs = SumVarnc + Contrast`` and
    ``Correlat = 1 - Contrast / (2 SumOfSqs)`` of a symmetric matrix.
    """
    pairs = added = apart = contrast = np.int64(0)
    of_sums = of_differences = 0.0
    n = len(sums)
    while sums[n - 1] == 0:  # no difference is as large as the largest sum
        n -= 1
    for k in range(n):
        one, other = np.int64(sums[k]), np.int64(differences[k])
        pairs += one
        added += k * one
        apart += k * other
        contrast += k * k * other
        of_sums += logs[INDEX(one)]
        of_differences += logs[INDEX(other)]
    average, difference = added / pairs, apart / pairs
    sum_squares = difference_squares = inverse = 0.0
    for k in range(n):
        of_sum, of_difference = k - average, k - difference
        sum_squares += of_sum * of_sum * sums[k]
        difference_squares += of_difference * of_difference * differences[k]
        inverse += differences[k] / (1.0 + k * k)
    total, log_pairs = 2.0 * pairs, np.log10(float(pairs))
    mean_square, sum_variance = contrast / pairs, sum_squares / pairs
    variance = (sum_variance + mean_square) / 4.0
    return (
        2 * squares / (total * total),
        mean_square,
        1.0 - mean_square / (2.0 * variance) if variance > 0.0 else np.nan,
        variance,
        inverse / pairs,
        average,
        sum_variance,
        max(log_pairs - of_sums / pairs, 0.0),
        max(np.log10(total) - weighted / pairs, 0.0),
        difference_squares / pairs,
        max(log_pairs - of_differences / pairs, 0.0),
    )


@inlined
def cooccurrence_features(levels, places, width, distances, bits, logs, used, out, at):
    """Write the features of each displacement, four for each distance.

    `levels` are flat: from 1 inside the ROI, 0 outside, with a margin as wide as the
    longest distance; `bits` is log2 of the number of levels, `logs` are `count_logs` of
    the number of places; `used` has room for one more cell than there are places.
    """
    n_levels = 1 << bits
    matrix = np.empty((n_levels + 1) * n_levels, np.uint32)
    matrix[:] = 0
    matrix[:n_levels] = 1  # as if in use already
    cells = np.empty(len(levels), np.uint32)
    sums = np.empty(2 * n_levels + 1, np.int32)
    differences = np.empty(2 * n_levels + 1, np.int32)
    for distance in distances:
        # A displacement and its opposite have the same pairs.
        for direction in (1, width, width - 1, width + 1):
            _find_cells(levels, places, distance * direction, bits, cells)
            n = _count_pairs(cells, places, matrix, used)
            if not n:
                at += 11
                continue
            squares, weighted = _empty_cells(
                matrix, used, n, bits, logs, sums, differences
            )
            for value in _features(squares, weighted, sums, differences, logs):
                out[at] = value
                at += 1
