"""Names of columns as people write them: case, blanks and hyphens do not count."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sklearn_orn._messages import private

_SIGNS = re.compile(r"[\s_.-]+")
_KINDS = ("image", "mask", "section", "series", "stack")


def loose_name(name: object) -> str:
    """Return a column's name without case, blanks, hyphens and the like.

    Examples
    --------
    >>> loose_name("Mask Anna") == loose_name("mask-anna") == loose_name("MaskAnna")
    True
    """
    return _SIGNS.sub("", str(name).casefold())


def did_you_mean(name: object, names: Iterable[object]) -> str:
    """Return a question about the nearest of some names; empty if none is near.

    Examples
    --------
    >>> from sklearn_orn._messages import plain_text
    >>> plain_text(did_you_mean("mask_anna", ["image", "Mask-Anna"]))
    " Did you mean 'Mask-Anna'?"
    """
    known = {loose_name(other): str(other) for other in names}
    wanted = loose_name(name)
    near = get_close_matches(wanted, known, n=1, cutoff=0.75)
    near += [other for other in known if other.startswith(wanted)][:1]
    return f" Did you mean {private(repr(known[near[0]]))}?" if near else ""


def image_names(header: Sequence[str]) -> dict[str, str]:
    """Return which columns stand for those of images, outlines and slices.

    A table that has a column ``mask`` or ``mask_<reader>`` is taken by the letter.

    Examples
    --------
    >>> image_names(["Patient", "Image", "Mask Anna", "mask-Ben", "Image date"])
    {'Image': 'image', 'Mask Anna': 'mask_Anna', 'mask-Ben': 'mask_Ben'}
    """
    parts = {name: _SIGNS.split(name.strip(), maxsplit=1) for name in header}
    parts = {name: [p[0].casefold(), *p[1:]] for name, p in parts.items()}
    exact = any(name == "mask" or name.startswith("mask_") for name in header)
    readers = {
        p[1].casefold(): p[1] for p in parts.values() if p[0] == "mask" and p[1:]
    }
    found = {}
    for name, (kind, *rest) in parts.items():
        if kind not in _KINDS or (kind == "mask" and exact):
            continue
        if rest and (exact or rest[0].casefold() not in readers):
            continue
        found[name] = "_".join([kind, *(readers[r.casefold()] for r in rest)])
    meant = list(found.values())
    return {
        name: column
        for name, column in found.items()
        if name != column and meant.count(column) == 1
    }


def lost_zeros(
    ids: Iterable[object], others: Iterable[object]
) -> list[tuple[str, str]]:
    """Return the pairs of ids that differ by zeros in front alone.

    A spreadsheet that takes ids for numbers turns 007 into 7.

    Examples
    --------
    >>> lost_zeros(["007", "012", "P3"], ["7", "012", "P3"])
    [('007', '7')]
    """
    known: dict[str, list[str]] = {}
    for other in dict.fromkeys(map(str, others)):
        known.setdefault(_without_zeros(other), []).append(other)
    return [
        (name, other)
        for name in dict.fromkeys(map(str, ids))
        for other in known.get(_without_zeros(name), ())
        if other != name
    ]


def _without_zeros(name: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", name.strip())
