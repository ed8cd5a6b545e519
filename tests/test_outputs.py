"""Nothing of the user's is overwritten or deleted, by any command or option."""

import argparse
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import cli
from sklearn_orn._io.outputs import refuse_inputs
from sklearn_orn.cli._paths import OutputFile, OutputFolder, input_path
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study.report._names import is_study_file
from tests._cli import run
from tests.images._make import write_png
from tests.study._checks import files_of
from tests.study._cohort import make_table, write_cohort
from tests.study._studies import QUICK, quick_drawings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links of POSIX")

# What each command needs beside the output that is tried. A new command has none, and
# its walk fails until it is here.
NEEDS = {
    "demo": [],
    "collect": ["."],
    "study": ["cohort.csv", "--outcome", "grade", "--patient", "patient"],
    "init": ["cohort.csv"],
    "report": [],
    "extract": ["cohort.csv"],
    "check": ["cohort.csv"],
    "montage": ["cohort.csv"],
    "predict": ["model.json", "cohort.csv"],
    "validate": ["model.json", "cohort.csv", "--outcome", "grade", "--patient", "p"],
    "calculator": ["model.json"],
    "audit": ["model.json"],
    "reproduce": ["model.json"],
}
USERS = ["cohort.csv", "L00.dcm", "L00.png", "model.json", "thesis.docx", "notes.json"]
ALIASES = ["itself", "./itself", "up/../itself", "absolute", "symlink", "hardlink"]


def commands():
    (action,) = [
        action
        for action in cli._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    return action.choices


def options(kind):
    return [
        (name, action.option_strings[-1] if action.option_strings else "")
        for name, command in commands().items()
        for action in command._actions
        if isinstance(action.type, kind)
    ]


def state(folder):
    return {path: path.read_bytes() for path in files_of(folder)}


@pytest.fixture
def users(tmp_path, monkeypatch):
    """A folder with a table, its images, and files of other kinds."""
    folder = tmp_path / "data"
    write_cohort(folder, make_table(2))
    for name in USERS[3:]:
        (folder / name).write_text('{"format": "mine"}')
    (folder / "up").mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_every_path_of_a_command_is_an_input_or_an_output():
    known = (OutputFile, OutputFolder)
    for name, command in commands().items():
        for action in command._actions:
            text = f"{action.metavar} {action.dest}".upper()
            is_path = any(word in text for word in ("FILE", "DIR", "FOLDER", "SALT"))
            is_path |= not action.option_strings
            if is_path or action.type is Path:
                assert action.type is input_path or isinstance(action.type, known), (
                    name,
                    action.dest,
                )


@pytest.mark.parametrize("alias", ALIASES)
@pytest.mark.parametrize(("command", "option"), options(OutputFile))
def test_no_file_of_the_user_is_replaced(command, option, alias, users, capsys):
    for number, name in enumerate(USERS):
        target = {
            "itself": name,
            "./itself": f"./{name}",
            "up/../itself": f"up/../{name}",
            "absolute": str(users / name),
            "symlink": f"up/s{number}",
            "hardlink": f"up/h{number}",
        }[alias]
        if alias == "symlink":
            os.symlink(users / name, target)
        if alias == "hardlink":
            os.link(name, target)
        before = state(users)
        assert run(command, *NEEDS[command], option, target) == 2, (name, target)
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("sklearn-orn: error: "), err
        assert name in err or target in err
        assert err.count("\n") == 1
        assert state(users) == before


@pytest.mark.parametrize(("command", "option"), options(OutputFile))
def test_a_folder_and_a_pipe_are_no_files(command, option, users, capsys):
    os.mkfifo("pipe")
    os.mkdir("here")
    for target in ("pipe", "here"):
        if (command, target) == ("validate", "here"):
            continue  # a folder gets validation.json
        before = state(users)
        assert run(command, *NEEDS[command], option, target) == 2
        assert target in capsys.readouterr().err
        assert state(users) == before


@pytest.mark.parametrize(("command", "option"), options(OutputFolder))
@pytest.mark.parametrize("kept", ["tables/mine.csv", "thesis.docx", "figures/roc.svg"])
def test_a_folder_of_the_user_is_refused(command, option, kept, tmp_path, users):
    folder = tmp_path / "mine"
    (folder / kept).parent.mkdir(parents=True, exist_ok=True)
    (folder / kept).write_text("mine")
    before = state(tmp_path)
    for target in (folder, users):
        arguments = [option, target] if option else [target]
        assert run(command, *NEEDS[command], *arguments) == 2
        assert state(tmp_path) == before


def test_outputs_of_ours_that_are_inputs(users, capsys):
    """They could be replaced, but for this."""
    assert run("montage", "cohort.csv", "--out", "seen.png") == 0
    assert run("check", "cohort.csv", "--protocol", "made.csv") == 0
    table = pd.read_csv("cohort.csv")
    table.loc[1, "image"] = "seen.png"
    table.to_csv("second.csv", index=False)
    os.symlink("seen.png", "link.png")
    os.link("seen.png", "hard.png")
    before = state(users)
    capsys.readouterr()
    for out in ("seen.png", "link.png", "hard.png", "SEEN.png", users / "seen.png"):
        assert run("montage", "second.csv", "--out", out) == 2
        assert "column 'image' of row 3" in capsys.readouterr().err
    assert run("check", "made.csv", "--protocol", "made.csv") == 2
    assert "what cohort reads" in capsys.readouterr().err
    same = ["--protocol", "made.csv", "--overlap", "./made.csv"]
    assert run("check", "cohort.csv", *same) == 2
    assert "--overlap and --protocol both write" in capsys.readouterr().err
    salted = ["--hash-ids", "salt", "--protocol", "salt"]
    assert run("check", "cohort.csv", *salted) == 2
    assert "what --hash-ids reads" in capsys.readouterr().err
    assert state(users) == before


def test_a_table_with_a_column_of_the_user_is_the_users(users, capsys):
    for _ in range(2):  # what extract wrote it may write again
        assert run("extract", "cohort.csv", "--out", "features.csv") == 0
        assert run("check", "cohort.csv", "--protocol", "protocol.csv") == 0
        assert run("montage", "cohort.csv", "--out", "montage.png") == 0
        assert run("montage", "cohort.csv", "--html", "montage.html") == 0
    table = pd.read_csv("features.csv", index_col="lesion")
    outcome = pd.Series([0, 1, 0], index=table.index, name="outcome")
    pd.concat([table, outcome], axis=1).to_csv("features.csv")
    before = state(users)
    assert run("extract", "cohort.csv", "--out", "features.csv") == 2
    assert "'features.csv' is there already" in capsys.readouterr().err
    assert state(users) == before


def test_a_montage_that_cannot_be_written_leaves_the_old_one(users, monkeypatch):
    assert run("montage", "cohort.csv", "--out", "montage.png") == 0
    before = state(users)

    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sklearn_orn._io.text_files.os.replace", fail)
    assert run("montage", "cohort.csv", "--out", "montage.png", "--columns", 2) == 2
    assert state(users) == before


def test_the_same_file_by_other_letters(tmp_path):
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "folder").mkdir()
    os.symlink(tmp_path / "folder", tmp_path / "link")
    for first, second in (
        ("a.csv", "A.CSV"),
        ("a.csv", "folder/../a.csv"),
        ("folder/new.csv", "link/new.csv"),
        ("d\u00e9j\u00e0.csv", "de\u0301ja\u0300.csv"),
    ):
        with pytest.raises(CohortError, match="would be overwritten"):
            refuse_inputs(
                [("--out", tmp_path / first)], [("cohort", tmp_path / second)]
            )
    refuse_inputs([("--out", tmp_path / "b.csv")], [("cohort", tmp_path / "a.csv")])
    refuse_inputs([("--out", tmp_path / "b.csv")], [("column", "nul\0byte")])


CONFIG = StudyConfig(**QUICK | {"split": None})


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a study of too few lesions for a model, with its table."""
    folder = tmp_path_factory.mktemp("finished")
    table = write_cohort(folder, make_table(4))
    with pytest.MonkeyPatch.context() as patch:
        quick_drawings(patch, figures=False)
        run_study(table, CONFIG, folder / "out")
    return folder


@pytest.fixture
def study(finished, tmp_path, monkeypatch):
    quick_drawings(monkeypatch, figures=False)
    shutil.copytree(finished, tmp_path / "study")
    return tmp_path / "study"


def listed(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))["outputs"]


def test_every_file_of_a_study_is_known_by_its_name(study):
    for name in listed(study / "out"):
        assert is_study_file(name)  # so that one of the user's is refused at once


def test_a_study_keeps_what_others_put_into_its_folder(study):
    mine = ["tables/mine.csv", "figures/roc-final.svg", "notes.docx", ".x.part"]
    for name in mine:
        (study / "out" / name).write_text("mine")
    run_study(study / "cohort.csv", CONFIG, study / "out")
    assert run("report", study / "out") == 0
    for name in mine:
        assert (study / "out" / name).read_text() == "mine"
        assert name not in listed(study / "out")


@pytest.mark.parametrize("name", ["tables/optimism.csv", "figures/roc.png"])
def test_a_file_of_a_study_that_it_did_not_write(study, name, capsys):
    assert name not in listed(study / "out")
    (study / "out" / name).write_text("mine")
    before = state(study)
    with pytest.raises(CohortError, match="its manifest does not list"):
        run_study(study / "cohort.csv", CONFIG, study / "out")
    assert run("report", study / "out") == 2
    assert name in capsys.readouterr().err
    assert state(study) == before


def test_a_list_that_was_changed_by_hand_leads_nowhere(study):
    victim = study / "victim.csv"
    victim.write_text("mine")
    path = study / "out" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["outputs"] += ["../victim.csv", str(victim), "tables/../../victim.csv", 5]
    path.write_text(json.dumps(manifest), "utf-8")
    run_study(study / "cohort.csv", CONFIG, study / "out")
    assert run("report", study / "out") == 0
    assert victim.read_text() == "mine"


def test_features_of_a_study_are_no_input_of_the_next_one_there(study, capsys):
    before = state(study)
    out = study / "out"
    arguments = ["--outcome", "grade", "--id", "lesion", "--out", out]
    assert run("study", "--features", out / "features.csv", *arguments) == 2
    assert "is what --features reads" in capsys.readouterr().err
    assert state(study) == before


def test_a_manifest_of_another_program(study):
    (study / "out" / "manifest.json").write_text('{"name": "web app"}')
    before = state(study)
    assert run("report", study / "out") == 2
    with pytest.raises(CohortError, match="holds files that are not of a study"):
        run_study(study / "cohort.csv", CONFIG, study / "out")
    assert state(study) == before


def test_a_manifest_of_version_1_is_one_of_a_study(study):
    path = study / "out" / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    assert content["format"] == "sklearn-orn-manifest"
    del content["schema_version"]
    old = {"format": "sklearn-orn manifest", "version": 1}
    path.write_text(json.dumps(content | old), encoding="utf-8")
    assert run("report", study / "out") == 0
    assert "report.html" in listed(study / "out")


def test_steps_of_others_are_kept(study):
    steps = study / "out" / ".steps"
    steps.mkdir()
    (steps / "mine.json").write_text("{}")
    run_study(study / "cohort.csv", CONFIG, study / "out")
    assert [path.name for path in steps.iterdir()] == ["mine.json"]


def test_results_alone_are_enough_for_a_report(study, tmp_path):
    (tmp_path / "sent").mkdir()
    shutil.copy(study / "out" / "results.json", tmp_path / "sent")
    for _ in range(2):
        assert run("report", tmp_path / "sent") == 0
    assert "report.html" in listed(tmp_path / "sent")


def test_a_segmentation_never_replaces_its_image(tmp_path):
    pytest.importorskip("highdicom")
    from sklearn_orn.deploy import write_segmentation
    from sklearn_orn.images import Lesion
    from tests.images._make import write_image

    image = write_image(tmp_path / "i.dcm", np.arange(400).reshape(20, 20))
    mask = write_png(tmp_path / "m.png", np.eye(20, dtype=bool))
    os.link(image, tmp_path / "hard.dcm")
    before = state(tmp_path)
    lesion = Lesion(image, {"A": mask})
    for target in ("i.dcm", "hard.dcm", "I.DCM", "m.png"):
        with pytest.raises(CohortError, match="would be overwritten"):
            write_segmentation(lesion, tmp_path / target)
    with pytest.raises(CohortError, match="would be overwritten"):
        write_segmentation(Lesion(str(tmp_path), {"A": mask}), tmp_path / "hard.dcm")
    assert state(tmp_path) == before
