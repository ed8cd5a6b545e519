"""Kinds of values in our JSON files: within limits, maybe missing, arrays, labels."""

import math
from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated, Literal, SupportsFloat

import numpy as np

from sklearn_orn._io.codec import ANYTHING as ANYTHING
from sklearn_orn._io.codec import Kind, Plain, Rule, Unlike

MAX_TEXT = 1000  # letters of a name or a title
EXACT = 2**53  # JavaScript, too, tells whole numbers apart up to here
PLAIN = {bool, int, float, str}
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


def ruled(rule: Rule) -> Kind:
    """Return the kind of whatever a rule holds of."""
    return Annotated[ANYTHING, rule]


def one_of(*words: str) -> Kind:
    """Return the kind of one of some words."""
    return Literal.__getitem__(words)


def list_of(kind: Kind) -> Kind:
    """Return the kind of lists of a kind that is not known before the program runs."""
    return GenericAlias(list, (kind,))


def tuple_of(kind: Kind) -> Kind:
    """Return the kind of tuples of any length."""
    return GenericAlias(tuple, (kind, ...))


def pair_of(kind: Kind) -> Kind:
    """Return the kind of tuples of two."""
    return GenericAlias(tuple, (kind, kind))


def dict_of(kind: Kind, *keys: str) -> Kind:
    """Return the kind of dicts of a kind, with no other keys than those given."""
    return GenericAlias(dict, (one_of(*keys) if keys else str, kind))


def whole(low: int = 0, high: int = EXACT) -> Kind:
    """Return the kind of integers within limits."""
    words = f"a whole number from {low} to {'2^53' if high == EXACT else high}"
    return Annotated[int, Rule(words, lambda data: low <= data <= high)]


def number(low: float = -math.inf, high: float = math.inf) -> Kind:
    """Return the kind of floats within limits that are never missing."""
    return Annotated[float, _limits(low, high)]


def _limits(low: float, high: float) -> Rule:
    words = "a number"
    if math.isfinite(high):
        words += f" from {low:g} to {high:g}"
    elif math.isfinite(low):
        words += f" of at least {low:g}"
    return Rule(words, lambda data: not (data < low or data > high), make=float)


def maybe_number(low: float = -math.inf) -> Kind:
    """Return the kind of floats that may be missing (null) or infinite (text)."""
    return Annotated[
        float | Literal["Infinity", "-Infinity"] | None,
        Rule(
            "a number, or null for a missing one",
            make=lambda data: math.nan if data is None else float(data),
            plain=_plain_number,
        ),
        _limits(low, math.inf),
    ]


def _plain_number(value: SupportsFloat) -> float | str | None:
    number = float(value)
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return None if math.isnan(number) else number


def array(dtype: str, *axes: int | str, least: int = 0) -> Kind:
    """Return the kind of arrays of "finite", "float", "int", "bool", "object" (texts).

    ``"float"`` may hold missing and infinite numbers. `axes` are its lengths: a number,
    or a name that stands for the same length everywhere; `least` is the lowest "int".
    """
    of_cells = {
        "finite": number(),
        "float": maybe_number(),
        "int": whole(least),
        "bool": bool,
        "object": Text,
    }
    is_table = len(axes) == 2
    rows_of = list_of(of_cells[dtype])

    def make(rows: list[Plain]) -> np.ndarray:
        shape = (len(rows), len(rows[0]) if rows else 0) if is_table else -1
        data_type = "float" if dtype == "finite" else dtype
        return np.array(rows, dtype=data_type).reshape(shape)

    def holds(rows: list[Plain]) -> bool:
        return not is_table or len({len(row) for row in rows}) <= 1

    return Annotated[
        list_of(rows_of) if is_table else rows_of,
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
    values: list[Plain]


@dataclass(frozen=True)
class _Levels(_Labels):
    """Levels in a file, which keep type and order; the one of missing values is last.

    `missing` is how the missing values were written in training.
    """

    missing: Literal["NaN", "None"] | None


def _typed(kind: str, values: list[Plain], what: str) -> np.ndarray:
    try:
        labels = np.array(values, dtype=kind)
        again = labels.tolist()
        types = {float, int} if kind.startswith("float") else set(map(type, again))
        fits = again == values and set(map(type, values)) <= types & PLAIN
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits or any(isinstance(x, str) and len(x) > MAX_TEXT for x in values):
        raise Unlike(f"{what} of type {kind}")
    return labels


def _plain(labels: np.ndarray, values: list[Plain], what: str) -> str:
    """Return the name of the type of labels that a file can hold."""
    kind = "str" if labels.dtype.kind == "U" else labels.dtype.name
    if kind not in LABEL_TYPES:
        raise TypeError(
            f"The {what} are of type {labels.dtype}: a model file holds numbers, "
            f"booleans or texts. Encode {'y' if what == 'classes' else 'them'} as text."
        )
    if not set(map(type, values)) <= PLAIN:
        raise TypeError(
            f"The {what} are {values}: a model file holds numbers, booleans or texts."
        )
    return kind


def _labels_of(data: _Labels) -> np.ndarray:
    labels = _typed(data.type, data.values, "labels")
    if len(labels) != 2 or labels[0] == labels[1]:
        raise Unlike("two different labels")
    return labels


def _plain_labels(value: object) -> _Labels:
    labels = np.asarray(value)
    values = labels.tolist()
    return _Labels(_plain(labels, values, "classes"), values)


def _levels_of(data: _Levels) -> np.ndarray:
    levels = _typed(data.type, data.values, "levels")
    if len(set(data.values)) != len(levels) or not (len(levels) or data.missing):
        raise Unlike("different levels, one at least")
    if data.missing is None:
        return levels
    if data.type != "object" and (
        data.missing == "None" or not data.type.startswith("float")
    ):
        raise Unlike(f"no missing level {data.missing} of type {data.type}")
    of_missing = None if data.missing == "None" else math.nan
    return np.append(levels, np.array([of_missing], dtype=levels.dtype))


def _plain_levels(value: object) -> _Levels:
    levels = np.asarray(value)
    values = levels.tolist()
    gaps = [i for i, level in enumerate(values) if level is None or level != level]
    missing: Literal["NaN", "None"] | None = None
    if gaps:
        if gaps != [len(values) - 1]:
            raise TypeError(
                f"The levels are {values}: a model file holds one missing level, as "
                "the last."
            )
        missing = "None" if values.pop() is None else "NaN"
    return _Levels(_plain(levels, values, "levels"), values, missing)


LABELS = Annotated[
    _Labels,
    Rule("an object of 'type' and 'values'", make=_labels_of, plain=_plain_labels),
]
LEVELS = Annotated[
    _Levels,
    Rule(
        "an object of 'type', 'values' and 'missing'",
        make=_levels_of,
        plain=_plain_levels,
    ),
]
