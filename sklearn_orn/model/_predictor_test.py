"""Test one predictor, with all its columns, against the outcome."""

import numpy as np

from sklearn_orn.model._by_patient import covariances_by_patient
from sklearn_orn.model._likelihood import (
    PenalisedLikelihood,
    chi_squared_p,
    patient_sums,
)
from sklearn_orn.model._separation import (
    SUSPICIOUS_SCORE,
    find_separation,
    independent_columns,
)


def predictor_p(
    X: np.ndarray, y: np.ndarray, patient: np.ndarray | None, *, firth: bool = False
) -> float:
    """Return p of the columns of a predictor, alone in a model, together.

    Likelihood ratio. Where one of the patients (their codes) has several samples it is
    Wald's test by `Covariances`, or, where the columns separate the classes and Wald's
    has no value, the score test. NaN where no column varies.
    """
    kept, design = independent_columns(X)
    if not len(kept):
        return np.nan
    likelihood = PenalisedLikelihood(design, y, np.ones(len(y)), firth=firth)
    theta, top = likelihood.climb(np.zeros(design.shape[1]))
    if patient is None or len(patient) == patient.max() + 1:
        free = np.arange(len(theta)) == 0
        below = likelihood.climb(np.zeros(len(theta)), free)[1]
        return chi_squared_p(2 * (top - below), len(kept))
    large = not firth and np.abs(design @ theta).max() > SUSPICIOUS_SCORE
    if large and find_separation(X, y) is not None:
        by_patient = patient_sums(design[:, 1:] * (y - y.mean())[:, None], patient)
        return _quadratic_p(by_patient.sum(axis=0), by_patient.T @ by_patient)
    inverse = np.linalg.pinv(likelihood.information(theta), hermitian=True)
    covariances = covariances_by_patient(likelihood, theta, inverse, patient)
    return covariances.of(np.arange(1, len(theta))).wald_p(theta[1:])


def _quadratic_p(vector: np.ndarray, covariance: np.ndarray) -> float:
    # Fewer patients than columns leave directions without a variance: not tested.
    inverse = np.linalg.pinv(covariance, hermitian=True)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    return chi_squared_p(float(vector @ inverse @ vector), rank)
