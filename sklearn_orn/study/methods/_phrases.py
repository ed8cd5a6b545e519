"""The phrases of the methods by name, and the paragraphs that they make."""

from sklearn_orn.study.methods._derived import variables
from sklearn_orn.study.methods._references import without_citations
from sklearn_orn.study.methods._words import squeeze
from sklearn_orn.study.results import Results

PARAGRAPHS = ("patients", "images", "features", "model", "evaluation", "reporting")


def _rendered(results: Results, file: str, name: str, *about: object) -> str:
    from sklearn_orn.study.methods._environment import environment

    template = environment().get_template(file)
    module = template.make_module(variables(results))
    return squeeze(str(getattr(module, name)(*about)))


def phrase(results: Results, name: str, *about: object) -> str:
    """Return a phrase of the methods, without citations; empty where it does not apply.

    `name` is a macro of the templates; some need what they are `about` beside: a part
    of the study (``part_counts``, ``rate_words``) or its name (``class_counts``).
    KeyError if there is no such phrase.
    """
    from sklearn_orn.study.methods._environment import phrase_files

    files = phrase_files()
    if name not in files:
        raise KeyError(f"the methods have no phrase {name!r}")
    return without_citations(_rendered(results, files[name], name, *about))


def marked_paragraphs(results: Results) -> list[str]:
    """Return the paragraphs of the methods, with marks for their citations."""
    texts = [_rendered(results, f"{name}.j2", "paragraph") for name in PARAGRAPHS]
    return [text for text in texts if text]
