"""Cohorts that lack something: the report is made and says what it cannot show."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import cli
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study.report._blocks import FigureBlock
from sklearn_orn.study.report._svg import draw
from sklearn_orn.study.report.sections import blocks
from sklearn_orn.study.shared import summary_text
from tests.study._checks import PLACEHOLDER, Page, check_report, page_of, titles
from tests.study._cohort import make_table, write_cohort
from tests.study._results_example import SECTIONS
from tests.study._studies import SETTINGS

OF_READERS = {"outlines", "agreement_groups"}  # they need no model
AFTER_THE_MODEL = (
    "scores",
    *(s for s in SECTIONS[SECTIONS.index("stability") : -1] if s not in OF_READERS),
)


def check_rendered(results):
    """Render every figure that the study has; return the titles of the others."""
    absent = []
    figures = [block for block in blocks() if isinstance(block, FigureBlock)]
    for block in figures:
        key = block.key
        if not block.wanted(results):
            absent.append(key)
            continue
        try:
            drawing = draw(partial(block.draw, results), key)
        except NotEstimable:
            absent.append(key)
        else:
            text = Page(drawing.svg).text
            assert not PLACEHOLDER.search(text), (key, text)
            assert "e\N{MINUS SIGN}1" not in text, (key, text)  # of an offset
    return absent


def check_no_model(result, reason):
    """The report says why there is no model, and shows nothing of one."""
    text = check_report(result)
    results, folder = result.results, result.report.parent
    assert result.pipeline is None
    assert result.scores.empty
    assert reason in results["model"]["absent"]
    assert titles(result).count("No model.") == 1
    assert f"The score cannot be shown: {results['model']['absent']}" in text
    assert f"Performance cannot be shown: {results['model']['absent']}" in text
    for key in AFTER_THE_MODEL:
        assert "absent" in results[key]
    assert results["parts"] == []
    for name in ("calculator.html", "model.json", "scores.csv"):
        assert not (folder / name).exists()
    assert (folder / "features.csv").exists()
    assert "AUC, training" not in text
    told = summary_text(result.numbers)
    assert reason in " ".join(told.split())
    assert "Sensitivity" not in told
    return text


def test_one_class(cohort, quick_study):
    result = quick_study(cohort[cohort["grade"] == "high"])
    reason = "the training part holds no measured lesion of class 'not high'"
    text = check_no_model(result, reason)
    assert "Sample size cannot be shown: The lesions that train are not" in text
    assert "24 lesions of 18 patients" in text
    assert "6 of 18 patients have more than one lesion. ORN013 Cohort" in text


def test_one_class_without_a_split(cohort, quick_study):
    result = quick_study(cohort[cohort["grade"] == "low"], split=None)
    check_no_model(result, "no measured lesion is of class 'high'")


def test_ten_lesions(cohort, quick_study):
    result = quick_study(cohort.iloc[:10], split=None, cv=10)
    text = check_no_model(result, "4 patients to train on, too few for cv=10 folds")
    assert "Agreement of the readers" in text  # what does not need a model


def test_ten_lesions_with_a_split(cohort, quick_study):
    result = quick_study(cohort.iloc[:10], cv=2, n_resamples=4)
    text = check_report(result)
    assert result.pipeline is not None
    nested = result.results["nested"]["absent"]
    assert "5 folds need at least 5 patients of each class" in nested
    assert f"Nested cross-validation cannot be shown: {nested}" in text
    told = "1 of 4 resamples could be fitted: cv=2 needs at least 2 groups"
    assert f"Optimism cannot be shown: {told}" in text
    assert "too few patients for an interval" in text
    assert "1 lesion of 1 patient;" in text
    assert " – to –" not in text
    assert check_rendered(result.numbers) == [
        *("icc-perturbed", "icc-comparison", "stability", "combined-nomogram"),
        *("odds-ratios", "decision-pooled", "validation-parts", "three-models"),
        *("added-benefit", "forest", "instability", "models-instability"),
    ]


def test_no_reproducible_feature(cohort, quick_study):
    result = quick_study(cohort, icc_threshold=1.0)
    text = check_no_model(result, "No feature has an ICC above threshold=1")
    assert result.results["agreement"]["n_kept"] == 0
    assert "0 of 279 features have an ICC(2,1) above 1" in text


def test_a_score_without_features(cohort, quick_study):
    # Each image stands in both classes: nothing can tell them apart.
    nth = cohort.groupby(["part", "grade"]).cumcount()
    for column in ("image", "mask_A", "mask_B"):
        cohort[column] = cohort.groupby(["part", nth])[column].transform("first")
    result = quick_study(cohort)
    text = check_report(result)
    assert result.results["model"]["coefficients"] == []
    assert "No model." in titles(result)
    assert "The LASSO kept no feature" in text
    assert "The score is the same for every lesion." in text
    assert "Large optimism." not in titles(result)
    assert "From the run. The LASSO" not in text
    absent = check_rendered(result.numbers)
    assert absent == [
        *("icc-perturbed", "icc-comparison", "combined-nomogram", "nomogram"),
        *("odds-ratios", "waterfall"),
        *("decision-pooled", "validation-parts", "three-models", "added-benefit"),
        *("forest", "instability", "models-instability"),
    ]
    assert not (result.report.parent / "calculator.html").exists()
    assert set(result.scores["probability"].round(12)) == {
        round(np.mean(result.scores.query("split == 'training'").outcome == "high"), 12)
    }


def test_a_second_run_leaves_nothing_of_a_model_that_is_gone(
    cohort, quick_study, tmp_path
):
    out, small = tmp_path / "out", cohort.iloc[:10]
    first = quick_study(small, cv=2)
    assert (out / "calculator.html").exists()
    assert (out / "tables" / "performance.csv").exists()
    (out / "figures" / "roc.png").write_text("an earlier one")
    second = quick_study(small, cv=9)
    check_no_model(second, "too few for cv=9")
    assert {path.stem for path in (out / "tables").iterdir()} == {
        "clear",
        "counts",
        "icc-families",
        "metrics",
        "outlines",
        "probast-ai",
        "protocol",
        "sample-size",
        "steps",
        "tripod-ai",
    }
    assert list((out / "figures").iterdir()) == []
    assert first.features.equals(second.features)


def test_what_one_reader_and_no_split_lack_is_said(one_reader_study):
    text = check_report(one_reader_study)
    assert "There is one reader, so outlines cannot be exchanged." in text
    assert "No clinical columns are named, so there is no table" in text
    assert "so there is no clinical model to compare with" in text
    assert "Single reader." in text
    assert "No validation part." in text


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        ("part == 'validation'", "the validation part holds no measured lesion"),
        ("part == 'training'", "the training part holds no measured lesion"),
        (
            "part == 'validation' and grade == 'low'",
            "the validation part holds no measured lesion of class 'low'",
        ),
    ],
)
def test_lesions_that_leave_a_part_without_a_class(cohort, quick_study, gone, reason):
    rows = cohort.query(gone).index
    cohort.loc[rows, "image"] = "nowhere.dcm"
    result = quick_study(cohort)
    text = check_no_model(result, reason)
    assert len(result.left_out) == len(rows)
    assert f"{len(rows)} of 48 lesions could not be measured" in text


def test_a_bad_lesion_is_left_out_and_listed(cohort, quick_study):
    cohort.loc[7, "image"] = "nowhere.dcm"
    cohort.loc[9, "mask_B"] = "x" * 200 + ".png"
    cohort.loc[11, "mask_A"] = cohort.loc[11, "image"]
    result = quick_study(cohort, cv=12)  # without a model it takes a second
    text = check_report(result)
    assert [bad.lesion for bad in result.left_out] == ["L07", "L09", "L11"]
    assert len(result.features) == 45
    written = pd.read_csv(result.report.parent / "features.csv")
    assert not {"L07", "L09", "L11"} & set(written["lesion"])
    assert result.results["left_out"][0]["patient"] == "P05"
    assert "Lesions left out." in titles(result)
    assert "nowhere.dcm" in text
    assert "3 of 48 lesions could not be measured" in text
    assert result.results["flow"]["stages"][-1]["lesions"] == 45


def test_no_lesion_at_all_is_an_error(cohort, quick_study, tmp_path):
    cohort["image"] = "nowhere.dcm"
    with pytest.raises(CohortError, match="none of the 48 lesions could be measured"):
        quick_study(cohort)


@pytest.mark.parametrize("drawn", [0, 3])
def test_readers_who_share_too_few_lesions(cohort, quick_study, drawn):
    cohort["mask_B"] = cohort["mask_B"].astype(object)
    cohort.loc[cohort.index[drawn:], "mask_B"] = None
    if not drawn:  # each lesion has one reader, in turn
        cohort["mask_B"] = cohort["mask_A"]
        cohort.loc[::2, "mask_A"] = None
        cohort.loc[1::2, "mask_B"] = None
    result = quick_study(cohort)
    check_no_model(result, f"drew the same lesion in {drawn} of n_samples = 29")
    assert "absent" in result.results["agreement"]


def test_a_reader_who_drew_a_part_of_the_lesions(cohort, quick_study):
    cohort.loc[cohort.index[20:], "mask_B"] = None
    result = quick_study(cohort)
    text = check_report(result)
    assert result.pipeline is not None
    lesions = (cohort["mask_B"].notna() & (cohort["part"] == "training")).sum()
    assert result.results["agreement"]["n_lesions"] == lesions
    rows = {row["reader"]: row for row in result.results["reader_swap"]["rows"]}
    validating = cohort["part"] == "validation"
    assert (
        rows["A"]["n_lesions"] == rows["mean of all"]["n_lesions"] == validating.sum()
    )
    both = (cohort["mask_B"].notna() & validating).sum()
    assert rows["B"]["n_lesions"] == both < validating.sum()
    assert "The same model on the outlines of each reader" in text


def test_a_reader_who_drew_nothing(cohort, quick_study):
    cohort["mask_B"] = None
    result = quick_study(cohort, cv=12)
    check_report(result)
    assert result.results["agreement"] == {
        "absent": "Every lesion was drawn by one reader."
    }
    assert "Single reader." in titles(result)


def test_chosen_readers(cohort, quick_study, two_reader_study):
    result = quick_study(cohort, readers=["A"], cv=12)
    assert "Single reader." in titles(result)
    assert result.features.shape[1] == 279
    both = two_reader_study.features
    assert np.array_equal(result.features, both.filter(like="A__"), equal_nan=True)


def test_a_reader_that_the_table_does_not_have(cohort, quick_study, tmp_path):
    with pytest.raises(CohortError, match="readers names 'C'; the table has 'A', 'B'"):
        quick_study(cohort, readers=["A", "C"])
    assert not (tmp_path / "out").exists()


def test_a_split_by_date(given, given_study, quick_study):
    table, features = given
    late = table["part"] == "validation"
    dated = table.assign(seen=np.where(late, "2021-05-01", "2019-12-31"))
    by_date = {"split": None, "date": "seen", "cut": "2021-01-01"}
    result = quick_study(dated, features=features, figures=False, **by_date)
    text = check_report(result)
    for key in ("parts", "model", "stability", "models", "flow"):
        assert result.results[key] == given_study.results[key]
    assert "Validation" in text
    assert "kept unchanged for validation" in text


def test_a_column_of_sizes(given, quick_study):
    table, features = given
    table = table.assign(volume=np.arange(48) + 100.0 * (table["grade"] == "high"))
    table.loc[3, "volume"] = np.nan
    result = quick_study(table, features=features, size="volume", figures=False)
    rows = {row["name"]: row for row in result.results["models"]["rows"]}
    assert rows["lesion size"]["predictors"] == ["volume"]
    assert rows["lesion size"]["auc"] == 1
    assert "better than lesion size alone (difference of AUC −0." in check_report(
        result
    )
    assert "No more than a simple model." in titles(result)


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ({"nomogramm__tol": 1}, "'nomogramm__tol': expected <step>__<parameter>"),
        ({"tol": 1}, "names 'tol': expected <step>__<parameter>"),
        ({"nomogram__lambda_rul": "1se"}, "the step nomogram has .* lambda_rule"),
        ({"fcm__k": 3}, "'fcm__k': this one is set by the key 'k'"),
        ({"nomogram__lambda_rule": "2se"}, "'lambda_rule' .* Got '2se'"),
        ({"extractor__bits": {"x": 3}}, "'bits' .* Got 'x'"),
        ({"extractor__families": ["colour"]}, r"'families' .* Got \['colour'\]"),
        ({"imputer__strategy": "guess"}, "'strategy' .* Got 'guess'"),
    ],
)
def test_pipeline_parameters_that_do_not_exist(pipeline, message, tmp_path):
    config = StudyConfig(**SETTINGS, split="part", pipeline=pipeline)
    with pytest.raises(CohortError, match=f"pipeline.*{message}"):
        run_study(make_table(), config, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("pipeline", "words"),
    [
        ({"nomogram__lambda_rule": "1se"}, "largest within one standard error"),
        ({"nomogram__penalty": "none"}, "No penalty was chosen by cross-validation"),
        ({"nomogram__threshold": 0.5}, "where P reaches 0.500, kept unchanged"),
    ],
)
def test_other_parameters_change_the_words(given, quick_study, pipeline, words):
    table, features = given
    figures = "nomogram__penalty" in pipeline  # no path of a LASSO to draw
    result = quick_study(table, features=features, pipeline=pipeline, figures=figures)
    assert words in check_report(result)


def test_grey_level_settings_are_changed_in_turn(tmp_path, quick_study):
    path = write_cohort(tmp_path / "cohort", make_table(14), readers=("A",))
    result = quick_study(path, sensitivity=True, cv=2, figures=False)
    text = check_report(result)
    rows = result.results["sensitivity"]["rows"]
    assert [row["normalization"] for row in rows[::3]] == [
        "3sigma",
        "1-99",
        "1-99-below",
        "none",
    ]
    assert len(rows) == 12
    # In the methods and below the table.
    assert text.count("to choose the best of them by it ends its role as vali") >= 2
    (own,) = [row for row in rows if row["own"]]
    assert (own["normalization"], own["bits"]) == ("3sigma", 6)
    assert own["result"]["auc"] == result.results["parts"][1]["auc"]["auc"]
    chosen = {t["feature"] for t in result.results["model"]["coefficients"]}
    assert set(own["result"]["selected"]) == chosen
    assert "3sigma (the study’s)" in text
    table = pd.read_csv(result.report.parent / "tables" / "sensitivity.csv")
    assert table["Bits"].tolist() == [5, 6, 8] * 4


def test_a_file_in_place_of_the_folder(cohort, tmp_path):
    (tmp_path / "out").write_text("here first")
    config = StudyConfig(**SETTINGS, split="part")
    with pytest.raises(CohortError, match="cannot be written to.*--out"):
        run_study(cohort, config, tmp_path / "out")


def test_figures_that_are_missing_leave_no_gap_in_the_numbers(one_reader_study):
    text = page_of(one_reader_study).text
    assert "Figure 1." in text
    assert "Figure 11." in text
    assert "Figure 12." not in text


def test_a_broken_analysis_ends_the_study_as_a_crash(
    given, quick_study, monkeypatch, tmp_path, capsys
):
    bug = "operands could not be broadcast together"

    def broken(*args, **kwargs):
        raise ValueError(bug)

    table, features = given
    monkeypatch.setattr("sklearn_orn.resampling.shared.stability_of", broken)
    with pytest.raises(ValueError, match=f"^{bug}$"):
        quick_study(table, features=features)
    assert not (tmp_path / "out" / "report.html").exists()
    path = tmp_path / "features.csv"
    pd.concat([table, features], axis=1).to_csv(path, index=False)
    options = "--outcome grade --positive high --patient patient --cv 3 --split part"
    options += " --resamples 2 --permutations 1"
    out = str(tmp_path / "again")
    code = cli.main(["study", "--features", str(path), *options.split(), "--out", out])
    err = capsys.readouterr().err
    assert f"crashed: ValueError: {bug}" in err
    assert code == 3
