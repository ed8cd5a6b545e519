"""Displays of pipelines and searches, of scores, and of either class."""

import inspect

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import RocCurveDisplay, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import decision_curve, flexible_calibration_curve
from sklearn_orn.plotting import (
    DecisionCurveDisplay,
    FlexibleCalibrationDisplay,
    LassoCVDisplay,
    LassoPathDisplay,
    PerformanceDisplay,
    RocDisplay,
    WaterfallDisplay,
)

RNG = np.random.default_rng(2)
X = pd.DataFrame(RNG.normal(size=(120, 4)) * [1, 10, 1, 1], columns=[*"abcd"])
SIGNAL = X["a"] - X["b"] / 10 + RNG.normal(size=120)
Y = np.where(SIGNAL > 0, "orn", "met")  # "met" is the first class
NEW = X.iloc[::2] * 1.01
NEW_Y = Y[::2]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def lasso(**settings):
    return NomogramClassifier(cv=3, random_state=0, **settings)


PLAIN = lasso().fit(StandardScaler().fit_transform(X), Y)
WRAPPED = {
    "pipeline": make_pipeline(StandardScaler(), lasso()),
    "pipeline with names": make_pipeline(StandardScaler(), lasso()).set_output(
        transform="pandas"
    ),
    "search": GridSearchCV(
        make_pipeline(StandardScaler(), lasso()),
        {"nomogramclassifier__lambda_rule": ["min"]},
        cv=2,
    ),
    "pipeline in a pipeline": make_pipeline(
        "passthrough", make_pipeline(StandardScaler(), lasso())
    ),
}


@pytest.fixture(scope="module", params=WRAPPED)
def wrapped(request):
    return WRAPPED[request.param].fit(X, Y)


def test_lasso_displays_take_what_ends_with_the_lasso(wrapped):
    curve = LassoCVDisplay.from_estimator(wrapped)
    np.testing.assert_allclose(curve.score_mean, PLAIN.cv_score_mean_)
    for training in (None, X):
        path = LassoPathDisplay.from_estimator(wrapped, training)
        np.testing.assert_allclose(path.coefs, PLAIN.coef_path_, atol=1e-12)
        assert path.coef_name == "Coefficient per SD"


@pytest.mark.parametrize("name", ["pipeline", "pipeline with names", "search"])
def test_the_profiles_keep_the_names_of_the_table(name):
    path = LassoPathDisplay.from_estimator(WRAPPED[name].fit(X, Y))
    assert list(path.names) == [*"abcd"]


def test_a_step_without_names_leaves_numbers():
    model = make_pipeline(FunctionTransformer(np.asarray), lasso()).fit(X, Y)
    assert list(LassoPathDisplay.from_estimator(model).names) == [
        "x0",
        "x1",
        "x2",
        "x3",
    ]


def test_what_has_no_path_is_named():
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    for display in (LassoCVDisplay, LassoPathDisplay):
        with pytest.raises(
            ValueError, match="This LogisticRegression has no LASSO path"
        ):
            display.from_estimator(model)


MODELS = {
    "probabilities": LogisticRegression(),
    "scores": SVC(),
    "pipeline of scores": make_pipeline(StandardScaler(), SVC()),
}


@pytest.mark.parametrize("pos_label", [None, "met", "orn"])
@pytest.mark.parametrize("name", MODELS)
def test_roc_is_that_of_scikit_learn(name, pos_label):
    model = MODELS[name].fit(X, Y)
    ours = RocDisplay.from_estimator(model, NEW, NEW_Y, pos_label=pos_label)
    theirs = RocCurveDisplay.from_estimator(
        model, NEW, NEW_Y, pos_label=pos_label, drop_intermediate=False
    )
    np.testing.assert_allclose(ours.fpr, theirs.fpr)
    np.testing.assert_allclose(ours.tpr, theirs.tpr)
    assert ours.roc_auc == pytest.approx(theirs.roc_auc)
    for name in ("name", "line_", "chance_level_", "ax_", "figure_", "plot"):
        assert hasattr(ours, name) and hasattr(theirs, name), name


def test_roc_without_an_interval():
    display = RocDisplay(fpr=[0, 0.5, 1], tpr=[0, 1, 1], roc_auc=0.75, name="A").plot()
    assert display.line_.get_label() == "A\nAUC 0.750"


@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
def test_roc_of_the_response_that_is_asked_for(method):
    model = make_pipeline(StandardScaler(), lasso(threshold=0.7)).fit(X, Y)
    display = RocDisplay.from_estimator(model, NEW, NEW_Y, response_method=method)
    score = model.decision_function(NEW)
    assert display.roc_auc == pytest.approx(roc_auc_score(NEW_Y == "orn", score))
    threshold, fpr, tpr = display.operating_point
    expected = 0.7 if method == "predict_proba" else np.log(0.7 / 0.3)
    assert threshold == pytest.approx(expected)
    called = model.predict(NEW) == "orn"
    assert tpr == called[NEW_Y == "orn"].mean()
    assert fpr == called[NEW_Y == "met"].mean()


def test_a_threshold_without_a_logit_is_not_marked_among_scores():
    model = lasso(threshold=1.0).fit(X, Y)
    marked = RocDisplay.from_estimator(model, NEW, NEW_Y)
    assert marked.operating_point[0] == 1.0
    scores = RocDisplay.from_estimator(
        model, NEW, NEW_Y, response_method="decision_function"
    )
    assert scores.operating_point is None


def test_the_threshold_of_the_other_class_is_not_marked():
    model = lasso(threshold=0.7).fit(X, Y)
    assert RocDisplay.from_estimator(model, NEW, NEW_Y).operating_point is not None
    other = RocDisplay.from_estimator(model, NEW, NEW_Y, pos_label="met")
    assert other.operating_point is None
    own = RocDisplay.from_estimator(model, NEW, NEW_Y, pos_label="met", threshold=0.4)
    assert own.operating_point[0] == 0.4


@pytest.mark.parametrize("pos_label", [None, "met"])
@pytest.mark.parametrize("name", MODELS)
def test_roc_of_folds(name, pos_label):
    results = cross_validate(
        MODELS[name], X, Y, cv=3, return_estimator=True, return_indices=True
    )
    display = RocDisplay.from_cv_results(results, X, Y, pos_label=pos_label)
    aucs = []
    for model, rows in zip(
        results["estimator"], results["indices"]["test"], strict=True
    ):
        score = model.decision_function(X.iloc[rows])
        sign = -1 if pos_label == "met" else 1
        positive = Y[rows] == (pos_label or "orn")
        aucs.append(roc_auc_score(positive, sign * score))
    assert f"AUC {np.mean(aucs):.3f}" in display.summary


def test_probabilities_of_the_first_class():
    model = LogisticRegression().fit(X, Y)
    proba = model.predict_proba(NEW)[:, 0]
    calibration = FlexibleCalibrationDisplay.from_estimator(
        model, NEW, NEW_Y, pos_label="met"
    )
    curve = flexible_calibration_curve(NEW_Y == "met", proba)
    np.testing.assert_allclose(calibration.observed, curve.observed)
    decision = DecisionCurveDisplay.from_estimator(model, NEW, NEW_Y, pos_label="met")
    table = decision_curve(NEW_Y == "met", proba)
    np.testing.assert_allclose(decision.model, table["model"])
    both = PerformanceDisplay.from_estimator(model, NEW, NEW_Y, pos_label="met")
    assert both.class_names == ("orn", "met")
    np.testing.assert_allclose(both.decision.model, table["model"])


def test_pooled_probabilities_of_the_first_class():
    results = cross_validate(
        LogisticRegression(), X, Y, cv=3, return_estimator=True, return_indices=True
    )
    for display in (FlexibleCalibrationDisplay, DecisionCurveDisplay):
        first = display.from_cv_results(results, X, Y, pos_label="met")
        second = display.from_cv_results(results, X, Y)
        attribute = "predicted" if display is FlexibleCalibrationDisplay else "model"
        values = [getattr(each, attribute) for each in (first, second)]
        if display is FlexibleCalibrationDisplay:
            values[0] = 1 - values[0][::-1]
            np.testing.assert_allclose(*values)
        else:
            assert not np.allclose(*values)


def test_waterfall_of_the_first_class():
    model = lasso(threshold=0.7).fit(X, Y)
    first = WaterfallDisplay.from_estimator(model, NEW, NEW_Y, pos_label="met")
    second = WaterfallDisplay.from_estimator(model, NEW, NEW_Y)
    assert first.class_names == ("orn", "met")
    assert first.threshold == -second.threshold
    np.testing.assert_array_equal(first.score, -second.score[::-1])
    np.testing.assert_array_equal(first.positive, ~second.positive[::-1])


def test_what_cannot_be_drawn_says_why():
    model = LogisticRegression().fit(X, Y)
    with pytest.raises(
        ValueError, match="pos_label='benign' is no class .* 'met', 'orn'"
    ):
        RocDisplay.from_estimator(model, NEW, NEW_Y, pos_label="benign")
    with pytest.raises(ValueError, match="response_method must be one of 'auto', "):
        RocDisplay.from_estimator(model, NEW, NEW_Y, response_method="predict")
    with pytest.raises(TypeError, match="This SVC has no predict_proba"):
        FlexibleCalibrationDisplay.from_estimator(SVC().fit(X, Y), NEW, NEW_Y)
    with pytest.raises(TypeError, match="no predict_proba and no decision_function"):
        RocDisplay.from_estimator(StandardScaler().fit(X), NEW, NEW_Y)


def test_a_search_on_its_training_data_is_told_too():
    search = WRAPPED["search"].fit(X, Y)
    with pytest.warns(StudyWarning, match="data it was fitted to"):
        FlexibleCalibrationDisplay.from_estimator(search, X, Y)


@pytest.mark.parametrize(
    "display",
    [
        FlexibleCalibrationDisplay,
        DecisionCurveDisplay,
        PerformanceDisplay,
        RocDisplay,
        WaterfallDisplay,
    ],
)
def test_help_names_the_keywords_that_are_passed_on(display):
    taken = set(inspect.signature(display.from_predictions).parameters)
    of_data = {"y_true", "y_proba", "y_score", "optimism", "class_names"}
    if display is WaterfallDisplay:
        of_data |= {"threshold"}  # the model's own
    named = inspect.signature(display.from_estimator).parameters
    assert taken - of_data <= set(named)
