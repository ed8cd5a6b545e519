"""All text of a file, however PDF, PNG and HTML put it away."""

import base64
import io
import re
import zlib

from PIL import Image

EMBEDDED = re.compile(rb"data:[\w/+-]+;base64,([\w+/=]+)")
STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.DOTALL)
OBJECT = re.compile(rb"^(\d+) 0 obj(.*?)^endobj", re.DOTALL | re.MULTILINE)
# In a page: the choice of a font, or a piece of text.
FONT_OR_PIECE = re.compile(rb"/(\w+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\)", re.DOTALL)
RANGE = re.compile(r"<(\w+)> <\w+> \[([^]]*)\]")
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def every_text(content):
    """Return the bytes of a file in lower case, and below them what they hide."""
    parts = [content, content.replace(b"\0", b"")]  # the latter reads UTF-16
    parts += [every_text(base64.b64decode(data)) for data in EMBEDDED.findall(content)]
    if content.startswith(b"\x89PNG"):
        parts += [str(text).encode() for text in _comments(content).values()]
    if content.startswith(b"%PDF"):
        parts += [_unpacked(stream) for stream in STREAM.findall(content)]
        parts.append(text_of_pdf(content).encode())
    return b"\n".join(parts).lower()


def text_of_pdf(content):
    """Return what the pages of Matplotlib's PDF show, without gaps between its pieces.

    A page shows letters one by one, each with its distance to the next, as numbers that
    a table in the font makes characters.
    """
    objects = dict(OBJECT.findall(content))
    fonts = {}
    for body in objects.values():
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body):
            table = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])
            fonts[name] = _characters(objects[table[1]]) if table else None
    shown = []
    for stream in map(_unpacked, STREAM.findall(content)):
        if b"BT\n" in stream and b"ET\n" in stream:
            shown += _shown(stream, fonts)
    return "".join(shown)


def _comments(content):
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image.info


def _unpacked(stream):
    try:
        return zlib.decompressobj().decompress(stream)  # whatever stands behind it
    except zlib.error:
        return stream  # it is not compressed and stands there as it is


def _characters(table):
    """Return bytes -> text, from a font's ToUnicode."""
    found = {}
    for first, texts in RANGE.findall(_unpacked(STREAM.search(table)[1]).decode()):
        for code, text in enumerate(re.findall(r"<(\w+)>", texts), int(first, 16)):
            key = code.to_bytes(len(first) // 2)
            found[key] = bytes.fromhex(text).decode("utf-16-be")
    return found


def _shown(page, fonts):
    characters = None
    for font, piece in FONT_OR_PIECE.findall(page):
        if font:
            characters = fonts[font]
            continue
        codes = re.sub(rb"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), piece, flags=re.S)
        if characters is None:
            yield codes.decode("cp1252")
            continue
        width = len(next(iter(characters)))
        for start in range(0, len(codes), width):
            yield characters[codes[start : start + width]]
