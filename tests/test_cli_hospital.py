"""Commands on what a hospital has: its tables and folders, without editing a file."""

import shutil

import pandas as pd
import pytest

from sklearn_orn.model import PublishedSignature
from sklearn_orn.texture import read_features
from tests._cli import run
from tests._workbooks import write_xlsx
from tests.study._cohort import make_table, write_cohort


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A cohort of two readers whose table is a German workbook."""
    folder = tmp_path_factory.mktemp("hospital")
    table = make_table(20)
    table["age"] = [f"{30 + i % 40},5" for i in range(len(table))]
    path = write_cohort(folder, table, readers=("A", "B"))
    cohort = pd.read_csv(path, dtype=str, keep_default_na=False)
    path.unlink()
    names = {"image": "Image", "mask_A": "Mask A", "mask_B": "mask-b"}
    cohort = cohort.rename(columns=names | {"patient": "Patienten-Nr"})
    for name in names.values():
        cohort[name] = ".\\" + cohort[name]
    rows = [list(cohort.columns), *cohort.to_numpy().tolist()]
    write_xlsx(folder / "cohort.xlsx", {"Läsionen": rows, "Legende": []})
    return folder


@pytest.fixture
def features(folder):
    out = folder / "features.csv"
    carry = ["--carry", "grade", "age", "Patienten-Nr", "part"]
    assert run("extract", folder / "cohort.xlsx", "--out", out, *carry) == 0
    return out


def test_a_folder_with_one_table_is_initialised_and_run(folder, tmp_path, capsys):
    shutil.copytree(folder, tmp_path / "c", ignore=lambda *_: ["features.csv"])
    settings = tmp_path / "study.yaml"
    assert run("init", tmp_path / "c", "--out", settings) == 0
    out = capsys.readouterr().out
    command = next(line for line in out.splitlines() if "sklearn-orn study" in line)
    assert 'To confirm in it: positive: "' in out
    words = command.split()[1:-2]
    assert run(*words, "--cv", "3", "--dry-run") == 0
    plan, err = capsys.readouterr()
    assert "Readers: A, b" in plan
    assert err == ""


def test_what_extract_carried_is_no_feature(folder, features, tmp_path, capsys):
    table = read_features(features)
    first = ["lesion", "grade", "age", "Patienten-Nr", "part"]
    assert table.columns[:5].tolist() == first
    assert table["age"].iloc[0] == 30.5
    settings = tmp_path / "study.yaml"
    assert run("init", features, "--out", settings) == 0
    assert "its 558 features are A__Mean" in capsys.readouterr().out
    arguments = ["study", "--features", features, "--config", settings, "--cv", "3"]
    assert run(*arguments, "--dry-run") == 0
    out, _ = capsys.readouterr()
    assert "Features: 558, given" in out
    table.insert(5, "other", 1)
    table.to_csv(features, index=False)  # the user's now
    assert run("extract", folder / "cohort.xlsx", "--out", features) == 2
    features.unlink()


def test_its_own_table_is_written_again(folder, features):
    again = ["extract", folder / "cohort.xlsx", "--out", features]
    assert run(*again) == 0
    assert "grade" not in read_features(features).columns


def test_a_signature_is_validated_on_what_extract_wrote(folder, features, tmp_path):
    signature = PublishedSignature(
        {"Perc.50%": 0.0005, "age": 0.01}, 0.5, class_names=("low", "high")
    )
    signature.to_json(tmp_path / "signature.json")
    options = ["--outcome", "grade", "--patient", "Patienten-Nr", "--reader", "mean"]
    out = tmp_path / "out.json"
    arguments = [tmp_path / "signature.json", features, *options, "--out", out]
    assert run("validate", *arguments) == 0
    assert out.is_file()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("Grade", "no column 'Grade'. Did you mean 'grade'?"),
        ("mask_A", "column 'mask_A' holds paths"),
    ],
)
def test_what_cannot_be_carried(folder, tmp_path, capsys, column, message):
    out = tmp_path / "f.csv"
    arguments = [folder / "cohort.xlsx", "--out", out, "--carry", column]
    assert run("extract", *arguments) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_column_called_like_a_feature_is_not_carried(tmp_path, capsys):
    (tmp_path / "c.csv").write_text("image,mask,Mean\na.dcm,a.png,1\n")
    arguments = [tmp_path / "c.csv", "--out", tmp_path / "f.csv", "--carry", "Mean"]
    assert run("extract", *arguments) == 2
    assert "called like a feature" in capsys.readouterr().err


def test_folders_that_are_no_cohort(tmp_path, capsys):
    assert run("init", tmp_path, "--out", tmp_path / "s.yaml") == 2
    assert "holds no table (.csv, .tsv, .xlsx, .ods)" in capsys.readouterr().err
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("x,y\n1,2\n")
    assert run("init", tmp_path, "--out", tmp_path / "s.yaml") == 2
    assert "holds 2 tables: 'a.csv', 'b.csv'" in capsys.readouterr().err
    (tmp_path / "b.csv").write_text("name,note\nx,y\n")
    assert run("init", tmp_path / "b.csv", "--out", tmp_path / "s.yaml") == 2
    err = capsys.readouterr().err
    assert "no column 'mask'" in err and "no column is a feature" in err


def test_a_long_message_is_cut(tmp_path, capsys):
    header = ",".join(f"a column with a rather long name {i}" for i in range(40))
    (tmp_path / "c.csv").write_text(f"{header}\n{',' * 39}\n{'1,' * 39}1\n")
    assert run("check", tmp_path / "c.csv") == 2
    err = capsys.readouterr().err
    assert "letters]" in err and len(err) < 600


def test_a_table_behind_a_sheet_is_not_overwritten(tmp_path, capsys):
    table = write_xlsx(tmp_path / "c.xlsx", {"A": [["image", "mask"], ["a", "b"]]})
    assert run("extract", f"{table}#A", "--out", table) == 2
    assert "is what cohort reads, and would be overwritten" in capsys.readouterr().err
