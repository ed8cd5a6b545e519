"""The study's model beside simpler ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import roc_auc_score

from sklearn_orn.metrics import compare_auc, roc_auc_ci
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._models import (
    Model,
    compare_models,
    cross_fitted_score,
    predict_splits,
    verdict,
)
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.results import Comparison
from tests.study._checks import make_design
from tests.study._cohort import make_table
from tests.study._studies import SETTINGS

SPLIT = StudyConfig(**SETTINGS, split="part")
FOLDS = StudyConfig(**SETTINGS)


class Spy(ClassifierMixin, BaseEstimator):
    """Remembers whom it has seen, and refuses to judge them."""

    __metadata_request__fit = {"groups": True}

    def fit(self, X, y, groups=None):
        assert groups.tolist() == X["patient"].tolist()
        self.classes_ = np.unique(y)
        self.seen_ = set(X["patient"])
        return self

    def decision_function(self, X):
        assert not self.seen_ & set(X["patient"])
        assert self.seen_
        return X["row"].to_numpy(dtype=float)

    def predict(self, X):
        return self.classes_[(self.decision_function(X) > 0).astype(int)]

    def predict_proba(self, X):
        half = self.decision_function(X) / 100
        return np.column_stack([1 - half, half])


@pytest.fixture(scope="module")
def design():
    return make_design(make_table(), SPLIT)


@pytest.fixture(scope="module")
def whole():
    return make_design(make_table(), FOLDS)


def spied(design):
    rows = np.arange(len(design.y))
    return pd.DataFrame({"patient": design.patient, "row": rows})


def test_a_score_comes_from_a_model_that_has_not_seen_the_patient(design, whole):
    for part in (design.take(design.training), whole):
        score = cross_fitted_score(Spy(), part, FOLDS)
        with config_context(enable_metadata_routing=True):
            found = score.fit_transform(spied(part), part.y, groups=part.patient)
        assert_allclose(found[:, 0], np.arange(len(part.y)))


def test_a_lesion_is_judged_by_a_model_that_has_not_seen_the_patient(design, whole):
    for part, config in ((design, SPLIT), (whole, FOLDS)):
        model = Model("spy", Spy(), spied(part), [])
        proba = predict_splits(model, part, study_splits(part, config))
        judged = ~part.training if part.has_split else np.ones(len(part.y), bool)
        assert_allclose(proba[judged], np.flatnonzero(judged) / 100)
        assert np.isnan(proba[~judged]).all()


def judged(*args, **settings):
    """Return the comparison as results.json has it."""
    return plain_data(compare_models(*args, **settings))


@pytest.fixture(scope="module", params=["split", "folds"])
def compared(request, given):
    table, features = given
    config = SPLIT if request.param == "split" else FOLDS
    part = make_design(table, config)
    rng = np.random.default_rng(2)
    clinical = pd.DataFrame({"age": rng.random(len(table)) + 0.5 * part.y})
    size = pd.Series(rng.random(len(table)), name="area, mm²")
    with caught_warnings():  # a fold may select nothing
        found = judged(
            study_pipeline((), config)[2:],
            features,
            part,
            config,
            clinical=clinical,
            size=size,
        )
    return found, part, config, features, clinical, size


def test_each_model_is_judged_on_the_same_lesions(compared):
    found, part, config, features, _, size = compared
    rows = {row["name"]: row for row in found["rows"]}
    assert list(rows) == [
        "radiomics",
        "lesion size",
        "one feature",
        "clinical",
        "clinical + radiomics",
    ]
    assert found["part"] == ("validation" if part.has_split else "cross-validation")
    assert rows["lesion size"]["predictors"] == ["area, mm²"]
    assert rows["clinical + radiomics"]["predictors"] == ["age", "radiomics score"]
    judged = ~part.training if part.has_split else part.training
    if part.has_split:  # a model of one number ranks as the number does, or against
        value = roc_auc_score(part.y[judged], size[judged])
        assert rows["lesion size"]["auc"] in (
            pytest.approx(value),
            pytest.approx(1 - value),
        )
        best = features[part.training].corrwith(
            pd.Series(part.y, features.index)[part.training]
        )
        name = best.abs().idxmax()
        value = roc_auc_score(part.y[judged], features.loc[judged, name])
        assert rows["one feature"]["auc"] in (
            pytest.approx(value),
            pytest.approx(1 - value),
        )


def test_differences_are_those_of_compare_auc(compared):
    found, part, config, features, clinical, _ = compared
    steps = study_pipeline((), config)[2:]
    splits = study_splits(part, config)
    from sklearn_orn.study._clinical import clinical_pipeline

    first = predict_splits(Model("", steps, features, []), part, splits)
    second = predict_splits(
        Model("", clinical_pipeline(clinical, config), clinical, []), part, splits
    )
    judged = ~np.isnan(first)
    y, patient = part.y[judged], part.patient[judged]
    test = compare_auc(y, first[judged], second[judged], groups=patient)
    (row,) = [
        r
        for r in found["comparisons"]
        if (r["first"], r["second"]) == ("radiomics", "clinical")
    ]
    for key in ("difference", "lower", "upper", "p_value"):
        assert_allclose(row[key], getattr(test, key))
    alone = roc_auc_ci(y, first[judged], groups=patient)
    assert_allclose(found["rows"][0]["auc"], alone.auc)
    pairs = [(r["first"], r["second"]) for r in found["comparisons"]]
    assert pairs == [
        ("radiomics", "lesion size"),
        ("radiomics", "one feature"),
        ("radiomics", "clinical"),
        ("clinical + radiomics", "clinical"),
        ("clinical + radiomics", "radiomics"),
    ]


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        (0.01, 0.2, "Radiomics does better than the clinical model"),
        (-0.2, -0.01, "Radiomics does worse than the clinical model"),
        (-0.1, 0.2, "Radiomics is not shown to do better than the clinical model"),
        (0.0, 0.2, "Radiomics is not shown to do better than the clinical model"),
        (np.nan, np.nan, "Radiomics is not shown to do better"),
    ],
)
def test_the_verdict_follows_the_interval(lower, upper, words):
    row = Comparison("radiomics", "clinical", 0.05, lower, upper, 0.5)
    told = verdict([row])
    assert told.startswith(words)
    assert ("0.05)" in told) is bool(np.isnan(lower))
    both = replace(row, first="clinical + radiomics")
    verb = "lowers" if upper < 0 else "is not shown to raise"
    verb = "raises" if lower > 0 else verb
    told = verdict([both])
    assert told.startswith(f"The radiomics score {verb} the AUC of the clinical model")
    assert verdict([]) == ""


def test_a_model_that_cannot_be_fitted_is_named(given):
    table, features = given
    part = make_design(table, SPLIT)
    found = judged(
        study_pipeline((), SPLIT)[2:],
        features * 0,
        part,
        SPLIT,
        clinical=pd.DataFrame({"age": np.arange(len(table))}),
        size=None,
    )
    assert set(found["missing"]) == {"radiomics", "one feature"}
    assert "constant" in found["missing"]["radiomics"]
    assert [row["name"] for row in found["rows"]] == ["clinical"]
    assert found["comparisons"] == []
    assert found["verdict"] == ""
