"""Features of as many lesions as there are, to a Parquet file, in constant memory."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn._feature_settings import PROVENANCE
from sklearn_orn._io.parquet import column_types, pyarrow_for
from sklearn_orn._progress import Progress, no_progress
from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import LesionError
from sklearn_orn.study._changes import file_stamps
from sklearn_orn.study._extraction import (
    MEASURING,
    LeftOut,
    caught_warnings,
    measured_rows,
    nothing_measured,
    rows_left_out,
)
from sklearn_orn.study._json_csv import make_folder, plain_data
from sklearn_orn.study._kept_rows import KeptRows
from sklearn_orn.study._resumed_steps import ROWS
from sklearn_orn.texture.shared import FEATURE_VERSION

if TYPE_CHECKING:
    from types import ModuleType

    import pyarrow as pa

BATCH = 1024  # lesions in memory at once; a row group of the file
_WHOLE = "whole.parquet"
_LEFT_OUT, _SETTINGS = b"sklearn_orn.left_out", b"sklearn_orn.settings"


@dataclass(frozen=True)
class Streamed:
    """What came of it: how many lesions, the names of their features, and the others.

    `n_resumed` lesions had been measured by a run that was interrupted.
    """

    n_lesions: int
    n_features: int
    left_out: tuple[LeftOut, ...]
    settings: dict[str, object]
    n_resumed: int


def unfinished_folder(path: Path) -> Path:
    """Return where the parts of a file stand until it is whole."""
    return path.with_name(f"{path.name}.unfinished")


def stream_features(
    cohort: Cohort,
    steps: Pipeline,
    path: Path,
    *,
    carried: Sequence[str] = (),
    progress: Progress = no_progress,
    batch: int = BATCH,
) -> Streamed:
    """Measure the lesions batch after batch; a run that was killed goes on.

    Each finished batch is a file beside `path`, and the lesions of the one at hand are
    kept one by one. CohortError where no lesion at all could be measured.
    """
    parquet = pyarrow_for(path)
    lesions = cohort.lesions()
    progress(MEASURING, 0, len(lesions))
    with caught_warnings():
        steps.fit(lesions)
    names = [str(name) for name in steps[-1].get_feature_names_out()]
    parts = _Parts(path, cohort, steps, carried, names, batch)
    n_resumed = 0
    for start in range(0, len(lesions), batch):
        of_batch = cohort.take(np.arange(start, min(start + batch, len(lesions))))
        if parts.holds(start, of_batch):
            n_resumed += len(of_batch)
        else:
            done = start
            for done in parts.measure_batch(start, of_batch):
                progress(MEASURING, done, len(lesions))
        progress(MEASURING, start + len(of_batch), len(lesions))
    found = parts.join(parquet, n_resumed + parts.n_kept)
    parts.remove()
    return found


class _Parts:
    """The finished batches of a file, and the one that grows."""

    def __init__(
        self,
        path: Path,
        cohort: Cohort,
        steps: Pipeline,
        carried: Sequence[str],
        names: list[str],
        batch: int,
    ) -> None:
        import pyarrow as pa

        self.path = path
        self.folder = make_folder(unfinished_folder(path))
        self.steps, self.carried, self.names = steps, list(carried), names
        self.n_kept = 0
        self.files: list[Path] = []
        self.settings: dict[str, object] = {}
        kept = cohort.table[self.carried]
        ids = ["lesion"] + (["patient"] if cohort.patients is not None else [])
        self.types = [(name, pa.string()) for name in ids] + column_types(kept)
        measured = (FEATURE_VERSION, names, joblib.hash(steps), batch, self.types)
        self.fingerprint = hashlib.sha256(repr(measured).encode()).hexdigest()

    def holds(self, start: int, cohort: Cohort) -> bool:
        """Say whether a batch is finished, of the same lesions, files and settings."""
        part = self._part(start)
        try:
            metadata = pyarrow_for(part).read_schema(part).metadata or {}
        except (FileNotFoundError, ValueError, OSError):
            return False
        same: bool = metadata.get(b"fingerprint") == self._of(cohort).encode()
        if same:
            self.files.append(part)
        return same

    def measure_batch(self, start: int, cohort: Cohort) -> Iterator[int]:
        """Measure a batch and write its part; yields how many lesions are done."""
        fingerprint = self._of(cohort)
        kept = KeptRows(self._part(start).with_suffix(ROWS), fingerprint)
        lesions = cohort.lesions()
        self.n_kept += sum(kept.holds(i, len(self.names)) for i in range(len(lesions)))
        rows: dict[int, np.ndarray | LesionError] = {}
        with caught_warnings():
            for i, row in measured_rows(self.steps, lesions, kept):
                rows[i] = row if isinstance(row, LesionError) else self._values(row)
                yield start + len(rows)
        self._write(start, cohort, [rows[i] for i in range(len(lesions))], fingerprint)
        kept.remove()

    def join(self, parquet: ModuleType, n_resumed: int) -> Streamed:
        """Write the whole file, part after part, and put it in its place at once."""
        left_out: list[LeftOut] = []
        settings: dict[str, object] = {}
        n_lesions, writer = 0, None
        unfinished = self.folder / _WHOLE
        try:
            for part in self.files:
                table = parquet.read_table(part)
                metadata = table.schema.metadata
                left_out += [
                    LeftOut(**each) for each in json.loads(metadata[_LEFT_OUT])
                ]
                settings = settings or json.loads(metadata[_SETTINGS])
                table = table.replace_schema_metadata()
                writer = writer or parquet.ParquetWriter(
                    unfinished, table.schema, compression="zstd"
                )
                if len(table):
                    writer.write_table(table)
                n_lesions += len(table)
        finally:
            if writer is not None:
                writer.close()
        if not n_lesions:
            self.remove()
            raise nothing_measured(left_out)
        os.replace(unfinished, self.path)
        return Streamed(
            n_lesions, len(self.names), tuple(left_out), settings, n_resumed
        )

    def remove(self) -> None:
        """Remove the parts, and the folder unless somebody put others there."""
        for kind in ("[0-9]*.parquet", "[0-9]*.tmp", f"[0-9]*{ROWS}", _WHOLE):
            for file in self.folder.glob(kind):
                file.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _values(self, row: pd.DataFrame) -> np.ndarray:
        """Return the features of one lesion alone: a frame has a hundred times more."""
        self.settings = self.settings or row.attrs[PROVENANCE]
        return row.to_numpy(dtype=float)[0]

    def _part(self, start: int) -> Path:
        return self.folder / f"{start:09d}.parquet"

    def _of(self, cohort: Cohort) -> str:
        """Return one hash for a batch: its cells, its files, and the settings."""
        kept = cohort.table[self.carried]
        stamps = file_stamps(cohort)
        cells = (list(cohort.names), cohort.patients, kept.to_dict("list"), stamps)
        return hashlib.sha256(
            (self.fingerprint + str(joblib.hash(cells))).encode()
        ).hexdigest()

    def _write(
        self,
        start: int,
        cohort: Cohort,
        rows: list[np.ndarray | LesionError],
        fingerprint: str,
    ) -> None:
        import pyarrow as pa

        failed = np.array([isinstance(row, LesionError) for row in rows])
        left_out = rows_left_out(
            cohort.names, cohort.patients, failed, lambda i: str(rows[i])
        )
        good = [row for row in rows if not isinstance(row, LesionError)]
        values = np.array(good).reshape(-1, len(self.names))
        columns = _cells(cohort.take(~failed), self.types)
        columns += [pa.array(column, pa.float64()) for column in values.T]
        schema = pa.schema(
            [*self.types, *((name, pa.float64()) for name in self.names)],
            metadata={
                b"fingerprint": fingerprint,
                _LEFT_OUT: json.dumps([asdict(each) for each in left_out]),
                _SETTINGS: json.dumps(plain_data(self.settings)),
            },
        )
        part = self._part(start)
        unfinished = part.with_suffix(".tmp")
        pyarrow_for(part).write_table(pa.table(columns, schema=schema), unfinished)
        os.replace(unfinished, part)
        self.files.append(part)


def _cells(cohort: Cohort, types: Sequence[tuple[str, pa.DataType]]) -> list[pa.Array]:
    """Return the columns in front of the features."""
    import pyarrow as pa

    ids = {"lesion": cohort.names}
    if cohort.patients is not None:
        ids["patient"] = cohort.patients
    arrays = []
    for name, kind in types:
        cells = ids[name] if name in ids else cohort.table[name]
        plain = [None if pd.isna(cell) else cell for cell in cells]
        if kind == pa.string():
            plain = [None if cell is None else str(cell) for cell in plain]
        arrays.append(pa.array(plain, kind))
    return arrays
