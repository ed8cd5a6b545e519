"""The steps of a study, from measured lesions to all numbers of the report."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sklearn_orn.cohort import Cohort, StudyDesign
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
from sklearn_orn.study._image_facts import image_facts, lesion_sizes
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._models import compare_models
from sklearn_orn.study._other_settings import reader_swap, sensitivity_grid
from sklearn_orn.study._pipeline import IMAGE_STEPS, study_pipeline
from sklearn_orn.study._resumed_steps import Steps
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.baseline._baseline_table import baseline_table, location_table


@dataclass(frozen=True, eq=False)
class Study:
    """What every step of a study needs.

    Attributes
    ----------
    cohort : Cohort
        The measured lesions.
    extraction : Extraction
        Their features.
    config : StudyConfig
        The settings.
    from_images : bool
        Whether the features were measured here.
    steps : Steps
        Keeps what is finished.
    progress : callable
        Called with ``(step, done, total)``.
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

    def table_steps(self) -> Any:
        """Return the steps that take features, unfitted."""
        return study_pipeline(self.extraction.readers, self.config)[IMAGE_STEPS:]


def run_steps(study: Study) -> tuple[dict[str, Any], Any, list[Predictions]]:
    """Run every step.

    Parameters
    ----------
    study : Study
        The measured lesions and the settings.

    Returns
    -------
    results : dict
        All numbers of the report, as plain data.
    pipeline : Pipeline or None
        The fitted steps that take features.
    parts : list of Predictions
        Training and what stands against it; empty without a model.
    """
    design, config, extraction = study.design, study.config, study.extraction
    results = numbers.base_results(
        extraction,
        design,
        config,
        source="images" if study.from_images else "features",
        synthetic=study.from_images and is_synthetic(study.cohort.table),
    )
    results["flow"] = make_flow(design, extraction.left_out, config.screening)
    results |= _cohort_tables(study)
    results["images"] = _image_step(study)
    pipeline, parts, reason, warned = _fit_or_reason(study)
    with caught_warnings() as told:
        results["agreement"], icc = _agreement(study)
        results |= _model_numbers(study, icc, pipeline, parts, reason)
    # What these warn of is in their numbers, which a resumed run has too.
    with caught_warnings():
        results |= _further_steps(study, results, reason)
    results["warnings"] = study_guards(
        design,
        results,
        features=study.features,
        caught=unique_texts([*extraction.warnings, *warned, *told]),
    )
    return plain_data(results), pipeline, parts


def _cohort_tables(study: Study) -> dict[str, Any]:
    """Return Table 1 and Table 2."""
    cohort, design, config = study.cohort.table, study.design, study.config
    locations: dict[str, Any] = {"absent": "No column of locations is named."}
    if config.location is not None:
        column = config.location
        locations = analyses.or_reason(lambda: location_table(cohort, design, column))
    return {
        "baseline": analyses.or_reason(
            lambda: baseline_table(cohort, design, list(config.clinical))
        ),
        "locations": locations,
    }


def _image_step(study: Study) -> dict[str, Any] | None:
    """Return the facts of the images, and the size of each lesion."""
    if not study.from_images:
        return None
    study.progress("reading the protocol", 0, 1)
    return study.steps.run(
        "images",
        lambda: image_facts(study.cohort) | {"size": lesion_sizes(study.cohort)},
    )


def _agreement(study: Study) -> tuple[dict[str, Any], Any]:
    """Return the readers' agreement in short, and the fitted filter."""
    icc = study.table_steps().named_steps.get("icc")
    if icc is None:
        reason = "Every lesion was drawn by one reader."
        if not study.from_images:
            reason = "The features that were given have no blocks of readers."
        return {"absent": reason}, None
    if not study.design.training.any():
        return {"absent": "No lesion of the training part was measured."}, None
    try:
        rows = study.design.training
        icc.fit(study.features[rows], groups=study.design.patient[rows])
    except ValueError as error:
        if not hasattr(icc, "icc_"):  # too few lesions drawn by all
            return {"absent": str(error)}, None
    return numbers.agreement_numbers(icc), icc


def _fit_or_reason(
    study: Study,
) -> tuple[Any, list[Predictions], str | None, list[str]]:
    """Return fitted steps, predictions, why there are none, and warnings."""
    reason = why_no_model(study.design, cv=study.config.cv)
    if reason is not None:
        return None, [], f"No model can be fitted: {reason}", []
    try:
        pipeline, training, warned = _fit(study)
        second, in_folds = _judge(study, pipeline)
    except ValueError as error:
        return None, [], f"No model can be fitted. {error}", []
    return pipeline, [training, second], None, [*warned, *in_folds]


def _fit(study: Study) -> tuple[Any, Predictions, list[str]]:
    """Fit on the training lesions and predict them."""
    rows, pipeline = study.design.training, study.table_steps()
    features, design = study.features[rows], study.design.take(rows)
    study.progress("fitting", 0, 1)
    with caught_warnings() as warned:
        fit_table(pipeline, features, design)
        training = predict_part(pipeline, features, design, "training")
    study.progress("fitting", 1, 1)
    return pipeline, training, warned


def _judge(study: Study, pipeline: Any) -> tuple[Predictions, list[str]]:
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


def _model_numbers(
    study: Study, icc: Any, pipeline: Any, parts: list[Predictions], reason: str | None
) -> dict[str, Any]:
    """Return features, selection, model and performance, or why there are none."""
    readers, design = study.extraction.readers, study.design
    n_measured = study.features.shape[1] // len(readers)
    found: dict[str, Any] = {
        "features": numbers.feature_steps(
            n_measured, readers, study.config, icc=icc, pipeline=pipeline
        ),
        "selection": {
            "icc": None if icc is None else numbers.icc_numbers(icc),
            "chosen": [],
        },
        "parts": [
            evaluate(part, fitted=i == 0, prevalence=study.config.prevalence)
            for i, part in enumerate(parts)
        ],
    }
    if reason is not None:
        nothing = {"absent": reason}
        return found | {
            "imputed": nothing,
            "model": nothing,
            "scores": nothing,
            "score_by_class": [],
        }
    judged = study.features[~design.training] if design.has_split else study.features
    model = numbers.model_results(pipeline, study.features, design, parts, judged)
    found["selection"]["chosen"] = model.pop("chosen")
    return found | model


def _size(study: Study, results: dict[str, Any]) -> pd.Series | None:
    """Return the size of each lesion: a column, the outlines, or a feature."""
    if study.cohort.size is not None:
        return study.cohort.size
    if results["images"] is not None:
        size = results["images"]["size"]
        return pd.Series(size["values"], index=study.features.index, name=size["name"])
    for table in (study.features, study.cohort.table):
        feature = feature_of_size(table)
        if feature is not None:
            return table[feature]
    return None


def _further_steps(
    study: Study, results: dict[str, Any], reason: str | None
) -> dict[str, Any]:
    """Return what resampling, other readers, settings and models say."""
    design, config, readers = study.design, study.config, study.extraction.readers
    rows = design.training
    training = (study.table_steps(), study.features[rows], design.take(rows), config)
    everyone = (study.table_steps(), study.features, design, config)
    sources: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
        "stability": (
            "bootstrap: stability",
            lambda: analyses.stability_numbers(*training),
        ),
        "optimism": (
            "bootstrap: optimism",
            lambda: analyses.optimism_numbers(*training),
        ),
        "nested": (
            "nested cross-validation",
            lambda: analyses.nested_numbers(*training),
        ),
        "permuted": (
            "shuffled outcomes",
            lambda: analyses.permuted_numbers(*training),
        ),
        "reader_swap": ("other readers", lambda: reader_swap(*everyone, readers)),
        "sensitivity": ("other grey-level settings", lambda: _sensitivity(study)),
        "models": (
            "simpler models",
            lambda: compare_models(
                *everyone,
                clinical=clinical_table(study.cohort.clinical),
                size=_size(study, results),
            ),
        ),
    }
    found: dict[str, Any] = {}
    for name, (words, analysis) in sources.items():
        if reason is not None:
            found[name] = {"absent": reason}
            continue
        study.progress(words, 0, 1)
        found[name] = study.steps.run(name, _or_reason(analysis))
        study.progress(words, 1, 1)
    steps = {"extractor": "measured", "icc": "reproducible", "fcm": "seen by the LASSO"}
    candidates = {
        steps[row["step"]]: row["features"]
        for row in results["features"]
        if row["step"] in steps and row["features"]
    }
    found["sample_size"] = analyses.or_reason(
        lambda: numbers.sample_size(design, candidates)
    )
    return found


def _or_reason(analysis: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    return lambda: analyses.or_reason(analysis)


def _sensitivity(study: Study) -> dict[str, Any]:
    if not study.config.sensitivity:
        return {"absent": "It was switched off (sensitivity: false)."}
    if not study.from_images:
        return {"absent": "The features were given, not measured here."}
    return sensitivity_grid(
        study.cohort.lesions(),
        study.features,
        study.design,
        study.config,
        study.extraction.readers,
        progress=study.progress,
    )
