"""JSON that others wrote: within limits, each name once, and its file named."""

import json

import pytest

from sklearn_orn._io import strict_json
from sklearn_orn._io.strict_json import (
    json_text,
    named_file,
    parse_strict_json,
    read_strict_json,
)
from sklearn_orn.exceptions import ModelFileError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e300", 1e300),
        ("-1e300", -1e300),
        ("1.5", 1.5),
        ("99999999999999999999", 99999999999999999999),
        ("-9223372036854775808", -(2**63)),
        ('"Größe"', "Größe"),
        ("[null, true]", [None, True]),
        ('{"x": 1, "y": {"x": 2}}', {"x": 1, "y": {"x": 2}}),
    ],
)
def test_what_is_read(text, value):
    assert parse_strict_json(f'{{"a": {text}}}'.encode()) == {"a": value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1.01e300}', r"the number 1.01e300 is beyond 1e\+300"),
        ('{"a": -1e301}', "the number -1e301 is beyond"),
        ('{"a": 100000000000000000000}', "has 21 digits"),
        ('{"a": Infinity}', "it holds Infinity, which is not JSON"),
        ('{"a": 1, "b": 2, "b": 3, "c": 4}', "the name 'b' twice"),
        ('{"x": {"a": 1, "a": 1}}', "the name 'a' twice"),
        ("[1]", "it holds a list; expected an object"),
        ("3", "it holds a int; expected an object"),
        ('{\n"a": 1,\n}', "it is not JSON: .* in line [23]"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(ModelFileError, match=message):
        parse_strict_json(text.encode())


def test_text_is_utf_8():
    with pytest.raises(ModelFileError, match="it is not text in UTF-8"):
        parse_strict_json('{"a": "ö"}'.encode("cp1252"))


def test_a_file_may_be_as_large_as_the_limit(tmp_path, monkeypatch):
    path = tmp_path / "m.json"
    path.write_text('{"a": 1}')
    monkeypatch.setattr(strict_json, "MAX_BYTES", 8)
    assert read_strict_json(path) == {"a": 1}
    monkeypatch.setattr(strict_json, "MAX_BYTES", 7)
    with pytest.raises(ModelFileError, match=r"model file '.*m\.json' is larger than"):
        read_strict_json(path)


def test_limits_of_files():
    assert strict_json.MAX_BYTES == 16 * 1024 * 1024
    assert (strict_json.MAX_NUMBER, strict_json.MAX_DIGITS) == (1e300, 20)


def test_errors_name_the_kind_of_file_and_its_path(tmp_path):
    path = tmp_path / "s.json"
    with pytest.raises(ModelFileError, match=r"^recipe '.*s\.json' cannot be opened"):
        read_strict_json(path, "recipe")
    path.write_text("[]")
    with pytest.raises(ModelFileError, match=r"^recipe '.*s\.json': it holds a list"):
        read_strict_json(path, "recipe")
    with named_file("x", path):
        text = path.read_text()
    assert text == "[]"
    with pytest.raises(KeyError), named_file("x", path):
        raise KeyError


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "{}"),
        ([], "[]"),
        ([1, "ö", None, True], '[1, "ö", null, true]'),
        ({"b": 1, "a": [1.5, 2]}, '{\n "b": 1,\n "a": [1.5, 2]\n}'),
        ([[1, 2], []], "[\n [1, 2],\n []\n]"),
        ([1, {"a": {}}], '[\n 1,\n {\n  "a": {}\n }\n]'),
        ({"a": {"b": [[0]]}}, '{\n "a": {\n  "b": [\n   [0]\n  ]\n }\n}'),
    ],
)
def test_lists_of_numbers_stand_on_a_line(data, text):
    assert json_text(data) == text
    assert json.loads(text) == data


@pytest.mark.parametrize("data", [float("nan"), {"a": [float("inf")]}])
def test_what_is_no_number_is_not_written(data):
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text(data)
