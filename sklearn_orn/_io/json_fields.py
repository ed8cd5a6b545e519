"""Kinds of values in a JSON file: how each is written, and checked when read."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, SupportsFloat

import numpy as np

from sklearn_orn.exceptions import ModelFileError

MAX_TEXT = 1000  # letters of a name or a title
_SHOWN = 60  # letters of a value in a message
_EXACT = 2**53  # JavaScript, too, tells whole numbers apart up to here
INFINITIES = {"Infinity": math.inf, "-Infinity": -math.inf}
LABEL_TYPES = (
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    "float32",
    "float64",
    "str",
    "object",
)


class Field(NamedTuple):
    """One kind of value.

    `decode` takes JSON data and the name of their place; ModelFileError if they are
    anything else.
    """

    encode: Callable[[Any], object]
    decode: Callable[[object, str], Any]


def refuse(where: str, value: object, expected: str) -> ModelFileError:
    """Return the error for a value that is not what its place holds."""
    shown = repr(value)
    if len(shown) > _SHOWN:
        shown = shown[: _SHOWN - 3] + "..."
    return ModelFileError(f"{where} is {shown}; expected {expected}.")


def integer(low: int = 0, high: int = _EXACT) -> Field:
    """Return the kind of integers within limits."""

    def decode(data: object, where: str) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise refuse(where, data, "an integer")
        if not low <= data <= high:
            raise refuse(where, data, f"an integer from {low} to {high}")
        return data

    return Field(int, decode)


def number(low: float = -math.inf, high: float = math.inf) -> Field:
    """Return the kind of numbers within limits; NaN is null, infinity is text."""
    return _number(low, high, True)


def finite(low: float = -math.inf, high: float = math.inf) -> Field:
    """Return the kind of numbers within limits that are never missing."""
    return _number(low, high, False)


def _number(low: float, high: float, may_miss: bool) -> Field:
    def decode(data: object, where: str) -> float:
        if may_miss and data is None:
            return math.nan
        value = INFINITIES.get(data) if may_miss and isinstance(data, str) else data
        if isinstance(value, bool) or not isinstance(value, int | float):
            missing = ", or null for a missing one" if may_miss else ""
            raise refuse(where, data, f"a number{missing}")
        if not low <= value <= high:
            raise refuse(where, data, f"a number from {low:g} to {high:g}")
        return float(value)

    return Field(_plain_float, decode)


def text(*options: str) -> Field:
    """Return the kind of short texts, or of one of some words."""

    def decode(data: object, where: str) -> str:
        if not isinstance(data, str) or len(data) > MAX_TEXT:
            raise refuse(where, data, f"a text of at most {MAX_TEXT} letters")
        if options and data not in options:
            raise refuse(where, data, f"one of {list(options)}")
        return data

    return Field(str, decode)


def _decode_flag(data: object, where: str) -> bool:
    if not isinstance(data, bool):
        raise refuse(where, data, "true or false")
    return data


flag = Field(bool, _decode_flag)


def optional(field: Field) -> Field:
    """Return the kind that may also be None."""
    return Field(
        lambda value: None if value is None else field.encode(value),
        lambda data, where: None if data is None else field.decode(data, where),
    )


def word_or(field: Field, *words: str) -> Field:
    """Return the kind that may also be one of some words."""
    return Field(
        lambda value: value if isinstance(value, str) else field.encode(value),
        lambda data, where: (
            data
            if isinstance(data, str) and data in words
            else field.decode(data, where)
        ),
    )


def lossy(field: Field, *types: type) -> Field:
    """Return the kind that writes null for a value of any other type.

    For settings of fitting that JSON has no word for, such as a splitter.
    """
    return Field(
        lambda value: field.encode(value) if isinstance(value, types) else None,
        optional(field).decode,
    )


def sequence(
    field: Field, make: Callable[[Iterable[object]], Sequence[object]] = list
) -> Field:
    """Return the kind of lists of one kind."""

    def decode(data: object, where: str) -> Sequence[object]:
        if not isinstance(data, list):
            raise refuse(where, data, "a list")
        return make(field.decode(x, f"{where}[{i}]") for i, x in enumerate(data))

    return Field(lambda value: [field.encode(x) for x in value], decode)


def mapping(field: Field, keys: Sequence[str] | None = None) -> Field:
    """Return the kind of objects whose values are of one kind."""

    def decode(data: object, where: str) -> dict[str, object]:
        if not isinstance(data, dict):
            raise refuse(where, data, "an object")
        if keys is not None and not set(data) <= set(keys):
            raise refuse(where, sorted(set(data) - set(keys)), f"names of {list(keys)}")
        return {k: field.decode(x, f"{where}.{k}") for k, x in data.items()}

    return Field(
        lambda value: {str(k): field.encode(x) for k, x in value.items()}, decode
    )


def array(dtype: str, n_axes: int = 1) -> Field:
    """Return the kind of arrays of ``"finite"``, ``"float"``, ``"int"`` or ``"bool"``.

    ``"float"`` may hold missing and infinite numbers.
    """
    field = {"finite": finite(), "float": number(), "int": integer(), "bool": flag}[
        dtype
    ]
    for _ in range(n_axes):
        field = sequence(field)

    def decode(data: object, where: str) -> np.ndarray:
        rows = field.decode(data, where)
        lengths = {len(row) for row in rows} if n_axes == 2 else set()
        if len(lengths) > 1:
            raise refuse(where, rows, "rows of equal length")
        shape = (len(rows), *(lengths or {0}))[:n_axes]
        kind = "float" if dtype == "finite" else dtype
        return np.array(rows, dtype=kind).reshape(shape)

    return Field(lambda value: field.encode(np.asarray(value).tolist()), decode)


def _decode_names(data: object, where: str) -> np.ndarray:
    return np.array(sequence(text()).decode(data, where), dtype=object)


names = Field(lambda value: [str(name) for name in value], _decode_names)


def _encode_labels(value: np.ndarray) -> dict[str, object]:
    kind = "str" if value.dtype.kind == "U" else value.dtype.name
    if kind not in LABEL_TYPES:
        raise TypeError(
            f"The classes are of type {value.dtype}: a model file holds numbers, "
            "booleans or texts. Encode y as text."
        )
    labels = value.tolist()
    if not all(isinstance(label, str | bool | int | float) for label in labels):
        raise TypeError(
            f"The classes are {labels}: a model file holds numbers, booleans or texts."
        )
    return {"type": kind, "values": labels}


def _decode_labels(data: object, where: str) -> np.ndarray:
    if not isinstance(data, dict) or set(data) != {"type", "values"}:
        raise refuse(where, data, "an object of 'type' and 'values'")
    kind = text(*LABEL_TYPES).decode(data["type"], f"{where}.type")
    values = data["values"]
    fits: tuple[type, ...] = {
        "b": (bool,),
        "s": (str,),
        "o": (str, bool, int, float),
    }.get(kind[0], (int, float) if kind.startswith("float") else (int,))
    if (
        not isinstance(values, list)
        or not all(isinstance(x, fits) for x in values)
        or (kind[0] in "iuf" and any(isinstance(x, bool) for x in values))
        or any(isinstance(x, str) and len(x) > MAX_TEXT for x in values)
    ):
        raise refuse(f"{where}.values", values, f"labels of type {kind}")
    try:
        labels = np.array(values, dtype=kind)
    except OverflowError:
        raise refuse(f"{where}.values", values, f"labels of type {kind}") from None
    if len(labels) != 2 or labels[0] == labels[1]:
        raise refuse(f"{where}.values", values, "two different labels")
    return labels


labels = Field(_encode_labels, _decode_labels)


def _plain_float(value: SupportsFloat) -> float | str | None:
    number = float(value)
    if math.isnan(number):
        return None
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def exact_keys(data: object, expected: Iterable[str], where: str) -> dict[str, Any]:
    """Check that an object has these names and no other."""
    if not isinstance(data, dict):
        raise refuse(where, data, "an object")
    missing, unknown = set(expected) - set(data), set(data) - set(expected)
    if missing or unknown:
        raise ModelFileError(
            f"{where} lacks {sorted(missing) or 'nothing'} and has "
            f"{sorted(unknown) or 'nothing'} that this version does not know."
        )
    return data


def schema_of(
    data: Mapping[str, object], newest: int, program: str = "this sklearn_orn"
) -> int:
    """Return the version of a file's schema, if the program is not too old for it."""
    version: int = integer(1).decode(data.get("schema_version"), "schema_version")
    if version > newest:
        raise ModelFileError(
            f"it has schema version {version}; {program} reads up to {newest}. Update "
            "sklearn_orn."
        )
    return version
