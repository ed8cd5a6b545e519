"""One bad thing never stops the others; exit codes; streams that are closed."""

import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import TextureExtractor, cli
from sklearn_orn._workers import run_each
from sklearn_orn.cli._common import EXIT_CODES
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import read_cohort
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study import _study as study_module
from sklearn_orn.study._manifest import file_hash
from tests import _deadly
from tests._cli import run
from tests._noted import note
from tests.study._checks import check_whole, strict
from tests.study._cohort import make_table, write_cohort
from tests.study._studies import SETTINGS, quick_drawings
from tests.test_outputs import NEEDS, commands

posix = pytest.mark.skipif(os.name != "posix", reason="files of POSIX")
STUDY = ["--outcome", "grade", "--positive", "high", "--patient", "patient"]
QUICK = ["--resamples", "2", "--permutations", "1", "--cv", "2"]


@pytest.fixture
def quick(monkeypatch):
    quick_drawings(monkeypatch, figures=False)


BAD = {
    "image": ["/dev/zero", "pipe", "/", "x" * 300 + ".dcm", "a/" * 3000, "L00.dcm/x"],
    "mask": ["/dev/zero", "pipe", "/", "x" * 300 + ".png#a", "nowhere.png", "socket"],
}


@pytest.fixture
def bad_cohort(tmp_path):
    """Twelve lesions that cannot be read, each for its own reason, and seven others."""
    import socket

    path = write_cohort(tmp_path / "bad", make_table(14))
    os.mkfifo(path.parent / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path.parent / "socket"))
    table = pd.read_csv(path)
    table.loc[:5, "image"] = BAD["image"]
    table.loc[6:11, "mask"] = BAD["mask"]
    table.to_csv(path, index=False)
    return path


@posix
@pytest.mark.parametrize("command", ["extract", "check", "montage", "study"])
def test_files_that_are_none_leave_out_their_lesion(
    command, bad_cohort, tmp_path, capsys, quick
):
    out = tmp_path / "out"
    arguments = {
        "extract": ["--out", out / "f.csv", "--section", "largest"],
        "check": ["--protocol", out / "p.csv", "--overlap", out / "o.csv"],
        "montage": ["--out", out / "m.png"],
        "study": [*STUDY, *QUICK, "--out", out],
    }[command]
    assert run(command, bad_cohort, *arguments) == 1
    printed, err = capsys.readouterr()
    if command != "montage":  # which shows the reasons in its panels
        for number in range(12):
            assert f"'L{number:02d}'" in printed + err
        assert "is a device, a pipe or a socket; expected a file" in printed + err
        assert os.strerror(36) in printed + err  # the name is too long
    if command in ("extract", "study"):
        name = "f.csv" if command == "extract" else "features.csv"
        assert len(pd.read_csv(out / name)) == 7


@posix
def test_what_is_no_file_has_no_hash(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero", "x" * 300, "nul\0byte"):
        assert file_hash(path) is None
    (tmp_path / "series").mkdir()
    os.mkfifo(tmp_path / "series" / "pipe")
    (tmp_path / "series" / "1").write_text("of the series")
    (tmp_path / "series" / "deep").mkdir()
    os.mkfifo(tmp_path / "series" / "deep" / "pipe")
    (tmp_path / "series" / "deep" / "1").write_text("not of the series")
    empty = file_hash(tmp_path / "series")
    (tmp_path / "series" / "deep" / "1").write_text("other")
    assert file_hash(tmp_path / "series") == empty
    (tmp_path / "series" / "1").unlink()
    assert file_hash(tmp_path / "series") not in (None, empty)


@posix
def test_a_folder_that_may_not_be_entered(tmp_path, monkeypatch, capsys):
    path = write_cohort(tmp_path, make_table(2))
    table = pd.read_csv(path)
    table.loc[0, "image"] = "secret/L00.dcm"
    table.loc[1, "image"] = "secret"
    table.to_csv(path, index=False)
    stat, scandir = os.stat, os.scandir

    def refuse_in(function):
        def call(name=".", *arguments, **options):
            if "secret/" in os.fspath(name) or (
                function is scandir and os.fspath(name).endswith("secret")
            ):
                raise PermissionError(13, os.strerror(13), os.fspath(name))
            return function(name, *arguments, **options)

        return call

    (tmp_path / "secret").mkdir()
    monkeypatch.setattr(os, "stat", refuse_in(stat))
    monkeypatch.setattr(os, "scandir", refuse_in(scandir))
    assert run("extract", path, "--out", tmp_path / "f.csv") == 1
    err = capsys.readouterr().err
    assert err.startswith("2 of 3 lesions left out:")
    assert err.count(os.strerror(13)) == 2


@posix
def test_names_that_are_no_utf_8(tmp_path, capsys, quick):
    folder = tmp_path / os.fsdecode(b"na\xefve")
    try:
        path = write_cohort(folder, make_table(6))
    except OSError:
        pytest.skip("the disk has UTF-8 names only")
    (folder / "L03.dcm").unlink()
    assert run("study", path, *STUDY, *QUICK, "--out", folder / "out") == 1
    check_whole(folder / "out")
    (left_out,) = strict(folder / "out" / "results.json")["left_out"]
    assert "na\N{REPLACEMENT CHARACTER}ve/L03.dcm" in left_out["reason"]
    assert run("report", folder / "out") == 0
    assert run("init", path, "--out", folder / "study.yaml") == 0
    assert run("extract", path, "--out", folder / "f.csv") == 1
    capsys.readouterr()


def test_a_lesion_that_kills_its_worker_is_left_out():
    lesions = _deadly.lesions(6, deadly={1})
    extractor = TextureExtractor(n_jobs=2).fit(lesions)
    rows = list(extractor.transform_each(lesions))
    dead = [i for i, row in enumerate(rows) if isinstance(row, LesionError)]
    assert dead == [1]
    assert "lesion 'L1' (row 1): the process that measured it was kill" in str(rows[1])
    alone = TextureExtractor().fit(lesions)
    for i in {*range(6)} - {1}:
        assert rows[i].index == [i]
        np.testing.assert_array_equal(rows[i], alone.transform(lesions[i : i + 1]))
    with pytest.raises(LesionError, match="was killed"):
        extractor.transform(lesions[:2])


def test_results_before_a_kill_are_not_done_again(tmp_path):
    calls = [(str(tmp_path), i) for i in range(12)]
    found = []
    for result in run_each(note, calls, 2, lambda position: f"killed {position}"):
        found.append(result)
        (tmp_path / "first is taken").touch()
    assert found == [f"killed {i}" if i == 7 else i for i in range(12)]
    done = [(tmp_path / f"{i}").read_text().count("x") for i in range(12)]
    assert done[0] == 1
    assert max(done) <= 3


def change_on(name, change):
    def progress(step, done, total):
        if step == "measuring lesions" and done == 2:
            change()

    return progress


@pytest.mark.parametrize("how", ["grown", "gone", "replaced"])
def test_an_image_that_changes_while_it_is_measured(tmp_path, quick, how):
    path = write_cohort(tmp_path / "c", make_table(6))
    image = tmp_path / "c" / "L01.dcm"

    def change():
        if how == "grown":
            with open(image, "ab") as file:
                file.write(b"\0")
        elif how == "gone":
            image.unlink()
        else:
            os.replace(tmp_path / "c" / "L05.dcm", image)
            (tmp_path / "c" / "L05.dcm").write_bytes(image.read_bytes())

    config = StudyConfig(**SETTINGS)
    result = run_study(
        read_cohort(path), config, tmp_path / "out", progress=change_on(image, change)
    )
    changed = {"L01", "L05"} if how == "replaced" else {"L01"}
    reasons = {lesion.lesion: lesion.reason for lesion in result.left_out}
    assert set(reasons) == changed
    assert "changed while the study ran" in reasons["L01"]
    assert len(result.features) == 8 - len(changed)
    again = run_study(read_cohort(path), config, tmp_path / "out", resume=True)
    assert len(again.left_out) == (how == "gone")


def test_all_images_change(tmp_path, quick):
    path = write_cohort(tmp_path / "c", make_table(4))

    def change():
        for image in path.parent.glob("*.dcm"):
            os.utime(image, (1, 1))

    with pytest.raises(CohortError, match="no lesion is left"):
        run_study(
            path,
            StudyConfig(**SETTINGS),
            tmp_path / "out",
            progress=change_on(path, change),
        )


# Exit codes ------------------------------------------------------------------------

ERRORS = {
    2: [CohortError("bad"), LesionError("bad"), OSError(28, "bad")],
    3: [
        RuntimeError("bad\nnews"),
        KeyError("x"),
        MemoryError(),
        BrokenProcessPool("killed"),
        RecursionError(),
    ],
    130: [KeyboardInterrupt()],
}


@pytest.mark.parametrize("command", sorted(NEEDS))
@pytest.mark.parametrize("code", ERRORS)
def test_exit_codes(command, code, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    action = commands()[command]._actions[-1]
    needs = [*NEEDS[command], "new.out"] if command == "report" else NEEDS[command]
    required = ["--out", "new.out"] if "--out" in _options(command) else []
    assert action is not None
    for error in ERRORS[code]:

        def fail(arguments, error=error):
            raise error

        monkeypatch.setattr(cli.CommandPaths, "of", lambda *a, e=error: fail(a, e))
        assert run(command, *needs, *required) == code
        out, err = capsys.readouterr()
        assert out == ""
        assert err.strip("\n").count("\n") == 0, err
        assert err.startswith(
            {2: "sklearn-orn: error: ", 3: "sklearn-orn: crashed: "}.get(code, "\n")
        )


def _options(command):
    return [o for action in commands()[command]._actions for o in action.option_strings]


def test_a_crash_shows_where_on_demand(monkeypatch, capsys):
    def fail(*arguments):
        raise RuntimeError("what nobody thought of")

    monkeypatch.setattr(cli.CommandPaths, "of", fail)
    assert run("--traceback", "check", "cohort.csv") == 3
    err = capsys.readouterr().err
    assert "in fail" in err
    assert run("check", "cohort.csv") == 3
    assert capsys.readouterr().err == (
        "sklearn-orn: crashed: RuntimeError: what nobody thought of This is a fault of "
        "the program; `sklearn-orn --traceback COMMAND ...` shows where. Please report "
        "it.\n"
    )


def test_a_killed_worker_of_a_later_step_keeps_the_steps(
    tmp_path, monkeypatch, capsys, quick
):
    path = write_cohort(tmp_path / "c", make_table(6))
    original = study_module.run_steps

    def killed(study):
        raise BrokenProcessPool("A worker process was terminated")

    monkeypatch.setattr(study_module, "run_steps", killed)
    out = tmp_path / "out"
    assert run("study", path, *STUDY, *QUICK, "--out", out) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "a worker was killed" in err
    assert "--resume" in err
    assert (out / ".steps" / "features.json").exists()
    monkeypatch.setattr(study_module, "run_steps", original)
    monkeypatch.setattr(study_module, "extract_rows", None)  # nothing is measured again
    assert run("study", path, *STUDY, *QUICK, "--out", out, "--resume") == 1
    check_whole(out)


@pytest.mark.parametrize("command", ["", *sorted(NEEDS)])
def test_the_help_tells_the_exit_codes(command, capsys):
    with pytest.raises(SystemExit) as stop:
        run(*command.split(), "--help")
    assert stop.value.code == 0
    assert " ".join(EXIT_CODES.split()) in " ".join(capsys.readouterr().out.split())


@posix
@pytest.mark.parametrize(
    ("redirection", "code"),
    [
        pytest.param("2>&-", 1, marks=pytest.mark.long),
        pytest.param(">&-", 1, marks=pytest.mark.long),
        ("<&- >&- 2>&-", 1),
        (">/dev/full 2>/dev/full", 1),
        pytest.param("| true", None, marks=pytest.mark.long),
        ("2>&1 | true", None),
    ],
)
def test_closed_streams_change_no_file_and_no_code(tmp_path, redirection, code):
    path = write_cohort(tmp_path, make_table(2))
    (tmp_path / "L01.dcm").unlink()
    program = f"'{sys.executable}' -m sklearn_orn.cli check cohort.csv"
    shell = (
        f"( {program} --protocol made.csv; echo $? >code ) {redirection}"
        if code is None
        else f"{program} --protocol made.csv {redirection}; echo $? >code"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(shell, shell=True, cwd=path.parent, check=True, env=environment)  # noqa: S602
    assert (tmp_path / "code").read_text().strip() == "1"
    assert pd.read_csv(tmp_path / "made.csv").shape[0] == 3
    text = (tmp_path / "made.csv").read_text()
    assert text.startswith("lesion,patient,modality")
    assert "error" not in text


@pytest.mark.parametrize(
    "options",
    [
        ["--seed", "4294967296"],
        ["--seed", "9" * 30],
        ["--seed", "-1"],
        ["--resamples", "1000000000000"],
        ["--resamples", "0"],
        ["--permutations", "0"],
        ["--cv", "1"],
        ["--cv", "-" + "9" * 30],
    ],
)
def test_numbers_out_of_range(options, tmp_path, capsys):
    path = write_cohort(tmp_path, make_table(2))
    assert run("study", path, *STUDY, *options, "--out", tmp_path / "out") == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("jobs", ["0", "x", "9" * 5000, "100000", "1.5", ""])
def test_workers_out_of_range(jobs, capsys):
    for command in ("extract", "study", "predict", "demo"):
        with pytest.raises(SystemExit) as stop:
            run(command, *NEEDS[command], "--out", "new", "--jobs", jobs)
        assert stop.value.code == 2
        assert "--jobs" in capsys.readouterr().err


def test_the_largest_seed_works(tmp_path, quick):
    table = make_table(8, split=False).assign(a=np.arange(11.0), b=np.arange(11.0) % 3)
    path = tmp_path / "f.csv"
    table.to_csv(path, index=False)
    seed = str(2**32 - 1)
    options = ["--id", "lesion", "--out", tmp_path / "out", "--seed", seed]
    assert run("study", "--features", path, *STUDY, *QUICK, *options) in (0, 1)
