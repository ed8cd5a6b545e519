"""How far the predictions for each sample move when other patients are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._readable import readable
from sklearn_orn._validation import check_probabilities
from sklearn_orn.metrics.shared import benefit_curves, check_thresholds
from sklearn_orn.resampling._indexes import calibration_at

GRID = np.linspace(0.01, 0.99, 50)


@readable
@dataclass(frozen=True, eq=False)
class Instability:
    """What the refits of a pipeline predict beside the pipeline itself.

    Attributes
    ----------
    samples : DataFrame
        One row per sample: ``probability`` by the pipeline; ``lower, upper``, 2.5th
        and 97.5th percentile of those by the refits; ``mape``, the mean absolute
        difference between the two; ``changed``, the share of the refits that put the
        sample into the other class.
    mape : float
        Mean absolute prediction error over samples and refits.
    changed : float
        Mean share of refits that change the class of a sample.
    threshold : float
        Probability from which a sample is called positive, by all refits.
    calibration : DataFrame
        ``predicted``, ``observed`` of the pipeline, and a column for each refit,
        numbered from 0: the lowess curve on the original samples, NaN beyond the
        probabilities of the refit.
    net_benefit : DataFrame
        ``threshold``, ``model`` and ``treat_all`` of the pipeline, and a column for
        each refit: the net benefit on the original samples.
    n_resamples : int
        Number of refits.
    """

    samples: pd.DataFrame
    mape: float
    changed: float
    threshold: float
    calibration: pd.DataFrame
    net_benefit: pd.DataFrame
    n_resamples: int


def instability(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    resampled: ArrayLike,
    *,
    threshold: float = 0.5,
    pos_label: object = None,
) -> Instability:
    r"""Measure how far predictions depend on the patients that trained the model.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome with two labels.
    y_proba : array-like of shape (n_samples,)
        Probabilities by the model.
    resampled : array-like of shape (n_resamples, n_samples)
        Probabilities of the same samples by models that were developed in the same
        way on resamples; `optimism` has them in ``predictions``.
    threshold : float, default=0.5
        Probability from which a sample is called positive.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

    Returns
    -------
    Instability
        ``samples``, ``mape``, ``changed``, ``threshold``, ``calibration``,
        ``net_benefit`` and ``n_resamples``.

    Raises
    ------
    ValueError
        If the shapes do not agree or a probability is missing.

    Notes
    -----
    The mean absolute prediction error of sample i is
    :math:`\frac{1}{B} \sum_b |\hat p_{bi} - \hat p_i|` [1]_, its classification
    instability the share of the B refits with
    :math:`[\hat p_{bi} \ge t] \ne [\hat p_i \ge t]` at the frozen threshold t [2]_.

    References
    ----------
    .. [1] Riley, Collins, Biom J 2023;65:2200302.
    .. [2] Riley, Pate, Dhiman, Archer, Martin, Collins, BMC Med 2023;21:502.

    Examples
    --------
    >>> from sklearn_orn.resampling import instability
    >>> result = instability([0, 1, 1], [0.2, 0.6, 0.9], [[0.3, 0.4, 0.9]])
    >>> result.samples[["probability", "mape", "changed"]].round(2)
       probability  mape  changed
    0          0.2   0.1      0.0
    1          0.6   0.2      1.0
    2          0.9   0.0      0.0
    """
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    refits = np.asarray(resampled, dtype=np.float64)
    if refits.ndim != 2 or refits.shape[1] != len(proba) or not len(refits):
        raise ValueError(
            "resampled must have shape (n_resamples, n_samples) with the "
            f"{len(proba)} samples of y_true, got {refits.shape}."
        )
    if not ((refits >= 0) & (refits <= 1)).all():
        raise ValueError("resampled must hold probabilities between 0 and 1.")
    curves = [calibration_at(positive, refit, GRID)[0] for refit in refits]
    return make_instability(positive, proba, refits, threshold, curves)


def make_instability(
    positive: np.ndarray,
    proba: np.ndarray,
    refits: np.ndarray,
    threshold: float,
    curves: list[np.ndarray],
) -> Instability:
    """Build the result from checked arrays and the refits' calibration on `GRID`."""
    difference = np.abs(refits - proba)
    moved = (refits >= threshold) != (proba >= threshold)
    lower, upper = np.quantile(refits, [0.025, 0.975], axis=0)
    samples = pd.DataFrame(
        {
            "probability": proba,
            "lower": lower,
            "upper": upper,
            "mape": difference.mean(axis=0),
            "changed": moved.mean(axis=0),
        }
    )
    return Instability(
        samples,
        float(difference.mean()),
        float(moved.mean()),
        threshold,
        _beside(
            {"predicted": GRID, "observed": calibration_at(positive, proba, GRID)[0]},
            curves,
        ),
        _net_benefit(positive, proba, refits),
        len(refits),
    )


def _beside(columns: dict[str, np.ndarray], curves: list[np.ndarray]) -> pd.DataFrame:
    named: dict[str | int, np.ndarray] = dict([*columns.items(), *enumerate(curves)])
    return pd.DataFrame(named)


def _net_benefit(
    positive: np.ndarray, proba: np.ndarray, refits: np.ndarray
) -> pd.DataFrame:
    thresholds = check_thresholds(None)
    own = benefit_curves(positive, proba, thresholds, None, None)
    curves = [
        benefit_curves(positive, refit, thresholds, None, None)["model"]
        for refit in refits
    ]
    columns = {
        "threshold": thresholds,
        "model": own["model"],
        "treat_all": own["treat_all"],
    }
    return _beside(columns, curves)
