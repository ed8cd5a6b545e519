"""Tests whose statistic takes samples as independent, with p by patient."""

import numpy as np
from scipy.stats import chi2


def shared_correlation(
    residual: np.ndarray,
    spread: np.ndarray,
    unit: np.ndarray,
    weight: np.ndarray | None = None,
) -> float:
    """Return the one correlation of the residuals of a patient, from 0 to 1.

    The mean product of two residuals in standard deviations, over all pairs of samples
    of one patient; a weight of 2 is the sample twice. One without spread says nothing.
    """
    told = spread > 0
    standard = np.divide(residual, spread, out=np.zeros_like(spread), where=told)
    weight = told * (1.0 if weight is None else weight)
    sums = np.bincount(unit, weight * standard)
    alike = (sums**2).sum() - (weight * standard**2).sum()
    pairs = (np.bincount(unit, weight) ** 2).sum() - weight.sum()
    return float(min(max(alike / pairs, 0.0), 1.0)) if pairs > 0 else 0.0


def scaled_p(
    statistic: float, df: int, rows: np.ndarray, unit: np.ndarray, correlation: float
) -> float:
    """Return p of a chi-squared statistic by the design effect of its score.

    The rows are what each sample adds to the score, in standard deviations of its own.
    The effect is the covariance where samples of a patient have one correlation over
    that of independent ones; with its eigenvalues the statistic is scaled, and loses
    degrees of freedom where they differ (Rao, Scott, J Am Stat Assoc 1981;76:221-230,
    second order). Rows that were observed, not expected, need no correlation: 1 adds up
    those of a patient as they are.
    """
    independent = rows.T @ rows
    sums = np.zeros((unit.max() + 1, rows.shape[1]))
    np.add.at(sums, unit, rows)
    covariance = (1 - correlation) * independent + correlation * (sums.T @ sums)
    effect = np.linalg.pinv(independent, hermitian=True) @ covariance
    first, second = np.trace(effect), np.trace(effect @ effect)
    if not first > 0:
        return float(chi2.sf(statistic, df))
    rank = np.linalg.matrix_rank(independent, hermitian=True)
    freedom = df * first**2 / (second * rank)
    return float(chi2.sf(statistic * first / second, freedom))


def p_by_patient(
    statistic: float,
    df: int,
    rows: np.ndarray,
    residual: np.ndarray,
    spread: np.ndarray,
    unit: np.ndarray,
) -> float:
    """Return p of a chi-squared statistic where residuals of a patient agree."""
    alike = shared_correlation(residual, spread, unit)
    return scaled_p(statistic, df, rows, unit, alike)
