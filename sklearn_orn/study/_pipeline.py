"""The study's pipeline: from lesions to the nomogram."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sklearn.pipeline import Pipeline

from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._radiomics_pipeline import radiomics_pipeline
from sklearn_orn.study._row_combat import RowComBat
from sklearn_orn.texture.shared import surveyed

FIELDS = {
    "regions__regions": "regions",
    "perturber__n": "perturbed_outlines",
    "perturber__random_state": "random_state",
    "normalizer__method": "normalization",
    "extractor__n_jobs": "n_jobs",
    "icc__threshold": "icc_threshold",
    "fcm__k": "k",
    "nomogram__cv": "cv",
    "nomogram__random_state": "random_state",
    "combat__rows": "centre",
}
# The setting that makes a step.
STEP_OF = {
    "regions": "regions",
    "perturber": "perturbed_outlines",
    "icc_perturbed": "perturbed_outlines",
    "combat": "harmonise",
}


def study_pipeline(readers: Sequence[str], config: StudyConfig) -> Pipeline:
    """Return the unfitted pipeline of a study: `radiomics_pipeline` with its settings.

    With ``harmonise: combat`` the step ``combat`` stands behind the imputer, whose
    parameter `rows` says the centre of each row. With fewer than two readers there is
    no agreement to measure, and no `ICCFilter`, unless outlines are perturbed.
    """
    counted = len(readers) < 2 or "icc__n_readers" in config.pipeline
    study = radiomics_pipeline(
        max(len(readers), 1) if counted else readers,
        regions=config.regions,
        perturbed=config.perturbed_outlines,
        normalization=config.normalization,
        icc_threshold=config.icc_threshold,
        k=config.k,
        cv=config.cv,
        threshold="youden",
        n_jobs=config.n_jobs,
        random_state=config.random_state,
    )
    if config.harmonise == "combat":
        after = list(study.named_steps).index("imputer") + 1
        study.steps.insert(after, ("combat", RowComBat()))
        study.set_output(transform="pandas")
    parameters = study.get_params()
    if "perturber" in study.named_steps:
        study.set_params(perturber__random_state=config.random_state)
    study.set_params(**{k: v for k, v in config.pipeline.items() if k in parameters})
    return study


def image_steps(study: Pipeline) -> Pipeline:
    """Return the steps of a study's pipeline that look at one lesion at a time."""
    return study[: _n_image_steps(study)]


def fit_again(image_steps: Pipeline, lesions: object) -> Pipeline:
    """Fit steps that look at one lesion at a time to lesions that were measured.

    What is to be said of their spacings was said then.
    """
    with surveyed():
        return image_steps.fit(lesions)


def table_steps(study: Pipeline) -> Pipeline:
    """Return the steps of a study's pipeline that learn, of a table of features."""
    return study[_n_image_steps(study) :]


def _n_image_steps(study: Pipeline) -> int:
    return list(study.named_steps).index("extractor") + 1


def check_parameters(config: StudyConfig) -> None:
    """Refuse parameters that no step has, and values that they cannot take."""
    all_steps = dataclasses.replace(
        config,
        pipeline={},
        regions=("context",),
        perturbed_outlines=2,
        centre="centre",
        harmonise="combat",
        nomogram="radiomics",
        scores="fused",
    )
    study = study_pipeline(("1", "2"), all_steps)
    asked = study_pipeline(("1", "2"), dataclasses.replace(config, pipeline={}))
    for key in config.pipeline:
        step, mark, name = key.partition("__")
        if not mark or step not in study.named_steps:
            raise CohortError(
                f"pipeline names {key!r}: expected <step>__<parameter> with one of the "
                f"steps {', '.join(study.named_steps)}."
            )
        if step in STEP_OF and step not in asked.named_steps:
            raise CohortError(
                f"pipeline names {key!r}: the study has this step only with the key "
                f"{STEP_OF[step]!r}."
            )
        parameters = study.named_steps[step].get_params()
        if name not in parameters:
            raise CohortError(
                f"pipeline names {key!r}: the step {step} has the parameters "
                f"{', '.join(sorted(parameters))}."
            )
        if key in FIELDS:
            raise CohortError(
                f"pipeline names {key!r}: this one is set by the key {FIELDS[key]!r}."
            )
    _check_values(study_pipeline(("1", "2"), config), config)


def _check_values(study: Pipeline, config: StudyConfig) -> None:
    from sklearn_orn.texture.shared import make_plan

    extractor = study.named_steps["extractor"]
    try:
        for key in config.pipeline:
            study.named_steps[key.partition("__")[0]]._validate_params()
        make_plan(extractor.families, extractor.distances, extractor.bits)
    except (TypeError, ValueError) as error:
        raise CohortError(f"pipeline: {error}") from error
