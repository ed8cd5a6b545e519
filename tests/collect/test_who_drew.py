"""Who drew: by words that differ where two outlines are of one place."""

import re

import pytest

from sklearn_orn.collect._settings import Choices
from sklearn_orn.collect._who_drew import name_readers

from ._pieces import ROOT, drawing, image, moved

A, B, C = (image(patient=patient) for patient in "ABC")


def readers(*drawings, **choices):
    guesses, questions = name_readers(drawings, Choices(**choices))
    return [d.reader for d in drawings], guesses, questions


def pairs(first, second, *images, **more):
    """Two outlines of one place in each image; `{}` stands for the patient."""
    return [
        drawing(path.format(x.patient), x, **more)
        for x in images or (A, B)
        for path in (first, second)
    ]


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("anna/{}.nii", "ben/{}.nii", ["anna", "ben"]),
        ("{}/mask_anna.nii", "{}/mask_ben.nii", ["anna", "ben"]),
        ("Reader A/{}.nii", "reader B/{}.nii", ["reader_a", "reader_b"]),
        ("x Leser 1/{}.nii", "y Leser 2/{}.nii", ["leser_1", "leser_2"]),
        ("dr anna/{}.nii", "ben/{}.nii", ["anna_dr", "ben"]),
        ("first/{} 1.nii", "second/{} 2.nii", ["first", "second"]),
    ],
)
def test_words_that_differ_are_the_readers(first, second, names):
    found, (guess,), questions = readers(*pairs(first, second))
    assert found == names * 2
    listed = ", ".join(f"{name} (2)" for name in sorted(names))
    assert guess.startswith(f"readers: {listed}, by words of the paths")
    assert not questions


def test_one_outline_a_place_has_no_reader():
    drawn = [drawing("anna/A.nii", A), drawing("ben/B.nii", B)]
    assert readers(*drawn) == (["", ""], [], [])
    apart = [drawing("anna/A.nii", A), drawing("ben/A.nii", A, box=moved(20))]
    assert readers(*apart) == (["", ""], [], [])
    for d, observer in zip(drawn, ("Qvist", "Zzyx"), strict=True):
        d.observer = observer
    assert readers(*drawn) == (["", ""], [], [])


@pytest.mark.parametrize(("x", "tells"), [(6.9, True), (7.0, True), (7.1, False)])
def test_three_tenths_of_the_box_are_one_place(x, tells):
    drawn = [
        d
        for of in (A, B)
        for d in (drawing("anna/1", of), drawing("ben/1", of, box=moved(x)))
    ]
    found, _, _ = readers(*drawn)
    assert found == (["anna", "ben"] * 2 if tells else [""] * 4)


def test_outlines_apart_do_not_end_the_search_for_others():
    drawn = [
        d
        for of in (A, B)
        for d in (
            drawing("anna/1", of),
            drawing("anna/2", of, box=moved(30)),
            drawing("ben/1", of),
        )
    ]
    assert readers(*drawn)[0] == ["anna", "anna", "ben"] * 2


def test_what_one_patient_alone_is_called_is_no_reader():
    drawn = [
        *pairs("anna/{} smith.nii", "ben/{} smith.nii", A),
        *pairs("anna/{} jones.nii", "ben/{} again.nii", B),
    ]
    found, _, _ = readers(*drawn)
    assert found == ["anna", "ben"] * 2
    single = pairs("anna/{}.nii", "ben/{}.nii", A)  # of one patient, all words count
    assert readers(*single)[0] == ["anna", "ben"]


def test_numbers_and_words_of_formats_tell_nobody_apart():
    for paths in (("x/{} 1.nii", "x/{} 2.nii"), ("x/{} seg.nii", "x/{} mask.nii")):
        drawn = pairs(*paths)
        found, guesses, (question,) = readers(*drawn)
        assert found == ["?"] * 4
        assert not guesses
        assert question.text.startswith("4 files outline the same place, and nothing")
        assert question.files == sorted(d.path for d in drawn)


def test_names_of_rois_tell_readers_where_paths_do_not():
    drawn = [
        drawing(f"{of.patient}/{n}.dcm", of, roi)
        for of in (A, B)
        for n, roi in enumerate(("mass anna", "mass ben"))
    ]
    assert readers(*drawn)[0] == ["anna", "ben"] * 2
    for d in drawn[::2]:  # a ROI that is called like nothing tells nothing
        d.roi_words = frozenset({"gtv"})
    found, _, (question,) = readers(*drawn)
    assert found == ["?"] * 4
    assert "(mass anna, mass ben)" in question.text


def test_readers_are_told_by_paths_before_names_of_rois():
    drawn = [
        drawing(f"{who}/{of.patient}.dcm", of, roi)
        for of in (A, B)
        for who, roi in (("anna", "core"), ("ben", "whole"))
    ]
    assert readers(*drawn)[0] == ["anna", "ben"] * 2


def test_rois_of_one_file_are_parts_unless_readers_are_named():
    def of_file(*rois):
        return [drawing(f"{of.patient}.dcm", of, roi) for of in (A, B) for roi in rois]

    assert (
        readers(*of_file("GTV reader 1", "GTV reader 2"))[0]
        == [
            *("reader_1", "reader_2"),
        ]
        * 2
    )
    found, _, (question,) = readers(*of_file("core", "edema"))
    assert found == ["?"] * 4
    assert question.text.startswith("2 files (core, edema) hold ROIs that overlap")
    assert "--roi" in question.flag


def test_names_of_one_patient_are_counted_and_not_shown():
    drawn = [
        drawing("A.dcm", A, "core"),
        drawing("A.dcm", A, "Doe"),
        drawing("B.dcm", B, "core"),
        drawing("B.dcm", B, "Roe"),
    ]
    _, _, (question,) = readers(*drawn)
    assert question.text.startswith("2 files (core, 2 names of one patient) hold")


def test_two_kinds_of_open_pairs_are_two_questions():
    drawn = [
        drawing("A.dcm", A, "core"),
        drawing("A.dcm", A, "edema"),
        drawing("x/1.nii", B),
        drawing("x/2.nii", B),
        drawing("x/3.nii", C),
    ]
    found, _, questions = readers(*drawn)
    assert found == ["?"] * 4 + [""]
    assert [q.files for q in questions] == [
        [ROOT / "A.dcm"],
        [ROOT / "x/1.nii", ROOT / "x/2.nii"],
    ]


@pytest.mark.parametrize(
    ("observers", "found"),
    [
        (("Zzyx", "Qvist"), ["reader_2", "reader_1"] * 2),
        (("Zzyx", "Zzyx"), ["?"] * 4),
        (("Zzyx", ""), ["?"] * 4),
        (("", "Zzyx"), ["?"] * 4),
    ],
)
def test_observers_of_headers_are_numbered_where_words_do_not_tell(observers, found):
    drawn = [
        drawing(f"{of.patient}/{n}.dcm", of, observer=observer)
        for of in (A, B)
        for n, observer in enumerate(observers)
    ]
    names, guesses, _ = readers(*drawn)
    assert names == found
    assert bool(guesses) is (found[0] != "?")
    if guesses:
        assert "(2), by the observers of the headers" in guesses[0]


def test_words_come_before_observers():
    drawn = pairs("anna/{}.dcm", "ben/{}.dcm", observer="Zzyx")
    drawn[1].observer = "Qvist"
    assert readers(*drawn)[0] == ["anna", "ben"] * 2


def test_an_outline_without_the_name_of_a_reader_is_asked_for():
    drawn = [*pairs("anna/{}.nii", "ben/{}.nii"), drawing("new/C.nii", C)]
    found, (guess,), (question,) = readers(*drawn)
    assert found == ["anna", "ben"] * 2 + ["?"]
    assert question.files == [ROOT / "new/C.nii"]
    assert "1 outline name none of the readers anna, ben" in question.text
    assert guess.startswith("readers: anna (2), ben (2), by")


def test_words_of_sequences_are_asked_about():
    found, _, (question,) = readers(*pairs("t1/{}.nii", "t2/{}.nii"))
    assert found == ["t1", "t2"] * 2
    assert question.text.startswith("outlines of one place differ by t1, t2, which")
    assert len(question.files) == 4


def test_readers_that_are_named_are_searched_in_path_and_roi():
    drawn = [
        drawing("x/1.dcm", A, "by Anna"),
        drawing("x/ben.dcm", A),
        drawing("x/3.dcm", B, "anna and ben"),
        drawing("x/4.dcm", B),
    ]
    patterns = {n: re.compile(n, re.IGNORECASE) for n in ("anna", "ben")}
    found, guesses, (question,) = readers(*drawn, readers=patterns)
    assert found == ["anna", "ben", "?", "?"]
    assert not guesses
    assert question.files == [ROOT / "x/3.dcm", ROOT / "x/4.dcm"]
    assert readers(*drawn[:2], readers=patterns) == (["anna", "ben"], [], [])
