"""Folders of all kinds become the table that a person would have made of them."""

import os

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.collect import collect
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import as_lesions, check_cohort

from . import _folders as make

BOX = (5, 12, 1)


def readable(table):
    """Whether every lesion of a table can be measured as it stands."""
    return not check_cohort(as_lesions(table)).errors


def reasons(found):
    names = [os.path.basename(path) for path in found.left_out["file"]]
    return dict(zip(names, found.left_out["reason"], strict=True))


@pytest.fixture
def pacs(tmp_path):
    """Two patients with three series each, and label maps of two readers."""
    for number, patient in enumerate(("4711", "0815")):
        home = tmp_path / "DICOM" / f"PA{number}" / "ST0"
        for series, name, more in (
            (1, "t1_tra", {}),
            (2, "t2_tra", {}),
            (3, "t1_tra KM", {"ContrastBolusAgent": "Gd"}),
        ):
            uid = f"1.2.3.{number}.{series}"
            folder = home / f"SE{series}"
            make.write_series(folder, patient, uid, SeriesDescription=name, **more)
        make.write_slicer(
            tmp_path / "rois" / "Anna" / f"{patient}.seg.nrrd",
            make.labels(BOX),
            ["Tumor"],
        )
        make.write_labels(
            tmp_path / "rois" / "Ben" / f"{patient}.nii.gz", make.labels((5, 13, 1))
        )
    return tmp_path


def test_one_of_several_series_is_asked_for(pacs):
    found = collect(pacs)
    assert found.table.empty
    (question,) = found.questions
    assert "--series" in question.flag
    assert "--protocol" in question.flag
    assert len(question.files) == 4
    assert found.candidates["patients"].tolist() == [2, 2, 2]
    assert "'t1_tra KM': MR axial T1 CE" in found.candidates["series"].tolist()
    assert len(found.left_out) == 2 * 3 * make.N_SLICES + 4


@pytest.mark.parametrize(
    ("choice", "last"),
    [
        ({"protocol": "axial CE-T1"}, "SE3"),
        ({"protocol": "ax t1 nativ"}, "SE1"),
        ({"protocol": "T2"}, "SE2"),
        ({"series": "km$"}, "SE3"),
        ({"series": "^2 "}, "SE2"),
    ],
)
def test_a_series_is_chosen(pacs, choice, last):
    found = collect(pacs, **choice)
    assert not found.questions
    table = found.table
    assert table["patient"].tolist() == ["P001", "P002"]
    assert list(table.columns[3:]) == ["mask_anna", "mask_ben"]
    assert {os.path.basename(path) for path in table["image"]} == {last}
    assert table["mask_anna"][0].endswith("4711.seg.nrrd")
    assert table["mask_ben"][1].endswith("0815.nii.gz")
    assert readable(table)
    assert len(found.left_out) == 2 * 2 * make.N_SLICES


SEQUENCES = {"CE-T1": "KM", "T1": "t1_tra$", "T2": "t2"}


def test_several_sequences_are_columns(pacs, tmp_path):
    found = collect(pacs, series="KM", sequences=SEQUENCES)
    assert not found.questions
    table = found.table
    images = ["image_CE-T1", "image_T1", "image_T2"]
    assert list(table.columns) == [
        *("lesion", "patient", *images),
        *("mask_anna", "mask_ben"),
    ]
    ends = [[os.path.basename(path) for path in table[name]] for name in images]
    assert ends == [["SE3", "SE3"], ["SE1", "SE1"], ["SE2", "SE2"]]
    assert "sequences: CE-T1 (2 of 2), T1 (2 of 2), T2 (2 of 2)" in found.guesses
    assert readable(table)
    assert not any(path.startswith("IM") for path in reasons(found))
    moved = collect(
        pacs, series="KM", sequences=SEQUENCES, arrange=tmp_path / "neutral"
    )
    assert readable(moved.table)
    assert moved.table["image_T2"].str.contains("series-3").all()


def test_a_sequence_that_was_not_made_is_a_gap(pacs):
    found = collect(pacs, series="KM", sequences=SEQUENCES, leave_out="PA1/ST0/SE2")
    assert found.table["image_T2"].notna().tolist() == [True, False]
    assert "sequences: CE-T1 (2 of 2), T1 (2 of 2), T2 (1 of 2)" in found.guesses
    assert readable(found.table)


@pytest.mark.parametrize(
    ("sequences", "n_lesions", "says"),
    [
        ({"CE-T1": "KM", "other": "t[12]_tra$"}, 2, "2 lesions with several series"),
        ({"T1": "t1", "T2": "t2_tra|KM"}, 0, "2 lesions drawn on a series that none"),
        ({"T1": "t1_tra$", "T2": "t2"}, 0, "2 lesions drawn on a series that none"),
    ],
)
def test_sequences_that_are_not_clear_are_asked_for(pacs, sequences, n_lesions, says):
    found = collect(pacs, series="KM", sequences=sequences)
    assert len(found.table) == n_lesions
    (question,) = found.questions
    assert question.text.startswith(says)
    assert "--sequence" in question.flag


def test_every_file_is_in_the_table_or_left_over(pacs):
    (pacs / "notes.txt").write_text("mine")
    (pacs / "Thumbs.db").write_bytes(b"x")
    (pacs / "broken").write_bytes(b"\0" * 128 + b"DICM" + b"\x02\0\0\0UL\x04\0")
    found = collect(pacs, protocol="CE")
    every = {str(path) for path in pacs.rglob("*") if path.is_file()}
    table = found.table
    used = {str(p) for folder in table["image"] for p in map(str, _files(folder))}
    used |= {*table["mask_anna"], *table["mask_ben"]}
    left = set(found.left_out["file"])
    assert used | left == every
    assert not used & left
    assert reasons(found)["notes.txt"] == "neither an image nor an outline"
    assert "operating system" in reasons(found)["Thumbs.db"]


def _files(folder):
    return [os.path.join(folder, name) for name in os.listdir(folder)]


def test_several_series_in_one_folder(tmp_path):
    for series in (3, 4):
        make.write_series(
            tmp_path / "all",
            "A",
            f"1.2.3.{series}",
            names=f"IM{series}{{:03d}}",
            SeriesDescription="t1" if series == 3 else "t2",
        )
    make.write_labels(tmp_path / "seg" / "A.nii.gz", make.labels(BOX))
    table = collect(tmp_path, series="t2").table
    assert table["series"].tolist() == ["4"]
    assert "mask" in table
    assert readable(table)


def test_a_series_in_several_folders(tmp_path):
    files = make.write_series(tmp_path / "Q" / "a", "Q", "1.2.3.1")
    more = {"names": "other{}", "PixelSpacing": [0.7, 0.7]}
    make.write_series(tmp_path / "Q" / "a", "Q", "1.2.3.2", **more)
    (tmp_path / "Q" / "b").mkdir()
    files[-1].rename(tmp_path / "Q" / "b" / "IM")
    make.write_labels(tmp_path / "seg" / "Q.nii.gz", make.labels((5, 12, 3)))
    table = collect(tmp_path).table
    assert table["image"].tolist() == [str(tmp_path / "Q")]
    assert table["series"].tolist() == ["1"]
    assert readable(table)


def test_scattered_series_are_asked_for_and_arranged(tmp_path):
    """One of the folders lies within the other."""
    files = make.write_series(tmp_path / "a", "Q", "1.2.3.1")
    (tmp_path / "a" / "b").mkdir()
    files[-1].rename(tmp_path / "a" / "b" / "IM")
    make.write_labels(tmp_path / "seg" / "Q.nii.gz", make.labels(BOX))
    found = collect(tmp_path)
    assert found.table.empty
    assert found.questions[0].flag == "--arrange DIR"
    out = tmp_path.with_name("arranged")
    found = collect(tmp_path, arrange=out)
    assert not found.questions
    assert readable(found.table)
    assert found.table["image"].str.startswith(str(out / "P001")).all()
    with pytest.raises(CohortError, match="not empty"):
        collect(tmp_path, arrange=out)


def test_structure_sets_are_joined_by_their_series(tmp_path):
    for patient, base in (("A", "1.2.1"), ("B", "1.2.2")):
        for series in (1, 2):
            uid = f"{base}.{series}"
            make.write_series(tmp_path / patient / str(series), patient, uid)
        make.write_structures(tmp_path / "plans" / f"RS{patient}", f"{base}.2")
    found = collect(tmp_path)
    assert not found.questions
    ends = [path.split(os.sep)[-2:] for path in found.table["image"]]
    assert ends == [["A", "2"], ["B", "2"]]
    assert readable(found.table)


def test_an_unknown_series_is_joined_by_the_frame_of_reference(tmp_path):
    make.write_series(tmp_path / "im", "A", "1.2.9.1", FrameOfReferenceUID="1.9.8")
    make.write_structures(tmp_path / "RS", "1.2.7.7", frame="1.9.8")
    make.write_structures(tmp_path / "RS2", "1.2.7.7", frame="1.9.9")
    found = collect(tmp_path)
    assert len(found.table) == 1
    assert "is not in the folder" in reasons(found)["RS2"]


def test_organs_are_no_lesions(tmp_path):
    for patient in "AB":
        make.write_series(tmp_path / patient, patient, f"1.2.3.{ord(patient)}")
        names = ("BODY", "Spinal Cord", "GTV_1")
        make.write_structures(
            tmp_path / f"{patient}.RS", f"1.2.3.{ord(patient)}", names
        )
    found = collect(tmp_path)
    assert [cell.split("#")[1] for cell in found.table["mask"]] == ["GTV_1"] * 2
    assert any("body (2)" in guess for guess in found.guesses)
    chosen = collect(tmp_path, roi="cord")
    assert chosen.table["mask"][0].endswith("#Spinal Cord")


def test_parts_of_a_lesion_are_asked_for(tmp_path):
    make.write_series(tmp_path / "im", "A", "1.2.3.4")
    make.write_structures(tmp_path / "RS", "1.2.3.4", ("Mass", "Edema"))
    found = collect(tmp_path)
    assert found.table.empty
    assert "--roi" in found.questions[0].flag
    assert len(collect(tmp_path, roi="mass").table) == 1


def test_readers_in_one_structure_set(tmp_path):
    make.write_series(tmp_path / "im", "A", "1.2.3.4")
    names = ("GTV reader 1", "GTV reader 2")
    make.write_structures(tmp_path / "RS", "1.2.3.4", names)
    table = collect(tmp_path).table
    assert list(table.columns[3:]) == ["mask_reader_1", "mask_reader_2"]
    assert readable(table)


def test_observers_are_readers_without_their_names(tmp_path):
    for patient in "AB":
        uid = f"1.2.3.{ord(patient)}"
        make.write_series(tmp_path / patient, patient, uid)
        for number, observer in enumerate(("Qvist^Anna", "Zzyx^Ben")):
            path = tmp_path / patient / f"{number}.dcm"
            make.write_structures(path, uid, observer=observer)
    found = collect(tmp_path)
    assert list(found.table.columns[3:]) == ["mask_reader_1", "mask_reader_2"]
    said = " ".join(found.guesses)
    assert "observers" in said
    assert "qvist" not in said.lower()


@pytest.mark.parametrize(
    ("image", "first", "second"),
    [
        ("{p}/image.nii.gz", "{p}/mask_anna.nii.gz", "{p}/mask_ben.nii.gz"),
        ("images/{p}.nii.gz", "anna/{p}-label.nii.gz", "ben/{p}-label.nii.gz"),
        (
            "sub-{p}/anat/sub-{p}_T1w.nii.gz",
            "derivatives/anna/sub-{p}/anat/sub-{p}_T1w_mask.nii.gz",
            "derivatives/ben/sub-{p}/anat/sub-{p}_T1w_mask.nii.gz",
        ),
        ("{p}_T1.nii", "{p}_T1_seg_anna.nii", "{p}_T1_seg_ben.nii"),
    ],
)
def test_volumes_by_folder_and_name(tmp_path, image, first, second):
    """All have one place, as after a registration to an atlas."""
    for p in ("01", "02", "03"):
        make.write_volume(tmp_path / image.format(p=p))
        make.write_labels(tmp_path / first.format(p=p), make.labels(BOX))
        make.write_labels(tmp_path / second.format(p=p), make.labels((5, 13, 1)))
    found = collect(tmp_path)
    assert not found.questions
    table = found.table
    assert table["patient"].tolist() == ["P001", "P002", "P003"]
    for p, row in zip(("01", "02", "03"), table.itertuples(), strict=True):
        assert row.image == str(tmp_path / image.format(p=p))
        assert row.mask_anna == str(tmp_path / first.format(p=p))
        assert row.mask_ben == str(tmp_path / second.format(p=p))
    assert readable(table)
    assert any("by " in g and "--patient" in g for g in found.guesses)


def test_other_sequences_of_a_subject_stay_apart(tmp_path):
    for p in ("01", "02"):
        for kind in ("T1w", "T2w"):
            make.write_volume(tmp_path / f"sub-{p}" / f"sub-{p}_{kind}.nii.gz")
        make.write_labels(
            tmp_path / "roi" / f"sub-{p}_T2w_mask.nii.gz", make.labels(BOX)
        )
    found = collect(tmp_path)
    assert [path[-9:-7] for path in found.table["image"]] == ["2w", "2w"]


def test_lesions_of_readers_are_joined_where_they_overlap(tmp_path):
    for p in "AB":
        make.write_series(tmp_path / "dcm" / p, p, f"1.2.3.{ord(p)}")
        boxes = ((2, 6, 0), (10, 16, 2))
        make.write_slicer(
            tmp_path / "anna" / f"{p}.seg.nrrd", make.labels(*boxes), ["C4", "C3"]
        )
        make.write_labels(tmp_path / "ben" / f"{p}.nii.gz", make.labels(*boxes[::-1]))
    table = collect(tmp_path).table
    assert table["lesion"].tolist() == ["P001-C3", "P001-C4", "P002-C3", "P002-C4"]
    assert [m.split("#")[1] for m in table["mask_anna"]] == ["C3", "C4"] * 2
    assert [m.split("#")[1] for m in table["mask_ben"]] == ["1", "2"] * 2
    assert readable(table)


def test_a_lesion_of_one_reader_alone(tmp_path):
    for p in "ABC":
        make.write_series(tmp_path / "dcm" / p, p, f"1.2.3.{ord(p)}")
        make.write_labels(tmp_path / "anna" / f"{p}.nii.gz", make.labels(BOX))
        if p != "C":
            make.write_labels(tmp_path / "ben" / f"{p}.nii.gz", make.labels(BOX))
    found = collect(tmp_path)
    assert found.table["mask_ben"].isna().tolist() == [False, False, True]
    assert any("1 by 1 reader" in guess for guess in found.guesses)


def test_pictures_of_slices(tmp_path):
    for p in "AB":
        make.write_series(tmp_path / "dcm", p, f"1.2.3.{ord(p)}", names=p + "_{:02d}")
        for number in (1, 2):
            make.write_picture(tmp_path / "masks_x" / f"{p}_{number:02d}.png")
    table = collect(tmp_path).table
    assert table["lesion"].tolist() == ["P001-1", "P001-2", "P002-1", "P002-2"]
    assert [os.path.basename(path) for path in table["image"]] == [
        "A_01", "A_02", "B_01", "B_02",
    ]  # fmt: skip
    assert readable(table)


def test_pictures_and_structure_sets_of_the_same(tmp_path):
    for p in "AB":
        uid = f"1.2.3.{ord(p)}"
        make.write_series(tmp_path / "dcm", p, uid, names=p + "_{:02d}")
        make.write_picture(tmp_path / "masks" / f"{p}_01.png")
        make.write_structures(tmp_path / "plans" / f"RS{p}", uid)
    found = collect(tmp_path)
    assert found.table.empty
    (question,) = found.questions
    assert "masks/" in question.text
    assert "plans/" in question.text
    assert len(collect(tmp_path, leave_out="^masks/").table) == 2
    assert len(collect(tmp_path, leave_out="^plans/").table) == 2


def test_copies_count_once(tmp_path):
    files = make.write_series(tmp_path / "a", "A", "1.2.3.4")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "again").write_bytes(files[0].read_bytes())
    make.write_structures(tmp_path / "RS", "1.2.3.4")
    (tmp_path / "RS copy").write_bytes((tmp_path / "RS").read_bytes())
    found = collect(tmp_path)
    assert not found.questions
    assert found.table["image"].tolist() == [str(tmp_path / "a")]
    assert reasons(found)["again"] == "a copy of another image"
    assert "copy" in reasons(found)["RS copy"]


def test_outlines_that_nothing_tells_apart_are_asked_for(tmp_path):
    make.write_series(tmp_path / "dcm", "A", "1.2.3.4")
    for name in ("A", "A_1"):
        make.write_labels(tmp_path / "seg" / f"{name}.nii.gz", make.labels(BOX))
    found = collect(tmp_path)
    assert found.table.empty
    (question,) = found.questions
    assert "--reader NAME=REGEX" in question.flag
    found = collect(tmp_path, readers={"one": r"A\.nii", "two": "A_1"})
    assert list(found.table.columns[3:]) == ["mask_one", "mask_two"]
    found = collect(tmp_path, readers={"one": r"A\.nii", "two": "nobody"})
    assert "fit none" in found.questions[0].text


def test_sequences_are_no_readers(tmp_path):
    for p in "AB":
        make.write_series(tmp_path / "dcm" / p, p, f"1.2.3.{ord(p)}")
        for kind in ("t1", "t2"):
            make.write_labels(tmp_path / "seg" / f"{p}_{kind}.nii.gz", make.labels(BOX))
    found = collect(tmp_path)
    assert any("look like sequences" in q.text for q in found.questions)


def test_patients_by_a_pattern_or_under_their_own_names(tmp_path):
    for p in ("k07", "k08"):
        make.write_volume(tmp_path / f"mri of {p} a.nii")
        make.write_labels(tmp_path / f"mri of {p} a label.nii", make.labels(BOX))
    found = collect(tmp_path, patient=r"k\d+", ids="own")
    assert found.table["patient"].tolist() == ["k07", "k08"]
    found = collect(tmp_path, patient="k07")
    assert "--patient" in found.questions[0].flag


def test_a_shifted_outline_is_left_over(tmp_path):
    make.write_series(tmp_path / "dcm", "A", "1.2.3.4")
    place = make.affine()
    place[0, 3] += 0.1
    (tmp_path / "seg").mkdir()
    from tests.images._volumes import write_nifti

    write_nifti(tmp_path / "seg" / "A.nii.gz", make.labels(BOX), place)
    assert "has pixels where" in reasons(collect(tmp_path))["A.nii.gz"]


def test_outlines_that_look_like_images(tmp_path):
    """Nothing in their names tells, and they are not packed."""
    for p in ("01", "02"):
        make.write_volume(tmp_path / p / "brain.nii")
        make.write_labels(tmp_path / p / "drawn.nii", make.labels(BOX))
    assert collect(tmp_path).table.empty
    table = collect(tmp_path, outlines="drawn").table
    assert len(table) == 2
    assert readable(table)


def test_a_picture_of_no_slice_is_left_over(tmp_path):
    make.write_series(tmp_path / "dcm", "A", "1.2.3.4")
    make.write_picture(tmp_path / "mask" / "dcm.png")
    found = collect(tmp_path)
    assert reasons(found)["dcm.png"] == "it is of one slice, and 4 slices have its name"


def test_links_in_a_circle_end(tmp_path):
    make.write_series(tmp_path / "dcm", "A", "1.2.3.4")
    make.write_structures(tmp_path / "RS", "1.2.3.4")
    os.symlink(tmp_path, tmp_path / "dcm" / "up", target_is_directory=True)
    assert len(collect(tmp_path).table) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"series": "("}, "no regular expression"),
        ({"protocol": "axial CE-T1 lovely"}, "'lovely' is no word"),
        ({"protocol": " "}, "is empty"),
        ({"sequences": {"T1": "("}}, "sequence T1: .* no regular expression"),
        ({"sequences": {"T1": "t1"}}, "'T1' is the only one"),
        ({"sequences": {"T|1": "t1", "T2": "t2"}}, "expected letters and digits"),
    ],
)
def test_wrong_choices_are_refused(tmp_path, wrong, says):
    with pytest.raises(CohortError, match=says):
        collect(tmp_path, **wrong)


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(CohortError, match="not there"):
        collect(tmp_path / "nowhere")


def test_several_processes_find_the_same(pacs, monkeypatch):
    from sklearn_orn.collect import _drawings, _headers

    alone = collect(pacs, protocol="CE")
    monkeypatch.setattr(_headers, "_FEW", 1)
    monkeypatch.setattr(_headers, "_CHUNK", 7)
    monkeypatch.setattr(_drawings, "_FEW", 1)
    steps = []
    both = collect(
        pacs, protocol="CE", n_jobs=2, progress=lambda *step: steps.append(step)
    )
    pd.testing.assert_frame_equal(alone.table, both.table)
    pd.testing.assert_frame_equal(alone.left_out, both.left_out)
    n_files = 2 * (3 * make.N_SLICES + 2)
    assert ("reading headers", n_files, n_files) in steps
    assert np.all([done <= total for _, done, total in steps])
