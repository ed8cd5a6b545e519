"""Net benefit and the decision curve."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._validation import check_probabilities


def _net_benefit(
    positive: np.ndarray, proba: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    order = np.argsort(proba, kind="stable")
    true_below = np.concatenate([[0], np.cumsum(positive[order])])
    below = np.searchsorted(proba[order], thresholds, side="left")
    true = true_below[-1] - true_below[below]
    false = len(proba) - below - true
    return (true - false * thresholds / (1 - thresholds)) / len(proba)


def _check_thresholds(thresholds: ArrayLike) -> np.ndarray:
    values = np.asarray(thresholds, dtype=np.float64)
    if values.ndim > 1 or not ((values >= 0) & (values < 1)).all():
        raise ValueError(
            "A threshold probability must be at least 0 and below 1, got "
            f"{thresholds!r}."
        )
    return values


def net_benefit(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    threshold: float,
    pos_label: object = None,
) -> float:
    r"""Net benefit of treating those at or above a threshold probability.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome; one class only is allowed.
    y_proba : array-like of shape (n_samples,)
        Probability of the positive class.
    threshold : float
        Threshold probability, at least 0 and below 1; positive if
        ``y_proba >= threshold``.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

    Returns
    -------
    float
        Net true positives per sample.

    Notes
    -----
    :math:`TP/n - FP/n \cdot t/(1-t)` [1]_.

    References
    ----------
    .. [1] Vickers, Elkin, Med Decis Making 2006;26:565-574.

    Examples
    --------
    >>> from sklearn_orn.metrics import net_benefit
    >>> net_benefit([0, 1, 0, 1], [0.2, 0.8, 0.6, 0.4], threshold=0.5)
    0.0
    >>> from sklearn.metrics import make_scorer
    >>> scorer = make_scorer(
    ...     net_benefit, response_method="predict_proba", threshold=0.3
    ... )
    """
    value = _check_thresholds(threshold)
    if value.ndim:
        raise ValueError(f"threshold must be one number, got {threshold!r}.")
    positive, proba = check_probabilities(
        y_true, y_proba, pos_label=pos_label, both_classes=False
    )
    return float(_net_benefit(positive, proba, value[None])[0])


def decision_curve(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    thresholds: ArrayLike | None = None,
    pos_label: object = None,
) -> pd.DataFrame:
    """Net benefit over threshold probabilities: the model, treat all, treat none.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome with two labels.
    y_proba : array-like of shape (n_samples,)
        Probability of the positive class.
    thresholds : array-like of shape (n_thresholds,), default=None
        Threshold probabilities; None takes 0, 0.01, ..., 0.99.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

    Returns
    -------
    DataFrame
        Columns ``threshold, model, treat_all, treat_none``, one row per threshold.

    Examples
    --------
    >>> from sklearn_orn.metrics import decision_curve
    >>> decision_curve([0, 1], [0.2, 0.8], thresholds=[0.0, 0.5])
       threshold  model  treat_all  treat_none
    0        0.0    0.5        0.5         0.0
    1        0.5    0.5        0.0         0.0
    """
    if thresholds is None:
        thresholds = np.arange(100) / 100
    values = np.atleast_1d(_check_thresholds(thresholds))
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    return pd.DataFrame(
        {
            "threshold": values,
            "model": _net_benefit(positive, proba, values),
            "treat_all": _net_benefit(positive, np.ones_like(proba), values),
            "treat_none": np.zeros_like(values),
        }
    )
