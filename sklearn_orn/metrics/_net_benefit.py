"""Net benefit and the decision curve."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._messages import shown
from sklearn_orn._types import Seed
from sklearn_orn._validation import check_at_least, check_probabilities
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics._benefit_bands import benefit_limits, patient_quantile
from sklearn_orn.metrics._clusters import (
    check_confidence,
    check_prevalence,
    check_weight,
    check_weighted_classes,
    draw_patients,
    patient_codes,
    percentiles,
    without_weightless,
)
from sklearn_orn.metrics._parameters import of_metrics

CURVES = ("model", "standardized", "interventions_avoided", "over_all")


def _rates(
    positive: np.ndarray,
    proba: np.ndarray,
    thresholds: np.ndarray,
    weight: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return true and false positives at each threshold, and positives, as shares."""
    order = np.argsort(proba, kind="stable")
    below = np.searchsorted(proba[order], thresholds, side="left")
    weight = np.ones(len(proba)) if weight is None else weight[order]
    of_positive = np.concatenate([[0.0], np.cumsum(weight * positive[order])])
    of_all = np.concatenate([[0.0], np.cumsum(weight)])
    total = of_all[-1]
    true = of_positive[-1] - of_positive[below]
    false = total - of_all[below] - true
    return true / total, false / total, float(of_positive[-1] / total)


def _at_prevalence(
    true: np.ndarray, false: np.ndarray, share: float, prevalence: float | None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Rates as they would be with another share of positives."""
    if prevalence is None:
        return true, false, share
    if not 0 < share < 1:
        raise NotEstimable(
            "prevalence can be given only where y_true has both classes."
        )
    return (
        true * prevalence / share,
        false * (1 - prevalence) / (1 - share),
        prevalence,
    )


def benefit_curves(
    positive: np.ndarray,
    proba: np.ndarray,
    thresholds: np.ndarray,
    weight: np.ndarray | None,
    prevalence: float | None,
) -> dict[str, np.ndarray]:
    """All columns of the decision curve."""
    rates = _rates(positive, proba, thresholds, weight)
    true, false, share = _at_prevalence(*rates, prevalence)
    odds = thresholds / (1 - thresholds)
    # A threshold of 0 treats all: no test is negative, so none is avoided.
    missed = np.zeros_like(thresholds)
    np.divide(share - true, odds, out=missed, where=odds > 0)
    model = true - false * odds
    treat_all = share - (1 - share) * odds
    return {
        "model": model,
        "treat_all": treat_all,
        "treat_none": np.zeros_like(thresholds),
        "standardized": model / share,
        "interventions_avoided": (1 - share - false) - missed,
        "over_all": model - treat_all,
    }


def check_thresholds(thresholds: ArrayLike | None) -> np.ndarray:
    """Return threshold probabilities, 0, 0.01, ..., 0.99 for None."""
    if thresholds is None:
        return np.arange(100) / 100
    values = np.asarray(thresholds, dtype=np.float64)
    if values.ndim > 1 or not ((values >= 0) & (values < 1)).all():
        raise ValueError(
            "A threshold probability must be at least 0 and below 1, got "
            f"{shown(thresholds)}."
        )
    return values


def check_threshold(threshold: float) -> np.ndarray:
    """Return one threshold probability as an array without dimensions."""
    value = check_thresholds(threshold)
    if value.ndim:
        raise ValueError(f"threshold must be one number, got {shown(threshold)}.")
    return value


@of_metrics
def net_benefit(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    threshold: float,
    prevalence: float | None = None,
    sample_weight: ArrayLike | None = None,
    pos_label: object = None,
) -> float:
    r"""Net benefit of treating those at or above a threshold probability.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome; one class only is allowed.
    threshold : float
        Threshold probability, at least 0 and below 1; positive if
        ``y_proba >= threshold``.
    prevalence : float, default=None
        Share of positives where the model is to be used, for case-control data. The
        probabilities must be meant for it. None takes that of `y_true`.

    Returns
    -------
    float
        Net true positives per sample.

    See Also
    --------
    get_scorer : The same for ``scoring=``.

    Notes
    -----
    :math:`TP/n - FP/n \cdot t/(1-t)` [1]_; with a prevalence
    :math:`\pi\,TPR - (1-\pi)\,FPR \cdot t/(1-t)`.

    References
    ----------
    .. [1] Vickers, Elkin, Med Decis Making 2006;26:565-574.

    Examples
    --------
    >>> from sklearn_orn.metrics import net_benefit
    >>> net_benefit([0, 1, 0, 1], [0.2, 0.8, 0.6, 0.4], threshold=0.5)
    0.0
    """
    value = check_threshold(threshold)
    check_prevalence(prevalence)
    positive, proba = check_probabilities(
        y_true, y_proba, pos_label=pos_label, both_classes=False
    )
    weight = check_weight(sample_weight, len(proba))
    rates = _rates(positive, proba, value[None], weight)
    true, false, _ = _at_prevalence(*rates, prevalence)
    return float((true - false * value / (1 - value))[0])


@of_metrics
def decision_curve(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    thresholds: ArrayLike | None = None,
    prevalence: float | None = None,
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    n_resamples: int = 0,
    confidence: float = 0.95,
    random_state: Seed = None,
    pos_label: object = None,
) -> pd.DataFrame:
    r"""Net benefit over threshold probabilities: the model, treat all, treat none.

    Parameters
    ----------
    prevalence : float, default=None
        Share of positives where the model is to be used, for case-control data.
    n_resamples : int, default=0
        Bootstrap resamples of patients for the intervals; 0 takes the variance by
        patient and Student's t.
    confidence : float, default=0.95
        Level of the intervals, each at its threshold.

    Returns
    -------
    DataFrame
        One row per threshold: ``threshold, model, treat_all, treat_none`` (net
        benefit), ``standardized`` (the model's net benefit over the prevalence),
        ``interventions_avoided`` (net, per sample, against treating all) and
        ``over_all`` (the model's net benefit less that of treating all). Then their
        limits at each threshold, ``model_lower, model_upper`` and so on: the model is
        worth more than either default where ``model_lower`` (treating none is 0) and
        ``over_all_lower`` are both above 0. Last ``above`` and ``below``, the numbers
        of samples at or above the threshold and below it. With a single patient the
        limits are NaN.

    See Also
    --------
    compare_net_benefit : The difference of two models.

    Notes
    -----
    Interventions avoided are :math:`TN/n - FN/n \cdot (1-t)/t`, which is
    :math:`(NB_{model} - NB_{all}) (1-t)/t`, and 0 at t = 0.

    The net benefit at t is :math:`n (q - t) / (1 - t)` with the share n of samples at
    or above t and the share q of positives among them; it is above 0 if q is above t.
    The limits put together those of q, which are Wilson's with the effective number of
    samples by patient, and those of n; they use Student's t with as many
    degrees of freedom as patients but one. So they stay apart where no sample above
    t is negative. With a prevalence the limits put together are Wilson's of the
    sensitivity and of the share of false positives. The difference to treating all is
    the same of the samples below t. The limits of the standardised net benefit come
    from its residuals by patient.

    References
    ----------
    Vickers, Elkin, Med Decis Making 2006;26:565-574. Vickers, van Calster, Steyerberg,
    Diagn Progn Res 2019;3:18. Standardised: Kerr et al., J Clin Oncol
    2016;34:2534-2540. Effective numbers: Rao, Scott, Biometrics 1992;48:577-585.
    Limits put together: Zou, Donner, Stat Med 2008;27:1693-1702.

    Examples
    --------
    >>> from sklearn_orn.metrics import decision_curve
    >>> curve = decision_curve([0, 1], [0.2, 0.8], thresholds=[0.0, 0.5])
    >>> curve[["threshold", "model", "treat_all", "interventions_avoided"]]
       threshold  model  treat_all  interventions_avoided
    0        0.0    0.5        0.5                    0.0
    1        0.5    0.5        0.0                    0.5
    """
    values = np.atleast_1d(check_thresholds(thresholds))
    check_prevalence(prevalence)
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    weight = check_weight(sample_weight, len(proba))
    check_weighted_classes(positive, weight)
    unit = patient_codes(groups, len(proba))
    weight, unit, positive, proba = without_weightless(weight, unit, positive, proba)
    curves = benefit_curves(positive, proba, values, weight, prevalence)
    table = pd.DataFrame({"threshold": values, **curves})
    check_confidence(confidence)
    if n_resamples:
        check_at_least(n_resamples, 2, "n_resamples")
        drawn = [
            benefit_curves(
                positive[rows],
                proba[rows],
                values,
                None if weight is None else weight[rows],
                prevalence,
            )
            for rows in draw_patients(positive, unit, n_resamples, random_state, weight)
        ]
        limits = {
            name: percentiles([curve[name] for curve in drawn], confidence)
            for name in CURVES
        }
    else:
        quantile = patient_quantile(unit, len(proba), confidence)
        limits = benefit_limits(
            curves, positive, proba, values, unit, weight, prevalence, quantile
        )
    for name in CURVES:
        table[f"{name}_lower"], table[f"{name}_upper"] = limits[name]
    below = np.searchsorted(np.sort(proba), values, side="left")
    table["above"], table["below"] = len(proba) - below, below
    return table
