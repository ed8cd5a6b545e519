"""One table of the report: for the page, and as a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

Results = Mapping[str, Any]
Rows = list[list[str]]


@dataclass(frozen=True)
class ReportTable:
    """A table of the report.

    Attributes
    ----------
    key : str
        Of the table and its file.
    title, note : str
        Above it.
    columns : tuple of str
        Heads of the columns; one that ends in "#" holds numbers.
    rows : list of list of str
        Cells.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Rows
    note: str = ""
    names: tuple[int, ...] = field(default=())

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Head of each column, and whether it holds numbers."""
        return [(head.removesuffix("#"), head.endswith("#")) for head in self.columns]

    def frame(self) -> pd.DataFrame:
        """Return the table as a DataFrame of texts."""
        return pd.DataFrame(self.rows, columns=[head for head, _ in self.heads])
