"""DICOM files: a quiet, guarded parser that reads only the elements it is told."""

import io
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, TypeVar

import numpy as np

from sklearn_orn._messages import file_part, private
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.formats._bounded import (
    MAX_BYTES,
    MAX_MM,
    guarded,
    inflated_size,
)

if TYPE_CHECKING:
    from pydicom import DataElement
    from pydicom import Dataset as Dataset
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import BaseTag
else:
    Dataset = "pydicom.Dataset"  # imported where a file is read

T = TypeVar("T")

PIXEL_DATA = (0x7FE00008, 0x7FE00009, 0x7FE00010)  # floats, doubles, whole numbers
MAX_FRAMES = 2**16  # of one file; each takes memory before any pixel is read
# Bytes that mean the same in all character sets, and to all who read numbers.
_TEXT = rb"[!-\[\]-}][ -\[\]-}]*"
_PLAIN = {vr: re.compile(_TEXT).fullmatch for vr in ("CS", "LO", "SH", "UI")}
_SEVERAL = re.compile(rb"%s(\\%s)+" % (_TEXT, _TEXT)).fullmatch
_WHOLE = re.compile(rb"0|-?[1-9][0-9]{0,8}").fullmatch
_DECIMAL = rb" *[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)? *"
_DECIMALS = re.compile(rb"%s(\\%s)*" % (_DECIMAL, _DECIMAL)).fullmatch


def is_dicom(head: bytes) -> bool:
    """Recognise DICOM by its preamble, or by a first tag of group 2 or 8.

    Scanners and old archives write files without the preamble; their first element
    is a tag of group 0008 (or 0002), followed by an even element number.
    """
    return head[128:132] == b"DICM" or (
        len(head) > 8 and head[0] in (2, 8) and head[1] == 0 and head[3] == 0
    )


def parse_dicom(
    path: Path,
    tags: Sequence[str | int],
    convert: Callable[[Dataset], T],
    *,
    pixels: bool = True,
    last: str | None = None,
) -> T:
    """Read some elements of a DICOM file and convert them, quietly.

    pydicom converts values when they are asked for, so all use of the dataset happens
    in `convert`. Nothing but `tags` is parsed: a name or a birth date cannot leak
    from what is not read. Without `pixels` it ends in front of them, and may end behind
    the `last` element of interest.
    """
    from pydicom.filereader import read_partial

    from sklearn_orn.images.formats._plain_dicom import plain_dataset

    def stop(tag: int, vr: str | None, length: int) -> bool:
        behind = last is not None and tag > tag_of(last)
        return behind or (not pixels and tag in PIXEL_DATA)

    def parse() -> T:
        with io.FileIO(path) as raw, _Undeflated(raw) as file:
            dataset: Dataset | None = plain_dataset(file, tuple(tags), pixels=pixels)
            if dataset is None:
                file.seek(0)
                known: list[BaseTag | int] = [tag_of(tag) for tag in tags]
                dataset = read_partial(file, stop, force=True, specific_tags=known)
            return convert(dataset)

    return guarded(
        parse,
        f"file {file_part(path)} is a damaged DICOM file: pydicom stopped with "
        "{kind}. Export or copy it again.",
    )


def sop_class(path: Path) -> tuple[str, str]:
    """Tell what a DICOM file holds: the UID of its SOP class, and its name."""

    def convert(dataset: Dataset) -> tuple[str, str]:
        return text_of(dataset, "SOPClassUID"), class_name(dataset)

    tags = ["SOPClassUID"]
    found = parse_dicom(path, tags, convert, last=tags[0])
    return found if found[0] else parse_dicom(path, tags, convert)  # out of order


def class_name(dataset: Dataset) -> str:
    """Name the SOP class of a dataset."""
    uid = value_of(dataset, "SOPClassUID")
    if uid is None:
        return "unnamed"
    name = _uid_name(str(uid))
    return private(uid) if name == uid else name  # it has no name


@lru_cache(64)
def _uid_name(uid: str) -> str:
    from pydicom.uid import UID

    return UID(uid).name


def value_of(item: Dataset, keyword: str, default: object = None) -> object:
    """Return the value of an element, as plain text or number where that is the same.

    pydicom's own conversion is some ten times slower. It gets all values whose bytes
    leave any doubt.
    """
    element = item.get_item(tag_of(keyword))
    if element is None:
        return default
    if _is_raw(element) and (value := element.value):
        vr = element.VR or _vr_of(keyword)
        if vr == "US" and element.is_little_endian and len(value) == 2:
            return int.from_bytes(value, "little")
        text = value.rstrip(b" \0")
        if vr in _PLAIN and _PLAIN[vr](text):
            return text.decode()
        if vr == "CS" and _SEVERAL(text):
            return text.decode().split("\\")
        if vr == "IS" and _WHOLE(text):
            return int(text)
    return item.get(keyword, default)


def _is_raw(element: "DataElement | RawDataElement") -> "TypeGuard[RawDataElement]":
    return element.is_raw


@lru_cache(256)
def tag_of(keyword: str | int) -> "BaseTag":
    """Return the tag of a keyword, the same object each time."""
    from pydicom.tag import Tag

    return Tag(keyword)


@lru_cache(256)
def _vr_of(keyword: str) -> str:
    from pydicom.datadict import dictionary_VR

    return dictionary_VR(keyword)


def text_of(item: Dataset, keyword: str) -> str:
    """Return an element as text without spaces around it, empty where it is absent."""
    return str(value_of(item, keyword) or "").strip()


def texts_of(item: Dataset, keyword: str) -> list[str]:
    """Return the values of an element as texts, none where it is absent."""
    found = value_of(item, keyword)
    if isinstance(found, str) or not isinstance(found, Iterable):
        return [str(found)] if found else []
    return list(map(str, found))


def whole_of(item: Dataset, keyword: str, default: int = 0) -> int:
    """Return an element as a whole number; `default` where it is absent, empty or 0."""
    found = value_of(item, keyword) or default
    if isinstance(found, int):
        return int(found)
    if isinstance(found, str | float):
        return int(found)
    raise TypeError(f"{keyword} is no number")


def items(groups: Sequence[Dataset], *path: str) -> list[Dataset]:
    """Return the items at the end of a path of sequences."""
    if not groups:
        return []
    ends = list(groups)
    for keyword in path:
        tag = tag_of(keyword)
        there = [one for one in ends if one.get_item(tag) is not None]
        ends = [item for one in there for item in one.get(keyword) or ()]
    return ends


def numbers(dataset: Dataset, keyword: str, count: int) -> np.ndarray | None:
    """Return `count` numbers, or None where the header holds nothing of sense."""
    element = dataset.get_item(tag_of(keyword))
    if element is None:
        return None
    text = (element.value or b"").rstrip(b" \0") if _is_raw(element) else b""
    if (element.VR or _vr_of(keyword)) in ("DS", "IS") and _DECIMALS(text):
        found = [float(part) for part in text.split(b"\\")]
        fits = len(found) == count and max(map(abs, found)) < MAX_MM
        return np.array(found) if fits else None
    try:
        values = np.atleast_1d(np.array(value_of(dataset, keyword), dtype=float))
    except (TypeError, ValueError, OverflowError):
        return None
    return values if values.shape == (count,) and (abs(values) < MAX_MM).all() else None


def frame_count(dataset: Dataset, path: Path) -> int:
    """Return the declared number of frames, 1 where there is none.

    Refuse too many: a list of them fills the memory before a pixel is read.
    """
    frames = max(whole_of(dataset, "NumberOfFrames", 1), 1)
    if frames > MAX_FRAMES:
        raise LesionError(
            f"file {file_part(path)} declares {frames} frames, more than the "
            f"{MAX_FRAMES} that are read. It is damaged; export it again."
        )
    return frames


class _Undeflated(io.BufferedReader):
    """A file that refuses to be read to its end if that is a deflated bomb.

    pydicom unpacks a deflated dataset as a whole. It reads all that follows the file
    meta then, and nowhere else; where that starts it knows better than a declared
    length.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """Read bytes."""
        if size is None or size < 0:
            self._check()
        return super().read(size)

    def _check(self) -> None:
        start = self.tell()
        path = Path(str(self.name))
        try:
            size = inflated_size(path, start)
        except zlib.error:
            return  # nothing deflated, or damaged: pydicom says so
        if size > MAX_BYTES:
            raise LesionError(
                f"file {file_part(path)} unpacks to more than {MAX_BYTES} bytes; "
                "expected one image. It is damaged, or made to fill the memory."
            )
