"""Pictures of one slice, without a place: PNG, TIFF, BMP and NPY."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from sklearn_orn._messages import file_part
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import as_image_array
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images._image_file import ImageFile
from sklearn_orn.images.formats._bounded import (
    Packed,
    check_one_page,
    check_size,
    guarded,
)
from sklearn_orn.images.formats._tiff import (
    TiffLayout,
    as_stored,
    read_layout,
    unpacked_pixels,
)

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")

_PNG_HEAD = 26  # bytes, to the bits and the type of the colours
_NPY_HEADER = 4096  # bytes; that of two axes has 128
_GREY = ("1", "L", "I", "F", "I;16", "I;16B", "I;16L")


def is_png(head: bytes) -> bool:
    """Recognise PNG by its signature."""
    return head.startswith(b"\x89PNG\r\n\x1a\n")


def is_bmp(head: bytes) -> bool:
    """Recognise BMP by its signature and reserved bytes."""
    return head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and len(head) > 26


def is_npy(head: bytes) -> bool:
    """Recognise an array saved by NumPy."""
    return head.startswith(b"\x93NUMPY")


def picture_of(
    path: Path,
    kind: str,
    function: Callable[[Image], T],
    check_head: Callable[[bytes], None] = lambda head: None,
) -> T:
    """Open a picture with pillow, check its declared size, and convert it."""
    from PIL import Image

    with path.open("rb") as raw:

        def convert() -> T:
            check_head(raw.read(_PNG_HEAD))
            raw.seek(0)
            with Image.open(raw, formats=[kind]) as file:
                check_size(path, (file.height, file.width), 4)
                check_one_page(path, getattr(file, "n_frames", 1))
                return function(file)

        return guarded(
            convert,
            f"file {file_part(path)} is a damaged {kind} file, or of a kind that is "
            "not read: pillow stopped with {kind}. Export or copy it again.",
        )


def open_picture(path: Path, *, kind: str) -> ImageFile:
    """Open a grey-level picture as an image of one slice, without a spacing."""
    if kind == "TIFF":
        shape = read_layout(path).shape
    else:
        shape = picture_of(path, kind, lambda file: (file.height, file.width))

    def pixels(section: int) -> np.ndarray:
        grey = _grey(read_picture(path, kind), path)
        return as_image_array(np.require(grey, requirements="W"))

    return ImageFile(path, [shape], [Geometry()], pixels)


class Picture(NamedTuple):
    """The pixels of a picture.

    `codes` are grey levels, numbers of entries of a palette, or colours in one number;
    `colours` are the colours as one number, red first, and None for grey levels;
    `digits` is how many hexadecimal digits a colour has. `opacity` is 0 for a
    transparent pixel, and None where there is none.
    """

    codes: np.ndarray
    colours: np.ndarray | None = None
    opacity: np.ndarray | None = None
    digits: int = 6


def read_picture(
    path: Path, kind: str, check: Callable[[tuple[int, int]], None] | None = None
) -> Picture:
    """Read the pixels of a picture as they are stored.

    `check` gets rows and columns first. LesionError where pillow would narrow values.
    """
    layout = read_layout(path) if kind == "TIFF" else None
    if layout is not None and layout.is_plain:
        if check is not None:
            check(layout.shape)
        return _channels(unpacked_pixels(path, layout), *layout.channels)

    def check_bits(head: bytes) -> None:
        if layout.is_narrowed if layout else kind == "PNG" and _is_narrowed_png(head):
            raise LesionError(
                f"file {file_part(path)} stores more than 8 bits with colours or "
                "transparency, or numbers of 64 bits, and is compressed; expected grey "
                "levels. Save it as one channel of 16 bits, or as TIFF without "
                "compression."
            )

    def converted(file: Image) -> Picture:
        if check is not None:
            check((file.height, file.width))
        return _picture(file, layout)

    return picture_of(path, kind, converted, check_bits)


def _is_narrowed_png(head: bytes) -> bool:
    """Tell colours or transparency of 16 bits, of which pillow takes the upper 8."""
    return len(head) == _PNG_HEAD and head[24] == 16 and head[25] != 0


def _picture(file: Image, layout: TiffLayout | None) -> Picture:
    keyed = file.mode in ("1", "L") and "transparency" in file.info
    if file.mode in _GREY and not keyed:
        values = np.asarray(file)
        if layout is not None:
            values = as_stored(values, layout)
        if values.dtype == bool:
            return Picture(values.astype(np.uint8))
        return Picture(values.astype(values.dtype.newbyteorder("="), copy=False))
    seen = np.asarray(file.convert("RGBA"))
    if file.mode == "P":
        colours = _channels(seen, 3, True, always=True)
        return colours._replace(codes=np.array(file))
    return _channels(seen, 3, True)


def _channels(
    values: np.ndarray, own: int, has_alpha: bool, always: bool = False
) -> Picture:
    """Join channels to one number; grey levels saved as colours are grey levels."""
    opacity = values[..., own] if has_alpha else None
    seen = values[..., :own]
    if own == 1 or (not always and (seen == seen[..., :1]).all()):
        return Picture(np.ascontiguousarray(seen[..., 0]), None, opacity)
    if values.dtype not in (np.uint8, np.uint16):
        raise LesionError(
            f"the picture has colours of {values.dtype}; expected grey levels. Save it "
            "as one channel."
        )
    bits = 8 * values.dtype.itemsize
    wide = np.uint32 if bits == 8 else np.uint64
    colours = np.zeros(seen.shape[:2], wide)
    for channel in range(own):
        colours <<= wide(bits)
        colours |= seen[..., channel].astype(wide)
    return Picture(colours, colours, opacity, 3 * bits // 4)


def _grey(picture: Picture, path: Path) -> np.ndarray:
    if picture.colours is None:
        return picture.codes
    blue = picture.colours & picture.colours.dtype.type(255)
    if (picture.colours == blue * picture.colours.dtype.type(0x010101)).all():
        return blue.astype(np.uint8)  # a palette of grey levels
    raise LesionError(
        f"file {file_part(path)} is a colour picture; expected grey levels. Give the "
        "original slice, not a screenshot."
    )


def open_npy(path: Path) -> ImageFile:
    """Open an array of two axes as an image of one slice, without a spacing."""
    shape, _, _, _ = npy_header(path)
    return ImageFile(
        path, [shape], [Geometry()], lambda section: as_image_array(read_npy(path))
    )


def read_npy(path: Path) -> np.ndarray:
    """Read an array of two axes, in native byte order."""
    shape, dtype, by_columns, offset = npy_header(path)
    content = Packed(path, offset).read(0, shape[0] * shape[1] * dtype.itemsize)
    values = np.frombuffer(content, dtype).reshape(
        shape, order="F" if by_columns else "C"
    )
    return np.array(values, dtype.newbyteorder("="), order="C")


def npy_header(path: Path) -> tuple[tuple[int, int], np.dtype, bool, int]:
    """Read shape, type, whether columns come first, and where the numbers start."""
    with path.open("rb") as file:
        content = io.BytesIO(file.read(_NPY_HEADER))
    shape, by_columns, dtype = guarded(
        lambda: _parse_npy_header(content),
        f"file {file_part(path)} is a damaged NPY file: NumPy stopped with "
        "{kind}. Save it again.",
    )
    if len(shape) != 2 or dtype.kind not in "biuf":
        raise LesionError(
            f"file {file_part(path)} holds an array of {dtype} with {len(shape)} axes; "
            "expected numbers with two axes, rows and columns. Save one slice."
        )
    check_size(path, shape, dtype.itemsize)
    return (shape[0], shape[1]), dtype, by_columns, content.tell()


def _parse_npy_header(content: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    from numpy.lib import format as npy

    version = npy.read_magic(content)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, by_columns, dtype = read(content, max_header_size=_NPY_HEADER)
    return shape, bool(by_columns), dtype
