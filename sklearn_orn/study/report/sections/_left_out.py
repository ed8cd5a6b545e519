"""The lesions that could not be measured."""

from sklearn_orn.study.report._blocks import Section, Table, TableBlock, texts
from sklearn_orn.study.results import Results


def left_out_table(results: Results) -> Table:
    """List the lesions that could not be measured."""
    return Table(
        "Lesions left out",
        texts("Lesion", "Patient", "Reason"),
        [[row.lesion, row.patient or "", row.reason] for row in results.left_out],
        "None of these is in any number of this report.",
    )


SECTION = Section((TableBlock("left-out", left_out_table, places=("left_out",)),))
