"""DICOM files: a quiet, guarded parser that reads only the elements it is told."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._bounded import MAX_BYTES, MAX_MM, guarded, inflated_size

__all__ = ["is_dicom", "numbers", "parse_dicom", "sop_class"]

T = TypeVar("T")

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_META_BYTES = 65536


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
        _check_deflated(path)
        return convert(pydicom.dcmread(path, force=True, specific_tags=list(tags)))

    return guarded(
        parse,
        f"file '{path}' is a damaged DICOM file: pydicom stopped with "
        "{kind}. Export or copy it again.",
    )


def sop_class(path: Path) -> tuple[str, str]:
    """Tell what a DICOM file holds: the UID of its SOP class, and its name."""

    def convert(dataset: Any) -> tuple[str, str]:
        uid = dataset.get("SOPClassUID")
        if uid is None:
            return "", "unnamed"
        return str(uid), str(uid.name)

    return parse_dicom(path, ["SOPClassUID"], convert)


def numbers(dataset: Any, keyword: str, count: int) -> np.ndarray | None:
    """Return `count` numbers, or None where the header holds nothing of sense."""
    try:
        found = np.atleast_1d(np.array(dataset.get(keyword), dtype=float))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.shape == (count,) and (abs(found) < MAX_MM).all() else None


def _check_deflated(path: Path) -> None:
    """Refuse a deflated bomb: pydicom unpacks a deflated dataset as a whole."""
    with Path(path).open("rb") as file:
        meta = file.read(_META_BYTES)
    if meta[128:132] != b"DICM" or _DEFLATED not in meta or len(meta) < 144:
        return
    (length,) = struct.unpack_from("<I", meta, 140)  # value of (0002,0000)
    if inflated_size(path, 144 + length) > MAX_BYTES:
        raise LesionError(
            f"file '{path}' unpacks to more than {MAX_BYTES} bytes; expected one "
            "image. It is damaged, or made to fill the memory."
        )
