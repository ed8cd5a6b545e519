"""Lesions: arrays or paths, one reader or several."""

import collections
import pickle

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, Region, _opened
from sklearn_orn.images._geometry import Geometry

from ._make import square, write_image, write_png, write_rtstruct

IMAGE = np.arange(48, dtype=np.int16).reshape(6, 8)
MASK = IMAGE > 30


def files(tmp_path):
    return write_image(tmp_path / "i.dcm", IMAGE), write_png(tmp_path / "m.png", MASK)


def test_arrays():
    lesion = Lesion(IMAGE, MASK, spacing=(2, 1), lesion="L1", patient="P1")
    assert lesion.readers == ("",)
    assert lesion.name == "lesion 'L1'"
    region = lesion.read()[""]
    assert isinstance(region, Region)
    assert region.spacing == (2.0, 1.0) and region.window is None
    np.testing.assert_array_equal(region.image, IMAGE)
    np.testing.assert_array_equal(region.mask, MASK)


@pytest.mark.parametrize("dtype", [bool, int, float, np.uint8, object])
def test_masks_of_zero_and_one(dtype):
    region = Lesion(IMAGE, MASK.astype(dtype)).read()[""]
    assert region.mask.dtype == bool
    np.testing.assert_array_equal(region.mask, MASK)


def test_lists_are_arrays():
    region = Lesion([[1, 2], [3, 4]], [[0, 1], [1, 1]]).read()[""]
    assert region.image[region.mask].tolist() == [2, 3, 4]


def test_readers_in_order_and_the_absent_left_out():
    masks = {"B": MASK, "A": ~MASK, "C": None, "D": float("nan"), "E": pd.NA, "F": " "}
    lesion = Lesion(IMAGE, masks)
    assert lesion.readers == ("B", "A")
    assert list(lesion.read()) == ["B", "A"]


@pytest.mark.parametrize("masks", [None, float("nan"), "", {}, {"A": None, "B": ""}])
def test_nobody_drew(masks):
    lesion = Lesion(IMAGE, masks, lesion="L1")
    assert lesion.readers == ()
    with pytest.raises(LesionError, match="lesion 'L1': every mask is missing"):
        lesion.read()


def test_a_rescan_has_its_own_image():
    lesion = Lesion({"A": IMAGE, "rescan": IMAGE + 5}, {"A": MASK, "rescan": MASK})
    regions = lesion.read()
    np.testing.assert_array_equal(regions["rescan"].image, regions["A"].image + 5)
    with pytest.raises(LesionError, match="image of reader 'B': the image is missing"):
        Lesion({"A": IMAGE}, {"A": MASK, "B": MASK}).read()


def test_paths_give_what_arrays_give(tmp_path):
    image, mask = files(tmp_path)
    region = Lesion(image, mask).read()[""]
    np.testing.assert_array_equal(region.image, IMAGE)
    np.testing.assert_array_equal(region.mask, MASK)
    assert region.spacing == (0.5, 0.25)
    assert Lesion(image, mask, spacing=(3, 3)).read()[""].spacing == (3, 3)


def test_paths_and_arrays_may_be_mixed(tmp_path):
    image, mask = files(tmp_path)
    for lesion in (Lesion(image, MASK), Lesion(IMAGE, mask)):
        np.testing.assert_array_equal(lesion.read()[""].mask, MASK)


def test_each_file_is_read_once_per_call(tmp_path, monkeypatch):
    image, _ = files(tmp_path)
    place = Geometry(
        (0.5, 0.25), np.array([-20.0, 30, 100]), np.array([[1.0, 0, 0], [0, 1, 0]])
    )
    points = place.to_patient(np.hstack([square(0.5, 4.5), np.zeros((4, 1))]))
    rois = write_rtstruct(tmp_path / "rs.dcm", {"A": [points], "B": [points]})
    calls = collections.Counter()
    for name in ("open_image", "open_rois"):
        function = getattr(_opened, name)

        def counted(*args, function=function, name=name):
            calls[name] += 1
            return function(*args)

        monkeypatch.setattr(_opened, name, counted)
    lesion = Lesion(image, {"A": f"{rois}#A", "B": f"{rois}#B"})
    assert lesion.read()["B"].mask.sum() == 16
    assert calls == {"open_image": 1, "open_rois": 1}
    lesion.read()
    assert calls == {"open_image": 2, "open_rois": 2}


def test_paths_pickle_as_paths_and_keep_no_pixels(tmp_path):
    image, mask = files(tmp_path)
    lesion = Lesion(image, {"A": mask}, lesion="L1").at_row(3)
    before = pickle.dumps(lesion)
    lesion.read()
    assert pickle.dumps(lesion) == before
    assert len(before) < 1000
    restored = pickle.loads(before)
    assert restored.name == "lesion 'L1' (row 3)"
    np.testing.assert_array_equal(restored.read()["A"].mask, MASK)


def test_nothing_is_opened_before_read():
    lesion = Lesion("missing.dcm", "missing.png", lesion="L1")
    with pytest.raises(LesionError, match=r"L1', image: file 'missing\.dcm' does not"):
        lesion.read()


@pytest.mark.parametrize(
    ("image", "mask", "message"),
    [
        (IMAGE, MASK & False, "mask: the mask is empty: none of its 6 x 8 pixels"),
        (IMAGE, MASK[:4], "mask: the mask has 4 x 8 pixels, the image has 6 x 8"),
        (IMAGE, MASK * 255, "mask: the mask holds the values 0, 255; expected"),
        (IMAGE, MASK * 0.5, "values 0, 0.5"),
        (IMAGE, IMAGE, "values 0, 1, 2, 3, 4, ...;"),
        (IMAGE, np.where(MASK, 1.0, np.nan), "values 1, nan"),
        (IMAGE, MASK[None], r"mask is an array of shape \(1, 6, 8\)"),
        (IMAGE, 3.5, r"mask is an array of shape \(\)"),
        (IMAGE[None], MASK, r"image: the image is an array of shape \(1, 6, 8\)"),
        (MASK, IMAGE, "the image is boolean; .* swapped"),
        (IMAGE * np.nan, MASK, "image holds 48 NaN or infinite"),
        (IMAGE.astype(str), MASK, "image is an array of <U"),
        (IMAGE * 1j, MASK, "image is an array of complex128"),
        (None, MASK, "image: the image is missing"),
        (object(), MASK, "image is of type object"),
        ([[1, 2], [3]], MASK, "image is of type list"),
        (np.empty((0, 3)), np.empty((0, 3)), r"image is an array of shape \(0, 3\)"),
    ],
)
def test_arrays_that_are_no_lesion(image, mask, message):
    with pytest.raises(LesionError, match=message) as caught:
        Lesion(image, mask, lesion="L1").read()
    assert str(caught.value).startswith("lesion 'L1', ")


def test_the_message_names_lesion_reader_and_file(tmp_path):
    image, _ = files(tmp_path)
    mask = write_png(tmp_path / "small.png", MASK[:3])
    lesion = Lesion(image, {"B": mask}, lesion="P03-L1").at_row(7)
    with pytest.raises(
        LesionError,
        match=r"^lesion 'P03-L1' \(row 7\), mask of reader 'B': file '.*small\.png' "
        "has 3 x 8 pixels, the image has 6 x 8",
    ):
        lesion.read()


@pytest.mark.parametrize("spacing", [(0, 1), (1,), (1, -1), (1, np.inf), "ab"])
def test_wrong_spacing(spacing):
    with pytest.raises(ValueError, match="spacing|could not"):
        Lesion(IMAGE, MASK, spacing=spacing)


def test_readers_are_named_by_strings():
    with pytest.raises(TypeError, match="got 1 of type int"):
        Lesion(IMAGE, {1: MASK})
