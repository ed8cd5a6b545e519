"""A checklist as its data file has it: what its items ask, and how each is answered.

The answers of an item are tried in order. One is taken if its `when`, a Jinja
expression, holds (it does where there is none) and, unless only the author can know,
its `text` is not empty: Jinja templates, which are joined by spaces and may be empty.
Both read what the methods' templates read, the results as ``r``, the phrases of the
methods as ``say`` and what `_words` has. ``answers: clear 47`` takes those of
another item.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from sklearn_orn._io.codec import JsonObject, Plain
from sklearn_orn.study.checklists._places import PLACES
from sklearn_orn.study.methods._references import BIBLIOGRAPHY
from sklearn_orn.study.results import UnexpectedData, decode

Status = Literal["filled", "not done", "author", "not applicable"]
STATUSES: tuple[Status, ...] = get_args(Status)
CHECKLISTS = ("clear", "tripod_ai", "probast_ai", "metrics")
OPTIONAL_OF_ITEM = {"weight": None, "condition": None}
OPTIONAL_OF_ANSWER: JsonObject = {"when": None, "text": [], "places": [], "to_do": ""}


@dataclass(frozen=True)
class Answer:
    """An answer to an item: where it applies, what it says, and what is left to do."""

    when: str | None
    status: Status
    text: tuple[str, ...]
    places: tuple[str, ...]
    to_do: str


@dataclass(frozen=True)
class Item:
    """An item; `weight` is of METRICS, `condition` what it takes for it to count."""

    number: str
    section: str
    item: str
    answers: tuple[Answer, ...]
    weight: float | None
    condition: str | None


@dataclass(frozen=True)
class Checklist:
    """A checklist: what it is called, and its paper in the bibliography."""

    title: str
    paper: str
    items: tuple[Item, ...]

    @property
    def citation(self) -> str:
        """The paper that it comes from."""
        return BIBLIOGRAPHY[self.paper]


@cache
def read_checklist(name: str) -> Checklist:
    """Return a checklist of `CHECKLISTS`; ValueError if it is none.

    >>> [len(read_checklist(name).items) for name in CHECKLISTS]
    [58, 52, 34, 30]
    """
    return parsed_checklist(_text(name))


@cache
def _text(name: str) -> str:
    if name not in CHECKLISTS:
        known = ", ".join(map(repr, CHECKLISTS))
        raise ValueError(f"name is {name!r}: expected one of {known}.")
    file = files("sklearn_orn.study.checklists") / f"{name}.yaml"
    return file.read_text(encoding="utf-8")


@cache
def _plain_answers(name: str) -> JsonObject:
    return {item["number"]: item["answers"] for item in _yaml(_text(name))["items"]}


def _yaml(text: str) -> Plain:
    import yaml

    # The loader in C, where there is one, takes a tenth of the time.
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def parsed_checklist(text: str) -> Checklist:
    """Return the checklist of a data file; an error has the item and what is wrong."""
    data = _yaml(text)
    items = [OPTIONAL_OF_ITEM | item for item in data["items"]]
    for item in items:
        answers = item["answers"]
        while isinstance(answers, str):
            answers = _answers_of(answers)
        item["answers"] = [_completed(answer) for answer in answers]
    checklist = decode(Checklist, data | {"items": items})
    for checked in checklist.items:
        _check(checked)
    return checklist


def _answers_of(reference: str) -> Plain:
    name, _, number = reference.partition(" ")
    try:
        return _plain_answers(name)[number]
    except KeyError:
        raise UnexpectedData(
            f"answers: {reference!r} is no item; expected such as 'clear 47'"
        ) from None


def _completed(answer: JsonObject) -> JsonObject:
    text = answer.get("text", [])
    texts = [text] if isinstance(text, str) else text
    return OPTIONAL_OF_ANSWER | answer | {"text": texts}


def _check(item: Item) -> None:
    for answer in item.answers:
        unknown = [place for place in answer.places if place not in PLACES]
        if unknown:
            raise UnexpectedData(
                f"item {item.number} has the place {unknown[0]!r}; expected one of "
                f"{', '.join(PLACES)}"
            )
    if not item.answers or item.answers[-1].when is not None:
        raise UnexpectedData(
            f"item {item.number} may be left without an answer; expected a last one "
            "without when"
        )
