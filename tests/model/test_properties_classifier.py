"""NomogramClassifier: what must not change a model, and what its outputs say."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import expit

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import youden_threshold
from sklearn_orn.model import Nomogram, odds_ratios
from sklearn_orn.testing.strategies import (
    feature_tables,
    fitted_nomograms,
    outcomes_with_patients,
)
from tests._examples import drawn_copies, examples


def fit(classifier, X, y, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # so few patients are weak
        return classifier.fit(X, y, **settings)


def refit(drawn, X=None, y=None, **settings):
    """The same classifier on a changed table."""
    model = NomogramClassifier(**{**drawn.classifier.get_params(), **settings})
    return fit(model, drawn.X if X is None else X, drawn.y if y is None else y)


def assert_same_scores(first, second, atol=1e-5):
    np.testing.assert_allclose(second, first, atol=atol)


@given(fitted_nomograms())
@examples(40)
def test_score_probability_label_and_formula_agree(drawn):
    """One linear predictor, written in four ways."""
    model = drawn.classifier
    score = model.decision_function(drawn.X)
    proba = model.predict_proba(drawn.X)
    np.testing.assert_allclose(proba[:, 1], expit(score))
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    called = model.predict(drawn.X) == model.classes_[1]
    np.testing.assert_array_equal(called, proba[:, 1] >= model.threshold_)
    slack = 1e-12 * np.abs(drawn.X.to_numpy() * model.coef_).sum()
    np.testing.assert_allclose(
        model.formula_.decision_function(drawn.X), score, atol=slack + 1e-12
    )
    assert set(model.formula_.features) == set(model.selected_features_)


@given(fitted_nomograms())
@examples(40)
def test_its_nomogram_gives_its_probabilities(drawn):
    """The nomogram is the same model, drawn."""
    nomogram = Nomogram.from_estimator(drawn.classifier, drawn.X)
    total = nomogram.points(drawn.X)["total"]
    expected = drawn.classifier.predict_proba(drawn.X)[:, 1]
    np.testing.assert_allclose(nomogram.probability(total), expected, atol=1e-6)


@given(fitted_nomograms(n_features=(2, 5)), st.data())
@examples(40)
def test_the_order_of_columns_does_not_matter(drawn, data):
    """Columns are known by name; lambda is fixed, so there are no folds to draw."""
    names = data.draw(st.permutations(list(drawn.X)))
    # Of two columns that say the same the LASSO may take either: the scores stay.
    other = refit(drawn, drawn.X[names])
    first = drawn.classifier.predict_proba(drawn.X)
    np.testing.assert_allclose(other.predict_proba(drawn.X[names]), first, atol=1e-5)


@given(fitted_nomograms(), st.data())
@examples(40)
def test_the_order_of_rows_does_not_matter(drawn, data):
    """A likelihood is a sum over rows."""
    rows = data.draw(st.permutations(range(len(drawn.y))))
    other = refit(drawn, drawn.X.iloc[rows], drawn.y[rows])
    first = drawn.classifier.decision_function(drawn.X)
    assert_same_scores(first, other.decision_function(drawn.X))
    assert other.threshold_ == pytest.approx(drawn.classifier.threshold_, abs=1e-6)


@given(fitted_nomograms(), st.data())
@examples(40)
def test_units_of_features_do_not_matter(drawn, data):
    """Millimetres or centimetres: the coefficient changes, the patient's risk not."""
    p = drawn.X.shape[1]
    powers = data.draw(st.lists(st.integers(-8, 8), min_size=p, max_size=p))
    factor = 2.0 ** np.array(powers)
    other = refit(drawn, drawn.X * factor)
    first = drawn.classifier
    assert_same_scores(
        first.decision_function(drawn.X), other.decision_function(drawn.X * factor)
    )
    scale = first.feature_scale_
    np.testing.assert_allclose(other.feature_scale_, scale * factor, rtol=1e-9)


@given(fitted_nomograms())
@examples(40)
def test_swapped_classes_change_the_sign_of_every_coefficient(drawn):
    """The probability of the other class is one minus the probability."""
    negative, positive = drawn.classifier.classes_
    swapped = np.where(drawn.y == negative, positive, negative)
    other = refit(drawn, y=swapped)
    first = drawn.classifier.decision_function(drawn.X)
    assert_same_scores(-first, other.decision_function(drawn.X))


@given(fitted_nomograms(), st.sampled_from([("a", "b"), (-1, 1), (False, True)]))
@examples(30)
def test_names_of_the_classes_do_not_matter(drawn, labels):
    """Sorted labels stand for negative and positive, whatever they are."""
    codes = (drawn.y == drawn.classifier.classes_[1]).astype(int)
    other = refit(drawn, y=np.array(labels)[codes])
    np.testing.assert_array_equal(other.coef_, drawn.classifier.coef_)
    assert other.classes_.tolist() == list(labels)
    assert other.formula_.classes == labels


@given(fitted_nomograms(cv=3))
@examples(20)
def test_names_of_patients_do_not_matter(drawn):
    """Patients say which rows belong together; folds look at nothing else."""
    order = {patient: i for i, patient in enumerate(np.unique(drawn.patients))}
    names = np.array(
        [f"{order[patient]:03d} of {len(order)}" for patient in drawn.patients]
    )
    again = NomogramClassifier(**drawn.classifier.get_params())
    fit(again, drawn.X, drawn.y, groups=names)
    np.testing.assert_array_equal(again.coef_, drawn.classifier.coef_)
    assert again.lambda_ == drawn.classifier.lambda_


@given(fitted_nomograms(cv=3))
@examples(20)
def test_the_one_se_rule_never_takes_more_features_in(drawn):
    """It takes the largest lambda within a standard error of the best."""
    model = drawn.classifier
    assert model.lambda_min_ in model.lambdas_ and model.lambda_1se_ in model.lambdas_
    assert model.lambda_1se_ >= model.lambda_min_ == model.lambda_
    assert model.cv_score_mean_.min() == pytest.approx(
        model.cv_score_mean_[np.flatnonzero(model.lambdas_ == model.lambda_min_)[0]]
    )
    # Deviances of at most 2 log(1e5) per sample, each fold's and their mean.
    assert ((model.cv_score_mean_ >= 0) & (model.cv_score_mean_ < 23.1)).all()
    assert (model.cv_score_se_ >= 0).all()


@given(fitted_nomograms(), st.integers(2, 4))
@examples(30)
def test_a_weight_for_all_alike_changes_nothing(drawn, weight):
    """Weights are relative: they are scaled to sum to one."""
    other = NomogramClassifier(**drawn.classifier.get_params())
    fit(other, drawn.X, drawn.y, sample_weight=np.full(len(drawn.y), float(weight)))
    first = drawn.classifier.decision_function(drawn.X)
    assert_same_scores(first, other.decision_function(drawn.X))


@given(fitted_nomograms(), st.data())
@examples(40)
def test_a_weight_counts_as_copies_for_model_and_threshold(drawn, data):
    """Coefficients and the learnt threshold are those of the rows given k times."""
    weight, rows = drawn_copies(data, len(drawn.y), least=1)
    settings = {**drawn.classifier.get_params(), "threshold": "youden"}
    weighted = NomogramClassifier(**settings)
    fit(weighted, drawn.X, drawn.y, sample_weight=weight)
    copied = fit(NomogramClassifier(**settings), drawn.X.iloc[rows], drawn.y[rows])
    score = weighted.decision_function(drawn.X)
    assert_same_scores(score, copied.decision_function(drawn.X))
    assert weighted.threshold_ == pytest.approx(copied.threshold_, abs=1e-5)


@given(fitted_nomograms())
@examples(40)
def test_what_is_stored_of_the_training_table_is_true(drawn):
    """Nomogram, calculator and flags of new patients are made of these."""
    model, X = drawn.classifier, drawn.X
    np.testing.assert_array_equal(model.feature_ranges_, [X.min(), X.max()])
    np.testing.assert_allclose(model.feature_scale_, X.std(ddof=0), rtol=1e-9)
    quantiles = np.quantile(model.decision_function(X), [0, 0.5, 1])
    np.testing.assert_allclose(model.score_quantiles_[::10], quantiles, rtol=1e-9)
    if model.threshold == "youden":
        proba = model.predict_proba(X)[:, 1]
        positive = drawn.y == model.classes_[1]
        expected = youden_threshold(positive, proba)
        assert model.threshold_ == pytest.approx(expected)
    else:
        assert model.threshold_ == model.threshold


def test_a_constant_feature_has_no_deviation():
    # Found by hypothesis: 20 shares of 1/20 do not sum to 1, so it was 1e-16.
    X = pd.DataFrame({"f0": np.arange(20) % 3, "f1": 1.0})
    model = fit(NomogramClassifier(lambda_rule=0.01), X, np.arange(20) % 2)
    assert model.feature_scale_[1] == 0


@st.composite
def overlapping(draw):
    """A table whose classes no plane separates: each row with both outcomes."""
    drawn = draw(outcomes_with_patients(min_per_class=3, mixed=False))
    X = draw(feature_tables(len(drawn.y), n_features=(1, 2), constant_columns=False))
    twice = pd.concat([X, X], ignore_index=True)
    return twice, np.r_[drawn.positive, ~drawn.positive], len(X)


@given(overlapping(), st.data())
@examples(30)
def test_without_penalty_the_residuals_are_orthogonal_to_the_features(table, data):
    """Maximum likelihood: the gradient of the likelihood is zero."""
    X, y, n = table
    weight = np.r_[
        np.ones(n), data.draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    ]
    model = fit(NomogramClassifier(penalty="none"), X, y, sample_weight=weight)
    residual = weight * (y - model.predict_proba(X)[:, 1])
    sd = X.std(ddof=0).to_numpy()
    assume((sd > 0).all())
    Z = (X.to_numpy() - X.to_numpy().mean(axis=0)) / sd
    assert abs(residual.sum()) < 1e-5
    np.testing.assert_allclose(Z.T @ residual, 0, atol=1e-5)
    assert model.lambda_ == 0


@given(outcomes_with_patients(min_per_class=3), st.data())
@examples(40)
def test_odds_ratios_of_the_other_class_are_their_inverses(outcome, data):
    """The logit turns with the outcome, and one unit of twice the size is squared."""
    n = len(outcome.y)
    values = data.draw(st.lists(st.integers(-8, 8), min_size=n, max_size=n))
    X = pd.DataFrame({"a": np.array(values, float)})
    assume(X["a"].nunique() > 1)
    y = np.asarray(outcome.positive, int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # so few patients are weak
        own, other, halved = (
            odds_ratios(*case, penalty="firth")
            for case in ((X, y), (X, 1 - y), (X / 2, y))
        )
    np.testing.assert_allclose(other["odds_ratio"], 1 / own["odds_ratio"], rtol=1e-5)
    np.testing.assert_allclose(other["lower"], 1 / own["upper"], rtol=1e-5)
    np.testing.assert_allclose(halved["odds_ratio"], own["odds_ratio"] ** 2, rtol=1e-5)
