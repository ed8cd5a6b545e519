"""Formats, protocols and places one by one."""

import os

import numpy as np
import pytest

from sklearn_orn.collect import collect
from sklearn_orn.collect._headers import DicomImage, OtherFile, read_export_file
from sklearn_orn.collect._protocol_words import asked_traits, traits_of
from sklearn_orn.images import as_lesions, check_cohort
from tests.images._volumes import Scene, write_enhanced, write_nrrd, write_seg

from . import _folders as make

BOX = (5, 12, 1)
SERIES = {"ScanningSequence": "SE", "Modality": "MR"}


@pytest.mark.parametrize(
    ("header", "traits"),
    [
        ({"RepetitionTime": 500, "EchoTime": 12}, {"axial", "T1", "native"}),
        ({"RepetitionTime": 4000, "EchoTime": 90}, {"axial", "T2", "native"}),
        ({"RepetitionTime": 1200, "EchoTime": 40}, {"axial", "native"}),
        ({"SeriesDescription": "t1_vibe_fs_tra+C"}, {"T1", "fatsat", "CE"}),
        ({"SeriesDescription": "T1 pre", "ContrastBolusAgent": "Gd"}, {"native"}),
        ({"SeriesDescription": "Dixon KM"}, {"fatsat", "CE"}),
        ({"ContrastBolusAgent": "NO"}, {"native"}),
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]}, {"coronal"}),
        ({"ImageOrientationPatient": [1, 1, 0, 0, 0, -1]}, {"MR"}),
        ({"Modality": "PT"}, {"PET"}),
    ],
)
def test_traits_of_a_series(tmp_path, header, traits):
    (path,) = make.write_series(tmp_path, "A", "1.2.3", slices=1, **(SERIES | header))
    found = read_export_file(path)
    assert isinstance(found, DicomImage)
    assert traits <= set(traits_of(found))
    known = {"T1", "T2", "CE", "native", "axial", "coronal", "fatsat"}
    assert not ({"CE", "native"} <= set(traits_of(found)))
    assert known & traits <= known & set(traits_of(found))


@pytest.mark.parametrize(
    ("asked", "traits"),
    [("tra KM T1w", {"axial", "CE", "T1"}), ("CET1", {"CE", "T1"}), ("mrt", {"MR"})],
)
def test_words_of_a_protocol(asked, traits):
    assert asked_traits(asked) == traits


def test_what_is_no_image_is_told(tmp_path):
    dataset = make.dicom_image(np.zeros((4, 4), np.uint16), Modality="SR")
    dataset.save_as(tmp_path / "SR", enforce_file_format=True)
    (tmp_path / "empty").write_bytes(b"")
    found = read_export_file(tmp_path / "SR")
    assert isinstance(found, OtherFile)
    assert "structured report" in found.reason
    assert read_export_file(tmp_path / "empty").reason == "empty"


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL"])
def test_segmentations_on_frames_and_slices(tmp_path, kind):
    scene = Scene()
    (tmp_path / "im").mkdir()
    scene.write_series(tmp_path / "im" / "one")
    write_enhanced(tmp_path / "im" / "many.dcm", scene)
    write_seg(tmp_path / "SEG", scene, {"Lesion": scene.mask}, kind=kind)
    found = collect(tmp_path)
    assert "--series" in found.questions[0].flag  # both lie in one frame of reference
    found = collect(tmp_path, leave_out="many")
    assert os.path.basename(found.table["image"][0]) == "one"
    assert not check_cohort(as_lesions(found.table)).errors
    found = collect(tmp_path, leave_out="one/")
    assert os.path.basename(found.table["image"][0]) == "many.dcm"
    assert not check_cohort(as_lesions(found.table)).errors


def test_an_arranged_folder_of_volumes(tmp_path):
    for p in ("Doe", "Roe"):
        make.write_volume(tmp_path / "data" / p / "t1.nii.gz")
        label = make.labels((2, 6, 0), (10, 16, 2))
        make.write_labels(tmp_path / "data" / p / "t1_seg.nii.gz", label)
    out = tmp_path / "neutral"
    table = collect(tmp_path / "data", arrange=out).table
    assert table["lesion"].tolist() == ["P001-1", "P001-2", "P002-1", "P002-2"]
    paths = " ".join([*table["image"], *table["mask"]]).replace(str(tmp_path), "")
    assert "Doe" not in paths
    assert not check_cohort(as_lesions(table)).errors
    assert len([path for path in out.rglob("*") if path.is_file()]) == 4


def test_nrrd_beside_its_image(tmp_path):
    rng = np.random.default_rng(0)
    for p in "AB":
        (tmp_path / p).mkdir()
        voxels = rng.integers(0, 900, (20, 24, 4)).astype(np.int16)
        write_nrrd(tmp_path / p / "MR.nrrd", voxels, make.affine())
        make.write_slicer(tmp_path / p / "MR.seg.nrrd", make.labels(BOX), ["x"])
    table = collect(tmp_path).table
    assert [os.path.basename(path) for path in table["image"]] == ["MR.nrrd"] * 2
    assert not check_cohort(as_lesions(table)).errors


def test_an_empty_label_map_is_left_over(tmp_path):
    make.write_volume(tmp_path / "A" / "im.nii")
    make.write_labels(tmp_path / "A" / "im_seg.nii", make.labels())
    found = collect(tmp_path)
    assert found.left_out["reason"].tolist()[1] == "nothing is drawn in it"


def test_a_damaged_outline_is_left_over(tmp_path):
    make.write_volume(tmp_path / "A" / "im.nii.gz")
    path = tmp_path / "A" / "im_seg.nii.gz"
    make.write_labels(path, make.labels(BOX))
    path.write_bytes(path.read_bytes()[:-9])
    found = collect(tmp_path)
    assert found.table.empty
    reasons = " ".join(found.left_out["reason"])
    assert "it is truncated: its gzip stream ends" in reasons


def test_two_outlines_of_one_reader_at_one_place_are_asked_for(tmp_path):
    make.write_series(tmp_path / "dcm", "A", "1.2.3.4")
    for name in ("A", "A_again"):
        make.write_labels(tmp_path / "seg" / f"{name}.nii.gz", make.labels(BOX))
    found = collect(tmp_path, readers={"anna": "seg"})
    (question,) = found.questions
    assert "where their reader drew a lesion already" in question.text
    assert len(found.table) == 1
    assert len(found.left_out) == 1


def test_an_outline_of_no_reader_is_asked_for(tmp_path):
    for p in "ABC":
        make.write_series(tmp_path / "dcm" / p, p, f"1.2.3.{ord(p)}")
        make.write_labels(tmp_path / "anna" / f"{p}.nii.gz", make.labels(BOX))
        folder = "ben" if p != "C" else "new"
        make.write_labels(tmp_path / folder / f"{p}.nii.gz", make.labels(BOX))
    found = collect(tmp_path)
    (question,) = found.questions
    assert "name none of the readers anna, ben" in question.text
    assert [path.name for path in question.files] == ["C.nii.gz"]
    assert len(found.table) == 3


def test_a_series_that_was_not_chosen_says_so(tmp_path):
    make.write_series(tmp_path / "dcm", "A", "1.2.3.4", SeriesDescription="t2")
    make.write_structures(tmp_path / "RS", "1.2.3.4")
    reasons = set(collect(tmp_path, series="t1").left_out["reason"])
    assert reasons == {
        "not among the series that were chosen",
        "its series is not among those chosen",
    }


def test_a_folder_that_may_not_be_entered(tmp_path):
    if os.name != "posix" or os.getuid() == 0:
        pytest.skip("nothing is closed to the administrator")
    (tmp_path / "closed").mkdir(mode=0)
    assert "cannot be opened" in collect(tmp_path).left_out["reason"][0]
