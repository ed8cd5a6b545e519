"""What a model's classifier sees of new lesions, and how each of them was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator

from sklearn_orn._block_names import block_text, drawn_blocks, region_of
from sklearn_orn._final_step import final_step
from sklearn_orn._messages import id_part
from sklearn_orn._validation import MissingValuesError, feature_names, name_list
from sklearn_orn._workers import KILLED, run_each
from sklearn_orn.cohort import Cohort
from sklearn_orn.deploy._branches import (
    ColumnsRead,
    ImageBranch,
    SeenByScore,
    columns_read,
    image_branches,
    noting,
    plain_columns,
)
from sklearn_orn.deploy._flags import Reading, range_flags
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.deploy._protocol_flags import Protocol
from sklearn_orn.deploy._training import of_one_sequence
from sklearn_orn.deploy._typed_cells import level_of, number_of
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import protocol_table
from sklearn_orn.images.shared import ReadableLesion, spacing_of
from sklearn_orn.model import CrossFittedScore
from sklearn_orn.model.shared import read_classifier

# Its predictors, what is unlike training in its texture, and how it was read.
MeasuredRow = tuple[np.ndarray, list[str], Reading | None]
MeasuredRows = list[MeasuredRow | LesionError]
Cells = dict[str, Hashable]
AT_ONCE = 64  # rows; a step of tables takes hardly longer for them than for one


def measured_rows(
    model: ModelFile, cohort: Cohort, n_jobs: int | None
) -> Iterator[MeasuredRow | LesionError]:
    """Yield for each row its predictors and how it was read, or the error.

    Some rows are measured at a time; where they kill their process, each alone.
    """
    table, names = cohort.table, cohort.names.tolist()
    jobs = effective_n_jobs(n_jobs)
    size = AT_ONCE if jobs == 1 else min(len(names) // (4 * jobs) + 1, AT_ONCE)

    def measured(rows: range, size: int) -> Iterator[tuple[range, MeasuredRows]]:
        parts = [rows[i : i + size] for i in range(0, len(rows), size)]
        calls = [
            (model, table.iloc[p.start : p.stop], names[p.start : p.stop])
            for p in parts
        ]
        return zip(parts, run_each(measure_rows, calls, n_jobs, _killed), strict=True)

    for part, found in measured(range(len(names)), size):
        if found:
            yield from found
            continue
        for (row,), alone in measured(part, 1):
            yield alone[0] if alone else _named(names[row], KILLED)


def _killed(_: int) -> MeasuredRows:
    """Return what is known of rows that killed their process: nothing of any."""
    return []


def measure_rows(
    model: ModelFile,
    table: pd.DataFrame,
    names: Sequence[str],
    *,
    before: BaseEstimator | None = None,
    reading: Reading | None = None,
) -> MeasuredRows:
    """Return what the classifier sees of each row and how it was read, or the error.

    `before` stands in for the steps before the classifier, `reading` for the headers.
    """
    measuring = _Measuring(model, before or model.pipeline[:-1], reading)
    given = table[measuring.columns]
    cells = [measuring.cells(given.iloc[i], name) for i, name in enumerate(names)]
    good = [i for i, row in enumerate(cells) if not isinstance(row, LesionError)]
    read = [row for row in cells if not isinstance(row, LesionError)]
    filled = measuring.with_cells(table.iloc[good], read)
    found = iter(measuring.together(filled, [names[i] for i in good]))
    return [row if isinstance(row, LesionError) else next(found) for row in cells]


@dataclass(frozen=True, eq=False)
class _Measuring:
    """A model that measures rows, and what is found out of it once for all of them."""

    model: ModelFile
    steps: BaseEstimator  # before the classifier
    reading: Reading | None

    @cached_property
    def columns(self) -> list[str]:
        return plain_columns(self.model.pipeline)

    @cached_property
    def encoding(self) -> ColumnsRead:
        return columns_read(self.model.pipeline)

    @cached_property
    def branch(self) -> ImageBranch | None:
        """The first that looks at images."""
        return next(iter(image_branches(self.model.pipeline)), None)

    def cells(self, row: pd.Series, name: str) -> Cells | LesionError:
        """Return what the model reads of a row beside images, or what is wrong."""
        levels, filled = self.encoding
        try:
            return {
                c: level_of(cell, c, levels[c], filled=c in filled)
                if c in levels
                else number_of(cell, c)
                for c, cell in zip(self.columns, row, strict=True)
            }
        except LesionError as error:
            return _named(name, error)

    def with_cells(self, table: pd.DataFrame, rows: Sequence[Cells]) -> pd.DataFrame:
        """Return the table with these cells, each column of the kind of its levels.

        Where there are no images it holds nothing else.
        """
        columns = {}
        for name in self.columns:
            known = self.encoding.categories.get(name)
            texts = known is not None and known.levels.dtype.kind in "OUS"
            columns[name] = pd.Series(
                [row[name] for row in rows],
                index=table.index,
                dtype=object if texts else None if known is not None else float,
            )
        if self.branch is None:
            return pd.DataFrame(columns, index=table.index)
        return table.assign(**columns) if columns else table

    def together(self, table: pd.DataFrame, names: Sequence[str]) -> MeasuredRows:
        """Measure rows at once; where one cannot be, in parts.

        These are halves, but single rows where images would be measured again.
        """
        if not names:
            return []
        seen: list[SeenByScore] = []
        try:
            X = self._model_input(table)
            if len(self.model.pipeline) > 1:
                X = noting(self.steps, seen).transform(X)
        except (LesionError, MissingValuesError) as error:
            if len(names) == 1:
                return [self._refused(names[0], table, error)]
            size = 1 if self.branch else (len(names) + 1) // 2
            return [
                row
                for i in range(0, len(names), size)
                for row in self.together(table[i : i + size], names[i : i + size])
            ]
        return self._told(table, names, np.asarray(X, dtype=np.float64), seen)

    def _told(
        self,
        table: pd.DataFrame,
        names: Sequence[str],
        features: np.ndarray,
        seen: Sequence[SeenByScore],
    ) -> MeasuredRows:
        """Return rows with what is to be said of them, or why one has no score."""
        flags = [_RangeFlags(*of_score) for of_score in seen]
        lesions: list[ReadableLesion] = []
        if self.branch is not None and self.reading is None:
            lesions = list(self.branch.prepare(table))
        rows: MeasuredRows = []
        for i, name in enumerate(names):
            try:
                if np.isnan(features[i]).any():
                    raise self._missing(features[i], table[i : i + 1])
                told = [text for of_score in flags for text in of_score(i)]
                reading = self._read(lesions[i]) if lesions else self.reading
                rows.append((features[i], told, reading))
            except LesionError as error:
                rows.append(_named(name, error))
        return rows

    def _model_input(self, table: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        if self.branch is not None:
            return table
        if hasattr(self.model.pipeline[0], "feature_names_in_"):
            return table
        return table.to_numpy(object if self.encoding.categories else float)

    def _empty(self, row: pd.DataFrame) -> list[str]:
        """Return the columns without a value that the model does not fill in."""
        gaps = row[self.columns].isna().iloc[0]
        return [c for c in self.columns if gaps[c] and c not in self.encoding.filled]

    def _refused(self, name: str, row: pd.DataFrame, error: Exception) -> LesionError:
        empty = [] if isinstance(error, LesionError) else self._empty(row)
        return _named(name, _needed(name_list(empty)) if empty else error)

    def _missing(self, features: np.ndarray, row: pd.DataFrame) -> LesionError:
        names = name_list(feature_names(self.model.classifier)[np.isnan(features)])
        empty = self._empty(row)
        return LesionError(
            _needed(f"{names} (empty: {name_list(empty)})" if empty else names)
        )

    def _read(self, lesion: ReadableLesion) -> Reading:
        branch = self.branch
        assert branch is not None
        trained = _drawn_by_region(branch.extractor.readers_)
        drawn = _drawn_by_region(lesion.readers)
        fewest = min(trained, key=lambda name: (drawn[name] or np.inf) - trained[name])
        absent = [block_text(name) for name in trained if not drawn[name]]
        protocol: Protocol = {}
        if self.model.training.protocol and of_one_sequence(branch):
            read = protocol_table([lesion]).iloc[0]
            protocol = {str(field): read[field] for field in read.index}
        return Reading(
            drawn[fewest],
            trained[fewest],
            spacing_of(lesion),
            tuple(absent),
            protocol,
        )


class _RangeFlags:
    """Says which features of a score lie outside of their range in training."""

    def __init__(self, score: CrossFittedScore, X: pd.DataFrame | np.ndarray) -> None:
        last = final_step(score.estimator_)
        self.names = [str(name) for name in feature_names(last)]
        self.values = np.asarray(X, dtype=np.float64)
        self.linear, self.coef = read_classifier(score.estimator_), last.coef_[0]

    def __call__(self, row: int) -> list[str]:
        """Return the flags of a row."""
        return range_flags(self.values[row], self.names, self.linear, self.coef)


def _drawn_by_region(blocks: Sequence[str]) -> Counter[str]:
    """Count who drew each sequence and region: no model needs perturbed outlines."""
    return Counter(map(region_of, drawn_blocks(blocks)))


def _named(name: str, reason: object) -> LesionError:
    if isinstance(reason, LesionError) and name in str(reason):
        return reason  # a ColumnTransformer's branch sees no ids, others do
    what = reason.marked if isinstance(reason, LesionError) else str(reason)
    return LesionError(what, where=f"lesion {id_part(name, quoted=True)}")


def _needed(what: str) -> str:
    return (
        f"no value for {what}, which the model needs. Enter it, or leave the lesion "
        "out."
    )
