"""The steps of a study, from measured lesions to all numbers of the report."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypedDict, TypeVar

import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn.cohort import Cohort, StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection import ICCFilter
from sklearn_orn.study import _analyses as analyses
from sklearn_orn.study import _results as numbers
from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._enough import why_no_model
from sklearn_orn.study._evaluation import (
    Predictions,
    cross_validated_predictions,
    evaluate,
    fit_table,
    predict_part,
)
from sklearn_orn.study._extraction import (
    Extraction,
    Progress,
    caught_warnings,
    is_synthetic,
    unique_texts,
)
from sklearn_orn.study._feature_source import feature_of_size
from sklearn_orn.study._flow import make_flow
from sklearn_orn.study._guards import FEW_EVENTS, study_guards
from sklearn_orn.study._image_facts import image_facts
from sklearn_orn.study._models import compare_models
from sklearn_orn.study._other_settings import reader_swap, sensitivity_grid
from sklearn_orn.study._pipeline import IMAGE_STEPS, study_pipeline
from sklearn_orn.study._resumed_steps import Steps
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.baseline._baseline_table import baseline_table, location_table
from sklearn_orn.study.results import (
    Absent,
    Agreement,
    BaselineTable,
    CandidatesOf,
    FeatureStep,
    Images,
    LesionLeftOut,
    Models,
    Nested,
    Optimism,
    Permuted,
    ReaderSwap,
    Results,
    SampleSize,
    Selection,
    Sensitivity,
    Stability,
    decode,
)

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Study:
    """What every step of a study needs.

    The measured lesions, their features, whether these were measured here
    (`from_images`), and what keeps the finished steps.
    """

    cohort: Cohort
    extraction: Extraction
    config: StudyConfig
    from_images: bool
    steps: Steps
    progress: Progress

    @property
    def design(self) -> StudyDesign:
        """Outcome, patient and part of the measured lesions."""
        assert self.cohort.design is not None
        return self.cohort.design

    @property
    def features(self) -> pd.DataFrame:
        """Features of the measured lesions."""
        return self.extraction.features

    def table_steps(self) -> Pipeline:
        """Return the steps that take features, unfitted."""
        return study_pipeline(self.extraction.readers, self.config)[IMAGE_STEPS:]


def run_steps(study: Study) -> tuple[Results, Pipeline | None, list[Predictions]]:
    """Run every step: all numbers, the fitted steps that take features, the parts.

    The parts are training and what stands against it. Without a model the fitted steps
    are None and there are no parts.
    """
    design, config, extraction = study.design, study.config, study.extraction
    readers = [reader for reader in extraction.readers if reader]
    flow = make_flow(design, extraction.left_out, config.screening)
    baseline, locations = _cohort_tables(study)
    images = _image_step(study)
    pipeline, parts, reason, warned = _fit_or_reason(study)
    with caught_warnings() as warned_later:
        agreement, icc = _agreement(study)
        features = _feature_steps(study, icc, pipeline)
        judged = tuple(
            evaluate(part, fitted=i == 0, prevalence=config.prevalence)
            for i, part in enumerate(parts)
        )
        model = _model_numbers(study, pipeline, parts, reason)
    # What these warn of is in their numbers, which a resumed run has too.
    with caught_warnings():
        further = _further_steps(study, features, images, reason)
    results = Results(
        synthetic=study.from_images and is_synthetic(study.cohort.table),
        source="images" if study.from_images else "features",
        config=numbers.settings_of(config, readers, from_images=study.from_images),
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
        agreement=agreement,
        features=features,
        selection=Selection(
            icc=None if icc is None else numbers.icc_numbers(icc),
            chosen=() if isinstance(model, Absent) else model.chosen,
        ),
        parts=judged,
        imputed=model if isinstance(model, Absent) else model.imputed,
        model=model if isinstance(model, Absent) else model.model,
        scores=model if isinstance(model, Absent) else model.scores,
        score_by_class=() if isinstance(model, Absent) else model.score_by_class,
        warnings=(),
        **further,
    )
    # As a stored file gives them: a number that cannot be estimated is None.
    results = Results.from_plain(results.plain())
    guards = study_guards(
        design,
        results,
        features=study.features,
        caught=unique_texts([*extraction.warnings, *warned, *warned_later]),
    )
    return replace(results, warnings=tuple(guards)), pipeline, parts


def _cohort_tables(study: Study) -> tuple[BaselineTable | Absent, ...]:
    """Return Table 1 and Table 2."""
    cohort, design, config = study.cohort.table, study.design, study.config
    locations: BaselineTable | Absent = Absent("No column of locations is named.")
    if config.location is not None:
        column = config.location
        locations = analyses.or_reason(lambda: location_table(cohort, design, column))
    return (
        analyses.or_reason(
            lambda: baseline_table(cohort, design, list(config.clinical))
        ),
        locations,
    )


def _image_step(study: Study) -> Images | Absent:
    """Return the facts of the images, and the size of each lesion."""
    if not study.from_images:
        return Absent("The features were given, not measured here.")
    study.progress("reading the protocol", 0, 1)
    return decode(Images, study.steps.run("images", lambda: image_facts(study.cohort)))


def _agreement(study: Study) -> tuple[Agreement | Absent, ICCFilter | None]:
    """Return the readers' agreement in short, and the fitted filter."""
    icc = study.table_steps().named_steps.get("icc")
    if icc is None:
        reason = "Every lesion was drawn by one reader."
        if not study.from_images:
            reason = "The features that were given have no blocks of readers."
        return Absent(reason), None
    if not study.design.training.any():
        return Absent("No lesion of the training part was measured."), None
    try:
        rows = study.design.training
        icc.fit(study.features[rows], groups=study.design.patient[rows])
    except NotEstimable as error:
        if not hasattr(icc, "icc_"):  # too few lesions drawn by all
            return Absent(str(error)), None
    return numbers.agreement_numbers(icc), icc


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
    study.progress("fitting", 0, 1)
    with caught_warnings() as warned:
        fit_table(pipeline, features, design)
        training = predict_part(pipeline, features, design, "training")
    study.progress("fitting", 1, 1)
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
    counts = Counter(text for text in warned if not text.startswith(FEW_EVENTS))
    return part, [
        f"In {number} of {len(splits)} folds: {text}" for text, number in counts.items()
    ]


def _feature_steps(
    study: Study, icc: ICCFilter | None, pipeline: Pipeline | None
) -> tuple[FeatureStep, ...]:
    readers = study.extraction.readers
    n_measured = study.features.shape[1] // len(readers)
    return numbers.feature_steps(
        n_measured, readers, study.config, icc=icc, pipeline=pipeline
    )


def _model_numbers(
    study: Study,
    pipeline: Pipeline | None,
    parts: list[Predictions],
    reason: str | None,
) -> numbers.Found | Absent:
    """Return what the fitted steps know, or why there are none."""
    design = study.design
    if reason is not None:
        return Absent(reason)
    judged = study.features[~design.training] if design.has_split else study.features
    return numbers.model_results(pipeline, study.features, design, parts, judged)


def _size(study: Study, images: Images | Absent) -> pd.Series | None:
    """Return the size of each lesion: a column, the outlines, or a feature."""
    if study.cohort.size is not None:
        return study.cohort.size
    if isinstance(images, Images):
        size = images.size
        return pd.Series(size.values, index=study.features.index, name=size.name)
    for table in (study.features, study.cohort.table):
        feature = feature_of_size(table)
        if feature is not None:
            return table[feature]
    return None


class Further(TypedDict):
    """What resampling, other readers, settings and models say."""

    stability: Stability | Absent
    optimism: Optimism | Absent
    nested: Nested | Absent
    permuted: Permuted | Absent
    reader_swap: ReaderSwap | Absent
    sensitivity: Sensitivity | Absent
    models: Models | Absent
    sample_size: SampleSize | Absent


def _further_steps(
    study: Study,
    features: tuple[FeatureStep, ...],
    images: Images | Absent,
    reason: str | None,
) -> Further:
    """Return what resampling, other readers, settings and models say."""
    design, config, readers = study.design, study.config, study.extraction.readers
    rows = design.training
    training = (study.table_steps(), study.features[rows], design.take(rows), config)
    everyone = (study.table_steps(), study.features, design, config)

    def kept(
        kind: type[T], name: str, words: str, analysis: Callable[[], T | Absent]
    ) -> T | Absent:
        if reason is not None:
            return Absent(reason)
        study.progress(words, 0, 1)
        plain = study.steps.run(name, lambda: analyses.or_reason(analysis))
        study.progress(words, 1, 1)
        if "absent" in plain:
            return decode(Absent, plain)
        return decode(kind, plain)

    return Further(
        stability=kept(
            Stability,
            "stability",
            "bootstrap: stability",
            lambda: analyses.stability_numbers(*training),
        ),
        optimism=kept(
            Optimism,
            "optimism",
            "bootstrap: optimism",
            lambda: analyses.optimism_numbers(*training),
        ),
        nested=kept(
            Nested,
            "nested",
            "nested cross-validation",
            lambda: analyses.nested_numbers(*training),
        ),
        permuted=kept(
            Permuted,
            "permuted",
            "shuffled outcomes",
            lambda: analyses.permuted_numbers(*training),
        ),
        reader_swap=kept(
            ReaderSwap,
            "reader_swap",
            "other readers",
            lambda: reader_swap(*everyone, readers),
        ),
        sensitivity=kept(
            Sensitivity,
            "sensitivity",
            "other grey-level settings",
            lambda: _sensitivity(study),
        ),
        models=kept(
            Models,
            "models",
            "simpler models",
            lambda: compare_models(
                *everyone,
                clinical=clinical_table(study.cohort.clinical),
                size=_size(study, images),
            ),
        ),
        sample_size=analyses.or_reason(
            lambda: numbers.sample_size(design, _candidates(features))
        ),
    )


def _candidates(features: tuple[FeatureStep, ...]) -> dict[CandidatesOf, int]:
    """Return how many features there are, by where they are counted."""
    words: dict[str, CandidatesOf] = {
        "extractor": "measured",
        "icc": "reproducible",
        "fcm": "seen by the LASSO",
    }
    return {
        words[row.step]: row.n_features
        for row in features
        if row.step in words and row.n_features
    }


def _sensitivity(study: Study) -> Sensitivity | Absent:
    if not study.config.sensitivity:
        return Absent("It was switched off (sensitivity: false).")
    if not study.from_images:
        return Absent("The features were given, not measured here.")
    return sensitivity_grid(
        study.cohort.lesions(),
        study.features,
        study.design,
        study.config,
        study.extraction.readers,
        progress=study.progress,
    )
