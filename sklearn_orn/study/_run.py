"""The steps of a study, from measured lesions to all numbers of the report."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from sklearn.pipeline import Pipeline

from sklearn_orn._block_names import region_of
from sklearn_orn._warning_codes import split_code
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.study import _results as numbers
from sklearn_orn.study._enough import why_no_model
from sklearn_orn.study._evaluation import (
    Predictions,
    cross_validated_predictions,
    evaluate,
    fit_table,
    predict_part,
)
from sklearn_orn.study._extraction import caught_warnings, is_synthetic, unique_texts
from sklearn_orn.study._filters import Filters, fitted_filters
from sklearn_orn.study._flow import make_flow
from sklearn_orn.study._guards import FEW_EVENTS, study_guards
from sklearn_orn.study._image_facts import image_facts
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.baseline._baseline_table import baseline_table, location_table
from sklearn_orn.study.report.sections import analyses
from sklearn_orn.study.results import (
    SECTIONS,
    Absent,
    BaselineTable,
    FeatureStep,
    Images,
    LesionLeftOut,
    Results,
    Selection,
    decode,
)

T = TypeVar("T")
FITTING = "fitting"  # the step that first needs the solver


def run_steps(study: Study) -> tuple[Results, Pipeline | None, list[Predictions]]:
    """Run every step: all numbers, the fitted steps that take features, the parts.

    The parts are training and what stands against it; none without a model.
    """
    design, config, extraction = study.design, study.config, study.extraction
    readers = [reader for reader in study.readers if reader]
    flow = make_flow(
        design, extraction.left_out, config.screening, study.inspection, study.centres
    )
    baseline, locations = _cohort_tables(study)
    images = _image_step(study)
    pipeline, parts, reason, warned = _fit_or_reason(study)
    with caught_warnings() as warned_later:
        filters = fitted_filters(study)
        icc = filters.icc
        features = _feature_steps(study, filters, pipeline)
        judged = tuple(
            evaluate(part, fitted=i == 0, prevalence=config.prevalence)
            for i, part in enumerate(parts)
        )
        found = _model_numbers(study, pipeline, parts, reason)
    results = Results(
        synthetic=study.from_images and is_synthetic(study.cohort.table),
        source="images" if study.from_images else "features",
        config=numbers.settings_in_effect(
            config, readers, from_images=study.from_images
        ),
        labels=design.labels,
        classes=design.classes,
        readers=tuple(readers),
        cohort=numbers.measured_counts(design),
        left_out=tuple(
            LesionLeftOut(lesion.lesion, lesion.patient, lesion.reason)
            for lesion in extraction.left_out
        ),
        versions=numbers.software_versions(),
        flow=flow,
        baseline=baseline,
        locations=locations,
        images=images,
        agreement=filters.agreement,
        features=features,
        selection=Selection(
            icc=None if icc is None else numbers.icc_numbers(icc), chosen=found.chosen
        ),
        parts=judged,
        imputed=found.imputed,
        model=found.model,
        scores=found.scores,
        score_by_class=found.score_by_class,
        warnings=(),
        perturbed_agreement=filters.perturbed_agreement,
        inspection=study.inspection,
        **dict.fromkeys(analyses(), Absent("It is not computed yet.")),
    )
    # What these warn of is in their numbers, which a resumed run has too.
    with caught_warnings():
        results = with_analyses(study, results)
    # As a stored file gives them: a number that cannot be estimated is None.
    results = Results.from_plain(results.plain())
    guards = study_guards(
        design,
        results,
        features=study.drawn,
        caught=unique_texts([*extraction.warnings, *warned, *warned_later]),
    )
    told = tuple(guard for guard in guards if guard.code not in study.config.ignore)
    return replace(results, warnings=told), pipeline, parts


def _cohort_tables(study: Study) -> tuple[BaselineTable | Absent, ...]:
    """Return Table 1 and Table 2."""
    cohort, design, config = study.cohort.table, study.design, study.config
    locations: BaselineTable | Absent = Absent("No column of locations is named.")
    if config.location is not None:
        column = config.location
        locations = or_reason(lambda: location_table(cohort, design, column))
    return (
        or_reason(lambda: baseline_table(cohort, design, list(config.clinical))),
        locations,
    )


def _image_step(study: Study) -> Images | Absent:
    """Return the facts of the images, and the size of each lesion."""
    if not study.from_images:
        return Absent("The features were given, not measured here.")
    study.progress("reading the protocol", 0, 1)
    return decode(Images, study.steps.run("images", partial(image_facts, study)))


def _fit_or_reason(
    study: Study,
) -> tuple[Pipeline | None, list[Predictions], str | None, list[str]]:
    """Return fitted steps, predictions, why there are none, and warnings."""
    reason = why_no_model(study.design, cv=study.config.cv)
    if reason is not None:
        return None, [], f"No model can be fitted: {reason}", []
    try:
        pipeline, training, warned = _fit(study)
        second, in_folds = _judge(study, pipeline)
    except NotEstimable as error:
        return None, [], f"No model can be fitted. {error}", []
    return pipeline, [training, second], None, [*warned, *in_folds]


def _fit(study: Study) -> tuple[Pipeline, Predictions, list[str]]:
    """Fit on the training lesions and predict them."""
    rows, pipeline = study.design.training, study.table_steps()
    features, design = study.features[rows], study.design.take(rows)
    study.progress(FITTING, 0, 1)
    with caught_warnings() as warned:
        fit_table(pipeline, features, design)
        training = predict_part(pipeline, features, design, "training")
    study.progress(FITTING, 1, 1)
    return pipeline, training, warned


def _judge(study: Study, pipeline: Pipeline) -> tuple[Predictions, list[str]]:
    """Predict the lesions that stand against those in training."""
    features, design = study.features, study.design
    if design.has_split:
        rest = ~design.training
        part = predict_part(pipeline, features[rest], design.take(rest), "validation")
        return part, []
    splits = study_splits(design, study.config)
    with caught_warnings() as warned:
        part = cross_validated_predictions(
            pipeline, features, design, splits, progress=study.progress
        )
    counts = Counter(text for text in warned if split_code(text)[1] != FEW_EVENTS)
    return part, [
        f"In {number} of {len(splits)} folds: {text}" for text, number in counts.items()
    ]


def _feature_steps(
    study: Study, filters: Filters, pipeline: Pipeline | None
) -> tuple[FeatureStep, ...]:
    blocks = study.blocks
    n_measured = study.features.shape[1] // len(blocks) * len({*map(region_of, blocks)})
    return numbers.feature_steps(
        n_measured,
        study.readers,
        study.config,
        icc=filters.icc,
        perturbed=filters.perturbed,
        pipeline=pipeline,
    )


def _model_numbers(
    study: Study,
    pipeline: Pipeline | None,
    parts: list[Predictions],
    reason: str | None,
) -> numbers.Found:
    """Return what the fitted steps know, or why there are none."""
    design = study.design
    if reason is not None:
        absent = Absent(reason)
        return numbers.Found(imputed=absent, model=absent, scores=absent)
    judged = study.features[~design.training] if design.has_split else study.features
    return numbers.model_results(pipeline, study.features, design, parts, judged)


def or_reason(analysis: Callable[[], T]) -> T | Absent:
    """Return the result of an analysis, or why this study cannot have it."""
    try:
        return analysis()
    except (NotEstimable, CohortError) as error:
        return Absent(str(error))


def with_analyses(study: Study, results: Results) -> Results:
    """Add what the sections of the report compute, in the order of the results."""
    wanted, model = analyses(), results.model
    for name in filter(wanted.__contains__, SECTIONS):
        analysis, needs_model = wanted[name]
        make = partial(or_reason, partial(analysis.compute, study, results))
        if needs_model and isinstance(model, Absent):
            found = plain_data(model)
        elif analysis.words:
            study.progress(analysis.words, 0, 1)
            found = study.steps.run(name, make)
            study.progress(analysis.words, 1, 1)
        else:
            found = plain_data(make())
        results = results.with_section(name, found)
    return results
