"""Images of every kind: depth, sign, floats, and what is refused by name."""

import numpy as np
import pytest

from sklearn_orn import TextureExtractor
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion
from sklearn_orn.texture import extract_features


@pytest.fixture
def mask():
    mask = np.zeros((48, 48), dtype=bool)
    mask[8:40, 10:38] = True
    return mask


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.int64, np.float32])
def test_the_type_of_the_pixels_does_not_matter(mask, dtype):
    image = np.random.default_rng(0).integers(0, 128, size=(48, 48))
    plain = extract_features(image.astype(np.uint16), mask)
    typed = extract_features(image.astype(dtype), mask)
    np.testing.assert_array_equal(list(plain.values()), list(typed.values()))


def test_more_than_16_bits_are_measured(mask):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 2**12, size=(48, 48))
    deep = image * 2**8 + 255  # 20 bits: the same levels, 256 times finer
    few, many = extract_features(image, mask), extract_features(deep, mask)
    assert many["Mean"] == pytest.approx(256 * few["Mean"])
    none = {"normalization": "none"}
    few, many = (
        extract_features(image, mask, **none),
        extract_features(deep, mask, **none),
    )
    for name in ("S(1,0)Contrast", "Horzl_Fraction", "GrMean", "WavEnHH_s-1"):
        assert many[name] == few[name]


def test_fractions_are_kept(mask):
    rng = np.random.default_rng(0)
    image = rng.normal(10, 3, size=(48, 48)).clip(0)
    features = extract_features(image, mask)
    # in their own unit: MaZda's v = v0 + 1 numbers grey levels, which are whole
    assert features["Mean"] == pytest.approx(image[mask].mean())
    assert features["Perc.50%"] == np.sort(image[mask])[mask.sum() // 2 - 1]


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.full((48, 48), np.nan), "'L7'.*NaN or infinite"),
        (np.where(np.eye(48), np.inf, 1.0), "'L7'.*48 NaN or infinite"),
        (np.zeros((2, 48, 48)), r"'L7'.*shape .2, 48, 48."),
        (np.zeros((48, 47)), "'L7'.*48 x 48.*48 x 47"),
        (np.full((48, 48), "a"), "'L7'"),
    ],
)
def test_what_cannot_be_measured_is_refused_by_name(mask, image, message):
    with pytest.raises(LesionError, match=message):
        TextureExtractor().fit_transform([Lesion(image, mask, lesion="L7")])
