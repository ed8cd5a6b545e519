"""The study with other grey-level settings."""

from sklearn_orn._validation import name_list
from sklearn_orn.study._numbers import MISSING, decimal, limits
from sklearn_orn.study.methods._phrases import phrase
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Absent, Results, SettingAuc


def _cells(found: SettingAuc | Absent) -> list[str]:
    if isinstance(found, Absent):
        return [MISSING, MISSING, found.absent]
    selected = name_list(found.selected, s.MAX_NAMED) if found.selected else MISSING
    return [decimal(found.auc, 3), limits(found, 3), selected]


def sensitivity_table(results: Results) -> b.Table:
    """Return AUC and selection with other grey-level settings."""
    found = s.needed(results.sensitivity)
    rows = [
        [
            row.normalization + (" (the study’s)" if row.own else ""),
            str(row.bits),
            *_cells(row.result),
        ]
        for row in found.rows
    ]
    columns = (
        *(*b.texts("Normalisation"), *b.numbers("Bits", "AUC", "95 % CI")),
        *b.texts("Features selected"),
    )
    return b.Table(
        "Other grey-level settings",
        columns,
        rows,
        "Everything measured and learnt anew; the bits are those of co-occurrence and "
        f"run lengths. {phrase(results, 'choice_words')}",
    )


SECTION = b.section(
    b.Heading("Other grey-level settings"),
    b.TableBlock("sensitivity", sensitivity_table, places=("sensitivity",)),
    b.Absence("Other grey-level settings", lambda results: results.sensitivity),
    needs_model=True,
)
