"""The filled checklists as the report shows them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sklearn_orn.study.checklists._checklist import (
    CHECKLISTS,
    STATUSES,
    read_checklist,
)
from sklearn_orn.study.checklists._fill import (
    ChecklistItem,
    checklist_table,
    fill_checklist,
)
from sklearn_orn.study.checklists._metrics_score import metrics_score
from sklearn_orn.study.results import Results

# Where the answers' sources stand in the report.
TABLE_OF = {
    "cohort": "counts",
    "left_out": "left-out",
    "baseline": "baseline-training",
    "protocol": "protocol",
    "steps": "steps",
    "coefficients": "coefficients",
    "performance": "performance",
    "optimism": "optimism",
    "nested": "auc",
    "permuted": "auc",
    "models": "models",
    "reader_swap": "readers",
    "sensitivity": "sensitivity",
    "sample_size": "sample-size",
}
FIGURE_OF = {
    "flow": "flow",
    "agreement": "icc",
    "icc": "icc",
    "lasso": "lasso-cv",
    "nomogram": "nomogram",
    "calibration": "calibration",
    "decision": "decision",
    "stability": "stability",
}


@dataclass(frozen=True)
class FilledChecklist:
    """A checklist filled in from a study.

    Attributes
    ----------
    title, citation : str
        What it is called and where it comes from.
    summary : str
        How many items have which status; of METRICS the score.
    entries : list of ChecklistItem
        The items.
    """

    title: str
    citation: str
    summary: str
    entries: list[ChecklistItem]

    @property
    def table(self) -> pd.DataFrame:
        """The items as a table, for a file."""
        return checklist_table(self.entries)


def _summary(name: str, items: list[ChecklistItem]) -> str:
    counts = Counter(item.status for item in items)
    text = ", ".join(
        f"{counts[status]} {status}" for status in STATUSES if counts[status]
    )
    if name != "metrics":
        return f"{len(items)} items: {text}."
    score = metrics_score(items)
    return (
        f"{len(items)} items: {text}. Score {score.score_percent:.0f} %, up to "
        f"{score.highest_percent:.0f} % with what only the author can answer."
    )


def filled_checklists(
    results: Results,
    tables: Mapping[str, int],
    figures: Mapping[str, int],
) -> dict[str, FilledChecklist]:
    """Fill in every checklist.

    Parameters
    ----------
    results : Results
        All numbers of the study.
    tables, figures : dict of str to int
        Numbers of the report's tables and figures.

    Returns
    -------
    dict of str to FilledChecklist
    """
    places = {
        place: f"Table {tables[key]}"
        for place, key in TABLE_OF.items()
        if key in tables
    } | {
        place: f"Figure {figures[key]}"
        for place, key in FIGURE_OF.items()
        if key in figures
    }
    filled = {}
    for name in CHECKLISTS:
        checklist = read_checklist(name)
        items = fill_checklist(name, results, places=places)
        filled[name.replace("_", "-")] = FilledChecklist(
            checklist.title, checklist.citation, _summary(name, items), items
        )
    return filled
