"""The lesions that could not be measured."""

from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.results import Results


def left_out_table(results: Results) -> b.Table:
    """List the lesions that could not be measured."""
    return b.Table(
        "Lesions left out",
        b.texts("Lesion", "Patient", "Reason"),
        [[row.lesion, row.patient or "", row.reason] for row in results.left_out],
        "None of these is in any number of this report.",
    )


SECTION = b.section(b.TableBlock("left-out", left_out_table, places=("left_out",)))
