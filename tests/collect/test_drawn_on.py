"""Which files are outlines, and on which image each was drawn."""

import re

import numpy as np
import pytest

from sklearn_orn.collect._drawn_on import Joiner, is_outline
from sklearn_orn.collect._headers import DicomOutlines, PictureFile, VolumeFile
from sklearn_orn.collect._settings import Choices

from ._pieces import ROOT, image


def volume(file, *, affine=None, shape=(30, 20, 4), **more):
    header = VolumeFile(ROOT / file, "NIfTI", shape, affine, True, 0, 0.5, "axial")
    return header._replace(**more)


def picture(file, only_outline=False):
    return PictureFile(ROOT / file, only_outline)


# What is an outline -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (volume("a/brain.nii"), False),
        (volume("a/brain.nii", packed=0.029), True),
        (volume("a/brain.nii", packed=0.03), False),
        (volume("a/brain.nii", segments=2), True),
        (volume("a/brain.seg.nrrd"), True),
        (volume("a/brain_seg.nii"), True),
        (volume("masks/brain.nii"), True),
        (volume("a/unmasked.nii"), False),
        (volume("a/brain_seg.nii", is_whole=False, packed=0.01), False),
        (volume("a/brain.seg.nrrd", is_whole=False), True),
        (picture("a/1.png"), False),
        (picture("a/1.roi", True), True),
        (picture("label/1.png"), True),
        (picture("a/Kontur 1.png"), True),
        (picture("a.mask/1.png"), True),
    ],
)
def test_outlines_are_told_from_images(header, expected):
    assert is_outline(header, ROOT, Choices()) is expected


def test_a_pattern_alone_says_what_is_an_outline():
    choices = Choices(outlines=re.compile("drawn"))
    assert is_outline(volume("drawn/x.nii"), ROOT, choices)
    assert not is_outline(volume("a/x_seg.nii", segments=1), ROOT, choices)
    assert not is_outline(picture("a/1.roi", True), ROOT, choices)


# Which image ------------------------------------------------------------------------


def outlines(series=(), frames=()):
    sets = frozenset(series), frozenset(frames)
    return DicomOutlines(ROOT / "RS", "RT structure set", "9", *sets, "")


def joined(header, *images, **choices):
    found = Joiner(images, ROOT, Choices(**choices)).join(header)
    return found.image, found.how, found.candidates, found.reason


ONE = image("A/1/IM", uid="1", frame="f", number="3", description="t1")
TWO = image("A/2/IM", uid="2", frame="f", number="4", description="t2")
OTHER = image("B/1/IM", patient="B", uid="3", frame="g", traits=("MR", "T1", "CE"))


def test_structure_sets_go_to_the_series_that_they_refer_to():
    how = "the series that they refer to"
    assert joined(outlines(["2"], ["f"]), ONE, TWO, OTHER) == (TWO, how, (), "")
    both = joined(outlines(["1", "2"]), ONE, TWO, OTHER)
    assert both == (None, "", (ONE, TWO), "")
    assert joined(outlines(["1", "2"]), ONE, TWO, series=re.compile("t2"))[0] is TWO


def test_structure_sets_of_an_unknown_series_go_by_the_frame_of_reference():
    how = "their frame of reference"
    assert joined(outlines(["9"], ["g"]), ONE, TWO, OTHER) == (OTHER, how, (), "")
    assert joined(outlines(["9"], ["f"]), ONE, TWO, OTHER)[2] == (ONE, TWO)
    # the one that they refer to was not chosen, another one of its frame was
    found = joined(outlines(["1"], ["f"]), ONE, TWO, series=re.compile("4 t2"))
    assert found == (TWO, how, (), "")


def test_structure_sets_of_nothing_in_the_folder_say_why():
    image_, _, _, reason = joined(outlines(["9"], ["h"]), ONE, OTHER)
    assert image_ is None
    assert reason.startswith("the series that it refers to is not in the folder")
    _, _, _, reason = joined(outlines(["1"]), ONE, OTHER, series=re.compile("t9"))
    assert reason == "its series is not among those chosen"


@pytest.mark.parametrize(
    ("protocol", "chosen"),
    [({"CE", "T1"}, True), ({"MR", "T1", "CE"}, True), ({"T2"}, False)],
)
def test_a_series_is_chosen_by_all_words_of_its_protocol(protocol, chosen):
    joiner = Joiner([ONE, OTHER], ROOT, Choices(protocol=frozenset(protocol)))
    assert joiner.chosen([ONE, OTHER]) == ([OTHER] if chosen else [])
    both = Choices(protocol=frozenset({"T1"}), series=re.compile("nothing"))
    assert Joiner([OTHER], ROOT, both).chosen([OTHER]) == []
    assert Joiner([], ROOT, Choices()).chosen([ONE, OTHER]) == [ONE, OTHER]


def place(x=0.0):
    """Steps and positions of four slices, and voxels on them."""
    positions = np.array([[x, 0.0, 3.0 * k] for k in range(4)])
    steps = np.array([[0.5, 0], [0, 0.5], [0, 0]])
    affine = np.diag([0.5, 0.5, 3.0, 1.0])
    affine[0, 3] = x
    return {"steps": steps, "positions": positions}, tuple(map(tuple, affine))


def volumes(*files, at=()):
    """Images by file, of the patient that the first folder names."""
    return [
        image(file, patient=file.split("/")[0], shape=(20, 30), **place(x)[0])
        for file, x in zip(files, at or [0.0] * len(files), strict=True)
    ]


def test_volumes_go_to_the_image_of_their_name_where_all_have_one_place():
    found = volumes("k1/t1.nii", "k2/t1.nii", "k2/t2.nii")
    seg = volume("seg/k1_mask.nii", affine=place()[1])
    assert joined(seg, *found) == (found[0], "folder and name", (), "")
    assert joined(volume("k2/x.nii", affine=place()[1]), *found)[2] == tuple(found[1:])


def test_the_rarest_name_counts():
    found = volumes("k2/t1.nii", "k2/t2.nii", "k2/t2_late.nii")
    for name, image_ in (("t1", found[0]), ("t2_late", found[2])):
        seg = volume(f"k2/{name}_mask.nii", affine=place()[1])
        assert joined(seg, *found)[0] is image_


def test_a_name_that_two_patients_have_tells_nothing():
    found = volumes("k1/t1.nii", "k2/t1.nii", at=(0.0, 100.0))
    seg = volume("seg/t1.nii", affine=place(100.0)[1])
    assert joined(seg, *found) == (found[1], "position alone", (), "")


def test_volumes_that_fit_no_image_say_why():
    found = volumes("k1/t1.nii", "k2/t1.nii")
    apart = place(0.3)[1]
    _, _, _, reason = joined(volume("k1/x.nii", affine=apart), *found)
    assert reason == "no image of its folder or name has pixels where its voxels are"
    _, _, _, reason = joined(volume("k9/x.nii", affine=apart), *found)
    assert reason == "no image has its name or its place"


def slices(*files, **more):
    return image(*files, steps=np.eye(3)[:, :2], positions=np.zeros((2, 3)), **more)


def test_a_picture_is_of_the_slice_that_has_its_name():
    series = slices("a/k1_01", "a/k1_02", uid="7")
    found, how, _, _ = joined(picture("m/k1_02.png"), series)
    assert how == "folder and name"
    assert found.files == [ROOT / "a/k1_02"]
    assert (found.uid, found.steps, found.positions) == ("7", None, None)
    joiner = Joiner([series], ROOT, Choices())
    again = [joiner.join(picture(f"m{i}/k1_02.png")).image for i in range(2)]
    assert again[0] is again[1]  # outlines of two readers are on one image


def test_a_picture_whose_name_is_longer_is_of_the_slice_that_it_begins_with():
    single = image("x/k1.png", kind="picture")
    assert joined(picture("m/k1_mask_anna.png"), single)[0] is single
    longer = image("x/k1_mask.png", kind="picture")
    assert joined(picture("m/k1_mask_anna.png"), single, longer)[0] is longer


def test_a_picture_goes_by_its_nearest_folder_where_no_name_tells():
    one, two = image("k1/IM"), image("k2/IM", patient="B")
    assert joined(picture("k2/k1/drawn.png"), one, two)[0] is one
    assert joined(picture("k1/k2/drawn.png"), one, two)[0] is two
    assert joined(picture("k3/drawn.png"), one)[3] == "no image has its name"


def test_a_picture_of_several_slices_of_its_name():
    series = slices("k1/s/1", "k1/t/1")
    assert joined(picture("m/1.png"), series)[3] == (
        "it is of one slice, and 2 slices have its name"
    )
    one, two = image("k1/1"), image("k2/1", patient="B")
    assert joined(picture("m/1.png"), one, two)[2] == (one, two)
    chosen = image("k3/1", description="t2")
    assert joined(picture("m/1.png"), one, chosen, series=re.compile("t2"))[0] is chosen


def test_a_copy_of_a_slice_has_a_name_too():
    series = slices("a/IM1", "a/IM2")
    series.copies = [ROOT / "b/k7"]
    found, _, _, _ = joined(picture("m/k7.png"), series)
    assert found.files == [ROOT / "b/k7"]
    assert found.copies == []
