"""External validation of models: which predictors, which outcome, which numbers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sklearn_orn import NomogramClassifier
from sklearn_orn.metrics import ExternalValidation
from sklearn_orn.model import PublishedSignature, validate_externally
from tests._data import R_REFERENCE

TRAIN = pd.read_csv(R_REFERENCE / "a_train95.csv")
VALID = pd.read_csv(R_REFERENCE / "b_valid47.csv")
NAMES = [f"f{i:02d}" for i in range(1, 31)]


@pytest.fixture(scope="module")
def lasso():
    return NomogramClassifier(cv=5, random_state=0).fit(TRAIN[NAMES], TRAIN["y"])


@pytest.fixture(scope="module")
def published(lasso):
    formula = lasso.formula_
    return PublishedSignature(
        {term.feature: term.coefficient for term in formula.terms}, formula.intercept
    )


def test_a_signature_is_validated_as_the_model_that_it_came_from(lasso, published):
    y, patient = VALID["y"], VALID["patient"]
    of_model = validate_externally(lasso, VALID[NAMES], y, groups=patient)
    of_formula = validate_externally(published, VALID, y, groups=patient)
    assert of_model.auc.auc == of_formula.auc.auc
    assert of_model.brier == pytest.approx(of_formula.brier, abs=1e-12)
    assert of_model.n_patients == of_formula.n_patients == 31
    first, second = (r.updates[2].coefficients for r in (of_model, of_formula))
    assert set(first) == set(lasso.selected_features_)
    assert first == pytest.approx(second, rel=1e-6)


def test_it_is_the_function_of_the_numbers(published):
    names = list(published.coefficients)
    found = validate_externally(published, VALID, VALID["y"], confidence=0.9)
    expected = ExternalValidation.from_predictions(
        VALID["y"],
        published.predict_proba(VALID)[:, 1],
        predictors=VALID[names],
        confidence=0.9,
    )
    assert found.auc == expected.auc
    np.testing.assert_allclose(found.recalibration[:6], expected.recalibration[:6])
    # As text: a slope that no refit has is NaN, which is unequal to itself.
    assert repr(found.updates[2]) == repr(expected.updates[2])


def test_a_pipeline_and_the_names_of_its_predictors():
    steps = make_pipeline(
        SimpleImputer(), NomogramClassifier(cv=5, random_state=0)
    ).set_output(transform="pandas")
    steps.fit(TRAIN[NAMES], TRAIN["y"])
    found = validate_externally(steps, VALID[NAMES], VALID["y"])
    assert set(found.updates[2].coefficients) == set(steps[-1].selected_features_)
    alone = make_pipeline(steps[-1])
    assert validate_externally(alone, VALID[NAMES], VALID["y"]).auc == found.auc


def test_other_classifiers_are_judged_without_a_refit():
    model = LogisticRegression(max_iter=10_000).fit(TRAIN[["age"]], TRAIN["y"])
    found = validate_externally(model, VALID[["age"]], VALID["y"])
    assert found.updates[2].reason == "the model's predictors were not given"
    score = model.decision_function(VALID[["age"]])
    shifted = score + found.updates[0].intercept
    assert (1 / (1 + np.exp(-shifted))).mean() == pytest.approx(25 / 47, abs=1e-9)
    with pytest.raises(TypeError, match="LinearSVC gives no probabilities"):
        svm = LinearSVC().fit(TRAIN[["age"]], TRAIN["y"])
        validate_externally(svm, VALID[["age"]], VALID["y"])


@pytest.mark.filterwarnings("ignore:The LASSO selected no feature")
def test_a_lasso_without_features_has_nothing_to_refit():
    empty = NomogramClassifier(lambda_rule=10.0).fit(TRAIN[NAMES], TRAIN["y"])
    found = validate_externally(empty, VALID[NAMES], VALID["y"])
    assert found.auc.auc == 0.5
    assert found.updates[2].reason == "the model's predictors were not given"


@pytest.mark.filterwarnings("ignore:.*scores lie beyond")
def test_a_saturated_score_still_has_a_slope():
    X = pd.DataFrame({"a": [-900.0, -400.0, 300.0, -200.0, 500.0, 800.0]})
    y = [0, 0, 0, 1, 1, 1]
    found = validate_externally(PublishedSignature({"a": 1.0}, 0.0), X, y)
    assert 0 < found.recalibration.slope < 0.02
    assert found.updates[1].brier < found.brier


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([1] * 47, "one class only in 47 samples"),
        ([0, 1], "y has 2 samples, X has 47"),
        (["a", "b"] * 23 + ["c"], "y holds 'a', 'b', 'c'; expected 0 and 1"),
        ([[0, 1]], "one dimension"),
    ],
)
def test_an_outcome_that_does_not_fit(published, y, message):
    with pytest.raises(ValueError, match=message):
        validate_externally(published, VALID, y)


def test_a_model_that_is_not_fitted():
    for model in (NomogramClassifier(), LogisticRegression()):
        with pytest.raises(NotFittedError):
            validate_externally(model, VALID[NAMES], VALID["y"])


def test_the_steps_before_the_classifier_are_applied():
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(TRAIN[["age"]], TRAIN["y"])
    found = validate_externally(model, VALID[["age"]], VALID["y"])
    chance = model.predict_proba(VALID[["age"]])[:, 1]
    assert found.brier == pytest.approx(np.mean((chance - VALID["y"]) ** 2))
