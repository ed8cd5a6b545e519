"""Small pieces that the rooms share, by hand examples."""

import pandas as pd
import pytest

from sklearn_orn._feature_settings import quantised_family
from sklearn_orn._io.html_page import embedded_json
from sklearn_orn._io.outputs import refuse_inputs
from sklearn_orn._io.spreadsheet_cells import marked_cell, plain_cell
from sklearn_orn._io.strict_json import json_text, parse_strict_json
from sklearn_orn._io.text_files import encodable
from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn._reader_names import not_readers
from sklearn_orn._validation import as_numbers
from sklearn_orn.exceptions import CohortError, ModelFileError


def test_numbers_beyond_a_float_are_none():
    numbers = as_numbers(pd.Series(["7", "x", 10**400]))
    assert numbers[0] == 7
    assert numbers[1:].isna().all()


@pytest.mark.parametrize("cell", ["=1+1", "-1.5", -1.5, "a=b", "'=1+1", "'quoted'"])
def test_a_cell_comes_back(cell):
    assert plain_cell(marked_cell(cell)) == cell


def test_only_text_that_would_be_run_is_marked():
    marked = [marked_cell(cell) for cell in ("=1+1", "-1.5", -1.5, "a=b")]
    assert marked == ["'=1+1", "-1.5", -1.5, "a=b"]
    assert plain_cell("'quoted'") == "'quoted'"


def test_json_stays_within_a_script_element_and_its_limits():
    text = embedded_json({"name": "</script>&"})
    assert text == r'{"name": "\u003c/script\u003e\u0026"}'
    with pytest.raises(ModelFileError, match=r"1e999 is beyond 1e\+300"):
        parse_strict_json(b'{"intercept": 1e999}')
    text = '{\n "coef": [\n  [0.5, 2]\n ],\n "name": "x"\n}'
    assert json_text({"coef": [[0.5, 2]], "name": "x"}) == text


def test_an_output_in_other_letters_is_the_input():
    with pytest.raises(CohortError, match=r"--out: 'A\.csv' is what cohort reads"):
        refuse_inputs([("--out", "A.csv")], [("cohort", "sub/../a.csv")])


def test_a_name_that_is_no_utf_8_can_be_written():
    assert encodable("na\udcefve").encode() == b"na\xef\xbf\xbdve"


def test_families_that_depend_on_the_bits():
    assert quantised_family("S(1,0)Contrast") == "cooccurrence"
    assert quantised_family("Perc.10%") is None


def test_patients_come_back_as_they_are():
    assert check_groups(["a", "a", "b"], 3).tolist() == ["a", "a", "b"]


def test_sequences_are_no_readers():
    assert not_readers(["T1", "T2"]) == not_readers(["CE-T1_ax", "ADC"]) == "sequences"
    assert not_readers(["anna", "ben"]) is None
    assert not_readers(["T1_anna", "T1_ben"]) is None
