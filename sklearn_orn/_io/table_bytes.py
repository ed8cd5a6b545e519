"""The text of a table's file: packed or not, in the encodings of spreadsheets."""

import bz2
import gzip
import io
import lzma
import os
import re
import zlib
from collections.abc import Callable
from pathlib import Path

from sklearn_orn.exceptions import CohortError

OPEN: dict[str, Callable[..., io.BufferedIOBase]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
PACKED = {
    b"PK\x03\x04": "a ZIP file or an Excel workbook",
    b"\x28\xb5\x2f\xfd": "a file packed by zstd",
    b"\x1f\x8b": "packed by gzip, and its name does not end in .gz",
    b"BZh": "packed by bzip2, and its name does not end in .bz2",
    b"\xfd7zXZ\x00": "packed by xz, and its name does not end in .xz",
}
# Files that people keep tables in and that are none to be read, and where to go.
OTHERS = {
    b"$FL2": ("a data file of SPSS", "There, save it as CSV."),
    b"$FL3": ("a data file of SPSS", "There, save it as CSV."),
    **dict.fromkeys(
        (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"X\n\0"),
        ("a data file of R", "There, write it by write.csv(row.names = FALSE)."),
    ),
    b"<stata_dta>": ("a data file of Stata", "There, export it as CSV."),
    b"\0" * 12 + b"\xc2\xea\x81": ("a data file of SAS", "There, export it as CSV."),
    b"SQLite format 3": ("a database", "Export its table as CSV."),
    b"%PDF": ("a PDF", "Give the table itself."),
    b"{\\rtf": ("a text document", "Give the table itself."),
    b"<html": ("a web page", "Open it in Excel, and save it as .xlsx."),
    b"<!doctype html": ("a web page", "Open it in Excel, and save it as .xlsx."),
}
MARKED = {  # what stands before a text, longer ones first
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"\xef\xbb\xbf": "utf-8-sig",
}

# A packed table of 1 kB can hold gigabytes; these are counted before it is parsed.
MAX_BYTES = 2**28  # unpacked: the most cells that are read, of 8 letters each
_CHUNK = 2**20  # bytes read between two looks at the limit
# Between letters Windows has few of these; DOS and old Macs have their umlauts there.
_OTHER_CODE = re.compile(
    rb"[A-Za-z][\x80-\x91\x93-\x95\x98-\x9f][a-z]"
    rb"|[A-Za-z](?:\x94\xe1|\x9a\xa7)"  # of Größe
)
_NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1f]")


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Read a table's file, unpacked if its name says so, and no more than one has."""
    try:
        with OPEN.get(Path(path).suffix.lower(), open)(path, "rb") as file:
            return _bounded(file, path)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CohortError(
            f"table '{path}' cannot be opened: {reason}. Correct the path."
        ) from None


def _bounded(file: io.BufferedIOBase, path: str | os.PathLike[str]) -> bytes:
    content = bytearray()
    while part := file.read(_CHUNK):
        content += part
        if len(content) > MAX_BYTES:
            raise CohortError(
                f"table '{path}' holds more than {MAX_BYTES // 2**20} MiB of text, as "
                "no such table does. Give the table itself, or a part of it."
            )
    return bytes(content)


def decoded(content: bytes, path: str | os.PathLike[str]) -> str:
    """Return the text of a file in UTF-8, UTF-16 or Windows' cp1252."""
    packed_by_r = Path(path).suffix.lower() in (".rds", ".rda", ".rdata")
    head = b"RDX3\n" if packed_by_r else content[:32]
    for start, (what, advice) in OTHERS.items():
        if head.startswith(start) or head.lower().startswith(start):
            raise CohortError(
                f"table '{path}' is {what}; expected CSV or a workbook. {advice}"
            )
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError:
        packed = (what for start, what in PACKED.items() if content.startswith(start))
        what = next((f"it is {what}; " for what in packed), "")
        raise CohortError(
            f"table '{path}' is not a text file in UTF-8; {what}expected CSV. In "
            "Excel, save it as 'CSV UTF-8'."
        ) from None
    return text if "\n" in text else text.replace("\r", "\n")  # of an old Mac


def _encoding(content: bytes) -> str:
    for mark, encoding in MARKED.items():
        if content.startswith(mark):
            return encoding
    head = content[:4096]
    if b"\0" in head and not (any(head[::2]) and any(head[1::2])):
        return "utf-16-le" if head[0] else "utf-16-be"  # one of two bytes is empty
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        other = _OTHER_CODE.search(content) or _NO_TEXT.search(content)
        return "ascii" if other or content.startswith(tuple(PACKED)) else "cp1252"
    return "utf-8"
