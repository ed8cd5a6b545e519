"""One fit for each resample, for all who ask what it chooses or predicts."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline

from sklearn_orn._types import Classifier, Seed
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics.shared import patient_codes
from sklearn_orn.resampling._bootstrap import patient_resamples
from sklearn_orn.resampling._fitting import (
    check_outcome,
    extracted_once,
    failure_reason,
    fit_quietly,
    positive_probability,
    run_all,
)


@dataclass(frozen=True, eq=False)
class Refit:
    """What a pipeline does that was fitted to the `rows` of a resample.

    `passed` has the features behind each selecting step, `proba` the probability of
    each sample, drawn or not.
    """

    rows: np.ndarray
    passed: dict[str, list[str]]
    proba: np.ndarray
    warnings: set[str]


class _Whole(NamedTuple):
    """The fit to all samples, and their probabilities."""

    fitted: Classifier
    proba: np.ndarray


@dataclass(frozen=True, eq=False)
class Refits:
    """A pipeline fitted to all samples, and to each resample or why not."""

    outcome: np.ndarray
    codes: np.ndarray | None
    whole: Classifier
    proba: np.ndarray
    resamples: list[Refit | str]

    def first(self, n: int) -> "Refits":
        """Return those of the first resamples, which fewer would have been."""
        return replace(self, resamples=self.resamples[:n])


def passed_steps(fitted: Pipeline) -> dict[str, list[str]]:
    """Names of the features that passed each selecting step."""
    passed = {}
    for i, (name, step) in enumerate(fitted.steps):
        if hasattr(step, "selected_predictors_"):
            passed[name] = [str(predictor) for predictor in step.selected_predictors_]
        elif hasattr(step, "selected_features_"):
            passed[name] = [str(feature) for feature in step.selected_features_]
        elif hasattr(step, "get_support"):
            passed[name] = fitted[: i + 1].get_feature_names_out().astype(str).tolist()
    return passed


class _Task(NamedTuple):
    """What is asked of each fit."""

    learning: Classifier
    data: object
    y: np.ndarray
    selects: bool
    predicts: bool


def _refit(
    task: _Task, groups: np.ndarray | None, rows: np.ndarray | None
) -> Refit | _Whole | str:
    """Fit to one resample, or say why it cannot be fitted; all samples must be."""
    learning, data, y, selects, predicts = task
    drawn = slice(None) if rows is None else rows
    try:
        fitted, weak = fit_quietly(learning, data, y, groups, drawn)
        passed = passed_steps(fitted) if selects else {}
        proba = positive_probability(fitted, data) if predicts else np.empty(0)
    except NotEstimable as error:
        if rows is None:
            raise
        return failure_reason(error)
    if rows is not None:
        return Refit(rows, passed, proba, set(weak))
    if selects and not passed:
        raise ValueError("No step of the pipeline selects features.")
    return _Whole(fitted, proba)


def refit(
    pipeline: Classifier,
    X: object,
    outcome: np.ndarray,
    *,
    codes: np.ndarray | None,
    unit: np.ndarray | None,
    n_resamples: int | ArrayLike,
    random_state: Seed,
    n_jobs: int | None,
    verbose: int = 0,
    selects: bool,
    predicts: bool,
) -> Refits:
    """Fit a pipeline to all samples, with `codes`, and to resamples, with `unit`."""
    resamples = patient_resamples(outcome, codes, n_resamples, random_state)
    with extracted_once(pipeline, X) as (learning, data):
        if selects:
            assert isinstance(learning, Pipeline)  # `stability` makes one
            learning.set_output(transform="pandas")
        task = _Task(learning, data, outcome, selects, predicts)
        whole, *results = run_all(
            _refit,
            [(task, codes, None), *((task, unit, rows) for rows in resamples)],
            n_jobs=n_jobs,
            verbose=verbose,
            description="bootstrap",
        )
    assert isinstance(whole, _Whole)
    drawn = [each for each in results if not isinstance(each, _Whole)]
    return Refits(outcome, codes, *whole, drawn)


def refit_patients(
    pipeline: Pipeline,
    X: object,
    y: np.ndarray,
    *,
    groups: np.ndarray,
    n_resamples: int,
    random_state: Seed,
    n_jobs: int | None,
    selects: bool,
) -> Refits:
    """Fit a pipeline that predicts, for `optimism_of`; if it `selects`, for both."""
    outcome, _ = check_outcome(y)
    codes = patient_codes(groups, len(outcome))
    return refit(
        pipeline,
        X,
        outcome,
        codes=codes,
        unit=codes,
        n_resamples=n_resamples,
        random_state=random_state,
        n_jobs=n_jobs,
        selects=selects,
        predicts=True,
    )
