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
from sklearn_orn.metrics._operating_point import proportion
from sklearn_orn.metrics._parameters import of_metrics

TIE = 1e-12  # of shares of the grid and of counts, which are apart by far more

GRID = np.linspace(0, 1, 101)


def sensitivity_at(fpr: np.ndarray, tpr: np.ndarray, at: ArrayLike) -> np.ndarray:
    """Read a ROC curve at any 1 - specificity; on a rise its upper end counts."""
    return np.interp(np.asarray(at) + TIE, fpr, tpr)


def _limits(
    positive: np.ndarray, score: np.ndarray, unit: np.ndarray | None, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Put the limits of sensitivity and specificity at each threshold together."""
    fpr, tpr, cuts = roc_curve(positive, score, drop_intermediate=False)
    middle = sensitivity_at(fpr, tpr, GRID)
    at = np.searchsorted(fpr, GRID + TIE, side="right") - 1
    lower, upper = middle.copy(), middle.copy()
    for point in np.unique(at[:-1]):
        called = score >= cuts[point]
        hits, false = (
            proportion(called & of, of, unit, confidence)
            for of in (positive, ~positive)
        )
        here = np.flatnonzero(at[:-1] == point)
        own = middle[here]
        low, high = sensitivity_at(fpr, tpr, [false["lower"], false["upper"]])
        below = np.maximum([own - hits["lower"], own - low], 0)
        above = np.maximum([hits["upper"] - own, high - own], 0)
        lower[here] = np.maximum(own - np.hypot(*below), 0)
        upper[here] = np.minimum(own + np.hypot(*above), 1)
    # Both rise with the curve, each on its safe side.
    return np.minimum.accumulate(lower[::-1])[::-1], np.maximum.accumulate(upper)


@of_metrics
def roc_band(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 0,
    random_state: Seed = None,
    pos_label: object = None,
) -> pd.DataFrame:
    """Limits of the sensitivity at each specificity.

    Parameters
    ----------
    y_score : array-like of shape (n_samples,)
        Scores or probabilities.
    confidence : float, default=0.95
        Level at each point, not of the whole curve.
    n_resamples : int, default=0
        0 takes the limits of the Notes; 2 or more the percentiles of as many resamples
        of patients, as pROC does.
    random_state : int, RandomState instance or None, default=None
        Seed.

    Returns
    -------
    DataFrame
        101 rows: ``fpr`` (1 - specificity) from 0 to 1, ``lower`` and ``upper``.

    Notes
    -----
    At the threshold of each specificity the sensitivity has Wilson's limits, with the
    effective number of samples where patients have several, as in
    `diagnostic_performance`. So has 1 - specificity, and between its limits the curve
    runs from one sensitivity to another. Both distances are put together as Zou and
    Donner do [1]_. Where a limit would fall as the curve rises, the wider one is
    taken. At a specificity of 0 the sensitivity is 1.

    With `n_resamples` the percentiles of the resampled curves, interpolated at each
    1 - specificity, as pROC's ``ci.se`` [2]_. Where all positive samples lie above a
    threshold they do in every resample, and this band has no width there.

    References
    ----------
    .. [1] Zou, Donner, Stat Med 2008;27:1693-1702.
    .. [2] Robin et al., BMC Bioinformatics 2011;12:77.

    Examples
    --------
    >>> from sklearn_orn.metrics import roc_band
    >>> band = roc_band([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6])
    >>> band.iloc[[50, 100]].round(2)
         fpr  lower  upper
    50   0.5   0.35    1.0
    100  1.0   1.00    1.0
    """
    check_confidence(confidence)
    positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
    unit = patient_codes(groups, len(score))
    if n_resamples == 0:
        lower, upper = _limits(positive, score, unit, confidence)
    else:
        check_at_least(n_resamples, 2, "n_resamples")
        curves = []
        for rows in draw_patients(positive, unit, n_resamples, random_state):
            fpr, tpr, _ = roc_curve(positive[rows], score[rows])
            curves.append(sensitivity_at(fpr, tpr, GRID))
        lower, upper = percentiles(curves, confidence)
    return pd.DataFrame({"fpr": GRID, "lower": lower, "upper": upper})
