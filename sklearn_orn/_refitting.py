"""A pipeline fitted many times: patients handed on, tables of numbers as they are."""

from collections.abc import Callable
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

from sklearn_orn._types import Estimator
from sklearn_orn._validation import (
    float_table_numbers,
    is_float_table,
    numbers_with_gaps,
)

E = TypeVar("E", bound=Estimator)

_KINDS: dict[type, bool | None] = {}  # what a class asks for; it takes long to find out

# glibc gives memory back at the end of most steps and asks for it anew, some hundred
# pages for each fit; once it has seen a large array come and go, it keeps what it has.
np.empty(1 << 21)


def fit_with_groups(
    estimator: E, X: object, y: np.ndarray, groups: np.ndarray | None
) -> E:
    """Fit, and hand the patients to the steps that ask for them."""
    fitted: E = _with_groups(estimator, estimator.fit, X, y, groups)
    return fitted


def fit_transform_with_groups(
    steps: Pipeline, X: object, y: np.ndarray, groups: np.ndarray | None
) -> Any:
    """Fit and transform, and hand the patients to the steps that ask for them."""
    return _with_groups(steps, steps.fit_transform, X, y, groups)


def _with_groups(
    estimator: Estimator,
    fit: Callable[..., Any],
    X: object,
    y: np.ndarray,
    groups: np.ndarray | None,
) -> Any:
    if groups is None:
        return fit(X, y)
    asking = _steps_that_ask(estimator)
    if asking is not None:
        with sklearn.config_context(enable_metadata_routing=False):
            return fit(X, y, **{f"{name}__groups": groups for name in asking})
    with sklearn.config_context(enable_metadata_routing=True):
        wanted = get_routing_for_object(estimator).consumes("fit", {"groups"})
        return fit(X, y, **({"groups": groups} if wanted else {}))


def _steps_that_ask(estimator: Estimator) -> list[str] | None:
    """Return the steps of a pipeline that take `groups` and hand them to no other.

    None where routing has to find out. It copies twice in each fit what every step
    could ask for, which takes longer than most steps.
    """
    if getattr(type(estimator), "fit", None) is not Pipeline.fit:
        return None
    assert isinstance(estimator, Pipeline)
    asking = []
    for name, step in estimator.steps:
        wanted = _asks(step)
        if wanted is None:
            return None
        if wanted:
            asking.append(name)
    return None if estimator.transform_input else asking


def _asks(step: object) -> bool | None:
    """Say whether a step takes `groups`; None where routing has to find out."""
    kind = type(step)
    if kind in (Pipeline, ColumnTransformer):
        nobody = all(_asks(inner) is False for inner in _inside(step))
        return False if nobody else None
    if hasattr(step, "_metadata_request") or not _is_of_its_kind(kind):
        return _asks_now(step)
    if kind not in _KINDS:
        _KINDS[kind] = _asks_now(step)
    return _KINDS[kind]


def _is_of_its_kind(kind: type) -> bool:
    """Say whether all objects of a class ask for the same, until one is told to."""
    made = getattr(kind, "get_metadata_routing", None)
    return made is BaseEstimator.get_metadata_routing


def _asks_now(step: object) -> bool | None:
    asked = get_routing_for_object(step)
    if not isinstance(asked, MetadataRequest) or "groups" in asked.transform.requests:
        return None
    wanted = asked.fit.requests.get("groups", False)
    # Under another name, or it is not said.
    return wanted if isinstance(wanted, bool) else None


def _inside(step: Pipeline | ColumnTransformer) -> list[object]:
    named = step.steps if isinstance(step, Pipeline) else step.transformers
    return [inner for _, inner, *_ in named]


def clone_to_refit(estimator: E) -> E:
    """Clone for a fit that is one of many, of which nobody sees more than its choice.

    Imputers take a table of numbers as it is; a step with the attribute
    ``_chooses_only`` leaves out what neither its choice nor its output needs.
    """
    copy: E = clone(estimator)
    steps: list[Any] = [copy]
    if isinstance(copy, Pipeline):
        steps = [step for _, step in copy.steps]
    for step in steps:
        if type(step) is SimpleImputer:
            step._validate_params()
            step.__class__ = _NumbersImputer
        if hasattr(step, "_chooses_only"):
            step._chooses_only = True
    return copy


class _NumbersImputer(SimpleImputer):
    """Scikit-learn's own asks each column of a DataFrame for its kind, every time."""

    def fit(self, X: object, y: object = None) -> Self:
        """Learn what stands for a gap."""
        gap, centre = self.missing_values, self.strategy in ("mean", "median")
        nan = isinstance(gap, float) and np.isnan(gap)
        self._of_numbers = nan and centre and not self.add_indicator
        if not (self._of_numbers and is_float_table(X)):
            self._of_numbers = False
            return super().fit(X)
        table = float_table_numbers(self, X, reset=True)
        if self.strategy == "median" and not np.isnan(table).any():
            self.statistics_ = np.median(table, axis=0)  # a masked array takes longer
            return self
        super().fit(table)
        self.feature_names_in_ = X.columns.to_numpy(dtype=object)
        self._of_numbers = not np.isnan(self.statistics_).any()  # all columns stay
        return self

    def transform(self, X: object) -> np.ndarray | pd.DataFrame:
        """Fill the gaps."""
        if not self._of_numbers:
            return super().transform(X)
        table = numbers_with_gaps(self, X, reset=False)
        return np.where(np.isnan(table), self.statistics_, table)
