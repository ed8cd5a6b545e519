"""Tests where patients have several samples: their outcomes change places."""

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2, rankdata

from sklearn_orn.metrics._clusters import rows_of_patients

MOST_PERMUTED = 20  # patients: beyond, the normal law is near enough
DRAWS = 9_999  # p comes in steps of 1/10,000
MOST_CELLS = 4_000_000  # samples in arrangements drawn at a time: some 100 MB
ROUNDING = 1e-7  # of sums of ranks, of counts, or of values of variance 1


class PatientTest(NamedTuple):
    """A statistic, its two-sided p value and how that was found."""

    statistic: float
    p_value: float
    how: str


class _Stratum(NamedTuple):
    """Patients whose outcomes can change places.

    `counts`: positive samples of each, 1 or 0 where a patient moves as a whole;
    `values`: centred values by patient, sample and column, the sums of a patient's
    samples where it moves as a whole.
    """

    counts: np.ndarray
    values: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean of the sums over the positives, of all arrangements."""
        total: np.ndarray = self.values.mean(axis=1).sum(axis=0)
        return self.counts.mean() * total

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of these sums over all arrangements."""
        own = self.values.mean(axis=1)
        n_patients, n, n_columns = self.values.shape
        total = np.zeros((n_columns, n_columns))
        if n_patients > 1:
            spread = ((self.counts - self.counts.mean()) ** 2).sum()
            gap = own - own.mean(axis=0)
            total += spread * (gap.T @ gap) / (n_patients - 1)
        if n > 1:
            drawn = (self.counts * (n - self.counts) / n).mean()
            within = self.values - own[:, None]
            total += drawn * np.einsum("pij,pik->jk", within, within) / (n - 1)
        return total

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return the sums over the positives in random arrangements."""
        n_patients, n, _ = self.values.shape
        at_a_time = max(MOST_CELLS // (n_patients * n), 1)
        values = np.concatenate(self.values)
        sums = []
        for start in range(0, DRAWS, at_a_time):
            size = min(at_a_time, DRAWS - start)
            counts = rng.permuted(np.tile(self.counts, (size, 1)), axis=1)
            order = np.tile(np.arange(n), (size, n_patients, 1))
            order = rng.permuted(order, axis=2)
            taken = np.empty(order.shape)
            first = np.arange(n) < counts[:, :, None]
            np.put_along_axis(taken, order, first, axis=2)
            sums.append(taken.reshape(size, len(values)) @ values)
        return np.concatenate(sums)


def _strata(
    counts: np.ndarray, sizes: np.ndarray, values: list[np.ndarray]
) -> list[_Stratum]:
    """Sort patients into strata; see the Notes of `score_by_class`."""
    mixed_sizes = set(sizes[(counts > 0) & (counts < sizes)].tolist())
    strata, rest = [], ~np.isin(sizes, list(mixed_sizes))
    for size in sorted(mixed_sizes):
        rows = np.flatnonzero(sizes == size)
        # Sorted, so that random arrangements do not depend on the order of the rows.
        own = np.array([values[i][np.lexsort(values[i].T)] for i in rows])
        own = own[np.lexsort(own.reshape(len(rows), own[0].size).T)]
        strata.append(_Stratum(np.sort(counts[rows]), own))
    if rest.any():
        sums = np.array([values[i].sum(axis=0) for i in np.flatnonzero(rest)])
        sums = sums[np.lexsort(sums.T)]
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
    """Share of all arrangements whose sum of one column lies as far from the mean."""
    values, n_chosen = stratum.values[:, 0, 0], int(stratum.counts.sum())
    half = len(values) // 2
    first, second = _subset_sums(values[:half]), _subset_sums(values[half:])
    middle = float(stratum.mean[0])
    low, high = middle - distance, middle + distance
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


def permutation_test_by_patient(
    positive: np.ndarray, values: np.ndarray, unit: np.ndarray, *, drawn: bool = False
) -> PatientTest:
    r"""Permute outcomes among patients, and look at sums over the positives.

    `values` are columns, of variances about 1. The statistic is
    :math:`d^\top S^+ d`, where d is by how much the sums of the positives differ from
    their mean over all arrangements and S their covariance. With few patients, or where
    arrangements are to be `drawn`, p is that of arrangements and otherwise of the
    chi-square distribution. P is 1 where no arrangement differs.
    """
    values = values - values.mean(axis=0)
    of_patient = rows_of_patients(unit)
    counts = np.array([positive[rows].sum() for rows in of_patient])
    sizes = np.array([len(rows) for rows in of_patient])
    strata = _strata(counts, sizes, [values[rows] for rows in of_patient])
    gap = values[positive].sum(axis=0) - sum(s.mean for s in strata)
    covariance = np.sum([s.covariance for s in strata], axis=0)
    few = drawn or len(sizes) <= MOST_PERMUTED
    exact = len(sizes) <= MOST_PERMUTED and len(strata) == 1
    exact = exact and strata[0].values.shape[1:] == (1, 1)
    how = "exact" if exact else "normal approximation"
    if few and not exact:
        how = f"{DRAWS:,} permutations"
    # Sums of ranks are multiples of a half: less is rounding.
    if np.trace(covariance) < ROUNDING:
        return PatientTest(0.0, 1.0, how)
    inverse = np.linalg.pinv(covariance, rcond=ROUNDING)
    statistic = float(gap @ inverse @ gap)
    if exact:
        return PatientTest(statistic, _exact(strata[0], abs(float(gap[0]))), how)
    if few:
        rng = np.random.default_rng(0)
        moved = np.sum([s.draw(rng) - s.mean for s in strata], axis=0)
        each = np.einsum("ij,jk,ik->i", moved, inverse, moved)
        beyond = int((each >= statistic - ROUNDING).sum())
        return PatientTest(statistic, (1 + beyond) / (1 + DRAWS), how)
    rank = np.linalg.matrix_rank(covariance, rtol=ROUNDING)
    return PatientTest(statistic, float(chi2.sf(statistic, rank)), how)


def rank_test_by_patient(
    positive: np.ndarray, score: np.ndarray, unit: np.ndarray
) -> PatientTest:
    """Permute outcomes among patients, and look at the rank sum of the positives.

    See the Notes of `score_by_class`.
    """
    return permutation_test_by_patient(positive, rankdata(score)[:, None], unit)
