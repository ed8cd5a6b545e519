"""What a stored model says of new rows by hand, and what it remembers of training."""

import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from sklearn_orn import NomogramClassifier, Normalizer, TextureExtractor
from sklearn_orn.deploy import (
    ModelFile,
    predict_cohort,
    read_new_cohort,
    save_model,
)
from sklearn_orn.deploy._training import of_one_sequence, record_training, table_hash
from sklearn_orn.exceptions import CohortError, ModelFileError
from sklearn_orn.images import Lesion, Resampler
from tests.images._make import write_image


def training(n=40):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["f0", "score", "f2"])
    y = np.where(X["f0"] - X["score"] + rng.normal(size=n) > 0, "ORN", "other")
    return X, y


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    X, y = training()
    pipeline = make_pipeline(NomogramClassifier(penalty="none", threshold=0.3))
    pipeline.set_output(transform="pandas").fit(X, y)
    classifier = pipeline[-1]
    classifier.coef_ = classifier.coef_ * [[1, 1, 0]]
    path = tmp_path_factory.mktemp("model") / "model.json"
    save_model(path, pipeline, training=X)
    return ModelFile.read(path)


def new(**more):
    X = pd.DataFrame(
        {"f0": [0.1, 0.2, np.nan], "score": [0.3, -0.4, 0.5], "f2": [0.0, 0.1, 0.2]},
        index=[7, 5, 9],
    )
    return X.assign(**more)


def test_scores_probabilities_and_classes_by_hand(model):
    scores = predict_cohort(model, new(lesion=["a", "b", "c"]))
    table, classifier = scores.table, model.classifier
    slopes = classifier.coef_[0]
    linear = classifier.intercept_[0] + new().iloc[:2].to_numpy() @ slopes
    probability = 1 / (1 + np.exp(-linear))
    np.testing.assert_allclose(table["score"], linear)
    np.testing.assert_allclose(table["probability"], probability)
    negative, positive = model.class_names
    expected = [positive if p >= 0.3 else negative for p in probability]
    assert table["predicted"].tolist() == expected
    assert table["lesion"].tolist() == ["a", "b"]
    assert table.index.tolist() == [7, 5]
    assert table.columns.tolist() == [
        *("lesion", "score", "probability", "predicted", "flags"),
        *("f0", "score (predictor)"),
    ]
    assert table["f0"].tolist() == [0.1, 0.2]
    assert table["score (predictor)"].tolist() == [0.3, -0.4]
    assert table["flags"].tolist() == ["", ""]


def test_a_row_without_a_score_is_named_with_its_reason(model):
    (left_out,) = predict_cohort(model, new(lesion=["a", "b", "c"])).left_out
    assert left_out.lesion == "c"
    assert "f0" in left_out.reason
    few = predict_cohort(model, new(lesion=["a", "b", "c"]).iloc[[2, 0]])
    assert few.left_out[0].lesion == "c"
    assert few.table["lesion"].tolist() == ["a"]


def test_patients_are_told_where_the_table_has_them(model):
    assert "patient" not in predict_cohort(model, new()).table
    table = predict_cohort(model, new(patient=["p", "q", "r"])).table
    assert table["patient"].tolist() == ["p", "q"]


def test_where_no_row_has_a_score_the_first_reason_is_told(model):
    rows = new(f0=np.nan)
    with pytest.raises(CohortError, match="none of the 3 rows. The first: .*f0"):
        predict_cohort(model, rows)


def test_progress_counts_every_row(model):
    seen = []
    predict_cohort(model, new(), progress=lambda *step: seen.append(step[1:]))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_lesions_of_training_are_told_by_number_and_by_hash(model):
    X, _ = training()
    text = X.to_csv(index=False, lineterminator="\n")
    assert model.training.n_rows == 40
    assert model.training.table_sha256 == hashlib.sha256(text.encode()).hexdigest()
    paths = pd.DataFrame({"image": ["/a/b.dcm"], "mask_A": ["c/d.png"], "x": ["e/f"]})
    text = "image,mask_A,x\nb.dcm,d.png,e/f\n"
    assert table_hash(paths) == hashlib.sha256(text.encode()).hexdigest()
    gaps = pd.DataFrame({"image": [np.nan, "a/b"], "image_T2": ["a/ä", None]})
    text = "image,image_T2\n,ä\nb,\n"
    assert table_hash(gaps) == hashlib.sha256(text.encode()).hexdigest()


def test_columns_of_at_most_ten_numbers_keep_them(model):
    X, y = training()
    n = len(X)
    X = X.assign(
        f0=np.arange(n) % 11,
        score=np.arange(n) % 10 + 0.5,
        f2=np.where(np.arange(n) % 3, np.arange(n) % 2, np.nan),
    )
    assert record_training(model.pipeline, X).values == {
        "score": tuple(np.arange(10) + 0.5),
        "f2": (0.0, 1.0),
    }
    X = X.assign(f0=np.nan, score="text", f2=np.arange(n) % 2 > 0)
    assert record_training(model.pipeline, X).values == {"f2": (0.0, 1.0)}
    constant = record_training(model.pipeline, X.assign(f0=5)).values
    assert constant == {"f0": (5.0,), "f2": (0.0, 1.0)}
    assert record_training(model.pipeline, X.drop(columns="f0")).n_rows == n
    unknown = record_training(model.pipeline, None)
    assert (unknown.n_rows, unknown.values) == (None, {})
    array = record_training(model.pipeline, X.to_numpy())
    assert (array.n_rows, array.table_sha256, array.values) == (n, None, {})


def lesions(spacings):
    rng = np.random.default_rng(0)
    return [
        Lesion(rng.integers(0, 99, (9, 9)) + 9 * i, np.ones((9, 9)), spacing=spacing)
        for i, spacing in enumerate(spacings)
    ]


SPACINGS = [(0.5, 0.5), (0.7, 0.5), None, (0.7, 0.5), (0.7004, 0.4996), (1.0, 2.0)]


@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
@pytest.mark.parametrize("resampled", [False, True])
def test_spacings_of_training_are_told_the_most_frequent_first(resampled):
    X = lesions([s or (1.0, 1.0) for s in SPACINGS] if resampled else SPACINGS)
    first = [Resampler(spacing=0.5)] if resampled else []
    steps = (*first, Normalizer(), TextureExtractor(["histogram"]))
    pipeline = make_pipeline(*steps, NomogramClassifier(lambda_rule=0.05))
    pipeline.set_output(transform="pandas").fit(X, [0, 1, 0, 1, 0, 1])
    record = record_training(pipeline, X)
    assert record.n_rows == 6
    expected = ((0.7, 0.5), (0.5, 0.5), (1.0, 2.0))
    assert record.pixel_spacings == (((0.5, 0.5),) if resampled else expected)


def texture_model(X):
    pipeline = make_pipeline(
        Normalizer(),
        TextureExtractor(["histogram"]),
        NomogramClassifier(lambda_rule=0.05),
    )
    return pipeline.set_output(transform="pandas").fit(X, np.arange(len(X)) % 2)


def test_headers_of_training_are_told_and_a_file_that_is_gone_stops_no_other(tmp_path):
    rng, mask = np.random.default_rng(0), np.ones((9, 9))
    X = []
    for number in range(6):
        pixels = rng.integers(0, 99, (9, 9)).astype(np.uint16)
        header = {"RepetitionTime": 500 + number, "MagneticFieldStrength": 3}
        X.append(Lesion(write_image(tmp_path / f"{number}", pixels, **header), mask))
    pipeline = texture_model(X)
    for lesions_ in (X, [Lesion(str(tmp_path / "none"), mask), *X]):
        record = record_training(pipeline, lesions_)
        assert record.protocol["TR_ms"] == (500, 505)
        assert record.protocol["field_strength_T"] == (3,)
        assert record.pixel_spacings == ((0.5, 0.25),)
        assert record.n_rows == len(lesions_)


@pytest.mark.parametrize(
    ("readers", "one"),
    [
        (["anna", "ben"], True),
        (["image|lesion|anna", "image|rim3out|anna"], True),
        (["T1|lesion|anna", "T2|lesion|anna"], False),
        (["image|lesion", "T2|lesion"], False),
    ],
)
def test_a_protocol_is_that_of_one_sequence(readers, one):
    extractor = SimpleNamespace(readers_=readers)
    assert of_one_sequence(SimpleNamespace(extractor=extractor)) == one


def test_an_unfitted_model_has_no_training():
    with pytest.raises(NotFittedError):
        record_training(make_pipeline(NomogramClassifier()), None)


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"n_rows": 1}, True),
        ({"n_rows": None}, True),
        ({"n_rows": 0}, False),
        ({"values": {"f0": [1.0]}}, True),
        ({"values": {"f0": list(map(float, range(10)))}}, True),
        ({"values": {"f0": []}}, False),
        ({"values": {"f0": list(map(float, range(11)))}}, False),
        ({"table_sha256": "0" * 63}, False),
    ],
)
def test_what_a_file_may_say_of_its_training(tmp_path, changes, fits):
    X, y = training()
    pipeline = make_pipeline(NomogramClassifier(penalty="none"))
    save_model(tmp_path / "m.json", pipeline.fit(X, y), training=X)
    content = json.loads((tmp_path / "m.json").read_text())
    content["training"] |= changes
    (tmp_path / "m.json").write_text(json.dumps(content))
    if fits:
        assert ModelFile.read(tmp_path / "m.json").classifier.coef_.shape == (1, 3)
    else:
        with pytest.raises(ModelFileError, match=f"training.{next(iter(changes))}"):
            ModelFile.read(tmp_path / "m.json")


def test_a_table_of_new_features_has_the_columns_of_the_model(model, tmp_path):
    path = tmp_path / "new.csv"
    new(lesion=["1", "2", "3"]).to_csv(path, index=False)
    table = read_new_cohort(path, model)
    assert table["f0"].tolist()[:2] == [0.1, 0.2]
    assert table["lesion"].tolist() == ["1", "2", "3"]
    with pytest.raises(CohortError, match="a table of features, and a section"):
        read_new_cohort(path, model, section="all")
    new().drop(columns=["f0", "score"]).to_csv(path, index=False)
    with pytest.raises(CohortError, match="lacks 2 columns .* needs: f0, score"):
        read_new_cohort(path, model)
