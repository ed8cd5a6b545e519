"""Table 1 by centre: what each centre shows, without tests."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.study.baseline._rows import (
    decimals_for,
    share_of,
    share_text,
    summary_cell,
    summary_of,
)
from sklearn_orn.study.baseline._variables import read_variable
from sklearn_orn.study.results import CentreRow, Unit


def centre_rows(
    cohort: pd.DataFrame,
    design: StudyDesign,
    columns: Sequence[str],
    centres: np.ndarray,
) -> tuple[CentreRow, ...]:
    """Describe the clinical columns in each centre, by patient where they allow it."""
    _, first = np.unique(design.patient.astype(str), return_index=True)
    first = np.sort(first)  # patients in the order of the table, as `read_variable`
    rows: list[CentreRow] = []
    for name in columns:
        found = read_variable(cohort[name], design.patient, design.lesion)
        by_patient = _by_patient_and_centre(found.by_patient, design, centres)
        if found.by_patient and not by_patient:
            found = read_variable(
                cohort[name], design.patient, design.lesion, by_patient=False
            )
        where = centres[first] if by_patient else centres
        unit: Unit = "patient" if by_patient else "lesion"
        of = {c: found.values[where == c] for c in sorted(set(centres))}
        known = {c: values[~np.isnan(values)] for c, values in of.items()}
        if found.kind != "categorical":
            digits = decimals_for(found.values)
            cells = {
                c: _with_gaps(summary_cell(summary_of(v), False, digits), of[c])
                for c, v in known.items()
            }
            rows.append(CentreRow(found.name, None, "median", unit, cells))
            continue
        blank = {c: _with_gaps("", values) for c, values in of.items()}
        rows.append(CentreRow(found.name, None, "categorical", unit, blank))
        rows += [
            CentreRow(found.name, level, "categorical", unit, _shares(known, i))
            for i, level in enumerate(found.levels)
        ]
    return tuple(rows)


def _by_patient_and_centre(
    by_patient: bool, design: StudyDesign, centres: np.ndarray
) -> bool:
    """Say whether patients can be counted: none was seen in two centres."""
    return by_patient and bool(
        (pd.Series(centres).groupby(design.patient).nunique() == 1).all()
    )


def _shares(known: Mapping[str, np.ndarray], level: int) -> dict[str, str]:
    return {
        c: share_text(share_of(int((values == level).sum()), len(values)))
        for c, values in known.items()
    }


def _with_gaps(text: str, values: np.ndarray) -> str:
    missing = int(np.isnan(values).sum())
    return f"{text} ({missing} missing)".strip() if missing else text
