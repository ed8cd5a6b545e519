"""A signature's JSON file: the way back, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.model import PublishedSignature
from tests._examples import examples

NUMBERS = st.floats(-1e6, 1e6)
NAMES = st.text(min_size=1, max_size=20)


SETTINGS = {
    "threshold": st.floats(0, 1),
    "bits": st.sampled_from([None, 6, {"cooccurrence": 5, "wavelet": 8}]),
    "normalization": st.sampled_from([None, "3sigma", "1-99", "1-99-below", "none"]),
    "classes": st.sampled_from([(0, 1), (False, True), ("a", "b"), (-1.0, 1.0)]),
    "class_names": st.sampled_from([None, ("metastasis", "ORN")]),
    **dict.fromkeys(["title", "source", "units", "notes"], NAMES),
}


@given(
    st.dictionaries(NAMES, NUMBERS, min_size=1, max_size=6),
    NUMBERS,
    st.fixed_dictionaries(SETTINGS),
)
@examples(60)
def test_what_is_written_comes_back(
    tmp_path_factory, coefficients, intercept, settings
):
    signature = PublishedSignature(coefficients, intercept, **settings)
    path = tmp_path_factory.mktemp("signature") / "s.json"
    signature.to_json(path)
    again = PublishedSignature.from_json(path)
    assert again.get_params() == signature.get_params()
    assert again.classes_.dtype.kind == signature.classes_.dtype.kind
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(5, len(coefficients))), columns=[*coefficients])
    values = X.to_numpy() @ np.array([*coefficients.values()]) + intercept
    found = again.predictors(X).to_numpy() @ np.array([*again.coefficients.values()])
    np.testing.assert_allclose(found + again.intercept, values, rtol=1e-12)


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "signature.json"
    signature = PublishedSignature({"Sigma": -2.5}, 1.5, reader="mean", bits=6)
    signature.to_json(path)
    return path


def test_the_reader_is_no_matter_of_the_file(stored):
    assert "reader" not in json.loads(stored.read_text())
    assert PublishedSignature.from_json(stored).reader is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "recipe"}, "nothing of the format"),
        ({"schema_version": 2}, "schema version 2; this sklearn_orn reads up to 1"),
        ({"schema_version": None}, "schema_version is None"),
        ({"extra": 1}, r"has \['extra'\]"),
        ({"intercept": None}, "intercept is None"),
        ({"intercept": "1.5"}, "intercept is '1.5'"),
        ({"coefficients": {}}, "at least one feature"),
        ({"coefficients": {"Sigma": None}}, "coefficients.Sigma is None"),
        ({"coefficients": [["Sigma", 1]]}, "coefficients is"),
        ({"bits": 9}, "bits is 9"),
        ({"bits": {"histogram": 6}}, "histogram"),
        ({"bits": {"gradient": 0}}, "bits.gradient is 0"),
        ({"normalization": "z-score"}, "normalization is 'z-score'"),
        ({"threshold": 1.5}, "threshold is 1.5"),
        ({"classes": {"type": "int64", "values": [1, 0]}}, "sorted order"),
        ({"classes": [0, 1]}, "classes is"),
        ({"class_names": ["ORN", "ORN"]}, "two different names"),
        ({"class_names": ["a", "b", "c"]}, "two different names"),
        ({"title": 3}, "title is 3"),
    ],
)
def test_files_off_the_schema_are_refused(stored, change, message):
    content = json.loads(stored.read_text()) | change
    stored.write_text(json.dumps(content))
    with pytest.raises(ModelFileError, match=message) as caught:
        PublishedSignature.from_json(stored)
    assert str(caught.value).startswith(f"signature file '{stored}': ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is not JSON"),
        ("[]", "holds a list"),
        ('{"format": NaN}', "NaN"),
        ('{"intercept": 1e999}', "beyond 1e"),
        ('{"a": 1, "a": 2}', "'a' twice"),
    ],
)
def test_what_is_no_strict_json_is_refused(tmp_path, text, message):
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(ModelFileError, match=message):
        PublishedSignature.from_json(tmp_path / "s.json")


def test_a_missing_name_and_a_missing_file(stored, tmp_path):
    content = json.loads(stored.read_text())
    del content["bits"]
    stored.write_text(json.dumps(content))
    with pytest.raises(ModelFileError, match=r"lacks \['bits'\]"):
        PublishedSignature.from_json(stored)
    with pytest.raises(ModelFileError, match="signature file .*cannot be opened"):
        PublishedSignature.from_json(tmp_path / "nowhere.json")


def test_what_cannot_be_read_is_not_written(tmp_path):
    long = PublishedSignature({"Sigma": 1.0}, 0.0, notes="x" * 2000)
    with pytest.raises(ModelFileError, match="at most 1000 letters"):
        long.to_json(tmp_path / "s.json")
    assert not (tmp_path / "s.json").exists()


def test_a_coefficient_without_a_name_is_not_written(tmp_path):
    with pytest.raises(TypeError, match="names the feature"):
        PublishedSignature({"": 1.0}, 0.0).to_json(tmp_path / "s.json")
    assert not list(tmp_path.iterdir())
