"""Which rows of a sheet a filter, or a hand, hides."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from posixpath import join

# Some programs write a prefix before each element's name.
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_ODS_TABLE = re.compile(rb"<table:table\b([^>]*)>(.*?)</table:table>", re.DOTALL)
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def hidden_rows(content: bytes, sheet: str, n_rows: int) -> list[int]:
    """Return the numbers, from 1, of a sheet's first rows that are hidden.

    `content` is that of a .xlsx or .ods.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "content.xml" in archive.namelist():
            hidden = _of_ods(archive.read("content.xml"), sheet, n_rows)
        else:
            hidden = _of_xlsx(_read(archive, _part_of(archive, sheet)))
        return sorted({row for row in hidden if 1 <= row <= n_rows})


def _attributes(element: bytes) -> dict[str, str]:
    """Return the attributes of an element by their names without a prefix."""
    return {
        name.decode().rpartition(":")[2]: html.unescape(
            (one or two).decode("utf-8", "replace")
        )
        for name, one, two in _ATTRIBUTE.findall(element)
    }


def _read(archive: zipfile.ZipFile, part: str) -> bytes:
    """Return a part, empty if the book calls it otherwise than the format does."""
    return archive.read(part) if part in archive.namelist() else b""


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the part of a .xlsx that holds a sheet."""
    links = _LINK.findall(_read(archive, "xl/_rels/workbook.xml.rels"))
    targets = {
        link.get("Id"): link.get("Target", "") for link in map(_attributes, links)
    }
    for found in map(_attributes, _SHEET.findall(_read(archive, "xl/workbook.xml"))):
        if found.get("name") == sheet:
            return join("/xl", targets.get(found.get("id"), "")).lstrip("/")
    return ""


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else otherwise


def _of_xlsx(text: bytes) -> Iterator[int]:
    number = 0
    for row in map(_attributes, _ROW.findall(text)):
        number = _number(row.get("r"), number + 1)
        if row.get("hidden") in ("1", "true"):
            yield number


def _of_ods(text: bytes, sheet: str, n_rows: int) -> Iterator[int]:
    for of_table, rows in _ODS_TABLE.findall(text):
        if _attributes(of_table).get("name") != sheet:
            continue
        first = 1
        for row in map(_attributes, _ODS_ROW.findall(rows)):
            after = first + _number(row.get("number-rows-repeated"), 1)
            if row.get("visibility") in ("filter", "collapse"):
                yield from range(first, min(after, n_rows + 1))
            first = after
