"""What a study depends on, and the one hash of it."""

import hashlib
import json

import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.images import read_cohort
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._manifest import file_hash, fingerprint, make_manifest
from sklearn_orn.study.results import Inspection, LesionRejected
from tests.study._cohort import make_table, write_cohort

CONFIG = StudyConfig(outcome="grade", positive="high", patient="patient")


@pytest.fixture
def cohort(tmp_path):
    table = read_cohort(write_cohort(tmp_path, make_table(4), readers=("A", "B")))
    return table.reset_index(drop=True)


def other(cohort, changed=None, config=CONFIG):
    """Say whether another table or other settings have another fingerprint."""
    second = make_manifest(Cohort.of(cohort if changed is None else changed), config)
    return fingerprint(make_manifest(Cohort.of(cohort), CONFIG)) != fingerprint(second)


def test_the_same_inputs_have_the_same_fingerprint(cohort):
    first, second = (make_manifest(Cohort.of(cohort.copy()), CONFIG) for _ in range(2))
    assert first == second
    assert fingerprint(first) == fingerprint(json.loads(json.dumps(second)))
    jobs = StudyConfig(**CONFIG.as_dict() | {"n_jobs": 2})
    assert not other(cohort, config=jobs)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outcome", "part"),
        ("positive", "low"),
        ("split", "part"),
        ("readers", ["A"]),
        ("clinical", ["part"]),
        ("location", "part"),
        ("size", "part"),
        ("screening", {"screened": {"lesions": 9}}),
        ("cv", 5),
        ("random_state", 1),
        ("normalization", "none"),
        ("icc_threshold", 0.8),
        ("k", 4),
        ("pipeline", {"nomogram__lambda_rule": "1se"}),
        ("n_resamples", 10),
        ("n_permutations", 10),
        ("sensitivity", False),
        ("pooled_decision_curve", True),
    ],
)
def test_every_setting_changes_the_fingerprint(cohort, field, value):
    changed = StudyConfig(**CONFIG.as_dict() | {field: value})
    assert other(cohort, config=changed)


def test_every_cell_changes_the_fingerprint(cohort):
    for column in cohort.columns.drop(["image", "mask_A", "mask_B"]):
        changed = cohort.copy()
        changed.loc[3, column] = "other"
        assert other(cohort, changed), column
    assert other(cohort, cohort.iloc[::-1])
    assert other(cohort, cohort.iloc[:-1])
    assert other(cohort, cohort.rename(columns={"mask_B": "mask_C"}))
    assert other(cohort, cohort.rename(columns={"part": "set"}))


@pytest.mark.parametrize("column", ["image", "mask_A", "mask_B"])
def test_every_file_changes_the_fingerprint(cohort, column):
    before = fingerprint(make_manifest(Cohort.of(cohort), CONFIG))
    with open(cohort.loc[2, column], "ab") as file:
        file.write(b"\0")
    assert fingerprint(make_manifest(Cohort.of(cohort), CONFIG)) != before


@pytest.mark.parametrize("column", ["image", "mask_A"])
def test_what_a_path_chooses_changes_the_fingerprint(cohort, column):
    found = set()
    for choice in ("", "#frame=b=0", "#frame=b=800"):
        changed = cohort.copy()
        changed.loc[2, column] = changed.loc[2, column] + choice
        manifest = make_manifest(Cohort.of(changed), CONFIG)
        assert all(row["sha256"] for row in manifest["files"])
        assert "frame" not in json.dumps(manifest["files"])
        found.add(fingerprint(manifest))
    assert len(found) == 3


def test_files_that_are_gone_change_the_fingerprint(cohort, tmp_path):
    before = fingerprint(make_manifest(Cohort.of(cohort), CONFIG))
    (tmp_path / "L02.dcm").unlink()
    manifest = make_manifest(Cohort.of(cohort), CONFIG)
    assert fingerprint(manifest) != before
    (gone,) = [row for row in manifest["files"] if row["sha256"] is None]
    assert (gone["lesion"], gone["column"]) == ("L02", "image")


def test_moved_files_do_not(cohort, tmp_path):
    before = fingerprint(make_manifest(Cohort.of(cohort), CONFIG))
    target = (tmp_path / "L02.dcm").rename(tmp_path / "elsewhere.dcm")
    moved = cohort.assign(image=cohort["image"].where(cohort.index != 2, str(target)))
    assert fingerprint(make_manifest(Cohort.of(moved), CONFIG)) == before


def test_given_features_change_the_fingerprint():
    table = make_table(4)
    features = pd.DataFrame({"a": range(len(table)), "b": 0.5})
    first = fingerprint(make_manifest(Cohort.of(table), CONFIG, features))
    for changed in (features + 1e-9, features.rename(columns={"a": "c"})):
        assert fingerprint(make_manifest(Cohort.of(table), CONFIG, changed)) != first


def test_a_manifest_holds_no_path(cohort, tmp_path):
    assert str(tmp_path) not in json.dumps(make_manifest(Cohort.of(cohort), CONFIG))


def test_a_hash_of_nothing_and_of_a_folder(tmp_path):
    assert file_hash(tmp_path / "nowhere") is None
    assert file_hash("x" * 5000) is None
    assert file_hash("nul\0byte") is None
    (tmp_path / "series").mkdir()
    (tmp_path / "series" / "1").write_text("a")
    one = file_hash(tmp_path / "series")
    (tmp_path / "series" / "2").write_text("b")
    assert None is not one != file_hash(tmp_path / "series")


def test_steps_of_results_of_another_version_are_not_read(cohort, monkeypatch):
    manifest = make_manifest(Cohort.of(cohort), CONFIG)
    before = fingerprint(manifest)
    monkeypatch.setattr("sklearn_orn.study._manifest.RESULTS", 0)
    assert fingerprint(manifest) != before


def test_a_hash_is_that_of_other_programs(tmp_path, monkeypatch):
    monkeypatch.setattr("sklearn_orn.study._manifest.CHUNK", 4)
    content = b"some more bytes than fit in one piece"
    (tmp_path / "image").write_bytes(content)
    assert file_hash(tmp_path / "image") == hashlib.sha256(content).hexdigest()


def test_decisions_on_lesions_change_the_fingerprint(cohort):
    found = set()
    for lesions in ((), ("L01",), ("L02",)):
        rejected = tuple(LesionRejected(lesion, "P01", "blurred") for lesion in lesions)
        looked = Inspection(6, 6 - len(lesions), rejected, ())
        manifest = make_manifest(Cohort.of(cohort), CONFIG, inspection=looked)
        found.add(fingerprint(manifest))
    found.add(fingerprint(make_manifest(Cohort.of(cohort), CONFIG)))
    assert len(found) == 4


def test_a_cell_without_a_file_is_none(cohort):
    cohort.loc[1, "mask_B"] = None
    files = make_manifest(Cohort.of(cohort), CONFIG)["files"]
    assert len(files) == 3 * len(cohort) - 1
    assert ("L01", "mask_B") not in {(row["lesion"], row["column"]) for row in files}


def test_the_order_of_keys_is_no_matter():
    assert fingerprint({"a": {"b": 1, "c": 2}, "d": 3}) == fingerprint(
        {"d": 3, "a": {"c": 2, "b": 1}}
    )


def test_the_index_of_a_table_is_no_matter():
    table = make_table(4)
    features = pd.DataFrame({"a": range(len(table))}, index=table.index)
    first, second = (
        make_manifest(
            Cohort.of(table.set_index(index)), CONFIG, features.set_index(index)
        )
        for index in (table.index, table.index + 7)
    )
    assert first["features"] == second["features"]
    assert fingerprint(first) == fingerprint(second)
