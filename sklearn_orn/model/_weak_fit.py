"""What makes the fit of a nomogram's classifier weaker than it looks."""

import numpy as np
from sklearn.base import BaseEstimator

from sklearn_orn._study_warnings import in_a_search, warn
from sklearn_orn._validation import feature_names
from sklearn_orn.model._lasso import LassoPath
from sklearn_orn.model._linear import linear_predictor
from sklearn_orn.model._separation import SUSPICIOUS_SCORE, separation_text

EVENTS_PER_FEATURE = 10  # the customary rule (Peduzzi, J Clin Epidemiol 1996;49:1373)
SEPARATED = 0.99  # deviance explained: of probabilities that are nearly 0 or 1


def warn_weak(
    classifier: BaseEstimator, path: LassoPath, X: np.ndarray, outcome: np.ndarray
) -> None:
    """Warn of what is weak in a classifier that was just fitted on these samples."""
    coef, n_features = classifier.coef_[0], classifier.n_features_in_
    events = int(min(outcome.sum(), len(outcome) - outcome.sum()))
    if events < EVENTS_PER_FEATURE * n_features:
        _warn(
            "Fewer than 10 events per candidate feature: the smaller class has "
            f"{events} samples for {n_features} features. Expect other features and "
            "coefficients in another sample.",
            "ORN001",
        )
    if not coef.any() and classifier.penalty == "lasso":
        _warn(
            "The LASSO selected no feature: every sample gets the prevalence as its "
            "probability.",
            "ORN002",
        )
    elif classifier.penalty == "lasso" and classifier.lambda_ <= path.lambdas[-1]:
        _warn(
            "The chosen lambda is the last of the path: the penalty may be too weak, "
            "and the model overfitted.",
            "ORN003",
        )
    text = _separated(classifier, path, X, outcome)
    if text is not None:
        _warn(text, "ORN004")


def _warn(message: str, code: str) -> None:
    if not in_a_search():  # its last fit, to all of the data, says it once
        warn(message, code, stacklevel=4)


def _separated(
    classifier: BaseEstimator, path: LassoPath, X: np.ndarray, outcome: np.ndarray
) -> str | None:
    """Say that classes are separated; without a penalty, by which columns."""
    coef = classifier.coef_[0]
    chosen = int(np.argmin(np.abs(path.lambdas - classifier.lambda_)))
    separated = classifier.penalty != "firth" and bool(
        path.deviance_ratios[chosen] > SEPARATED or not path.converged[chosen]
    )
    by_columns = None
    if classifier.penalty == "none":
        score = linear_predictor(X, coef, classifier.intercept_[0])
        if separated or np.abs(score).max() > SUSPICIOUS_SCORE:
            names = feature_names(classifier)
            by_columns = separation_text(X, outcome, names, coef, classifier.classes_)
    if by_columns is None and separated:
        return (
            "The classes are separated, or nearly so: coefficients are too large to be "
            "trusted."
        )
    return by_columns
