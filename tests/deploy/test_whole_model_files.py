"""Model files as a whole: what ends them, their versions, and what is not written."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn import NomogramClassifier, TextureExtractor
from sklearn_orn.deploy import ModelFile, load_model, save_model
from sklearn_orn.deploy._compose import decode_estimator, encode_estimator
from sklearn_orn.exceptions import ModelFileError, StudyWarning
from sklearn_orn.images import Lesion, Regions

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(40, 3)), columns=["a", "b", "c"])
Y = (X["a"] + RNG.normal(size=40) > 0).to_numpy().astype(int)


def lasso():
    return NomogramClassifier(lambda_rule=0.02)


def test_a_step_that_is_not_fitted_is_named(tmp_path):
    with pytest.raises(NotFittedError, match="Step 'scaler' is not fitted"):
        encode_estimator(Pipeline([("scaler", StandardScaler())]), "pipeline")


def test_what_cannot_be_read_is_not_written(tmp_path):
    model = make_pipeline(lasso()).fit(X, Y)
    with pytest.raises(ModelFileError, match="two different names"):
        save_model(tmp_path / "m.json", model, class_names=("no", "no"))
    assert list(tmp_path.iterdir()) == []


def test_a_model_ends_in_a_classifier(tmp_path):
    path = tmp_path / "m.json"
    save_model(path, make_pipeline(StandardScaler(), lasso()).fit(X, Y))
    whole = json.loads(path.read_text(encoding="utf-8"))
    first, last = whole["pipeline"]["steps"]
    cut = whole | {"pipeline": whole["pipeline"] | {"steps": [first]}}
    for data in (cut, whole | {"pipeline": last[1]}):
        path.write_text(json.dumps(data), encoding="utf-8")
        with pytest.raises(ModelFileError, match="ends in a NomogramClassifier"):
            load_model(path)


def test_a_model_of_another_version_says_so_and_reads_the_same(tmp_path):
    path, model = tmp_path / "m.json", make_pipeline(lasso()).fit(X, Y)
    save_model(path, model, title="Ours")
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert (whole["schema_version"], whole["class_names"]) == (4, ["0", "1"])
    expected = model.predict_proba(X)
    for version, gone in (
        (3, ["protocol"]),
        (2, ["protocol"]),
        (1, ["protocol", "orientation"]),
    ):
        older = {k: v for k, v in whole.items() if k not in gone}
        path.write_text(
            json.dumps(older | {"schema_version": version}), encoding="utf-8"
        )
        found = ModelFile.read(path)
        assert found.orientation == ("stored" if version == 1 else "dicom")
        assert found.training.protocol == {}
        np.testing.assert_array_equal(found.pipeline.predict_proba(X), expected)
    path.write_text(json.dumps(whole | {"feature_version": 1}), encoding="utf-8")
    with pytest.warns(StudyWarning, match="texture of version 1.*NIfTI and NRRD"):
        ModelFile.read(path)


@pytest.mark.parametrize(
    "measures", [{"bits": {"histogram": 4}}, {"distances": []}, {"families": []}]
)
def test_what_cannot_be_measured_is_refused_with_its_place(measures):
    image = np.arange(100.0).reshape(10, 10)
    step = TextureExtractor().fit([Lesion(image, image > 20)])
    data = json.loads(json.dumps(encode_estimator(step, "step")))
    data["measures"] |= measures
    with pytest.raises(ModelFileError, match="step.measures: "):
        decode_estimator(data, "step")


def test_a_number_that_stands_for_the_missing_is_not_lost():
    step = SimpleImputer(missing_values=-1.0).fit(X)
    with pytest.raises(TypeError, match="missing_values is -1.0; expected null"):
        encode_estimator(step, "imputer")


def test_regions_are_those_that_can_be_measured():
    image = np.arange(100.0).reshape(10, 10)
    step = Regions(["lesion"]).fit([Lesion(image, image > 20, spacing=(1, 1))])
    data = json.loads(json.dumps(encode_estimator(step, "step")))
    for regions in (["rim 3 mm outside"], ["context", "lesion"]):
        data["params"]["regions"] = regions
        assert decode_estimator(data, "step").regions == regions
    data["params"]["regions"] = ["lesion", "rim of salt"]
    with pytest.raises(ModelFileError, match=r"regions\[1\] is 'rim of salt'"):
        decode_estimator(data, "step")
