"""What a Pipeline reads of its table: images, numbers, levels of categories."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from sklearn_orn._validation import column_positions, feature_names
from sklearn_orn.images import ImageStep, LesionSequence, as_lesions
from sklearn_orn.model import CrossFittedScore
from sklearn_orn.model.shared import is_passthrough
from sklearn_orn.selection import ComBat
from sklearn_orn.texture import TextureExtractor


class ImageBranch(NamedTuple):
    """The steps of a Pipeline that look at images; no columns are all of the table."""

    columns: list[str] | None
    image_steps: tuple[ImageStep, ...]
    extractor: TextureExtractor

    def prepare(self, X: object) -> LesionSequence:
        """Return the lesions as the extractor sees them; no file is opened."""
        if self.columns is not None and isinstance(X, pd.DataFrame):
            X = X[self.columns]
        lesions = as_lesions(X)
        for step in self.image_steps:
            lesions = step.transform(lesions)
        return lesions


def image_branches(pipeline: Pipeline) -> list[ImageBranch]:
    """Return the branches of a Pipeline that look at images."""
    return list(_find(pipeline, None, ()))


def _find(
    step: BaseEstimator, columns: list[str] | None, before: tuple[ImageStep, ...]
) -> Iterator[ImageBranch]:
    if isinstance(step, TextureExtractor):
        yield ImageBranch(columns, before, step)
    elif isinstance(step, Pipeline):
        for _, inner in step.steps:
            if isinstance(inner, ImageStep):
                before = (*before, inner)
            else:
                yield from _find(inner, columns, before)
    elif isinstance(step, CrossFittedScore):
        yield from _find(step.estimator_, columns, before)
    elif isinstance(step, ColumnTransformer) and columns is None:
        names = getattr(step, "feature_names_in_", None)
        if names is None:
            return
        for _, inner, chosen in step.transformers_:
            picked = [str(names[i]) for i in column_positions(chosen, names)]
            yield from _find(inner, picked, before)


def plain_columns(pipeline: Pipeline) -> list[str]:
    """Return the columns of X that a Pipeline reads, beside images; none it drops."""
    first = pipeline[0]
    if not hasattr(first, "n_features_in_"):
        return []
    names = feature_names(first)
    used: Sequence[int] = range(len(names))
    if isinstance(first, ColumnTransformer) and hasattr(first, "feature_names_in_"):
        taken = [
            column_positions(chosen, names)
            for _, step, chosen in first.transformers_
            if not (isinstance(step, str) and step == "drop")
        ]
        used = sorted({i for positions in taken for i in positions})
    of_images = {c for b in image_branches(pipeline) for c in b.columns or []}
    return [str(names[i]) for i in used if names[i] not in of_images]


class SeenByScore(NamedTuple):
    """What the classifier of a score saw of new lesions."""

    score: CrossFittedScore
    X: pd.DataFrame | np.ndarray


def with_inner(
    step: Pipeline | ColumnTransformer, change: Callable[[BaseEstimator], BaseEstimator]
) -> BaseEstimator:
    """Return a fitted step of steps, with each of these changed."""
    if isinstance(step, Pipeline):
        return Pipeline([(name, change(inner)) for name, inner in step.steps])
    copied = copy(step)
    copied.transformers_ = [
        (name, change(inner), chosen) for name, inner, chosen in step.transformers_
    ]
    return copied


def noting(step: BaseEstimator, seen: list[SeenByScore]) -> BaseEstimator:
    """Return a fitted step that adds to `seen` what its scores see, when it is used.

    So no image is measured twice.
    """
    if isinstance(step, Pipeline | ColumnTransformer):
        return with_inner(step, partial(noting, seen=seen))
    if not isinstance(step, CrossFittedScore):
        return step

    def note(X: pd.DataFrame | np.ndarray) -> pd.DataFrame | np.ndarray:
        seen.append(SeenByScore(step, X))
        return X

    copied, inner = copy(step), step.estimator_
    steps = inner.steps if isinstance(inner, Pipeline) else [("classifier", inner)]
    noted = ("sklearn_orn_noted", FunctionTransformer(note))
    copied.estimator_ = Pipeline([*steps[:-1], noted, steps[-1]])
    return copied


class Category(NamedTuple):
    """The levels of a column in the order of training, and which one is dropped."""

    levels: np.ndarray
    reference: int | None
    others: bool = False  # whether a level that training did not have passes


class ColumnsRead(NamedTuple):
    """Columns of X that a Pipeline reads as levels, and those it fills gaps of."""

    categories: dict[str, Category]
    filled: set[str]


def columns_read(pipeline: Pipeline) -> ColumnsRead:
    """Return what a Pipeline does with the columns of X."""
    found = ColumnsRead({}, set())
    first = pipeline[0]
    if hasattr(first, "n_features_in_"):
        _follow(pipeline, [str(name) for name in feature_names(first)], found)
    return found


def _follow(step: BaseEstimator, names: list[str], found: ColumnsRead) -> list[str]:
    """Note what a step does with columns of X; return those that are still themselves.

    There are none behind a step that mixes columns.
    """
    if isinstance(step, Pipeline):
        for _, inner in step.steps:
            names = _follow(inner, names, found)
        return names
    if isinstance(step, CrossFittedScore):
        return _follow(step.estimator_, names, found)
    if isinstance(step, ColumnTransformer):
        columns = feature_names(step)
        for _, inner, chosen in step.transformers_ if names else ():
            places = column_positions(chosen, columns)
            # Behind the columns may stand an imputer's indicators, which are none.
            taken = [names[i] for i in places if i < len(names)]
            _follow(inner, taken, found)
    elif isinstance(step, SimpleImputer):
        found.filled.update(names)
    else:
        found.categories.update(_categories(step, names))
    return [name for name, keep in zip(names, _kept(step), strict=False) if keep]


def _categories(step: BaseEstimator, names: list[str]) -> dict[str, Category]:
    """Return the columns that a step reads as levels."""
    if isinstance(step, ComBat) and step.batch_column is not None:
        others = step.unseen != "error"
        return {step.batch_column: Category(step.batches_, None, others)}
    if not isinstance(step, OneHotEncoder | OrdinalEncoder):
        return {}
    dropped = getattr(step, "drop_idx_", None)
    places = [None] * len(names) if dropped is None else dropped
    levels = zip(step.categories_, places, strict=False)
    return {n: Category(*pair) for n, pair in zip(names, levels, strict=False)}


def _kept(step: BaseEstimator) -> Iterable[bool]:
    """Tell which columns come out of a step as the same ones, in their order."""
    if is_passthrough(step) or isinstance(step, StandardScaler):
        return itertools.repeat(True)
    if isinstance(step, SimpleImputer):
        return np.array(step.keep_empty_features | ~pd.isna(step.statistics_))
    if isinstance(step, SelectorMixin):
        support: np.ndarray = step.get_support()
        return support
    return ()
