"""The phrases of the methods by name, and the paragraphs that they make."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sklearn_orn.study.methods._derived import variables
from sklearn_orn.study.methods._references import without_citations
from sklearn_orn.study.methods._words import squeeze
from sklearn_orn.study.results import Results

PARAGRAPHS = ("patients", "images", "features", "model", "evaluation", "reporting")


def _templates(results: Results) -> Callable[[str], Any]:
    """Return what gives the macros of a template, which read the study."""
    from sklearn_orn.study.methods._environment import environment

    known = variables(results)
    return cache(lambda file: environment().get_template(file).make_module(known))


def phrases_of(results: Results) -> Callable[..., str]:
    """Return what makes each phrase of a study, as `phrase` does."""
    from sklearn_orn.study.methods._environment import phrase_files

    files, macros = phrase_files(), _templates(results)

    def make(name: str, *about: object) -> str:
        if name not in files:
            raise KeyError(f"the methods have no phrase {name!r}")
        text = getattr(macros(files[name]), name)(*about)
        return without_citations(squeeze(str(text)))

    return make


def phrase(results: Results, name: str, *about: object) -> str:
    """Return a phrase of the methods, without citations; empty where it does not apply.

    `name` is a macro of the templates; some need what they are `about` beside: a part
    of the study (``part_counts``, ``rate_words``) or its name (``class_counts``).
    KeyError if there is no such phrase.
    """
    return phrases_of(results)(name, *about)


def marked_paragraphs(results: Results) -> list[str]:
    """Return the paragraphs of the methods, with marks for their citations."""
    macros = _templates(results)
    texts = [squeeze(str(macros(f"{name}.j2").paragraph())) for name in PARAGRAPHS]
    return [text for text in texts if text]
