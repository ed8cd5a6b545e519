"""The commands study, init and report: settings, robustness, exit codes."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError
from tests._cli import run
from tests.study._checks import check_whole, files_of, strict
from tests.study._cohort import make_table, write_cohort
from tests.study._studies import quick_drawings

SETTINGS = """
outcome: grade
positive: high
patient: patient
split: part
cv: 3
k: 3
n_resamples: 3
n_permutations: 2
sensitivity: false
pipeline: {nomogram__lambda_rule: 0.05}
"""
ERROR = "sklearn-orn: error: "


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    return write_cohort(folder, make_table(14), readers=("A",))


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    quick_drawings(monkeypatch, figures=False)


def one_line(capsys):
    """The error that was printed, and nothing else."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(ERROR)
    assert err.count("\n") == 1
    return err.removeprefix(ERROR)


def test_a_study_file_and_options_that_go_before_it(cohort, config, tmp_path, capsys):
    out = tmp_path / "out"
    code = run("study", cohort, "--config", config, "--out", out, "--cv", 2)
    assert code == 0
    printed, err = capsys.readouterr()
    assert err == ""
    assert f"Report: {out / 'report.html'}" in printed
    check_whole(out)
    settings = strict(out / "results.json")["config"]
    assert settings["cv"] == 2  # the option
    assert settings["n_resamples"] == 3  # the file


def test_a_wrong_study_file_is_one_line(cohort, config, tmp_path, capsys):
    for text, message in (
        ("outcom: grade", "unknown key 'outcom'. Did you mean 'outcome'?"),
        ("cv: five", "cv is 'five'"),
        ("outcome: [", "no YAML"),
    ):
        config.write_text(SETTINGS.replace("cv: 3\n", "") + text, encoding="utf-8")
        assert run("study", cohort, "--config", config, "--out", tmp_path / "out") == 2
        err = capsys.readouterr().err
        assert err.startswith(f"{ERROR}{config}: ")
        assert message in err
    assert not (tmp_path / "out").exists()


def test_the_outcome_must_be_named(cohort, tmp_path, capsys):
    assert run("study", cohort, "--out", tmp_path / "out") == 2
    assert "pass --outcome COLUMN" in one_line(capsys)


def test_a_study_needs_a_folder_and_one_table(cohort, config, tmp_path, capsys):
    assert run("study", cohort, "--config", config) == 2
    assert "pass --out DIR" in one_line(capsys)
    features = ["--features", cohort]
    assert run("study", cohort, *features, "--config", config, "--out", tmp_path) == 2
    assert "name one table" in one_line(capsys)
    assert run("study", "--config", config, "--out", tmp_path) == 2
    assert "name one table" in one_line(capsys)


@pytest.mark.parametrize(
    ("options", "line", "n_jobs"),
    [([], "", -1), ([], "n_jobs: 2\n", 2), (["--jobs", 1], "n_jobs: 2\n", 1)],
)
def test_a_study_takes_all_cores_unless_it_is_told(
    options, line, n_jobs, cohort, config, tmp_path, monkeypatch
):
    asked = []

    def run_study(table, settings, out, **others):
        asked.append(settings.n_jobs)
        raise CohortError("enough is known")

    monkeypatch.setattr("sklearn_orn.study.run_study", run_study)
    config.write_text(SETTINGS + line, encoding="utf-8")
    out = tmp_path / "out"
    assert run("study", cohort, "--config", config, "--out", out, *options) == 2
    assert asked == [n_jobs]


def test_a_dry_run_writes_nothing(cohort, config, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = files_of(tmp_path)
    arguments = ["study", cohort, "--config", config, "--out", "out", "--dry-run"]
    assert run(*arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "19 lesions of 14 patients" in out
    assert "Writes: report.html" in out
    table = pd.read_csv(cohort)
    table.loc[5, "mask_A"] = "nowhere.png"
    table.to_csv(cohort.parent / "bad.csv", index=False)
    arguments[1] = cohort.parent / "bad.csv"
    assert run(*arguments, "--cv", 9) == 1
    err = capsys.readouterr().err
    assert "'L05'" in err
    assert "nowhere.png" in err
    assert "No model: class" in err
    assert files_of(tmp_path) == before
    assert not (tmp_path / "out").exists()


def test_one_class_makes_a_report_and_exits_1(cohort, config, tmp_path, capsys):
    table = pd.read_csv(cohort).query("grade == 'high'")
    table.to_csv(cohort.parent / "high.csv", index=False)
    arguments = ["study", cohort.parent / "high.csv", "--config", config]
    assert run(*arguments, "--out", tmp_path / "out") == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert "No model. No model can be fitted" in out
    assert (tmp_path / "out" / "report.html").exists()


def test_features_of_another_program(given_file, config, tmp_path, capsys):
    arguments = ["study", "--features", given_file, "--config", config]
    assert run(*arguments, "--id", "lesion", "--out", tmp_path / "out") == 0
    assert strict(tmp_path / "out" / "results.json")["source"] == "features"
    capsys.readouterr()
    assert run(*arguments, "--id", "ID", "--out", tmp_path / "out") == 2
    assert "no column 'ID' (--id)" in one_line(capsys)


@pytest.fixture
def given_file(tmp_path):
    table = make_table()
    for i in range(5):
        high = table["grade"] == "high"
        table[f"f{i}"] = [(7 * n + 3 * i * n) % 11 for n in range(len(table))] + high
    path = tmp_path / "features.csv.gz"
    table.to_csv(path, index=False)
    return path


def test_a_dry_run_lists_every_feature_and_what_is_none(given_file, tmp_path, capsys):
    table = pd.read_csv(given_file)
    table["T1_glcm_Idm"], table["age"] = table["f0"] / 3, 61
    table.to_csv(given_file)  # with the row numbers of pandas
    path = tmp_path / "with.yaml"
    path.write_text(SETTINGS + "features: {exclude: [f4]}\n", encoding="utf-8")
    arguments = ["study", "--features", given_file, "--config", path, "--id", "lesion"]
    assert run(*arguments, "--exclude", "f3", "f4", "--dry-run") == 0
    out, err = capsys.readouterr()
    assert "Features: 4, given" in out
    assert "  without a prefix (3): f0, f1, f2\n  T1_glcm (1): Idm\n" in out
    reasons = "no name (''); excluded (f3, f4); called like an id, an outcome or a"
    assert f"No features: {reasons}" in out
    assert err.startswith(f"4 columns are taken for no features: {reasons}")
    assert run(*arguments, "--exclude", "g*", "--dry-run") == 2
    assert "features, exclude: 'g*' fits no column" in capsys.readouterr().err


def test_two_sequences_are_readers_only_where_it_is_said(given_file, config, capsys):
    table = pd.read_csv(given_file)
    names = {f"f{i}": f"T1__f{i}" for i in range(5)}
    second = table[list(names)].add_prefix("T2__") + 1
    table.rename(columns=names).join(second).to_csv(given_file, index=False)
    arguments = ["study", "--features", given_file, "--config", config]
    arguments += ["--id", "lesion", "--dry-run"]
    assert run(*arguments) == 2
    assert "like sequences and not like readers" in one_line(capsys)
    assert run(*arguments, "--readers", "T1", "T2") == 0
    assert "Readers: T1, T2" in capsys.readouterr().out


def test_init_writes_a_file_that_a_study_takes(cohort, tmp_path, capsys):
    path = tmp_path / "new.yaml"
    assert run("init", cohort, "--out", path) == 0
    assert f"--config {path}" in capsys.readouterr().out
    arguments = ["study", cohort, "--config", path, "--positive", "high", "--cv", "3"]
    assert run(*arguments, "--dry-run") == 0
    capsys.readouterr()
    assert run("init", cohort, "--out", path) == 2
    assert "is there already" in one_line(capsys)
    assert run("init", "nowhere.csv", "--out", tmp_path / "other.yaml") == 2
    assert "nowhere.csv" in one_line(capsys)


def test_init_says_what_a_table_lacks_and_what_can_be_done(tmp_path, capsys):
    table = tmp_path / "cohort.csv"
    table.write_text("patient,image,mask\nP1,a.dcm,a.png\n")
    assert run("init", table, "--out", tmp_path / "study.yaml") == 0
    out = capsys.readouterr().out
    assert "Missing in it: outcome:  # column of the outcome; with two values: " in out
    assert "none, so add it" in out
    assert f"\n  sklearn-orn extract {table} --out features.csv\n" in out
    table.write_text("image,mask,q\na.dcm,a.png,1\nb.dcm,b.png,0\n")
    assert run("init", table, "--out", tmp_path / "other.yaml") == 0
    out = capsys.readouterr().out
    assert "Missing in it: patient:  # column that says whose lesion it is\n" in out
    assert "extract" not in out


def test_report_makes_the_page_again(cohort, config, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("study", cohort, "--config", config, "--out", out) == 0
    before = (out / "report.html").read_bytes()
    (out / "report.html").unlink()
    capsys.readouterr()
    assert run("report", out) == 0
    assert capsys.readouterr().out.strip() == f"Report: {out / 'report.html'}"
    assert (out / "report.html").read_bytes() == before
    assert run("report", tmp_path) == 2
    assert "there are no results" in one_line(capsys)


@pytest.mark.parametrize("name", ["features.json", "results.json", "report.html"])
def test_a_full_disk_is_one_line(cohort, config, tmp_path, capsys, monkeypatch, name):
    replace, out = os.replace, tmp_path / "out"

    def full(source, target):
        if os.path.basename(target) == name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    arguments = ["study", cohort, "--config", config, "--out", out]
    with monkeypatch.context() as patch:
        patch.setattr("sklearn_orn._io.text_files.os.replace", full)
        assert run(*arguments) == 2
    message = one_line(capsys)
    assert os.strerror(errno.ENOSPC) in message
    assert name in message
    assert not [path for path in files_of(out) if path.name.endswith(".part")]
    assert run(*arguments, "--resume") == 0
    check_whole(out)


def test_a_folder_that_cannot_be_written_is_one_line(
    cohort, config, tmp_path, capsys, monkeypatch
):
    def refuse(*arguments, **options):
        raise PermissionError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("sklearn_orn.study._json_csv.tempfile.TemporaryFile", refuse)
    out = tmp_path / "out"
    assert run("study", cohort, "--config", config, "--out", out) == 2
    message = one_line(capsys)
    assert message.startswith(f"the folder '{out}' cannot be written to: ")
    assert "Name another one (--out)" in message


@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT")
def test_ctrl_c_is_one_line_and_resume_ends_the_study(
    cohort, config, tmp_path, capsys, monkeypatch
):
    monkeypatch.undo()
    quick_drawings(monkeypatch, figures=False, whole=True)  # the child leaves none out
    out = tmp_path / "out"
    arguments = ["study", cohort, "--config", config, "--out", out, "--resume"]
    command = [sys.executable, "-m", "sklearn_orn.cli", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        while not (out / ".steps" / "features.json").exists():
            assert child.poll() is None
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        err = child.communicate(timeout=60)[1]
    assert child.returncode == 130, err
    assert err.strip().startswith("sklearn-orn: interrupted")
    assert err.strip().count("\n") == 0
    left = files_of(out)
    assert left
    for path in left:
        json.loads(path.read_text(encoding="utf-8"))
    assert run(*arguments) == 0
    check_whole(out)
    first = (out / "results.json").read_bytes()
    assert run(*arguments[:-1]) == 0
    assert (out / "results.json").read_bytes() == first


def test_a_scheduler_belongs_to_dask(cohort, config, tmp_path, capsys):
    arguments = ["study", cohort, "--config", config, "--out", tmp_path / "out"]
    assert run(*arguments, "--scheduler", "tcp://127.0.0.1:1") == 2
    assert "--scheduler needs --backend dask" in one_line(capsys)
