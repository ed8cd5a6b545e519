"""The last step of what a user passes: a Pipeline, a search over one, or itself."""

from sklearn.base import BaseEstimator

from sklearn_orn._validation import feature_names


def chosen_estimator(fitted: BaseEstimator) -> BaseEstimator:
    """Return what a search has fitted to all data; another estimator as it is."""
    while hasattr(fitted, "best_estimator_"):
        fitted = fitted.best_estimator_
    return fitted


def final_step(fitted: BaseEstimator) -> BaseEstimator:
    """Return the last step of a Pipeline, or of the one that a search chose."""
    fitted = chosen_estimator(fitted)
    while hasattr(fitted, "steps"):
        fitted = chosen_estimator(fitted.steps[-1][1])
    return fitted


def seen_by_final_step(fitted: BaseEstimator, X: object) -> object:
    """Return what the steps before the last one make of X."""
    fitted = chosen_estimator(fitted)
    while hasattr(fitted, "steps"):
        X = fitted[:-1].transform(X)
        fitted = chosen_estimator(fitted.steps[-1][1])
    return X


def names_at_final_step(fitted: BaseEstimator) -> list[str]:
    """Return the features of the last step by the names that the steps before give.

    A step that hands on an array loses them for the next one, and knows them all the
    same.
    """
    last, chosen = final_step(fitted), chosen_estimator(fitted)
    names = feature_names(last)
    if chosen is not last and not hasattr(last, "feature_names_in_"):
        front = chosen[:-1]
        if all(hasattr(step, "get_feature_names_out") for _, step in front.steps):
            names = front.get_feature_names_out()
    return [str(name) for name in names]
