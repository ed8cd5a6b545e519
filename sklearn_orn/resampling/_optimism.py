"""Harrell's optimism: how much better a pipeline looks than it is."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics._clusters import check_confidence, patient_codes
from sklearn_orn.resampling._bootstrap import patient_resamples
from sklearn_orn.resampling._fitting import (
    check_outcome,
    count_up,
    extracted_once,
    failure_reason,
    failures_text,
    fit_quietly,
    positive_probability,
    run_all,
)
from sklearn_orn.resampling._indexes import (
    INDEXES,
    calibration_at,
    validation_indexes,
)
from sklearn_orn.resampling._optimism_tables import calibration_table, index_table

Metric = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, eq=False)
class Optimism:
    """Apparent and bias-corrected performance of a pipeline.

    Attributes
    ----------
    indexes : DataFrame
        One row per metric: ``apparent`` (fitted to and judged on all samples),
        ``training`` and ``test`` (means over resamples of the pipeline fitted to a
        resample, judged on it and on the original samples), ``optimism`` = training -
        test, ``corrected`` = apparent - optimism, ``lower, upper`` and ``n``, the
        resamples in which the metric exists.
    calibration : DataFrame
        The calibration curve: ``predicted, apparent, corrected``.
    n_resamples : int
        Resamples that could be fitted.
    failures : dict of str to int
        Why others could not, and how many.
    warnings : dict of str to int
        What the steps warned of, and in how many resamples.
    unit : str
        What was resampled: "patients" or "samples".
    """

    indexes: pd.DataFrame
    calibration: pd.DataFrame
    n_resamples: int
    failures: dict[str, int]
    warnings: dict[str, int]
    unit: str


@dataclass(frozen=True, eq=False)
class _Judge:
    """Everything that is measured of one set of predictions."""

    metrics: Mapping[str, Metric]
    grid: np.ndarray

    def __call__(
        self, positive: np.ndarray, proba: np.ndarray
    ) -> tuple[dict[str, float], np.ndarray]:
        values = validation_indexes(positive, proba)
        outcome = positive.astype(int)
        for name, metric in self.metrics.items():
            values[name] = float(metric(outcome, proba))
        return values, calibration_at(positive, proba, self.grid)


def _grid(proba: np.ndarray) -> np.ndarray:
    """50 probabilities between the fifth lowest and the fifth highest, as rms."""
    inner = min(4, (len(proba) - 1) // 2)
    ordered = np.sort(proba)
    return np.linspace(ordered[inner], ordered[-1 - inner], 50)


def _judge_resample(
    learning: Any,
    data: Any,
    y: np.ndarray,
    positive: np.ndarray,
    unit: np.ndarray,
    rows: np.ndarray,
    judge: _Judge,
) -> Any:
    """Training and test values of one resample, or why it cannot be fitted."""
    try:
        fitted, weak = fit_quietly(learning, data, y, unit, rows)
        # Prediction treats each row by itself: those of the resample are among all.
        proba = positive_probability(fitted, data)
        return judge(positive[rows], proba[rows]), judge(positive, proba), set(weak)
    except ValueError as error:
        return failure_reason(error)


def _chosen_metrics(metrics: Any) -> tuple[list[str], dict[str, Metric]]:
    """Return the names of the rows, and the functions among them."""
    if metrics is None:
        return list(INDEXES), {}
    functions = dict(metrics) if isinstance(metrics, Mapping) else {}
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    unknown = [n for n in names if n not in INDEXES and n not in functions]
    if unknown:
        raise ValueError(
            f"metrics names {name_list(unknown)}. Known are {', '.join(INDEXES)}; for "
            "others pass a dict name -> function of (y_true, y_proba)."
        )
    return names, functions


def optimism(
    pipeline: Any,
    X: Any,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    metrics: Sequence[str] | Mapping[str, Metric] | None = None,
    n_resamples: int | ArrayLike = 200,
    confidence: float = 0.95,
    random_state: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Optimism:
    r"""Correct the performance of a pipeline for its optimism, by the bootstrap.

    The whole pipeline (reproducibility filter, selection, LASSO with its inner
    cross-validation) is fitted anew on each resample of patients. Images are measured
    once.

    Parameters
    ----------
    pipeline : estimator
        Classifier or Pipeline with `predict_proba`. It is not changed.
    X : data
        Its input.
    y : array-like of shape (n_samples,)
        Outcome of two labels; the larger one is positive.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample; None makes each sample a patient.
    metrics : sequence of str or dict, default=None
        Any of ``"auc", "dxy", "r2", "brier", "intercept", "slope", "emax", "d", "u",
        "q", "g", "gp"``, None takes all; or a dict of names to functions of
        ``(y_true, y_proba)`` with y_true of 0 and 1.
    n_resamples : int or array-like of int, default=200
        Number of resamples, or their rows counted from 0, of shape
        (n_resamples, n_rows).
    confidence : float, default=0.95
        Level of the intervals.
    random_state : int, RandomState instance or None, default=None
        Seed of the resamples.
    n_jobs : int, default=None
        Number of processes.
    verbose : int, default=0
        1 shows a progress bar over the resamples.

    Returns
    -------
    Optimism
        ``indexes``, ``calibration``, ``n_resamples``, ``failures``, ``warnings`` and
        ``unit``.

    Raises
    ------
    ValueError
        If fewer than two resamples could be fitted.

    Warns
    -----
    StudyWarning
        If some resamples could not be fitted, with the reason; they do not count.

    Notes
    -----
    Corrected = apparent - mean(training - test) [1]_. The copies of a patient keep one
    group, so inner folds never split them. A plain logistic model gives rms's
    ``validate`` and ``calibrate``: R2, D, g and gp are those of the probabilities after
    recalibration on the samples they are judged on; Emax follows from intercept and
    slope (its optimism is apparent - corrected; ``validate`` prints the opposite sign).

    The interval is the percentile interval of the training values, moved by the
    optimism [2]_. It is somewhat too narrow for small samples and strong selection,
    and NaN where the training values are all equal, as intercept and slope of an
    unpenalised fit.

    References
    ----------
    .. [1] Harrell, Lee, Mark, Stat Med 1996;15:361-387.
    .. [2] Noma, Shinozaki, Iba, Teramukai, Furukawa, Stat Med 2021;40:5691-5701.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_orn.resampling import optimism
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 5))
    >>> y = (X[:, 0] + rng.normal(size=60) > 0).astype(int)
    >>> result = optimism(
    ...     LogisticRegression(C=1e9), X, y, n_resamples=50, random_state=0
    ... )
    >>> result.indexes.loc[["auc", "slope"], ["apparent", "corrected"]].round(2)
           apparent  corrected
    auc        0.84       0.79
    slope      1.00       0.71
    """
    check_confidence(confidence)
    names, functions = _chosen_metrics(metrics)
    outcome, label = check_outcome(y)
    positive = outcome == label
    codes = patient_codes(groups, len(outcome))
    # Without patients a sample is one: its copies must not stand in two inner folds.
    unit = np.arange(len(outcome)) if codes is None else codes
    resamples = patient_resamples(outcome, codes, n_resamples, random_state)
    with extracted_once(pipeline, X) as (learning, data):
        whole, _ = fit_quietly(learning, data, outcome, codes, slice(None))
        proba = positive_probability(whole, data)
        judge = _Judge(functions, _grid(proba))
        results = run_all(
            _judge_resample,
            (
                (learning, data, outcome, positive, unit, rows, judge)
                for rows in resamples
            ),
            n_jobs=n_jobs,
            verbose=verbose,
            description="bootstrap",
        )
    fitted = [result for result in results if not isinstance(result, str)]
    failures = count_up(result for result in results if isinstance(result, str))
    _report_failures(len(results), len(fitted), failures)
    apparent = judge(positive, proba)
    training = [result[0] for result in fitted]
    test = [result[1] for result in fitted]
    return Optimism(
        index_table(apparent[0], training, test, confidence).loc[names],
        calibration_table(judge.grid, apparent[1], training, test),
        len(fitted),
        failures,
        count_up(text for result in fitted for text in sorted(result[2])),
        "samples" if codes is None else "patients",
    )


def _report_failures(total: int, n_fitted: int, failures: dict[str, int]) -> None:
    if n_fitted < 2:
        raise ValueError(
            f"{n_fitted} of {total} resamples could be fitted: "
            f"{failures_text(failures)}."
        )
    if failures:
        warnings.warn(
            f"{total - n_fitted} of {total} resamples could not be fitted and do not "
            f"count: {failures_text(failures)}.",
            StudyWarning,
            stacklevel=3,
        )
