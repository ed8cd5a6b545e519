"""The main numbers of a study in the terminal."""

from dataclasses import replace

import pytest

from sklearn_orn.study._summary import summary_text
from sklearn_orn.study.results import Guard
from tests.study._results_example import (
    CONFIG,
    EXAMPLE,
    example,
    example_without,
    no_model_example,
    product_example,
)


def lines(results):
    return summary_text(results).splitlines()


def cells(line):
    return [cell for cell in line.split("   ") if cell.strip()]


def row(name, results=EXAMPLE):
    (found,) = [line for line in lines(results) if line.startswith(f"{name}   ")]
    return [cell.strip() for cell in cells(found)[1:]]


def test_who_was_measured_and_what_was_kept():
    title, cohort, features, *_ = lines(EXAMPLE)
    assert title == "Radiomics nomogram: ORN against metastasis"
    assert cohort.startswith("142 lesions of 71 patients, ")
    assert (
        features
        == "Features: 279 measured, 215 reproducible, 30 chosen, 3 in the score"
    )


def test_the_part_to_quote_stands_first():
    (head,) = [line for line in lines(EXAMPLE) if "Training (apparent)" in line]
    assert [cell.strip() for cell in cells(head)] == [
        *("Validation", "Training (apparent)")
    ]
    assert row("AUC") == [
        "0.684  [0.540 to 0.827]",
        "0.828  [0.735 to 0.921]",
    ]
    assert row("Lesions (patients)") == ["47 (25)", "95 (46)"]
    assert row("Sensitivity")[0].startswith("64.0 % (16/25)  [")
    assert row("Hosmer-Lemeshow test") == ["χ² 13.8, df 10, p 0.18 by patient"] * 2


def test_columns_stand_below_each_other():
    table = [line for line in lines(EXAMPLE) if "   " in line]
    (head,) = [line for line in table if "Training (apparent)" in line]
    at = head.index("Training (apparent)")
    (auc,) = [line for line in table if line.startswith("AUC   ")]
    assert auc[at:].startswith("0.828") and auc[at - 3 : at] == "   "
    start = head.index("Validation")
    assert auc[start:].startswith("0.684")


def test_what_resampling_says():
    told = [line for line in lines(EXAMPLE) if line.startswith("AUC by")]
    assert told == [
        "AUC by nested cross-validation  0.702  [0.604 to 0.801]",
        "AUC by .632+ bootstrap          0.679",
    ]
    none = example_without("nested", "optimism")
    assert not any(line.startswith("AUC by") for line in lines(none))
    assert lines(EXAMPLE).count("Brackets: 95 % confidence interval.") == 1


def test_the_combined_model_is_told_where_the_files_hold_it():
    files = "model.json, calculator.html, scores.csv: the combined model"
    results = product_example()
    found = lines(results)
    (told,) = [line for line in found if line.startswith("AUC of the models")]
    assert told == (
        "AUC of the models: radiomics 0.684 [0.500 to 0.800], clinical 0.640 [0.500 to "
        "0.800], combined 0.701 [0.500 to 0.800]"
    )
    assert found[found.index(told) + 1] == files
    rows = tuple(replace(row, lower=None) for row in results.models.rows)
    plain = replace(results, models=replace(results.models, rows=rows))
    assert (
        "AUC of the models: radiomics 0.684, clinical 0.640, combined 0.701"
        in lines(plain)
    )
    joined = tuple(
        replace(row, name="joined scores") if "+" in row.name else row for row in rows
    )
    several = replace(results, models=replace(results.models, rows=joined))
    assert "combined 0.701" in summary_text(several)
    without = replace(results, models=example_without("models").models)
    assert not any("AUC of the models" in line for line in lines(without))
    assert files in lines(without)
    assert files not in lines(EXAMPLE)
    assert "AUC of the models" not in summary_text(EXAMPLE)


def test_without_a_model_no_number_of_it():
    text = summary_text(no_model_example())
    assert "AUC" not in text and "Brackets" not in text
    assert "142 lesions" in text


def warned(*titles, **changes):
    guards = tuple(Guard("ORN001", title, "More of it.") for title in titles)
    return summary_text(example(warnings=guards, **changes))


def test_what_matters_most_is_spelt_out_and_the_rest_is_named():
    text = warned("Few events.", "Single reader.", "Small part.", "Few events.")
    assert "Single reader. More of it." in text
    assert "Explained in the report: Few events; Small part." in text
    assert "Few events. More" not in text
    alone = warned("No model.")
    assert "No model. More of it." in alone and "Explained" not in alone
    assert "Explained" not in warned()


def test_what_was_switched_off_is_told():
    off = replace(CONFIG, ignore=("ORN001", "ORN019"))
    assert "Warnings switched off: ORN001, ORN019." in warned(config=off)
    assert "switched off" not in warned()


@pytest.mark.parametrize("make", [lambda: EXAMPLE, product_example, no_model_example])
def test_no_line_ends_in_spaces(make):
    assert all(line == line.rstrip() for line in lines(make()))
