"""Maximum likelihood logistic fits: of an intercept alone, and of coefficients."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigvalsh
from scipy.optimize import brentq
from scipy.special import expit, logit

from sklearn_orn._readable import readable
from sklearn_orn.metrics._clusters import wald_quantile

MAX_STEPS = 100  # ample: only a likelihood without a maximum takes them all
SMALL_STEP = 1e-11  # of a coefficient: Newton's next one would be its square
CERTAIN = 1e-10  # mean variance of the outcome in a direction where nothing is left
ROUNDING = 1e-12  # of sums over the samples, relative


def newton_logistic(
    x: np.ndarray, positive: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray | None:
    """Maximum likelihood coefficients, by Newton's method with halved steps.

    None where the likelihood has no maximum: the columns separate the classes.
    """
    beta = np.zeros(x.shape[1])
    beta[0] = logit(positive.mean())
    weight = np.ones(len(x)) if weight is None else weight
    value = _log_likelihood(x @ beta, positive, weight)
    for _ in range(MAX_STEPS):
        risk = expit(x @ beta)
        information = (x * (weight * risk * (1 - risk))[:, None]).T @ x
        try:
            step = np.linalg.solve(information, x.T @ (weight * (positive - risk)))
        except np.linalg.LinAlgError:
            return None
        whole = np.abs(step).max()
        new = _log_likelihood(x @ (beta + step), positive, weight)
        while new < value - ROUNDING * abs(value) and np.abs(step).max() > SMALL_STEP:
            step /= 2
            new = _log_likelihood(x @ (beta + step), positive, weight)
        beta, value = beta + step, new
        if whole < SMALL_STEP:
            certain = eigvalsh(information, (x * weight[:, None]).T @ x)[0] < CERTAIN
            return None if certain else beta
        if np.abs(step).max() < SMALL_STEP:
            return None  # Newton's step is long, and no part of it leads upwards
    return None


def _log_likelihood(
    score: np.ndarray, positive: np.ndarray, weight: np.ndarray
) -> float:
    gained = (weight * score)[positive].sum()
    return float(gained - (weight * np.logaddexp(0, score)).sum())


@readable
class Shift(NamedTuple):
    """What to add to the log-odds, with its confidence limits; 0 when calibrated."""

    estimate: float
    lower: float
    upper: float


def fit_shift(
    score: np.ndarray, positive: np.ndarray, unit: np.ndarray | None, confidence: float
) -> Shift:
    """Maximum likelihood intercept with the score as an offset.

    The probabilities of the score and the intercept have the mean of the outcome. The
    variance is the inverse information, or with patients Huber's sandwich and
    Student's t.
    """
    share = positive.mean()
    total = positive.sum()
    middle = logit(share)
    low, high = middle - score.max(), middle - score.min()

    def excess(shift: float) -> float:
        return float(expit(score + shift).sum() - total)

    shift = float(low)
    if high > low:
        # As near as the rounding of the sum lets the root be found.
        shift = float(brentq(excess, low - 1, high + 1, xtol=1e-13, rtol=1e-15))
    risk = expit(score + shift)
    information = float((risk * (1 - risk)).sum())
    if information < np.finfo(float).tiny:
        return Shift(shift, np.nan, np.nan)
    meat = information
    if unit is not None:
        meat = float((np.bincount(unit, positive - risk) ** 2).sum())
    half = wald_quantile(unit, confidence) * np.sqrt(meat) / information
    return Shift(shift, float(shift - half), float(shift + half))


class Refit(NamedTuple):
    """Intercept and coefficients, or why there are none."""

    intercept: float
    coefficients: np.ndarray
    reason: str


def refit_all(X: np.ndarray, positive: np.ndarray) -> Refit:
    """Maximum likelihood as R's ``glm``, rms's ``lrm``; NaN with a reason if none."""
    n, p = X.shape
    centre, scale = X.mean(axis=0), X.std(axis=0)
    if (scale <= ROUNDING * np.abs(centre)).any():
        return _none(p, "a feature is the same in all samples")
    design = np.column_stack([np.ones(n), (X - centre) / scale])
    if np.linalg.matrix_rank(design) <= p:
        return _none(p, "the features depend on one another linearly")
    beta = newton_logistic(design, positive)
    if beta is None:
        return _none(p, "the features separate the classes")
    slopes = beta[1:] / scale
    return Refit(float(beta[0] - slopes @ centre), slopes, "")


def _none(p: int, reason: str) -> Refit:
    return Refit(np.nan, np.full(p, np.nan), reason)
