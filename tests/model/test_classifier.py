"""NomogramClassifier: rules, weights, factors, thresholds and errors."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.model_selection import (
    PredefinedSplit,
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import roc_auc_ci, youden_threshold
from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.model._lambda_choice import interpolate_path
from tests._data import R_REFERENCE
from tests._examples import examples
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


@pytest.mark.parametrize("scoring", ["deviance", "auc"])
def test_threads_change_nothing(table, scoring):
    X, y = table
    alone, together = (
        NomogramClassifier(cv=8, random_state=0, scoring=scoring, n_jobs=n).fit(X, y)
        for n in (1, 3)
    )
    np.testing.assert_array_equal(alone.cv_score_mean_, together.cv_score_mean_)
    np.testing.assert_array_equal(alone.coef_, together.coef_)


def test_repeats_leave_the_standard_error_where_one_repeat_puts_it(table):
    # They look at the same samples: fifty times the folds are no more patients.
    X, y = table
    single = [NomogramClassifier(random_state=seed).fit(X, y) for seed in range(15)]
    many = NomogramClassifier(random_state=0, n_repeats=20).fit(X, y)
    at = (many.lambdas_ >= 0.03) & (many.lambdas_ <= 0.1)  # around the best
    one = np.mean([model.cv_score_se_[at] for model in single], axis=0)
    np.testing.assert_allclose(many.cv_score_se_[at], one, rtol=0.35)
    limits = np.quantile([model.lambda_1se_ for model in single], [0.25, 0.75])
    assert limits[0] <= many.lambda_1se_ <= limits[1]
    assert many.lambda_1se_ > 2 * many.lambda_min_
    # A splitter that repeats is no other thing than repeats.
    splitter = RepeatedStratifiedKFold(n_splits=10, n_repeats=20, random_state=0)
    other = NomogramClassifier(cv=splitter).fit(X, y)
    np.testing.assert_allclose(other.cv_score_se_[at], many.cv_score_se_[at], rtol=0.15)


def test_small_folds_count_by_their_samples_as_in_cv_glmnet(table):
    # grouped = FALSE where there are fewer than 3 samples a fold.
    X, y = table
    X, y = X.iloc[:60, :4].to_numpy(), y[:60].to_numpy()
    folds = [(np.delete(np.arange(60), rows), rows) for rows in _pairs(60)]
    model = NomogramClassifier(cv=folds, penalty_factor=[0, 1, 1, 1]).fit(X, y)
    losses = np.empty((60, len(model.lambdas_)))
    for train, test in folds:
        path = logistic_lasso_path(X[train], y[train], penalty_factor=[0, 1, 1, 1])
        intercepts, coefs = interpolate_path(path, model.lambdas_)
        p = np.clip(expit(X[test] @ coefs.T + intercepts), 1e-5, 1 - 1e-5)
        losses[test] = -2 * np.log(np.where(y[test][:, None] == 1, p, 1 - p))
    np.testing.assert_allclose(model.cv_score_mean_, losses.mean(axis=0))
    np.testing.assert_allclose(
        model.cv_score_se_, losses.std(axis=0, ddof=1) / np.sqrt(60)
    )


def _pairs(n):
    rows = np.random.default_rng(0).permutation(n)
    return rows.reshape(-1, 2)


@pytest.mark.filterwarnings("ignore:The groups parameter is ignored")
def test_patients_on_both_sides_of_a_fold_are_refused(table):
    X, y = table
    patients = np.arange(len(y)) // 2
    for cv in (StratifiedKFold(5), PredefinedSplit(np.arange(len(y)) % 5)):
        with pytest.raises(ValueError, match="patients stand on both sides of a split"):
            NomogramClassifier(cv=cv).fit(X, y, groups=patients)
    given = list(StratifiedKFold(5).split(X, y))
    with pytest.raises(ValueError, match="[0-9]+ patients stand on"):
        NomogramClassifier(cv=given).fit(X, y, groups=patients)
    apart = StratifiedGroupKFold(5)
    NomogramClassifier(cv=apart).fit(X, y, groups=patients)


@pytest.mark.parametrize("penalty", ["lasso", "none"])
@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_a_missing_patient_is_refused_by_position(table, missing, penalty):
    X, y = table
    X = X[["f01", "f11"]]
    patients = [f"p{i // 2}" for i in range(len(y))]
    patients[7] = missing
    model = NomogramClassifier(cv=3, penalty=penalty)
    for groups in (patients, pd.Series(patients), np.array(patients, dtype=object)):
        with pytest.raises(ValueError, match="1 missing .* first at position 7"):
            model.fit(X, y, groups=groups)
    with pytest.raises(TypeError, match="groups must name the patient"):
        model.fit(X, y, groups="patient")


def test_an_infinite_penalty_factor_leaves_the_column_out(table):
    X, y = table
    for factors in (None, {"f01": 0.0, "f03": 2.0}):
        out = {**(factors or {}), "f11": np.inf, "f30": np.inf}
        left = NomogramClassifier(cv=5, random_state=0, penalty_factor=factors).fit(
            X.drop(columns=["f11", "f30"]), y
        )
        model = NomogramClassifier(cv=5, random_state=0, penalty_factor=out).fit(X, y)
        kept = ~X.columns.isin(["f11", "f30"])
        np.testing.assert_allclose(model.coef_[:, kept], left.coef_, atol=1e-9)
        assert not model.coef_[:, ~kept].any()
        np.testing.assert_allclose(model.intercept_, left.intercept_, atol=1e-9)
        if factors is None:
            np.testing.assert_array_equal(model.lambdas_, left.lambdas_)
    with pytest.raises(ValueError, match="infinite for every column"):
        NomogramClassifier(penalty_factor=[np.inf, np.inf]).fit(X[["f01", "f11"]], y)
    with pytest.raises(ValueError, match="numbers of at least 0 .infinity leaves"):
        NomogramClassifier(penalty_factor=[np.nan, 1]).fit(X[["f01", "f11"]], y)


def test_infinite_factors_of_other_columns_match_glmnets_scale(table):
    # glmnet counts what it leaves out as 1 when it scales the factors to a mean of 1.
    X, y = table
    X = X[["f01", "f11", "f30"]]
    path = logistic_lasso_path(X, y, penalty_factor=[1, 2, np.inf])
    kept = logistic_lasso_path(X[["f01", "f11"]], y, penalty_factor=[1, 2])
    np.testing.assert_allclose(path.lambdas * 3 / 4, kept.lambdas * 2 / 3, rtol=1e-12)


@pytest.mark.parametrize(("n", "ratio"), [(29, 1e-2), (30, 1e-4), (60, 1e-4)])
def test_the_last_lambda_goes_by_the_number_of_rows(table, n, ratio):
    X, y = table
    rows = np.arange(n) % 12  # few distinct rows: glmnet does not look
    path = logistic_lasso_path(X.iloc[rows], y.iloc[rows], n_lambdas=4)
    assert path.lambdas[3] / path.lambdas[0] == pytest.approx(ratio)


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
        (np.arange(30) % 2, np.arange(29), "groups must name .* each of the 30 samp"),
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
@examples(40)
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
@examples(25)
def test_path_does_not_depend_on_the_units(problem, power):
    X, y, l1_ratio = problem
    factor = 2.0**power
    path = logistic_lasso_path(X, y, l1_ratio=l1_ratio, n_lambdas=15)
    scaled = logistic_lasso_path(X * factor, y, l1_ratio=l1_ratio, n_lambdas=15)
    np.testing.assert_allclose(scaled.lambdas, path.lambdas, rtol=1e-9)
    sd = X.std(axis=0)
    np.testing.assert_allclose(scaled.coefs * factor * sd, path.coefs * sd, atol=1e-6)
