"""Tables of other libraries than pandas."""

from typing import TypeVar

import narwhals
import pandas as pd
from narwhals import dependencies

T = TypeVar("T")


def as_pandas(X: T) -> T | pd.DataFrame:
    """Return a table of polars, pyarrow or their like as a DataFrame, all else as is.

    Missing values become None or NaN, and the rows are counted from 0.
    """
    if isinstance(X, pd.DataFrame) or not dependencies.is_into_dataframe(X):
        return X
    table = narwhals.from_native(X, eager_only=True)
    return pd.DataFrame({name: table[name].to_list() for name in table.columns})
