"""What each feature can be at all, and what features of one matrix say of others."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.texture import extract_features, feature_names
from sklearn_orn.texture._catalogue import COOCCURRENCE, RUN_DIRECTIONS
from tests._examples import examples
from tests.texture.test_against_oracle import cases

TINY = 1e-9
LEVELS, GRADIENT_LEVELS, WAVELET_LEVELS = 2**6, 2**4, 2**8
SPAN = LEVELS - 1
OFFSETS = [
    name.removesuffix("Contrast") for name in feature_names() if "Contrast" in name
]

# Lower and upper limit of each co-occurrence feature, for levels from 1 to LEVELS.
COOCCURRENCE_BOUNDS = {
    "AngScMom": (1 / LEVELS**2, 1),
    "Contrast": (0, SPAN**2),
    "Correlat": (-1, 1),
    "SumOfSqs": (0, SPAN**2 / 4),
    "InvDfMom": (1 / (1 + SPAN**2), 1),
    "SumAverg": (2, 2 * LEVELS),
    "SumVarnc": (0, SPAN**2),
    "SumEntrp": (0, np.log10(2 * LEVELS - 1)),
    "Entropy": (0, 2 * np.log10(LEVELS)),
    "DifVarnc": (0, SPAN**2 / 4),
    "DifEntrp": (0, np.log10(LEVELS)),
}


def measured(case, families):
    image, mask, method = case
    return extract_features(image, mask, normalization=method, families=families)


def assert_at_most(small, large):
    """NaN, undefined, is at most anything."""
    assert not small > large + TINY * max(1, abs(large)), (small, large)


@given(cases())
@examples(60)
def test_cooccurrence_features_keep_their_bounds(case):
    """A probability is at most 1, a level 64, a variance a quarter of a square."""
    features = measured(case, ["cooccurrence"])
    assert set(COOCCURRENCE_BOUNDS) == set(COOCCURRENCE)
    for offset in OFFSETS:
        for name, (low, high) in COOCCURRENCE_BOUNDS.items():
            assert_at_most(low, features[offset + name])
            assert_at_most(features[offset + name], high)


@given(cases())
@examples(60)
def test_a_sum_or_difference_of_levels_is_no_surer_than_the_pair(case):
    """What is computed from a pair holds at most the information of the pair."""
    features = measured(case, ["cooccurrence"])
    for offset in OFFSETS:
        assert_at_most(features[offset + "SumEntrp"], features[offset + "Entropy"])
        assert_at_most(features[offset + "DifEntrp"], features[offset + "Entropy"])


@given(cases())
@examples(60)
def test_cooccurrence_features_obey_jensen(case):
    """Means of convex functions lie above the function of the mean.

    So -log10 of the angular second moment is at most the entropy (Renyi's of order 2
    and Shannon's), and the inverse difference moment at least 1 / (1 + contrast).
    """
    features = measured(case, ["cooccurrence"])
    for offset in OFFSETS:
        moment = features[offset + "AngScMom"]
        assert_at_most(-np.log10(moment), features[offset + "Entropy"])
        contrast = features[offset + "Contrast"]
        assert_at_most(1 / (1 + contrast), features[offset + "InvDfMom"])


@given(cases())
@examples(60)
def test_the_sum_average_is_bounded_by_the_levels_that_occur(case):
    """It is twice the mean level of the pixels that have a partner."""
    features = measured(case, ["cooccurrence"])
    for offset in OFFSETS:
        average = features[offset + "SumAverg"]
        deviation = np.sqrt(features[offset + "SumOfSqs"])
        # With values between 1 and LEVELS: variance <= (mean - 1) (LEVELS - mean).
        assert_at_most(deviation**2, (average / 2 - 1) * (LEVELS - average / 2))


@given(cases())
@examples(60)
def test_run_lengths_keep_their_bounds(case):
    """A run is between one pixel and the whole ROI."""
    features, size = measured(case, ["run_length"]), int(case[1].sum())
    for way in RUN_DIRECTIONS:
        non_uniform, of_levels, long, short, fraction = (
            features[f"{way}_{name}"]
            for name in ("RLNonUni", "GLevNonU", "LngREmph", "ShrtREmp", "Fraction")
        )
        n_runs = fraction * size
        assert_at_most(1 / size, fraction)
        assert_at_most(fraction, 1)
        assert_at_most(1, long)
        assert_at_most(long, size**2)
        assert_at_most(short, 1)
        for share in (non_uniform, of_levels):
            assert_at_most(1, share)
            assert_at_most(share, n_runs)


@given(cases())
@examples(60)
def test_run_lengths_obey_jensen(case):
    """The mean run has 1 / fraction pixels; squares of means are below mean squares."""
    features = measured(case, ["run_length"])
    for way in RUN_DIRECTIONS:
        mean = 1 / features[f"{way}_Fraction"]
        assert_at_most(mean**2, features[f"{way}_LngREmph"])
        assert_at_most(1 / mean**2, features[f"{way}_ShrtREmp"])


@given(cases())
@examples(80)
def test_histogram_features_describe_values_that_occur(case):
    """Percentiles are grey levels in order, and a variance is at most Popoviciu's."""
    image, mask, _ = case
    features = measured(case, ["histogram"])
    levels = image[mask].astype(float) - min(float(image.min()), 0) + 1
    ranks = [features[f"Perc.{percent}%"] for percent in ("01", "10", "50", "90", "99")]
    assert ranks == sorted(ranks) and set(ranks) <= set(levels)
    assert levels.min() - TINY <= features["Mean"] <= levels.max() + TINY
    assert_at_most(features["Variance"], np.ptp(levels) ** 2 / 4)
    n = len(levels)
    skewness, kurtosis = features["Skewness"], features["Kurtosis"]
    assert np.isnan(skewness) == np.isnan(kurtosis) == (np.ptp(levels) == 0)
    assert_at_most(skewness**2 - 2, kurtosis)  # Pearson's inequality
    assert_at_most(abs(skewness), (n - 2) / np.sqrt(n - 1) if n > 1 else 0)
    assert_at_most(kurtosis, n - 2 + 1 / (n - 1) - 3 if n > 1 else 0)


@given(cases())
@examples(60)
def test_gradient_features_keep_their_bounds(case):
    """Two differences of at most 15 levels make a gradient of at most 15 sqrt(2)."""
    features = measured(case, ["gradient"])
    longest = np.hypot(GRADIENT_LEVELS - 1, GRADIENT_LEVELS - 1)
    mean, share = features["GrMean"], features["GrNonZeros"]
    assert_at_most(0, mean)
    assert_at_most(mean, longest * share)
    assert_at_most(share, mean)  # a gradient that is not 0 is at least 1
    assert_at_most(features["GrVariance"], mean * (longest - mean))
    assert_at_most(features["GrSkewness"] ** 2 - 2, features["GrKurtosis"])


@given(cases())
@examples(60)
def test_wavelet_energies_keep_their_bounds(case):
    """A mean of levels is at most 255, half a difference of two at most 127.5."""
    for name, energy in measured(case, ["wavelet"]).items():
        highest = WAVELET_LEVELS - 1
        assert_at_most(0, energy)
        assert_at_most(energy, highest**2 if "LL" in name else (highest / 2) ** 2)


@given(cases())
@examples(60)
def test_the_autoregressive_residual_is_no_larger_than_the_values(case):
    """Least squares: coefficients of 0 are allowed, so the fit is at least as good."""
    image, mask, _ = case
    features = measured(case, ["autoregressive"])
    sigma = features["Sigma"]
    if np.isnan(sigma):  # too few pixels with all their partners: nothing to bound
        return
    z = image.astype(float)
    z = (z - z[mask].mean()) / z[mask].std()
    inside = np.pad(mask, 1)
    partners = (
        inside[1:-1, :-2] & inside[:-2, :-2] & inside[:-2, 1:-1] & inside[:-2, 2:]
    )
    used = mask & partners
    assert 0 <= sigma <= np.sqrt(np.mean(z[used] ** 2)) + 1e-6
    assert np.isfinite([features[f"Teta{i}"] for i in range(1, 5)]).all()


@given(cases(), st.integers(1, 8))
@examples(60)
def test_fewer_bits_never_tell_more(case, bits):
    """Levels of b bits are made of those of b + 1 by joining neighbours.

    That holds for the full bit range, where each level is cut in two.
    """
    image, mask, _ = case
    fewer, more = (
        extract_features(
            image,
            mask,
            normalization="none",
            families=["cooccurrence"],
            bits={"cooccurrence": depth},
        )
        for depth in (bits, min(bits + 1, 8))
    )
    for offset in OFFSETS:
        assert_at_most(fewer[offset + "Entropy"], more[offset + "Entropy"])
        assert_at_most(more[offset + "AngScMom"], fewer[offset + "AngScMom"])
