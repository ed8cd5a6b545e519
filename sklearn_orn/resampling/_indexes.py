"""The indexes that a bootstrap validation corrects, as rms's ``validate`` has them."""

import numpy as np
from scipy.special import expit, logit

from sklearn_orn.metrics.shared import (
    likelihood_indexes,
    logistic_line,
    lowess,
    weighted_auc,
)

INDEXES = (
    "auc",
    "dxy",
    "r2",
    "brier",
    "intercept",
    "slope",
    "emax",
    "d",
    "u",
    "q",
    "g",
    "gp",
)

# Indexes, and calibration curves at some grids.
Judged = tuple[dict[str, float], list[np.ndarray]]


def gini_mean_difference(values: np.ndarray) -> float:
    """Mean absolute difference of all pairs."""
    n = len(values)
    rank = np.arange(1, n + 1)
    # The ranks' weights sum to 0: a shift changes nothing but the rounding.
    total = 2 * ((2 * rank - n - 1) @ (np.sort(values) - values.min()))
    return float(total / (n * (n - 1)))


def validation_indexes(positive: np.ndarray, proba: np.ndarray) -> dict[str, float]:
    """All of `INDEXES` but Emax; R2, D and g are those of recalibrated probabilities.

    NaN where the recalibrating line does not exist; equal probabilities have R2, g and
    gp of 0.
    """
    auc = weighted_auc(positive, proba)
    line = logistic_line(logit(proba), positive)
    n = len(proba)
    share = np.full(n, positive.mean())
    score = np.full(n, np.nan)
    if np.isfinite(line[0]):
        score = line[0] + line[1] * logit(proba)
    elif proba.min() == proba.max():
        score = logit(share)
    unreliability = likelihood_indexes(positive, proba, line)["unreliability"]
    null = -2 * (positive * np.log(share) + ~positive * np.log1p(-share)).sum()
    recalibrated = np.nan
    if np.isfinite(score).all():
        recalibrated = -2 * (score[positive].sum() - np.logaddexp(0, score).sum())
    d = (null - recalibrated - 1) / n
    return {
        "auc": auc,
        "dxy": 2 * auc - 1,
        "r2": float(np.expm1((recalibrated - null) / n) / np.expm1(-null / n)),
        "brier": float(np.mean((proba - positive) ** 2)),
        "intercept": line[0],
        "slope": line[1],
        "d": float(d),
        "u": unreliability,
        "q": float(d - unreliability),
        "g": gini_mean_difference(score),
        "gp": gini_mean_difference(expit(score)),
    }


def largest_miscalibration(intercept: float, slope: float) -> float:
    """Largest distance between a probability and its recalibrated value."""
    proba = np.arange(1, 2000) / 2000
    return float(np.abs(proba - expit(intercept + slope * logit(proba))).max())


def calibration_at(
    positive: np.ndarray, proba: np.ndarray, *grids: np.ndarray
) -> list[np.ndarray]:
    """Lowess calibration curve at the probabilities of each grid, NaN beyond the data.

    The curve is fitted once for all grids.
    """
    x, observed = lowess(proba, positive.astype(float))
    first = np.concatenate([[True], np.diff(x) > 0])
    return [
        np.interp(at, x[first], observed[first], left=np.nan, right=np.nan)
        for at in grids
    ]
