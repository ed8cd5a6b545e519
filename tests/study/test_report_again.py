"""The report and its tables come from results.json alone."""

import json
import shutil

import pandas as pd
import pytest

from sklearn_orn._io.text_files import write_text
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from sklearn_orn.study import write_report
from sklearn_orn.study._written_numbers import decimal, significant
from sklearn_orn.study.report._svg import Drawing
from tests.study._checks import files_of, strict
from tests.study._cohort import make_table, write_cohort

FIRST = "Unnamed: 0"  # what pandas calls a column without a head


def save_svg(drawing, folder):
    write_text(folder / f"{drawing.key}.svg", drawing.svg)


def test_the_same_report_is_made_again_without_the_images(
    two_reader_study, tmp_path, monkeypatch
):
    folder = tmp_path / "copy"
    shutil.copytree(two_reader_study.report.parent, folder)
    before = {path: path.read_bytes() for path in files_of(folder)}
    for path in [*(folder / "tables").iterdir(), folder / "report.html"]:
        path.unlink()
    for path in (folder / "figures").glob("*.svg"):
        path.unlink()
    # A resumed study makes the others anew, which takes longest.
    monkeypatch.setattr(Drawing, "save", save_svg)
    monkeypatch.setattr("pydicom.dcmread", None)
    assert write_report(folder) == folder / "report.html"
    assert {path: path.read_bytes() for path in files_of(folder)} == before


def test_the_images_may_be_gone(tmp_path, quick_study):
    path = write_cohort(tmp_path / "cohort", make_table(6))
    result = quick_study(read_cohort(path))
    before = result.report.read_bytes()
    shutil.rmtree(tmp_path / "cohort")
    assert write_report(result.report.parent).read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there are no results. Name the folder of a finished study"),
        ("{", "no JSON"),
        ("\x00", "no JSON"),
        ("[]", "it holds a list; expected an object"),
        ('{"format": "a", "format": "b"}', "the name 'format' twice in one object"),
        ('{"format": NaN}', "it holds NaN"),
        ("{}", "expected a file of the format 'sklearn-orn-results'"),
        ('{"format": "sklearn-orn manifest"}', "expected a file of the format"),
        ('{"format": "sklearn-orn results", "version": 1}', "version 1; this program"),
    ],
)
def test_results_that_cannot_be_read(tmp_path, content, message):
    if content is not None:
        (tmp_path / "results.json").write_text(content, encoding="utf-8")
    with pytest.raises(CohortError) as error:
        write_report(tmp_path)
    assert str(error.value).startswith(str(tmp_path / "results.json"))
    assert message in str(error.value)
    assert not (tmp_path / "report.html").exists()


def test_results_that_lack_a_part_are_refused(two_reader_study, tmp_path):
    results = dict(two_reader_study.results)
    del results["model"]
    (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    with pytest.raises(CohortError, match="it lacks 'model'. Run the study again"):
        write_report(tmp_path)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("cohort", "n_lesions"), "7", "cohort.n_lesions is '7'; expected a whole"),
        (("parts", 1, "auc", "auc"), None, r"parts\[1\].auc.auc is None; expected"),
        (
            ("parts", 0, "part"),
            "test",
            "parts.0..part is 'test'; .*'validation'",
        ),
        (("classes",), ["a"], "classes is .'a'.; expected a list of 2, not of 1"),
        (("model", "lasso"), 3, "model.lasso is 3; expected a JSON object"),
        (("nested", "more"), 3, "nested lacks nothing and has .'more'. that this"),
        (("model", "threshold"), True, "model.threshold is True; expected a num"),
    ],
)
def test_a_changed_value_is_named_with_its_place(
    two_reader_study, tmp_path, place, value, message
):
    results = two_reader_study.numbers.plain()
    here = results
    for key in place[:-1]:
        here = here[key]
    here[place[-1]] = value
    (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    with pytest.raises(CohortError, match=f"results.json: {message}.* Run the study"):
        write_report(tmp_path)


@pytest.fixture(scope="module")
def study(two_reader_study):
    """Reads a table of the two readers' study as text."""
    folder = two_reader_study.report.parent

    def read(name):
        path = folder / "tables" / f"{name}.csv"
        return pd.read_csv(path, dtype=str, keep_default_na=False)

    return strict(folder / "results.json"), read


def test_counts(study):
    results, read = study
    table = read("counts")
    for row, found in zip(
        results["cohort"]["counts"], table.to_dict("records"), strict=True
    ):
        assert found["Part"] == row["part"].capitalize()
        assert found["Lesions"] == str(row["n_lesions"])
        assert found["Patients"] == str(row["n_patients"])
        assert found["Share"] == f"{100 * row['share']:.1f} %"


def test_steps_and_coefficients(study):
    results, read = study
    steps = read("steps")
    assert steps["Features"].tolist() == [
        str(s["n_features"]) for s in results["features"]
    ]
    table = read("coefficients").set_index("Feature")
    icc = {row["feature"]: row["icc"] for row in results["selection"]["icc"]}
    for term in results["model"]["coefficients"]:
        row = table.loc[term["feature"]]
        assert row["Coefficient"] == significant(term["coefficient"], 4)
        assert row["Per SD"] == decimal(term["per_sd"], 3)
        assert row["ICC"] == decimal(icc[term["feature"]])
    assert len(table) == len(results["model"]["coefficients"])


def test_performance(study):
    results, read = study
    table = read("performance").set_index(FIRST)
    for column, part in zip(
        ("Validation", "Training (apparent)"), results["parts"][::-1], strict=True
    ):
        assert table.loc["AUC", column] == decimal(part["auc"]["auc"], 3)
        rate = part["performance"]["sensitivity"]
        assert table.loc["Sensitivity", column].endswith(
            f"({rate['count']}/{rate['total']})"
        )
        brier = part["calibration"]["brier"]
        assert table.loc["Brier score", column] == decimal(brier, 3)


def test_optimism_nested_and_shuffled(study):
    results, read = study
    table = read("optimism").set_index(FIRST)
    for row in results["optimism"]["measures"]:
        assert table.loc[row["name"], "Apparent"] == decimal(row["apparent"], 3)
        assert table.loc[row["name"], ".632+"] == decimal(row["plus_632"], 3)
        assert table.loc[row["name"], "Out-of-bag"] == decimal(row["out_of_bag"], 3)
        harrell = table.loc[row["name"], "Harrell’s correction"]
        assert harrell == decimal(row["corrected"], 3)
    auc = results["optimism"]["measures"][0]
    aucs = read("auc").set_index(FIRST)["AUC"]
    assert list(aucs.items()) == list(
        {
            "Validation": decimal(results["parts"][1]["auc"]["auc"], 3),
            "Nested cross-validation": decimal(results["nested"]["auc"], 3),
            ".632+ bootstrap": decimal(auc["plus_632"], 3),
            "Out-of-bag bootstrap": decimal(auc["out_of_bag"], 3),
            "Harrell’s correction": decimal(auc["corrected"], 3),
            "Training (apparent)": decimal(results["parts"][0]["auc"]["auc"], 3),
            "Shuffled outcome": decimal(results["permuted"]["auc_mean"], 3),
        }.items()
    )


def test_models_readers_and_sample_size(study):
    results, read = study
    models = read("models")
    found = results["models"]
    assert models["AUC"].tolist() == [decimal(row["auc"], 3) for row in found["rows"]]
    difference = decimal(found["comparisons"][0]["difference"], 3)
    assert models["Radiomics − model"].iloc[1].startswith(difference)
    readers = read("readers")
    rows = results["reader_swap"]["rows"]
    assert readers["Outlines of"].tolist() == ["A", "B", "mean of all"]
    assert readers["AUC"].tolist() == [decimal(row["auc"], 3) for row in rows]
    mean = results["reader_swap"]["rows"][-1]
    assert mean["auc"] == pytest.approx(results["parts"][1]["auc"]["auc"])
    sizes = read("sample-size")
    assert sizes["Minimum"].tolist() == [
        str(row["n"]) for row in results["sample_size"]["riley"]
    ]


def test_scores_are_those_of_the_results(two_reader_study):
    scores = pd.read_csv(two_reader_study.report.parent / "scores.csv")
    found = pd.DataFrame(two_reader_study.results["scores"]).set_index("lesion")
    for name in ("score", "probability"):
        assert scores.set_index("lesion")[name].to_dict() == found[name].to_dict()


def test_stability_counts_resamples(study):
    results, read = study
    table = read("stability")
    assert table["Feature"].iloc[-1] == "Nogueira's index"
    shares = results["stability"]["features"]
    assert table["LASSO"].iloc[0] == f"{decimal(100 * shares[0]['share'], 0)} %"
    assert {row["share"] * 4 for row in shares} <= {1, 2, 3, 4}  # of four resamples
