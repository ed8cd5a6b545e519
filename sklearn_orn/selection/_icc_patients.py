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


def _by_patient(values: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Sum the rows of each patient: all first rows, all second ones, and so on."""
    total = np.zeros((unit.max() + 1, *values.shape[1:]))
    order = np.argsort(unit, kind="stable")
    firsts = np.searchsorted(unit[order], unit[order])
    place = np.arange(len(unit)) - firsts
    for k in range(place.max() + 1):
        rows = order[place == k]
        total[unit[rows]] += values[rows]
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
    ratings: np.ndarray,
    valid: np.ndarray,
    unit: np.ndarray,
    form: str,
    icc: np.ndarray,
    confidence: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return limits of ICCs that count patients, each of shape (n_features,).

    `ratings` are (n_lesions, n_readers, n_features), `valid` says which lesions count
    for a feature. NaN with fewer than two patients, or where the ICC without one of
    them is not defined.
    """
    k = ratings.shape[1]
    n = valid.sum(axis=0)
    centred = np.where(valid[:, None], ratings - ratings.sum(axis=(0, 1)) / (n * k), 0)
    mean = centred.mean(axis=1)
    within = ((centred - mean[:, None]) ** 2).sum(axis=1)
    of_patient = _by_patient(valid.astype(float), unit)
    left, square, inner, readers = (
        whole.sum(axis=0) - whole
        for whole in (
            of_patient,
            _by_patient(mean**2, unit),
            _by_patient(within, unit),
            _by_patient(centred, unit),
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
        half = stdtrit(patients - 1, 0.5 + confidence / 2) * se
        middle = _log_ratio(form, icc, k)
        half = np.where(patients > 1, half, np.nan)
        lower = _from_log_ratio(form, middle - half, k)
        upper = _from_log_ratio(form, middle + half, k)
    return lower, upper
