"""Plain JSON data to dataclasses and their JSON Schema, by the types of the fields."""

import dataclasses
import math
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from sklearn_orn._validation import name_list
from sklearn_orn.study._json_csv import JsonObject

Kind: TypeAlias = Any  # an annotation: typing has no name for all that it may be
T = TypeVar("T")
WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
}
JSON_NAMES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}


class UnexpectedData(ValueError):
    """Data of another shape than the fields ask for; says where, and what was found."""


def decode(kind: type[T], data: object) -> T:
    """Return plain data, as `json.loads` gives them, as the dataclass that `kind` is.

    Its fields are dataclasses, unions of them, ``tuple``, ``dict``, ``Literal``,
    ``Any`` or what JSON has. UnexpectedData has the place, what was found and what is
    expected.

    >>> from sklearn_orn.study.results import Guard
    >>> decode(Guard, {"title": "Few events.", "text": "..."})
    Guard(title='Few events.', text='...')
    >>> decode(Guard, {"title": 1, "text": "..."})
    Traceback (most recent call last):
        ...
    sklearn_orn.study.results._codec.UnexpectedData: title: found 1; expected a text
    """
    found: T = _decode(kind, data, "")
    return found


@cache
def _fields(kind: type) -> dict[str, Kind]:
    return get_type_hints(kind)


def _origin(kind: Kind) -> object:
    return get_origin(kind)


def _refuse(at: str, data: object, expected: str) -> UnexpectedData:
    text = repr(data) if not isinstance(data, dict | list) else f"a {_word(data)}"
    where = f"{at}: " if at else ""
    return UnexpectedData(f"{where}found {text[:60]}; expected {expected}")


def _word(data: object) -> str:
    return "list" if isinstance(data, list) else "JSON object"


def _decode(kind: Kind, data: object, at: str) -> Any:
    origin, arguments = _origin(kind), get_args(kind)
    if kind is Any:
        return data
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _decode_object(kind, data, at)
    if origin is UnionType:
        return _decode(_member(arguments, data, at), data, at)
    if origin is tuple:
        return _decode_tuple(arguments, data, at)
    if origin is dict:
        if not isinstance(data, dict):
            raise _refuse(at, data, "a JSON object")
        return {k: _decode(arguments[1], x, f"{at}.{k}") for k, x in data.items()}
    if origin is Literal:
        if data not in arguments or isinstance(data, bool):
            raise _refuse(at, data, name_list([repr(a) for a in arguments], 12))
        return data
    if not _is_plain(kind, data):
        raise _refuse(at, data, WORDS[kind])
    return data


def _is_plain(kind: Kind, data: object) -> bool:
    if kind is not float:
        return type(data) is kind
    # JSON writes whole numbers without a point.
    if isinstance(data, bool) or not isinstance(data, int | float):
        return False
    return math.isfinite(data)


def _decode_tuple(
    arguments: tuple[Kind, ...], data: object, at: str
) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise _refuse(at, data, "a list")
    kinds = arguments
    if arguments[-1] is Ellipsis:
        kinds = arguments[:1] * len(data)
    if len(kinds) != len(data):
        raise _refuse(at, data, f"a list of {len(kinds)}, not of {len(data)}")
    pairs = enumerate(zip(kinds, data, strict=True))
    return tuple(_decode(kind, item, f"{at}[{i}]") for i, (kind, item) in pairs)


def _decode_object(kind: Kind, data: object, at: str) -> Any:
    if not isinstance(data, dict):
        raise _refuse(at, data, "a JSON object")
    kinds = _fields(kind)
    where = at or "it"
    lacking = [repr(name) for name in kinds if name not in data]
    if lacking:
        raise UnexpectedData(f"{where} lacks {name_list(lacking)}")
    unknown = [repr(name) for name in data if name not in kinds]
    if unknown:
        raise UnexpectedData(f"{where} has {name_list(unknown)}, which it should not")
    return kind(
        **{k: _decode(v, data[k], f"{at}.{k}" if at else k) for k, v in kinds.items()}
    )


def _member(kinds: tuple[Kind, ...], data: object, at: str) -> Kind:
    """Return the member of a union that data are of; objects are told by their keys."""
    objects: list[Kind] = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
    if objects and isinstance(data, dict):
        keys = data.keys()
        return min(objects, key=lambda kind: len(_fields(kind).keys() ^ keys))
    for kind in kinds:
        if kind in objects:
            continue
        if _origin(kind) is None and _is_plain(kind, data):
            return kind
        if _origin(kind) in (tuple, dict) and isinstance(data, list | dict):
            return kind
        if _origin(kind) is Literal and data in get_args(kind):
            return kind
    raise _refuse(at, data, " or ".join(dict.fromkeys(map(_kind_words, kinds))))


def _kind_words(kind: Kind) -> str:
    if dataclasses.is_dataclass(kind) or _origin(kind) is dict:
        return "a JSON object"
    if _origin(kind) is Literal:
        return name_list([repr(a) for a in get_args(kind)], 12)
    return WORDS.get(kind, "a list")


def json_schema(kind: type, head: JsonObject) -> JsonObject:
    """Return the JSON Schema (2020-12) of a dataclass, with constant keys before it."""
    known: JsonObject = {}
    top = _object_schema(kind, known)
    constants = {name: {"const": value} for name, value in head.items()}
    top["properties"] = constants | top["properties"]
    top["required"] = [*head, *top["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "$defs": dict(sorted(known.items())),
    }


def _object_schema(kind: Kind, known: JsonObject) -> JsonObject:
    kinds = _fields(kind)
    return {
        "title": kind.__name__,
        "description": kind.__doc__.partition("\n")[0],
        "type": "object",
        "properties": {name: _schema(k, known) for name, k in kinds.items()},
        "required": list(kinds),
        "additionalProperties": False,
    }


def _schema(kind: Kind, known: JsonObject) -> JsonObject:
    origin, arguments = _origin(kind), get_args(kind)
    if kind is Any:
        return {}
    if dataclasses.is_dataclass(kind):
        name = kind.__name__  # type: ignore[union-attr]
        if name not in known:
            known[name] = {}  # in case it holds itself
            known[name] = _object_schema(kind, known)
        return {"$ref": f"#/$defs/{name}"}
    if origin is UnionType:
        return {"anyOf": [_schema(member, known) for member in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is dict:
        values = _schema(arguments[1], known)
        return {"type": "object", "additionalProperties": values}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _schema(arguments[0], known)}
    if origin is tuple:
        n, items = len(arguments), [_schema(a, known) for a in arguments]
        return {"type": "array", "prefixItems": items, "minItems": n, "maxItems": n}
    return {"type": JSON_NAMES[kind]}
