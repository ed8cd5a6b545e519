"""Names of features by family and distance, and settings that travel with them."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

from sklearn_orn._feature_settings import PROVENANCE
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import Lesion, Resampler
from sklearn_orn.texture import (
    FAMILIES,
    Normalizer,
    declare_settings,
    family_of,
    feature_names,
    read_features,
)
from sklearn_orn.texture._catalogue import FEATURE_VERSION, cooccurrence_offsets
from sklearn_orn.texture._features_file import (
    carried_columns,
    check_free,
    read_settings,
    settings_path,
    write_settings,
)
from sklearn_orn.texture._measuring_plan import make_plan
from sklearn_orn.texture._provenance import normalization_of, provenance

OF_FAMILY = {
    "histogram": 9,
    "cooccurrence": 220,
    "run_length": 20,
    "gradient": 5,
    "autoregressive": 5,
    "wavelet": 20,
}


def test_each_family_has_its_features():
    for family, n in OF_FAMILY.items():
        names = feature_names([family])
        assert len(names) == n
        assert {family_of(name)[0] for name in names} == {family}
    assert list(OF_FAMILY) == list(FAMILIES)
    both = feature_names(["gradient", "histogram"])
    assert both == feature_names(["histogram"]) + feature_names(["gradient"])
    with pytest.raises(ValueError, match=r"Unknown texture families \['colour'\]"):
        feature_names(["colour", "gradient"])


def test_displacements_go_right_up_and_along_both_diagonals():
    assert cooccurrence_offsets([2]) == [(2, 0), (0, 2), (2, 2), (2, -2)]


@pytest.mark.parametrize("distance", [1, 3, 12])
def test_a_feature_needs_the_distance_of_its_name(distance):
    for a, b in (
        (distance, 0),
        (0, distance),
        (distance, distance),
        (distance, -distance),
    ):
        assert family_of(f"S({a},{b})Contrast") == ("cooccurrence", (distance,))


@pytest.mark.parametrize(
    "name", ["S(2,1)Contrast", "S(-1,1)Contrast", "S(1,0)Contrasts", "S(0,0)Contrast"]
)
def test_other_displacements_are_no_features(name):
    with pytest.raises(ValueError, match="There is no feature"):
        family_of(name)


def test_similar_names_are_told():
    with pytest.raises(ValueError, match="Did you mean 'GrMean'"):
        family_of("Grmean")
    with pytest.raises(ValueError, match=r"no feature 'xyz123'\.$"):
        family_of("xyz123")


# What lesions went through -----------------------------------------------------------


IMAGE = np.random.default_rng(0).integers(0, 200, (16, 16))


def lesions(*steps):
    found = [Lesion(IMAGE, np.ones((16, 16), bool), spacing=(1, 1))]
    for step in steps:
        found = step.transform(found)
    return list(found)


class OfADatabase:
    readers, name = ("",), "record 7"


def test_the_window_is_that_of_the_last_step():
    assert normalization_of(lesions()) == "none"
    assert normalization_of(lesions(Normalizer("1-99"))) == "1-99"
    assert normalization_of(lesions(Normalizer("1-99"), Resampler(2.0))) == "none"
    assert normalization_of(lesions(Normalizer()) + lesions()) is None
    assert normalization_of([OfADatabase()]) is None
    (mapped,) = lesions(Normalizer())
    for function in (partial(print, method="1-99"), print):
        mapped.function = function
        assert normalization_of([mapped]) is None


def test_bits_are_those_of_the_families_that_were_measured():
    plan = make_plan(["gradient", "histogram"], [1], {"gradient": 5})
    found = provenance(plan, ("a",), lesions())
    assert found["bits"] == {"gradient": 5}
    assert found["feature_version"] == FEATURE_VERSION == 2
    plan = make_plan(None, [1], None)
    expected = {"cooccurrence": 6, "run_length": 6, "gradient": 4, "wavelet": 8}
    assert provenance(plan, (), [])["bits"] == expected
    assert provenance(plan, (), [])["distances"] == [1]


def test_settings_are_declared_of_a_copy():
    X = pd.DataFrame({"GrMean": [1.0]})
    found = declare_settings(X, bits=5, normalization="1-99")
    assert set(found.attrs[PROVENANCE]["bits"].values()) == {5}
    assert found.attrs[PROVENANCE]["normalization"] == "1-99" and X.attrs == {}


# The file ---------------------------------------------------------------------------


SETTINGS = {
    "feature_version": 2,
    "orientation": "dicom",
    "normalization": "3sigma",
    "families": ["gradient"],
    "distances": [1],
    "bits": {"gradient": 4},
    "readers": ["a"],
}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("lesion,age,GrMean\n007,61,1.5\n", encoding="utf-8")
    write_settings(path, SETTINGS, 1, version="1.2.3", carried=["age"])
    return path


def changed(table, **changes):
    path = settings_path(table)
    content = json.loads(path.read_text(encoding="utf-8")) | changes
    content = {k: v for k, v in content.items() if v != "gone"}
    path.write_text(json.dumps(content), encoding="utf-8")
    return table


def test_settings_come_back_without_what_is_of_the_rows(table):
    found = read_settings(settings_path(table))
    assert found == SETTINGS | {"sklearn_orn": "1.2.3"}
    assert read_features(table).attrs[PROVENANCE] == found
    assert carried_columns(table) == ["age"]
    assert settings_path(table) == table.with_suffix(".json")
    with pytest.raises(CohortError, match="ends in .json"):
        settings_path(table.with_suffix(".json"))


def test_settings_of_older_files(table):
    second = changed(table, schema_version=2, carried="gone")
    assert carried_columns(second) == []
    assert read_features(second).attrs[PROVENANCE]["orientation"] == "dicom"
    first = changed(table, schema_version=1, orientation="gone")
    assert read_features(first).attrs[PROVENANCE]["orientation"] == "stored"


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({"schema_version": 4}, False),
        ({"feature_version": 1}, True),
        ({"feature_version": 0}, False),
        ({"normalization": None}, True),
        ({"normalization": "z"}, False),
        ({"distances": [1]}, True),
        ({"distances": [0]}, False),
        ({"bits": {"gradient": 1, "wavelet": 8}}, True),
        ({"bits": {"gradient": 0}}, False),
        ({"bits": {"gradient": 9}}, False),
        ({"bits": {"histogram": 6}}, False),
        ({"n_lesions": 1}, True),
        ({"n_lesions": 0}, False),
    ],
)
def test_settings_within_and_beyond_their_limits(table, changes, holds):
    if holds:
        assert read_settings(settings_path(changed(table, **changes))) is not None
        return
    with pytest.raises(CohortError, match=r"f\.json"):
        read_features(changed(table, **changes))


def test_a_file_of_another_kind_is_not_replaced(table, tmp_path):
    check_free(table)
    check_free(tmp_path / "new.csv")
    other = tmp_path / "other.csv"
    for text in ('{"format": "another"}', "no json"):
        other.with_suffix(".json").write_text(text, encoding="utf-8")
        with pytest.raises(CohortError, match="a file of another kind"):
            check_free(other)
        assert carried_columns(other) == []
    other.write_text("lesion,GrMean\n1,2\n", encoding="utf-8")
    with pytest.raises(CohortError, match=r"other\.json"):
        read_features(other)
    other.with_suffix(".json").write_text('{"format": "another"}', encoding="utf-8")
    assert read_settings(other.with_suffix(".json")) is None
    assert PROVENANCE not in read_features(other).attrs
