"""Round tick values, as R's `pretty` chooses them."""

import numpy as np


def _step(cell: float, bias: float) -> float:
    """Return 1, 2, 5 or 10 times a power of ten, near `cell` and biased upwards."""
    base = 10.0 ** np.floor(np.log10(cell))
    bias_of_5 = 0.5 + 1.5 * bias
    step = base
    for multiple, weight in ((2, bias), (5, bias_of_5), (10, bias)):
        # `step` stays at the last accepted one: each is weighed against it.
        if multiple * base - cell >= weight * (cell - step):
            break
        step = multiple * base
    return float(step)


def _cell(low: float, high: float, n: int) -> float:
    """Return the wanted distance of two ticks."""
    width, largest = high - low, max(abs(low), abs(high))
    if largest == 0:
        return 0.75 / max(1, n // 3)
    tiny = 3 * np.finfo(float).eps * max(1, n) * (1 + 1 / (1 + 1.5))
    if width >= largest * tiny:
        return width / max(1, n)
    size = 9 + largest / 10 if largest > 10 else largest
    return 0.75 * size / max(1, n // 3)


def pretty(low: float, high: float, n: int = 5) -> np.ndarray:
    """Return about `n` + 1 equally spaced round values that cover an interval.

    R's ``pretty(c(low, high), n)`` with its default biases (``high.u.bias = 1.5``,
    ``shrink.sml = 0.75``; Becker, Chambers, Wilks, The New S Language, 1988): steps of
    1, 2 or 5 times a power of ten, at least ``n // 3`` of them.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low <= high):
        raise ValueError(f"Finite limits in ascending order needed, got {low}, {high}.")
    cell = max(_cell(low, high, n), np.finfo(float).tiny * 2.0**20)
    step = _step(cell, bias=1.5)
    # R's rounding_eps: a limit that is a tick but for rounding is that tick.
    first = np.floor(low / step + 1e-10)
    last = np.ceil(high / step - 1e-10)
    missing = int(n // 3 - (last - first))
    if missing > 0:
        first, last = _widen(low, high, first, last, missing)
    # 3 * 0.1 is not 0.3: rounding to the step's decimals gives the decimal number.
    decimals = int(-np.floor(np.log10(step)))
    return np.round(np.arange(first, last + 1) * step, decimals) + 0.0


def _widen(
    low: float, high: float, first: float, last: float, missing: int
) -> tuple[float, float]:
    """Add `missing` intervals, away from zero where an end is zero."""
    if low == 0 and first == 0 and high != 0:
        return first, last + missing
    if high == 0 and last == 0 and low != 0:
        return first - missing, last
    half, odd = divmod(missing, 2)
    if first >= 0:
        return first - half - odd, last + half
    return first - half, last + half + odd
