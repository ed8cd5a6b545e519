"""What a dry run says, without writing anything."""

import os

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._plan import plan_study
from tests.study._studies import SETTINGS


def plan(table, features=None, **changes):
    return plan_study(table, StudyConfig(**SETTINGS | changes), features)


def test_a_good_table_has_no_problem(cohort, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text, problems = plan(cohort, split="part", sensitivity=True, clinical=["lesion"])
    assert problems == []
    for words in (
        "48 lesions of 36 patients",
        "training, high (positive): 14 lesions, 11 patients",
        "Readers: A, B",
        "Judged on: the validation part",
        "icc: ICCFilter(",
        "4 bootstrap resamples, 3 shuffled outcomes, nested cross-validation",
        "other readers, other grey-level settings, simpler models",
        "Clinical columns: lesion",
        "report.html, calculator.html, model.json",
    ):
        assert words in text
    assert os.listdir(tmp_path) == []


def test_without_a_split_and_a_second_reader(cohort):
    text, problems = plan(cohort, readers=["B"])
    assert problems == []
    assert "Readers: B" in text
    assert "Judged on: 3 folds by patient" in text
    assert "ICCFilter" not in text
    assert "other readers" not in text
    assert "grey-level" not in text  # sensitivity: false


def test_unreadable_lesions_are_named(cohort):
    cohort.loc[3, "image"] = "nowhere.dcm"
    cohort.loc[9, "mask_B"] = cohort.loc[9, "image"]
    _, problems = plan(cohort, split="part")
    assert len(problems) == 2
    assert "'L03'" in problems[0]
    assert "nowhere.dcm" in problems[0]
    assert "'L09'" in problems[1]


@pytest.mark.parametrize("features", [True, False])
def test_a_class_of_too_few_patients_is_said(cohort, given, features):
    table, numbers = given if features else (cohort, None)
    _, problems = plan(table, numbers, split="part", cv=12)
    assert len(problems) == 1
    assert problems[0].startswith("No model: class 'low' has 15 lesions of 11 patients")


def test_a_model_needs_the_lesions_that_can_be_read(cohort):
    gone = cohort.query("part == 'validation' and grade == 'low'").index
    cohort.loc[gone, "image"] = "nowhere.dcm"
    _, problems = plan(cohort, split="part")
    assert len(problems) == len(gone) + 1
    assert "the validation part holds no measured lesion" in problems[-1]


def test_given_features_are_checked(given):
    table, features = given
    text, problems = plan(table, features, split="part")
    assert problems == []
    assert "Features: 10, given" in text
    assert "Readers: one" in text
    assert "normalizer" not in text
    with pytest.raises(CohortError, match=r"infinite values in the features f3"):
        plan(table, features.assign(f3=np.inf), split="part")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": "nothing"}, "no column 'nothing'"),
        ({"patient": None}, "pass --patient COLUMN"),
        ({"readers": ["C"]}, "readers names 'C'"),
        ({"pipeline": {"x__y": 1}}, "pipeline names 'x__y'"),
        ({"clinical": ["age"]}, "no column 'age', named as clinical"),
        ({"screening": {"screened": {"lesions": 3}}}, "screen"),
        ({"date": "part", "cut": "2020"}, "column 'part'"),
    ],
)
def test_what_stops_a_study_stops_its_plan(cohort, changes, message):
    with pytest.raises(CohortError, match=message):
        plan(cohort, **changes)


def test_folds_that_leave_too_few_of_a_class_are_said():
    """Two patients of a class are enough for two folds, but not within them."""
    y = [1, 1, 0, 0, 1, 0, 1, 0, 0]
    patient = [f"P{i}" for i in (0, 1, 1, 3, 3, 4, 6, 6, 6)]
    table = pd.DataFrame({"y": y, "patient": patient})
    features = pd.DataFrame({"f0": np.arange(9.0), "f1": np.arange(9.0) ** 2})
    config = StudyConfig(outcome="y", patient="patient", cv=2)
    _, (problem,) = plan_study(table, config, features)
    assert problem.startswith("No model: class '0' leaves 1 lesions to train on")
