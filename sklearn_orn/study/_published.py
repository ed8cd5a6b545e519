"""A published signature on a cohort of one's own: from the table to the numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_orn._column_names import image_names
from sklearn_orn._feature_settings import FeatureSettings, Normalization, settings_of
from sklearn_orn._progress import Progress, no_progress
from sklearn_orn._validation import name_list
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.deploy import measuring_steps
from sklearn_orn.deploy.shared import sequences_needed, texture_features
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.metrics import ExternalValidation
from sklearn_orn.model import PublishedSignature, validate_externally
from sklearn_orn.model.shared import gather_columns
from sklearn_orn.study._extraction import (
    LeftOut,
    caught_warnings,
    extract_rows,
    rows_left_out,
    unique_texts,
)
from sklearn_orn.texture import declare_settings


@dataclass(frozen=True, eq=False)
class PublishedValidation:
    """What a published signature does on a cohort.

    `labels` are (negative, positive); `settings` how the features were measured, as far
    as it is known; `left_out` the lesions that could not be measured or lack a feature.
    """

    result: ExternalValidation
    labels: tuple[str, str]
    settings: FeatureSettings
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]


def has_images(columns: Iterable[object]) -> bool:
    """Say whether a table names outlines, and so is one of images."""
    header = [str(name) for name in columns]
    if any(name.startswith("diagnostics_") for name in header):  # of pyradiomics
        return False
    names = {*header, *image_names(header).values()}
    return any(name == "mask" or name.startswith("mask_") for name in names)


@dataclass(frozen=True, eq=False)
class PublishedScores:
    """What a published signature says of the lesions of a cohort.

    `rows` are the rows of the table that have a score, `design` is theirs.
    """

    score: np.ndarray
    rows: np.ndarray
    design: StudyDesign
    settings: FeatureSettings
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]


def score_published(
    signature: PublishedSignature,
    cohort: Cohort,
    *,
    bits: int | Mapping[str, int] | None,
    normalization: Normalization | None,
    n_jobs: int | None,
) -> PublishedScores:
    """Return the score of each lesion, measured as `validate_published` does."""
    design = _two_classes(cohort)
    with caught_warnings() as caught:
        X, rows, left_out = _judged_features(
            signature, cohort, design, (bits, normalization), n_jobs, no_progress
        )
        score = signature.decision_function(X)
    return PublishedScores(
        score, rows, design.take(rows), settings_of(X), left_out, unique_texts(caught)
    )


def validate_published(
    signature: PublishedSignature,
    cohort: Cohort,
    *,
    bits: int | Mapping[str, int] | None = None,
    normalization: Normalization | None = None,
    n_jobs: int | None = None,
    progress: Progress = no_progress,
) -> PublishedValidation:
    """Judge a published signature on a table of features, or of images.

    Images are measured with the settings of the signature; `bits` and `normalization`
    count where nothing else says them.
    """
    design = _two_classes(cohort)
    with caught_warnings() as caught:
        X, rows, left_out = _judged_features(
            signature, cohort, design, (bits, normalization), n_jobs, progress
        )
        judged = design.take(rows)
        try:
            result = validate_externally(signature, X, judged.y, groups=judged.patient)
        except NotEstimable as error:
            raise CohortError(str(error)) from error
    return PublishedValidation(
        result=result,
        labels=design.labels,
        settings=settings_of(X),
        left_out=left_out,
        warnings=unique_texts(caught),
    )


def _judged_features(
    signature: PublishedSignature,
    cohort: Cohort,
    design: StudyDesign,
    settings: tuple[int | Mapping[str, int] | None, Normalization | None],
    n_jobs: int | None,
    progress: Progress,
) -> tuple[pd.DataFrame, np.ndarray, tuple[LeftOut, ...]]:
    """Return complete features, the rows of the table that they are of, the others."""
    try:
        X, measured, left_out = _features(
            signature, cohort, *settings, n_jobs, progress
        )
        complete, holes = _complete(signature, X, design.take(measured))
    except NotEstimable as error:
        raise CohortError(str(error)) from error
    rows = np.flatnonzero(measured)[complete]
    return X[complete], rows, (*left_out, *holes)


def _two_classes(cohort: Cohort) -> StudyDesign:
    design = cohort.design
    if design is None:
        raise CohortError("the cohort names no outcome: expected one to judge by.")
    if not 0 < design.y.sum() < len(design.y):
        raise CohortError(
            "the outcome holds one class only: "
            f"{design.labels[int(design.y[0])]!r}. A validation needs lesions of both "
            "classes."
        )
    return design


def _features(
    signature: PublishedSignature,
    cohort: Cohort,
    bits: int | Mapping[str, int] | None,
    normalization: Normalization | None,
    n_jobs: int | None,
    progress: Progress,
) -> tuple[pd.DataFrame, np.ndarray, tuple[LeftOut, ...]]:
    """Return the features, which rows of the table they are of, and the others."""
    table = cohort.table
    if not cohort.readers:
        X = _declared(table, bits, normalization)
        return X, np.ones(len(X), dtype=bool), ()
    steps = measuring_steps(
        signature, bits=bits, normalization=normalization, n_jobs=n_jobs
    )
    cohort = _of_sequences(cohort, sequences_needed(signature))
    extraction = extract_rows(cohort, steps, progress=progress)
    texture = set(texture_features(signature))
    others = [name for name in signature.coefficients if name not in texture]
    other = {c: table.loc[extraction.measured, c] for c in others if c in table.columns}
    return extraction.features.assign(**other), extraction.measured, extraction.left_out


def _of_sequences(cohort: Cohort, needed: Sequence[str]) -> Cohort:
    """Return the cohort with the sequences of the signature alone."""
    lacking = [name for name in needed if name not in cohort.sequences]
    if lacking:
        raise CohortError(
            f"The signature is of the sequence {name_list(map(repr, lacking))}; the "
            f"table has {name_list(map(repr, cohort.sequences)) or 'one, unnamed'}. "
            f"Call the column of its image image_{lacking[0]}."
        )
    unused = [name for name in cohort.sequences if needed and name not in needed]
    return cohort.without_sequences(unused) if unused else cohort


def _declared(
    table: pd.DataFrame,
    bits: int | Mapping[str, int] | None,
    normalization: Normalization | None,
) -> pd.DataFrame:
    """Add the settings that the user names to those that the table knows."""
    if bits is None and normalization is None:
        return table
    own = settings_of(table)
    given = settings_of(declare_settings(table, bits=bits, normalization=normalization))
    pairs: list[tuple[str, object, object]] = [
        (f"bits ({family})", value, own.bits.get(family))
        for family, value in given.bits.items()
    ]
    pairs.append(("normalization", given.normalization, own.normalization))
    for name, value, stored in pairs:
        if None not in (value, stored) and value != stored:
            raise CohortError(
                f"{name} is given as {value}, and the settings beside the table say "
                f"{stored}. Leave the option out."
            )
    return declare_settings(
        table,
        bits={**given.bits, **own.bits},
        normalization=own.normalization or given.normalization,
    )


def _complete(
    signature: PublishedSignature, X: pd.DataFrame, design: StudyDesign
) -> tuple[np.ndarray, tuple[LeftOut, ...]]:
    """Return which rows have all features, and the others."""
    values = gather_columns(X, list(signature.coefficients), signature.reader)
    there = np.isfinite(values.to_numpy())
    complete = there.all(axis=1)
    left_out = rows_left_out(
        design.lesion,
        design.patient,
        ~complete,
        lambda i: (
            f"lesion {design.lesion[i]!r}: no value for "
            f"{', '.join(values.columns[~there[i]])}, which the signature needs."
        ),
    )
    if not complete.any():
        raise CohortError(
            f"none of the {len(complete)} lesions has all features of the signature. "
            f"The first: {left_out[0].reason}"
        )
    return complete, left_out
