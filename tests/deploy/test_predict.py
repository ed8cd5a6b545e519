import re
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from sklearn_orn import FCMSelector, NomogramClassifier
from sklearn_orn.deploy import (
    ModelFile,
    _measured_rows,
    predict_cohort,
    read_new_cohort,
    save_model,
)
from tests._cli import run
from tests.images._make import write_image

KEYS = ["score", "probability", "predicted", "flags"]


@pytest.fixture
def new_table(cohort, tmp_path):
    """Write changes of six rows of the cohort to a table of their own."""

    def write(change=None, columns=None):
        table = cohort.iloc[:6].drop(columns=["grade", "part"]).reset_index(drop=True)
        table["age"] = table["age"].fillna(50)
        table = table if change is None else change(table)
        table.to_csv(tmp_path / "new.csv", index=False)
        return tmp_path / "new.csv"

    return write


@pytest.mark.parametrize("name", ["images", "mixed"])
def test_predict_gives_the_same_probabilities(
    name, models, stored, cohort_csv, cohort, tmp_path, capsys
):
    out = tmp_path / "new" / "scores.csv"
    assert run("predict", stored[name], cohort_csv, "--out", out) == 0
    found = pd.read_csv(out)
    pipeline, X = models[name]
    np.testing.assert_allclose(
        found["probability"], pipeline.predict_proba(X)[:, 1], rtol=0, atol=1e-12
    )
    assert found["lesion"].tolist() == cohort["lesion"].tolist()
    assert found["flags"].isna().all()
    assert list(found)[:6] == ["lesion", "patient", *KEYS]
    said = capsys.readouterr()
    assert said.out.startswith(f"{len(cohort)} lesions, 0 flagged")
    assert said.err == ""


@pytest.mark.parametrize("name", ["features", "arrays"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_predict_on_a_table_of_features(name, separator, models, stored, tmp_path):
    pipeline, X = models[name]
    shuffled = X.assign(lesion=[f"{i:03d}" for i in range(len(X))], other="x")
    shuffled = shuffled[shuffled.columns[::-1]]
    shuffled.to_csv(tmp_path / "f.csv", index=False, sep=separator)
    out = tmp_path / "scores.csv"
    assert run("predict", stored[name], tmp_path / "f.csv", "--out", out) == 0
    found = pd.read_csv(out, dtype={"lesion": str})
    np.testing.assert_allclose(
        found["probability"], pipeline.predict_proba(X)[:, 1], rtol=0, atol=1e-12
    )
    assert found["lesion"].tolist() == shuffled["lesion"].tolist()
    used = pipeline[-1].selected_features_
    assert set(found.columns) >= (set(used) if name == "features" else {"x3"})


@pytest.mark.parametrize("column", ["mask", "mask_A"])
def test_one_reader_is_enough_and_flagged(
    column, models, stored_model, cohort, new_table
):
    def change(table):
        return table.drop(columns="mask_B").rename(columns={"mask_A": column})

    model = stored_model("mixed")
    found = predict_cohort(model, read_new_cohort(new_table(change), model)).table
    assert found["flags"].str.contains("1 of 2 readers: less averaging").all()
    same = cohort.iloc[:6].assign(mask_B=None, age=cohort["age"].fillna(50))
    expected = models["mixed"][0].predict_proba(same)[:, 1]
    np.testing.assert_allclose(found["probability"], expected, rtol=0, atol=1e-12)


def test_values_outside_the_training_ranges_are_flagged(stored_model, new_table):
    model = stored_model("mixed")
    table = read_new_cohort(new_table(lambda t: t.assign(age=150.0)), model)
    found = predict_cohort(model, table).table
    assert found["flags"].str.contains("clinical__age 150 is above the training").all()


def test_another_pixel_spacing_is_flagged(stored_model, new_table, tmp_path):
    def change(table):
        image = np.random.default_rng(0).integers(0, 4000, (40, 40)).astype(np.uint16)
        write_image(tmp_path / "wide.dcm", image, PixelSpacing=[0.7, 0.7])
        table.loc[2, "image"] = "wide.dcm"
        return table

    model = stored_model("images")
    found = predict_cohort(model, read_new_cohort(new_table(change), model)).table
    flagged = found["flags"].str.contains("pixel spacing 0.7 x 0.7 mm, in training 0.5")
    assert flagged.tolist() == [False, False, True, False, False, False]


def test_bad_rows_are_listed_and_exit_1(stored, new_table, tmp_path, capsys):
    def change(table):
        table["age"] = table["age"].astype(object)
        table.loc[1, "image"] = "nowhere.dcm"
        table.loc[3, "age"] = "old"
        table["pain"] = table["pain"].astype(float)
        table.loc[4, "pain"] = np.nan
        return table

    out = tmp_path / "scores.csv"
    assert run("predict", stored["mixed"], new_table(change), "--out", out) == 1
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "3 of 6 lesions left out:"
    reasons = [
        "'L01'.*nowhere.dcm",
        "'L03'.*'age' holds 'old'",
        "'L04'.*no value for coded__pain",
    ]
    for line, words in zip(err[1:], reasons, strict=True):
        assert re.search(words, line), line
    assert pd.read_csv(out)["lesion"].tolist() == ["L00", "L02", "L05"]


@pytest.mark.parametrize("name", ["images", "mixed", "image_score"])
@pytest.mark.parametrize("bad", [[], [0], [3, 4, 11]])
def test_a_row_is_the_same_whoever_stands_beside_it(
    name, bad, models, stored_model, monkeypatch
):
    table = models[name][1].iloc[:12].reset_index(drop=True)
    table.loc[bad, "image"] = "nowhere.dcm"
    model = stored_model(name)
    together = predict_cohort(model, table)
    monkeypatch.setattr(_measured_rows, "AT_ONCE", 1)
    alone = predict_cohort(model, table)
    pd.testing.assert_frame_equal(together.table, alone.table, check_exact=True)
    assert together.left_out == alone.left_out
    assert len(together.left_out) == len(bad)


@pytest.mark.parametrize("name", ["features", "arrays", "combined"])
@pytest.mark.parametrize("bad", [[], [0], [3, 4, 11]])
def test_so_is_a_row_of_features(name, bad, models, stored_model, monkeypatch):
    table = models[name][1].iloc[:12].reset_index(drop=True).astype(object)
    table.loc[bad, table.columns[:2]] = ["no number", "nor this"]
    table.loc[[5, 6], table.columns[-1]] = np.nan
    model = stored_model(name)
    together = predict_cohort(model, table)
    monkeypatch.setattr(_measured_rows, "AT_ONCE", 1)
    alone = predict_cohort(model, table)
    pd.testing.assert_frame_equal(together.table, alone.table, check_exact=True)
    assert together.left_out == alone.left_out
    assert len(together.left_out) >= len(bad)


def test_steps_of_tables_are_asked_once_for_all_rows(stored_model, models, monkeypatch):
    asked = []
    own = _measured_rows.noting
    monkeypatch.setattr(
        _measured_rows, "noting", lambda *of: asked.append(1) or own(*of)
    )
    predict_cohort(stored_model("features"), models["features"][1])
    assert len(models["features"][1]) > len(asked) == 1


def test_rows_that_kill_their_process_are_named_and_no_others(
    stored_model, cohort, monkeypatch
):
    own, sizes = _measured_rows.run_each, []

    def deadly(task, calls, n_jobs, killed):
        for i, call in enumerate(calls):
            sizes.append(len(call[2]))
            if "L03" in call[2]:
                yield killed(i)
            else:
                yield from own(task, [call], n_jobs, killed)

    table = cohort.iloc[:10].reset_index(drop=True)
    expected = predict_cohort(stored_model("images"), table).table
    monkeypatch.setattr(_measured_rows, "AT_ONCE", 4)
    monkeypatch.setattr(_measured_rows, "run_each", deadly)
    found = predict_cohort(stored_model("images"), table)
    pd.testing.assert_frame_equal(
        found.table.reset_index(drop=True),
        expected.drop(index=3).reset_index(drop=True),
        check_exact=True,
    )
    (lost,) = found.left_out
    assert "L03" in str(lost)
    assert "was killed" in str(lost)
    assert sizes == [4, 1, 1, 1, 1, 4, 2]


def test_a_bad_row_of_features_is_found_by_halves(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    steps = make_pipeline(FCMSelector(k=2), NomogramClassifier(lambda_rule=0.01))
    fitted = steps.set_output(transform="pandas").fit(
        X, X["a"] + rng.normal(size=40) > 0
    )
    save_model(tmp_path / "model.json", fitted, training=X)
    own, sizes = _measured_rows._Measuring._model_input, []

    def counted(self, table):
        sizes.append(len(table))
        return own(self, table)

    monkeypatch.setattr(_measured_rows._Measuring, "_model_input", counted)
    X.loc[6, "a"] = np.nan
    found = predict_cohort(ModelFile.read(tmp_path / "model.json"), X[:9])
    assert [row.lesion for row in found.left_out] == ["row 6"]
    assert sizes == [9, 5, 4, 2, 1, 1, 2]


TWO = ["T1|lesion|anna", "T1|lesion|ben", "T2|lesion|anna", "T2|lesion|ben"]


@pytest.mark.parametrize(
    ("trained", "drawn", "readers", "of", "absent"),
    [
        ([*TWO, "T2|lesion|perturbed1"], TWO, 2, 2, 0),
        (TWO, TWO[:3], 1, 2, 0),
        (TWO, [*TWO, "T1|lesion|eve"], 2, 2, 0),
        (TWO, TWO[2:3], 1, 2, 1),
        (TWO[:3], TWO[1:3], 1, 2, 0),
    ],
)
def test_the_sequence_that_fewest_drew_is_told(
    trained, drawn, readers, of, absent, stored_model, monkeypatch
):
    model = stored_model("images")
    measuring = _measured_rows._Measuring(model, model.pipeline[:-1], None)
    lesion = SimpleNamespace(readers=drawn, read_spacing=lambda: (0.5, 0.5))
    monkeypatch.setattr(measuring.branch.extractor, "readers_", trained)
    reading = measuring._read(lesion)
    assert (reading.n_readers, reading.n_trained) == (readers, of)
    assert len(reading.absent) == absent
    assert reading.protocol == {}


def test_a_model_that_is_a_classifier_alone(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    y = X["a"] + rng.normal(size=40) > 0
    fitted = make_pipeline(NomogramClassifier(lambda_rule=0.01)).fit(X, y)
    save_model(tmp_path / "model.json", fitted, training=X)
    found = predict_cohort(ModelFile.read(tmp_path / "model.json"), X).table
    expected = fitted.predict_proba(X)[:, 1]
    np.testing.assert_allclose(found["probability"], expected, rtol=0, atol=1e-12)


def test_a_model_of_arrays_with_levels(tmp_path):
    rng = np.random.default_rng(0)
    number = rng.normal(size=40)
    X = np.array([number, np.resize(["low", "high", "none"], 40)], dtype=object).T
    y = number + rng.normal(size=40) > 0
    columns = ColumnTransformer(
        [("number", "passthrough", [0]), ("level", OneHotEncoder(drop="first"), [1])]
    )
    fitted = make_pipeline(columns, NomogramClassifier(lambda_rule=0.01)).fit(X, y)
    save_model(tmp_path / "model.json", fitted)
    table = pd.DataFrame(X, columns=["x0", "x1"])
    found = predict_cohort(ModelFile.read(tmp_path / "model.json"), table).table
    expected = fitted.predict_proba(X)[:, 1]
    np.testing.assert_allclose(found["probability"], expected, rtol=0, atol=1e-12)


def test_two_processes_give_the_same(stored_model, cohort):
    model = stored_model("images")
    serial, parallel = (
        predict_cohort(model, cohort.iloc[:8], n_jobs=n).table for n in (1, 2)
    )
    pd.testing.assert_frame_equal(serial, parallel)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns=["age", "pain"]), "lacks 2 columns.*age, pain"),
        (lambda t: t.rename(columns={"mask_B": "mask_C"}), "'mask_C'.*A, B"),
        (lambda t: t.assign(image="nowhere.dcm"), "none of the 6 rows.*nowhere"),
        (lambda t: t.drop(columns="image"), "no column 'image'"),
    ],
)
def test_tables_that_cannot_be_used(
    change, message, stored, new_table, tmp_path, capsys
):
    arguments = ("predict", stored["mixed"], new_table(change))
    assert run(*arguments, "--out", tmp_path / "s.csv") == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert re.search(message, err), err
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "cannot be read"), ("f0,f0\n1,2\n", "two columns"), ("f0,f1\n", "no row")],
)
def test_feature_tables_that_cannot_be_used(text, message, stored, tmp_path, capsys):
    (tmp_path / "f.csv").write_text(text)
    arguments = ("predict", stored["features"], tmp_path / "f.csv")
    assert run(*arguments, "--out", tmp_path / "s.csv") == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("command", ["predict", "calculator"])
def test_a_bad_model_or_target_is_one_line(
    command, stored, cohort_csv, tmp_path, capsys
):
    (tmp_path / "bad.json").write_text("{}")
    table = [cohort_csv] if command == "predict" else []
    for model, out in (
        (tmp_path / "bad.json", tmp_path / "x"),
        (tmp_path / "nowhere.json", tmp_path / "x"),
        (stored["images"], tmp_path),
    ):
        assert run(command, model, *table, "--out", out) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_nothing_of_the_headers_comes_out(stored_model, new_table, tmp_path):
    def change(table):
        image = np.random.default_rng(0).integers(0, 4000, (40, 40)).astype(np.uint16)
        write_image(
            tmp_path / "named.dcm", image, PatientName="Doe^Jane", PatientID="X9"
        )
        table.loc[0, "image"] = "named.dcm"
        return table

    model = stored_model("images")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = predict_cohort(model, read_new_cohort(new_table(change), model)).table
    text = found.to_csv()
    assert "Doe" not in text and "X9" not in text
