"""The band of uncertainty around a ROC curve."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import roc_curve

from sklearn_orn._types import Seed
from sklearn_orn._validation import check_at_least, check_binary_outcome
from sklearn_orn.metrics._clusters import (
    check_confidence,
    draw_patients,
    patient_codes,
    percentiles,
)
from sklearn_orn.metrics._parameters import of_metrics


def _sensitivity_at(
    positive: np.ndarray, score: np.ndarray, grid: np.ndarray
) -> np.ndarray:
    false_rate, true_rate, _ = roc_curve(positive, score)
    # Of points above one another the highest counts.
    last = np.append(np.diff(false_rate) > 0, True)
    return np.interp(grid, false_rate[last], true_rate[last])


@of_metrics
def roc_band(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    random_state: Seed = None,
    pos_label: object = None,
) -> pd.DataFrame:
    """Bootstrap limits of the sensitivity at each specificity.

    Parameters
    ----------
    y_score : array-like of shape (n_samples,)
        Scores or probabilities.
    confidence : float, default=0.95
        Level at each point, not of the whole curve.
    n_resamples : int, default=1000
        Number of resamples of patients.
    random_state : int, RandomState instance or None, default=None
        Seed.

    Returns
    -------
    DataFrame
        101 rows: ``fpr`` (1 - specificity) from 0 to 1, ``lower`` and ``upper``.

    Notes
    -----
    Percentiles of the resampled curves, interpolated at each 1 - specificity, as
    pROC's ``ci.se`` (Robin et al., BMC Bioinformatics 2011;12:77).

    Examples
    --------
    >>> from sklearn_orn.metrics import roc_band
    >>> band = roc_band([0, 0, 1, 1], [1, 3, 2, 4], n_resamples=50, random_state=0)
    >>> len(band), float(band["upper"].iloc[-1])
    (101, 1.0)
    """
    check_confidence(confidence)
    check_at_least(n_resamples, 2, "n_resamples")
    positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
    unit = patient_codes(groups, len(score))
    grid = np.linspace(0, 1, 101)
    curves = [
        _sensitivity_at(positive[rows], score[rows], grid)
        for rows in draw_patients(positive, unit, n_resamples, random_state)
    ]
    lower, upper = percentiles(curves, confidence)
    return pd.DataFrame({"fpr": grid, "lower": lower, "upper": upper})
