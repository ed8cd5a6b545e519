"""Lesions that are rejected before anything is measured."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.cli import main
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import hash_ids
from sklearn_orn.study import StudyConfig, read_study_file
from sklearn_orn.study._extraction import LeftOut
from sklearn_orn.study._flow import make_flow
from sklearn_orn.study._inspection import NOT_GIVEN, without_rejected
from sklearn_orn.study._manifest import fingerprint, make_manifest
from sklearn_orn.study._study import run_study
from sklearn_orn.study.results import Exclusion, Inspection
from tests.study._checks import check_report
from tests.study._cohort import make_table, write_cohort
from tests.study._studies import SETTINGS, quick_drawings

COLUMNS = Columns(outcome="grade", positive="high", patient="patient")


@pytest.fixture(scope="module")
def lesions():
    return Cohort.of(make_table(12), COLUMNS)


@pytest.fixture
def decide(tmp_path):
    """Write decisions; return the settings that name them."""

    def write(text, **changes):
        path = tmp_path / "decided.csv"
        path.write_text(f"lesion,decision,comment\n{text}", encoding="utf-8")
        settings = {"outcome": "grade", "positive": "high", "patient": "patient"}
        return StudyConfig(**settings | {"exclusions": path} | changes)

    return write


def test_nothing_happens_without_a_file(lesions):
    config = StudyConfig(outcome="grade", positive="high", patient="patient")
    same, features, inspection = without_rejected(lesions, None, config)
    assert same is lesions and features is None and inspection is NOT_GIVEN


def test_rejected_lesions_leave_and_are_counted_by_comment(lesions, decide):
    config = decide(
        "L00,reject,Motion\nL01,REJECT,motion.\nL02,accept,\n"
        "L05,reject,\nL04, reject ,motion\nL03,,to ask\n"
    )
    values = pd.DataFrame({"f": np.arange(16.0)})
    kept, features, found = without_rejected(lesions, values, config)
    assert len(kept) == 12 and not {"L00", "L01", "L04", "L05"} & set(kept.names)
    assert features["f"].tolist() == kept.rows.tolist()
    assert (found.n_lesions, found.n_accepted) == (16, 1)
    assert [row.lesion for row in found.rejected] == ["L00", "L01", "L04", "L05"]
    assert [row.patient for row in found.rejected] == ["P00", "P00", "P03", "P03"]
    # P00 and P03 have no other lesion, and leave with the first that they lose.
    assert found.reasons == (Exclusion("Motion", 3, 2), Exclusion("no comment", 1, 0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("L99,reject,\nL98,accept,\nL00,,\n", "'L99', 'L98' are not in the cohort"),
        ("".join(f"X{i},,\n" for i in range(7)), "'X4' and 2 more are not in"),
        ("L-0123456789ab,reject,\n", "hashed by another salt"),
        ("L00,maybe,\n", r"row 2: the decision is 'maybe'; expected accept, reject"),
        ("L00,reject,\nL00,accept,\n", "row 3: 'L00' stands there twice"),
        ("L00,accept,\n,reject,x\n", "row 3: there is no lesion"),
        ("".join(f"L{i:02d},reject,\n" for i in range(16)), "rejects each of the 16"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(lesions, decide, text, message):
    with pytest.raises(CohortError, match=message):
        without_rejected(lesions, None, decide(text))


def test_columns_that_are_missing_are_named(lesions, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("lesion,verdict\nL00,reject\n")
    config = StudyConfig(
        outcome="grade", positive="high", patient="patient", exclusions=str(path)
    )
    with pytest.raises(CohortError, match="not one column 'decision'; expected"):
        without_rejected(lesions, None, config)
    path.write_text("lesion,Lesion,decision\nL00,L00,reject\n")
    with pytest.raises(CohortError, match="not one column 'lesion'"):
        without_rejected(lesions, None, config)
    path.write_text(" Lesion ; DECISION;Comment\nL00;Reject;so\n")
    assert len(without_rejected(lesions, None, config)[0]) == 15
    with pytest.raises(TypeError, match="exclusions is 3: expected the path of a file"):
        dataclasses.replace(config, exclusions=3)


def test_a_name_of_two_rows_is_refused(lesions, decide):
    twice = Cohort.of(lesions.table.assign(lesion=["a", "a", *"bcdefghijklmno"]))
    with pytest.raises(CohortError, match="'a' is in several rows of the cohort"):
        without_rejected(twice, None, decide("a,reject,\n"))
    assert len(without_rejected(twice, None, decide("b,reject,\n"))[0]) == 15


def test_ids_are_hidden_in_refusals(lesions, decide):
    hashed = Cohort.of(hash_ids(lesions.table, "0123456789abcdef"), COLUMNS)
    with pytest.raises(CohortError) as caught:
        without_rejected(hashed, None, decide("Doe-Jane,reject,\n"))
    assert "Doe-Jane" in str(caught.value) and "Doe" not in caught.value.hidden


@given(
    st.lists(st.sampled_from(["", "reject", "accept", "fails"]), min_size=16,
             max_size=16),
    st.lists(st.sampled_from(["", "motion", "no lesion"]), min_size=16, max_size=16),
)  # fmt: skip
def test_no_lesion_is_lost_between_rejection_and_flow(words, comments):
    cohort = Cohort.of(make_table(12), COLUMNS)
    rejected = np.array([word == "reject" for word in words])
    fails = np.array([word == "fails" for word in words])
    if (rejected | fails).all():
        rejected[0] = fails[0] = False
    from sklearn_orn.study import _inspection

    decisions = {
        name: ("reject" if out else "accept", comment)
        for name, out, comment in zip(cohort.names, rejected, comments, strict=True)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_inspection, "_decisions", lambda path: decisions)
        config = StudyConfig(
            outcome="grade", positive="high", patient="patient", exclusions="x.csv"
        )
        kept, _, found = without_rejected(cohort, None, config)
    left_out = [
        LeftOut(name, patient, "the mask is empty")
        for name, patient, out in zip(
            cohort.names, cohort.patients, fails & ~rejected, strict=True
        )
        if out
    ]
    measured = kept.take(~(fails & ~rejected)[~rejected])
    flow = make_flow(measured.design, left_out, None, found)
    table = flow.stages[0]
    assert (table.lesions, table.patients) == (16, 12)
    for before, after in zip(flow.stages, flow.stages[1:], strict=False):
        for unit in ("lesions", "patients"):
            gone = sum(getattr(row, unit) for row in before.excluded)
            assert getattr(before, unit) - gone == getattr(after, unit)
    assert sum(row.lesions for row in found.reasons) == rejected.sum()


def test_a_study_leaves_them_out_and_says_so(cohort, quick_study, tmp_path):
    path = tmp_path / "decided.csv"
    path.write_text("lesion,decision,comment\nL07,reject,<b>motion</b>\nL08,accept,\n")
    cohort.loc[9, "image"] = "nowhere.dcm"
    result = quick_study(cohort, cv=12, exclusions=path)
    text = check_report(result)
    assert len(result.features) == 46 and 7 not in result.features.index
    written = pd.read_csv(result.report.parent / "features.csv")
    assert "L07" not in set(written["lesion"])
    found = result.results["inspection"]
    assert found["rejected"][0]["lesion"] == "L07"
    assert found["rejected"][0]["comment"] == "<b>motion</b>"
    stages = result.results["flow"]["stages"]
    assert [(s["name"], s["lesions"]) for s in stages] == [
        ("In the cohort table", 48),
        ("Kept on inspection", 47),
        ("Analysed", 46),
    ]
    assert stages[0]["excluded"][0]["reason"] == "rejected on inspection: <b>motion</b>"
    html = result.report.read_text(encoding="utf-8")
    assert "<b>motion</b>" not in html
    assert "of 48 lesions in the cohort table, 1 was accepted and 1 rejected" in text
    assert "1 of the table could not be measured; 1 was rejected on insp" in text
    assert "Lesions rejected on inspection" in text
    assert str(tmp_path) not in json.dumps(result.results)


def test_a_decision_changes_the_fingerprint(lesions, decide):
    def print_of(text):
        config = decide(text)
        kept, _, inspection = without_rejected(lesions, None, config)
        return fingerprint(make_manifest(kept, config, None, inspection))

    texts = ("L00,reject,a", "L00,reject,b", "L00,,a", "L01,,a", "L00,accept,a")
    prints = [print_of(f"{text}\n") for text in texts]
    assert prints[2] == prints[3]  # nothing was decided
    assert len(set(prints)) == 4


def test_features_of_others_lose_their_rows_too(given, quick_study, tmp_path):
    table, features = given
    path = tmp_path / "decided.csv"
    path.write_text("lesion,decision\nL01,reject\nL47,reject\n")
    result = quick_study(table, features=features, cv=12, exclusions=path)
    assert result.features.index.tolist() == [0, *range(2, 47)]
    assert result.results["inspection"]["reasons"][0]["reason"] == "no comment"


def test_the_path_in_a_study_file_starts_at_its_folder(tmp_path):
    (tmp_path / "study.yaml").write_text("outcome: grade\nexclusions: x/decided.csv\n")
    found = read_study_file(tmp_path / "study.yaml")["exclusions"]
    assert found == str(tmp_path / "x" / "decided.csv")


def test_the_command(tmp_path, capsys, monkeypatch):
    quick_drawings(monkeypatch)
    cohort = write_cohort(tmp_path / "data", make_table(12))
    path = tmp_path / "decided.csv"
    study = ["study", str(cohort), "--outcome", "grade", "--positive", "high"]
    study += ["--patient", "patient", "--split", "part", "--exclusions", str(path)]
    path.write_text("lesion,decision\nL03,reject\n")
    assert main([*study, "--dry-run"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("1 of 16 lesions rejected on inspection\n15 lesions of ")
    path.write_text("lesion,decision\nnobody,reject\n")
    assert main([*study, "--out", str(tmp_path / "out")]) == 2
    assert "'nobody' is not in the cohort" in capsys.readouterr().err
    inside = tmp_path / "out" / "results.json"
    inside.parent.mkdir(exist_ok=True)
    inside.write_text("lesion,decision\n")
    assert main([*study[:-1], str(inside), "--out", str(tmp_path / "out")]) == 2


def test_the_file_is_no_output(tmp_path):
    cohort = write_cohort(tmp_path / "data", make_table(4))
    out = tmp_path / "out"
    out.mkdir()
    (out / "scores.csv").write_text("lesion,decision\nL00,accept\n")
    config = StudyConfig(**SETTINGS, exclusions=out / "scores.csv")
    with pytest.raises(CohortError):
        run_study(cohort, config, out)
    assert (out / "scores.csv").read_text() == "lesion,decision\nL00,accept\n"


def test_results_come_back(lesions, decide):
    _, _, found = without_rejected(lesions, None, decide("L00,reject,motion\n"))
    assert isinstance(found, Inspection)
    assert found.rejected[0].comment == "motion"
