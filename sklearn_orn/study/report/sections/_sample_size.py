"""How many patients such a model needs."""

from sklearn_orn.study._numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Results


def sample_size_table(results: Results) -> b.Table:
    """Return Riley's criteria."""
    found = s.needed(results.sample_size)
    rows = [
        [
            f"{row.n_candidates} ({row.candidates_of})",
            *map(str, (row.n_shrinkage, row.n_optimism, row.n_risk, row.n)),
            decimal(row.shrinkage),
        ]
        for row in found.riley
    ]
    heads = ("Shrinkage 0.9", "Optimism 0.05", "Overall risk ± 0.05", "Minimum")
    return b.Table(
        "Patients that a model of this many candidates needs",
        (*b.texts("Candidate features"), *b.numbers(*heads, "Shrinkage expected here")),
        rows,
        f"Riley’s criteria for Nagelkerke’s R² {found.r2_nagelkerke:g}, their advice "
        f"where nothing is known; training has {found.n_patients} patients. Features "
        "seen by the LASSO were chosen by the outcome: their number flatters.",
    )


SECTION = b.section(
    b.Heading("Sample size"),
    b.TableBlock("sample-size", sample_size_table, places=("sample_size",)),
    b.Absence("Sample size", lambda results: results.sample_size),
)
