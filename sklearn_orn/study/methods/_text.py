"""The methods of a study as text that can be pasted, and the papers it cites."""

from collections.abc import Mapping
from typing import Any

from sklearn_orn.study.methods._facts import Facts
from sklearn_orn.study.methods._phrases_data import data_paragraphs
from sklearn_orn.study.methods._phrases_evaluation import (
    evaluation_paragraph,
    reporting_paragraph,
)
from sklearn_orn.study.methods._phrases_model import model_paragraph
from sklearn_orn.study.methods._references import (
    BIBLIOGRAPHY,
    cited_keys,
    number_citations,
)


def _marked_paragraphs(results: Mapping[str, Any]) -> list[str]:
    facts = Facts(results)
    paragraphs = [
        *data_paragraphs(facts),
        model_paragraph(facts),
        evaluation_paragraph(facts),
        reporting_paragraph(facts),
    ]
    return [text for text in paragraphs if text]


def methods_paragraph(results: Mapping[str, Any]) -> list[str]:
    """Return what a study did, in words.

    Parameters
    ----------
    results : dict
        All numbers of the study, as plain data. A section may be missing, or say why
        it is absent; what was not done is not told.

    Returns
    -------
    list of str
        Paragraphs of plain text: cohort and split, images and readers, features,
        selection and model, evaluation, software. Numbers in brackets are those of
        `references`.

    Examples
    --------
    >>> from sklearn_orn.study.methods._text import methods_paragraph
    >>> cohort = {"n_lesions": 142, "n_patients": 71}
    >>> results = {"cohort": cohort, "classes": ["metastasis", "ORN"]}
    >>> print(methods_paragraph(results)[0])
    The study analysed 142 lesions of 71 patients. The outcome was ORN (the positive
    class) against metastasis.
    """
    return number_citations(_marked_paragraphs(results))


def references(results: Mapping[str, Any]) -> list[str]:
    """Return the papers that `methods_paragraph` cites.

    Parameters
    ----------
    results : dict
        All numbers of the study, as plain data.

    Returns
    -------
    list of str
        One for each number, in order: ``1. Authors. Title. Journal.``

    Examples
    --------
    >>> from sklearn_orn.study.methods._text import references
    >>> [text.split(",")[0] for text in references({})]
    ['1. Kocak B', '2. Collins GS', '3. Kocak B']
    """
    keys = cited_keys(_marked_paragraphs(results))
    return [f"{n}. {BIBLIOGRAPHY[key]}" for n, key in enumerate(keys, start=1)]
