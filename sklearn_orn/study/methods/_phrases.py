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
    """Return a phrase of the methods, without citations.

    Parameters
    ----------
    results : Results
        All numbers of the study.
    name : str
        A macro of the templates, such as ``"bits_sentence"``.
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
    from sklearn_orn.study.methods._environment import phrase_files

    files = phrase_files()
    if name not in files:
        raise KeyError(f"the methods have no phrase {name!r}")
    return without_citations(_rendered(results, files[name], name, *about))


def marked_paragraphs(results: Results) -> list[str]:
    """Return the paragraphs of the methods, with marks for their citations."""
    texts = [_rendered(results, f"{name}.j2", "paragraph") for name in PARAGRAPHS]
    return [text for text in texts if text]
