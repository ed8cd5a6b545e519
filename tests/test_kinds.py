"""Kinds of values in our JSON files: their borders, and labels that keep their type."""

import math

import numpy as np
import pytest

from sklearn_orn._io import kinds as k
from sklearn_orn._io.codec import UnexpectedData, decode, encode


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (k.Text, "x" * 1000),
        (k.whole(), 0),
        (k.whole(), 2**53),
        (k.whole(-1, 3), -1),
        (k.whole(-1, 3), 3),
        (k.number(), -1e300),
        (k.number(0, 1), 0),
        (k.number(0, 1), 1),
        (k.maybe_number(0), 0),
        (k.maybe_number(), "-Infinity"),
        (k.dict_of(k.whole()), {"any": 1}),
        (k.dict_of(k.whole(), "a", "b"), {"a": 1}),
        (k.array("int", "n"), [0]),
        (k.array("int", "n", least=-1), [-1]),
        (k.array("bool", "n"), [True, False]),
        (k.array("finite", "n", "p"), [[1, 2], [3, 4]]),
        (k.array("finite", "n", "p"), []),
        (k.array("float", "n", "p"), [[None], ["Infinity"]]),
    ],
)
def test_borders_that_are_within(kind, data):
    decode(kind, data)


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (k.Text, "x" * 1001, "expected a text of at most 1000 letters"),
        (k.whole(), -1, r"a whole number from 0 to 2\^53"),
        (k.whole(), 2**53 + 1, r"a whole number from 0 to 2\^53"),
        (k.whole(-1, 3), -2, "a whole number from -1 to 3"),
        (k.whole(-1, 3), 4, "a whole number from -1 to 3"),
        (k.number(0, 1), -0.1, "a number from 0 to 1"),
        (k.number(0, 1), 1.1, "a number from 0 to 1"),
        (k.number(0), -0.1, "a number of at least 0"),
        (k.number(0), None, "a number of at least 0"),
        (k.maybe_number(0), -0.1, "a number"),
        (k.dict_of(k.whole(), "a", "b"), {"c": 1}, r"expected names of \['a', 'b'\]"),
        (k.array("int", "n"), [-1], "a whole number from 0"),
        (k.array("int", "n", least=-1), [-2], "a whole number from -1"),
        (k.array("float", "n", "p"), [[1, 2], [3]], "rows of equal length"),
        (k.array("float", "n"), 3, "expected a list"),
    ],
)
def test_borders_that_are_beyond(kind, data, message):
    with pytest.raises(UnexpectedData, match=message):
        decode(kind, data)


@pytest.mark.parametrize(
    ("value", "plain"),
    [(math.inf, "Infinity"), (-math.inf, "-Infinity"), (math.nan, None), (0.5, 0.5)],
)
def test_numbers_that_json_does_not_have(value, plain):
    assert encode(k.maybe_number(), value) == plain
    np.testing.assert_equal(decode(k.maybe_number(), plain), value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (k.array("finite", "p"), np.array([1.5, -2])),
        (k.array("finite", "n", "p"), np.array([[1.0, 2, 3], [4, 5, 6]])),
        (k.array("float", "n", "p"), np.array([[np.nan, np.inf]])),
        (k.array("int", "p"), np.array([3, 0])),
        (k.array("bool", "p"), np.array([True, False])),
        (k.array("object", "p"), np.array(["a", "b"], dtype=object)),
        (k.array("finite", "p"), np.zeros(0)),
        (k.array("finite", "n", "p"), np.zeros((0, 0))),
        (k.array("finite", "n", "p"), np.zeros((3, 0))),
    ],
)
def test_arrays_come_back(kind, value):
    again = decode(kind, encode(kind, value))
    np.testing.assert_array_equal(again, value)
    assert (again.shape, again.dtype) == (value.shape, value.dtype)


# Labels and levels ------------------------------------------------------------------


def typed(kind, values, **more):
    return {"type": kind, "values": values} | more


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([0, 1], "int64"),
        ([False, True], "bool"),
        (["a", "b"], "str"),
        ([0.5, 1.5], "float64"),
        (np.array([1, 2], np.uint8), "uint8"),
        (np.array([1.5, 2], np.float32), "float32"),
        (np.array(["a", "b"], object), "object"),
    ],
)
def test_labels_keep_their_type(labels, kind):
    plain = encode(k.LABELS, np.asarray(labels))
    assert plain == typed(kind, np.asarray(labels).tolist())
    again = decode(k.LABELS, plain)
    assert again.tolist() == np.asarray(labels).tolist()
    assert again.dtype.kind == np.asarray(labels).dtype.kind


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (typed("int64", [1, 1]), "two different labels"),
        (typed("int64", [1]), "two different labels"),
        (typed("int64", [1, 2, 3]), "two different labels"),
        (typed("int64", [0.5, 1]), "labels of type int64"),
        (typed("int64", [True, False]), "labels of type int64"),
        (typed("int8", [0, 300]), "labels of type int8"),
        (typed("bool", [0, 1]), "labels of type bool"),
        (typed("str", [1, 2]), "labels of type str"),
        (typed("float64", ["a", "b"]), "labels of type float64"),
        (typed("float32", [0.1, 0.2]), "labels of type float32"),
        (typed("object", [None, "a"]), "labels of type object"),
        (typed("object", [[1], [2]]), "labels of type object"),
        (typed("str", ["a", "b" * 1001]), "labels of type str"),
        (typed("uint8", [-1, 1]), "labels of type uint8"),
        (typed("datetime64", [1, 2]), "expected one of"),
    ],
)
def test_labels_that_are_none(data, message):
    with pytest.raises(UnexpectedData, match=message):
        decode(k.LABELS, data)


def test_labels_of_whole_numbers_may_be_floats():
    assert decode(k.LABELS, typed("float64", [0, 1])).tolist() == [0.0, 1.0]
    assert decode(k.LABELS, typed("str", ["a", "b" * 1000]))[1] == "b" * 1000


@pytest.mark.parametrize("labels", [[1 + 2j, 3j], np.array([1, 2], "datetime64[D]")])
def test_labels_that_a_file_cannot_hold(labels):
    with pytest.raises(TypeError, match="classes are of type .* Encode y as text"):
        encode(k.LABELS, np.asarray(labels))
    with pytest.raises(TypeError, match="levels are of type .* Encode them as text"):
        encode(k.LEVELS, np.asarray(labels))


def test_objects_that_a_file_cannot_hold():
    with pytest.raises(TypeError, match="classes are .*: a model file holds numbers"):
        encode(k.LABELS, np.array([(1,), "a"], dtype=object))


@pytest.mark.parametrize(
    ("levels", "plain"),
    [
        (["a", "b"], typed("str", ["a", "b"], missing=None)),
        ([1.0, np.nan], typed("float64", [1.0], missing="NaN")),
        (np.array(["a", None], object), typed("object", ["a"], missing="None")),
        (np.array(["a", np.nan], object), typed("object", ["a"], missing="NaN")),
        (np.array([None], object), typed("object", [], missing="None")),
    ],
)
def test_levels_keep_type_order_and_the_missing_one(levels, plain):
    levels = np.asarray(levels)
    assert encode(k.LEVELS, levels) == plain
    again = decode(k.LEVELS, plain)
    np.testing.assert_equal(again.tolist(), levels.tolist())
    assert again.dtype.kind == levels.dtype.kind


@pytest.mark.parametrize("levels", [[None, "a"], [None, "a", None], ["a", None, "b"]])
def test_a_missing_level_is_the_last(levels):
    with pytest.raises(TypeError, match="one missing level, as the last"):
        encode(k.LEVELS, np.array(levels, dtype=object))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (typed("str", ["a", "a"], missing=None), "different levels, one at least"),
        (typed("str", [], missing=None), "different levels, one at least"),
        (typed("str", ["a"], missing="None"), "no missing level None of type str"),
        (typed("int64", [1], missing="NaN"), "no missing level NaN of type int64"),
        (typed("float64", [1], missing="None"), "no missing level None of type float"),
        (typed("str", ["a"], missing="null"), "missing is 'null'"),
    ],
)
def test_levels_that_are_none(data, message):
    with pytest.raises(UnexpectedData, match=message):
        decode(k.LEVELS, data)


def test_types_of_labels():
    assert k.LABEL_TYPES == (
        *("bool", "int8", "int16", "int32", "int64"),
        *("uint8", "uint16", "uint32", "uint64", "float32", "float64"),
        *("str", "object"),
    )
