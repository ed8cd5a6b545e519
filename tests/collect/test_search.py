"""From headers to lesions: nothing is lost on the way without a word."""

import re
from pathlib import Path

import numpy as np
import pytest

from sklearn_orn.collect import _drawings
from sklearn_orn.collect._drawn_on import Joined
from sklearn_orn.collect._headers import (
    DicomOutlines,
    OtherFile,
    PictureFile,
    VolumeFile,
)
from sklearn_orn.collect._lesions import FoundLesion
from sklearn_orn.collect._search import Search
from sklearn_orn.collect._settings import Choices, Question
from sklearn_orn.collect._walk import Unused
from sklearn_orn.images.shared import FoundRoi

from ._pieces import BOX, ROOT, drawing, image, moved
from .test_series import slice_of


def search(root=ROOT, **choices):
    return Search(root, Choices(**choices), 1, lambda *_: None)


def outlines(file, *series, instance="", frames=()):
    sets = frozenset(series), frozenset(frames)
    return DicomOutlines(ROOT / file, "RT structure set", instance, *sets, "")


def volume(file, packed=0.5):
    return VolumeFile(ROOT / file, "NIfTI", (4, 5, 6), None, True, 0, packed, "axial")


def left(found):
    return {str(x.file.relative_to(ROOT)): (x.kind, x.reason) for x in found.left}


# Files ------------------------------------------------------------------------------


def test_headers_are_sorted_into_images_outlines_and_the_rest():
    found = search()
    found._sort(
        [
            OtherFile(ROOT / "notes", "other", "no image"),
            slice_of("a/1"),
            slice_of("a/2", 3.0),
            volume("v.nii"),
            volume("v_seg.nii"),
            outlines("RS", "1.2"),
            PictureFile(ROOT / "p.png", False),
            PictureFile(ROOT / "m.roi", True),
        ]
    )
    assert [len(x.files) for x in found.images] == [2, 1, 1]
    assert [x.path.name for x in found.outlines] == ["v_seg.nii", "RS", "m.roi"]
    assert left(found) == {"notes": ("other", "no image")}
    assert found.guesses == [
        "found: 2 DICOM images in 1 series, 1 volume, 1 picture, 3 files of outlines"
    ]


def test_outlines_of_one_uid_are_copies():
    found = search()
    found._sort(
        [
            outlines("RS1", instance="i"),
            outlines("RS2", instance="i"),
            outlines("RS3"),
            outlines("RS4"),
            volume("a_seg.nii"),
            volume("b_seg.nii"),
        ]
    )
    kept = [x.path.name for x in found.outlines]
    assert kept == ["RS1", "RS3", "RS4", "a_seg.nii", "b_seg.nii"]
    assert left(found) == {"RS2": ("outline", "a copy of another file of outlines")}


def test_files_that_are_left_out_are_not_read(tmp_path):
    for name in ("a.txt", "b.txt", "sub/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = search(tmp_path, leave_out=re.compile("^sub/|^a"))
    found.read(own_names=False)
    reasons = {x.file.name: x.reason for x in found.left}
    assert reasons == {
        "a.txt": "left out by --leave-out",
        "b.txt": "neither an image nor an outline",
        "c.txt": "left out by --leave-out",
    }


def test_images_that_fit_no_patient_are_asked_about(tmp_path):
    from . import _folders as make

    make.write_series(tmp_path / "x", "A", "1.2.3", slices=1)
    found = search(tmp_path, patient=re.compile("nobody"))
    found.read(own_names=False)
    (question,) = found.questions
    assert question.flag.startswith("--patient")


# Lesions ----------------------------------------------------------------------------


@pytest.fixture
def rois(monkeypatch):
    """ROIs by file, in place of what the files hold."""
    content = {}
    monkeypatch.setattr(
        _drawings,
        "_found",
        lambda header: content.get(header.path.name, [FoundRoi("1", "", BOX)]),
    )
    return content


def joined(images, files, **choices):
    found = search(**choices)
    found.images, found.outlines = list(images), list(files)
    found.join()
    return found


def series(patient, uid, **more):
    return image(f"{patient}/{uid}/IM", patient=patient, uid=uid, **more)


def test_outlines_become_lesions_and_what_is_said_of_them(rois):
    a, b, c = series("A", "1"), series("B", "2"), series("C", "3")
    rois["RS3"] = [FoundRoi("1", "Cord", BOX), FoundRoi("2", "mass", BOX)]
    files = [
        outlines("anna/RS1", "1"),
        outlines("ben/RS2", "1"),
        outlines("anna/RS3", "2"),
        outlines("anna/RS4", "9"),
        outlines("ben/RS5", "3"),
    ]
    found = joined([a, b, c], files)
    assert [x.name for x in found.lesions] == ["A", "B", "C"]
    assert sorted(found.lesions[0].drawings) == ["anna", "ben"]
    assert found.guesses == [
        "outlines joined to images: 4 files by the series that they refer to",
        "ROIs that are no lesions: cord (1) (--roi REGEX chooses lesions)",
        "readers: anna (2), ben (2), by words of the paths and ROIs "
        "(--reader NAME=REGEX)",
        "lesions: 2 by 1 reader, 1 by 2 readers",
    ]
    assert not found.questions
    assert left(found)["anna/RS4"][1].startswith("the series that it refers to is n")


def test_lesions_of_as_many_readers_are_not_counted(rois):
    found = joined([series("A", "1")], [outlines("RS", "1")])
    assert not any(guess.startswith("lesions") for guess in found.guesses)
    assert joined([series("A", "1")], []).guesses == []


def test_roi_files_that_cannot_be_read_are_left(rois):
    rois["bad"] = "it is truncated"
    found = joined([series("A", "1")], [outlines("bad", "1"), outlines("RS", "1")])
    assert left(found) == {"bad": ("outline", "it is truncated")}
    assert len(found.lesions) == 1


def test_outlines_that_fit_several_series_are_asked_about(rois):
    images = [series("A", "1", frame="f"), series("A", "2", frame="f")]
    found = joined(images, [outlines("RS", "9", frames=["f"])])
    (question,) = found.questions
    assert question.text.startswith("1 file of outlines fits several images each")
    assert question.files == [ROOT / "RS"]
    assert not found.lesions


def test_questions_of_readers_and_of_lesions_are_asked_both(rois):
    a = series("A", "1")
    rois["RS1"] = [FoundRoi("1", "core", BOX), FoundRoi("2", "edema", BOX)]
    rois["RS2"] = [FoundRoi("1", "x", moved(50)), FoundRoi("2", "y", moved(58))]
    found = joined([a], [outlines("RS1", "1"), outlines("RS2", "1")])
    flags = [question.flag[:5] for question in found.questions]
    assert flags == ["--roi", "--roi"]


def test_sequences_are_found_where_they_are_named(rois):
    images = [series("A", "1", description="t1"), series("A", "2", description="t2")]
    named = {"T1": re.compile("t1"), "T2": re.compile("t2")}
    found = joined(images, [outlines("RS", "1")], sequences=named)
    assert found.lesions[0].sequences == {"T1": images[0], "T2": images[1]}
    assert found.guesses[-1] == "sequences: T1 (1 of 1), T2 (1 of 1)"
    twice = [*images, series("A", "3", description="t2")]
    found = joined(twice, [outlines("RS", "1")], sequences=named)
    (question,) = found.questions
    assert "several series that fit sequence 'T2'" in question.text
    assert joined(images, [outlines("RS", "1")]).lesions[0].sequences == {}


def test_slices_and_whole_series_of_one_patient_are_asked_about():
    a, b, c = (image(patient=p) for p in "ABC")
    drawn = [
        drawing("masks/a.png", a, box=None),
        drawing("masks/b.png", b, box=None),
        drawing("plans/a", a),
        drawing("plans/b", b),
        drawing("c", c),
    ]
    found = search()
    assert found._one_kind(drawn) == drawn[4:]
    (question,) = found.questions
    assert question.text.startswith(
        "2 patients have outlines of single slices (2 pictures in masks/) and of whole "
        "series (3 ROIs in plans/)"
    )
    assert question.files == [ROOT / x for x in ("masks/a.png", "masks/b.png",
                                                 "plans/a", "plans/b")]  # fmt: skip
    found = search()
    assert found._one_kind([drawn[0], drawn[3], drawn[4]]) == [
        *(drawn[0], drawn[3], drawn[4]),
    ]
    assert not found.questions


def test_folders_that_are_called_like_one_patient_are_not_shown():
    a, b = image(patient="A"), image(patient="B")
    drawn = [
        *(drawing("Doe/1", a), drawing("Roe/1", b), drawing("x", a), drawing("x", b)),
        *(drawing("seg/1", a), drawing("seg/2", b)),
    ]
    assert search()._where(drawn) == " in seg/"
    assert search()._where(drawn[:4]) == ""


# Tables -----------------------------------------------------------------------------


def lesion(of, *files, **more):
    drawings = {f"r{i}": drawing(file, of) for i, file in enumerate(files)}
    return FoundLesion(of, drawings, **more)


def test_what_a_table_of_outcomes_may_call_a_patient():
    found = search()
    a = image("A/t1/IM_1", patient="P001", names={"a", "köln"})
    found.lesions = [lesion(a, "seg/k07_mask.nii", name="P001", title="C 3")]
    table = found.table(None)
    keys = found.keys(table)
    assert keys == {"P001": {"a", "koln", "seg", "k07", "k07mask"}}
    assert found.titles == {"P001": "c3"}
    assert table["patient"].tolist() == ["P001"]


def test_patients_without_an_id_are_told_of_with_the_table():
    found = search()
    a = image(patient="P001")
    found.ways = [("the folders of level 1", [a])]
    found.lesions = [lesion(a, "seg/1", name="P001")]
    found.table(None)
    assert found.guesses[0].startswith("patients: 1 patient of 1 image without an id")


def test_series_in_several_folders_are_asked_about():
    found = search()
    a = image("a/1", "b/2", patient="A")
    found.images, found.lesions = [a], [lesion(a, "seg/1", name="A")]
    assert found.table(None).empty
    (question,) = found.questions
    assert (question.flag, question.files) == ("--arrange DIR", a.files)


def test_every_file_is_used_or_left_over_with_its_reason():
    a = image("a/1", "a/2", patient="A")
    b = image("b/1", patient="B", description="t2")
    c = image("c/1", patient="C")
    d = image("d/1", patient="D", description="other")
    a.copies = [ROOT / "e/1"]
    b.copies = [ROOT / "b/copy"]
    found = search(series=re.compile("^ $|t2"))
    found.images = [a, b, c, d]
    found.lesions = [lesion(a, "seg/1")]
    bad, other = (ROOT / "x", "outline", "damaged"), (ROOT / "z", "a", "b")
    found.left = [Unused(*bad), Unused(*other)]
    found.joined = [
        Joined(outlines("RS"), candidates=(c,)),
        Joined(outlines("RS2"), image=a),
    ]
    asked = [ROOT / "x", ROOT / "y", ROOT / "a/1", ROOT / "seg/1"]
    found.questions = [Question("which?", "--x", asked)]
    table = found.left_over()
    rows = {
        str(Path(file).relative_to(ROOT)): (kind, reason)
        for file, kind, reason in table.itertuples(index=False)
    }
    assert list(rows) == sorted(rows)
    assert rows == {
        "b/1": ("image", "nothing is drawn on it"),
        "b/copy": ("image", "a copy of another image"),
        "c/1": ("image", "open: one of several series that outlines fit"),
        "d/1": ("image", "not among the series that were chosen"),
        "e/1": ("image", "a copy of another image"),
        "x": ("outline", "open: which? --x"),
        "y": ("outline", "open: which? --x"),
        "z": ("a", "b"),
    }


def test_candidates_are_listed_by_descriptions_that_patients_share():
    images = [
        image("a/1", patient="A", description="t1", traits=("MR", "T1")),
        image("a/2", patient="A", description="t1", traits=("MR", "T1")),
        image("b/1", patient="B", description="t1", traits=("MR", "T1")),
        image("b/2", patient="B", description="Doe", traits=("MR",)),
        image("c/1", patient="C", description=""),
        image("d/1", patient="D", description=""),
    ]
    images[0].positions = np.zeros((7, 3))
    images[2].positions = np.zeros((3, 3))
    found = search()
    found.images = images
    found.joined = [
        Joined(outlines("1"), candidates=tuple(images[:3])),
        Joined(outlines("2"), candidates=(images[2], images[3], images[4])),
        Joined(outlines("3"), image=images[5]),
    ]
    table = found.candidates()
    assert table.to_numpy().tolist() == [
        ["'t1': MR T1", 2, "1-7"],
        ["(its own description): ", 1, "1-1"],
        ["(its own description): MR", 1, "1-1"],
    ]
    assert list(table) == ["series", "patients", "slices"]
