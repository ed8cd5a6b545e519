"""What must not change a feature, and what must swap two."""

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sklearn_orn.texture import extract_features, feature_names
from tests._examples import examples
from tests.texture.test_against_oracle import cases

NAMES = feature_names()


def measured(image, mask, normalization="3sigma"):
    return extract_features(image, mask, normalization=normalization)


def assert_same(first, second, pairs):
    a = np.array([first[x] for x, _ in pairs])
    b = np.array([second[y] for _, y in pairs])
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def of_family(*starts):
    return [(name, name) for name in NAMES if name.startswith(starts)]


@given(cases())
@examples(60)
def test_half_a_turn_keeps_cooccurrence_run_length_gradient_histogram(case):
    image, mask, method = case
    turned = measured(image[::-1, ::-1].copy(), mask[::-1, ::-1].copy(), method)
    families = of_family("S(", "Horzl", "Vertl", "45", "135", "Gr", "Perc", "Mean")
    assert_same(measured(image, mask, method), turned, families)


@given(cases())
@examples(60)
def test_transposition_swaps_right_and_up(case):
    image, mask, method = case
    turned = measured(image.T.copy(), mask.T.copy(), method)
    swap = {"Horzl": "Vertl", "Vertl": "Horzl"}
    pairs = []
    for name in NAMES:
        # Rows run down: transposing the array keeps the diagonal that goes down-right
        # and swaps the ends of the other, which are alike in a symmetric matrix.
        if match := re.match(r"S\((\d),(-?\d)\)(.*)", name):
            a, b, rest = int(match[1]), int(match[2]), match[3]
            right, up = (b, a) if 0 in (a, b) else (a, b)
            pairs.append((name, f"S({right},{up}){rest}"))
        elif name[:5] in swap:
            pairs.append((name, swap[name[:5]] + name[5:]))
        elif name.startswith(("45", "135", "Gr", "Perc", "Mean", "WavEnLL", "WavEnHH")):
            pairs.append((name, name))
        elif name.startswith("WavEnLH"):
            pairs.append((name, name.replace("LH", "HL")))
    assert_same(measured(image, mask, method), turned, pairs)


@given(cases(), st.integers(0, 40), st.integers(0, 40))
@examples(60)
def test_padding_changes_the_wavelet_only(case, before, after):
    image, mask, method = case
    pad = ((before, after), (after, before))
    around = image.min()
    padded = np.pad(image, pad, constant_values=around)
    wider = measured(padded, np.pad(mask, pad), method)
    others = [(n, n) for n in NAMES if not n.startswith("WavEn")]
    assert_same(measured(image, mask, method), wider, others)


@given(cases(), st.integers(1, 1000))
@examples(60)
def test_brightness_does_not_change_normalised_texture(case, shift):
    image, mask, _ = case
    assume(image.min() >= 0)
    image = image.astype(np.int64)
    brighter = measured(image + shift, mask, "1-99")
    kept = of_family("S(", "Horzl", "Vertl", "45", "135", "Gr", "Variance", "Teta")
    assert_same(measured(image, mask, "1-99"), brighter, kept)


@given(cases())
@examples(60)
def test_identities_of_the_symmetric_matrix(case):
    features = measured(*case)
    for name in NAMES:
        if not name.endswith("SumVarnc"):
            continue
        offset = name.removesuffix("SumVarnc")
        total = features[name] + features[offset + "Contrast"]
        variance = features[offset + "SumOfSqs"]
        np.testing.assert_allclose(total, 4 * variance, rtol=1e-9, atol=1e-9)
        if variance > 0:
            expected = 1 - features[offset + "Contrast"] / (2 * variance)
            assert features[offset + "Correlat"] == pytest.approx(expected, abs=1e-9)


def test_left_out_families_are_the_same_where_both_are_measured():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 4096, size=(64, 64))
    mask = np.zeros((64, 64), dtype=bool)
    mask[10:40, 20:50] = True
    whole = extract_features(image, mask)
    part = extract_features(
        image, mask, families=["wavelet", "cooccurrence"], distances=[2, 5]
    )
    assert list(part) == feature_names(["cooccurrence", "wavelet"], [2, 5])
    np.testing.assert_array_equal(list(part.values()), [whole[n] for n in part])


def test_negative_pixels_are_shifted_by_the_minimum():
    rng = np.random.default_rng(0)
    image = rng.integers(-500, 500, size=(40, 40)).astype(np.int16)
    mask = np.ones((40, 40), dtype=bool)
    unsigned = (image.astype(int) - image.min()).astype(np.uint16)
    np.testing.assert_array_equal(
        list(measured(image, mask).values()), list(measured(unsigned, mask).values())
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"families": ["glcm"]}, "The 'families' parameter must be"),
        ({"families": []}, "The 'families' parameter must be"),
        ({"distances": (0,)}, "The 'distances' parameter must hold"),
        ({"distances": ()}, "co-occurrence needs at least one"),
        ({"bits": {"histogram": 4}}, "The 'bits' parameter maps a family"),
        ({"bits": {"gradient": 9}}, "The 'bits' of 'gradient' must be an integer"),
        ({"normalization": "4sigma"}, "The 'method' parameter of Normalizer must be"),
    ],
)
def test_wrong_parameters_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        extract_features(np.eye(5), np.ones((5, 5)), **settings)
