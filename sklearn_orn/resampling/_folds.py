"""Folds of patients, and a pipeline judged on what it has not seen."""

from collections.abc import Iterable

import numpy as np
from sklearn.model_selection import StratifiedKFold

from sklearn_orn._grouped_folds import GroupedFolds
from sklearn_orn._patients_on_both_sides import refuse_both_sides
from sklearn_orn._types import Folds, Seed, Split, Splitter
from sklearn_orn.exceptions import NotEstimable


def patient_folds(
    cv: Folds,
    y: np.ndarray,
    groups: np.ndarray | None,
    random_state: Seed,
    X: object = None,
) -> list[Split]:
    """Return the folds of `cv`; an int means stratified folds of patients.

    `X` is for a splitter that reads it. No patient may stand on both sides.
    """
    rows = np.zeros((len(y), 1)) if X is None else X
    splits: Iterable[Split]
    if isinstance(cv, int | np.integer):
        _check_folds(int(cv), y, groups)
        kind = StratifiedKFold if groups is None else GroupedFolds
        folds = kind(int(cv), shuffle=True, random_state=random_state)
        splits = folds.split(np.zeros((len(y), 1)), y, groups)
    elif isinstance(cv, Splitter):
        splits = cv.split(rows, y, groups)
    else:
        splits = cv
    chosen = [(np.asarray(train), np.asarray(test)) for train, test in splits]
    if groups is not None:
        for train, test in chosen:
            refuse_both_sides(groups[train], groups[test])
    return chosen


def _check_folds(cv: int, y: np.ndarray, groups: np.ndarray | None) -> None:
    if cv < 2:
        raise ValueError(f"At least 2 folds are needed, got {cv}.")
    unit = np.arange(len(y)) if groups is None else groups
    fewest = min(len(np.unique(unit[y == label])) for label in np.unique(y))
    if fewest < cv:
        what = "samples" if groups is None else "patients"
        raise NotEstimable(
            f"{cv} folds need at least {cv} {what} of each class, the smaller one has "
            f"{fewest}."
        )
