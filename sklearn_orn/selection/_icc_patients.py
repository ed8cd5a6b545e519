"""The interval of an ICC where patients have several lesions: one patient left out."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit


class MeanSquares(NamedTuple):
    """Mean squares of lesions (rows), readers (columns), error, and within lesions."""

    lesions: np.ndarray
    readers: np.ndarray
    error: np.ndarray
    within: np.ndarray


def estimate(form: str, ms: MeanSquares, n: np.ndarray, k: int) -> np.ndarray:
    """Return the ICC of a form from the mean squares of n lesions and k readers."""
    noise = ms.within if form.startswith("ICC(1") else ms.error
    readers = (ms.readers - ms.error) / n if form.startswith("ICC(2") else 0.0
    if form.endswith("1)"):
        return (ms.lesions - noise) / (ms.lesions + (k - 1) * noise + k * readers)
    return (ms.lesions - noise) / (ms.lesions + readers)


def check_patients(groups: ArrayLike | None, n: int) -> np.ndarray | None:
    """Return the patients of lesions as numbers; None where each has one lesion."""
    if groups is None:
        return None
    values = np.asarray(groups)
    if values.shape != (n,):
        raise ValueError(
            f"groups must name the patient of each of the {n} lesions, got an array of "
            f"shape {values.shape}."
        )
    codes, names = pd.factorize(values)
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        raise ValueError(
            f"groups has {missing.size} missing values, the first at position "
            f"{missing[0]}. Give each lesion its patient."
        )
    return None if len(names) == n else codes


class Deviations(NamedTuple):
    """Ratings about their grand mean; its mean over readers; what they leave.

    Of shape (n_lesions, n_readers, n_features), (n_lesions, n_features) and as the
    first; 0 where a lesion does not count.
    """

    centred: np.ndarray
    of_lesion: np.ndarray
    inner: np.ndarray


def deviations(ratings: np.ndarray, valid: np.ndarray, n: np.ndarray) -> Deviations:
    """Centre ratings, of n `valid` lesions for each feature."""
    grand = ratings.sum(axis=(0, 1)) / (n * ratings.shape[1])
    centred = ratings - grand
    np.copyto(centred, 0.0, where=~valid[:, None])
    of_lesion = centred.mean(axis=1)
    return Deviations(centred, of_lesion, centred - of_lesion[:, None])


class _Patients:
    """Sums the rows of each patient: all first rows, all second ones, and so on."""

    def __init__(self, unit: np.ndarray) -> None:
        order = np.argsort(unit, kind="stable")
        place = np.arange(len(unit)) - np.searchsorted(unit[order], unit[order])
        self._first = order[place == 0]
        later = [order[place == k] for k in range(1, place.max() + 1)]
        self._later = [(unit[rows], rows) for rows in later]

    def __call__(self, values: np.ndarray) -> np.ndarray:
        total = np.ascontiguousarray(values[self._first])
        for patients, rows in self._later:
            total[patients] += values[rows]
        return total


def _log_ratio(form: str, icc: np.ndarray, k: int) -> np.ndarray:
    """Fisher's transform: the log of a ratio of variances."""
    if form.endswith("1)"):
        return np.log((1 + (k - 1) * icc) / (1 - icc))
    return -np.log(1 - icc)


def _from_log_ratio(form: str, ratio: np.ndarray, k: int) -> np.ndarray:
    if form.endswith("1)"):
        return np.expm1(ratio) / (np.exp(ratio) + k - 1)
    return -np.expm1(-ratio)


def patient_limits(
    dev: Deviations,
    valid: np.ndarray,
    unit: np.ndarray,
    form: str,
    icc: np.ndarray,
    confidence: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return limits of ICCs that count patients, each of shape (n_features,).

    `valid`, (n_lesions, n_features), says which lesions count for a feature. NaN with
    fewer than two patients, or where the ICC without one of them is not defined.
    """
    k = dev.centred.shape[1]
    by_patient = _Patients(unit)
    of_patient = by_patient(valid.astype(float))
    left, square, inner, readers = (
        whole.sum(axis=0) - whole
        for whole in (
            of_patient,
            by_patient(dev.of_lesion**2),
            by_patient((dev.inner**2).sum(axis=1)),
            by_patient(dev.centred),
        )
    )
    total = readers.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_lesions = k * (square - total**2 / left)
        of_readers = (readers**2).sum(axis=1) / left - k * total**2 / left
        error = np.maximum(inner - of_readers, 0.0)
        ms = MeanSquares(
            of_lesions / (left - 1),
            of_readers / (k - 1),
            error / ((left - 1) * (k - 1)),
            inner / (left * (k - 1)),
        )
        ratio = _log_ratio(form, estimate(form, ms, left, k), k)
        used = of_patient > 0
        patients = used.sum(axis=0)
        mean_ratio = np.where(used, ratio, 0.0).sum(axis=0) / patients
        spread = np.where(used, (ratio - mean_ratio) ** 2, 0.0).sum(axis=0)
        se = np.sqrt((patients - 1) / patients * spread)
        # Most features have the same patients, and the quantile takes its time.
        counts, where = np.unique(patients - 1, return_inverse=True)
        half = stdtrit(counts, 0.5 + confidence / 2)[where] * se
        middle = _log_ratio(form, icc, k)
        lower = _from_log_ratio(form, middle - half, k)
        upper = _from_log_ratio(form, middle + half, k)
    return lower, upper
