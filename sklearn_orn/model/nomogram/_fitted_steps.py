"""Steps of a Pipeline that a nomogram can undo, because each column stays one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from sklearn_orn._validation import feature_names
from sklearn_orn.model._restricted_cubic_spline import RestrictedCubicSpline
from sklearn_orn.model.nomogram._effects import (
    Curve,
    Effect,
    Levels,
    Line,
    bent,
    filled,
)

SUPPORTED = (
    "Pipeline, ColumnTransformer, 'passthrough', StandardScaler, MinMaxScaler, "
    "MaxAbsScaler, RobustScaler, SimpleImputer, OneHotEncoder, OrdinalEncoder, "
    "RestrictedCubicSpline, CrossFittedScore, selectors of columns, ICCFilter, and "
    "steps that take images"
)


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the table that a step takes, as a function of one predictor."""

    predictor: int
    effect: Effect

    def scaled(self, slope: float, center: float) -> "Column":
        """Return ``slope * (column - center)``."""
        return replace(self, effect=self.effect.scaled(float(slope), float(center)))


def read_step(
    name: str, step: BaseEstimator, columns: Sequence[Column]
) -> list[Column]:
    """Return the columns that a fitted step makes of those that it takes.

    A TypeError for a kind of step that a nomogram cannot show, a ValueError for a
    setting that makes it so.
    """
    if hasattr(step, "readers_"):
        return _keep_readers(step, columns)
    if isinstance(step, SelectorMixin):
        kept = zip(columns, step.get_support(), strict=True)
        return [column for column, keep in kept if keep]
    read = _READERS.get(type(step))
    if read is None:
        raise TypeError(
            f"Step {name!r} is a {_described(step)}: a nomogram needs each column to "
            "come from one column before it, on a straight line or level by level. "
            f"The steps it can have are {SUPPORTED}. Do what this step does to the "
            "table before the pipeline."
        )
    return read(name, step, columns)


def _described(step: BaseEstimator) -> str:
    if isinstance(step, FunctionTransformer):
        func = getattr(step.func, "__name__", repr(step.func))
        return f"FunctionTransformer with the function {func}"
    return type(step).__name__


def _keep_readers(step: BaseEstimator, columns: Sequence[Column]) -> list[Column]:
    """Keep what an ICCFilter keeps where it does not average."""
    places = {name: i for i, name in enumerate(feature_names(step))}
    return [columns[places[name]] for name in step.get_feature_names_out()]


def _scaled(
    slopes: np.ndarray | None,
    centers: np.ndarray | None,
    columns: Sequence[Column],
    name: str,
    step: BaseEstimator,
) -> list[Column]:
    if getattr(step, "clip", False):
        raise ValueError(
            f"Step {name!r} is a {type(step).__name__} with clip=True, which bends the "
            "straight line of an axis. Set clip=False."
        )
    n = len(columns)
    slopes = np.ones(n) if slopes is None else slopes
    centers = np.zeros(n) if centers is None else centers
    return [
        column.scaled(slope, center)
        for column, slope, center in zip(columns, slopes, centers, strict=True)
    ]


def _standard(
    name: str, step: StandardScaler, columns: Sequence[Column]
) -> list[Column]:
    slopes = None if step.scale_ is None else 1 / step.scale_
    # Without centering it has means all the same.
    centers = step.mean_ if step.with_mean else None
    return _scaled(slopes, centers, columns, name, step)


def _min_max(name: str, step: MinMaxScaler, columns: Sequence[Column]) -> list[Column]:
    return _scaled(step.scale_, -step.min_ / step.scale_, columns, name, step)


def _max_abs(name: str, step: MaxAbsScaler, columns: Sequence[Column]) -> list[Column]:
    return _scaled(1 / step.scale_, None, columns, name, step)


def _robust(name: str, step: RobustScaler, columns: Sequence[Column]) -> list[Column]:
    slopes = 1 / step.scale_ if step.with_scaling else None
    centers = step.center_ if step.with_centering else None
    return _scaled(slopes, centers, columns, name, step)


def _imputed(name: str, step: SimpleImputer, columns: Sequence[Column]) -> list[Column]:
    if not pd.isna(step.missing_values):
        raise ValueError(
            f"Step {name!r}: a nomogram takes a SimpleImputer with NaN for the missing "
            "values."
        )
    made = [
        replace(column, effect=filled(column.effect, value))
        for column, value in zip(columns, step.statistics_, strict=True)
        if step.keep_empty_features or not pd.isna(value)
    ]
    if step.add_indicator:
        made += [_indicator(name, columns[j]) for j in step.indicator_.features_]
    return made


def _indicator(name: str, column: Column) -> Column:
    """Return the column that is 1 where another one is missing, and 0 elsewhere."""
    effect = column.effect
    if isinstance(effect, Levels) and pd.isna(effect.missing):  # codes, gaps among them
        return replace(column, effect=Levels(dict.fromkeys(effect.effects, 0.0), 1.0))
    if isinstance(effect, Levels) or not pd.isna(effect.missing):
        raise ValueError(
            f"Step {name!r} is a SimpleImputer with add_indicator of a column that is "
            "encoded or filled in already: put it in front of that step."
        )
    return replace(column, effect=Curve((), 0.0, 1.0))


def _encoded(
    name: str, step: OneHotEncoder | OrdinalEncoder, columns: Sequence[Column]
) -> list[Column]:
    """Read an encoder by what it makes of each of its levels."""
    for column in columns:
        if not isinstance(column.effect, Line) or not column.effect.is_identity:
            raise ValueError(
                f"Step {name!r} is a {type(step).__name__} of a column that a scaler "
                "or an encoder has changed: its levels are not those of the table. "
                "Put it before the other steps; only an imputer may come first."
            )
    codes = step.transform(level_table(step))
    codes = np.asarray(codes.toarray() if hasattr(codes, "toarray") else codes)
    widths = [_width(step, j) for j in range(len(columns))]
    first = np.concatenate([[0], np.cumsum(widths)])
    return [
        Column(column.predictor, _levels(step.categories_[j], codes[:, k], column))
        for j, column in enumerate(columns)
        for k in range(first[j], first[j + 1])
    ]


def level_table(step: OneHotEncoder | OrdinalEncoder) -> np.ndarray | pd.DataFrame:
    """Return a table whose row i holds each column's level i, or else its last."""
    n = max(len(levels) for levels in step.categories_)
    rows = [
        levels[np.minimum(np.arange(n), len(levels) - 1)] for levels in step.categories_
    ]
    if not hasattr(step, "feature_names_in_"):
        return np.column_stack(rows)
    columns = [pd.Series(row, dtype=row.dtype) for row in rows]
    return pd.concat(columns, axis=1).set_axis(step.feature_names_in_, axis=1)


def _width(step: OneHotEncoder | OrdinalEncoder, j: int) -> int:
    """Columns that an encoder makes of column j; infrequent levels share one."""
    if isinstance(step, OrdinalEncoder):
        return 1
    infrequent = getattr(step, "infrequent_categories_", None)
    rare = infrequent[j] if infrequent is not None else None
    width = len(step.categories_[j]) - (0 if rare is None else len(rare) - 1)
    dropped = step.drop_idx_ is not None and step.drop_idx_[j] is not None
    return width - dropped


def _levels(levels: np.ndarray, codes: np.ndarray, column: Column) -> Levels:
    code_of = dict(zip(levels.tolist(), codes[: len(levels)].tolist(), strict=True))
    of_missing = [code for level, code in code_of.items() if pd.isna(level)]
    code_of = {level: code for level, code in code_of.items() if not pd.isna(level)}
    fill = column.effect.missing
    if not pd.isna(fill):
        return Levels(code_of, code_of.get(fill, np.nan))
    if len(of_missing) > 1:
        raise ValueError("An encoder was fitted on both None and NaN: use one of them.")
    missing = of_missing[0] if of_missing else np.nan
    return Levels(code_of, missing, missing_is_level=not pd.isna(missing))


def _splined(
    name: str, step: RestrictedCubicSpline, columns: Sequence[Column]
) -> list[Column]:
    made = []
    for column, knots in zip(columns, step.knots_, strict=True):
        line = column.effect
        if not isinstance(line, Line):
            raise ValueError(
                f"Step {name!r} is a RestrictedCubicSpline of a column that an encoder "
                "or another spline has made: a nomogram takes one of a number."
            )
        terms = [bent(line, tuple(knots), j) for j in range(len(knots) - 2)]
        made += [column, *(replace(column, effect=term) for term in terms)]
    return made


_READERS: dict[type, Callable[[str, BaseEstimator, Sequence[Column]], list[Column]]] = {
    MaxAbsScaler: _max_abs,
    MinMaxScaler: _min_max,
    OneHotEncoder: _encoded,
    OrdinalEncoder: _encoded,
    RestrictedCubicSpline: _splined,
    RobustScaler: _robust,
    SimpleImputer: _imputed,
    StandardScaler: _standard,
}


def is_passthrough(step: BaseEstimator) -> bool:
    """Tell whether a step changes nothing."""
    identity = type(step) is FunctionTransformer and step.func is None
    return identity or step is None or (isinstance(step, str) and step == "passthrough")
