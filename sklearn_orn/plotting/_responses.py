"""Probabilities or scores by an estimator, or by those of a cross-validation."""

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import _safe_indexing

from sklearn_orn._messages import shown
from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn._validation import name_list
from sklearn_orn.plotting._types import CvResults, Fitted

ResponseMethod = Literal["auto", "predict_proba", "decision_function"]


class Response(NamedTuple):
    """What an estimator says of each sample; higher means more likely `label`.

    `flipped` tells that `label` is not the second class, `is_score` that these are no
    probabilities. The positive one of the names is the second.
    """

    values: np.ndarray
    label: object
    class_names: tuple[str, str]
    flipped: bool
    is_score: bool


def response(
    estimator: Fitted,
    X: object,
    pos_label: object = None,
    method: ResponseMethod = "predict_proba",
) -> Response:
    """Predict; ``"auto"`` takes probabilities where there are any, else the score."""
    if method not in get_args(ResponseMethod):
        raise ValueError(
            "response_method must be one of "
            f"{name_list(map(repr, get_args(ResponseMethod)))}, got {method!r}."
        )
    methods = ["predict_proba", "decision_function"] if method == "auto" else [method]
    known = [name for name in methods if hasattr(estimator, name)]
    if not known:
        raise TypeError(
            f"This {type(estimator).__name__} has no {' and no '.join(methods)}."
        )
    values = np.asarray(getattr(estimator, known[0])(X))
    classes = estimator.classes_.tolist()
    label = classes[1] if pos_label is None else pos_label
    if label not in classes:
        raise ValueError(
            f"pos_label={shown(pos_label)} is no class of the estimator, whose classes "
            f"are {name_list(map(shown, classes))}."
        )
    column = classes.index(label)
    is_score = known[0] == "decision_function"
    chosen = values * (2 * column - 1) if is_score else values[:, column]
    names = (str(classes[1 - column]), str(classes[column]))
    return Response(chosen, label, names, column == 0, is_score)


class FoldPredictions(NamedTuple):
    """Rows of each test fold, what is said of them, and the positive label."""

    rows: list[np.ndarray]
    values: list[np.ndarray]
    label: object


def fold_predictions(
    cv_results: CvResults,
    X: object,
    pos_label: object = None,
    method: ResponseMethod = "predict_proba",
) -> FoldPredictions:
    """Predict each test fold by the estimator of its fold."""
    missing = {"estimator", "indices"} - set(cv_results)
    if missing:
        raise ValueError(
            f"cv_results lacks {', '.join(sorted(missing))}: call cross_validate with "
            "return_estimator=True and return_indices=True."
        )
    rows = [np.asarray(test) for test in cv_results["indices"]["test"]]
    said = [
        response(estimator, _safe_indexing(X, test), pos_label, method)
        for estimator, test in zip(cv_results["estimator"], rows, strict=True)
    ]
    return FoldPredictions(rows, [each.values for each in said], said[0].label)


def pooled(
    cv_results: CvResults,
    X: object,
    y: ArrayLike,
    groups: ArrayLike | None = None,
    pos_label: object = None,
) -> tuple[np.ndarray, np.ndarray, ArrayLike | None, object]:
    """Return outcome, probability, groups and positive label of all folds together."""
    folds = fold_predictions(cv_results, X, pos_label)
    rows = np.concatenate(folds.rows)
    outcome = np.asarray(y)
    if groups is not None:
        groups = check_groups(groups, len(outcome))[rows]
    return outcome[rows], np.concatenate(folds.values), groups, folds.label
