"""What a clinical column is said to be, and what it is guessed to be."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._clinical_kinds import (
    as_kind,
    checked_kinds,
    guess_kind,
    knots_of,
    levels_of,
    reference_of,
)

SPLINE = {"kind": "continuous"}


@pytest.mark.parametrize(
    ("kind", "checked"),
    [
        ("continuous", "continuous"),
        ("categorical", "categorical"),
        (SPLINE, "continuous"),
        (SPLINE | {"knots": 3}, SPLINE | {"knots": 3}),
        (SPLINE | {"knots": np.int64(7)}, SPLINE | {"knots": 7}),
        (SPLINE | {"knots": [1, 2, 3.5]}, SPLINE | {"knots": [1.0, 2.0, 3.5]}),
        (SPLINE | {"knots": np.arange(4)}, SPLINE | {"knots": [0.0, 1.0, 2.0, 3.0]}),
        ({"categorical": " a "}, {"categorical": "a"}),
        ({"categorical": 2.0}, {"categorical": "2"}),
        ({"ordinal": ["b", "a"]}, {"ordinal": ["b", "a"]}),
        ({"ordinal": [1, 2.0, "x"]}, {"ordinal": ["1", "2", "x"]}),
    ],
)
def test_kinds_that_a_study_file_may_name(kind, checked):
    assert checked_kinds({"x": kind}) == {"x": checked}


@pytest.mark.parametrize(
    "knots",
    [
        *(2, 8, True, 3.0, None, "345", ["a", "b", "c"], [1, 2], [1, 2, 2], [3, 2, 1]),
        *([1, np.nan, 3], [1, 2, np.inf], [-np.inf, 1, 2], [1, 2, 3, "4"]),
        *([True, 2, 3], [0, 5, 2, 7]),
    ],
)
def test_knots_that_are_none(knots):
    with pytest.raises(ValueError, match="clinical, x, knots, is .* from 3 to 7, or"):
        checked_kinds({"x": SPLINE | {"knots": knots}})


@pytest.mark.parametrize(
    "kind",
    [
        SPLINE | {"more": 1},
        {"kind": "categorical"},
        {"knots": 3},
        {"categorical": None},
        {"continuous": "a"},
        {"ordinal": None},
        {"ordinal": "abc"},
        ["a", "b"],
        None,
    ],
)
def test_kinds_that_are_none(kind):
    with pytest.raises(ValueError, match="clinical, x, is .*: expected continuous, "):
        checked_kinds({"x": kind})


@pytest.mark.parametrize("levels", [["a"], ["a", "b", "a"], ["1", 1], [None, "a", "b"]])
def test_levels_that_are_no_order(levels):
    with pytest.raises(ValueError, match="clinical, x, ordinal, is .* each once"):
        checked_kinds({"x": {"ordinal": levels}})


@pytest.mark.parametrize("name", [" ", "", 3, None])
def test_a_column_has_a_name(name):
    with pytest.raises(TypeError, match="expected names, each a str"):
        checked_kinds({name: "continuous"})


@pytest.mark.parametrize(
    ("kind", "levels", "knots", "reference"),
    [
        (None, [], None, None),
        ("continuous", [], None, None),
        ("categorical", [], None, None),
        ({"categorical": "a"}, [], None, "a"),
        ({"ordinal": ["b", "a"]}, ["b", "a"], None, None),
        (SPLINE | {"knots": 4}, [], 4, None),
        (SPLINE | {"knots": (1, 2, 3)}, [], [1.0, 2.0, 3.0], None),
    ],
)
def test_what_a_kind_says(kind, levels, knots, reference):
    assert levels_of(kind) == levels
    assert knots_of(kind) == knots
    assert reference_of(kind) == reference


def cells(column, kind):
    found = as_kind(pd.Series(column, name="x"), kind)
    return [None if pd.isna(cell) else cell for cell in found]


@pytest.mark.parametrize("kind", ["continuous", SPLINE | {"knots": 3}])
def test_a_continuous_column_is_of_numbers(kind):
    assert cells(["1.5", 2, None], kind) == [1.5, 2.0, None]
    with pytest.raises(CohortError, match="holds 'x', 'y', in 3 lesions"):
        cells(["x", "1", None, "y", "x"], kind)


def test_levels_become_their_places():
    kind = {"ordinal": ["low", "1", "high"]}
    assert cells(["high", 1.0, None, " low"], kind) == [2.0, 1.0, None, 0.0]
    with pytest.raises(CohortError, match="'x' holds 'a', 'b', which its ordinal"):
        cells(["low", "b", "a", None], kind)


def test_categories_are_texts_and_have_their_reference():
    assert cells([1.0, None, "a "], "categorical") == ["1", None, "a"]
    assert cells([1.0, None, 2.0], {"categorical": "2"}) == ["1", None, "2"]
    with pytest.raises(CohortError, match="level '3': name one of '1', '2' .clinical"):
        cells([1.0, None, 2.0], {"categorical": "3"})


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ([0, 1, 1], "continuous"),
        ([True, False, True], {"categorical": "False"}),
        (["ja", "nein"], {"categorical": "nein"}),
        (["maybe", "ja", "nein"], {"categorical": "nein"}),
        (["No", "NO", "b"], {"categorical": "NO"}),
        (["?", "M"], {"categorical": "M"}),
        (["?", "-"], {"categorical": "-"}),
        (["b", "a?"], {"categorical": "a?"}),
        (["T2", "T1"], {"categorical": "T1"}),
        (["T2", "T1", "T3"], {"ordinal": ["T1", "T2", "T3"]}),
        (["grade III", "Grade I", "grade V"], {"ordinal": ["Grade I", "grade III",
                                                           "grade V"]}),
        (["T1", "T2", "x"], {"categorical": "T1"}),
        (["?", "T1", "T2"], {"categorical": "T1"}),
        (["T1", "N2", "T3"], {"categorical": "N2"}),
        (["T1", "T01", "T2"], {"categorical": "T01"}),
        (["i", "1", "2"], {"categorical": "1"}),
        (["0", "IV", "II"], {"ordinal": ["0", "II", "IV"]}),
        (["10", "9", "T1"], {"categorical": "10"}),
    ],
)  # fmt: skip
def test_what_a_column_is_guessed_to_be(column, kind):
    assert guess_kind(pd.Series(column)) == kind
    assert guess_kind(pd.Series([*column, None])) == kind
