"""Which labels of a nomogram stand where, so that none touches another."""

import textwrap
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sklearn_orn.plotting._style import fits, number, spread, text_size

if TYPE_CHECKING:
    from matplotlib.text import Text

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
RANKED = (0.1, 0.5, 0.9, 0.3, 0.7, 0.05, 0.95, 0.2, 0.8, 0.4, 0.6)

# Labels kept: which tick, where its centre goes, and 0 for below or 1 for above.
Placed = list[tuple[int, float, int]]


def value_text(value: float | str | None, kind: str, digits: int) -> str:
    """Write a number or a level as it is printed."""
    if pd.isna(value):
        return "missing"
    is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if kind == "categorical" and not is_number:
        return str(value)
    return number(float(value), digits)


def wrap_text(text: "Text", limit: float, lines: int) -> None:
    """Break a text that is wider than `limit` points; cut what needs more lines."""
    words = text.get_text()
    letters = int(len(words) * limit / max(text_size(text)[0], 1.0))
    while text_size(text)[0] > limit and letters >= 4:
        broken = textwrap.wrap(words, letters, max_lines=lines, placeholder=ELLIPSIS)
        text.set_text("\n".join(broken))
        letters -= 1


def cut_texts(texts: "list[Text]", gap: float, room: float) -> None:
    """Cut the longest texts of one row so that all of them stand in `room` points."""
    sizes = np.array([text_size(text)[0] for text in texts]) + gap
    ascending = np.sort(sizes)
    before = np.concatenate([[0.0], np.cumsum(ascending)[:-1]])
    # Of equal shares in what the shorter ones leave, the first that is too small.
    shares = (room - before) / np.arange(len(sizes), 0, -1)
    share = shares[np.argmax(shares < ascending)]
    for text, size in zip(texts, sizes, strict=True):
        if sizes.sum() <= room or size <= share:
            continue
        letters, words = len(text.get_text()), text.get_text()
        while text_size(text)[0] + gap > share and letters > 1:
            letters -= 1
            text.set_text(words[:letters].rstrip() + ELLIPSIS)


def _mantissa(value: float) -> float:
    return float(value / 10.0 ** np.floor(np.log10(value) + 1e-9))


def thinned(values: np.ndarray, x: np.ndarray, sizes: np.ndarray) -> Placed:
    """Label as many ticks of a continuous axis as fit, at round values."""
    step = np.abs(np.diff(values)).min() if len(values) > 1 else 1.0
    for multiple in (1, 2, 4, 5, 10, 20):
        if not np.isclose(_mantissa(multiple * step), [1, 2, 5]).any():
            continue
        ratio = values / (multiple * step)
        shown = np.flatnonzero(np.abs(ratio - np.round(ratio)) < 1e-6)
        if len(shown) > 1 and fits(x[shown], sizes[shown]):
            return [(int(i), float(x[i]), 0) for i in shown]
    # The axis is hardly longer than a label: one end below, the other above.
    apart = fits(x[[0, -1]], sizes[[0, -1]])
    ends = {0: 0, len(x) - 1: 0 if apart or len(x) == 1 else 1}
    return [(i, float(x[i]), row) for i, row in ends.items()]


def in_two_rows(
    x: np.ndarray, sizes: np.ndarray, limits: tuple[float, float]
) -> Placed:
    """Label every tick: below, or alternately below and above, moved if need be."""
    moved = spread(x, sizes, limits)
    inside = moved[-1] + sizes[-1] / 2 <= limits[1] + 1e-6
    if inside and np.all(np.abs(moved - x) <= sizes / 3):
        return [(i, float(moved[i]), 0) for i in range(len(x))]
    placed: Placed = []
    for row in (0, 1):
        mine = np.arange(row, len(x), 2)
        if len(mine):
            moved = spread(x[mine], sizes[mine], limits)
            placed += [
                (int(i), float(at), row) for i, at in zip(mine, moved, strict=True)
            ]
    return placed


def stretches(directions: np.ndarray) -> np.ndarray:
    """Return 0 or 1 for each tick of an axis that turns, another one at each turn."""
    moving = np.flatnonzero(directions)
    sides = np.zeros(len(directions) + 1, dtype=int)
    turns = moving[1:][np.diff(directions[moving]) != 0]
    for turn in turns:
        sides[turn + 1 :] = 1 - sides[turn + 1 :]
    return sides


def kept_apart(x: np.ndarray, sizes: np.ndarray, mine: np.ndarray) -> list[int]:
    """Choose of some labels on one side those that keep clear, the outermost first."""
    kept: list[int] = []
    ends = sorted(mine, key=lambda i: -abs(x[i] - np.mean(x[mine])))[:2]
    for i in [*ends, *mine]:
        together = sorted({*kept, int(i)}, key=lambda k: float(x[k]))
        if fits(x[together], sizes[together]):
            kept = together
    return kept


def by_rank(values: np.ndarray, x: np.ndarray, sizes: np.ndarray) -> Placed:
    """Label probabilities, the customary ones first, below and else above."""
    ranks = [*RANKED, *values[[0, -1]], *values]
    order = sorted(
        range(len(values)), key=lambda i: int(np.isclose(ranks, values[i]).argmax())
    )
    rows: tuple[list[int], list[int]] = ([], [])
    for i in order:
        for row in rows:
            together = sorted([*row, i])
            if fits(x[together], sizes[together]):
                row.append(i)
                break
    return [(i, float(x[i]), side) for side, row in enumerate(rows) for i in row]
