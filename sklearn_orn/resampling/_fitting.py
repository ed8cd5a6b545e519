"""Fit a pipeline many times: images measured once, patients handed on."""

import re
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import joblib
import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from sklearn_orn._progress import track
from sklearn_orn._refitting import clone_to_refit, fit_with_groups
from sklearn_orn._study_warnings import warn
from sklearn_orn._types import Classifier
from sklearn_orn._validation import refuse_missing
from sklearn_orn._workers import in_workers
from sklearn_orn.exceptions import NotEstimable, StudyWarning

Result = TypeVar("Result")


@contextmanager
def extracted_once(
    estimator: Classifier, X: object
) -> Iterator[tuple[Classifier, object]]:
    """Run the steps that look at one row at a time, for all resamples together.

    Yields the unfitted steps that learn from other rows, and their input. Leading steps
    with the class attribute ``row_wise`` run once. An extractor deeper inside (in a
    `ColumnTransformer`) measures each lesion once, through a temporary cache, if it has
    none of its own.
    """
    learning, data = clone(estimator), X
    if isinstance(estimator, Pipeline):
        steps = [getattr(step, "row_wise", False) for _, step in estimator.steps]
        n_row_wise = [*steps, False].index(False)
        if n_row_wise:
            data = clone(estimator[:n_row_wise]).fit_transform(X)
            learning = clone(estimator[n_row_wise:])
    with tempfile.TemporaryDirectory() as folder:
        parameters = learning.get_params(deep=True)
        caches = {
            name: folder
            for name, value in parameters.items()
            if name.endswith("__memory")
            and value is None
            and getattr(parameters[name.removesuffix("__memory")], "row_wise", False)
        }
        yield learning.set_params(**caches), data


def outcome_array(y: ArrayLike) -> np.ndarray:
    """Return the outcome as an array; a gap is refused."""
    refuse_missing(y, "y", "Leave these samples out or mend them.")
    return np.asarray(y)


def check_outcome(y: ArrayLike) -> tuple[np.ndarray, object]:
    """Return the outcome as an array and its positive label, the larger of two."""
    outcome = outcome_array(y)
    labels = np.unique(outcome)
    if outcome.ndim != 1 or len(labels) != 2:
        one = outcome.ndim == 1 and len(labels) == 1
        raise (NotEstimable if one else ValueError)(
            f"y must have one dimension and two classes, got shape {outcome.shape} "
            f"with {len(labels)} classes."
        )
    return outcome, labels[1]


def failure_reason(error: object) -> str:
    """Return the part of a message that is alike for resamples that fail alike."""
    text = str(error)
    cause = getattr(error, "__cause__", None)
    if isinstance(cause, NotEstimable) and text.endswith(str(cause)):
        # The message says where, and then its cause.
        return text.removesuffix(str(cause)) + failure_reason(cause)
    return re.split(r"[:;]|\. ", text)[0].rstrip(".")


def report_failures(total: int, n_fitted: int, failures: dict[str, int]) -> None:
    """Warn of resamples that could not be fitted; refuse fewer than two that could."""
    reasons = "; ".join(f"{reason} ({n})" for reason, n in failures.items())
    if n_fitted < 2:
        raise NotEstimable(
            f"{n_fitted} of {total} resamples could be fitted: {reasons}."
        )
    if failures:
        warn(
            f"{total - n_fitted} of {total} resamples could not be fitted and do not "
            f"count: {reasons}.",
            "ORN012",
            stacklevel=3,
        )


def fit_quietly(
    estimator: Classifier,
    data: object,
    y: np.ndarray,
    groups: np.ndarray | None,
    rows: np.ndarray | slice,
) -> tuple[Classifier, list[str]]:
    """Fit a clone on some rows; return it and what `StudyWarning` said meanwhile."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", StudyWarning)
        if len(np.unique(y[rows])) < 2:  # each classifier has words of its own for it
            raise NotEstimable("The samples that train are of one class only.")
        fitted = fit_with_groups(
            clone_to_refit(estimator),
            _safe_indexing(data, rows),
            y[rows],
            None if groups is None else groups[rows],
        )
    weak = [w for w in caught if issubclass(w.category, StudyWarning)]
    for other in caught:
        if not issubclass(other.category, StudyWarning):
            warnings.warn_explicit(
                other.message, other.category, other.filename, other.lineno
            )
    return fitted, [failure_reason(w.message) for w in weak]


def positive_probability(
    fitted: Classifier, data: object, rows: np.ndarray | None = None
) -> np.ndarray:
    """Return the probability of the second class."""
    chosen = data if rows is None else _safe_indexing(data, rows)
    return np.asarray(fitted.predict_proba(chosen))[:, 1]


def run_all(
    function: Callable[..., Result],
    arguments: Iterable[tuple[object, ...]],
    *,
    n_jobs: int | None,
    verbose: int,
    description: str,
) -> list[Result]:
    """Call a function many times, in processes and with a bar where asked for."""
    calls = [joblib.delayed(function)(*each) for each in arguments]
    results = in_workers(n_jobs)(calls)
    if verbose:
        results = track(results, len(calls), description)
    return list(results)


def count_up(texts: Iterable[str]) -> dict[str, int]:
    """Count equal texts, the most frequent first."""
    return dict(Counter(texts).most_common())
