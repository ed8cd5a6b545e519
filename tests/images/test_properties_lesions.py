"""Lesions in memory: reading, resampling and the overlap of readers."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import (
    Lesion,
    Resampler,
    as_lesions,
    hash_ids,
    mask_overlap,
    reader_overlap,
)
from sklearn_orn.testing.strategies import lesions, rois, spacings
from tests._examples import examples

SALT = "0123456789abcdef"


@st.composite
def outlines(draw, number=2, max_side=15):
    """ROIs of one shape, drawn independently."""
    shape = draw(st.tuples(st.integers(1, max_side), st.integers(1, max_side)))
    return [draw(rois(shape)) for _ in range(number)]


def regions_equal(first, second):
    return list(first) == list(second) and all(
        np.array_equal(first[r].image, second[r].image)
        and np.array_equal(first[r].mask, second[r].mask)
        and first[r].spacing == second[r].spacing
        for r in first
    )


@given(lesions(readers=["A", "B"], absent_readers=True), st.sampled_from([bool, int]))
@examples(60)
def test_a_lesion_reads_as_it_was_given(lesion, kind):
    """Stored values are what MaZda measures: no pixel is converted on the way."""
    masks = {r: m if m is None else m.astype(kind) for r, m in lesion.masks.items()}
    given_again = Lesion(lesion.image, masks, spacing=lesion.spacing)
    found = given_again.read()
    assert regions_equal(found, lesion.read())
    for reader, region in found.items():
        assert region.image.dtype == lesion.image.dtype
        np.testing.assert_array_equal(region.image, lesion.image)
        np.testing.assert_array_equal(region.mask, lesion.masks[reader])
    assert found.keys() == {r for r, m in masks.items() if m is not None}


@given(lesions())
@examples(40)
def test_a_lesion_survives_pickling(lesion):
    """It goes to other processes and machines."""
    assert regions_equal(pickle.loads(pickle.dumps(lesion)).read(), lesion.read())


@given(st.lists(lesions(max_side=8), min_size=1, max_size=5), st.data())
@examples(60)
def test_picking_lesions_picks_their_labels_too(several, data):
    """GridSearchCV and train_test_split slice X: a row must keep its name."""
    sequence = as_lesions(several)
    rows = data.draw(st.lists(st.integers(0, len(several) - 1), max_size=6))
    picked = sequence[rows]
    assert picked.index.tolist() == rows and len(picked) == len(rows)
    for row, lesion in zip(rows, picked, strict=True):
        assert regions_equal(lesion.read(), several[row].read())
    mask = np.isin(np.arange(len(several)), rows)
    assert sequence[mask].index.tolist() == sorted(set(rows))
    assert sequence[1:].index.tolist() == list(range(1, len(several)))


@given(outlines(), spacings())
@examples(80)
def test_overlap_is_mutual(pair, spacing):
    """Who is compared with whom does not matter; only the ratio turns round."""
    there, back = mask_overlap(*pair, spacing), mask_overlap(*pair[::-1], spacing)
    assert there.dice == back.dice
    distance = back.mean_surface_distance
    assert there.mean_surface_distance == pytest.approx(distance)
    assert there[3:] == pytest.approx(back[3:])
    assert there.area_ratio == pytest.approx(1 / back.area_ratio)


@given(outlines(), spacings())
@examples(80)
def test_overlap_is_perfect_for_the_same_outline_only(pair, spacing):
    """Dice counts shared pixels, the distance is between borders."""
    found = mask_overlap(*pair, spacing)
    same = np.array_equal(*pair)
    assert 0 <= found.dice <= 1 and found.mean_surface_distance >= 0
    assert 0 <= found.hausdorff_95 <= found.hausdorff
    assert (found.dice == 1) == same
    assert (found.dice == 0) == (not (pair[0] & pair[1]).any())
    assert found.mean_surface_distance == 0 or not same
    # The harmonic mean of the shares of each that the other covers.
    shared = (pair[0] & pair[1]).sum()
    covered = [shared / mask.sum() for mask in pair]
    if shared:
        harmonic = 2 / (1 / covered[0] + 1 / covered[1])
        assert found.dice == pytest.approx(harmonic)


@given(outlines(), spacings(), st.integers(0, 5), st.integers(0, 5), st.booleans())
@examples(60)
def test_overlap_does_not_know_where_in_the_image_it_is(
    pair, spacing, down, right, turned
):
    """Two outlines moved or turned together lie to each other as before."""
    first = mask_overlap(*pair, spacing)
    moved = [np.pad(mask, ((down, right), (right, down))) for mask in pair]
    distances = spacing
    if turned:
        moved, distances = [np.rot90(mask) for mask in moved], spacing[::-1]
    second = mask_overlap(*moved, distances)
    assert second == pytest.approx(first)


@given(outlines(), spacings(), st.integers(2, 5))
@examples(60)
def test_distances_are_in_millimetres(pair, spacing, factor):
    """Pixels twice as large are twice as far from each other; shares stay."""
    first = mask_overlap(*pair, spacing)
    larger = tuple(factor * distance for distance in spacing)
    second = mask_overlap(*pair, larger)
    assert second.dice == first.dice and second.area_ratio == first.area_ratio
    expected = factor * first.mean_surface_distance
    assert second.mean_surface_distance == pytest.approx(expected)
    assert np.isnan(mask_overlap(*pair, None).mean_surface_distance)


@given(
    st.lists(
        lesions(max_side=8, readers=list("ABC"), absent_readers=True),
        min_size=1,
        max_size=4,
    )
)
@examples(40)
def test_every_two_readers_of_a_lesion_are_compared_once(cohort):
    """Three readers are three pairs, and an absent one is in none."""
    table = reader_overlap(cohort)
    expected = sum(len(x.readers) * (len(x.readers) - 1) // 2 for x in cohort)
    assert len(table) == expected
    assert (table["reader_1"] < table["reader_2"]).all()
    assert table["dice"].between(0, 1).all()


@given(lesions(spacing=True))
@examples(60)
def test_the_spacing_that_is_there_changes_nothing(lesion):
    """Each new pixel lies on an old one."""
    region = Resampler(lesion.spacing).fit_transform([lesion])[0].read()[""]
    np.testing.assert_array_equal(region.image, lesion.image)
    np.testing.assert_array_equal(region.mask, lesion.masks)
    if lesion.image.dtype.kind != "f":
        assert region.image.dtype == lesion.image.dtype


def resampled(lesion, spacing):
    """A region on another grid; None where the ROI vanishes, which is an error."""
    try:
        return Resampler(spacing).fit_transform([lesion])[0].read()[""]
    except LesionError as error:
        assert "vanishes" in str(error)
        return None


@given(lesions(max_side=12, spacing=True), spacings())
@examples(80)
def test_resampling_invents_no_grey_level_and_no_type(lesion, spacing):
    """Linear interpolation lies between its neighbours; integers stay integers."""
    region = resampled(lesion, spacing)
    assume(region is not None)
    image = lesion.image
    assert region.image.min() >= image.min() and region.image.max() <= image.max()
    assert region.image.dtype == image.dtype or image.dtype.kind == "f"
    assert region.mask.any() and region.spacing == spacing


def test_a_float_image_of_one_value_keeps_it():
    # Found by hypothesis: 3.0 became 2.9999999999999996 and 3.0000000000000004, and
    # noise of that size has a skewness.
    lesion = Lesion(np.full((2, 2), 3.0), np.ones((2, 2)), spacing=(1.1, 1.0))
    assert set(resampled(lesion, (1.0, 0.3)).image.flat) == {3.0}


@given(lesions(max_side=12, spacing=True), spacings())
@examples(60)
def test_resampling_turns_with_the_image(lesion, spacing):
    """Both grids have one centre: no direction is preferred."""
    # Whole steps of grey, so that halves are not rounded to the even one.
    image = lesion.image.astype(float)
    straight = Lesion(image, lesion.masks, spacing=lesion.spacing)
    turned = Lesion(
        np.rot90(image), np.rot90(lesion.masks), spacing=lesion.spacing[::-1]
    )
    first, second = resampled(straight, spacing), resampled(turned, spacing[::-1])
    assert (first is None) == (second is None)
    assume(first is not None)
    np.testing.assert_allclose(np.rot90(first.image), second.image, atol=1e-6)
    np.testing.assert_array_equal(np.rot90(first.mask), second.mask)


ids = st.one_of(
    st.text("abAB12_é", min_size=1, max_size=4), st.integers(0, 9), st.none()
)


@given(st.lists(ids, min_size=1, max_size=8))
@examples(80)
def test_hashed_ids_are_alike_where_the_ids_are(cells):
    """Patients stay groups of lesions, and nobody reads who they are."""
    table = pd.DataFrame({"patient": pd.Series(cells, dtype=object)})
    hashed = hash_ids(table, SALT)["patient"]
    for i, first in enumerate(cells):
        if first is None:
            assert pd.isna(hashed[i])
            continue
        assert str(first) not in hashed[i].split("-")
        for j, second in enumerate(cells):
            # A number is its text: a CSV file does not tell them apart.
            assert (hashed[i] == hashed[j]) == (str(first) == str(second))
    other = hash_ids(table, SALT[::-1])["patient"]
    assert not (set(other.dropna()) & set(hashed.dropna()))
