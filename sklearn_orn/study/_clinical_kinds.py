"""What a clinical column is: continuous, categorical or ordinal."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
import pandas as pd

from sklearn_orn._messages import shown
from sklearn_orn._validation import name_list
from sklearn_orn.cohort.shared import NO, label_text
from sklearn_orn.exceptions import CohortError

# As the study file has it: "continuous", "categorical", {kind: its levels}, or
# {"kind": "continuous", "knots": their number, or themselves}.
Knots: TypeAlias = int | Sequence[float]
ClinicalKind: TypeAlias = str | Mapping[str, str | Sequence[str] | Knots]
ClinicalKinds: TypeAlias = Mapping[str, ClinicalKind]

EXPECTED = (
    "continuous, {kind: continuous, knots: 3 to 7, or a list of them}, categorical, "
    "{categorical: reference level} or {ordinal: [levels in their order]}"
)
ROMAN = ("0", "i", "ii", "iii", "iv", "v")
STAGE = re.compile(r"(\D*?)\s*(\d+|0|i{1,3}|iv|v)", re.IGNORECASE)


def checked_kinds(value: ClinicalKinds) -> dict[str, ClinicalKind]:
    """Return the kinds of the clinical columns, their levels as text."""
    kinds = {}
    for name, kind in value.items():
        if not isinstance(name, str) or not name.strip():
            raise TypeError(
                f"clinical holds {shown(name)}: expected names, each a str."
            )
        kinds[name] = _checked(name, kind)
    return kinds


def _checked(name: str, kind: object) -> ClinicalKind:
    if kind in ("continuous", "categorical"):
        return str(kind)
    error = f"clinical, {name}, is {shown(kind)}: expected {EXPECTED}."
    if isinstance(kind, Mapping) and kind.get("kind") == "continuous":
        if set(kind) == {"kind"}:
            return "continuous"
        if set(kind) == {"kind", "knots"}:
            return {"kind": "continuous", "knots": _checked_knots(name, kind["knots"])}
    if not isinstance(kind, Mapping) or len(kind) != 1:
        raise ValueError(error)
    ((word, levels),) = kind.items()
    if word == "categorical" and _is_level(levels):
        return {"categorical": label_text(levels)}
    if word != "ordinal" or isinstance(levels, str) or not isinstance(levels, Sequence):
        raise ValueError(error)
    texts = [label_text(level) for level in levels if _is_level(level)]
    if len(texts) < max(2, len(levels)) or len(set(texts)) < len(texts):
        raise ValueError(
            f"clinical, {name}, ordinal, is {shown(levels)}: expected two or more "
            "levels in their order, each once."
        )
    return {"ordinal": texts}


def _checked_knots(name: str, knots: object) -> Knots:
    """Return a number of knots, or knots as numbers in ascending order."""
    if isinstance(knots, Integral) and knots in range(3, 8):
        return int(knots)
    if isinstance(knots, Sequence | np.ndarray) and not isinstance(knots, str):
        numbers = [
            float(knot)
            for knot in knots
            if isinstance(knot, Real) and not isinstance(knot, bool)
        ]
        ascending = all(a < b for a, b in pairwise([-inf, *numbers, inf]))
        if len(numbers) == len(knots) >= 3 and ascending:
            return numbers
    raise ValueError(
        f"clinical, {name}, knots, is {shown(knots)}: expected a number of knots from "
        "3 to 7, or three or more knots in ascending order."
    )


def _is_level(value: object) -> bool:
    return isinstance(value, str | int | float)


def levels_of(kind: ClinicalKind | None) -> list[str]:
    """Return the levels of an ordinal column in their order, none of another one."""
    levels = () if kind is None or isinstance(kind, str) else kind.get("ordinal", ())
    return [] if isinstance(levels, int) else [str(level) for level in levels]


def knots_of(kind: ClinicalKind | None) -> Knots | None:
    """Return how many knots a spline has, or its knots; None for another column."""
    knots = None if kind is None or isinstance(kind, str) else kind.get("knots")
    return [float(k) for k in knots] if isinstance(knots, Sequence) else knots


def reference_of(kind: ClinicalKind | None) -> str | None:
    """Return the reference level that is named."""
    if kind is None or isinstance(kind, str) or "categorical" not in kind:
        return None
    return str(kind["categorical"])


def as_kind(column: pd.Series, kind: ClinicalKind) -> pd.Series:
    """Return a column as its kind asks: numbers, the places of levels, or texts.

    CohortError names the column, what it holds, and what to do.
    """
    if kind == "continuous" or knots_of(kind) is not None:
        return _as_numbers(column)
    texts = column.map(label_text, na_action="ignore").astype(object)
    levels = levels_of(kind)
    if levels:
        unknown = sorted(set(texts.dropna()) - set(levels))
        if unknown:
            raise CohortError(
                f"Column {str(column.name)!r} holds {name_list(map(repr, unknown))}, "
                f"which its ordinal levels {name_list(map(repr, levels))} lack: add "
                "the level at its place (clinical), or correct the cells."
            )
        return texts.map({level: float(i) for i, level in enumerate(levels)}).astype(
            float
        )
    reference = reference_of(kind)
    if reference is not None and reference not in set(texts.dropna()):
        raise CohortError(
            f"Column {str(column.name)!r} has no lesion at its reference level "
            f"{reference!r}: name one of "
            f"{name_list(map(repr, sorted(set(texts.dropna()))))} (clinical)."
        )
    return texts


def _as_numbers(column: pd.Series) -> pd.Series:
    found = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = column[found.isna() & column.notna()]
    if len(wrong):
        cells = name_list(dict.fromkeys(map(shown, wrong)))
        raise CohortError(
            f"Column {str(column.name)!r} is called continuous (clinical) and holds "
            f"{cells}, in {len(wrong)} lesions: correct the cells, leave them empty, "
            "or call it categorical."
        )
    return found


def guess_kind(column: pd.Series) -> ClinicalKind:
    """Guess what a column is: numbers, stages in an order, or categories.

    >>> guess_kind(pd.Series(["T2", "T1", "T3", None]))
    {'ordinal': ['T1', 'T2', 'T3']}
    >>> guess_kind(pd.Series(["ja", "nein"]))
    {'categorical': 'nein'}
    """
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        levels = sorted({label_text(value) for value in column.dropna()})
        places = [STAGE.fullmatch(level) for level in levels]
        if len(levels) > 2 and all(places):
            return _stages(levels) or {"categorical": levels[0]}
        no = [level for level in levels if level.casefold() in NO]
        named = [level for level in levels if level[:1].isalnum()]  # "?" is unknown
        return {"categorical": (no if len(no) == 1 else named or levels)[0]}
    return "continuous"


def _stages(levels: list[str]) -> ClinicalKind | None:
    """Return levels such as T1, T2 or I, II, III by number, if they have one stem."""
    found = [STAGE.fullmatch(level) for level in levels]
    stems = {match[1].lower() for match in found if match}
    numbers = [match[2].lower() for match in found if match]
    by_number = [int(text) if text.isdigit() else ROMAN.index(text) for text in numbers]
    if len(stems) > 1 or len(set(by_number)) < len(levels):
        return None
    pairs = sorted(zip(by_number, levels, strict=True))
    return {"ordinal": [level for _, level in pairs]}
