"""The synthetic hospital holds the synthetic cohort, and `collect` finds it there."""

import numpy as np
import pandas as pd
import pytest
from pydicom import dcmread

from sklearn_orn import cli
from sklearn_orn._io.tables import read_table
from sklearn_orn.collect import collect
from sklearn_orn.datasets import _drawn_patients as drawn
from sklearn_orn.datasets import make_cohort, make_hospital
from sklearn_orn.images import as_lesions

DESIGN = (
    drawn.Group("training", drawn.ORN, 2, 5),
    drawn.Group("validation", drawn.METASTASIS, 2, 3),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a hospital of four patients, and the same cohort as a table."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawn, "DESIGN", DESIGN)
        table = make_cohort(folder / "cohort", random_state=3)
        hospital = make_hospital(folder / "hospital", random_state=3)
    return hospital, table


def test_what_is_there(made):
    hospital, _ = made
    files = [path for path in (hospital / "PACS").rglob("*") if path.is_file()]
    assert (hospital / "PACS" / "DICOMDIR") in files
    assert all("." not in path.name for path in files)
    assert len(files) == 1 + 4 * 2 + 2 * 8
    images = [dcmread(path) for path in files if path.name != "DICOMDIR"]
    assert all("SYNTHETIC" in str(image.PatientName) for image in images)
    assert len({image.SOPInstanceUID for image in images}) == len(images)


def test_both_spreadsheets_are_one_table(made):
    hospital, _ = made
    book = read_table(hospital / "Patienten.xlsx")
    text = read_table(hospital / "Patienten.csv")
    pd.testing.assert_frame_equal(book, text, check_dtype=False)
    raw = (hospital / "Patienten.csv").read_bytes()
    assert raw.startswith(b"Pat-ID;Diagnose;")
    assert b"\r\n" in raw
    assert text["Dosis (Gy)"].between(60, 80).all()


def test_collect_finds_the_cohort_that_was_hidden(made):
    hospital, cohort = made
    found = collect(hospital, clinical=hospital / "Patienten.xlsx", protocol="CE T1")
    assert not found.questions
    assert found.table["patient"].nunique() == 4
    assert list(found.table.columns[3:6]) == ["mask_anna", "mask_ben", "Diagnose"]
    # Each lesion once, pixel by pixel; German words for the classes.
    hidden = {_key(lesion, "reader_a", "reader_b") for lesion in as_lesions(cohort)}
    shown = {_key(lesion, "anna", "ben") for lesion in as_lesions(found.table)}
    assert len(shown) == 8
    assert shown == hidden
    words = found.table["Diagnose"].replace({"Metastase": "metastasis"})
    assert sorted(words) == sorted(cohort["outcome"])


def _key(lesion, *readers):
    regions = lesion.read()
    parts = [regions[reader] for reader in readers]
    arrays = [parts[0].image, *(np.packbits(part.mask) for part in parts)]
    return tuple(array.tobytes() for array in arrays)


def test_the_series_is_asked_for(made):
    (question,) = collect(made[0]).questions
    assert "--protocol" in question.flag


def test_nothing_is_overwritten(made, capsys):
    hospital, _ = made
    with pytest.raises(FileExistsError, match="not empty"):
        make_hospital(hospital)
    assert cli.main(["demo", "--as-hospital", str(hospital)]) == 2
    assert "--as-hospital" in capsys.readouterr().err


def test_the_demo_says_what_comes_next(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(drawn, "DESIGN", DESIGN[:1])
    assert cli.main(["demo", "--as-hospital", str(tmp_path / "new")]) == 0
    out = capsys.readouterr().out
    assert "sklearn-orn collect" in out
    assert (tmp_path / "new" / "Konturen" / "Ben").is_dir()
