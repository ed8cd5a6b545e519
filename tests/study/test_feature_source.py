"""A study of features that another program measured."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._feature_columns import LEFT_OUT
from sklearn_orn.study._feature_source import (
    choose_features,
    feature_of_size,
    given_features,
    read_feature_table,
)
from tests.study._checks import check_report, titles

CONFIG = StudyConfig(outcome="grade", positive="high", patient="patient", split="part")


@pytest.fixture
def written(given, tmp_path):
    """One file with everything."""
    table, features = given
    path = tmp_path / "table.csv"
    pd.concat([table, features], axis=1).to_csv(path, index=False)
    return path


def test_what_the_settings_do_not_name_is_a_feature(written, given):
    cohort, features = read_feature_table(written, CONFIG, identifier="lesion")
    assert cohort.columns.tolist() == ["lesion", "patient", "grade", "part"]
    of_rows = given[1].set_axis(range(2, 50))  # as the spreadsheet counts them
    pd.testing.assert_frame_equal(features, of_rows, check_index_type=False)


def test_a_compressed_table_and_another_name_of_the_lesion(given, tmp_path):
    table, features = given
    path = tmp_path / "table.csv.gz"
    named = table.rename(columns={"lesion": "ID"})
    pd.concat([named, features], axis=1).to_csv(path, index=False)
    cohort, found = read_feature_table(path, CONFIG, identifier="ID")
    assert cohort["lesion"].tolist() == table["lesion"].tolist()
    assert found.shape == features.shape


def test_text_is_left_out_and_a_missing_name_is_refused(written):
    cohort, features = read_feature_table(written, CONFIG)
    assert features.columns.tolist() == [f"f{i}" for i in range(10)]
    assert features.attrs[LEFT_OUT] == {}
    assert "lesion" in cohort.columns
    with pytest.raises(CohortError, match=r"no column 'ID' \(--id\).*lesion, patient"):
        read_feature_table(written, CONFIG, identifier="ID")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a,"b\n1,2'])
def test_a_file_that_is_no_table(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(
        CohortError, match=r"table\.csv' (cannot be read as CSV|is not)"
    ):
        read_feature_table(path, CONFIG)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises((CohortError, OSError), match="nowhere"):
        read_feature_table(tmp_path / "nowhere.csv", CONFIG)


@pytest.mark.parametrize("split", ["part", None])
def test_a_study_of_features(given, quick_study, split):
    table, features = given
    settings = {"split": split, "sensitivity": True, "figures": split is None}
    result = quick_study(table, features=features, **settings)
    text = check_report(result)
    results = result.results
    assert results["source"] == "features"
    assert "not measured here" in results["images"]["absent"]
    assert results["config"]["bits"] is results["config"]["normalization"] is None
    assert "The features were measured by another program" in text
    assert "features measured elsewhere" in text
    assert "No ICC filter was applied" in text
    assert "cannot be shown: The features were given, not measured here." in text
    assert ("No validation part." in titles(result)) is (split is None)
    assert list(result.pipeline.named_steps) == ["imputer", "fcm", "nomogram"]
    assert not (result.report.parent / "figures" / "montage.png").exists()
    score = result.results["model"]["intercept"] + sum(
        term["coefficient"] * features[term["feature"]]
        for term in results["model"]["coefficients"]
    )
    if split:
        assert_allclose(result.scores["score"], score, rtol=1e-9)


def test_blocks_of_readers_are_filtered_and_averaged(given, quick_study):
    table, features = given
    rng = np.random.default_rng(3)
    second = features + 0.1 * rng.standard_normal(features.shape)
    second["f9"] = rng.standard_normal(len(second))
    both = pd.concat([features.add_prefix("A__"), second.add_prefix("B__")], axis=1)
    result = quick_study(table, features=both, figures=False)
    text = check_report(result)
    assert result.results["readers"] == ["A", "B"]
    steps = [row["n_features"] for row in result.results["features"]]
    assert steps[:2] == [10, 9]  # f9 is not reproducible
    assert "The same model on the outlines of each reader" in text
    assert "Single reader." not in titles(result)


def test_missing_values_are_imputed_and_counted(given, quick_study):
    table, features = given
    gaps = features.mask(np.random.default_rng(4).random(features.shape) < 0.1)
    gaps["f8"] = np.nan
    gaps.loc[5] = np.nan
    result = quick_study(table, features=gaps, figures=False)
    text = check_report(result)
    assert [bad.lesion for bad in result.left_out] == ["L05"]
    assert "lesion 'L05' has no feature." in text
    imputed = result.results["imputed"]
    assert imputed["n_filled"] == gaps.drop(index=5).isna().to_numpy().sum()
    assert "filled with the training median" in text
    chosen = [row["feature"] for row in result.results["selection"]["chosen"]]
    assert "f8" not in chosen


def test_the_size_of_a_lesion_is_found_among_the_features(given, quick_study):
    table, features = given
    name = "T1_original_shape_VoxelVolume"
    renamed = features.rename(columns={"f9": name})
    result = quick_study(table, features=renamed, figures=False)
    (row,) = [
        row for row in result.results["models"]["rows"] if row["name"] == "lesion size"
    ]
    assert row["predictors"] == [name]
    assert feature_of_size(features) is None


def check(features, message, n=None):
    table = pd.DataFrame({"lesion": [f"L{i}" for i in range(n or len(features))]})
    with pytest.raises(CohortError, match=message):
        given_features(Cohort.of(table), features)


def test_tables_that_do_not_fit():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    check(frame, r"shape \(2, 2\): expected one row for each of the 3", n=3)
    check(frame[[]], "at least one column")
    check(frame.assign(b=[np.inf, 1]), "infinite values in the features b")
    check(frame.set_axis(["a", "a"], axis=1), "features a stand in several columns")
    uneven = pd.DataFrame([[1.0] * 3] * 2, columns=["A__x", "A__y", "B__x"])
    check(uneven, "'A' and 'B' have different features: only one of them has y")


def test_one_outline_measured_in_two_ways_is_no_pair_of_readers():
    rng = np.random.default_rng(0)
    raw, coarse, fine = rng.normal(size=(3, 8, 4))
    frame = pd.DataFrame(
        np.hstack([raw, coarse, raw, fine]),
        columns=[f"{r}__{kind}{i}" for r in "AB" for kind in "rq" for i in range(4)],
    )
    with pytest.raises(CohortError, match="the same outlines measured in two ways"):
        choose_features(frame, StudyConfig(outcome="y"))
    named = choose_features(frame, StudyConfig(outcome="y", readers=("A", "B")))
    assert named.shape == frame.shape


@pytest.mark.parametrize("readers", [None, ("A", "B")])
def test_a_column_without_a_reader_makes_no_features_of_readers(readers):
    columns = ["A__x", "A__y", "B__x", "B__y", "hemoglobin"]
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 5)), columns=columns)
    config = StudyConfig(outcome="y", readers=readers)
    with pytest.raises(CohortError, match="^hemoglobin: no reader .* 'A', 'B'.*--ex"):
        choose_features(frame, config)
    config = replace(config, features={"exclude": ["hemoglobin"]})
    assert choose_features(frame, config).columns.tolist() == columns[:4]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{}_R1", "{}_R2"),
        ("{}.x", "{}.y"),
        ("{} reader A", "{} reader B"),
        ("Leser1_{}", "Leser2_{}"),
        ("rater_1.{}", "rater_2.{}"),
    ],
)
def test_features_called_like_those_of_readers_are_refused(first, second):
    names = [f"glcm_{k}" for k in range(4)]
    columns = [mark.format(name) for mark in (first, second) for name in names]
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 8)), columns=columns)
    both = f"{columns[0]!r}, {columns[4]!r}"
    with pytest.raises(CohortError, match=f"^columns such as {re.escape(both)} are"):
        choose_features(
            frame.assign(volume=frame[columns[0]]), StudyConfig(outcome="y")
        )
    one = choose_features(frame[columns[:4]], StudyConfig(outcome="y"))
    assert one.columns.tolist() == columns[:4]


def test_a_few_pairs_among_many_features_are_no_readers():
    columns = [*("centroid_x", "centroid_y", "size_x", "size_y"), *"abcd"]
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 8)), columns=columns)
    chosen = choose_features(frame, StudyConfig(outcome="y"))
    assert chosen.columns.tolist() == columns


def test_underscores_in_names_that_nobody_shares_are_no_readers():
    columns = ["glcm__energy", "glrlm__sre", "volume"]
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(2, 3)), columns=columns)
    chosen = choose_features(frame, StudyConfig(outcome="y"))
    table = pd.DataFrame({"lesion": ["1", "2"], "patient": ["p", "q"]})
    found = given_features(Cohort.of(table), chosen)
    assert found.features.columns.tolist() == columns
    assert found.readers == ("",)


def test_a_size_that_is_no_feature_still_is_the_size(given, tmp_path, quick_study):
    table, features = given
    path = tmp_path / "table.csv"
    size = "diagnostics_Mask-original_VoxelNum"
    columns = [table, features, pd.Series(range(100, 100 + len(table)), name=size)]
    pd.concat(columns, axis=1).to_csv(path, index=False)
    cohort, found = read_feature_table(path, CONFIG, identifier="lesion")
    assert found.columns.tolist() == features.columns.tolist()
    result = quick_study(cohort, features=found, figures=False)
    (row,) = [
        row for row in result.results["models"]["rows"] if row["name"] == "lesion size"
    ]
    assert row["predictors"] == [size]


def test_a_feature_that_is_the_outcome_is_pointed_at(given, quick_study):
    table, features = given
    leak = (table["grade"] == "high") + 0.01 * features["f5"]
    mixed = features.assign(leak=-leak, follow_up_months=leak)
    result = quick_study(table, features=mixed, figures=False)
    (text,) = [
        guard["text"]
        for guard in result.results["warnings"]
        if guard["title"] == "1 feature that tells the classes apart alone."
    ]
    assert "leak (1.000)" in text
    (text,) = [
        guard["text"]
        for guard in result.results["warnings"]
        if guard["title"] == "Columns left out."
    ]
    assert "follow_up_months" in text


def test_no_feature_of_noise_is_pointed_at(given_study):
    assert not [t for t in titles(given_study) if "alone" in t or "left out" in t]


@pytest.mark.parametrize("blocks", [("T1", "T2"), ("CE-T1", "ADC"), ("core", "edema")])
def test_blocks_called_like_sequences_are_asked_about(given, quick_study, blocks):
    table, features = given
    first, second = (features.add_prefix(f"{name}__") for name in blocks)
    both = pd.concat([first, second + 0.1], axis=1)
    with pytest.raises(CohortError, match="not like readers.*--readers"):
        quick_study(table, features=both)
    # Without a model, which needs 12 patients of each class then, it takes a moment.
    result = quick_study(table, features=both, readers=list(blocks), cv=12)
    assert result.results["readers"] == list(blocks)
    result = quick_study(table, features=both, readers=[blocks[1]], cv=12)
    assert result.results["readers"] == [blocks[1]]
    with pytest.raises(CohortError, match="readers names 'zoe'; the table has"):
        quick_study(table, features=both, readers=["zoe"])


def test_a_study_of_a_file_is_that_of_its_tables(
    written, given, given_study, quick_study, tmp_path
):
    settings = {"features": written, "figures": False, "whole": True}
    of_file = quick_study(None, out=tmp_path / "file", **settings)
    assert of_file.results == given_study.results
    pd.testing.assert_frame_equal(of_file.scores, given_study.scores)
    beside = quick_study(given[0], out=tmp_path / "beside", **settings)
    assert beside.results == given_study.results


def test_the_file_of_a_study_is_not_written_over(written, quick_study):
    with pytest.raises(CohortError, match="table.csv"):
        quick_study(None, features=written, out=written.parent)


def test_a_study_of_nothing(quick_study):
    with pytest.raises(TypeError, match="cohort is None: expected a table"):
        quick_study(None)
