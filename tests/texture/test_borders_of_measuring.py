"""One ROI measured whole and in parts, wherever it lies, and what has no bit range."""

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.texture import FAMILIES, extract_features, feature_map
from tests.texture import oracle

pytestmark = pytest.mark.kernels

BITS = {"cooccurrence": 6, "run_length": 6, "gradient": 4, "wavelet": 8}


def noise(shape, top=4096, seed=0):
    return np.random.default_rng(seed).integers(0, top, size=shape)


def blob(shape=(12, 13)):
    rows, columns = np.indices(shape)
    return np.hypot(rows - 5.5, columns - 6.2) < 5


def embedded(part, top, left, shape):
    whole = np.zeros(shape, part.dtype)
    whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return whole


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_alone_has_the_values_that_it_has_among_all(family):
    image, mask = noise((12, 13)), blob()
    every = extract_features(image, mask)
    alone = extract_features(image, mask, families=[family])
    assert alone
    np.testing.assert_equal(alone, {name: every[name] for name in alone})


@pytest.mark.parametrize(
    "bits", [{"run_length": 4}, {"cooccurrence": 4}, {"gradient": 6}, {"wavelet": 4}]
)
def test_each_family_has_bits_of_its_own(bits):
    image, mask = noise((12, 13)), blob()
    found = extract_features(image, mask, bits=bits)
    expected = oracle.features(image, mask, "3sigma", tuple((BITS | bits).values()))
    np.testing.assert_allclose(list(found.values()), expected, rtol=1e-9, atol=1e-9)


def test_distances_are_measured_in_their_order():
    image, mask = noise((12, 13)), blob()
    every = extract_features(image, mask, families=["cooccurrence"])
    for distances in ([2], [1, 3], [5]):
        some = extract_features(
            image, mask, families=["cooccurrence"], distances=distances
        )
        assert len(some) == 44 * len(distances)
        assert some == {name: every[name] for name in some}


@pytest.mark.parametrize("place", [(32, 0), (0, 64), (64, 32)])
def test_features_do_not_know_where_the_roi_lies(place):
    image, mask = noise((40, 45)), np.pad(blob(), ((20, 8), (25, 7)))
    here, moved = (
        extract_features(
            *(embedded(part, *at, (105, 110)) for part in (image, mask)),
            normalization="none",
        )
        for at in ((0, 0), place)  # blocks of the wavelet are 32 pixels wide
    )
    np.testing.assert_equal(moved, here)


def test_an_roi_in_the_corner_of_an_image():
    image = noise((33, 47))
    for rows, columns in ((slice(0, 6), slice(0, 7)), (slice(27, 33), slice(40, 47))):
        mask = np.zeros(image.shape, dtype=bool)
        mask[rows, columns] = True
        found = extract_features(image, mask, normalization="none")
        theirs = oracle.features(image, mask, "none", tuple(BITS.values()))
        np.testing.assert_allclose(list(found.values()), theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("shape", "rows", "columns"),
    [
        ((40, 140), (5, 28), (60, 85)),
        ((140, 40), (60, 85), (5, 28)),
        ((80, 90), (40, 60), (37, 70)),
    ],
)
def test_blocks_of_the_wavelet_are_those_of_the_image(shape, rows, columns):
    image, mask = noise(shape), np.zeros(shape, dtype=bool)
    mask[slice(*rows), slice(*columns)] = True
    plain = {"normalization": "none"}
    found = extract_features(image, mask, families=["wavelet"], **plain)
    theirs = oracle.features(image, mask, "none", tuple(BITS.values()))[-len(found) :]
    np.testing.assert_allclose(list(found.values()), theirs, rtol=1e-9, atol=1e-9)
    assert np.isfinite(found["WavEnLL_s-2"])


def test_fractions_are_refused_with_the_first_of_them():
    image = np.full((6, 7), 115.0)
    image[2, 3], image[4, 4] = 7.25, 9.5
    with pytest.raises(LesionError, match=r"holds fractions such as 7\.25, and"):
        extract_features(image, np.ones((6, 7)), normalization="none")


@pytest.mark.parametrize("bits", [1, 2, 7, 8, 9, 15, 16, 17, 20, 31])
def test_percentiles_of_images_of_every_depth(bits):
    image, mask = noise((12, 13), top=2**bits), blob()
    image[0, 0] = 2**bits - 1
    found = extract_features(image, mask, normalization="none", families=["histogram"])
    ordered = np.sort(image[mask])
    assert found["Mean"] == pytest.approx(ordered.mean() + 1)
    for share, name in ((1, "Perc.01%"), (50, "Perc.50%"), (99, "Perc.99%")):
        place = max(int(np.ceil(share / 100 * len(ordered))), 1) - 1
        assert found[name] == ordered[place] + 1


def test_only_families_of_the_bit_range_need_whole_numbers():
    image, mask = noise((12, 13)) / 7, blob()
    plain = {"normalization": "none"}
    for family in ("histogram", "autoregressive", "wavelet"):
        assert extract_features(image, mask, families=[family], **plain)
        assert extract_features(image, mask, families=[family])
    for family in ("cooccurrence", "run_length", "gradient"):
        with pytest.raises(LesionError, match="the image holds fractions such as"):
            extract_features(image, mask, families=[family], **plain)
        whole = np.rint(image * 7)
        assert extract_features(whole, mask, families=[family], **plain)
        assert extract_features(image, mask, families=[family])


def test_a_map_holds_the_feature_of_the_square_around_each_pixel():
    image, mask = noise((12, 13), top=64), blob()
    found = feature_map(image, mask, "Mean", window=5, normalization="none")
    expected = np.full(image.shape, np.nan)
    for row, column in np.argwhere(mask):
        square = np.zeros_like(mask)
        square[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3] = True
        expected[row, column] = image[square & mask].mean() + 1
    np.testing.assert_allclose(found, expected)
    usual = feature_map(image, mask, "Mean", normalization="none")
    wide = feature_map(image, mask, "Mean", window=15, normalization="none")
    np.testing.assert_array_equal(usual, wide)
    alone = feature_map(image, mask, "Mean", window=1, normalization="none")
    np.testing.assert_array_equal(alone, np.where(mask, image + 1, np.nan))


def test_a_map_at_the_edges_of_the_image():
    image = noise((6, 7), top=64)
    mask = np.ones(image.shape, dtype=bool)
    found = feature_map(image, mask, "Mean", window=3, normalization="none")
    padded = np.pad(image.astype(float), 1, constant_values=np.nan)
    squares = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    np.testing.assert_allclose(found, np.nanmean(squares, axis=(2, 3)) + 1)


@pytest.mark.parametrize("window", [0, -1, 2, 4, 3.0, "3"])
def test_the_side_of_the_square_is_odd(window):
    with pytest.raises(ValueError, match="window must be an odd number of pixels"):
        feature_map(noise((6, 7)), np.ones((6, 7)), "Mean", window=window)
