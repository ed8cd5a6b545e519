"""Intercept and slope of the outcome on the logit of the predicted probability."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from sklearn_orn._readable import readable
from sklearn_orn._validation import check_probabilities
from sklearn_orn.metrics._clusters import (
    check_confidence,
    patient_codes,
    wald_quantile,
)
from sklearn_orn.metrics._logistic_fit import newton_logistic
from sklearn_orn.metrics._parameters import of_metrics


@readable
class Recalibration(NamedTuple):
    """Calibration intercept and slope with their confidence limits.

    Attributes
    ----------
    intercept, intercept_lower, intercept_upper : float
        0 when calibrated.
    slope, slope_lower, slope_upper : float
        1 when calibrated; less when the predictions are too extreme.
    covariance : ndarray of shape (2, 2)
        Of intercept and slope.
    """

    intercept: float
    intercept_lower: float
    intercept_upper: float
    slope: float
    slope_lower: float
    slope_upper: float
    covariance: np.ndarray


def logistic_line(
    score: np.ndarray, positive: np.ndarray, weight: np.ndarray | None = None
) -> tuple[float, float]:
    """Maximum likelihood intercept and slope of a logistic line, by Newton's method.

    NaN where they do not exist: equal scores, or scores that separate the classes.
    """
    if weight is not None:
        used = weight > 0
        score, positive, weight = score[used], positive[used], weight[used]
    low, high = score[~positive], score[positive]
    if not np.isfinite(score).all():
        return np.nan, np.nan
    tie = 1e-12 * (score.max() - score.min())  # scores that rounding alone parts
    if low.max() <= high.min() + tie or high.max() <= low.min() + tie:
        return np.nan, np.nan
    centre, scale = score.mean(), score.std()
    x = np.column_stack([np.ones_like(score), (score - centre) / scale])
    beta = newton_logistic(x, positive, weight)
    if beta is None:
        return np.nan, np.nan
    slope = beta[1] / scale
    return float(beta[0] - slope * centre), float(slope)


def line_covariance(
    score: np.ndarray,
    positive: np.ndarray,
    line: tuple[float, float],
    unit: np.ndarray | None,
) -> np.ndarray:
    """Inverse information, or with patients Huber's sandwich, as rms ``robcov``."""
    x = np.column_stack([np.ones_like(score), score])
    risk = expit(x @ np.asarray(line))
    information = (x * (risk * (1 - risk))[:, None]).T @ x
    try:
        inverse = np.asarray(np.linalg.inv(information))
    except np.linalg.LinAlgError:  # risks of 0 and 1 but for rounding
        return np.full((2, 2), np.nan)
    if unit is None:
        return inverse
    residual = x * (positive - risk)[:, None]
    sums = np.column_stack([np.bincount(unit, column) for column in residual.T])
    return np.asarray(inverse @ (sums.T @ sums) @ inverse)


@of_metrics
def recalibration(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    pos_label: object = None,
) -> Recalibration:
    r"""Calibration intercept and slope with their intervals.

    Returns
    -------
    Recalibration
        All NaN where they do not exist: equal probabilities, probabilities of exactly
        0 or 1, or complete separation.

    Notes
    -----
    Maximum likelihood of :math:`\mathrm{logit} P(y) = a + b\, \mathrm{logit}\,p` [1]_
    with Wald intervals. With groups the covariance is the sandwich of the scores
    summed by patient, without a correction for few patients, as rms's ``robcov`` [2]_;
    the intervals take Student's t with as many degrees of freedom as patients but one.

    References
    ----------
    .. [1] Cox, Biometrika 1958;45:562-565.
    .. [2] Harrell, Regression Modeling Strategies, 2nd ed., 2015, section 9.5.

    Examples
    --------
    >>> from sklearn_orn.metrics import recalibration
    >>> fit = recalibration([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.4, 0.6, 0.8, 0.9])
    >>> print(f"{fit.slope:.2f} ({fit.slope_lower:.2f} to {fit.slope_upper:.2f})")
    1.43 (-0.67 to 3.53)
    """
    check_confidence(confidence)
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    unit = patient_codes(groups, len(proba))
    return recalibrate_score(logit(proba), positive, unit, confidence)


def recalibrate_score(
    score: np.ndarray, positive: np.ndarray, unit: np.ndarray | None, confidence: float
) -> Recalibration:
    """Return intercept and slope of the outcome on checked log-odds."""
    line = logistic_line(score, positive)
    if np.isnan(line[0]):
        nothing = np.full((2, 2), np.nan)
        return Recalibration(np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, nothing)
    covariance = line_covariance(score, positive, line, unit)
    # Of an inverse that rounding has spoiled, a variance may be below 0.
    variance = np.where(np.diag(covariance) >= 0, np.diag(covariance), np.nan)
    half = wald_quantile(unit, confidence) * np.sqrt(variance)
    (a, b), (half_a, half_b) = line, half
    return Recalibration(
        a,
        float(a - half_a),
        float(a + half_a),
        b,
        float(b - half_b),
        float(b + half_b),
        covariance,
    )
