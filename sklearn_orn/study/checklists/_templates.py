"""How the texts and conditions of the checklists are read."""

from functools import cache

from jinja2 import Environment, StrictUndefined, Template
from jinja2.environment import TemplateExpression

from sklearn_orn.study.checklists._sentences import WORDS
from sklearn_orn.study.methods._words import join_words


@cache
def environment() -> Environment:
    """Return the environment of texts and conditions; what is unknown is an error."""
    # The texts are plain: a page has to escape them.
    made = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
    made.globals.update(WORDS)
    made.filters["join_words"] = join_words
    return made


@cache
def condition(expression: str) -> TemplateExpression:
    """Return what tells whether a condition holds."""
    return environment().compile_expression(expression, undefined_to_none=False)


@cache
def template(text: str) -> Template:
    """Return a text that may be filled in."""
    return environment().from_string(text)
