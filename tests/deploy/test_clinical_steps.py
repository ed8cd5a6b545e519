"""Steps for clinical columns in a model file: the same numbers, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sklearn_orn import FCMSelector, NomogramClassifier
from sklearn_orn.deploy import load_model, save_model
from sklearn_orn.deploy._compose import decode_estimator, encode_estimator
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.model import (
    CrossFittedScore,
    PredictorSelector,
    RestrictedCubicSpline,
)
from tests.deploy.test_model_file import rewritten, setter

TEXTS = pd.DataFrame({"a": ["x", "y", "z", "x"], "b": ["no", "yes", "no", "no"]})
GAPS = pd.DataFrame({"a": ["x", np.nan, "z", "x"], "b": ["no", "yes", np.nan, "no"]})
NONES = pd.DataFrame({"a": ["x", None, "z", "x"]}, dtype=object)
NUMBERS = pd.DataFrame({"a": [3, 1, 2, 3], "b": [0.5, 2.5, 0.5, 1.5]})
HOLES = pd.DataFrame({"a": [3, np.nan, 2, 3], "b": [0.5, 2.5, 0.5, 1.5]})
LONG = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) ** 2 / 100})
BOOLEANS = pd.DataFrame({"a": [True, False, True, True]})

STEPS = {
    "levels": (OneHotEncoder(), TEXTS),
    "dense": (OneHotEncoder(sparse_output=False, dtype=np.float32), TEXTS),
    "first": (OneHotEncoder(drop="first"), TEXTS),
    "binary": (OneHotEncoder(drop="if_binary"), TEXTS),
    "chosen": (OneHotEncoder(drop=["y", "yes"]), TEXTS),
    "order": (OneHotEncoder(categories=[["z", "x", "y"], ["yes", "no"]]), TEXTS),
    "ignored": (OneHotEncoder(handle_unknown="ignore", drop="first"), TEXTS),
    "gaps": (OneHotEncoder(drop="first"), GAPS),
    "None": (OneHotEncoder(), NONES),
    "numbers": (OneHotEncoder(drop="first"), NUMBERS),
    "holes": (OneHotEncoder(), HOLES),
    "booleans": (OneHotEncoder(), BOOLEANS),
    "an array": (OneHotEncoder(drop="first"), NUMBERS.to_numpy()),
    "an array of texts": (OrdinalEncoder(), TEXTS.to_numpy(str)),
    "an array of objects": (OrdinalEncoder(), TEXTS.to_numpy(object)),
    "ordinal": (OrdinalEncoder(), TEXTS),
    "ordinal order": (OrdinalEncoder(categories=[list("zxy"), ["no", "yes"]]), TEXTS),
    "ordinal gaps": (OrdinalEncoder(encoded_missing_value=-1), GAPS),
    "ordinal NaN": (OrdinalEncoder(), GAPS),
    "unknown NaN": (
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
        TEXTS,
    ),
    "unknown -1": (
        OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.int32
        ),
        TEXTS,
    ),
    "most frequent": (SimpleImputer(strategy="most_frequent"), GAPS),
    "a text": (SimpleImputer(strategy="constant", fill_value="none"), GAPS),
    "a number": (SimpleImputer(strategy="constant", fill_value=-7.5), HOLES),
    "indicator": (SimpleImputer(add_indicator=True), HOLES),
    "indicator of texts": (
        SimpleImputer(strategy="most_frequent", add_indicator=True),
        GAPS,
    ),
    "scaled": (StandardScaler(), NUMBERS),
    "scaled with gaps": (StandardScaler(), HOLES),
    "mean only": (StandardScaler(with_std=False), NUMBERS),
    "scale only": (StandardScaler(with_mean=False), NUMBERS),
    "a spline": (RestrictedCubicSpline(3), LONG),
    "knots of one's own": (RestrictedCubicSpline(knots={"b": [0, 1, 2.5]}), LONG),
    "knots for all": (RestrictedCubicSpline(knots=[0, 1, 2, 4]), LONG.to_numpy()),
    "neither": (StandardScaler(with_mean=False, with_std=False), NUMBERS),
}


def through_a_file(step):
    data = json.loads(json.dumps(encode_estimator(step, "step"), allow_nan=False))
    return decode_estimator(data, "step"), data


def dense(values):
    return values.toarray() if hasattr(values, "toarray") else np.asarray(values)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_does_the_same(name):
    step, X = STEPS[name]
    step = step.fit(X)
    again, data = through_a_file(step)
    expected, found = dense(step.transform(X)), dense(again.transform(X))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype
    names = step.get_feature_names_out().tolist()
    assert again.get_feature_names_out().tolist() == names
    assert repr(again) == repr(step) or "=[" in repr(step) or "={" in repr(step)
    assert through_a_file(again)[1] == data
    for key, value in vars(step).items():
        if key.startswith("_") or key == "indicator_":
            continue
        if key == "categories_":
            for mine, theirs in zip(again.categories_, value, strict=True):
                pd.testing.assert_index_equal(pd.Index(mine), pd.Index(theirs))
                assert mine.dtype.kind == theirs.dtype.kind
        elif key == "knots":
            assert type(vars(again)[key]) is type(value)
        elif key != "categories":
            np.testing.assert_equal(vars(again)[key], value, err_msg=key)


@pytest.mark.parametrize(
    "settings",
    [
        {"predictors": {"c": ["a"], "d": ["b"]}, "p_threshold": 0.9},
        {"method": "lasso", "lambda_rule": 1e-3, "cv": 3, "random_state": 0},
    ],
)
def test_a_selector_keeps_the_same_columns(settings):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"])
    step = PredictorSelector(**settings).set_output(transform="pandas")
    step.fit(X, (X["b"] + rng.normal(size=60) > 0).astype(int))
    again, data = through_a_file(step)
    pd.testing.assert_frame_equal(again.transform(X), step.transform(X))
    assert again.selected_predictors_.tolist() == step.selected_predictors_.tolist()
    assert again.predictors_ == step.predictors_
    assert through_a_file(again)[1] == data
    data["fitted"]["_support"] = [False, False]
    with pytest.raises(ModelFileError, match="_support keeps no feature"):
        decode_estimator(data, "step")


@pytest.mark.filterwarnings("ignore:Found unknown categories")
def test_what_is_unknown_is_treated_as_before():
    new = pd.DataFrame({"a": ["q"], "b": ["no"]})
    for name in ("ignored", "unknown NaN", "unknown -1"):
        step, X = STEPS[name]
        again, _ = through_a_file(step.fit(X))
        expected = dense(step.transform(new))
        np.testing.assert_array_equal(dense(again.transform(new)), expected)
    again, _ = through_a_file(STEPS["first"][0].fit(TEXTS))
    with pytest.raises(ValueError, match="unknown categories"):
        again.transform(new)


NOT_HELD = {
    "rare levels": (OneHotEncoder(min_frequency=2), TEXTS, "min_frequency is 2"),
    "many levels": (OrdinalEncoder(max_categories=2), TEXTS, "max_categories is 2"),
    "names of a function": (
        OneHotEncoder(feature_name_combiner=lambda a, b: f"{a}{b}"),
        TEXTS,
        "'concat'",
    ),
    "halves": (OneHotEncoder(dtype=np.float16), TEXTS, "dtype is 'float16'"),
    "None is missing": (
        SimpleImputer(missing_values=None, strategy="most_frequent"),
        NONES,
        "with NaN",
    ),
    "-1 is missing": (SimpleImputer(missing_values=-1), NUMBERS, "expected null"),
    "booleans": (
        SimpleImputer(strategy="most_frequent"),
        pd.DataFrame({"a": [True, np.nan]}, dtype=object),
        "fills in True",
    ),
    "dates": (
        OneHotEncoder(),
        pd.DataFrame({"a": pd.to_datetime(["2020-01-01"])}),
        "levels are of type datetime64",
    ),
    "both": (
        OneHotEncoder(),
        pd.DataFrame({"a": ["x", None, np.nan]}, dtype=object),
        "one missing level",
    ),
}


@pytest.mark.parametrize(("step", "X", "message"), NOT_HELD.values(), ids=NOT_HELD)
def test_what_no_file_holds_is_refused_by_name(step, X, message):
    with pytest.raises(TypeError, match=message):
        encode_estimator(step.fit(X), "stage")


def test_another_model_of_the_score_is_refused_by_name():
    score = CrossFittedScore(LogisticRegression(), cv=2)
    score.fit(NUMBERS, [0, 1, 0, 1])
    with pytest.raises(TypeError, match="Step 'score' is a LogisticRegression"):
        encode_estimator(score, "score")


COLUMNS = ("pipeline", "steps", 0, 1)


def branch(number, *keys):
    return (*COLUMNS, "branches", number, 1, *keys)


STAGE = branch(2, "fitted", "categories_", 0)
DAMAGE = {
    "a level twice": (setter(*STAGE, "values", value=["I", "I", "II"]), "different le"),
    "no level": (setter(*STAGE, "values", value=[]), "different levels, one at least"),
    "a level that is no text": (
        setter(*STAGE, "values", 0, value=[]),
        "levels of type",
    ),
    "levels of another type": (setter(*STAGE, "type", value="int64"), "levels of type"),
    "a missing level of numbers": (setter(*STAGE, "missing", value="x"), "missing is"),
    "levels of another column": (
        setter(*branch(2, "fitted", "categories_"), value=[]),
        "length 0; expected 1",
    ),
    "dropped beyond": (setter(*branch(2, "fitted", "drop_idx_"), value=[7]), "fitted"),
    "dropped otherwise": (
        setter(*branch(2, "params", "drop"), value="first"),
        None,  # the first is dropped: it says the same
    ),
    "nothing dropped": (
        setter(*branch(2, "params", "drop"), value=None),
        "drop_idx_ is .0.; expected None",
    ),
    "an imputer of one text less": (
        setter(
            *branch(4, "steps", 0, 1, "fitted", "statistics_"), value={"object": []}
        ),
        "statistics_ has the length 0",
    ),
    "an indicator that is not there": (
        setter(*branch(6, "params", "add_indicator"), value=False),
        "indicator_ contradicts add_indicator",
    ),
    "an indicator beyond": (
        setter(*branch(6, "fitted", "indicator_"), value=[3]),
        "no ascending list of columns",
    ),
    "a scale of 0": (
        setter(*branch(1, "steps", 1, 1, "fitted", "scale_"), value=[0]),
        "scale_ holds a number that is not above 0",
    ),
    "no scale": (
        setter(*branch(1, "steps", 1, 1, "fitted", "scale_"), value=None),
        "scale_ contradicts",
    ),
    "knots that do not ascend": (
        setter(*branch(7, "fitted", "knots_", 0), value=[1, 3, 2]),
        r"knots_\[0\] is .1.0, 3.0, 2.0.; expected at least three",
    ),
    "no knots": (setter(*branch(7, "fitted", "knots_"), value=[]), "expected 1"),
    "a score of no classifier": (
        setter(*branch(0, "estimator"), value="passthrough"),
        "estimator is 'passthrough'; expected a NomogramClassifier",
    ),
    "a score of other columns": (
        setter(*branch(0, "estimator", "steps", 1, 1), value="passthrough"),
        "takes other columns than the step before",
    ),
    "a branch of fewer columns": (
        setter(*COLUMNS, "branches", 0, 2, value=["f0"]),
        r"branches\[0\] \(score\) takes other columns than it is given",
    ),
    "a text in place of a step": (
        setter(*branch(0), value="import os"),
        "expected a step",
    ),
}


@pytest.mark.parametrize(("change", "message"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_refused_with_the_place(change, message, stored, tmp_path):
    path = rewritten(stored["combined"], tmp_path, change)
    if message is None:
        load_model(path)
        return
    with pytest.raises(ModelFileError, match=message) as caught:
        load_model(path)
    assert "pipeline" in str(caught.value) or "step" in str(caught.value)


def test_a_classifier_stands_last(stored, tmp_path):
    def twice(data):
        steps = data["pipeline"]["steps"]
        steps.append(["again", steps[-1][1]])

    def inside(data):
        data["pipeline"]["steps"][0][1]["branches"][5][1] = data["pipeline"]["steps"][
            1
        ][1]

    for change, message in ((twice, "behind a classifier"), (inside, "a classifier,")):
        with pytest.raises(ModelFileError, match=message):
            load_model(rewritten(stored["combined"], tmp_path, change))


def test_a_score_in_a_score(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 4)), columns=list("abcd"))
    y = (X["a"] > 0).to_numpy()
    inner = ColumnTransformer(
        [
            (
                "inner",
                CrossFittedScore(make_pipeline(FCMSelector(k=1), _lasso())),
                ["a", "b"],
            )
        ],
        remainder="passthrough",
    )
    outer = ColumnTransformer(
        [("outer", CrossFittedScore(make_pipeline(inner, _lasso())), list("abcd"))]
    )
    model = make_pipeline(outer, _lasso()).fit(X, y)
    save_model(tmp_path / "m.json", model)
    found = load_model(tmp_path / "m.json").predict_proba(X)
    np.testing.assert_array_equal(found, model.predict_proba(X))


def _lasso():
    return NomogramClassifier(lambda_rule=0.05)
