"""One answer to an item of a checklist: what the run knows, and where it stands."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sklearn_orn.study._numbers import PART_TITLES
from sklearn_orn.study.methods._facts import Facts, sentences
from sklearn_orn.study.methods._references import without_citations

FILLED = "filled"
NOT_DONE = "not done"
AUTHOR = "author"
NOT_APPLICABLE = "not applicable"
STATUSES = (FILLED, NOT_DONE, AUTHOR, NOT_APPLICABLE)

# What an answer is read from: where the report shows it, and the key of the results.
PLACES = {
    "config": ("Settings", "config"),
    "cohort": ("Cohort", "cohort"),
    "flow": ("Flow chart", "flow"),
    "left_out": ("Lesions left out", "left_out"),
    "baseline": ("Baseline characteristics", "baseline"),
    "protocol": ("Protocol of the images", "images.protocol"),
    "readers": ("Readers' agreement", "images.overlap"),
    "agreement": ("Readers' agreement", "agreement"),
    "steps": ("Features left at each step", "features"),
    "icc": ("ICC of each feature", "selection.icc"),
    "imputed": ("Features", "imputed"),
    "formula": ("Formula", "model"),
    "coefficients": ("Features of the score", "model.coefficients"),
    "lasso": ("Choice of the penalty", "model.lasso"),
    "nomogram": ("Nomogram", "model"),
    "performance": ("Performance", "parts"),
    "calibration": ("Calibration", "parts"),
    "decision": ("Decision curve", "parts"),
    "stability": ("Selection stability", "stability"),
    "optimism": ("Optimism", "optimism"),
    "nested": ("Nested cross-validation", "nested"),
    "permuted": ("Permuted outcome", "permuted"),
    "reader_swap": ("Reader swap", "reader_swap"),
    "sensitivity": ("Other grey-level settings", "sensitivity"),
    "models": ("Other models", "models"),
    "sample_size": ("Sample size", "sample_size"),
    "warnings": ("Warnings", "warnings"),
    "versions": ("Software", "versions"),
    "methods": ("Methods", "config"),
    "checklists": ("Checklists", "format"),
}

PART_PLACES = PART_TITLES | {"cross-validation": "Cross-validation"}


class Answer(NamedTuple):
    """An answer to an item.

    Attributes
    ----------
    status : {"filled", "not done", "author", "not applicable"}
        Whether the run answers it, shows that it was not done, leaves it to the
        author, or does not have what the item asks about.
    text : str
        What the run knows of it; may be empty where only the author can know.
    places : tuple of str
        Keys of `PLACES`.
    to_do : str
        What is left to write, or to do.
    """

    status: str
    text: str
    places: tuple[str, ...] = ()
    to_do: str = ""


Answerer = Callable[[Facts], Answer]


def filled(text: str, *places: str, to_do: str = "") -> Answer:
    """Return an answer that the run gives."""
    return Answer(FILLED, without_citations(text), places, to_do)


def not_done(text: str, to_do: str, *places: str) -> Answer:
    """Return an answer that tells what was not done, and what to do."""
    return Answer(NOT_DONE, without_citations(text), places, to_do)


def author(to_do: str, text: str = "", *places: str) -> Answer:
    """Return an answer that only the author can give."""
    return Answer(AUTHOR, without_citations(text), places, to_do)


def not_applicable(text: str, *places: str) -> Answer:
    """Return an answer to an item that asks about what the study does not have."""
    return Answer(NOT_APPLICABLE, without_citations(text), places)


def ask(to_do: str) -> Answerer:
    """Return the answer function of an item that only the author can know."""

    def answer(facts: Facts) -> Answer:
        return author(to_do)

    return answer


def filled_or(
    missing: Answer, *texts: str, places: tuple[str, ...], to_do: str = ""
) -> Answer:
    """Return an answer of the sentences that are there; `missing` if none is."""
    text = sentences(*texts)
    return filled(text, *places, to_do=to_do) if text else missing


def absent(facts: Facts, section: str, what: str, to_do: str) -> Answer:
    """Return that a section of the results is missing, with its reason."""
    reason = facts.why(section)
    return not_done(f"{what}{f': {reason}' if reason else ''}.", to_do)


def source_text(answer: Answer, titles: Mapping[str, str]) -> str:
    """Return where an answer comes from.

    Examples
    --------
    >>> source_text(filled("...", "performance"), {})
    'Performance (results: parts)'
    >>> source_text(filled("...", "performance", "models"), {"models": "Table 7"})
    'Performance (results: parts); Table 7 (results: models)'
    >>> source_text(author("..."), {}), source_text(not_done("...", "..."), {})
    ('the author', 'the run as a whole')
    """
    words = [
        f"{titles.get(place, PLACES[place][0])} (results: {PLACES[place][1]})"
        for place in answer.places
    ]
    nowhere = "the author" if answer.status == AUTHOR else "the run as a whole"
    return "; ".join(words) or nowhere
