"""The study's report: one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn_orn.study._auc_rows import headline
from sklearn_orn.study._numbers import (
    decimal,
    formula_lines,
    limits,
    p_value,
    significant,
)
from sklearn_orn.study.methods._text import methods_paragraph, references
from sklearn_orn.study.report._checklists import FilledChecklist
from sklearn_orn.study.report._figures import ReportFigure
from sklearn_orn.study.report._table import ReportTable
from sklearn_orn.study.results import Results

MAX_NAMED = 8
ASKED_FOR = ("decision-pooled",)
FILES_ONLY = ("stability", "instability")  # their figures show them


def _power(text: str) -> Any:
    """Turn ``1.2 × 10^−5`` into its typeset form."""
    from markupsafe import Markup, escape

    mantissa, mark, exponent = text.partition("^")
    if not mark:
        return escape(text)
    number, space, rest = exponent.partition(" ")
    return Markup("{}<sup>{}</sup>{}").format(mantissa, number, _power(space + rest))


def readers_text(readers: Sequence[str]) -> str:
    """Return the number of readers and their names."""
    if len(readers) < 2:
        return "one reader"
    return f"{len(readers)} readers ({', '.join(readers)})"


def _imputed_text(imputed: Mapping[str, Any]) -> str:
    """Name the features with imputed values, those in the score first."""
    features = imputed.get("features", [])
    named = [
        f"{row['feature']} ({row['n_training'] + row['n_validation']}"
        f"{', in the score' if row['in_score'] else ''})"
        for row in features[:MAX_NAMED]
    ]
    more = len(features) - len(named)
    return ", ".join(named) + (f" and {more} other features" if more else "")


def report_title(labels: Sequence[str], classes: Sequence[str]) -> str:
    """Return the title of the report."""
    negative, positive = classes
    if positive != labels[1]:
        return f"Radiomics nomogram for {positive}"
    return f"Radiomics nomogram: {positive} against {negative}"


def figure_numbers(figures: Mapping[str, ReportFigure]) -> dict[str, int]:
    """Return the numbers of the figures that are drawn."""
    drawn = [key for key, figure in figures.items() if figure.drawing is not None]
    return {key: number for number, key in enumerate(drawn, start=1)}


def table_numbers(tables: Mapping[str, ReportTable]) -> dict[str, int]:
    """Return the numbers of the tables on the page."""
    shown = [key for key in tables if key not in FILES_ONLY]
    return {key: number for number, key in enumerate(shown, start=1)}


def render_report(
    results: Mapping[str, Any],
    *,
    figures: Mapping[str, ReportFigure],
    tables: Mapping[str, ReportTable],
    checklists: Mapping[str, FilledChecklist],
    seconds: Mapping[str, float],
    montage: str | None = None,
    calculator: str | None = None,
) -> str:
    """Return the report as one HTML page.

    Every text from the table is escaped; figures stand in the page as SVG; nothing is
    loaded from elsewhere.

    Parameters
    ----------
    results : dict
        All numbers of the study, as plain data.
    figures : dict of str to ReportFigure
        The drawings.
    tables : dict of str to ReportTable
        The tables that the study has.
    checklists : dict of str to FilledChecklist
        The checklists, filled in.
    seconds : dict of str to float
        Wall time of each step.
    montage : str, default=None
        The lesions with their outlines, a PNG in base 64.
    calculator : str, default=None
        Name of the calculator's file beside the report.

    Returns
    -------
    str
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sklearn_orn.study.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        decimal=decimal,
        interval=limits,
        significant=significant,
        power=_power,
        p_value=p_value,
    )
    model = results["model"]
    return environment.get_template("report.html.j2").render(
        title=report_title(results["labels"], results["classes"]),
        results=results,
        model=None if "absent" in model else model,
        positive=results["classes"][1],
        has_split=bool(results["config"]["split"] or results["config"]["date"]),
        readers_text=readers_text(results["readers"]),
        figures={
            key: figure
            for key, figure in figures.items()
            if key not in ASKED_FOR or figure.drawing is not None
        },
        numbers=figure_numbers(figures),
        tables=tables,
        table_numbers=table_numbers(tables),
        headline=headline(Results.from_plain(results)),
        folds=results["parts"][-1]["folds"] if results["parts"] else None,
        formula=formula_lines(model) if "absent" not in model else [],
        imputed_text=_imputed_text(results["imputed"]),
        methods=methods_paragraph(Results.from_plain(results)),
        references=references(Results.from_plain(results)),
        checklists=checklists,
        seconds=seconds,
        montage=montage,
        calculator=calculator,
    )
