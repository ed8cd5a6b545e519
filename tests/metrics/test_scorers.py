"""Scorers against the functions of outcome and probability, fold by fold."""

import pickle

import numpy as np
import pytest
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_validate,
)

from sklearn_orn import NomogramClassifier
from sklearn_orn.metrics import (
    calibration_statistics,
    get_scorer,
    get_scorer_names,
    hosmer_lemeshow,
    net_benefit,
)
from sklearn_orn.resampling import nested_cross_validate

RNG = np.random.default_rng(5)
X = RNG.normal(size=(240, 4))
Y = (X[:, 0] - X[:, 1] + 1.5 * RNG.normal(size=240) > 0.5).astype(int)
WEIGHT = RNG.integers(0, 4, size=240).astype(float)
CV = StratifiedKFold(4)
SETTINGS = {"net_benefit": {"threshold": 0.3}, "hosmer_lemeshow_p": {"n_groups": 5}}
DIRECT = {
    "net_benefit": lambda y, p: net_benefit(y, p, threshold=0.3),
    "hosmer_lemeshow_p": lambda y, p: (
        hosmer_lemeshow(y, p, n_groups=5, fitted=False).p_value
    ),
    "neg_brier_score": lambda y, p: -brier_score_loss(y, p),
    "neg_calibration_slope_error": lambda y, p: (
        -abs(calibration_statistics(y, p).slope - 1)
    ),
    "neg_calibration_in_the_large_error": lambda y, p: (
        -abs(calibration_statistics(y, p).calibration_in_the_large)
    ),
}
WEIGHTED = [name for name in DIRECT if name != "hosmer_lemeshow_p"]


def scorer_of(name, **more):
    return get_scorer(name, **SETTINGS.get(name, {}), **more)


def of_folds(name, y=Y, positive=1):
    values = []
    for train, test in CV.split(X, y):
        model = LogisticRegression().fit(X[train], y[train])
        column = list(model.classes_).index(positive)
        proba = model.predict_proba(X[test])[:, column]
        values.append(DIRECT[name]((y[test] == positive).astype(int), proba))
    return values


def test_every_name_has_a_scorer():
    assert get_scorer_names() == sorted(DIRECT)


@pytest.mark.parametrize("name", DIRECT)
def test_a_scorer_is_the_function_on_each_fold(name):
    result = cross_validate(
        LogisticRegression(), X, Y, cv=CV, scoring=scorer_of(name), error_score="raise"
    )
    np.testing.assert_allclose(result["test_score"], of_folds(name), rtol=1e-12)


@pytest.mark.parametrize("name", DIRECT)
@pytest.mark.parametrize("pos_label", ["benign", "orn", None])
def test_labels_can_be_words(name, pos_label):
    y = np.where(Y == 1, "benign", "orn")
    expected = of_folds(name, y, pos_label or "orn")
    result = cross_validate(
        LogisticRegression(),
        X,
        y,
        cv=CV,
        scoring=scorer_of(name, pos_label=pos_label),
        error_score="raise",
    )
    np.testing.assert_allclose(result["test_score"], expected, rtol=1e-12)


def test_a_search_takes_all_of_them_and_maximises_the_right_thing():
    scoring = {name: scorer_of(name) for name in DIRECT}
    grid = {"C": [1e-4, 1.0]}
    for refit in WEIGHTED:
        search = GridSearchCV(
            LogisticRegression(), grid, cv=CV, scoring=scoring, refit=refit
        ).fit(X, Y)
        for name in DIRECT:
            assert np.isfinite(search.cv_results_[f"mean_test_{name}"]).all()
        # The heavy penalty leaves no risk at all, and a slope of hundreds.
        assert search.best_params_ == {"C": 1.0} or refit.endswith("large_error")
    assert search.cv_results_["mean_test_neg_calibration_slope_error"][0] < -10


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_weight_counts_the_sample_as_often(name):
    model = LogisticRegression().fit(X, Y)
    scorer = scorer_of(name)
    rows = np.repeat(np.arange(240), WEIGHT.astype(int))
    assert scorer(model, X, Y, sample_weight=WEIGHT) == pytest.approx(
        scorer(model, X[rows], Y[rows]), rel=1e-9
    )
    assert scorer(model, X, Y, sample_weight=WEIGHT) != scorer(model, X, Y)


@pytest.mark.parametrize("name", WEIGHTED)
def test_weights_and_patients_are_routed(name):
    patient = np.arange(240) // 2
    with sklearn.config_context(enable_metadata_routing=True):
        model = LogisticRegression().set_fit_request(sample_weight=True)
        scorer = scorer_of(name).set_score_request(sample_weight=True)
        result = cross_validate(
            model,
            X,
            Y,
            cv=StratifiedGroupKFold(3),
            params={"sample_weight": WEIGHT, "groups": patient},
            scoring=scorer,
            error_score="raise",
        )
    expected = []
    for train, test in StratifiedGroupKFold(3).split(X, Y, patient):
        fitted = LogisticRegression().fit(X[train], Y[train], WEIGHT[train])
        rows = np.repeat(test, WEIGHT[test].astype(int))
        expected.append(DIRECT[name](Y[rows], fitted.predict_proba(X[rows])[:, 1]))
    np.testing.assert_allclose(result["test_score"], expected, rtol=1e-9)


@pytest.mark.parametrize(
    "name", ["neg_calibration_slope_error", "neg_calibration_in_the_large_error"]
)
def test_a_fold_that_cannot_tell_is_nan_or_an_error(name):
    y = np.repeat([0, 1], 120)
    test = np.arange(100)  # one class only
    one_class = [(np.setdiff1d(np.arange(240), test), test)]
    arguments = {"cv": [*one_class, *CV.split(X, y)], "scoring": scorer_of(name)}
    with pytest.warns(UserWarning, match="Scoring failed"):
        result = cross_validate(LogisticRegression(), X, y, **arguments)
    assert np.isnan(result["test_score"][0])
    assert np.isfinite(result["test_score"][1:]).all()
    with pytest.raises(ValueError, match="one class only"):
        cross_validate(LogisticRegression(), X, y, error_score="raise", **arguments)


def test_a_fold_of_one_class_has_a_net_benefit_and_a_brier_score():
    model = LogisticRegression().fit(X, Y)
    negative = Y == 0
    proba = model.predict_proba(X[negative])[:, 1]
    assert scorer_of("neg_brier_score")(model, X[negative], Y[negative]) == (
        pytest.approx(-np.mean(proba**2))
    )
    assert scorer_of("net_benefit")(model, X[negative], Y[negative]) == (
        pytest.approx(-np.mean(proba >= 0.3) * 0.3 / 0.7)
    )


class Certain(LogisticRegression):
    def predict_proba(self, X):
        return np.round(super().predict_proba(X))


def test_what_does_not_exist_says_why():
    model = LogisticRegression().fit(X, Y)
    split = np.argsort(model.decision_function(X))
    separated = np.zeros(240, int)
    separated[split[120:]] = 1
    slope = scorer_of("neg_calibration_slope_error")
    with pytest.raises(ValueError, match="separate the classes"):
        slope(model, X, separated)
    large = scorer_of("neg_calibration_in_the_large_error")
    with pytest.raises(ValueError, match="exactly 0 or 1"):
        large(Certain().fit(X, Y), X, Y)
    with pytest.raises(ValueError, match="0 throughout one of the classes"):
        slope(model, X, Y, sample_weight=Y)


def test_prevalence_goes_into_the_net_benefit():
    model = LogisticRegression().fit(X, Y)
    scorer = get_scorer("net_benefit", threshold=0.1, prevalence=0.05)
    proba = model.predict_proba(X)[:, 1]
    assert scorer(model, X, Y) == net_benefit(Y, proba, threshold=0.1, prevalence=0.05)


def test_hosmer_and_lemeshow_take_ten_groups_unless_told():
    model = LogisticRegression().fit(X, Y)
    proba = model.predict_proba(X)[:, 1]
    for settings, n_groups in (({}, 10), ({"n_groups": 3}, 3)):
        found = get_scorer("hosmer_lemeshow_p", **settings)(model, X, Y)
        expected = hosmer_lemeshow(Y, proba, n_groups=n_groups, fitted=False)
        assert found == expected.p_value


def test_the_second_of_two_labels_is_positive_and_one_label_needs_telling():
    model = LogisticRegression().fit(X, Y)
    minus = LogisticRegression().fit(X, np.where(Y == 1, 1, -1))
    scorer = scorer_of("neg_brier_score")
    assert scorer(minus, X, np.where(Y == 1, 1, -1)) == scorer(model, X, Y)
    numbers = LogisticRegression().fit(X, Y + 5)
    for name in DIRECT:
        found = scorer_of(name)(numbers, X, Y + 5)
        assert found == scorer_of(name)(model, X, Y)
    with pytest.raises(ValueError, match="pass pos_label"):
        scorer(numbers, X, np.full(240, 6))
    told = scorer_of("neg_brier_score", pos_label=6)
    only = Y == 1
    expected = scorer(model, X[only], Y[only])
    assert told(numbers, X[only], Y[only] + 5) == pytest.approx(expected)


def test_nested_cross_validation_tunes_by_a_scorer():
    result = nested_cross_validate(
        LogisticRegression(),
        X,
        Y,
        param_grid={"C": [1e-4, 1.0]},
        scoring=get_scorer("neg_calibration_slope_error"),
        random_state=0,
    )
    assert result.folds["parameters"].tolist() == [{"C": 1.0}] * 5


def test_scorers_are_pickled_and_go_to_processes():
    scorer = get_scorer("net_benefit", threshold=0.3)
    again = pickle.loads(pickle.dumps(scorer))
    model = NomogramClassifier(penalty="none").fit(X, Y)
    assert again(model, X, Y) == scorer(model, X, Y)


@pytest.mark.parametrize(
    ("name", "settings", "error", "message"),
    [
        ("auc", {}, ValueError, "no scorer 'auc'; expected one of hosmer_lemeshow_p"),
        ("net_benefit", {}, TypeError, "needs a threshold"),
        ("net_benefit", {"threshold": 1.0}, ValueError, "threshold probability"),
        ("net_benefit", {"threshold": [0.1]}, ValueError, "must be one number"),
        (
            "net_benefit",
            {"threshold": 0.1, "prevalence": 2},
            ValueError,
            "prevalence must lie between",
        ),
        ("hosmer_lemeshow_p", {"n_groups": 2}, ValueError, "at least 3"),
        ("neg_brier_score", {"threshold": 0.1}, TypeError, "has no setting threshold"),
    ],
)
def test_a_scorer_that_cannot_be_is_refused_at_once(name, settings, error, message):
    with pytest.raises(error, match=message):
        get_scorer(name, **settings)
