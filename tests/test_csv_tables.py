"""Tables as Excel, R and others write them, read to the last bit."""

import bz2
import csv
import gzip
import lzma
import tracemalloc
import zipfile
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn._io.table_bytes import MAX_BYTES
from sklearn_orn._io.tables import read_header, read_table
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from sklearn_orn.study.shared import write_csv
from tests._examples import examples


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_separators_marks_and_newlines(tmp_path, separator, mark, newline):
    rows = [["lesion", '"a name, or; two"', "Sigma "], ["007", "x", "1.5"]]
    text = newline.join(separator.join(row) for row in rows)
    path = tmp_path / "table.csv"
    path.write_bytes(mark + text.encode())
    table = read_table(path, ["lesion", "patient"])
    assert table.columns.tolist() == ["lesion", "a name, or; two", "Sigma"]
    assert table.iloc[0].tolist() == ["007", "x", 1.5]
    assert read_header(path) == table.columns.tolist()


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_decimal_comma(tmp_path, separator):
    path = tmp_path / "table.csv"
    cells = [["lesion", "a", "b"], ["1,5", "1,5", "2"], ["2", "-0,25", "3"]]
    path.write_text("\n".join(separator.join(row) for row in cells))
    table = read_table(path, ["lesion"])
    assert table["lesion"].tolist() == ["1,5", "2"]
    assert table["a"].tolist() == [1.5, -0.25]
    assert table["b"].tolist() == [2, 3]


def test_a_compressed_table(tmp_path):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"a;b\n1;2\n"))
    assert read_table(path).to_numpy().tolist() == [[1, 2]]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
@examples(50)
def test_numbers_come_back_to_the_last_bit(tmp_path_factory, values):
    """A feature that changes in its file would change the model's probability."""
    path = tmp_path_factory.mktemp("table") / "table.csv"
    pd.DataFrame({"Sigma": values}).to_csv(path, index=False)
    np.testing.assert_array_equal(read_table(path)["Sigma"], values)


def test_a_number_that_fast_parsers_round(tmp_path):
    """Found by hypothesis: pandas below 3.1 reads another last bit."""
    path = tmp_path / "table.csv"
    path.write_text("GrVariance\n1.1547005383792517\n")
    assert read_table(path)["GrVariance"][2] == 1.1547005383792517


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read as CSV"),
        (b"\xff\xfe\x00", "is not a text file in UTF-8"),
        (b"a,b\n", "holds no row"),
        (b"a, a\n1,2\n", "has two columns of one name"),
        (
            b"a,b\n0,2,3\n1,4,5\n",
            "cannot be read as CSV: its header has 2 cells, the row",
        ),
        (b"a,b\n2,3\n1,4,5\n", "cannot be read as CSV"),
        (b'a,b\n"1,2', "cannot be read as CSV"),
    ],
)
def test_no_table(tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(CohortError, match=rf"table\.csv' {message}"):
        read_table(path)


@pytest.mark.parametrize("name", ["nowhere.csv", "cut.csv.gz", "none.csv.gz"])
def test_a_file_that_cannot_be_opened(tmp_path, name):
    if name == "cut.csv.gz":
        (tmp_path / name).write_bytes(gzip.compress(b"a,b\n1,2\n" * 100)[:-9])
    if name == "none.csv.gz":
        (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    with pytest.raises(CohortError, match="cannot be opened"):
        read_table(tmp_path / name)


PACK = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": partial(lzma.compress, preset=0),  # a small dictionary
}


@pytest.mark.parametrize("ending", ["", *PACK])
def test_a_table_that_fills_the_memory_is_not_unpacked(tmp_path, monkeypatch, ending):
    """It is left as soon as it is larger than any table."""
    limit = 2**20
    monkeypatch.setattr("sklearn_orn._io.table_bytes.MAX_BYTES", limit)
    path = tmp_path / f"bomb.csv{ending}"
    content = b"lesion,f0\n" + b"0" * 2**24
    path.write_bytes(PACK.get(ending, bytes)(content))
    for read in (read_table, read_header, read_cohort):
        tracemalloc.start()
        with pytest.raises(
            CohortError, match=r"bomb\.csv.*holds more than 1 MiB of te"
        ):
            read(path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 6 * limit
    assert MAX_BYTES == 2**28


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"$FL2@(#) SPSS DATA FILE\0\2\0\0", "a data file of SPSS"),
        (b"RDX3\nX\n\0\0\0", "a data file of R"),
        (b"<stata_dta><header><release>118", "a data file of Stata"),
        (b"%PDF-1.7\na,b\n1,2", "a PDF"),
        (b"<HTML><table><tr><td>a</td></tr></table></HTML>", "a web page"),
        (b"<!DOCTYPE html>\n<table></table>", "a web page"),
    ],
)
def test_tables_of_other_programs_are_named(tmp_path, content, what):
    path = tmp_path / "t.xls"  # as hospitals call web pages
    path.write_bytes(content)
    with pytest.raises(CohortError, match=f"t.xls' is {what}; expected CSV or a work"):
        read_table(path)


@pytest.mark.parametrize(
    "content",
    [b"," * 10**5 + b"\n1\n", b"a\n" * (10**6 + 1), b"a;b\n" + b";" * (2**25 + 9)],
)
def test_more_cells_than_a_table_has(tmp_path, content):
    path = tmp_path / "wide.csv.gz"
    path.write_bytes(gzip.compress(content))
    for read in (read_table, read_cohort):
        with pytest.raises(CohortError, match=r"wide\.csv\.gz' has \d+ columns, \d+ r"):
            read(path)


@pytest.mark.parametrize("name", ["rda", "RDX", "rdx2", "RDA3", "X"])
def test_columns_called_like_other_files_begin(tmp_path, name):
    path = tmp_path / "t.csv"
    path.write_text(f"{name},b\n1,2\n", encoding="utf-8")
    assert read_table(path).to_dict("list") == {name: [1], "b": [2]}


def test_data_that_r_has_packed_are_called_so(tmp_path):
    path = tmp_path / "t.RData"
    path.write_bytes(gzip.compress(b"RDX3\nX\n\0\0\0"))
    with pytest.raises(CohortError, match=r"a data file of R; .*write.csv\(row.names"):
        read_table(path)


def test_other_archives_are_named(tmp_path):
    path = tmp_path / "table.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", "a,b\n1,2\n" * 99)
    packed = {
        b"": "a ZIP file or an Excel workbook",
        b"\x28\xb5\x2f\xfd\xff\xff": "packed by zstd",
        gzip.compress(b"a\n1\n"): "packed by gzip, and its name does not end in .gz",
        bz2.compress(b"a\n1\n"): "packed by bzip2",
        lzma.compress(b"a\n1\n"): "packed by xz",
    }
    for content, words in packed.items():
        path.write_bytes(content or path.read_bytes())
        with pytest.raises(
            CohortError, match=f"not a text file in UTF-8; it is.*{words}"
        ):
            read_table(path)


RUN = (
    "=1+1",
    "+A1",
    "-A1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=cmd|' /C calc'!A0",
    "\uff1d1",
)


def test_a_spreadsheet_runs_no_cell(tmp_path):
    path = tmp_path / "table.csv"
    table = pd.DataFrame({"lesion": RUN, "=HYPERLINK(1)": -1.5, "n": "-2.5"})
    write_csv(path, table)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["lesion", "'=HYPERLINK(1)", "n"]
    assert [row[0] for row in rows[1:]] == [f"'{cell}" for cell in RUN]
    assert {tuple(row[1:]) for row in rows[1:]} == {("-1.5", "-2.5")}
    found = read_table(path, ["lesion"])
    assert found["=HYPERLINK(1)"].tolist() == [-1.5] * len(RUN)
    assert found["lesion"].tolist() == list(RUN)


CELLS = st.text(st.sampled_from("'=+-@\t 1.5a,;\"") | st.characters(codec="utf-8"))


@given(st.lists(CELLS.filter(str.strip), min_size=1))
@examples(80)
def test_text_comes_back_and_none_is_run(tmp_path_factory, cells):
    """Reading undoes writing, so that ids of tables still fit together."""
    cells = [cell for cell in cells if "\0" not in cell] or ["a"]
    path = tmp_path_factory.mktemp("table") / "table.csv"
    write_csv(path, pd.DataFrame({"n": 1, "lesion": cells}))
    with path.open(encoding="utf-8", newline="") as file:
        written = [row[1] for row in csv.reader(file)][1:]
    for cell in written:
        if cell.startswith(tuple("=+-@\t\r\n")):
            float(cell)
    missing = set(pd.io.parsers.readers.STR_NA_VALUES)
    found = read_table(path, ["lesion"])["lesion"]
    for old, new in zip(cells, found, strict=True):
        if old.strip() not in missing:
            assert str(new).lstrip() == old.lstrip()


def test_a_wide_table_takes_one_more_column(tmp_path):
    """A frame of one block a column would warn of it, and each user would see that."""
    file = tmp_path / "features.csv"
    frame = pd.DataFrame(np.random.default_rng(0).random((3, 300))).add_prefix("f")
    frame.to_csv(file, index=False)
    table = read_table(file)
    table.insert(0, "other", 1)
    assert table.shape == (3, 301)
