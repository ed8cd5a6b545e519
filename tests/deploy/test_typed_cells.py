"""Cells of a table of new patients: numbers, levels, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.deploy._branches import Category
from sklearn_orn.deploy._typed_cells import level_of, number_of
from sklearn_orn.exceptions import LesionError

STAGES = Category(np.array(["I", "II", "III"], dtype=object), 0)
CODES = Category(np.array([0.0, 1.0, 2.0]), None)
FLAGS = Category(np.array([False, True]), None)


@pytest.mark.parametrize("cell", [None, np.nan, pd.NA, pd.NaT])
def test_an_empty_cell_is_no_number_and_no_error(cell):
    assert np.isnan(number_of(cell, "age"))


@pytest.mark.parametrize("cell", ["old", [61], np.inf, -np.inf, "inf"])
def test_what_is_no_finite_number_is_named_with_its_column(cell):
    with pytest.raises(LesionError, match="column 'age' holds"):
        number_of(cell, "age")


@pytest.mark.parametrize(
    ("cell", "category", "level"),
    [
        ("II", STAGES, "II"),
        (" II ", STAGES, "II"),
        (1, CODES, 1.0),
        ("1", CODES, 1.0),
        (True, FLAGS, True),
        ("True", FLAGS, True),
        ("False", FLAGS, False),
    ],
)
def test_a_cell_is_the_level_of_training_however_it_is_written(cell, category, level):
    found = level_of(cell, "stage", category, filled=False)
    assert found == level and type(found) is type(level)


@pytest.mark.parametrize(
    ("cell", "category"), [("IV", STAGES), ("i", STAGES), (3, CODES), ("1", FLAGS)]
)
def test_another_level_is_refused_unless_others_pass(cell, category):
    with pytest.raises(LesionError, match="a level that training did not have"):
        level_of(cell, "stage", category, filled=True)
    passing = category._replace(others=True)
    assert level_of(cell, "stage", passing, filled=False) == str(cell)


@pytest.mark.parametrize("filled", [False, True])
def test_an_empty_cell_is_the_missing_level_of_training(filled):
    for missing, empty in ((None, np.nan), (np.nan, None)):
        category = Category(np.array(["I", missing], dtype=object), None)
        assert level_of(empty, "stage", category, filled=filled) is missing


def test_an_empty_cell_is_filled_in_or_refused():
    assert np.isnan(level_of(None, "stage", STAGES, filled=True))
    with pytest.raises(LesionError, match="column 'stage' is empty"):
        level_of(None, "stage", STAGES, filled=False)
