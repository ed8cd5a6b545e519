"""The AUC of a pipeline when the outcome means nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from sklearn_orn._readable import readable
from sklearn_orn._study_warnings import warn
from sklearn_orn._types import Classifier, Folds, Seed, Split
from sklearn_orn._validation import check_at_least
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics.shared import patient_codes, rows_of_patients, weighted_auc
from sklearn_orn.resampling._fitting import (
    check_outcome,
    count_up,
    extracted_once,
    failure_reason,
    fit_quietly,
    positive_probability,
    run_all,
)
from sklearn_orn.resampling._folds import patient_folds
from sklearn_orn.resampling._parameters import of_resampling

MOVABLE = 0.9  # below, what stays in place lifts the null distribution visibly


@readable
@dataclass(frozen=True, eq=False)
class PermutedOutcome:
    """Cross-validated AUC with the true outcome, and with shuffled ones.

    Attributes
    ----------
    auc : float
        Mean over the folds, true outcome.
    null : ndarray of shape (n_permutations,)
        The same with shuffled outcomes; its expectation is 0.5.
    n_as_large : int
        Null values at least as large as `auc`.
    p_value : float
        ``(1 + n_as_large) / (1 + n_permutations)``.
    pooled_auc, pooled_null : float and ndarray
        Of all out-of-fold predictions together. The pooled null lies below 0.5, the
        more so the fewer the patients: a fold that tests more positives was trained
        on fewer, and predicts lower. It is no test against 0.5.
    failures : dict of str to int
        Why some permutations could not be fitted, and how many.
    unit : str
        What was shuffled: "patients" or "samples".
    movable : float
        Share of the samples to which shuffling can bring another outcome.
    """

    auc: float
    null: np.ndarray
    n_as_large: int
    p_value: float
    pooled_auc: float
    pooled_null: np.ndarray
    failures: dict[str, int]
    unit: str
    movable: float


def _mixed(y: np.ndarray, rows: np.ndarray) -> bool:
    return bool((y[rows] != y[rows[0]]).any())


def shuffle_outcome(
    y: np.ndarray, unit: np.ndarray | None, rng: np.random.RandomState
) -> np.ndarray:
    """Shuffle among patients, as `permuted_outcome` says; without `unit` samples."""
    if unit is None:
        return y[rng.permutation(len(y))]
    rows_of = rows_of_patients(unit)
    shuffled = y.copy()
    single = [rows for rows in rows_of if not _mixed(y, rows)]
    for to, source in zip(single, rng.permutation(len(single)), strict=True):
        shuffled[to] = y[single[source][0]]
    mixed = [rows for rows in rows_of if _mixed(y, rows)]
    for size in sorted({len(rows) for rows in mixed}):
        same = [rows for rows in mixed if len(rows) == size]
        for to, source in zip(same, rng.permutation(len(same)), strict=True):
            shuffled[to] = y[rng.permutation(same[source])]
    return shuffled


def movable_share(y: np.ndarray, unit: np.ndarray | None) -> float:
    """Return the share of the samples to which shuffling can bring another outcome.

    Patients of one class can only exchange theirs if some have the other one.
    """
    if unit is None:
        return 1.0
    rows_of = rows_of_patients(unit)
    single = [rows for rows in rows_of if not _mixed(y, rows)]
    if len({y[rows[0]] for rows in single}) != 1:
        return 1.0
    return 1.0 - sum(len(rows) for rows in single) / len(y)


def _folds_or_reason(
    cv: Folds, y: np.ndarray, groups: np.ndarray | None, seed: int, X: object
) -> list[Split] | str:
    try:
        return patient_folds(cv, y, groups, seed, X)
    except NotEstimable as error:
        return failure_reason(error)


def _cross_validated(
    learning: Classifier,
    data: object,
    y: np.ndarray,
    label: object,
    groups: np.ndarray | None,
    splits: list[Split] | str,
) -> tuple[float, float] | str:
    """Mean AUC over folds and AUC of the pooled predictions, or why not."""
    if isinstance(splits, str):
        return splits
    positive, proba = y == label, np.full(len(y), np.nan)
    aucs = []
    try:
        for train, test in splits:
            fitted, _ = fit_quietly(learning, data, y, groups, train)
            proba[test] = positive_probability(fitted, data, test)
            if 0 < positive[test].sum() < len(test):
                aucs.append(weighted_auc(positive[test], proba[test]))
    except NotEstimable as error:
        return failure_reason(error)
    if not aucs:
        return "No fold tests both classes"
    seen = np.isfinite(proba)
    return float(np.mean(aucs)), weighted_auc(positive[seen], proba[seen])


@of_resampling
def permuted_outcome(
    pipeline: Classifier,
    X: object,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    cv: Folds = 5,
    n_permutations: int = 100,
    random_state: Seed = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> PermutedOutcome:
    """Cross-validate a pipeline on shuffled outcomes: the null distribution of its AUC.

    A pipeline that finds something where there is nothing leaks. Images are measured
    once.

    Parameters
    ----------
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample: patients of one class exchange it, those with
        samples of both exchange theirs among themselves, see the Notes. None makes each
        sample a patient.
    cv : int, splitter or iterable of (train, test), default=5
        Folds; an int means shuffled ones, stratified by class and by patient, drawn
        anew for each permutation.
    n_permutations : int, default=100
        Number of shuffled outcomes.
    verbose : int, default=0
        1 shows a progress bar over the permutations.

    Returns
    -------
    PermutedOutcome
        ``auc``, ``null``, ``n_as_large``, ``p_value``, ``pooled_auc``,
        ``pooled_null``, ``failures``, ``unit`` and ``movable``.

    Raises
    ------
    NotEstimable
        If the true outcome or all shuffled ones cannot be cross-validated.

    Warns
    -----
    StudyWarning
        If fewer than 90 % of the samples can get another outcome: what stays in place
        stays predictable, and the null distribution lies too high.

    Notes
    -----
    Patients with samples of both classes exchange their outcomes with others of both
    classes and as many samples, in random order. So the numbers of patients of one
    class, of the other and of both remain what they are.

    References
    ----------
    Ojala, Garriga, J Mach Learn Res 2010;11:1833-1863. The bias of the pooled AUC:
    Airola et al., Comput Stat Data Anal 2011;55:1828-1844.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_orn.resampling import permuted_outcome
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> y = (X[:, 0] + 0.5 * rng.normal(size=60) > 0).astype(int)
    >>> result = permuted_outcome(
    ...     LogisticRegression(), X, y, n_permutations=19, random_state=0
    ... )
    >>> result.p_value
    0.05
    """
    check_at_least(n_permutations, 1, "n_permutations")
    outcome, label = check_outcome(y)
    unit = patient_codes(groups, len(outcome))
    patient = None if unit is None else np.asarray(groups)
    movable = movable_share(outcome, unit)
    if movable < MOVABLE:
        warn(
            f"Only {100 * movable:.0f} % of the outcomes can be shuffled: "
            "all patients of one class have the same. The shuffled outcomes stay "
            "predictable, and their AUC is no chance level.",
            "ORN011",
            stacklevel=2,
        )
    rng = check_random_state(random_state)
    outcomes = [outcome]
    outcomes += [shuffle_outcome(outcome, unit, rng) for _ in range(n_permutations)]
    seeds = rng.randint(2**31 - 1, size=len(outcomes))
    folds = [
        _folds_or_reason(cv, values, patient, int(seed), X)
        for values, seed in zip(outcomes, seeds, strict=True)
    ]
    with extracted_once(pipeline, X) as (learning, data):
        results = run_all(
            _cross_validated,
            (
                (learning, data, values, label, patient, splits)
                for values, splits in zip(outcomes, folds, strict=True)
            ),
            n_jobs=n_jobs,
            verbose=verbose,
            description="permutations",
        )
    true, *shuffled = results
    if isinstance(true, str):
        raise NotEstimable(f"The pipeline cannot be cross-validated: {true}.")
    null = np.array([r for r in shuffled if not isinstance(r, str)]).reshape(-1, 2)
    failures = count_up(r for r in shuffled if isinstance(r, str))
    if not len(null):
        raise NotEstimable(f"No permutation could be cross-validated: {failures}.")
    # Equal means of the same AUCs can differ by the order of their sum.
    as_large = int((null[:, 0] >= true[0] - 1e-12).sum())
    return PermutedOutcome(
        auc=true[0],
        null=null[:, 0],
        n_as_large=as_large,
        p_value=(1 + as_large) / (1 + len(null)),
        pooled_auc=true[1],
        pooled_null=null[:, 1],
        failures=failures,
        unit="samples" if unit is None else "patients",
        movable=movable,
    )
