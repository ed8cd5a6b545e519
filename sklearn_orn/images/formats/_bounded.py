"""Reading with an upper limit: a small file must not fill the memory."""

import bz2
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import BinaryIO, NamedTuple, Protocol, TypeVar

from sklearn_orn._messages import file_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import format_shape

T = TypeVar("T")

MAX_PIXELS = 2**26  # of one slice: 8192 x 8192
MAX_MM = 1e6  # of a coordinate or a spacing; what is beyond is no patient
MAX_BYTES = 2**29  # of one volume, unpacked: 512 x 512 x 1024 pixels of 16 bits
_CHUNK = 2**20  # bytes in memory while a stream is unpacked
_MAX_BEHIND = 2**27  # unpacked and dropped behind the voxels, to reach the checksum

# Filters of warnings belong to the whole process, so threads take turns.
_LOCK = RLock()


def guarded(function: Callable[[], T], damaged: str) -> T:
    """Call a parser of files that nobody has checked.

    Such a parser warns of each deviation from its standard, and a damaged file can
    raise any exception in it. Its warnings are silent here, and its exceptions become
    one that repeats nothing from the file: `damaged`, where `{kind}` is their type.
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


@contextmanager
def of_file(path: Path, hint: str = "") -> Iterator[None]:
    """Name the file in what is raised of its content, with a hint at the end."""
    try:
        yield
    except LesionError as error:
        raise error.within(f"file {file_part(path)}: ", hint) from None


def check_one_page(path: Path, pages: int) -> None:
    """Refuse a picture of several pages."""
    if pages > 1:
        raise LesionError(
            f"file {file_part(path)} holds {pages} pages; expected one. Save the slice "
            "as a file of its own."
        )


def check_size(path: Path, shape: tuple[int, ...], itemsize: int) -> None:
    """Refuse a declared size that no image has; the first two axes are one slice's."""
    shown = format_shape(shape) if shape else "no"
    if not shape or min(shape) < 1:
        raise LesionError(
            f"file {file_part(path)} declares {shown} pixels; expected positive "
            "numbers. Export it again."
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


class Packed(NamedTuple):
    """A stream of bytes in a file, which may be packed; gzip of several members is one.

    With `total`, the bytes that it should hold, it is unpacked to its end, and its
    checksum compared.
    """

    path: Path
    offset: int = 0  # where it begins in the file
    encoding: str = "raw"  # or "gzip", "bzip2"
    total: int | None = None

    def read(self, start: int, count: int) -> bytes:
        """Read bytes of the unpacked stream; LesionError if it is short or damaged."""
        (content,) = self.pieces(start, count, 1, bytes)
        return content

    def pieces(
        self, start: int, size: int, count: int, use: Callable[[bytes], T]
    ) -> list[T]:
        """Read `count` pieces of `size` bytes, and keep of each what `use` returns."""
        if self.encoding != "raw":
            return guarded(
                lambda: _unpacked_pieces(self, start, size, count, use),
                f"file {file_part(self.path)} is damaged: its {self.encoding} stream "
                "cannot be "
                "unpacked ({kind}). Export or copy it again.",
            )
        check_there(self.path, self.offset + start, size * count)
        with self.path.open("rb") as file:
            file.seek(self.offset + start)
            return [use(file.read(size)) for _ in range(count)]


def inflated_size(path: Path, offset: int) -> int:
    """Count the bytes of a deflated stream, to just above the limit, keeping none."""
    count = 0
    with path.open("rb") as file:
        file.seek(offset)
        for part in _Stream(file, lambda: zlib.decompressobj(-zlib.MAX_WBITS)):
            count += len(part)
            if count > MAX_BYTES:
                break
    return count


def truncated(path: Path, there: int, expected: int) -> LesionError:
    """Return the error for a file that ends too early."""
    return LesionError(
        f"file {file_part(path)} is truncated: {there} bytes of pixel data, expected "
        f"{expected}. Copy it again."
    )


def check_there(path: Path, start: int, expected: int) -> None:
    """Refuse a file that ends before the bytes that it declares."""
    with path.open("rb") as file:
        there = max(file.seek(0, 2) - start, 0) if start >= 0 else 0
    if there < expected:
        raise truncated(path, there, expected)


def _unpacked_pieces(
    packed: Packed, start: int, size: int, count: int, use: Callable[[bytes], T]
) -> list[T]:
    path, offset, encoding, total = packed
    pieces: list[T] = []
    waiting = bytearray()
    position = 0
    with path.open("rb") as file:
        file.seek(offset)
        stream = _Stream(file, *_PACKED[encoding])
        if total is None:  # of what follows nothing is unpacked
            stream.chunk = min(_CHUNK, max(start + size * count, 1))
        for part in stream:
            if len(pieces) < count:
                waiting += part[max(start - position, 0) :]
            position += len(part)
            while len(pieces) < count and len(waiting) >= size:
                pieces.append(use(bytes(waiting[:size])))
                del waiting[:size]
            if len(pieces) == count and total is None:
                return pieces
            if total is not None and position > total + _MAX_BEHIND:
                raise LesionError(
                    f"file {file_part(path)} unpacks to far more than the {total} "
                    "bytes that its header declares, before any checksum. It is "
                    "damaged: export or copy it again."
                )
    if len(pieces) < count:
        raise truncated(path, len(pieces) * size + len(waiting), size * count)
    if not stream.ended:
        raise LesionError(
            f"file {file_part(path)} is truncated: its {encoding} stream ends before "
            "its checksum. Copy it again."
        )
    return pieces


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, size: int, /) -> bytes: ...


# How a decompressor is made, and how a further member of the stream starts.
_PACKED: dict[str, tuple[Callable[[], _Unpacker], bytes]] = {
    "gzip": (lambda: zlib.decompressobj(wbits=47), b"\x1f\x8b"),  # zlib or gzip header
    "bzip2": (bz2.BZ2Decompressor, b"BZh"),
}


class _Stream:
    """Unpack piece by piece: a piece never grows beyond the chunk.

    Without `magic` what follows the first member is not read. `ended` says whether the
    last member came to its end, where its checksum is compared.
    """

    def __init__(
        self, file: BinaryIO, unpacker: Callable[[], _Unpacker], magic: bytes = b""
    ) -> None:
        self.file, self.unpacker, self.magic = file, unpacker, magic
        self.ended, self.chunk = False, _CHUNK

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

    def _member(self, unpack: _Unpacker, packed: bytes) -> Iterator[bytes]:
        while not unpack.eof:
            if not packed and getattr(unpack, "needs_input", True):
                packed = self.file.read(_CHUNK)
            part = unpack.decompress(packed, self.chunk)
            if not part and not packed:
                return
            packed = getattr(unpack, "unconsumed_tail", b"")
            yield part
