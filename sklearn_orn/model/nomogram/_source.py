"""The table at which a nomogram's axes begin, made from the X of its model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from sklearn_orn._tables import as_pandas
from sklearn_orn._validation import name_list


def as_table(X: object, columns: Sequence[str]) -> pd.DataFrame:
    """Return X as a table; a Series or mapping is one row, an array gets names."""
    X = as_pandas(X)
    table = _named_table(X)
    if table is not None:
        return table
    if isinstance(X, pd.DataFrame) and X.shape[1] == len(columns):
        return X.set_axis(list(columns), axis=1)
    array = np.asarray(X)
    if array.ndim != 2 or array.shape[1] != len(columns):
        raise ValueError(
            f"X has the shape {array.shape}: expected (n_samples, {len(columns)}), in "
            f"the order {name_list(columns)}, or a DataFrame."
        )
    return pd.DataFrame(array, columns=list(columns))


def column_of(table: pd.DataFrame, name: str) -> pd.Series:
    """Return the only column of that name."""
    if name not in table.columns:
        raise ValueError(
            f"X has no column {name!r}, which the nomogram needs. Its columns are "
            f"{name_list(table.columns)}."
        )
    column = table[name]
    if column.ndim != 1:
        raise ValueError(f"X has more than one column {name!r}.")
    return column


def _named_table(X: object) -> pd.DataFrame | None:
    """Return X as a table where it has names."""
    if isinstance(X, pd.Series):
        return pd.DataFrame([X.to_dict()], index=[X.name])
    if isinstance(X, Mapping):
        return pd.DataFrame([dict(X)])
    if isinstance(X, pd.DataFrame) and all(isinstance(c, str) for c in X.columns):
        return X
    return None


@dataclass(frozen=True, eq=False)
class Measurement:
    """Fitted steps that make predictors of images, or of several readers' columns.

    `inputs` are the predictors they take, None the X of the model as it is;
    `input_names` what these columns are called where the steps see them.
    """

    steps: tuple[BaseEstimator, ...]
    inputs: tuple[int, ...] | None
    input_names: tuple[str, ...]
    outputs: tuple[int, ...]

    def apply(
        self, X: object, values_of: Mapping[int, ArrayLike]
    ) -> dict[int, np.ndarray]:
        """Return the values of the predictors that the steps make."""
        data = X
        if self.inputs is not None:
            columns = [pd.Series(values_of[i]) for i in self.inputs]
            data = pd.concat(columns, axis=1).set_axis(list(self.input_names), axis=1)
            first = self.steps[0]
            if hasattr(first, "n_features_in_") and not hasattr(
                first, "feature_names_in_"
            ):
                data = data.to_numpy()
        for step in self.steps:
            data = step.transform(data)
        values = data.toarray() if hasattr(data, "toarray") else np.asarray(data)
        return dict(zip(self.outputs, values.T, strict=True))


@dataclass(frozen=True, eq=False)
class Source:
    """How the predictors' values come from the X of a model.

    `columns` is empty where X is no table; `names` are the columns, then what the
    measurements make, in the order in which they are done.
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    measurements: tuple[Measurement, ...] = ()

    def values(self, X: object, wanted: Sequence[str]) -> pd.DataFrame:
        """Return predictors, measured where X does not hold a column for each."""
        named = _named_table(X)
        if not self.measurements:
            table = as_table(X, self.columns)
        elif named is not None and set(wanted) <= set(named.columns):
            table = named
        else:
            table = self._measured(X, wanted)
        return pd.DataFrame({name: column_of(table, name) for name in wanted})

    def _measured(self, X: object, wanted: Sequence[str]) -> pd.DataFrame:
        values_of: dict[int, ArrayLike] = {}
        named = _named_table(X)
        data = X if named is None else named
        if self.columns:
            data = as_table(X, self.columns)
            needed = {i for m in self.measurements for i in m.inputs or ()}
            for i, name in enumerate(self.columns):
                if i in needed or name in wanted:
                    values_of[i] = column_of(data, name).reset_index(drop=True)
        for measurement in self.measurements:
            values_of |= measurement.apply(data, values_of)
        table = pd.DataFrame({self.names[i]: values for i, values in values_of.items()})
        index = getattr(data, "index", None)
        return table.set_axis(index) if isinstance(index, pd.Index) else table
