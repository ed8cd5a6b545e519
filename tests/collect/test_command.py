"""The command: two tables, what was guessed, what is open; and no name of a header."""

import pandas as pd
import pytest

from sklearn_orn.collect import collect
from tests._cli import run
from tests._every_text import every_text
from tests.study._checks import files_of

from . import _folders as make

HEADER = {
    "PatientName": "Zzyxdoe^Xiomara",
    "PatientBirthDate": "19310717",
    "SeriesDescription": "T2 for Ypsilanti",
    "StudyDescription": "MRI of Zzyxdoe",
    "AccessionNumber": "JJ-0815",
    "OperatorsName": "Qvistberg",
}
PLANTED = ("zzyxdoe", "xiomara", "19310717", "ypsilanti", "jj-0815", "qvistberg")
PLANTED += ("xq-4711", "1.2.99887766")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    home = tmp_path / "export"
    for number in range(2):
        uid = f"1.2.99887766.{number}"
        more = HEADER | {"SeriesDescription": f"T2 for Ypsilanti {number}"}
        make.write_series(home / f"c{number}", f"XQ-4711-{number}", uid, **more)
        roi = ("Xiomara", "Zzyxdoe")[number]
        make.write_structures(home / f"rs{number}", uid, (roi,), observer="Qvistberg")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return home


def test_tables_are_read_by_check(folder, capsys):
    assert run("collect", folder) == 0
    out = capsys.readouterr().out
    assert "cohort.csv: 2 lesions of 2 patients" in out
    assert "Next: sklearn-orn check cohort.csv" in out
    assert "Then: sklearn-orn init cohort.csv" in out
    assert "no outcomes: --clinical FILE" in out
    assert pd.read_csv("cohort.csv")["image"].tolist() == [
        "../export/c0",
        "../export/c1",
    ]
    assert run("check", "cohort.csv") == 0


def test_no_name_of_a_header_comes_out(folder, capsys):
    (folder / "broken").write_bytes((folder / "rs0").read_bytes()[:-30])
    make.write_series(folder / "more", "XQ-4711-0", "1.2.99887766.7", **HEADER)
    make.write_labels(folder / "seg" / "c0.nii.gz", make.labels((5, 12, 1)))
    run("collect", folder)
    captured = capsys.readouterr()
    texts = [(captured.out + captured.err).encode()]
    texts += [path.read_bytes() for path in files_of(folder.parent / "work")]
    assert len(texts) > 1
    for text in map(every_text, texts):
        assert [word for word in PLANTED if word.encode() in text] == []


def test_own_ids_are_shown_where_they_are_asked_for(folder):
    run("collect", folder, "--ids", "own")
    assert pd.read_csv("cohort.csv")["patient"].tolist() == ["XQ-4711-0", "XQ-4711-1"]


def test_questions_end_in_code_1_and_can_be_answered(folder, capsys):
    make.write_structures(folder / "rs9", "1.2.99887766.0")
    assert run("collect", folder) == 1
    out = capsys.readouterr().out
    assert "Open, and therefore left over:" in out
    assert "-> --reader NAME=REGEX" in out
    assert "cohort.csv: 1 lesion of 1 patient" in out
    answer = ["--reader", "anna=rs[01]", "--reader", "ben=rs9"]
    assert run("collect", folder, *answer) == 0
    table = pd.read_csv("cohort.csv")
    assert list(table.columns[3:]) == ["mask_anna", "mask_ben"]


def test_a_table_without_a_lesion_leaves_none_behind(folder, capsys):
    assert run("collect", folder) == 0
    assert run("collect", folder, "--roi", "nothing", "--patient", "no") == 1
    assert "cohort.csv: not written" in capsys.readouterr().out
    assert [path.name for path in files_of(folder.parent / "work")] == [
        "cohort-left-out.csv"
    ]
    assert run("collect", folder) == 0


def test_a_table_that_was_edited_stays(folder, capsys):
    assert run("collect", folder) == 0
    with open("cohort.csv", "a") as file:
        file.write("mine,mine,a,b\n")
    assert run("collect", folder) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_list_of_the_user_stays(folder):
    with open("cohort-left-out.csv", "w") as file:
        file.write("mine\n")
    assert run("collect", folder) == 2


def test_nothing_to_collect_says_why(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make.write_series(tmp_path / "in" / "a", "A", "1.2.3.4")
    assert run("collect", tmp_path / "in") == 2
    assert "nothing is drawn on it" in capsys.readouterr().err
    assert not (tmp_path / "cohort.csv").exists()


@pytest.mark.parametrize("text", ["anna", "=x", "anna="])
def test_readers_need_a_name_and_a_pattern(text, capsys):
    with pytest.raises(SystemExit):
        run("collect", ".", "--reader", text)
    assert "NAME=REGEX" in capsys.readouterr().err


def test_the_result_in_python(folder):
    found = collect(folder)
    assert found.headline() == "2 lesions of 2 patients"
    assert list(found.left_out.columns) == ["file", "kind", "reason"]
