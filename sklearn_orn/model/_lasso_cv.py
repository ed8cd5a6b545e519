"""Cross-validation of a LASSO path, as R's cv.glmnet does it."""

import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.model._lasso import LassoPath, logistic_lasso_path


class CrossValidation(NamedTuple):
    """Cross-validated score along a path.

    Attributes
    ----------
    mean, se : ndarray of shape (n_lambdas,)
        Mean over the folds, weighted by their size, and its standard error.
    lambda_min, lambda_1se : float
        The lambda of the best mean, and the largest one within a standard error.
    """

    mean: np.ndarray
    se: np.ndarray
    lambda_min: float
    lambda_1se: float


def interpolate_path(path: LassoPath, at: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return intercepts and coefficients at other lambdas.

    Linear between the lambdas of the path, constant beyond its ends, as in glmnet.
    """
    wanted = np.clip(np.asarray(at, float), path.lambdas[-1], path.lambdas[0])
    ascending = path.lambdas[::-1]
    right = np.clip(np.searchsorted(ascending, wanted), 1, max(len(ascending) - 1, 1))
    if len(ascending) == 1:
        return (
            np.repeat(path.intercepts, len(wanted)),
            np.repeat(path.coefs, len(wanted), axis=0),
        )
    low, high = ascending[right - 1], ascending[right]
    # Where nothing is associated with the outcome, all lambdas of a fold are 0.
    gap = np.where(high > low, high - low, 1.0)
    share = (wanted - low) / gap
    table = np.column_stack([path.intercepts, path.coefs])[::-1]
    values = table[right - 1] * (1 - share)[:, None] + table[right] * share[:, None]
    return values[:, 0], values[:, 1:]


def _deviance(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean -2 log-likelihood, probabilities cut to [1e-5, 1 - 1e-5]."""
    margin = np.log((1 - 1e-5) / 1e-5)
    score = np.clip(score, -margin, margin)
    each = 2 * (np.logaddexp(0, score) - y[:, None] * score)
    return np.average(each, axis=0, weights=weight)


def _error(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.average((score > 0) != y[:, None], axis=0, weights=weight)


def _brier(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    proba = 1 / (1 + np.exp(-np.clip(score, -500, 500)))
    return np.average((proba - y[:, None]) ** 2, axis=0, weights=weight)


def _auc(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted share of concordant pairs, ties count half; NaN for one class."""
    positive = y == 1
    if positive.all() or not positive.any():
        return np.full(score.shape[1], np.nan)
    total = weight[positive].sum() * weight[~positive].sum()
    aucs = np.empty(score.shape[1])
    for k, column in enumerate(score.T):
        order = np.argsort(column[~positive], kind="stable")
        negative = column[~positive][order]
        below = np.concatenate([[0.0], np.cumsum(weight[~positive][order])])
        left = below[np.searchsorted(negative, column[positive], side="left")]
        right = below[np.searchsorted(negative, column[positive], side="right")]
        aucs[k] = weight[positive] @ (left + right) / 2 / total
    return aucs


class Scoring(NamedTuple):
    """A score of predictions: its function, and 1 where higher is better, else -1."""

    function: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    sign: int


SCORINGS = {
    "deviance": Scoring(_deviance, -1),
    "auc": Scoring(_auc, 1),
    "error": Scoring(_error, -1),
    "brier": Scoring(_brier, -1),
}


def cross_validate_path(
    X: np.ndarray,
    y: np.ndarray,
    splits: Iterable[tuple[np.ndarray, np.ndarray]],
    lambdas: np.ndarray,
    *,
    scoring: str = "deviance",
    sample_weight: np.ndarray | None = None,
    **path_settings: Any,
) -> CrossValidation:
    """Cross-validate a score at the lambdas of a path.

    Each fold has its own path, which is interpolated at `lambdas`, as in cv.glmnet.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Feature values.
    y : ndarray of shape (n_samples,)
        0 and 1.
    splits : iterable of (train, test)
        Row numbers of each fold.
    lambdas : ndarray of shape (n_lambdas,)
        Of the path on all samples, descending.
    scoring : {"deviance", "auc", "error", "brier"}, default="deviance"
        What is compared: -2 log-likelihood per sample, AUC, share of samples on the
        wrong side of a probability of 0.5, or mean squared error of the probability
        (half of glmnet's ``mse``, which adds both classes).
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights in fit and score.
    **path_settings
        Passed to `logistic_lasso_path`.

    Returns
    -------
    CrossValidation
        Named tuple ``mean, se, lambda_min, lambda_1se``.
    """
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    function, sign = SCORINGS[scoring]
    scores, sizes, smallest = [], [], len(y)
    for train, test in splits:
        if not weight[test].sum() > 0:
            continue
        path = logistic_lasso_path(
            X[train], y[train], sample_weight=weight[train], **path_settings
        )
        intercepts, coefs = interpolate_path(path, lambdas)
        link = X[test] @ coefs.T + intercepts
        scores.append(function(y[test], link, weight[test]))
        sizes.append(weight[test].sum())
        smallest = min(smallest, len(test))
    if scoring == "auc" and smallest < 10:
        warnings.warn(
            f"The smallest fold has {smallest} samples, fewer than 10: its AUC says "
            "little. Use fewer folds, or scoring='deviance'.",
            StudyWarning,
            stacklevel=4,
        )
    folds, size = np.array(scores), np.array(sizes)
    known = ~np.isnan(folds).any(axis=1)
    if not known.any():
        raise ValueError("Every fold holds one class only: there is no AUC.")
    folds, size = folds[known], size[known]
    mean = np.average(folds, axis=0, weights=size)
    spread = np.average((folds - mean) ** 2, axis=0, weights=size)
    se = np.sqrt(spread / max(len(folds) - 1, 1))
    best = int(np.argmax(sign * mean))
    within = np.flatnonzero(sign * mean >= sign * mean[best] - se[best])
    return CrossValidation(mean, se, float(lambdas[best]), float(lambdas[within[0]]))
