"""Cells that a spreadsheet would run: marked when written, as they were when read."""

import pandas as pd
import pytest

from sklearn_orn._io.spreadsheet_cells import (
    csv_text,
    marked_cell,
    plain_cell,
    plain_table,
)


@pytest.mark.parametrize(
    ("cell", "marked"),
    [
        *((text, f"'{text}") for text in ("=1", "+A1", "-A1", "@x", "\tx", "\r", "\n")),
        *(("\uff1d1", "'\uff1d1"), ("'=1", "''=1"), ("''@", "'''@")),
        *(("-1_000", "'-1_000"), ("-\uff11", "'-\uff11"), ("- 1", "'- 1")),
        *((text, text) for text in ("-1.5", "+3", "-1e5", "a=1", "", "'x'", "'")),
        *((-1, -1), (None, None), (True, True)),
    ],
)
def test_text_that_would_be_run_has_an_apostrophe(cell, marked):
    assert marked_cell(cell) == marked
    assert plain_cell(marked) == cell


def test_a_table_as_text():
    table = pd.DataFrame({"=a": ["=1", "x"], "n": [-1.5, 2], "t": ["-2", "y, z"]})
    assert csv_text(table) == "'=a,n,t\n'=1,-1.5,-2\nx,2.0,\"y, z\"\n"
    assert table.columns[0] == "=a"
    assert table["=a"].tolist() == ["=1", "x"]


def test_a_return_in_a_cell_ends_no_row():
    table = pd.DataFrame({"a": ["x\ry", "z"], "n": [1.5, 2]}, index=[7, 8])
    assert csv_text(table) == '"a","n"\n"x\ry",1.5\n"z",2.0\n'


def test_a_table_as_it_was():
    table = pd.DataFrame(
        {
            "n": [1, 2],
            "a": ["x", "'=1"],
            "=b": ["y", "z"],
            "c": [None, "''+"],
        }
    )
    found = plain_table(table)
    assert found["a"].tolist() == ["x", "=1"]
    assert found["c"].fillna("").tolist() == ["", "'+"]
    assert found[["n", "=b"]].equals(table[["n", "=b"]])
    assert table["a"].tolist() == ["x", "'=1"]
    same = table[["n", "=b"]]
    assert plain_table(same) is same
