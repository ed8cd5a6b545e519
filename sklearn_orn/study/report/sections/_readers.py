"""The same model on the outlines of each reader."""

from sklearn_orn.study._numbers import decimal, limits
from sklearn_orn.study.report._blocks import (
    Absence,
    Heading,
    Section,
    Table,
    TableBlock,
    numbers,
    texts,
)
from sklearn_orn.study.results import Absent, Results


def readers_table(results: Results) -> Table | None:
    """Return the AUC on the outlines of each reader."""
    if isinstance(results.reader_swap, Absent):
        return None
    return Table(
        "The same model on the outlines of each reader",
        (*texts("Outlines of"), *numbers("Lesions", "AUC", "95 % CI")),
        [
            [row.reader, str(row.n_lesions), decimal(row.auc, 3), limits(row, 3)]
            for row in results.reader_swap.rows
        ],
    )


SECTION = Section(
    (
        Heading("Other readers"),
        TableBlock("readers", readers_table, places=("reader_swap",)),
        Absence("Other readers’ outlines", lambda results: results.reader_swap),
    ),
    needs_model=True,
)
