"""A stored model on new patients, one bad row never losing the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sklearn_orn._io.tables import IDS
from sklearn_orn._progress import Progress
from sklearn_orn._validation import feature_names, with_names
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import as_cohort
from sklearn_orn.deploy._examples import with_stored_model
from sklearn_orn.deploy._flags import range_flags, reading_flags
from sklearn_orn.deploy._measured_rows import MeasuredRow, measured_rows
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.deploy._new_cohort import complete_columns
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.model.shared import read_classifier

RESULTS = ("score", "probability", "predicted", "flags")


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
    for row in measured_rows(model, cohort, n_jobs):
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
