"""Whose an image is, which outlines are of one lesion, and what it is called."""

import re

import pytest

from sklearn_orn.collect._lesions import find_lesions
from sklearn_orn.collect._patients import name_patients, said_of_patients
from sklearn_orn.collect._settings import Choices

from ._pieces import BOX, ROOT, drawing, image, moved

# Patients ---------------------------------------------------------------------------


def named(images, own=False, **choices):
    ways, questions = name_patients(images, ROOT, Choices(**choices), own)
    return [i.patient for i in images], [how for how, _ in ways], questions


def without_ids(*files):
    return [image(file, patient="", patient_id="") for file in files]


def test_ids_of_headers_count_in_any_letters_and_in_the_order_of_the_files():
    ids = ["Doe", "roe ", "DOE", "Müller", "muller"]
    images = [image(f"{i}/IM", patient="", patient_id=x) for i, x in enumerate(ids)]
    assert named(images) == (["P001", "P002", "P001", "P003", "P003"], [], [])
    found, _, _ = named(images, own=True)
    assert found == ["Doe", "roe ", "Doe", "Müller", "Müller"]


def test_numbers_of_a_thousand_patients_are_as_long_as_the_last():
    images = [image(f"{i}/IM", patient="", patient_id=f"x{i}") for i in range(1000)]
    found, _, _ = named(images)
    assert found[0] == "P0001"
    assert found[-1] == "P1000"
    assert len(set(found)) == 1000


@pytest.mark.parametrize("nobody", ["", "Anonymous", "0", "ANON", "n/a", "No ID"])
def test_an_id_that_is_nobody_s_makes_no_patient_of_all(nobody):
    images = [image(f"{p}/IM", patient="", patient_id=nobody) for p in ("k1", "k2")]
    found, how, _ = named(images, own=True)
    assert found == ["k1", "k2"]
    assert how == ["the folders of level 1"]


def test_only_images_without_an_id_are_named_by_their_paths():
    images = [
        image("x/a/IM", patient="", patient_id="Doe"),
        image("x/b/IM", patient="", patient_id=""),
        image("x/c/IM", patient="", patient_id=""),
    ]
    found, how, _ = named(images, own=True)
    assert found == ["Doe", "x/b", "x/c"]
    assert how == ["the folders of level 2"]


@pytest.mark.parametrize(
    ("files", "patients", "how"),
    [
        (["a/IM", "b/IM", "b/IN"], ["a", "b", "b"], "the folders of level 1"),
        (["t1/a/x", "t1/b/x"], ["t1/a", "t1/b"], "the folders of level 2"),
        # eight images of two groups: fewer than 0.3 of them
        (
            [*(f"g/k{i}/x" for i in range(7)), "h/k9/x"],
            [*(f"g/k{i}" for i in range(7)), "h/k9"],
            "the folders of level 2",
        ),
        # ten images of three folders: 0.3 of them
        (
            [f"{'abc'[i % 3]}/x{i}" for i in range(10)],
            ["abc"[i % 3] for i in range(10)],
            "the folders of level 1",
        ),
        (["k1_t1.nii", "k2_t1.nii"], ["k1", "k2"], "the beginnings of the file names"),
        (
            ["mr k1 a.nii", "mr k2 a.nii", "mr.nii"],
            ["mr k1", "mr k2", "mr"],
            "the beginnings of the file names",
        ),
        (["x/k1.nii", "k2.nii"], ["k1", "k2"], "the beginnings of the file names"),
        (["x/a/1", "x/b/2", "x/3"], ["x/a", "x/b", "x"], "the folders of level 2"),
        (["only/IM"], ["only"], "the folders of level 1"),
        (["a/same.nii", "A/same.nii"], ["a/same", "a/same"], None),
        (["k1.nii"], ["k1"], "the beginnings of the file names"),
    ],
)
def test_the_first_part_of_the_paths_that_tells_images_apart(files, patients, how):
    found, ways, _ = named(without_ids(*files), own=True)
    if how is None:  # nothing does: all are of one name
        assert found == ["same", "same"]
        assert ways == ["the names of the files"]
        return
    assert found == patients
    assert ways == [how]


def test_subjects_of_bids_are_found_in_folders_and_names():
    files = ["raw/sub-01/anat/sub-01_T1w.nii", "raw/SUB-02_T1w.nii", "other/x.nii"]
    found, ways, _ = named(without_ids(*files), own=True)
    assert found == ["sub-01", "SUB-02", "other"]
    assert ways == ["the names 'sub-...' of BIDS"]


def test_a_pattern_takes_its_group_or_all_of_it():
    images = without_ids("c1/k07/a", "c1/k08/b")
    images[0].patient_id = "Doe"
    found, ways, questions = named(images, True, patient=re.compile(r"k(\d+)"))
    assert (found, ways, questions) == (["07", "08"], [], [])
    found, _, _ = named(images, True, patient=re.compile(r"k\d+/"))
    assert found == ["k07/", "k08/"]
    for one in images:
        one.patient = ""
    found, _, (question,) = named(images, True, patient=re.compile("k07"))
    assert found == ["k07", ""]
    assert question.files == [ROOT / "c1/k08/b"]


def test_patients_are_counted_by_the_images_that_are_measured():
    images = without_ids("a/IM", "b/IM", "c/IM")
    ways, _ = name_patients(images, ROOT, Choices(), False)
    (said,) = said_of_patients(ways, images[1:])
    assert said.startswith("patients: 2 patients of 2 images without an id")
    assert said_of_patients(ways, []) == []


# Lesions ----------------------------------------------------------------------------


def lesions(*drawings):
    found, questions = find_lesions(drawings)
    return [(x.name, sorted(x.drawings)) for x in found], questions


def test_outlines_of_readers_that_overlap_are_one_lesion():
    a = image()
    found, questions = lesions(
        drawing("ben/1", a, box=moved(8), reader="ben"),
        drawing("anna/1", a, reader="anna"),
        drawing("ben/2", a, box=moved(40), reader="ben"),
        drawing("anna/2", a, box=moved(41), reader="anna"),
    )
    assert found == [("A-1", ["anna", "ben"]), ("A-2", ["anna", "ben"])]
    assert not questions


@pytest.mark.parametrize(("x", "n"), [(9.0, 1), (9.1, 2), (11.0, 2)])
def test_a_tenth_of_the_box_makes_one_lesion(x, n):
    a = image()
    found, _ = lesions(
        drawing("anna/1", a, reader="anna"),
        drawing("ben/1", a, box=moved(x), reader="ben"),
    )
    assert len(found) == n


def test_an_outline_goes_to_the_lesion_that_it_overlaps_most():
    a = image()
    found, _ = find_lesions(
        [
            drawing("anna/1", a, box=moved(0), reader="anna"),
            drawing("anna/2", a, box=moved(12), reader="anna"),
            drawing("ben/1", a, box=moved(9), reader="ben"),
            drawing("zoe/1", a, box=moved(3), reader="zoe"),
        ]
    )
    drawn = [{r: d.path.name for r, d in x.drawings.items()} for x in found]
    assert drawn == [{"anna": "1", "zoe": "1"}, {"anna": "2", "ben": "1"}]


def test_one_outline_that_it_overlaps_is_enough():
    a = image()
    found, _ = lesions(
        drawing("anna/1", a, reader="anna"),
        drawing("ben/1", a, box=moved(8), reader="ben"),
        drawing("zoe/1", a, box=moved(15), reader="zoe"),
    )
    assert found == [("A", ["anna", "ben", "zoe"])]


def test_a_lesion_that_its_reader_drew_twice_is_asked_for():
    a = image()
    again = drawing("anna/9", a, box=moved(1), reader="anna")
    found, (question,) = lesions(drawing("anna/1", a, reader="anna"), again)
    assert found == [("A", ["anna"])]
    assert question.files == [ROOT / "anna/9"]
    assert again.reader == "?"


def test_outlines_of_nobody_and_of_other_images_are_no_part_of_a_lesion():
    a, b = image(), image(patient="B")
    found, _ = lesions(
        drawing("anna/1", a, reader="anna"),
        drawing("x/1", a, reader="?"),
        drawing("ben/1", b, reader="ben"),
    )
    assert found == [("A", ["anna"]), ("B", ["ben"])]


def names(*rois):
    """Name lesions of (patient, ROI), each at a place of its own."""
    images = {patient: image(patient=patient) for patient, _ in rois}
    found, _ = lesions(
        *(
            drawing(f"{i:02d}", images[patient], roi, box=moved(100 * i))
            for i, (patient, roi) in enumerate(rois)
        )
    )
    return [name for name, _ in found]


def test_lesions_are_called_like_rois_that_two_patients_have():
    rois = [("A", "C4"), ("A", "C3 mass"), ("B", "C3 mass"), ("B", "C4"), ("C", "C4")]
    assert names(*rois) == ["A-C4", "A-C3_MASS", "B-C3_MASS", "B-C4", "C"]


def test_a_number_may_be_a_part_of_a_name():
    rois = [("A", "mass 2"), ("A", "C3"), ("B", "mass 2"), ("B", "C3")]
    assert names(*rois) == ["A-MASS_2", "A-C3", "B-MASS_2", "B-C3"]


def test_names_of_one_patient_alone_are_not_shown():
    assert names(("A", "Doe"), ("A", "C3"), ("B", "C3"), ("B", "Roe")) == [
        *("A-1", "A-C3", "B-C3", "B-2"),
    ]


@pytest.mark.parametrize("roi", ["", "1", "GTV 2", "lesion"])
def test_names_that_say_nothing_are_numbers(roi):
    assert names(("A", roi), ("A", "C3"), ("B", roi), ("B", "C3")) == [
        *("A-1", "A-C3", "B-1", "B-C3"),
    ]


def test_a_name_that_a_patient_has_twice_is_a_number():
    rois = [("A", "C3"), ("A", "C3"), ("A", "C4"), ("B", "C3"), ("B", "C4")]
    assert names(*rois) == ["A-1", "A-2", "A-C4", "B-C3", "B-C4"]


def test_the_name_of_a_reader_is_no_name_of_a_lesion():
    a, b = image(), image(patient="B")
    drawn = [
        drawing(f"{i}", of, f"anna C{k}", box=moved(100 * k), reader="anna")
        for i, (of, k) in enumerate([(a, 3), (a, 4), (b, 3), (b, 4)])
    ]
    assert [name for name, _ in lesions(*drawn)[0]] == ["A-C3", "A-C4", "B-C3", "B-C4"]
    assert drawn[0].roi.box != BOX
