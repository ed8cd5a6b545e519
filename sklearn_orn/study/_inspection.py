"""Which lesions were rejected when they were looked at: the file that says it."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sklearn_orn._column_names import loose_name
from sklearn_orn._io.tables import read_table
from sklearn_orn._messages import HASHED, id_part, listed_columns, private
from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._flow import LONGEST_REASON, count_reasons
from sklearn_orn.study.results import Absent, Exclusion, Inspection, LesionRejected

LESION, DECISION = "lesion", "decision"
COLUMNS = (LESION, DECISION, "comment")
ACCEPT, REJECT = "accept", "reject"
NOT_GIVEN = Absent("No file of decisions on the lesions was given (exclusions).")
NO_COMMENT = "no comment"
_SHOWN = 5  # ids in one message

Features = pd.DataFrame | None


def without_rejected(
    cohort: Cohort, features: Features, config: StudyConfig
) -> tuple[Cohort, Features, Inspection | Absent]:
    """Return cohort and features without the lesions that the exclusions reject.

    What stands in the file and not in the cohort is refused by name, so that a
    decision is never lost.
    """
    if config.exclusions is None:
        return cohort, features, NOT_GIVEN
    path = os.fspath(config.exclusions)
    if features is not None and len(features) != len(cohort):
        return cohort, features, NOT_GIVEN  # refused where the features are taken
    decisions = _decisions(path)
    names = [" ".join(str(name).split()) for name in cohort.names]
    _check_known(path, list(decisions), names)
    words = [decisions.get(name, ("", "")) for name in names]
    rejected = np.array([decision == REJECT for decision, _ in words])
    if rejected.all():
        raise CohortError(
            f"exclusions '{path}' rejects each of the {len(cohort)} lesions: "
            "nothing is left to measure."
        )
    patients = cohort.patients
    lesions = tuple(
        LesionRejected(
            str(cohort.names[i]), None if patients is None else patients[i], words[i][1]
        )
        for i in np.flatnonzero(rejected).tolist()
    )
    kept = cohort.take(~rejected)
    left = set() if kept.patients is None else set(kept.patients)
    inspection = Inspection(
        n_lesions=len(cohort),
        n_accepted=sum(decision == ACCEPT for decision, _ in words),
        rejected=lesions,
        reasons=_by_comment(lesions, left),
    )
    return kept, None if features is None else features[~rejected], inspection


def _by_comment(
    rejected: Sequence[LesionRejected], included: set[str | None]
) -> tuple[Exclusion, ...]:
    """Count rejected lesions by comment; upper and lower case are the same."""
    spelt: dict[str, str] = {}
    reasons = []
    for lesion in rejected:
        comment = lesion.comment.rstrip(".") or NO_COMMENT
        first = spelt.setdefault(comment.casefold(), comment)
        reasons.append(textwrap.shorten(first, LONGEST_REASON, placeholder=" ..."))
    owners = [lesion.patient for lesion in rejected]
    return count_reasons(zip(reasons, owners, strict=True), included)


def _decisions(path: str) -> dict[str, tuple[str, str]]:
    """Read what was decided on each lesion, and the comment."""
    table = read_table(path, COLUMNS, strip=True)
    table = table.rename(columns={name: loose_name(name) for name in table.columns})
    for column in (LESION, DECISION):
        if list(table.columns).count(column) != 1:
            raise CohortError(
                f"exclusions '{path}' has not one column '{column}'; expected "
                f"{', '.join(COLUMNS)}, as the page of `montage --html` saves them. "
                f"There are: {listed_columns(table.columns, _SHOWN)}."
            )
    found: dict[str, tuple[str, str]] = {}
    known = table.loc[:, ~table.columns.duplicated()]
    texts = known.reindex(columns=list(COLUMNS)).astype(object)
    filled = texts.where(texts.notna(), "").to_numpy()
    for row, cells in zip(table.index, filled, strict=True):
        lesion, decision, comment = (" ".join(str(cell).split()) for cell in cells)
        if decision.lower() not in (ACCEPT, REJECT, ""):
            raise CohortError(
                f"exclusions '{path}', row {row}: the decision is "
                f"{private(repr(decision))}; expected {ACCEPT}, {REJECT} or nothing."
            )
        if not lesion:
            raise CohortError(
                f"exclusions '{path}', row {row}: there is no lesion; expected its id."
            )
        if lesion in found:
            raise CohortError(
                f"exclusions '{path}', row {row}: {id_part(lesion, quoted=True)} "
                "stands there twice; expected one decision for each lesion."
            )
        found[lesion] = decision.lower(), comment
    return found


def _check_known(path: str, named: Sequence[str], names: Sequence[str]) -> None:
    counts = Counter(names)
    unknown = [name for name in named if not counts[name]]
    if unknown:
        hashed = any(HASHED.fullmatch(name) for name in unknown)
        why = "were ids hashed by another salt?" if hashed else "is it that of another?"
        raise CohortError(
            f"exclusions '{path}': {_listed(unknown)} not in the cohort ({why}). "
            "Correct the ids, or take these rows out."
        )
    twice = [name for name in named if counts[name] > 1]
    if twice:
        raise CohortError(
            f"exclusions '{path}': {_listed(twice)} in several rows of the cohort; "
            "expected one. Give each lesion an id of its own in the column 'lesion'."
        )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(id_part(name, quoted=True) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{shown}{more} {'is' if len(names) == 1 else 'are'}"
