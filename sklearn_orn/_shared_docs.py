"""Parts that several docstrings share: written once, and put in on import."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType
from typing import TypeVar

Owner = TypeVar("Owner", bound=Callable[..., object])
MARKER = re.compile(r"^\[\[([\w, ]+)\]\]$", re.MULTILINE)
SECTION = re.compile(r"\n\n(?=[A-Z]\w+\n---)")


def documented(section: str = "", **parts: str) -> Callable[[Owner], Owner]:
    """Return a decorator that puts texts into docstrings, as `complete_function`.

    A class has those of its public methods completed; its class methods make it.
    """
    texts = entries(section) | parts

    def complete(owner: Owner) -> Owner:
        if not isinstance(owner, type):
            complete_function(owner, texts)
            return owner
        for method in public_methods(owner):
            made = isinstance(vars(owner)[method.__name__], classmethod)
            complete_function(method, texts, owner.__name__ if made else "")
        return owner

    return complete


def complete_function(
    function: Callable[..., object],
    texts: Mapping[str, str],
    returns: str = "",
    names: Sequence[str] | None = None,
) -> None:
    """Add to a docstring what it leaves out.

    Parameters that it does not describe are taken by their `names`, in the order of the
    signature; a text may be of one function alone, such as ``transform.X``. Where the
    docstring says nothing of what is returned, `returns` does.
    """
    if function.__doc__ is None:  # python -OO leaves none
        return
    doc = completed(inspect.cleandoc(function.__doc__), texts)
    head, *sections = SECTION.split(doc)
    own = {}
    if sections and sections[0].startswith("Parameters\n"):
        own = entries(sections.pop(0).split("\n", 2)[2])
    if returns and not (sections and sections[0].startswith("Returns\n")):
        sections.insert(0, f"Returns\n-------\n{returns}")
    prefix = f"{function.__name__}."
    special = {
        name.removeprefix(prefix): text.removeprefix(prefix)
        for name, text in texts.items()
        if name.startswith(prefix)
    }
    names = parameter_names(function) if names is None else names
    names = [name for name in names if name not in ("self", "cls")]
    if names:
        parameters = joined(names, {**texts, **special, **own})
        sections.insert(0, f"Parameters\n----------\n{parameters}")
    function.__doc__ = "\n\n".join([head, *sections]) + "\n"


def parameter_names(function: Callable[..., object]) -> Sequence[str]:
    """Return the names of parameters; `inspect.signature` takes ten times as long."""
    code: CodeType = function.__code__
    starred = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + starred]


def texts_of(owner: type) -> dict[str, str]:
    """Return the texts that a class and its bases have in their `_texts`."""
    texts: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        texts |= entries(vars(base).get("_texts", ""))
    return texts


def returned(function: Callable[..., object]) -> str:
    """Return what a docstring says of what is returned."""
    for section in SECTION.split(inspect.cleandoc(function.__doc__ or "")):
        if section.startswith("Returns\n"):
            return section.split("\n", 2)[2]
    return ""


def public_methods(owner: type) -> list[Callable[..., object]]:
    """Return the public methods that a class has of its own."""
    methods = {
        name: getattr(member, "__func__", member)
        for name, member in vars(owner).items()
        if not name.startswith("_")
    }
    return [method for method in methods.values() if inspect.isfunction(method)]


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
        for name in re.split(r" : |\n", part.lstrip("*"))[0].split(", ")
    }


def joined(names: Iterable[str], texts: Mapping[str, str]) -> str:
    """Return the texts of names, once each where several names share one."""
    missing = [name for name in names if name not in texts]
    if missing:
        raise LookupError(f"no text of {', '.join(missing)}: write it in `_texts`.")
    return "\n".join(dict.fromkeys(texts[name] for name in names))
