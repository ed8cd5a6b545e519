"""The lesions that were rejected, and those that could not be measured."""

from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.results import Inspection, Results


def rejected_table(results: Results) -> b.Table:
    """List the lesions that were rejected when they were looked at."""
    found = results.inspection
    rows = found.rejected if isinstance(found, Inspection) else ()
    return b.Table(
        "Lesions rejected on inspection",
        b.texts("Lesion", "Patient", "Comment"),
        [[row.lesion, row.patient or "", row.comment] for row in rows],
        "Images and outlines were looked at before anything was measured. None of "
        "these is in any other number of this report.",
    )


def left_out_table(results: Results) -> b.Table:
    """List the lesions that could not be measured."""
    return b.Table(
        "Lesions left out",
        b.texts("Lesion", "Patient", "Reason"),
        [[row.lesion, row.patient or "", row.reason] for row in results.left_out],
        "None of these is in any number of this report.",
    )


SECTION = b.section(
    b.TableBlock("rejected", rejected_table, places=("inspection",)),
    b.TableBlock("left-out", left_out_table, places=("left_out",)),
)
