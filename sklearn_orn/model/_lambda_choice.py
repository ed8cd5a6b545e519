"""Cross-validation of a LASSO path, as R's cv.glmnet does it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Literal, NamedTuple, TypeAlias, Unpack

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from sklearn_orn._study_warnings import warn
from sklearn_orn._types import Split
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model._lasso import LassoPath, PathSettings, path_until


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
REFIT_TOL = 1e-8  # of the folds of a refit: mean scores move by some 1e-7, no further
SURELY = 1e-9  # relative: more than means of the same scores differ by rounding


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
    chooses_only: bool = False,
    **path_settings: Unpack[PathSettings],
) -> CrossValidation:
    """Cross-validate a score at the lambdas of a path.

    Each fold has its own path, which is interpolated at `lambdas`, as in cv.glmnet. The
    mean squared error of the probability is half of glmnet's ``mse``, which adds both
    classes; the AUC is always of a fold. The standard error is in the Notes of
    `NomogramClassifier`. With `chooses_only` mean and SE may end at a lambda behind
    which none can be the best.
    """
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    folds = [
        (train, np.arange(len(y))[test][weight[test] > 0]) for train, test in splits
    ]
    folds = [fold for fold in folds if len(fold[1])]
    score = _FoldScore(X, y, weight, lambdas, scoring, path_settings)
    if chooses_only and SCORINGS[scoring].of_samples is not None:
        scores = _scores_to_the_best(score, folds)
    elif effective_n_jobs(n_jobs) > 1:
        # Threads, for the solver lets go of the GIL; BLAS's would be in their way.
        with threadpool_limits(1, "blas"):
            together = Parallel(n_jobs=n_jobs, prefer="threads")
            scores = together(delayed(score)(fold, len(lambdas)) for fold in folds)
    else:
        scores = [score(fold, len(lambdas)) for fold in folds]
    judged = _judged(scores, [test for _, test in folds], weight, scoring)
    mean = np.average(judged.values, axis=0, weights=judged.weights)
    spread = np.average((judged.values - mean) ** 2, axis=0, weights=judged.weights)
    independent = len(judged.values) / judged.repeats
    se = np.sqrt(spread / max(independent - 1, 1))
    return _best(mean, se, lambdas, SCORINGS[scoring].sign)


def _best(
    mean: np.ndarray, se: np.ndarray, lambdas: np.ndarray, sign: int
) -> CrossValidation:
    best = int(np.argmax(sign * mean))
    within = np.flatnonzero(sign * mean >= sign * mean[best] - se[best])
    return CrossValidation(mean, se, float(lambdas[best]), float(lambdas[within[0]]))


def path_to_the_best(
    X: np.ndarray,
    y: np.ndarray,
    splits: Iterable[Split],
    *,
    scoring: Scoring,
    sample_weight: np.ndarray,
    **path_settings: Unpack[PathSettings],
) -> tuple[LassoPath, CrossValidation]:
    """Choose lambda as `cross_validate_path` does; solve no more than that takes.

    The path ends one lambda behind the best, unless that is its last; mean and SE are
    NaN where they were not needed.
    """
    solve = partial(path_until, X=X, y=y, sample_weight=sample_weight, **path_settings)
    _, grid = solve(np.inf)
    in_folds = path_settings.copy()
    in_folds["tol"] = max(path_settings.get("tol", 0.0), REFIT_TOL)
    found = cross_validate_path(
        X,
        y,
        splits,
        grid,
        scoring=scoring,
        sample_weight=sample_weight,
        chooses_only=True,
        **in_folds,
    )
    best = int(np.flatnonzero(grid == found.lambda_min)[0])
    path, _ = solve(grid[min(best + 1, len(grid) - 1)])
    mean, se = np.full((2, len(path.lambdas)), np.nan)
    known = slice(min(len(mean), len(found.mean)))
    mean[known], se[known] = found.mean[known], found.se[known]
    # The path may end before the best of its grid.
    found = _best(found.mean[known], found.se[known], grid, SCORINGS[scoring].sign)
    return path, found._replace(mean=mean, se=se)


class _FoldScore(NamedTuple):
    """Scores the test rows of a fold by the path of its training rows."""

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    lambdas: np.ndarray
    scoring: Scoring
    path_settings: PathSettings

    def __call__(self, fold: Split, end: int) -> np.ndarray:
        """Return the scores at the first `end` lambdas."""
        train, test = fold
        wanted = self.lambdas[:end]
        path, _ = path_until(
            -1.0 if end == len(self.lambdas) else wanted[-1],
            self.X[train],
            self.y[train],
            sample_weight=self.weight[train],
            **self.path_settings,
        )
        intercepts, coefs = interpolate_path(path, wanted)
        link = self.X[test] @ coefs.T + intercepts
        of_samples = SCORINGS[self.scoring].of_samples
        if of_samples is None:
            return _auc(self.y[test], link, self.weight[test])[None]
        return of_samples(self.y[test], link)


def _scores_to_the_best(score: _FoldScore, folds: list[Split]) -> list[np.ndarray]:
    """Return scores of all folds, of as many lambdas as the best must be among.

    Scores are losses, so what some folds lose at a lambda is a bound of what all lose
    there. Where that is more than what all lose at another lambda, the other folds need
    not go. How much that will be is guessed from the folds at hand; where the guess was
    too low, they go on.
    """
    ends, scores = np.zeros(len(folds), int), [np.empty(0)] * len(folds)
    lost = np.zeros((len(folds), len(score.lambdas)))
    sizes = np.array([score.weight[test].sum() for _, test in folds])
    end = len(score.lambdas)
    while True:
        for k in range(len(folds)):
            if ends[k] >= end:
                continue
            scores[k], ends[k] = score(folds[k], end), end
            lost[k, :end] = score.weight[folds[k][1]] @ scores[k]
            done = ends > 0
            whole = lost[:, : ends[done].min()].sum(axis=0)
            guess = whole.min() * sizes.sum() / sizes[done].sum()
            end = _last_possible(lost.sum(axis=0), guess)
        if ends.min() >= end:
            return [values[:, : ends.min()] for values in scores]


def _last_possible(lost: np.ndarray, best: float) -> int:
    """Return behind how many lambdas all lose more than the best; at least one."""
    more = lost > best * (1 + SURELY)
    return int(np.flatnonzero(~more).max(initial=0)) + 1


def _judged(
    scores: list[np.ndarray],
    rows: list[np.ndarray],
    weight: np.ndarray,
    scoring: Scoring,
) -> _Judged:
    """Return the scores of folds, or of samples where folds are small."""
    of_samples = SCORINGS[scoring].of_samples
    if of_samples is None:
        scores, rows = _with_both_classes(scores, rows)
    all_rows = np.concatenate(rows)
    repeats = weight[all_rows].sum() / weight[np.unique(all_rows)].sum()
    if of_samples is not None and len(all_rows) < FEWEST_GROUPED * len(rows):
        return _Judged(np.concatenate(scores), weight[all_rows], float(repeats))
    values = [
        np.average(fold, axis=0, weights=weight[test] if len(fold) > 1 else None)
        for fold, test in zip(scores, rows, strict=True)
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
