"""Who is in the study: the flow chart, and lesions and patients by class."""

from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._written_numbers import MISSING
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Inspection, Results


def draw_flow(results: Results) -> "b.Figure":
    """Draw who came into the study."""
    from sklearn_orn.plotting import FlowChartDisplay

    figure = s.new_figure(s.PAGE, 1.0)
    FlowChartDisplay(plain_data(results.flow)).plot(figure.subplots(), resize=True)
    return figure


def flow_sentence(results: Results) -> str:
    """Say who is in the study."""
    cohort, left_out = results.cohort, len(results.left_out)
    lost = f"; {left_out} of the table could not be measured" if left_out else ""
    found = results.inspection
    if isinstance(found, Inspection) and found.rejected:
        n = len(found.rejected)
        lost += f"; {n} {'was' if n == 1 else 'were'} rejected on inspection"
    return (
        f"{cohort.n_lesions} lesions of {cohort.n_patients} patients are in the "
        f"study{lost}."
    )


def counts_table(results: Results) -> b.Table:
    """Count lesions and patients by class."""
    rows = [
        [
            row.part.capitalize(),
            row.label + (" (positive)" if row.positive else ""),
            str(row.n_lesions),
            MISSING if row.share is None else s.per_cent(row.share, 1),
            str(row.n_patients),
        ]
        for row in results.cohort.counts
    ]
    columns = (*b.texts("Part", "Class"), *b.numbers("Lesions", "Share", "Patients"))
    return b.Table("Lesions and patients by class", columns, rows)


FLOW = b.FigureBlock(
    "flow", "Flow of the lesions", draw_flow, flow_sentence, places=("flow",)
)
SECTION = b.section(FLOW, b.TableBlock("counts", counts_table, places=("cohort",)))
