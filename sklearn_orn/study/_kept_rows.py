"""The lesions that an interrupted run has measured, kept one by one."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_orn.study._json_csv import JsonObject, plain_data


class KeptRows:
    """Rows of features in a file that grows by a line with each lesion.

    Its first line is the `fingerprint` of all that the features depend on; what another
    study has left there is removed, and so is a line that a kill has cut off. `rows`
    leads from a lesion's position in the table to its ``values`` and ``settings``.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self._head = json.dumps({"fingerprint": fingerprint})
        self.rows: dict[int, JsonObject] = {}
        lines = _lines(path)
        if lines[:1] == [self._head]:
            for line in lines[1:]:
                self._read(line)
        self._write(self._head, "w")
        for position, row in self.rows.items():
            self._write(json.dumps({"position": position, **row}), "a")

    def add(self, position: int, row: pd.DataFrame) -> None:
        """Keep the one row of a lesion, with how it was measured in its attrs."""
        values = row.to_numpy(dtype=float)[0].tolist()
        kept = {
            "position": position,
            "values": [value if math.isfinite(value) else None for value in values],
            "settings": plain_data(row.attrs),
        }
        self._write(json.dumps(kept, allow_nan=False), "a")

    def take(self, position: int, columns: np.ndarray, index: pd.Index) -> pd.DataFrame:
        """Return the features of a lesion as they were measured."""
        kept = self.rows[position]
        values = np.array([kept["values"]], dtype=np.float64)  # None is NaN
        row = pd.DataFrame(values, columns=columns, index=index)
        row.attrs.update(kept["settings"])
        return row

    def holds(self, position: int, n_columns: int) -> bool:
        """Say whether the features of a lesion are there, all of them."""
        kept = self.rows.get(position)
        return kept is not None and len(kept["values"]) == n_columns

    def remove(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)

    def _read(self, line: str) -> None:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return  # cut off
        if not isinstance(row, Mapping):
            return
        position, values = row.get("position"), row.get("values")
        settings = row.get("settings")
        if (
            isinstance(position, int)
            and isinstance(values, list)
            and isinstance(settings, dict)
            and all(value is None or isinstance(value, int | float) for value in values)
        ):
            self.rows[position] = {"values": values, "settings": settings}

    def _write(self, line: str, mode: str) -> None:
        with open(self._path, mode, encoding="utf-8", newline="\n") as file:
            file.write(line + "\n")


def _lines(path: str | os.PathLike[str]) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return []
