"""A published score on its way to a file and back, and the limits of what it takes."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError, ModelFileError, StudyWarning
from sklearn_orn.model import PublishedSignature
from sklearn_orn.texture import declare_settings

SCORE = {"Mean": 0.5, "age": -0.25}
X = pd.DataFrame({"age": [40.0, 60.0], "Mean": [1.0, 3.0]})


def signature(**settings):
    return PublishedSignature(SCORE, 9.0, **settings)


def scored(score):
    """The warnings of as many rows as there are scores."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = pd.DataFrame({"Mean": np.asarray(score, dtype=float)})
        PublishedSignature({"Mean": 1.0}, 0.0).decision_function(table)
    return [w for w in caught if "of the scores lie beyond" in str(w.message)]


def test_defaults_are_those_of_the_documentation():
    plain = signature()
    assert (plain.classes, plain.threshold) == ((0, 1), 0.5)
    assert plain.predict(X).tolist() == [0, 0]
    assert plain.decision_function(X).tolist() == [-0.5, -4.5]


def test_scores_beyond_5_are_told_where_they_are_more_than_a_tenth():
    assert not scored([5.1, *[0] * 9]) and scored([5.1, *[0] * 8])
    assert not scored([5.0, -5.0, 0]) and scored([5.01, 0, 0])
    assert scored([-5.01, 0, 0])
    (told,) = scored([9, 9, 0, 0])
    assert "50 % of the scores" in str(told.message)
    assert issubclass(told.category, StudyWarning)
    assert not scored([])


@pytest.mark.parametrize("threshold", [0, 0.3, 1])
def test_a_threshold_is_a_probability(threshold, tmp_path):
    path = tmp_path / "s.json"
    signature(threshold=threshold).to_json(path)
    again = PublishedSignature.from_json(path)
    assert again.threshold == threshold
    for wrong in (threshold - 1.01, threshold + 1.01):
        with pytest.raises(ValueError, match="'threshold' parameter"):
            signature(threshold=wrong).predictors(X)
        data = json.loads(path.read_text(encoding="utf-8")) | {"threshold": wrong}
        path.write_text(json.dumps(data), encoding="utf-8")
        with pytest.raises(ModelFileError, match="threshold is"):
            PublishedSignature.from_json(path)


@pytest.mark.parametrize(
    ("name", "within", "beyond"),
    [
        (
            "bits",
            [None, 1, 8, {"gradient": 1}, {"wavelet": 8}],
            [0, 9, {"gradient": 0}],
        ),
        ("normalization", [None, "1-99"], ["z"]),
        ("class_names", [None, ["no", "yes"]], [["no"], ["no", "no"], ["a", "b", "c"]]),
        ("schema_version", [1], [2]),
        ("coefficients", [{"Mean": 0}], [{}]),
    ],
)
def test_what_a_file_holds_has_limits(name, within, beyond, tmp_path):
    path = tmp_path / "s.json"
    signature(class_names=["a", "b"]).to_json(path)
    whole = json.loads(path.read_text(encoding="utf-8"))
    for value in within:
        path.write_text(json.dumps(whole | {name: value}), encoding="utf-8")
        again = PublishedSignature.from_json(path)
        if isinstance(value, list):
            assert list(again.class_names) == value
        elif name != "schema_version":
            assert getattr(again, name) == value
    for value in beyond:
        path.write_text(json.dumps(whole | {name: value}), encoding="utf-8")
        with pytest.raises(ModelFileError, match=r"s\.json"):
            PublishedSignature.from_json(path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"class_names": ("no",)}, "two different names, of 0 and 1"),
        ({"class_names": ("no", "no")}, "two different names"),
        ({"class_names": ("a", "b", "c")}, "two different names"),
        ({"bits": 9}, "bits"),
        ({"threshold": 2}, "'threshold' parameter"),
        ({"classes": (1, 0)}, "the positive label must come after"),
    ],
)
def test_what_is_wrong_is_refused_by_fit_and_before_it_is_written(
    settings, message, tmp_path
):
    for use in (
        lambda of: of.fit(X),
        lambda of: of.to_json(tmp_path / "s.json"),
    ):
        with pytest.raises(ValueError, match=message):
            use(signature(**settings))
    assert not list(tmp_path.iterdir())


def test_coefficients_are_checked_before_they_are_used():
    for use in (lambda of: of.fit(X), lambda of: of.formula_):
        with pytest.raises(ValueError, match="coefficient of 'Mean' is 'x'"):
            use(PublishedSignature({"Mean": "x"}, 0.0))


def test_fit_looks_at_the_labels():
    assert signature().fit(X, [0, 1]).score(X, [0, 0]) == 1
    signature(class_names=("no", "yes")).fit(X, ["no", "yes"])
    with pytest.raises(ValueError, match="X has 2 samples, y has 3"):
        signature().fit(X, [0, 1, 1])
    with pytest.raises(CohortError, match="no column for 1 features"):
        signature().fit(X[["age"]])


def test_settings_of_the_features_are_compared():
    score = PublishedSignature({"GrMean": 1.0}, 0.0, bits=4, normalization="1-99")
    table = pd.DataFrame({"GrMean": [1.0]})
    same = declare_settings(table, bits=4, normalization="1-99")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        score.decision_function(same)
        score.check_provenance(bits=4, normalization="1-99")
        score.check_provenance(declare_settings(table, bits=4), normalization="1-99")
    other = declare_settings(table, bits=4, normalization="3sigma")
    for use in (score.decision_function, score.predict, score.check_provenance):
        with pytest.raises(ValueError, match="3sigma"):
            use(other)
    with pytest.raises(ValueError, match="6"):
        score.check_provenance(same, bits=6)
    with pytest.raises(ValueError, match="none"):
        score.check_provenance(same, normalization="none")
