"""The study's report: one HTML file that needs nothing else."""

from collections.abc import Iterator, Mapping, Sequence

from sklearn_orn._io.html_page import page_template
from sklearn_orn._warning_codes import CODES
from sklearn_orn.study._auc_rows import headline, product_aucs
from sklearn_orn.study._written_numbers import decimal, limits
from sklearn_orn.study.methods._text import methods_paragraph, references
from sklearn_orn.study.report._blocks import (
    Absence,
    Block,
    FigureBlock,
    Files,
    Heading,
    Html,
    Section,
    TableBlock,
    Text,
)
from sklearn_orn.study.report._checklists import FilledChecklist
from sklearn_orn.study.report._made import ReportFigure, ReportTable
from sklearn_orn.study.report.sections import CHAPTERS
from sklearn_orn.study.report.sections._shared import has_model, power
from sklearn_orn.study.results import Absent, Results

TEMPLATE = "sklearn_orn.study.report", "templates/report.html.j2"
# What a macro of the template shows: its name, and of what.
Shown = tuple[str, str | ReportTable | ReportFigure]


def readers_text(readers: Sequence[str]) -> str:
    """Return the number of readers and their names."""
    if len(readers) < 2:
        return "one reader"
    return f"{len(readers)} readers ({', '.join(readers)})"


def report_title(results: Results) -> str:
    """Return the title of the report."""
    negative, positive = results.classes
    combined = results.product is not None
    kind = "Clinical-radiomics nomogram" if combined else "Radiomics nomogram"
    if positive != results.labels[1]:
        return f"{kind} for {positive}"
    return f"{kind}: {positive} against {negative}"


def render_report(
    results: Results,
    *,
    figures: Mapping[str, ReportFigure],
    tables: Mapping[str, ReportTable],
    checklists: Mapping[str, FilledChecklist],
    seconds: Mapping[str, float],
    files: Files,
) -> str:
    """Return the report as one HTML page, which loads nothing; texts are escaped."""

    def shown(block: Block) -> Iterator[Shown]:
        match block:
            case Heading():
                if block.wanted(results):
                    yield "heading", block.text
            case Text():
                yield from (("paragraph", text) for text in block.of(results))
            case Html():
                yield "html", block.of(results, files)
            case Absence():
                found = block.of(results)
                if isinstance(found, Absent):
                    yield "absent", f"{block.what} cannot be shown: {found.absent}"
            case TableBlock():
                if block.on_page and block.key in tables:
                    yield "table", tables[block.key]
            case FigureBlock():
                if block.key in figures:
                    yield "figure", figures[block.key]

    def section(of: Section) -> list[Shown]:
        if of.needs_model and not has_model(results):
            return []
        return [item for block in of.blocks for item in shown(block)]

    template = page_template(*TEMPLATE, decimal=decimal, interval=limits, power=power)
    return template.render(
        title=report_title(results),
        results=results,
        codes=CODES,
        has_model=has_model(results),
        readers_text=readers_text(results.readers),
        headline=headline(results),
        product_aucs=product_aucs(results),
        contents=[(c.key, c.short or c.title) for c in CHAPTERS],
        chapters=[
            (c.key, c.title, [(s.layout, section(s)) for s in c.sections])
            for c in CHAPTERS
        ],
        methods=methods_paragraph(results),
        references=references(results),
        checklists=checklists,
        seconds=seconds,
    )
