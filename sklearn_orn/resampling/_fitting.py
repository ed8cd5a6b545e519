"""Fit a pipeline many times: images measured once, patients handed on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object


@contextmanager
def extracted_once(estimator: Any, X: Any) -> Iterator[tuple[Any, Any]]:
    """Run the steps that look at one row at a time, for all resamples together.

    Parameters
    ----------
    estimator : estimator
        A pipeline, or any estimator. It is not changed.
    X : data
        Its input.

    Yields
    ------
    learning : estimator
        The steps that learn from other rows, unfitted.
    data : data
        Their input.

    Notes
    -----
    Leading steps with the class attribute ``row_wise`` run once. An extractor deeper
    inside (in a `ColumnTransformer`) measures each lesion once, through a temporary
    cache, if it has none of its own.
    """
    steps = list(estimator.steps) if isinstance(estimator, Pipeline) else []
    n_row_wise = 0
    while n_row_wise < len(steps) and getattr(steps[n_row_wise][1], "row_wise", False):
        n_row_wise += 1
    learning, data = clone(estimator), X
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


def fit_with_groups(
    estimator: Any, X: Any, y: np.ndarray, groups: np.ndarray | None
) -> Any:
    """Fit, and hand the patients to the steps that ask for them.

    Parameters
    ----------
    estimator : estimator
        Unfitted.
    X, y : data
        Its input.
    groups : ndarray or None
        The patient of each row.

    Returns
    -------
    estimator
        Fitted.
    """
    if groups is None:
        return estimator.fit(X, y)
    with sklearn.config_context(enable_metadata_routing=True):
        wanted = get_routing_for_object(estimator).consumes("fit", {"groups"})
        return estimator.fit(X, y, **({"groups": groups} if wanted else {}))
