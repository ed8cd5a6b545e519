"""What a signature is made of, and which samples are positive."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.model import PublishedSignature, read_coefficients
from sklearn_orn.model.signatures._input import (
    checked_classes,
    checked_coefficients,
    encode_labels,
)


def table(*rows):
    return pd.DataFrame(list(rows), columns=["feature", "coefficient"])


# Coefficients -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Intercept", "(intercept)", " INTERCEPT "])
def test_the_row_of_the_intercept_is_no_feature(name):
    found = read_coefficients(table(("a", 1), (name, "2.5"), ("b", -3)))
    assert found == ({"a": 1.0, "b": -3.0}, 2.5)


def test_an_intercept_beside_the_table():
    assert read_coefficients(table(("a", 1)), intercept=0) == ({"a": 1.0}, 0.0)


@pytest.mark.parametrize(
    ("rows", "intercept", "message"),
    [
        (
            [("Intercept", 1), ("(Intercept)", 2), ("a", 1)],
            None,
            r"has the intercept in the rows 'Intercept', '\(Intercept\)'",
        ),
        ([("a", 1), ("b", 2), ("a", 3), ("b", 4)], 0.0, "names 'a', 'b' twice"),
        ([("Intercept", 1), ("a", 1)], 2.0, "row 'Intercept' beside intercept=2.0"),
        ([("a", 1)], None, "has no row 'Intercept'; expected"),
        ([("a", True)], 0.0, "coefficient of 'a' is True; expected a finite number"),
        ([("a", "inf")], 0.0, "coefficient of 'a' is 'inf'"),
        ([("a", 1), ("Intercept", "x")], None, "coefficient of 'Intercept' is 'x'"),
    ],
)
def test_tables_that_leave_it_open(rows, intercept, message):
    with pytest.raises(ValueError, match=message):
        read_coefficients(table(*rows), intercept=intercept)


def test_a_file_is_named(tmp_path):
    path = tmp_path / "s.csv"
    table(("a", 1), ("Intercept", 2)).to_csv(path, index=False)
    assert read_coefficients(path) == ({"a": 1.0}, 2.0)
    path.write_text("feature,beta\na,1\n")
    with pytest.raises(ValueError, match=r"s\.csv' has no column 'coefficient'"):
        read_coefficients(path)


def test_coefficients_are_numbers_by_name():
    assert checked_coefficients({"a": "1.5", "b": 2}, 0) == {"a": 1.5, "b": 2.0}
    for name in ("", 3, None):
        with pytest.raises(TypeError, match="names the feature"):
            checked_coefficients({"a": 1, name: 2}, 0)
    with pytest.raises(ValueError, match="intercept is nan"):
        checked_coefficients({"a": 1}, np.nan)


# Classes ----------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [(0, 1), ("a", "b"), (-1.5, 2), (False, True)])
def test_the_negative_class_comes_first(classes):
    assert checked_classes(classes).tolist() == list(classes)
    with pytest.raises(ValueError, match="the positive label must come after"):
        checked_classes(classes[::-1])


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ((1, 1), "must come after"),
        ((0,), "expected the negative and the positive label"),
        ((0, 1, 2), "expected the negative and the positive label"),
        (((0, 1),), "expected the negative and the positive label"),
        (np.array([0, 1], dtype=object), "two numbers or two texts"),
    ],
)
def test_classes_that_are_none(classes, message):
    with pytest.raises(ValueError, match=message):
        checked_classes(classes)


@pytest.mark.parametrize(
    ("y", "positive"),
    [
        (["low", "high", "low"], [False, True, False]),
        (["high"], [True]),
        (["none", "ORN"], [False, True]),
        (["ORN", "ORN"], [True, True]),
        ([1, 0], [True, False]),
        ([True, False], [True, False]),
        ([0], [False]),
    ],
)
def test_samples_are_positive_by_class_name_or_one(y, positive):
    found = encode_labels(y, np.array(["low", "high"]), ("none", "ORN"))
    assert found.dtype == bool
    assert found.tolist() == positive


def test_labels_of_nobody_are_named():
    with pytest.raises(ValueError, match="y holds 'ORN', 'low'; expected 'low' and"):
        encode_labels(["low", "ORN"], np.array(["low", "high"]), ("none", "ORN"))
    with pytest.raises(ValueError, match="expected 'a' and 'b' or 0 and 1, the second"):
        encode_labels([2], np.array(["a", "b"]), None)
    with pytest.raises(ValueError, match=r"array of shape \(1, 2\)"):
        encode_labels([[0, 1]], np.array([0, 1]), None)


# Signatures -------------------------------------------------------------------------


def signature(**changes):
    return PublishedSignature({"a": 1.0, "b": -2.0}, 0.5, **changes)


X = pd.DataFrame({"b": [1.0, 0.0, 2.0], "a": [0.0, 4.5, 0.0]})


def test_defaults_of_a_signature():
    found = signature().get_params()
    assert (found["threshold"], found["classes"]) == (0.5, (0, 1))
    assert signature().predict_proba(X).shape == (3, 2)
    check_is_fitted(signature())
    assert not get_tags(signature()).requires_fit


@pytest.mark.parametrize("threshold", [0, 1])
def test_a_threshold_may_be_a_border(threshold):
    assert signature(threshold=threshold).fit(X).threshold == threshold


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_a_threshold_is_a_probability(threshold):
    with pytest.raises(ValueError, match="'threshold'"):
        signature(threshold=threshold).fit(X)


def test_scores_of_no_row_and_scores_that_saturate():
    assert signature().decision_function(X).tolist() == [-1.5, 5.0, -3.5]
    assert signature().decision_function(X.iloc[:0]).tolist() == []
    with pytest.warns(StudyWarning, match="33 % of the scores lie beyond -5 or 5"):
        signature().decision_function(X.assign(a=[0.0, 4.6, 0.0]))


@pytest.mark.parametrize(
    ("names", "right"),
    [("xy", True), ("xx", False), ("x", False), ("xyz", False)],
)
def test_two_names_of_classes(names, right):
    if right:
        assert signature(class_names=tuple(names)).fit(X)
        return
    with pytest.raises(ValueError, match="two different names"):
        signature(class_names=tuple(names)).fit(X)


def test_fit_looks_at_the_outcome():
    assert signature().fit(X, [0, 1, 1])
    with pytest.raises(ValueError, match="2"):
        signature().fit(X, [0, 1])


@pytest.mark.parametrize("method", ["predictors", "decision_function", "fit"])
def test_parameters_are_checked_wherever_they_count(method):
    with pytest.raises(ValueError, match="'reader'"):
        getattr(signature(reader=1), method)(X)


def test_a_file_is_checked_before_it_is_written(tmp_path):
    path = tmp_path / "s.json"
    with pytest.raises(ValueError, match="from 1 to 8"):
        signature(bits=9).to_json(path)
    assert not path.exists()
    signature().to_json(path)
    assert PublishedSignature.from_json(path).coefficients == {"a": 1.0, "b": -2.0}
