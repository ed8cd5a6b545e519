"""What an interrupted run has kept: nothing lost, nothing of another run."""

import json

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.study._kept_rows import KeptRows
from sklearn_orn.study._resumed_steps import ROWS, Steps, is_step_folder

COLUMNS = np.array(["Mean", "Variance"])
INDEX = pd.Index([7])
VALUES = [0.1 + 0.2, 1e-17]


def row(values=VALUES, **settings):
    table = pd.DataFrame([values], columns=COLUMNS, index=INDEX)
    table.attrs.update({"bits": 6} | settings)
    return table


@pytest.fixture
def path(tmp_path):
    return tmp_path / "features.jsonl"


def test_a_lesion_comes_back_to_the_last_bit(path):
    kept = KeptRows(path, "abc")
    assert kept.rows == {} and not kept.holds(3, 2)
    kept.add(3, row())
    kept.add(0, row([np.nan, 2.0], bits=8))
    again = KeptRows(path, "abc")
    assert sorted(again.rows) == [0, 3]
    pd.testing.assert_frame_equal(
        again.take(3, COLUMNS, INDEX), row(), check_exact=True
    )
    assert again.take(3, COLUMNS, INDEX).attrs == {"bits": 6}
    other = again.take(0, COLUMNS, INDEX)
    assert np.isnan(other.iloc[0, 0]) and other.attrs == {"bits": 8}
    assert again.holds(3, 2) and not again.holds(3, 3) and not again.holds(1, 2)


def test_a_third_run_has_what_the_first_two_kept(path):
    for position in range(3):
        kept = KeptRows(path, "abc")
        assert sorted(kept.rows) == list(range(position))
        kept.add(position, row([position, 0.5]))
    found = KeptRows(path, "abc")
    assert [found.take(i, COLUMNS, INDEX).iloc[0, 0] for i in range(3)] == [0, 1, 2]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4 and [json.loads(x)["position"] for x in lines[1:]] == [
        0,
        1,
        2,
    ]


def test_lesions_of_another_study_are_gone(path):
    KeptRows(path, "abc").add(3, row())
    assert KeptRows(path, "other").rows == {}
    assert KeptRows(path, "abc").rows == {}
    path.write_text("", encoding="utf-8")
    assert KeptRows(path, "abc").rows == {}


@pytest.mark.parametrize("cut", [1, 2, 30])
def test_a_line_that_a_kill_cut_off_is_measured_again(path, cut):
    kept = KeptRows(path, "abc")
    kept.add(0, row())
    kept.add(1, row())
    content = path.read_bytes()
    path.write_bytes(content[: -cut - 1])
    again = KeptRows(path, "abc")
    assert sorted(again.rows) == [0]
    again.add(1, row([5.0, 6.0]))
    assert KeptRows(path, "abc").take(1, COLUMNS, INDEX).iloc[0].tolist() == [5, 6]


@pytest.mark.parametrize(
    "line",
    [
        "[1, 2]",
        "3",
        '{"position": "1", "values": [1, 2], "settings": {}}',
        '{"position": 1, "values": 3, "settings": {}}',
        '{"position": 1, "values": [1, 2], "settings": []}',
        '{"position": 1, "values": [1, "2"], "settings": {}}',
        '{"position": 1, "values": ["1", null], "settings": {}}',
        '{"values": [1, 2], "settings": {}}',
    ],
)
def test_a_line_of_another_kind_is_not_read(path, line):
    KeptRows(path, "abc").add(0, row([1, 2.5]))
    with open(path, "a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert sorted(KeptRows(path, "abc").rows) == [0]


def test_the_file_is_removed_once(path):
    kept = KeptRows(path, "abc")
    assert path.exists()
    kept.remove()
    assert not path.exists()
    kept.remove()


# Steps -------------------------------------------------------------------------------


def run(folder, results, fingerprint="abc", resume=True):
    """Run steps by name; return the object, their values, and which were made."""
    steps, made = Steps(folder, fingerprint, resume=resume), []

    def make(name, value):
        made.append(name)
        return value

    found = {
        name: steps.run(name, lambda name=name, value=value: make(name, value))
        for name, value in results.items()
    }
    return steps, found, made


def test_a_finished_step_is_read_and_not_made_again(tmp_path):
    steps, found, made = run(tmp_path, {"model": {"auc": 0.1 + 0.2, "n": None}})
    assert made == ["model"] and steps.resumed == []
    again, same, made = run(tmp_path, {"model": "another", "report": [1]})
    assert made == ["report"] and again.resumed == ["model"]
    assert same["model"] == found["model"] == {"auc": 0.1 + 0.2, "n": None}
    assert again.seconds["model"] == steps.seconds["model"]
    assert 0 <= steps.seconds["model"] < 60
    assert steps.folder == tmp_path / ".steps"


def test_by_default_all_is_made_anew(tmp_path):
    run(tmp_path, {"model": 1})
    steps = Steps(tmp_path, "abc")
    assert list(steps.folder.iterdir()) == []
    assert steps.run("model", lambda: 2) == 2 and steps.resumed == []


def test_a_step_of_another_study_is_made_anew(tmp_path):
    run(tmp_path, {"model": 1})
    _, found, made = run(tmp_path, {"model": 2}, fingerprint="other")
    assert (found, made) == ({"model": 2}, ["model"])


@pytest.mark.parametrize(
    "damage",
    [
        {"value": 5},
        {"sha256": "00"},
        {"fingerprint": "xyz"},
        {"seconds": "long"},
        {"seconds": None},
    ],
)
def test_a_damaged_step_is_made_anew(tmp_path, damage):
    run(tmp_path, {"model": 1})
    file = tmp_path / ".steps" / "model.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(stored | damage), encoding="utf-8")
    assert run(tmp_path, {"model": 2})[1:] == ({"model": 2}, ["model"])


@pytest.mark.parametrize("text", ["", "[1]", "3", "null", '{"fingerprint": "abc"}'])
def test_a_file_that_is_no_step_is_made_anew(tmp_path, text):
    run(tmp_path, {"model": 1})
    (tmp_path / ".steps" / "model.json").write_text(text, encoding="utf-8")
    assert run(tmp_path, {"model": 2})[1:] == ({"model": 2}, ["model"])


def test_whole_seconds_are_seconds_too(tmp_path):
    run(tmp_path, {"model": 1})
    file = tmp_path / ".steps" / "model.json"
    stored = json.loads(file.read_text(encoding="utf-8")) | {"seconds": 3}
    file.write_text(json.dumps(stored), encoding="utf-8")
    steps, _, made = run(tmp_path, {"model": 2})
    assert made == [] and steps.seconds == {"model": 3.0}


def test_the_order_of_names_in_a_value_is_no_matter(tmp_path):
    run(tmp_path, {"model": {"a": 1, "b": 2}})
    file = tmp_path / ".steps" / "model.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    stored["value"] = {"b": 2, "a": 1}
    file.write_text(json.dumps(stored), encoding="utf-8")
    assert run(tmp_path, {"model": 2})[2] == []


def test_what_was_being_written_is_cleared_away(tmp_path):
    steps = run(tmp_path, {"model": 1})[0]
    part = steps.folder / ".model.json.x7_k2m1p.part"
    for begin in (lambda: Steps(tmp_path, "abc", resume=True), steps.remove):
        part.write_text("half", encoding="utf-8")
        begin()
        assert not part.exists()


def test_files_of_others_stay_where_they_are(tmp_path):
    steps = run(tmp_path, {"model": 1})[0]
    steps.rows("features").add(0, row())
    others = {"notes.txt": "mine", "other.json": "{}", "own.jsonl": "[]"}
    for name, text in others.items():
        (steps.folder / name).write_text(text, encoding="utf-8")
    steps.remove()
    assert sorted(path.name for path in steps.folder.iterdir()) == sorted(others)


def test_a_folder_of_steps_alone_is_removed(tmp_path):
    steps = run(tmp_path, {"model": 1})[0]
    rows = steps.rows("features")
    rows.add(4, row())
    assert sorted(Steps(tmp_path, "abc", resume=True).rows("features").rows) == [4]
    assert (steps.folder / f"features{ROWS}").exists()
    assert is_step_folder(steps.folder)
    (steps.folder / ".features.json.x7_k2m1p.part").write_text("half")
    assert is_step_folder(steps.folder)
    steps.remove()
    assert not steps.folder.exists()
    steps.remove()


def test_a_folder_that_holds_other_files_is_none_of_steps(tmp_path):
    steps = run(tmp_path, {"model": 1})[0]
    link = tmp_path / "link"
    link.symlink_to(steps.folder)
    assert is_step_folder(steps.folder) and not is_step_folder(link)
    assert not is_step_folder(steps.folder / "model.json")
    assert not is_step_folder(tmp_path / "nowhere")
    (steps.folder / "notes.txt").write_text('{"fingerprint": "x"}', encoding="utf-8")
    assert not is_step_folder(steps.folder)
