"""The formulas of ComBat, as functions of arrays.

In the notation of Johnson, Li, Rabinovic, Biostatistics 2007;8:118-127. Where the
article leaves room, as in divisors and the end of the iteration, it is sva's choice.
"""

from typing import NamedTuple

import numpy as np

from sklearn_orn.exceptions import NotEstimable

TOLERANCE = 1e-4  # of sva: a relative change
MAX_ITERATIONS = 10_000
EXPLAINED = 1e-20  # share of the variance below which nothing but rounding is left


class Standard(NamedTuple):
    """What is taken away before batches are compared, and the features it is known of.

    `mean` is alpha, `slopes` beta of the covariates, `variance` sigma squared.
    """

    mean: np.ndarray
    slopes: np.ndarray
    variance: np.ndarray
    varying: np.ndarray

    def expected(self, covariates: np.ndarray) -> np.ndarray:
        """Return the mean of each row for its covariates."""
        return self.mean + covariates @ self.slopes


def standardise(
    X: np.ndarray, codes: np.ndarray, covariates: np.ndarray, reference: int | None
) -> Standard:
    """Fit batches and covariates by least squares; `reference` is a batch's number."""
    design = np.hstack([codes[:, None] == np.arange(codes.max() + 1), covariates])
    count = np.bincount(codes)
    slopes = np.linalg.lstsq(design, X, rcond=None)[0]
    of_batches, of_covariates = slopes[: len(count)], slopes[len(count) :]
    rows = np.full(len(X), True) if reference is None else codes == reference
    mean = count @ of_batches / len(X) if reference is None else of_batches[reference]
    variance = ((X - design @ slopes)[rows] ** 2).mean(axis=0)
    spread = [np.ptp(X[codes == batch], axis=0) for batch in range(len(count))]
    varying = np.min(spread, axis=0) > 0
    varying &= variance > EXPLAINED * (X**2).mean(axis=0)
    return Standard(mean, of_covariates, np.where(varying, variance, 1.0), varying)


def parametric(
    Z: np.ndarray, gamma: np.ndarray, delta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return gamma* and delta* of a batch under normal and inverse gamma priors.

    The priors' parameters are the moments over the features. The hyperparameters of
    delta are multiplied by its variance, so that equal deltas are no division by zero.
    """
    n = len(Z)
    centre, tau2 = gamma.mean(), gamma.var(ddof=1)
    m, s2 = delta.mean(), delta.var(ddof=1)
    g, d = gamma, delta
    for _ in range(MAX_ITERATIONS):
        g_new = (n * tau2 * gamma + d * centre) / (n * tau2 + d)
        squares = ((Z - g_new) ** 2).sum(axis=0)
        d_new = (s2 * squares / 2 + m * s2 + m**3) / (s2 * (n / 2 + 1) + m**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            # As in sva, a negative gamma does not hold the end up: its sign stays.
            changes = np.concatenate([abs(g_new - g) / g, abs(d_new - d) / d])
        g, d = g_new, d_new
        if not (changes > TOLERANCE).any():
            return g, d
    raise NotEstimable(
        f"The parametric estimates of ComBat did not settle in {MAX_ITERATIONS} "
        "iterations: look for features of extreme values, or set parametric=False."
    )


def parametric_mean(gamma: np.ndarray) -> np.ndarray:
    """Return gamma* where only means differ: the weights of sva, of one lesion."""
    tau2 = gamma.var(ddof=1)
    return (tau2 * gamma + gamma.mean()) / (tau2 + 1)


def nonparametric(
    Z: np.ndarray, gamma: np.ndarray, delta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return gamma* and delta* of a batch, weighted by the other features' likelihood.

    The likelihoods are compared by their logarithms: they never all become zero.
    """
    n = len(Z)
    total, squares = Z.sum(axis=0)[:, None], (Z**2).sum(axis=0)[:, None]
    squares = squares - 2 * gamma * total + n * gamma**2
    with np.errstate(divide="ignore", invalid="ignore"):
        log = -n / 2 * np.log(delta) - squares / (2 * delta)
    log[:, delta == 0] = -np.inf
    np.fill_diagonal(log, -np.inf)
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return weight @ gamma, weight @ delta


def batch_effects(
    Z: np.ndarray, *, by_prior: bool, mean_only: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return gamma* and delta* of the standardised lesions of one batch."""
    gamma = Z.mean(axis=0)
    ones = np.ones_like(gamma)
    if mean_only and by_prior:
        return parametric_mean(gamma), ones
    delta = ones if mean_only else Z.var(axis=0, ddof=1)
    return (parametric if by_prior else nonparametric)(Z, gamma, delta)
