"""Messages of lesions whose ids are hashed are made of the parts that may be shown."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn._messages import (
    file_part,
    hidden_text,
    name_part,
    parts_of,
    plain_text,
    private,
)
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import Lesion, as_lesions, hash_ids
from tests.images._make import write_image, write_png, write_rtstruct

LINE = [[(0, 0, 0), (1, 0, 0), (1, 1, 0)]]


def error_of(lesion):
    with pytest.raises(LesionError) as caught:
        lesion.read()
    return caught.value


@pytest.mark.parametrize(
    "cell",
    ["DOE/a.dcm", "./DOE/a.dcm", "DOE//x/../a.dcm", "O'Doe/a b.dcm", "/D/DOE.dcm"],
)
def test_a_path_in_any_form(cell):
    shown = str(error_of(Lesion(cell, "mask.png")))
    assert f"'{Path(cell)}'" in shown
    found = str(error_of(Lesion(cell, "mask.png").without_paths()))
    assert found == (
        "lesion, image: file of the table does not exist. Correct the path; in a "
        "DataFrame, relative paths start at the working directory."
    )


def test_files_of_a_folder(tmp_path):
    folder = tmp_path / "DOE"
    folder.mkdir()
    (folder / "O'Doe 1.dcm").write_bytes(b"")
    lesion = Lesion(str(folder), "m.png")
    assert str(folder) in str(error_of(lesion))
    found = str(error_of(lesion.without_paths()))
    assert "folder of the table holds no DICOM image" in found
    assert "DOE" not in found.upper().replace("DOES", "")


def test_copies_in_a_folder(tmp_path):
    (tmp_path / "DOE").mkdir()
    for name in ("DOE 1.dcm", "DOE 2.dcm"):
        write_image(tmp_path / "DOE" / name, np.arange(12).reshape(3, 4))
    write_png(tmp_path / "m.png", np.ones((3, 4), dtype=np.uint8))
    lesion = Lesion(str(tmp_path / "DOE"), str(tmp_path / "m.png"))
    error = error_of(lesion)
    assert "DOE 1.dcm" in str(error)
    assert "DOE" not in error.hidden


def test_names_of_rois(tmp_path):
    image = str(write_image(tmp_path / "a.dcm", np.arange(12).reshape(3, 4)))
    path = write_rtstruct(tmp_path / "rs.dcm", {"Jane's GTV": LINE, "R2": LINE})
    lesion = Lesion(image, f"{path}#Doe")
    assert "'#Doe' was asked for" in str(error_of(lesion))
    assert "'Jane's GTV' (#1), 'R2' (#2)" in str(error_of(lesion))
    found = str(error_of(lesion.without_paths()))
    assert "(hidden) was asked for" in found
    assert "(hidden) (#1), (hidden) (#2)" in found
    assert "Doe" not in found
    assert "Jane" not in found


def test_numbers_that_a_table_chooses_stay(tmp_path):
    image = str(write_image(tmp_path / "a.dcm", np.arange(12).reshape(3, 4)))
    for series, shown in (("12", "series 12"), ("DOE 7", "series (hidden)")):
        lesion = Lesion(image, "m.png", series=series).without_paths()
        assert f"{shown} was asked for" in str(error_of(lesion))


def test_without_hashed_ids_nothing_is_hidden():
    error = error_of(Lesion("DOE/a.dcm", "m.png", lesion="DOE"))
    assert str(error).startswith("lesion 'DOE', image: file 'DOE/a.dcm' does not")
    assert Lesion("DOE/a.dcm", "m.png").message(error) == str(error)


def test_an_error_has_its_parts_in_another_process():
    lesion = as_lesions([("DOE/a.dcm", "m.png")])[0]
    for error in (error_of(lesion), pickle.loads(pickle.dumps(error_of(lesion)))):
        assert (error.file, error.row) == (os.path.join("DOE", "a.dcm"), 0)
        assert error.what.startswith("file 'DOE/a.dcm' does not exist (looked for")
        assert error.hidden.startswith(
            "lesion (row 0), image: file of the table does not exist. Correct"
        )


def test_an_error_within_another_keeps_its_parts():
    inner = CohortError(f"column {name_part('Doe')} is odd.", row=3)
    outer = inner.within(f"table {file_part('DOE.csv')}: ", " Mend it.")
    assert type(outer) is CohortError
    assert str(outer) == "table 'DOE.csv': column 'Doe' is odd. Mend it."
    assert outer.hidden == "table of the table: column (hidden) is odd. Mend it."
    assert (outer.file, outer.row) == ("DOE.csv", 3)


def test_a_cell_says_that_it_is_private():
    import pandas as pd

    table = pd.DataFrame({"image": ["DOE/a.dcm"], "mask": ["DOE/a.png"]})
    hashed = hash_ids(table, "0123456789abcdef")
    assert hashed["image"].tolist() == table["image"].tolist()
    lesion = Lesion(hashed["image"][0], hashed["mask"][0])
    assert lesion.hides_paths
    assert pickle.loads(pickle.dumps(lesion)).hides_paths
    assert "DOE" not in str(error_of(lesion))


@given(st.lists(st.tuples(st.text(), st.text(), st.booleans()), max_size=5))
def test_a_message_is_its_parts_and_hides_each(pieces):
    """What hides an id replaces a part, whatever the texts around it and in it hold."""
    built = "".join(a + (private(b) if hide else "") for a, b, hide in pieces)
    marks = "\ufdd0\ufdd1\ufdd2\ufdd3"
    clean = [(strip(a, marks), strip(b, marks), hide) for a, b, hide in pieces]
    if any(mark in a for a, _, _ in pieces for mark in marks):
        return  # only the program writes what stands between parts
    assert plain_text(built) == "".join(a + b * hide for a, b, hide in clean)
    assert hidden_text(built) == "".join(a + "(hidden)" * hide for a, _, hide in clean)
    assert plain_text("".join(p.text for p in parts_of(built))) == plain_text(built)


def strip(text, letters):
    return "".join(letter for letter in text if letter not in letters)
