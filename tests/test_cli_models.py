"""The commands extract, validate and predict on tables of features and of images."""

import json

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.deploy import measuring_steps, save_model
from sklearn_orn.images import read_cohort
from sklearn_orn.model import PublishedSignature, validate_externally
from sklearn_orn.texture import read_features
from tests._cli import run
from tests.images._make import write_png
from tests.study._cohort import make_table, write_cohort

SETTINGS = {"bits": {"cooccurrence": 6}, "normalization": "3sigma"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A cohort of two readers with a signature, its features in a table."""
    folder = tmp_path_factory.mktemp("published")
    table = make_table(20)
    rng = np.random.default_rng(0)
    table["age"] = rng.integers(30, 80, len(table))
    cohort = write_cohort(folder, table, readers=("A", "B"))
    signature = PublishedSignature(
        {"S(1,0)Contrast": -0.02, "Perc.50%": 0.0005, "age": 0.01},
        0.5,
        class_names=("low", "high"),
        source="A paper",
        **SETTINGS,
    )
    signature.to_json(folder / "signature.json")
    assert run("extract", cohort, "--out", folder / "features.csv") == 0
    features = pd.read_csv(folder / "features.csv")
    known = features.merge(table[["lesion", "grade", "age"]], on="lesion")
    known.to_csv(folder / "features.csv", index=False)
    return folder


@pytest.fixture
def options(tmp_path):
    return {
        "--outcome": "grade",
        "--patient": "patient",
        "--reader": "mean",
        "--out": tmp_path / "out.json",
    }


def validate(folder, table, options):
    given = [word for pair in options.items() for word in pair]
    return run("validate", folder / "signature.json", folder / table, *given)


def read(options):
    return json.loads(options["--out"].read_text(encoding="utf-8"))


def test_a_table_of_features_and_its_images_give_the_same(folder, options, capsys):
    capsys.readouterr()
    results = {}
    for table in ("features.csv", "cohort.csv"):
        assert validate(folder, table, options) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert out.startswith(
            "high against low\n27 samples of 20 patients, 13 positive"
        )
        assert "apparent" in out
        results[table] = read(options)
        assert f"{results[table]['auc']['auc']:.3f}" in out
    first, second = results["features.csv"], results["cohort.csv"]
    for a, b in zip(first["updates"], second["updates"], strict=True):
        assert a["coefficients"] == pytest.approx(b["coefficients"], rel=1e-9)
        assert a["intercept"] == pytest.approx(b["intercept"], rel=1e-9)
    assert first["auc"] == second["auc"]
    assert (first["positive"], first["n_patients"]) == ("high", 20)
    assert first["features"]["bits"]["cooccurrence"] == 6
    assert first["warnings"] == []
    assert set(first["updates"][2]["coefficients"]) == {
        "S(1,0)Contrast",
        "Perc.50%",
        "age",
    }
    text = options["--out"].read_text()
    assert "L01" not in text and "P01" not in text


def test_the_numbers_are_those_of_python(folder, options):
    assert validate(folder, "features.csv", options | {"--reader": "B"}) == 0
    X = read_features(folder / "features.csv")
    signature = PublishedSignature.from_json(folder / "signature.json")
    signature.set_params(reader="B")
    expected = validate_externally(signature, X, X["grade"], groups=X["patient"])
    found = read(options)
    assert found["brier"] == pytest.approx(expected.brier, abs=1e-12)
    assert found["auc"]["lower"] == pytest.approx(expected.auc.lower, abs=1e-12)
    cohort = read_cohort(folder / "cohort.csv")
    measured = (
        measuring_steps(signature).fit_transform(cohort).assign(age=cohort["age"])
    )
    again = validate_externally(signature, measured, X["grade"], groups=X["patient"])
    assert again.auc == expected.auc


def test_a_folder_gets_the_file(folder, options, tmp_path):
    where = options | {"--out": tmp_path / "new", "--positive": "high"}
    assert validate(folder, "features.csv", where) == 0
    assert json.loads((tmp_path / "new" / "validation.json").read_text())["positive"]


def test_other_settings_are_refused(folder, options, tmp_path, capsys):
    out = folder / "eight.csv"
    extra = ["--bits", "cooccurrence=8", "--bits", "gradient=5"]
    extra += ["--normalization", "none"]
    assert run("extract", folder / "cohort.csv", "--out", out, *extra) == 0
    settings = json.loads(out.with_suffix(".json").read_text())
    assert settings["bits"]["cooccurrence"] == 8
    assert settings["bits"]["gradient"] == 5
    assert settings["normalization"] == "none"
    table = pd.read_csv(out)
    known = pd.read_csv(folder / "features.csv")[["lesion", "grade", "age"]]
    table.merge(known, on="lesion").to_csv(out, index=False)
    capsys.readouterr()
    assert validate(folder, "eight.csv", options) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "signature 6, X 8" in err
    assert "signature 3sigma, X none" in err
    assert not options["--out"].exists()

    out.with_suffix(".json").unlink()
    assert validate(folder, "eight.csv", options) == 0
    assert "warning: Nothing says how" in capsys.readouterr().err
    assert "Nothing says how" in read(options)["warnings"][0]
    said = options | {"--bits": "cooccurrence=6", "--normalization": "3sigma"}
    assert validate(folder, "eight.csv", said) == 0
    assert capsys.readouterr().err == ""
    wrong = options | {"--bits": "cooccurrence=5"}
    assert validate(folder, "eight.csv", wrong) == 2
    assert "signature 6, X 5" in capsys.readouterr().err
    assert validate(folder, "cohort.csv", wrong) == 2
    assert "made for 6" in capsys.readouterr().err


def test_an_option_that_contradicts_the_settings_file(folder, options, capsys):
    assert validate(folder, "features.csv", options | {"--bits": "gradient=8"}) == 2
    assert "bits (gradient) is given as 8" in capsys.readouterr().err


def test_lesions_that_cannot_be_used_are_listed(folder, options, capsys):
    table = pd.read_csv(folder / "features.csv")
    table.loc[2, "age"] = np.nan
    table.to_csv(folder / "holes.csv", index=False)
    (folder / "holes.json").write_text((folder / "features.json").read_text())
    assert validate(folder, "holes.csv", options) == 1
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "1 of 27 lesions left out:"
    assert err[1] == "  lesion 'L02': no value for age, which the signature needs."
    assert read(options)["n_left_out"] == 1
    images = pd.read_csv(folder / "cohort.csv")
    write_png(folder / "empty.png", np.zeros((40, 40), np.uint8))
    images.loc[5, ["mask_A", "mask_B"]] = "empty.png"
    images.to_csv(folder / "bad.csv", index=False)
    salt = folder / "salt.txt"
    assert validate(folder, "bad.csv", options | {"--hash-ids": salt}) == 1
    err = capsys.readouterr().err
    assert "L05" not in err and "empty.png" not in err
    assert read(options)["n_samples"] == 26


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        ("features.csv", {"--outcome": "stage"}, "no column 'stage'"),
        ("features.csv", {"--patient": "person"}, "no column 'person'"),
        ("features.csv", {"--positive": "hihg"}, "'hihg' is not in column 'grade'"),
        ("features.csv", {"--reader": "C"}, "readers 'A', 'B', and reader='C'"),
        ("features.csv", {"--section": "all"}, "--section chooses slices"),
        ("cohort.csv", {"--root": "elsewhere"}, "leads outside of the folder"),
        ("nowhere.csv", {}, "nowhere.csv"),
        ("signature.json", {}, "cannot be read as CSV"),
    ],
)
def test_bad_input_is_one_line(folder, options, table, changes, message, capsys):
    capsys.readouterr()
    assert validate(folder, table, options | changes) == 2
    err = capsys.readouterr().err
    assert err.startswith("sklearn-orn: error: ")
    assert err.count("\n") == 1
    assert message in err


def test_a_table_of_one_class_and_one_without_lesions(folder, options, capsys):
    table = pd.read_csv(folder / "features.csv")
    (folder / "some.json").write_text((folder / "features.json").read_text())
    table[table["grade"] == "high"].to_csv(folder / "some.csv", index=False)
    assert validate(folder, "some.csv", options) == 2
    assert "one class only: 'high'" in capsys.readouterr().err
    table.assign(age=np.nan).to_csv(folder / "some.csv", index=False)
    assert validate(folder, "some.csv", options) == 2
    assert "none of the 27 lesions has all features" in capsys.readouterr().err


@pytest.mark.parametrize(
    "bits", ["cooccurrence", "shape=6", "gradient=9", "gradient=x"]
)
def test_bits_that_are_none(bits, capsys):
    with pytest.raises(SystemExit) as stop:
        run("extract", "cohort.csv", "--out", "f.csv", "--bits", bits)
    assert stop.value.code == 2
    assert "FAMILY=N" in capsys.readouterr().err


def test_extract_does_not_replace_another_json(folder, capsys):
    (folder / "results.json").write_text("{}")
    assert run("extract", folder / "cohort.csv", "--out", folder / "results.csv") == 2
    assert "a file of another kind" in capsys.readouterr().err
    assert not (folder / "results.csv").exists()


# predict ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(folder):
    """Stored models: of the images, and of the table of features."""
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline

    from sklearn_orn import ICCFilter, NomogramClassifier, TextureExtractor

    cohort = read_cohort(folder / "cohort.csv")
    y = (cohort["grade"] == "high").to_numpy().astype(int)
    steps = make_pipeline(TextureExtractor(["gradient"]), ICCFilter(threshold=-1))
    lasso = NomogramClassifier(lambda_rule=0.05)
    branch = ("texture", steps, ["image", "mask_A", "mask_B"])
    fitted = {
        "images": make_pipeline(*[step for _, step in steps.steps], lasso),
        "picked": make_pipeline(ColumnTransformer([branch]), lasso),
    }
    for name, pipeline in fitted.items():
        pipeline.set_output(transform="pandas").fit(cohort, y)
        save_model(folder / f"{name}-model.json", pipeline)
    table = read_features(folder / "features.csv")[["age", "A__GrMean"]]
    save_model(folder / "table-model.json", make_pipeline(lasso).fit(table, y))
    return folder


def predict(folder, model, table, out, *options):
    arguments = (folder / f"{model}-model.json", folder / table, "--out", out)
    return run("predict", *arguments, *options)


def test_predict_hides_ids(models, tmp_path, capsys):
    out, salt = tmp_path / "scores.csv", tmp_path / "salt"
    for model, table in (("images", "cohort.csv"), ("table", "features.csv")):
        assert predict(models, model, table, out) == 0
        plain = pd.read_csv(out)
        assert predict(models, model, table, out, "--hash-ids", salt) == 0
        hashed = pd.read_csv(out)
        assert plain["lesion"][0] == "L00"
        assert hashed["lesion"].str.match("L-[0-9a-f]{12}$").all()
        assert hashed["patient"].str.match("P-[0-9a-f]{12}$").all()
        assert hashed["patient"].nunique() == 20
        pd.testing.assert_series_equal(plain["probability"], hashed["probability"])
    bad = pd.read_csv(models / "cohort.csv")
    bad.loc[1, "image"] = "Doe.dcm"
    bad.to_csv(models / "bad-image.csv", index=False)
    capsys.readouterr()
    assert predict(models, "images", "bad-image.csv", out, "--hash-ids", salt) == 1
    err = capsys.readouterr().err
    assert "1 of 27 lesions left out" in err
    assert "Doe" not in err and "L01" not in err


def test_predict_stays_in_its_folder(models, tmp_path, capsys):
    out = tmp_path / "scores.csv"
    assert predict(models, "images", "cohort.csv", out, "--root", models) == 0
    assert predict(models, "images", "cohort.csv", out, "--root", tmp_path) == 2
    assert "leads outside of the folder" in capsys.readouterr().err


def test_predict_of_a_section(models, tmp_path, capsys):
    out = tmp_path / "scores.csv"
    assert predict(models, "images", "cohort.csv", out) == 0
    expected = pd.read_csv(out)
    assert predict(models, "images", "cohort.csv", out, "--section", "0") == 0
    pd.testing.assert_frame_equal(pd.read_csv(out), expected)
    # There is no second slice.
    assert predict(models, "images", "cohort.csv", out, "--section", "1") == 2
    capsys.readouterr()
    assert predict(models, "picked", "cohort.csv", out, "--section", "0") == 2
    assert "never sees a section" in capsys.readouterr().err
    assert predict(models, "table", "features.csv", out, "--section", "0") == 2
    assert "the model is of a table of features" in capsys.readouterr().err
