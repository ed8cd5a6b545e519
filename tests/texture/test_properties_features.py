"""What must not change a feature, and what must move it to another name."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.testing.strategies import DTYPES, images, rois
from sklearn_orn.texture import (
    FAMILIES,
    extract_features,
    family_of,
    feature_map,
    feature_names,
)
from tests._examples import examples
from tests.texture.test_against_oracle import cases

NAMES = feature_names()
QUANTISED = ["cooccurrence", "run_length", "gradient"]
LOCAL = [family for family in FAMILIES if family != "wavelet"]


def measured(image, mask, method="3sigma", **settings):
    return extract_features(image, mask, normalization=method, **settings)


def assert_same(first, second, renamed=lambda name: name):
    """Compare each feature of the first with the one of that name in the second."""
    names = [name for name in first if renamed(name) is not None]
    assert names
    a = np.array([first[name] for name in names])
    b = np.array([second[renamed(name)] for name in names])
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def same_but_nan(first, second):
    a, b = (np.array(list(features.values())) for features in (first, second))
    return np.array_equal(a, b, equal_nan=True)


def quarter_turn(name):
    """Name of a feature after a turn by 90 degrees; None for what has a direction."""
    if match := re.match(r"S\((\d),(-?\d)\)(.*)", name):
        right, up = int(match[1]), int(match[2])
        turned = (up, right) if 0 in (right, up) else (right, -up)
        return f"S({turned[0]},{turned[1]}){match[3]}"
    swap = {"Horzl": "Vertl", "Vertl": "Horzl", "45dgr": "135dr", "135dr": "45dgr"}
    if name[:5] in swap:
        return swap[name[:5]] + name[5:]
    if name.startswith("WavEn"):
        return f"WavEn{name[6]}{name[5]}{name[7:]}"
    return None if name.startswith(("Teta", "Sigma")) else name


def mirrored(name):
    """Name of a feature in a mirror: the diagonals change places."""
    if match := re.match(r"S\((\d),(-?\d)\)(.*)", name):
        right, up = int(match[1]), int(match[2])
        return f"S({right},{-up if right else up}){match[3]}"
    swap = {"45dgr": "135dr", "135dr": "45dgr"}
    if name[:5] in swap:
        return swap[name[:5]] + name[5:]
    return None if name.startswith(("Teta", "Sigma")) else name


def onto_blocks(image, mask):
    """Repeat the edge until the wavelet's blocks of 32 pixels fill the image."""
    pad = [(0, -side % 32) for side in image.shape]
    return np.pad(image, pad, mode="edge"), np.pad(mask, pad)


@given(cases())
@examples(60)
def test_a_quarter_turn_permutes_the_directions(case):
    """Right becomes up and one diagonal the other; a pair has no first pixel.

    Only the autoregressive model looks to one side.
    """
    image, mask, method = case
    image, mask = onto_blocks(image, mask)
    turned = measured(np.rot90(image), np.rot90(mask), method)
    assert_same(measured(image, mask, method), turned, quarter_turn)


@given(cases(), st.booleans())
@examples(60)
def test_a_mirror_swaps_the_diagonals(case, upside_down):
    """Rows and columns keep their direction, left and right of a pair are alike."""
    image, mask, method = case
    image, mask = onto_blocks(image, mask)
    axis = 0 if upside_down else 1
    seen = measured(np.flip(image, axis), np.flip(mask, axis), method)
    assert_same(measured(image, mask, method), seen, mirrored)


@given(cases(), st.data())
@examples(60)
def test_pixels_outside_the_roi_do_not_matter(case, data):
    """Texture is of the lesion: what lies around it is another tissue.

    The wavelet's blocks reach over the edge of the ROI, and the bit depth and the
    smallest value are those of the whole image: both stay as they are here.
    """
    image, mask, method = case
    low, high = int(image.min()), int(image.max())
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    other = rng.integers(low, high + 1, size=image.shape).astype(image.dtype)
    other[mask] = image[mask]
    # A frame, so that the extremes are still there.
    frame = np.pad(other, 1, constant_values=low)
    frame[0] = high
    moved = measured(frame, np.pad(mask, 1), method, families=LOCAL)
    assert_same(measured(image, mask, method, families=LOCAL), moved)


@given(cases(max_side=20), st.tuples(*[st.integers(0, 15)] * 4))
@examples(60)
def test_a_lesion_measures_the_same_anywhere_in_the_image(case, around):
    """Distances within the ROI are all that counts, not where the scanner put it."""
    image, mask, method = case
    top, bottom, left, right = around
    pad = ((top, bottom), (left, right))
    placed = np.pad(image, pad, mode="edge"), np.pad(mask, pad)
    assert_same(
        measured(image, mask, method, families=LOCAL),
        measured(*placed, method, families=LOCAL),
    )


@given(cases(max_side=32), st.integers(0, 2), st.integers(0, 2))
@examples(30)
def test_wavelet_energies_move_with_the_grid_of_blocks(case, down, right):
    """Scale s averages blocks of 2^s pixels: a step of 32 keeps all five scales."""
    image, mask, method = case
    pad = [(0, 128 - side) for side in image.shape]
    image, mask = np.pad(image, pad, mode="edge"), np.pad(mask, pad)
    rolled = [np.roll(a, (32 * down, 32 * right), axis=(0, 1)) for a in (image, mask)]
    assert_same(
        measured(image, mask, method, families=["wavelet"]),
        measured(*rolled, method, families=["wavelet"]),
    )


@given(cases(max_side=25), st.integers(1, 2**15))
@examples(60)
def test_a_brighter_coil_changes_no_texture_after_three_sigma(case, more):
    """The window moves with the mean: levels, and deviations from it, stay."""
    image, mask, _ = case
    # Far enough from 0 for a window that MaZda's cut to integers does not bend.
    image = image.astype(np.int64) - int(image.min()) + 4 * 2**16
    families = [*QUANTISED, "histogram", "autoregressive"]
    before = measured(image, mask, families=families)
    after = measured(image + more, mask, families=families)
    for name in before:
        if name == "Mean" or name.startswith("Perc"):
            before[name] += more
    assert_same(before, after)


@given(cases(), st.integers(1, 3))
@examples(60)
def test_a_bit_more_of_depth_changes_nothing_without_normalisation(case, power):
    """Twice the values in twice the range fall on the same levels."""
    image, mask, _ = case
    families = [*QUANTISED, "wavelet"]
    deeper = image.astype(np.int64) * 2**power
    assert_same(
        measured(image, mask, "none", families=families),
        measured(deeper, mask, "none", families=families),
    )


@given(images(bits=(8, 16), dtypes=["uint16"]), st.data())
@examples(60)
def test_the_negative_of_an_image_has_the_same_contrasts(image, data):
    """Differences of levels change their sign only, sums lie as far from the other end.

    Between 0 and 2^b - 1 the levels themselves are mirrored, and skewness with them.
    """
    mask = data.draw(rois(image.shape))
    # The depth stays what it is: both ends of the range occur, outside the ROI.
    bits = max(int(np.ceil(np.log2(float(image.max()) + 1))), 8)
    image, mask = np.pad(image, 1), np.pad(mask, 1)
    image[0, 0] = 2**bits - 1
    families = [*QUANTISED, "histogram"]
    before = measured(image, mask, "none", families=families)
    after = measured(2**bits - 1 - image, mask, "none", families=families)
    for name in before:
        if name.endswith("SumAverg"):
            before[name] = 2 * (2**6 + 1) - before[name]
        if name == "Skewness":
            before[name] = -before[name]
        if name == "Mean":
            before[name] = 2**bits + 1 - before[name]
    # Of an even number of values the lower of two middle ones is the percentile.
    assert_same(before, after, lambda name: None if "Perc" in name else name)


@given(images(bits=(1, 7), dtypes=["uint8"]), st.data(), st.sampled_from(DTYPES))
@examples(60)
def test_the_type_and_layout_of_the_array_do_not_matter(image, data, dtype):
    """Features are of the values: files differ in type, in byte order, in axes."""
    mask = data.draw(rois(image.shape))
    swapped = np.dtype(dtype).newbyteorder(data.draw(st.sampled_from("<>")))
    other = np.asfortranarray(image.astype(swapped))
    strided = np.repeat(other, 2, axis=1)[:, ::2]
    for array in (other, strided):
        found = measured(array, mask.astype(dtype))
        assert same_but_nan(found, measured(image, mask))


@given(cases(max_side=20), st.data())
@examples(40)
def test_what_is_measured_beside_a_feature_does_not_change_it(case, data):
    """Families, distances and bits of others are left out to save time, not results."""
    image, mask, method = case
    families = data.draw(st.lists(st.sampled_from(FAMILIES), min_size=1, unique=True))
    distances = data.draw(st.lists(st.integers(1, 5), min_size=1, unique=True))
    part = measured(image, mask, method, families=families, distances=distances)
    whole = measured(image, mask, method)
    assert list(part) == feature_names(families, distances)
    assert same_but_nan(part, {name: whole[name] for name in part})


@given(cases(max_side=20), st.sampled_from(["cooccurrence", "run_length", "gradient"]))
@examples(40)
def test_the_bits_of_one_family_are_its_own(case, family):
    """Each family is quantised by itself, as in MaZda."""
    image, mask, method = case
    other = measured(image, mask, method, bits={family: 2})
    for name, value in measured(image, mask, method).items():
        if family_of(name)[0] != family:
            np.testing.assert_equal(other[name], value)


@given(cases(max_side=9), st.sampled_from(NAMES))
@examples(40)
def test_a_map_through_a_window_wider_than_the_roi_is_the_feature(case, name):
    """The window around each pixel then holds the whole ROI."""
    image, mask, method = case
    found = feature_map(image, mask, name, window=19, normalization=method)
    assert np.isnan(found[~mask]).all()
    expected = measured(image, mask, method)[name]
    np.testing.assert_array_equal(found[mask], np.full(mask.sum(), expected))


@given(st.integers(1, 40), st.data())
@examples(60)
def test_every_feature_name_tells_its_family(distance, data):
    """Names are all that a published signature gives."""
    family = data.draw(st.sampled_from(FAMILIES))
    name = data.draw(st.sampled_from(feature_names([family], [distance])))
    near = (distance,) if family == "cooccurrence" else ()
    assert family_of(name) == (family, near)
