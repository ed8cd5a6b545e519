"""Outlines as other readers might have drawn them."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation, gaussian_filter
from sklearn.utils import get_tags

from sklearn_orn import TextureExtractor
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import (
    Lesion,
    OutlinePerturber,
    Regions,
    as_lesions,
    mask_overlap,
    perturb_outlines,
)
from sklearn_orn.testing import check_image_step
from sklearn_orn.testing.strategies import lesions, rois

STILL = {"rotation": 0, "shift": 0, "growth": 0, "superpixel": 0}


def lesion(number=0, side=64, radius=15, contrast=0):
    noise = np.random.default_rng(number).normal(size=(side, side))
    image = np.rint(1000 + 900 * gaussian_filter(noise, 2)).astype(np.uint16)
    rows, columns = np.mgrid[:side, :side]
    mask = np.hypot(rows - side / 2, columns - side / 2 - 3) < radius
    image[mask] += contrast
    return image, mask


@given(rois((9, 11)), st.integers(0, 3))
def test_an_outline_that_nothing_moves_is_itself(mask, seed):
    image = np.random.default_rng(seed).integers(0, 256, size=mask.shape)
    assert (perturb_outlines(image, mask, 3, **STILL) == mask).all()


@given(lesions(max_side=20), st.integers(0, 99), st.floats(0, 0.9), st.floats(0, 180))
def test_a_perturbed_outline_has_a_pixel_at_least(drawn, seed, growth, rotation):
    region = next(iter(drawn.read().values()))
    outlines = perturb_outlines(
        region.image,
        region.mask,
        4,
        spacing=region.spacing,
        growth=growth,
        rotation=rotation,
        random_state=seed,
    )
    assert outlines.dtype == bool
    assert outlines.shape == (4, *region.mask.shape)
    assert outlines.any(axis=(1, 2)).all()


@given(lesions(max_side=20), st.integers(1, 6), st.integers(0, 99))
def test_more_perturbed_outlines_begin_with_the_same(drawn, n, seed):
    region = next(iter(drawn.read().values()))
    few, many = (
        perturb_outlines(region.image, region.mask, size, random_state=seed)
        for size in (n, 8)
    )
    assert np.array_equal(few, many[:n])


def test_the_area_changes_by_what_was_asked_for():
    image, mask = lesion()
    still = perturb_outlines(image, mask, 50, growth=0, superpixel=0)
    assert (still.sum(axis=(1, 2)) == mask.sum()).all()
    grown = perturb_outlines(image, mask, 500, growth=0.3, superpixel=0)
    ratio = grown.sum(axis=(1, 2)) / mask.sum()
    assert 0.699 < ratio.min() < 0.71
    assert 1.29 < ratio.max() < 1.301
    assert abs(ratio.mean() - 1) < 0.02


def test_a_shrunk_disc_lies_in_the_disc_and_a_grown_one_around_it():
    image, mask = lesion()
    only_growth = STILL | {"growth": 0.3}
    for outline in perturb_outlines(image, mask, 20, **only_growth):
        assert not ((outline & ~mask).any() and (mask & ~outline).any())


def test_a_shift_by_whole_pixels_moves_the_outline():
    image, mask = lesion()
    moved = perturb_outlines(image, mask, 200, **STILL | {"shift": 2})
    centres = np.array([np.argwhere(m).mean(axis=0) for m in moved])
    offsets = centres - np.argwhere(mask).mean(axis=0)
    assert 1.8 < np.abs(offsets).max() < 2.1
    assert np.abs(offsets.mean(axis=0)).max() < 0.3


def test_a_turn_is_by_degrees_also_where_pixels_are_no_squares():
    rows, columns = np.mgrid[:60, :120]
    bar = (np.abs(rows - 30) < 3) & (np.abs(columns - 60) < 40)  # 6 x 40 mm
    image = np.ones(bar.shape)
    turned = perturb_outlines(
        image, bar, 300, spacing=(1.0, 0.5), **STILL | {"rotation": 30}
    )
    angles = []
    for outline in turned:
        along = np.argwhere(outline) * (1.0, 0.5)
        values, vectors = np.linalg.eigh(np.cov(along.T))
        assert 1.2 < np.sqrt(values[0]) < 2.4  # as thick as it was
        down, right = vectors[:, 1]
        angles.append(np.degrees(np.arctan(down / right)))
    assert 28 < np.abs(angles).max() < 31
    assert abs(np.mean(angles)) < 3


def test_superpixels_move_the_border_only_and_follow_the_image():
    image, mask = lesion()
    outlines = perturb_outlines(image, mask, 200, **STILL | {"superpixel": 4})
    share = outlines.mean(axis=0)
    far = ~binary_dilation(mask, iterations=7)
    deep = ~binary_dilation(~mask, iterations=7)
    assert not share[far].any()
    assert (share[deep] == 1).all()
    assert 0.05 < np.mean((share > 0) & (share < 1)) / mask.mean() < 0.6
    assert abs(outlines.sum(axis=(1, 2)).mean() / mask.sum() - 1) < 0.05


def test_a_sharp_border_is_not_drawn_anew():
    image, mask = lesion(contrast=2000)
    outlines = perturb_outlines(image, mask, 20, **STILL | {"superpixel": 4})
    assert (outlines == mask).all()


def test_perturbed_outlines_overlap_as_those_of_readers_do():
    image, mask = lesion()
    dice = [mask_overlap(m, mask, None).dice for m in perturb_outlines(image, mask, 99)]
    assert 0.8 < np.mean(dice) < 0.95
    assert len(set(dice)) > 50


def test_another_seed_and_another_lesion_give_other_outlines():
    image, mask = lesion()
    first = perturb_outlines(image, mask, 2)
    assert np.array_equal(first, perturb_outlines(image.astype(float), mask, 2))
    assert not np.array_equal(first, perturb_outlines(image, mask, 2, random_state=1))
    assert not np.array_equal(first, perturb_outlines(image + 1, mask, 2))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n": -1}, "'n' parameter of perturb_outlines"),
        ({"rotation": -1}, "'rotation' parameter"),
        ({"shift": np.nan}, "'shift' parameter"),
        ({"growth": 1}, "'growth' parameter"),
        ({"superpixel": "4"}, "'superpixel' parameter"),
        ({"random_state": None}, "'random_state' parameter"),
    ],
)
def test_wrong_parameters_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        perturb_outlines(*lesion(), **settings)
    with pytest.raises(ValueError, match=message.partition(" of ")[0]):
        OutlinePerturber(**settings).fit([lesion()])


def test_an_empty_mask_is_refused():
    with pytest.raises(LesionError, match="the mask is empty"):
        perturb_outlines(np.ones((4, 4)), np.zeros((4, 4)))


def test_the_first_reader_of_each_sequence_is_perturbed():
    image, mask = lesion()
    step = OutlinePerturber(n=2)
    readers = {"anna": mask, "ben": mask}
    both = step.transform([Lesion(image, readers)])[0]
    assert both.readers == ("anna", "perturbed1", "perturbed2", "ben")
    second = step.transform([Lesion(image, readers | {"anna": None})])[0]
    assert second.readers == ("ben", "perturbed1", "perturbed2")
    names = step._region_function().names(
        ("T1|lesion|anna", "T2|lesion", "T2|lesion|b")
    )
    assert names == {
        "T1|lesion|anna": (
            *("T1|lesion|anna", "T1|lesion|perturbed1", "T1|lesion|perturbed2"),
        ),
        "T2|lesion": (
            *("T2|lesion|drawn", "T2|lesion|perturbed1", "T2|lesion|perturbed2"),
        ),
        "T2|lesion|b": ("T2|lesion|b",),
    }


def test_the_outline_that_was_drawn_is_measured_as_it_is():
    image, mask = lesion()
    regions = OutlinePerturber(n=3).transform([(image, mask)])[0].read()
    assert regions["drawn"].mask is not regions["perturbed1"].mask
    assert np.array_equal(regions["drawn"].mask, mask)
    function = perturb_outlines(image, mask, 3)
    for number, outline in enumerate(function, 1):
        assert np.array_equal(regions[f"perturbed{number}"].mask, outline)


def test_regions_are_made_of_perturbed_outlines():
    image, mask = lesion()
    drawn = [Lesion(image, mask, spacing=(1, 1))]
    perturbed = OutlinePerturber(n=1).transform(drawn)
    made = Regions().transform(perturbed)[0]
    assert made.readers == (
        *("image|lesion|drawn", "image|rim3out|drawn"),
        *("image|lesion|perturbed1", "image|rim3out|perturbed1"),
    )
    rims = made.read()
    assert not np.array_equal(
        rims["image|rim3out|drawn"].mask, rims["image|rim3out|perturbed1"].mask
    )
    with pytest.raises(ValueError, match=r"got 'image\|rim3out', .* in front of Reg"):
        OutlinePerturber().transform(Regions().transform(drawn))
    with pytest.raises(ValueError, match="got 'perturbed1', .* and once"):
        OutlinePerturber().transform(perturbed)


def test_neither_row_nor_process_changes_an_outline():
    cohort = [lesion(number) for number in range(4)]
    step, measure = OutlinePerturber(n=2), TextureExtractor(families=["histogram"])
    table = measure.fit_transform(step.transform(cohort))
    turned = measure.fit_transform(step.transform(cohort[::-1]))
    assert np.array_equal(table.to_numpy(), turned.to_numpy()[::-1])
    two = TextureExtractor(families=["histogram"], n_jobs=2)
    lesions = pickle.loads(pickle.dumps(step.transform(cohort)))
    assert np.array_equal(table.to_numpy(), two.fit_transform(lesions).to_numpy())


def test_the_fingerprint_knows_the_parameters():
    given = as_lesions([lesion()])
    steps = [OutlinePerturber(**s) for s in ({}, {"n": 3}, {"random_state": 1})]
    keys = {step.transform(given)[0].fingerprint() for step in [*steps, steps[0]]}
    assert len(keys) == 3


def test_the_battery_passes():
    step = OutlinePerturber(n=2)
    assert not get_tags(step).requires_fit
    check_image_step(step)
