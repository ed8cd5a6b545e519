"""More model files and pipelines that are refused, and what is flagged."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.deploy import ModelFile, load_model, predict_cohort, save_model
from sklearn_orn.exceptions import ModelFileError
from tests.deploy._models import FEATURES, feature_data, feature_model
from tests.deploy.test_model_file import LASSO, STEPS, rewritten, setter

CLASSES = (*LASSO, "fitted", "classes_")


def labels(kind, *values):
    return setter(*CLASSES, value={"type": kind, "values": list(values)})


def nested(depth):
    step = "passthrough"
    for _ in range(depth):
        step = {"type": "Pipeline", "output": "default", "steps": [["x", step]]}
    return setter(*STEPS, 0, 1, value=step)


FEATURE_FILE = {
    "labels of another type": (labels("int64", "a", "b"), "labels of type int64"),
    "labels beyond the type": (labels("int8", 1, 10**6), "labels of type int8|type is"),
    "the same label twice": (labels("int64", 1, 1), "two different labels"),
    "steps in steps in steps": (nested(9), "nested too deeply"),
    "no feature kept": (
        setter(*STEPS, 1, 1, "fitted", "_support", value=[False] * 10),
        "_support keeps no feature",
    ),
    "too many values": (
        setter("training", "values", value={"pain": [0.0] * 11}),
        "1 to 10 numbers each",
    ),
    "values of no column": (
        setter("training", "values", value={"pain": []}),
        "1 to 10 numbers each",
    ),
    "a number of another kind": (
        setter(*LASSO, "fitted", "lambda_", value=True),
        "lambda_ is True; expected a number",
    ),
}


@pytest.mark.parametrize(("change", "message"), FEATURE_FILE.values(), ids=FEATURE_FILE)
def test_a_model_of_features(change, message, stored, tmp_path):
    with pytest.raises(ModelFileError, match=message):
        load_model(rewritten(stored["features"], tmp_path, change))


def test_a_training_range_upside_down(stored, tmp_path):
    def change(data):
        ranges = data["pipeline"]["steps"][2][1]["fitted"]["feature_ranges_"]
        ranges.reverse()

    with pytest.raises(ModelFileError, match="a low end above its high"):
        load_model(rewritten(stored["features"], tmp_path, change))


COLUMNS = (*STEPS, 0, 1)
MIXED_FILE = {
    "names of another length": (
        setter(*COLUMNS, "feature_names_in_", value=["image"]),
        "feature_names_in_ has another length",
    ),
    "no list of branches": (
        setter(*COLUMNS, "branches", value="all"),
        "a list of branches",
    ),
    "half a branch": (
        setter(*COLUMNS, "branches", 0, value=["texture"]),
        "a name, a step and its columns",
    ),
    "another remainder": (
        setter(*COLUMNS, "remainder", value="keep"),
        "remainder is 'keep'",
    ),
}


@pytest.mark.parametrize(("change", "message"), MIXED_FILE.values(), ids=MIXED_FILE)
def test_a_model_of_images_and_columns(change, message, stored, tmp_path):
    with pytest.raises(ModelFileError, match=message):
        load_model(rewritten(stored["mixed"], tmp_path, change))


def saved(tmp_path, first, **settings):
    X, _ = feature_data()
    X = X[FEATURES].fillna(0)
    y = np.where(X["f3"] > 0, "ORN", "metastasis")
    lasso = NomogramClassifier(lambda_rule=0.05)
    model = Pipeline([*first, ("lasso", lasso)], **settings)
    save_model(tmp_path / "m.json", model.fit(X, y))


ALL = ("all", "passthrough", FEATURES)
COLUMN_STEPS = {
    "weights": (
        ColumnTransformer([ALL], transformer_weights={"all": 2.0}),
        "without transformer_weights",
    ),
    "names that are made": (
        ColumnTransformer([ALL], verbose_feature_names_out="{feature_name}"),
        "verbose_feature_names_out is True or False",
    ),
    "a column as a vector": (
        ColumnTransformer([ALL, ("gone", "drop", "f1")]),
        "one column as a vector",
    ),
}


@pytest.mark.parametrize(("step", "message"), COLUMN_STEPS.values(), ids=COLUMN_STEPS)
def test_a_column_transformer(step, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        saved(tmp_path, [("columns", step)])


def test_transform_input(tmp_path):
    with (
        config_context(enable_metadata_routing=True),
        pytest.raises(TypeError, match="transform_input"),
    ):
        saved(tmp_path, [], transform_input=["sample_weight"])


def test_labels_that_no_file_holds(tmp_path):
    X = np.random.default_rng(0).normal(size=(60, 2))
    model = make_pipeline(NomogramClassifier(lambda_rule=0.05))
    model.fit(X, X[:, 0] > 0)
    model[-1].classes_ = np.array(["1999-01-01", "2000-01-01"], dtype="datetime64[D]")
    with pytest.raises(TypeError, match="classes are of type datetime64"):
        save_model(tmp_path / "m.json", model)
    model[-1].classes_ = np.array([(1,), "a"], dtype=object)
    with pytest.raises(TypeError, match="The classes are"):
        save_model(tmp_path / "m.json", model)


def test_a_column_of_text_has_no_values(tmp_path):
    X, y = feature_data()
    table = X.assign(note="seen")
    save_model(tmp_path / "m.json", feature_model(), training=table)
    values = json.loads((tmp_path / "m.json").read_text())["training"]["values"]
    assert "note" not in values


def test_below_and_above_the_training_range(stored):
    model = ModelFile.read(stored["features"])
    X, _ = feature_data()
    used = list(model.pipeline[-1].selected_features_)
    new = pd.DataFrame([X.median(), X.median()]).fillna(0.0)
    new[used[0]] = [-99.0, 99.0]
    flags = predict_cohort(model, new).table["flags"].tolist()
    assert f"{used[0]} -99 is below the training range" in flags[0]
    assert f"{used[0]} 99 is above the training range" in flags[1]
