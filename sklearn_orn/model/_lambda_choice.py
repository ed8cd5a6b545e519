"""Cross-validation of a LASSO path, as R's cv.glmnet does it."""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, TypeAlias, Unpack

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from sklearn_orn._study_warnings import warn
from sklearn_orn._types import Split
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model._lasso import LassoPath, PathSettings, logistic_lasso_path


class CrossValidation(NamedTuple):
    """Mean and SE along a path, its best lambda and the largest within one SE."""

    mean: np.ndarray
    se: np.ndarray
    lambda_min: float
    lambda_1se: float


def interpolate_path(path: LassoPath, at: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate intercepts and coefficients; constant beyond the ends."""
    wanted = np.asarray(at, float).clip(path.lambdas[-1], path.lambdas[0])
    ascending = path.lambdas[::-1]
    right = np.searchsorted(ascending, wanted).clip(1, max(len(ascending) - 1, 1))
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


def _deviance(y: np.ndarray, score: np.ndarray) -> np.ndarray:
    """-2 log-likelihood, probabilities cut to [1e-5, 1 - 1e-5] as in cv.glmnet."""
    margin = np.log((1 - 1e-5) / 1e-5)
    score = score.clip(-margin, margin)
    return 2 * (np.logaddexp(0, score) - y[:, None] * score)


def _error(y: np.ndarray, score: np.ndarray) -> np.ndarray:
    return ((score > 0) != y[:, None]).astype(np.float64)


def _brier(y: np.ndarray, score: np.ndarray) -> np.ndarray:
    proba = 1 / (1 + np.exp(-np.clip(score, -500, 500)))  # exp(709) is the last
    return (proba - y[:, None]) ** 2


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


class _Score(NamedTuple):
    """A score of predictions: of each sample (None: of a fold), and its direction.

    The direction is 1 where higher is better, else -1.
    """

    of_samples: Callable[[np.ndarray, np.ndarray], np.ndarray] | None
    sign: int


Scoring: TypeAlias = Literal["deviance", "auc", "error", "brier"]
SCORINGS: dict[Scoring, _Score] = {
    "deviance": _Score(_deviance, -1),
    "auc": _Score(None, 1),
    "error": _Score(_error, -1),
    "brier": _Score(_brier, -1),
}
FEWEST_GROUPED = 3  # samples a fold; with fewer cv.glmnet sets grouped = FALSE


class _Judged(NamedTuple):
    """Scores (n_values, n_lambdas), and how often each sample is judged."""

    values: np.ndarray
    weights: np.ndarray
    repeats: float


def cross_validate_path(
    X: np.ndarray,
    y: np.ndarray,
    splits: Iterable[Split],
    lambdas: np.ndarray,
    *,
    scoring: Scoring = "deviance",
    sample_weight: np.ndarray | None = None,
    n_jobs: int | None = None,
    **path_settings: Unpack[PathSettings],
) -> CrossValidation:
    """Cross-validate a score at the lambdas of a path.

    Each fold has its own path, which is interpolated at `lambdas`, as in cv.glmnet. The
    mean squared error of the probability is half of glmnet's ``mse``, which adds both
    classes; the AUC is always of a fold. The standard error is in the Notes of
    `NomogramClassifier`.
    """
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    judged = _judge(X, y, splits, lambdas, scoring, weight, n_jobs, path_settings)
    mean = np.average(judged.values, axis=0, weights=judged.weights)
    spread = np.average((judged.values - mean) ** 2, axis=0, weights=judged.weights)
    independent = len(judged.values) / judged.repeats
    se = np.sqrt(spread / max(independent - 1, 1))
    sign = SCORINGS[scoring].sign
    best = int(np.argmax(sign * mean))
    within = np.flatnonzero(sign * mean >= sign * mean[best] - se[best])
    return CrossValidation(mean, se, float(lambdas[best]), float(lambdas[within[0]]))


def _judge(
    X: np.ndarray,
    y: np.ndarray,
    splits: Iterable[Split],
    lambdas: np.ndarray,
    scoring: Scoring,
    weight: np.ndarray,
    n_jobs: int | None,
    path_settings: PathSettings,
) -> _Judged:
    """Score the test rows of each fold by the path of its training rows."""
    of_samples = SCORINGS[scoring].of_samples

    def scores(train: np.ndarray, test: np.ndarray) -> np.ndarray:
        path = logistic_lasso_path(
            X[train], y[train], sample_weight=weight[train], **path_settings
        )
        intercepts, coefs = interpolate_path(path, lambdas)
        link = X[test] @ coefs.T + intercepts
        if of_samples is None:
            return _auc(y[test], link, weight[test])[None]
        return of_samples(y[test], link)

    judged = []
    for train, test in splits:
        test = np.arange(len(y))[test]
        test = test[weight[test] > 0]
        if len(test):
            judged.append((train, test))
    if effective_n_jobs(n_jobs) > 1:
        # Threads, for the solver lets go of the GIL; BLAS's would be in their way.
        with threadpool_limits(1, "blas"):
            together = Parallel(n_jobs=n_jobs, prefer="threads")
            folds = together(delayed(scores)(*fold) for fold in judged)
    else:
        folds = [scores(*fold) for fold in judged]
    rows = [test for _, test in judged]
    if of_samples is None:
        folds, rows = _with_both_classes(folds, rows)
    all_rows = np.concatenate(rows)
    repeats = weight[all_rows].sum() / weight[np.unique(all_rows)].sum()
    if of_samples is not None and len(all_rows) < FEWEST_GROUPED * len(rows):
        return _Judged(np.concatenate(folds), weight[all_rows], float(repeats))
    values = [
        np.average(fold, axis=0, weights=weight[test] if len(fold) > 1 else None)
        for fold, test in zip(folds, rows, strict=True)
    ]
    sizes = [weight[test].sum() for test in rows]
    return _Judged(np.array(values), np.array(sizes), float(repeats))


def _with_both_classes(
    folds: list[np.ndarray], rows: list[np.ndarray]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the folds that have an AUC; warn where there is little in one."""
    smallest = min(map(len, rows))
    if smallest < 10:
        warn(
            f"The smallest fold has {smallest} samples, fewer than 10: its AUC says "
            "little. Use fewer folds, or scoring='deviance'.",
            "ORN005",
            stacklevel=5,
        )
    both = [k for k, fold in enumerate(folds) if not np.isnan(fold).any()]
    if not both:
        raise NotEstimable("Every fold holds one class only: there is no AUC.")
    return [folds[k] for k in both], [rows[k] for k in both]
