"""A column of the cohort table as a variable of Table 1: kind, unit and values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_orn._io.workbooks import Cell
from sklearn_orn._validation import as_number, name_list
from sklearn_orn.cohort.shared import label_text
from sklearn_orn.exceptions import CohortError

KINDS = ("continuous", "mean", "median", "categorical")
MOST_CATEGORICAL_NUMBERS = 5  # a grade or stage has few values, a measurement many
MOST_LEVELS = 30  # a longer table is rather a column of names


@dataclass(frozen=True, eq=False)
class Variable:
    """One characteristic of the patients, or of the lesions.

    `values` are the numbers, or the positions in `levels`, NaN where missing. `varying`
    are the patients within whom they differ, which is why they go by lesion then.
    """

    name: str
    kind: str
    by_patient: bool
    values: np.ndarray
    levels: tuple[str, ...]
    varying: tuple[str, ...]


def _number(value: object) -> float | None:
    """Return a cell as a number, or None where it is none."""
    return None if isinstance(value, bool | np.bool_) else as_number(value)


def _is_missing(value: Cell) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or bool(pd.isna(value))


def _check_finite(name: str, numbers: np.ndarray, lesion: np.ndarray) -> None:
    infinite = np.isinf(numbers)
    if infinite.any():
        raise CohortError(
            f"column {name!r} holds an infinite value for "
            f"{name_list(lesion[infinite])}: expected finite numbers. Correct the "
            "cells, or empty them if the value is not known."
        )


def _levels(
    column: pd.Series, texts: Sequence[str | None], numeric: bool
) -> tuple[str, ...]:
    present = {text for text in texts if text is not None}
    if isinstance(column.dtype, pd.CategoricalDtype):
        own = [label_text(value) for value in column.dtype.categories]
        return tuple(dict.fromkeys(text for text in own if text in present))
    return tuple(sorted(present, key=float if numeric else None))


def _check_levels(
    name: str, levels: Sequence[str], cells: Sequence[Cell], units: int
) -> None:
    if len(levels) <= MOST_LEVELS:
        return
    texts = [str(c) for c in cells if not _is_missing(c) and _number(c) is None]
    wrong = f" The first that is not a number is {texts[0]!r}." if texts else ""
    raise CohortError(
        f"column {name!r} holds {len(levels)} different values for {units} lesions: "
        f"expected numbers, or at most {MOST_LEVELS} categories.{wrong} Correct the "
        "cells, group the categories, or leave the column out."
    )


def _by_patient(
    values: np.ndarray, patient: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the value of each patient, and the patients who have several."""
    table = pd.Series(values).groupby(patient, sort=False)
    varying = tuple(str(name) for name, n in table.nunique().items() if n > 1)
    return table.first().to_numpy(dtype=float), varying


def read_variable(
    column: pd.Series,
    patient: np.ndarray,
    lesion: np.ndarray,
    *,
    kind: str | None = None,
    by_patient: bool = True,
) -> Variable:
    """Read a column of the cohort table; empty cells are missing values.

    With None for `kind` more than five different numbers are continuous, and all else
    categories. `by_patient` counts patients, in the order of the table, where no
    patient has two different values; one of whom only some lesions have a value has
    that value.
    """
    name = str(column.name)
    cells = list(column)
    missing = [_is_missing(cell) for cell in cells]
    numbers = [
        math.nan if gone else _number(cell)
        for cell, gone in zip(cells, missing, strict=True)
    ]
    numeric = None not in numbers and not isinstance(column.dtype, pd.CategoricalDtype)
    values = np.array([math.nan if n is None else n for n in numbers], dtype=float)
    if numeric:
        _check_finite(name, values, lesion)
    if kind is None:
        distinct = len(set(values[~np.isnan(values)]))
        many = numeric and distinct > MOST_CATEGORICAL_NUMBERS
        kind = "continuous" if many else "categorical"
    levels: tuple[str, ...] = ()
    if kind == "categorical":
        texts = [
            None if gone else label_text(cell)
            for cell, gone in zip(cells, missing, strict=True)
        ]
        levels = _levels(column, texts, numeric)
        _check_levels(name, levels, cells, len(cells))
        place = {level: float(i) for i, level in enumerate(levels)}
        values = np.array([math.nan if t is None else place[t] for t in texts])
    elif not numeric:
        text = next(cells[i] for i, number in enumerate(numbers) if number is None)
        raise CohortError(
            f"column {name!r} is asked for as {kind}, but holds {str(text)!r}: "
            "expected numbers. Correct the cell, or call it categorical."
        )
    varying: tuple[str, ...] = ()
    if by_patient:
        first, varying = _by_patient(values, patient)
        values = values if varying else first
    return Variable(
        name=name,
        kind=kind,
        by_patient=by_patient and not varying,
        values=values,
        levels=levels,
        varying=varying,
    )
