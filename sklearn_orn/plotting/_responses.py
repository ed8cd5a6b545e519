"""Probabilities by an estimator, or by those of a cross-validation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import _safe_indexing

from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn.plotting._types import Classifier, CvResults


def positive_proba(estimator: Classifier, X: object) -> np.ndarray:
    """Return the probability of the second class."""
    return np.asarray(estimator.predict_proba(X))[:, 1]


class FoldPredictions(NamedTuple):
    """Rows of each test fold, their probabilities, and the positive label."""

    rows: list[np.ndarray]
    proba: list[np.ndarray]
    label: object


def fold_predictions(cv_results: CvResults, X: object) -> FoldPredictions:
    """Predict each test fold by the estimator of its fold."""
    missing = {"estimator", "indices"} - set(cv_results)
    if missing:
        raise ValueError(
            f"cv_results lacks {', '.join(sorted(missing))}: call cross_validate with "
            "return_estimator=True and return_indices=True."
        )
    rows = [np.asarray(test) for test in cv_results["indices"]["test"]]
    estimators = cv_results["estimator"]
    proba = [
        positive_proba(estimator, _safe_indexing(X, test))
        for estimator, test in zip(estimators, rows, strict=True)
    ]
    return FoldPredictions(rows, proba, estimators[0].classes_[1])


def pooled(
    cv_results: CvResults, X: object, y: ArrayLike, groups: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray, ArrayLike | None, object]:
    """Return outcome, probability, groups and positive label of all folds together."""
    folds = fold_predictions(cv_results, X)
    rows = np.concatenate(folds.rows)
    outcome = np.asarray(y)
    if groups is not None:
        groups = check_groups(groups, len(outcome))[rows]
    return outcome[rows], np.concatenate(folds.proba), groups, folds.label
