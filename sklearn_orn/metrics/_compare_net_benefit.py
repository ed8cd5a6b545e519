"""The difference in net benefit of two models."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._types import Seed
from sklearn_orn._validation import check_at_least, check_probabilities
from sklearn_orn.metrics._benefit_bands import (
    benefit_residual,
    patient_quantile,
    standard_error,
)
from sklearn_orn.metrics._clusters import (
    check_confidence,
    check_prevalence,
    draw_patients,
    patient_codes,
    percentiles,
)
from sklearn_orn.metrics._net_benefit import benefit_curves, check_thresholds
from sklearn_orn.metrics._parameters import of_metrics


@of_metrics
def compare_net_benefit(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    other_proba: ArrayLike,
    *,
    thresholds: ArrayLike | None = None,
    prevalence: float | None = None,
    groups: ArrayLike | None = None,
    n_resamples: int = 0,
    confidence: float = 0.95,
    random_state: Seed = None,
    pos_label: object = None,
) -> pd.DataFrame:
    """Return the difference in net benefit of two models on the same samples.

    Parameters
    ----------
    y_proba, other_proba : array-like of shape (n_samples,)
        Probabilities of the positive class by the two models.
    prevalence : float, default=None
        Share of positives where the models are to be used, for case-control data.
    n_resamples : int, default=0
        Bootstrap resamples of patients; both models are judged on the same ones. 0
        takes the variance of the difference by patient and Student's t, which holds
        its level better with few patients.
    confidence : float, default=0.95
        Level of the intervals, each at its threshold.

    Returns
    -------
    DataFrame
        Columns ``threshold, difference, lower, upper``. With a single patient the
        limits are NaN, where no patient is treated differently they are 0.

    See Also
    --------
    decision_curve : The same variance for one model.

    Examples
    --------
    >>> from sklearn_orn.metrics import compare_net_benefit
    >>> table = compare_net_benefit(
    ...     [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], [0.1, 0.7, 0.8, 0.9],
    ...     thresholds=[0.5],
    ... )
    >>> float(table["difference"][0])
    0.25
    """
    values = np.atleast_1d(check_thresholds(thresholds))
    check_prevalence(prevalence)
    check_confidence(confidence)
    if n_resamples:
        check_at_least(n_resamples, 2, "n_resamples")
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    _, other = check_probabilities(y_true, other_proba, pos_label=pos_label)
    unit = patient_codes(groups, len(proba))

    def difference(rows: np.ndarray | slice) -> np.ndarray:
        own, others = (
            benefit_curves(positive[rows], p[rows], values, None, prevalence)["model"]
            for p in (proba, other)
        )
        return own - others

    estimate = difference(slice(None))
    if n_resamples:
        drawn = [
            difference(rows)
            for rows in draw_patients(positive, unit, n_resamples, random_state)
        ]
        lower, upper = percentiles(drawn, confidence)
    else:
        errors = [
            standard_error(
                benefit_residual(positive, proba >= at, at, prevalence)
                - benefit_residual(positive, other >= at, at, prevalence),
                unit,
            )
            for at in values
        ]
        half = patient_quantile(unit, len(proba), confidence) * np.array(errors)
        lower, upper = estimate - half, estimate + half
    return pd.DataFrame(
        {"threshold": values, "difference": estimate, "lower": lower, "upper": upper}
    )
