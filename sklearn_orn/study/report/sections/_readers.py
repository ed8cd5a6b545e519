"""The same model on the outlines of each reader."""

from sklearn_orn.study._numbers import decimal, limits
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Results


def readers_table(results: Results) -> b.Table:
    """Return the AUC on the outlines of each reader."""
    found = s.needed(results.reader_swap)
    return b.Table(
        "The same model on the outlines of each reader",
        (*b.texts("Outlines of"), *b.numbers("Lesions", "AUC", "95 % CI")),
        [
            [row.reader, str(row.n_lesions), decimal(row.auc, 3), limits(row, 3)]
            for row in found.rows
        ],
    )


SECTION = b.section(
    b.Heading("Other readers"),
    b.TableBlock("readers", readers_table, places=("reader_swap",)),
    b.Absence("Other readers’ outlines", lambda results: results.reader_swap),
    needs_model=True,
)
