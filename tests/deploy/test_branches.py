"""What a pipeline reads of its table: numbers, levels, gaps that it fills, images."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sklearn_orn import FCMSelector, NomogramClassifier, Normalizer, TextureExtractor
from sklearn_orn.deploy._branches import (
    columns_read,
    image_branches,
    noting,
    plain_columns,
    with_inner,
)
from sklearn_orn.images import Lesion, Resampler
from sklearn_orn.model import CrossFittedScore
from sklearn_orn.selection import ComBat

N = 40
RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(N, 3)), columns=["a", "b", "c"])
X["stage"] = np.resize(["II", "I", "III"], N)
X["grade"] = np.resize(["low", "high"], N)
Y = (X["a"] + RNG.normal(size=N) > 0).to_numpy().astype(int)
NUMBERS = X[["a", "b", "c"]]


def columns(*branches, **settings):
    step = ColumnTransformer(list(branches), **settings)
    return Pipeline([("columns", step)])


def lasso():
    return NomogramClassifier(lambda_rule=0.02)


def test_columns_that_are_dropped_are_not_read():
    kept = ("kept", "passthrough", ["c", "a"])
    model = columns(kept, ("gone", "drop", ["b", "stage"])).fit(X)
    assert plain_columns(model) == ["a", "c"]
    model = columns(kept, ("gone", "drop", ["stage"]), remainder="passthrough").fit(X)
    assert plain_columns(model) == ["a", "b", "c", "grade"]
    assert columns_read(model) == ({}, set())


def test_without_columns_all_of_the_table_is_read():
    model = make_pipeline(StandardScaler(), lasso())
    assert plain_columns(model.fit(NUMBERS, Y)) == ["a", "b", "c"]
    assert plain_columns(model.fit(NUMBERS.to_numpy(), Y)) == ["x0", "x1", "x2"]
    assert plain_columns(Pipeline([("n", Normalizer())])) == []


def test_levels_and_references_are_those_of_their_column():
    model = columns(
        ("numbers", SimpleImputer(), ["a", "b"]),
        ("levels", OneHotEncoder(drop=["high", "II"]), ["grade", "stage"]),
        ("ranks", OrdinalEncoder(categories=[["low", "high"]]), ["grade"]),
    ).fit(X)
    found = columns_read(model)
    assert found.filled == {"a", "b"}
    assert set(found.categories) == {"grade", "stage"}
    stage = found.categories["stage"]
    assert stage.levels.tolist() == ["I", "II", "III"]
    assert (stage.reference, stage.others) == (1, False)
    assert found.categories["grade"].levels.tolist() == ["low", "high"]
    assert found.categories["grade"].reference is None


def test_columns_keep_their_names_through_steps_that_leave_them_in_place():
    filled = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        "passthrough",
        OneHotEncoder(drop="first"),
    )
    gaps = X.assign(stage=X["stage"].where(X["a"] > 0))
    found = columns_read(columns(("x", filled, ["grade", "stage"])).fit(gaps))
    assert found.filled == {"grade", "stage"}
    assert found.categories["stage"].levels.tolist() == ["I", "II", "III"]
    assert found.categories["grade"].reference == 0


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("kept", [False, True])
def test_behind_an_empty_column_the_others_keep_their_names(kept):
    table = pd.DataFrame({"e": np.nan, "code": np.resize([1.0, 2], N), "b": X["b"]})
    first = SimpleImputer(keep_empty_features=kept)
    model = make_pipeline(first, StandardScaler(), OneHotEncoder()).fit(table)
    found = columns_read(model)
    assert found.filled == {"e", "code", "b"}
    assert list(found.categories) == (["e", "code", "b"] if kept else ["code", "b"])
    assert found.categories["code"].levels.tolist() == [-1, 1]


def test_the_indicators_of_an_imputer_are_no_columns():
    gaps = NUMBERS.assign(b=X["b"].where(X["b"] > 0))
    inner = ColumnTransformer(
        [("codes", OneHotEncoder(), [3]), ("numbers", SimpleImputer(), [1, 2])]
    )
    model = make_pipeline(SimpleImputer(add_indicator=True), inner).fit(gaps)
    found = columns_read(model)
    assert found.filled == {"a", "b", "c"} and found.categories == {}
    encoder = OneHotEncoder(drop="first")
    model = make_pipeline(SimpleImputer(add_indicator=True), encoder).fit(gaps)
    assert list(columns_read(model).categories) == ["a", "b", "c"]


def test_columns_that_a_selector_leaves_out():
    data = NUMBERS.rename(columns={"a": "first"})
    selector = FCMSelector(k=1).fit(data, Y)
    kept = selector.get_feature_names_out().tolist()
    encoder = OneHotEncoder().fit(selector.transform(data))
    found = columns_read(Pipeline([("select", selector), ("encode", encoder)]))
    assert list(found.categories) == kept


@pytest.mark.parametrize(("unseen", "others"), [("error", False), ("grand", True)])
def test_a_centre_is_a_level(unseen, others):
    table = NUMBERS.assign(centre=np.resize(["north", "south"], N))
    step = ComBat(batch_column="centre", unseen=unseen)
    model = make_pipeline(step, lasso()).fit(table, Y)
    (found,) = columns_read(model).categories.items()
    assert found[0] == "centre" and found[1].levels.tolist() == ["north", "south"]
    assert (found[1].reference, found[1].others) == (None, others)


def test_columns_of_a_score_are_read_in_it():
    texture = make_pipeline(SimpleImputer(), lasso())
    branch = ("score", CrossFittedScore(texture, cv=2), ["b", "a"])
    model = columns(branch, ("stage", OneHotEncoder(), ["stage"])).fit(X, Y)
    assert plain_columns(model) == ["a", "b", "stage"]
    found = columns_read(model)
    assert found.filled == {"a", "b"} and list(found.categories) == ["stage"]


def test_what_the_classifier_of_a_score_sees_is_noted():
    texture = make_pipeline(SimpleImputer(), StandardScaler(), lasso())
    branches = [
        ("score", CrossFittedScore(texture, cv=2), ["a", "b"]),
        ("alone", CrossFittedScore(lasso(), cv=2), ["c"]),
        ("kept", "passthrough", ["c"]),
    ]
    model = columns(*branches).fit(X, Y)
    seen = []
    found = noting(model, seen).transform(X)
    np.testing.assert_array_equal(found, model.transform(X))
    first, second = seen
    assert first.score is model[0].named_transformers_["score"]
    scaled = StandardScaler().fit_transform(X[["a", "b"]])
    np.testing.assert_allclose(first.X, scaled)
    np.testing.assert_array_equal(second.X, X[["c"]])


def test_every_step_within_is_changed():
    model = columns(("x", StandardScaler(), ["a"]), ("y", "drop", ["b"])).fit(X)
    changed = with_inner(with_inner(model, lambda step: step)[0], type)
    assert [step for _, step, _ in changed.transformers_][:2] == [StandardScaler, str]


def test_branches_of_images_have_their_columns_and_steps():
    image = np.arange(100.0).reshape(10, 10)
    lesions = [Lesion(image + i, image > 20 + i, spacing=(1, 1)) for i in range(4)]
    steps = make_pipeline(Resampler(0.8), Normalizer(), TextureExtractor(["histogram"]))
    (branch,) = image_branches(make_pipeline(steps.fit(lesions), lasso()))
    assert branch.columns is None
    assert [type(step) for step in branch.image_steps] == [Resampler, Normalizer]
    assert branch.extractor is steps[-1]
    prepared = branch.prepare(lesions)
    assert prepared[0].read()[""].spacing == (0.8, 0.8)
