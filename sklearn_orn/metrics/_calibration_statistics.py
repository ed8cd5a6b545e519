"""Calibration: whether predicted probabilities come true."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit, xlog1py, xlogy
from scipy.stats import chi2, norm

from sklearn_orn._readable import readable
from sklearn_orn._validation import check_probabilities
from sklearn_orn.metrics._benefit_bands import patient_quantile
from sklearn_orn.metrics._calibration_limits import calibration_limits
from sklearn_orn.metrics._clusters import (
    check_confidence,
    check_prevalence,
    patient_codes,
)
from sklearn_orn.metrics._delong import placements
from sklearn_orn.metrics._parameters import of_metrics
from sklearn_orn.metrics._rao_scott import p_by_patient
from sklearn_orn.metrics._recalibration import logistic_line

AT_ONCE = 32  # local lines of lowess: a table of so many rows is in memory


@readable
class CalibrationCurve(NamedTuple):
    """Observed against predicted probability.

    Attributes
    ----------
    predicted : ndarray
        Predicted probabilities in ascending order.
    observed : ndarray
        The smoothed share of positives at each of them.
    """

    predicted: np.ndarray
    observed: np.ndarray


@readable
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
        0 and 1 when calibrated. This intercept goes with its slope; that of a slope
        of 1 is `calibration_in_the_large`.
    emax, e90, eavg : float
        Maximum, 90th percentile and mean of the distance between predicted
        and observed on the lowess curve. `eavg` is the integrated calibration index.
    observed_expected : float
        Number of positives over the sum of the probabilities.
    r2 : float
        Nagelkerke's; negative where the prevalence predicts better.
    discrimination, discrimination_chi2 : float
        D, and the likelihood ratio chi-square that it comes from.
    unreliability, unreliability_chi2, unreliability_p : float
        U, and the test (2 degrees of freedom) that intercept and slope are 0 and 1.
    quality : float
        ``discrimination - unreliability``: Q.
    spiegelhalter_z, spiegelhalter_p : float
        Test that the Brier score is what the probabilities imply.
    calibration_in_the_large : float
        What to add to the log-odds so that as many positives are expected as there
        are: the intercept where the slope is fixed at 1. 0 when calibrated.
    calibration_in_the_large_lower, calibration_in_the_large_upper : float
        Its confidence limits; then those of `intercept`, `slope`,
        `observed_expected` and `brier`.
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
    r2: float
    discrimination: float
    discrimination_chi2: float
    unreliability: float
    unreliability_chi2: float
    unreliability_p: float
    quality: float
    spiegelhalter_z: float
    spiegelhalter_p: float
    calibration_in_the_large: float
    calibration_in_the_large_lower: float
    calibration_in_the_large_upper: float
    intercept_lower: float
    intercept_upper: float
    slope_lower: float
    slope_upper: float
    observed_expected_lower: float
    observed_expected_upper: float
    brier_lower: float
    brier_upper: float


def _local_lines(
    x: np.ndarray, y: np.ndarray, points: np.ndarray, n_near: int
) -> np.ndarray:
    """Tricube-weighted local lines at some points, as Cleveland's lowess fits them."""
    at, last = points[:, None], n_near - 1
    distance = np.abs(x - at)
    reach = np.partition(distance, last)[:, [last]]
    near = distance <= 0.999 * reach  # this and the next two are those of R's C code
    far = near & (distance > 0.001 * reach)
    share = np.divide(distance, reach, out=np.zeros_like(distance), where=far)
    weight = near * (1 - share**3) ** 3
    weight /= weight.sum(axis=1, keepdims=True)
    centre = np.vecdot(weight, x)[:, None]
    spread = np.vecdot(weight, (x - centre) ** 2)[:, None]
    sloped = (x[-1] > x[0]) & (np.sqrt(spread) > 0.001 * (x[-1] - x[0]))
    slope = np.zeros_like(distance)
    np.divide((at - centre) * (x - centre), spread, out=slope, where=sloped)
    return np.vecdot(weight * (1 + slope), y)


def lowess(
    x: np.ndarray, y: np.ndarray, *, frac: float = 2 / 3, delta: float = 0.01
) -> tuple[np.ndarray, np.ndarray]:
    """Locally weighted line without robustness iterations, as R's ``lowess(iter=0)``.

    Points nearer than `delta` of the range to the last fitted one are interpolated
    (Cleveland, J Am Stat Assoc 1979;74:829-836). Returns x, ascending, and the line.
    """
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    n = len(x)
    n_near = min(max(int(frac * n + 1e-7), 2), n)  # R's clowess
    step = delta * (x[-1] - x[0])
    anchors = [0]
    while anchors[-1] < n - 1:
        last = anchors[-1]
        # The last of the points within reach, ties of the anchor at least.
        following = int(np.searchsorted(x, x[last] + step, side="right")) - 1
        anchors.append(max(following, last + 1))
    at = np.unique(x[anchors])
    values = [
        _local_lines(x, y, at[i : i + AT_ONCE], n_near)
        for i in range(0, len(at), AT_ONCE)
    ]
    return x, np.interp(x, at, np.concatenate(values))


@of_metrics
def flexible_calibration_curve(
    y_true: ArrayLike, y_proba: ArrayLike, *, pos_label: object = None
) -> CalibrationCurve:
    """Calibration curve smoothed by lowess, as rms's ``val.prob`` draws it.

    Returns
    -------
    CalibrationCurve
        Named tuple ``predicted, observed`` of arrays of shape (n_samples,),
        ascending. The smoothed values can leave [0, 1] a little, as in R.

    Notes
    -----
    Lowess with span 2/3, no robustness iterations, and interpolation within 0.01 of
    the range: a flexible calibration curve in the words of [1]_. That of scikit-learn,
    called `calibration_curve`, takes means of bins.

    References
    ----------
    .. [1] Van Calster, Nieboer, Vergouwe, De Cock, Pencina, Steyerberg, J Clin
       Epidemiol 2016;74:167-176.

    Examples
    --------
    >>> from sklearn_orn.metrics import flexible_calibration_curve
    >>> curve = flexible_calibration_curve([0, 1, 0, 1], [0.2, 0.4, 0.6, 0.8])
    >>> curve.predicted
    array([0.2, 0.4, 0.6, 0.8])
    """
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    return CalibrationCurve(*lowess(proba, positive.astype(np.float64)))


def deviance(positive: np.ndarray, proba: np.ndarray) -> float:
    """-2 log-likelihood; infinite where a certain prediction is wrong."""
    return float(-2 * (xlogy(positive, proba) + xlog1py(~positive, -proba)).sum())


def likelihood_indexes(
    positive: np.ndarray, proba: np.ndarray, line: tuple[float, float]
) -> dict[str, float]:
    """R2, D, U and Q of probabilities, with the recalibrating line of their logits."""
    n = len(proba)
    null = deviance(positive, np.full(n, positive.mean()))
    own = deviance(positive, proba)
    chi2_model = null - own
    chi2_line = np.nan
    if np.isfinite(line[0]):
        score = line[0] + line[1] * logit(proba)
        recalibrated = -2 * (score[positive].sum() - np.logaddexp(0, score).sum())
        chi2_line = float(own - recalibrated)
    discrimination, unreliability = (chi2_model - 1) / n, (chi2_line - 2) / n
    with np.errstate(over="ignore"):
        r2 = -np.expm1(-chi2_model / n) / -np.expm1(-null / n)
    return {
        "r2": float(r2),
        "discrimination": discrimination,
        "discrimination_chi2": chi2_model,
        "unreliability": unreliability,
        "unreliability_chi2": chi2_line,
        "unreliability_p": float(chi2.sf(chi2_line, 2)),
        "quality": discrimination - unreliability,
    }


def spiegelhalter(positive: np.ndarray, proba: np.ndarray) -> tuple[float, float]:
    """Spiegelhalter's z and its two-sided p; NaN if all probabilities are 0, 1/2, 1."""
    spread = np.sqrt(((1 - 2 * proba) ** 2 * proba * (1 - proba)).sum())
    if spread == 0:
        return np.nan, np.nan
    z = float(((positive - proba) * (1 - 2 * proba)).sum() / spread)
    return z, float(2 * norm.sf(abs(z)))


@of_metrics
def calibration_statistics(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    prevalence: float | None = None,
    pos_label: object = None,
) -> CalibrationStatistics:
    r"""Calibration and overall accuracy: the list of rms's ``val.prob``.

    Parameters
    ----------
    confidence : float, default=0.95
        Level of the limits.
    prevalence : float, default=None
        Share of positives where the model is to be used: the two intercepts and
        ``observed_expected`` are what they would be there. None takes that of
        `y_true`.

    Returns
    -------
    CalibrationStatistics
        Named tuple of floats. Intercept and slope are NaN where they do not exist:
        equal probabilities, probabilities of exactly 0 or 1, or complete separation.

    See Also
    --------
    recalibration : Intercept and slope with the intervals of rms's ``robcov``.

    Notes
    -----
    With the deviance :math:`\ell` of the probabilities, :math:`\ell_0` of the
    prevalence and :math:`\ell_r` after recalibration,
    :math:`D = (\ell_0 - \ell - 1)/n`, :math:`U = (\ell - \ell_r - 2)/n`,
    :math:`Q = D - U`, :math:`R^2 = (1 - e^{-(\ell_0 - \ell)/n}) / (1 - e^{-\ell_0/n})`
    [1]_. Spiegelhalter's
    :math:`z = \sum (y-p)(1-2p) / \sqrt{\sum (1-2p)^2 p(1-p)}` [2]_. A certain
    prediction that is wrong makes the deviance infinite, and D and R2 with it. Both
    statistics take samples as independent; with `groups` their p values allow for
    residuals of a patient that agree, as that of `hosmer_lemeshow`.

    The limits take the sum over the I patients of the squared residuals of each
    estimate (Huber's sandwich for the intercepts and the slope, a ratio of totals for
    the Brier score and on the log scale for observed over expected), times
    :math:`I / (I - 1)`, and Student's t with :math:`I - 1` degrees of freedom. With
    another prevalence the classes are weighted to it; the intercept with slope moves by
    the difference of the log-odds of the two prevalences.

    References
    ----------
    .. [1] Harrell, Regression Modeling Strategies, 2nd ed., 2015, section 10.9 (rms
       ``val.prob``). ICI, E90 and Emax: Austin, Steyerberg, Stat Med
       2019;38:4051-4065.
    .. [2] Spiegelhalter, Stat Med 1986;5:421-433.

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
    share = positive.mean()
    check_confidence(confidence)
    check_prevalence(prevalence)
    unit = patient_codes(groups, len(proba))
    quantile = patient_quantile(unit, len(proba), confidence)
    line = logistic_line(logit(proba), positive)
    indexes = likelihood_indexes(positive, proba, line)
    z, z_p = spiegelhalter(positive, proba)
    if unit is not None:
        residual, spread = positive - proba, np.sqrt(proba * (1 - proba))
        of_z = (spread * (1 - 2 * proba))[:, None]
        z_p = p_by_patient(z**2, 1, of_z, residual, spread, unit)
        chi2_line = indexes["unreliability_chi2"]
        if np.isfinite(chi2_line):
            of_line = np.column_stack([spread, spread * logit(proba)])
            indexes["unreliability_p"] = p_by_patient(
                chi2_line, 2, of_line, residual, spread, unit
            )
    own = np.arange(len(proba)) if unit is None else unit
    limits = calibration_limits(positive, proba, line, own, quantile, prevalence)
    return CalibrationStatistics(
        dxy=2 * c - 1,
        c=c,
        brier=brier,
        brier_scaled=float(1 - brier / (share * (1 - share))),
        slope=line[1],
        emax=float(error.max()),
        e90=float(np.quantile(error, 0.9)),
        eavg=float(error.mean()),
        **indexes,
        spiegelhalter_z=z,
        spiegelhalter_p=z_p,
        **limits,
    )
