"""Limits of net benefits by patient, without a bootstrap."""

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from sklearn_orn.metrics._clusters import n_patients, ratio_variance


def standard_error(residual: np.ndarray, unit: np.ndarray | None) -> float:
    """Root of the sum over patients of squared residuals, as of a ratio of totals."""
    sums = residual if unit is None else np.bincount(unit, residual)
    n = len(sums)
    return float(np.sqrt(n / (n - 1) * (sums @ sums))) if n > 1 else np.nan


def patient_quantile(unit: np.ndarray | None, n: int, confidence: float) -> float:
    """Student's quantile with as many degrees of freedom as patients but one."""
    return float(student.ppf(0.5 + confidence / 2, n_patients(unit, n) - 1))


def weights_at_prevalence(
    positive: np.ndarray, weight: np.ndarray | None, prevalence: float | None
) -> np.ndarray:
    """Return weights that sum to 1, with the share of positives that is asked for."""
    weight = np.ones(len(positive)) if weight is None else weight
    weight = weight / weight.sum()
    if prevalence is None:
        return weight
    share = weight @ positive
    return np.asarray(
        weight * np.where(positive, prevalence / share, (1 - prevalence) / (1 - share))
    )


def mean_residual(
    values: np.ndarray,
    positive: np.ndarray,
    weight: np.ndarray,
    prevalence: float | None,
) -> np.ndarray:
    """Return what samples add to the error of a mean, by class with a prevalence."""
    if prevalence is None:
        return np.asarray(weight * (values - weight @ values))
    residual = np.zeros(len(values))
    for rows in (positive, ~positive):
        own = weight[rows]
        residual[rows] = own * (values[rows] - own @ values[rows] / own.sum())
    return residual


def benefit_residual(
    positive: np.ndarray, called: np.ndarray, threshold: float, prevalence: float | None
) -> np.ndarray:
    """Return what each sample adds to the error of a net benefit."""
    weight = weights_at_prevalence(positive, None, prevalence)
    gain = np.where(positive, 1.0, -threshold / (1 - threshold))
    return mean_residual(called * gain, positive, weight, prevalence)


class _Share(NamedTuple):
    """A share with Wilson's limits by patient."""

    value: float
    lower: float
    upper: float


def _share(
    hit: np.ndarray,
    of: np.ndarray,
    weight: np.ndarray,
    unit: np.ndarray,
    quantile: float,
) -> _Share:
    """Share of hits; its limits take the effective number, or patients if all alike."""
    own = weight * of
    share = float(own @ hit / own.sum())
    effective = float(len(np.unique(unit[of])))
    variance = ratio_variance(own * hit, own, unit)  # 0 if all are alike
    if variance > 0:
        effective = min(share * (1 - share) / variance, float(of.sum()))
    square = quantile**2 / effective
    centre = (share + square / 2) / (1 + square)
    half = np.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    return _Share(share, max(centre - half, 0.0), min(centre + half, 1.0))


def _together(scale: tuple[float, float], first: float, second: float) -> float:
    return float(np.hypot(scale[0] * first, scale[1] * second))


def _gain_distances(
    positive: np.ndarray,
    chosen: np.ndarray,
    threshold: float,
    weight: np.ndarray,
    unit: np.ndarray,
    prevalence: float | None,
    quantile: float,
) -> tuple[float, float]:
    """Return how far the limits of a benefit lie from it, below and above.

    The benefit is ``n (q - t) / (1 - t)`` with the chosen share n of all and the share
    q of positives among them; with a prevalence it is the difference of the chosen
    shares of positives and negatives, both weighted. The distances are put together.
    """
    if prevalence is not None:
        scale = prevalence, (1 - prevalence) * threshold / (1 - threshold)
        own = _share(chosen, positive, weight, unit, quantile)
        other = _share(chosen, ~positive, weight, unit, quantile)
        return (
            _together(scale, own.value - own.lower, other.upper - other.value),
            _together(scale, own.upper - own.value, other.value - other.lower),
        )
    if not (weight * chosen).any():
        return 0.0 * quantile, 0.0 * quantile  # NaN with one patient
    share = _share(positive, chosen, weight, unit, quantile)
    own_weight = weight / weight.sum()
    residual = mean_residual(chosen.astype(float), positive, own_weight, None)
    of_number = quantile * standard_error(residual, unit)
    of_number *= (share.value - threshold) / (1 - threshold)
    scale_of_share = float(own_weight @ chosen) / (1 - threshold)
    return (
        float(np.hypot(scale_of_share * (share.value - share.lower), of_number)),
        float(np.hypot(scale_of_share * (share.upper - share.value), of_number)),
    )


def benefit_at(
    positive: np.ndarray,
    proba: np.ndarray,
    threshold: float,
    unit: np.ndarray,
    confidence: float,
) -> tuple[float, float, float]:
    """Return the net benefit at a threshold with its limits by patient."""
    n, called = len(proba), proba >= threshold
    gain = float(
        np.mean(called * np.where(positive, 1.0, -threshold / (1 - threshold)))
    )
    quantile = patient_quantile(unit, n, confidence)
    settings = (np.ones(n), unit, None, quantile)
    below, above = _gain_distances(positive, called, threshold, *settings)
    return gain, gain - below, gain + above


def benefit_limits(
    curves: dict[str, np.ndarray],
    positive: np.ndarray,
    proba: np.ndarray,
    thresholds: np.ndarray,
    unit: np.ndarray | None,
    weight: np.ndarray | None,
    prevalence: float | None,
    quantile: float,
) -> dict[str, np.ndarray]:
    """Limits, shape (2, n_thresholds), of the curves that have them; t's `quantile`."""
    unit = np.arange(len(proba)) if unit is None else unit
    plain = np.ones(len(proba)) if weight is None else weight
    own = weights_at_prevalence(positive, plain, prevalence)
    share = float(own @ positive)
    settings = (plain, unit, prevalence, quantile)
    model, over_all, standardized = [], [], []
    for i, threshold in enumerate(thresholds):
        called = proba >= threshold
        model.append(_gain_distances(positive, called, threshold, *settings))
        # Those who are spared: worth the more, the fewer of them are positive.
        spared = _gain_distances(positive, ~called, threshold, *settings)
        over_all.append(spared[::-1])
        gain = np.where(positive, 1.0, -threshold / (1 - threshold)) * called
        relative = gain - curves["standardized"][i] * positive
        residual = mean_residual(relative / share, positive, own, prevalence)
        standardized.append([quantile * standard_error(residual, unit)] * 2)
    sign = np.array([[-1.0], [1.0]])
    limits = {
        name: curves[name] + sign * np.array(distances).T
        for name, distances in (
            ("model", model),
            ("over_all", over_all),
            ("standardized", standardized),
        )
    }
    odds = thresholds / (1 - thresholds)
    avoided = np.zeros((2, len(thresholds)))
    np.divide(limits["over_all"], odds, out=avoided, where=odds > 0)
    return limits | {"interventions_avoided": avoided}
