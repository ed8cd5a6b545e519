"""The study's pipeline: from lesions to the nomogram."""

from collections.abc import Sequence
from typing import Any

from sklearn_orn.study._config import StudyConfig

IMAGE_STEPS = 2


def study_pipeline(readers: Sequence[str], config: StudyConfig) -> Any:
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
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline

    from sklearn_orn.model import NomogramClassifier
    from sklearn_orn.selection import FCMSelector, ICCFilter
    from sklearn_orn.texture import Normalizer, TextureExtractor

    steps: list[tuple[str, Any]] = [
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
    return Pipeline(steps).set_output(transform="pandas")
