"""PNG files of figures, which are flat: no row is filtered.

Pillow tries five filters on every row. That takes most of its time, and for flat areas
it makes the files no smaller.
"""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
EIGHT_BIT_RGBA = (8, 6, 0, 0, 0)
METRE = 1 / 0.0254  # in inches
LEVEL = 3


def png_file(pixels: bytes, width: int, dpi: int) -> bytes:
    """Return rows of red, green, blue and alpha as the content of a PNG file."""
    image = np.frombuffer(pixels, np.uint8).reshape(-1, 4 * width)
    rows = np.pad(image, ((0, 0), (1, 0)))  # 0 in front of a row: no filter
    dots = round(dpi * METRE)
    header = struct.pack(">2I5B", width, len(rows), *EIGHT_BIT_RGBA)
    return SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", header),
            _chunk(b"pHYs", struct.pack(">2IB", dots, dots, 1)),
            _chunk(b"IDAT", zlib.compress(rows, LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", check)
