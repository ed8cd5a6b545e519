"""How features were measured travels with their table, and in a file beside it."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn._feature_settings import PROVENANCE
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import ImageStep, Lesion, Resampler, as_lesions
from sklearn_orn.texture import FAMILIES, declare_settings, read_features
from sklearn_orn.texture._features_file import (
    check_free,
    read_settings,
    settings_path,
    write_settings,
)


class Halve(ImageStep):
    """A step that is not of the package."""

    def _region_function(self):
        return _same


def _same(region):
    return region


def lesions(n=3):
    rng = np.random.default_rng(0)
    mask = np.zeros((16, 16), dtype=bool)
    mask[3:13, 3:13] = True
    return [
        Lesion(rng.integers(0, 256, (16, 16)), {"A": mask, "B": mask}, spacing=(1, 1))
        for _ in range(n)
    ]


def measured(*steps, **settings):
    extractor = TextureExtractor(["gradient", "histogram"], **settings)
    return make_pipeline(*steps, extractor).fit_transform(lesions())


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], "none"),
        ([Normalizer()], "3sigma"),
        ([Normalizer("none")], "none"),
        ([Resampler(2.0), Normalizer("1-99")], "1-99"),
        ([Normalizer("1-99"), Resampler(2.0)], "none"),  # a new image has no window
        ([Normalizer("1-99"), Normalizer("3sigma")], "3sigma"),
        ([Normalizer(), Halve()], None),
    ],
)
def test_the_normalisation_is_that_of_the_last_step(steps, expected):
    found = measured(*steps).attrs[PROVENANCE]
    assert found["normalization"] == expected


def test_the_normalisation_is_the_window_that_counted():
    rng = np.random.default_rng(1)
    image, mask = rng.integers(0, 256, (16, 16)), np.ones((16, 16), dtype=bool)
    values = {}
    for steps in ([], [Normalizer()], [Normalizer(), Resampler(1.0)]):
        lesion = Lesion(image, mask, spacing=(1, 1))
        pipeline = make_pipeline(*steps, TextureExtractor(["gradient"]))
        table = pipeline.fit_transform([lesion])
        values.setdefault(table.attrs[PROVENANCE]["normalization"], []).append(
            table["GrMean"][0]
        )
    assert len(set(values["none"])) == 1
    assert values["3sigma"][0] != values["none"][0]


def test_settings_are_those_that_count():
    table = measured(Normalizer(), bits={"gradient": 5})
    found = table.attrs[PROVENANCE]
    assert found["bits"] == {"gradient": 5}
    assert found["families"] == ["gradient", "histogram"]
    assert found["readers"] == ["A", "B"]
    each = make_pipeline(Normalizer(), TextureExtractor())
    each.fit(lesions())
    rows = list(each[-1].transform_each(each[:-1].transform(lesions())))
    assert pd.concat(rows).attrs == each.transform(lesions()).attrs
    assert rows[0].attrs[PROVENANCE]["bits"]["cooccurrence"] == 6
    mixed = as_lesions([*each[:-1].transform(lesions(1)), *lesions(1)])
    assert each[-1].transform(mixed).attrs[PROVENANCE]["normalization"] is None
    as_pandas = each.set_output(transform="pandas").transform(lesions())
    assert as_pandas.attrs[PROVENANCE]["normalization"] == "3sigma"


def test_declared_settings():
    X = pd.DataFrame({"GrMean": [1.0]})
    declared = declare_settings(X, bits={"gradient": 4})
    assert declared.attrs[PROVENANCE] == {
        "bits": {"gradient": 4},
        "normalization": None,
    }
    assert X.attrs == {}
    for wrong, message in (
        ({"bits": 0}, "bits is 0"),
        ({"bits": {"autoregressive": 8}}, "raw pixels"),
        ({"normalization": "z"}, "normalization is 'z'"),
    ):
        with pytest.raises(ValueError, match=message):
            declare_settings(X, **wrong)
    with pytest.raises(TypeError, match="DataFrame"):
        declare_settings(np.zeros((2, 2)), bits=6)


# The file ---------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    features = measured(Normalizer())
    table = features.assign(lesion=["007", "008", "009"])
    table.to_csv(tmp_path / "features.csv", index=False)
    settings = features.attrs["provenance"]
    write_settings(tmp_path / "features.csv", settings, len(features), version="1.2.3")
    return tmp_path / "features.csv"


def test_what_is_written_comes_back(written):
    features = measured(Normalizer())
    found = read_features(written)
    assert found["lesion"].tolist() == ["007", "008", "009"]
    assert found.index.tolist() == [2, 3, 4]  # below the header
    expected = features.set_axis(found.index)
    pd.testing.assert_frame_equal(found.drop(columns="lesion"), expected, rtol=1e-14)
    expected = features.attrs[PROVENANCE] | {"sklearn_orn": "1.2.3"}
    assert found.attrs[PROVENANCE] == expected
    content = json.loads(written.with_suffix(".json").read_text())
    assert content["n_lesions"] == 3
    assert set(content["families"]) <= set(FAMILIES)
    assert "007" not in written.with_suffix(".json").read_text()


def test_without_the_file_nothing_is_known(written):
    written.with_suffix(".json").write_text('{"format": "another"}')
    assert PROVENANCE not in read_features(written).attrs
    written.with_suffix(".json").unlink()
    assert PROVENANCE not in read_features(written).attrs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 4}, "schema version 4"),
        ({"schema_version": 1}, r"has \['carried', 'orientation'\]"),
        ({"orientation": "ras"}, "orientation is 'ras'"),
        ({"bits": {"gradient": 12}}, "bits.gradient is 12"),
        ({"bits": {"histogram": 6}}, "histogram"),
        ({"normalization": "z"}, "normalization is 'z'"),
        ({"families": ["shape"]}, r"families\[0\] is 'shape'"),
        ({"readers": None}, "readers is None"),
        ({"patient": "Doe"}, r"has \['patient'\]"),
    ],
)
def test_a_damaged_file_is_refused(written, change, message):
    beside = settings_path(written)
    beside.write_text(json.dumps(json.loads(beside.read_text()) | change))
    with pytest.raises(CohortError, match=message) as caught:
        read_features(written)
    assert str(beside) in str(caught.value)
    beside.write_text("{")
    with pytest.raises(CohortError, match="not JSON"):
        read_settings(beside)


def test_a_file_of_the_first_schema_says_that_slices_were_as_stored(written):
    assert read_features(written).attrs[PROVENANCE]["orientation"] == "dicom"
    beside = settings_path(written)
    content = json.loads(beside.read_text()) | {"schema_version": 1}
    del content["orientation"], content["carried"]
    beside.write_text(json.dumps(content | {"feature_version": 1}))
    found = read_features(written).attrs[PROVENANCE]
    assert found["orientation"] == "stored" and found["feature_version"] == 1


def test_another_file_is_not_replaced(written):
    check_free(written)
    check_free(written.with_name("new.csv"))
    for text in ("{}", "no json"):
        written.with_name("results.json").write_text(text)
        with pytest.raises(CohortError, match="a file of another kind"):
            check_free(written.with_name("results.csv"))
    with pytest.raises(CohortError, match="ends in .json"):
        check_free(written.with_suffix(".json"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as CSV"),
        ("a,b\n", "holds no row"),
        ("a,a\n1,2\n", "two columns of one name"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(CohortError, match=message):
        read_features(tmp_path / "t.csv")
    with pytest.raises(CohortError, match="cannot be opened"):
        read_features(tmp_path / "nowhere.csv")
