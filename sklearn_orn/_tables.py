"""Tables of other libraries than pandas."""

from typing import Any

import narwhals
import pandas as pd
from narwhals import dependencies


def as_pandas(X: Any) -> Any:
    """Return a table of polars, pyarrow or their like as a DataFrame, all else as is.

    Missing values become None or NaN, and the rows are counted from 0.
    """
    if isinstance(X, pd.DataFrame) or not dependencies.is_into_dataframe(X):
        return X
    table = narwhals.from_native(X, eager_only=True)
    return pd.DataFrame({name: table[name].to_list() for name in table.columns})


def column_names(X: Any) -> list[Any] | None:
    """Return the names of the columns of a table; None of what is no table."""
    if isinstance(X, pd.DataFrame):
        return list(X.columns)
    if not dependencies.is_into_dataframe(X):
        return None
    return list(narwhals.from_native(X, eager_only=True).columns)
