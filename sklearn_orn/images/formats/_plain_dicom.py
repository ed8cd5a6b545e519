"""DICOM files of the common kind, walked without an object for every element.

pydicom makes objects of all that it passes, wanted or not: most of the time that a
lesion takes. A file that is not plain is left to it, so that it alone says what a
damaged file means.
"""

import functools
import struct
from collections.abc import Mapping
from typing import BinaryIO

from pydicom import DataElement, Dataset
from pydicom.charset import convert_encodings, default_encoding
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import (
    RawDataElement,
    convert_raw_data_element,
    empty_value_for_VR,
)
from pydicom.dataset import FileMetaDataset
from pydicom.tag import BaseTag

from sklearn_orn.images.formats._dicom import PIXEL_DATA, tag_of
from sklearn_orn.images.formats._plain_pixels import PixelsAt, Stamp

_CHUNK = 2**14  # bytes; many headers are shorter
_DEEPEST = 8  # sequences of undefined length within each other
_SHORT = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
_LONG = "OB OD OF OL OV OW SQ SV UC UN UR UT UV"  # their length has four bytes
_VRS = {
    vr.encode(): (vr, size)
    for vrs, size in ((_SHORT, 8), (_LONG, 12))
    for vr in vrs.split()
}
_HEAD = struct.Struct("<HH2sH").unpack_from
_LENGTH = struct.Struct("<I").unpack_from
_ITEM = struct.Struct("<HHI").unpack_from
_META, _NO_ELEMENT = 2, 0xFFFE  # groups
_ITEM_START, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_FIRST = 0x00080000  # what comes before belongs to no image
_UNDEFINED = 0xFFFFFFFF
_SYNTAX, _CHARSET = BaseTag(0x00020010), BaseTag(0x00080005)
# Whether they leave out the VR; little endian, and not packed.
_IMPLICIT = {b"1.2.840.10008.1.2": True, b"1.2.840.10008.1.2.1": False}


class PlainDataset(Dataset):
    """Elements of a file in little endian whose pixels are not packed."""

    pixels_at: PixelsAt | None = None


class _NotPlainError(Exception):
    """Pydicom shall judge."""


def plain_dataset(
    file: BinaryIO, tags: tuple[str | int, ...], *, pixels: bool
) -> PlainDataset | None:
    """Read some elements as `parse_dicom` does; None where only pydicom can."""
    walk = _Walk(file)
    try:
        syntax, start = _meta(walk)
        found = _read(walk, start, _wanted(tags), pixels)
    except _NotPlainError:
        return None
    dataset = PlainDataset(found)
    encoding: str | list[str] = default_encoding
    charset = dataset.get_item(_CHARSET)
    if isinstance(charset, RawDataElement):
        encoding = convert_encodings(convert_raw_data_element(charset).value)
    dataset.set_original_encoding(walk.implicit, True, encoding)
    dataset.pixels_at = walk.pixels_at
    if PIXEL_DATA[-1] in found:  # a decoder asks for it
        dataset.file_meta = FileMetaDataset({_SYNTAX: syntax})
    return dataset


@functools.lru_cache(16)
def _wanted(tags: tuple[str | int, ...]) -> Mapping[int, BaseTag]:
    return {int(tag): tag for tag in (_CHARSET, *map(tag_of, tags))}


def _is_sequence(tag: int, vr: str | None) -> bool:
    if vr is None and dictionary_has_tag(tag):
        vr = dictionary_VR(tag)
    return vr == "SQ"


class _Walk:
    """A file of which one piece is in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.stamp = Stamp.of(file.fileno())
        self.size = self.stamp.size
        self.implicit = False
        self.pixels_at: PixelsAt | None = None
        self.content, self.base = file.read(_CHUNK), 0

    def load(self, position: int, length: int) -> int:
        """Have a few bytes in memory, and return where; none beyond the end."""
        at = position - self.base
        if at < 0 or at + length > len(self.content):
            if position + length > self.size:
                raise _NotPlainError
            self.file.seek(position)
            self.content, self.base, at = self.file.read(_CHUNK), position, 0
        return at

    def value(self, position: int, length: int) -> bytes:
        """Return bytes of the file."""
        if length > _CHUNK:
            self.file.seek(position)
            return self.file.read(length)
        at = self.load(position, length)
        return self.content[at : at + length]

    def element(
        self, position: int, depth: int = 0
    ) -> tuple[int, str | None, int, int, int]:
        """Return tag, VR, start and length of the value, and where the next begins."""
        at = self.load(position, 8 if self.implicit else 12)
        group, number, code, length = _HEAD(self.content, at)
        vr, size = (None, 8) if self.implicit else _VRS.get(code, ("", 0))
        if not size or group == _NO_ELEMENT:
            raise _NotPlainError
        if size == 12:
            (length,) = _LENGTH(self.content, at + 8)
        elif self.implicit:
            (length,) = _LENGTH(self.content, at + 4)
        tag, start = group << 16 | number, position + size
        if length == _UNDEFINED and depth < _DEEPEST and _is_sequence(tag, vr):
            end = self.behind_items(start, depth + 1)
        elif (end := start + length) > self.size:
            raise _NotPlainError
        return tag, vr, start, length, end

    def item(self, position: int) -> tuple[int, int]:
        """Return tag and length of what begins or ends an item or a sequence."""
        group, number, length = _ITEM(self.content, self.load(position, 8))
        return group << 16 | number, length

    def behind_items(self, position: int, depth: int) -> int:
        """Pass the items of a sequence of undefined length, element by element."""
        while (item := self.item(position)) != (_SEQUENCE_END, 0):
            tag, length = item
            if tag != _ITEM_START:
                raise _NotPlainError
            position = self._behind_item(position + 8, length, depth)
        return position + 8

    def _behind_item(self, position: int, length: int, depth: int) -> int:
        if length == _UNDEFINED:
            while self.item(position) != (_ITEM_END, 0):
                *_, position = self.element(position, depth)
            return position + 8
        end = position + length
        while position < end:
            *_, position = self.element(position, depth)
        if position != end:
            raise _NotPlainError
        return end


def _meta(walk: _Walk) -> tuple[RawDataElement, int]:
    """Return the transfer syntax, and where the dataset in it begins."""
    if walk.content[128:132] != b"DICM":
        raise _NotPlainError
    position, syntax = 132, None
    while walk.item(position)[0] >> 16 == _META:
        tag, vr, start, length, position = walk.element(position)
        if tag == _SYNTAX:
            syntax = _raw(walk, _SYNTAX, vr, start, length)
    name = b"" if syntax is None else (syntax.value or b"").rstrip(b"\0 ")
    if syntax is None or name not in _IMPLICIT:
        raise _NotPlainError
    walk.implicit = _IMPLICIT[name]
    if walk.implicit and walk.value(position + 4, 2).isupper():
        raise _NotPlainError  # it may be a VR all the same
    return syntax, position


def _read(
    walk: _Walk, position: int, wanted: Mapping[int, BaseTag], pixels: bool
) -> dict[BaseTag, DataElement | RawDataElement]:
    found: dict[BaseTag, DataElement | RawDataElement] = {}
    while position < walk.size:
        tag, vr, start, length, position = walk.element(position)
        if not pixels and tag in PIXEL_DATA:
            break
        if tag < _FIRST:
            raise _NotPlainError
        if tag == PIXEL_DATA[-1]:
            walk.pixels_at = PixelsAt(vr, start, length, walk.stamp)
        if tag in wanted:
            known = wanted[tag]
            found[known] = _raw(walk, known, vr, start, length)
    return found


def _raw(
    walk: _Walk, tag: BaseTag, vr: str | None, start: int, length: int
) -> RawDataElement:
    if length == _UNDEFINED:
        raise _NotPlainError
    if length:
        value: bytes | None = walk.value(start, length)
    else:
        empty = empty_value_for_VR(vr, raw=True)
        value = empty if isinstance(empty, bytes) else None
    return RawDataElement(tag, vr, length, value, start, vr is None, True)
