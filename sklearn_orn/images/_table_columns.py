"""What the columns of a cohort table are called: sequences, readers, slices.

``image``, or ``image_<sequence>`` for each sequence; ``mask``, ``mask_<reader>``, or
``mask_<sequence>_<reader>`` where outlines differ by sequence, ``mask_<sequence>``
without a reader; ``image@<reader>`` or ``image_<sequence>@<reader>`` for a reader with
an image of his own, as a rescan. ``section``, ``series`` and ``stack`` likewise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from sklearn_orn._block_names import BAR, Block, block_name
from sklearn_orn._column_names import did_you_mean
from sklearn_orn._messages import private
from sklearn_orn._reader_names import not_readers
from sklearn_orn.exceptions import CohortError

CHOICES = ("section", "series", "stack")
_KEEP_APART = (
    "Call images 'image_<sequence>' and outlines 'mask_<sequence>_<reader>' (or "
    "'mask_<reader>' where they are the same on all sequences), and the image of one "
    "reader, as a rescan, 'image@<reader>' or 'image_<sequence>@<reader>'."
)


class BlockColumns(NamedTuple):
    """The columns of one block; of several the first with a filled cell counts.

    `masks` end with the one that is `shared` by several sequences, if any, `images`
    begin with those of the reader alone, `own_images`. What chooses a slice ends like
    `own`, or where the image is not the reader's own like `common`.
    """

    block: Block
    masks: tuple[str, ...]
    images: tuple[str, ...]
    own_images: tuple[str, ...]
    own: tuple[str, ...]
    common: tuple[str, ...]
    shared: str | None = None


class TableColumns(NamedTuple):
    """The columns of a table by the name of their block."""

    blocks: dict[str, BlockColumns]
    sequences: tuple[str, ...]
    readers: tuple[str, ...]

    def paths(self) -> list[str]:
        """Return the columns of images and masks."""
        found = (c for b in self.blocks.values() for c in (*b.masks, *b.images))
        return list(dict.fromkeys(found))

    def choices(self) -> list[str]:
        """Return what columns that choose a slice, a series or a stack are called."""
        ends = (s for b in self.blocks.values() for s in (*b.own, *b.common))
        return [f"{kind}{end}" for end in dict.fromkeys(ends) for kind in CHOICES]


def table_columns(columns: Iterable[Hashable]) -> TableColumns:
    """Find the columns of each block of a cohort table.

    >>> found = table_columns(["image_T1", "image_T2", "mask_A", "mask_T2_B"])
    >>> for name, columns in found.blocks.items():
    ...     print(name, columns.masks)
    T1|lesion|A ('mask_A',)
    T2|lesion|A ('mask_A',)
    T2|lesion|B ('mask_T2_B',)
    >>> table_columns(["image", "mask_A", "mask_B", "age"]).readers
    ('A', 'B')
    """
    names = [name for name in columns if isinstance(name, str)]
    check_unique(name for name in names if name.startswith(("image", "mask")))
    barred = [n for n in names if BAR in n and n.startswith(("image_", "mask_"))]
    if barred:
        raise CohortError(
            f"column '{barred[0]}' has a '{BAR}' in its name, which separates sequence "
            "and reader in the names of features. Rename it."
        )
    sequences = _sequences(names)
    return _of_sequences(names, sequences) if sequences else _of_readers(names)


def lesion_columns(columns: Iterable[Hashable]) -> list[str]:
    """Find all columns that say where a lesion is: images, masks and choices."""
    names = [name for name in columns if isinstance(name, str)]
    found = table_columns(names)
    read = {*found.paths(), *found.choices()}
    return [name for name in names if name in read]


def _sequences(names: Sequence[str]) -> tuple[str, ...]:
    """Return the sequences of a table; none where images are of readers."""
    masks = {name[5:] for name in names if name.startswith("mask_")}
    images = [name[6:] for name in names if name.startswith("image_")]
    plain = [name for name in images if "@" not in name or name in masks]
    own = [name.rpartition("@")[0] for name in images if name not in plain]
    found = tuple(dict.fromkeys([*plain, *own]))
    like = [name for name in plain if not_readers([name, ""]) == "sequences"]
    like = plain if not_readers(plain) == "sequences" else like
    if "image" in names:
        if own or (like and (len(plain) > 1 or not set(plain) <= masks)):
            raise CohortError(
                "the table has 'image' beside "
                f"{quoted(f'image_{name}' for name in found)}; expected 'image' for "
                f"one sequence, or a column for each. {_KEEP_APART}"
            )
        return ()
    of_readers = not own and "mask" not in names and set(plain) <= masks
    return () if of_readers and (len(plain) < 2 or not like) else found


def _of_sequences(names: Sequence[str], sequences: tuple[str, ...]) -> TableColumns:
    given: dict[tuple[str, str], str] = {}
    for name in names:
        if name == "mask" or name.startswith("mask_"):
            given.setdefault(_of_mask(name, sequences), name)
    readers = tuple(dict.fromkeys(reader for _, reader in given))
    if not readers:
        raise CohortError(_no_mask(names))
    if "" in readers and len(readers) > 1:
        unnamed = [name for (_, reader), name in given.items() if not reader]
        named = [name for (_, reader), name in given.items() if reader]
        raise CohortError(
            f"the table has {quoted(unnamed)}, of no reader, beside {quoted(named)}; "
            f"the sequences are {quoted(sequences)}. Name the reader in all or in "
            f"none. {_KEEP_APART}"
        )
    known, blocks, taken = set(names), {}, set()
    for sequence in sequences:
        for reader in readers:
            shared = given.get(("", reader))
            masks = [m for m in (given.get((sequence, reader)), shared) if m]
            own = (f"_{sequence}@{reader}",) if reader else ()
            images = [f"image{s}" for s in (*own, f"_{sequence}")]
            images = [image for image in images if image in known]
            if not masks or (not images and masks == [shared]):
                continue
            if not images:
                raise CohortError(
                    f"reader '{reader}' has no image of sequence '{sequence}'; "
                    f"expected a column 'image_{sequence}' or "
                    f"'image_{sequence}@{reader}'."
                )
            taken |= {*images}
            block = Block(sequence, reader=reader)
            blocks[block_name(block)] = BlockColumns(
                block,
                tuple(masks),
                tuple(images),
                tuple(i for i in images if i != f"image_{sequence}"),
                own,
                (f"_{sequence}", ""),
                shared,
            )
        if not any(columns.block.sequence == sequence for columns in blocks.values()):
            raise CohortError(
                f"sequence '{sequence}' has no mask column; expected "
                f"'mask_{sequence}_<reader>', 'mask_{sequence}', or 'mask_<reader>' or "
                "'mask' for an outline that counts for all sequences."
            )
    _check_taken(names, taken, readers)
    return TableColumns(blocks, sequences, readers)


def _of_mask(name: str, sequences: tuple[str, ...]) -> tuple[str, str]:
    """Return the sequence and the reader of a mask column; "" for all or none."""
    rest = name[5:]
    if rest in sequences:
        return rest, ""
    of = [s for s in sequences if rest.startswith(f"{s}_") and rest != f"{s}_"]
    if of:
        sequence = max(of, key=len)  # T1_FS before T1
        return sequence, rest[len(sequence) + 1 :]
    if name == "mask_":
        raise CohortError(_NO_NAME)
    return "", rest


def _of_readers(names: Sequence[str]) -> TableColumns:
    masks = {name[5:]: name for name in names if name.startswith("mask_")}
    if "" in masks:
        raise CohortError(_NO_NAME)
    if "mask" in names and masks:
        raise CohortError(
            f"the table has both 'mask' and {quoted(masks.values())}; expected "
            "either 'mask' for one reader, or 'mask_<reader>' for each. Rename 'mask'."
        )
    if "mask" in names:
        masks = {"": "mask"}
    if not masks:
        raise CohortError(_no_mask(names))
    known, blocks, taken = set(names), {}, set()
    for reader, mask in masks.items():
        own = (f"_{reader}", f"@{reader}") if reader else ()
        own_images = tuple(f"image{s}" for s in own if f"image{s}" in known)
        images = (*own_images, *(["image"] if "image" in known else []))
        taken |= {*images}
        blocks[reader] = BlockColumns(
            Block(reader=reader), (mask,), images, own_images, own, ("",)
        )
    if "" not in masks:
        _check_taken(names, taken, tuple(masks))
    if not all(columns.images for columns in blocks.values()):
        raise CohortError(
            f"the table has no column 'image'; expected the path of each lesion's "
            f"image in it. Its columns are {quoted(names)}."
            f"{did_you_mean('image', names)}"
        )
    return TableColumns(blocks, (), tuple(masks))


def _check_taken(
    names: Sequence[str], taken: set[str], readers: tuple[str, ...]
) -> None:
    """Refuse images of nobody who drew."""
    images = [name for name in names if name.startswith(("image_", "image@"))]
    unknown = [name for name in images if name not in taken]
    if unknown:
        raise CohortError(
            f"column '{unknown[0]}' names a reader without a mask column; the readers "
            f"are {quoted(readers)}. Rename it, also if it holds something else."
        )


_NO_NAME = "column 'mask_' names no reader; expected 'mask', or 'mask_' and a name."


def _no_mask(names: Sequence[str]) -> str:
    return (
        f"the table has no mask column; expected 'mask', or 'mask_<reader>' for "
        f"each reader. Its columns are {quoted(names)}.{did_you_mean('mask', names)}"
    )


def check_unique(names: Iterable[str]) -> None:
    """Refuse columns of the same name, or of none."""
    for name, count in Counter(names).items():
        if count > 1 or not name:
            found = f"{count} columns named '{name}'" if name else "an unnamed column"
            raise CohortError(
                f"the table has {found}; expected a different name for each column. "
                "Rename them."
            )


def quoted(names: Iterable[str]) -> str:
    """Return names of columns for a message, which may be those of persons."""
    texts = [f"'{name}'" for name in names]
    listed = ", ".join(texts[:20] + ["..."] * (len(texts) > 20))
    return private(listed, f"({len(texts)} columns)") if texts else "none"
