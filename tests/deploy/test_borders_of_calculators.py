"""The numbers that the calculator computes with, by a plain copy of what it does."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.deploy import ModelFile, predict_cohort, save_model
from sklearn_orn.deploy._calculator_data import page_data, scores_before
from sklearn_orn.model import CrossFittedScore
from tests.deploy._models import FEATURES, combined_data, combined_model


def as_file(tmp_path, pipeline, training=None, **about):
    save_model(tmp_path / "m.json", pipeline, training=training, **about)
    return ModelFile.read(tmp_path / "m.json")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    X, _ = combined_data()
    return as_file(tmp_path_factory.mktemp("model"), combined_model(), X)


@pytest.fixture(scope="module")
def data(model):
    return page_data(model)


@pytest.fixture(scope="module")
def rows():
    X, _ = combined_data(seed=7, n=12)
    X["dose"], X["smoker"] = X["dose"].fillna(55.0), X["smoker"].fillna("yes")
    X.loc[0, ["age", "size", "dose"]] = [95.0, 60.0, 90.0]
    return X.fillna(0.0)


def spline(x, knots, term):
    def cube(knot):
        return max(x - knot, 0) ** 3

    first, before, last = knots[0], knots[-2], knots[-1]
    knot = knots[term]
    cubes = cube(knot) - cube(before) * (last - knot) / (last - before)
    cubes += cube(last) * (before - knot) / (last - before)
    return cubes / (last - first) ** 2


def effect(field, value):
    """Return the effect of what is typed or chosen."""
    if field["choices"]:
        effects = {choice["text"]: choice["effect"] for choice in field["choices"]}
        return effects[str(value)]
    total = field["offset"]
    for bend in field["bends"]:
        x = bend["slope"] * (value - bend["center"]) + bend["offset"]
        knots = bend["knots"]
        total += bend["weight"] * (spline(x, knots, bend["term"]) if knots else x)
    return total


def panel(field, row):
    """Return a score of the features of a row."""
    score = field["score"]
    parts = [effect(f, row[f["name"]]) for f in score["predictors"]]
    return score["intercept"] + sum(parts)


def typed(data, row):
    return {
        field["name"]: panel(field, row) if field["score"] else row[field["name"]]
        for field in data["predictors"]
    }


def test_effects_and_intercept_are_the_score(model, data, rows):
    expected = predict_cohort(model, rows).table
    for (_, row), score in zip(rows.iterrows(), expected["score"], strict=True):
        values = typed(data, row)
        parts = [effect(f, values[f["name"]]) for f in data["predictors"]]
        assert data["intercept"] + sum(parts) == pytest.approx(score, abs=1e-9)


def test_points_are_effects_above_the_lowest(data, rows):
    per_unit = data["pointsPerUnit"]
    widest = 0
    for field in data["predictors"]:
        ticks = field["ticks"]
        if field["choices"]:
            ticks = [t if isinstance(t, str) else f"{t:g}" for t in ticks]
        effects = np.array([effect(field, tick) for tick in ticks])
        points = (effects - field["lowest"]) * per_unit
        np.testing.assert_allclose(points, field["points"], atol=1e-6)
        assert points.min() >= -1e-6
        widest = max(widest, points.max())
    assert 50 < widest < 100 + 1e-6
    lowest = [field["lowest"] for field in data["predictors"]]
    assert data["start"] == pytest.approx(data["intercept"] + sum(lowest))


def test_the_panel_of_the_score_is_that_of_its_own_model(model, data, rows):
    (field,) = [f for f in data["predictors"] if f["score"]]
    scores = predict_cohort(model, rows).table[field["name"]]
    found = [panel(field, row) for _, row in rows.iterrows()]
    np.testing.assert_allclose(found, scores, atol=1e-9)
    assert {f["name"] for f in field["score"]["predictors"]} <= set(FEATURES)


def test_choices_and_numbers(data):
    by_name = {field["name"]: field for field in data["predictors"]}
    choices = {
        name: [c["text"] for c in field["choices"]] for name, field in by_name.items()
    }
    assert choices["pain"] == ["0", "1"]  # codes, of which there are few
    assert choices["stage"] == ["II", "I", "III"]
    assert by_name["stage"]["choices"][0]["effect"] == 0
    assert choices["smoker"] == ["no", "yes"]
    assert choices["age"] == choices["dose"] == choices["size"] == []
    X, _ = combined_data()
    assert by_name["age"]["range"] == [X["age"].min(), X["age"].max()]
    assert data["combined"]
    assert data["title"] == "Clinical-radiomics nomogram for metastasis"
    assert (data["positive"], data["negative"]) == ("metastasis", "ORN")
    assert data["threshold"] == 0.5


def classifier_of(model):
    """The classifier of the score before the last one."""
    return model.pipeline[0].named_transformers_["score"].estimator_[-1]


def test_lines_of_scores_csv(model, data, rows):
    """A line of this model holds the score in its place, one of its own as it is."""
    table = predict_cohort(model, rows).table
    classifier = model.classifier
    for field in data["predictors"]:
        if field["score"] is None:
            continue
        own, alone = field["lines"]
        used = np.flatnonzero(classifier.coef_[0])
        assert own["columns"] == classifier.feature_names_in_[used].tolist()
        assert own["slopes"] == classifier.coef_[0][used].tolist()
        assert own["intercept"] == classifier.intercept_[0]
        slope, center, offset = own["line"]
        column = table[own["columns"][own["place"]]]
        assert own["columns"][own["place"]].endswith(field["name"])
        value = (column - offset) / slope + center
        np.testing.assert_allclose(value, table[field["name"]])
        assert (alone["place"], alone["line"]) == (None, [1.0, 0.0, 0.0])
        inner = classifier_of(model).coef_[0]
        assert alone["slopes"] == inner[inner != 0].tolist()
        assert len(alone["columns"]) == len(alone["slopes"])
        assert alone["intercept"] == classifier_of(model).intercept_[0]
        assert not field["takesAnyScore"]


def small(tmp_path, X, y=None, training=True, **about):
    y = np.where(X.iloc[:, 0].rank() + np.arange(len(X)) % 7 * 4 > 24, "yes", "no")
    pipeline = make_pipeline(NomogramClassifier(penalty="none"))
    pipeline.set_output(transform="pandas").fit(X, y)
    return as_file(tmp_path, pipeline, X if training else None, **about)


def columns(**more):
    rng = np.random.default_rng(2)
    return pd.DataFrame({"x": rng.normal(size=40), **more})


@pytest.mark.parametrize(
    ("values", "choices"),
    [
        (np.arange(40) % 3, ["0", "1", "2"]),
        (np.arange(40) % 3 + 4, ["4", "5", "6"]),
        (np.arange(40) % 2 * 2, []),
        (np.arange(40) % 3 + 0.5, []),
        (np.arange(40) % 10 + 1, [str(n) for n in range(1, 11)]),
        (np.arange(40) % 11, []),
    ],
)
def test_consecutive_whole_numbers_are_chosen_and_others_typed(
    tmp_path, values, choices
):
    X = columns(code=values.astype(float))
    data = page_data(small(tmp_path, X))
    field = {f["name"]: f for f in data["predictors"]}["code"]
    assert [choice["text"] for choice in field["choices"]] == choices
    if len(np.unique(values)) <= 10:
        assert field["ticks"] == np.unique(values).tolist()
    without = page_data(small(tmp_path, X, training=False))
    assert not any(f["choices"] for f in without["predictors"])


def test_two_columns_of_codes_have_all_of_their_ticks_and_the_total_its_ends(tmp_path):
    numbers = np.arange(40.0)
    X = columns(three=numbers % 3, ten=numbers * 7 % 10, age=(numbers * 11) % 37)
    data = page_data(small(tmp_path, X))
    by_name = {field["name"]: field for field in data["predictors"]}
    assert by_name["three"]["ticks"] == [0, 1, 2]
    assert by_name["ten"]["ticks"] == list(range(10))
    top = 0
    for field in data["predictors"]:
        ends = [choice["text"] for choice in field["choices"]] or field["range"]
        highest = max(effect(field, end) for end in ends)
        top += (highest - field["lowest"]) * data["pointsPerUnit"]
    ticks = data["axes"]["total"]["ticks"]
    assert ticks[0] == 0
    widest = sum(max(field["points"]) for field in data["predictors"])
    assert top - ticks[1] < ticks[-1] < max(top, widest) + ticks[1]


def test_a_score_alone_is_not_combined(tmp_path):
    X, y = combined_data()
    inner = make_pipeline(
        SimpleImputer(keep_empty_features=True), NomogramClassifier(lambda_rule=0.02)
    )
    score = CrossFittedScore(inner, cv=4, random_state=0)
    pipeline = make_pipeline(score, NomogramClassifier(penalty="none"))
    pipeline.set_output(transform="pandas").fit(X[FEATURES], y)
    data = page_data(as_file(tmp_path, pipeline))
    assert len(data["predictors"]) == 1 and data["predictors"][0]["score"]
    assert not data["combined"]
    assert data["title"] == "Radiomics nomogram for metastasis"


@pytest.mark.parametrize("prefix", ["", "texture__"])
def test_a_score_within_a_branch_has_the_name_of_the_branch(prefix):
    score = CrossFittedScore(make_pipeline(NomogramClassifier()))
    inner = make_pipeline(SimpleImputer(), score)
    step = ColumnTransformer([("texture", inner, ["a"]), ("rest", "drop", ["b"])])
    step.transformers_ = step.transformers
    linear = SimpleNamespace(effects={f"{prefix}{score.name}": None})
    found = list(scores_before(step, linear))
    assert found == [(f"{prefix}{score.name}", score)]


def test_scores_of_other_models_are_known_by_their_name(tmp_path):
    rng = np.random.default_rng(3)
    names = ["Radiomics score", "my_SIGNATURE", "age"]
    X = columns(**{name: rng.normal(size=40) for name in names})
    X["score code"] = np.arange(40) % 2
    data = page_data(small(tmp_path, X))
    taken = {f["name"]: f["takesAnyScore"] for f in data["predictors"]}
    assert taken == {
        **{"x": False, "Radiomics score": True, "my_SIGNATURE": True},
        **{"age": False, "score code": False},
    }
    assert not data["combined"]
    assert data["title"] == "Radiomics nomogram for yes"
    assert page_data(small(tmp_path, X, title="T"))["title"] == "T"


def test_a_number_that_was_scaled_has_its_line(tmp_path):
    from sklearn.preprocessing import StandardScaler

    X = columns(age=np.arange(40.0) + 30)
    y = np.where(X["x"] + np.arange(40) % 3 > 1, "yes", "no")
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    transformer = ColumnTransformer(
        [("all", scaled, ["x", "age"])], verbose_feature_names_out=False
    )
    pipeline = make_pipeline(transformer, NomogramClassifier(penalty="none"))
    model = as_file(tmp_path, pipeline.set_output(transform="pandas").fit(X, y), X)
    data = page_data(model)
    for place, field in enumerate(data["predictors"]):
        (line,) = field["lines"]
        assert line["place"] == place
        slope, center, offset = line["line"]
        column = X[field["name"]]
        np.testing.assert_allclose(1 / slope, column.std(ddof=0))
        np.testing.assert_allclose(center - offset / slope, column.mean(), atol=1e-12)
