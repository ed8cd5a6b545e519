"""A published or stored model on data that it has not seen: how good, how to update."""

from __future__ import annotations

from collections.abc import Sequence

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

NO_PREDICTORS = "the model's predictors were not given"


def judge_predictions(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    predictors: pd.DataFrame | ArrayLike | None,
    groups: ArrayLike | None,
    confidence: float,
    pos_label: object,
) -> ExternalValidation:
    """Judge and update probabilities, as `ExternalValidation.from_predictions`."""
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
        "intercept", shift, 1.0, {}, *_apparent(positive, score + shift), reason=reason
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
        *_apparent(positive, line.intercept + line.slope * score),
        reason=reason,
    )


def _refit(
    positive: np.ndarray, names: Sequence[str], predictors: np.ndarray | None
) -> ModelUpdate:
    if predictors is None:
        nothing = _apparent(positive, np.full(len(positive), np.nan))
        return ModelUpdate("refit", np.nan, np.nan, {}, *nothing, reason=NO_PREDICTORS)
    fit = refit_all(predictors, positive)
    return ModelUpdate(
        "refit",
        fit.intercept,
        np.nan,
        dict(zip(names, fit.coefficients.tolist(), strict=True)),
        *_apparent(positive, fit.intercept + predictors @ fit.coefficients),
        reason=fit.reason,
    )


def _apparent(
    positive: np.ndarray, score: np.ndarray
) -> tuple[float, float, float, float]:
    """Return AUC, Brier score, shift and slope on the data of the fit."""
    if not np.isfinite(score).all():
        return np.nan, np.nan, np.nan, np.nan
    line = recalibrate_score(score, positive, None, 0.95)
    return (
        _auc(positive, score, None, 0.95).auc,
        float(np.mean((expit(score) - positive) ** 2)),
        fit_shift(score, positive, None, 0.95).estimate,
        line.slope,
    )
