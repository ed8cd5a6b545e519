"""Another prevalence and the clinical thresholds, in the numbers of a part."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.study._evaluation import Predictions, evaluate
from sklearn_orn.study._new_study_file import study_file_text
from sklearn_orn.study._study_file import read_study_file
from sklearn_orn.study._written_numbers import performance_rows


def part():
    rng = np.random.default_rng(0)
    proba = rng.uniform(0.05, 0.95, 60)
    y = (rng.random(60) < proba).astype(int)
    design = SimpleNamespace(y=y, patient=np.repeat(np.arange(30), 2))
    return Predictions("validation", design, proba, proba, (proba > 0.5).astype(int))


def cells(prevalence):
    found = evaluate(part(), fitted=False, prevalence=prevalence)
    rows = performance_rows([found])
    return found, {row.name: row.cells[0] for row in rows}


def test_another_prevalence_changes_what_depends_on_it():
    (own, plain), (there, moved) = cells(None), cells(0.05)
    for name in ("AUC", "Sensitivity", "Specificity", "Calibration slope"):
        assert plain[name] == moved[name]
    assert "(" in plain["Positive predictive value"].text
    text = moved["Positive predictive value at a prevalence of 5 %"].text
    assert text.endswith("%") and "(" not in text
    assert float(text.split()[0]) < 40
    large = own.calibration.calibration_in_the_large
    assert there.calibration.calibration_in_the_large < large - 1
    assert there.decision_curve.treat_all[0] == pytest.approx(0.05)
    assert there.auc == own.auc


def test_intervals_stand_beside_the_measures_of_calibration():
    _, plain = cells(None)
    for name in (
        "Calibration in the large",
        "Calibration slope",
        "Intercept with that slope",
        "Observed over expected",
        "Brier score",
    ):
        assert " to " in plain[name].interval


def test_a_new_study_file_shows_both_settings(tmp_path):
    table = pd.DataFrame({"patient": [1, 2], "outcome": [0, 1]})
    text = study_file_text(table, "cohort.csv")
    assert "\n# threshold_range: [0.1, 0.4]" in text and "\n# prevalence: 0.05" in text
    path = tmp_path / "study.yaml"
    path.write_text(
        text.replace("# threshold_range", "threshold_range").replace(
            "# prevalence", "prevalence"
        )
    )
    settings = read_study_file(path)
    assert settings["threshold_range"] == [0.1, 0.4]
    assert settings["prevalence"] == 0.05
