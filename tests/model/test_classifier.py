"""NomogramClassifier: rules, weights, factors, thresholds and errors."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.model_selection import PredefinedSplit

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import roc_auc_ci, youden_threshold
from sklearn_orn.model import logistic_lasso_path
from tests._data import R_REFERENCE
from tests.model.test_lasso_against_glmnet import _data


@pytest.fixture(scope="module")
def table():
    data = pd.read_csv(R_REFERENCE / "a_train95.csv")
    return data[[c for c in data if c.startswith("f") and c[1:].isdigit()]], data["y"]


def test_equals_cv_glmnet_with_its_folds():
    X, y, folds, reference = _data("a")
    entry = reference["cv10_deviance"]
    model = NomogramClassifier(cv=PredefinedSplit(folds["fold10"])).fit(X, y)
    assert model.lambda_ == pytest.approx(entry["lambda_min"], rel=1e-9)
    assert model.lambda_1se_ == pytest.approx(entry["lambda_1se"], rel=1e-9)
    np.testing.assert_allclose(
        model.decision_function(X), np.ravel(entry["link_min"]), atol=1e-5
    )


def test_score_probability_and_label_agree(table):
    X, y = table
    labels = np.where(y == 1, "ORN", "a metastasis")
    model = NomogramClassifier(cv=5, random_state=0).fit(X, labels)
    score, proba = model.decision_function(X), model.predict_proba(X)
    np.testing.assert_allclose(proba[:, 1], 1 / (1 + np.exp(-score)))
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(X) == "a metastasis", score >= 0)
    assert set(model.selected_features_) <= set(X.columns)


def test_youden_threshold_is_learnt_and_moves_predict_only(table):
    X, y = table
    half = NomogramClassifier(cv=5, random_state=0).fit(X, y)
    youden = NomogramClassifier(cv=5, random_state=0, threshold="youden").fit(X, y)
    np.testing.assert_array_equal(half.predict_proba(X), youden.predict_proba(X))
    proba = youden.predict_proba(X)[:, 1]
    assert youden.threshold_ == pytest.approx(youden_threshold(y, proba))
    assert youden.threshold_ != 0.5
    np.testing.assert_array_equal(youden.predict(X), proba >= youden.threshold_)


def test_lambda_rules(table):
    X, y = table
    fits = {
        rule: NomogramClassifier(cv=5, random_state=0, lambda_rule=rule).fit(X, y)
        for rule in ("min", "1se", 0.05)
    }
    assert fits["min"].lambda_ == fits["min"].lambda_min_ <= fits["1se"].lambda_
    assert fits["1se"].lambda_ == fits["min"].lambda_1se_
    assert fits[0.05].lambda_ == 0.05
    assert np.isnan(fits[0.05].cv_score_mean_).all()


def test_named_penalty_factors_force_a_feature_in(table):
    X, y = table
    model = NomogramClassifier(
        cv=5, random_state=0, lambda_rule="1se", penalty_factor={"f30": 0}
    ).fit(X, y)
    assert "f30" in model.selected_features_
    with pytest.raises(ValueError, match="penalty_factor names age, which X does not"):
        NomogramClassifier(penalty_factor={"age": 0}).fit(X, y)


def test_without_penalty_it_is_the_maximum_likelihood_fit(table):
    X, y = table
    model = NomogramClassifier(penalty="none").fit(X[["f01", "f11"]], y)
    residual = y - model.predict_proba(X[["f01", "f11"]])[:, 1]
    scaled = (X[["f01", "f11"]] / X[["f01", "f11"]].std()).to_numpy()
    np.testing.assert_allclose(scaled.T @ residual, 0, atol=1e-6)
    assert residual.sum() == pytest.approx(0, abs=1e-6)
    assert model.lambda_ == 0


def test_class_weight_is_a_sample_weight(table):
    X, y = table
    fixed = {"lambda_rule": 0.05}
    balanced = NomogramClassifier(class_weight="balanced", **fixed).fit(X, y)
    weight = np.where(y == 1, len(y) / 2 / (y == 1).sum(), len(y) / 2 / (y == 0).sum())
    weighted = NomogramClassifier(**fixed).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(balanced.coef_, weighted.coef_)


def test_repeats_change_the_folds(table):
    X, y = table
    one = NomogramClassifier(cv=5, random_state=0).fit(X, y)
    five = NomogramClassifier(cv=5, random_state=0, n_repeats=5).fit(X, y)
    again = NomogramClassifier(cv=5, random_state=0, n_repeats=5).fit(X, y)
    assert not np.array_equal(one.cv_score_mean_, five.cv_score_mean_)
    np.testing.assert_array_equal(five.cv_score_mean_, again.cv_score_mean_)
    assert five.cv_score_se_.mean() < one.cv_score_se_.mean()


def test_nothing_selected_warns_and_gives_the_prevalence():
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(40, 3)), np.repeat([0, 1], [25, 15])
    with pytest.warns(StudyWarning, match="selected no feature"):
        model = NomogramClassifier(lambda_rule=10.0).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 15 / 40)
    assert roc_auc_ci(y, model.decision_function(X)).auc == 0.5


def test_a_table_without_any_association_is_fitted():
    # In some folds the gradient at the null model is exactly 0: all lambdas are.
    X = np.array([[a, b] for a in (1.0, 2.0, 3.0) for b in (1.0, 2.0, 3.0, 4.0)])
    y = np.array([1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2])
    for seed in range(40):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StudyWarning)
            model = NomogramClassifier(cv=3, random_state=seed).fit(X, y)
        assert np.isfinite(model.decision_function(X)).all()


def test_weak_models_warn():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    with pytest.warns(StudyWarning, match="smaller class has 30 samples for 4 feat"):
        NomogramClassifier(lambda_rule=0.01).fit(X, y)
    X[:, 0] = y + 0.1 * rng.random(60)
    with pytest.warns(StudyWarning, match="classes are separated"):
        NomogramClassifier(penalty="none").fit(X, y)
    X = y[:, None] + 0.5 * rng.normal(size=(60, 1))
    with pytest.warns(StudyWarning, match="last of the path"):
        NomogramClassifier(lambda_rule=1e-9).fit(X, y)


def test_small_folds_keep_the_auc_with_a_warning():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 3)) + y[:, None]
    with pytest.warns(StudyWarning, match="smallest fold has 6 samples"):
        model = NomogramClassifier(cv=10, scoring="auc", random_state=0).fit(X, y)
    assert 0.5 < model.cv_score_mean_.max() <= 1
    assert model.lambda_ == model.lambdas_[model.cv_score_mean_.argmax()]


@pytest.mark.parametrize(
    ("y", "groups", "message"),
    [
        (np.zeros(30), None, "one class only: .*0.0"),
        (np.arange(30) % 3, None, "Only binary classification is supported"),
        (np.arange(30) < 4, None, "cv=10 needs at least 10 samples .* second .* has 4"),
        (np.arange(30) % 2, np.arange(30) // 10, "10 groups of each .* first .* has 3"),
        (np.arange(30) % 2, np.arange(29), "inconsistent numbers of samples"),
    ],
)
def test_bad_outcomes_are_named(y, groups, message):
    X = np.random.default_rng(0).normal(size=(30, 2))
    with pytest.raises(ValueError, match=message):
        NomogramClassifier().fit(X, y, groups=groups)


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, p = draw(st.integers(20, 60)), draw(st.integers(1, 25))
    X = rng.normal(size=(n, p)) * 10.0 ** rng.integers(-3, 4, size=p)
    y = (rng.random(n) < 0.5).astype(float)
    y[:2] = [0, 1]
    return X, y, draw(st.sampled_from([1.0, 0.5, 0.1]))


@given(problems())
@settings(deadline=None, max_examples=40)
def test_path_satisfies_the_optimality_conditions(problem):
    X, y, l1_ratio = problem
    path = logistic_lasso_path(X, y, l1_ratio=l1_ratio, n_lambdas=20)
    sd, n = X.std(axis=0), len(y)
    for lam, b0, coef in zip(path.lambdas, path.intercepts, path.coefs, strict=True):
        residual = y - expit(X @ coef + b0)
        assert abs(residual.mean()) < 1e-8
        beta = coef * sd
        gradient = X.T @ residual / n / sd - lam * (1 - l1_ratio) * beta
        zero = beta == 0
        assert (np.abs(gradient[zero]) <= lam * l1_ratio + 1e-8).all()
        np.testing.assert_allclose(
            gradient[~zero], lam * l1_ratio * np.sign(beta[~zero]), atol=1e-8
        )


@given(problems(), st.integers(-3, 3))
@settings(deadline=None, max_examples=25)
def test_path_does_not_depend_on_the_units(problem, power):
    X, y, l1_ratio = problem
    factor = 2.0**power
    path = logistic_lasso_path(X, y, l1_ratio=l1_ratio, n_lambdas=15)
    scaled = logistic_lasso_path(X * factor, y, l1_ratio=l1_ratio, n_lambdas=15)
    np.testing.assert_allclose(scaled.lambdas, path.lambdas, rtol=1e-9)
    sd = X.std(axis=0)
    np.testing.assert_allclose(scaled.coefs * factor * sd, path.coefs * sd, atol=1e-6)
