"""The features of every lesion of a table, one bad lesion never losing the others."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn._progress import Progress, no_progress
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import label_text
from sklearn_orn.exceptions import CohortError, LesionError, StudyWarning
from sklearn_orn.images import LesionSequence
from sklearn_orn.images.shared import split_choice
from sklearn_orn.study._json_csv import JsonObject
from sklearn_orn.study._kept_rows import KeptRows

MEASURING = "measuring lesions"


@dataclass(frozen=True)
class LeftOut:
    """A lesion that could not be measured, and why.

    Attributes
    ----------
    lesion : str
        Its name.
    patient : str or None
        Whose it is, where that is known.
    reason : str
        What went wrong, and what to do.
    """

    lesion: str
    patient: str | None
    reason: str


@dataclass(frozen=True, eq=False)
class Extraction:
    """The features of a table's lesions.

    Attributes
    ----------
    features : DataFrame of shape (n_measured, n_features)
        Index of the table.
    measured : ndarray of bool, shape (n_lesions,)
        Which rows of the table are in `features`.
    left_out : tuple of LeftOut
        The others, in the table's order.
    readers : tuple of str
        Names of the readers' blocks of columns; ``("",)`` without names.
    warnings : tuple of str
        What the steps warned of, each once.
    """

    features: pd.DataFrame
    measured: np.ndarray
    left_out: tuple[LeftOut, ...]
    readers: tuple[str, ...]
    warnings: tuple[str, ...]


def unique_texts(messages: Iterable[object]) -> tuple[str, ...]:
    """Return each message once, in order."""
    return tuple(dict.fromkeys(str(message) for message in messages))


@contextmanager
def caught_warnings() -> Iterator[list[str]]:
    """Collect what our steps warn of, for the report; let all else through."""
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", StudyWarning)
        yield texts
    for warning in caught:
        if issubclass(warning.category, StudyWarning):
            texts.append(str(warning.message))
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )


def rows_left_out(
    names: np.ndarray,
    patients: np.ndarray | None,
    rows: np.ndarray,
    reason: Callable[[int], str],
) -> tuple[LeftOut, ...]:
    """Return the lesions of the rows that a mask names, each with its reason."""
    return tuple(
        LeftOut(names[i], None if patients is None else patients[i], reason(i))
        for i in np.flatnonzero(rows).tolist()
    )


def measured_rows(
    steps: Pipeline, lesions: LesionSequence, kept: KeptRows | None
) -> Iterator[tuple[int, pd.DataFrame | LesionError]]:
    """Yield the features of each lesion: first those kept, then those measured now."""
    prepared = steps[:-1].transform(lesions)
    rest = list(range(len(lesions)))
    if kept is not None:
        columns = steps[-1].get_feature_names_out()
        here = [i for i in rest if kept.holds(i, len(columns))]
        for i in here:
            yield i, kept.take(i, columns, lesions.index[[i]])
        rest = sorted({*rest} - {*here})
    each = steps[-1].transform_each(prepared[rest]) if rest else ()
    for i, row in zip(rest, each, strict=True):
        if kept is not None and not isinstance(row, LesionError):
            kept.add(i, row)
        yield i, row


def nothing_measured(left_out: Sequence[LeftOut]) -> CohortError:
    """Return the error where no lesion at all could be measured."""
    reasons = unique_texts(lesion.reason for lesion in left_out[:3])
    return CohortError(
        f"none of the {len(left_out)} lesions could be measured. The first: "
        + " ".join(reasons)
    )


def extract_rows(
    cohort: Cohort,
    steps: Pipeline,
    *,
    progress: Progress = no_progress,
    kept: KeptRows | None = None,
) -> Extraction:
    """Measure every lesion of a table by itself; those that fail are left out.

    The steps end in a `TextureExtractor`, whose `n_jobs` counts. They are fitted, which
    learns the readers' names and nothing from pixels. CohortError where no lesion at
    all could be measured.
    """
    lesions = cohort.lesions()
    n = len(lesions)
    measurements: dict[int, pd.DataFrame | LesionError] = {}
    progress(MEASURING, 0, n)
    with caught_warnings() as caught:
        steps.fit(lesions)
        for i, row in measured_rows(steps, lesions, kept):
            measurements[i] = row
            progress(MEASURING, len(measurements), n)
    rows = [measurements[i] for i in range(n)]
    measured = np.array([not isinstance(row, LesionError) for row in rows])
    left_out = rows_left_out(
        cohort.names, cohort.patients, ~measured, lambda i: str(rows[i])
    )
    if not measured.any():
        raise nothing_measured(left_out)
    return Extraction(
        features=pd.concat([row for row in rows if not isinstance(row, LesionError)]),
        measured=measured,
        left_out=left_out,
        readers=tuple(steps[-1].readers_),
        warnings=unique_texts(caught),
    )


def encode_extraction(extraction: Extraction) -> dict[str, object]:
    """Return features as plain data; `decode_extraction` reads them back."""
    return {
        "columns": list(extraction.features.columns),
        "rows": extraction.features.to_numpy(),
        "measured": extraction.measured,
        "left_out": [asdict(lesion) for lesion in extraction.left_out],
        "readers": extraction.readers,
        "warnings": extraction.warnings,
        "settings": extraction.features.attrs,
    }


def decode_extraction(data: JsonObject, index: pd.Index) -> Extraction:
    """Return the features that `encode_extraction` made plain; `index` of the table."""
    measured = np.array(data["measured"], dtype=bool)
    features = pd.DataFrame(
        np.array(data["rows"], dtype=np.float64),  # None is NaN
        columns=data["columns"],
        index=index[measured],
    )
    features.attrs.update(data["settings"])
    return Extraction(
        features=features,
        measured=measured,
        left_out=tuple(LeftOut(**lesion) for lesion in data["left_out"]),
        readers=tuple(data["readers"]),
        warnings=tuple(data["warnings"]),
    )


def feature_table(
    cohort: Cohort, extraction: Extraction, *, carried: Sequence[str] = ()
) -> pd.DataFrame:
    """Return ``lesion``, ``patient`` where it is known, `carried` and the features."""
    measured = cohort.take(extraction.measured)
    ids: dict[str, np.ndarray] = {"lesion": measured.names}
    if measured.patients is not None:
        ids["patient"] = measured.patients
    table = pd.DataFrame(ids, index=extraction.features.index)
    kept = measured.table[list(carried)].set_axis(table.index)
    return pd.concat([table, kept, extraction.features], axis=1)


def is_synthetic(table: pd.DataFrame) -> bool:
    """Say whether a cohort calls itself synthetic: a column, or DICOM's (0008,001C)."""
    if "synthetic" in table.columns:
        says = {label_text(value).lower() for value in table["synthetic"]}
        if says & {"1", "true", "yes"}:
            return True
    columns = [c for c in table.columns if str(c).startswith("image")]
    return any(_labelled_synthetic(path) for c in columns for path in table[c])


def _labelled_synthetic(path: object) -> bool:
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    tag = "SyntheticData"
    try:
        file = split_choice(str(path)).path
    except LesionError:
        return False
    if not os.path.isfile(file):  # a pipe would wait for its other end
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the header: the images room's matter
        try:
            header = dcmread(file, stop_before_pixels=True, specific_tags=[tag])
        except (InvalidDicomError, OSError, ValueError, AttributeError):
            return False
    return str(header.get(tag, "")).upper() == "YES"
