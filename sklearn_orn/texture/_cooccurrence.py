"""Features of the grey-level co-occurrence matrix."""

import numpy as np

from sklearn_orn._numba import kernel, part

# Counts are integers, so c log10(c) mostly comes from a table.
_COUNTS = np.arange(4096)  # 32 KiB, which stay in the processor's cache
COUNT_LOG = _COUNTS * np.log10(np.maximum(_COUNTS, 1))


@part
def _count_log(count, table):
    if count < len(table):
        return table[count]
    return count * np.log10(float(count))


@part
def _entropy(counts, total, table):
    weighted = 0.0
    for count in counts:
        if count:
            weighted += _count_log(count, table)
    return max(np.log10(float(total)) - weighted / total, 0.0)


@part
def _features(pairs, square_sum, weighted_log, sums, differences, table, out):
    """Eleven features from the marginals of the matrix.

    SumOfSqs and Correlat follow from the identities
    ``4 SumOfSqs = SumVarnc + Contrast`` and
    ``Correlat = 1 - Contrast / (2 SumOfSqs)`` of a symmetric matrix.
    """
    total = 2.0 * pairs
    contrast = inverse = mean_difference = sum_average = 0.0
    for d in range(len(differences)):
        contrast += d * d * differences[d]
        inverse += differences[d] / (1.0 + d * d)
        mean_difference += d * differences[d]
    for s in range(len(sums)):
        sum_average += (s + 2) * sums[s]
    contrast /= pairs
    mean_difference /= pairs
    sum_average /= pairs
    difference_variance = sum_variance = 0.0
    for d in range(len(differences)):
        difference_variance += (d - mean_difference) ** 2 * differences[d]
    for s in range(len(sums)):
        sum_variance += (s + 2 - sum_average) ** 2 * sums[s]
    sum_variance /= pairs
    variance = (sum_variance + contrast) / 4.0
    out[0] = square_sum / (total * total)
    out[1] = contrast
    out[2] = 1.0 - contrast / (2.0 * variance) if variance > 0.0 else np.nan
    out[3] = variance
    out[4] = inverse / pairs
    out[5] = sum_average
    out[6] = sum_variance
    out[7] = _entropy(sums, pairs, table)
    out[8] = max(np.log10(total) - weighted_log / total, 0.0)
    out[9] = difference_variance / pairs
    out[10] = _entropy(differences, pairs, table)


@kernel
def cooccurrence_features(levels, places, steps, bits, table):
    """Return the features of each displacement, shape (n_steps, 11).

    `levels` are flat: from 1 inside the ROI, 0 outside, with a margin as wide as the
    longest step; `steps` are flat distances, `bits` is log2 of the number of levels,
    `table` is `COUNT_LOG`.
    """
    n_levels = 1 << bits
    # Upper triangle only; the cells in use are listed, so that no empty one is read.
    matrix = np.zeros(n_levels * n_levels, np.int32)
    cells = np.empty(len(places) + 1, np.int32)
    out = np.full((len(steps), 11), np.nan)
    for k in range(len(steps)):
        step = steps[k]
        used = pairs = np.int64(0)  # not literally 0, for which all is compiled anew
        for place in places:
            other = levels[place + step]
            if other == 0:
                continue
            level = levels[place]
            cell = ((min(level, other) - 1) << bits) + max(level, other) - 1
            cells[used] = cell
            used += matrix[cell] == 0
            matrix[cell] += 1
            pairs += 1
        if pairs == 0:
            continue
        sums = np.zeros(2 * n_levels - 1, np.int64)
        differences = np.zeros(n_levels, np.int64)
        square_sum = weighted_log = 0.0
        for i in range(used):
            cell = cells[i]
            count = np.int64(matrix[cell])
            matrix[cell] = 0
            low, high = cell >> bits, cell & (n_levels - 1)
            sums[low + high] += count
            differences[high - low] += count
            if low == high:
                square_sum += 4.0 * count * count
                weighted_log += _count_log(2 * count, table)
            else:
                square_sum += 2.0 * count * count
                weighted_log += 2.0 * _count_log(count, table)
        _features(pairs, square_sum, weighted_log, sums, differences, table, out[k])
    return out
