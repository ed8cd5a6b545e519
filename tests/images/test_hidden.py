"""Messages of lesions whose ids are hashed."""

import os

import pytest

from sklearn_orn.images import Lesion
from tests.images._make import write_rtstruct


def hidden(text, image="scan.dcm", mask="mask.png", **choices):
    return Lesion(image, mask, **choices).without_paths().message(text)


@pytest.mark.parametrize(
    "cell",
    ["DOE/a.dcm", "./DOE/a.dcm", "DOE//x/../a.dcm", "O'Doe/a b.dcm", "/D/DOE.dcm"],
)
def test_a_path_in_any_form(cell):
    forms = {
        cell,
        os.path.normpath(cell),
        os.path.abspath(cell),
        os.path.realpath(cell),
    }
    for form in forms:
        found = hidden(f"file '{form}' is truncated: 2 bytes. Copy it again.", cell)
        assert found == "file of the table is truncated: 2 bytes. Copy it again."
        assert "DOE" not in hidden(f"cannot read {form!r} or {form}.", cell)


def test_files_of_a_folder(tmp_path):
    (tmp_path / "DOE").mkdir()
    (tmp_path / "DOE" / "O'Doe 1.dcm").write_bytes(b"")
    text = f"file '{tmp_path}/DOE/O'Doe 1.dcm' is damaged, folder '{tmp_path}/DOE'."
    found = hidden(text, str(tmp_path / "DOE"))
    assert found == "file of the table is damaged, folder of the table."


def test_names_of_rois_and_uids(tmp_path):
    line = [[(0, 0, 0), (1, 0, 0), (1, 1, 0)]]
    path = write_rtstruct(tmp_path / "rs.dcm", {"Jane's GTV": line, "R2": line})
    text = "'#Doe' was asked for, of 'Jane's GTV' (#1), 'R2' (#2) in 1.2.840.10008.5.1"
    found = hidden(text, mask=f"{path}#Doe")
    assert (
        found == "(hidden) was asked for, of (hidden) (#1), (hidden) (#2) in (hidden)"
    )


def test_words_and_numbers_of_the_message_stay():
    text = "file 'mask/DICOM/T2.dcm': a DICOM mask of 1.25 mm, section 4 of series 12."
    found = hidden(text, "mask/DICOM/T2.dcm", series="12", section=4)
    assert (
        found == "file of the table: a DICOM mask of 1.25 mm, section 4 of series 12."
    )
    assert hidden("series DOE 7 was asked for", series="DOE 7").count("DOE") == 0


def test_without_hashed_ids_nothing_is_hidden():
    text = "file 'DOE/a.dcm' is truncated"
    assert Lesion("DOE/a.dcm", "m.png").message(text) == text
