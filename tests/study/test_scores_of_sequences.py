"""A study with a radiomics score of each sequence: ``scores: separate``."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cli import main
from sklearn_orn.cohort import Cohort
from sklearn_orn.deploy import ModelFile, predict_cohort
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.images import read_cohort
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study._combined import combined_model, radiomics_scores
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._pipeline import study_pipeline, table_steps
from tests._two_sequences import write_cohort
from tests.study._studies import quick_drawings

NAMES = ["radiomics score T1", "radiomics score T2"]
SETTINGS = """\
outcome: grade
patient: patient
clinical: [age]
nomogram: combined
scores: separate
cv: 3
k: 3
n_resamples: 2
n_permutations: 1
sensitivity: false
icc_threshold: 0.3
pipeline: {extractor__families: [histogram], nomogram__lambda_rule: 0.02}
"""
CONFIG = StudyConfig(
    outcome="grade",
    patient="patient",
    scores="separate",
    nomogram="combined",
    cv=3,
    k=3,
    n_resamples=2,
    n_permutations=1,
    icc_threshold=0.3,
    pipeline={"nomogram__lambda_rule": 0.02},
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = write_cohort(tmp_path_factory.mktemp("sequences"))
    table = pd.read_csv(path)
    rng = np.random.default_rng(0)
    table["age"] = rng.integers(30, 80, len(table))
    table.to_csv(path, index=False)
    path.with_name("study.yaml").write_text(SETTINGS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def out(path):
    out = path.with_name("report")
    settings = str(path.with_name("study.yaml"))
    command = ["study", str(path), "--config", settings, "--out", str(out)]
    with pytest.MonkeyPatch.context() as patch:
        quick_drawings(patch)
        assert main(command) == 0
    return out


@pytest.fixture(scope="module")
def found(out):
    return json.loads((out / "results.json").read_text(encoding="utf-8"))


def test_the_combined_model_is_of_a_score_of_each_sequence(found):
    assert found["config"]["scores"] == "separate"
    combined = found["combined"]
    assert [p["name"] for p in combined["predictors"]] == ["age", *NAMES]
    assert [p["kind"] for p in combined["predictors"][1:]] == ["score", "score"]
    assert [score["name"] for score in combined["scores"]] == NAMES
    for sequence, score in zip(("T1", "T2"), combined["scores"], strict=True):
        assert score["coefficients"] and not score["constant"]
        assert all(f.startswith(f"{sequence}|lesion__") for f in score["coefficients"])
    rows = {row["name"]: row["predictors"] for row in found["models"]["rows"]}
    assert rows["clinical + radiomics"] == ["age", *NAMES]
    assert rows["radiomics"] == ["radiomics score"]


def test_the_model_file_says_of_lesions_what_the_study_says(path, out, found):
    model = ModelFile.read(out / "model.json")
    table = predict_cohort(model, read_cohort(path)).table
    scores = pd.read_csv(out / "scores.csv").set_index("lesion")
    assert [c for c in scores if c in NAMES] == NAMES
    assert scores[[*NAMES, "combined probability"]].notna().all(axis=None)
    formula = {row["predictor"]: row for row in found["combined"]["multivariable"]}
    measured = model.pipeline[0].transform(read_cohort(path))
    linear = found["combined"]["intercept"] + sum(
        formula[name]["coefficient"] * measured[name] for name in ["age", *NAMES]
    )
    np.testing.assert_allclose(1 / (1 + np.exp(-linear)), table["probability"])
    for score in found["combined"]["scores"]:
        features = (
            model.pipeline[0]
            .named_transformers_["score"][:-1]
            .transform(read_cohort(path))
        )
        total = score["intercept"]
        for name, weight in score["coefficients"].items():
            block, _, feature = name.partition("__")
            columns = [f"{block}|{reader}__{feature}" for reader in ("anna", "ben")]
            total = total + weight * features[columns].mean(axis=1)
        np.testing.assert_allclose(measured[score["name"]], total)


def test_report_methods_and_calculator_tell_it(out):
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Radiomics scores of the sequences" in page
    assert "For the combined model a radiomics score of each sequence was made" in page
    assert "Nomogram of clinical columns and radiomics scores" in page
    calculator = (out / "calculator.html").read_text(encoding="utf-8")
    assert all(name in calculator for name in NAMES)


def measured_features(out):
    return pd.read_csv(out / "features.csv").filter(like="__")


@pytest.mark.long
def test_scores_are_joined_without_clinical_columns(path, out, tmp_path):
    table, features = pd.read_csv(path), measured_features(out)
    study = run_study(table, CONFIG, tmp_path / "out", features=features)
    assert [p.name for p in study.numbers.product.predictors] == NAMES
    rows = {row.name: row for row in study.numbers.models.rows}
    assert rows["joined scores"].predictors == tuple(NAMES)
    assert "A score of each sequence in place of one of all" in (
        study.numbers.models.verdict
    )
    assert {"combined probability", *NAMES} <= set(study.scores)
    model = ModelFile.read(tmp_path / "out" / "model.json")
    np.testing.assert_allclose(
        model.pipeline.predict_proba(features)[:, 1],
        study.pipeline.predict_proba(features)[:, 1],
    )
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Nomogram of radiomics scores" in page


def scored(path, features, **pipeline):
    """Return the scores, and what makes the combined model of them."""
    config = replace(CONFIG, pipeline=pipeline)
    cohort = Cohort.read(path, config.columns)
    steps = table_steps(study_pipeline(["anna", "ben"], config))
    nothing = pd.DataFrame(index=features.index)
    with caught_warnings():  # of few lesions, and a LASSO that selects nothing
        scores = radiomics_scores(steps, features, cohort.design, config)
        found = combined_model(lambda: scores, cohort.design, config, clinical=nothing)
    return scores, found


@pytest.fixture
def lopsided(path, out):
    """Features of which T2 tells the classes apart, and was drawn by one reader."""
    features = measured_features(out)
    t2 = features.columns.str.startswith("T2|")
    grade = pd.read_csv(path)["grade"].to_numpy()[:, None]
    features.loc[:, t2] += grade * 3 * features.loc[:, t2].std().to_numpy()
    return features.loc[:, ~features.columns.str.startswith("T2|lesion|ben")]


def test_a_sequence_of_one_reader_and_one_without_signal(path, lopsided):
    scores, found = scored(path, lopsided, nomogram__lambda_rule=0.35)
    of_t1, of_t2 = found.scores
    assert of_t1.constant and not of_t1.coefficients and not of_t2.constant
    assert [p.name for p in found.predictors] == NAMES[1:] == list(scores.whole)
    scores, found = scored(path, lopsided, nomogram__lambda_rule=0.02)
    assert [p.name for p in found.predictors] == NAMES
    of_t1, of_t2 = found.scores
    assert of_t2.coefficients
    assert all(name.startswith("T2|lesion|anna__") for name in of_t2.coefficients)
    assert all(name.startswith("T1|lesion__") for name in of_t1.coefficients)
    # Where lesions train their score has not seen the patient.
    assert (scores.whole - scores.cross_fitted).abs().to_numpy().max() > 0.01


def test_scores_that_say_nothing(path, lopsided):
    with pytest.raises(NotEstimable, match="there is nothing to join"):
        scored(path, lopsided, nomogram__lambda_rule=9.0)


def test_what_is_refused(path, out, tmp_path, capsys):
    settings = str(path.with_name("study.yaml"))
    command = ["study", str(path), "--config", settings, "--out", str(tmp_path / "o")]
    assert main([*command, "--dry-run"]) == 0
    assert "Scores: one of each sequence" in capsys.readouterr().out
    table, features = pd.read_csv(path), measured_features(out)
    alone = replace(CONFIG, sequences=["T2"])
    with pytest.raises(CohortError, match="this study has the sequence 'T2' alone"):
        run_study(read_cohort(path), alone, tmp_path / "o")
    plain = features.filter(like="T1|lesion|anna__")
    plain = plain.rename(columns=lambda name: name.partition("__")[2])
    with pytest.raises(CohortError, match="one, unnamed.*or take scores: fused"):
        run_study(table, CONFIG, tmp_path / "o", features=plain)
    table = table.rename(columns={"age": NAMES[0]})
    named = replace(CONFIG, clinical=[NAMES[0]])
    with pytest.raises(CohortError, match="as the report calls the score of a seq"):
        run_study(table, named, tmp_path / "o", features=features)
    with pytest.raises(ValueError, match="scores is 'both'"):
        replace(CONFIG, scores="both")
    with pytest.raises(ValueError, match="only the score of all features is harmon"):
        replace(CONFIG, nomogram="radiomics", centre="centre", harmonise="combat")
