"""How a table of new patients is brought to the columns that a model picks."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.deploy import _new_cohort as module
from sklearn_orn.deploy import read_new_cohort
from sklearn_orn.deploy._new_cohort import (
    _check_section,
    _check_sequences,
    _with_readers,
    complete_columns,
)
from sklearn_orn.exceptions import CohortError
from tests.images._volumes import Scene, write_nifti


def branch(*columns, readers=("anna", "ben")):
    """What a model picks of a table; nothing of it where it takes the whole table."""
    extractor = SimpleNamespace(readers_=list(readers))
    return SimpleNamespace(columns=list(columns) or None, extractor=extractor)


def table(**columns):
    return pd.DataFrame({"lesion": ["L1", "L2"], **columns}, index=[3, 8])


BOTH = branch("image", "mask_anna", "mask_ben")


def test_a_reader_who_is_absent_is_an_empty_column():
    found = _with_readers(table(image=["i1", "i2"], mask_ben=["m1", "m2"]), BOTH)
    assert found["mask_ben"].tolist() == ["m1", "m2"]
    assert found["mask_anna"].isna().all()
    assert found.index.tolist() == [3, 8]


def test_an_unnamed_mask_is_that_of_the_first_reader():
    given = table(image=["i1", "i2"], mask=["m1", "m2"])
    found = _with_readers(given, BOTH)
    assert found["mask_anna"].tolist() == ["m1", "m2"]
    assert found["mask_ben"].isna().all()
    assert "mask" not in found and "mask" in given
    two = branch(
        *("image_T1", "image_T2", "mask_T1_anna", "mask_T1_ben"),
        *("mask_T2_anna", "mask_T2_ben"),
        readers=[f"{s}|lesion|{r}" for s in ("T1", "T2") for r in ("anna", "ben")],
    )
    images = {"image_T1": ["i1", "i2"], "image_T2": ["j1", "j2"]}
    found = _with_readers(table(**images, mask=["m1", "m2"]), two)
    for name in ("mask_T1_anna", "mask_T2_anna"):
        assert found[name].tolist() == ["m1", "m2"]
    assert found[["mask_T1_ben", "mask_T2_ben"]].isna().all(axis=None)


def test_an_unnamed_mask_stays_where_readers_are_named_or_none_is_picked():
    given = table(image=["i1", "i2"], mask=["m1", "m2"], mask_ben=["n1", "n2"])
    found = _with_readers(given, BOTH)
    assert found["mask"].tolist() == ["m1", "m2"]
    assert found["mask_anna"].isna().all()
    one = branch("image", "mask", readers=[""])
    plain = table(image=["i1", "i2"], mask=["m1", "m2"])
    assert _with_readers(plain, one).equals(plain)
    assert _with_readers(plain, branch(readers=[""])).equals(plain)


def test_choices_of_slices_that_are_absent_are_empty():
    picked = branch("image", "mask_anna", "section", "series", "stack", "age")
    found = _with_readers(table(image=["i1", "i2"], mask_anna=["m", "n"]), picked)
    for name in ("section", "series", "stack"):
        assert found[name].isna().all()
    assert "age" not in found
    given = table(image=["i1", "i2"], mask_anna=["m", "n"], section=[3, 4])
    assert _with_readers(given, picked)["section"].tolist() == [3, 4]


def test_the_image_of_a_reader_is_the_image_where_there_is_no_other():
    picked = branch("image", "image_ben", "mask_anna", "mask_ben")
    given = table(image=["i1", "i2"], mask_anna=["m1", "m2"])
    assert _with_readers(given, picked)["image_ben"].tolist() == ["i1", "i2"]
    given = given.assign(image_ben=["j1", np.nan])
    assert _with_readers(given, picked)["image_ben"].tolist()[0] == "j1"
    assert "image_ben" not in _with_readers(given.drop(columns="image_ben"), BOTH)
    without = _with_readers(table(mask_anna=["m1", "m2"]), picked)
    assert "image_ben" not in without and "image" not in without


def test_a_reader_whom_the_model_does_not_know_is_named():
    given = table(image=["i1", "i2"], mask_anna=["m", "n"], mask_cara=["m", "n"])
    with pytest.raises(CohortError, match="'mask_cara' names a reader .* anna, ben"):
        _with_readers(given, BOTH)
    assert "mask_cara" in _with_readers(given, branch(readers=["anna"]))


SEQUENCES = branch(readers=["T1|lesion|anna", "T2|lesion|anna", "T1|rim3out|anna"])


def test_each_sequence_that_is_measured_has_images():
    both = table(image_T1=["a", "b"], image_T2=["c", "d"], mask=["m", "n"])
    _check_sequences(both, SEQUENCES)
    with pytest.raises(CohortError, match="sequence 'T2'.* Add the column 'image_T2'"):
        _check_sequences(table(image_T1=["a", "b"], mask=["m", "n"]), SEQUENCES)
    with pytest.raises(CohortError, match="sequence 'T1', 'T2'.* column 'image_T1'"):
        _check_sequences(table(image=["a", "b"], mask=["m", "n"]), SEQUENCES)
    for readers in (["anna"], ["image|lesion|anna"]):
        _check_sequences(both, branch(readers=readers))


def test_a_slice_that_the_model_would_not_look_at_is_refused():
    _check_section([branch("image", "mask", "section"), branch()])
    with pytest.raises(CohortError, match="a table of features, and a section"):
        _check_section([])
    with pytest.raises(CohortError, match="from image, mask_anna, mask_ben, and never"):
        _check_section([branch(), BOTH])


def takes(monkeypatch, *branches, plain=()):
    """A model of these branches of images and plain columns."""
    monkeypatch.setattr(module, "image_branches", lambda pipeline: list(branches))
    monkeypatch.setattr(module, "plain_columns", lambda pipeline: list(plain))
    return SimpleNamespace(pipeline=None)


def test_every_branch_has_its_columns(monkeypatch):
    model = takes(monkeypatch, BOTH, branch("image_ben"), plain=["age"])
    given = table(image=["i1", "i2"], mask=["m1", "m2"], age=[60, 70])
    found = complete_columns(given, model)
    assert found["mask_anna"].tolist() == ["m1", "m2"]
    assert found["image_ben"].tolist() == ["i1", "i2"]
    with pytest.raises(CohortError, match="lacks 1 columns that the model needs: age"):
        complete_columns(given.drop(columns="age"), model)
    model = takes(monkeypatch, SEQUENCES)
    with pytest.raises(CohortError, match="no images of the sequence 'T2'"):
        complete_columns(table(image_T1=["a", "b"], mask=["m", "n"]), model)


@pytest.mark.parametrize(("section", "rows"), [(None, 1), ("largest", 1), ("all", 3)])
def test_slices_of_volumes_become_rows(monkeypatch, tmp_path, section, rows):
    model, scene = takes(monkeypatch, branch(readers=[""])), Scene()
    image = write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels))
    mask = write_nifti(tmp_path / "m.nii", *scene.stored(scene.mask.astype("u1")))
    path = tmp_path / "new.csv"
    row = {"image": image, "mask": mask, "patient": "P"}
    pd.DataFrame([row]).to_csv(path, index=False)
    found = read_new_cohort(path, model, section=section)
    assert len(found) == rows
    assert ("section" in found) == (section is not None)
