"""Simpler models, how many patients they need, and what was selected for them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import metrics
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study.report.sections import _clinical_selection as selection
from sklearn_orn.study.report.sections import _models as section
from sklearn_orn.study.report.sections import _sample_size as size
from sklearn_orn.study.results import Comparison, FeatureStep, ModelAuc
from tests.study._results_example import CONFIG, EXAMPLE, example, example_without
from tests.study.sections._study import design_of


def study(own=None, features=None, table=None):
    empty = pd.DataFrame({"Mean": [1.0, 2.0]})
    return SimpleNamespace(
        cohort=SimpleNamespace(size=own, table=empty if table is None else table),
        features=empty if features is None else features,
    )


def test_the_size_is_a_column_then_of_the_outlines_then_a_feature():
    column = pd.Series([3.0, 4.0], name="area")
    assert section._size(study(own=column), EXAMPLE) is column
    image_size = replace(EXAMPLE.images.size, values=(7.0, 8.0))
    results = example(images=replace(EXAMPLE.images, size=image_size))
    outlines = section._size(study(), results)
    assert outlines.tolist() == [7.0, 8.0] and outlines.name == "area, mm²"
    without = example_without("images")
    volume = pd.DataFrame({"Mean": [1.0, 2.0], "original_shape_MeshVolume": [5.0, 6.0]})
    assert section._size(study(features=volume), without).tolist() == [5.0, 6.0]
    assert section._size(study(table=volume), without).tolist() == [5.0, 6.0]
    other = volume * 2
    both = section._size(study(features=volume, table=other), without)
    assert both.tolist() == [5.0, 6.0]
    assert section._size(study(), without) is None


def compared(**changes):
    rows = (
        ModelAuc("radiomics", ("radiomics score",), 0.6843, 0.5123, 0.8456, 0.07),
        ModelAuc("clinical", tuple(f"c{i}" for i in range(9)), 0.64, 0.5, 0.8, 0.07),
    )
    comparisons = (
        Comparison("clinical + radiomics", "clinical", 0.2, 0.1, 0.3, 0.001),
        Comparison("radiomics", "clinical", 0.0443, -0.0512, 0.1456, 0.19),
    )
    plain = {
        "rows": rows,
        "comparisons": comparisons,
        "imputed": EXAMPLE.models.imputed,
    }
    return replace(EXAMPLE.models, **plain | changes)


def test_each_model_has_its_auc_and_the_difference_to_radiomics():
    table = section.models_table(example(models=compared()))
    assert table.rows[0] == [
        *("Radiomics", "radiomics score", "0.684", "0.512 to 0.846", "", "")
    ]
    name, of, *rest = table.rows[1]
    assert (name, rest) == (
        "Clinical",
        ["0.640", "0.500 to 0.800", "0.044 (−0.051 to 0.146)", "0.19"],
    )
    assert of.startswith("c0, c1, c2, c3, c4, c5") and "c6" not in of
    assert table.note.startswith("Judged on the same lesions; paired differences, by p")
    assert "6 of 142" in table.note or "dose_gy" in table.note
    plain = replace(CONFIG, clinical=())
    whole = replace(EXAMPLE.models.imputed, n_incomplete=0, columns=())
    results = example(models=compared(imputed=whole), config=plain)
    assert section.models_table(results).note == (
        "Judged on the same lesions; paired differences, by patient."
    )


def test_whether_radiomics_does_better_is_said():
    told = EXAMPLE.models.verdict
    assert list(section.verdict(example())) == [told]
    (none,) = section.verdict(example(config=replace(CONFIG, clinical=())))
    assert none == (
        f"{told} No clinical columns are named, so there is no clinical model to "
        "compare with."
    )
    assert list(section.verdict(example(models=compared(verdict="")))) == []
    assert list(section.verdict(example_without("models"))) == []


def test_models_and_columns_that_are_missing_are_named():
    found = compared(missing={"clinical": "too few."}, notes=("'age' is in none.",))
    assert list(section.models_notes(example(models=found))) == [
        "The model “clinical” could not be fitted: too few.",
        "'age' is in none.",
    ]
    assert list(section.models_notes(example_without("models"))) == []


# How many patients


def trained(y, training=None):
    y = np.array(y)
    patient = np.array([f"P{i // 2}" for i in range(len(y))])
    return design_of(y, training=training, patient=patient)


@pytest.mark.parametrize(
    ("y", "smaller"),
    [([0, 0, 0, 0, 1, 1], "high"), ([1, 1, 1, 1, 0, 0], "low"), ([0, 0, 1, 1], "high")],
)
def test_the_smaller_class_is_counted_in_training(y, smaller):
    rest = [1 - value for value in y] * 3  # the other way round, and no training
    training = np.r_[np.ones(len(y), bool), np.zeros(len(rest), bool)]
    design = trained([*y, *rest], training)
    found = size.sample_size(design, {"measured": 40, "seen by the LASSO": 5})
    value = int(smaller == "high")
    assert found.smaller_class == smaller
    assert found.n_event_lesions == y.count(value)
    assert found.n_event_patients == y.count(value) // 2
    assert (found.n_lesions, found.n_patients) == (len(y), len(y) // 2)
    assert found.prevalence == pytest.approx(np.mean(y))
    assert (found.n_candidates, found.r2_nagelkerke) == (5, 0.15)
    assert [(row.candidates_of, row.n_candidates) for row in found.riley] == [
        *(("measured", 40), ("seen by the LASSO", 5))
    ]
    for row in found.riley:
        needed = metrics.minimum_sample_size(
            n_candidates=row.n_candidates, prevalence=np.mean(y), r2_nagelkerke=0.15
        )
        assert (row.n, row.n_events) == (needed.n, needed.events)
        assert row.shrinkage == pytest.approx(
            metrics.expected_shrinkage(len(y) // 2, row.n_candidates, row.r2_cox_snell)
        )


def test_one_class_needs_no_number_of_patients():
    with pytest.raises(NotEstimable, match="not of both classes"):
        size.sample_size(trained([1, 1, 1, 1]), {"measured": 4})


def test_steps_that_leave_candidates_are_counted():
    steps = (
        FeatureStep("extractor", "Measured", 279, ""),
        FeatureStep("icc_perturbed", "Stable", 240, ""),
        FeatureStep("icc", "Reproducible", 0, ""),
        FeatureStep("fcm", "Chosen", 30, ""),
        FeatureStep("nomogram", "In the score", 3, ""),
    )
    of = SimpleNamespace(design=trained([0, 0, 1, 1, 0, 0]))
    found = size.of_this_study(of, example(features=steps))
    assert [(row.candidates_of, row.n_candidates) for row in found.riley] == [
        *(("measured", 279), ("seen by the LASSO", 30))
    ]


def test_each_number_of_candidates_has_its_row():
    table = size.sample_size_table(example())
    assert table.rows == [
        ["279 (measured)", "20942", "6980", "383", "20942", "0.21"],
        ["30 (seen by the LASSO)", "2252", "750", "383", "2252", "0.47"],
    ]
    assert "Nagelkerke’s R² 0.15" in table.note
    assert "training has 46 patients" in table.note


# Which clinical predictors


def test_each_predictor_is_selected_or_not():
    found = EXAMPLE.clinical_selection
    rows = (found.predictors[0], replace(found.predictors[1], selected=False))
    one = replace(found, predictors=rows)
    table = selection.selection_table(example(clinical_selection=one))
    assert table.rows == [
        ["age", "0.21", "yes", "58 %"],
        ["dose_gy", "0.030", "no", "87 %"],
    ]
    assert [column.head for column in table.columns] == [
        *("Predictor", "p, univariable", "Selected", "Share of resamples")
    ]
    assert table.columns[0].name
    lasso = replace(one, rule="lasso", p_threshold=None)
    config = replace(CONFIG, clinical_selection="lasso")
    table = selection.selection_table(example(clinical_selection=lasso, config=config))
    assert table.rows == [["age", "yes", "58 %"], ["dose_gy", "no", "87 %"]]
    assert len(table.columns) == 3


@pytest.mark.parametrize(
    ("setting", "learnt"),
    [
        ("univariable p < 0.25", True),
        ("lasso", True),
        ("all", False),
        (("age",), False),
    ],
)
def test_whether_the_outcome_selects(setting, learnt):
    config = replace(CONFIG, clinical_selection=setting)
    assert selection.is_learnt(example(config=config)) is learnt
