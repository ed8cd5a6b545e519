"""P values of two groups, from the counts or the means that a paper prints."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from scipy.stats import chi2, chi2_contingency, fisher_exact, norm
from scipy.stats import ttest_ind_from_stats as t_test

from sklearn_orn._io.codec import Rule
from sklearn_orn._io.kinds import Text, whole
from sklearn_orn.audit._judged import Claim, Judged, Verdict
from sklearn_orn.audit._printed import MOST, NumberText, Printed, PText
from sklearn_orn.study.shared import freeman_halton

# How far apart the normal deviates of a t test and of a rank test lie on normal data:
# their correlation is the root of the rank test's efficiency, 3 / pi.
RANK_SPREAD = math.sqrt(2 * (1 - math.sqrt(3 / math.pi)))
FAR = 3  # of these spreads

PEARSON, YATES, FISHER = "Pearson chi-square", "Yates", "Fisher's exact"
OF_COUNTS = {"chi-square": (PEARSON, YATES), "Yates": (YATES,), "Fisher": (FISHER,)}
Rows = Annotated[
    list[list[Annotated[int, *whole(0, MOST).__metadata__]]],
    Rule(
        "two rows or more, one for each level, of equally many groups, two or more",
        lambda rows: (
            len(rows) > 1 and len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
        ),
    ),
]
Size = Annotated[int, *whole(2, MOST).__metadata__]


@dataclass(frozen=True)
class CountsTest(Claim):
    """Counts by level (rows) and group (columns), with the p value of a test."""

    check: Literal["test of counts"]
    where: Text
    counts: Rows
    p: PText
    test: Literal["chi-square", "Yates", "Fisher"] | None

    def judged(self) -> Judged:
        """Try the usual tests, then those that a program prints beside them."""
        table = np.array(self.counts)
        levels = np.flatnonzero(table.sum(axis=1))
        table = table[levels][:, table.sum(axis=0) > 0]
        printed = self.p
        if min(table.shape) < 2:
            why = "One level or one group only: there is nothing to test."
            return self.with_verdict("not judged", printed.text, why=why)
        usual, further = _usual(table), _further(table, levels)
        all_tests = usual | further
        fits = [name for name, p in all_tests.items() if printed.holds(p)]
        named = OF_COUNTS[self.test] if self.test else tuple(usual)
        verdict: Verdict = "agrees"
        why = ""
        if not fits:
            verdict, why = "contradiction", "None of these tests gives it."
        elif not {*fits} & {*named}:
            verdict = "note"
            why = f"It is that of another test: {' or '.join(fits)}."
        best = fits or list(usual)
        return self.with_verdict(
            verdict,
            f"p {printed.text}",
            " / ".join(f"{all_tests[name]:.3f}" for name in best),
            tuple(f"{name} {p:.4f}" for name, p in all_tests.items()),
            why,
        )


def _usual(table: np.ndarray) -> dict[str, float]:
    found = {PEARSON: float(chi2_contingency(table, correction=False).pvalue)}
    if table.shape == (2, 2):
        found[YATES] = float(chi2_contingency(table, correction=True).pvalue)
        found[FISHER] = float(fisher_exact(table).pvalue)
    elif table.shape[1] == 2:
        exact = freeman_halton(table)
        if exact is not None:
            found[FISHER] = exact
    return found


def _further(table: np.ndarray, levels: np.ndarray) -> dict[str, float]:
    """Return what SPSS prints in the same table, and the one-sided exact test."""
    g = chi2_contingency(table, correction=False, lambda_="log-likelihood")
    found = {"likelihood-ratio chi-square": float(g.pvalue)}
    if table.shape[1] == 2:
        found["linear-by-linear (N - 1) chi-square"] = _linear_by_linear(table, levels)
    if table.shape == (2, 2):
        sides = ("less", "greater")
        p = min(fisher_exact(table, alternative=side).pvalue for side in sides)
        found["Fisher's exact, one-sided"] = float(p)
    return found


def _linear_by_linear(table: np.ndarray, levels: np.ndarray) -> float:
    """Return the p value of (N - 1) r^2, where r is that of level and column number.

    A level that nobody has keeps its number: the others stay as far apart.
    """
    n = table.sum()
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    group = np.arange(len(columns))
    level = levels - levels @ rows / n
    group = group - group @ columns / n
    both = level @ table @ group
    spread = (level**2 @ rows) * (group**2 @ columns)
    return float(chi2.sf((n - 1) * both**2 / spread, 1))


@dataclass(frozen=True)
class MeansTest(Claim):
    """Mean and SD of two groups, with the p value of a test."""

    check: Literal["test of means"]
    where: Text
    n: tuple[Size, Size]
    mean: tuple[NumberText, NumberText]
    sd: tuple[NumberText, NumberText]
    p: PText
    test: Literal["t", "Welch", "Mann-Whitney"] | None

    def judged(self) -> Judged:
        """Try both t tests over all that the means and SDs may have been."""
        printed = self.p
        if any(sd.value <= 0 for sd in self.sd):
            why = "An SD of 0, or below it: no t test can be computed."
            return self.with_verdict("not judged", f"p {printed.text}", why=why)
        ranges = {"Student's t": self._range(True), "Welch's t": self._range(False)}
        fits = [name for name, ps in ranges.items() if printed.holds(*ps)]
        verdict, why = self._verdict(fits, ranges)
        best = fits or list(ranges)
        return self.with_verdict(
            verdict,
            f"p {printed.text}",
            " / ".join(_interval(ranges[name]) for name in best),
            tuple(f"{name} {_interval(ps)}" for name, ps in ranges.items()),
            why,
        )

    def _verdict(
        self, fits: list[str], ranges: Mapping[str, tuple[float, float]]
    ) -> tuple[Verdict, str]:
        named = {"t": "Student's t", "Welch": "Welch's t"}.get(self.test or "")
        if fits and (named is None or named in fits):
            return "agrees", ""
        if fits:
            return "note", f"It is that of another test: {' or '.join(fits)}."
        if named is not None:
            return "contradiction", "No rounding of means and SDs gives it."
        gap = min(_gap(self.p, ps) for ps in ranges.values()) / RANK_SPREAD
        far = (
            f"A rank test would lie {gap:.1f} SD from the t test, as the two scatter "
            "on normal values."
        )
        if self.test is None:
            if gap > FAR:
                return "contradiction", f"No t test gives it. {far}"
            return "note", f"No t test gives it; a rank test may. {far}"
        if gap <= 1:
            return "agrees", ""
        return ("doubtful" if gap > FAR else "note"), far

    def _range(self, equal_var: bool) -> tuple[float, float]:
        """Return the p values of all corners of the rounding, and of equal means."""
        first, second = self.mean
        gaps = [first.low - second.high, first.high - second.low]
        if gaps[0] < 0 < gaps[1]:
            gaps.append(0.0)
        spreads = [(sd.low, sd.high) for sd in self.sd]
        found = [
            t_test(gap, s, self.n[0], 0.0, u, self.n[1], equal_var=equal_var).pvalue
            for gap, s, u in itertools.product(gaps, *spreads)
        ]
        return float(min(found)), float(max(found))


def _interval(ps: tuple[float, float]) -> str:
    low, high = (f"{p:.3f}" for p in ps)
    return low if low == high else f"{low} to {high}"


def _gap(printed: Printed, ps: tuple[float, float]) -> float:
    """Return how far the normal deviates of two ranges of p values lie apart."""
    theirs = _deviates(max(printed.low, 0.0), min(printed.high, 1.0))
    ours = _deviates(*ps)
    return max(theirs[0] - ours[1], ours[0] - theirs[1], 0.0)


def _deviates(low: float, high: float) -> tuple[float, float]:
    return float(norm.isf(high / 2)), float(norm.isf(low / 2))
