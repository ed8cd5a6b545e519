"""Which ROIs are lesions, and how much of one lies in another."""

import re
from itertools import permutations

import numpy as np
import pytest

from sklearn_orn.collect import _drawings
from sklearn_orn.collect._drawings import list_drawings, overlap
from sklearn_orn.collect._drawn_on import Joined
from sklearn_orn.collect._headers import DicomOutlines, PictureFile, VolumeFile
from sklearn_orn.collect._settings import Choices
from sklearn_orn.images.shared import FoundRoi

from ._pieces import BOX, ROOT, drawing, image, moved

IMAGE = image()


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        (BOX, BOX, 1.0),
        (BOX, moved(5), 0.5),
        (BOX, moved(5, 5), 0.25),
        (BOX, moved(5, 5, 5), 0.125),
        (BOX, moved(9), 0.1),
        (BOX, moved(10), 0.01),  # they touch: a tenth of a mm is shared
        (BOX, moved(10.01), 0.0),
        (BOX, moved(30), 0.0),
        (BOX, moved(2, 2, 2, size=4), 1.0),
        (BOX, moved(8, 0, 0, size=4), 0.5),
        (moved(size=2), moved(1, 1, 1, size=20), 0.125),
        # flat boxes, of one slice
        (((0, 0, 3), (10, 10, 3)), ((0, 0, 3), (10, 10, 3)), 1.0),
        (((0, 0, 3), (10, 10, 3)), ((5, 0, 3), (15, 10, 3)), 0.5),
        (((0, 0, 3), (10, 10, 3)), ((0, 0, 6), (10, 10, 6)), 0.0),
        (((0, 0, 3), (10, 10, 3)), BOX, 1.0),
        (None, BOX, 1.0),
        (BOX, None, 1.0),
        (None, None, 1.0),
    ],
)
def test_the_share_of_the_smaller_box(first, second, share):
    one, other = (drawing("x", IMAGE, box=box) for box in (first, second))
    assert overlap(one, other) == pytest.approx(share)
    assert overlap(other, one) == pytest.approx(share)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_all_axes_are_alike(order):
    boxes = [((0, 0, 0), (10, 8, 6)), ((5, 6, 3), (15, 14, 9))]
    turned = [
        tuple(tuple(corner[axis] for axis in order) for corner in box) for box in boxes
    ]
    one, other = (drawing("x", IMAGE, box=box) for box in turned)
    assert overlap(one, other) == pytest.approx(5 * 2 * 3 / (10 * 8 * 6))


def test_the_cell_of_the_table_is_the_file_and_its_roi():
    one = drawing("a/RS", IMAGE, "GTV 1", choice="GTV 1")
    assert one.cell == f"{ROOT / 'a/RS'}#GTV 1"
    one.linked = ROOT / "new/RS"
    assert one.cell == f"{ROOT / 'new/RS'}#GTV 1"
    assert drawing("a/m.nii", IMAGE).cell == str(ROOT / "a/m.nii")


@pytest.fixture
def rois(monkeypatch):
    """ROIs by file, in place of what the files hold."""
    content = {}
    monkeypatch.setattr(_drawings, "_found", lambda header: content[header.path.name])
    return content


def outlines(name, of=IMAGE, observer=""):
    header = DicomOutlines(
        ROOT / "a" / name, "RT", "1", frozenset(), frozenset(), observer
    )
    return Joined(header, of, "name")


def listed(*joined, steps=None, **choices):
    drawings, left, guesses = list_drawings(
        joined,
        ROOT,
        Choices(**choices),
        1,
        lambda *step: steps is not None and steps.append(step),
    )
    found = [(d.path.name, d.roi.name) for d in drawings]
    return found, [(x.file.name, x.reason) for x in left], guesses


def test_organs_are_counted_and_left_out(rois):
    rois["RS1"] = [FoundRoi(n, n, BOX) for n in ("BODY", "GTV", "Spinal_Cord", "ptv1")]
    rois["RS2"] = [FoundRoi(n, n, BOX) for n in ("body", "Lungenherd")]
    found, left, (guess,) = listed(outlines("RS1"), outlines("RS2"))
    assert found == [("RS1", "GTV"), ("RS2", "Lungenherd")]
    assert not left
    assert "lesions: body (2), cord (1), ptv1 (1) (--roi" in guess


def test_a_pattern_chooses_rois_by_name_or_else_by_number(rois):
    rois["RS"] = [FoundRoi("x", "Cord", BOX), FoundRoi("y", "GTV", BOX)]
    rois["seg"] = [FoundRoi("1", "", BOX), FoundRoi("2", "", BOX)]
    rois["none"] = [FoundRoi("1", "Skin", BOX)]
    files = [outlines(name) for name in ("RS", "seg", "none")]
    found, left, guesses = listed(*files, roi=re.compile("cord|2", re.IGNORECASE))
    assert found == [("RS", "Cord"), ("seg", "")]
    assert left == [("none", "none of its ROIs is chosen")]
    assert not guesses


def test_a_file_that_cannot_be_read_loses_no_other(rois):
    rois |= {"bad": "it is truncated", "empty": [], "good": [FoundRoi("1", "", None)]}
    steps = []
    found, left, _ = listed(*map(outlines, ("bad", "empty", "good")), steps=steps)
    assert found == [("good", "")]
    assert left == [("bad", "it is truncated"), ("empty", "nothing is drawn in it")]
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_an_roi_on_no_slice_of_its_image_is_left_out(rois):
    of = image(steps=np.eye(3)[:, :2], positions=np.array([[0.0, 0, 5]]))
    rois["RS"] = [
        FoundRoi("1", "far", moved(z=30)),
        FoundRoi("2", "near", BOX),
        FoundRoi("3", "flat", None),
    ]
    found, left, _ = listed(outlines("RS", of))
    assert found == [("RS", "near"), ("RS", "flat")]
    assert left == [("RS", "an ROI of it lies on no slice of its image")]


def test_what_a_drawing_knows_of_its_file(rois):
    rois["RS reader A"] = [FoundRoi("1", "left mass", BOX)]
    (one,), _, _ = list_drawings(
        [outlines("RS reader A", observer="Qvist")],
        ROOT,
        Choices(),
        1,
        lambda *_: None,
    )
    assert one.words == {"a", "rs", "reader_a"}
    assert one.roi_words == {"left", "mass"}
    assert (one.observer, one.image) == ("Qvist", IMAGE)


def test_a_picture_is_one_roi_without_a_place():
    header = PictureFile(ROOT / "a/1.png", True)
    drawings, _, _ = list_drawings(
        [Joined(header, IMAGE)], ROOT, Choices(), 1, lambda *_: None
    )
    (one,) = drawings
    assert one.roi == FoundRoi("", "", None)
    assert one.observer == ""


def test_a_volume_that_is_not_there_says_so(tmp_path):
    header = VolumeFile(tmp_path / "a.nii", "NIfTI", (2, 2, 2), None, True, 0, 0.5, "")
    drawings, (left,), _ = list_drawings(
        [Joined(header, IMAGE)], tmp_path, Choices(), 1, lambda *_: None
    )
    assert not drawings
    assert (left.file, left.kind) == (tmp_path / "a.nii", "outline")
    assert left.reason
