"""A published or stored model on data that it has not seen: how good, how to update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from scipy.stats import rankdata

from sklearn_orn._validation import check_probabilities, float_array
from sklearn_orn.metrics._clusters import check_confidence, patient_codes
from sklearn_orn.metrics._logistic_fit import Shift, fit_shift, refit_all
from sklearn_orn.metrics._recalibration import Recalibration, recalibrate_score
from sklearn_orn.metrics._roc_auc import RocAuc, roc_auc_ci
from sklearn_orn.metrics._validation_result import ExternalValidation, ModelUpdate

APPARENT = ("auc", "brier", "calibration_in_the_large", "calibration_slope")
NO_PREDICTORS = "the model's predictors were not given"


def external_validation(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    predictors: pd.DataFrame | ArrayLike | None = None,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    pos_label: object = None,
) -> ExternalValidation:
    r"""Judge a model on data that it has not seen, and update it in three ways.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome with two labels.
    y_proba : array-like of shape (n_samples,)
        Probability of the positive class, by the model.
    predictors : DataFrame or array-like, default=None
        The features that the model uses, of shape (n_samples, n_predictors), for the
        refit of its coefficients; None leaves it out.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample; None takes each sample for a patient of its own,
        and the intervals are too narrow if it is not.
    confidence : float, default=0.95
        Level of the intervals.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

    Returns
    -------
    ExternalValidation
        As text it is a short table.

    Raises
    ------
    ValueError
        If there is one class only, a missing value, or unequal lengths.

    See Also
    --------
    sklearn_orn.model.validate_externally : The same for a model and its X.

    Notes
    -----
    With the model's log-odds :math:`s`, calibration in the large is the :math:`a` of
    :math:`\mathrm{logit} P(y) = a + s` [1]_, and calibration intercept and slope those
    of :math:`a + b s`. They are also the first two updates; the third estimates
    all coefficients by maximum likelihood [2]_. The intervals of
    :math:`a` and :math:`b` are Wald's, with groups from the sandwich of the scores
    summed by patient.

    What an update gains on the data that it was fitted to is no gain on others: its
    performance here is apparent. The more is estimated, the more it flatters.

    References
    ----------
    .. [1] Cox, Biometrika 1958;45:562-565.
    .. [2] Steyerberg, Borsboom, van Houwelingen, Eijkemans, Habbema, Stat Med
       2004;23:2567-2586.

    Examples
    --------
    >>> from sklearn_orn.metrics import external_validation
    >>> y, proba = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.2, 0.3, 0.4, 0.6]
    >>> result = external_validation(y, proba)
    >>> round(result.calibration_in_the_large.estimate, 2)
    0.98

    The predictions were too low; the first update adds that to the log-odds. Without
    the predictors there is no refit:

    >>> [update.reason for update in result.updates]
    ['', '', "the model's predictors were not given"]
    """
    check_confidence(confidence)
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    with np.errstate(divide="ignore"):
        score = logit(proba)
    names, values = checked_predictors(predictors, len(score))
    return validate_score(
        positive, score, names, values, groups=groups, confidence=confidence
    )


def checked_predictors(
    predictors: ArrayLike | None, n: int
) -> tuple[list[str], np.ndarray | None]:
    """Return names and values of predictors, after a check."""
    if predictors is None:
        return [], None
    values = float_array(predictors, "predictors")
    if values.ndim != 2 or len(values) != n:
        raise ValueError(
            f"predictors must be a table of {n} rows, one for each sample, got an "
            f"array of shape {values.shape}."
        )
    columns = getattr(predictors, "columns", range(values.shape[1]))
    columns = getattr(predictors, "column_names", columns)  # of pyarrow
    names = [c if isinstance(c, str) else f"x{c}" for c in columns]
    bad = ~np.isfinite(values).all(axis=0)
    if bad.any():
        raise ValueError(
            f"predictors has missing or infinite values in {names[int(bad.argmax())]!r}"
            ". Leave these samples out or mend them."
        )
    return names, values


def validate_score(
    positive: np.ndarray,
    score: np.ndarray,
    names: Sequence[str],
    predictors: np.ndarray | None,
    *,
    groups: ArrayLike | None,
    confidence: float,
) -> ExternalValidation:
    """Judge and update checked log-odds, which may be too large for probabilities."""
    unit = patient_codes(groups, len(score))
    finite = bool(np.isfinite(score).all())
    shift = Shift(np.nan, np.nan, np.nan)
    if finite:
        shift = fit_shift(score, positive, unit, confidence)
    line = recalibrate_score(score, positive, unit, confidence)
    reason = "" if finite else "the model gives probabilities of exactly 0 or 1"
    proba, share = expit(score), positive.mean()
    brier = float(np.mean((proba - positive) ** 2))
    expected = float(proba.sum())
    return ExternalValidation(
        n_samples=len(score),
        n_positive=int(positive.sum()),
        n_patients=None if unit is None else int(unit.max()) + 1,
        confidence=confidence,
        auc=_auc(positive, score, groups, confidence),
        calibration_in_the_large=shift,
        recalibration=line,
        brier=brier,
        brier_scaled=float(1 - brier / (share * (1 - share))),
        observed_expected=float(positive.sum()) / expected if expected else np.inf,
        updates=(
            _shifted(positive, score, shift.estimate, reason),
            _stretched(positive, score, line, reason),
            _refit(positive, names, predictors),
        ),
    )


def _auc(
    positive: np.ndarray, score: np.ndarray, groups: ArrayLike | None, confidence: float
) -> RocAuc:
    # Ranks: the log-odds of a probability of 0 or 1 are infinite.
    return roc_auc_ci(positive, rankdata(score), groups=groups, confidence=confidence)


def _shifted(
    positive: np.ndarray, score: np.ndarray, shift: float, reason: str
) -> ModelUpdate:
    return ModelUpdate(
        "intercept", shift, 1.0, {}, **_apparent(positive, score + shift), reason=reason
    )


def _stretched(
    positive: np.ndarray, score: np.ndarray, line: Recalibration, reason: str
) -> ModelUpdate:
    if not reason and np.isnan(line.slope):
        reason = "the scores separate the classes"
        if score.min() == score.max():
            reason = "all samples have the same score"
    return ModelUpdate(
        "intercept and slope",
        line.intercept,
        line.slope,
        {},
        **_apparent(positive, line.intercept + line.slope * score),
        reason=reason,
    )


def _refit(
    positive: np.ndarray, names: Sequence[str], predictors: np.ndarray | None
) -> ModelUpdate:
    if predictors is None:
        nothing = _apparent(positive, np.full(len(positive), np.nan))
        return ModelUpdate("refit", np.nan, np.nan, {}, **nothing, reason=NO_PREDICTORS)
    fit = refit_all(predictors, positive)
    return ModelUpdate(
        "refit",
        fit.intercept,
        np.nan,
        dict(zip(names, fit.coefficients.tolist(), strict=True)),
        **_apparent(positive, fit.intercept + predictors @ fit.coefficients),
        reason=fit.reason,
    )


def _apparent(positive: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """Measure an update on the data that it was fitted to."""
    if not np.isfinite(score).all():
        return dict.fromkeys(APPARENT, np.nan)
    line = recalibrate_score(score, positive, None, 0.95)
    return {
        "auc": _auc(positive, score, None, 0.95).auc,
        "brier": float(np.mean((expit(score) - positive) ** 2)),
        "calibration_in_the_large": fit_shift(score, positive, None, 0.95).estimate,
        "calibration_slope": line.slope,
    }
