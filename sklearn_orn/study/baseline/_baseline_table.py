"""Who the patients are: Table 1 by class and by part, and Table 2, the locations."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sklearn_orn.cohort.shared import PARTS, StudyDesign, find_column
from sklearn_orn.study.baseline._group_tests import Groups
from sklearn_orn.study.baseline._rows import ComparedColumns, Units, table_rows
from sklearn_orn.study.baseline._variables import KINDS, Variable, read_variable
from sklearn_orn.study.results import BaselineTable

UNITS = ("patient", "lesion")


def _patients_of(design: StudyDesign) -> Units:
    """Return one unit a patient, positive if any lesion is."""
    codes, names = pd.factorize(design.patient)
    y = np.zeros(len(names), dtype=int)
    np.maximum.at(y, codes, design.y)
    training = np.zeros(len(names), dtype=bool)
    training[codes] = design.training
    return Units(y, training, np.asarray(names, dtype=object))


def _by_class(
    design: StudyDesign, patients: Units, lesions: Units, training: bool
) -> ComparedColumns:
    """Return the two classes of a part."""

    def masks(units: Units) -> Groups:
        part = units.training == training
        return part & (units.y == 0), part & (units.y == 1)

    return ComparedColumns(design.classes, masks(patients), masks(lesions))


def _by_part(patients: Units, lesions: Units) -> ComparedColumns:
    """Return the two parts."""

    def masks(units: Units) -> Groups:
        return units.training, ~units.training

    return ComparedColumns(PARTS, masks(patients), masks(lesions))


def _check_arguments(
    cohort: pd.DataFrame,
    design: StudyDesign,
    columns: Sequence[str],
    unit: str,
    kinds: Mapping[str, str],
) -> None:
    if unit not in UNITS:
        raise ValueError(f"unit is {unit!r}: expected 'patient' or 'lesion'.")
    if isinstance(columns, str):
        raise TypeError(f"columns is {columns!r}: expected a list of names.")
    if len(cohort) != len(design.y):
        raise ValueError(
            f"the cohort has {len(cohort)} rows, the design {len(design.y)} lesions: "
            "pass the rows that the design was taken of."
        )
    for name, kind in kinds.items():
        if name not in columns:
            raise ValueError(f"kinds names {name!r}, which is not among the columns.")
        if kind not in KINDS:
            raise ValueError(
                f"kinds[{name!r}] is {kind!r}: expected one of "
                f"{', '.join(map(repr, KINDS))}."
            )


def _unit_note(design: StudyDesign, unit: str) -> str:
    if unit == "lesion":
        return "Every lesion is counted."
    text = "One value for each patient, unless the row says that it counts lesions."
    both = len(set(design.patient[design.y == 1]) & set(design.patient[design.y == 0]))
    if both:
        text += (
            f" {both} {'patient has' if both == 1 else 'patients have'} lesions of "
            f"both classes and count as {design.classes[1]}."
        )
    return text


def _table_notes(
    design: StudyDesign, variables: Sequence[Variable], unit: str
) -> list[str]:
    """Say below the table what its numbers are."""
    repeated = len(set(design.patient)) < len(design.patient)
    one_each = {v.kind for v in variables if v.by_patient or not repeated}
    notes = [_unit_note(design, unit)]
    if {variable.kind for variable in variables} - {"categorical"}:
        notes.append(
            "Numbers: mean ± SD and Welch's t test where the values are normally "
            "distributed in every class of every part (10 or more, Shapiro-Wilk "
            "p ≥ 0.05), otherwise median [quartiles] and Mann-Whitney U test."
        )
    if "categorical" in one_each:
        notes.append(
            "Categories: Pearson's chi-square test without continuity correction; "
            "Fisher's exact test where an expected count is under 5."
        )
    if repeated and not all(variable.by_patient for variable in variables):
        notes.append(
            "Rows that count lesions are tested by patient: against what they show "
            "when patients exchange their groups."
        )
    if any(np.isnan(variable.values).any() for variable in variables):
        notes.append("Percentages and tests are of the known values.")
    notes.append(
        "SMD: standardised mean difference without its sign. The p values are not "
        "adjusted for their number."
    )
    return notes


def baseline_table(
    cohort: pd.DataFrame,
    design: StudyDesign,
    columns: Sequence[str],
    *,
    unit: str = "patient",
    kinds: Mapping[str, str] | None = None,
) -> BaselineTable:
    """Compare the classes within each part, and the parts, at baseline.

    Rows of `cohort` are the design's lesions. By patient, who is positive if any lesion
    is, a column that differs within a patient is counted by lesion all the same, and
    its row says so. `kinds` leads from a column to one of `KINDS`; without it more than
    five different numbers are continuous, and all else is categorical. Mean and median
    are chosen for a variable once, so that it reads alike in all parts. After Collins
    et al. (TRIPOD+AI), BMJ 2024;385:e078378, items 20b and 20c.
    """
    kinds = kinds or {}
    _check_arguments(cohort, design, columns, unit, kinds)
    variables = [
        read_variable(
            find_column(cohort, name, "a characteristic"),
            design.patient,
            design.lesion,
            kind=kinds.get(name),
            by_patient=unit == "patient",
        )
        for name in dict.fromkeys(columns)
    ]
    patients = _patients_of(design)
    lesions = Units(design.y, design.training, design.patient)
    parts = {"training": True, "validation": False}
    by_class = {
        part: tuple(
            table_rows(
                variables,
                patients,
                lesions,
                _by_class(design, patients, lesions, training),
            )
        )
        for part, training in (parts if design.has_split else {"all": True}).items()
    }
    by_part = None
    if design.has_split:
        by_part = table_rows(variables, patients, lesions, _by_part(patients, lesions))
    return BaselineTable(
        by_class=by_class,
        by_part=None if by_part is None else tuple(by_part),
        notes=tuple(_table_notes(design, variables, unit)),
    )


def location_table(
    cohort: pd.DataFrame, design: StudyDesign, column: str
) -> BaselineTable:
    """Count the lesions at each location by class; CohortError for more than 30."""
    return baseline_table(
        cohort, design, [column], unit="lesion", kinds={column: "categorical"}
    )
