"""Rows, headers and cells of tables: none is lost, doubled or taken for another."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn._io import tables
from sklearn_orn._io.tables import find_separator, read_header, read_table, table_file
from sklearn_orn.exceptions import CohortError
from tests._workbooks import write_xlsx


def saved(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def columns(tmp_path, text, *arguments, **keywords):
    return read_table(saved(tmp_path, text), *arguments, **keywords).to_dict("list")


# Separators -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a, mm;b\n1;2\n", ";"),
        ("a, b, mm;c\n1;2\n", ";"),
        ("a, mm; b, mm; c\n1;2;3\n", ";"),
        ('"a;b;c",d\n1,2\n', ","),
        ("\n  \na;b\n1;2\n", ";"),
        ("Title\na;b\n1;2\n", ";"),
        ("a,b;c\n1;2\n", ";"),
        ("a;b,c\n1,2\n", ","),
        ("a;b;c,d\n1;2\n", ";"),
        ("a\n1\n", ","),
        ("a;b", ";"),
        ("SEP=\t\na,b\tc\n", "\t"),
        ("sep=|\na;b\n1;2\n", ";"),
    ],
)
def test_the_separator_that_both_rows_have(text, separator):
    assert find_separator(text)[0] == separator


def test_the_line_about_the_separator_is_no_row():
    assert find_separator("sep=;\r\na;b\n1;2") == (";", "a;b\n1;2")
    assert find_separator("sep=;") == (";", "")


# Size -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limits", "found"),
    [
        ("a,b,c\n1,2,3", (3, 2, 6), None),
        ("a,b,c\n1,2,3", (2, 9, 99), "3 columns, 2 rows and 6 cells"),
        ("a,b,c\n1,2,3", (9, 1, 99), "3 columns, 2 rows and 6 cells"),
        ("a,b,c\n1,2,3", (9, 9, 5), "3 columns, 2 rows and 6 cells"),
        (",b\n1,2", (1, 9, 99), "2 columns, 2 rows and 4 cells"),
        ("a,b,c", (2, 9, 99), "3 columns, 1 rows and 3 cells"),
        ("\na,b,c\n1,2,3", (1, 9, 99), None),  # the header is counted below
    ],
)
def test_as_many_cells_as_a_table_may_have(tmp_path, monkeypatch, text, limits, found):
    for name, limit in zip(("COLUMNS", "ROWS", "CELLS"), limits, strict=True):
        monkeypatch.setattr(tables, f"MAX_{name}", limit)
    path = saved(tmp_path, text)
    if found is None:
        assert read_header(path) == ["a", "b", "c"]
        return
    with pytest.raises(CohortError, match=f"has {found}, more than"):
        read_header(path)


def test_limits_of_tables():
    found = tables.MAX_COLUMNS, tables.MAX_ROWS, tables.MAX_CELLS
    assert found == (100_000, 1_000_000, 33_554_432)


# Headers ----------------------------------------------------------------------------


def test_cells_that_excel_leaves_behind_the_header(tmp_path):
    table = read_table(saved(tmp_path, "a;b;;\n1;2;;\n3;4;\n"))
    assert table.to_dict("list") == {"a": [1, 3], "b": [2, 4]}
    with pytest.raises(CohortError, match="row 3 has 4 cells, the header has 2"):
        read_table(saved(tmp_path, "a;b;;\n1;2;;\n3;4;;5\n"))


def test_the_first_column_may_have_no_name(tmp_path):
    """R writes the names of rows there."""
    assert columns(tmp_path, '"","a"\n"1",5\n') == {"": [1], "a": [5]}
    with pytest.raises(CohortError, match="the cell C1 of the header is empty"):
        read_header(saved(tmp_path, '"","a","","b"\n'))


def test_a_header_below_blank_rows_names_its_cells(tmp_path):
    with pytest.raises(CohortError, match="'a', in the cells B3 and D3"):
        read_table(saved(tmp_path, ";;;\n\nx;a;y;a\n1;2;3;4\n"))
    table = read_table(saved(tmp_path, ";;\n\nx;a;y\n1;2;3\n"))
    assert table.index.tolist() == [4]


@pytest.mark.parametrize("text", ["", "\n\n", ";;\n ; ;\n"])
def test_a_file_without_a_header(tmp_path, text):
    with pytest.raises(CohortError, match="the table is empty; expected a header"):
        read_table(saved(tmp_path, text))


def test_an_index_that_r_wrote_without_a_name_is_told(tmp_path):
    with pytest.raises(CohortError, match="header has 2 cells, the row below 3. Fr"):
        read_table(saved(tmp_path, "a,b\n1,2,3\n"))
    with pytest.raises(CohortError, match="row 3 has 3 cells, the header has 2"):
        read_table(saved(tmp_path, "a,b\n1,2\n1,2,3\n"))
    with pytest.raises(CohortError, match="row 2 has 4 cells, the header has 2"):
        read_table(saved(tmp_path, "a,b\n1,2,3,4\n"))


# Rows -------------------------------------------------------------------------------


def test_empty_rows_are_left_out_where_lesions_are_named(tmp_path):
    for text in ("lesion,b\nx,1\n,\ny,2\n", "image,b\nx,1\n,\n\ny,2\n"):
        table = read_table(saved(tmp_path, text))
        assert table.index.tolist() == [2, 4 + text.count("\n\n")]
        assert table["b"].tolist() == [1, 2]


def test_undefined_features_are_a_row_where_none_is_named(tmp_path):
    table = read_table(saved(tmp_path, "f,g\n1,2\n,\n\n3,4\n"))
    assert table.index.tolist() == [2, 3, 5]
    assert table["f"].fillna(-1).tolist() == [1, -1, 3]
    table = read_table(saved(tmp_path, 'f\n1\n \n""\n3\n'))
    assert table.index.tolist() == [2, 3, 4, 5]
    assert table["f"].fillna(-1).tolist() == [1, -1, -1, 3]


def test_a_table_of_empty_rows_holds_none(tmp_path):
    with pytest.raises(CohortError, match="holds no row: found a header"):
        read_table(saved(tmp_path, "lesion,b\n,\n\n"))


def test_a_cell_with_a_line_break_is_one_cell(tmp_path):
    table = read_table(saved(tmp_path, 'lesion,b\n"x\ny",1\nz,2\n'))
    assert table["lesion"].tolist() == ["x\ny", "z"]
    assert table.index.tolist() == [2, 3]


def test_quotes_in_cells_are_closed(tmp_path):
    assert columns(tmp_path, 'a,b\nx "y",1\n')["a"] == ['x "y"']
    assert columns(tmp_path, 'a,b\n"x ""y""", 1\n') == {"a": ['x "y"'], "b": [1]}
    assert columns(tmp_path, 'a, b\n1, "x, y"\n') == {"a": [1], "b": ["x, y"]}


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('a,b\n1,"2\n3,4\n5,"6"\n7,8\n', 2),
        ('a,b\n1,2\n1,"2\n3,"4"\n5,6\n', 3),
        ('a,b\n"x" y,1\n1,"2\n3,"4\n5,6\n', 3),
        ('a,b\n1,2\n3,"4\n5,6\n', 3),
        ('a, b\n1, "2\n3, "4"\n5, 6\n', 2),
    ],
)
def test_a_quote_that_would_swallow_rows_is_refused(tmp_path, text, row):
    """Closed by the quote of another row, it makes one cell of all between."""
    with pytest.raises(CohortError, match=f"a quote is opened .*in row {row}"):
        read_table(saved(tmp_path, text))


def test_what_follows_a_quote_in_its_row_is_of_the_cell(tmp_path):
    assert columns(tmp_path, 'a,b\n"x" y,1\n"u\nv",2\n')["a"] == ["x y", "u\nv"]


# Cells ------------------------------------------------------------------------------


def test_texts_keep_their_blanks_unless_they_are_stripped(tmp_path):
    text = "lesion;b\n x ;1\n"
    assert columns(tmp_path, text)["lesion"] == ["x "]
    assert columns(tmp_path, text, strip=True)["lesion"] == ["x"]
    for strip, text in ((False, " x "), (True, "x")):
        table = tables._of_cells([[" x ", 1]], ["lesion", "b"], set(), strip)
        assert table["lesion"].tolist() == [text]


def test_one_id_with_a_zero_in_front_makes_texts_of_all(tmp_path):
    found = columns(tmp_path, "Fall-Nr;mrn;age\n12;12;012\n007;7;7\n;8;8\n")
    assert found["Fall-Nr"][:2] == ["12", "007"]
    assert pd.isna(found["Fall-Nr"][2])
    assert found["mrn"] == [12, 7, 8]
    assert found["age"] == [12, 7, 8]


def test_ids_of_points_stay_what_they_are(tmp_path):
    assert columns(tmp_path, "pid;a\n1.5;2\n2.25;3\n")["pid"] == [1.5, 2.25]


def test_points_between_thousands_beside_semicolons(tmp_path):
    assert columns(tmp_path, "a;b\n1.234;0,5\n2.500;1,5\n")["a"] == [1234, 2500]
    with pytest.raises(CohortError, match="column 'a' holds '1.234' in row 2"):
        read_table(saved(tmp_path, "a;b\n1.234;x\n12;y\n"))
    assert columns(tmp_path, "a,b\n1.234,x\n12,y\n")["a"] == [1.234, 12]


@pytest.mark.parametrize("cells", ["0.5,2.25", "2,0.25", "-1.5,3.75"])
def test_a_column_with_decimals_tells_of_commas(tmp_path, cells):
    first, second = cells.split(",")
    text = f'a,b,c\n"1,234",{first},2\n987,{second},3\n'
    assert columns(tmp_path, text)["a"] == [1234, 987]


def test_whole_floats_tell_nothing_of_commas(tmp_path):
    """An empty cell makes floats of whole numbers."""
    with pytest.raises(CohortError, match="column 'a' holds '1,234' in row 2"):
        read_table(saved(tmp_path, 'a,b\n"1,234",3\n987,\n'))


def test_a_column_of_numbers_and_a_word_stays_text(tmp_path):
    assert columns(tmp_path, "a;b\n1,5;2\nx;3\n")["a"] == ["1,5", "x"]


def test_empty_cells_do_not_make_texts_of_numbers(tmp_path):
    rows = [["a", "b"], ["1.234,5", "1,5"], [None, "x"], ["2,5", None]]
    table = read_table(write_xlsx(tmp_path / "t.xlsx", {"A": rows}))
    assert table["a"].fillna(-1).tolist() == [1234.5, -1, 2.5]
    assert table["b"].fillna("").tolist() == ["1,5", "x", ""]
    path = write_xlsx(tmp_path / "t.xlsx", {"A": [["a"], [1], ["2,5"]]})
    assert read_table(path)["a"].tolist() == [1, 2.5]


def test_numbers_of_a_workbook_beside_texts_of_numbers(tmp_path):
    rows = [["a", "b", "c"], [1.5, "x", None], ["2,5", 2, True], [None, "y", "no"]]
    table = read_table(write_xlsx(tmp_path / "t.xlsx", {"A": rows}))
    assert table["a"].dtype == float
    assert table["a"].fillna(-1).tolist() == [1.5, 2.5, -1]
    assert table["b"].tolist() == ["x", 2, "y"]
    assert table["c"].tolist()[1:] == [True, "no"]
    rows = [["a", "b"], [1, "x"], [None, "y"], [3, None]]
    table = read_table(write_xlsx(tmp_path / "v.xlsx", {"A": rows}))
    assert table["a"].dtype == float
    assert table["a"].fillna(-1).tolist() == [1, -1, 3]
    truth = write_xlsx(tmp_path / "u.xlsx", {"A": [["a"], [True], ["2,5"]]})
    assert read_table(truth)["a"].tolist() == [True, "2,5"]


def test_columns_of_a_workbook_by_what_they_hold(tmp_path):
    rows = [["id", "n", "x", "e", "t"], [7, 1, 0.5, "NA", "a"], [None, 2, 1, None, "b"]]
    path = write_xlsx(tmp_path / "t.xlsx", {"A": rows})
    table = read_table(path, ["ID"])
    assert table["id"].fillna("").tolist() == ["7", ""]
    assert table["n"].tolist() == [1, 2]
    assert [table[name].dtype.kind for name in "nxe"] == ["i", "f", "f"]
    assert table["e"].isna().all()
    assert table.index.tolist() == [2, 3]


def test_texts_that_mean_no_value_by_column(tmp_path):
    empty = {"age": {"k.A.", "?"}}
    found = columns(tmp_path, "age;sex\nk.A.;?\n ? ;k.A.\n61;m\n", empty=empty)
    assert np.isnan(found["age"][:2]).all() and found["age"][2] == 61
    assert found["sex"] == ["?", "k.A.", "m"]


def test_one_kind_for_a_long_column():
    """Read in pieces, a long column would be of numbers above and of texts below."""
    body = b"7,1\r\n" * 300_000 + b"x,1\r\n"
    table = tables._of_text(body, ["a", "b"], set(), "t.csv")
    assert set(table["a"]) == {"7", "x"}


def test_a_sheet_is_no_part_of_the_file(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", {"A": [["a"], [1]]})
    assert table_file(f"{path}#A") == path
    assert table_file(path) == path


# Parquet ----------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path, monkeypatch):
    """Return a path from which a frame is read as pyarrow would read it."""

    def write(frame):
        path = saved(tmp_path, "PAR1", "t.parquet")
        monkeypatch.setattr(tables, "parquet_table", lambda *_, **__: frame.copy())
        monkeypatch.setattr(tables, "parquet_header", lambda *_: list(frame.columns))
        return path

    return write


def test_columns_of_parquet_keep_their_kinds(parquet):
    frame = pd.DataFrame(
        {
            "Lesion": [7, 12],
            "n": [1, 2],
            "x": [0.5, np.nan],
            "t": pd.Series([" a ", None], dtype=object),
            "sex": pd.Series(["k.A.", "m "], dtype=object),
        }
    )
    path = parquet(frame)
    assert read_header(path) == ["Lesion", "n", "x", "t", "sex"]
    table = read_table(path, ["lesion"])
    assert table.index.tolist() == [2, 3]
    assert table["Lesion"].tolist() == ["7", "12"]
    assert [table[name].dtype.kind for name in "nx"] == ["i", "f"]
    assert table["t"].tolist() == [" a ", None]
    assert table["sex"].tolist() == ["k.A.", "m "]
    table = read_table(path, strip=True, empty={"sex": {"k.A."}})
    assert table["Lesion"].tolist() == [7, 12]
    assert table["t"].tolist() == ["a", None]
    assert table["sex"].tolist() == [None, "m"]


def test_parquet_that_is_no_table(parquet):
    with pytest.raises(CohortError, match="holds no row"):
        read_table(parquet(pd.DataFrame({"a": []})))
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(CohortError, match="'a', in the cells A1 and B1"):
        read_table(parquet(twice))
