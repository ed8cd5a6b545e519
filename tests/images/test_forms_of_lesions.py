"""The forms that X may take, and the labels that its lesions keep."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.images import Lesion, LesionSequence, as_lesions

IMAGES = np.arange(72.0).reshape(3, 4, 6)
MASKS = np.arange(72).reshape(3, 4, 6) % 7 == 0


def seen(lesions):
    """Return the pixels of each lesion's ROI."""
    regions = [lesion.read()[""] for lesion in lesions]
    return [region.image[region.mask].tolist() for region in regions]


EXPECTED = [image[mask].tolist() for image, mask in zip(IMAGES, MASKS, strict=True)]


def objects(items, shape):
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)


def flat_pairs():
    return [part for pair in zip(IMAGES, MASKS, strict=True) for part in pair]


@pytest.mark.parametrize(
    "X",
    [
        list(zip(IMAGES, MASKS, strict=True)),
        [list(pair) for pair in zip(IMAGES, MASKS, strict=True)],
        tuple(zip(IMAGES, MASKS, strict=True)),
        np.stack([IMAGES, MASKS], axis=1),
        list(np.stack([IMAGES, MASKS], axis=1)),
        objects([Lesion(*pair) for pair in zip(IMAGES, MASKS, strict=True)], (3,)),
        objects(flat_pairs(), (3, 2)),
        list(objects(flat_pairs(), (3, 2))),
        pd.Series([Lesion(*pair) for pair in zip(IMAGES, MASKS, strict=True)]),
    ],
)
def test_every_form_gives_the_same_lesions(X):
    lesions = as_lesions(X)
    assert seen(lesions) == EXPECTED
    assert lesions.index.tolist() == [0, 1, 2]
    assert [lesion.row for lesion in lesions] == [0, 1, 2]


@pytest.mark.parametrize(
    ("X", "error"),
    [
        ([IMAGES[0]], TypeError),
        ([np.zeros((3, 4, 6))], TypeError),
        ([np.zeros((1, 2, 4, 6))], TypeError),
        ([np.zeros((2, 4))], TypeError),
        (["ab"], TypeError),
        ([(IMAGES[0],)], TypeError),
        (b"ab", TypeError),
        ({1: 2}, TypeError),
        (np.zeros((3, 3, 4, 6)), ValueError),
        (np.zeros((2, 4, 6)), ValueError),
        (objects([1] * 8, (2, 2, 2)), ValueError),
        (np.array(["a", "b"]), ValueError),
    ],
)
def test_what_is_no_form_of_lesions(X, error):
    with pytest.raises(error, match="X must be a DataFrame with columns 'image'"):
        as_lesions(X)


def test_an_item_that_is_no_lesion_is_named():
    with pytest.raises(TypeError, match="item 1 of X is int"):
        as_lesions([Lesion(IMAGES[0], MASKS[0]), 3])
    with pytest.raises(TypeError, match=r"item 0 of X is an array of shape \(4, 6\)"):
        as_lesions([IMAGES[0]])


def test_labels_are_known_by_all_lesions_or_counted():
    lesions = [Lesion(*pair) for pair in zip(IMAGES, MASKS, strict=True)]
    assert LesionSequence(lesions).index.tolist() == [0, 1, 2]
    known = [lesion.at_row(f"r{i}") for i, lesion in enumerate(lesions)]
    assert LesionSequence(known).index.tolist() == ["r0", "r1", "r2"]
    assert LesionSequence([*known[:2], lesions[2]]).index.tolist() == [0, 1, 2]
    assert LesionSequence([]).index.tolist() == []
    series = pd.Series(lesions, index=["x", "y", "z"])
    assert [lesion.row for lesion in as_lesions(series)] == ["x", "y", "z"]
    mixed = as_lesions([known[0], lesions[1]])
    assert [lesion.row for lesion in mixed] == ["r0", 1]


def test_rescaled_lesions_are_copies_one_by_one():
    made = [Lesion(f"{i}.dcm", "m.png") for i in range(3)]
    lesions = as_lesions([x.at_row(f"r{i}") for i, x in enumerate(made)])
    again = as_lesions(lesions, rescale=True)
    assert [lesion.rescale for lesion in again] == [True] * 3
    assert [lesion.rescale for lesion in lesions] == [False] * 3
    assert [lesion.image for lesion in again] == ["0.dcm", "1.dcm", "2.dcm"]
    assert again.index.tolist() == ["r0", "r1", "r2"]


def row(**cells):
    (lesion,) = as_lesions(pd.DataFrame([cells]))
    return lesion


def test_an_outline_of_all_sequences_is_absent_where_the_image_is():
    shared = {"image_T1": "1.dcm", "image_T2": None, "mask_A": "a.png"}
    assert row(**shared).readers == ("T1|lesion|A",)
    # without any image it is there, so that the lesion can be named
    assert len(row(**shared | {"image_T1": None}).readers) == 2
    own = shared | {"mask_T2_A": "own.png"}
    assert row(**own).readers == ("T1|lesion|A", "T2|lesion|A")
    assert row(**own).mask_of("T2|lesion|A") == "own.png"
    assert row(**own).mask_of("T1|lesion|A") == "a.png"


def test_a_choice_is_of_the_readers_own_image_or_of_the_common_one():
    cells = {"image": "1", "image@B": "2", "mask_A": "a", "mask_B": "b", "section": 3}
    lesion = row(**cells)
    assert (lesion.section_of("A"), lesion.section_of("B")) == (3, None)
    lesion = row(**cells | {"section@B": 5})
    assert (lesion.section_of("A"), lesion.section_of("B")) == (3, 5)
    lesion = row(**cells | {"image@B": None})
    assert (lesion.section_of("A"), lesion.section_of("B")) == (3, 3)
    assert row(**cells | {"lesion": "L1", "patient": "P"}).patient == "P"
    assert row(**cells).lesion is None


@pytest.mark.parametrize("key", [[], [2, 0], [False, True, True], slice(1), -1, 0])
def test_some_of_the_lesions(key):
    lesions = as_lesions(np.stack([IMAGES, MASKS], axis=1))
    part = lesions[key]
    if isinstance(key, int):
        assert part.row == range(3)[key]
        return
    rows = np.arange(3)[key if len(np.ravel(key)) else slice(0)]
    assert part.index.tolist() == rows.tolist()
    assert seen(part) == [EXPECTED[i] for i in rows]
