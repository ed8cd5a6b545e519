"""The typed codec of our JSON files: what is refused, where, and the way back."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pytest

from sklearn_orn._io import kinds as k
from sklearn_orn._io.codec import Rule, UnexpectedData, axes_of, decode, encode


@dataclass(frozen=True)
class Point:
    """Two numbers, and what to call them."""

    x: float
    y: Annotated[int, Rule("an even number", lambda y: y % 2 == 0)]
    label: str | None
    colour: Literal["red", "blue"]


POINT = {"x": 1, "y": 2, "label": None, "colour": "red"}


def test_a_dataclass_there_and_back():
    point = decode(Point, POINT)
    assert point == Point(1, 2, None, "red")
    assert encode(Point, point) == POINT
    assert encode({"first": Point}, {"first": point}) == {"first": POINT}


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (Point, POINT | {"y": 3}, "y is 3; expected an even number."),
        (Point, POINT | {"y": "3"}, "y is '3'; expected an even number."),
        (Point, POINT | {"x": True}, "x is True; expected a number."),
        (Point, POINT | {"x": math.inf}, "x is inf; expected a number."),
        (float | None, math.nan, "it is nan; expected a number or null."),
        (float | None, True, "it is True; expected a number or null."),
        (Point, POINT | {"label": 3}, "label is 3; expected a text or null."),
        (Point, POINT | {"colour": "x"}, "colour is 'x'; expected one of .'red', 'bl"),
        (Point, POINT | {"z": 0}, "the file lacks nothing and has .'z'. that this"),
        (Point, {"x": 1}, "lacks .'colour', 'label', 'y'. and has nothing"),
        (Point, [], "it is ..; expected a JSON object"),
        (k.pair_of(k.number()), [1], "it is .1.; expected a list of 2, not of 1"),
        (
            k.list_of(k.whole(1, 3)),
            [1, 4],
            r"\[1\] is 4; expected a whole number from 1 t",
        ),
        (k.dict_of(k.whole(), "a"), {"b": 1}, "it is .'b'.; expected names of .'a'."),
        (k.one_of("a") | k.number(0), -1, "is -1; expected a number of at least 0"),
        (
            k.one_of("a") | k.number(0),
            "b",
            "expected one of .'a'. or a number of at least",
        ),
        (k.array("int", 2, "p"), [[1], [1, 2]], "expected rows of equal length"),
        (k.array("finite", "p"), [None], r"\[0\] is None; expected a number"),
        (k.maybe_number(0), -1, "is -1; expected a number"),
    ],
)
def test_what_is_refused_is_named_with_its_place(kind, data, message):
    with pytest.raises(UnexpectedData, match=message):
        decode(kind, data)


@pytest.mark.parametrize(
    ("kind", "value", "plain"),
    [
        (k.number(), 3, 3.0),
        (k.maybe_number(), math.inf, "Infinity"),
        (k.maybe_number(), -math.inf, "-Infinity"),
        (k.maybe_number(), np.float32(0.5), 0.5),
        (k.array("float", "p"), np.array([np.nan, np.inf, 1]), [None, "Infinity", 1.0]),
        (k.array("int", "n", "p"), np.zeros((0, 0), int), []),
        (k.array("object", "p"), np.array(["a", "b"], object), ["a", "b"]),
        (k.tuple_of(k.whole()), (np.int8(1), 2), [1, 2]),
        (k.dict_of(k.number()) | k.list_of(k.number()) | None, {"a": 1}, {"a": 1.0}),
        (k.dict_of(k.number()) | k.list_of(k.number()) | None, [1], [1.0]),
    ],
)
def test_values_there_and_back(kind, value, plain):
    found = encode(kind, value)
    assert found == plain and type(found) is type(plain)
    np.testing.assert_equal(decode(kind, found), value)


def test_nothing_is_cut_off():
    with pytest.raises(ValueError, match="shorter|longer"):
        encode(k.pair_of(k.number()), [1, 2, 3])


def test_lengths_are_named_in_a_union_too():
    assert axes_of(k.array("object", "p") | None) == ("p",)
    assert axes_of(k.array("int", "n", 2)) == ("n", 2)
    assert axes_of(k.whole()) == ()


@dataclass(frozen=True)
class Line:
    """Another record, told by its word."""

    kind: Literal["line"]
    start: float
    end: float


@dataclass(frozen=True)
class Dot:
    """With fewer keys than a line."""

    kind: Literal["dot"]
    at: float


def test_a_record_of_a_union_is_told_by_its_word():
    assert decode(Line | Dot, {"kind": "dot", "at": 1}) == Dot("dot", 1)
    with pytest.raises(UnexpectedData, match=r"lacks \['end', 'start'\]"):
        decode(Line | Dot, {"kind": "line"})
    with pytest.raises(UnexpectedData, match="kind is 'lines'; expected one of"):
        decode(Line | Dot, {"kind": "lines", "start": 0, "end": 1})


def test_levels_of_every_type_together():
    levels = np.array([True, 2, 0.5, "a"], dtype=object)
    again = decode(k.LEVELS, encode(k.LEVELS, levels))
    assert [(x, type(x)) for x in again] == [(x, type(x)) for x in levels]


def test_what_is_long_is_cut_in_a_message():
    for length, shown in ((58, f"'{'x' * 58}'"), (59, f"'{'x' * 56}...")):
        with pytest.raises(UnexpectedData) as error:
            decode(int, "x" * length)
        assert str(error.value).startswith(f"it is {shown}; expected")


def test_a_list_of_records_and_of_other_unions():
    kind = k.list_of(Line | Dot | None)
    data = [
        None,
        {"kind": "dot", "at": 1.0},
        {"kind": "line", "start": 0.0, "end": 1.0},
    ]
    assert decode(kind, data) == [None, Dot("dot", 1), Line("line", 0, 1)]
    mixed = k.dict_of(k.number()) | k.number()
    assert decode(mixed, {"a": 1}) == {"a": 1.0} and decode(mixed, 2) == 2.0
    assert encode(mixed, {"a": 1}) == {"a": 1.0} and encode(mixed, 2) == 2.0
    with pytest.raises(UnexpectedData, match=r"\[0\]\.at is 'x'; expected a number"):
        decode(k.list_of(Dot), [{"kind": "dot", "at": "x"}])


def test_a_record_that_lacks_its_word_is_told_by_its_other_keys():
    assert decode(Line | Dot, {"kind": "line", "start": 0, "end": 1}).end == 1
    with pytest.raises(UnexpectedData, match=r"lacks \['kind'\]"):
        decode(Line | Dot, {"at": 1})
    with pytest.raises(UnexpectedData, match=r"lacks \['kind'\]"):
        decode(Dot | Line, {"start": 0, "end": 1})
    with pytest.raises(UnexpectedData, match="kind is 'dots'"):
        decode(Line | Dot, {"kind": "dots", "at": 1})


def test_true_is_no_number_and_no_word():
    for kind in (int, float, int | None, Literal[1, 0]):
        with pytest.raises(UnexpectedData, match="is True"):
            decode(kind, True)
    assert decode(bool, True) is True and decode(bool | None, False) is False
    with pytest.raises(UnexpectedData, match="is 1; expected true or false"):
        decode(bool, 1)


def test_the_rule_of_a_field_is_asked_of_each_record():
    @dataclass(frozen=True)
    class Count:
        n: Annotated[int, Rule("an odd number", lambda n: n % 2)]

    assert decode(Count, {"n": 3}) == Count(3)
    for kind, data, place in (
        (Count, {"n": 2}, "n"),
        ({"first": Count}, {"first": {"n": 2}}, "first.n"),
        ({"all": k.list_of(Count)}, {"all": [{"n": 1}, {"n": 2}]}, "all[1].n"),
    ):
        with pytest.raises(UnexpectedData) as error:
            decode(kind, data)
        assert str(error.value) == f"{place} is 2; expected an odd number."


@pytest.mark.parametrize("value", [None, 0.5, 3, "Infinity", "none"])
def test_a_union_within_a_union(value):
    kind = None | k.maybe_number() | k.Text
    found = decode(kind, value)
    assert found == (math.inf if value == "Infinity" else value)
