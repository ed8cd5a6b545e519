"""Small workbooks, written part by part so that tests need no package for them."""

import datetime
import zipfile
from xml.sax.saxutils import escape

from sklearn_orn._io.workbooks import cell_name

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OF = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
    '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def _xlsx_cell(row, column, cell):
    name = cell_name(row, column)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f'<c r="{name}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, datetime.date):
        days = (cell - datetime.date(1899, 12, 30)).days
        return f'<c r="{name}" s="1"><v>{days}</v></c>'
    if isinstance(cell, str):
        text = f"<is><t>{escape(cell)}</t></is>"
        return f'<c r="{name}" t="inlineStr">{text}</c>'
    return f'<c r="{name}"><v>{cell!r}</v></c>'


def write_xlsx(path, sheets, merged=(), hidden=(), hidden_rows=()):
    """Write sheet -> rows; `merged` are ranges and `hidden_rows` rows of the first."""
    entries, links = "", ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, rows) in enumerate(sheets.items(), 1):
            state = ' state="hidden"' if name in hidden else ""
            entries += (
                f'<sheet name="{escape(name)}" sheetId="{number}"{state} '
                f'r:id="r{number}"/>'
            )
            links += (
                f'<Relationship Id="r{number}" Type="{_OF}/worksheet" '
                f'Target="worksheets/sheet{number}.xml"/>'
            )
            cells = ""
            for i, row in enumerate(rows, 1):
                of_row = "".join(_xlsx_cell(i, j, c) for j, c in enumerate(row))
                unseen = ' hidden="1"' if number == 1 and i in hidden_rows else ""
                cells += f'<row r="{i}"{unseen}>{of_row}</row>'
            joined = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
            joined = f"<mergeCells>{joined}</mergeCells>" if number == 1 else ""
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData>{joined}'
                "</worksheet>",
            )
        links += f'<Relationship Id="s" Type="{_OF}/styles" Target="styles.xml"/>'
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELS}"><Relationship Id="w" '
            f'Type="{_OF}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_RELS}">{links}</Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OF}"><sheets>{entries}</sheets>'
            "</workbook>",
        )
        archive.writestr("xl/styles.xml", _STYLES)
    return path


_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def _ods_cell(cell):
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str) and cell.startswith("<table:"):
        return cell
    if isinstance(cell, str):
        return (
            '<table:table-cell office:value-type="string">'
            f"<text:p>{escape(cell)}</text:p></table:table-cell>"
        )
    return f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>'


def write_ods(path, sheets, of_rows=None):
    """Write sheet -> rows; a cell that is XML stands as it is.

    `of_rows` gives attributes by the number of a row, from 1, in every sheet.
    """
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(
            f"<table:table-row{(of_rows or {}).get(number, '')}>"
            f"{''.join(map(_ods_cell, row))}</table:table-row>"
            for number, row in enumerate(rows, 1)
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w") as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" '
            f'manifest:media-type="{kind}"/>'
            "</manifest:manifest>",
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{_ODF}:office:1.0" '
            f'xmlns:table="{_ODF}:table:1.0" xmlns:text="{_ODF}:text:1.0">'
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    return path
