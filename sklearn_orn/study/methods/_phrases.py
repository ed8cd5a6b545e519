"""Any phrase of the methods by its name, for the pages that need it alone."""

from typing import Any

from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study.methods import _phrases_data as data
from sklearn_orn.study.methods import _phrases_evaluation as evaluation
from sklearn_orn.study.methods import _phrases_model as model
from sklearn_orn.study.methods._facts import Facts
from sklearn_orn.study.methods._references import without_citations
from sklearn_orn.study.results import Results

ROOMS = (data, model, evaluation)
OF_A_PART = ("part_counts", "rate_words", "choice_words")  # know it, not the results


def phrase(results: Results, name: str, *about: Any) -> str:
    """Return a phrase of the methods, without citations.

    Parameters
    ----------
    results : Results
        All numbers of the study.
    name : str
        Such as ``"bits_sentence"``.
    *about
        What some phrases need beside: a part of the study for ``part_counts`` and
        ``rate_words``, the name of a part for ``class_counts``.

    Returns
    -------
    str
        Empty where the phrase does not apply.

    Raises
    ------
    KeyError
        If there is no such phrase.
    """
    for room in ROOMS:
        if hasattr(room, name):
            of = [plain_data(item) for item in about]
            if name not in OF_A_PART:
                of = [Facts(results.plain()), *of]
            return without_citations(getattr(room, name)(*of))
    raise KeyError(f"the methods have no phrase {name!r}")
