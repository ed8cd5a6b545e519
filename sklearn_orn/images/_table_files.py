"""The files that a cohort table names."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sklearn_orn.images._files import is_path, split_roi

__all__ = ["is_path_column", "source_path", "table_files"]


def is_path_column(column: str) -> bool:
    """Say whether a column of a cohort table holds images or outlines.

    Examples
    --------
    >>> [name for name in ("mask", "mask_A", "masked") if is_path_column(name)]
    ['mask', 'mask_A']
    """
    return column in ("image", "mask") or column.startswith(
        ("image_", "image@", "mask_")
    )


def source_path(cell: str | os.PathLike[str]) -> Path:
    """Return the file or folder of a cell, without the name of an ROI."""
    return Path(cell) if os.path.exists(cell) else split_roi(cell)[0]


def table_files(table: pd.DataFrame) -> Iterator[tuple[str, Path]]:
    """Yield what messages call each file of a table, and the file; once a column.

    It is the path without the name of an ROI.
    """
    for column in table.columns:
        if not is_path_column(str(column)):
            continue
        seen = set()
        for row, cell in table[column].items():
            if is_path(cell) and os.fspath(cell) not in seen:
                seen.add(os.fspath(cell))
                yield f"column '{column}' of row {row}", source_path(cell)
