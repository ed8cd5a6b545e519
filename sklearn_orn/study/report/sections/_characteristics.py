"""Tables 1 and 2: the classes and the parts at baseline, and lesions by location."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sklearn_orn.study._numbers import decimal, p_value
from sklearn_orn.study.report._blocks import (
    Absence,
    Section,
    Table,
    TableBlock,
    Text,
    numbers,
    texts,
)
from sklearn_orn.study.results import Absent, BaselineRow, Results

PARTS = ("all", "training", "validation")


def _missing(row: BaselineRow) -> str:
    if row.level is not None or row.kind == "count" or row.missing is None:
        return ""
    return str(sum(row.missing.values()))


def _comparison(
    title: str, rows: Sequence[BaselineRow], notes: Iterable[str] = ()
) -> Table:
    labels = list(rows[0].cells)
    cells = [
        [
            f"\N{EM SPACE}{row.level}"
            if row.level is not None
            else row.variable + (f" ({row.note})" if row.note else ""),
            *(row.cells.get(label, "") for label in labels),
            row.test or "",
            p_value(row.p_value) if row.test else "",
            decimal(row.smd) if row.smd is not None else "",
            _missing(row),
        ]
        for row in rows
    ]
    columns = (
        *(*texts(""), *numbers(*labels), *texts("Test")),
        *numbers("p", "SMD", "Missing"),
    )
    return Table(title, columns, cells, " ".join(notes))


def class_table(part: str, kind: str, results: Results) -> Table | None:
    """Compare the classes within a part; the first such table has the notes."""
    baseline = kind == "baseline"
    found = results.baseline if baseline else results.locations
    if isinstance(found, Absent) or part not in found.by_class:
        return None
    if baseline and not results.config.clinical:
        return None
    title = "Characteristics by class" if baseline else "Lesions by location"
    return _comparison(
        title + ("" if part == "all" else f", {part} part"),
        found.by_class[part],
        found.notes if part == next(iter(found.by_class)) else (),
    )


def part_table(results: Results) -> Table | None:
    """Compare training with validation."""
    found = results.baseline
    if isinstance(found, Absent) or not results.config.clinical or not found.by_part:
        return None
    title = "Characteristics, training against validation"
    return _comparison(title, found.by_part)


def no_columns(results: Results) -> Iterator[str]:
    """Say why there is no table of characteristics."""
    if not results.config.clinical:
        yield "No clinical columns are named, so there is no table of characteristics."


def _by_class(kind: str, part: str) -> TableBlock:
    places = ("baseline",) if (kind, part) == ("baseline", "training") else ()
    make = partial(class_table, part, kind)
    return TableBlock(f"{kind}-{part}", make, places, layout="wide")


SECTION = Section(
    (
        *(_by_class("baseline", part) for part in PARTS),
        TableBlock("baseline-parts", part_table, layout="wide"),
        *(_by_class("locations", part) for part in PARTS),
        Text(no_columns),
        Absence("Characteristics", lambda r: r.config.clinical and r.baseline),
    )
)
