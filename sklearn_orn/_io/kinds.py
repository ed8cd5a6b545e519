"""Kinds of values in our JSON files: within limits, maybe missing, arrays, labels."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated, Any, Literal, SupportsFloat

import numpy as np

from sklearn_orn._io.codec import Kind, Rule, Unlike

MAX_TEXT = 1000  # letters of a name or a title
EXACT = 2**53  # JavaScript, too, tells whole numbers apart up to here
INFINITIES = {"Infinity": math.inf, "-Infinity": -math.inf}
LABEL_TYPES = (
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    "float32",
    "float64",
    "str",
    "object",
)

Text = Annotated[
    str,
    Rule(f"a text of at most {MAX_TEXT} letters", lambda text: len(text) <= MAX_TEXT),
]


def one_of(*words: str) -> Kind:
    """Return the kind of one of some words."""
    return Literal.__getitem__(words)


def list_of(kind: Kind) -> Kind:
    """Return the kind of lists of a kind that is not known before the program runs."""
    return GenericAlias(list, (kind,))


def tuple_of(kind: Kind) -> Kind:
    """Return the kind of tuples of any length."""
    return GenericAlias(tuple, (kind, ...))


def dict_of(kind: Kind, *keys: str) -> Kind:
    """Return the kind of dicts of a kind, with no other keys than those given."""
    return GenericAlias(dict, (one_of(*keys) if keys else str, kind))


def within(low: float = -math.inf, high: float = math.inf) -> Rule:
    """Return the rule of floats within limits."""
    return _limits("a number", low, high, make=float)


def whole(low: int = 0, high: int = EXACT) -> Kind:
    """Return the kind of integers within limits."""
    return Annotated[int, _limits("a whole number", low, high, make=int)]


def number(low: float = -math.inf, high: float = math.inf) -> Kind:
    """Return the kind of floats within limits that are never missing."""
    return Annotated[float, within(low, high)]


def _limits(what: str, low: float, high: float, make: Callable[[Any], object]) -> Rule:
    if high not in (EXACT, math.inf):
        what += f" from {low:g} to {high:g}"
    elif math.isfinite(low):
        what += f" of at least {low:g}"
    return Rule(what, lambda data: not (data < low or data > high), make)


def maybe_number(low: float = -math.inf) -> Kind:
    """Return the kind of floats that may be missing (null) or infinite (text)."""
    return Annotated[
        float | Literal["Infinity", "-Infinity"] | None,
        Rule(
            "a number, or null for a missing one",
            make=lambda data: float(
                INFINITIES.get(data, data) if data is not None else math.nan
            ),
            plain=_plain_number,
        ),
        within(low),
    ]


def _plain_number(value: SupportsFloat) -> float | str | None:
    number = float(value)
    if math.isfinite(number):
        return number
    words = {number: word for word, number in INFINITIES.items()}
    return words.get(number)


def names(*axes: int | str) -> Kind:
    """Return the kind of arrays of names, which are texts."""

    def make(texts: list[str]) -> np.ndarray:
        return np.array(texts, dtype=object)

    return Annotated[list[Text], Rule(make=make, axes=axes)]


def array(dtype: str, *axes: int | str) -> Kind:
    """Return the kind of arrays of ``"finite"``, ``"float"``, ``"int"`` or ``"bool"``.

    ``"float"`` may hold missing and infinite numbers. `axes` are its lengths: a number,
    or a name that stands for the same length everywhere.
    """
    kind: Kind = {
        "finite": number(),
        "float": maybe_number(),
        "int": whole(),
        "bool": bool,
    }[dtype]
    is_table = len(axes) == 2
    kind = list_of(list_of(kind)) if is_table else list_of(kind)

    def make(rows: list[Any]) -> np.ndarray:
        shape = (len(rows), len(rows[0]) if rows else 0) if is_table else -1
        data_type = "float" if dtype == "finite" else dtype
        return np.array(rows, dtype=data_type).reshape(shape)

    def holds(rows: list[Any]) -> bool:
        return not is_table or len({len(row) for row in rows}) <= 1

    return Annotated[
        kind,
        Rule(
            "rows of equal length" if is_table else "a list",
            holds,
            make,
            plain=lambda value: np.asarray(value).tolist(),
            axes=axes,
        ),
    ]


@dataclass(frozen=True)
class _Labels:
    """Two labels in a file, which keep their type."""

    type: Annotated[str, Rule(f"one of {LABEL_TYPES}", LABEL_TYPES.__contains__)]
    values: list[Any]


def _labels_of(data: _Labels) -> np.ndarray:
    kind, values = data.type, data.values
    fits: tuple[type, ...] = {
        "b": (bool,),
        "s": (str,),
        "o": (str, bool, int, float),
        "f": (int, float),
    }.get(kind[0], (int,))
    if (
        not all(isinstance(x, fits) for x in values)
        or (kind[0] in "iuf" and any(isinstance(x, bool) for x in values))
        or any(isinstance(x, str) and len(x) > MAX_TEXT for x in values)
    ):
        raise Unlike(f"labels of type {kind}")
    try:
        labels = np.array(values, dtype=kind)
    except OverflowError:
        raise Unlike(f"labels of type {kind}") from None
    if len(labels) != 2 or labels[0] == labels[1]:
        raise Unlike("two different labels")
    return labels


def _plain_labels(value: object) -> _Labels:
    labels = np.asarray(value)
    kind = "str" if labels.dtype.kind == "U" else labels.dtype.name
    values = labels.tolist()
    if kind not in LABEL_TYPES:
        raise TypeError(
            f"The classes are of type {labels.dtype}: a model file holds numbers, "
            "booleans or texts. Encode y as text."
        )
    if not all(isinstance(label, str | bool | int | float) for label in values):
        raise TypeError(
            f"The classes are {values}: a model file holds numbers, booleans or texts."
        )
    return _Labels(kind, values)


LABELS = Annotated[
    _Labels,
    Rule("an object of 'type' and 'values'", make=_labels_of, plain=_plain_labels),
]
