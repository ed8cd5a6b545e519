"""The rows of Table 1: what a variable shows in two columns, and its test."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from sklearn_orn._validation import name_list
from sklearn_orn.study._written_numbers import MISSING, decimal, significant
from sklearn_orn.study.baseline._group_tests import (
    NOTHING,
    Groups,
    GroupTest,
    compare_counts,
    compare_levels,
    compare_means,
    compare_ranks,
    difference_of_means,
    difference_of_shares,
    is_normal,
)
from sklearn_orn.study.baseline._variables import Variable
from sklearn_orn.study.results import BaselineRow, Known, Share, Summary

T = TypeVar("T")
FINEST = 5  # decimals; a smaller spread is written as powers of ten
STATISTICS = ("mean", "sd", "median", "q1", "q3", "minimum", "maximum")


@dataclass(frozen=True, eq=False)
class Units:
    """The patients, or the lesions, that a table counts: class, part and patient."""

    y: np.ndarray
    training: np.ndarray
    patient: np.ndarray

    @property
    def repeated(self) -> bool:
        """Whether a patient has more than one unit."""
        return len(set(self.patient)) < len(self.patient)


@dataclass(frozen=True, eq=False)
class ComparedColumns:
    """Two columns of a table, and by a mask whom each counts."""

    labels: tuple[str, str]
    patients: Groups
    lesions: Groups

    def masks(self, by_patient: bool) -> Groups:
        """Return the patients or the lesions in each column."""
        return self.patients if by_patient else self.lesions

    def label(self, cells: Sequence[T]) -> dict[str, T]:
        """Name one thing for each column."""
        return dict(zip(self.labels, cells, strict=True))


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _row(
    variable: str,
    kind: Literal["count", "mean", "median", "categorical"],
    by_patient: bool,
    cells: dict[str, str],
    values: Mapping[str, int | Known | Share | Summary],
    *,
    level: str | None = None,
    test: GroupTest = NOTHING,
    smd: float | None = None,
    missing: dict[str, int] | None = None,
    note: str | None = None,
) -> BaselineRow:
    return BaselineRow(
        variable=variable,
        level=level,
        kind=kind,
        unit="patient" if by_patient else "lesion",
        cells=cells,
        values=dict(values),
        test=test.name,
        statistic=_finite(test.statistic),
        p_value=_finite(test.p_value),
        smd=_finite(smd),
        missing=missing,
        note=note,
    )


def decimals_for(values: np.ndarray) -> int | None:
    """Return how many decimals show two digits of the spread; None for more than 5."""
    there = values[~np.isnan(values)]
    spread = float(np.std(there)) if len(there) else 0.0
    if spread == 0:
        return 1
    decimals = 1 - math.floor(math.log10(spread))
    if decimals > FINEST:
        return None
    return max(decimals, 0 if spread >= 100 else 1)


def summary_of(values: np.ndarray) -> Summary:
    """Return the numbers of one cell of a continuous variable."""
    if not len(values):
        return Summary(0, *[None] * len(STATISTICS))
    q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    sd = float(values.std(ddof=1)) if len(values) > 1 else None
    numbers = (values.mean(), sd, median, q1, q3, values.min(), values.max())
    return Summary(len(values), *map(_finite, numbers))


def summary_cell(cell: Summary, mean: bool, decimals: int | None) -> str:
    if not cell.n:
        return MISSING

    def text(value: float | None) -> str:
        return significant(value, 3) if decimals is None else decimal(value, decimals)

    if mean:
        return f"{text(cell.mean)} ± {text(cell.sd)}"
    return f"{text(cell.median)} [{text(cell.q1)} to {text(cell.q3)}]"


def _count_rows(columns: ComparedColumns) -> list[BaselineRow]:
    """Return how many patients and lesions each column has."""
    rows = []
    for name, by_patient in (("Patients", True), ("Lesions", False)):
        counts = [int(mask.sum()) for mask in columns.masks(by_patient)]
        cells = columns.label([str(count) for count in counts])
        rows.append(_row(name, "count", by_patient, cells, columns.label(counts)))
    return rows


def _number_row(
    variable: Variable,
    units: Units,
    columns: ComparedColumns,
    *,
    mean: bool,
    note: str | None,
) -> BaselineRow:
    there = ~np.isnan(variable.values)
    first, second = columns.masks(variable.by_patient)
    chosen = (first & there, second & there)
    groups = (variable.values[chosen[0]], variable.values[chosen[1]])
    compare = compare_means if mean else compare_ranks
    owners = (units.patient[chosen[0]], units.patient[chosen[1]])
    test = compare(groups, owners if units.repeated else None)
    values = [summary_of(group) for group in groups]
    decimals = decimals_for(variable.values)
    return _row(
        variable.name,
        "mean" if mean else "median",
        variable.by_patient,
        columns.label([summary_cell(cell, mean, decimals) for cell in values]),
        columns.label(values),
        test=test,
        smd=difference_of_means(groups),
        missing=columns.label([int((m & ~there).sum()) for m in (first, second)]),
        note=note,
    )


def share_of(count: int, total: int) -> Share:
    return Share(count, total, count / total if total else None)


def share_text(cell: Share) -> str:
    if cell.share is None:
        return MISSING
    return f"{cell.count} ({100 * cell.share:.1f} %)"


def _test_of_categories(
    variable: Variable, units: Units, masks: Groups, counts: np.ndarray
) -> GroupTest:
    if not units.repeated:
        return compare_counts(counts)
    there = ~np.isnan(variable.values)
    first, second = (mask & there for mask in masks)
    return compare_levels(
        (variable.values[first], variable.values[second]),
        (units.patient[first], units.patient[second]),
    )


def _category_rows(
    variable: Variable, units: Units, columns: ComparedColumns, note: str | None
) -> list[BaselineRow]:
    masks = columns.masks(variable.by_patient)
    of_level = [variable.values == i for i in range(len(variable.levels))]
    counts = np.array(
        [[int((mask & here).sum()) for mask in masks] for here in of_level], dtype=int
    ).reshape(-1, 2)
    totals = counts.sum(axis=0).tolist()
    unknown = np.isnan(variable.values)
    rows = [
        _row(
            variable.name,
            "categorical",
            variable.by_patient,
            columns.label(["", ""]),
            columns.label([Known(total) for total in totals]),
            test=_test_of_categories(variable, units, masks, counts),
            smd=difference_of_shares(counts),
            missing=columns.label([int((mask & unknown).sum()) for mask in masks]),
            note=note,
        )
    ]
    for level, pair in zip(variable.levels, counts.tolist(), strict=True):
        values = [share_of(n, total) for n, total in zip(pair, totals, strict=True)]
        rows.append(
            _row(
                variable.name,
                "categorical",
                variable.by_patient,
                columns.label([share_text(cell) for cell in values]),
                columns.label(values),
                level=level,
            )
        )
    return rows


def shows_mean(variable: Variable, units: Units) -> bool:
    """Decide between mean and median once, so that all parts read alike.

    A mean needs normal values in every class of every part, one for each patient.
    """
    if variable.kind in ("mean", "median"):
        return variable.kind == "mean"
    if units.repeated:
        return False
    there = ~np.isnan(variable.values)
    return all(
        is_normal(variable.values[there & (units.training == part) & (units.y == y)])
        for part in np.unique(units.training)
        for y in np.unique(units.y)
    )


def _note(variable: Variable) -> str | None:
    """Say why a row counts lesions."""
    if not variable.varying:
        return None
    several = len(variable.varying)
    return (
        "Counts lesions: the value differs within "
        f"{'1 patient' if several == 1 else f'{several} patients'} "
        f"({name_list(variable.varying, 3)})."
    )


def table_rows(
    variables: Sequence[Variable],
    patients: Units,
    lesions: Units,
    columns: ComparedColumns,
) -> list[BaselineRow]:
    """Return the rows of a table of two columns."""
    rows = _count_rows(columns)
    for variable in variables:
        units = patients if variable.by_patient else lesions
        note = _note(variable)
        if variable.kind == "categorical":
            rows += _category_rows(variable, units, columns, note)
            continue
        mean = shows_mean(variable, units)
        rows.append(_number_row(variable, units, columns, mean=mean, note=note))
    return rows
