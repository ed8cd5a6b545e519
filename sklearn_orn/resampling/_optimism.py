"""How much better a pipeline looks than it is: out-of-bag, .632+ and Harrell's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._final_step import final_step
from sklearn_orn._readable import readable
from sklearn_orn._types import Classifier, Seed
from sklearn_orn._validation import check_share, name_list
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics.shared import patient_codes
from sklearn_orn.resampling._fitting import (
    check_outcome,
    count_up,
    failure_reason,
    report_failures,
    run_all,
)
from sklearn_orn.resampling._indexes import (
    INDEXES,
    Judged,
    calibration_at,
    validation_indexes,
)
from sklearn_orn.resampling._optimism_tables import calibration_table, index_table
from sklearn_orn.resampling._out_of_bag_632 import (
    Metric,
    all_together,
    out_of_bag_pairs,
    out_of_bag_values,
    plus_632,
    without_information,
)
from sklearn_orn.resampling._parameters import of_resampling
from sklearn_orn.resampling._prediction_instability import (
    GRID,
    Instability,
    make_instability,
)
from sklearn_orn.resampling._refits import Refit, Refits, refit


@readable
@dataclass(frozen=True, eq=False)
class Optimism:
    """Apparent and bias-corrected performance of a pipeline.

    Attributes
    ----------
    indexes : DataFrame
        One row per metric: ``apparent`` (fitted to and judged on all samples);
        ``training`` and ``test`` (means over resamples of the pipeline fitted to a
        resample, judged on it and on the original samples), ``optimism`` = training -
        test and ``corrected`` = apparent - optimism, which are Harrell's;
        ``out_of_bag``, judged on the patients not drawn; ``plus_632``, the .632+
        estimate; and ``n``, the resamples in which training and test value exist.
    calibration : DataFrame
        The calibration curve: ``predicted, apparent, corrected`` (Harrell's) and
        ``out_of_bag``, that of all predictions of patients not drawn.
    instability : Instability
        How far the refits move the prediction for each sample.
    predictions : ndarray of shape (n_resamples, n_samples)
        Probability that each refit gives each sample.
    n_resamples : int
        Resamples that could be fitted.
    n_out_of_bag : int
        Those among them whose patients not drawn have both classes.
    failures : dict of str to int
        Why others could not, and how many.
    warnings : dict of str to int
        What the steps warned of, and in how many resamples.
    unit : str
        What was resampled: "patients" or "samples".
    """

    indexes: pd.DataFrame
    calibration: pd.DataFrame
    instability: Instability
    predictions: np.ndarray
    n_resamples: int
    n_out_of_bag: int
    failures: dict[str, int]
    warnings: dict[str, int]
    unit: str


@dataclass(frozen=True, eq=False)
class _Judge:
    """Everything that is measured of one set of predictions."""

    metrics: Mapping[str, Metric]
    grid: np.ndarray

    def __call__(
        self, positive: np.ndarray, proba: np.ndarray, *grids: np.ndarray
    ) -> Judged:
        """Return the indexes, and the calibration on the own and on other grids."""
        values = validation_indexes(positive, proba)
        outcome = positive.astype(int)
        for name, metric in self.metrics.items():
            values[name] = float(metric(outcome, proba))
        return values, calibration_at(positive, proba, self.grid, *grids)


def _grid(proba: np.ndarray) -> np.ndarray:
    """50 probabilities between the fifth lowest and the fifth highest, as rms."""
    inner = min(4, (len(proba) - 1) // 2)
    ordered = np.sort(proba)
    return np.linspace(ordered[inner], ordered[-1 - inner], 50)


def _judged(
    judge: _Judge, positive: np.ndarray, refit: Refit
) -> tuple[Judged, Judged] | str:
    """Judge on the resample and on all samples, or say why that cannot be."""
    try:
        # Prediction treats each row by itself: those of the resample are among all.
        training = judge(positive[refit.rows], refit.proba[refit.rows])
        return training, judge(positive, refit.proba, GRID)
    except NotEstimable as error:
        return failure_reason(error)


def _chosen_metrics(
    metrics: Sequence[str] | Mapping[str, Metric] | None,
) -> tuple[list[str], dict[str, Metric]]:
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


@of_resampling
def optimism(
    pipeline: Classifier,
    X: object,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    metrics: Sequence[str] | Mapping[str, Metric] | None = None,
    n_resamples: int | ArrayLike = 200,
    threshold: float | None = None,
    random_state: Seed = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Optimism:
    r"""Correct the performance of a pipeline for its optimism, by the bootstrap.

    The whole pipeline (reproducibility filter, selection, LASSO with its inner
    cross-validation) is fitted anew on each resample of patients, and judged on the
    patients that were not drawn, by the .632+ rule and by Harrell's. Images are
    measured once.

    Parameters
    ----------
    metrics : sequence of str or dict, default=None
        Any of ``"auc", "dxy", "r2", "brier", "intercept", "slope", "emax", "d", "u",
        "q", "g", "gp"``, None takes all; or a dict of names to functions of
        ``(y_true, y_proba)`` with y_true of 0 and 1.
    n_resamples : int or array-like of int, default=200
        Number of resamples, or their rows counted from 0, of shape
        (n_resamples, n_rows).
    threshold : float, default=None
        Probability from which a sample is called positive, for the instability of the
        classification. None takes the ``threshold_`` of the pipeline fitted to all
        samples, or 0.5 where it has none.
    random_state : int, RandomState instance or None, default=None
        Seed of the resamples.
    verbose : int, default=0
        1 shows a progress bar over the resamples.

    Returns
    -------
    Optimism
        ``indexes``, ``calibration``, ``instability``, ``predictions``,
        ``n_resamples``, ``n_out_of_bag``, ``failures``, ``warnings`` and ``unit``.

    Raises
    ------
    NotEstimable
        If y holds one class only, or fewer than two resamples could be fitted.
    ValueError
        If the threshold is not between 0 and 1.

    Warns
    -----
    StudyWarning
        If some resamples could not be fitted, with the reason; they do not count.

    Notes
    -----
    Harrell's ``corrected`` = apparent - mean(training - test) [1]_. The test samples
    are the original ones, and 63 % of their patients have trained the refit: where a
    pipeline chooses among many features it remains far too good, on noise too
    (AUC 0.77 where the truth is 0.50, see the page on operating characteristics). A
    plain logistic model gives rms's ``validate`` and ``calibrate``: R2, D, g and gp are
    those of the probabilities after recalibration on the samples they are judged on;
    Emax follows from intercept and slope (its optimism is apparent - corrected;
    ``validate`` prints the opposite sign).

    ``out_of_bag`` judges each refit on the patients that it has not seen: AUC, Dxy and
    own metrics as a mean over the resamples whose rest has both classes; the other
    indexes of all these predictions together, since a calibration line through a
    handful of samples says nothing.

    ``plus_632`` = (1 - w) apparent + w out-of-bag with :math:`w = 0.632 / (1 -
    0.368 R)` and the relative overfitting :math:`R` = (apparent - out-of-bag) /
    (apparent - nothing) between 0 and 1 [2]_ [3]_. An out-of-bag value worse than
    nothing stands as it is, with w = 1; Efron and Tibshirani put nothing in its place,
    which cuts one side of what is chance: on noise the AUC is then 0.53 on average
    instead of 0.51. Nothing is 0.5 for the AUC, 0 for Dxy, R2 and slope, and for
    the Brier score the mean over all pairs of an outcome and a probability. The
    intercept has the weight of the slope. For other metrics it is NaN.

    The copies of a patient keep one group, so inner folds never split them. No
    interval is given: the resamples show how the refits vary, not how far the estimate
    is from the truth.

    References
    ----------
    .. [1] Harrell, Lee, Mark, Stat Med 1996;15:361-387.
    .. [2] Efron, Tibshirani, J Am Stat Assoc 1997;92:548-560.
    .. [3] Iba, Shinozaki, Maruo, Noma, BMC Med Res Methodol 2021;21:9.

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
    if threshold is not None:
        check_share(threshold, "threshold")
    _chosen_metrics(metrics)
    outcome, _ = check_outcome(y)
    codes = patient_codes(groups, len(outcome))
    refits = refit(
        pipeline,
        X,
        outcome,
        codes=codes,
        # Without patients a sample is one: its copies must not stand in two folds.
        unit=np.arange(len(outcome)) if codes is None else codes,
        n_resamples=n_resamples,
        random_state=random_state,
        n_jobs=n_jobs,
        verbose=verbose,
        selects=False,
        predicts=True,
    )
    return optimism_of(refits, metrics=metrics, threshold=threshold, n_jobs=n_jobs)


def optimism_of(
    refits: Refits,
    *,
    metrics: Sequence[str] | Mapping[str, Metric] | None,
    threshold: float | None = None,
    n_jobs: int | None,
) -> Optimism:
    """Correct the performance of a pipeline that is fitted to resamples."""
    names, functions = _chosen_metrics(metrics)
    proba, codes = refits.proba, refits.codes
    positive = refits.outcome == np.unique(refits.outcome)[1]
    judge = _Judge(functions, _grid(proba))
    fitted = [each for each in refits.resamples if isinstance(each, Refit)]
    judged = run_all(
        _judged,
        ((judge, positive, each) for each in fitted),
        n_jobs=n_jobs,
        verbose=0,
        description="",
    )
    told = iter(judged)
    reasons = [
        each if isinstance(each, str) else next(told) for each in refits.resamples
    ]
    failures = count_up(reason for reason in reasons if isinstance(reason, str))
    kept = [
        (each, *values)
        for each, values in zip(fitted, judged, strict=True)
        if not isinstance(values, str)
    ]
    report_failures(len(refits.resamples), len(kept), failures)
    cut = threshold
    if cut is None:
        cut = float(getattr(final_step(refits.whole), "threshold_", 0.5))
    used = [each for each, _, _ in kept]
    predictions = np.array([each.proba for each in used])
    values, (curve,) = judge(positive, proba)
    unit = np.arange(len(proba)) if codes is None else codes
    pairs = out_of_bag_pairs(positive, unit, [each.rows for each in used], predictions)
    rest = out_of_bag_values(pairs, functions)
    training = [on_resample for _, on_resample, _ in kept]
    test = [on_all for _, _, on_all in kept]
    plus = plus_632(values, rest, without_information(positive, proba))
    return Optimism(
        index_table(values, training, test, rest, plus).loc[names],
        calibration_table(judge.grid, curve, training, test).assign(
            out_of_bag=calibration_at(*all_together(pairs), judge.grid)[0]
            if pairs
            else np.nan
        ),
        make_instability(positive, proba, predictions, cut, [t[1][1] for t in test]),
        predictions,
        len(used),
        len(pairs),
        failures,
        count_up(text for each in used for text in sorted(each.warnings)),
        "samples" if codes is None else "patients",
    )
