"""Messages made of parts: what may name a person can be replaced, part by part."""

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = [
    "HASHED",
    "HASH_LETTERS",
    "Part",
    "choice_part",
    "counted",
    "file_part",
    "hidden_text",
    "id_part",
    "listed_columns",
    "name_part",
    "parts_of",
    "plain_text",
    "private",
    "shown",
    "the_file",
]

HASH_LETTERS = 12  # of 48 bits: two of 10,000 ids meet once in 5 million tables
HASHED = re.compile(rf".-[0-9a-f]{{{HASH_LETTERS}}}(/\d+)?")  # and a slice of it
HIDDEN = "(hidden)"
OF_THE_TABLE = "of the table"
# Unicode keeps these for use within a program: they are characters of no text.
_FILE, _NAME, _SHOWN, _END = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_NUMBER = re.compile(r"-?\d{1,4}|unnumbered")
_MARKS = re.compile(f"[{_FILE}{_NAME}{_SHOWN}{_END}]")
_PART = re.compile(f"([{_FILE}{_NAME}])(.*?){_SHOWN}(.*?){_END}", re.DOTALL)


class Part(NamedTuple):
    """A part of a message; `hidden`, if any, stands for it where ids are hidden."""

    text: str
    hidden: str | None = None
    is_file: bool = False  # or a folder


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shown(value: object) -> str:
    """Return the `repr` of a value, of NumPy's scalars as of those of Python.

    Examples
    --------
    >>> import numpy as np
    >>> shown([np.float64(0.5), np.str_("ORN"), None])
    "[0.5, 'ORN', None]"
    """
    import numpy as np

    if isinstance(value, np.datetime64):
        return repr(str(value))
    with np.printoptions(legacy="1.25"):  # before NumPy 2 they were shown like this
        return repr(value)


def private(value: object, hidden: str = HIDDEN) -> str:
    """Mark a value in a message that may name a person, such as that of an ROI."""
    return f"{_NAME}{hidden}{_SHOWN}{plain_text(str(value))}{_END}"


def file_part(path: str | os.PathLike[str], hidden: str = OF_THE_TABLE) -> str:
    """Mark a file or folder in a message; it is shown in quotes.

    Examples
    --------
    >>> text = f"file {file_part('DOE/a.dcm')} is truncated."
    >>> plain_text(text), hidden_text(text)
    ("file 'DOE/a.dcm' is truncated.", 'file of the table is truncated.')
    """
    return f"{_FILE}{hidden}{_SHOWN}'{_MARKS.sub('', os.fspath(path))}'{_END}"


def the_file(path: str | os.PathLike[str]) -> str:
    """Mark a file or folder where no word in front of it says what it is."""
    return file_part(path, f"the file {OF_THE_TABLE}")


def name_part(name: object) -> str:
    """Mark a name, such as that of an ROI; it is shown in quotes."""
    return private(f"'{name}'")


def id_part(name: object, quoted: bool = False) -> str:
    """Mark the name of a lesion or patient; a hash or a row's number names nobody."""
    text = str(name)
    known = HASHED.fullmatch(text) or re.fullmatch(r"row \d+", text)
    shown = repr(text) if quoted else text
    return shown if known else private(shown)


def listed_columns(names: Iterable[object], limit: int | None = None) -> str:
    """List the columns of a table; without a header they are cells of its first row."""
    texts = list(map(str, names))
    more = f" and {len(texts) - limit} more" if limit and len(texts) > limit else ""
    return private(", ".join(texts[:limit]) + more, f"({len(texts)} columns)")


def choice_part(value: object) -> str:
    """Mark what a table chooses; a short number names nobody."""
    return str(value) if _NUMBER.fullmatch(str(value)) else private(value)


def parts_of(text: str) -> list[Part]:
    """Split a message into its parts, in order."""
    found, end = [], 0
    for match in _PART.finditer(text):
        found.append(Part(text[end : match.start()]))
        kind, hidden, shown = match.groups()
        found.append(Part(shown, hidden, kind == _FILE))
        end = match.end()
    rest = Part(_MARKS.sub("", text[end:]))
    return [part for part in (*found, rest) if part.text or part.hidden]


def plain_text(text: str) -> str:
    """Return a message as it is shown."""
    return "".join(part.text for part in parts_of(text))


def hidden_text(text: str) -> str:
    """Return a message as it is shown where ids are hidden."""
    return "".join(
        part.text if part.hidden is None else part.hidden for part in parts_of(text)
    )
