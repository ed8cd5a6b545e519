"""The methods of a study as text that can be pasted, and the papers it cites."""

from sklearn_orn.study.methods._phrases import marked_paragraphs
from sklearn_orn.study.methods._references import (
    BIBLIOGRAPHY,
    cited_keys,
    number_citations,
)
from sklearn_orn.study.results import Results


def methods_paragraph(results: Results) -> list[str]:
    """Return what a study did, in paragraphs; what was not done is not told.

    Numbers in brackets are those of `references`. Names of readers and columns stand as
    in the table: a page has to escape them.
    """
    return number_citations(marked_paragraphs(results))


def references(results: Results) -> list[str]:
    """Return the papers that `methods_paragraph` cites, each behind its number."""
    keys = cited_keys(marked_paragraphs(results))
    return [f"{n}. {BIBLIOGRAPHY[key]}" for n, key in enumerate(keys, start=1)]
