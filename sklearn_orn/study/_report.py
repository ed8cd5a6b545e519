"""The study's report: one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn_orn._validation import name_list
from sklearn_orn.study._figures import ReportFigure
from sklearn_orn.study._tables import (
    PART_TITLES,
    decimal,
    formula_lines,
    performance_rows,
    significant,
)

CRITERIA = {"fisher": "Fisher", "poe_acc": "POE+ACC", "mutual_information": "MI"}
FIGURE_ORDER = (
    "lasso-cv",
    "lasso-path",
    "nomogram",
    "roc",
    "calibration",
    "decision",
)
MAX_NAMED = 8
PROTOCOL = {
    "modality": "Modality",
    "vendor": "Vendor",
    "model": "Scanner",
    "field_strength_T": "Field strength, T",
    "sequence": "Sequence",
    "TR_ms": "TR, ms",
    "TE_ms": "TE, ms",
    "slice_thickness_mm": "Slice thickness, mm",
    "spacing_rows_mm": "Pixel spacing between rows, mm",
    "spacing_columns_mm": "Pixel spacing between columns, mm",
    "matrix": "Matrix",
    "bits_stored": "Bits stored",
    "contrast_agent": "Contrast agent",
}


def _power(text: str) -> Any:
    """Turn ``1.2 × 10^−5`` into its typeset form."""
    from markupsafe import Markup, escape

    mantissa, mark, exponent = text.partition("^")
    if not mark:
        return escape(text)
    return Markup("{}<sup>{}</sup>").format(mantissa, exponent)


def readers_text(readers: list[str]) -> str:
    """Return the number of readers and their names."""
    if len(readers) < 2:
        return "one reader"
    return f"{len(readers)} readers ({', '.join(readers)})"


def _table_numbers(results: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of each table that this study has, in page order."""
    shown = ["counts"]
    shown += ["left_out"] if results["left_out"] else []
    shown += ["protocol"] if results["images"]["protocol"] else []
    shown += ["steps"]
    shown += ["coefficients"] if results["model"]["coefficients"] else []
    shown += ["performance"]
    return {name: number for number, name in enumerate(shown, start=1)}


def protocol_rows(records: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return each item of the protocol with its values and their lesions."""
    values: dict[str, list[str]] = {}
    for record in records:
        text = f"{record['value']} ({record['n_lesions']})"
        values.setdefault(PROTOCOL.get(record["item"], record["item"]), []).append(text)
    return [(item, name_list(texts, MAX_NAMED)) for item, texts in values.items()]


def _imputed_text(imputed: Mapping[str, Any]) -> str:
    """Name the features with imputed values, those in the score first."""
    features = imputed["features"]
    named = [
        f"{row['feature']} ({row['training'] + row['validation']}"
        f"{', in the score' if row['in_score'] else ''})"
        for row in features[:MAX_NAMED]
    ]
    more = len(features) - len(named)
    return ", ".join(named) + (f" and {more} other features" if more else "")


def _icc_of(results: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the ICC of each feature; empty without a second reader."""
    rows = results["selection"]["icc"] or []
    return {row["feature"]: row["icc"] for row in rows}


def report_title(results: Mapping[str, Any]) -> str:
    """Return the title of the report.

    Parameters
    ----------
    results : dict
        All numbers of the study.

    Returns
    -------
    str
    """
    negative, positive = results["classes"]
    if positive != results["labels"][1]:
        return f"Radiomics nomogram for {positive}"
    return f"Radiomics nomogram: {positive} against {negative}"


def render_report(
    results: Mapping[str, Any], figures: Mapping[str, ReportFigure]
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

    Returns
    -------
    str
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sklearn_orn.study"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(decimal=decimal, significant=significant, power=_power)
    selection = results["selection"]
    return environment.get_template("report.html.j2").render(
        title=report_title(results),
        results=results,
        positive=results["classes"][1],
        has_split=results["config"]["split"] is not None,
        readers_text=readers_text(results["readers"]),
        figures=figures,
        numbers={key: number for number, key in enumerate(FIGURE_ORDER, start=1)},
        tables=_table_numbers(results),
        part_titles=PART_TITLES,
        protocol=protocol_rows(results["images"]["protocol"]),
        performance=performance_rows(results["parts"]),
        folds=results["parts"][-1].get("folds"),
        formula=formula_lines(results["model"]),
        imputed_text=_imputed_text(results["imputed"]),
        icc_of=_icc_of(results),
        chosen_by={
            row["feature"]: ", ".join(CRITERIA.get(c, c) for c in row["criteria"])
            for row in selection["chosen"]
        },
    )
