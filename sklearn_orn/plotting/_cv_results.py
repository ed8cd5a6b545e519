"""Out-of-fold predictions from what `cross_validate` returns."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing

from sklearn_orn._patients_on_both_sides import check_groups


class FoldPredictions(NamedTuple):
    """Rows of each test fold, their probabilities, and the positive label."""

    rows: list[np.ndarray]
    proba: list[np.ndarray]
    label: Any


def fold_predictions(cv_results: Mapping[str, Any], X: Any) -> FoldPredictions:
    """Predict each test fold by the estimator of its fold.

    Parameters
    ----------
    cv_results : dict
        From ``cross_validate(..., return_estimator=True, return_indices=True)``.
    X : data
        What was cross-validated.

    Returns
    -------
    FoldPredictions
    """
    missing = {"estimator", "indices"} - set(cv_results)
    if missing:
        raise ValueError(
            f"cv_results lacks {', '.join(sorted(missing))}: call cross_validate with "
            "return_estimator=True and return_indices=True."
        )
    rows = [np.asarray(test) for test in cv_results["indices"]["test"]]
    estimators = cv_results["estimator"]
    proba = [
        np.asarray(estimator.predict_proba(_safe_indexing(X, test)))[:, 1]
        for estimator, test in zip(estimators, rows, strict=True)
    ]
    return FoldPredictions(rows, proba, estimators[0].classes_[1])


def pooled(
    cv_results: Mapping[str, Any], X: Any, y: Any, groups: Any
) -> tuple[np.ndarray, np.ndarray, Any, Any]:
    """Return outcome, probability, groups and positive label of all folds together."""
    folds = fold_predictions(cv_results, X)
    rows = np.concatenate(folds.rows)
    outcome = np.asarray(y)
    chosen = None if groups is None else check_groups(groups, len(outcome))[rows]
    return outcome[rows], np.concatenate(folds.proba), chosen, folds.label
