"""The shared checks of input at their borders, and what they return."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from sklearn_orn import _validation as v
from sklearn_orn.exceptions import NotEstimable

LARGEST = 2**1024 - 2**971  # the largest float, as an integer


class Step(BaseEstimator):
    """An estimator that learns nothing but its columns."""


def fitted(X, y=None):
    step = Step()
    if y is None:
        return step, v.numbers_with_gaps(step, X, reset=True)
    return step, *v.checked_training(step, X, y)


# Cells and names ---------------------------------------------------------------------


def test_cells_are_numbers_or_missing():
    cells = pd.Series([1, "2.5", "x", None, LARGEST, 2 * LARGEST, -2 * LARGEST, True])
    found = v.as_numbers(cells.astype(object)).tolist()
    nan = np.nan
    np.testing.assert_equal(found, [1, 2.5, nan, nan, float(LARGEST), nan, nan, 1])
    assert v.as_numbers(pd.Series(["3", "4"])).tolist() == [3, 4]


def test_names_are_listed_up_to_a_limit():
    assert v.name_list("abcde") == "a, b, c, d, e"
    assert v.name_list("abcdefg") == "a, b, c, d, e and 2 more"
    assert v.name_list("abc", 2) == "a, b and 1 more"
    assert v.name_list([1, 2], 2) == "1, 2"


def test_unknown_names_are_named():
    v.refuse_unknown(["a"], "abc", "columns")
    with pytest.raises(ValueError, match="columns names x, y, which X does not have"):
        v.refuse_unknown(["x", "a", "y"], "abc", "columns")


def test_shares_and_smallest_numbers():
    for value in (1e-9, 0.5, 1 - 1e-9):
        v.check_share(value, "x")
    for value in (0, 1, -0.5, 1.5, np.nan):
        with pytest.raises(ValueError, match="x must lie between 0 and 1"):
            v.check_share(value, "x")
    v.check_at_least(3, 3, "n")
    with pytest.raises(ValueError, match="n must be at least 3, got 2"):
        v.check_at_least(2, 3, "n")


def test_names_of_columns_or_their_numbers():
    table = pd.DataFrame({"b": [1.0], "a": [2.0]})
    step, _ = fitted(table)
    assert v.feature_names(step).tolist() == ["b", "a"]
    row = v.with_names(np.array([[3.0, 4.0]]), step)
    assert row.columns.tolist() == ["b", "a"] and row.iloc[0].tolist() == [3, 4]
    step, _ = fitted(table.to_numpy())
    assert v.feature_names(step).tolist() == ["x0", "x1"]
    assert isinstance(v.with_names(np.array([[3.0, 4.0]]), step), np.ndarray)


def test_missing_cells_are_told_with_their_place():
    v.refuse_missing([1, 2], "x", "Do.")
    with pytest.raises(
        ValueError, match="x has 2 missing values, the first at position 1"
    ):
        v.refuse_missing(["a", None, np.nan], "x", "Do.")


def test_numbers_of_any_container():
    cells = np.array([1, None, pd.NA, 2.5], dtype=object)
    np.testing.assert_equal(
        v.float_array(cells, "x").tolist(), [1, np.nan, np.nan, 2.5]
    )
    assert v.float_array(np.array(["1", "2"]), "x").tolist() == [1, 2]
    for cells in (["1", "b"], np.array([1.0, "b"], dtype=object)):
        with pytest.raises(ValueError, match="x must hold numbers, found 'b'"):
            v.float_array(cells, "x")


# Outcomes ----------------------------------------------------------------------------


def refused(message, y, score, **settings):
    with pytest.raises(ValueError, match=message):
        v.check_binary_outcome(y, score, **settings)


def test_scores_have_one_dimension_and_are_finite():
    refused(r"shape \(2, 2\). Pass the column", [0, 1], np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"shape \(2, 3\)\.$"):
        v.check_binary_outcome([0, 1], np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"shape \(2, 2, 2\)\.$"):
        v.check_binary_outcome([0, 1], np.ones((2, 2, 2)))
    refused("y_score must have one dimension", [0], 1.0)
    refused(
        "1 missing or infinite values, the first at position 1", [0, 1], [1, np.inf]
    )
    refused("y_true must have one dimension", [[0, 1]], [1, 2])
    refused("y_true has 2 samples, y_score has 3", [0, 1], [1, 2, 3])
    refused("y_true is empty", [], [])


@pytest.mark.parametrize(
    ("y", "positive"),
    [
        ([0, 1, 0], [False, True, False]),
        ([-1, 1, 1], [False, True, True]),
        ([False, True, True], [False, True, True]),
        ([0.0, 1.0, 1.0], [False, True, True]),
    ],
)
def test_the_positive_label_is_1_or_true(y, positive):
    found, score = v.check_binary_outcome(y, [3, 2, 1])
    assert found.tolist() == positive and score.tolist() == [3, 2, 1]


@pytest.mark.parametrize("y", [[1, 2], [0, 2], [-1, 0], [-2, 1], ["a", "b"], [0.5, 1]])
def test_other_labels_need_to_be_told(y):
    refused("pass pos_label to say which of them is positive", y, [1, 2])
    found, _ = v.check_binary_outcome(y, [1, 2], pos_label=y[0])
    assert found.tolist() == [True, False]


def test_labels_of_two_kinds_need_to_be_told():
    with pytest.raises(ValueError, match="pass pos_label"):
        v._default_positive([1, "b"])


def test_labels_that_are_missing_or_too_many():
    refused("y_true has missing or infinite values", [0, np.nan, 1], [1, 2, 3])
    refused("y_true has missing values", np.array(["a", None, "b"], object), [1, 2, 3])
    refused("y_true must have two classes, found 3: 0, 1, 2", [0, 1, 2], [1, 2, 3])
    refused("pos_label='c' is not in y_true", ["a", "b"], [1, 2], pos_label="c")


def test_one_class_alone_is_refused_where_both_are_needed():
    with pytest.raises(NotEstimable, match=r"one class only \(1\)"):
        v.check_binary_outcome([1, 1], [1, 2])
    found, _ = v.check_binary_outcome([1, 1], [1, 2], both_classes=False)
    assert found.tolist() == [True, True]
    given = {"pos_label": "b", "both_classes": False}
    assert (
        v.check_binary_outcome(["a", "a"], [1, 2], **given)[0].tolist() == [False] * 2
    )
    with pytest.raises(NotEstimable, match="one class only"):
        v.check_probabilities([1, 1], [0.1, 0.2])
    v.check_probabilities([1, 1], [0.1, 0.2], both_classes=False)


def test_probabilities_lie_between_0_and_1():
    found = v.check_probabilities([0, 1], [0, 1])[1]
    assert found.tolist() == [0, 1]
    for wrong, place in (([-1e-9, 0.5], 0), ([0.5, 1 + 1e-9], 1)):
        with pytest.raises(ValueError, match=rf"at position {place} \(1 such values\)"):
            v.check_probabilities([0, 1], wrong)
    with pytest.raises(ValueError, match=r"\(2 such values\)"):
        v.check_probabilities([0, 1, 1], [2, 0.5, -1])


# Tables ------------------------------------------------------------------------------


TABLE = pd.DataFrame({"a": [1.0, 2, 3], "b": [4.0, np.nan, 6]})


def test_gaps_are_refused_with_the_names_of_their_columns():
    step, X = fitted(TABLE)
    with pytest.raises(
        v.MissingValuesError, match="NaN in 1 columns: b. Step does not"
    ):
        v.refuse_nan(step, X)
    v.refuse_nan(step, np.zeros((3, 2)))
    with pytest.raises(v.MissingValuesError, match="NaN in 1 columns: b"):
        v.checked_table(step, TABLE)
    with pytest.raises(v.MissingValuesError, match="NaN in 1 columns: b"):
        fitted(TABLE, np.array([0, 1, 1]))


@pytest.mark.parametrize(
    ("X", "plain"),
    [
        (TABLE, True),
        (TABLE.set_axis(["a", "a"], axis=1), False),
        (TABLE.set_axis([0, 1], axis=1), False),
        (TABLE.set_axis(pd.Index(["a", 1], dtype=object), axis=1), False),
        (TABLE.set_axis(pd.Index(["a", "b"], dtype=object), axis=1), True),
        (TABLE.astype(np.float32), False),
        (TABLE.assign(b=[1, 2, 3]), False),
        (TABLE.to_numpy(), False),
    ],
)
def test_a_table_of_floats_under_different_texts(X, plain):
    assert v.is_float_table(X) is plain


def test_columns_are_those_of_fit():
    step, X = fitted(TABLE)
    np.testing.assert_array_equal(X, TABLE)
    assert (step.n_features_in_, list(step.feature_names_in_)) == (2, ["a", "b"])
    again = v.numbers_with_gaps(step, TABLE[["a", "b"]], reset=False)
    np.testing.assert_array_equal(again, TABLE)
    whole = TABLE.fillna(0.0)
    np.testing.assert_array_equal(v.checked_table(step, whole), whole)
    for wrong in (whole[["b", "a"]], whole.rename(columns={"b": "c"}), whole[["a"]]):
        with pytest.raises(ValueError, match="feature names"):
            v.checked_table(step, wrong)
    assert list(step.feature_names_in_) == ["a", "b"]
    ints = TABLE.fillna(0).astype(int)
    assert v.numbers_with_gaps(step, ints, reset=False).dtype == np.float64


def test_a_table_after_an_array_is_told():
    step, _ = fitted(TABLE.to_numpy())
    with pytest.warns(UserWarning, match="fitted without feature names"):
        v.numbers_with_gaps(step, TABLE, reset=False)


@pytest.mark.parametrize("X", [TABLE[:0], TABLE.replace(2.0, np.inf)])
def test_empty_and_infinite_tables_are_refused(X):
    with pytest.raises(ValueError, match="0 sample|infinity"):
        fitted(X)


@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_rows_and_labels_of_training(kind):
    whole = TABLE.fillna(5.0)
    for X in (whole, whole.to_numpy()):
        step, table, y = fitted(X, kind([0, 1, 1]))
        np.testing.assert_array_equal(table, whole)
        assert list(y) == [0, 1, 1] and step.n_features_in_ == 2
        assert v.feature_names(step).tolist() == (
            ["a", "b"] if X is whole else ["x0", "x1"]
        )
    step, table, _ = fitted(whole[:2], kind([0, 1]))
    assert len(table) == 2
    for X, y in ((whole, [0, 1]), (whole[:1], [1]), (whole.to_numpy()[:1], [1])):
        with pytest.raises(ValueError, match="inconsistent numbers|minimum of 2"):
            fitted(X, kind(y))


@pytest.mark.parametrize(
    ("y", "whole"),
    [
        (np.array([0, 1]), True),
        (np.array([True, False]), True),
        (np.array([0.0, 1.0]), False),
        (np.array([[0], [1]]), False),
        ([0, 1], False),
        (np.array(["a", "b"]), False),
    ],
)
def test_labels_that_are_whole_numbers(y, whole):
    assert v.are_whole_numbers(y) is whole


def test_an_outcome_is_a_class():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        v.check_classes(np.array([0, 1, 1]))
        v.check_classes(np.array(["a", "b"]))
        v.check_classes(np.array([0.0, 1.0]))
        v.check_classes(np.arange(3))
    with pytest.raises(ValueError, match="Unknown label type"):
        v.check_classes(np.array([0.5, 1.5]))


@pytest.mark.parametrize(
    ("chosen", "places"),
    [
        (["b", "a"], [1, 0]),
        ([-1, 0], [2, 0]),
        ([], []),
        (slice("b", None), [1, 2]),
        (slice("a", "b"), [0, 1]),
        (slice(1, None), [1, 2]),
        (slice(0, 2), [0, 1]),
        ([True, False, True], [0, 2]),
        (np.array([False, True, False]), [1]),
        (["c", -3], [2, 0]),
        ([1, True], [1, 1]),
    ],
)
def test_places_of_the_columns_of_a_branch(chosen, places):
    assert v.column_positions(chosen, ["a", "b", "c"]) == places
