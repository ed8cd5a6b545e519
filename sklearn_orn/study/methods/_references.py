"""Papers that the methods cite, and how the citations become numbers."""

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType

from sklearn_orn.study.methods._words import CLOSE, OPEN

_FILE = files("sklearn_orn.study.methods") / "bibliography.json"
BIBLIOGRAPHY: Mapping[str, str] = MappingProxyType(
    json.loads(_FILE.read_text(encoding="utf-8"))
)
_MARK = re.compile(f"{OPEN}([a-z,]+){CLOSE}")


def cite(*keys: str) -> str:
    """Return the mark of a citation; KeyError if the bibliography has no such paper."""
    for key in keys:
        if key not in BIBLIOGRAPHY:
            raise KeyError(f"the bibliography has no {key!r}")
    return f" {OPEN}{','.join(keys)}{CLOSE}"


def cited_keys(texts: Sequence[str]) -> list[str]:
    """Return the keys that texts cite, each once, in order of appearance."""
    marks = [mark for text in texts for mark in _MARK.findall(text)]
    return list(dict.fromkeys(key for mark in marks for key in mark.split(",")))


def number_citations(texts: Sequence[str]) -> list[str]:
    """Replace the marks by numbers, in order of appearance.

    >>> number_citations(["A" + cite("wilson"), "B" + cite("rao", "wilson") + "."])
    ['A [1]', 'B [1, 2].']
    """
    numbers = {key: str(n) for n, key in enumerate(cited_keys(texts), start=1)}

    def numbered(mark: re.Match[str]) -> str:
        found = sorted((numbers[key] for key in mark[1].split(",")), key=int)
        return f"[{', '.join(found)}]"

    return [_MARK.sub(numbered, text) for text in texts]


def without_citations(text: str) -> str:
    """Return a text without its citations."""
    return re.sub(f" {_MARK.pattern}", "", text)
