"""Which series of a patient are the other sequences of a lesion."""

import re

import pytest

from sklearn_orn.collect._lesions import FoundLesion
from sklearn_orn.collect._sequences import check_sequences, find_sequences
from sklearn_orn.exceptions import CohortError

from ._pieces import ROOT, drawing, image


def series(name, description, *, patient="A", **more):
    files = (f"{patient}/{name}/1", f"{patient}/{name}/2")
    return image(*files, patient=patient, description=description, **more)


def sequences(*drawn_on, among, **patterns):
    """Return the files of each lesion by sequence, the guess, and the questions."""
    lesions = [
        FoundLesion(of, {"": drawing(f"{n}.nii", of)}) for n, of in enumerate(drawn_on)
    ]
    compiled = {n: re.compile(p, re.IGNORECASE) for n, p in patterns.items()}
    named, (guess,), questions = find_sequences(lesions, among, compiled)
    found = [
        {name: of.files[0].parent.name for name, of in lesion.sequences.items()}
        for lesion in named
    ]
    return found, guess, questions


T1, T2, LATE = series("one", "t1"), series("two", "T2 tse"), series("late", "t1 late")
B1 = series("b", "t1", patient="B")


def test_each_lesion_has_its_own_patient_s_series():
    found, guess, questions = sequences(T1, B1, among=[T1, T2, B1], T1="t1", T2="t2")
    assert found == [{"T1": "one", "T2": "two"}, {"T1": "b"}]
    assert guess == "sequences: T1 (2 of 2), T2 (1 of 2)"
    assert not questions


def test_the_series_that_was_drawn_on_is_its_own_sequence():
    """Another one of its name is no second answer."""
    found, _, questions = sequences(T1, among=[LATE, T1, T2], T1="t1", T2="t2")
    assert found == [{"T1": "one", "T2": "two"}]
    assert not questions


def test_a_number_of_a_series_tells_too():
    first, second = series("x", "dce", number="4"), series("y", "dce", number="5")
    found, _, _ = sequences(first, among=[first, second], early="^4", late="^5")
    assert found == [{"early": "x", "late": "y"}]


def test_several_series_of_a_sequence_are_asked_about():
    among = [T1, T2, series("again", "t2")]
    found, guess, (question,) = sequences(T1, among=among, T1="t1", T2="t2")
    assert found == [{"T1": "one"}]
    assert guess == "sequences: T1 (1 of 1), T2 (0 of 1)"
    assert "1 lesion with several series that fit sequence 'T2'" in question.text
    assert question.files == [*T2.files, *among[2].files]


@pytest.mark.parametrize("pattern", ["nothing", "t1|late"])
def test_a_lesion_on_a_series_of_no_or_of_two_sequences_is_asked_about(pattern):
    drawn = (LATE, B1)
    patterns = {"T1": "^ t1$", "late": pattern}
    if pattern != "nothing":
        patterns = {"T1": "t1", "late": "late"}
    found, guess, (question,) = sequences(*drawn, among=[LATE, B1], **patterns)
    assert found == [{"T1": "b"}]
    assert "1 of 1" in guess
    assert question.text.startswith("1 lesion drawn on a series that none or several")
    assert question.files == [ROOT / "0.nii"]


@pytest.mark.parametrize(
    ("own", "other", "taken"),
    [
        ("f", "f", True),
        ("f", "g", False),
        ("", "g", True),
        ("f", "", True),
        ("", "", True),
    ],
)
def test_a_series_of_another_frame_of_reference_is_another_place(own, other, taken):
    first, second = series("x", "t1", frame=own), series("y", "t2", frame=other)
    found, _, _ = sequences(first, among=[first, second], T1="t1", T2="t2")
    assert found == [{"T1": "x", "T2": "y"} if taken else {"T1": "x"}]


def test_series_of_the_same_study_come_before_those_of_others():
    first = series("x", "t1", study="1")
    same, other = series("y", "t2", study="1"), series("z", "t2", study="2")
    found, _, _ = sequences(first, among=[other, first, same], T1="t1", T2="t2")
    assert found == [{"T1": "x", "T2": "y"}]
    found, _, _ = sequences(first, among=[other, first], T1="t1", T2="t2")
    assert found == [{"T1": "x", "T2": "z"}]


@pytest.mark.parametrize("name", ["T|1", "-T1", "T1-", "a__b", "", "T 1"])
def test_names_that_cannot_end_the_name_of_a_column(name):
    with pytest.raises(CohortError, match="expected letters and digits"):
        check_sequences([name, "T2"])


def test_names_of_sequences():
    assert check_sequences(["T1", "CE-T1", "T1_fs", "b1000", "x"]) is None
    assert check_sequences([]) is None
    with pytest.raises(CohortError, match="'T1' is the only one"):
        check_sequences(["T1"])
