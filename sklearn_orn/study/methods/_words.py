"""How the templates of the methods make sentences: numbers, lists, spaces."""

import re
from collections.abc import Iterable, Mapping

from sklearn_orn._block_names import rim_of

NO_BREAK = "\N{NO-BREAK SPACE}"
# Of Unicode's private use, so that no name of a column or a reader can look like one.
OPEN, CLOSE, SPACE = "\ue000", "\ue001", "\ue002"
_MARKS = re.compile(f"[{OPEN}{CLOSE}{SPACE}]")
_NO_SPACE = re.compile(
    rf"^{SPACE}+|(?<=\(){SPACE}+|{SPACE}+(?=[,;:)]|\.(?!\d)| {OPEN}|$)"
)


def plain(text: str) -> str:
    """Return a text of the user's without the characters that are marks of ours."""
    return _MARKS.sub("", text)


def marked_spaces(text: str) -> str:
    """Return a text of a template with one mark for each run of spaces and lines."""
    return re.sub(r"[ \n]+", SPACE, text)


def squeeze(text: str) -> str:
    r"""Return what a template gave with one space between words.

    The spaces of the template alone are touched, which `marked_spaces` has marked. None
    is left at the ends, after ``(`` and before ``, ; : )``, a citation or a full stop.

    >>> squeeze(marked_spaces("\n  by ( the .632+\n rule ) , in ") + "“a  b”")
    'by (the .632+ rule), in “a  b”'
    """
    return re.sub(f"{SPACE}+", " ", _NO_SPACE.sub("", text))


def count(n: int | None, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "lesion"), count(95, "lesion"), count(None, "patient")
    ('1 lesion', '95 lesions', 'an unknown number of patients')
    """
    if n is None:
        return f"an unknown number of {noun}s"
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def thousands(n: int) -> str:
    """Return a number with its thousands parted by commas."""
    return f"{n:,}"


def join_words(words: Iterable[object], last: str = "and") -> str:
    """Join words as a sentence does.

    >>> join_words(["A"]), join_words(["A", "B"]), join_words(["A", "B", "C"])
    ('A', 'A and B', 'A, B and C')
    """
    *first, end = [str(word) for word in words] or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def quoted(name: object) -> str:
    """Return a name of the user's in quotes."""
    return f"“{name}”"


def region_phrase(slug: str) -> str:
    """Return a region as a sentence has it.

    >>> region_phrase("rim3out"), region_phrase("context")
    ('the rim up to 3 mm outside it', 'its surroundings')
    """
    rim = rim_of(slug)
    if rim is None:
        return "its surroundings" if slug == "context" else "the lesion"
    width, side = rim
    return f"the rim up to {width:g} mm {side}side it"


def word(key: str, words: Mapping[str, str]) -> str:
    """Return the word for a key; the key itself where there is none."""
    return words.get(key, key)
