"""TIFF files: what their pixels mean, and the stored values of unpacked ones.

pillow narrows colours of 16 bits to 8, wraps whole numbers of 32 bits, turns white
into black for some files and not for others, and does not know real numbers of 64
bits. So the tags are read here, and the pixels too where they are not compressed.
"""

import math
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from sklearn_orn._messages import file_part
from sklearn_orn.images.formats._bounded import (
    Packed,
    check_one_page,
    check_size,
    guarded,
    truncated,
)

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_FILL_ORDER, _OFFSETS, _ORIENTATION, _SAMPLES = 266, 273, 274, 277
_COUNTS, _PLANAR = 279, 284
_TILES, _EXTRA, _SAMPLE_FORMAT = 324, 338, 339
_DEFAULTS = dict.fromkeys(
    (_BITS, _COMPRESSION, _SAMPLES, _PLANAR, _FILL_ORDER, _ORIENTATION), 1
)
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}  # types of tags
_KINDS = {1: "u", 2: "i", 3: "f"}  # sample formats
_MAX_VALUES = 2**20  # of one tag: a strip for each row of a slice has 2**13
_MAX_TAGS = 4096  # of a page, which has some twenty
_MAX_PAGES = 1000  # counted, so that a chain of them without end does not hang
_WHITE_IS_ZERO, _RGB = 0, 2


class TiffLayout(NamedTuple):
    """The tags of the first page that hold whole numbers, and the number of pages."""

    order: str
    tags: dict[int, tuple[int, ...]]
    pages: int

    def tag(self, number: int) -> int:
        """Return the first value of a tag, its default where it is absent."""
        return self.tags.get(number, (_DEFAULTS.get(number, 0),))[0]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns as they are shown."""
        stored = self.tag(_HEIGHT), self.tag(_WIDTH)
        return stored[::-1] if 5 <= self.tag(_ORIENTATION) <= 8 else stored

    @property
    def samples(self) -> int:
        """Values of one pixel."""
        return self.tag(_SAMPLES)

    @property
    def dtype(self) -> np.dtype | None:
        """What one sample is; None for what is no number of whole bytes."""
        kind = _KINDS.get(self.tags.get(_SAMPLE_FORMAT, (1,))[0])
        bits = self.tag(_BITS)
        if kind is None or bits not in (8, 16, 32, 64) or (kind, bits) == ("f", 8):
            return None
        return np.dtype(f"{self.order}{kind}{bits // 8}")

    @property
    def channels(self) -> tuple[int, bool]:
        """How many samples are grey or colour, and whether the next one is alpha."""
        own = 3 if self.tag(_PHOTOMETRIC) == _RGB else 1
        has_alpha = self.samples > own and self.tag(_EXTRA) in (1, 2)
        return own, has_alpha

    @property
    def is_plain(self) -> bool:
        """Whether pixels are grey levels or colours, and stored as they are."""
        return (
            self.dtype is not None
            and self.tag(_COMPRESSION)
            == self.tag(_PLANAR)
            == self.tag(_FILL_ORDER)
            == 1
            and _PHOTOMETRIC in self.tags
            and self.tag(_PHOTOMETRIC) <= _RGB
            and _TILES not in self.tags
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether pillow cannot keep the values."""
        bits, dtype = self.tag(_BITS), self.dtype
        return (
            (bits > 8 and self.samples > 1)
            or bits > 32
            or (dtype is not None and dtype.kind == "f" and bits != 32)
        )


def is_tiff(head: bytes) -> bool:
    """Recognise TIFF and BigTIFF by byte order and magic number."""
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_layout(path: Path) -> TiffLayout:
    """Read the tags of the first page."""
    layout = guarded(
        lambda: _layout(path),
        f"file {file_part(path)} is a damaged TIFF file: its tags cannot be read "
        "({kind}). Export or copy it again.",
    )
    check_size(path, layout.shape, max(layout.samples * layout.tag(_BITS) // 8, 1))
    check_one_page(path, layout.pages)
    return layout


def unpacked_pixels(path: Path, layout: TiffLayout) -> np.ndarray:
    """Read the pixels of a plain file: (n_rows, n_columns, n_samples)."""
    dtype = layout.dtype
    if dtype is None:
        raise ValueError("the pixels are no numbers of whole bytes")
    shape = (layout.tag(_HEIGHT), layout.tag(_WIDTH), layout.samples)
    expected = math.prod(shape) * dtype.itemsize
    content = bytearray()
    offsets = layout.tags.get(_OFFSETS, ())
    counts = layout.tags.get(_COUNTS, (expected,) * len(offsets))
    for offset, count in zip(offsets, counts, strict=False):
        content += Packed(path, offset).read(0, min(count, expected - len(content)))
    if len(content) < expected:
        raise truncated(path, len(content), expected)
    values = np.frombuffer(bytes(content), dtype).reshape(shape)
    return _turned(values.astype(dtype.newbyteorder("=")), layout.tag(_ORIENTATION))


def _turned(values: np.ndarray, orientation: int) -> np.ndarray:
    """Put the first row on top and the first column to the left."""
    if 5 <= orientation <= 8:
        values = values.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    return np.ascontiguousarray(values)


def as_stored(values: np.ndarray, layout: TiffLayout) -> np.ndarray:
    """Undo what pillow makes of the grey levels of a compressed file.

    White is not turned into black, and signs and bits are kept.
    """
    white_is_zero = layout.tag(_PHOTOMETRIC) == _WHITE_IS_ZERO
    if white_is_zero and _PHOTOMETRIC in layout.tags:
        if values.dtype == bool:
            values = ~values
        elif values.dtype == np.uint8:
            values = np.uint8(255) - values
    dtype = layout.dtype
    if dtype is None or dtype.kind == "f" or values.dtype.kind not in "iu":
        return values
    return values.astype(dtype.newbyteorder("="))  # the same bits, as they are meant


def _layout(path: Path) -> TiffLayout:
    with path.open("rb") as file:
        head = file.read(16)
        order = "<" if head[:2] == b"II" else ">"
        is_big = struct.unpack(f"{order}H", head[2:4])[0] == 43
        word = "Q" if is_big else "I"
        (start,) = struct.unpack_from(f"{order}{word}", head, 8 if is_big else 4)
        tags, following = _directory(file, start, order, is_big)
        seen = {0, start}
        while following not in seen and len(seen) <= _MAX_PAGES:
            seen.add(following)
            _, following = _directory(file, following, order, is_big)
    return TiffLayout(order, tags, len(seen) - 1)


def _directory(
    file: BinaryIO, start: int, order: str, is_big: bool
) -> tuple[dict[int, tuple[int, ...]], int]:
    """Read the tags of one page, and where the next page starts."""
    word, n_tags, entry = ("Q", "Q", "HHQ8s") if is_big else ("I", "H", "HHI4s")
    size = struct.calcsize(f"{order}{entry}")
    file.seek(start)
    (count,) = _unpacked(file, f"{order}{n_tags}")
    entries = file.read(min(count, _MAX_TAGS) * size)
    file.seek(start + struct.calcsize(n_tags) + count * size)
    (following,) = _unpacked(file, f"{order}{word}")
    tags = {}
    for number, kind, n_values, value in struct.iter_unpack(f"{order}{entry}", entries):
        if kind not in _INTEGERS or not 0 < n_values <= _MAX_VALUES:
            continue
        form = f"{order}{n_values}{_INTEGERS[kind]}"
        if struct.calcsize(form) > len(value):
            file.seek(struct.unpack(f"{order}{word}", value)[0])
            tags[number] = _unpacked(file, form)
        else:
            tags[number] = struct.unpack_from(form, value)
    return tags, following


def _unpacked(file: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
