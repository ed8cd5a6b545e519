"""The filled checklists as the report shows them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sklearn_orn.study.checklists._checklist import CHECKLISTS, STATUSES, read_checklist
from sklearn_orn.study.checklists._fill import (
    ChecklistItem,
    checklist_table,
    fill_checklist,
    known_of,
)
from sklearn_orn.study.checklists._metrics_score import metrics_score
from sklearn_orn.study.report._names import checklist_key
from sklearn_orn.study.results import Results


@dataclass(frozen=True)
class FilledChecklist:
    """A checklist filled in from a study; `summary` counts its statuses."""

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
    results: Results, places: Mapping[str, str]
) -> dict[str, FilledChecklist]:
    """Fill in every checklist; `places` says where the report shows what."""
    filled, known = {}, known_of(results)
    for name in CHECKLISTS:
        checklist = read_checklist(name)
        items = fill_checklist(name, results, places=places, known=known)
        filled[checklist_key(name)] = FilledChecklist(
            checklist.title, checklist.citation, _summary(name, items), items
        )
    return filled
