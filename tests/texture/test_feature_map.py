"""One feature as an image."""

import numpy as np
import pytest

from sklearn_orn.texture import extract_features, feature_map, feature_names


@pytest.mark.parametrize(
    "feature", ["Mean", "S(2,-2)Entropy", "GrMean", "Teta2", "Vertl_Fraction"]
)
def test_each_pixel_is_the_feature_of_its_window(feature):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 1000, size=(24, 30))
    mask = np.zeros((24, 30), dtype=bool)
    mask[4:20, 5:25] = True
    values = feature_map(image, mask, feature, window=7, normalization="none")
    assert np.isnan(values[~mask]).all()
    for row, column in [(10, 12), (4, 5), (19, 24)]:
        near = np.zeros_like(mask)
        near[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4] = True
        expected = extract_features(image, near & mask, normalization="none")
        np.testing.assert_array_equal(values[row, column], expected[feature])


def test_grey_level_window_is_that_of_the_whole_roi():
    image = np.zeros((20, 40), dtype=int)
    image[:, 20:] = np.random.default_rng(1).integers(0, 900, size=(20, 20))
    image[:, :20] = np.random.default_rng(1).integers(0, 9, size=(20, 20))
    contrast = feature_map(image, np.ones(image.shape), "S(1,0)Contrast", window=5)
    assert contrast[10, 8] < 0.1 < contrast[10, 32]


def test_every_feature_has_a_map():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, size=(32, 32))
    mask = np.zeros((32, 32), dtype=bool)
    mask[15:17, 15:17] = True
    for name in feature_names(distances=[1]):
        assert feature_map(image, mask, name, window=9).shape == (32, 32)


@pytest.mark.parametrize(
    ("feature", "window", "message"),
    [
        (
            "S(1,0)Contrst",
            5,
            r"no feature 'S\(1,0\)Contrst'. Did you mean 'S\(1,0\)Con",
        ),
        ("S(1,2)Contrast", 5, "no feature"),
        ("Mean", 4, "window must be an odd number"),
        ("Mean", "5", "window must be an odd number"),
    ],
)
def test_errors(feature, window, message):
    with pytest.raises(ValueError, match=message):
        feature_map(np.eye(9), np.ones((9, 9)), feature, window=window)
