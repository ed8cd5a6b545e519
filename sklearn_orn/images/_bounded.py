"""Reading with an upper limit: a small file must not fill the memory."""

import bz2
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import RLock
from typing import Any, BinaryIO, TypeVar

from sklearn_orn.exceptions import LesionError

__all__ = [
    "MAX_BYTES",
    "MAX_MM",
    "MAX_PIXELS",
    "check_size",
    "guarded",
    "inflated_size",
    "read_range",
]

T = TypeVar("T")

MAX_PIXELS = 2**26  # of one slice: 8192 x 8192
MAX_MM = 1e6  # of a coordinate or a spacing; what is beyond is no patient
MAX_BYTES = 2**29  # of one volume, unpacked: 512 x 512 x 1024 pixels of 16 bits
_CHUNK = 2**20

# Filters of warnings belong to the whole process, so threads take turns.
_LOCK = RLock()


def guarded(function: Callable[[], T], damaged: str) -> T:
    """Call a parser of files that nobody has checked.

    Such a parser warns of each deviation from its standard, and a damaged file can
    raise any exception in it. Its warnings are silent here, and its exceptions become
    one that repeats nothing from the file.

    Parameters
    ----------
    function : callable
        Takes nothing; its result must not hold on to anything unparsed.
    damaged : str
        The message, with `{kind}` where the type of the exception goes.

    Returns
    -------
    object
        What `function` returns.

    Raises
    ------
    LesionError
        Of `function`, or made of any other exception.
    """
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function()
        except LesionError:
            raise
        except Exception as error:
            kind = type(error).__name__
            raise LesionError(damaged.replace("{kind}", kind)) from None


def check_size(path: Path, shape: tuple[int, ...], itemsize: int) -> None:
    """Refuse a declared size that no image has.

    Parameters
    ----------
    path : Path
        The file, for the message.
    shape : tuple of int
        Length of each axis; the first two are those of one slice.
    itemsize : int
        Bytes of one pixel.
    """
    shown = " x ".join(str(length) for length in shape)
    if not shape or min(shape) < 1:
        raise LesionError(
            f"file '{path}' declares {shown or 'no'} pixels; expected positive "
            "numbers. Export it again."
        )
    plane, volume = 1, itemsize
    for axis, length in enumerate(shape):
        volume *= length
        plane *= length if axis < 2 else 1
    if plane > MAX_PIXELS or volume > MAX_BYTES:
        raise LesionError(
            f"file '{path}' declares {shown} pixels of {itemsize} bytes, more than "
            f"the {MAX_PIXELS} pixels a slice or {MAX_BYTES} bytes that are read. "
            "Crop it, if that is its true size; otherwise it is damaged."
        )


def read_range(
    path: Path, offset: int, start: int, count: int, encoding: str = "raw"
) -> bytes:
    """Read bytes of a packed stream, and unpack no more than needed.

    Parameters
    ----------
    path : Path
        The file.
    offset : int
        Where the stream starts in the file.
    start, count : int
        The bytes wanted, counted in the unpacked stream.
    encoding : {"raw", "gzip", "bzip2"}, default="raw"
        How the stream is packed.

    Returns
    -------
    bytes
        As many as asked for.

    Raises
    ------
    LesionError
        If there are fewer, or the stream is damaged.
    """
    if encoding == "raw":
        found = _read_raw(path, offset + start, count)
    else:
        found = guarded(
            lambda: _unpacked(path, offset, start, count, encoding),
            f"file '{path}' is damaged: its {encoding} stream cannot be unpacked "
            "({kind}). Export or copy it again.",
        )
    if len(found) < count:
        raise LesionError(
            f"file '{path}' is truncated: {len(found)} bytes of pixel data, expected "
            f"{count}. Copy it again."
        )
    return found


def inflated_size(path: Path, offset: int, limit: int = MAX_BYTES) -> int:
    """Count the bytes of a deflated stream, up to a limit, without keeping them."""
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    count = 0
    with path.open("rb") as file:
        file.seek(offset)
        for part in _parts(file, unpack):
            count += len(part)
            if count > limit:
                break
    return count


def _read_raw(path: Path, start: int, count: int) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not 0 <= start <= size:
            return b""
        file.seek(start)
        return file.read(min(count, size - start))


def _unpacked(path: Path, offset: int, start: int, count: int, encoding: str) -> bytes:
    unpack: Any = (
        bz2.BZ2Decompressor() if encoding == "bzip2" else zlib.decompressobj(wbits=47)
    )
    wanted = bytearray()
    position = 0
    with path.open("rb") as file:
        file.seek(offset)
        for part in _parts(file, unpack):
            wanted += part[max(start - position, 0) : start + count - position]
            position += len(part)
            if position >= start + count:
                break
    return bytes(wanted)


def _parts(file: BinaryIO, unpack: Any) -> Iterator[bytes]:
    """Unpack piece by piece: a piece never grows beyond the chunk."""
    while not unpack.eof:
        if isinstance(unpack, bz2.BZ2Decompressor):
            packed = file.read(_CHUNK) if unpack.needs_input else b""
        else:
            packed = unpack.unconsumed_tail or file.read(_CHUNK)
        part = unpack.decompress(packed, _CHUNK)
        if not part and not packed:
            return
        yield part
