"""Tables as hospitals have them: German Excel, other encodings, workbooks."""

import datetime
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn._column_names import image_names
from sklearn_orn._io.hidden_rows import hidden_rows
from sklearn_orn._io.tables import read_header, read_table
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from tests._examples import examples
from tests._workbooks import write_ods, write_xlsx

GERMAN = "Patient;Größe;Alter;Vol\r\n007;1,5;61;1.234\r\n\r\n008;0,25;62;987\r\n"


def saved(tmp_path, text, encoding="utf-8", name="t.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_german_table_in_every_encoding(tmp_path, encoding, separator):
    text = GERMAN.replace(";", separator)
    table = read_table(saved(tmp_path, text, encoding), ["patient"])
    assert table.columns.tolist() == ["Patient", "Größe", "Alter", "Vol"]
    assert table.index.tolist() == [2, 4]  # as the spreadsheet counts
    assert table["Patient"].tolist() == ["007", "008"]
    assert table["Größe"].tolist() == [1.5, 0.25]
    assert table["Vol"].tolist() == [1234, 987]


def test_the_line_that_tells_excel_the_separator(tmp_path):
    table = read_table(saved(tmp_path, "sep=;\na, mm;b\n1,5;2\n"))
    assert table.to_dict("list") == {"a, mm": [1.5], "b": [2]}


def test_a_table_of_an_old_mac(tmp_path):
    assert read_table(saved(tmp_path, "a;b\r1,5;2\r"))["a"].tolist() == [1.5]


@pytest.mark.parametrize("encoding", ["cp850", "mac-roman"])
def test_umlauts_of_dos_and_old_macs_are_refused(tmp_path, encoding):
    with pytest.raises(CohortError, match="save it as 'CSV UTF-8'"):
        read_table(saved(tmp_path, "a;b\nMüller;Größe\n", encoding))


WRITTEN = {  # group, decimal sign
    "german": (".", ","),
    "english": (",", "."),
    "swiss": ("'", "."),
    "french": ("\u202f", ","),
    "plain": ("", "."),
}


def written(value, group, decimal):
    return f"{value:,.2f}".replace(",", "g").replace(".", decimal).replace("g", group)


@given(
    st.lists(st.integers(-(10**11), 10**11).map(lambda n: n / 100), min_size=1),
    st.sampled_from(sorted(WRITTEN)),
    st.sampled_from([";", "\t", ","]),
)
@examples(60)
def test_a_number_is_the_same_in_whatever_country_it_was_written(
    tmp_path_factory, values, country, separator
):
    """Signs between thousands and before decimals differ; the numbers do not."""
    cells = [f'"{written(value, *WRITTEN[country])}"' for value in values]
    text = "\n".join([f"a{separator}b", *(f"{c}{separator}x" for c in cells)])
    path = saved(tmp_path_factory.mktemp("country"), text)
    np.testing.assert_array_equal(read_table(path)["a"], values)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("a;b\n1.234;x\n987;x\n", "'1.234' in row 2"),
        ('a,b\n"1,234",x\n987,x\n', "'1,234' in row 2"),
        ("a;b\n1,5;x\n2.5;x\n", "'2.5' in row 3 and '1,5' in row 2"),
        ("a;b;c\n1.234;1,5;2.5\n", "'1.234' in row 2"),
    ],
)
def test_a_number_with_two_meanings_is_refused(tmp_path, text, row):
    with pytest.raises(CohortError, match=f"column 'a' holds {row}: a point or a c"):
        read_table(saved(tmp_path, text))


def test_other_columns_tell_what_a_sign_means(tmp_path):
    table = read_table(saved(tmp_path, 'a,b\n"1,234",0.5\n987,2.25\n'))
    assert table["a"].tolist() == [1234, 987]
    table = read_table(saved(tmp_path, "a;b\n1.234;0.5\n2.500;2.25\n"))
    assert table["a"].tolist() == [1.234, 2.5]


def test_ids_keep_their_zeros_and_numbers_do_not(tmp_path):
    table = read_table(saved(tmp_path, "Pat-Nr,mrn,age\n007,7,061\n012,8,7\n"))
    assert table["Pat-Nr"].tolist() == ["007", "012"]
    assert table["mrn"].tolist() == [7, 8]
    assert table["age"].tolist() == [61, 7]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Kohorte\na;b;c\n1;2;3\n",
            "row 2 has 3 cells, the header has 1.*If row 1 is a title",
        ),
        ("a;;c\n1;2;3\n", "the cell B1 of the header is empty"),
        ("a;b;a\n1;2;3\n", "'a', in the cells A1 and C1"),
        ('a;b\n"1;2\n3;4\n', "a quote is opened and never closed"),
        ("a;b\n\n1\n", "row 3 has 1 cells, the header has 2"),
    ],
)
def test_what_is_no_table_is_told_by_row_or_cell(tmp_path, text, message):
    with pytest.raises(CohortError, match=message):
        read_table(saved(tmp_path, text))


def test_a_single_quote_sign_in_a_cell_is_no_open_quote(tmp_path):
    assert read_table(saved(tmp_path, 'a,b\n5" coil,1\n'))["a"].tolist() == ['5" coil']


# Workbooks --------------------------------------------------------------------------

ROWS = [
    ["Patient", "Größe", "Text", "Datum", "ok", "leer"],
    ["007", 1.5, "2,5", datetime.date(2020, 1, 31), True, None],
    [],
    [8, 2, "1.234,5", None, False, "k.A."],
]


@pytest.mark.parametrize("sheet", ["", "#Läsionen", "#läsionen"])
def test_a_workbook_of_excel(tmp_path, sheet):
    path = write_xlsx(tmp_path / "t.xlsx", {"Läsionen": ROWS, "leer": []})
    table = read_table(f"{path}{sheet}", ["patient"])
    assert read_header(f"{path}{sheet}") == ROWS[0]
    assert table.index.tolist() == [2, 4]
    assert table["Patient"].tolist() == ["007", "8"]
    assert table["Größe"].tolist() == [1.5, 2]
    assert table["Text"].tolist() == [2.5, 1234.5]  # numbers that were stored as text
    assert table["Datum"][2] == "2020-01-31"
    assert table["ok"].tolist() == [True, False]
    assert pd.isna(table["leer"][2]) and table["leer"][4] == "k.A."


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_texts_that_are_no_value_are_empty_in_their_column_alone(tmp_path, kind):
    cells = [["id", "age", "sex"], ["k.A.", "k.A. ", "?"], ["2", 61.5, "k.A."]]
    path = tmp_path / f"t.{kind}"
    if kind == "xlsx":
        write_xlsx(path, {"a": cells})
    else:
        rows = (";".join(str(c).replace(".5", ",5") for c in row) for row in cells)
        path.write_text("\n".join(rows), encoding="utf-8")
    table = read_table(path, ["id"], empty={"age": {"k.A."}, "sex": {"?"}})
    assert table["age"].dtype == float
    assert table["age"].fillna(-1).tolist() == [-1, 61.5]
    assert table["sex"].isna().tolist() == [True, False]
    assert table["sex"].tolist()[1] == "k.A."
    assert table["id"].tolist() == ["k.A.", "2"]


def test_a_workbook_of_libreoffice(tmp_path):
    path = write_ods(tmp_path / "t.ods", {"A": [["a", "b"], ["x", 1.5], ["y", 2.0]]})
    assert read_table(path).to_dict("list") == {"a": ["x", "y"], "b": [1.5, 2]}


def test_several_sheets_are_a_question_and_hidden_ones_are_not(tmp_path):
    sheets = {"A": [["a"], [1]], "B": [["b"], [2]]}
    path = write_xlsx(tmp_path / "t.xlsx", sheets)
    with pytest.raises(CohortError, match=r"2 sheets: 'A', 'B'.*'t\.xlsx#A'"):
        read_table(path)
    with pytest.raises(CohortError, match="has no sheet 'C'; it has 'A', 'B'"):
        read_table(f"{path}#C")
    assert read_table(f"{path}#B")["b"].tolist() == [2]
    write_xlsx(path, sheets, hidden=["B"])
    assert read_table(path)["a"].tolist() == [1]


SPANNED = (
    '<table:table-cell office:value-type="string" table:number-columns-spanned="2">'
    "<text:p>Reader</text:p></table:table-cell>"
)


def test_merged_cells_are_refused_by_their_names(tmp_path):
    rows = [["id", "Reader", None], ["id", "a", "b"], ["1", 2, 3]]
    path = write_xlsx(tmp_path / "t.xlsx", {"A": rows}, merged=["B1:C1"])
    with pytest.raises(CohortError, match="the cells B1:C1 of sheet 'A' are merged"):
        read_table(path)
    rows[0] = ["id", SPANNED, "<table:covered-table-cell/>"]
    path = write_ods(tmp_path / "t.ods", {"B": [["x"]], "A": rows})
    with pytest.raises(CohortError, match="the cells B1:C1 of sheet 'A' are merged"):
        read_table(f"{path}#A")
    below = write_xlsx(tmp_path / "b.xlsx", {"A": [["id"], ["1"]]}, merged=["A3:B3"])
    assert len(read_table(below)) == 1


HIDDEN = "sheet 'A' hides "


def test_rows_that_a_filter_hides_are_refused_by_their_numbers(tmp_path):
    rows = [["id", "age"], *([str(i), 50 + i] for i in range(12)), [None, None]]
    path = tmp_path / "t.xlsx"
    gaps = [*rows[:2], ["x", None], *rows[3:6], [None, None], *rows[7:]]
    write_xlsx(path, {"A": gaps}, hidden_rows=[3, 5, 7, 14, 20])
    with pytest.raises(CohortError, match=HIDDEN + r"2 rows \(3, 5\), by a filter"):
        read_table(path)
    write_xlsx(path, {"A": rows}, hidden_rows=[1])
    with pytest.raises(CohortError, match=HIDDEN + r"a row \(1\)"):
        read_header(path)
    write_xlsx(path, {"A": rows}, hidden_rows=range(3, 13))
    with pytest.raises(CohortError, match=r"10 rows \(3, 4, 5, .*, 10 and 2 more\)"):
        read_table(path)
    write_xlsx(path, {"A": rows, "B": rows}, hidden_rows=[3])
    assert len(read_table(f"{path}#B")) == 12
    with pytest.raises(CohortError, match=HIDDEN):
        read_table(f"{path}#A")
    write_xlsx(path, {"A": rows}, hidden_rows=[14])  # which is empty
    assert len(read_table(path)) == 12


@pytest.mark.parametrize("by", ["filter", "collapse"])
def test_rows_that_libreoffice_hides_are_refused_too(tmp_path, by):
    rows = [["id", "age"], ["a", 50], ["b", 60], ["c", 70]]
    twice = ' table:number-rows-repeated="2"'
    unseen = {
        2: twice,
        3: f' table:visibility="{by}"',
        4: ' table:visibility="visible"',
    }
    path = write_ods(tmp_path / "t.ods", {"A": rows}, unseen)
    with pytest.raises(CohortError, match=HIDDEN + r"a row \(4\)"):
        read_table(path)
    path = write_ods(tmp_path / "t.ods", {"A": rows}, {2: unseen[3] + twice})
    with pytest.raises(CohortError, match=HIDDEN + r"2 rows \(2, 3\)"):
        read_table(path)
    path = write_ods(tmp_path / "t.ods", {"B": rows, "A": rows}, unseen)
    with pytest.raises(CohortError, match=HIDDEN):
        read_table(f"{path}#A")
    path = write_ods(tmp_path / "t.ods", {"A": rows}, {2: twice, 4: unseen[4]})
    assert read_table(path)["age"].tolist() == [50, 50, 60, 70]


def edited(path, part, before, after):
    """Write a part of a workbook anew."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert before in parts[part]
    parts[part] = parts[part].replace(before, after)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_of_a_book_with_parts_of_other_names_no_row_is_known_to_be_hidden(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", {"A": [["id"], ["a"]]}, hidden_rows=[2])
    content = path.read_bytes()
    assert hidden_rows(content, "A", 2) == [2] and hidden_rows(content, "B", 2) == []
    links = "xl/_rels/workbook.xml.rels"
    edited(path, links, b'Target="worksheets/sheet1', b'Target="worksheets/Sheet1')
    assert hidden_rows(path.read_bytes(), "A", 2) == []


def test_hidden_rows_are_found_however_a_program_writes_them(tmp_path):
    path, sheet = tmp_path / "t.xlsx", "xl/worksheets/sheet1.xml"
    table = {"R&D's": [["id", "age"], ["a", 50], ["b", 60]]}
    for part, before, after in [
        (sheet, b'<row r="3" hidden="1">', b"<row hidden='true' r='3'>"),
        (sheet, b'<row r="3" hidden', b"<row hidden"),
        (sheet, b"<row r=", b"<row spans="),
        ("xl/_rels/workbook.xml.rels", b'"worksheets/', b'"/xl/worksheets/'),
        ("xl/workbook.xml", b"<sheet ", b'<sheet tab="1" '),
    ]:
        write_xlsx(path, table, hidden_rows=[3])
        edited(path, part, before, after)
        with pytest.raises(CohortError, match=r"'R&D's' hides a row \(3\)"):
            read_table(path)


def test_workbooks_that_cannot_be_read(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(CohortError, match="cannot be read as a workbook"):
        read_table(path)
    write_xlsx(path, {"A": []})
    with pytest.raises(CohortError, match="has no sheet that holds something"):
        read_table(path)
    write_xlsx(path, {"A": [["a", "b"], [1, 2, 3]]})
    with pytest.raises(CohortError, match="as a table: row 2 has 3 cells, the header"):
        read_table(path)
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(CohortError, match="damaged workbook"):
        read_table(path)
    text = saved(tmp_path, "a,b\n1,2\n")
    with pytest.raises(CohortError, match="names the sheet 'A', and the file is no w"):
        read_table(f"{text}#A")


def test_a_cell_far_out_does_not_fill_the_memory(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", {"A": [["a"], [1]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b'r="A2"', b'r="XFD1048576"')
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    with pytest.raises(CohortError, match="17179869184 cells up to the last"):
        read_table(path)
    many = (
        '<table:table-cell table:number-columns-repeated="99999999" '
        'office:value-type="float" office:value="1"/>'
    )
    path = write_ods(tmp_path / "t.ods", {"A": [["a"], [many]]})
    with pytest.raises(CohortError, match="100000000 cells up to the last"):
        read_table(path)


# Cohorts ----------------------------------------------------------------------------


def test_names_of_columns_are_taken_loosely(tmp_path):
    text = "Lesion;Image;Mask Anna;mask-Ben;image ben\n1;i.dcm;a.png;b.png;j.dcm\n"
    table = read_cohort(saved(tmp_path, text))
    names = ["Lesion", "image", "mask_Anna", "mask_Ben", "image_Ben"]
    assert table.columns.tolist() == names


def test_a_table_that_is_right_is_taken_by_the_letter():
    header = ["image", "mask_anna", "Mask quality", "Image", "image date"]
    assert image_names(header) == {}


def test_a_near_miss_is_named(tmp_path):
    with pytest.raises(CohortError, match="no mask column.*Did you mean 'MaskAnna'?"):
        read_cohort(saved(tmp_path, "image,MaskAnna\na.dcm,b.png\n"))
    path = saved(tmp_path, "image,mask,Out come\na.dcm,b.png,1\n")
    with pytest.raises(CohortError, match="Did you mean 'Out come'?"):
        read_cohort(path, columns=["outcome"])


def test_paths_of_windows(tmp_path, monkeypatch):
    text = "image,mask\nimages\\a.dcm,m\\b.seg.nrrd#x\\y\n"
    table = read_cohort(saved(tmp_path, text))
    assert table["image"][2] == str(tmp_path / "images" / "a.dcm")
    assert table["mask"][2] == str(tmp_path / "m" / "b.seg.nrrd") + "#x\\y"
    (tmp_path / "c\\d.dcm").touch()
    path = saved(tmp_path, "image,mask\nc\\d.dcm,b.png\n")
    assert read_cohort(path)["image"][2] == str(tmp_path / "c\\d.dcm")
    path = saved(tmp_path, "image,mask\na,b\nC:\\data\\a.dcm,b.png\n")
    message = r"column 'image' holds 'C:.*' in row 3, a path of a drive of Windows"
    with pytest.raises(CohortError, match=message) as caught:
        read_cohort(path)
    assert caught.value.row == 3
