"""Scorers of a prediction model, for ``scoring=`` of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, NotRequired, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit
from sklearn.metrics import make_scorer

from sklearn_orn._messages import shown
from sklearn_orn._validation import check_probabilities
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics._benefit_bands import weights_at_prevalence
from sklearn_orn.metrics._calibration_limits import in_the_large
from sklearn_orn.metrics._clusters import (
    check_prevalence,
    check_weight,
    check_weighted_classes,
)
from sklearn_orn.metrics._hosmer_lemeshow import check_n_groups, hosmer_lemeshow
from sklearn_orn.metrics._net_benefit import check_threshold, net_benefit
from sklearn_orn.metrics._recalibration import logistic_line


def _positive_label(y_true: ArrayLike, pos_label: object) -> object:
    """Return the label whose probability scikit-learn hands over, where y tells it."""
    labels = np.unique(np.asarray(y_true))
    return labels[-1] if pos_label is None and len(labels) == 2 else pos_label


def _weighted(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    sample_weight: ArrayLike | None,
    pos_label: object,
    both_classes: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    positive, proba = check_probabilities(
        y_true,
        y_proba,
        pos_label=_positive_label(y_true, pos_label),
        both_classes=both_classes,
    )
    weight = check_weight(sample_weight, len(proba))
    if both_classes:
        check_weighted_classes(positive, weight)
    return positive, proba, weight


def brier_score(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    pos_label: object = None,
) -> float:
    """Mean squared error of the probability."""
    positive, proba, weight = _weighted(
        y_true, y_proba, sample_weight, pos_label, both_classes=False
    )
    return float(np.average((proba - positive) ** 2, weights=weight))


def calibration_slope_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    pos_label: object = None,
) -> float:
    """Distance of the calibration slope from 1."""
    positive, proba, weight = _weighted(y_true, y_proba, sample_weight, pos_label)
    slope = logistic_line(logit(proba), positive, weight)[1]
    if np.isnan(slope):
        raise NotEstimable(
            "There is no calibration slope: the probabilities are all equal, one is "
            "exactly 0 or 1, or they separate the classes."
        )
    return abs(slope - 1)


def calibration_in_the_large_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    pos_label: object = None,
) -> float:
    """Distance of the calibration in the large from 0."""
    positive, proba, weight = _weighted(y_true, y_proba, sample_weight, pos_label)
    shift = in_the_large(positive, proba, weights_at_prevalence(positive, weight, None))
    if np.isnan(shift):
        raise NotEstimable(
            "There is no calibration in the large: a probability is exactly 0 or 1."
        )
    return abs(shift)


def hosmer_lemeshow_p(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    n_groups: int = 10,
    pos_label: object = None,
) -> float:
    """P of the Hosmer-Lemeshow test, on patients that the model was not fitted to."""
    pos_label = _positive_label(y_true, pos_label)
    return hosmer_lemeshow(
        y_true, y_proba, n_groups=n_groups, fitted=False, pos_label=pos_label
    ).p_value


class _Decision(TypedDict):
    threshold: float
    prevalence: NotRequired[float | None]


def net_benefit_at(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    pos_label: object = None,
    **decision: Unpack[_Decision],
) -> float:
    """Net benefit, with the second class positive where no label is given."""
    label = _positive_label(y_true, pos_label)
    return net_benefit(
        y_true, y_proba, sample_weight=sample_weight, pos_label=label, **decision
    )


class _Entry(NamedTuple):
    function: Callable[..., float]
    settings: tuple[str, ...] = ()


SCORERS = {
    "hosmer_lemeshow_p": _Entry(hosmer_lemeshow_p, ("n_groups",)),
    "neg_brier_score": _Entry(brier_score),
    "neg_calibration_in_the_large_error": _Entry(calibration_in_the_large_error),
    "neg_calibration_slope_error": _Entry(calibration_slope_error),
    "net_benefit": _Entry(net_benefit_at, ("threshold", "prevalence")),
}


def get_scorer_names() -> list[str]:
    """Return the names that `get_scorer` takes.

    Returns
    -------
    list of str
        In alphabetical order.

    See Also
    --------
    sklearn.metrics.get_scorer_names : Those of scikit-learn.

    Examples
    --------
    >>> from sklearn_orn.metrics import get_scorer_names
    >>> get_scorer_names()[:2]
    ['hosmer_lemeshow_p', 'neg_brier_score']
    """
    return sorted(SCORERS)


def get_scorer(
    name: str,
    *,
    threshold: float | None = None,
    prevalence: float | None = None,
    n_groups: int | None = None,
    pos_label: object = None,
) -> Callable[..., float]:
    """Make a scorer for ``scoring=`` of `cross_validate`, `GridSearchCV` and the like.

    Parameters
    ----------
    name : str
        One of `get_scorer_names`: ``"net_benefit"``; ``"neg_brier_score"``;
        ``"neg_calibration_slope_error"``, minus the distance of the slope from 1;
        ``"neg_calibration_in_the_large_error"``, minus that of the calibration in the
        large from 0; ``"hosmer_lemeshow_p"``.
    threshold : float, default=None
        Threshold probability of the net benefit, at least 0 and below 1, which has to
        be given.
    prevalence : float, default=None
        Share of positives where the model is to be used, for the net benefit.
    n_groups : int, default=None
        Groups of risk of the Hosmer-Lemeshow test; None takes 10.
    pos_label : label, default=None
        The positive label; None takes the second class of the classifier.

    Returns
    -------
    callable
        A scorer as of `sklearn.metrics.make_scorer`, ``scorer(estimator, X, y)``.
        Higher is better.

    Raises
    ------
    TypeError
        If the scorer has no such setting, or the threshold of the net benefit is
        missing.
    ValueError
        If there is no scorer of this name, or a setting cannot be.

    See Also
    --------
    net_benefit : Net benefit as a function of outcome and probability.
    calibration_statistics : Slope, calibration in the large and Brier score.
    hosmer_lemeshow : The test, with ``fitted=False`` here.

    Notes
    -----
    All take the probabilities of `predict_proba`. Where a fold cannot tell (one class
    only, no slope because the classes are separated) the scorer raises `NotEstimable`,
    and scikit-learn does what its ``error_score`` says: NaN and a warning by default.

    ``set_score_request(sample_weight=True)`` asks for weights, which all but the
    Hosmer-Lemeshow test have. None asks for `groups`: they change limits, never an
    estimate. Pass them to the splitter.

    Calibration alone does not choose a model: one that knows nothing can be calibrated,
    and a p value measures how large a fold is. Choose by the net benefit or the Brier
    score, and look at the others.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_orn.metrics import get_scorer
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 3))
    >>> y = np.where(X[:, 0] + rng.normal(size=200) > 1, "ORN", "metastasis")
    >>> scoring = {
    ...     "benefit": get_scorer("net_benefit", threshold=0.2, pos_label="ORN"),
    ...     "slope": get_scorer("neg_calibration_slope_error", pos_label="ORN"),
    ... }
    >>> search = GridSearchCV(
    ...     LogisticRegression(), {"C": [0.001, 1]}, scoring=scoring, refit="slope"
    ... ).fit(X, y)
    >>> search.best_params_
    {'C': 1}
    """
    if name not in SCORERS:
        raise ValueError(
            f"There is no scorer {shown(name)}; expected one of "
            f"{', '.join(get_scorer_names())}. Others are scikit-learn's: pass their "
            "name as it is."
        )
    function, own = SCORERS[name]
    settings = {"threshold": threshold, "prevalence": prevalence, "n_groups": n_groups}
    given: dict[str, object] = {k: v for k, v in settings.items() if v is not None}
    for key in given:
        if key not in own:
            raise TypeError(f"The scorer {name!r} has no setting {key}.")
    if name == "net_benefit":
        if threshold is None:
            raise TypeError(
                "The scorer 'net_benefit' needs a threshold probability: pass "
                "threshold=0.2, or the one that matters."
            )
        check_threshold(threshold)
        check_prevalence(prevalence)
    elif n_groups is not None:
        check_n_groups(n_groups)
    if pos_label is not None:
        given["pos_label"] = pos_label
    return make_scorer(
        function,
        response_method="predict_proba",
        greater_is_better=not name.startswith("neg_"),
        **given,
    )
