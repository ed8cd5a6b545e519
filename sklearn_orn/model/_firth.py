"""Logistic regression with Firth's penalty: finite where classes are separated."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model._lasso import LassoPath, check_factors

MAX_STEPS = 500  # ample, for the slow steps of a nearly constant column too
MAX_HALVINGS = 40  # down to 1e-12 of the step, where rounding begins
ROUNDING = 1e-12  # of sums over the samples
LONGEST = 5.0  # of a step, in log-odds per SD: beyond, the quadratic model is off


def firth_logistic(
    X: ArrayLike,
    y: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    tol: float = 1e-10,
) -> tuple[float, np.ndarray]:
    r"""Fit a logistic regression by Firth's penalised likelihood.

    It maximises :math:`\ell(\beta) + \tfrac12 \log\det I(\beta)` with the information
    :math:`I = X^T W X`, that is, it solves
    :math:`\sum_i \left[w_i (y_i - p_i) + h_i (\tfrac12 - p_i)\right] x_i = 0`
    with the diagonal h of the hat matrix :math:`W^{1/2} X I^{-1} X^T W^{1/2}` (Firth,
    Biometrika 1993;80:27-38). It exists whatever the data (Heinze, Schemper, Stat Med
    2002;21:2409-2419), the intercept is penalised as well. Constant columns have 0; of
    columns that determine each other the smallest coefficients per SD are taken.

    The score is that of a table to which each row was added with the weight
    :math:`h_i` and an outcome of 1/2. Steps are Fisher scoring on that table, halved
    where they do not raise the penalised likelihood, on an orthogonal basis of the
    centred columns: the estimate does not depend on the basis. Weights are absolute,
    unlike the LASSO's. `tol` is the largest modified score, per sample and SD; a fit
    that does not get there is an error.
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight)
    used = weight > 0
    X, y, weight = X[used], y[used], weight[used].astype(np.float64)
    mean, basis, back = _basis(X, weight)
    theta = _solve(basis, y, weight, tol)
    coef = back @ theta[1:]
    return float(theta[0] - mean @ coef), coef


def firth_path(
    X: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    penalty_factor: np.ndarray | None,
    *,
    tol: float,
) -> LassoPath:
    """Return Firth's fit as a path of the one lambda 0, without infinite factors."""
    kept = check_factors(penalty_factor, X.shape[1]) >= 0
    coefs = np.zeros((1, X.shape[1]))
    intercept, coefs[0, kept] = firth_logistic(
        X[:, kept], y, sample_weight=weight, tol=tol
    )
    eta = intercept + X @ coefs[0]
    share = weight @ y / weight.sum()
    null = np.log(share / (1 - share))
    lost = [weight @ (np.logaddexp(0.0, at) - y * at) for at in (eta, null)]
    return LassoPath(
        np.zeros(1),
        np.array([intercept]),
        coefs,
        np.array([1.0 - lost[0] / lost[1]]),
        np.count_nonzero(coefs, axis=1),
        np.ones(1, dtype=bool),
    )


def _basis(
    X: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return means, an orthogonal basis behind a column of 1, and the way back."""
    total = weight.sum()
    mean = weight @ X / total
    centred = X - mean
    # The mean of large numbers is rounded: what is left is the same in all rows, and
    # would part columns that depend on each other.
    centred -= weight @ centred / total
    deviation = np.sqrt(weight @ centred**2 / total)
    deviation[np.ptp(X, axis=0) == 0] = 0.0
    scale = np.where(deviation > 0, deviation, 1.0)
    Z = np.where(deviation > 0, centred / scale, 0.0)
    root = np.sqrt(weight / total)[:, None]
    _, singular, directions = np.linalg.svd(root * Z, full_matrices=False)
    cut = max(Z.shape) * np.finfo(float).eps * singular.max(initial=0.0)
    kept = singular > max(cut, ROUNDING)
    turn = directions[kept].T / singular[kept]
    basis = np.column_stack([np.ones(len(X)), Z @ turn])
    return mean, basis, turn / scale[:, None]


def _solve(
    basis: np.ndarray, y: np.ndarray, weight: np.ndarray, tol: float
) -> np.ndarray:
    theta = np.zeros(basis.shape[1])
    value, score, curvature = penalised_likelihood(basis, y, weight, theta)
    size = weight.sum()
    for _ in range(MAX_STEPS):
        if np.abs(score).max() <= tol * size:
            return theta
        try:
            step = np.linalg.solve(curvature, score)
        except np.linalg.LinAlgError:  # a ValueError to numpy
            break
        step *= min(1.0, LONGEST / np.abs(step).max())
        for _ in range(MAX_HALVINGS):
            trial = penalised_likelihood(basis, y, weight, theta + step)
            if trial[0] >= value - ROUNDING * (1.0 + abs(value)):
                break
            step /= 2
        theta = theta + step
        value, score, curvature = trial
    raise NotEstimable(
        f"Firth's fit did not converge in {MAX_STEPS} steps: the largest modified "
        f"score per sample is {np.abs(score).max() / size:.1e}, tol is {tol:g}. Leave "
        "out columns that nearly determine each other, or set a larger tol."
    )


def penalised_likelihood(
    basis: np.ndarray, y: np.ndarray, weight: np.ndarray, theta: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return penalised log-likelihood, modified score and its curvature."""
    eta = basis @ theta
    p, q = expit(eta), expit(-eta)
    root = np.sqrt(weight * p * q)[:, None]
    information = (root * basis).T @ (root * basis)
    sign, log_det = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf, np.zeros_like(theta), information
    inverse = np.linalg.inv(information)
    hat = np.einsum("ij,jk,ik->i", root * basis, inverse, root * basis)
    likelihood = weight @ (y * eta - np.logaddexp(0.0, eta))
    score = basis.T @ (weight * (y - p) + hat * (0.5 - p))
    curvature = (basis * ((weight + hat) * p * q)[:, None]).T @ basis
    return float(likelihood + log_det / 2), score, curvature
