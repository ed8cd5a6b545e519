"""Who came into the study and who was left out: the numbers of Fig. 1, checked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import NamedTuple

import numpy as np

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._extraction import LeftOut
from sklearn_orn.study.results import (
    Absent,
    Exclusion,
    Flow,
    FlowCentre,
    FlowClass,
    FlowPart,
    FlowStage,
    Inspection,
    PartName,
)

UNITS = ("lesions", "patients")
OTHER = "other reasons"
REJECTED = "rejected on inspection"
IN_THE_TABLE, INSPECTED = "In the cohort table", "Kept on inspection"
LONGEST_REASON = 60  # letters; a longer text is of one lesion, and no kind of reason

# What the messages of a lesion's errors have in common, the first match counts.
REASONS = {
    "image or mask file not found": "does not exist|is a folder",
    "no image or no mask given": "is missing|no mask|no image",
    "region of interest empty or too small": "mask is empty|empty on this slice"
    "|no pixel centre|vanishes|no closed contour|too small",
    "region of interest does not fit the image": "pixels, the image has"
    "|outside the image|frame of reference|another orientation|shifted by"
    "|on this slice|resampled grid|another spacing",
    "file could not be read": "cannot be opened|cannot be read|damaged"
    "|in one of the formats|colour picture|unpacks to",
}


def short_reason(reason: str) -> str:
    """Return the kind of reason why a lesion was left out.

    Reasons name files and lesions, so hardly two are alike, and a path can hold a
    patient's name: a flow chart shows neither. A short reason without a path stays.
    """
    for kind, phrases in REASONS.items():
        if re.search(phrases, reason.lower()):
            return kind
    plain = len(reason) <= LONGEST_REASON and not set("/\\'\"") & set(reason)
    return reason.strip().rstrip(".") if plain and reason.strip() else OTHER


def _counts(value: object, where: str, needed: tuple[str, ...] = ()) -> dict[str, int]:
    """Return the checked counts of a mapping with `lesions`, `patients` or both."""
    if not isinstance(value, Mapping):
        raise CohortError(
            f"{where} is {value!r}: expected lesions, patients or both, "
            "such as {lesions: 300, patients: 123}."
        )
    counts: dict[str, int] = {}
    for unit in UNITS:
        count = value.get(unit)
        if count is None:
            continue
        if isinstance(count, bool) or not isinstance(count, Integral) or count < 0:
            raise CohortError(
                f"{where}.{unit} is {count!r}: expected a whole number, 0 or more."
            )
        counts[unit] = int(count)
    if not counts:
        raise CohortError(f"{where} counts neither lesions nor patients: give one.")
    for unit in needed:
        if unit not in counts:
            raise CohortError(
                f"{where} has no {unit}, although screening.screened counts {unit}: "
                f"give the number, 0 if it was none, or leave {unit} out everywhere."
            )
    return counts


def _check_keys(value: Mapping[str, object], where: str, keys: Sequence[str]) -> None:
    for key in value:
        if key not in keys:
            raise CohortError(
                f"{where} has the key {key!r}: expected {', '.join(keys)}."
            )


class Screening(NamedTuple):
    """Who was screened by unit, one known at least, and who was excluded."""

    screened: dict[str, int]
    excluded: tuple[Exclusion, ...]


def check_screening(screening: object) -> Screening:
    """Check what a study says of its screening; CohortError names the key.

    >>> check_screening(
    ...     {
    ...         "screened": {"patients": 123},
    ...         "excluded": [{"reason": "no MRI", "patients": 8}],
    ...     }
    ... )  # doctest: +NORMALIZE_WHITESPACE
    Screening(screened={'patients': 123},
              excluded=(Exclusion(reason='no MRI', lesions=None, patients=8),))
    """
    if not isinstance(screening, Mapping):
        raise CohortError(
            f"screening is {screening!r}: expected the keys screened and excluded."
        )
    _check_keys(screening, "screening", ("screened", "excluded"))
    if screening.get("screened") is None:
        raise CohortError(
            "screening has no screened: expected the number of lesions, patients or "
            "both, such as {lesions: 300, patients: 123}."
        )
    screened = _counts(screening["screened"], "screening.screened")
    _check_keys(screening["screened"], "screening.screened", UNITS)
    listed = screening.get("excluded") or []
    if isinstance(listed, str) or not isinstance(listed, Sequence):
        raise CohortError(
            f"screening.excluded is {listed!r}: expected a list, one entry a reason."
        )
    excluded = tuple(
        _exclusion(entry, f"screening.excluded[{i}]", tuple(screened))
        for i, entry in enumerate(listed)
    )
    return Screening(screened, excluded)


def _exclusion(
    entry: Mapping[str, object], where: str, units: tuple[str, ...]
) -> Exclusion:
    counts = _counts(entry, where, needed=units)
    _check_keys(entry, where, ("reason", *UNITS))
    reason = entry.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise CohortError(f"{where}.reason is {reason!r}: expected a short text.")
    by_unit = {unit: counts.get(unit) if unit in units else None for unit in UNITS}
    return Exclusion(reason.strip(), **by_unit)


def _check_arithmetic(screening: Screening, table: Mapping[str, int | None]) -> None:
    """Compare what the screening leaves with what the table holds."""
    for unit, screened in screening.screened.items():
        excluded = sum(getattr(entry, unit) for entry in screening.excluded)
        left, held = screened - excluded, table[unit]
        if held is None:
            raise CohortError(
                f"screening counts {unit}, but not every lesion that could not be "
                f"measured names its patient, so the {unit} of the table are unknown: "
                f"leave {unit} out of the screening, or name the patients."
            )
        if left != held:
            which = "fewer" if held < left else "more"
            raise CohortError(
                f"screening does not add up: {screened} {unit} screened minus "
                f"{excluded} excluded leave {left}, and the cohort table holds "
                f"{held}, {abs(left - held)} {which}. Correct the numbers, or give "
                "the missing reason in screening.excluded."
            )


def count_reasons(
    left_out: Iterable[tuple[str, str | None]], included: set[str | None]
) -> tuple[Exclusion, ...]:
    """Count lesions by reason (each with its patient), and patients who leave.

    `included` are the patients who keep a lesion; one who loses several for different
    reasons counts for the first. Nobody is counted where one is not named.
    """
    counts: dict[str, list[int]] = {}
    gone: set[str | None] = set()
    all_named = True
    for reason, patient in left_out:
        count = counts.setdefault(reason, [0, 0])
        count[0] += 1
        if patient not in included | gone:
            gone.add(patient)
            count[1] += 1
        all_named &= patient is not None
    ranked = sorted(counts.items(), key=lambda item: -item[1][0])
    rows = [
        Exclusion(reason, n, patients if all_named else None)
        for reason, (n, patients) in ranked
    ]
    return tuple(rows)


def _part(
    name: PartName, design: StudyDesign, rows: np.ndarray, centres: np.ndarray | None
) -> FlowPart:
    def counted(here: np.ndarray) -> tuple[int, int]:
        return int(here.sum()), len(set(design.patient[here]))

    classes = tuple(
        FlowClass(label, *counted(rows & (design.y == value)))
        for value, label in enumerate(design.classes)
    )
    lesions, patients = counted(rows)
    names = [] if centres is None else sorted(set(centres))
    return FlowPart(
        part=name,
        lesions=lesions,
        patients=patients,
        patients_in_both=sum(c.patients for c in classes) - patients,
        classes=classes,
        centres=tuple(FlowCentre(x, *counted(rows & (centres == x))) for x in names),
    )


def _and_excluded(
    after: Mapping[str, int | None], excluded: Sequence[Exclusion]
) -> dict[str, int | None]:
    """Return the counts of a stage: those after it, and the excluded."""
    counts: dict[str, int | None] = {}
    for unit in UNITS:
        parts = [after[unit], *(getattr(row, unit) for row in excluded)]
        known = [n for n in parts if n is not None]
        counts[unit] = sum(known) if len(known) == len(parts) else None
    return counts


def make_flow(
    design: StudyDesign,
    left_out: Sequence[LeftOut] = (),
    screening: Mapping[str, object] | None = None,
    inspection: Inspection | Absent | None = None,
    centres: np.ndarray | None = None,
) -> Flow:
    """Count who was screened, excluded and included; None where it is not known.

    The patients excluded with lesions that could not be measured are those who leave
    the study: one who keeps another lesion is not counted, and one who loses several
    for different reasons is counted with the first. So each stage is the one before
    minus its exclusions, in both units. After Bossuyt et al. (STARD 2015), BMJ
    2015;351:h5527, and Collins et al. (TRIPOD+AI), BMJ 2024;385:e078378, item 20a.
    """
    included = set(design.patient)
    reasons = [(short_reason(lesion.reason), lesion.patient) for lesion in left_out]
    failed = count_reasons(reasons, included)
    measured: dict[str, int | None] = {
        "lesions": len(design.y),
        "patients": len(included),
    }
    measurable = _and_excluded(measured, failed)
    rejected = inspection.reasons if isinstance(inspection, Inspection) else ()
    table = _and_excluded(measurable, rejected)
    stages = []
    if screening is not None:
        checked = check_screening(screening)
        _check_arithmetic(checked, table)
        screened = {unit: checked.screened.get(unit) for unit in UNITS}
        stages.append(FlowStage("Screened", **screened, excluded=checked.excluded))
    if rejected:
        told = tuple(replace(r, reason=f"{REJECTED}: {r.reason}") for r in rejected)
        stages.append(FlowStage(IN_THE_TABLE, **table, excluded=told))
    if left_out:
        name = INSPECTED if rejected else IN_THE_TABLE
        stages.append(FlowStage(name, **measurable, excluded=failed))
    stages.append(FlowStage("Analysed", len(design.y), len(included), excluded=()))
    if design.has_split:
        parts = [
            _part("training", design, design.training, centres),
            _part("validation", design, ~design.training, centres),
        ]
    else:
        parts = [_part("all", design, np.ones(len(design.y), dtype=bool), centres)]
    return Flow(tuple(stages), tuple(parts))
