"""PredictorSelector: whole predictors, tests by patient, and what noise does."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model import PredictorSelector, RestrictedCubicSpline, odds_ratios
from sklearn_orn.resampling import stability
from tests._examples import examples
from tests.model._shared_covariance import larger_of_both, shared_by_hand

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")


@parametrize_with_checks(
    [
        PredictorSelector(p_threshold=1.0),
        PredictorSelector("lasso", lambda_rule=1e-3),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def cohort(n=120, seed=0):
    """Two lesions of each patient; age tells, the site does not."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n // 2), 2)
    age = rng.normal(size=n // 2)[patient]
    site = rng.choice(["jaw", "skull", "spine"], n // 2)[patient]
    y = (age + 0.8 * rng.normal(size=n) > 0).astype(int)
    return pd.DataFrame({"age": age, "site": site}), y, patient


def encoded(table):
    steps = ColumnTransformer(
        [
            ("age", RestrictedCubicSpline(3), ["age"]),
            ("site", OneHotEncoder(drop="first", sparse_output=False), ["site"]),
        ],
        verbose_feature_names_out=False,
    )
    return steps.set_output(transform="pandas").fit_transform(table)


PREDICTORS = {"age": ["age", "age'"], "site": ["site_skull", "site_spine"]}


def test_without_patients_it_is_the_likelihood_ratio_test():
    table, y, _ = cohort()
    X = encoded(table)
    found = PredictorSelector(predictors=PREDICTORS).fit(X, y)
    for name, columns in PREDICTORS.items():
        model = NomogramClassifier(penalty="none").fit(X[columns], y)
        test = model.likelihood_ratio_
        assert test.df == 2
        assert found.p_values_[name] == pytest.approx(test.p_value, rel=1e-6)
    assert found.predictors_ == {k: tuple(v) for k, v in PREDICTORS.items()}
    assert found.selected_predictors_.tolist() == ["age"]
    assert list(found.set_output(transform="pandas").transform(X)) == ["age", "age'"]
    assert found.get_feature_names_out().tolist() == ["age", "age'"]


@pytest.mark.parametrize("penalty", ["none", "firth"])
def test_with_patients_it_is_walds_test_by_patient(penalty):
    table, y, patient = cohort()
    X = encoded(table)
    found = PredictorSelector(predictors=PREDICTORS, penalty=penalty)
    found.fit(X, y, groups=patient)
    for name, columns in PREDICTORS.items():
        model = NomogramClassifier(penalty=penalty)
        model.fit(X[columns], y, groups=patient)
        beta = model.coef_[0]
        shared = shared_by_hand(X[columns], y, patient, np.r_[model.intercept_, beta])
        larger = larger_of_both(model.robust_covariance_[1:, 1:], shared[1:, 1:])
        p = f.sf(beta @ np.linalg.solve(larger, beta) / 2, 2, 60 - 3)
        assert found.p_values_[name] == pytest.approx(p, rel=1e-5)
    alone = PredictorSelector(p_threshold=1.0, penalty=penalty)
    alone.fit(X[["age"]], y, groups=patient)
    told = odds_ratios(X[["age"]], y, groups=patient, penalty=penalty)
    assert alone.p_values_["age"] == pytest.approx(told["p_value"][0], rel=1e-5)


def test_a_level_that_separates_is_tested_all_the_same():
    y = np.repeat([0, 1], 30)
    X = pd.DataFrame({"rare": (np.arange(60) >= 50).astype(float)})
    lesions = PredictorSelector().fit(X, y).p_values_["rare"]
    patients = np.arange(60)
    score = PredictorSelector().fit(X, y, groups=patients).p_values_["rare"]
    few = PredictorSelector(p_threshold=1.0)
    p_few = few.fit(X, y, groups=np.minimum(patients, 50)).p_values_["rare"]
    assert 0 < lesions < 0.001
    assert 0 < score < 0.001
    assert 0.2 < p_few < 1  # ten lesions of one patient tell of one patient
    firth = PredictorSelector(penalty="firth").fit(X, y).p_values_["rare"]
    assert lesions < firth < 0.01


def test_the_lasso_keeps_the_columns_of_a_predictor_together():
    rng = np.random.default_rng(1)
    table, y, patient = cohort(200)
    stage = rng.choice(["I", "II", "III", "IV"], 200)
    stage[(y == 1) & (rng.random(200) < 0.5)] = "IV"
    steps = OneHotEncoder(drop="first", sparse_output=False)
    X = steps.set_output(transform="pandas").fit_transform(
        pd.DataFrame({"stage": stage, "site": table["site"]})
    )
    predictors = {name: [c for c in X if name in c] for name in ("stage", "site")}
    found = PredictorSelector(
        "lasso", predictors=predictors, cv=5, lambda_rule="1se", random_state=0
    ).fit(X, y, groups=patient)
    of_stage = found.coef_[:3]
    assert found.lambda_ > 0
    assert (of_stage == 0).any() and (of_stage != 0).any()
    assert found.selected_predictors_.tolist() == ["stage"]
    assert found.get_support().tolist() == [True] * 3 + [False] * 2
    assert np.isnan(list(found.p_values_.values())).all()
    again = PredictorSelector().fit(X, y)
    assert np.isnan(again.coef_).all() and np.isnan(again.lambda_)


def test_a_fold_may_lack_a_level():
    table, y, _ = cohort()
    X = encoded(table).drop(columns="site_spine")
    found = PredictorSelector(predictors=PREDICTORS).fit(X, y)
    assert found.predictors_["site"] == ("site_skull",)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (
            "univariable",
            r"No predictor of 3 has p < 0\.05 .* smallest is 0\.\d+, of 'a",
        ),
        ("lasso", "The LASSO gives none of 3 predictors a coefficient"),
    ],
)
def test_nothing_selected_is_said(method, message):
    X = pd.DataFrame({"a": np.arange(40) % 3, "b": np.arange(40) % 5, "c": 1.0})
    y = np.arange(40) // 2 % 2
    with pytest.raises(NotEstimable, match=message):
        PredictorSelector(method, lambda_rule=1.0).fit(X, y)
    with pytest.raises(NotEstimable, match="of its own: nothing"):
        PredictorSelector().fit(X[["c"]], y)


@pytest.mark.parametrize(
    ("predictors", "error", "message"),
    [
        ({"a": "age"}, TypeError, r"predictors\['a'\] is 'age': expected a list"),
        ({"a": ["x"], "b": ["x"]}, ValueError, "the column 'x' to 'a' and to 'b'"),
        ({"a": ["numbers__age"]}, ValueError, "and X has none of them. It has 'age'"),
    ],
)
def test_predictors_that_cannot_be_are_refused(predictors, error, message):
    table, y, _ = cohort()
    with pytest.raises(error, match=message):
        PredictorSelector(predictors=predictors).fit(encoded(table), y)


def test_missing_values_and_patients_are_refused_by_name():
    table, y, patient = cohort()
    X = encoded(table)
    X.loc[3, "age"] = np.nan
    with pytest.raises(ValueError, match=r"NaN in 1 columns: age\. PredictorSelector"):
        PredictorSelector().fit(X, y)
    groups = pd.Series(patient).astype(float)
    groups[4] = np.nan
    with pytest.raises(ValueError, match="groups has 1 missing"):
        PredictorSelector().fit(encoded(table), y, groups=groups)


def test_patients_reach_it_in_a_search():
    table, y, patient = cohort()
    steps = make_pipeline(
        PredictorSelector(predictors=PREDICTORS, p_threshold=0.9),
        NomogramClassifier(penalty="none"),
    )
    grid = {"predictorselector__p_threshold": [0.05, 0.99]}
    X = encoded(table)
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(steps, grid, cv=StratifiedGroupKFold(3))
        search.fit(X, y, groups=patient)
    inside = search.best_estimator_[0].p_values_
    by_patient = PredictorSelector(predictors=PREDICTORS, p_threshold=1.0)
    assert inside == by_patient.fit(X, y, groups=patient).p_values_
    assert inside != by_patient.fit(X, y).p_values_


@pytest.mark.parametrize("method", ["univariable", "lasso"])
def test_noise_selected_outside_the_folds_predicts_and_inside_does_not(method):
    inside, outside = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(100, 80)), np.arange(100) % 2
        select = PredictorSelector(method, lambda_rule=0.08)
        model = NomogramClassifier(penalty="firth")
        options = {"scoring": "roc_auc", "cv": 5}
        inside.append(
            cross_val_score(make_pipeline(select, model), X, y, **options).mean()
        )
        chosen = select.fit_transform(X, y)
        outside.append(cross_val_score(model, chosen, y, **options).mean())
    assert np.mean(inside) == pytest.approx(0.5, abs=0.04)
    assert np.mean(outside) > 0.65


@examples(25)
@given(
    st.integers(0, 10**6),
    st.booleans(),
    st.floats(0.01, 100),
    st.floats(-50, 50),
)
def test_p_values_do_not_depend_on_units_or_the_reference(seed, cluster, unit, shift):
    table, y, patient = cohort(60, seed)
    groups = patient if cluster else None
    one = pd.get_dummies(table["site"], dtype=float)
    if len(set(y)) < 2 or one.shape[1] < 3:
        return
    first = pd.concat([table["age"], one[["jaw", "skull"]]], axis=1)
    second = pd.concat([unit * table["age"] + shift, one[["spine", "skull"]]], axis=1)
    fits = [
        PredictorSelector(p_threshold=1.0, predictors={"site": [*X.columns[1:]]})
        .fit(X, y, groups=groups)
        .p_values_
        for X in (first, second)
    ]
    for name in ("age", "site"):
        assert fits[0][name] == pytest.approx(fits[1][name], rel=1e-4, abs=1e-9)


def test_stability_counts_predictors():
    table, y, patient = cohort()
    select = PredictorSelector(predictors=PREDICTORS)
    found = stability(
        select, encoded(table), y, groups=patient, n_resamples=8, random_state=0
    )
    shares = found.frequencies["predictorselector"]
    assert list(shares.index) == ["age", "site"]
    assert shares["age"] == 1
    assert shares["site"] < 1
