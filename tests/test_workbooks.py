"""Sheets of workbooks: which one, how large, and what a cell is."""

import datetime
import io
import zipfile

import pytest

from sklearn_orn._io.workbooks import (
    _plain,
    cell_name,
    is_workbook,
    sheet_rows,
    split_sheet,
)
from sklearn_orn.exceptions import CohortError
from tests._workbooks import write_ods, write_xlsx

ANY = {"most_bytes": 2**20, "most_cells": 999}


def rows(path, sheet=None, **limits):
    return sheet_rows(path.read_bytes(), "t", sheet, **(ANY | limits))


@pytest.mark.parametrize(
    ("row", "column", "name"),
    [
        (1, 0, "A1"),
        (3, 25, "Z3"),
        (3, 26, "AA3"),
        (10, 27, "AB10"),
        (1, 701, "ZZ1"),
        (1048576, 16383, "XFD1048576"),
    ],
)
def test_what_a_spreadsheet_calls_a_cell(row, column, name):
    assert cell_name(row, column) == name


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        (None, None),
        ("", None),
        (" ", " "),
        ("x", "x"),
        (3.0, 3),
        (-2.5, -2.5),
        (True, True),
        (False, False),
        (2.0**53 - 1, 2**53 - 1),
        (-(2.0**53), -(2.0**53)),
        (2.0**53, 2.0**53),
        (float("inf"), float("inf")),
        (datetime.datetime(2020, 1, 31), "2020-01-31"),
        (datetime.datetime(2020, 1, 31, 9, 5, 7, 250), "2020-01-31 09:05:07"),
        (datetime.datetime(2020, 1, 31, 0, 0, 1), "2020-01-31 00:00:01"),
        (datetime.date(2020, 1, 31), "2020-01-31"),
        (datetime.time(9, 5), "09:05:00"),
    ],
)
def test_a_cell_is_text_a_number_or_nothing(cell, plain):
    found = _plain(cell)
    assert found == plain
    assert type(found) is type(plain)


def test_a_file_and_its_sheet(tmp_path):
    file, odd = str(tmp_path / "t.xlsx"), str(tmp_path / "t#1.xlsx")
    for path in (file, odd, str(tmp_path / "a")):
        write_xlsx(path, {"A": [["a"]]})
    assert split_sheet(f"{file}#A b") == (file, "A b")
    assert split_sheet(f"{odd}#A") == (odd, "A")
    assert split_sheet(odd) == (odd, None)
    assert split_sheet(f"{file}#") == (f"{file}#", None)
    assert split_sheet(str(tmp_path / "none.xlsx#A"))[1] is None
    (tmp_path / "a#b").mkdir()
    assert split_sheet(str(tmp_path / "a#b"))[1] is None


def zipped(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b"\xd0\xcf\x11\xe0 old Excel", True),
        (zipped("a", "xl/workbook.xml"), True),
        (zipped("content.xml"), True),
        (zipped("table.csv"), False),
        (b"PK\x03\x04 and no archive", False),
        (b"a,b\n1,2\n", False),
        (b"", False),
    ],
)
def test_a_workbook_is_known_by_its_content(content, is_one):
    assert is_workbook(content) is is_one


def test_a_sheet_is_found_in_other_letters_where_only_one_is_meant(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", {"Ab": [["x"]], "aB": [["y"]], "C": [["z"]]})
    assert rows(path, "aB") == [["y"]]
    assert rows(path, "Ab") == [["x"]]
    assert rows(path, "c") == [["z"]]
    with pytest.raises(CohortError, match="no sheet 'AB'; it has 'Ab', 'aB', 'C'"):
        rows(path, "AB")


def test_sheets_without_a_cell_are_no_question(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", {"A": [], "B": [["x"]], "C": []})
    assert rows(path) == [["x"]]
    write_xlsx(path, {"A": [["x"]], "B": [["x"]], "C": [["y"]]}, hidden=["B"])
    with pytest.raises(CohortError, match=r"has 2 sheets: 'A', 'C'\. Say .* 't#A'"):
        rows(path)


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
def test_rows_above_and_columns_before_the_table_count(tmp_path, write):
    path = write(tmp_path / "t", {"A": [[], [None, "a", "b"], [None, 1, 2.5]]})
    assert rows(path) == [[None] * 3, [None, "a", "b"], [None, 1, 2.5]]


# Size -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheets", "cells"),
    [
        ({"A": [["a", "b"], [1, 2]]}, 4),
        ({"A": [["a"], [None, None, 5]]}, 6),
        ({"A": [[None] * 26 + ["a"], [], ["b"]]}, 81),
        ({"A": [[None] * 702 + ["a"]]}, 703),
        ({"A": [["a", "b", "c"]], "B": [["a"]]}, 3),
        ({"A": []}, 0),
    ],
)
def test_cells_up_to_the_last_are_counted_before_they_take_memory(
    tmp_path, sheets, cells
):
    path = write_xlsx(tmp_path / "t.xlsx", sheets)
    if not cells:
        with pytest.raises(CohortError, match="no sheet that holds something"):
            rows(path, most_cells=0)
        return
    assert rows(path, "A", most_cells=cells)
    with pytest.raises(CohortError, match=rf"and {cells} cells up to the last"):
        rows(path, "A", most_cells=cells - 1)


def ods_cell(value, **repeated):
    axes = "".join(f' table:number-{k}-repeated="{n}"' for k, n in repeated.items())
    return f'<table:table-cell{axes} office:value-type="float" office:value="{value}"/>'


def test_repeated_cells_of_libreoffice_count_as_often(tmp_path):
    table = {"A": [["a", "b"], [ods_cell(1, columns=3), None], [5]]}
    path = write_ods(tmp_path / "t.ods", table)
    assert rows(path, most_cells=6)[1] == [1, 1, 1]
    with pytest.raises(CohortError, match="and 6 cells"):
        rows(path, most_cells=5)


def repeat_last_row(path, times):
    """Say that the last row stands several times."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    start, mark, row = parts["content.xml"].rpartition(b"<table:table-row")
    more = b' table:number-rows-repeated="%d"' % times
    parts["content.xml"] = start + mark + more + row
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_repeated_rows_of_libreoffice_count_as_often(tmp_path):
    path = repeat_last_row(write_ods(tmp_path / "t", {"A": [["a"], [1, 2]]}), 4)
    assert rows(path, most_cells=9)[1:] == [[1, 2]] * 4
    with pytest.raises(CohortError, match="and 9 cells"):
        rows(path, most_cells=8)


def test_parts_of_a_workbook_are_counted_together(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", {"A": [["a"]]})
    with zipfile.ZipFile(path) as archive:
        size = sum(len(archive.read(name)) for name in archive.namelist())
    assert rows(path, most_bytes=size) == [["a"]]
    with pytest.raises(CohortError, match="more than the 0 MiB"):
        rows(path, most_bytes=size - 1)


def test_a_damaged_part_is_named(tmp_path):
    path = write_ods(tmp_path / "t.ods", {"A": [["a"]]})
    content = path.read_bytes().replace(b"<text:p>a</text:p>", b"<text:p>b</text:p>")
    path.write_bytes(content)
    with pytest.raises(CohortError, match="damaged workbook, at 'content.xml'"):
        rows(path)


# Merged cells -----------------------------------------------------------------------


def merged_cell(text, **spans):
    axes = "".join(f' table:number-{k}-spanned="{n}"' for k, n in spans.items())
    return (
        f'<table:table-cell{axes} office:value-type="string">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


COVERED = "<table:covered-table-cell/>"


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ([["a", merged_cell("b", columns=2), COVERED], [1, 2, 3]], "B1:C1"),
        ([["a", "b"], [1, merged_cell("x", rows=3)], [1], [2]], "B2:B4"),
        ([[ods_cell(1, columns=3), merged_cell("x", columns=2, rows=2)]], "D1:E2"),
        (
            [["a", merged_cell("b", columns=1, rows=1)], [merged_cell("x", rows=2)]],
            "A2:A3",
        ),
    ],
)
def test_merged_cells_of_libreoffice_are_named(tmp_path, table, name):
    other = {"B": [[merged_cell("other", columns=4)]]}
    path = write_ods(tmp_path / "t.ods", other | {"A & C": table})
    with pytest.raises(CohortError, match=f"cells {name} of sheet 'A & C' are merged"):
        rows(path, "A & C")


def test_repeated_rows_move_what_is_merged_below(tmp_path):
    path = write_ods(tmp_path / "t.ods", {"A": [["a"], [1]]})
    repeat_last_row(path, 3)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    row = f"<table:table-row>{merged_cell('x', columns=2)}</table:table-row>"
    head, mark, tail = parts["content.xml"].partition(b"</table:table>")
    parts["content.xml"] = head + row.encode() + mark + tail
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(CohortError, match="the cells A5:B5 of sheet 'A' are merged"):
        rows(path)


def test_merged_cells_that_hold_nothing_are_layout(tmp_path):
    table = [["a", "b", None], [1, 2, None], [3, 4, None]]
    for merged in ("C1:C3", "C2:D2", "F9:G9", "A9:B9", "D1:D2"):
        path = write_xlsx(tmp_path / "t.xlsx", {"A": table}, merged=[merged])
        assert [row[:2] for row in rows(path)] == [["a", "b"], [1, 2], [3, 4]]
    for merged in ("A2:A3", "B3:C3"):
        path = write_xlsx(tmp_path / "t.xlsx", {"A": table}, merged=[merged])
        with pytest.raises(CohortError, match=f"the cells {merged} of sheet 'A'"):
            rows(path)
