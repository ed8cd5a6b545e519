"""What a study takes of its table: readers, sequences, features, lesions."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._centres import with_centres
from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._feature_source import (
    ask_about_readers,
    check_known,
    choose_features,
    of_features,
)
from sklearn_orn.study._inspection import without_rejected
from sklearn_orn.study._reader_images import ask_about_images
from sklearn_orn.study._scores import check_scores
from sklearn_orn.study.results import Absent, Inspection


class Chosen(NamedTuple):
    """What is left of a table, the settings as they are then, and who was rejected."""

    cohort: Cohort
    features: pd.DataFrame | None
    config: StudyConfig
    inspection: Inspection | Absent


def chosen(
    cohort: Cohort, features: pd.DataFrame | None, config: StudyConfig
) -> Chosen:
    """Return what the settings ask for, of images or of features that were given."""
    clinical_table(cohort.clinical, config.clinical_kinds)  # says what is wrong
    if features is None:
        cohort = choose_readers(cohort, config)
    else:
        config = of_features(config, features)
        features = choose_features(features, config)
    cohort, features, inspection = without_rejected(cohort, features, config)
    cohort = with_centres(cohort, config, from_images=features is None)
    return Chosen(cohort, features, config, inspection)


def choose_readers(cohort: Cohort, config: StudyConfig) -> Cohort:
    """Return the cohort without the outlines of readers that are not asked for.

    Readers who are called like sequences, or drew on images of different protocols,
    must be named in the settings.
    """
    from sklearn_orn.images.shared import table_columns

    if config.features is not None:
        raise CohortError(
            "features includes or excludes columns of a table of features, and this is "
            "one of images. Leave it out (--exclude), or name the table --features."
        )
    present = cohort.readers
    if not present:
        table_columns(cohort.table.columns)  # says that there is no outline
    cohort = _chosen_sequences(cohort, config)
    check_scores(cohort.sequences, config)
    if config.readers is None:
        ask_about_readers(present, "columns mask_<name>")
        ask_about_images(cohort.table, present)
        return cohort
    check_known("readers", config.readers, present)
    return cohort.without_readers(
        [name for name in present if name not in config.readers]
    )


def _chosen_sequences(cohort: Cohort, config: StudyConfig) -> Cohort:
    """Return the cohort without the sequences that are not asked for."""
    if config.sequences is None:
        return cohort
    check_known("sequences", config.sequences, cohort.sequences)
    return cohort.without_sequences(
        [name for name in cohort.sequences if name not in config.sequences]
    )
