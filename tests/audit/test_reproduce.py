"""A published study run again: a small one of features, one of images, the example."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml

from sklearn_orn.audit import example_study, reproduce_study
from sklearn_orn.cli import main
from sklearn_orn.exceptions import CohortError, ModelFileError
from sklearn_orn.model import PublishedSignature
from tests.study._cohort import make_table, write_cohort

RUN = {"run": "published score", "name": "as printed", "signature": "signature.json"}
HEAD = {"format": "sklearn-orn-published-study", "schema_version": 1}


def number(measure, printed, **more):
    return {"measure": measure, "printed": printed, **more}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty lesions with an age: its score is the age, less 50, over 10."""
    folder = tmp_path_factory.mktemp("reproduce")
    rng = np.random.default_rng(0)
    outcome = np.arange(40) % 2
    age = np.round(50 + 8 * (outcome - 0.5) + 10 * rng.standard_normal(40))
    table = {"lesion": range(40), "patient": [f"P{i}" for i in range(40)], "age": age}
    part = np.where(np.arange(40) < 28, "training", "validation")
    pd.DataFrame(table | {"outcome": outcome, "part": part}).to_csv(
        folder / "features.csv", index=False
    )
    PublishedSignature({"age": 0.1}, -5.0).to_json(folder / "signature.json")
    return folder


def study(folder, *reported, runs=(RUN,), **more):
    content = {
        **HEAD,
        "source": "A paper",
        "table": "features.csv",
        "outcome": "outcome",
        "patient": "patient",
        "part": "part",
        "runs": list(runs),
        "reported": list(reported),
        **more,
    }
    path = folder / "study.json"
    path.write_text(json.dumps(content))
    return path


def test_numbers_are_those_counted_by_hand(folder):
    table = pd.read_csv(folder / "features.csv")
    rest = table[table["part"] == "validation"]
    positive, high = rest["outcome"] == 1, rest["age"] >= 50
    pairs = np.subtract.outer(
        rest.age[positive].to_numpy(), rest.age[~positive].to_numpy()
    )
    auc = np.mean((pairs > 0) + 0.5 * (pairs == 0))
    right = int((high & positive).sum())
    path = study(
        folder,
        number("lesions", "12", part="validation"),
        number("lesions", "41"),
        number("AUC", f"{auc:.3f}", part="validation", lower="0.1", upper="1.0"),
        number("sensitivity", f"{right}/6", part="validation"),
        number("sensitivity", "0/6", part="validation", threshold=0.001),
        number("features in the score", "1"),
        number("features measured", "279"),
    )
    rows = reproduce_study(path).compared
    assert [row.verdict for row in rows] == [
        *("reproduced", "differs", "reproduced", "reproduced"),
        *("differs", "reproduced", "not judged"),
    ]
    assert rows[2].ours == pytest.approx(auc)
    assert rows[2].lower < auc < rows[2].upper
    assert rows[4].ours == 1.0
    assert (rows[1].ours, rows[1].part) == (40, "all")
    assert rows[6].why == "A published score selects nothing anew."


def test_what_lies_in_our_interval_is_compatible(folder):
    found = reproduce_study(study(folder, number("AUC", "0.70")))
    (row,) = found.compared
    far = f"{row.lower - 0.02:.3f}"
    near = f"{(row.lower + row.ours) / 2:.3f}"
    again = reproduce_study(study(folder, number("AUC", far), number("AUC", near)))
    assert [row.verdict for row in again.compared] == ["differs", "compatible"]


def test_a_saturated_score_is_said(folder):
    PublishedSignature({"age": 1.0}, 0.0).to_json(folder / "steep.json")
    steep = RUN | {"name": "steep", "signature": "steep.json"}
    path = study(folder, number("Brier score", "0.2"), runs=(RUN, steep))
    found = reproduce_study(path)
    assert [run.saturated for run in found.runs] == [False, True]
    assert "SATURATED: 100 % of the scores lie beyond -5 or 5" in str(found)
    assert any("beyond" in text for text in found.runs[1].warnings)


def test_the_command_and_yaml(folder, capsys):
    path = study(folder, number("lesions", "40"), known_differences=["Other patients."])
    copied = folder / "study.yaml"
    copied.write_text(yaml.safe_dump(json.loads(path.read_text())))
    found = reproduce_study(path)
    assert "not as in the paper: Other patients." in str(found)
    for _ in range(2):  # what it wrote it may replace
        for name in ("o.csv", "o.json"):
            out = str(folder / name)
            assert main(["reproduce", str(copied), "--out", out]) == 0
            assert capsys.readouterr().out == f"{found}\n"
    written = json.loads((folder / "o.json").read_text())
    assert written["format"] == "sklearn-orn-reproduction"
    assert written["compared"] == found.as_dict()["compared"]
    assert list(pd.read_csv(folder / "o.csv")) == list(found.table())
    assert main(["reproduce", str(path), "--out", str(folder / "o.txt")]) == 2
    assert "is neither FILE.csv nor FILE.json" in capsys.readouterr().err


def test_a_study_fitted_anew_counts_its_features(tmp_path):
    write_cohort(tmp_path, make_table(24), readers=("A", "B"), effect=3)
    run = {"run": "fitted anew", "name": "ours", "training": "training"}
    content = {
        **HEAD,
        "source": "A paper",
        "table": "cohort.csv",
        "outcome": "grade",
        "positive": "high",
        "patient": "patient",
        "part": "part",
        "runs": [run | {"bits": 4, "k": 2, "folds": 3}],
        "reported": [
            number("features measured", "279"),
            number("features before the LASSO", "7"),
            number("AUC", "1.000", part="validation"),
        ],
    }
    (tmp_path / "s.json").write_text(json.dumps(content))
    found = reproduce_study(tmp_path / "s.json")
    measured, before, auc = found.compared
    assert measured.verdict == "reproduced"
    assert 2 <= before.ours <= 6  # 2 of each of three criteria
    assert auc.ours > 0.9  # the class decides the texture
    assert "fitted anew on training; bits 4" in found.runs[0].settings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"runs": []}, "at least one run"),
        ({"runs": [RUN, RUN]}, "two runs are called 'as printed'"),
        ({"reported": [number("AUC", 0.72)]}, r"reported\[0\].printed is 0.72"),
        ({"reported": [number("AUC", "0.7", lower="0.6")]}, "has one limit"),
        ({"reported": [number("Auc", "0.7")]}, "measure is 'Auc'; expected one of"),
        ({"part": None, "reported": [number("AUC", "0.7", part="x")]}, "names no col"),
        ({"runs": [RUN | {"bits": 9}]}, "a number from 1 to 8"),
        ({"patients": "p"}, r"has \['patients'\] that this version does not know"),
    ],
)
def test_a_wrong_file_is_refused_by_name(change, message, folder):
    path = study(folder, number("AUC", "0.72"), **change)
    with pytest.raises(ModelFileError, match=message) as error:
        reproduce_study(path)
    assert "study.json" in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": "gone.csv"}, "there is no such file.*relative to"),
        ({"part": "wing"}, "the column 'wing', which the table does not have"),
        ({"reported": [number("AUC", "0.7", part="x")]}, "holds 'training', 'valid"),
        ({"runs": [RUN | {"signature": "zhong2020"}]}, "names no bits"),
        (
            {"runs": [{"run": "fitted anew", "name": "a", "training": "training"}]},
            "measures images",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_refused(change, message, folder):
    path = study(folder, number("AUC", "0.72"), **change)
    with pytest.raises(CohortError, match=message):
        reproduce_study(path)


def test_what_is_no_study():
    with pytest.raises(TypeError, match="study is a int; expected a dict"):
        reproduce_study(3)
    with pytest.raises(ModelFileError, match="there is no such file"):
        reproduce_study("gone.json")
    with pytest.raises(ModelFileError, match="no plain data"):
        reproduce_study(example_study() | {"source": float("nan")})


def test_the_example_is_what_the_article_prints():
    """Two runs of the score, and Table 4 with the counts of its lesions."""
    example = example_study()
    assert [run["bits"] for run in example["runs"]] == [6, 4]
    printed = {(x["measure"], x.get("part")): x["printed"] for x in example["reported"]}
    assert printed["AUC", "validation"] == "0.720"
    assert printed["sensitivity", "training"] == "43/51"
    assert printed["net benefit", None] == "0.147"
    with pytest.raises(CohortError, match="there is no such file"):
        reproduce_study(example)
