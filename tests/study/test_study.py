import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from sklearn_orn.images import read_cohort
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study._pipeline import study_pipeline
from tests.study._checks import check_whole, strict
from tests.study._cohort import make_table
from tests.study._studies import SETTINGS

FILES = [
    "calculator.html",
    "features.csv",
    "features.json",
    "figures",
    "manifest.json",
    "model.json",
    "report.html",
    "results.json",
    "scores.csv",
    "tables",
    "timings.json",
]


@pytest.mark.parametrize("study", ["two_reader_study", "one_reader_study"])
def test_the_folder_holds_whole_files_only(study, request):
    result = request.getfixturevalue(study)
    folder = result.report.parent
    assert sorted(path.name for path in folder.iterdir()) == FILES
    check_whole(folder)
    assert strict(folder / "results.json") == result.results


def test_two_readers_and_a_split(two_reader_study):
    results = two_reader_study.results
    assert list(two_reader_study.pipeline.named_steps) == [
        "normalizer",
        "extractor",
        "icc",
        "imputer",
        "fcm",
        "nomogram",
    ]
    assert results["readers"] == ["A", "B"]
    assert results["synthetic"] is True
    measured, reproducible, chosen, selected = (
        row["n_features"] for row in results["features"]
    )
    assert measured == 279 >= reproducible >= chosen == 9 >= selected > 0
    assert len(results["model"]["coefficients"]) == selected
    assert [part["part"] for part in results["parts"]] == ["training", "validation"]
    assert [part["n_lesions"] for part in results["parts"]] == [29, 19]
    assert [part["hosmer_lemeshow"]["df"] for part in results["parts"]] == [8, 10]


def test_one_reader_has_no_icc_and_says_so(one_reader_study):
    results = one_reader_study.results
    assert "icc" not in one_reader_study.pipeline.named_steps
    assert results["selection"]["icc"] is None
    titles = [guard["title"] for guard in results["warnings"]]
    assert "Single reader." in titles
    assert "No validation part." in titles
    assert "Synthetic data." not in titles


def test_without_a_split_performance_is_not_only_apparent(one_reader_study):
    training, other = one_reader_study.results["parts"]
    assert training["apparent"]
    assert other["part"] == "cross-validation"
    assert not other["apparent"]
    assert other["n_lesions"] == training["n_lesions"] == 48
    aucs = other["folds"]["auc"]
    assert len(aucs) == 3
    assert_allclose(other["folds"]["mean"], np.mean(aucs))
    scores = one_reader_study.scores
    pooled = roc_auc_score(scores["outcome"] == "high", scores["probability"])
    assert_allclose(other["auc"]["auc"], pooled)
    assert set(scores["split"]) == {"cross-validation"}


def test_the_model_is_that_of_the_training_lesions_alone(two_reader_study):
    features = two_reader_study.features
    table = make_table()
    rows = (table["part"] == "training").to_numpy()
    config = StudyConfig(**SETTINGS, split="part")
    alone = clone(study_pipeline(("A", "B"), config)[2:])
    with config_context(enable_metadata_routing=True):
        alone.fit(
            features[rows],
            (table["grade"] == "high")[rows].astype(int),
            groups=table["patient"][rows],
        )
    assert_allclose(
        two_reader_study.scores["probability"], alone.predict_proba(features)[:, 1]
    )


def test_scores_follow_from_the_formula(two_reader_study):
    model = two_reader_study.results["model"]
    features, scores = two_reader_study.features, two_reader_study.scores
    score = np.full(len(scores), model["intercept"])
    for term in model["coefficients"]:
        name = term["feature"]
        mean = (features[f"A__{name}"] + features[f"B__{name}"]) / 2
        score += term["coefficient"] * mean.to_numpy()
    assert_allclose(scores["score"], score, rtol=1e-9)
    assert_allclose(scores["probability"], 1 / (1 + np.exp(-score)), rtol=1e-9)
    called = np.where(scores["probability"] >= model["threshold"], "high", "low")
    assert (scores["predicted"] == called).all()


def test_performance_counts_are_those_of_the_scores(two_reader_study):
    scores = two_reader_study.scores.query("split == 'validation'")
    found = two_reader_study.results["parts"][1]["performance"]
    right = scores["outcome"] == scores["predicted"]
    assert found["accuracy"]["count"] == right.sum()
    assert found["accuracy"]["total"] == len(scores)
    assert found["sensitivity"]["total"] == (scores["outcome"] == "high").sum()


def test_files_give_back_what_was_found(two_reader_study):
    folder = two_reader_study.report.parent
    features = pd.read_csv(folder / "features.csv")
    assert features.columns[:2].tolist() == ["lesion", "patient"]
    assert features.shape == (48, 2 + 2 * 279)
    assert_allclose(features.iloc[:, 2:], two_reader_study.features, rtol=1e-12)
    scores = pd.read_csv(folder / "scores.csv")
    assert scores["lesion"].tolist() == two_reader_study.scores["lesion"].tolist()


def test_the_pipeline_predicts_from_files(two_reader_study, two_reader_cohort):
    cohort = read_cohort(two_reader_cohort).iloc[:3]
    pipeline = pickle.loads(pickle.dumps(two_reader_study.pipeline))
    assert_allclose(
        pipeline.predict_proba(cohort)[:, 1],
        two_reader_study.scores["probability"][:3],
    )


def test_undefined_features_are_imputed_and_counted(one_reader_study):
    imputed = one_reader_study.results["imputed"]
    missing = one_reader_study.features.isna()
    assert imputed["n_filled"] == missing.to_numpy().sum() > 0
    assert imputed["n_cells"] == missing.size
    per_feature = {row["feature"]: row["n_training"] for row in imputed["features"]}
    assert per_feature == missing.sum()[lambda n: n > 0].to_dict()


def test_config_must_be_one():
    with pytest.raises(TypeError, match="expected a StudyConfig"):
        run_study("cohort.csv", {"outcome": "grade"}, "out")
