"""Selection of predictors and cross-fitted scores at their borders, by hand."""

import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.special import logit, xlogy
from scipy.stats import chi2
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.model import CrossFittedScore, PredictorSelector

# Of ten without it two are positive, of ten with it seven.
LEVEL = np.repeat([0.0, 1.0], 10)
Y = np.r_[np.ones(2), np.zeros(8), np.ones(7), np.zeros(3)].astype(int)
NOISE = np.arange(20.0) % 3


def of_share(n, k):
    return xlogy(k, k / n) + xlogy(n - k, 1 - k / n)


P = chi2.sf(2 * (of_share(10, 2) + of_share(10, 7) - of_share(20, 9)), 1)


def table():
    return pd.DataFrame({"noise": NOISE, "level": LEVEL, "same": 1.0, "more": -NOISE})


# Selection ------------------------------------------------------------------------


def test_what_has_a_p_value_below_the_limit_is_selected():
    found = PredictorSelector().fit(table(), Y)
    assert 0.01 < P < 0.05
    assert found.p_values_["level"] == pytest.approx(P)
    assert np.isnan(found.p_values_["same"])
    assert found.selected_predictors_.tolist() == ["level"]
    p = found.p_values_["level"]
    assert PredictorSelector(p_threshold=np.nextafter(p, 1)).fit(table(), Y)
    with pytest.raises(NotEstimable, match=r"of 4 has p < .* 0.02\d, of 'level': no"):
        PredictorSelector(p_threshold=p).fit(table(), Y)


def test_columns_of_a_predictor_stay_where_they_stand():
    predictors = {"both": ["level", "noise", "gone"], "rest": ["more"]}
    found = PredictorSelector(p_threshold=0.2, predictors=predictors).fit(table(), Y)
    assert found.predictors_ == {
        "both": ("noise", "level"),
        "same": ("same",),
        "rest": ("more",),
    }
    assert found.get_support().tolist() == [True, True, False, False]
    assert list(found.set_output(transform="pandas").transform(table())) == [
        *("noise", "level")
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"p_threshold": 0},
        {"p_threshold": 1.1},
        {"lambda_rule": -0.1},
        {"method": "stepwise"},
        {"penalty": "lasso"},
    ],
)
def test_settings_of_a_selection_are_checked(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        PredictorSelector(**settings).fit(table(), Y)


def test_the_borders_of_its_settings_are_settings():
    assert len(PredictorSelector(p_threshold=1).fit(table()[["noise"]], Y).p_values_)
    with warnings.catch_warnings():
        warnings.simplefilter("error", StudyWarning)  # the model says what is weak
        found = PredictorSelector("lasso", lambda_rule=0.0).fit(table(), Y)
    assert found.lambda_ == 0 and found.coef_[1] != 0


def test_the_lasso_is_that_of_the_classifier_with_these_settings():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    X[:, 2] += y
    patient = np.arange(60) // 2 * 2 + y
    for rule, seed, cv in (("min", 0, 3), ("1se", 1, 4)):
        settings = {"cv": cv, "lambda_rule": rule, "random_state": seed}
        found = PredictorSelector("lasso", **settings).fit(X, y, groups=patient)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StudyWarning)
            model = NomogramClassifier(**settings).fit(X, y, groups=patient)
        np.testing.assert_array_equal(found.coef_, model.coef_[0])
        assert found.lambda_ == model.lambda_
        kept = np.flatnonzero(model.coef_[0])
        assert found.selected_predictors_.tolist() == [f"x{j}" for j in kept]
    assert 2 in kept and 0 not in kept
    pairs = PredictorSelector("lasso", predictors={"pair": ["x0", "x2"]}, **settings)
    assert "pair" in pairs.fit(X, y, groups=patient).selected_predictors_


def test_predictors_of_which_X_has_no_column_are_refused():
    with pytest.raises(ValueError, match="names 'gone', and X has none of them"):
        PredictorSelector(predictors={"a": ["gone"]}).fit(table(), Y)


def test_names_of_columns_are_no_text():
    for columns in ("level", 3, {"level": 1}):
        with pytest.raises(TypeError, match="expected a list of names of columns"):
            PredictorSelector(predictors={"a": columns}).fit(table(), Y)


@pytest.mark.parametrize(
    "step",
    [
        PredictorSelector(),
        CrossFittedScore(NomogramClassifier()),
        CrossFittedScore(DummyClassifier()),
    ],
)
def test_two_classes_are_all_that_they_take(step):
    assert get_tags(step).target_tags.required is True
    with sklearn.config_context(enable_metadata_routing=True):
        assert step.get_metadata_routing().fit.requests["groups"] is True
    assert get_tags(step).classifier_tags.multi_class is False
    with pytest.raises(ValueError, match="binary"):
        step.fit(table(), np.arange(20) % 3)


# Cross-fitted scores --------------------------------------------------------------


class Share(ClassifierMixin, BaseEstimator):
    """Gives all rows one score: of the rows that trained, or that of a column."""

    def __init__(self, column=None):
        self.column = column

    def fit(self, X, y):
        self.classes_, self.seen_ = np.unique(y), np.asarray(X)[:, 0].tolist()
        return self

    def _values(self, X):
        values = np.asarray(X, float)
        return np.full(len(values), len(self.seen_)) + (
            0 if self.column is None else values[:, self.column]
        )

    def decision_function(self, X):
        assert not {*np.asarray(X)[:, 0]} & {*self.seen_} or len(self.seen_) == 4
        return self._values(X)


class Chance(Share):
    """Its probability stands in the column; it has no other score."""

    decision_function = property()

    def predict_proba(self, X):
        chance = np.asarray(X, float)[:, self.column]
        return np.column_stack([1 - chance, chance])


X4 = np.array([[0, 0.1], [1, 0.2], [2, 0.6], [3, 0.9]])
Y4 = np.array(["no", "yes", "no", "yes"])
FOLDS = [(np.array([2, 3]), np.array([0, 1])), (np.array([0, 1]), np.array([2, 3]))]
UNEQUAL = [(np.array([0, 1, 2]), np.array([3])), (np.array([2, 3]), np.array([0, 1]))]


def test_a_row_is_scored_by_the_model_of_the_other_folds():
    score = CrossFittedScore(Share(1), cv=FOLDS)
    found = score.fit_transform(X4, Y4)
    assert found.tolist() == [[2.1], [2.2], [2.6], [2.9]]
    assert score.estimator_.seen_ == [0, 1, 2, 3]
    assert score.transform(X4).tolist() == [[4.1], [4.2], [4.6], [4.9]]
    assert score.classes_.tolist() == ["no", "yes"]
    assert score.get_feature_names_out().tolist() == ["radiomics score"]
    again = CrossFittedScore(Share(1), cv=FOLDS).fit(X4, Y4)
    assert again.transform(X4).tolist() == score.transform(X4).tolist()


def test_folds_of_one_score_each_are_a_constant_column():
    tested = [[0], [2, 3], [1]]
    trained = [[2, 3, 1], [0, 1], [0, 2, 3]]
    cv = [(np.array(a), np.array(b)) for a, b in zip(trained, tested, strict=True)]
    with pytest.warns(StudyWarning, match="the column 'radiomics score' is constant"):
        found = CrossFittedScore(Share(), cv=cv).fit_transform(X4, Y4)
    assert found[:, 0].tolist() == [(3 + 3 + 2 + 2) / 4] * 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = CrossFittedScore(Share(1), cv=cv).fit_transform(X4, Y4)
    assert len(set(one[:, 0])) == 4


@pytest.mark.parametrize("method", ["auto", "predict_proba"])
def test_probabilities_become_log_odds(method):
    score = CrossFittedScore(Chance(1), cv=FOLDS, response_method=method)
    found = score.fit_transform(X4, Y4)
    np.testing.assert_allclose(found[:, 0], logit(X4[:, 1]))
    for bound in (0.0, 1.0):
        with pytest.raises(ValueError, match="probability of 0 or 1 to 2 rows"):
            score.transform([[9, bound], [9, 0.5], [9, bound]])


def test_a_score_that_is_asked_for_is_taken():
    class Both(Chance):
        def decision_function(self, X):
            return np.asarray(X, float)[:, 0]

    for method, column in (("auto", 0), ("decision_function", 0), ("predict_proba", 1)):
        score = CrossFittedScore(Both(1), cv=FOLDS, response_method=method)
        found = score.fit(X4, Y4).transform(X4)[:, 0]
        expected = logit(X4[:, 1]) if column else X4[:, 0]
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("cv", [UNEQUAL, FOLDS[:1], [*FOLDS, FOLDS[0]]])
def test_folds_that_do_not_test_each_row_once_are_refused(cv):
    with pytest.raises(ValueError, match="must test each row once"):
        CrossFittedScore(Share(), cv=cv).fit_transform(X4, Y4)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (X4, None, "requires y to be passed"),
        (X4[:0], Y4[:0], "X holds no rows"),
        (X4, Y4[:3], r"each of the 4 rows of X, got an array of shape \(3,\)"),
        (X4, Y4[:, None], r"shape \(4, 1\)"),
    ],
)
def test_tables_that_cannot_be_scored_are_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        CrossFittedScore(Share(), cv=FOLDS).fit(X, y)


def test_what_was_not_fitted_has_no_score_and_no_name():
    with pytest.raises(NotFittedError):
        CrossFittedScore(Share()).transform(X4)
    with pytest.raises(NotFittedError):
        CrossFittedScore(Share()).get_feature_names_out()


def test_names_of_columns_are_those_of_the_last_fit():
    score = CrossFittedScore(NomogramClassifier(penalty="firth"), cv=FOLDS)
    score.fit(pd.DataFrame(X4, columns=["a", "b"]), Y4)
    assert score.feature_names_in_.tolist() == ["a", "b"] and score.n_features_in_ == 2
    score.set_params(estimator=Share()).fit(X4, Y4)
    assert not hasattr(score, "feature_names_in_")
    assert not hasattr(score, "n_features_in_")


def test_what_is_weak_is_said_of_the_whole_and_what_fails_of_the_fold():
    class Weak(Share):
        def fit(self, X, y):
            warnings.warn(StudyWarning(f"weak: {len(y)}"), stacklevel=2)
            return super().fit(X, y)

    with pytest.warns(StudyWarning) as caught:
        CrossFittedScore(Weak(1), cv=FOLDS).fit_transform(X4, Y4)
    assert [str(w.message) for w in caught] == ["weak: 4"]

    class Failing(Share):
        def fit(self, X, y):
            raise NotEstimable("it is too small.")

    with pytest.raises(NotEstimable, match="^In a fold of the cross-fitting: it is"):
        CrossFittedScore(Failing(), cv=FOLDS).fit_transform(X4, Y4)


def test_a_score_takes_what_its_model_takes():
    class OfImages(Share):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.input_tags.two_d_array = False
            return tags

    assert not get_tags(CrossFittedScore(OfImages())).input_tags.two_d_array
    assert get_tags(CrossFittedScore(Share())).input_tags.two_d_array
    bare = type("Bare", (), {"fit": lambda self, X, y: self})()
    assert get_tags(CrossFittedScore(bare)).input_tags.two_d_array
    with pytest.raises(ValueError, match="response_method"):
        CrossFittedScore(Share(), response_method="predict").fit(X4, Y4)


@pytest.mark.parametrize("chooses", [False, True])
def test_only_the_model_of_a_refit_is_a_refit(chooses):
    score = CrossFittedScore(NomogramClassifier(penalty="firth"), cv=FOLDS)
    score._chooses_only = chooses
    assert CrossFittedScore._chooses_only is False
    assert score.fit(X4, Y4).estimator_._chooses_only is chooses


def test_a_seed_shuffles_the_folds():
    X, y = np.column_stack([np.arange(40.0), np.arange(40) % 7]), np.arange(40) % 2
    model = NomogramClassifier(penalty="firth")

    def scored(**settings):
        return CrossFittedScore(model, **settings).fit_transform(X, y)[:, 0]

    one = scored(cv=4, random_state=1)
    np.testing.assert_array_equal(one, scored(cv=4, random_state=1, n_jobs=1))
    assert (one != scored(cv=4, random_state=2)).any()
    assert (one != scored(cv=5, random_state=1)).any()
