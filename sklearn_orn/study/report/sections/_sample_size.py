"""How many patients such a model needs."""

from sklearn_orn.study._numbers import decimal
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


def sample_size_table(results: Results) -> Table | None:
    """Return Riley's criteria."""
    found = results.sample_size
    if isinstance(found, Absent):
        return None
    rows = [
        [
            f"{row.n_candidates} ({row.candidates_of})",
            *map(str, (row.n_shrinkage, row.n_optimism, row.n_risk, row.n)),
            decimal(row.shrinkage),
        ]
        for row in found.riley
    ]
    heads = ("Shrinkage 0.9", "Optimism 0.05", "Overall risk ± 0.05", "Minimum")
    return Table(
        "Patients that a model of this many candidates needs",
        (*texts("Candidate features"), *numbers(*heads, "Shrinkage expected here")),
        rows,
        f"Riley’s criteria for Nagelkerke’s R² {found.r2_nagelkerke:g}, their advice "
        f"where nothing is known; training has {found.n_patients} patients. Features "
        "seen by the LASSO were chosen by the outcome: their number flatters.",
    )


SECTION = Section(
    (
        Heading("Sample size"),
        TableBlock("sample-size", sample_size_table, places=("sample_size",)),
        Absence("Sample size", lambda results: results.sample_size),
    )
)
