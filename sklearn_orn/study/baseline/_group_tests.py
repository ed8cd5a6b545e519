"""Two groups compared: the test that fits the variable, by name, and its size."""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln
from scipy.stats import MonteCarloMethod, chi2_contingency, fisher_exact, shapiro
from scipy.stats import ttest_ind_from_stats as t_test

from sklearn_orn.metrics import score_by_class
from sklearn_orn.metrics.shared import permutation_test_by_patient

LEAST_EXPECTED = 5  # below it the chi-square distribution is a poor approximation
NORMAL_LEVEL = 0.05
NORMAL_LEAST, NORMAL_MOST = 10, 5000  # values; scipy's p is not exact above
MOST_SUMS = 1_000_000  # partial tables of a half: 16 MB of sums and ways
MONTE_CARLO = 99_999  # tables: a p of 0.05 has a standard error of 0.0007
TIES = 1e-7  # of a log probability: rounding makes no tie unequal, as in R

Groups = tuple[np.ndarray, np.ndarray]


class GroupTest(NamedTuple):
    """A test of two groups; all None where there is nothing to test."""

    name: str | None
    statistic: float | None
    p_value: float | None


NOTHING = GroupTest(None, None, None)


def is_normal(values: np.ndarray) -> bool:
    """Tell whether Shapiro-Wilk's test lets 10 to 5000 values pass as normal."""
    if not NORMAL_LEAST <= len(values) <= NORMAL_MOST or np.ptp(values) == 0:
        return False
    return bool(shapiro(values).pvalue >= NORMAL_LEVEL)


def _few_patients(patients: Groups) -> bool:
    return min(len(np.unique(names)) for names in patients) < 2


def _codes(patients: Groups) -> np.ndarray:
    return np.unique(np.concatenate(patients), return_inverse=True)[1]


def _second(groups: Groups) -> np.ndarray:
    return np.repeat([False, True], [len(values) for values in groups])


def compare_means(groups: Groups, patients: Groups | None = None) -> GroupTest:
    """Compare two means by Welch's t test, which needs no equal variances.

    With several values of one of `patients` the groups are permuted among patients, of
    whom each group needs two (Fisher and Pitman); the statistic is a z then.
    """
    if min(map(len, groups)) < 2 or all(np.ptp(values) == 0 for values in groups):
        return NOTHING
    second, first = [(v.mean(), v.std(ddof=1), len(v)) for v in groups]
    if patients is None:
        result = t_test(*first, *second, equal_var=False)
        return GroupTest("Welch's t", float(result.statistic), float(result.pvalue))
    if _few_patients(patients):
        return NOTHING
    values = np.concatenate(groups)
    by_patient = permutation_test_by_patient(
        _second(groups), values[:, None] / values.std(), _codes(patients)
    )
    statistic = math.copysign(math.sqrt(by_patient.statistic), first[0] - second[0])
    return GroupTest("Fisher-Pitman by patient", statistic, by_patient.p_value)


def compare_ranks(groups: Groups, patients: Groups | None = None) -> GroupTest:
    """Compare two groups by Mann-Whitney's U test; U is that of the second.

    With several values of one of `patients` the groups are permuted among patients, of
    whom each group needs two.
    """
    if min(map(len, groups)) == 0:
        return NOTHING
    name, unit = "Mann-Whitney U", None
    if patients is not None:
        if _few_patients(patients):
            return NOTHING
        name, unit = "Mann-Whitney U by patient", np.concatenate(patients)
    result = score_by_class(_second(groups), np.concatenate(groups), groups=unit)
    return GroupTest(name, float(result.statistic), float(result.p_value))


def compare_levels(levels: Groups, patients: Groups) -> GroupTest:
    """Compare the categories of two groups where one of `patients` has several values.

    The groups are permuted among patients, of whom each group needs two. p is that of
    arrangements where an expected count is under 5 or there are few patients, and
    otherwise of the chi-square distribution (`permutation_test_by_patient`).
    """
    if _few_patients(patients):
        return NOTHING
    names, level = np.unique(np.concatenate(levels), return_inverse=True)
    if len(names) < 2:
        return NOTHING
    smallest = np.bincount(level).min() * min(map(len, levels)) / len(level)
    by_patient = permutation_test_by_patient(
        _second(levels),
        level[:, None] == np.arange(1, len(names)),
        _codes(patients),
        drawn=smallest < LEAST_EXPECTED,
    )
    return GroupTest(
        "Pearson chi-square by patient", by_patient.statistic, by_patient.p_value
    )


def compare_counts(table: np.ndarray) -> GroupTest:
    """Compare how two groups, the columns, fall into categories, the rows.

    Pearson's chi-square test without continuity correction; Fisher's exact test where
    an expected count is under 5, which for more than two levels is Freeman and Halton's
    (Biometrika 1951;38:141-149), and a Monte Carlo test with a fixed seed where that
    would take too long.
    """
    table = np.asarray(table)
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2 or (table.sum(axis=0) == 0).any():
        return NOTHING
    result = chi2_contingency(table, correction=False)
    if result.expected_freq.min() >= LEAST_EXPECTED:
        return GroupTest(
            "Pearson chi-square", float(result.statistic), float(result.pvalue)
        )
    if len(table) == 2:
        return GroupTest("Fisher's exact", None, float(fisher_exact(table).pvalue))
    p_value = freeman_halton(table)
    if p_value is not None:
        return GroupTest("Fisher-Freeman-Halton exact", None, p_value)
    method = MonteCarloMethod(n_resamples=MONTE_CARLO, rng=np.random.default_rng(0))
    simulated = fisher_exact(table, method=method)
    return GroupTest(
        f"Fisher-Freeman-Halton (Monte Carlo, {MONTE_CARLO:,} tables)",
        None,
        float(simulated.pvalue),
    )


def _halves(sizes: np.ndarray) -> tuple[list[int], list[int]] | None:
    """Split the levels so that neither half has too many partial tables."""
    halves: tuple[list[int], list[int]] = ([], [])
    products = [1, 1]
    for size in sorted(sizes.tolist(), reverse=True):
        smaller = int(products[1] < products[0])
        halves[smaller].append(size)
        products[smaller] *= size + 1
    return halves if max(products) <= MOST_SUMS else None


def _partial_tables(sizes: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """List the sum of the first column and the log number of ways of each table."""
    sums, ways = np.zeros(1, dtype=int), np.zeros(1)
    for size in sizes:
        x = np.arange(size + 1)
        sums = np.add.outer(sums, x).ravel()
        ways = np.add.outer(ways, _log_choose(size, x)).ravel()
    return sums, ways


def _log_choose(n: int, k: np.ndarray | int) -> np.ndarray:
    ways: np.ndarray = gammaln(n + 1) - gammaln(np.add(k, 1)) - gammaln(n - k + 1)
    return ways


def freeman_halton(table: np.ndarray) -> float | None:
    """Return the exact p value of a table of two columns, None if it takes too long.

    No level is empty. All tables with these margins that are no likelier count. They
    are not gone through one by one: the levels are split into two halves, the partial
    tables of each are listed, and pairs with the right sum are found by sorting.
    """
    sizes = table.sum(axis=1)
    halves = _halves(sizes)
    if halves is None:
        return None
    first, total = int(table[:, 0].sum()), int(sizes.sum())
    own_ways = sum(
        float(_log_choose(int(n), int(k)))
        for n, k in zip(sizes, table[:, 0], strict=True)
    )
    scale = float(_log_choose(total, first))
    (sums, ways), (other_sums, other_ways) = map(_partial_tables, halves)
    order = np.lexsort((other_ways, other_sums))
    other_sums, other_ways = other_sums[order], other_ways[order]
    p_value = 0.0
    for value in np.unique(sums):
        start, stop = np.searchsorted(other_sums, [first - value, first - value + 1])
        if start == stop:
            continue
        here, there = ways[sums == value], other_ways[start:stop]
        top = there[-1]
        below = np.concatenate([[0.0], np.cumsum(np.exp(there - top))])
        likelier = np.searchsorted(there, own_ways + TIES - here, side="right")
        p_value += float(np.sum(np.exp(here + top - scale) * below[likelier]))
    return min(p_value, 1.0)


def difference_of_means(groups: Groups) -> float | None:
    """Return the standardised difference of two means, without its sign.

    Over the root of the mean variance (Austin, Stat Med 2009;28:3083-3107).
    """
    if min(map(len, groups)) < 2:
        return None
    gap = abs(float(groups[1].mean() - groups[0].mean()))
    spread = math.sqrt(sum(float(v.var(ddof=1)) for v in groups) / 2)
    if spread == 0:
        return 0.0 if gap == 0 else None
    return gap / spread


def difference_of_shares(table: np.ndarray) -> float | None:
    r"""Return the standardised difference of two groups' shares in categories.

    :math:`\sqrt{(T - C)^\top S^{-1} (T - C)}` over all levels but one, where S is the
    mean of the groups' multinomial covariance matrices (Yang, Dalton, SAS Global Forum
    2012, paper 335). It is infinite, so None, where the groups share no level.
    """
    table = np.asarray(table)
    table = table[table.sum(axis=1) > 0]
    if not (table > 0).all(axis=1).any():
        return None
    shares = (table / table.sum(axis=0))[1:]
    covariance = np.mean([np.diag(p) - np.outer(p, p) for p in shares.T], axis=0)
    gap = shares[:, 1] - shares[:, 0]
    return math.sqrt(max(float(gap @ np.linalg.solve(covariance, gap)), 0.0))
