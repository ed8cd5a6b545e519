"""One call from a cohort table to the report."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import _files as files
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._design import StudyDesign, check_classes, make_design
from sklearn_orn.study._evaluation import (
    Predictions,
    cross_validated_predictions,
    evaluate,
    fit_table,
    predict_part,
    score_refit,
    score_table,
)
from sklearn_orn.study._extraction import (
    LeftOut,
    Progress,
    caught_warnings,
    extract_rows,
    feature_table,
    is_synthetic,
    no_progress,
    unique_texts,
)
from sklearn_orn.study._figures import make_figures
from sklearn_orn.study._guards import study_guards
from sklearn_orn.study._image_facts import image_facts
from sklearn_orn.study._pipeline import IMAGE_STEPS, study_pipeline
from sklearn_orn.study._report import render_report
from sklearn_orn.study._results import gather_results


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What a study found, and where it was written.

    Attributes
    ----------
    pipeline : Pipeline
        From lesions to the nomogram, fitted on the training lesions.
    features : DataFrame of shape (n_measured, n_features)
        Index of the cohort.
    scores : DataFrame
        One row per measured lesion: ``lesion, patient, split, outcome, score,
        probability, predicted``. Without a split they are the cross-validated ones.
    results : dict
        Every number of the report, as plain data; what ``results.json`` holds.
    left_out : tuple of LeftOut
        Lesions that could not be measured, with the reason.
    report : Path
        The HTML file.
    """

    pipeline: Any
    features: pd.DataFrame
    scores: pd.DataFrame
    results: dict[str, Any]
    left_out: tuple[LeftOut, ...]
    report: Path


def run_study(
    cohort: pd.DataFrame | str | os.PathLike,
    config: StudyConfig,
    out: str | os.PathLike,
    *,
    progress: Progress = no_progress,
) -> StudyResult:
    """Run a radiomics-nomogram study and write its report.

    Features are measured lesion by lesion. Selection, LASSO and threshold are learnt
    from the training lesions only, with the lesions of a patient kept together, and
    judged on them (apparent performance) and on the validation lesions. Without a
    split, the second part is cross-validation of everything that learns.

    Parameters
    ----------
    cohort : DataFrame or path
        One row per lesion. A table in a file has its paths relative to it; in a
        DataFrame they start at the working directory.
    config : StudyConfig
        What to do.
    out : path
        Folder of the report, made if it is not there.
    progress : callable, default=no_progress
        Called with ``(step, done, total)``.

    Returns
    -------
    StudyResult

    Raises
    ------
    CohortError
        If the table cannot be used; the message says what to do.

    Notes
    -----
    ``out`` receives ``report.html``, ``features.csv``, ``scores.csv`` and
    ``results.json``. The same table and settings give the same files. A lesion that
    cannot be measured is left out and listed in the report with the reason.
    """
    from sklearn_orn.images import read_cohort

    if not isinstance(config, StudyConfig):
        raise TypeError(f"config is {config!r}: expected a StudyConfig.")
    table = cohort if isinstance(cohort, pd.DataFrame) else read_cohort(cohort)
    design = make_design(table, config)
    out = files.make_folder(out)
    image_steps = study_pipeline((), config)[:IMAGE_STEPS]
    extraction = extract_rows(
        table, image_steps, patient=design.patient, progress=progress
    )
    design = design.take(extraction.measured)
    check_classes(design, cv=config.cv)
    pipeline = study_pipeline(extraction.readers, config)
    with caught_warnings() as caught:
        parts = _fit_and_predict(
            pipeline[IMAGE_STEPS:], extraction.features, design, config, progress
        )
        evaluated = [evaluate(part, fitted=i == 0) for i, part in enumerate(parts)]
    pipeline.steps[:IMAGE_STEPS] = image_steps.steps
    results = gather_results(
        pipeline, extraction, design, config, synthetic=is_synthetic(table)
    )
    results["images"] = image_facts(table.loc[extraction.measured])
    results["parts"] = evaluated
    results["model"]["score_refit"] = score_refit(parts[0])
    results["warnings"] = study_guards(
        design,
        readers=extraction.readers,
        left_out=len(extraction.left_out),
        n_candidates=len(pipeline[-1].feature_names_in_),
        n_selected=len(results["model"]["coefficients"]),
        synthetic=results["synthetic"],
        caught=unique_texts([*extraction.warnings, *caught]),
        parts=evaluated,
    )
    result = StudyResult(
        pipeline=pipeline,
        features=extraction.features,
        scores=score_table(parts, design),
        results=files.plain_data(results),
        left_out=extraction.left_out,
        report=out / "report.html",
    )
    progress("drawing the report", 0, 1)
    html = _render(result, parts, design)
    features = feature_table(table, extraction, patient=str(config.patient))
    files.write_csv(out / "features.csv", features)
    files.write_csv(out / "scores.csv", result.scores)
    files.write_json(out / "results.json", result.results)
    files.write_text(result.report, html)
    progress("drawing the report", 1, 1)
    return result


def _render(
    result: StudyResult, parts: Sequence[Predictions], design: StudyDesign
) -> str:
    """Draw the figures and set the page."""
    steps = result.pipeline[IMAGE_STEPS:]
    chosen = steps[:-1].transform(result.features[design.training])
    with caught_warnings():  # the report has them already
        figures = make_figures(steps[-1], chosen, parts, result.results)
    return render_report(result.results, figures)


def _fit_and_predict(
    table_steps: Any,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
    progress: Progress,
) -> list[Predictions]:
    """Fit on the training lesions; return training and what stands against it."""
    rows = design.training
    progress("fitting", 0, 1)
    try:
        fit_table(table_steps, features[rows], design.take(rows))
        parts = [
            predict_part(table_steps, features[rows], design.take(rows), "training")
        ]
        progress("fitting", 1, 1)
        if design.has_split:
            rest = design.take(~rows)
            parts.append(predict_part(table_steps, features[~rows], rest, "validation"))
        else:
            parts.append(
                cross_validated_predictions(
                    table_steps,
                    features,
                    design,
                    cv=config.cv,
                    random_state=config.random_state,
                    progress=progress,
                )
            )
    except CohortError:
        raise
    except ValueError as error:
        raise CohortError(f"no model can be fitted to this cohort. {error}") from error
    return parts
