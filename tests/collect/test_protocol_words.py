"""What a series is called by plane, contrast agent, sequence and modality."""

import pytest

from sklearn_orn.collect._protocol_words import (
    asked_traits,
    described,
    described_as,
    traits_of,
)
from sklearn_orn.exceptions import CohortError

from .test_series import slice_of

NO_TEXT = {"description": "", "orientation": None}


def traits(**header):
    return traits_of(slice_of("a/1", **NO_TEXT | header))


@pytest.mark.parametrize(
    ("orientation", "plane"),
    [
        ((1, 0, 0, 0, 1, 0), "axial"),
        ((1, 0, 0, 0, 0, -1), "coronal"),
        ((0, 1, 0, 0, 0, -1), "sagittal"),
        ((0.9, 0.436, 0, -0.436, 0.9, 0), "axial"),
        (None, None),
    ],
)
def test_the_plane_of_a_series(orientation, plane):
    found = set(traits(orientation=orientation)) & {"axial", "coronal", "sagittal"}
    assert found == ({plane} if plane else set())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("t1_vibe_fs_tra", ["T1", "fatsat"]),
        ("T1rho", []),
        ("ep2d_diff_b1000_ADC", ["DWI", "ADC"]),
        ("PDw TSE", ["PD"]),
        ("t2/dark-fluid", ["T2", "FLAIR"]),
        ("Localizer", ["localizer"]),
        ("offset", []),
    ],
)
def test_sequences_that_a_description_names(text, names):
    assert described(described_as(text)) == names


@pytest.mark.parametrize(
    ("times", "sequence"),
    [
        ((999.0, 29.0), "T1"),
        ((1000.0, 29.0), None),
        ((999.0, 30.0), None),
        ((1501.0, 61.0), "T2"),
        ((1500.0, 61.0), None),
        ((1501.0, 60.0), None),
        ((29.0, 500.0), None),
        ((500.0, 90.0), None),
        ((4000.0, 12.0), None),
        ((None, 12.0), None),
        ((500.0, None), None),
    ],
)
def test_the_times_of_a_spin_echo_tell_its_sequence(times, sequence):
    def found(**more):
        return set(traits(times=times, **more)) & {"T1", "T2", "FLAIR"}

    assert found(spin_echo=True) == ({sequence} if sequence else set())
    assert found(spin_echo=False) == set()
    assert found(spin_echo=True, modality="CT") == set()
    # what the description says comes first, but FLAIR says nothing of T1 and T2
    assert found(spin_echo=True, description="t2") == {"T2"}
    named = {"FLAIR"} | ({sequence} if sequence else set())
    assert found(spin_echo=True, description="flair") == named


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"has_contrast": True}, "CE"),
        ({"has_contrast": False}, "native"),
        ({"description": "t1 +C"}, "CE"),
        ({"description": "t1 post km"}, "CE"),
        ({"description": "t1 pre", "has_contrast": True}, "native"),
        ({"description": "nativ", "has_contrast": True}, "native"),
        ({"modality": "CT", "description": "contrast"}, "CE"),
        ({"modality": "CT", "description": "non-contrast"}, "native"),
        ({"modality": "PT", "has_contrast": True}, None),
    ],
)
def test_the_contrast_agent_of_a_series(header, expected):
    found = set(traits(**header)) & {"CE", "native"}
    assert found == ({expected} if expected else set())


def test_traits_stand_in_their_order_and_once():
    found = traits(
        description="t1 t1 fs",
        orientation=(1, 0, 0, 0, 1, 0),
        has_contrast=True,
    )
    assert found == ("MR", "axial", "T1", "fatsat", "CE")
    assert traits(modality="PT") == ("PET",)
    assert traits(modality="") == ()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("axial CE-T1", {"axial", "CE", "T1"}),
        ("cet2w, sag", {"CE", "T2", "sagittal"}),
        ("CE", {"CE"}),
        ("PT/ct", {"PET", "CT"}),
        ("koronar_nativ", {"coronal", "native"}),
        (" T1 ", {"T1"}),
    ],
)
def test_words_that_people_ask_by(asked, expected):
    assert asked_traits(asked) == expected


@pytest.mark.parametrize(
    ("asked", "word"), [("T1 lovely", "lovely"), ("cexy", "cexy"), ("T1 xt2", "xt2")]
)
def test_a_word_that_nobody_knows_is_named(asked, word):
    with pytest.raises(CohortError, match=f"'{word}' is no word that is known"):
        asked_traits(asked)


@pytest.mark.parametrize("asked", ["", " ", "-, /"])
def test_a_protocol_of_no_word(asked):
    with pytest.raises(CohortError, match="the protocol is empty"):
        asked_traits(asked)
