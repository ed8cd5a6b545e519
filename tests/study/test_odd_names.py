"""Quotes, commas, HTML, formulas, newlines and other scripts stay text."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from sklearn_orn._io.spreadsheet_cells import plain_cell
from sklearn_orn._io.tables import read_header, read_table
from sklearn_orn.study.report._svg import draw
from sklearn_orn.study.report.sections._lasso import draw_lasso_path
from sklearn_orn.study.report.sections._nomogram import draw_nomogram
from sklearn_orn.study.report.sections._stability import draw_stability
from tests.study._checks import Page, page_of
from tests.study._odd_names import (
    CLINICAL,
    LABELS,
    LOCATION,
    NAMES,
    READERS,
    SCREENING,
    odd_table,
)


def shown(name):
    """A text as a browser shows it."""
    return " ".join(name.split())


def test_every_name_is_text_of_the_page(odd_names_study):
    page = page_of(odd_names_study)
    reason = SCREENING["excluded"][0]["reason"]
    names = [*LABELS, *READERS, *NAMES, CLINICAL, LOCATION, reason[:12]]
    for name in names:
        assert shown(name) in page.text
    assert not page.all("script")
    assert not page.all("u")
    assert not page.all("em")
    assert not [attrs for attrs in page.all("b") if attrs]


def test_names_in_figures_are_no_formulas(odd_names_study):
    folder = odd_names_study.report.parent / "figures"
    waterfall = Page((folder / "waterfall.svg").read_text(encoding="utf-8"))
    assert LABELS[0] in waterfall.text
    flow = Page((folder / "flow.svg").read_text(encoding="utf-8"))
    assert "$\\frac{" in flow.text


@pytest.mark.parametrize("name", ["features", "scores"])
def test_tables_of_lesions_are_read_back(odd_names_study, name):
    table = odd_table()
    path = odd_names_study.report.parent / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            {plain_cell(key): plain_cell(cell) for key, cell in row.items()}
            for row in csv.DictReader(file)
        ]
    for column in ("lesion", "patient"):
        assert [row[column] for row in rows] == [x.strip() for x in table[column]]
    if name == "scores":
        assert [row["outcome"] for row in rows] == table["grade"].tolist()
    else:
        columns = read_header(path)[2:]
        assert tuple(dict.fromkeys(c.split("__")[0] for c in columns)) == READERS


def test_no_cell_of_a_table_is_a_formula(odd_names_study):
    for path in odd_names_study.report.parent.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                assert not cell.startswith(tuple("=+@\t\r")), (path, cell)
                if cell.startswith("-"):
                    float(cell)


def test_tables_of_the_report_are_read_back(odd_names_study):
    folder = odd_names_study.report.parent / "tables"
    levels = pd.read_csv(folder / "locations-training.csv", keep_default_na=False)
    first = levels.columns[0]
    training = odd_table().query("part == 'training'")[LOCATION]
    found = {cell.strip() for cell in levels[first] if cell.startswith("\u2003")}
    assert {name.strip() for name in training} <= found
    assert set(LABELS) <= set(levels.columns)


def test_results_and_calculator_hold_the_names(odd_names_study):
    folder = odd_names_study.report.parent
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results["labels"] == list(LABELS)
    assert results["readers"] == list(READERS)
    assert results["scores"]["lesion"][0] == NAMES[0]
    calculator = Page((folder / "calculator.html").read_text(encoding="utf-8"))
    assert len(calculator.all("script")) == 2  # the model and what reads it
    assert not calculator.all("u")


def test_features_of_other_programs_may_be_called_anything(given, quick_study):
    table, features = given
    names = ["$x_1$ $\\frac{", "<b>y</b> 名", "a, b", "=1+1", "line\nbreak"]
    features = features.iloc[:, : len(names)].set_axis(names, axis=1)
    result = quick_study(table, features=features, k=5, figures=False)
    page = page_of(result)
    chosen = [term["feature"] for term in result.results["model"]["coefficients"]]
    assert names[0] in chosen
    for name in chosen:
        assert shown(name) in page.text
    found = read_table(result.report.parent / "features.csv")
    assert found.columns[2:].tolist() == names
    np.testing.assert_array_equal(found.iloc[:, 2:], features)
    drawing = draw(lambda: draw_nomogram(result.numbers), "nomogram")
    for name in chosen:
        assert shown(name) in Page(drawing.svg).text
    for figure in (draw_lasso_path, draw_stability):
        draw(lambda f=figure: f(result.numbers), "figure")
