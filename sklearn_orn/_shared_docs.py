"""Parts that several docstrings share: written once, and put in on import."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])
MARKER = re.compile(r"^\[\[([\w, ]+)\]\]$", re.MULTILINE)


def documented(texts: Mapping[str, str]) -> Callable[[Function], Function]:
    """Return a decorator that puts texts into a docstring, where it has their names."""

    def complete(function: Function) -> Function:
        if function.__doc__ is not None:  # python -OO leaves none
            doc = completed(inspect.cleandoc(function.__doc__), texts)
            function.__doc__ = f"{doc}\n"
        return function

    return complete


def completed(doc: str, texts: Mapping[str, str]) -> str:
    """Put texts in the place of each line such as ``[[ax, name]]``."""
    return MARKER.sub(lambda match: joined(match[1].split(", "), texts), doc)


def entries(section: str) -> dict[str, str]:
    """Cut the text of a section into its names, each with its lines."""
    parts = re.split(r"\n(?=\S)", section.strip("\n"))
    return {
        name: part
        for part in parts
        if part
        for name in part.partition(" : ")[0].split(", ")
    }


def joined(names: Iterable[str], texts: Mapping[str, str]) -> str:
    """Return the texts of names, once each where several names share one."""
    missing = [name for name in names if name not in texts]
    if missing:
        raise LookupError(f"no text of {', '.join(missing)}: write it in `_texts`.")
    return "\n".join(dict.fromkeys(texts[name] for name in names))
