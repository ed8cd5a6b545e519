"""Calibration in the large, and limits by patient of the measures of calibration."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from sklearn_orn.metrics._benefit_bands import (
    class_weights,
    mean_residual,
    standard_error,
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
    weight = class_weights(positive, None, prevalence)
    error = (proba - positive) ** 2
    brier = float(error.mean())
    half = quantile * standard_error((error - brier) / len(error), unit)
    brier_limits = {"brier_lower": brier - half, "brier_upper": brier + half}
    return {
        **_in_the_large(positive, proba, weight, unit, quantile, prevalence),
        **_line_limits(positive, proba, line, unit, quantile, prevalence),
        **_ratio(positive, proba, weight, unit, quantile, prevalence),
        **brier_limits,
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


def _in_the_large(
    positive: np.ndarray,
    proba: np.ndarray,
    weight: np.ndarray,
    unit: np.ndarray,
    quantile: float,
    prevalence: float | None,
) -> dict[str, float]:
    name = "calibration_in_the_large"
    shift = in_the_large(positive, proba, weight)
    if np.isnan(shift):
        return dict.fromkeys((name, f"{name}_lower", f"{name}_upper"), np.nan)
    risk = expit(logit(proba) + shift)
    residual = mean_residual(positive - risk, positive, weight, prevalence)
    half = quantile * standard_error(residual, unit) / (weight @ (risk * (1 - risk)))
    return {
        name: shift,
        f"{name}_lower": float(shift - half),
        f"{name}_upper": float(shift + half),
    }


def _line_limits(
    positive: np.ndarray,
    proba: np.ndarray,
    line: tuple[float, float],
    unit: np.ndarray,
    quantile: float,
    prevalence: float | None,
) -> dict[str, float]:
    """Intercept and slope fitted together, from the scores summed by patient."""
    names = ("intercept", "slope")
    if np.isnan(line[0]):
        sides = [f"{name}_{side}" for name in names for side in ("lower", "upper")]
        return dict.fromkeys(("intercept", *sides), np.nan)
    score = logit(proba)
    x = np.column_stack([np.ones_like(score), score])
    risk = expit(x @ np.asarray(line))
    bread = np.linalg.inv((x * (risk * (1 - risk))[:, None]).T @ x)
    each = (x * (positive - risk)[:, None]) @ bread
    # Sampling by outcome shifts the intercept by the log-odds of its prevalence.
    offset = 0.0
    if prevalence is not None:
        offset = float(logit(prevalence) - logit(positive.mean()))
    limits = {}
    for name, estimate, residual in zip(
        names, (line[0] + offset, line[1]), each.T, strict=True
    ):
        half = quantile * standard_error(residual, unit)
        limits[f"{name}_lower"] = float(estimate - half)
        limits[f"{name}_upper"] = float(estimate + half)
    return limits | {"intercept": float(line[0] + offset)}


def _ratio(
    positive: np.ndarray,
    proba: np.ndarray,
    weight: np.ndarray,
    unit: np.ndarray,
    quantile: float,
    prevalence: float | None,
) -> dict[str, float]:
    """Observed over expected, with limits on the log scale."""
    name = "observed_expected"
    observed, expected = float(weight @ positive), float(weight @ proba)
    if expected == 0:
        return {name: np.inf, f"{name}_lower": np.nan, f"{name}_upper": np.nan}
    ratio = observed / expected
    residual = mean_residual(positive - ratio * proba, positive, weight, prevalence)
    half = quantile * standard_error(residual, unit) / observed
    return {
        name: ratio,
        f"{name}_lower": float(ratio * np.exp(-half)),
        f"{name}_upper": float(ratio * np.exp(half)),
    }
