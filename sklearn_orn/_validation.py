"""The shared input checks, and the only importer of scikit-learn's private names."""

import sys
from collections.abc import Iterable
from typing import TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_feature_names_in,
    _check_n_features,
    _check_sample_weight,
    check_array,
    validate_data,
)

from sklearn_orn._messages import shown
from sklearn_orn.exceptions import NotEstimable

__all__ = [
    "HasMethods",
    "Interval",
    "MissingValuesError",
    "StrOptions",
    "_check_feature_names_in",
    "_check_sample_weight",
    "are_whole_numbers",
    "as_numbers",
    "check_at_least",
    "check_binary_outcome",
    "check_classes",
    "check_probabilities",
    "check_share",
    "checked_table",
    "checked_training",
    "column_positions",
    "feature_names",
    "float_array",
    "float_table_numbers",
    "is_float_table",
    "missing_places",
    "name_list",
    "numbers_with_gaps",
    "refuse_missing",
    "refuse_unknown",
    "refuse_nan",
    "validate_data",
    "validate_parameter_constraints",
    "with_names",
]


def as_numbers(cells: pd.Series) -> pd.Series:
    """Return a column as numbers, NaN for what is none or beyond a float."""
    largest = sys.float_info.max
    huge = np.array([isinstance(c, int) and abs(c) > largest for c in cells], bool)
    return pd.to_numeric(cells.mask(huge) if huge.any() else cells, errors="coerce")


def name_list(names: Iterable[object], limit: int = 5) -> str:
    """Return the first `limit` names as text, and how many more there are."""
    names = list(names)
    shown = ", ".join(str(name) for name in names[:limit])
    more = len(names) - limit
    return f"{shown} and {more} more" if more > 0 else shown


def refuse_unknown(chosen: Iterable[str], names: Iterable[str], parameter: str) -> None:
    """Refuse a parameter that names columns which X does not have."""
    names = list(names)
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise ValueError(
            f"{parameter} names {name_list(unknown)}, which X does not have. It has "
            f"{name_list(names)}."
        )


def check_share(value: float, name: str) -> None:
    """Refuse what does not lie between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, got {shown(value)}.")


def check_at_least(value: int, least: int, name: str) -> None:
    """Refuse too small a number."""
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {shown(value)}.")


def feature_names(estimator: BaseEstimator) -> np.ndarray:
    """Return the column names seen in fit, or ``x0, x1, ...`` without any."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        names = [f"x{i}" for i in range(estimator.n_features_in_)]
    return np.asarray(names, dtype=object)


def with_names(
    values: np.ndarray, estimator: BaseEstimator
) -> np.ndarray | pd.DataFrame:
    """Put rows under the names that an estimator was fitted with, if with any."""
    seen = getattr(estimator, "feature_names_in_", None)
    return values if seen is None else pd.DataFrame(values, columns=seen)


def missing_places(values: ArrayLike) -> np.ndarray:
    """Return the positions of missing cells of any container, NA and None too.

    An array of texts would hold NaN as the text "nan": the cells are looked at.
    """
    return np.flatnonzero(pd.isna(np.asarray(values, dtype=object)))


def refuse_missing(values: ArrayLike, name: str, advice: str) -> None:
    """Refuse missing cells of any container, and say what to do about them."""
    missing = missing_places(values)
    if missing.size:
        raise ValueError(
            f"{name} has {missing.size} missing values, the first at position "
            f"{missing[0]}. {advice}"
        )


def float_array(values: ArrayLike, name: str) -> np.ndarray:
    """Return numbers of any container, NaN where one is missing."""
    cells = np.asarray(values)
    if cells.dtype == object:
        cells = np.where(pd.isna(cells), np.nan, cells)
    try:
        return cells.astype(np.float64)
    except (TypeError, ValueError):
        odd = next(cell for cell in cells.ravel().tolist() if as_number(cell) is None)
        raise ValueError(f"{name} must hold numbers, found {shown(odd)}.") from None


def as_number(cell: object) -> float | None:
    """Return a cell, such as a text, as a number; None where it is none."""
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def _finite_vector(values: ArrayLike, name: str) -> np.ndarray:
    vector = float_array(values, name)
    if vector.ndim != 1:
        both = vector.ndim == 2 and vector.shape[1] == 2
        hint = " Pass the column of the positive class, proba[:, 1]." if both else ""
        raise ValueError(
            f"{name} must have one dimension, got an array of shape {vector.shape}."
            f"{hint}"
        )
    bad = np.flatnonzero(~np.isfinite(vector))
    if bad.size:
        raise ValueError(
            f"{name} has {bad.size} missing or infinite values, the first at "
            f"position {bad[0]}. Leave these samples out or mend them."
        )
    return vector


def check_binary_outcome(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: object = None,
    score_name: str = "y_score",
    both_classes: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Check an outcome of two labels at most, and the score given to it.

    Return whether each is positive, and the scores: `pos_label` is by default 1 of
    {0, 1} or {-1, 1}, and True of booleans.
    """
    y = np.asarray(y_true)
    if y.ndim != 1:
        raise ValueError(
            f"y_true must have one dimension, got an array of shape {y.shape}."
        )
    score = _finite_vector(y_score, score_name)
    if len(y) != len(score):
        raise ValueError(
            f"y_true has {len(y)} samples, {score_name} has {len(score)}: "
            "they must be of equal length."
        )
    if len(y) == 0:
        raise ValueError("y_true is empty: at least two samples are needed.")
    labels = _labels(y, y_true)
    if len(labels) > 2:
        raise ValueError(
            f"y_true must have two classes, found {len(labels)}: {name_list(labels)}."
        )
    if pos_label is None:
        pos_label = _default_positive(labels)
    elif pos_label not in labels and both_classes:
        raise ValueError(
            f"pos_label={shown(pos_label)} is not in y_true, which holds "
            f"{name_list(map(shown, labels))}."
        )
    positive = np.asarray(y == pos_label, dtype=bool)
    if both_classes and len(labels) < 2:
        raise NotEstimable(
            f"y_true holds one class only ({shown(labels[0])}): both classes are "
            "needed."
        )
    return positive, score


def _labels(y: np.ndarray, y_true: ArrayLike) -> list[object]:
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise ValueError("y_true has missing or infinite values.")
    if y.dtype.kind not in "biuf" and missing_places(y_true).size:
        raise ValueError("y_true has missing values.")
    return np.unique(y).tolist()


def _default_positive(labels: list[object]) -> int:
    if all(isinstance(v, (bool, int, float)) for v in labels):
        if set(labels) <= {0, 1} or set(labels) <= {-1, 1}:
            return 1
    raise ValueError(
        f"y_true holds the labels {name_list(map(shown, labels))}: "
        "pass pos_label to say which of them is positive."
    )


def check_probabilities(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    pos_label: object = None,
    both_classes: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Check an outcome and probabilities, as `check_binary_outcome` does.

    Probabilities outside [0, 1] are refused.
    """
    positive, proba = check_binary_outcome(
        y_true,
        y_proba,
        pos_label=pos_label,
        score_name="y_proba",
        both_classes=both_classes,
    )
    bad = np.flatnonzero((proba < 0) | (proba > 1))
    if bad.size:
        raise ValueError(
            f"y_proba must lie between 0 and 1, found {proba[bad[0]]:g} at position "
            f"{bad[0]} ({bad.size} such values). For scores use predict_proba, or "
            "the logistic function."
        )
    return positive, proba


class MissingValuesError(ValueError):
    """A step was given a gap that it does not accept."""


def refuse_nan(estimator: BaseEstimator, X: np.ndarray) -> None:
    """Raise an error that names the columns with missing values."""
    missing = np.isnan(X).any(axis=0)
    if missing.any():
        names = feature_names(estimator)[missing]
        raise MissingValuesError(
            f"Input X contains NaN in {missing.sum()} columns: {name_list(names)}. "
            f"{type(estimator).__name__} does not accept missing values: put "
            'SimpleImputer(strategy="median", keep_empty_features=True) in front.'
        )


_NUMBERS = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}


def is_float_table(X: object) -> TypeGuard[pd.DataFrame]:
    """Tell whether X is a frame of float64 whose names are different texts.

    Scikit-learn asks each column for its kind, which takes longer than most steps.
    """
    if not isinstance(X, pd.DataFrame):
        return False
    if set(X.dtypes.to_numpy()) != {np.dtype(np.float64)}:
        return False
    names = X.columns
    texts = isinstance(names.dtype, pd.StringDtype) or {*map(type, names)} == {str}
    return texts and names.is_unique


def numbers_with_gaps(
    estimator: BaseEstimator, X: object, *, reset: bool
) -> np.ndarray:
    """Check X as `validate_data` does, of numbers and NaN; `reset` learns its names."""
    if is_float_table(X) and (reset or _same_names(estimator, X)):
        return float_table_numbers(estimator, X, reset=reset)
    table: np.ndarray = validate_data(estimator, X, reset=reset, **_NUMBERS)
    return table


def float_table_numbers(
    estimator: BaseEstimator, X: pd.DataFrame, *, reset: bool
) -> np.ndarray:
    """Check what `is_float_table`, and after `fit` has the same names."""
    table = X.to_numpy()
    if not len(table) or np.isinf(table).any():  # refused, in the words of scikit-learn
        check_array(table, estimator=estimator, input_name="X", **_NUMBERS)
    _check_n_features(estimator, table, reset=reset)
    if reset:
        estimator.feature_names_in_ = X.columns.to_numpy(dtype=object)
    return table


def _same_names(estimator: BaseEstimator, X: pd.DataFrame) -> bool:
    seen = getattr(estimator, "feature_names_in_", None)
    return seen is not None and np.array_equal(X.columns, seen)


def checked_training(
    estimator: BaseEstimator, X: object, y: object
) -> tuple[np.ndarray, np.ndarray]:
    """Check X and y of `fit`: two samples at least; gaps of X are refused by name."""
    checks = {"ensure_min_samples": 2, **_NUMBERS}
    if not is_float_table(X):
        table, outcome = validate_data(estimator, X, y, **checks)
    elif are_whole_numbers(y) and len(y) == len(X) > 1:
        table, outcome = float_table_numbers(estimator, X, reset=True), y
    else:
        table, outcome = validate_data(estimator, X.to_numpy(), y, **checks)
        estimator.feature_names_in_ = X.columns.to_numpy(dtype=object)
    refuse_nan(estimator, table)
    return table, outcome


def are_whole_numbers(y: object) -> TypeGuard[np.ndarray]:
    """Tell whether labels are an array of integers: no gap, and nothing in between.

    Scikit-learn looks at them again and again, which takes longer than most steps.
    """
    return isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind in "biu"


def check_classes(y: np.ndarray) -> None:
    """Refuse an outcome that is no class."""
    if not are_whole_numbers(y) or len(np.unique(y)) > 2:
        check_classification_targets(y)


def checked_table(estimator: BaseEstimator, X: object) -> np.ndarray:
    """Check X after `fit`: it has the same columns; gaps are refused by name."""
    table = numbers_with_gaps(estimator, X, reset=False)
    refuse_nan(estimator, table)
    return table


def column_positions(
    chosen: slice | Iterable[str | int | bool], names: Iterable[str]
) -> list[int]:
    """Return the positions of the columns that a ColumnTransformer's branch takes.

    Examples
    --------
    >>> column_positions(["b", -3], ["a", "b", "c"])
    [1, 0]
    >>> column_positions(slice("b", None), ["a", "b", "c"])
    [1, 2]
    >>> column_positions([True, False, True], ["a", "b", "c"])
    [0, 2]
    """
    columns = list(names)
    places = pd.Series(range(len(columns)), index=columns)
    if isinstance(chosen, slice):
        ends = (chosen.start, chosen.stop)
        by_name = any(isinstance(end, str) for end in ends)
        return (places.loc[chosen] if by_name else places.iloc[chosen]).tolist()
    chosen = list(chosen)
    if chosen and all(isinstance(c, bool | np.bool_) for c in chosen):
        return [i for i, taken in enumerate(chosen) if taken]
    return [int(places[c]) if isinstance(c, str) else c % len(columns) for c in chosen]
