import json
import os
import runpy
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sklearn_orn
from sklearn_orn.cli import _demo_command, _progress_bar
from sklearn_orn.cli._progress_bar import progress_bar
from sklearn_orn.study import StudyConfig
from tests._cli import run
from tests._data import SHARED, needs_shared
from tests.images._make import write_png
from tests.study._cohort import make_table, write_cohort
from tests.study._studies import quick_drawings, repeat_nothing

STS_EXAMPLE = Path(__file__).parents[1] / "examples" / "cohort_sts_mr_t1.py"
SMALL = ["--resamples", "3", "--permutations", "2"]
OPTIONS = ["--outcome", "grade", "--positive", "high", "--patient", "patient"]


@pytest.fixture(scope="session")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    return write_cohort(folder, make_table(24), readers=("A", "B"))


@pytest.fixture
def small(tmp_path):
    return write_cohort(tmp_path / "small", make_table(4))


@pytest.fixture
def quick(monkeypatch):
    """Studies that draw no figure; `test_demo` makes all of them."""
    quick_drawings(monkeypatch, figures=False)
    repeat_nothing(monkeypatch)


@pytest.fixture
def plain(tmp_path):
    """Options of a study that tries no other settings; `test_study` tries them."""
    path = tmp_path / "study.yaml"
    text = "sensitivity: false\npipeline: {nomogram__lambda_rule: 0.05}\n"
    path.write_text(text, encoding="utf-8")
    return [*SMALL, "--config", path]


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        run("--version")
    assert stop.value.code == 0
    assert capsys.readouterr().out.strip() == sklearn_orn.__version__


@pytest.mark.parametrize(
    "arguments",
    [[], ["init"], ["fly"], ["extract", "a.csv", "--out", "b.csv", "--jobs", "0"]],
)
def test_usage_errors_exit_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        run(*arguments)
    assert stop.value.code == 2
    assert "usage: sklearn-orn" in capsys.readouterr().err


def test_study(cohort, tmp_path, capsys, quick):
    options = [*OPTIONS, *SMALL, "--split", "part", "--out", tmp_path, "--cv", 3]
    assert run("study", cohort, *options) == 0
    out, err = capsys.readouterr()
    assert err == ""
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    for part in results["parts"]:
        assert f"{part['auc']['auc']:.3f}" in out
    assert "2 readers (A, B)" in out
    assert f"Report: {tmp_path / 'report.html'}" in out
    assert results["config"]["cv"] == 3


def test_study_of_one_reader_says_so(small, tmp_path, capsys, quick, plain):
    options = [*OPTIONS, *plain, "--out", tmp_path / "out"]
    code = run("study", small, *options, "--cv", 2, "--seed", 4)
    out, err = capsys.readouterr()
    assert code == 1
    assert "No model." in out
    assert "--cv N" in out

    bigger = write_cohort(tmp_path / "bigger", make_table(14))
    assert run("study", bigger, *options, "--cv", 3) == 0
    out, err = capsys.readouterr()
    assert "Single reader. Every lesion was drawn by one reader only" in out
    assert "No validation part." in out
    assert err == ""


def test_study_with_a_bad_lesion_exits_1(cohort, tmp_path, capsys, quick, plain):
    table = pd.read_csv(cohort)
    table.loc[5, "mask_A"] = "nowhere.png"
    table.to_csv(cohort.parent / "bad.csv", index=False)
    arguments = [*OPTIONS, *plain, "--split", "part", "--cv", 3]
    arguments += ["--out", tmp_path / "out"]
    assert run("study", cohort.parent / "bad.csv", *arguments) == 1
    out, err = capsys.readouterr()
    assert err.startswith("1 of 32 lesions left out:\n")
    assert "'L05'" in err
    assert "nowhere.png" in err
    assert "Lesions left out" in out
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"--outcome": None}, "pass --outcome COLUMN"),
        ({"--outcome": "nothing"}, "no column 'nothing'"),
        ({"--positive": None}, "pass --positive LABEL"),
        ({"--positive": "hihg"}, "'hihg' is not in column 'grade'"),
        ({"--patient": None}, "pass --patient COLUMN"),
        ({"--split": "lesion"}, "expected 'training' or 'validation'"),
        ({"--cv": "1"}, "cv is 1"),
        ({"--seed": "-1"}, "random_state is -1"),
    ],
)
def test_bad_input_is_one_line_and_exits_2(changes, message, cohort, tmp_path, capsys):
    options = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True)) | changes
    given = [text for pair in options.items() if pair[1] is not None for text in pair]
    out = tmp_path / "out"
    assert run("study", cohort, *given, "--out", out) == 2
    err = capsys.readouterr().err
    assert err.startswith("sklearn-orn: error: ")
    assert message in err
    assert err.count("\n") == 1
    assert not (out / "report.html").exists()


@pytest.mark.parametrize("command", ["study", "extract"])
def test_a_table_that_is_not_there(command, tmp_path, capsys):
    options = OPTIONS if command == "study" else []
    assert run(command, "nowhere.csv", *options, "--out", tmp_path / "out") == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_extract(small, tmp_path, capsys):
    target = tmp_path / "new" / "features.csv"
    assert run("extract", small, "--out", target) == 0
    out, err = capsys.readouterr()
    assert "6 lesions, 279 features" in out
    assert err == ""
    table = pd.read_csv(target)
    assert table.shape == (6, 281)
    assert table["lesion"].tolist() == [f"L{n:02d}" for n in range(6)]


def test_extract_writes_the_good_rows_and_lists_the_bad(small, tmp_path, capsys):
    write_png(small.parent / "L01.png", np.zeros((40, 40), np.uint8))
    (small.parent / "L03.dcm").write_text("not an image")
    write_png(small.parent / "L04.png", np.ones((40, 41), np.uint8))
    assert run("extract", small, "--out", tmp_path / "features.csv") == 1
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "3 of 6 lesions left out:"
    for line, lesion in zip(err[1:], ("L01", "L03", "L04"), strict=True):
        assert f"'{lesion}'" in line
    table = pd.read_csv(tmp_path / "features.csv")
    assert table["lesion"].tolist() == ["L00", "L02", "L05"]


def test_extract_to_a_folder_is_refused_before_the_work(small, tmp_path, capsys):
    assert run("extract", small, "--out", tmp_path) == 2
    assert "is a folder: name a file" in capsys.readouterr().err


def test_demo(tmp_path, monkeypatch, capsys):
    quick_drawings(monkeypatch)  # those of tests/study are rendered and written too
    repeat_nothing(monkeypatch)

    def tries_no_others(**settings):
        return StudyConfig(**settings, sensitivity=False)  # `test_study` tries them

    def tiny_cohort(directory, *, random_state, n_jobs):
        assert (random_state, n_jobs) == (_demo_command.DEMO_SEED, 1)
        table = make_table(labels=("ORN", "metastasis"), n_patients=54)
        table = table.assign(outcome=table["grade"], split=table["part"])
        write_cohort(directory, table, readers=("a", "b"), SyntheticData="YES")

    monkeypatch.setattr("sklearn_orn.datasets.make_cohort", tiny_cohort)
    monkeypatch.setattr(_demo_command, "DEMO_CLINICAL", ())
    monkeypatch.setattr(_demo_command, "DEMO_NOMOGRAM", "radiomics")
    monkeypatch.setattr(_demo_command, "DEMO_LOCATION", None)
    monkeypatch.setattr(_demo_command, "DEMO_RESAMPLES", 3)
    monkeypatch.setattr(_demo_command, "DEMO_PERMUTATIONS", 2)
    monkeypatch.setattr("sklearn_orn.study.StudyConfig", tries_no_others)
    monkeypatch.chdir(tmp_path)
    assert run("demo", "--jobs", 1) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Synthetic cohort")
    assert err == ""
    report = (tmp_path / "orn-demo" / "report.html").read_text(encoding="utf-8")
    assert "Synthetic data." in report
    assert "ORN against metastasis" in report


def test_an_interrupt_is_one_line(monkeypatch, cohort, tmp_path, capsys):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("sklearn_orn.study.run_study", interrupt)
    assert run("study", cohort, *OPTIONS, "--out", tmp_path) == 130
    assert capsys.readouterr().err.strip().startswith("sklearn-orn: interrupted")


def test_files_in_the_way_are_one_line(tmp_path, capsys):
    (tmp_path / "demo").write_text("a file")
    assert run("demo", "--out", tmp_path / "demo") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_no_bar_unless_someone_watches(capsys):
    with progress_bar() as progress:
        progress("working", 1, 2)
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("seconds", "shown"), [(0.0, True), (60.0, False)])
def test_the_bar_comes_only_to_long_work(seconds, shown, monkeypatch):
    import pty

    reader, writer = pty.openpty()
    monkeypatch.setattr(_progress_bar, "SECONDS_BEFORE_BAR", seconds)
    with os.fdopen(writer, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress_bar() as progress:
            progress("measuring lesions", 3, 7)
            time.sleep(0.5)
        terminal.write(".")
        terminal.flush()
        seen = os.read(reader, 10_000).decode()
    os.close(reader)
    assert ("measuring lesions" in seen) is shown


@pytest.fixture
def sts_table(tmp_path, monkeypatch):
    """The table that the example writes, or the same made here."""
    data, table = SHARED / "sts_mr_t1", tmp_path / "cohort.csv"
    if STS_EXAMPLE.exists():
        monkeypatch.setattr(sys, "argv", [str(STS_EXAMPLE), str(data), str(table)])
        runpy.run_path(str(STS_EXAMPLE), run_name="__main__")
        return table
    index = pd.read_csv(data / "index.csv").query("slice_role == 'largest'")
    paths = {
        "image": [str(data / path) for path in index["file"]],
        "mask": [str(data / path) for path in index["mask"]],
    }
    index[["patient", "lung_metastasis"]].assign(**paths).to_csv(table, index=False)
    return table


@needs_shared("sts_mr_t1")
def test_study_of_real_lesions(sts_table, tmp_path, capsys, quick, plain):
    options = ["--outcome", "lung_metastasis", "--patient", "patient", "--cv", 5]
    options += plain
    assert run("study", sts_table, *options, "--out", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "51 lesions of 51 patients, one reader" in out
    assert "Single reader." in out
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "lung_metastasis = 1" in report
    assert "no ICC filter was applied" in report
