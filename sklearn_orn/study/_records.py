"""Tables as the dataclasses of the results."""

from typing import TypeVar

import pandas as pd

T = TypeVar("T")


def rows_of(kind: type[T], table: pd.DataFrame) -> tuple[T, ...]:
    """Return each row of a table as a dataclass with its columns for fields."""
    records = table.to_dict(orient="records")
    return tuple(kind(**{str(k): v for k, v in row.items()}) for row in records)


def columns_of(kind: type[T], table: pd.DataFrame) -> T:
    """Return a table as a dataclass with its columns for fields."""
    return kind(**{str(name): tuple(table[name].tolist()) for name in table})
