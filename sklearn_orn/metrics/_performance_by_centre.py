"""How good predictions are in each centre, and in centres like them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from sklearn_orn._readable import readable
from sklearn_orn._validation import check_probabilities, check_share, refuse_missing
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics._benefit_bands import (
    benefit_at,
    benefit_residual,
    standard_error,
)
from sklearn_orn.metrics._classes_and_subgroups import too_few
from sklearn_orn.metrics._clusters import (
    check_confidence,
    patient_codes,
    wald_quantile,
)
from sklearn_orn.metrics._logistic_fit import fit_shift
from sklearn_orn.metrics._parameters import of_metrics
from sklearn_orn.metrics._random_effects import Between, random_effects
from sklearn_orn.metrics._recalibration import recalibrate_score
from sklearn_orn.metrics._roc_auc import roc_auc_ci

MEASURES = ("auc", "calibration_in_the_large", "slope", "net_benefit")
SUMMARY = ("mean", "lower", "upper", "prediction_lower", "prediction_upper")


@readable
class PerformanceByCentre(NamedTuple):
    """Four measures in each centre, and their summary over the centres.

    Attributes
    ----------
    table : DataFrame
        One row per centre: ``n, patients, positive``; of each measure the value, its
        ``_lower`` and ``_upper``; and a ``note``.
    summary : DataFrame
        One row per measure: ``centres`` that count, ``mean, lower, upper,
        prediction_lower, prediction_upper, tau2, i2``.
    threshold : float
        That of the net benefit.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    threshold: float


@of_metrics
def performance_by_centre(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    centre: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    threshold: float = 0.5,
    method: Between = "reml",
    confidence: float = 0.95,
    pos_label: object = None,
) -> PerformanceByCentre:
    """Judge predictions in each centre, and summarise over the centres.

    Of probabilities by models that were fitted without the centre that they are for
    (``cross_val_predict`` with ``LeaveOneGroupOut``) this is internal-external
    cross-validation [1]_.

    Parameters
    ----------
    centre : array-like of shape (n_samples,)
        The centre of each sample.
    threshold : float, default=0.5
        Probability from which patients are treated, for the net benefit.
    method : {"reml", "dl"}, default="reml"
        Variance between centres, see `random_effects`.

    Returns
    -------
    PerformanceByCentre
        Named tuple ``table, summary, threshold``. The table has a row for each centre,
        sorted; the rows of the summary are ``auc``, ``calibration_in_the_large``,
        ``slope`` and ``net_benefit``. What a centre of one class cannot have is NaN,
        and does not count in the summary, nor does an AUC of 1 or 0, which has no
        standard error. A summary of fewer than two centres is NaN.

    Raises
    ------
    NotEstimable
        If all samples are of one centre.

    Notes
    -----
    The AUC is summarised on the logit scale and brought back [2]_, the others as they
    are. Calibration in the large is the intercept with the log-odds as an offset: 0 is
    right, and above 0 the outcome is more frequent than predicted. The net benefit
    depends on how frequent the outcome is in a centre; so does where it varies.

    Limits of a centre are those of `roc_auc_ci` and `decision_curve`; of the other two
    they use Student's t with as many degrees of freedom as patients but one.

    References
    ----------
    .. [1] Royston, Parmar, Sylvester, Stat Med 2004;23:907-926. Steyerberg, Harrell, J
       Clin Epidemiol 2016;69:245-247.
    .. [2] Debray et al., BMJ 2017;356:i6460. Snell, Ensor, Debray, Moons, Riley, Stat
       Methods Med Res 2018;27:3505-3522.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.metrics import performance_by_centre
    >>> rng = np.random.default_rng(0)
    >>> centre = np.repeat(["A", "B", "C"], 80)
    >>> proba = rng.uniform(0.05, 0.95, size=240)
    >>> y = rng.random(240) < proba
    >>> found = performance_by_centre(y, proba, centre)
    >>> found.table["auc"].round(2).tolist()
    [0.81, 0.86, 0.75]
    >>> found.summary.loc["slope", ["mean", "lower", "upper"]].round(1).tolist()
    [1.0, 0.4, 1.5]
    """
    check_confidence(confidence)
    check_share(threshold, "threshold")
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    unit = patient_codes(groups, len(proba))
    codes, names = sorted_codes(centre, len(proba))
    rows, errors = [], []
    for code in range(len(names)):
        here = codes == code
        own = np.arange(here.sum()) if unit is None else unit[here]
        own = np.unique(own, return_inverse=True)[1]
        values, error = _centre(positive[here], proba[here], own, threshold, confidence)
        rows.append(values)
        errors.append(error)
    table = pd.DataFrame(rows, index=list(names))
    summary = pd.DataFrame(
        [
            _summary(
                table[measure].to_numpy(dtype=float),
                np.array([error[measure] for error in errors]),
                on_logit=measure == "auc",
                method=method,
                confidence=confidence,
            )
            for measure in MEASURES
        ],
        index=list(MEASURES),
    )
    return PerformanceByCentre(table, summary, float(threshold))


def sorted_codes(
    labels: ArrayLike, n: int, name: str = "centre"
) -> tuple[np.ndarray, pd.Index]:
    """Return the number of each sample's centre, or batch, and these sorted."""
    labels = np.asarray(labels, dtype=object)
    if labels.shape != (n,):
        raise ValueError(
            f"{name} must name the {name} of each of the {n} samples, got an array of "
            f"shape {labels.shape}."
        )
    refuse_missing(labels, name, f"Give each sample its {name}.")
    codes, names = pd.factorize(labels, sort=True)
    if len(names) < 2:
        raise NotEstimable(f"All samples are of one {name}.")
    return codes, pd.Index(names)


def _centre(
    positive: np.ndarray,
    proba: np.ndarray,
    unit: np.ndarray,
    threshold: float,
    confidence: float,
) -> tuple[dict[str, object], dict[str, float]]:
    """Return a row of the table, and the standard errors of the summary's scale."""
    n = len(proba)
    nothing = (np.nan,) * 3
    found = dict.fromkeys(MEASURES, nothing)
    error = dict.fromkeys(MEASURES, np.nan)
    if 0 < positive.sum() < n:
        auc = roc_auc_ci(positive, proba, groups=unit, confidence=confidence)
        found["auc"] = auc[:3]
        if 0 < auc.auc < 1:
            error["auc"] = auc.se / (auc.auc * (1 - auc.auc))
        with np.errstate(divide="ignore"):
            score = logit(proba)
        if np.isfinite(score).all():
            shift = fit_shift(score, positive, unit, confidence)
            found["calibration_in_the_large"] = (shift[0], shift[1], shift[2])
        line = recalibrate_score(score, positive, unit, confidence)
        found["slope"] = (line.slope, line.slope_lower, line.slope_upper)
        for name in ("calibration_in_the_large", "slope"):
            width = found[name][2] - found[name][1]
            error[name] = width / (2 * wald_quantile(unit, confidence))
    found["net_benefit"] = benefit_at(positive, proba, threshold, unit, confidence)
    residual = benefit_residual(positive, proba >= threshold, threshold, None)
    error["net_benefit"] = standard_error(residual, unit)
    row: dict[str, object] = {
        "n": n,
        "patients": int(unit.max()) + 1,
        "positive": int(positive.sum()),
    }
    for name in MEASURES:
        names = (name, f"{name}_lower", f"{name}_upper")
        row |= dict(zip(names, map(float, found[name]), strict=True))
    return row | {"note": too_few(positive, unit)}, error


def _summary(
    values: np.ndarray,
    errors: np.ndarray,
    *,
    on_logit: bool,
    method: Between,
    confidence: float,
) -> dict[str, float]:
    usable = np.isfinite(errors) & (errors > 0)  # of what has a value
    row: dict[str, float] = {"centres": int(usable.sum())}
    if usable.sum() < 2:
        return row | dict.fromkeys((*SUMMARY, "tau2", "i2"), np.nan)
    used = logit(values[usable]) if on_logit else values[usable]
    found = random_effects(used, errors[usable], method=method, confidence=confidence)
    for name in SUMMARY:
        value = getattr(found, name)
        row[name] = float(expit(value)) if on_logit else value
    return row | {"tau2": found.tau2, "i2": found.i2}
