"""Cohort tables in CSV."""

import os

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import as_lesions, read_cohort
from sklearn_orn.testing.image_checks import write_cohort

ROWS = [
    ["image", "mask_A", "mask_B", "lesion", "patient", "age", "ratio"],
    ["i/1.dcm", "m/1.png", "m/1.dcm#GTV", "L1", "007", "61", "0.5"],
    ["i/2.dcm", "m/2.png", "", "L2", "008", "", "1.25"],
]


def write(tmp_path, rows=ROWS, separator=",", encoding="utf-8", newline="\n"):
    path = tmp_path / "cohort.csv"
    text = newline.join(separator.join(row) for row in rows) + newline
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_separators_and_encodings(tmp_path, separator, encoding, newline):
    table = read_cohort(write(tmp_path, ROWS, separator, encoding, newline))
    assert list(table.columns) == ROWS[0]
    assert table["image"][2] == os.path.join(tmp_path, "i/1.dcm")
    assert table["mask_B"][2] == os.path.join(tmp_path, "m/1.dcm#GTV")
    assert pd.isna(table["mask_B"][3])
    assert table["patient"].tolist() == ["007", "008"]
    assert table["age"][2] == 61 and np.isnan(table["age"][3])
    assert table["ratio"].tolist() == [0.5, 1.25]
    assert as_lesions(table)[1].readers == ("A",)


def test_decimal_commas(tmp_path):
    rows = [
        [cell.replace(".5", ",5").replace(".25", ",25") for cell in r] for r in ROWS
    ]
    assert read_cohort(write(tmp_path, rows, ";"))["ratio"].tolist() == [0.5, 1.25]


def test_spaces_blank_lines_and_empty_columns_of_excel(tmp_path):
    rows = [[f" {cell} " for cell in row] + ["", " "] for row in ROWS]
    rows[2:2] = [[""], [""] * 9]
    table = read_cohort(write(tmp_path, rows))
    assert list(table.columns) == ROWS[0]
    assert table.index.tolist() == [2, 5]
    assert table["lesion"].tolist() == ["L1", "L2"]
    assert table["image"][5] == os.path.join(tmp_path, "i/2.dcm")


def test_absolute_paths_stay(tmp_path):
    rows = [["image", "mask"], [str(tmp_path / "a.dcm"), "b.png"]]
    table = read_cohort(write(tmp_path, rows))
    assert table["image"][2] == str(tmp_path / "a.dcm")
    assert table["mask"][2] == str(tmp_path / "b.png")


def test_quoted_cells(tmp_path):
    rows = [["image", "mask", "note"], ['"a, b.dcm"', "b.png", '"x ""y"""']]
    table = read_cohort(write(tmp_path, rows))
    assert table["image"][2] == str(tmp_path / "a, b.dcm")
    assert table["note"][2] == 'x "y"'


def test_relative_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkdir("data")
    (tmp_path / "data" / "c.csv").write_text("image,mask\na.dcm,a.png\n")
    assert read_cohort("data/c.csv")["image"][2] == os.path.join("data", "a.dcm")


def test_a_written_cohort_reads(tmp_path):
    write_cohort(tmp_path).map(os.path.basename).to_csv(tmp_path / "c.csv", index=False)
    regions = as_lesions(read_cohort(tmp_path / "c.csv"))[3].read()
    assert regions[""].mask.any()


def changed(row, column, cell):
    rows = [list(cells) for cells in ROWS]
    rows[row][column] = cell
    return rows


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "the table is empty"),
        (ROWS[:1], "a header and no row"),
        (changed(0, 0, "picture"), "no column 'image'"),
        (
            changed(0, 5, "lesion"),
            "two columns of one name: 'lesion', in the cells D1 and F1",
        ),
        (changed(0, 5, ""), "an unnamed column: the cell F1 of the header is empty"),
        (changed(2, 3, "L1"), "column 'lesion' holds 'L1' in rows 2, 3"),
        ([*ROWS, ["a", "b"]], "row 4 has 2 cells, the header has 7"),
        ([*ROWS, ["a"] * 8], "row 4 has 8 cells, the header has 7"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, rows, message):
    path = write(tmp_path, rows)
    with pytest.raises(CohortError, match=message) as caught:
        read_cohort(path)
    assert str(path) in str(caught.value)


def test_further_columns(tmp_path):
    path = write(tmp_path)
    assert len(read_cohort(path, columns=["patient", "ratio"])) == 2
    with pytest.raises(
        CohortError, match="no column 'outcome'; its columns are 'image'"
    ):
        read_cohort(path, columns=["outcome"])
    with pytest.raises(CohortError, match="column 'age' is empty in row 3;"):
        read_cohort(path, columns=["age"])


def test_files_that_are_no_table(tmp_path):
    with pytest.raises(CohortError, match="cannot be opened: No such file"):
        read_cohort(tmp_path / "none.csv")
    for content in (
        b"PK\x03\x04\xff\xfe\0\0",
        "image,mask\nJürgen.dcm,b\n".encode("cp850"),
        "image,mask\nJürgen.dcm,b\n".encode("mac-roman"),
    ):
        (tmp_path / "c.csv").write_bytes(content)
        with pytest.raises(CohortError, match="not a text file in UTF-8; .*CSV UTF-8"):
            read_cohort(tmp_path / "c.csv")


def test_missing_lesion_ids_are_no_duplicates(tmp_path):
    rows = [list(row) for row in ROWS]
    rows[1][3] = rows[2][3] = ""
    assert read_cohort(write(tmp_path, rows))["lesion"].isna().all()
