"""JSON Schema of dataclasses, by the types of their fields."""

import dataclasses
from types import NoneType, UnionType
from typing import Literal, get_args, get_origin

from sklearn_orn._io.codec import Kind, Plain, fields_of
from sklearn_orn.study._json_csv import JsonObject

JSON_NAMES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}


def json_schema(kind: type, head: JsonObject) -> JsonObject:
    """Return the JSON Schema (2020-12) of a dataclass; `head` stands before its fields.

    `kind` is as `decode` takes it.
    """
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
    kinds = fields_of(kind)
    return {
        "title": kind.__name__,
        "description": kind.__doc__.partition("\n")[0],
        "type": "object",
        "properties": {name: _schema(k, known) for name, k in kinds.items()},
        "required": list(kinds),
        "additionalProperties": False,
    }


def _schema(kind: Kind, known: JsonObject) -> JsonObject:
    origin: object = get_origin(kind)
    arguments = get_args(kind)
    if kind is Plain:
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
