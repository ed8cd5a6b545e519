"""Models beside each other on a few lesions: who judges, and what is said of them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._models import (
    Model,
    compare_models,
    one_feature_pipeline,
    predict_splits,
)
from sklearn_orn.study._splits import study_splits

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")

N = 48
GRADE = np.arange(N) % 2
LATE = np.arange(N) >= 28  # of 20 lesions of validation
COLUMNS = Columns(outcome="grade", positive=1, patient="patient", split="part")


RNG = np.random.default_rng(0)
FEATURES = pd.DataFrame(RNG.normal(size=(N, 2)), columns=["Mean", "Sigma"])
FEATURES["Mean"] += GRADE
TABLE = pd.DataFrame(
    {
        "lesion": [f"L{i}" for i in range(N)],
        "patient": np.arange(N),
        "grade": GRADE,
        "part": np.where(LATE, "validation", "training"),
    }
)
DESIGN = Cohort.of(TABLE, COLUMNS).design
FIRTH = NomogramClassifier(penalty="firth")


def compared(
    missing="impute",
    cv=3,
    *,
    features=FEATURES,
    size=None,
    scores="fused",
    threshold=0.5,
    **clinical,
):
    config = StudyConfig(
        outcome="grade",
        positive=1,
        patient="patient",
        split="part",
        clinical=list(clinical),
        missing=missing,
        scores=scores,
        cv=cv,
        random_state=0,
    )
    return compare_models(
        Pipeline([("nomogram", FIRTH)]),
        features,
        DESIGN,
        config,
        clinical=pd.DataFrame(clinical, index=features.index),
        size=size,
        threshold=threshold,
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


def by_hand(columns, rows=slice(28)):
    """Return the probabilities of validation by scikit-learn's logistic model."""
    columns = np.column_stack(columns)
    model = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000)
    return model.fit(columns[rows], GRADE[rows]).predict_proba(columns[28:])[:, 1]


def test_who_trains_lacks_no_value_only_in_the_clinical_models():
    years, dose = age(3, 9), np.arange(N) % 7 + 0.0
    area = pd.Series(np.sqrt(np.arange(N)) % 3, name="area")
    area[12] = np.nan
    found = compared("exclude", size=area, age=years, dose=dose)
    names = ["radiomics", "lesion size", "one feature", "clinical"]
    assert [row.name for row in found.rows][:4] == names
    probability = found.judged.probability
    whole = FIRTH.fit(FEATURES[:28], GRADE[:28]).predict_proba(FEATURES[28:])[:, 1]
    assert_allclose(probability["radiomics"], whole)
    strongest = by_hand([FEATURES["Mean"]])
    assert_allclose(probability["one feature"], strongest, rtol=1e-5)
    kept = [i for i in range(28) if i not in (3, 9, 12)]
    clinical = by_hand([years, dose], kept)
    assert_allclose(probability["clinical"], clinical, rtol=1e-5)
    assert_allclose(probability["lesion size"], by_hand([area], kept), rtol=1e-5)
    assert found.imputed.n_incomplete == 3


def test_the_combined_model_learns_from_scores_of_models_without_the_patient():
    years = age()
    probability = compared(age=years).judged.probability
    folds = study_splits(
        Cohort.of(TABLE[:28], Columns(outcome="grade", patient="patient")).design,
        StudyConfig(outcome="grade", patient="patient", cv=3, random_state=0),
    )
    first, last = FEATURES[:28], FEATURES[28:]
    score = cross_val_predict(
        FIRTH, first, GRADE[:28], cv=folds, method="decision_function"
    )
    new = FIRTH.fit(first, GRADE[:28]).decision_function(last)
    both = by_hand([years, np.concatenate([score, new])])
    assert_allclose(probability["clinical + radiomics"], both, rtol=1e-5)


def test_the_size_that_is_a_clinical_column_too_counts_once():
    area = pd.Series(np.sqrt(np.arange(N)) % 3, name="area")
    area[[2, 31]] = np.nan
    found = compared(size=area, area=area.to_numpy(), age=age(4))
    assert [(row.column, row.n_missing) for row in found.imputed.columns] == [
        *(("area", 2), ("age", 1))
    ]
    alone = compared("exclude", size=area, age=age())
    assert "L31" not in alone.judged.lesion
    assert [row.column for row in alone.imputed.columns] == ["area"]


def test_a_feature_that_nobody_who_trains_has_is_passed_over_without_a_warning():
    gap = FEATURES.assign(Empty=np.where(LATE, 1.0, np.nan))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = one_feature_pipeline().fit(gap[:28], GRADE[:28])
    strongest = by_hand([FEATURES["Mean"]])
    assert_allclose(model.predict_proba(gap[28:])[:, 1], strongest, rtol=1e-5)


def test_without_clinical_columns_scores_of_sequences_alone_are_joined():
    assert [row.name for row in compared().rows] == ["radiomics", "one feature"]
    two = FEATURES.set_axis(["T1|lesion|Mean", "T2|lesion|Sigma"], axis=1)
    joined = compared(features=two, scores="separate")
    assert joined.rows[-1].name == "joined scores"
    names = ("radiomics score T1", "radiomics score T2")
    assert joined.rows[-1].predictors == names
    both = compared(features=two, scores="separate", age=age())
    assert both.rows[-1].name == "clinical + radiomics"
    assert both.rows[-1].predictors == ("age", *names)
    fused = compared(features=two)
    assert fused.rows[-1].name == "one feature" and fused.benefits is None


def net_benefit(proba, threshold):
    acts = np.asarray(proba) >= threshold
    y = GRADE[28:]
    false = np.sum(acts & (y == 0)) * threshold / (1 - threshold)
    return (np.sum(acts & (y == 1)) - false) / len(y)


def test_net_benefit_is_that_of_each_model_and_pair():
    found = compared(threshold=0.3, age=age())
    told, p = found.benefits, found.judged.probability
    assert told.threshold == 0.3
    three = ["clinical", "radiomics", "clinical + radiomics"]
    assert [row.name for row in told.models] == three
    for row in told.models:
        assert row.net_benefit == pytest.approx(net_benefit(p[row.name], 0.3))
        assert row.lower < row.net_benefit < row.upper
    pairs = [(row.first, row.second) for row in told.comparisons]
    assert pairs == [
        ("clinical + radiomics", "clinical"),
        ("clinical + radiomics", "radiomics"),
        ("radiomics", "clinical"),
    ]
    steps = np.arange(1, 100) / 100
    for row in told.comparisons:
        more, less = p[row.first], p[row.second]
        gain = [net_benefit(more, at) - net_benefit(less, at) for at in (0.3, *steps)]
        assert row.difference == pytest.approx(gain[0])
        assert row.lower <= row.difference <= row.upper
        assert_allclose(row.curve.threshold, steps)
        assert_allclose(row.curve.difference, gain[1:], atol=1e-12)


def test_a_level_that_nobody_who_trains_has_is_told_once():
    site = np.where(np.arange(N) % 3 == 0, "jaw", "neck").astype(object)
    site[40] = "skull"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = compared(site=site, age=age())
    assert not [row for row in caught if "unknown" in str(row.message)]
    (note,) = found.notes
    assert "'skull'" in note


def test_a_fold_that_trains_on_one_class_is_no_model():
    fine = (np.arange(28), np.arange(28, N))
    model = Model("", Pipeline([("nomogram", FIRTH)]), FEATURES, [])
    assert np.isfinite(predict_splits(model, DESIGN, [fine])[28:]).all()
    with pytest.raises(NotEstimable, match="not of both classes"):
        predict_splits(model, DESIGN, [fine, (np.arange(0, 28, 2), np.arange(3))])
