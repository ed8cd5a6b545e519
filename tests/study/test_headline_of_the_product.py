"""What stands at the head of a report whose files hold the combined model."""

import re

from sklearn_orn.study._auc_rows import auc_rows, headline, product_aucs
from sklearn_orn.study._summary import summary_text
from sklearn_orn.study.report._blocks import Files
from sklearn_orn.study.report._page import render_report, report_title
from tests.study._results_example import (
    EXAMPLE,
    example_without,
    features_example,
    product_example,
)


def heads(results):
    page = render_report(
        results,
        figures={},
        tables={},
        checklists={},
        seconds={},
        files=Files(None, None),
    )
    return re.findall(r"<dt>(.*?)</dt>", page)


def test_the_three_models_lead():
    results = product_example()
    models = {row.name: row for row in results.models.rows}
    shown = product_aucs(results)
    assert shown
    assert all(models[row.name] is row for row in shown)
    names = heads(results)[: len(shown)]
    assert names == [f"AUC, {row.name}, {results.models.part}" for row in shown]
    assert "AUC, validation" not in heads(results)
    assert report_title(results).startswith("Clinical-radiomics nomogram")
    assert "Radiomics score   " in summary_text(results)


def test_the_score_alone_leads_where_the_files_hold_it():
    assert product_aucs(EXAMPLE) == []
    assert heads(EXAMPLE)[0] == "AUC, validation"
    assert report_title(EXAMPLE).startswith("Radiomics nomogram")
    assert "Radiomics score   " not in summary_text(EXAMPLE)


def test_every_way_to_judge_in_the_order_in_which_to_quote_it():
    rows = [(row.key, row.auc, row.lower, row.upper) for row in auc_rows(EXAMPLE)]
    assert rows == [
        ("validation", 0.684, 0.540, 0.827),
        ("nested", 0.702, 0.604, 0.801),
        ("plus_632", 0.679, None, None),
        ("out_of_bag", 0.651, None, None),
        ("corrected", 0.735, None, None),
        ("training", 0.828, 0.735, 0.921),
        ("permuted", 0.497, None, None),
    ]
    shown = [row.key for row in headline(EXAMPLE)]
    assert shown == ["validation", "nested", "plus_632", "training"]
    keys = [row.key for row in auc_rows(features_example())]
    assert keys == ["cross-validation", "training"]
    without = example_without("nested", "optimism", "permuted")
    assert [row.key for row in auc_rows(without)] == ["validation", "training"]


def test_what_each_way_is_of():
    how = {row.key: row.how for row in auc_rows(EXAMPLE)}
    assert how["nested"].startswith(
        "mean over 5 folds of training by patient, 5 repeats (SD 0.090)"
    )
    assert how["plus_632"] == "198 resamples of training"
    assert how["out_of_bag"] == "patients not drawn, 197 resamples of training"
    assert how["permuted"] == (
        "mean of 100 shuffles, SD 0.064; 0 reach the cross-validated 0.702, p 0.010; "
        "100 % of the lesions can get another outcome"
    )
