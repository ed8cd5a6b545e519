"""The `@given` tests of the project, and the table of them in docs/properties.md."""

import ast
import functools
import re
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "properties.md"


class Property(NamedTuple):
    """A row of the table: the words of the test's name, the reason, the file."""

    words: str
    why: str
    where: str

    @property
    def key(self):
        return self.words, self.where

    def row(self):
        return f"| {self.words} | {self.why or 'WHY?'} | `{self.where}` |"


def is_given(decorator):
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(function, "id", getattr(function, "attr", "")) == "given"


def drawn_tests(path):
    """The tests of a file that hypothesis feeds, with their docstrings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and any(
            map(is_given, node.decorator_list)
        ):
            yield node.name, ast.get_docstring(node)


@functools.cache
def of_code():
    """The properties of all tests; those without a docstring have no reason."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, docstring in drawn_tests(path):
            words = name.removeprefix("test_").replace("_", " ").capitalize()
            why = " ".join((docstring or "").split()).replace("|", r"\|")
            found.append(Property(words, why, path.relative_to(TESTS).as_posix()))
    return tuple(found)


def of_page():
    """The properties of the table."""
    row = re.compile(r"^\| (.+?) \| (.+) \| `(\S+\.py)` \|$", re.MULTILINE)
    return [Property(*cells) for cells in row.findall(PAGE.read_text(encoding="utf-8"))]
