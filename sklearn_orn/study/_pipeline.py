"""The study's pipeline: from lesions to the nomogram."""

import dataclasses
from collections.abc import Sequence

from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from sklearn_orn.exceptions import CohortError
from sklearn_orn.model import NomogramClassifier
from sklearn_orn.selection import FCMSelector, ICCFilter
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.texture import Normalizer, TextureExtractor

IMAGE_STEPS = 2  # normalizer and extractor; the others learn
FIELDS = {
    "normalizer__method": "normalization",
    "extractor__n_jobs": "n_jobs",
    "icc__threshold": "icc_threshold",
    "fcm__k": "k",
    "nomogram__cv": "cv",
    "nomogram__random_state": "random_state",
}


def study_pipeline(readers: Sequence[str], config: StudyConfig) -> Pipeline:
    """Return the unfitted pipeline of a study.

    Parameters
    ----------
    readers : sequence of str
        Names of the readers who drew the lesions. With fewer than two there is no
        agreement to measure, and so no `ICCFilter`.
    config : StudyConfig
        The settings.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Steps ``normalizer, extractor, icc, imputer, fcm, nomogram``. The first two
        look at one lesion at a time; ``pipeline[2:]`` is the part that learns, and
        takes the table of features.

    Examples
    --------
    >>> from sklearn_orn.study import StudyConfig, study_pipeline
    >>> list(study_pipeline(["A"], StudyConfig(outcome="y")).named_steps)
    ['normalizer', 'extractor', 'imputer', 'fcm', 'nomogram']
    """
    steps: list[tuple[str, object]] = [
        ("normalizer", Normalizer(method=config.normalization)),
        ("extractor", TextureExtractor(n_jobs=config.n_jobs)),
    ]
    if len(readers) >= 2:
        steps.append(("icc", ICCFilter(threshold=config.icc_threshold)))
    steps += [
        ("imputer", SimpleImputer(strategy="median", keep_empty_features=True)),
        ("fcm", FCMSelector(k=config.k)),
        (
            "nomogram",
            NomogramClassifier(
                cv=config.cv, threshold="youden", random_state=config.random_state
            ),
        ),
    ]
    study = Pipeline(steps).set_output(transform="pandas")
    parameters = study.get_params()
    study.set_params(**{k: v for k, v in config.pipeline.items() if k in parameters})
    return study


def check_parameters(config: StudyConfig) -> None:
    """Refuse parameters that no step has, and values that they cannot take."""
    study = study_pipeline(("1", "2"), dataclasses.replace(config, pipeline={}))
    for key in config.pipeline:
        step, mark, name = key.partition("__")
        if not mark or step not in study.named_steps:
            raise CohortError(
                f"pipeline names {key!r}: expected <step>__<parameter> with one of the "
                f"steps {', '.join(study.named_steps)}."
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
