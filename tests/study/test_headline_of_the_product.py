"""What stands at the head of a report whose files hold the combined model."""

import re

from sklearn_orn.study._auc_rows import product_aucs
from sklearn_orn.study._summary import summary_text
from sklearn_orn.study.report._blocks import Files
from sklearn_orn.study.report._page import render_report, report_title
from tests.study._results_example import EXAMPLE, product_example


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
