"""Who is in the study: the flow chart, and lesions and patients by class."""

from typing import TYPE_CHECKING

from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._numbers import MISSING, decimal
from sklearn_orn.study.report._blocks import (
    FigureBlock,
    Section,
    Table,
    TableBlock,
    numbers,
    texts,
)
from sklearn_orn.study.report.sections._shared import PAGE, new_figure
from sklearn_orn.study.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_flow(results: Results) -> "Figure":
    """Draw who came into the study."""
    from sklearn_orn.plotting import FlowChartDisplay

    figure = new_figure(PAGE, 1.0)
    FlowChartDisplay(plain_data(results.flow)).plot(figure.subplots(), resize=True)
    return figure


def flow_sentence(results: Results) -> str:
    """Say who is in the study."""
    cohort, left_out = results.cohort, len(results.left_out)
    lost = f"; {left_out} of the table could not be measured" if left_out else ""
    return (
        f"{cohort.n_lesions} lesions of {cohort.n_patients} patients are in the "
        f"study{lost}."
    )


def counts_table(results: Results) -> Table:
    """Count lesions and patients by class."""
    rows = [
        [
            row.part.capitalize(),
            row.label + (" (positive)" if row.positive else ""),
            str(row.n_lesions),
            MISSING if row.share is None else f"{decimal(100 * row.share, 1)} %",
            str(row.n_patients),
        ]
        for row in results.cohort.counts
    ]
    columns = (*texts("Part", "Class"), *numbers("Lesions", "Share", "Patients"))
    return Table("Lesions and patients by class", columns, rows)


FLOW = FigureBlock(
    "flow", "Flow of the lesions", draw_flow, flow_sentence, places=("flow",)
)
SECTION = Section((FLOW, TableBlock("counts", counts_table, places=("cohort",))))
