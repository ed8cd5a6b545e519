"""A stored model on new patients, one bad row never losing the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from sklearn_orn._block_names import block_text, drawn_blocks, region_of
from sklearn_orn._final_step import final_step
from sklearn_orn._io.tables import IDS
from sklearn_orn._messages import id_part
from sklearn_orn._progress import Progress
from sklearn_orn._validation import (
    MissingValuesError,
    feature_names,
    name_list,
    with_names,
)
from sklearn_orn._workers import KILLED, run_each
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import as_cohort
from sklearn_orn.deploy._branches import (
    Category,
    SeenByScore,
    columns_read,
    image_branches,
    noting,
    plain_columns,
)
from sklearn_orn.deploy._examples import with_stored_model
from sklearn_orn.deploy._flags import Reading, range_flags, reading_flags
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.deploy._new_cohort import complete_columns
from sklearn_orn.deploy._protocol_flags import Protocol
from sklearn_orn.deploy._training import of_one_sequence
from sklearn_orn.deploy._typed_cells import level_of, number_of
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import protocol_table
from sklearn_orn.images.shared import spacing_of
from sklearn_orn.model import CrossFittedScore
from sklearn_orn.model.shared import read_classifier

RESULTS = ("score", "probability", "predicted", "flags")
# Its predictors, what is unlike training in its texture, and how it was read.
MeasuredRow = tuple[np.ndarray, list[str], Reading | None]


@dataclass(frozen=True)
class UnscoredRow:
    """A row that the model could not be applied to.

    Attributes
    ----------
    lesion : str
        Which.
    reason : str
        Why.
    """

    lesion: str
    reason: str


@dataclass(frozen=True, eq=False)
class CohortScores:
    """What a model says of new lesions.

    Attributes
    ----------
    table : DataFrame
        One row per lesion that could be scored, with the index of the cohort:
        ``lesion``, ``patient`` where the cohort has it, ``score`` (the linear
        predictor), ``probability`` of the positive class, ``predicted`` (the
        name of the class), ``flags`` (empty, or what makes the lesion unlike those of
        training), then the predictors of the model.
    left_out : tuple of UnscoredRow
        The others.
    """

    table: pd.DataFrame
    left_out: tuple[UnscoredRow, ...]


@with_stored_model
def predict_cohort(
    model: ModelFile,
    cohort: Cohort | pd.DataFrame,
    *,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> CohortScores:
    """Apply a stored model to a table of new lesions.

    Parameters
    ----------
    model : ModelFile
        As `ModelFile.read` gives it.
    cohort : Cohort or DataFrame
        One row per lesion, with the columns of the training table; for a model of
        images one reader is enough.
    n_jobs : int, default=None
        Number of processes.
    progress : callable, default=None
        Called with ``(step, done, total)``.

    Returns
    -------
    CohortScores
        The table of scores, and the rows without one.

    Raises
    ------
    CohortError
        If a column is missing, a reader is unknown to the model, or no row at all
        can be scored.

    Examples
    --------
    [[stored_model]]
    >>> from sklearn_orn.deploy import predict_cohort
    >>> new = pd.DataFrame({"T2": [0.1, 0.2], "ADC": [1.5, np.nan]})
    >>> scores = predict_cohort(model, new)
    >>> scores.table["predicted"].tolist(), len(scores.left_out)
    (['ORN'], 1)
    """
    cohort = as_cohort(cohort)
    cohort = replace(cohort, table=complete_columns(cohort.table, model))
    names = cohort.names
    rows: list[MeasuredRow | LesionError] = []
    for row in _measured_rows(model, cohort, n_jobs):
        rows.append(row)
        if progress is not None:
            progress("applying the model", len(rows), len(cohort))
    failed = np.array([isinstance(row, LesionError) for row in rows])
    left_out = tuple(
        UnscoredRow(names[i], str(rows[i])) for i in np.flatnonzero(failed)
    )
    if failed.all():
        first = next(row for row in rows if isinstance(row, LesionError))
        raise CohortError(
            f"the model can be applied to none of the {len(rows)} rows. The first: "
            f"{first.marked}"
        )
    good = [row for row in rows if not isinstance(row, LesionError)]
    return CohortScores(table_of_scores(model, cohort.take(~failed), good), left_out)


def _measured_rows(
    model: ModelFile, cohort: Cohort, n_jobs: int | None
) -> Iterator[MeasuredRow | LesionError]:
    """Yield for each row its predictors and how it was read, or the error."""
    names, table = cohort.names, cohort.table
    calls = [(model, table.iloc[[i]], name) for i, name in enumerate(names)]
    yield from run_each(measure_row, calls, n_jobs, lambda i: _named(names[i], KILLED))


def measure_row(
    model: ModelFile,
    row: pd.DataFrame,
    name: str,
    *,
    before: BaseEstimator | None = None,
    reading: Reading | None = None,
) -> MeasuredRow | LesionError:
    """Return what the classifier sees of a row and how it was read, or the error.

    `before` stands in for the steps before the classifier, `reading` for the headers.
    """
    columns = plain_columns(model.pipeline)
    encoded, filled = columns_read(model.pipeline)
    empty = [
        column
        for column in columns
        if pd.isna(row[column].iloc[0]) and column not in filled
    ]
    try:
        cells: dict[str, float | pd.Series] = {
            column: _as_levels(
                level_of(cell, column, encoded[column], filled=column in filled),
                encoded[column],
                row.index,
            )
            if column in encoded
            else number_of(cell, column)
            for column, cell in zip(columns, row[columns].iloc[0], strict=True)
        }
        row = row.assign(**cells) if cells else row
        X: pd.DataFrame | np.ndarray = row
        if not image_branches(model.pipeline):
            named = hasattr(model.pipeline[0], "feature_names_in_")
            dtype = object if encoded else float
            X = row[columns] if named else row[columns].to_numpy(dtype)
        seen: list[SeenByScore] = []
        if len(model.pipeline) > 1:
            X = noting(before or model.pipeline[:-1], seen).transform(X)
        features = np.asarray(X, dtype=np.float64)[0]
        _refuse_missing(model, features, empty)
        flags = [flag for of_score in seen for flag in _score_flags(*of_score)]
        return features, flags, reading or _reading(model, row)
    except LesionError as error:
        # A ColumnTransformer's branch sees no ids.
        return error if name in str(error) else _named(name, error)
    except MissingValuesError as error:
        return _named(name, _needed(name_list(empty)) if empty else error)


def _as_levels(cell: object, category: Category, index: pd.Index) -> pd.Series:
    """Return a cell as a column of the kind of its levels, also if it is empty."""
    dtype = object if category.levels.dtype.kind in "OUS" else None
    return pd.Series([cell], index=index, dtype=dtype)


def _named(name: str, reason: object) -> LesionError:
    what = reason.marked if isinstance(reason, LesionError) else str(reason)
    return LesionError(what, where=f"lesion {id_part(name, quoted=True)}")


def _refuse_missing(
    model: ModelFile, features: np.ndarray, empty: Sequence[str]
) -> None:
    missing = np.isnan(features)
    if missing.any():
        names = name_list(feature_names(model.classifier)[missing])
        raise LesionError(
            _needed(f"{names} (empty: {name_list(empty)})" if empty else names)
        )


def _needed(what: str) -> str:
    return (
        f"no value for {what}, which the model needs. Enter it, or leave the lesion "
        "out."
    )


def _reading(model: ModelFile, row: pd.DataFrame) -> Reading | None:
    for branch in image_branches(model.pipeline):
        lesion = branch.prepare(row)[0]
        trained = _drawn_by_region(branch.extractor.readers_)
        drawn = _drawn_by_region(lesion.readers)
        fewest = min(trained, key=lambda name: (drawn[name] or np.inf) - trained[name])
        absent = [block_text(name) for name in trained if not drawn[name]]
        protocol: Protocol = {}
        if model.training.protocol and of_one_sequence(branch):
            read = protocol_table([lesion]).iloc[0]
            protocol = {str(field): read[field] for field in read.index}
        return Reading(
            drawn[fewest],
            trained[fewest],
            spacing_of(lesion),
            tuple(absent),
            protocol,
        )
    return None


def _drawn_by_region(blocks: Sequence[str]) -> Counter[str]:
    """Count who drew each sequence and region: no model needs perturbed outlines."""
    return Counter(map(region_of, drawn_blocks(blocks)))


def _score_flags(score: CrossFittedScore, X: pd.DataFrame | np.ndarray) -> list[str]:
    """Say which features of a score lie outside of their range in training."""
    last = final_step(score.estimator_)
    names = [str(name) for name in feature_names(last)]
    values = np.asarray(X, dtype=np.float64)[0]
    linear = read_classifier(score.estimator_)
    return range_flags(values, names, linear, last.coef_[0])


def table_of_scores(
    model: ModelFile, cohort: Cohort, rows: Sequence[MeasuredRow]
) -> pd.DataFrame:
    """Return the table of `predict_cohort` for rows that were measured."""
    classifier = model.classifier
    values = np.vstack([features for features, _, _ in rows])
    columns = [str(name) for name in feature_names(classifier)]
    X = with_names(values, classifier)
    linear = read_classifier(model.pipeline)
    flags = [
        [
            *range_flags(row, columns, linear, classifier.coef_[0]),
            *of_texture,
            *(reading_flags(reading, model.training) if reading else ()),
        ]
        for row, (_, of_texture, reading) in zip(values, rows, strict=True)
    ]
    index = cohort.table.index
    table = pd.DataFrame({"lesion": cohort.names}, index=index)
    if "patient" in cohort.table.columns:
        table["patient"] = cohort.table["patient"]
    table["score"] = classifier.decision_function(X)
    table["probability"] = classifier.predict_proba(X)[:, 1]
    positive = classifier.predict(X) == classifier.classes_[1]
    table["predicted"] = [model.class_names[int(p)] for p in positive]
    table["flags"] = ["; ".join(texts) for texts in flags]
    used = np.flatnonzero(classifier.coef_[0])
    taken = {*IDS, *RESULTS}
    labels = [f"{c} (predictor)" if c in taken else c for c in columns]
    predictors = pd.DataFrame(
        values[:, used], index=index, columns=[labels[i] for i in used]
    )
    return pd.concat([table, predictors], axis=1)
