"""A fitted or published model on patients that it has not seen, in one call."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import logit
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._validation import feature_names
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import ExternalValidation
from sklearn_orn.metrics.shared import (
    check_confidence,
    checked_predictors,
    validate_score,
)
from sklearn_orn.model._classifier import NomogramClassifier
from sklearn_orn.model.signatures._input import encode_labels
from sklearn_orn.model.signatures._signature import PublishedSignature


def validate_externally(
    model: BaseEstimator,
    X: object,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
) -> ExternalValidation:
    """Judge a model on data that it has not seen, and update it in three ways.

    Parameters
    ----------
    model : PublishedSignature, fitted classifier, or fitted Pipeline that ends in one
        With `predict_proba` for two classes. It is not fitted again.
    X : DataFrame, array-like or sequence of lesions
        What the model takes: a table of features, or images for a Pipeline that
        measures them.
    y : array-like of shape (n_samples,)
        The model's labels, or 0 and 1.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample; None takes each sample for a patient of its own,
        and the intervals are too narrow if it is not.
    confidence : float, default=0.95
        Level of the intervals.

    Returns
    -------
    ExternalValidation
        AUC, calibration in the large, calibration slope, Brier score, and three
        updates: intercept only, intercept and slope, refit of all coefficients. As
        text it is a short table. The refit needs to know what the model's
        predictors are: of `PublishedSignature` and `NomogramClassifier` only.

    Raises
    ------
    ValueError
        If y holds one class only or labels that the model does not know, X and y are
        not of equal length, or the model refuses X.

    See Also
    --------
    sklearn_orn.metrics.ExternalValidation : Its `from_predictions` takes probabilities.
    sklearn_orn.deploy.measuring_steps : The steps that measure images for a signature.

    Notes
    -----
    The performance of an update is apparent: it is measured on the data that the
    update was fitted to. Coefficients that the LASSO left at zero are not refitted.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_orn.model import PublishedSignature, validate_externally
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"Sigma": rng.normal(size=200)})
    >>> y = rng.random(200) < 1 / (1 + np.exp(-1 - X["Sigma"]))
    >>> signature = PublishedSignature({"Sigma": 2.0}, 0.0)  # too low, and too extreme
    >>> result = validate_externally(signature, X, y)
    >>> print(f"{result.calibration_in_the_large.estimate:.2f}")
    1.24
    >>> print(f"{result.recalibration.slope:.2f}")
    0.53
    """
    check_confidence(confidence)
    check_is_fitted(model)
    classifier = model
    if isinstance(model, Pipeline):
        classifier = model[-1]
        X = model[:-1].transform(X) if len(model) > 1 else X
    score, predictors = _score(classifier, X)
    names = getattr(classifier, "class_names", None)
    positive = encode_labels(y, np.asarray(classifier.classes_), names)
    _check_outcome(positive, score)
    columns, values = checked_predictors(predictors, len(score))
    return validate_score(
        positive, score, columns, values, groups=groups, confidence=confidence
    )


def _score(
    classifier: BaseEstimator, X: object
) -> tuple[np.ndarray, pd.DataFrame | None]:
    """Return the log-odds, and the columns that they are made of where it knows."""
    if isinstance(classifier, PublishedSignature):
        return classifier.decision_function(X), classifier.predictors(X)
    if isinstance(classifier, NomogramClassifier):
        return classifier.decision_function(X), _selected(classifier, X)
    if not hasattr(classifier, "predict_proba") or len(classifier.classes_) != 2:
        raise TypeError(
            f"{type(classifier).__name__} gives no probabilities of two classes, and "
            "only these can be validated. Pass a classifier with predict_proba."
        )
    with np.errstate(divide="ignore"):
        return logit(classifier.predict_proba(X)[:, 1]), None


def _selected(classifier: NomogramClassifier, X: object) -> pd.DataFrame | None:
    used = classifier.coef_[0] != 0
    if not used.any():
        return None
    values = np.asarray(X, dtype=np.float64)[:, used]
    return pd.DataFrame(values, columns=feature_names(classifier)[used])


def _check_outcome(positive: np.ndarray, score: np.ndarray) -> None:
    if len(positive) != len(score):
        raise ValueError(
            f"y has {len(positive)} samples, X has {len(score)}: they must be of equal "
            "length."
        )
    if positive.all() or not positive.any():
        raise NotEstimable(
            f"y holds one class only in {len(positive)} samples: both classes are "
            "needed."
        )
