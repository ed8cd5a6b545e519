"""What a study would do, without doing it."""

from __future__ import annotations

import textwrap

import pandas as pd

from sklearn_orn._block_names import LESION, readers_of
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import StudyDesign, as_cohort
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.images import check_cohort
from sklearn_orn.study._centres import centre_line
from sklearn_orn.study._chosen import chosen
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._enough import why_no_model
from sklearn_orn.study._feature_columns import LEFT_OUT, by_prefix, left_out_text
from sklearn_orn.study._feature_source import given_features
from sklearn_orn.study._flow import make_flow
from sklearn_orn.study._pipeline import check_parameters, study_pipeline, table_steps
from sklearn_orn.study._results import cohort_counts
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.results import Inspection

FILES = (
    "report.html, calculator.html, model.json, features.csv, features.json, "
    "scores.csv, results.json, manifest.json, timings.json, figures/, tables/"
)


def plan_study(
    table: Cohort | pd.DataFrame,
    config: StudyConfig,
    features: pd.DataFrame | None = None,
) -> tuple[str, list[str]]:
    """Check all that a study needs; return what it would do, and what would go wrong.

    Without features every image and outline is read.
    """
    check_parameters(config)
    cohort, features, config, inspection = chosen(
        as_cohort(table, config.columns), features, config
    )
    design = cohort.design
    assert design is not None  # the settings name the outcome
    make_flow(design, (), config.screening, inspection)
    problems: list[str] = []
    readable = design
    if features is None:
        readers, lesions = cohort.readers, cohort.lesions()
        regions = study_pipeline(readers, config).named_steps.get("regions")
        if regions is not None:
            lesions = regions.transform(lesions)
        bad = check_cohort(lesions).errors
        problems = [problem.text for problem in bad]
        rows = {problem.row for problem in bad}
        readable = design.take(~cohort.table.index.isin(rows))
    else:
        readers = readers_of(given_features(cohort, features).readers)
    lines = _lines(design, config, readers, cohort.sequences, features)
    reason = _why_no_model(readable, config)
    if reason is not None:
        problems.append(f"No model: {reason}")
    if cohort.centres is not None:
        lines.insert(-1, centre_line(cohort))
    if isinstance(inspection, Inspection):
        n = len(inspection.rejected)
        lines.insert(0, f"{n} of {inspection.n_lesions} lesions rejected on inspection")
    return "\n".join(lines), problems


def _why_no_model(design: StudyDesign, config: StudyConfig) -> str | None:
    reason = why_no_model(design, cv=config.cv)
    if reason is None:
        try:
            study_splits(design, config)
        except NotEstimable as error:
            return str(error)
    return reason


def _lines(
    design: StudyDesign,
    config: StudyConfig,
    readers: tuple[str, ...],
    sequences: tuple[str, ...],
    features: pd.DataFrame | None,
) -> list[str]:
    lines = [f"{len(design.y)} lesions of {len(set(design.patient))} patients"]
    lines += [
        f"  {row.part}, {row.label}{' (positive)' if row.positive else ''}: "
        f"{row.n_lesions} lesions, {row.n_patients} patients"
        for row in cohort_counts(design)
    ]
    names = [reader for reader in readers if reader]
    if sequences:
        lines.append(f"Sequences: {', '.join(sequences)}")
    if config.regions != (LESION,):
        lines.append(f"Regions: {', '.join(config.regions)}")
    lines.append(f"Readers: {', '.join(names) or 'one'}")
    n_blocks = len(sequences or " ") * len(config.regions)
    if features is None and n_blocks > 1:
        lines.append(
            f"Blocks: {n_blocks * max(len(names), 1)}, each measured by itself"
        )
    if config.perturbed_outlines:
        lines.append(f"Perturbed outlines: {config.perturbed_outlines} of each lesion")
    if features is not None:
        lines += _feature_lines(features)
    lines.append(
        "Judged on: "
        + (
            "the validation part"
            if design.has_split
            else f"{config.cv} folds by patient"
        )
    )
    lines.append("Steps:")
    pipeline = study_pipeline(readers, config)
    if features is not None:
        pipeline = table_steps(pipeline)
    lines += [
        f"  {name}: {' '.join(repr(step).split())}" for name, step in pipeline.steps
    ]
    lines.append(
        f"Then: {config.n_resamples} bootstrap resamples, "
        f"{config.n_permutations} shuffled outcomes, nested cross-validation"
        + (", other readers" if len(names) > 1 else "")
        + (
            ", other grey-level settings"
            if config.sensitivity and features is None
            else ""
        )
        + ", simpler models"
    )
    lines.append(f"Clinical columns: {', '.join(config.clinical) or 'none'}")
    if config.scores == "separate":
        lines.append("Scores: one of each sequence, joined by the combined model")
    chosen = config.clinical_selection
    if chosen != "all":
        words = chosen if isinstance(chosen, str) else ", ".join(chosen)
        lines.append(f"Of these the models take: {words}")
    lines.append(f"Writes: {FILES}")
    return lines


def _feature_lines(features: pd.DataFrame) -> list[str]:
    """Return every feature by reader and prefix, and what was left out."""
    lines = [f"Features: {features.shape[1]}, given"]
    blocks: dict[str, list[str]] = {}
    has_blocks = all(SEPARATOR in str(name) for name in features.columns)
    for name in map(str, features.columns):
        reader, _, feature = name.partition(SEPARATOR) if has_blocks else ("",) * 3
        blocks.setdefault(reader, []).append(feature or name)
    for reader, of_reader in blocks.items():
        if reader:
            lines.append(f"  {reader}: {len(of_reader)}")
        for prefix, rest in by_prefix(of_reader).items():
            indent = "    " if reader else "  "
            head = f"{indent}{prefix or 'without a prefix'} ({len(rest)}): "
            lines += textwrap.wrap(
                head + ", ".join(rest),
                width=88,
                subsequent_indent=f"{indent}  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    left_out = features.attrs.get(LEFT_OUT)
    if left_out:
        lines.append(f"No features: {left_out_text(left_out)}")
    return lines
