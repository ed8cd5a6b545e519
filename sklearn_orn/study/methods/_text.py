"""The methods of a study as text that can be pasted, and the papers it cites."""

from sklearn_orn.study.methods._phrases import marked_paragraphs
from sklearn_orn.study.methods._references import (
    BIBLIOGRAPHY,
    cited_keys,
    number_citations,
)
from sklearn_orn.study.results import Results


def methods_paragraph(results: Results) -> list[str]:
    """Return what a study did, in words; what was not done is not told.

    Parameters
    ----------
    results : Results
        All numbers of the study.

    Returns
    -------
    list of str
        Paragraphs of plain text: cohort and split, images and readers, features,
        selection and model, evaluation, software. Numbers in brackets are those of
        `references`.
    """
    return number_citations(marked_paragraphs(results))


def references(results: Results) -> list[str]:
    """Return the papers that `methods_paragraph` cites.

    Parameters
    ----------
    results : Results
        All numbers of the study.

    Returns
    -------
    list of str
        One for each number, in order: ``1. Authors. Title. Journal.``
    """
    keys = cited_keys(marked_paragraphs(results))
    return [f"{n}. {BIBLIOGRAPHY[key]}" for n, key in enumerate(keys, start=1)]
