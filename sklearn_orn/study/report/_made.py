"""The tables and figures of a study's report, numbered in the order of the page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import joblib
import pandas as pd

from sklearn_orn._workers import in_workers
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.study._verdict import combined_words
from sklearn_orn.study.report._blocks import FigureBlock, Table, TableBlock
from sklearn_orn.study.report._svg import (
    Drawing,
    Rendered,
    Settings,
    draw,
    inline_svg,
    own_settings,
)
from sklearn_orn.study.report.sections import blocks
from sklearn_orn.study.results import Results


@dataclass(frozen=True)
class ReportTable:
    """A table that the study has; those in files only have no number."""

    block: TableBlock
    table: Table
    number: int | None

    def frame(self) -> pd.DataFrame:
        """Return the table as a DataFrame of texts."""
        heads = [column.head for column in self.table.columns]
        return pd.DataFrame(self.table.rows, columns=heads)


@dataclass(frozen=True)
class ReportFigure:
    """A figure; `reason` and no number where there is nothing to draw."""

    block: FigureBlock
    title: str
    meaning: str = ""
    drawing: Drawing | Rendered | None = None
    reason: str = ""
    number: int | None = None

    @property
    def inline(self) -> str:
        """The figure as an element of the page."""
        if self.drawing is None:
            return ""
        alt = f"{self.title}. {self.meaning}"
        return inline_svg(self.drawing.svg, self.block.key, alt)


def make_tables(results: Results) -> dict[str, ReportTable]:
    """Return the tables that have rows, by key."""
    tables, number = {}, 0
    for block in blocks():
        if not isinstance(block, TableBlock):
            continue
        try:
            table = block.make(results)
        except NotEstimable:
            continue
        if table.rows:
            number += block.on_page
            shown = number if block.on_page else None
            tables[block.key] = ReportTable(block, table, shown)
    return tables


def make_figures(results: Results, n_jobs: int | None = 1) -> dict[str, ReportFigure]:
    """Return the figures that are wanted, by key; workers render theirs at once."""
    wanted = _wanted(results)
    drawings: Iterable[Drawing | Rendered | str]
    if joblib.effective_n_jobs(n_jobs) == 1:
        drawings = (_drawn(results, block) for block in wanted.values())
    else:
        settings, task = own_settings(), joblib.delayed(_rendered)
        drawings = in_workers(n_jobs)(task(results, key, settings) for key in wanted)
    figures, number = {}, 0
    for block, drawing in zip(wanted.values(), drawings, strict=True):
        combined = combined_words(results.config)
        title = block.title.format(positive=results.classes[1], combined=combined)
        if isinstance(drawing, str):
            figures[block.key] = ReportFigure(block, title, reason=drawing)
            continue
        number += 1
        figures[block.key] = ReportFigure(
            block, title, block.meaning(results), drawing, number=number
        )
    return figures


def _wanted(results: Results) -> dict[str, FigureBlock]:
    figures = (block for block in blocks() if isinstance(block, FigureBlock))
    return {block.key: block for block in figures if block.wanted(results)}


def _drawn(results: Results, block: FigureBlock) -> Drawing | str:
    """Draw a figure, or return the reason why there is none."""
    try:
        return draw(partial(block.draw, results), block.key)
    except (NotEstimable, CohortError) as error:
        # A study without a model has no ROC curve; the report says so.
        return str(error)


def _rendered(results: Results, key: str, settings: Settings) -> Rendered | str:
    """Draw and render a figure in another process."""
    from matplotlib import rc_context

    with rc_context(settings):
        drawing = _drawn(results, _wanted(results)[key])
        return drawing if isinstance(drawing, str) else drawing.rendered()


def numbered_places(
    tables: dict[str, ReportTable], figures: dict[str, ReportFigure]
) -> Iterator[tuple[str, str]]:
    """Yield the places of the checklists that have a table or figure, with its name."""
    for kind, made in (("Table", tables), ("Figure", figures)):
        for item in made.values():
            if item.number is not None:
                for place in item.block.places:
                    yield place, f"{kind} {item.number}"
