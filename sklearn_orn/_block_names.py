"""The name of a block: which sequence, which region and which reader.

A block is what a lesion is measured in once, and what stands in front of a feature in
the name of a column. Where only readers differ its name is the reader's. Else it is
``<sequence>|<region>|<reader>``, or ``<sequence>|<region>`` without a reader, with
`IMAGE` and `LESION` where a part was not asked for. No feature has a ``|`` in its name,
no sequence and no reader may have one, and a FeatureUnion writes ``<branch>__`` in
front of all of it.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

BAR = "|"
# The parts of a table with one sequence, and of outlines as they were drawn.
IMAGE, LESION = "image", "lesion"
# The outline itself among perturbed ones, where its mask has no reader.
DRAWN = "drawn"

_VIRTUAL = re.compile(r"perturbed[1-9]\d*")
_NUMBER = r"(\d+(?:\.\d+)?)"
_RIM = re.compile(rf"rim {_NUMBER} mm (out|in)side|rim{_NUMBER}(out|in)")


class Block(NamedTuple):
    """One sequence, region and reader; empty where the table or study has no such."""

    sequence: str = ""
    region: str = ""
    reader: str = ""


def block_name(block: Block) -> str:
    """Return the name of a block: ``anna``, ``T1|lesion|anna``, ``image|rim3out``.

    ValueError for a part that holds what separates the parts.
    """
    for what, part in zip(Block._fields, block, strict=True):
        if BAR in part:
            raise ValueError(
                f"The {what} {part!r} has a {BAR!r} in its name, which separates "
                "sequence, region and reader in names of columns. Rename it."
            )
    if not block.sequence and not block.region:
        return block.reader
    parts = (block.sequence or IMAGE, block.region or LESION, block.reader)
    return BAR.join(part for part in parts if part)


def parse_block(name: str) -> Block:
    """Return the block of a name; a name without ``|`` is that of a reader.

    ValueError for a name with too many or with empty parts.
    """
    if BAR not in name:
        return Block(reader=name)
    parts = name.split(BAR)
    if len(parts) > len(Block._fields) or "" in parts:
        raise ValueError(
            f"{name!r} is not the name of a block; expected a reader, "
            f"<sequence>{BAR}<region> or <sequence>{BAR}<region>{BAR}<reader>."
        )
    return Block(*parts)


def block_text(name: str) -> str:
    """Return what messages call a block; what was not asked for is left out.

    >>> block_text("T1|lesion|anna"), block_text("image|rim3out"), block_text("")
    ("sequence 'T1', reader 'anna'", "region 'rim3out'", '')
    """
    block = parse_block(name)
    plain = {"", IMAGE, LESION}
    parts = zip(Block._fields, block, strict=True)
    return ", ".join(f"{what} '{part}'" for what, part in parts if part not in plain)


def readers_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the readers of blocks, each once.

    >>> readers_of(["T1|lesion|anna", "T1|lesion|ben", "T2|lesion|anna"])
    ('anna', 'ben')
    """
    return tuple(dict.fromkeys(parse_block(name).reader for name in names))


def region_of(name: str) -> str:
    """Return the name of a block without its reader: ``T1|lesion``, or ""."""
    return block_name(parse_block(name)._replace(reader=""))


def region_slug(text: str) -> str:
    """Return the name of a region: ``rim 3 mm outside`` is ``rim3out``.

    A slug is its own. ValueError for what is no region.
    """
    if text in ("bounding context", "context"):
        return "context"
    if text == LESION:
        return text
    rim = rim_of(text)
    if rim is None:
        raise ValueError(
            f"{text!r} is not a region; expected 'lesion', 'rim 3 mm outside', "
            "'rim 2 mm inside' (any width above 0 mm) or 'bounding context'."
        )
    width, side = rim
    return f"rim{width:g}{side}"


def region_words(slug: str) -> str:
    """Return a region in words: ``rim3out`` is ``rim 3 mm outside``."""
    rim = rim_of(slug)
    if rim is None:
        return "bounding context" if slug == "context" else slug
    width, side = rim
    return f"rim {width:g} mm {side}side"


def rim_of(text: str) -> tuple[float, str] | None:
    """Return the width in mm and the side ("out" or "in") of a rim; None of others."""
    match = _RIM.fullmatch(text)
    if match is None:
        return None
    width, side = float(match[1] or match[3]), match[2] or match[4]
    return (width, side) if width > 0 else None


def virtual_reader(number: int) -> str:
    """Name the reader of a perturbed outline, counted from 1: ``perturbed1``."""
    return f"perturbed{number}"


def is_virtual(reader: str) -> bool:
    """Tell whether a reader is one of perturbed outlines."""
    return _VIRTUAL.fullmatch(reader) is not None


def drawn_blocks(names: Iterable[str]) -> list[str]:
    """Return the blocks that somebody drew, without those of perturbed outlines."""
    return [name for name in names if not is_virtual(parse_block(name).reader)]
