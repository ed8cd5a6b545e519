"""The tables and figures of a study's report, numbered in the order of the page."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import TypeAlias

import joblib
import pandas as pd

from sklearn_orn._workers import in_workers
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.images import LesionSequence
from sklearn_orn.study._verdict import combined_words
from sklearn_orn.study.report._blocks import FigureBlock, Table, TableBlock
from sklearn_orn.study.report._montage import draw_montage
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

Picture: TypeAlias = Drawing | Rendered | str  # a text says why there is none


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


def start_drawing(
    results: Results, n_jobs: int | None = 1, montage: LesionSequence | None = None
) -> Iterator[Picture]:
    """Return the montage, if it is of some lesions, then the figures that are wanted.

    Workers begin at once, and render theirs; without any, each is drawn when asked for.
    """
    keys, lesions = _wanted(results), [] if montage is None else [montage]
    if joblib.effective_n_jobs(n_jobs) == 1:
        figures = (_drawn(results, block) for block in keys.values())
        return chain(map(draw_montage, lesions), figures)
    task, settings = joblib.delayed(_in_worker), own_settings()
    packed = pickle.dumps(results)  # once for all figures
    of_lesions = (task(settings, draw_montage, cohort) for cohort in lesions)
    of_results = (task(settings, _rendered, packed, key) for key in keys)
    return iter(in_workers(n_jobs)(chain(of_lesions, of_results)))


def make_figures(
    results: Results, drawings: Iterator[Picture] | None = None
) -> dict[str, ReportFigure]:
    """Return the figures that are wanted, by key, of what was drawn of them."""
    drawings = start_drawing(results) if drawings is None else drawings
    figures, number = {}, 0
    for block, drawing in zip(_wanted(results).values(), drawings, strict=True):
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


def _rendered(packed: bytes, key: str) -> Rendered | str:
    """Draw and render a figure."""
    results = _unpacked(packed)
    drawing = _drawn(results, _wanted(results)[key])
    return drawing if isinstance(drawing, str) else drawing.rendered()


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Results:
    results: Results = pickle.loads(packed)
    return results


def _in_worker(
    settings: Settings, make: Callable[..., Rendered | str], *of: object
) -> Rendered | str:
    """Make a picture in another process, with what was set in this one."""
    from matplotlib import rc_context

    with rc_context(settings):
        return make(*of)


def numbered_places(
    tables: dict[str, ReportTable], figures: dict[str, ReportFigure]
) -> Iterator[tuple[str, str]]:
    """Yield the places of the checklists that have a table or figure, with its name."""
    for kind, made in (("Table", tables), ("Figure", figures)):
        for item in made.values():
            if item.number is not None:
                for place in item.block.places:
                    yield place, f"{kind} {item.number}"
