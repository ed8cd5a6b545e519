"""The reporting checklists of a study, filled in from its run.

CLEAR (58 items) is Kocak B, Baessler B, Bakas S, et al., Insights Imaging 2023;14:75;
TRIPOD+AI (27 items, 52 sub-items) is Collins GS, Moons KGM, Dhiman P, et al., BMJ
2024;385:e078378; METRICS (30 items with weights) is Kocak B, Akinci D'Antonoli T,
Mercaldo N, et al., Insights Imaging 2024;15:8. Items have their numbers there; their
wording here is a short paraphrase of our own.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import pandas as pd

from sklearn_orn.study.checklists import _clear, _metrics_answers, _tripod_ai
from sklearn_orn.study.checklists._answer import PLACES, Answerer, source_text
from sklearn_orn.study.methods._facts import Facts


@dataclass(frozen=True)
class Checklist:
    """A checklist: where it comes from and how its items are answered.

    Attributes
    ----------
    title : str
        What it is called.
    citation : str
        The paper that it comes from.
    file : str
        Name of the file of its items.
    answers : mapping of str to callable
        Item number to the function that answers it from the results.
    """

    title: str
    citation: str
    file: str
    answers: Mapping[str, Answerer]


CHECKLISTS: Mapping[str, Checklist] = MappingProxyType(
    {
        "clear": Checklist("CLEAR", _clear.CITATION, "clear.json", _clear.ANSWERS),
        "tripod_ai": Checklist(
            "TRIPOD+AI", _tripod_ai.CITATION, "tripod_ai.json", _tripod_ai.ANSWERS
        ),
        "metrics": Checklist(
            "METRICS",
            _metrics_answers.CITATION,
            "metrics.json",
            _metrics_answers.ANSWERS,
        ),
    }
)


@dataclass(frozen=True)
class ChecklistItem:
    """An item of a checklist with its answer.

    Attributes
    ----------
    number, section, item : str
        Number and section in the checklist, and what it asks, in our words.
    answer : str
        What the run knows of it, with its numbers.
    source : str
        Where that stands in the report and in the results; "the author" where only
        the author can know.
    status : {"filled", "not done", "author", "not applicable"}
        "filled" by the run; "not done", as the run shows; "author" where only the
        author can know; "not applicable" where the study does not have what the item
        asks about.
    to_do : str
        What the author has still to write or to do; empty where nothing is left.
    """

    number: str
    section: str
    item: str
    answer: str
    source: str
    status: str
    to_do: str = ""


def checklist_items(name: str) -> list[dict[str, Any]]:
    """Return the items of a checklist as they are asked.

    Parameters
    ----------
    name : {"clear", "tripod_ai", "metrics"}
        Which checklist.

    Returns
    -------
    list of dict
        ``number, section, item``; of METRICS also ``weight``, and ``condition`` where
        the item counts only in studies that have it.

    Raises
    ------
    ValueError
        If there is no such checklist.

    Examples
    --------
    >>> from sklearn_orn.study.checklists._fill import checklist_items
    >>> [len(checklist_items(name)) for name in ("clear", "tripod_ai", "metrics")]
    [58, 52, 30]
    >>> checklist_items("care")
    Traceback (most recent call last):
        ...
    ValueError: name is 'care': expected one of 'clear', 'tripod_ai', 'metrics'.
    """
    if name not in CHECKLISTS:
        known = ", ".join(map(repr, CHECKLISTS))
        raise ValueError(f"name is {name!r}: expected one of {known}.")
    folder = files("sklearn_orn.study.checklists")
    text = (folder / CHECKLISTS[name].file).read_text(encoding="utf-8")
    items: list[dict[str, Any]] = json.loads(text)
    return items


def _check_places(places: Mapping[str, str]) -> None:
    unknown = [place for place in places if place not in PLACES]
    if unknown:
        raise ValueError(
            f"places names {', '.join(map(repr, unknown))}: expected keys among "
            f"{', '.join(PLACES)}."
        )


def fill_checklist(
    name: str, results: Mapping[str, Any], *, places: Mapping[str, str] | None = None
) -> list[ChecklistItem]:
    """Answer a checklist from the results of a study.

    Parameters
    ----------
    name : {"clear", "tripod_ai", "metrics"}
        Which checklist.
    results : dict
        All numbers of the study, as plain data. A section may be missing, or say why
        it is absent.
    places : dict of str to str, default=None
        What the report calls a place, such as ``{"performance": "Table 4"}``; keys of
        `PLACES`, whose titles stand for the others.

    Returns
    -------
    list of ChecklistItem
        In the order of the checklist. Texts are plain: a page has to escape them.

    Raises
    ------
    ValueError
        If there is no such checklist, or no such place.

    Examples
    --------
    >>> from sklearn_orn.study.checklists._fill import fill_checklist
    >>> results = {"imputed": {"n_filled": 3, "n_cells": 600}}
    >>> item = fill_checklist("clear", results)[28]
    >>> item.number, item.status, item.answer[:25]
    ('29', 'filled', '3 of 600 feature values (')
    >>> fill_checklist("clear", {})[28].status
    'not done'
    """
    items = checklist_items(name)
    titles = places or {}
    _check_places(titles)
    facts, answers = Facts(results), CHECKLISTS[name].answers
    filled = []
    for item in items:
        answer = answers[item["number"]](facts)
        filled.append(
            ChecklistItem(
                number=item["number"],
                section=item["section"],
                item=item["item"],
                answer=answer.text,
                source=source_text(answer, titles),
                status=answer.status,
                to_do=answer.to_do,
            )
        )
    return filled


def checklist_table(items: Iterable[ChecklistItem]) -> pd.DataFrame:
    """Return a filled checklist as a table, for a CSV file.

    Parameters
    ----------
    items : iterable of ChecklistItem
        Of `fill_checklist`.

    Returns
    -------
    DataFrame
        Columns ``number, section, item, status, answer, to_do, source``, all text.

    Examples
    --------
    >>> from sklearn_orn.study.checklists._fill import checklist_table, fill_checklist
    >>> checklist_table(fill_checklist("metrics", {})).shape
    (30, 7)
    """
    columns = ["number", "section", "item", "status", "answer", "to_do", "source"]
    return pd.DataFrame([asdict(item) for item in items], columns=columns, dtype=object)
