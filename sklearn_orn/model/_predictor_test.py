"""Test one predictor, with all its columns, against the outcome."""

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2 as chi_squared

from sklearn_orn.model._likelihood import PenalisedLikelihood
from sklearn_orn.model._separation import (
    SUSPICIOUS_SCORE,
    find_separation,
    independent_columns,
)


class PredictorTest(NamedTuple):
    """A chi-squared test of all columns of a predictor; NaN where none varies."""

    chi2: float
    df: int
    p_value: float


def predictor_test(
    X: np.ndarray, y: np.ndarray, patient: np.ndarray | None, *, firth: bool = False
) -> PredictorTest:
    """Test the columns of a predictor, alone in a model, together.

    Likelihood ratio; by patient (their codes) Wald's test with Huber's sandwich, or,
    where the columns separate the classes and Wald's has no value, the score test.
    """
    kept, design = independent_columns(X)
    if not len(kept):
        return PredictorTest(np.nan, 0, np.nan)
    likelihood = PenalisedLikelihood(design, y, np.ones(len(y)), firth=firth)
    theta, top = likelihood.climb(np.zeros(design.shape[1]))
    if patient is None:
        free = np.arange(len(theta)) == 0
        below = likelihood.climb(np.zeros(len(theta)), free)[1]
        return _chi_squared(2 * (top - below), len(kept))
    large = not firth and np.abs(design @ theta).max() > SUSPICIOUS_SCORE
    if large and find_separation(X, y) is not None:
        by_patient = _sums(design[:, 1:] * (y - y.mean())[:, None], patient)
        return _quadratic(by_patient.sum(axis=0), by_patient.T @ by_patient)
    inverse = np.linalg.pinv(likelihood.information(theta), hermitian=True)
    half = _sums(likelihood.scores(theta), patient) @ inverse
    return _quadratic(theta[1:], (half.T @ half)[1:, 1:])


def _sums(scores: np.ndarray, patient: np.ndarray) -> np.ndarray:
    sums = np.zeros((patient.max() + 1, scores.shape[1]))
    np.add.at(sums, patient, scores)
    return sums


def _quadratic(vector: np.ndarray, covariance: np.ndarray) -> PredictorTest:
    # Fewer patients than columns leave directions without a variance: not tested.
    inverse = np.linalg.pinv(covariance, hermitian=True)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    return _chi_squared(float(vector @ inverse @ vector), rank)


def _chi_squared(statistic: float, df: int) -> PredictorTest:
    statistic = max(float(statistic), 0.0)
    p_value = float(chi_squared.sf(statistic, df)) if df else np.nan
    return PredictorTest(statistic, df, p_value)
