"""The reporting checklists of a study, filled in from its run.

CLEAR (58 items) is Kocak B, Baessler B, Bakas S, et al., Insights Imaging 2023;14:75;
TRIPOD+AI (27 items, 52 sub-items) is Collins GS, Moons KGM, Dhiman P, et al., BMJ
2024;385:e078378; PROBAST+AI (34 signalling questions) Moons KGM, Damen JAA, Kaul T, et
al., BMJ 2025;388:e082505; METRICS (30 items with weights) is Kocak B, Akinci D'Antonoli
T, Mercaldo N, et al., Insights Imaging 2024;15:8. Items have their numbers there; their
wording here is a short paraphrase of our own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import pandas as pd

from sklearn_orn.study.checklists._checklist import Answer, Item, Status, read_checklist
from sklearn_orn.study.checklists._places import PLACES
from sklearn_orn.study.checklists._sentences import sentences
from sklearn_orn.study.methods._derived import variables
from sklearn_orn.study.methods._phrases import phrases_of
from sklearn_orn.study.methods._references import without_citations
from sklearn_orn.study.results import Results


@dataclass(frozen=True)
class ChecklistItem:
    """An item of a checklist with its answer.

    `source` is where the answer stands; `to_do` what is left to the author, if
    anything.
    """

    number: str
    section: str
    item: str
    answer: str
    source: str
    status: Status
    to_do: str = ""


def _check_places(places: Mapping[str, str]) -> None:
    unknown = [place for place in places if place not in PLACES]
    if unknown:
        raise ValueError(
            f"places names {', '.join(map(repr, unknown))}: expected keys among "
            f"{', '.join(PLACES)}."
        )


class _Phrases(dict[str, str]):
    """The phrases of the methods by their names, each made when it is asked for."""

    def __init__(self, results: Results) -> None:
        super().__init__()
        self._make = phrases_of(results)

    def __missing__(self, name: str) -> str:
        """Make a phrase."""
        text = self[name] = self._make(name)
        return text


def known_of(results: Results) -> dict[str, object]:
    """Return what texts and conditions read."""
    return variables(results) | {"r": results, "say": _Phrases(results)}


def answered(item: Item, known: Mapping[str, object]) -> tuple[Answer, str]:
    """Return the first answer of an item that applies, and its text."""
    from sklearn_orn.study.checklists._templates import condition, template

    for answer in item.answers:
        if answer.when is not None and not condition(answer.when)(known):
            continue
        texts = [template(text).render(known) for text in answer.text]
        text = without_citations(sentences(*texts))
        if text or answer.status == "author":
            return answer, text
    raise ValueError(f"no answer of item {item.number} applies to these results.")


def source_text(answer: Answer, titles: Mapping[str, str]) -> str:
    """Return where an answer comes from, ``Performance (results: parts)``."""
    words = [
        f"{titles.get(place, PLACES[place][0])} (results: {PLACES[place][1]})"
        for place in answer.places
    ]
    nowhere = "the author" if answer.status == "author" else "the run as a whole"
    return "; ".join(words) or nowhere


def fill_checklist(
    name: str,
    results: Results,
    *,
    places: Mapping[str, str] | None = None,
    known: Mapping[str, object] | None = None,
) -> list[ChecklistItem]:
    """Answer a checklist of `CHECKLISTS` from the results of a study, item by item.

    `places` has what the report calls a place, such as ``{"performance": "Table 4"}``;
    the titles of `PLACES` stand for the others. `known` is `known_of` the results, for
    several checklists at once. Texts are plain: a page has to escape them.
    """
    titles, known = places or {}, known_of(results) if known is None else known
    _check_places(titles)
    filled = []
    for item in read_checklist(name).items:
        answer, text = answered(item, known)
        filled.append(
            ChecklistItem(
                number=item.number,
                section=item.section,
                item=item.item,
                answer=text,
                source=source_text(answer, titles),
                status=answer.status,
                to_do=answer.to_do,
            )
        )
    return filled


def checklist_table(items: Iterable[ChecklistItem]) -> pd.DataFrame:
    """Return a filled checklist as a table of texts, for a CSV file."""
    columns = ["number", "section", "item", "status", "answer", "to_do", "source"]
    return pd.DataFrame([asdict(item) for item in items], columns=columns, dtype=object)
