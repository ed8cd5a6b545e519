"""The rank-sum test where patients have several samples: their outcomes permuted."""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm, rankdata

from sklearn_orn.metrics._clusters import rows_of_patients

MOST_PERMUTED = 20  # patients: beyond, the normal law is near enough
DRAWS = 9_999  # p comes in steps of 1/10,000
ROUNDING = 1e-7  # of rank sums, which differ by halves


class RankTest(NamedTuple):
    """A two-sided p value and how it was found."""

    p_value: float
    how: str


class _Stratum(NamedTuple):
    """Patients whose outcomes can change places.

    `counts`: positive samples of each, 1 or 0 where a patient moves as a whole;
    `ranks`: centred ranks by patient, their sum where a patient moves as a whole.
    """

    counts: np.ndarray
    ranks: np.ndarray

    @property
    def mean(self) -> float:
        """Mean of the rank sum of the positives over all arrangements."""
        return float(self.counts.mean() * self.ranks.mean(axis=1).sum())

    @property
    def variance(self) -> float:
        """Variance of that sum over all arrangements."""
        own = self.ranks.mean(axis=1)
        n_patients, n = self.ranks.shape
        total = 0.0
        if n_patients > 1:
            spread = ((self.counts - self.counts.mean()) ** 2).sum()
            total += spread * ((own - own.mean()) ** 2).sum() / (n_patients - 1)
        if n > 1:
            drawn = (self.counts * (n - self.counts) / n).mean()
            total += drawn * self.ranks.var(axis=1, ddof=1).sum()
        return float(total)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return the rank sum of the positives in random arrangements."""
        counts = rng.permuted(np.tile(self.counts, (DRAWS, 1)), axis=1)
        n = self.ranks.shape[1]
        shuffled = rng.permuted(np.tile(self.ranks, (DRAWS, 1, 1)), axis=2)
        taken = np.arange(n) < counts[:, :, None]
        return np.asarray((shuffled * taken).sum(axis=(1, 2)))


def _strata(
    counts: np.ndarray, sizes: np.ndarray, ranks: list[np.ndarray]
) -> list[_Stratum]:
    """Sort patients into strata; see `rank_test_by_patient`."""
    mixed_sizes = set(sizes[(counts > 0) & (counts < sizes)].tolist())
    strata, rest = [], ~np.isin(sizes, list(mixed_sizes))
    for size in sorted(mixed_sizes):
        rows = np.flatnonzero(sizes == size)
        # Sorted, so that random arrangements do not depend on the order of the rows.
        own = np.sort([ranks[i] for i in rows], axis=1)
        own = own[np.lexsort(own.T)]
        strata.append(_Stratum(np.sort(counts[rows]), own))
    if rest.any():
        sums = np.sort([ranks[i].sum() for i in np.flatnonzero(rest)])
        strata.append(_Stratum(np.sort(counts[rest] > 0).astype(int), sums[:, None]))
    return strata


def _subset_sums(values: np.ndarray) -> list[np.ndarray]:
    """Return the sums of all subsets of values, sorted, by the size of the subset."""
    sums = [np.zeros(1)]
    for value in values:
        longer = [np.empty(0), *(s + value for s in sums)]
        shorter = [*sums, np.empty(0)]
        sums = [np.concatenate(pair) for pair in zip(shorter, longer, strict=True)]
    return [np.sort(s) for s in sums]


def _exact(stratum: _Stratum, distance: float) -> float:
    """Share of all arrangements that lie as far from their mean."""
    values, n_chosen = stratum.ranks[:, 0], int(stratum.counts.sum())
    half = len(values) // 2
    first, second = _subset_sums(values[:half]), _subset_sums(values[half:])
    low, high = stratum.mean - distance, stratum.mean + distance
    beyond = total = 0
    for n_first, sums in enumerate(first):
        if not 0 <= n_chosen - n_first < len(second):
            continue
        others = second[n_chosen - n_first]
        as_low = np.searchsorted(others, low + ROUNDING - sums, side="right")
        as_high = np.searchsorted(others, high - ROUNDING - sums, side="left")
        beyond += int(as_low.sum() + (len(others) - as_high).sum())
        total += len(sums) * len(others)
    return min(beyond / total, 1.0)  # what is in the middle counts on either side


def rank_test_by_patient(
    positive: np.ndarray, score: np.ndarray, unit: np.ndarray
) -> RankTest:
    """Permute outcomes among patients, and look at the rank sum of the positives.

    See the Notes of `score_by_class`. P is 1 where no arrangement differs.
    """
    ranks = rankdata(score) - (len(score) + 1) / 2
    of_patient = rows_of_patients(unit)
    counts = np.array([positive[rows].sum() for rows in of_patient])
    sizes = np.array([len(rows) for rows in of_patient])
    strata = _strata(counts, sizes, [ranks[rows] for rows in of_patient])
    distance = abs(ranks[positive].sum() - sum(s.mean for s in strata))
    variance = sum(s.variance for s in strata)
    few = len(sizes) <= MOST_PERMUTED
    exact = len(strata) == 1 and strata[0].ranks.shape[1] == 1
    how = "normal approximation"
    if few:
        how = "exact" if exact else f"{DRAWS:,} permutations"
    # Sums of ranks are multiples of a half: less is rounding.
    if variance < ROUNDING:
        return RankTest(1.0, how)
    if few and exact:
        return RankTest(_exact(strata[0], distance), how)
    if few:
        rng = np.random.default_rng(0)
        drawn = sum((s.draw(rng) - s.mean for s in strata), np.zeros(DRAWS))
        beyond = int((np.abs(drawn) >= distance - ROUNDING).sum())
        return RankTest((1 + beyond) / (1 + DRAWS), how)
    return RankTest(float(2 * norm.sf(distance / np.sqrt(variance))), how)
