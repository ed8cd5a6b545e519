"""Nested cross-validation: tuning and selection inside, patients together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils import check_random_state

from sklearn_orn._final_step import chosen_estimator
from sklearn_orn._readable import readable
from sklearn_orn._types import Classifier, Folds, Seed, Split
from sklearn_orn._validation import check_at_least
from sklearn_orn.metrics import calibration_statistics, roc_auc_ci
from sklearn_orn.metrics.shared import patient_codes, weighted_auc
from sklearn_orn.resampling._fitting import (
    check_outcome,
    count_up,
    extracted_once,
    fit_quietly,
    positive_probability,
    run_all,
)
from sklearn_orn.resampling._fold_auc import fold_auc
from sklearn_orn.resampling._folds import patient_folds
from sklearn_orn.resampling._parameters import of_resampling

POOLED = ("auc", "auc_lower", "auc_upper", "brier", "intercept", "slope")


@readable
@dataclass(frozen=True, eq=False)
class NestedCrossValidation:
    """What a pipeline does on patients it has not seen.

    Attributes
    ----------
    folds : DataFrame
        One row per outer fold: ``repeat, fold, n_train, n_test, auc`` (NaN with one
        class only), ``brier, selected`` (the features of the last selecting step, a
        tuple of names) and ``parameters`` (those tuned).
    pooled : DataFrame
        One row per repeat, all out-of-fold predictions together: ``auc, auc_lower,
        auc_upper, brier, intercept, slope``. Scores of different folds are on
        different scales: the pooled AUC is a little low, and its interval covers less
        than it says. `mean_auc` is the one to quote.
    predictions : DataFrame
        Columns ``repeat, fold, row, y`` (1 for the positive class) and ``proba``.
    mean_auc, sd_auc : float
        Over the folds that have both classes.
    auc_lower, auc_upper : float
        95 % confidence limits of `mean_auc`.
    warnings : dict of str to int
        What the steps warned of, and in how many folds.
    unit : str
        What was kept together: "patients" or "samples".
    """

    folds: pd.DataFrame
    pooled: pd.DataFrame
    predictions: pd.DataFrame
    mean_auc: float
    sd_auc: float
    auc_lower: float
    auc_upper: float
    warnings: dict[str, int]
    unit: str


FoldResult = tuple[np.ndarray, tuple[str, ...], dict[str, object], list[str]]


class _Search(NamedTuple):
    param_grid: Mapping[str, object] | list[Mapping[str, object]]
    inner: Folds
    scoring: str | Callable[..., float]


def selected_names(fitted: BaseEstimator) -> tuple[str, ...]:
    """Return the features that the last selecting step of a pipeline keeps."""
    fitted = chosen_estimator(fitted)
    steps = getattr(fitted, "steps", [("", fitted)])
    for i in range(len(steps) - 1, -1, -1):
        step = steps[i][1]
        if hasattr(step, "selected_features_"):
            return tuple(str(name) for name in step.selected_features_)
        if hasattr(step, "get_support"):
            before = fitted[: i + 1] if hasattr(fitted, "steps") else step
            return tuple(str(name) for name in before.get_feature_names_out())
    return ()


def _fit_fold(
    learning: Classifier,
    data: object,
    y: np.ndarray,
    groups: np.ndarray | None,
    split: Split,
    search: _Search | None,
    seed: int,
) -> FoldResult:
    """Tune and fit on the training rows, predict the test rows."""
    train, test = split
    estimator = clone(learning)
    if search is not None:
        inner = patient_folds(
            search.inner, y[train], None if groups is None else groups[train], seed
        )
        estimator = GridSearchCV(
            estimator, search.param_grid, cv=inner, scoring=search.scoring
        )
    fitted, weak = fit_quietly(estimator, data, y, groups, train)
    proba = positive_probability(fitted, data, test)
    return proba, selected_names(fitted), getattr(fitted, "best_params_", {}), weak


@of_resampling
def nested_cross_validate(
    pipeline: Classifier,
    X: object,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    param_grid: Mapping[str, object] | list[Mapping[str, object]] | None = None,
    inner: Folds = 5,
    outer: Folds = 5,
    n_repeats: int = 1,
    scoring: str | Callable[..., float] = "neg_log_loss",
    random_state: Seed = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> NestedCrossValidation:
    r"""Judge a pipeline on outer folds, all its choices made on the inner ones.

    Selection, tuning and any inner cross-validation happen on the training part of
    each outer fold alone; a patient never stands on both sides, outside or inside.
    Images are measured once.

    Parameters
    ----------
    param_grid : dict or list of dict, default=None
        Parameters to tune, as for `GridSearchCV`. None tunes nothing: the choice of
        lambda by `NomogramClassifier` is an inner cross-validation of its own.
    inner, outer : int, splitter or iterable of (train, test), default=5
        Folds. An int means shuffled folds, stratified by class and by patient. `inner`
        counts only with a `param_grid`.
    n_repeats : int, default=1
        How often the outer folds are drawn anew. For int `outer`.
    scoring : str or callable, default="neg_log_loss"
        What the tuning maximises.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds.
    verbose : int, default=0
        1 shows a progress bar over the outer folds.

    Returns
    -------
    NestedCrossValidation
        ``folds``, ``pooled``, ``predictions``, ``mean_auc``, ``sd_auc``,
        ``auc_lower``, ``auc_upper``, ``warnings`` and ``unit``.

    Raises
    ------
    ValueError
        If a patient stands on both sides of a given split, or there are fewer
        patients of a class than folds.

    Notes
    -----
    The limits of the mean AUC allow for training sets that overlap: its standard error
    is :math:`\sqrt{1 / J + n_{test} / n_{train}}` times the standard deviation over
    the J folds of all repeats [2]_ [3]_. They keep their level on noise, where those of
    the pooled predictions cover too little (see the page on operating
    characteristics).

    References
    ----------
    .. [1] Varma, Simon, BMC Bioinformatics 2006;7:91.
    .. [2] Nadeau, Bengio, Mach Learn 2003;52:239-281.
    .. [3] Bouckaert, Frank, PAKDD 2004:3-12.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_orn import FCMSelector, NomogramClassifier
    >>> from sklearn_orn.resampling import nested_cross_validate
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 12))
    >>> y = (X[:, 0] + rng.normal(size=60) > 0).astype(int)
    >>> pipeline = make_pipeline(
    ...     FCMSelector(k=2), NomogramClassifier(penalty="none")
    ... )
    >>> result = nested_cross_validate(
    ...     pipeline, X, y, param_grid={"fcmselector__k": [1, 2]}, random_state=0
    ... )
    >>> result.folds[["fold", "n_test"]].T
            0   1   2   3   4
    fold    0   1   2   3   4
    n_test  12  12  12  12  12
    >>> bool(result.mean_auc > 0.6)
    True
    """
    check_at_least(n_repeats, 1, "n_repeats")
    outcome, label = check_outcome(y)
    codes = patient_codes(groups, len(outcome))
    patient = None if codes is None else np.asarray(groups)
    rng = check_random_state(random_state)
    seeds = rng.randint(2**31 - 1, size=n_repeats)
    splits = [
        (repeat, fold, split)
        for repeat, seed in enumerate(seeds)
        for fold, split in enumerate(
            patient_folds(outer, outcome, patient, int(seed), X)
        )
    ]
    search = None
    if param_grid is not None:
        search = _Search(param_grid, inner, scoring)
    with extracted_once(pipeline, X) as (learning, data):
        if hasattr(learning, "set_output"):
            learning.set_output(transform="pandas")
        results = run_all(
            _fit_fold,
            (
                (learning, data, outcome, patient, split, search, int(seeds[repeat]))
                for repeat, _, split in splits
            ),
            n_jobs=n_jobs,
            verbose=verbose,
            description="outer folds",
        )
    return _summarise(splits, results, outcome == label, patient)


def _summarise(
    splits: list[tuple[int, int, Split]],
    results: list[FoldResult],
    positive: np.ndarray,
    patient: np.ndarray | None,
) -> NestedCrossValidation:
    rows, parts, texts = [], [], []
    for (repeat, fold, (train, test)), result in zip(splits, results, strict=True):
        proba, selected, parameters, weak = result
        texts += sorted(set(weak))
        both = 0 < positive[test].sum() < len(test)
        place = {"repeat": repeat, "fold": fold}
        rows.append(
            {
                **place,
                "n_train": len(train),
                "n_test": len(test),
                "auc": weighted_auc(positive[test], proba) if both else np.nan,
                "brier": float(np.mean((proba - positive[test]) ** 2)),
                "selected": selected,
                "parameters": parameters,
            }
        )
        values = {"row": test, "y": positive[test].astype(int), "proba": proba}
        parts.append(pd.DataFrame({**place, **values}))
    folds = pd.DataFrame(rows)
    predictions = pd.concat(parts, ignore_index=True)
    pooled = {
        repeat: _pool(part, patient) for repeat, part in predictions.groupby("repeat")
    }
    mean = fold_auc(folds)
    return NestedCrossValidation(
        folds,
        pd.DataFrame.from_dict(pooled, orient="index").rename_axis("repeat"),
        predictions,
        mean.auc,
        float(folds["auc"].std()),
        mean.lower,
        mean.upper,
        count_up(texts),
        "samples" if patient is None else "patients",
    )


def _pool(part: pd.DataFrame, patient: np.ndarray | None) -> dict[str, float]:
    groups = None if patient is None else patient[part["row"]]
    y, proba = part["y"].to_numpy(), part["proba"].to_numpy()
    if not 0 < y.sum() < len(y):
        return dict.fromkeys(POOLED, np.nan)
    auc, lower, upper, _ = roc_auc_ci(y, proba, groups=groups)
    statistics = calibration_statistics(y, proba)
    return {
        "auc": auc,
        "auc_lower": lower,
        "auc_upper": upper,
        "brier": statistics.brier,
        "intercept": statistics.intercept,
        "slope": statistics.slope,
    }
