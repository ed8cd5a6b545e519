"""A run of a published study: its score applied, or its pipeline fitted anew."""

import os
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from sklearn_orn._feature_settings import bits_by_family
from sklearn_orn.audit._reproduction_file import FittedRun, PublishedRun, Run
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.model import PublishedSignature, zhong2020
from sklearn_orn.study.shared import (
    caught_warnings,
    extract_rows,
    fit_table,
    radiomics_pipeline,
    score_published,
    unique_texts,
)

ZHONG = "zhong2020"  # the signature that comes with the package


class Found(NamedTuple):
    """The scores of a run; `rows` are those of the table that have one."""

    score: np.ndarray
    rows: np.ndarray
    design: StudyDesign
    threshold: float
    features: Mapping[str, int]
    settings: str
    n_left_out: int
    warnings: tuple[str, ...]


def run_again(
    run: Run, cohort: Cohort, parts: np.ndarray, folder: str, n_jobs: int | None
) -> Found:
    """Run it on a table; `folder` is where paths of the file start."""
    if isinstance(run, PublishedRun):
        return _published(run, cohort, folder, n_jobs)
    return _fitted(run, cohort, parts, n_jobs)


def _published(
    run: PublishedRun, cohort: Cohort, folder: str, n_jobs: int | None
) -> Found:
    if run.signature == ZHONG:
        if run.bits is None:
            raise CohortError(
                f"run {run.name!r} takes {ZHONG} and names no bits, which the article "
                "does not report: expected bits."
            )
        try:
            signature = zhong2020(run.bits)
        except ValueError as error:
            raise CohortError(f"run {run.name!r}: {error}") from None
    else:
        path = os.path.join(folder, run.signature)
        signature = PublishedSignature.from_json(path)
    if run.reader is not None:
        signature.set_params(reader=run.reader)
    if len(cohort.readers) < 2 and signature.reader == "mean":
        signature.set_params(reader=None)
    found = score_published(
        signature,
        cohort,
        bits=run.bits if signature.bits is None else None,
        normalization=run.normalization if signature.normalization is None else None,
        n_jobs=n_jobs,
    )
    bits = ", ".join(f"{family} {n}" for family, n in found.settings.bits.items())
    window = found.settings.normalization
    known = [f"bits {bits}" if bits else "", f"window {window}" if window else ""]
    used = sum(value != 0 for value in signature.coefficients.values())
    return Found(
        found.score,
        found.rows,
        found.design,
        signature.threshold,
        {"features in the score": used},
        "; ".join(filter(None, ["published score", *known])),
        len(found.left_out),
        found.warnings,
    )


def _fitted(
    run: FittedRun, cohort: Cohort, parts: np.ndarray, n_jobs: int | None
) -> Found:
    design = cohort.design
    assert design is not None  # the file names the outcome
    if run.training not in parts:
        known = ", ".join(map(repr, sorted(set(parts))))
        raise CohortError(
            f"run {run.name!r} is fitted on the part {run.training!r}; expected one of "
            f"{known}."
        )
    names = [reader for reader in cohort.readers if reader]
    steps = radiomics_pipeline(
        names or 1,
        normalization=run.normalization,
        icc_threshold=run.icc_threshold,
        k=run.k,
        cv=run.folds,
        n_jobs=n_jobs,
        random_state=run.seed,
    )
    if run.bits is not None:
        steps.set_params(extractor__bits=bits_by_family(run.bits))
    extraction = extract_rows(cohort, steps[:2])
    rows = np.flatnonzero(extraction.measured)
    design, learning = design.take(rows), steps[2:]
    training = parts[rows] == run.training
    try:
        with caught_warnings() as caught:
            fit_table(learning, extraction.features[training], design.take(training))
    except NotEstimable as error:
        raise CohortError(f"run {run.name!r}: {error}") from error
    bits = "MaZda's own" if run.bits is None else str(run.bits)
    return Found(
        np.asarray(learning.decision_function(extraction.features), dtype=float),
        rows,
        design,
        0.5,
        _features(learning, extraction.features.shape[1], max(len(names), 1)),
        f"fitted anew on {run.training}; bits {bits}; window {run.normalization}; ICC "
        f"above {run.icc_threshold:g}; {run.k} features by each criterion; "
        f"{run.folds} folds; seed {run.seed}",
        len(extraction.left_out),
        unique_texts([*extraction.warnings, *caught]),
    )


def _features(steps: Pipeline, n_columns: int, n_readers: int) -> dict[str, int]:
    """Return how many features are left at each step."""
    counts = {"features measured": n_columns // n_readers}
    if "icc" in steps.named_steps:
        kept = steps.named_steps["icc"].get_feature_names_out()
        counts["features reproducible"] = len(kept)
    counts["features before the LASSO"] = len(
        steps.named_steps["fcm"].get_feature_names_out()
    )
    coefficients = steps.named_steps["nomogram"].coef_
    counts["features in the score"] = int(np.count_nonzero(coefficients))
    return counts
