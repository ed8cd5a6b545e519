"""Images of fractions: maps in mm2/s, SUV, z-scores, [0, 1]."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, as_lesions, check_cohort, read_cohort
from sklearn_orn.testing.strategies import images, rois
from sklearn_orn.texture import extract_features, feature_map, feature_names
from tests._examples import examples

from .._data import SHARED

CASES = SHARED.parent / "cases" / "fractional"
QUANTISED = ["cooccurrence", "run_length", "gradient", "wavelet"]
WINDOWED = QUANTISED[:3]
windowed = st.sampled_from(["3sigma", "1-99", "1-99-below"])


def tissue(shape=(48, 48), seed=0):
    """Smoothed noise from 400 to 1200, in whole numbers, and an ROI."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.normal(size=shape), 1.0)
    noise = (noise - noise.min()) / np.ptp(noise)
    mask = np.zeros(shape, dtype=bool)
    mask[10:38, 12:36] = True
    return np.rint(400 + 800 * noise).astype(np.int16), mask


UNITS = {
    "mm2/s": lambda v: v * 1e-6,
    "unit": lambda v: (v - 400) / 800,
    "z-score": lambda v: (v - v.mean()) / v.std(),
    "SUV": lambda v: v / 150,
    "far from 0": lambda v: v / 8 - 1e4 + 1 / 16,
}


@st.composite
def fractions(draw):
    """Draw an image of quarters that has a fraction, and an ROI on it."""
    image = draw(images(max_side=24, bits=(2, 12), dtypes=["float64"]))
    image = (image + 0.5) / 4  # 1/8, 3/8, ...: never a whole number
    return image, draw(rois(image.shape))


@given(
    fractions(),
    st.floats(-12, 12).map(lambda power: 2.0**power / 3),
    st.sampled_from([0.0, 1.0, -0.7]),
    windowed,
)
@examples(80)
def test_another_unit_changes_no_quantised_feature(drawn, scale, shift, method):
    """The window, and the wavelet's range, go with the unit of the image."""
    image, mask = drawn
    other = (image + shift) * scale
    known, found = (
        extract_features(x, mask, normalization=method, families=QUANTISED)
        for x in (image, other)
    )
    assert list(known.values()) == pytest.approx(
        list(found.values()), rel=1e-12, nan_ok=True
    )


@given(fractions(), st.integers(-12, 12).map(lambda power: 2.0**power), windowed)
@examples(40)
def test_the_window_goes_with_the_unit(drawn, scale, method):
    """A power of two changes no digit of a number."""
    image, mask = drawn
    low, high = window(image, mask, method)
    other = image * scale
    if (np.rint(other) == other).all():
        return  # whole numbers have MaZda's rule
    assert low < high
    assert window(other, mask, method) == pytest.approx((low * scale, high * scale))


def window(image, mask, method):
    return Normalizer(method).transform([Lesion(image, mask)])[0].read()[""].window


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", ["3sigma", "1-99", "1-99-below"])
def test_units_of_one_image_have_one_texture(method, dtype):
    """Also in single precision, where 1e-7 of a value is rounded away."""
    image, mask = tissue()
    rows = {
        name: extract_features(
            unit(image.astype(float)).astype(dtype), mask, normalization=method
        )
        for name, unit in UNITS.items()
    }
    first = rows["mm2/s"]
    same = feature_names(QUANTISED)
    for name, row in rows.items():
        np.testing.assert_array_equal(
            [row[n] for n in same], [first[n] for n in same], err_msg=name
        )
        for feature in ("Skewness", "Kurtosis", "Teta1", "Teta4", "Sigma"):
            assert row[feature] == pytest.approx(first[feature], rel=1e-2), name
    # The whole numbers they come from: apart by the cut of their window to whole
    # numbers, at most two grey levels of some hundreds.
    whole = extract_features(image, mask, normalization=method)
    for family in ("S(1,0)Contrast", "S(2,-2)Entropy", "Horzl_RLNonUni", "GrMean"):
        assert first[family] == pytest.approx(whole[family], rel=0.05)


@pytest.mark.parametrize("method", ["3sigma", "1-99", "1-99-below"])
def test_levels_are_those_of_the_formula(method):
    """An image of the levels themselves, over all its bits, has the same texture."""
    image, mask = tissue()
    values = image / 7.0
    inside = np.sort(values[mask])
    if method == "3sigma":
        low, high = inside.mean() - 3 * inside.std(), inside.mean() + 3 * inside.std()
    elif method == "1-99":
        low, high = (inside[-(-p * inside.size // 100) - 1] for p in (1, 99))
    else:
        # up to these values the counts stay below n // 100, and n - n // 100
        low, high = inside[inside.size // 100 - 1], inside[-(inside.size // 100)]
    assert window(values, mask, method) == pytest.approx((low, high))
    levels = np.floor((values - low) * 63 / (high - low) + 0.5 + 1e-4).clip(0, 63)
    levels[0, 0] = 63  # outside: 6 bits
    families = {"families": ["cooccurrence", "run_length"]}
    found = extract_features(values, mask, normalization=method, **families)
    expected = extract_features(levels, mask, normalization="none", **families)
    assert found == expected


def test_histogram_and_autoregression_are_of_the_values():
    image, mask = tissue()
    values = image / 1000
    row = extract_features(values, mask, families=["histogram", "autoregressive"])
    assert row["Mean"] == pytest.approx(values[mask].mean())
    assert row["Variance"] == pytest.approx(values[mask].var())
    assert row["Perc.50%"] == np.sort(values[mask])[mask.sum() // 2 - 1]
    whole = extract_features(image, mask, families=["histogram", "autoregressive"])
    assert whole["Mean"] == pytest.approx(image[mask].mean() + 1)  # MaZda's v
    for name in ("Skewness", "Kurtosis", "Teta1", "Teta2", "Sigma"):
        assert row[name] == pytest.approx(whole[name])


@pytest.mark.parametrize("shift", [0, -900])
@pytest.mark.parametrize("method", ["3sigma", "1-99", "none"])
def test_whole_numbers_are_whole_numbers_of_any_type(method, shift):
    image, mask = tissue()
    image = image + np.int16(shift)
    expected = extract_features(image, mask, normalization=method)
    for dtype in (np.int32, np.float32, np.float64):
        found = extract_features(image.astype(dtype), mask, normalization=method)
        np.testing.assert_array_equal(list(found.values()), list(expected.values()))


@pytest.mark.parametrize("family", WINDOWED)
def test_without_a_window_fractions_are_refused(family):
    image, mask = tissue()
    lesion = Lesion(image / 1000, {"A": mask}, lesion="P3")
    step = TextureExtractor([family])
    with pytest.raises(
        LesionError, match=r"'P3'.*reader 'A': the image holds fractions.*Normalizer\("
    ):
        step.fit_transform([lesion])
    (error,) = step.fit([lesion]).transform_each([lesion])
    assert isinstance(error, LesionError)
    rest = TextureExtractor(["histogram", "autoregressive", "wavelet"])
    assert rest.fit_transform([lesion]).shape == (1, 34)
    with pytest.raises(LesionError, match="fractions"):
        feature_map(image / 1000, mask, "GrMean", normalization="none")


def test_a_map_of_a_feature_goes_with_the_unit():
    image, mask = tissue((24, 24))
    mask = np.zeros_like(mask)
    mask[6:18, 5:19] = True
    maps = [
        feature_map(image * unit, mask, "S(1,0)Contrast", window=5)
        for unit in (1e-6, 1 / 150)
    ]
    np.testing.assert_array_equal(*maps)
    assert np.nanstd(maps[0]) > 0


@pytest.mark.parametrize("method", ["3sigma", "1-99"])
def test_flat_regions_of_fractions(method):
    """One value is one level; a window that one value fills parts low from high."""
    mask = np.ones((12, 12), dtype=bool)
    for value in (0.1, -1e-7, 3e7 + 0.5):
        flat = np.full(mask.shape, value)
        row = extract_features(flat, mask, normalization=method)
        assert row["S(1,0)SumAverg"] == 2 and row["S(1,0)Contrast"] == 0
        assert np.isnan(row["S(1,0)Correlat"]) and row["GrNonZeros"] == 0
        spot = flat.copy()
        spot[0, 0] = value + abs(value)  # an outlier beyond the percentiles
        row = extract_features(spot, mask, normalization=method)
        assert row["S(1,0)Contrast"] > 0
    few = np.zeros(mask.shape)
    few[3, 4] = 0.25
    assert window(few, mask, "1-99")[0] == 0


@pytest.mark.parametrize("scale", [1e-300, 1e-70, 1e70, 1e300])
@pytest.mark.parametrize("method", ["3sigma", "none"])
def test_numbers_of_no_unit_are_refused(scale, method):
    image, mask = tissue()
    with pytest.raises(LesionError, match="image holds values from .* in another unit"):
        extract_features(image / 7 * scale, mask, normalization=method)
    row = extract_features(image / 7 * 1e-30, mask)
    assert np.isfinite([row["Kurtosis"], row["Teta1"], row["GrMean"]]).all()


def test_check_tells_of_two_units():
    image, mask = tissue()
    lesions = [
        Lesion(image, mask, lesion="a"),
        Lesion(image / 1000, mask, lesion="b"),
    ]
    assert "1 images hold fractions (lesion 'b' (row 1)), 1 whole" in str(
        check_cohort(lesions)
    )
    assert not check_cohort(lesions[1:]).problems


@pytest.mark.skipif(not CASES.is_dir(), reason="no shared cases here")
@pytest.mark.parametrize("method", ["3sigma", "1-99", "1-99-below"])
def test_the_shared_case_in_eight_units(method):
    table = read_cohort(CASES / "cohort.csv")
    lesions = Normalizer(method).transform(as_lesions(table))
    found = TextureExtractor().fit_transform(lesions).set_index(table["lesion"])
    np.testing.assert_array_equal(found.loc["float_same"], found.loc["int"])
    same = found[feature_names(QUANTISED)]
    for name in ("zscore", "adc_mm2_s", "suv"):
        np.testing.assert_array_equal(same.loc[name], same.loc["unit"])
    near = found[feature_names(WINDOWED)]
    np.testing.assert_array_equal(near.loc["x1000"], near.loc["unit"])
    for name in ("unit", "unit_in_int16"):
        some = ["S(1,0)Contrast", "S(3,3)Entropy", "Vertl_GLevNonU", "GrMean"]
        np.testing.assert_allclose(
            near.loc[name, some], near.loc["int", some], rtol=0.1
        )
