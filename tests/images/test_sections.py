"""Rows of slices, and the columns section and series."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import as_lesions, expand_cohort, read_cohort

from ._make import write_image, write_png
from ._volumes import Scene, write_nifti


def table(tmp_path, **columns):
    scene = Scene()
    smaller = scene.mask.copy()
    smaller[2] = smaller[3] = False
    path = {
        "image": scene.write_series(tmp_path / "s"),
        "mask_A": write_nifti(
            tmp_path / "a.nii", *scene.stored(scene.mask.astype("u1"))
        ),
        "mask_B": write_nifti(tmp_path / "b.nii", *scene.stored(smaller.astype("u1"))),
    }
    flat = {
        "image": write_image(tmp_path / "i.dcm", scene.pixels[0]),
        "mask_A": write_png(tmp_path / "m.png", scene.mask[1]),
        "mask_B": None,
    }
    rows = pd.DataFrame([path, flat], index=["x", "y"])
    rows["lesion"], rows["patient"] = ["L1", "L2"], ["P1", "P2"]
    return rows.assign(**columns)


def test_largest_goes_by_the_first_reader(tmp_path):
    rows = table(tmp_path)
    expanded = expand_cohort(rows)
    assert expanded["section"].tolist() == [2, 0]
    assert expanded.index.tolist() == ["x", "y"]
    assert "section" not in rows
    assert expand_cohort(rows, reader="B")["section"].tolist() == [1, 0]
    region = as_lesions(expand_cohort(rows, reader="B"))[0].read()["A"]
    assert region.mask.sum() == 50


def test_the_larger_one_of_two_slices(tmp_path):
    scene = Scene()
    image, mask = scene.pixels[1:3], scene.mask[1:3].astype("u1")
    path = {
        "image": write_nifti(tmp_path / "i.nii", *scene.stored(image)),
        "mask": write_nifti(tmp_path / "m.nii", *scene.stored(mask)),
    }
    rows = pd.DataFrame([path])
    assert expand_cohort(rows)["section"].tolist() == [1]
    region = as_lesions(rows)[0].read()[""]
    np.testing.assert_array_equal(region.image, image[1])
    assert region.mask.sum() == mask[1].sum() > mask[0].sum()


def test_a_slice_for_all_sequences_becomes_one_for_each():
    cells = {"image_T1": "a", "image_T2": "b", "mask_A": "m", "section": 4, "series": 7}
    rows = expand_cohort(pd.DataFrame([cells, cells | {"section": None}]))
    assert rows["section_T1"].fillna(-1).tolist() == [4, -1]
    assert rows["section_T2"].fillna(-1).tolist() == [4, -1]
    assert rows["section"].isna().all()  # or it would stand for what is not there
    assert rows["series"].tolist() == [7, 7]


def test_a_row_without_section_is_read_as_largest(tmp_path):
    rows = table(tmp_path).drop(columns="mask_B")
    expanded = expand_cohort(rows)
    for lesion, chosen in zip(as_lesions(rows), as_lesions(expanded), strict=True):
        a, b = lesion.read()["A"], chosen.read()["A"]
        np.testing.assert_array_equal(a.image, b.image)
        np.testing.assert_array_equal(a.mask, b.mask)


def test_a_reader_who_drew_nothing_there_is_named(tmp_path):
    with pytest.raises(
        LesionError, match="mask of reader 'B'.*nothing was drawn on th"
    ):
        as_lesions(table(tmp_path))[0].read()


def test_all_makes_a_row_for_each_slice(tmp_path):
    expanded = expand_cohort(table(tmp_path), "all")
    assert expanded["lesion"].tolist() == ["L1/1", "L1/2", "L1/3", "L2"]
    assert expanded["patient"].tolist() == ["P1", "P1", "P1", "P2"]
    assert expanded["section"].fillna(-1).tolist() == [1, 2, 3, -1]
    readers = [lesion.readers for lesion in as_lesions(expanded)]
    assert readers == [("A", "B"), ("A",), ("A",), ("A",)]
    areas = [lesion.read()["A"].mask.sum() for lesion in as_lesions(expanded)]
    assert areas == [50, 84, 6, 50]
    assert expanded["section"].dtype == "Int64"


def test_a_number_is_for_all_and_chosen_sections_stay(tmp_path):
    for section in (3, 0, np.int64(2)):
        assert (
            expand_cohort(table(tmp_path), section)["section"].tolist() == [section] * 2
        )
    rows = table(tmp_path, section=[1, None])
    assert expand_cohort(rows, 3)["section"].tolist() == [1, 3]
    assert expand_cohort(rows)["section"].tolist() == [1, 0]
    every = expand_cohort(rows, "all")
    assert every["section"].fillna(-1).tolist() == [1, -1]
    assert every["lesion"].tolist() == ["L1", "L2"]


@pytest.mark.parametrize("image", [np.zeros((3, 4)), "", None])
def test_what_is_no_file_has_no_slice_to_choose(image):
    rows = pd.DataFrame({"image": [image], "mask": ["m.png"], "patient": ["P"]})
    for section in ("largest", "all"):
        assert expand_cohort(rows, section)["section"].isna().tolist() == [True]


@pytest.mark.parametrize("section", ["middle", -1, 1.5, True])
def test_wrong_sections(tmp_path, section):
    with pytest.raises(CohortError, match="expected 'largest', 'all' or a whole"):
        expand_cohort(table(tmp_path), section)


def test_other_errors(tmp_path):
    with pytest.raises(CohortError, match="'C' has no mask column; there are 'A', 'B'"):
        expand_cohort(table(tmp_path), reader="C")
    unnamed = pd.DataFrame({"image": ["i"], "mask": ["m"]})
    with pytest.raises(CohortError, match="'C' has no mask .*there are none by name"):
        expand_cohort(unnamed, reader="C")
    with pytest.raises(CohortError, match="no column 'patient'; expected one"):
        expand_cohort(table(tmp_path).drop(columns="patient"), "all")
    with pytest.raises(LesionError, match="section is 'x'; expected a whole number"):
        as_lesions(table(tmp_path, section=["x", 0]))[0].read()


def test_files_that_cannot_be_read_keep_an_empty_section(tmp_path):
    rows = table(tmp_path)
    rows.loc["x", "image"] = "missing.dcm"
    for section in ("largest", "all"):
        expanded = expand_cohort(rows, section)
        assert expanded["section"].isna().tolist()[0]
        assert len(expanded) == 2


def test_a_rescan_has_its_own_slice(tmp_path):
    rows = table(tmp_path)
    other = Scene(seed=5)
    rows["image_B"] = [other.write_series(tmp_path / "t"), None]
    regions = as_lesions(rows)[0].read()
    np.testing.assert_array_equal(regions["A"].image, Scene().pixels[2])
    np.testing.assert_array_equal(regions["B"].image, other.pixels[1])
    expanded = expand_cohort(rows)
    assert expanded["section"].tolist() == [2, 0]
    assert expanded["section_B"].fillna(-1).tolist() == [1, -1]
    with pytest.raises(CohortError, match="images of single readers"):
        expand_cohort(rows, "all")


def test_rescale_of_a_whole_sequence(tmp_path):
    rows = table(tmp_path)
    lesions = as_lesions(rows)
    rescaled = as_lesions(rows, rescale=True)
    a, b = lesions[1].read()["A"].image, rescaled[1].read()["A"].image
    np.testing.assert_array_equal(a.astype(int) * 2 - 1000, b)
    assert as_lesions(lesions, rescale=True)[1].rescale and not lesions[1].rescale
    mapped = lesions.map(abs)
    with pytest.raises(TypeError, match="rescale=True needs lesions that are read"):
        as_lesions(mapped, rescale=True)


def test_the_fingerprint_knows_all_choices(tmp_path):
    rows = table(tmp_path)
    keys = {
        as_lesions(rows.assign(**changes), rescale=rescale)[0].fingerprint()
        for changes in ({}, {"section": 1}, {"section": 2}, {"series": 4})
        for rescale in (False, True)
    }
    assert len(keys) == 8
    before = as_lesions(rows)[0].fingerprint()
    assert before == as_lesions(rows)[0].fingerprint()
    (tmp_path / "s" / "IM4005").write_bytes(b"one more file")
    assert as_lesions(rows)[0].fingerprint() != before


def test_columns_of_a_csv(tmp_path):
    rows = table(tmp_path, section=[1, None], series=["4", None])
    rows.to_csv(tmp_path / "cohort.csv", index=False)
    lesions = as_lesions(read_cohort(tmp_path / "cohort.csv"))
    assert [lesion.section_of("A") for lesion in lesions] == [1, None]
    assert [lesion.series_of("A") for lesion in lesions] == ["4", None]
    assert lesions[0].read()["B"].mask.sum() == 50


def test_a_table_cannot_leave_its_root(tmp_path):
    inside, outside = tmp_path / "root", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.dcm").write_bytes(b"")
    (inside / "link.dcm").symlink_to(outside / "a.dcm")
    for cell, leaves in (
        ("b.dcm", False),
        ("../root/b.dcm", False),
        ("../outside/a.dcm", True),
        (str(outside / "a.dcm"), True),
        ("link.dcm", True),
        ("../outside/a.dcm#GTV", True),
    ):
        path = inside / "cohort.csv"
        path.write_text(f"image,mask\nb.dcm,{cell}\n")
        read_cohort(path)
        if not leaves:
            read_cohort(path, root=inside)
            continue
        with pytest.raises(CohortError, match="'mask' of row 2 leads outside of the f"):
            read_cohort(path, root=inside)


def test_links_in_a_series_folder_cannot_leave_its_root(tmp_path):
    inside, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (inside / "series" / "sub", inside / "all#1", outside):
        folder.mkdir(parents=True)
    (outside / "a.dcm").write_bytes(b"")
    path = inside / "cohort.csv"
    path.write_text("image,mask\nseries,b.png\n")
    (inside / "b.dcm").write_bytes(b"")
    (inside / "series" / "b.dcm").symlink_to(inside / "b.dcm")
    read_cohort(path, root=inside)
    links = {
        "series/a.dcm": outside / "a.dcm",
        "series/sub/a.dcm": outside / "a.dcm",
        "series/all": outside,
        "series/nowhere": outside / "none",
        "all#1/a.dcm": outside / "a.dcm",
        "b.img": outside / "a.dcm",
    }
    for link, target in links.items():
        (inside / link).symlink_to(target)
        image = {"a": "all#1", "b": "b.hdr"}.get(link[0], "series")
        path.write_text(f"image,mask\n{image},b.png\n")
        with pytest.raises(
            CohortError, match="'image' of row 2 leads outside.* by a l"
        ):
            read_cohort(path, root=inside)
        read_cohort(path)
        (inside / link).unlink()
        read_cohort(path, root=inside)
