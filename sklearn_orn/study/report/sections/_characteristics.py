"""Tables 1 and 2: the classes and the parts at baseline, and lesions by location."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._written_numbers import decimal, p_value
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections._shared import needed
from sklearn_orn.study.results import BaselineRow, BaselineTable, Results

PARTS = ("all", "training", "validation")


def _missing(row: BaselineRow) -> str:
    if row.level is not None or row.kind == "count" or row.missing is None:
        return ""
    return str(sum(row.missing.values()))


def _comparison(
    title: str, rows: Sequence[BaselineRow], notes: Iterable[str] = ()
) -> b.Table:
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
        *(*b.texts(""), *b.numbers(*labels), *b.texts("Test")),
        *b.numbers("p", "SMD", "Missing"),
    )
    return b.Table(title, columns, cells, " ".join(notes))


def _baseline(results: Results) -> BaselineTable:
    if not results.config.clinical:
        raise NotEstimable("No clinical columns are named.")
    return needed(results.baseline)


def _class_table(part: str, locations: bool, results: Results) -> b.Table:
    """Compare the classes within a part; the first such table has the notes."""
    found = needed(results.locations) if locations else _baseline(results)
    if part not in found.by_class:
        raise NotEstimable("The study has no such part.")
    title = "Lesions by location" if locations else "Characteristics by class"
    return _comparison(
        title + ("" if part == "all" else f", {part} part"),
        found.by_class[part],
        found.notes if part == next(iter(found.by_class)) else (),
    )


def part_table(results: Results) -> b.Table:
    """Compare training with validation."""
    rows = _baseline(results).by_part
    if not rows:
        raise NotEstimable("The study is not split.")
    return _comparison("Characteristics, training against validation", rows)


def no_columns(results: Results) -> Iterator[str]:
    """Say why there is no table of characteristics."""
    if not results.config.clinical:
        yield "No clinical columns are named, so there is no table of characteristics."


def _by_class(part: str, locations: bool) -> b.TableBlock:
    kind = "locations" if locations else "baseline"
    places = ("baseline",) if f"{kind}-{part}" == "baseline-training" else ()
    make = partial(_class_table, part, locations)
    return b.TableBlock(f"{kind}-{part}", make, places, layout="wide")


SECTION = b.section(
    *(_by_class(part, locations=False) for part in PARTS),
    b.TableBlock("baseline-parts", part_table, layout="wide"),
    *(_by_class(part, locations=True) for part in PARTS),
    b.Text(no_columns),
    b.Absence("Characteristics", lambda r: r.config.clinical and r.baseline),
)
