"""The folds in which lambda is chosen: of samples, or of whole patients."""

from numbers import Integral

import numpy as np
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils import check_random_state

from sklearn_orn._grouped_folds import GroupedFolds
from sklearn_orn._patients_on_both_sides import refuse_both_sides
from sklearn_orn._types import Folds, Seed, Split, Splitter
from sklearn_orn.exceptions import NotEstimable


def make_folds(
    X: np.ndarray,
    outcome: np.ndarray,
    groups: np.ndarray | None,
    *,
    cv: Folds,
    n_repeats: int,
    random_state: Seed,
) -> list[Split]:
    """Return (train, test) of all repeats; an int `cv` is shuffled and stratified.

    An error where a patient is on both sides, or a class is missing.
    """
    splitters: list[Splitter]
    if isinstance(cv, Integral):
        _check_number(int(cv), outcome, groups)
        kind = StratifiedKFold if groups is None else GroupedFolds
        # One generator for all repeats: each has other folds.
        seed = check_random_state(random_state) if n_repeats > 1 else random_state
        splitters = [
            kind(int(cv), shuffle=True, random_state=seed) for _ in range(n_repeats)
        ]
    else:
        splitters = [check_cv(cv, outcome, classifier=True)]
    folds = [
        (np.asarray(train), np.asarray(test))
        for splitter in splitters
        for train, test in splitter.split(X, outcome, groups)
    ]
    for fold, (train, test) in enumerate(folds):
        if groups is not None and not isinstance(cv, Integral):
            refuse_both_sides(groups[train], groups[test])
        if outcome[train].all() or not outcome[train].any():
            raise NotEstimable(
                f"Fold {fold} of cv={cv!r} leaves one class only to train on. Use "
                "fewer folds."
            )
    return folds


def _check_number(cv: int, outcome: np.ndarray, groups: np.ndarray | None) -> None:
    units = "samples" if groups is None else "groups"
    unit = np.arange(len(outcome)) if groups is None else groups
    for code, label in enumerate(("first", "second")):
        count = len(np.unique(unit[outcome == code]))
        if count < cv:
            raise NotEstimable(
                f"cv={cv} needs at least {cv} {units} of each class; the {label} class "
                f"has {count}. Set cv={max(count, 2)} or lower, or pass splits of your "
                "own."
            )
