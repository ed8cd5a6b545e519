import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sklearn_orn import FCMSelector, ICCFilter, NomogramClassifier, Normalizer
from sklearn_orn.deploy import ModelFile, load_model, save_model, table_hash
from sklearn_orn.exceptions import ModelFileError, StudyWarning
from sklearn_orn.images import Resampler
from sklearn_orn.model import CrossFittedScore
from tests.deploy._models import FEATURES, feature_data, image_steps, imputer

# Some of these models are weak on purpose.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The LASSO selected no feature", "ignore:The chosen lambda is the last"
)

V1 = Path(__file__).parent / "model_v1.json"
V2 = Path(__file__).parent / "model_v2.json"
V1_SCORES = Path(__file__).parent / "model_v1_scores.csv"
NAMES = ["features", "arrays", "images", "mixed", "combined", "image_score"]


def rewritten(path, tmp_path, change):
    """Write the model file again, changed; return its path."""
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    target = tmp_path / "changed.json"
    target.write_text(json.dumps(data), encoding="utf-8")
    return target


def step_of(data, number):
    return data["pipeline"]["steps"][number][1]


def flat_steps(step):
    if isinstance(step, Pipeline):
        return [leaf for _, inner in step.steps for leaf in flat_steps(inner)]
    if isinstance(step, ColumnTransformer):
        inner = [step for _, step, _ in step.transformers_]
        return [step, *(leaf for x in inner for leaf in flat_steps(x))]
    if isinstance(step, CrossFittedScore):
        return [step, *flat_steps(step.estimator_)]
    return [step]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_probabilities_to_the_last_bit(name, models, stored):
    pipeline, X = models[name]
    again = load_model(stored[name])
    np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))
    np.testing.assert_array_equal(again.predict(X), pipeline.predict(X))
    assert again.predict(X).dtype == pipeline.predict(X).dtype
    names = pipeline[:-1].get_feature_names_out()
    assert again[:-1].get_feature_names_out().tolist() == names.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_fitted_attributes(name, models, stored):
    pipeline, _ = models[name]
    pairs = zip(flat_steps(pipeline), flat_steps(load_model(stored[name])), strict=True)
    for old, new in pairs:
        if old == "drop" or type(old).__name__ == "FunctionTransformer":
            continue
        assert type(new) is type(old)
        # A new attribute that is not in the file shows here.
        ours = {"_sklearn_output_config"}  # the file sets it where fit did not
        unheld = {"_likelihood_fit"}  # the table of the fit
        assert set(vars(new)) - ours == set(vars(old)) - ours
        for key, value in vars(old).items():
            if isinstance(old, ColumnTransformer) and "transformers" in key:
                continue
            if isinstance(value, BaseEstimator):
                assert repr(vars(new)[key]) == repr(value)
                continue
            if key in unheld:
                continue
            np.testing.assert_equal(vars(new)[key], value, err_msg=key)
            if isinstance(value, np.ndarray):
                assert vars(new)[key].dtype == value.dtype, key


def test_a_file_of_the_first_schema_still_loads():
    X, _ = feature_data()
    expected = pd.read_csv(V1_SCORES)["probability"]
    with pytest.warns(StudyWarning, match="version 1;.*NIfTI and NRRD, whose slices"):
        model = load_model(V1)
    found = model.predict_proba(X)[:, 1]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert model.classes_.tolist() == ["ORN", "metastasis"]


def test_a_file_of_the_second_schema_still_loads():
    X, _ = feature_data()
    expected = pd.read_csv(V1_SCORES)["probability"]
    found = load_model(V2).predict_proba(X)[:, 1]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert json.loads(V2.read_text())["schema_version"] == 2


def test_the_file_says_how_slices_of_volumes_were_taken(stored):
    content = json.loads(stored["images"].read_text())
    assert content["schema_version"] == 4 and content["orientation"] == "dicom"
    assert ModelFile.read(stored["images"]).orientation == "dicom"
    with pytest.warns(StudyWarning):
        assert ModelFile.read(V1).orientation == "stored"


def test_saving_what_was_loaded_gives_the_same_file(stored, models, tmp_path):
    for name in NAMES:
        loaded = ModelFile.read(stored[name])
        X = models[name][1]
        save_model(tmp_path / "m.json", loaded.pipeline, training=X, title=f"A {name}")
        assert (tmp_path / "m.json").read_bytes() == stored[name].read_bytes()


def test_what_the_file_says_of_training(stored, cohort):
    model = ModelFile.read(stored["mixed"])
    assert model.title == "A mixed"
    assert model.class_names == ("False", "True")
    assert model.training.n_rows == len(cohort)
    assert model.training.pixel_spacings == ((0.5, 0.5),)
    assert model.training.values == {"pain": (0.0, 1.0)}
    assert model.training.table_sha256 == table_hash(cohort)
    assert set(model.versions) >= {"sklearn_orn", "scikit-learn", "numpy"}
    raw = stored["mixed"].read_bytes()
    assert model.sha256 == hashlib.sha256(raw).hexdigest()
    assert str(Path(cohort["image"].iloc[0]).parent).encode() not in raw
    assert b"P01" not in raw and b"L01" not in raw


def test_the_hash_does_not_depend_on_where_the_files_lie(cohort):
    moved = cohort.assign(image=[f"elsewhere/{Path(p).name}" for p in cohort["image"]])
    assert table_hash(moved) == table_hash(cohort)
    assert table_hash(cohort.assign(age=1)) != table_hash(cohort)


def test_spacings_are_those_after_the_resampler(cohort, tmp_path):
    y = (cohort["grade"] == "high").to_numpy()
    pipeline = make_pipeline(
        Resampler(0.7), *image_steps(), ICCFilter(0.3), imputer(),
        NomogramClassifier(lambda_rule=0.1),
    ).fit(cohort, y)  # fmt: skip
    save_model(tmp_path / "m.json", pipeline, training=cohort)
    model = ModelFile.read(tmp_path / "m.json")
    assert model.training.pixel_spacings == ((0.7, 0.7),)
    np.testing.assert_array_equal(
        model.pipeline.predict_proba(cohort), pipeline.predict_proba(cohort)
    )


@pytest.mark.parametrize(
    "kwargs",
    [
        {"cv": StratifiedKFold(3), "penalty_factor": {"f3": 0.0}},
        {"cv": 3, "penalty_factor": np.ones(8), "lambda_rule": "1se"},
        {"cv": 3, "penalty_factor": {"f3": np.inf, "f1": 0.0}},
        {"penalty": "firth", "penalty_factor": np.r_[np.inf, np.ones(7)]},
        {"penalty": "none", "class_weight": "balanced"},
        {"lambda_rule": 0.03, "l1_ratio": 0.5, "random_state": 3},
    ],
)
def test_settings_of_the_classifier(kwargs, tmp_path):
    X, y = feature_data()
    X = X[FEATURES].fillna(0)
    model = make_pipeline("passthrough", NomogramClassifier(**kwargs)).fit(X, y)
    save_model(tmp_path / "m.json", model)
    again = load_model(tmp_path / "m.json")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    for key in set(kwargs) - {"cv"}:
        np.testing.assert_equal(getattr(again[-1], key), kwargs[key])


@pytest.mark.parametrize(
    "labels",
    [[0, 1], [False, True], [-1.0, 1.0], ["a", "b"], np.array(["a", "b"], object)],
    ids=str,
)
def test_labels_keep_their_type(labels, tmp_path):
    X, y = feature_data()
    y = np.asarray(labels)[(y == "ORN").astype(int)]
    X = X[FEATURES].fillna(0).to_numpy()
    model = make_pipeline(NomogramClassifier(lambda_rule=0.05)).fit(X, y)
    save_model(tmp_path / "m.json", model, class_names=("no", "yes"))
    again = ModelFile.read(tmp_path / "m.json")
    assert again.pipeline.classes_.dtype == model.classes_.dtype
    np.testing.assert_array_equal(again.pipeline.predict(X), model.predict(X))
    assert again.class_names == ("no", "yes")


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([MinMaxScaler(), NomogramClassifier()], "'minmaxscaler' is a MinMax"),
        ([LogisticRegression()], "'logisticregression' is a LogisticRegression"),
        ([Normalizer()], "ends in a NomogramClassifier"),
        (
            [SimpleImputer(missing_values=-1.0), NomogramClassifier(lambda_rule=0.1)],
            "'simpleimputer' as it is.*missing_values is -1.0; expected null",
        ),
        (
            [
                ColumnTransformer([("scale", MinMaxScaler(), ["f0", "f1"])]),
                NomogramClassifier(lambda_rule=0.1),
            ],
            "Step 'scale' is a MinMaxScaler",
        ),
    ],
)
def test_other_steps_are_refused_by_name(steps, message, tmp_path):
    X, y = feature_data()
    model = make_pipeline(*steps)
    if len(steps) > 1:
        model.fit(X[FEATURES].fillna(0), y)
    with pytest.raises(TypeError, match=message):
        save_model(tmp_path / "m.json", model)
    assert not list(tmp_path.iterdir())


def test_no_pipeline_and_not_fitted(tmp_path):
    with pytest.raises(TypeError, match="make_pipeline"):
        save_model(tmp_path / "m.json", NomogramClassifier())
    with pytest.raises(NotFittedError, match="'fcmselector' is not fitted"):
        save_model(
            tmp_path / "m.json", make_pipeline(FCMSelector(), NomogramClassifier())
        )


def setter(*path, value):
    def change(data):
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


STEPS = ("pipeline", "steps")
LASSO = (*STEPS, 2, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (setter("format", value="other"), "format 'sklearn-orn-model'"),
        (setter("schema_version", value=5), "schema version 5.*up to 4. Update"),
        (setter("schema_version", value=1), "has .'orientation', 'protocol'. that"),
        (setter("orientation", value="ras"), "orientation is 'ras'"),
        (setter("schema_version", value=True), "schema_version is True"),
        (setter("extra", value=1), "has .'extra'. that this version"),
        (setter("class_names", value=["a", "a"]), "two different names"),
        (setter("title", value=["x"]), "title is"),
        (setter("training", "n_rows", value=-1), "training.n_rows is -1"),
        (setter("training", "table_sha256", value="ab"), "64 hexadecimal"),
        (setter("training", "pixel_spacings", value=[[1]]), "pairs of mm"),
        (setter("pipeline", value=3), "pipeline is 3; expected a step"),
        (setter("pipeline", value="passthrough"), "ends in a NomogramClassifier"),
        (setter(*STEPS, value=[]), "a list of steps"),
        (setter(*STEPS, 0, value=["x"]), "a name and a step"),
        (setter(*STEPS, 0, 0, value="lasso"), "not unique"),
        (setter(*STEPS, 1, 1, value="passthrough"), "'lasso' takes other columns"),
        (setter(*STEPS, 0, 1, "type", value="os.system"), "type is 'os.system'"),
        (setter(*STEPS, 0, 1, "output", value="x"), "output is 'x'"),
        (setter(*LASSO, "params", "cv", value=1), "params.cv is 1"),
        (setter(*LASSO, "params", "penalty", value="l2"), "one of .'lasso', 'none'"),
        (setter(*LASSO, "params", "n", value=1), "lacks nothing and has .'n'."),
        (setter(*LASSO, "fitted", "coef_", value=[[1, 2]]), "has the length 2"),
        (setter(*LASSO, "fitted", "coef_", value=[[None] * 6]), "is None"),
        (setter(*LASSO, "fitted", "coef_", value=[["1"] * 6]), "is '1'; expected a n"),
        (setter(*LASSO, "fitted", "coef_", value=[1, 2]), "a list"),
        (setter(*LASSO, "fitted", "intercept_", value=[]), "has the length 0"),
        (setter(*LASSO, "fitted", "threshold_", value=2), "from 0 to 1"),
        (setter(*LASSO, "fitted", "n_features_in_", value=7), "length"),
        (
            setter(*LASSO, "fitted", "classes_", value={"type": "O", "values": []}),
            "type is 'O'",
        ),
        (setter(*STEPS, 1, 1, "fitted", "_support", value=[1]), "true or false"),
        (setter(*STEPS, 1, 1, "fitted", "scores_", value={"x": []}), "names of"),
        (setter(*STEPS, 0, 1, "params", "missing_values", value=0), "expected null"),
    ],
)  # fmt: skip
def test_anything_off_the_schema_is_refused(change, message, stored, tmp_path):
    path = rewritten(stored["features"], tmp_path, change)
    with pytest.raises(ModelFileError, match=message) as caught:
        load_model(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (setter(*STEPS, 1, 1, "measures", "bits", value={"gradient": 9}), "bits"),
        (setter(*STEPS, 1, 1, "measures", "bits", value=None), "bits|contradicts"),
        (
            setter(*STEPS, 1, 1, "measures", "families", value=["wavelet"]),
            "contradicts",
        ),
        (setter(*STEPS, 1, 1, "params", "distances", value=[10**9]), "to 256"),
        (setter(*STEPS, 1, 1, "fitted", "readers_", value=[]), "different names"),
        (setter(*STEPS, 2, 1, "fitted", "_positions", value=[[0], [9999]]), "length"),
    ],
)
def test_image_steps_off_the_schema(change, message, stored, tmp_path):
    with pytest.raises(ModelFileError, match=message):
        load_model(rewritten(stored["images"], tmp_path, change))


def test_positions_beyond_the_columns(stored, tmp_path):
    def change(data):
        step_of(data, 2)["fitted"]["_positions"][1][0] = 10**6

    with pytest.raises(ModelFileError, match="beyond n_features_in_"):
        load_model(rewritten(stored["images"], tmp_path, change))


def test_branches_off_the_schema(stored, tmp_path):
    def change(data):
        step_of(data, 0)["branches"][1][2] = ["agee"]

    with pytest.raises(ModelFileError, match="'agee'"):
        load_model(rewritten(stored["mixed"], tmp_path, change))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"n_rows": 60', '"n_rows": NaN', "holds NaN"),
        ('"n_rows": 60', '"n_rows": Infinity', "holds Infinity"),
        ('"n_rows": 60', '"n_rows": 1e999', "beyond 1e.300"),
        ('"n_rows": 60', f'"n_rows": {"9" * 5000}', "5000 digits"),
        ('"n_rows": 60', '"n_rows": 60, "n_rows": 61', "'n_rows' twice"),
        ('"n_rows": 60', f'"n_rows": {"[" * 100_000}', "nested too deeply"),
        ('"n_rows": 60', '"n_rows": ', "not JSON.*line"),
    ],
    ids=range(7),
)
def test_bad_json_is_refused(old, new, message, stored, tmp_path):
    text = stored["features"].read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "m.json"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ModelFileError, match=message):
        load_model(path)


@pytest.mark.parametrize("raw", [b"", b"[1]", b"null", b"\xff\xfe", b"\x80\x04K\x01."])
def test_no_model_at_all(raw, tmp_path):
    (tmp_path / "m.json").write_bytes(raw)
    with pytest.raises(ModelFileError, match="m.json"):
        load_model(tmp_path / "m.json")


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "m.json").open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(ModelFileError, match="larger than 16 MiB"):
        load_model(tmp_path / "m.json")


def test_a_missing_file(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be opened"):
        load_model(tmp_path / "nowhere.json")


def test_any_cut_or_flipped_byte_is_an_error_of_ours(stored, tmp_path):
    raw = stored["features"].read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(150):
        bad = bytearray(raw)
        position = int(rng.integers(len(raw)))
        if rng.random() < 0.3:
            del bad[position:]
        else:
            bad[position] = int(rng.choice(list(b'0-"[]{},:.exN')))
        path = tmp_path / "bad.json"
        path.write_bytes(bytes(bad))
        try:
            load_model(path)
        except ModelFileError:
            pass


@pytest.mark.filterwarnings("ignore:The model was trained on texture of version 3")
@pytest.mark.parametrize("name", ["features", "mixed", "combined"])
def test_any_other_value_anywhere_is_an_error_of_ours(name, stored, tmp_path):
    rng = np.random.default_rng(1)
    others = [None, True, -1, 0, 3, 2.5, 1e200, "", "x", "Infinity", [], [1], {}, [[]]]
    raw = stored[name].read_text(encoding="utf-8")
    for _ in range(120):
        data = node = json.loads(raw)
        while True:
            keys = list(node if isinstance(node, dict) else range(len(node)))
            key = keys[rng.integers(len(keys))]
            if not isinstance(node[key], dict | list) or not node[key]:
                break
            if rng.random() < 0.1:
                break
            node = node[key]
        node[key] = others[rng.integers(len(others))]
        path = tmp_path / "other.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        try:
            load_model(path)
        except ModelFileError:
            pass


def test_texture_of_another_version_warns(stored, tmp_path):
    path = rewritten(stored["images"], tmp_path, setter("feature_version", value=3))
    with pytest.warns(StudyWarning, match="texture of version 3"):
        load_model(path)


def test_the_measured_bits_outlive_a_change_of_the_defaults(
    stored, tmp_path, monkeypatch
):
    from sklearn_orn.texture import _measuring_plan

    shutil.copy(stored["images"], tmp_path / "m.json")
    other = {**_measuring_plan.DEFAULT_BITS, "run_length": 5}
    monkeypatch.setattr(_measuring_plan, "DEFAULT_BITS", other)
    data = json.loads((tmp_path / "m.json").read_text())
    step_of(data, 1)["params"]["bits"] = None
    step_of(data, 1)["measures"]["bits"]["gradient"] = 4
    (tmp_path / "m.json").write_text(json.dumps(data))
    step = load_model(tmp_path / "m.json")[1]
    assert _measuring_plan.make_plan(step.families, step.distances, step.bits).bits == {
        **other, "run_length": 6,
    }  # fmt: skip
