"""Tables as Excel, R and others write them, read to the last bit."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn._csv_tables import read_header, read_table
from sklearn_orn.exceptions import CohortError
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
    assert read_table(path)["GrVariance"][0] == 1.1547005383792517


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
