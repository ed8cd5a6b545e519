"""The main numbers of a study, for the terminal."""

import textwrap

from sklearn_orn.study._auc_rows import auc_rows
from sklearn_orn.study._verdict import COMBINED
from sklearn_orn.study._written_numbers import (
    PART_TITLES,
    decimal,
    limits,
    performance_rows,
)
from sklearn_orn.study.report._page import readers_text, report_title
from sklearn_orn.study.results import RADIOMICS, Absent, Results

WIDTH = 88  # letters, that of `plan_study` too
SPELT_OUT = ("No model.", "Single reader.", "No validation part.")


def _performance_lines(results: Results) -> list[str]:
    parts = results.parts[::-1]  # the one to quote first
    head = "" if results.product is None else "Radiomics score"
    rows = [[head, *(PART_TITLES[part.part] for part in parts)]]
    for row in performance_rows(parts):
        cells = [
            c.text + (f"  [{c.interval}]" if c.interval else "") for c in row.cells
        ]
        rows.append([row.name, *cells])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _resampled_lines(results: Results) -> list[str]:
    """Return what resampling says of patients that the model has not seen."""
    rows = [row for row in auc_rows(results) if row.key in ("nested", "plus_632")]
    width = max((len(row.title) for row in rows), default=0)
    return [
        f"AUC by {row.title.lower().ljust(width)}  {decimal(row.auc, 3)}"
        + (f"  [{limits(row, 3)}]" if row.lower is not None else "")
        for row in rows
    ]


def _product_lines(results: Results) -> list[str]:
    """Return that the files hold the combined model, and its AUC beside the others."""
    if results.product is None:
        return []
    names = {"clinical": "clinical", RADIOMICS: RADIOMICS}
    names |= dict.fromkeys(COMBINED, "combined")
    models = () if isinstance(results.models, Absent) else results.models.rows
    told = [
        f"{names[row.name]} {decimal(row.auc, 3)}"
        + (f" [{limits(row, 3)}]" if row.lower is not None else "")
        for row in models
        if row.name in names
    ]
    aucs = [f"AUC of the models: {', '.join(told)}"] if told else []
    return [*aucs, "model.json, calculator.html, scores.csv: the combined model"]


def summary_text(results: Results) -> str:
    """Return the main numbers of a study as text of fixed width."""
    cohort = results.cohort
    steps = [f"{step.n_features} {step.name.lower()}" for step in results.features]
    lines = [
        report_title(results),
        f"{cohort.n_lesions} lesions of {cohort.n_patients} patients, "
        f"{readers_text(results.readers)}",
        f"Features: {', '.join(steps)}",
    ]
    if results.parts:
        lines += ["", *_performance_lines(results)]
        lines += ["", *_resampled_lines(results), *_product_lines(results)]
        lines.append("Brackets: 95 % confidence interval.")
    others = []
    for guard in results.warnings:
        if guard.title in SPELT_OUT:
            lines += ["", textwrap.fill(f"{guard.title} {guard.text}", WIDTH)]
        else:
            others.append(guard.title.rstrip("."))
    if others:
        names = "; ".join(dict.fromkeys(others))
        lines += ["", textwrap.fill(f"Explained in the report: {names}.", WIDTH)]
    if results.config.ignore:
        text = f"Warnings switched off: {', '.join(results.config.ignore)}."
        lines += ["", textwrap.fill(text, WIDTH)]
    return "\n".join(line.rstrip() for line in lines)
