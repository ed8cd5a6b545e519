"""Predictions of a model of a score and clinical columns, bad cells by name."""

import re

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.deploy import ModelFile, predict_cohort, read_new_cohort
from tests._cli import run
from tests.deploy._models import combined_data


@pytest.fixture
def image_table(models, tmp_path):
    """Write changes of six rows of the cohort with images to a table of their own."""

    def write(change=None):
        _, X = models["image_score"]
        table = X.iloc[:6].drop(columns=["grade", "part"]).reset_index(drop=True)
        table = table if change is None else change(table)
        table.to_csv(tmp_path / "new.csv", index=False)
        return tmp_path / "new.csv"

    return write


def test_images_masks_and_clinical_columns(models, stored, image_table, tmp_path):
    out = tmp_path / "scores.csv"
    assert run("predict", stored["image_score"], image_table(), "--out", out) == 0
    pipeline, X = models["image_score"]
    found = pd.read_csv(out)
    expected = pipeline.predict_proba(X)[:6, 1]
    np.testing.assert_allclose(found["probability"], expected, rtol=0, atol=1e-12)
    assert "radiomics score" in found
    assert found["flags"].isna().all() or "radiomics score" in str(found["flags"])


def test_one_reader_is_flagged(stored, image_table):
    model = ModelFile.read(stored["image_score"])
    path = image_table(lambda t: t.drop(columns="mask_B"))
    found = predict_cohort(model, read_new_cohort(path, model)).table
    assert found["flags"].str.contains("1 of 2 readers: less averaging").all()


@pytest.mark.parametrize("name", ["image_score", "combined"])
def test_a_clinical_column_that_is_missing(
    name, stored, models, image_table, tmp_path, capsys
):
    if name == "combined":
        path = tmp_path / "new.csv"
        models["combined"][1].drop(columns="stage").to_csv(path, index=False)
    else:
        path = image_table(lambda t: t.drop(columns="stage"))
    assert run("predict", stored[name], path, "--out", tmp_path / "s.csv") == 2
    err = capsys.readouterr().err
    assert re.search("lacks 1 columns that the model needs: stage. .*Add them", err)
    assert not (tmp_path / "s.csv").exists()


def test_a_table_of_features(models, stored, tmp_path):
    pipeline, X = models["combined"]
    X[X.columns[::-1]].to_csv(tmp_path / "f.csv", index=False, sep=";", decimal=",")
    out = tmp_path / "scores.csv"
    assert run("predict", stored["combined"], tmp_path / "f.csv", "--out", out) == 0
    found = pd.read_csv(out)["probability"]
    expected = pipeline.predict_proba(X)[:, 1]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_bad_cells_lose_their_lesion_alone(models, stored, tmp_path, capsys):
    pipeline, _ = models["combined"]
    X, _ = combined_data(seed=5, n=8)
    X["lesion"] = [f"L{i}" for i in range(8)]
    X = X.astype({"stage": object, "grade": object, "pain": object, "age": object})
    X.loc[0, "stage"] = "IV"
    X.loc[1, "stage"] = np.nan
    X.loc[2, "grade"] = "worst"
    X.loc[3, "pain"] = np.nan
    X.loc[4, "smoker"] = np.nan  # filled in
    X.loc[5, "age"] = "old"
    X.loc[6, "size"] = np.nan
    X.to_csv(tmp_path / "new.csv", index=False)
    out = tmp_path / "scores.csv"
    assert run("predict", stored["combined"], tmp_path / "new.csv", "--out", out) == 1
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "6 of 8 lesions left out:"
    reasons = [
        "'L0'.*column 'stage' holds 'IV', a level that training did not have. Its "
        "levels are II, I, III: correct the cell, or leave the lesion out",
        "'L1'.*column 'stage' is empty, and the model fills nothing in. Its levels are "
        "II, I, III: enter one",
        "'L2'.*column 'grade' holds 'worst'.* low, middle, high",
        r"'L3'.*no value for pain \(empty: pain\), which the model needs. Enter it",
        "'L5'.*column 'age' holds 'old', no number",
        "'L6'.*no value for size, which the model needs. Enter it",
    ]
    for line, words in zip(err[1:], reasons, strict=True):
        assert re.search(words, line), line
    found = pd.read_csv(out).set_index("lesion")["probability"]
    assert found.index.tolist() == ["L4", "L7"]
    expected = pipeline.predict_proba(X.loc[[4, 7]].infer_objects())[:, 1]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_ids_stay_hidden(stored, models, tmp_path, capsys):
    X, _ = combined_data(seed=5, n=3)
    X["lesion"] = ["Doe1", "Doe2", "Doe3"]
    X.loc[1, "stage"] = "IV"
    X.to_csv(tmp_path / "new.csv", index=False)
    out = tmp_path / "scores.csv"
    arguments = ("predict", stored["combined"], tmp_path / "new.csv", "--out", out)
    assert run(*arguments, "--hash-ids", tmp_path / "salt") == 1
    said = capsys.readouterr()
    assert "stage" in said.err
    assert "Doe" not in said.out + said.err + out.read_text()


def test_numbers_are_flagged_in_their_own_unit(stored):
    model = ModelFile.read(stored["combined"])
    X, _ = combined_data(seed=5, n=3)
    X.loc[0, "age"] = 150.0
    X.loc[1, "size"] = 99.0
    flags = predict_cohort(model, X).table["flags"].tolist()
    assert "age 150 is above the training range to 79" in flags[0]
    assert flags[1].count("size") == 1
    assert "size 99 is above the training range" in flags[1]


def test_numbers_and_texts_name_the_same_level(stored):
    model = ModelFile.read(stored["combined"])
    X, _ = combined_data(seed=5, n=3)
    expected = predict_cohort(model, X).table["score"]
    X["pain"] = X["pain"].map(lambda x: f"{x}.0")
    X["stage"] = X["stage"].map(lambda x: f" {x} ")
    found = predict_cohort(model, X).table["score"]
    np.testing.assert_array_equal(found, expected)
