"""Which lesions judge a model that others taught it: validation, or folds."""

import numpy as np

from sklearn_orn._types import Split as Split
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._config import StudyConfig


def study_splits(design: StudyDesign, config: StudyConfig) -> list[Split]:
    """Return the rows to learn from and the rows to judge on.

    One pair for a study with a validation part; otherwise one for each fold, stratified
    by class, the lesions of a patient together.
    """
    if design.has_split:
        return [(np.flatnonzero(design.training), np.flatnonzero(~design.training))]
    from sklearn_orn._grouped_folds import GroupedFolds

    _check_size(design, config.cv)
    splitter = GroupedFolds(config.cv, shuffle=True, random_state=config.random_state)
    rows = np.zeros(len(design.y))
    splits = list(splitter.split(rows, design.y, design.patient))
    for train, _ in splits:
        _check_fold(design.take(train), config.cv)
    return splits


def _check_size(design: StudyDesign, cv: int) -> None:
    """Refuse what scikit-learn cannot divide, in words for the reader of a report."""
    lesions = int(np.bincount(design.y).max())
    patients = len(set(design.patient))
    if min(lesions, patients) < cv:
        raise NotEstimable(
            f"{patients} patients with at most {lesions} lesions of a class are too "
            f"few for cv={cv} folds. Use fewer folds (--cv N)."
        )


def _check_fold(training: StudyDesign, cv: int) -> None:
    for value, label in enumerate(training.labels):
        lesions = int((training.y == value).sum())
        if lesions < cv:
            raise NotEstimable(
                f"class {label!r} leaves {lesions} lesions to train on within a fold, "
                f"too few for cv={cv} inner folds. Use fewer folds (--cv N)."
            )
