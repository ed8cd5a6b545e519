"""Plain JSON data to typed values and back, by the types of their fields."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from sklearn_orn.exceptions import ModelFileError

T = TypeVar("T")
Kind = Any  # a type; or a mapping of names to kinds, for a dict with these keys
Plain = Any  # what `json.loads` gives
JsonObject = dict[str, Plain]  # of it, an object
ANYTHING: Kind = Any  # what is checked where it is used
WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
    dict: "a JSON object",
    list: "a list",
}
SCALARS = frozenset({str, int, float, bool, NoneType})
SHOWN = 60  # letters of a value in a message
_UNIONS = (Union, UnionType)
_UNION_TYPES = {UnionType, type(str | Literal[""])}  # one type from Python 3.14
_is_record: Callable[[Kind], bool] = is_dataclass


class UnexpectedData(ModelFileError):
    """Data of another shape than is asked for; says where, and what was found."""

    def __init__(self, message: str, at: str | None = None) -> None:
        super().__init__(message)
        self.at = at


class Unlike(ValueError):
    """What the `make` of a rule raises: in words, what it would take."""


@dataclass(frozen=True)
class Rule:
    """What ``Annotated`` asks of data beside their type, said in words.

    What `holds` of data becomes a value by `make`, and data again by `plain`. `axes`
    name lengths that are the same wherever the name is.
    """

    expected: str = ""
    holds: Callable[[Plain], object] = lambda data: True
    make: Callable[[Plain], object] = lambda data: data
    plain: Callable[[Plain], object] = lambda value: value
    axes: tuple[int | str, ...] = ()


@overload
def decode(kind: type[T], data: Plain, at: str = "") -> T: ...
@overload
def decode(kind: Kind, data: Plain, at: str = "") -> Any: ...
def decode(kind: Kind, data: Plain, at: str = "") -> object:
    """Return plain data as what a type asks for.

    A type is a dataclass, a union, ``tuple``, ``list``, ``dict``, ``Literal``, ``Any``
    or what JSON has, with rules where it is ``Annotated``. UnexpectedData says where.
    """
    if kind is ANYTHING or _is_value(kind, data):
        return data
    origin = _origin(kind)
    if origin is Annotated:
        return _decode_ruled(kind.__origin__, kind.__metadata__, data, at)
    arguments = get_args(kind)
    if origin in _UNIONS:
        return decode(_member(arguments, data, at), data, at)
    if not _fits(kind, data):
        raise refuse(at, data, _words(kind))
    if _is_record(kind):
        return kind(**_decode_object(fields_of(kind), data, at))
    if isinstance(kind, Mapping):
        return _decode_object(kind, data, at)
    if origin in (tuple, list):
        return _decode_items(kind, data, at)
    if origin is dict:
        return _decode_dict(arguments, data, at)
    return data


def encode(kind: Kind, value: Any) -> Plain:
    """Return a value as the plain data that `decode` makes it of; None stays None."""
    origin, arguments = _origin(kind), get_args(kind)
    if value is None or kind is ANYTHING or origin is Literal:
        return value
    if origin is Annotated:
        for rule in reversed(kind.__metadata__):
            value = rule.plain(value)
        return encode(arguments[0], value)
    if origin in _UNIONS:
        return encode(_member_of_value(arguments, value), value)
    if _is_record(kind):
        return {k: encode(x, getattr(value, k)) for k, x in fields_of(kind).items()}
    if isinstance(kind, Mapping):
        return {k: encode(x, value[k]) for k, x in kind.items()}
    if origin in (tuple, list):
        pairs = zip(_kinds_of_items(kind, len(value)), value, strict=True)
        return [encode(of_item, item) for of_item, item in pairs]
    if origin is dict:
        return {str(k): encode(arguments[1], x) for k, x in value.items()}
    return kind(value)


@cache
def fields_of(kind: Kind) -> dict[str, Kind]:
    """Return the fields of a dataclass and their types, with the rules."""
    return get_type_hints(kind, include_extras=True)


def axes_of(kind: Kind) -> tuple[int | str, ...]:
    """Return the lengths that a type, or a member of a union, has a name for."""
    members = get_args(kind) if _origin(kind) in _UNIONS else (kind,)
    rules = [rule for member in members for rule in getattr(member, "__metadata__", ())]
    return next((rule.axes for rule in rules if rule.axes), ())


def refuse(at: str, data: Plain, expected: str) -> UnexpectedData:
    """Return the error for data that are not what their place holds."""
    shown = repr(data)
    if len(shown) > SHOWN:
        shown = shown[: SHOWN - 3] + "..."
    return UnexpectedData(f"{at or 'it'} is {shown}; expected {expected}.", at)


def _decode_ruled(kind: Kind, rules: Iterable[Rule], data: Plain, at: str) -> object:
    try:
        value = decode(kind, data, at)
    except UnexpectedData as error:
        expected = next((rule.expected for rule in rules if rule.expected), "")
        if error.at != at or not expected:
            raise
        raise refuse(at, data, expected) from None
    for rule in rules:
        if not rule.holds(value):
            raise refuse(at, data, rule.expected)
        try:
            value = rule.make(value)
        except Unlike as error:
            raise refuse(at, data, str(error)) from None
    return value


def _kinds_of_items(kind: Kind, n: int) -> tuple[Kind, ...]:
    arguments = get_args(kind)
    of_any_length = _origin(kind) is list or arguments[-1] is Ellipsis
    return arguments[:1] * n if of_any_length else arguments


def _decode_items(kind: Kind, data: Plain, at: str) -> object:
    kinds = _kinds_of_items(kind, len(data))
    if len(kinds) != len(data):
        raise refuse(at, data, f"a list of {len(kinds)}, not of {len(data)}")
    pairs = enumerate(zip(kinds, data, strict=True))
    make: Kind = _origin(kind)
    return make(
        x if _is_value(of_item, x) else decode(of_item, x, f"{at}[{i}]")
        for i, (of_item, x) in pairs
    )


def _decode_dict(arguments: tuple[Kind, ...], data: Plain, at: str) -> JsonObject:
    of_key, of_value = arguments
    strange = sorted(key for key in data if not _fits(of_key, key))
    if strange:
        raise refuse(at, strange, f"names of {list(get_args(of_key))}")
    return {k: decode(of_value, x, f"{at}.{k}") for k, x in data.items()}


def _decode_object(kinds: Mapping[str, Kind], data: Plain, at: str) -> JsonObject:
    missing, unknown = sorted(kinds - data.keys()), sorted(data.keys() - kinds)
    if missing or unknown:
        raise UnexpectedData(
            f"{at or 'the file'} lacks {missing or 'nothing'} and has "
            f"{unknown or 'nothing'} that this version does not know."
        )
    prefix = f"{at}." if at else ""
    return {k: decode(kind, data[k], f"{prefix}{k}") for k, kind in kinds.items()}


def _origin(kind: Kind) -> Kind:
    return None if type(kind) is type else get_origin(kind)


def _is_value(kind: Kind, data: Plain) -> bool:
    """Tell whether a text, number, bool or null is what a type or union asks for."""
    found = type(data)
    if found in SCALARS and (found is not float or math.isfinite(data)):
        return found is kind or (type(kind) in _UNION_TYPES and found in kind.__args__)
    return False


def _bare(kind: Kind) -> Kind:
    return get_args(kind)[0] if _origin(kind) is Annotated else kind


def _json_type(kind: Kind) -> Kind:
    """Return what `json.loads` gives for a kind: a dict, a list, or the kind itself."""
    origin = _origin(kind)
    if origin is dict or isinstance(kind, Mapping) or _is_record(kind):
        return dict
    return list if origin in (tuple, list) else kind


def _fits(kind: Kind, data: Plain) -> bool:
    """Tell whether data are of a kind at first sight, whatever is in them."""
    kind = _json_type(_bare(kind))
    if _origin(kind) in _UNIONS:
        return any(_fits(member, data) for member in get_args(kind))
    if _origin(kind) is Literal:
        return data in get_args(kind) and not isinstance(data, bool)
    if kind is float:  # JSON writes whole numbers without a point
        return type(data) in (int, float) and math.isfinite(data)
    return kind is ANYTHING or type(data) is kind


def _member(kinds: tuple[Kind, ...], data: Plain, at: str) -> Kind:
    """Return the member of a union that data are of; objects by their words, keys."""
    fitting = [kind for kind in kinds if _fits(kind, data)]
    if not fitting:
        raise refuse(at, data, " or ".join(dict.fromkeys(map(_words, kinds))))
    objects = [kind for kind in fitting if _is_record(kind)]
    if objects and isinstance(data, dict):
        return min(objects, key=lambda kind: _unlike(fields_of(kind), data))
    return fitting[0]


def _unlike(kinds: Mapping[str, Kind], data: JsonObject) -> tuple[int, int]:
    """Count the words of an object that a record does not know, then its keys."""
    tags = {k: x for k, x in kinds.items() if _origin(x) is Literal and k in data}
    wrong = sum(not _fits(kind, data[name]) for name, kind in tags.items())
    return wrong, len(kinds.keys() ^ data.keys())


def _member_of_value(kinds: tuple[Kind, ...], value: object) -> Kind:
    """Return the member of a union that a value, maybe of NumPy, is of."""
    if isinstance(value, str):
        return str
    is_mapping = isinstance(value, Mapping)
    return next(
        kind
        for kind in kinds
        if _bare(kind) is not NoneType
        and _origin(_bare(kind)) is not Literal
        and (_origin(_bare(kind)) is dict) == is_mapping
    )


def _words(kind: Kind) -> str:
    if _origin(kind) is Annotated and kind.__metadata__[0].expected:
        return str(kind.__metadata__[0].expected)
    kind = _json_type(_bare(kind))
    is_literal = _origin(kind) is Literal
    return f"one of {list(get_args(kind))}" if is_literal else WORDS[kind]
