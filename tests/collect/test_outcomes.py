"""The table of outcomes is joined by ids of headers or names of folders."""

import pandas as pd
import pytest

from sklearn_orn.collect import collect
from sklearn_orn.collect._sheet_words import no_values
from sklearn_orn.exceptions import CohortError

from . import _folders as make


@pytest.fixture
def folder(tmp_path):
    for number, patient in enumerate(("0071", "0072", "0073")):
        uid = f"1.2.3.{number}"
        make.write_series(tmp_path / "data" / f"case{number}", patient, uid)
        make.write_structures(tmp_path / "data" / f"RS{number}", uid)
    return tmp_path


def write(folder, **columns):
    path = folder / "outcomes.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def test_by_the_id_of_the_header(folder):
    path = write(folder, ID=["0073", "0071", "0099"], grade=["high", "low", "low"])
    found = collect(folder / "data", clinical=path, id="id")
    assert found.table["grade"].tolist()[::2] == ["low", "high"]
    assert pd.isna(found.table["grade"][1])
    assert "ID" not in found.table
    said = " ".join(found.guesses)
    assert "2 of 3 patients" in said
    assert "row 4 of" in said  # as the spreadsheet counts
    assert "without outcomes: P002" in said


def test_by_the_name_of_a_folder_and_the_column_found(folder):
    path = write(folder, age=[50, 60, 70], who=["case2", "case1", "case0"])
    found = collect(folder / "data", clinical=path)
    assert found.table["age"].tolist() == [70, 60, 50]
    assert any("'who'" in guess for guess in found.guesses)


def test_lost_zeros_are_asked_for(folder):
    path = write(folder, ID=[71, 72, 73], grade=[0, 1, 0])
    for column in ("ID", None):
        found = collect(folder / "data", clinical=path, id=column)
        assert "grade" not in found.table
        (question,) = found.questions
        assert question.flag == "--ignore-zeros"
        assert "row 2, 3, 4" in question.text
        found = collect(folder / "data", clinical=path, id=column, ignore_zeros=True)
        assert found.table["grade"].tolist() == [0, 1, 0]
        assert not found.questions


def test_no_column_of_ids_is_asked_for(folder):
    path = write(folder, age=[50, 60, 70])
    (question,) = collect(folder / "data", clinical=path).questions
    assert question.flag == "--id COLUMN"
    with pytest.raises(CohortError, match="no column 'ID'.*'age'"):
        collect(folder / "data", clinical=path, id="ID")


def test_rows_of_one_patient_that_differ(folder):
    path = write(
        folder,
        ID=["0071", "0071", "0072"],
        grade=["low", "low", "high"],
        slice=[1, 2, 3],
        mask=["a", "b", "c"],
    )
    found = collect(folder / "data", clinical=path, id="ID")
    assert found.table["grade"].tolist()[:2] == ["low", "high"]
    assert "slice" not in found.table
    said = " ".join(found.guesses)
    assert "columns slice differ" in said
    assert "columns mask of the table" in said


@pytest.fixture
def vertebrae(tmp_path):
    """Three patients: C3 and C4, C3 and C5, C4 alone, as 3D Slicer draws them."""
    boxes = [(2, 8, 1), (11, 18, 2)]
    for patient, names in (("7", ["C3", "C4"]), ("8", ["C3", "C5"]), ("9", ["C4"])):
        folder = tmp_path / "data" / patient
        make.write_series(folder, patient, f"1.2.3.{patient}")
        voxels = make.labels(*boxes[: len(names)])
        make.write_slicer(folder / "drawn.seg.nrrd", voxels, names)
    return tmp_path


def test_each_lesion_has_its_row_where_a_column_names_its_roi(vertebrae):
    path = write(
        vertebrae,
        ID=[7, 7, 8, 8, 8, 9],
        age=[50, 50, 60, 60, 60, 70],
        level=["C 4", "c3", "C3", "C5", "C7", "C4"],
        grade=["low", "high", "high", "low", "low", "high"],
    )
    found = collect(vertebrae / "data", clinical=path, id="ID")
    rows = found.table[["lesion", "age", "level", "grade"]].to_numpy().tolist()
    assert rows == [
        ["P001-C3", 50, "c3", "high"],
        ["P001-C4", 50, "C 4", "low"],
        ["P002-C3", 60, "C3", "high"],
        ["P002-2", 60, "C5", "low"],
        ["P003", 70, "C4", "high"],
    ]
    said = " ".join(found.guesses)
    assert "lesions: 5 of 5 found by column 'level'" in said
    assert "which holds level, grade by lesion" in said
    assert "not drawn: row 6 of" in said  # C7 of the second patient


@pytest.mark.parametrize(
    ("spare", "last"),
    [("C6", "low"), ("C4", "")],  # C4 is a name of the column: the last is another one
)
def test_a_lesion_without_a_row_has_what_is_of_the_patient(vertebrae, spare, last):
    path = write(
        vertebrae,
        ID=[7, 7, 8, 8, 9],
        age=[50, 50, 60, 60, 70],
        level=["C3", "C6", "C5", spare, "C2"],
        grade=["low", "high", "high", "high", "low"],
    )
    found = collect(vertebrae / "data", clinical=path, id="ID")
    assert found.table["age"].tolist() == [50, 50, 60, 60, 70]
    assert found.table["grade"].fillna("").tolist() == ["low", "", "", "high", last]
    said = " ".join(found.guesses)
    assert f"lesions: {3 if last else 2} of 5 found" in said
    assert "columns are empty: 1 of P001, 1 of P002" in said


def test_rows_that_no_roi_is_called_after_are_not_of_lesions(vertebrae):
    path = write(vertebrae, ID=[7, 7, 8], level=["1", "2", "1"], grade=[0, 1, 0])
    found = collect(vertebrae / "data", clinical=path, id="ID")
    assert {"level", "grade"}.isdisjoint(found.table)
    assert "or one a lesion with the name of its ROI" in " ".join(found.guesses)


WHO = [
    *("Name", "Patient Name", "Nachname, Vorname", "Surname", "Initialen", "Nr."),
    *("Geb.-Datum", "Geburtsdatum", "Date of Birth", "DOB", "Adresse", "PLZ", "Straße"),
    *("Fall-Nr.", "MRN", "Patient", "Accession Number", "E-Mail", "Name (Patient)"),
]
WHAT = [
    "T stage",
    "Tumor name",
    "N",
    "Number of teeth",
    "side",
    "no pain",
    "study date",
]


def test_columns_that_say_who_a_patient_is_are_left_out(folder):
    who = ["Doe, Jane", "Roe, Max", "Poe, Ann"]
    columns = dict.fromkeys(WHO, who) | dict.fromkeys(WHAT, [3, 1, 4])
    path = write(folder, ID=["0071", "0072", "0073"], **columns)
    found = collect(folder / "data", clinical=path, id="ID")
    assert set(WHO).isdisjoint(found.table)
    assert not found.table.isin(who).any(axis=None)
    assert found.table[WHAT].to_numpy().tolist() == [[x] * len(WHAT) for x in (3, 1, 4)]
    said = " ".join(found.guesses)
    assert "columns Name, Patient Name, Nachname, Vorname, Surname" in said
    assert "they may say who a patient is" in said


def test_answers_that_say_nothing_are_no_value(folder):
    path = write(
        folder,
        ID=["0071", "0072", "0073"],
        age=["k.A.", "61", "58,5"],
        stage=["T2", "?", "T1"],
        sex=["Unbekannt ", "m", "w"],
        dose=["66", "-", "70"],
        receptor=["+", "-", "+"],
        relapse=["ja", "-", "ja"],
    )
    found = collect(folder / "data", clinical=path, id="ID")
    table = found.table
    assert table["age"].isna().tolist() == [True, False, False]
    assert table["age"].tolist()[1:] == [61, 58.5]
    assert table["dose"].isna().tolist() == [False, True, False]
    assert table["dose"].tolist()[::2] == [66, 70]
    assert table["stage"].isna().tolist() == [False, True, False]
    assert table["sex"].isna().tolist() == [True, False, False]
    assert table["receptor"].tolist() == ["+", "-", "+"]
    assert table["relapse"].tolist() == ["ja", "-", "ja"]
    (said,) = [guess for guess in found.guesses if guess.startswith("no value")]
    assert "'k.A.' (1)" in said and "'?' (1)" in said and "'-' (1)" in said
    assert "in columns age, stage, sex, dose of" in said


def test_a_dash_beside_numbers_and_signs_is_an_answer():
    assert no_values(["3", "+", "-"]) == set()
    assert no_values(["3", "4,5", "-", "\u2013"]) == {"-", "\u2013"}
    assert no_values(["-"]) == set()


def test_texts_are_taken_without_blanks_and_nothing_else_is(folder):
    path = write(folder, ID=["0071", "0072", None], sex=["w ", " m", "w"])
    found = collect(folder / "data", clinical=path, id="ID")
    assert found.table["sex"].fillna("").tolist() == ["w", "m", ""]
    assert list(found.table)[-1] == "sex" and "index" not in found.table
    assert "outcomes without images" not in " ".join(found.guesses)  # the empty id


@pytest.mark.parametrize(
    ("ids", "taken"), [(["0071", "0072"], True), (["0071"], False)]
)
def test_a_column_of_ids_holds_those_of_half_the_patients(folder, ids, taken):
    path = write(folder, who=[*ids, "a"], grade=[0] * len(ids) + [1])
    found = collect(folder / "data", clinical=path)
    assert ("grade" in found.table) == taken
    assert any("column 'who'" in guess for guess in found.guesses) == taken
    assert bool(found.questions) != taken


def test_one_of_two_patients_is_half_of_them(folder):
    for path in (folder / "data").glob("*2"):
        path.rename(folder / path.name)
    path = write(folder, who=["0071", "a"], grade=[0, 1])
    found = collect(folder / "data", clinical=path)
    said = [guess for guess in found.guesses if guess.startswith("ids: column 'who'")]
    assert found.table["grade"].fillna(-1).tolist() == [0, -1] and len(said) == 1


def test_where_no_id_is_found_no_patient_is_named(folder):
    path = write(folder, ID=["a", "b"], grade=[0, 1])
    found = collect(folder / "data", clinical=path, id="ID")
    assert "patients without outcomes" not in " ".join(found.guesses)


def test_a_value_and_none_differ(folder):
    path = write(folder, ID=["0071", "0071", "0072"], grade=["low", None, "high"])
    found = collect(folder / "data", clinical=path, id="ID")
    assert "grade" not in found.table


@pytest.mark.parametrize(
    ("ids", "level", "named"),
    [
        ([7, 7], ["C4", "C3"], True),  # two lesions are enough
        ([7, 7, 8, 8], ["C4", "C3", "a", "b"], True),  # half of four
        ([7, 7, 8, 8], ["C4", "c", "a", "b"], False),
    ],
)
def test_names_of_half_of_the_lesions_make_the_column(vertebrae, ids, level, named):
    path = write(vertebrae, ID=ids, level=level, grade=[*range(len(ids))])
    found = collect(vertebrae / "data", clinical=path, id="ID")
    assert ("grade" in found.table) == named
    if named:
        assert found.table["grade"].tolist()[:2] == [1, 0]
