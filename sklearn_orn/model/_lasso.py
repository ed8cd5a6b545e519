"""The LASSO logistic path, as R's glmnet defines it."""

from __future__ import annotations

from numbers import Integral, Real
from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._messages import shown
from sklearn_orn._readable import readable
from sklearn_orn.exceptions import NotEstimable


@readable
class LassoPath(NamedTuple):
    """Solutions along a path of lambdas.

    Attributes
    ----------
    lambdas : ndarray of shape (n_lambdas,)
        Descending.
    intercepts : ndarray of shape (n_lambdas,)
        On the original scale of the features.
    coefs : ndarray of shape (n_lambdas, n_features)
        On the original scale of the features.
    deviance_ratios : ndarray of shape (n_lambdas,)
        Share of the null deviance that is explained.
    n_nonzero : ndarray of int, shape (n_lambdas,)
        Number of nonzero coefficients.
    converged : ndarray of bool, shape (n_lambdas,)
        Whether the solver reached its tolerance; not where columns without a penalty
        separate the classes, or differ by rounding alone.
    """

    lambdas: np.ndarray
    intercepts: np.ndarray
    coefs: np.ndarray
    deviance_ratios: np.ndarray
    n_nonzero: np.ndarray
    converged: np.ndarray


class PathSettings(TypedDict, total=False):
    """What the paths of all folds have in common."""

    l1_ratio: float
    penalty_factor: np.ndarray | None
    n_lambdas: int
    tol: float


def check_factors(penalty_factor: ArrayLike | None, p: int) -> np.ndarray:
    """Return the factors with a mean of 1, -1 where a column is left out."""
    if penalty_factor is None:
        return np.ones(p)
    factors = np.asarray(penalty_factor, dtype=np.float64)
    if factors.shape != (p,) or not (factors >= 0).all():
        raise ValueError(
            f"penalty_factor must hold {p} numbers of at least 0 (infinity leaves a "
            f"column out), got {shown(penalty_factor)}."
        )
    out = np.isinf(factors)
    if out.all():
        raise ValueError(
            "penalty_factor is infinite for every column: there is nothing left to fit."
        )
    # What is left out counts as 1 in the mean, as in glmnet.
    factors = np.where(out, 1.0, factors)
    if factors.sum() > 0:
        factors = factors * p / factors.sum()
    return np.where(out, -1.0, factors)


def _check_lambdas(lambdas: ArrayLike | None) -> np.ndarray:
    if lambdas is None:
        return np.empty(0)
    values = np.asarray(lambdas, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not (values >= 0).all():
        raise ValueError(
            f"lambdas must be a list of numbers of at least 0, got {shown(lambdas)}."
        )
    return np.sort(values)[::-1].copy()


def _repeats_merged(
    X: np.ndarray, y: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each different row once, with the weight of all.

    Of a bootstrap resample a third of the rows are others again.
    """
    key = (X * np.cos(np.arange(X.shape[1]))).sum(axis=1) + y  # of equal rows equal
    order = np.argsort(key, kind="stable")
    same = np.diff(key[order]) == 0
    if not same.any():
        return X, y, weight
    pairs = np.column_stack([X, y])[order]
    same &= (pairs[1:] == pairs[:-1]).all(axis=1)
    first = np.flatnonzero(np.append(True, ~same))
    return X[order][first], y[order][first], np.add.reduceat(weight[order], first)


def logistic_lasso_path(
    X: ArrayLike,
    y: ArrayLike,
    *,
    l1_ratio: float = 1.0,
    lambdas: ArrayLike | None = None,
    n_lambdas: int = 100,
    standardize: bool = True,
    fit_intercept: bool = True,
    penalty_factor: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    tol: float = 1e-10,
    max_iter: int = 200,
) -> LassoPath:
    r"""Solve the LASSO or elastic-net logistic regression for a path of lambdas.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Finite feature values.
    y : array-like of shape (n_samples,)
        0 and 1.
    l1_ratio : float, default=1.0
        Share of the l1 penalty, glmnet's ``alpha``; above 0, at most 1.
    lambdas : array-like, default=None
        The lambdas to solve. None makes glmnet's grid.
    n_lambdas : int, default=100
        Length of that grid; the path may stop before its end.
    standardize : bool, default=True
        Whether the penalty is on coefficients per standard deviation (divisor n).
    fit_intercept : bool, default=True
        Whether there is an intercept, never penalised.
    penalty_factor : array-like of shape (n_features,), default=None
        Factors of each coefficient's penalty, rescaled to a mean of 1; 0 forces a
        feature in, infinity leaves it out (and counts as 1 in that mean).
    sample_weight : array-like of shape (n_samples,), default=None
        Weights; None is 1 each.
    tol : float, default=1e-10
        Largest violation of the optimality conditions, relative to that of the null
        model at the largest lambda, so that it means the same in every data set. The
        last Newton steps gain several digits each: a looser one saves little time.
    max_iter : int, default=200
        Newton steps per lambda, at most.

    Returns
    -------
    LassoPath
        Named tuple ``lambdas, intercepts, coefs, deviance_ratios, n_nonzero,
        converged``.

    Notes
    -----
    Minimises, with weights that sum to 1,

    .. math:: -\sum_i w_i [y_i \eta_i - \log(1 + e^{\eta_i})]
        + \lambda \sum_j v_j \left[\alpha |\beta_j|
        + \tfrac{1 - \alpha}{2} \beta_j^2\right].

    glmnet's rules: the grid runs from the smallest lambda without penalised
    coefficients to its 1e-4 fold (1e-2 where `X` has fewer rows than columns, those of
    weight 0 and those left out among them), evenly on the log scale. From the fifth
    lambda on it stops where the deviance ratio gains less than 1e-5 or passes 0.999;
    never with given `lambdas`. Constant columns have a coefficient of 0.

    References
    ----------
    Friedman, Hastie, Tibshirani, J Stat Softw 2010;33(1):1-22. Tibshirani et al., J R
    Stat Soc B 2012;74:245-266 (strong rules).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.model import logistic_lasso_path
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 5))
    >>> y = (X[:, 0] + rng.normal(size=60) > 0).astype(int)
    >>> path = logistic_lasso_path(X, y)
    >>> path.n_nonzero[:3]
    array([0, 1, 1])
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if X.ndim != 2 or y.shape != (len(X),) or not np.isfinite(X).all():
        raise ValueError(
            "X must be a finite table of shape (n_samples, n_features) and y of shape "
            f"(n_samples,), got {X.shape} and {y.shape}."
        )
    if not ((y == 0) | (y == 1)).all():
        raise ValueError("y must hold 0 and 1.")
    if not (isinstance(l1_ratio, Real) and 0 < l1_ratio <= 1):
        raise ValueError(
            f"l1_ratio must be above 0 and at most 1, got {shown(l1_ratio)}."
        )
    if not isinstance(n_lambdas, Integral) or n_lambdas < 1:
        raise ValueError(
            f"n_lambdas must be an integer from 1, got {shown(n_lambdas)}."
        )
    weight = np.ones(len(y))
    if sample_weight is not None:
        weight = np.asarray(sample_weight, dtype=np.float64)
    return path_until(
        -1.0,
        X,
        y,
        l1_ratio=l1_ratio,
        lambdas=lambdas,
        n_lambdas=n_lambdas,
        standardize=standardize,
        fit_intercept=fit_intercept,
        penalty_factor=penalty_factor,
        sample_weight=weight,
        tol=tol,
        max_iter=max_iter,
    )[0]


def path_until(
    until: float,
    X: np.ndarray,
    y: np.ndarray,
    *,
    sample_weight: np.ndarray,
    l1_ratio: float = 1.0,
    lambdas: ArrayLike | None = None,
    n_lambdas: int = 100,
    standardize: bool = True,
    fit_intercept: bool = True,
    penalty_factor: ArrayLike | None = None,
    tol: float = 1e-10,
    max_iter: int = 200,
) -> tuple[LassoPath, np.ndarray]:
    """Solve a path of checked data to the first lambda that is not above `until`.

    The second value is its whole grid, which may go on where the path has ended.
    """
    from sklearn_orn.model._lasso_kernel import solve_path

    n, p = X.shape
    used = sample_weight > 0
    if not used.all():
        X, y, sample_weight = X[used], y[used], sample_weight[used]
    if not len(y) or y.min() == y.max():
        raise NotEstimable("y holds one class only: both are needed.")
    X, y, weight = _repeats_merged(X, y, sample_weight / sample_weight.sum())
    mean = weight @ X
    centred = X - mean
    sd = np.sqrt(np.maximum(weight @ centred**2, 0.0))
    constant = np.ptp(X, axis=0) == 0
    factors = np.where(constant, -1.0, check_factors(penalty_factor, p))
    scale = np.where(constant | (not standardize), 1.0, sd)
    xt = np.ones((p + 1, len(X)))
    xt[1:] = ((centred if fit_intercept else X) / scale).T
    given = _check_lambdas(lambdas)
    ratio = 1e-2 if n < p else 1e-4  # glmnet's lambda.min.ratio
    grid, beta, ratios, converged = solve_path(
        xt,
        y,
        weight,
        given,
        int(n_lambdas),
        ratio,
        float(l1_ratio),
        np.append(0.0 if fit_intercept else -1.0, factors),
        float(tol),
        int(max_iter),
        lambdas is None,
        float(until),
    )
    coefs = beta[:, 1:] / scale
    intercepts = np.zeros(len(beta))
    if fit_intercept:  # not by BLAS, whose sums depend on how many lambdas there are
        intercepts = beta[:, 0] - np.einsum("ij,j->i", coefs, mean)
    n_nonzero = (coefs != 0.0).sum(axis=1)
    solved = grid[: len(beta)]
    return LassoPath(solved, intercepts, coefs, ratios, n_nonzero, converged), grid
