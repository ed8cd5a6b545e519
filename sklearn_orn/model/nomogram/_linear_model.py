"""Read a fitted classifier, or the Pipeline it ends, as effects of the predictors."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._validation import column_positions, feature_names, name_list
from sklearn_orn.model._cross_fitted_score import CrossFittedScore
from sklearn_orn.model.nomogram._effects import Effect, Line, total
from sklearn_orn.model.nomogram._fitted_steps import Column, is_passthrough, read_step
from sklearn_orn.model.nomogram._source import Measurement, Source

Step = tuple[str, BaseEstimator]


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A binary classifier as a sum of effects; `ranges` are (low, high) in training.

    `columns` has for each column of the classifier its predictor, and what it is of it.
    """

    effects: dict[str, Effect]
    intercept: float
    source: Source
    ranges: dict[str, tuple[float, float]] | None
    columns: tuple[tuple[str, Effect], ...] = ()


def read_classifier(estimator: BaseEstimator) -> LinearModel:
    """Read a binary linear classifier, or a Pipeline that ends in one.

    A TypeError for another classifier or step, a ValueError for a setting of a step.
    """
    check_is_fitted(estimator)
    *before, (_, classifier) = _flat("classifier", estimator) or [("", estimator)]
    coef = _coefficients(classifier)
    walk = _Walk()
    first = before[0][1] if before else classifier
    columns, names = None, []
    if not _takes_images(first):
        names = [str(name) for name in feature_names(first)]
        columns = walk.predictors(names, "")
    columns = walk.follow(before, columns)
    names_of = walk.names()
    effects: dict[str, Effect] = {}
    ranges: dict[str, tuple[float, float]] = {}
    bounds = getattr(classifier, "feature_ranges_", np.full((2, len(coef)), np.nan))
    for weight, column, limits in zip(coef, columns, bounds.T, strict=True):
        name, effect = names_of[column.predictor], column.effect
        if isinstance(effect, Line):
            low, high = sorted((limits / effect.slope + effect.center).tolist())
            ranges.setdefault(name, (low, high))
        if weight == 0:
            continue
        part = effect.scaled(float(weight), 0.0)
        effects[name] = total(effects[name], part, name) if name in effects else part
    return LinearModel(
        effects,
        float(np.ravel(classifier.intercept_)[0]),
        Source(tuple(names), tuple(names_of), tuple(walk.measurements)),
        ranges if hasattr(classifier, "feature_ranges_") else None,
        tuple((names_of[column.predictor], column.effect) for column in columns),
    )


def _coefficients(classifier: BaseEstimator) -> np.ndarray:
    coef = np.atleast_2d(getattr(classifier, "coef_", np.empty((0, 0))))
    two_classes = len(getattr(classifier, "classes_", ())) == 2
    if coef.shape[0] != 1 or not two_classes or not hasattr(classifier, "intercept_"):
        raise TypeError(
            "A nomogram needs a binary linear classifier with coef_ of shape (1, "
            "n_features), intercept_ and two classes_, or a Pipeline that ends in one, "
            f"got {type(classifier).__name__}."
        )
    return np.asarray(coef[0], dtype=np.float64)


def _flat(name: str, step: BaseEstimator) -> list[Step]:
    """Return the steps of a Pipeline and of those in it, but no passthrough."""
    if isinstance(step, Pipeline):
        return [part for name, inner in step.steps for part in _flat(name, inner)]
    return [] if is_passthrough(step) else [(name, step)]


def _takes_images(step: BaseEstimator) -> bool:
    return hasattr(step, "__sklearn_tags__") and (
        not get_tags(step).input_tags.two_d_array
    )


def _measures(step: BaseEstimator) -> bool:
    """Tell whether a step makes predictors: of images, several readers, a model.

    What is harmonised by batches is no column of the table either.
    """
    if hasattr(step, "batches_"):
        return True
    averages = getattr(step, "average", False) and (
        len(getattr(step, "readers_", ())) > 1
        or "perturbed" in getattr(step, "judged_by_", ())
    )
    return _takes_images(step) or averages or isinstance(step, CrossFittedScore)


def _is_untouched(column: Column) -> bool:
    effect = column.effect
    return isinstance(effect, Line) and effect.is_identity and pd.isna(effect.missing)


class _Walk:
    """Follow columns through steps; collect the predictors and their measurements."""

    def __init__(self) -> None:
        self.places: list[tuple[str, str]] = []
        self.measurements: list[Measurement] = []

    def predictors(self, names: Sequence[str], prefix: str) -> list[Column]:
        """Begin a predictor for each name."""
        start = len(self.places)
        self.places += [(prefix, name) for name in names]
        return [Column(i, Line()) for i in range(start, len(self.places))]

    def names(self) -> list[str]:
        """Return the predictors' names, with a prefix only where two are the same."""
        count = Counter(name for _, name in self.places)
        full = [
            f"{prefix}__{name}" if prefix and count[name] > 1 else name
            for prefix, name in self.places
        ]
        twins = [name for name, n in Counter(full).items() if n > 1]
        if twins:
            raise ValueError(
                f"Several predictors have the name {name_list(twins)}: give the "
                "columns, or the branches of the ColumnTransformer, other names."
            )
        return full

    def follow(
        self, steps: Sequence[Step], columns: list[Column] | None, branch: str = ""
    ) -> list[Column]:
        """Return the columns behind steps; they begin anew where one measures."""
        last = max((i for i, (_, s) in enumerate(steps) if _measures(s)), default=-1)
        if last >= 0:
            columns = self._measure(steps[: last + 1], columns, branch)
        assert columns is not None
        for name, step in steps[last + 1 :]:
            if isinstance(step, ColumnTransformer):
                columns = self._branches(step, columns)
            else:
                columns = read_step(name, step, columns)
        return columns

    def _measure(
        self, steps: Sequence[Step], columns: list[Column] | None, branch: str
    ) -> list[Column]:
        name, step = steps[-1]
        if not all(_is_untouched(column) for column in columns or ()):
            raise ValueError(
                f"Step {name!r} is a {type(step).__name__} behind a ColumnTransformer "
                "or a step outside it that has changed its columns. Put it in one "
                "Pipeline with these steps, or in front of them."
            )
        inputs = None if columns is None else tuple(c.predictor for c in columns)
        seen = tuple(self.places[i][1] for i in inputs or ())
        made = self.predictors(
            [str(n) for n in step.get_feature_names_out()], branch or name
        )
        outputs = tuple(column.predictor for column in made)
        done = tuple(step for _, step in steps)
        self.measurements.append(Measurement(done, inputs, seen, outputs))
        return made

    def _branches(self, step: ColumnTransformer, columns: list[Column]) -> list[Column]:
        names = [str(name) for name in feature_names(step)]
        result = []
        for name, inner, chosen in step.transformers_:
            taken = [columns[i] for i in column_positions(chosen, names)]
            if taken and not (isinstance(inner, str) and inner == "drop"):
                result += self.follow(_flat(name, inner), taken, branch=name)
        return result
