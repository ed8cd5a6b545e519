"""Calibration in the large, and limits by patient of the measures of calibration."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from sklearn_orn.metrics._benefit_bands import (
    mean_residual,
    standard_error,
    weights_at_prevalence,
)


class _Judged(NamedTuple):
    """Outcomes and probabilities, the patients, and what the limits take."""

    positive: np.ndarray
    proba: np.ndarray
    weight: np.ndarray
    unit: np.ndarray
    quantile: float
    prevalence: float | None

    def half(self, residual: np.ndarray) -> float:
        """Return half the width of an interval."""
        return self.quantile * standard_error(residual, self.unit)

    def half_of_mean(self, values: np.ndarray) -> float:
        """Return the same of a mean of values over all samples."""
        return self.half(
            mean_residual(values, self.positive, self.weight, self.prevalence)
        )


def calibration_limits(
    positive: np.ndarray,
    proba: np.ndarray,
    line: tuple[float, float],
    unit: np.ndarray,
    quantile: float,
    prevalence: float | None,
) -> dict[str, float]:
    """Estimates that can take another prevalence, and limits by patient.

    `line` is the intercept and slope on the logit, NaN where there are none.
    """
    weight = weights_at_prevalence(positive, None, prevalence)
    judged = _Judged(positive, proba, weight, unit, quantile, prevalence)
    error = (proba - positive) ** 2
    brier = float(error.mean())
    half = judged.half((error - brier) / len(error))
    return {
        **_in_the_large(judged),
        **_line_limits(judged, line),
        **_ratio(judged),
        **_limits("brier", brier - half, brier + half),
    }


def in_the_large(positive: np.ndarray, proba: np.ndarray, weight: np.ndarray) -> float:
    """Intercept with the log-odds as an offset; NaN with risks of exactly 0 or 1."""
    if not ((proba > 0) & (proba < 1)).all():
        return np.nan
    score = logit(proba)

    def excess(shift: float) -> float:
        return float(weight @ (expit(score + shift) - positive))

    middle = float(logit(weight @ positive))
    low, high = middle - score.max() - 1, middle - score.min() + 1
    return float(brentq(excess, low, high, xtol=1e-13))  # of log-odds


def _limits(name: str, lower: float, upper: float) -> dict[str, float]:
    return {f"{name}_lower": float(lower), f"{name}_upper": float(upper)}


def _in_the_large(judged: _Judged) -> dict[str, float]:
    name = "calibration_in_the_large"
    shift = in_the_large(judged.positive, judged.proba, judged.weight)
    if np.isnan(shift):
        return {name: np.nan, **_limits(name, np.nan, np.nan)}
    risk = expit(logit(judged.proba) + shift)
    half = judged.half_of_mean(judged.positive - risk)
    half /= judged.weight @ (risk * (1 - risk))
    return {name: shift, **_limits(name, shift - half, shift + half)}


def _line_limits(judged: _Judged, line: tuple[float, float]) -> dict[str, float]:
    """Intercept and slope fitted together, from the scores summed by patient."""
    names, positive = ("intercept", "slope"), judged.positive
    if np.isnan(line[0]):
        sides = [f"{name}_{side}" for name in names for side in ("lower", "upper")]
        return dict.fromkeys(("intercept", *sides), np.nan)
    score = logit(judged.proba)
    x = np.column_stack([np.ones_like(score), score])
    risk = expit(x @ np.asarray(line))
    bread = np.linalg.inv((x * (risk * (1 - risk))[:, None]).T @ x)
    each = (x * (positive - risk)[:, None]) @ bread
    # Sampling by outcome shifts the intercept by the log-odds of its prevalence.
    offset = 0.0
    if judged.prevalence is not None:
        offset = float(logit(judged.prevalence) - logit(positive.mean()))
    intercept, slope = float(line[0] + offset), line[1]
    limits = {"intercept": intercept}
    for name, estimate, residual in zip(names, (intercept, slope), each.T, strict=True):
        half = judged.half(residual)
        limits |= _limits(name, estimate - half, estimate + half)
    return limits


def _ratio(judged: _Judged) -> dict[str, float]:
    """Observed over expected, with limits on the log scale."""
    name = "observed_expected"
    observed = float(judged.weight @ judged.positive)
    expected = float(judged.weight @ judged.proba)
    if expected == 0:
        return {name: np.inf, **_limits(name, np.nan, np.nan)}
    ratio = observed / expected
    half = judged.half_of_mean(judged.positive - ratio * judged.proba) / observed
    return {name: ratio, **_limits(name, ratio * np.exp(-half), ratio * np.exp(half))}
