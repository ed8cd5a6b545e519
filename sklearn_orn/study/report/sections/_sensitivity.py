"""The study with other grey-level settings."""

from sklearn_orn._validation import name_list
from sklearn_orn.study._numbers import MISSING, decimal, limits
from sklearn_orn.study.methods._phrases import phrase
from sklearn_orn.study.report._blocks import (
    Absence,
    Heading,
    Section,
    Table,
    TableBlock,
    numbers,
    texts,
)
from sklearn_orn.study.report.sections._shared import MAX_NAMED
from sklearn_orn.study.results import Absent, Results, SettingAuc


def _cells(found: SettingAuc | Absent) -> list[str]:
    if isinstance(found, Absent):
        return [MISSING, MISSING, found.absent]
    selected = name_list(found.selected, MAX_NAMED) if found.selected else MISSING
    return [decimal(found.auc, 3), limits(found, 3), selected]


def sensitivity_table(results: Results) -> Table | None:
    """Return AUC and selection with other grey-level settings."""
    if isinstance(results.sensitivity, Absent):
        return None
    rows = [
        [
            row.normalization + (" (the study’s)" if row.own else ""),
            str(row.bits),
            *_cells(row.result),
        ]
        for row in results.sensitivity.rows
    ]
    columns = (
        *(*texts("Normalisation"), *numbers("Bits", "AUC", "95 % CI")),
        *texts("Features selected"),
    )
    return Table(
        "Other grey-level settings",
        columns,
        rows,
        "Everything measured and learnt anew; the bits are those of co-occurrence and "
        f"run lengths. {phrase(results, 'choice_words')}",
    )


SECTION = Section(
    (
        Heading("Other grey-level settings"),
        TableBlock("sensitivity", sensitivity_table, places=("sensitivity",)),
        Absence("Other grey-level settings", lambda results: results.sensitivity),
    ),
    needs_model=True,
)
