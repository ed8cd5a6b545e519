"""Reading with an upper limit: a small file must not fill the memory."""

import bz2
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import RLock
from typing import Any, BinaryIO, TypeVar

from sklearn_orn._messages import file_part
from sklearn_orn.exceptions import LesionError

__all__ = [
    "MAX_BYTES",
    "MAX_MM",
    "MAX_PIXELS",
    "check_size",
    "check_there",
    "guarded",
    "inflated_size",
    "read_pieces",
    "read_range",
]

T = TypeVar("T")

MAX_PIXELS = 2**26  # of one slice: 8192 x 8192
MAX_MM = 1e6  # of a coordinate or a spacing; what is beyond is no patient
MAX_BYTES = 2**29  # of one volume, unpacked: 512 x 512 x 1024 pixels of 16 bits
_CHUNK = 2**20
_MAX_BEHIND = 2**27  # unpacked and dropped behind the voxels, to reach the checksum

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
            f"file {file_part(path)} declares {shown or 'no'} pixels; expected "
            "positive numbers. Export it again."
        )
    plane, volume = 1, itemsize
    for axis, length in enumerate(shape):
        volume *= length
        plane *= length if axis < 2 else 1
    if plane > MAX_PIXELS or volume > MAX_BYTES:
        raise LesionError(
            f"file {file_part(path)} declares {shown} pixels of {itemsize} bytes, more "
            f"than the {MAX_PIXELS} pixels a slice or {MAX_BYTES} bytes that are read. "
            "Crop it, if that is its true size; otherwise it is damaged."
        )


def read_range(
    path: Path,
    offset: int,
    start: int,
    count: int,
    encoding: str = "raw",
    total: int | None = None,
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
        How the stream is packed; gzip of several members is one stream.
    total : int or None, default=None
        Bytes that the whole stream should hold: it is unpacked to its end then, and
        its checksum compared. None stops where enough is read.

    Returns
    -------
    bytes
        As many as asked for.

    Raises
    ------
    LesionError
        If there are fewer, or the stream is damaged.
    """
    (found,) = read_pieces(path, offset, start, count, 1, bytes, encoding, total)
    return found


def read_pieces(
    path: Path,
    offset: int,
    start: int,
    size: int,
    count: int,
    use: Callable[[bytes], T],
    encoding: str = "raw",
    total: int | None = None,
) -> list[T]:
    """Read `count` pieces of `size` bytes, and keep of each what `use` returns.

    Parameters
    ----------
    path, offset, start, encoding, total
        As in `read_range`.
    size, count : int
        Bytes of a piece, and how many follow each other.
    use : callable
        Takes the bytes of one piece.

    Returns
    -------
    list
        One result a piece.

    Raises
    ------
    LesionError
        If there are fewer bytes, or the stream is damaged.
    """
    if encoding == "raw":
        return _raw_pieces(path, offset + start, size, count, use)
    return guarded(
        lambda: _unpacked_pieces(
            path, offset, start, size, count, use, encoding, total
        ),
        f"file {file_part(path)} is damaged: its {encoding} stream cannot be unpacked "
        "({kind}). Export or copy it again.",
    )


def inflated_size(path: Path, offset: int, limit: int = MAX_BYTES) -> int:
    """Count the bytes of a deflated stream, up to a limit, without keeping them."""
    count = 0
    with path.open("rb") as file:
        file.seek(offset)
        for part in _Stream(file, lambda: zlib.decompressobj(-zlib.MAX_WBITS)):
            count += len(part)
            if count > limit:
                break
    return count


def _truncated(path: Path, found: int, expected: int) -> LesionError:
    return LesionError(
        f"file {file_part(path)} is truncated: {found} bytes of pixel data, expected "
        f"{expected}. Copy it again."
    )


def check_there(path: Path, start: int, expected: int) -> None:
    """Refuse a file that ends before the bytes that it declares."""
    with path.open("rb") as file:
        found = max(file.seek(0, 2) - start, 0) if start >= 0 else 0
    if found < expected:
        raise _truncated(path, found, expected)


def _raw_pieces(
    path: Path, start: int, size: int, count: int, use: Callable[[bytes], T]
) -> list[T]:
    check_there(path, start, size * count)
    with path.open("rb") as file:
        file.seek(start)
        return [use(file.read(size)) for _ in range(count)]


def _unpacked_pieces(
    path: Path,
    offset: int,
    start: int,
    size: int,
    count: int,
    use: Callable[[bytes], T],
    encoding: str,
    total: int | None,
) -> list[T]:
    found: list[T] = []
    waiting = bytearray()
    position = 0
    with path.open("rb") as file:
        file.seek(offset)
        stream = _Stream(file, *_PACKED[encoding])
        for part in stream:
            if len(found) < count:
                waiting += part[max(start - position, 0) :]
            position += len(part)
            while len(found) < count and len(waiting) >= size:
                found.append(use(bytes(waiting[:size])))
                del waiting[:size]
            if len(found) == count and total is None:
                return found
            if total is not None and position > total + _MAX_BEHIND:
                raise LesionError(
                    f"file {file_part(path)} unpacks to far more than the {total} "
                    "bytes that its header declares, before any checksum. It is "
                    "damaged: export or copy it again."
                )
    if len(found) < count:
        raise _truncated(path, len(found) * size + len(waiting), size * count)
    if not stream.ended:
        raise LesionError(
            f"file {file_part(path)} is truncated: its {encoding} stream ends before "
            "its checksum. Copy it again."
        )
    return found


_PACKED: dict[str, tuple[Callable[[], Any], bytes]] = {
    "gzip": (lambda: zlib.decompressobj(wbits=47), b"\x1f\x8b"),
    "bzip2": (bz2.BZ2Decompressor, b"BZh"),
}


class _Stream:
    """Unpack piece by piece: a piece never grows beyond the chunk.

    Parameters
    ----------
    file : binary file
        At the start of the stream.
    unpacker : callable
        Makes a decompressor, one for each member.
    magic : bytes, default=b""
        How a further member starts; without it what follows the first is not read.

    Attributes
    ----------
    ended : bool
        Whether the last member came to its end, where its checksum is compared.
    """

    def __init__(
        self, file: BinaryIO, unpacker: Callable[[], Any], magic: bytes = b""
    ) -> None:
        self.file, self.unpacker, self.magic = file, unpacker, magic
        self.ended = False

    def __iter__(self) -> Iterator[bytes]:
        packed = b""
        while True:
            unpack = self.unpacker()
            self.ended = False
            yield from self._member(unpack, packed)
            if not unpack.eof:
                return
            self.ended = True
            packed = unpack.unused_data or self.file.read(_CHUNK)
            if not self.magic or not packed.startswith(self.magic):
                return

    def _member(self, unpack: Any, packed: bytes) -> Iterator[bytes]:
        while not unpack.eof:
            if not packed and getattr(unpack, "needs_input", True):
                packed = self.file.read(_CHUNK)
            part = unpack.decompress(packed, _CHUNK)
            if not part and not packed:
                return
            packed = getattr(unpack, "unconsumed_tail", b"")
            yield part
