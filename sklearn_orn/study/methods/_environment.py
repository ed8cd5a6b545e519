"""How the templates of the methods are rendered."""

from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import LoopContext
from markupsafe import Markup

from sklearn_orn.study._written_numbers import decimal, significant
from sklearn_orn.study.methods import _words as words
from sklearn_orn.study.methods._references import cite

LOADER = PackageLoader("sklearn_orn.study.methods")
FILTERS = {
    "count": words.count,
    "decimal": decimal,
    "join_words": words.join_words,
    "quoted": words.quoted,
    "region": words.region_phrase,
    "significant": significant,
    "thousands": words.thousands,
    "word": words.word,
}


class MarkSpaces(Extension):
    """Mark the spaces and lines of a template, for `squeeze`."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Return the tokens, those of text with their spaces marked."""
        for token in stream:
            if token.type == "data":
                token = token._replace(value=words.marked_spaces(token.value))
            yield token


def joint(loop: LoopContext, last: str = "and") -> str:
    """Return what stands after an item of a loop, to join its items as `join_words`."""
    if loop.last:
        return ""
    space = words.SPACE
    return Markup(f"{space}{last}{space}" if loop.revindex == 2 else f",{space}")


def _as_text(value: object) -> Markup:
    """Leave no mark in a text of the user's; what templates wrote is `Markup`."""
    if isinstance(value, Markup):
        return value
    return Markup(words.plain(str(value)))


def _marked_citation(*keys: str) -> Markup:
    return Markup(cite(*keys))


def new_environment(*extensions: type[Extension]) -> Environment:
    """Return an environment of the templates, in which nothing may be missing."""
    environment = Environment(
        loader=LOADER,
        autoescape=True,  # so that what templates wrote is told from other texts
        finalize=_as_text,
        undefined=StrictUndefined,
        extensions=[*extensions, MarkSpaces],
    )
    environment.globals |= {"cite": _marked_citation, "nbsp": words.NO_BREAK}
    environment.filters |= FILTERS | {"joint": joint}
    return environment


@cache
def environment() -> Environment:
    """Return the one environment of the program."""
    return new_environment()


@cache
def phrase_files() -> dict[str, str]:
    """Return the template of each phrase."""
    found = {}
    for file in LOADER.list_templates():
        source, _, _ = LOADER.get_source(environment(), file)
        for macro in environment().parse(source).find_all(nodes.Macro):
            found[macro.name] = file
    del found["paragraph"]  # each file has one
    return found
