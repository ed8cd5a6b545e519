"""The 279 features once more: slow, from the formulas, with loops and dictionaries.

Written without a look at the kernels. Pixels are (column, row); up is row - 1.
"""

import math
from bisect import bisect_right
from collections import Counter
from decimal import Decimal, getcontext
from fractions import Fraction

NAN = math.nan


def grey_scale(image):
    rows = image.tolist()
    lowest = min(min(row) for row in rows)
    shift = -lowest if lowest < 0 else 0
    top = max(max(row) for row in rows) + shift + 1
    bits = 0
    while 2**bits < top:
        bits += 1
    return shift, bits


def pixels_of(image, mask):
    shift, _ = grey_scale(image)
    return {
        (c, r): image[r, c].item() + shift
        for r in range(image.shape[0])
        for c in range(image.shape[1])
        if mask[r, c]
    }


def window_of(values, method):
    v = sorted(x + 1 for x in values)
    n = len(v)
    if method == "3sigma":
        getcontext().prec = 40
        mean = Decimal(sum(v)) / n
        sd = (sum((x - mean) ** 2 for x in v) / n).sqrt()
        lo, hi = (math.trunc(round(mean + k * sd, 20)) for k in (-3, 3))
    elif method == "1-99":
        lo, hi = percentile(v, 1), percentile(v, 99)
    elif n < 100:
        lo, hi = v[0], v[-1]
    else:
        levels = range(v[0] - 1, v[-1] + 1)
        below = {g: bisect_right(v, g) for g in levels}
        lo = max(g for g in levels if below[g] < n // 100)
        hi = max(g for g in levels if below[g] <= n - n // 100)
    return (lo, hi) if hi > lo else (lo, lo + 1)


def percentile(ordered, p):
    cumulated = 0
    for x in ordered:
        cumulated += 1
        if 100 * cumulated >= p * len(ordered):
            return x
    raise AssertionError


def levels_of(pixels, depth, bits, window):
    n_levels = 2**bits
    if window is None:
        return {at: math.floor(v * n_levels / 2**depth) + 1 for at, v in pixels.items()}
    lo, hi = window
    levels = {}
    for at, v in pixels.items():
        level = math.floor((v - lo) * (n_levels - 1) / (hi - lo) + 0.5)
        levels[at] = 1 + min(max(level, 0), n_levels - 1)
    return levels


def central(values):
    n = len(values)
    if n == 0:
        return [NAN] * 4
    mean = sum(values) / n
    if max(values) == min(values):
        return [mean, 0.0, NAN, NAN]
    m = [sum((x - mean) ** k for x in values) / n for k in range(5)]
    return [mean, m[2], m[3] / m[2] ** 1.5, m[4] / m[2] ** 2 - 3]


def histogram(pixels):
    v = sorted(x + 1 for x in pixels.values())
    return central(v) + [percentile(v, p) for p in (1, 10, 50, 90, 99)]


def entropy(table, total):
    return sum(-c / total * math.log10(c / total) for c in table.values() if c)


def cooccurrence(levels, a, b):
    h = Counter()
    for (c, r), i in levels.items():
        j = levels.get((c + a, r - b))
        if j is not None:
            h[i, j] += 1
            h[j, i] += 1
    total = sum(h.values())
    if not total:
        return [NAN] * 11
    plus, minus = Counter(), Counter()
    for (i, j), n in h.items():
        plus[i + j] += n
        minus[abs(i - j)] += n

    def mean(terms):  # of the counted pairs, exact
        return Fraction(sum(terms), total)

    mu = mean(i * n for (i, _), n in h.items())
    var = mean(i * i * n for (i, _), n in h.items()) - mu**2
    product = mean(i * j * n for (i, j), n in h.items())
    sum_average = mean(k * n for k, n in plus.items())
    mean_difference = mean(k * n for k, n in minus.items())
    return [
        float(mean(n * n for n in h.values()) / total),
        float(mean(k * k * n for k, n in minus.items())),
        float((product - mu * mu) / var) if var else NAN,
        float(var),
        float(mean(Fraction(n, 1 + k * k) for k, n in minus.items())),
        float(sum_average),
        float(mean(k * k * n for k, n in plus.items()) - sum_average**2),
        entropy(plus, total),
        entropy(h, total),
        float(mean(k * k * n for k, n in minus.items()) - mean_difference**2),
        entropy(minus, total),
    ]


def run_length(levels, a, b):
    runs = Counter()
    for (c, r), level in levels.items():
        if levels.get((c - a, r + b)) == level:
            continue
        length = 1
        while levels.get((c + length * a, r - length * b)) == level:
            length += 1
        runs[level, length] += 1
    total = sum(runs.values())
    by_level, by_length = Counter(), Counter()
    for (level, length), n in runs.items():
        by_level[level] += n
        by_length[length] += n
    return [
        sum(n * n for n in by_length.values()) / total,
        sum(n * n for n in by_level.values()) / total,
        sum(length**2 * n for (_, length), n in runs.items()) / total,
        sum(n / length**2 for (_, length), n in runs.items()) / total,
        total / sum(length * n for (_, length), n in runs.items()),
    ]


def gradient(levels):
    found = []
    for c, r in levels:
        around = [(c, r - 1), (c, r + 1), (c - 1, r), (c + 1, r)]
        if all(at in levels for at in around):
            up, down, left, right = (levels[at] for at in around)
            found.append(math.sqrt((up - down) ** 2 + (right - left) ** 2))
    if not found:
        return [NAN] * 5
    return central(found) + [sum(g > 0 for g in found) / len(found)]


def determinant(matrix):
    if not matrix:
        return 1
    total = 0
    for j, value in enumerate(matrix[0]):
        minor = [row[:j] + row[j + 1 :] for row in matrix[1:]]
        total += (-1) ** j * value * determinant(minor)
    return total


def autoregressive(pixels):
    """In exact arithmetic, by Cramer's rule on integers; NaN where it is singular."""
    n = len(pixels)
    total = sum(pixels.values())
    # n (v - mean), an integer: theta does not depend on the scale.
    z = {at: n * v - total for at, v in pixels.items()}
    variance = Fraction(sum(x * x for x in z.values()), n)
    if variance == 0:
        return [NAN] * 5
    rows = []
    for (c, r), target in z.items():
        near = [(c - 1, r), (c - 1, r - 1), (c, r - 1), (c + 1, r - 1)]
        if all(at in z for at in near):
            rows.append(([z[at] for at in near], target))
    if not rows:
        return [NAN] * 5
    matrix = [[sum(w[i] * w[j] for w, _ in rows) for j in range(4)] for i in range(4)]
    right = [sum(w[i] * t for w, t in rows) for i in range(4)]
    full = determinant(matrix)
    if full == 0:
        return [NAN] * 5
    theta = []  # times `full`, so that they stay integers
    for k in range(4):
        replaced = [
            row[:k] + [x] + row[k + 1 :] for row, x in zip(matrix, right, strict=True)
        ]
        theta.append(determinant(replaced))
    errors = [full * t - sum(theta[i] * w[i] for i in range(4)) for w, t in rows]
    residual = Fraction(sum(e * e for e in errors), full**2 * len(rows))
    return [x / full for x in theta] + [math.sqrt(residual / variance)]


def wavelet(image, mask, bits):
    shift, depth = grey_scale(image)
    low = {
        (c, r): math.floor((level + shift) * 2**bits / 2**depth)
        for r, levels in enumerate(image.tolist())
        for c, level in enumerate(levels)
    }
    roi = {at for at in low if mask[at[1], at[0]]}
    height, width = image.shape
    features = []
    for _ in range(5):
        height, width = height // 2, width // 2
        energies = [0.0] * 4
        next_low, next_roi = {}, set()
        for r in range(height):
            for c in range(width):
                corner = [
                    (2 * c, 2 * r),
                    (2 * c + 1, 2 * r),
                    (2 * c, 2 * r + 1),
                    (2 * c + 1, 2 * r + 1),
                ]
                w, x, y, z = map(low.__getitem__, corner)
                next_low[c, r] = (w + x + y + z) / 4
                if not roi.isdisjoint(corner):
                    next_roi.add((c, r))
                    bands = (w + x + y + z, w + x - y - z, w - x + y - z, w - x - y + z)
                    for k, band in enumerate(bands):
                        energies[k] += (band / 4) ** 2
        n = len(next_roi)
        if min(height, width) >= 8 and n >= 4:
            features += [e / n for e in energies]
        else:
            features += [NAN] * 4
        low, roi = next_low, next_roi
    return features


def features(image, mask, normalization, bits=(6, 6, 4, 8)):
    """Return all 279 values in MaZda's order."""
    _, depth = grey_scale(image)
    pixels = pixels_of(image, mask)
    window = None
    if normalization != "none":
        window = window_of(list(pixels.values()), normalization)
    out = histogram(pixels)
    levels = levels_of(pixels, depth, bits[0], window)
    for d in range(1, 6):
        for a, b in ((d, 0), (0, d), (d, d), (d, -d)):
            out += cooccurrence(levels, a, b)
    levels = levels_of(pixels, depth, bits[1], window)
    for a, b in ((1, 0), (0, 1), (1, 1), (1, -1)):
        out += run_length(levels, a, b)
    out += gradient(levels_of(pixels, depth, bits[2], window))
    out += autoregressive(pixels)
    out += wavelet(image, mask, bits[3])
    return out
