"""Models beside each other on a few lesions: who judges, and what is said of them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._models import compare_models

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")

N = 48
GRADE = np.arange(N) % 2
LATE = np.arange(N) >= 28  # of 20 lesions of validation
COLUMNS = Columns(outcome="grade", positive=1, patient="patient", split="part")


def compared(missing="impute", cv=3, **clinical):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "lesion": [f"L{i}" for i in range(N)],
            "patient": np.arange(N),
            "grade": GRADE,
            "part": np.where(LATE, "validation", "training"),
        }
    )
    features = pd.DataFrame(rng.normal(size=(N, 2)), columns=["Mean", "Sigma"])
    features["Mean"] += GRADE
    config = StudyConfig(
        outcome="grade",
        positive=1,
        patient="patient",
        split="part",
        clinical=list(clinical),
        missing=missing,
        cv=cv,
        random_state=0,
    )
    return compare_models(
        Pipeline([("nomogram", NomogramClassifier(penalty="firth"))]),
        features,
        Cohort.of(table, COLUMNS).design,
        config,
        clinical=pd.DataFrame(clinical, index=features.index),
        size=None,
    )


def age(*gaps):
    values = np.random.default_rng(1).normal(60, 9, N) + 9 * GRADE
    values[list(gaps)] = np.nan
    return values


def test_lesions_without_a_value_judge_no_model_where_they_are_excluded():
    dose = np.arange(N) % 7 + 0.0
    dose[[5, 45]] = np.nan
    found = compared("exclude", age=age(3, 30, 40), dose=dose)
    judged = [f"L{i}" for i in range(28, N) if i not in (30, 40, 45)]
    assert list(found.judged.lesion) == judged
    assert [row.name for row in found.rows] == [
        *("radiomics", "one feature", "clinical", "clinical + radiomics")
    ]
    assert found.imputed.n_incomplete == 5
    everyone = compared("impute", age=age(3, 30, 40), dose=dose)
    assert len(everyone.judged.lesion) == 20 and everyone.imputed.n_incomplete == 5


def test_lesions_of_both_classes_must_be_left_to_judge():
    with pytest.raises(NotEstimable, match="so that 10 of one class or none are left"):
        compared("exclude", age=age(*range(28, N, 2)))


def test_what_separates_the_classes_is_told_in_the_tables_own_words():
    site = np.where((GRADE == 1) & (np.arange(N) % 8 == 1), "skull", "jaw")
    found = compared(site=site, age=age())
    told, combined = found.separated
    assert told.startswith(
        "Model 'clinical': The classes are separated by 'site' at the level 'skull' (4 "
        "samples with 1, all of class 'grade = 1'): without a penalty its coefficient"
    )
    assert "Set clinical_penalty: firth, merge levels" in told
    assert combined.startswith("Model 'clinical + radiomics': The classes are sep")
    assert found.penalty == "none"


def test_a_model_that_cannot_be_cross_fitted_is_named():
    found = compared(cv=15, age=age())
    assert list(found.missing) == ["clinical + radiomics"]
    assert "15" in found.missing["clinical + radiomics"]
    names = [row.name for row in found.rows]
    assert names == ["radiomics", "one feature", "clinical"]
    assert [pair.second for pair in found.comparisons] == ["one feature", "clinical"]
