"""Patients with several samples: checks, sums and bootstrap samples by patient."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit
from sklearn.utils import check_random_state

from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn._types import Seed
from sklearn_orn._validation import check_share, float_array, missing_places
from sklearn_orn.exceptions import NotEstimable


def patient_codes(groups: ArrayLike | None, n: int) -> np.ndarray | None:
    """Check groups and number them from 0, in the order of their names.

    So folds made from the numbers are those made from the names.
    """
    if groups is None:
        return None
    return np.asarray(pd.factorize(check_groups(groups, n), sort=True)[0])


def n_patients(unit: np.ndarray | None, n: int) -> int:
    """Count the patients of n samples; None for `unit` takes each sample for one."""
    return n if unit is None else int(unit.max()) + 1


def rows_of_patients(unit: np.ndarray) -> list[np.ndarray]:
    """Return the samples of each patient."""
    ends = np.cumsum(np.bincount(unit))[:-1]
    return np.split(np.argsort(unit, kind="stable"), ends)


def check_weight(sample_weight: ArrayLike | None, n: int) -> np.ndarray | None:
    """Check weights: one for each sample, finite, not negative, not all 0."""
    if sample_weight is None:
        return None
    weight = float_array(sample_weight, "sample_weight")
    if weight.shape != (n,):
        raise ValueError(
            f"sample_weight must have one weight for each of the {n} samples, got an "
            f"array of shape {weight.shape}."
        )
    if not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise ValueError(
            "sample_weight must be finite and not negative, and not 0 throughout."
        )
    return weight


def refuse_missing_labels(labels: ArrayLike, name: str = "labels") -> None:
    """Refuse labels with a gap: it would count as a label of its own."""
    missing = missing_places(labels)
    if missing.size:
        raise ValueError(
            f"{name} must not be missing, found {missing.size}, the first at position "
            f"{missing[0]}. Leave these samples out or mend them."
        )


def check_weighted_classes(positive: np.ndarray, weight: np.ndarray | None) -> None:
    """Refuse weights that leave nothing of a class."""
    if weight is not None and not (weight[positive].any() and weight[~positive].any()):
        raise NotEstimable("sample_weight is 0 throughout one of the classes.")


def without_weightless(
    weight: np.ndarray | None,
    unit: np.ndarray | None,
    positive: np.ndarray,
    score: np.ndarray,
) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray, np.ndarray]:
    """Leave out samples of weight 0, and patients that have no others.

    They say nothing, so an interval must not count them.
    """
    if weight is None or weight.all():
        return weight, unit, positive, score
    used = weight > 0
    if unit is not None:
        unit = np.unique(unit[used], return_inverse=True)[1]
    return weight[used], unit, positive[used], score[used]


def check_confidence(confidence: float) -> None:
    """Refuse a level outside of (0, 1)."""
    check_share(confidence, "confidence")


def check_prevalence(prevalence: float | None) -> None:
    """Refuse a prevalence outside of (0, 1)."""
    if prevalence is not None:
        check_share(prevalence, "prevalence")


def draw_patients(
    positive: np.ndarray,
    unit: np.ndarray | None,
    n_resamples: int,
    random_state: Seed,
    weight: np.ndarray | None = None,
) -> Iterator[np.ndarray]:
    """Draw patients with replacement, all samples of each; both classes always.

    Samples of weight 0 are not drawn: a class of theirs alone would be no class.
    """
    rng = check_random_state(random_state)
    n = len(positive)
    unit = np.arange(n) if unit is None else unit
    if weight is not None and not weight.all():
        used = np.flatnonzero(weight)
        _, unit = np.unique(unit[used], return_inverse=True)
        for rows in draw_patients(positive[used], unit, n_resamples, rng):
            yield used[rows]
        return
    rows_of = rows_of_patients(unit)
    single = len(rows_of) == n
    order = np.concatenate(rows_of)
    drawn_so_far = 0
    while drawn_so_far < n_resamples:
        drawn = rng.randint(len(rows_of), size=len(rows_of))
        rows = (
            order[drawn]
            if single
            else np.concatenate([rows_of[patient] for patient in drawn])
        )
        outcome = positive[rows]
        if (outcome != outcome[0]).any():
            drawn_so_far += 1
            yield rows


def percentiles(values: Sequence[ArrayLike], confidence: float) -> np.ndarray:
    """Return the limits that hold the share `confidence` of what resamples gave."""
    tail = (1 - confidence) / 2
    return np.quantile(np.array(values), [tail, 1 - tail], axis=0)


def wald_quantile(unit: np.ndarray | None, confidence: float) -> float:
    """Quantile of the normal law, or with patients of Student's; NaN with one."""
    level = 0.5 + confidence / 2
    if unit is None:
        return float(ndtri(level))
    return float(stdtrit(n_patients(unit, len(unit)) - 1.0, level))


def mean_limits(
    values: np.ndarray, unit: np.ndarray, confidence: float
) -> tuple[float, float, float]:
    """Return a mean over samples with Student's limits by patient, NaN with one."""
    mean = float(values.mean())
    error = np.sqrt(ratio_variance(values, np.ones(len(values)), unit))
    half = float(wald_quantile(unit, confidence) * error)
    return mean, mean - half, mean + half


def ratio_variance(
    hits: np.ndarray, sizes: np.ndarray, unit: np.ndarray | None
) -> float:
    r"""Variance of the ratio of two totals over patients; NaN with one patient.

    :math:`\frac{I}{I-1} \sum_i (x_i - p\,n_i)^2 / N^2` over the I patients that have
    any (Rao, Scott, Biometrics 1992;48:577-585).
    """
    if unit is not None:
        hits, sizes = np.bincount(unit, hits), np.bincount(unit, sizes)
    used = sizes > 0
    hits, sizes = hits[used], sizes[used]
    if len(hits) < 2:
        return np.nan
    total = sizes.sum()
    residual = hits - hits.sum() / total * sizes
    return float(len(hits) / (len(hits) - 1) * (residual @ residual) / total**2)
