"""Killed, interrupted and resumed studies, and how steps are kept."""

import json
import os
import signal
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from matplotlib import rc_context

from sklearn_orn.images import read_cohort
from sklearn_orn.plotting._style import axes_size
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study import _study as study_module
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._kept_rows import KeptRows
from sklearn_orn.study._resumed_steps import FOLDER, Steps
from sklearn_orn.study.report._made import make_figures, start_drawing
from sklearn_orn.study.report._svg import STYLE
from tests.study import _killed
from tests.study._checks import check_whole, files_of
from tests.study._cohort import make_table, write_cohort
from tests.study._studies import SETTINGS, quick_drawings

TIMED = ("report.html", "timings.json")
KILLED_AT = (
    f"{FOLDER}/features.json",
    f"{FOLDER}/images.json",
    f"{FOLDER}/optimism.json",
    f"{FOLDER}/sensitivity.json",
    "results.json",
    "figures/roc.pdf",
    "report.html",
)


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files_of(folder)
        if path.name not in TIMED
    }


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_at_any_file_and_resumed_the_results_are_the_same(
    two_reader_cohort, two_reader_study, tmp_path
):
    context = get_context("forkserver")
    for target in KILLED_AT:
        arguments = (str(two_reader_cohort), str(tmp_path), target)
        child = context.Process(target=_killed.run_until, args=arguments)
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL, target
        parts = [path for path in files_of(tmp_path) if path.name.startswith(".")]
        assert len(parts) == 1  # what the kill left; the next run removes it
        assert parts[0].name.endswith(".part")
        for path in files_of(tmp_path):
            if path.suffix == ".json":
                json.loads(path.read_text(encoding="utf-8"))
    config = StudyConfig(**SETTINGS, split="part")
    result = run_study(two_reader_cohort, config, tmp_path, resume=True)
    check_whole(tmp_path)
    assert result.results == two_reader_study.results
    fresh = contents(two_reader_study.report.parent)
    resumed = contents(tmp_path)
    assert list(resumed) == list(fresh)
    for name, content in resumed.items():
        assert content == fresh[name], name


def test_workers_change_no_file(cohort, quick_study, two_reader_study):
    first = two_reader_study.report.parent
    same = {key: SETTINGS[key] for key in ("n_resamples", "n_permutations")}
    second = quick_study(cohort, n_jobs=2, **same).report.parent
    for path in files_of(second):
        if path.name not in TIMED and path.parent.name != "figures":
            name = path.relative_to(second)
            assert path.read_bytes() == (first / name).read_bytes(), name


@pytest.mark.long
def test_workers_draw_the_same_figures(two_reader_study, monkeypatch):
    monkeypatch.setitem(STYLE, "pdf.fonttype", 42)  # no drafts: workers make none
    monkeypatch.setattr("sklearn_orn.plotting._style.axes_size", axes_size)
    monkeypatch.setattr("sklearn_orn.study.report._svg.PRINT_DPI", 300)
    with rc_context({"axes.linewidth": 3.0, "lines.linewidth": 5.0}):
        numbers = two_reader_study.numbers
        one, two = (make_figures(numbers, start_drawing(numbers, n)) for n in (1, 2))
        for key, figure in one.items():
            assert (figure.title, figure.reason) == (two[key].title, two[key].reason)
            if figure.drawing is not None:
                assert figure.drawing.rendered() == two[key].drawing


class Interrupted(Exception):
    """Ends a study at one of its steps."""


def stop_at(step):
    def progress(name, done, total):
        if name == step:
            raise Interrupted

    return progress


@pytest.fixture
def small(tmp_path):
    """Too few lesions for a model: a study of a second."""
    table = read_cohort(write_cohort(tmp_path / "small", make_table(6)))
    return table.reset_index(drop=True)


@pytest.fixture
def interrupted(small, quick_study, tmp_path):
    """The folder of a study that was stopped before its files were written."""
    out = tmp_path / "out"
    config = StudyConfig(**SETTINGS, split="part")
    with pytest.raises(Interrupted):
        run_study(small, config, out, progress=stop_at("drawing the report"))
    kept = {path.stem for path in (out / FOLDER).iterdir()}
    assert kept == {"features", "images"}
    assert not (out / "results.json").exists()
    return out


def measured(monkeypatch):
    """Count the lesions that are measured."""
    seen = []
    original = study_module.extract_rows

    def spy(cohort, *arguments, **options):
        seen.append(len(cohort))
        return original(cohort, *arguments, **options)

    monkeypatch.setattr(study_module, "extract_rows", spy)
    return seen


def test_a_resumed_study_measures_nothing_again(interrupted, small, monkeypatch):
    seen = measured(monkeypatch)
    config = StudyConfig(**SETTINGS, split="part")
    result = run_study(small, config, interrupted, resume=True)
    assert seen == []
    check_whole(interrupted / "tables")
    again = run_study(small, config, interrupted)
    assert seen == [len(small)]
    assert again.results == result.results
    assert list(result.seconds)[:2] == ["features", "images"]
    assert result.seconds["features"] > 0


def test_without_resume_all_is_done_again(interrupted, small, monkeypatch):
    seen = measured(monkeypatch)
    run_study(small, StudyConfig(**SETTINGS, split="part"), interrupted)
    assert seen == [len(small)]


def test_a_study_that_stops_early_leaves_the_earlier_one(small, quick_study, tmp_path):
    out = tmp_path / "out"
    run_study(small, StudyConfig(**SETTINGS, split="part"), out)
    before = {path: path.read_bytes() for path in files_of(out)}
    config = StudyConfig(**SETTINGS, split="part", normalization="1-99")
    with pytest.raises(Interrupted):
        run_study(small, config, out, progress=stop_at("reading the protocol"))
    for path, content in before.items():
        assert path.read_bytes() == content


def test_other_settings_are_measured_again(interrupted, small, monkeypatch):
    seen = measured(monkeypatch)
    config = StudyConfig(**SETTINGS, split="part", normalization="1-99")
    run_study(small, config, interrupted, resume=True)
    assert seen == [len(small)]


def test_a_changed_image_is_measured_again(interrupted, small, monkeypatch):
    before = run_study(small, StudyConfig(**SETTINGS, split="part"), interrupted)
    config = StudyConfig(**SETTINGS, split="part")
    with pytest.raises(Interrupted):
        run_study(small, config, interrupted, progress=stop_at("drawing the report"))
    seen = measured(monkeypatch)
    other = small.loc[3, "image"]
    with open(small.loc[0, "image"], "rb") as source:
        content = source.read()
    with open(other, "wb") as target:
        target.write(content)
    after = run_study(small, config, interrupted, resume=True)
    assert seen == [len(small)]
    assert not after.features.loc[3].equals(before.features.loc[3])
    assert after.features.loc[1].equals(before.features.loc[1])


def test_steps_run_once(tmp_path):
    calls = []

    def make():
        calls.append(1)
        return {"value": 1.5}

    steps = Steps(tmp_path, "a")
    assert steps.run("one", make) == steps.run("one", make) == {"value": 1.5}
    assert len(calls) == 1
    resumed = Steps(tmp_path, "a", resume=True)
    assert resumed.run("one", make) == {"value": 1.5}
    assert resumed.resumed == ["one"]
    assert resumed.seconds == steps.seconds
    assert len(calls) == 1
    resumed.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("resume", [True, False])
def test_steps_of_another_study_are_not_read(tmp_path, resume):
    Steps(tmp_path, "a").run("one", lambda: 1)
    steps = Steps(tmp_path, "b", resume=resume)
    assert steps.run("one", lambda: 2) == 2
    assert steps.resumed == []


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"fingerprint": "a"}', "\x00\x00", '{"a": 1}']
)
def test_a_damaged_step_is_done_again(tmp_path, content):
    Steps(tmp_path, "a").run("one", lambda: 1)
    (tmp_path / FOLDER / "one.json").write_text(content, encoding="utf-8")
    steps = Steps(tmp_path, "a", resume=True)
    assert steps.run("one", lambda: 2) == 2


def test_a_step_that_fails_is_not_kept(tmp_path):
    def fail():
        raise ValueError("too few")

    steps = Steps(tmp_path, "a")
    with pytest.raises(ValueError, match="too few"):
        steps.run("one", fail)
    assert list(steps.folder.iterdir()) == []
    assert steps.seconds == {}


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(width=64)
    | st.text(st.characters(codec="utf-8")),
    lambda part: (
        st.lists(part, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), part, max_size=4)
    ),
    max_leaves=12,
)


@forall(PLAIN)
def test_any_plain_data_are_read_as_they_were_kept(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("steps")
    first = Steps(folder, "a").run("one", lambda: value)
    second = Steps(folder, "a", resume=True).run("one", lambda: "not this")
    assert first == second == plain_data(value)
    assert repr(first) == repr(second)  # 1 is not 1.0, -0.0 not 0.0


class Killed(BaseException):
    """Ends a study in the middle of a step, as a signal does."""


@pytest.mark.parametrize("damage", [b"", b'{"position": 3, "valu', b"\n\xff", b"[]\n"])
def test_lesions_that_were_measured_are_kept(
    small, tmp_path, monkeypatch, measured, damage
):
    def killed(name, done, total):
        if name == "measuring lesions" and done == 3:
            raise Killed

    quick_drawings(monkeypatch)
    config = StudyConfig(**SETTINGS, split="part")
    whole = run_study(small, config, tmp_path / "whole")
    rows = list(measured)
    measured.clear()
    out = tmp_path / "out"
    with pytest.raises(Killed):
        run_study(small, config, out, progress=killed)
    with open(out / FOLDER / "features.jsonl", "ab") as file:
        file.write(damage)
    measured.clear()
    result = run_study(small, config, out, resume=True)
    assert measured == (rows if b"\xff" in damage else rows[3:])
    assert result.results == whole.results
    pd.testing.assert_frame_equal(result.features, whole.features, check_exact=True)
    assert result.features.attrs == whole.features.attrs
    check_whole(out)
    measured.clear()
    with pytest.raises(Killed):
        run_study(small, config, out, progress=killed)
    run_study(small, config, out)  # not resumed
    assert measured == rows[:3] + rows


def test_lesions_of_another_study_are_not_taken(tmp_path):
    path = tmp_path / "features.jsonl"
    row = pd.DataFrame({"a": [1.5], "b": [np.nan]})
    KeptRows(path, "one").add(2, row)
    (kept,) = KeptRows(path, "one").rows.values()
    assert kept["values"] == [1.5, None]
    again = KeptRows(path, "one")
    assert again.holds(2, 2)
    assert not again.holds(2, 3)
    assert not again.holds(1, 2)
    pd.testing.assert_frame_equal(again.take(2, row.columns, row.index), row)
    assert KeptRows(path, "two").rows == {}
