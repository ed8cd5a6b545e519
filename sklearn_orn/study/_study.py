"""One call from a cohort table to the report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn._io.codec import JsonObject
from sklearn_orn._io.outputs import Named
from sklearn_orn._progress import Progress, no_progress
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import as_cohort
from sklearn_orn.study._centre_model import with_centre_column
from sklearn_orn.study._centres import all_with_centre
from sklearn_orn.study._changes import file_stamps, without_changed
from sklearn_orn.study._chosen import chosen
from sklearn_orn.study._combined_pipeline import (
    check_apart,
    combined_fit,
    combined_scores,
)
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._evaluation import score_table
from sklearn_orn.study._extraction import (
    Extraction,
    LeftOut,
    caught_warnings,
    decode_extraction,
    encode_extraction,
    extract_rows,
    feature_table,
)
from sklearn_orn.study._feature_source import given_features, read_feature_table
from sklearn_orn.study._folder import StudyFolder
from sklearn_orn.study._manifest import fingerprint, make_manifest
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._pipeline import (
    check_parameters,
    fit_again,
    image_steps,
    study_pipeline,
)
from sklearn_orn.study._resumed_steps import Steps
from sklearn_orn.study._run import run_steps
from sklearn_orn.study.report._write import draw_study, write_study
from sklearn_orn.study.results import Results


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What a study found, and where it was written.

    Attributes
    ----------
    pipeline : Pipeline or None
        From lesions to the nomogram, fitted on the training lesions; without the
        image steps where the features were given. With ``nomogram: combined`` it is the
        combined model, and takes the clinical columns too; a level that training did
        not have is an error. None where no model could be fitted.
    features : DataFrame of shape (n_measured, n_features)
        Index of the cohort.
    scores : DataFrame
        One row per measured lesion: ``lesion, patient, split, outcome, score,
        probability, predicted``; of the combined model ``..., radiomics score,
        radiomics probability, combined score, combined probability, predicted``, and
        with ``scores: separate`` the score of each sequence, ``radiomics score T1``.
        Without a split they are the cross-validated ones. Without a model it is empty.
    results : dict
        Every number of the report, as plain data; what ``results.json`` holds.
    numbers : Results
        The same, typed.
    left_out : tuple of LeftOut
        Lesions that could not be measured, with the reason.
    seconds : dict of str to float
        Wall time of each step.
    report : Path
        The HTML file.
    """

    pipeline: Pipeline | None
    features: pd.DataFrame
    scores: pd.DataFrame
    numbers: Results
    left_out: tuple[LeftOut, ...]
    seconds: dict[str, float]
    report: Path

    @cached_property
    def results(self) -> JsonObject:
        """Every number of the report, as plain data; what ``results.json`` holds."""
        return self.numbers.plain()


def run_study(
    cohort: Cohort | pd.DataFrame | str | os.PathLike[str] | None,
    config: StudyConfig,
    out: str | os.PathLike[str],
    *,
    features: pd.DataFrame | str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: Progress = no_progress,
) -> StudyResult:
    """Run a radiomics-nomogram study and write its report.

    Features are measured lesion by lesion. Selection, LASSO and threshold are learnt
    from the training lesions only, with the lesions of a patient kept together, and
    judged on them (apparent performance) and on the validation lesions. Without a
    split, the second part is cross-validation of everything that learns. The report
    adds what resampling, other readers, other settings and simpler models say.

    Parameters
    ----------
    cohort : Cohort, DataFrame, path or None
        One row per lesion. A table in a file has its paths relative to it; in a
        DataFrame they start at the working directory. None where the table of
        `features` is a file and has the outcome too.
    config : StudyConfig
        What to do.
    out : path
        Folder of the report, made if it is not there. One that is there must be
        empty, or that of a study; only files that its manifest lists are replaced.
    features : DataFrame of shape (n_lesions, n_features) or path, default=None
        Features that another program measured; the table then needs no images. Of a
        CSV file these are the columns of numbers that the settings do not name. What
        counts the rows or is known to be no feature is left out.
    resume : bool, default=False
        Whether to go on from the steps that an interrupted run of the same study
        has finished.
    progress : callable, default=no_progress
        Called with ``(step, done, total)``.

    Returns
    -------
    StudyResult
        What was found, and where it was written.

    Raises
    ------
    CohortError
        If the table cannot be used, or the folder; the message says what to do.

    Notes
    -----
    ``out`` receives ``report.html``, ``calculator.html``, ``model.json``,
    ``features.csv``, ``features.json``, ``scores.csv``, ``results.json``,
    ``manifest.json``, ``timings.json`` and the folders ``figures`` and ``tables``. The
    same manifest gives the same ``results.json``, byte for byte, on the same machine. A
    lesion that cannot be measured is left out and listed in the report with the reason.
    Where a model, or a part of the report, cannot be made of these lesions, the report
    says why.
    """
    if not isinstance(config, StudyConfig):
        raise TypeError(f"config is {config!r}: expected a StudyConfig.")
    check_parameters(config)
    source = cohort
    if isinstance(features, str | os.PathLike):
        table, read = read_feature_table(features, config)
        if cohort is None:
            cohort, source = table, features
        features = read
    if cohort is None:
        raise TypeError("cohort is None: expected a table, or a file as features.")
    everyone = as_cohort(cohort, config.columns)
    if isinstance(source, str | os.PathLike):
        everyone = replace(everyone, source=Path(source))
    everyone, features, config, inspection = chosen(everyone, features, config)
    check_apart(everyone, features, config)
    folder = StudyFolder(out)
    folder.check(_inputs(everyone, config, features is None))
    folder.open()
    stamps = [] if features is not None else file_stamps(everyone)
    manifest = make_manifest(everyone, config, features, inspection)
    steps = Steps(folder.path, fingerprint(manifest), resume=resume)
    extraction = _extract(everyone, features, config, steps, progress)
    if features is None:
        extraction = without_changed(everyone, extraction, stamps)
    study = Study(
        cohort=all_with_centre(everyone.take(extraction.measured), config),
        extraction=extraction,
        config=config,
        from_images=features is None,
        steps=steps,
        progress=progress,
        inspection=inspection,
    )
    results, pipeline, parts = run_steps(study)
    scores = score_table(parts, study.design) if parts else pd.DataFrame()
    table = study.cohort.table if study.from_images else study.features
    drawings = draw_study(results, study)
    if pipeline is not None:
        pipeline, table, scores = _given_away(pipeline, study, results, scores)
    write_study(
        folder,
        results,
        study,
        drawings,
        manifest=manifest,
        pipeline=pipeline,
        table=table,
        features=feature_table(everyone, extraction),
        scores=scores,
    )
    steps.remove()
    return StudyResult(
        pipeline=pipeline,
        features=extraction.features,
        scores=scores,
        numbers=results,
        left_out=extraction.left_out,
        seconds=dict(steps.seconds),
        report=folder.path / "report.html",
    )


def _inputs(cohort: Cohort, config: StudyConfig, from_images: bool) -> Iterator[Named]:
    """Yield the files that a study reads, and what messages call them."""
    if cohort.source is not None:
        yield "cohort", cohort.source
    if config.exclusions is not None:
        yield "exclusions", config.exclusions
    if from_images:
        yield from cohort.files()


def _given_away(
    pipeline: Pipeline, study: Study, results: Results, scores: pd.DataFrame
) -> tuple[Pipeline, pd.DataFrame, pd.DataFrame]:
    """Return what the model file holds, the table that it takes, and its scores."""
    table = study.cohort.table if study.from_images else study.features
    if study.from_images:
        pipeline = _from_lesions(pipeline, study)
    if study.config.harmonise == "combat":
        pipeline, table = with_centre_column(pipeline, study)
    if results.product is not None:
        with caught_warnings():  # the report has them already
            whole = combined_fit(results.product, study, pipeline)
        scores = combined_scores(scores, whole, results)
        pipeline, table = whole.pipeline, whole.table
    return pipeline, table, scores


def _from_lesions(fitted: Pipeline, study: Study) -> Pipeline:
    """Return the whole pipeline, from lesions to the nomogram, fitted."""
    pipeline = study_pipeline(study.readers, study.config)
    measuring = fit_again(image_steps(pipeline), study.cohort.table)
    return Pipeline([*measuring.steps, *fitted.steps])


def _extract(
    cohort: Cohort,
    features: pd.DataFrame | None,
    config: StudyConfig,
    steps: Steps,
    progress: Progress,
) -> Extraction:
    if features is not None:
        return given_features(cohort, features)
    measuring = image_steps(study_pipeline((), config))
    kept = steps.rows("features")
    stored = steps.run(
        "features",
        lambda: encode_extraction(
            extract_rows(cohort, measuring, progress=progress, kept=kept)
        ),
    )
    kept.remove()
    return decode_extraction(stored, cohort.table.index)
