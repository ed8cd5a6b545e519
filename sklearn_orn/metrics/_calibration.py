"""Calibration: whether predicted probabilities come true."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression

from sklearn_orn._validation import check_probabilities
from sklearn_orn.metrics._roc import placements


class CalibrationCurve(NamedTuple):
    """Predicted probabilities in ascending order, and the smoothed observed ones."""

    predicted: np.ndarray
    observed: np.ndarray


class CalibrationStatistics(NamedTuple):
    """Statistics of calibration and overall accuracy.

    Attributes
    ----------
    dxy, c : float
        Somers' rank correlation and the concordance (the AUC).
    brier, brier_scaled : float
        Mean squared error, and 1 - its ratio to that of the prevalence.
    intercept, slope : float
        Of the logistic regression of the outcome on the logit of the probability:
        0 and 1 when calibrated.
    emax, e90, eavg : float
        Maximum, 90th percentile and mean of the distance between predicted
        and observed on the lowess curve. `eavg` is the integrated calibration index.
    observed_expected : float
        Number of positives over the sum of the probabilities.
    """

    dxy: float
    c: float
    brier: float
    brier_scaled: float
    intercept: float
    slope: float
    emax: float
    e90: float
    eavg: float
    observed_expected: float


def _local_line(x: np.ndarray, y: np.ndarray, at: float, n_near: int) -> float:
    """Tricube-weighted local line at one point, as Cleveland's lowess fits it."""
    distance = np.abs(x - at)
    reach = np.partition(distance, n_near - 1)[n_near - 1]
    near = distance <= 0.999 * reach
    weight = np.zeros_like(x)
    weight[near] = 1.0
    far = near & (distance > 0.001 * reach)
    weight[far] = (1 - (distance[far] / reach) ** 3) ** 3
    if reach == 0:
        weight = (distance == 0).astype(float)
    weight /= weight.sum()
    centre = weight @ x
    spread = weight @ (x - centre) ** 2
    if x[-1] > x[0] and np.sqrt(spread) > 0.001 * (x[-1] - x[0]):
        weight = weight * (1 + (at - centre) * (x - centre) / spread)
    return float(weight @ y)


def lowess(
    x: np.ndarray, y: np.ndarray, *, frac: float = 2 / 3, delta: float = 0.01
) -> tuple[np.ndarray, np.ndarray]:
    """Locally weighted line without robustness iterations, as R's ``lowess(iter=0)``.

    Parameters
    ----------
    x, y : ndarray of shape (n_samples,)
        Points.
    frac : float, default=2/3
        Share of the points that each local line uses.
    delta : float, default=0.01
        Points nearer than this share of the range to the last fitted one are
        interpolated.

    Returns
    -------
    x, fitted : ndarray of shape (n_samples,)
        Ascending.

    References
    ----------
    Cleveland, J Am Stat Assoc 1979;74:829-836.
    """
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    n = len(x)
    n_near = min(max(int(frac * n + 1e-7), 2), n)
    step = delta * (x[-1] - x[0])
    anchors = [0]
    while anchors[-1] < n - 1:
        last = anchors[-1]
        # The last of the points within reach, all of them ties of the anchor or not.
        following = int(np.searchsorted(x, x[last] + step, side="right")) - 1
        ties = int(np.searchsorted(x, x[last], side="right")) - 1
        anchors.append(max(following, ties, last + 1))
    anchors = sorted({*anchors, n - 1})
    values = [_local_line(x, y, x[i], n_near) for i in anchors]
    at = x[anchors]
    distinct = np.concatenate([[True], np.diff(at) > 0])
    return x, np.interp(x, at[distinct], np.asarray(values)[distinct])


def calibration_curve(
    y_true: ArrayLike, y_proba: ArrayLike, *, pos_label: object = None
) -> CalibrationCurve:
    """Calibration curve smoothed by lowess, as rms's ``val.prob`` draws it.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome with two labels.
    y_proba : array-like of shape (n_samples,)
        Probability of the positive class.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

    Returns
    -------
    CalibrationCurve
        Named tuple ``predicted, observed`` of arrays of shape (n_samples,),
        ascending. The smoothed values can leave [0, 1] a little, as in R.

    Notes
    -----
    Lowess with span 2/3, no robustness iterations, and interpolation within 0.01 of
    the range. It is `not` the binned curve of scikit-learn's function of the same
    name.

    Examples
    --------
    >>> from sklearn_orn.metrics import calibration_curve
    >>> curve = calibration_curve([0, 1, 0, 1], [0.2, 0.4, 0.6, 0.8])
    >>> curve.predicted
    array([0.2, 0.4, 0.6, 0.8])
    """
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    return CalibrationCurve(*lowess(proba, positive.astype(np.float64)))


def _recalibration(positive: np.ndarray, proba: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of the outcome on the logit of the probability."""
    if proba.min() == proba.max() or ((proba == 0) | (proba == 1)).any():
        return np.nan, np.nan
    logit = np.log(proba / (1 - proba))
    low, high = logit[~positive], logit[positive]
    if low.max() <= high.min() or high.max() <= low.min():
        return np.nan, np.nan  # separated: the maximum likelihood is at infinity
    fit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
    fit.fit(logit[:, None], positive)
    return float(fit.intercept_[0]), float(fit.coef_[0, 0])


def calibration_statistics(
    y_true: ArrayLike, y_proba: ArrayLike, *, pos_label: object = None
) -> CalibrationStatistics:
    """Calibration intercept and slope, Brier score, and distances to the curve.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome with two labels.
    y_proba : array-like of shape (n_samples,)
        Probability of the positive class.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

    Returns
    -------
    CalibrationStatistics
        Named tuple of floats. Intercept and slope are NaN where they do not exist:
        equal probabilities, probabilities of exactly 0 or 1, or complete separation.

    References
    ----------
    Harrell, Regression Modeling Strategies, 2nd ed., 2015, section 10.9 (rms
    ``val.prob``). Austin, Steyerberg, Stat Med 2019;38:4051-4065 (ICI, E90, Emax).

    Examples
    --------
    >>> from sklearn_orn.metrics import calibration_statistics
    >>> stats = calibration_statistics([0, 1, 0, 1], [0.2, 0.4, 0.6, 0.8])
    >>> round(stats.brier, 3), stats.c
    (0.2, 0.75)
    """
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    x, observed = lowess(proba, positive.astype(np.float64))
    error = np.abs(x - observed)
    c = float(placements(positive, proba)[0].mean())
    brier = float(np.mean((proba - positive) ** 2))
    prevalence = positive.mean()
    intercept, slope = _recalibration(positive, proba)
    expected = float(proba.sum())
    return CalibrationStatistics(
        dxy=2 * c - 1,
        c=c,
        brier=brier,
        brier_scaled=float(1 - brier / (prevalence * (1 - prevalence))),
        intercept=intercept,
        slope=slope,
        emax=float(error.max()),
        e90=float(np.quantile(error, 0.9)),
        eavg=float(error.mean()),
        observed_expected=float(positive.sum()) / expected if expected else np.inf,
    )
