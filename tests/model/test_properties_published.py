"""A published score, the model it came from, and what a validation says of it."""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import expit

from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import ExternalValidation, recalibration, roc_auc_ci
from sklearn_orn.model import (
    PublishedSignature,
    read_coefficients,
    validate_externally,
    zhong2020,
)
from sklearn_orn.testing.strategies import fitted_nomograms
from tests._examples import examples


def quietly(function, *values, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # of scores beyond 5
        return function(*values, **settings)


def published(drawn):
    """What a reader of the publication makes of its formula."""
    formula = drawn.classifier.formula_
    coefficients = {term.feature: term.coefficient for term in formula.terms}
    return PublishedSignature(coefficients, formula.intercept, classes=formula.classes)


def slack(drawn):
    """Rounding of sums whose terms may be large and of either sign."""
    parts = np.abs(drawn.X.to_numpy() * drawn.classifier.coef_).sum(axis=1)
    return 1e-12 * (1 + parts.max())


@given(fitted_nomograms())
@examples(40)
def test_the_formula_of_a_model_is_the_model_for_others(drawn):
    """Coefficients and intercept are all that a linear score is made of."""
    signature = published(drawn)
    score = quietly(signature.decision_function, drawn.X)
    expected = drawn.classifier.decision_function(drawn.X)
    np.testing.assert_allclose(score, expected, atol=slack(drawn))
    assert signature.classes_.tolist() == drawn.classifier.classes_.tolist()
    assert set(signature.coefficients) == set(drawn.classifier.selected_features_)


@given(fitted_nomograms(), st.sampled_from([",", ";", "\t"]))
@examples(30)
def test_coefficients_come_back_from_a_printed_table(drawn, separator):
    """A supplement is a CSV file, with the separator of its authors' country."""
    formula = drawn.classifier.formula_
    rows = [("Intercept", formula.intercept)]
    rows += [(term.feature, term.coefficient) for term in formula.terms]
    table = pd.DataFrame(rows, columns=["feature", "coefficient"])
    expected = ({t.feature: t.coefficient for t in formula.terms}, formula.intercept)
    assert read_coefficients(table) == expected
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "supplement.csv"
        table.to_csv(path, sep=separator, index=False)
        names, intercept = read_coefficients(path)
    assert names == pytest.approx(expected[0], rel=1e-15)
    assert intercept == pytest.approx(expected[1], rel=1e-15)


@given(fitted_nomograms(), st.booleans())
@examples(30)
def test_a_model_is_validated_by_its_probabilities(drawn, grouped):
    """What is judged is what the model says of each patient, not how it says it."""
    groups = drawn.patients if grouped else None
    model, positive = drawn.classifier, drawn.y == drawn.classifier.classes_[1]
    proba = model.predict_proba(drawn.X)[:, 1]
    assume(1e-9 < proba.min() and proba.max() < 1 - 1e-9)
    found = validate_externally(model, drawn.X, drawn.y, groups=groups)
    alone = ExternalValidation.from_predictions(positive, proba, groups=groups)
    settings = {"rel": 1e-5, "abs": 1e-6, "nan_ok": True}
    assert found.auc == pytest.approx(alone.auc, **settings)
    assert found.brier == pytest.approx(alone.brier, **settings)
    assert found.recalibration[:6] == pytest.approx(alone.recalibration[:6], **settings)
    signed = quietly(
        validate_externally, published(drawn), drawn.X, drawn.y, groups=groups
    )
    assert signed.auc.auc == pytest.approx(alone.auc.auc)
    assert signed.brier == pytest.approx(alone.brier, **settings)


@given(fitted_nomograms(), st.booleans())
@examples(30)
def test_a_validation_is_made_of_the_functions_that_are_public(drawn, grouped):
    """Its parts can be had one by one, and are the same."""
    groups = drawn.patients if grouped else None
    positive = drawn.y == drawn.classifier.classes_[1]
    proba = expit(np.clip(drawn.classifier.decision_function(drawn.X), -20, 20))
    found = ExternalValidation.from_predictions(positive, proba, groups=groups)
    auc = roc_auc_ci(positive, proba, groups=groups)
    assert tuple(found.auc) == pytest.approx(tuple(auc), nan_ok=True)
    line = recalibration(positive, proba, groups=groups)
    assert found.recalibration[:6] == pytest.approx(line[:6], nan_ok=True)
    assert found.brier == pytest.approx(np.mean((proba - positive) ** 2))
    assert found.observed_expected == pytest.approx(positive.sum() / proba.sum())
    assert found.n_samples == len(positive) and found.n_positive == positive.sum()


@given(st.integers(1, 8), st.lists(st.floats(-1e3, 1e3), min_size=8, max_size=8))
@examples(40)
def test_the_published_score_is_linear_and_needs_no_bits(bits, values):
    """How an image is quantised is a matter of its features; the sum stays."""
    signature = zhong2020(bits)
    X = pd.DataFrame([values], columns=list(signature.coefficients))
    terms = np.array(values) * np.array(list(signature.coefficients.values()))
    score = quietly(signature.decision_function, X)
    slack = 1e-12 * (1 + np.abs(terms).max())
    np.testing.assert_allclose(score, [signature.intercept + terms.sum()], atol=slack)
