"""Where each lesion was seen: a column, or what the headers of the images say."""

from dataclasses import replace

import numpy as np

from sklearn_orn._messages import id_part
from sklearn_orn._validation import name_list
from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images.shared import header_values
from sklearn_orn.study._config import StudyConfig

MOST = 50  # more are rather patients


def with_centres(cohort: Cohort, config: StudyConfig, *, from_images: bool) -> Cohort:
    """Return the cohort with the centre of each lesion, checked.

    Stations are numbered in the order of the table: their names may tell the hospital.
    A header without the field leaves a gap, which `all_with_centre` refuses if the
    lesion can be measured.
    """
    if config.centre is None:
        return cohort
    if config.centre_field is None:
        if cohort.centres is None:
            columns = replace(cohort.columns, centre=config.centre)
            cohort = Cohort.of(
                cohort.table, columns, source=cohort.source, rows=cohort.rows
            )
        return all_with_centre(cohort, config)
    if not from_images:
        raise CohortError(
            f"centre is {config.centre!r}, and the features were given without images: "
            "name a column of the table."
        )
    texts = header_values(cohort.lesions(), config.centre_field)
    if config.centre_field == "StationName":
        numbers: dict[str, str] = {}
        for text in filter(None, texts):
            numbers.setdefault(text, f"station {len(numbers) + 1}")
        texts = [numbers.get(text or "") for text in texts]
    cohort = replace(cohort, centres=np.array(texts, dtype=object))
    known = cohort.take([text is not None for text in texts])
    if not len(known):
        raise CohortError(
            f"centre is {config.centre!r}, which no header says: name a column."
        )
    all_with_centre(known, config)
    return cohort


def all_with_centre(cohort: Cohort, config: StudyConfig) -> Cohort:
    """Return the cohort; CohortError if a lesion has no centre, or all have one."""
    centres = cohort.centres
    if centres is None or config.centre is None:
        return cohort
    gaps = np.array([not name for name in centres])
    if gaps.any():
        where = "the header does not say it"
        if config.centre_field is None:
            where = f"column {config.centre!r} is empty"
        lesions = name_list(map(id_part, cohort.names[gaps]))
        raise CohortError(
            f"{int(gaps.sum())} of {len(cohort)} lesions have no centre ({where}): "
            f"{lesions}. Fill the cells of a column and name it (centre), or leave "
            "these lesions out of the table."
        )
    _refuse_unseen(cohort, config)
    names = set(centres)
    if not 1 < len(names) <= MOST:
        raise CohortError(
            f"centre is {config.centre!r}, which names {len(names)} centre(s) for "
            f"{len(cohort)} lesions: expected 2 to {MOST}. Leave it out of a study of "
            "one centre; group small centres."
        )
    return cohort


def _refuse_unseen(cohort: Cohort, config: StudyConfig) -> None:
    """Refuse to harmonise validation lesions of a centre that training lacks."""
    design, centres = cohort.design, cohort.centres
    rule = config.pipeline.get("combat__unseen", "error")
    if config.harmonise == "none" or rule != "error":
        return
    assert design is not None and centres is not None
    unseen = sorted(set(centres) - set(centres[design.training]))
    if unseen:
        raise CohortError(
            f"harmonise: training has no lesion of {name_list(map(repr, unseen))}, and "
            "nothing is known of what a new centre adds. Leave such lesions as they "
            "are ('combat__unseen': grand under pipeline in the study file), or do not "
            "harmonise."
        )


def centre_line(cohort: Cohort) -> str:
    """Return the centres with their lesions, for the plan."""
    centres = np.asarray(cohort.centres, dtype=str)
    names, counts = np.unique(centres, return_counts=True)
    texts = (f"{name} ({n})" for name, n in zip(names, counts, strict=True))
    return f"Centres: {name_list(texts, MOST)}"
