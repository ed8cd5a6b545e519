"""Which path and series a row names, and links under names that tell nothing."""

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sklearn_orn.collect import _table
from sklearn_orn.collect._arrange import arrange_files, check_empty
from sklearn_orn.collect._lesions import FoundLesion
from sklearn_orn.collect._table import image_cells, make_table
from sklearn_orn.exceptions import CohortError, LesionError

from ._pieces import drawing, image


@pytest.fixture
def series(tmp_path):
    """Make a series of files below a folder of the test."""

    def make(*files, number="", uid="", **more):
        paths = [tmp_path / file for file in files]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(path))
        return replace(image("x", **more), files=paths, number=number, uid=uid)

    return make


def cells_of(tmp_path, images, everything=None):
    cells, questions = image_cells(images, everything or images)
    named = [cells.get(id(one)) for one in images]
    short = [
        None if cell is None else (os.path.relpath(cell[0], tmp_path), cell[1])
        for cell in named
    ]
    return short, questions


def test_a_single_file_is_named_itself(series, tmp_path):
    one = series("a/IM1", number="4")
    volume = series("b/t1.nii", "b/copy.nii", kind="NIfTI")
    assert cells_of(tmp_path, [one, volume])[0] == [("a/IM1", ""), ("b/t1.nii", "")]


def test_a_folder_of_one_series_is_named_without_it(series, tmp_path):
    one, other = series("a/1", "a/2", number="4"), series("b/1", "b/2", number="4")
    assert cells_of(tmp_path, [one, other])[0] == [("a", ""), ("b", "")]


def test_series_in_one_folder_are_told_by_their_numbers(series, tmp_path):
    first, second = series("a/1", "a/2", number="4"), series("a/3", "a/4", number="5")
    found, questions = cells_of(tmp_path, [first, second])
    assert found == [("a", "4"), ("a", "5")] and questions == []
    alone = cells_of(tmp_path, [first], [first, second])[0]
    assert alone == [("a", "4")]


@pytest.mark.parametrize("number", ["", "4"])
def test_series_of_one_number_are_told_by_their_uid(series, tmp_path, number):
    pair = [
        series("a/1", "a/2", number=number, uid="1.2"),
        series("a/3", "a/4", number=number, uid="1.3"),
    ]
    assert cells_of(tmp_path, pair)[0] == [("a", "1.2"), ("a", "1.3")]


def test_a_series_of_several_folders_is_named_by_the_one_above(series, tmp_path):
    scattered = series("a/x/1", "a/y/2", number="4", uid="1.2")
    other = series("a/x/3", "a/x/4", number="5")
    found, questions = cells_of(tmp_path, [scattered, other])
    assert found == [("a", "4"), ("a/x", "5")] and questions == []
    assert cells_of(tmp_path, [series("b/x/1", "b/y/2")])[0] == [("b", "")]


def test_a_series_too_deep_to_be_listed_is_asked_about(series, tmp_path, monkeypatch):
    one, other = series("a/x/1", "a/y/2"), series("c/1", "c/2")
    far = replace(one, files=[*one.files, tmp_path / "gone" / "3"])
    found, (question,) = cells_of(tmp_path, [far, other])
    assert found == [None, ("c", "")]
    assert question.files == far.files and question.flag == "--arrange DIR"


def test_a_series_of_two_folders_of_which_one_is_gone_is_asked_about(series, tmp_path):
    far = series("a/x/1", "a/y/2")
    far.files[1].unlink()
    found, (question,) = cells_of(tmp_path, [far])
    assert found == [None] and question.files == far.files


def test_a_folder_of_more_files_than_are_searched(series, tmp_path, monkeypatch):
    def too_many(folder):
        raise LesionError("more files than are searched")

    monkeypatch.setattr(_table, "folder_files", too_many)
    alone, scattered = series("b/1", "b/2"), series("a/x/1", "a/y/2")
    found, questions = cells_of(tmp_path, [alone, scattered])
    assert found == [("b", ""), None] and len(questions) == 1


def test_a_series_in_a_folder_below_is_no_other_one_of_the_folder(series, tmp_path):
    above, below = series("a/1", "a/2", number="4"), series("a/x/1", "a/x/2")
    assert cells_of(tmp_path, [above, below])[0] == [("a", ""), ("a/x", "")]


def test_a_number_of_its_own_is_taken_beside_twins(series, tmp_path):
    numbers = {"4": "1.2", "4 ": "1.3", "5": "1.4"}
    images = [
        series(f"a/{n}1", f"a/{n}2", number=n.strip(), uid=uid)
        for n, uid in numbers.items()
    ]
    assert [cell[1] for cell in cells_of(tmp_path, images)[0]] == ["1.2", "1.3", "5"]


# Rows --------------------------------------------------------------------------------


def lesion(of, name, sequences=None, **readers):
    drawings = {
        reader: replace_cell(drawing(f"{name}-{reader}.nii", of), cell)
        for reader, cell in readers.items()
    }
    return FoundLesion(of, drawings, name, sequences=sequences or {})


def replace_cell(one, path):
    return replace(one, path=Path(path))


def test_a_row_of_each_lesion_with_the_outlines_of_its_readers():
    a, b, gone = image(patient="P1"), image(patient="P2"), image(patient="P0")
    cells = {id(b): ("/x/b", "4"), id(a): ("/x/a", "")}
    table = make_table(
        [
            lesion(b, "P2-1", anna="b1.nii", ben="b2.nii"),
            lesion(gone, "P0-1", anna="c.nii"),
            lesion(a, "P1-1", ben="a2.nii"),
        ],
        cells,
    )
    assert list(table) == [
        *("lesion", "patient", "image", "series", "mask_anna", "mask_ben")
    ]
    assert table["lesion"].tolist() == ["P1-1", "P2-1"]
    assert table["image"].tolist() == ["/x/a", "/x/b"]
    assert table["series"].tolist() == ["", "4"]
    assert table["mask_ben"].tolist() == ["a2.nii", "b2.nii"]
    assert pd.isna(table["mask_anna"][0]) and table["mask_anna"][1] == "b1.nii"


def test_a_column_that_is_empty_is_none():
    a = image(patient="P1")
    one = FoundLesion(a, {"": replace_cell(drawing("m.nii", a), "m.nii")}, "P1-1")
    table = make_table([one], {id(a): ("/x/a", "")})
    assert list(table) == ["lesion", "patient", "image", "mask"]
    assert list(make_table([], {})) == ["lesion", "patient", "image"]


def test_each_sequence_has_its_columns():
    t1, t2, other = image(patient="P1"), image("P1/t2", patient="P1"), image("P1/t3")
    cells = {id(t1): ("/x/1", "4"), id(t2): ("/x/2", "")}
    sequences = {"T1": t1, "T2": t2, "DWI": other}
    table = make_table([lesion(t1, "P1-1", sequences, anna="m.nii")], cells)
    assert list(table) == [
        *("lesion", "patient", "image_T1", "series_T1", "image_T2", "mask_anna")
    ]
    assert table.loc[0, "image_T2"] == "/x/2"


# Links -------------------------------------------------------------------------------


def test_files_are_linked_under_names_that_tell_nothing(series, tmp_path):
    many = series("Doe/b", "Doe/a", patient="P001", number="4")
    second = series("Doe/t1.nii.gz", patient="P001", kind="NIfTI")
    third = series("Roe/IM1", patient="P002")
    masks = series("Doe/seg.nii.gz", "Doe/RS", "Roe/x.nrrd").files
    drawn = [
        {"anna": drawing("a", many), "ben": drawing("a", many)},
        {"": drawing("a", second)},
        {"anna": drawing("a", third)},
    ]
    drawn[0]["anna"] = replace(drawn[0]["anna"], path=masks[0])
    drawn[0]["ben"] = replace(drawn[0]["ben"], path=masks[1])
    drawn[1][""] = replace(drawn[1][""], path=masks[1])
    drawn[2]["anna"] = replace(drawn[2]["anna"], path=masks[2])
    images = [many, second, third]
    lesions = [FoundLesion(*pair) for pair in zip(images, drawn, strict=True)]
    lesions.append(FoundLesion(many, {}))
    out = tmp_path / "out"
    cells = arrange_files(out, lesions)
    named = [os.path.relpath(cells[id(one)][0], out) for one in images]
    assert named == ["P001/series-1", "P001/image-2.nii.gz", "P002/image-1.dcm"]
    assert {cell[1] for cell in cells.values()} == {""}
    made = {str(p.relative_to(out)): p for p in out.rglob("*") if p.is_file()}
    assert sorted(made) == [
        "P001/image-2.nii.gz",
        "P001/outlines-1-anna.nii.gz",
        "P001/outlines-2-ben.dcm",
        "P001/series-1/00001.dcm",
        "P001/series-1/00002.dcm",
        "P002/image-1.dcm",
        "P002/outlines-3-anna.nrrd",
    ]
    assert made["P001/series-1/00001.dcm"].read_text() == str(many.files[0])
    assert made["P001/series-1/00002.dcm"].read_text() == str(many.files[1])
    assert made["P001/outlines-2-ben.dcm"].read_text() == str(masks[1])
    assert os.path.samefile(made["P002/image-1.dcm"], third.files[0])
    linked = lesions[1].drawings[""].linked
    assert linked == made["P001/outlines-2-ben.dcm"]
    assert not [p for p in made if "Doe" in p or "Roe" in p]


def test_images_of_other_sequences_are_linked_once(series, tmp_path):
    t1, t2 = series("Doe/1", patient="P001"), series("Doe/2", patient="P001")
    first = FoundLesion(t1, {})
    second = FoundLesion(t1, {}, sequences={"T1": t1, "T2": t2})
    cells = arrange_files(tmp_path / "out", [first, second])
    assert [Path(cells[id(x)][0]).name for x in (t1, t2)] == [
        "image-1.dcm",
        "image-2.dcm",
    ]


def test_where_there_are_no_links_files_are_copied(series, tmp_path, monkeypatch):
    def refused(*paths):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    one = series("Doe/IM1", patient="P001")
    cells = arrange_files(tmp_path / "out", [FoundLesion(one, {})])
    copied = Path(cells[id(one)][0])
    assert copied.read_text() == str(one.files[0])
    assert not os.path.samefile(copied, one.files[0])


def test_a_folder_that_holds_something_is_refused(tmp_path):
    check_empty(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    check_empty(tmp_path / "empty")
    (tmp_path / "file").write_text("x")
    for name in ("file", ""):
        with pytest.raises(CohortError, match="is there already and not empty"):
            check_empty(tmp_path / name)
