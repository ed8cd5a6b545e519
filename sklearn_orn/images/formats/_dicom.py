"""DICOM files: a quiet, guarded parser that reads only the elements it is told."""

import io
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sklearn_orn._messages import file_part, private
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.formats._bounded import (
    MAX_BYTES,
    MAX_MM,
    guarded,
    inflated_size,
)

__all__ = [
    "MAX_FRAMES",
    "frame_count",
    "is_dicom",
    "numbers",
    "parse_dicom",
    "sop_class",
]

T = TypeVar("T")

MAX_FRAMES = 2**16  # of one file; each takes memory before any pixel is read


def is_dicom(head: bytes) -> bool:
    """Recognise DICOM by its preamble, or by a first tag of group 2 or 8.

    Scanners and old archives write files without the preamble; their first element
    is a tag of group 0008 (or 0002), followed by an even element number.
    """
    return head[128:132] == b"DICM" or (
        len(head) > 8 and head[0] in (2, 8) and head[1] == 0 and head[3] == 0
    )


def parse_dicom(path: Path, tags: Sequence[Any], convert: Callable[[Any], T]) -> T:
    """Read some elements of a DICOM file and convert them.

    pydicom converts values when they are asked for, so all use of the dataset happens
    in `convert`. Nothing but `tags` is parsed: a name or a birth date cannot leak
    from what is not read.

    Parameters
    ----------
    path : Path
        The file.
    tags : sequence of str or int
        Keywords or numbers of the top-level elements to read.
    convert : callable
        Takes the dataset; its result must not hold on to it.

    Returns
    -------
    object
        What `convert` returns.

    Raises
    ------
    LesionError
        If the file is damaged. The message repeats nothing from the header.
    """
    import pydicom

    def parse() -> T:
        with io.FileIO(path) as raw, _Undeflated(raw) as file:
            return convert(pydicom.dcmread(file, force=True, specific_tags=list(tags)))

    return guarded(
        parse,
        f"file {file_part(path)} is a damaged DICOM file: pydicom stopped with "
        "{kind}. Export or copy it again.",
    )


def class_name(uid: Any) -> str:
    """Return the name of a SOP class, which messages show; its UID if it has none."""
    return private(uid) if uid.name == uid else str(uid.name)


def sop_class(path: Path) -> tuple[str, str]:
    """Tell what a DICOM file holds: the UID of its SOP class, and its name."""

    def convert(dataset: Any) -> tuple[str, str]:
        uid = dataset.get("SOPClassUID")
        if uid is None:
            return "", "unnamed"
        return str(uid), class_name(uid)

    return parse_dicom(path, ["SOPClassUID"], convert)


def numbers(dataset: Any, keyword: str, count: int) -> np.ndarray | None:
    """Return `count` numbers, or None where the header holds nothing of sense."""
    try:
        found = np.atleast_1d(np.array(dataset.get(keyword), dtype=float))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.shape == (count,) and (abs(found) < MAX_MM).all() else None


def frame_count(dataset: Any, path: Path) -> int:
    """Return the declared number of frames, 1 where there is none.

    Parameters
    ----------
    dataset : Dataset
        With NumberOfFrames, if it has it.
    path : Path
        For the message.

    Returns
    -------
    int
        From 1 to 65,536.

    Raises
    ------
    LesionError
        If more are declared: a list of them fills the memory before a pixel is read.
    """
    frames = max(int(dataset.get("NumberOfFrames") or 1), 1)
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
