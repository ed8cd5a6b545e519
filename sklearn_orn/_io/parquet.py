"""Tables in Parquet, for those too large for text: pyarrow reads and writes them."""

import io
import os
from typing import TYPE_CHECKING

import pandas as pd

from sklearn_orn.exceptions import CohortError

if TYPE_CHECKING:
    from types import ModuleType

    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

SUFFIX = ".parquet"
PARQUET_MARK = b"PAR1"


def is_parquet(content: bytes) -> bool:
    """Say whether bytes are those of a Parquet file."""
    return content.startswith(PARQUET_MARK)


def pyarrow_for(path: str | os.PathLike[str]) -> "ModuleType":
    """Return ``pyarrow.parquet``, or say how it is installed."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise CohortError(
            f"table '{os.fspath(path)}' is Parquet, which needs pyarrow. Install it "
            "with: pip install 'sklearn-orn[parquet]'. CSV needs nothing."
        ) from None
    return pyarrow.parquet


def parquet_header(content: bytes, path: str | os.PathLike[str]) -> list[str]:
    """Return the names of the columns."""
    return [str(name) for name in _opened(content, path).schema_arrow.names]


def parquet_table(
    content: bytes, path: str | os.PathLike[str], *, most_cells: int
) -> pd.DataFrame:
    """Return a table whose columns are numbers, truth values or objects."""
    file = _opened(content, path)
    rows, columns = file.metadata.num_rows, file.metadata.num_columns
    if rows * columns > most_cells:
        raise CohortError(
            f"table '{os.fspath(path)}' has {rows} rows of {columns} columns, more "
            f"than the {most_cells} cells that are read at once. Give fewer columns or "
            "rows."
        )
    try:
        table = file.read().to_pandas()
    except (OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from None
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name].dtype):
            table[name] = table[name].astype(object).where(table[name].notna(), None)
    return table.set_axis([str(name) for name in table.columns], axis=1)


def _opened(content: bytes, path: str | os.PathLike[str]) -> "ParquetFile":
    parquet = pyarrow_for(path)
    try:
        return parquet.ParquetFile(io.BytesIO(content))
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise _damaged(path, error) from None


def _damaged(path: str | os.PathLike[str], error: Exception) -> CohortError:
    reason = " ".join(str(error).split())
    return CohortError(
        f"table '{os.fspath(path)}' cannot be read as Parquet: {reason}. Write it "
        "again, or give CSV."
    )


def column_types(table: pd.DataFrame) -> "list[tuple[str, pa.DataType]]":
    """Return a type for each column, so that all parts of a file have the same."""
    import pyarrow as pa

    found = []
    for name, dtype in table.dtypes.items():
        if pd.api.types.is_bool_dtype(dtype) or not pd.api.types.is_numeric_dtype(
            dtype
        ):
            found.append((str(name), pa.string()))
        elif pd.api.types.is_integer_dtype(dtype) and not table[name].hasnans:
            found.append((str(name), pa.int64()))
        else:
            found.append((str(name), pa.float64()))
    return found
