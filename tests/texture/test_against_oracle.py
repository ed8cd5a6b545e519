"""Every feature of drawn images and ROIs against the slow oracle."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_orn.testing.strategies import images, rois
from sklearn_orn.texture import extract_features, feature_names
from tests._examples import examples
from tests.texture import oracle

NAMES = np.array(feature_names())
THETA = [i for i, name in enumerate(NAMES) if name.startswith(("Teta", "Sigma"))]
NORMALIZATIONS = ("3sigma", "1-99", "1-99-below", "none")
DEFAULT = (6, 6, 4, 8)


@st.composite
def cases(draw, max_side=40):
    image = draw(images(max_side=max_side))
    return image, draw(rois(image.shape)), draw(st.sampled_from(NORMALIZATIONS))


def assert_equal(image, mask, normalization, bits=DEFAULT):
    keys = ("cooccurrence", "run_length", "gradient", "wavelet")
    ours = np.array(
        list(
            extract_features(
                image,
                mask,
                normalization=normalization,
                bits=dict(zip(keys, bits, strict=True)),
            ).values()
        )
    )
    theirs = np.array(oracle.features(image.astype(int), mask, normalization, bits))
    if not np.isnan(ours[THETA]).any() and _is_ill_conditioned(image, mask):
        ours[THETA] = theirs[THETA] = 0  # exact arithmetic and floats must differ
    np.testing.assert_array_equal(
        np.isnan(ours), np.isnan(theirs), str(NAMES[np.isnan(ours) != np.isnan(theirs)])
    )
    scale = np.maximum(np.abs(theirs), 1.0)
    error = np.abs(ours - theirs) / scale
    worst = np.nanargmax(error)
    assert error[worst] <= 1e-10, (NAMES[worst], ours[worst], theirs[worst])


def _is_ill_conditioned(image, mask):
    pixels = oracle.pixels_of(image, mask)
    z = {at: v - np.mean(list(pixels.values())) for at, v in pixels.items()}
    rows = [
        [z[c - 1, r], z[c - 1, r - 1], z[c, r - 1], z[c + 1, r - 1]]
        for c, r in z
        if all(
            at in z for at in [(c - 1, r), (c - 1, r - 1), (c, r - 1), (c + 1, r - 1)]
        )
    ]
    return np.linalg.cond(np.array(rows).T @ np.array(rows)) > 1e4


@given(cases())
@examples(100)
@example((np.full((9, 9), 7), np.ones((9, 9), dtype=bool), "3sigma"))
@example((np.full((9, 9), 7), np.ones((9, 9), dtype=bool), "1-99"))
@example((np.full((11, 11), 7), np.ones((11, 11), dtype=bool), "1-99-below"))
@example((np.arange(1200).reshape(30, 40), np.ones((30, 40), bool), "1-99-below"))
@example((np.tile([0, 9], (9, 5)), np.ones((9, 10), dtype=bool), "1-99"))
@example((np.zeros((1, 1), dtype=np.uint16), np.ones((1, 1), dtype=bool), "none"))
@example((np.arange(1200).reshape(30, 40), np.eye(30, 40, dtype=bool), "1-99"))
def test_all_features_equal_the_oracle(case):
    assert_equal(*case)


@given(cases(), st.tuples(*[st.integers(1, 8)] * 4))
@examples(40)
def test_other_bit_depths_equal_the_oracle(case, bits):
    assert_equal(*case, bits)


@pytest.mark.long
@given(cases())
@settings(max_examples=5000, deadline=None)
def test_many_cases_equal_the_oracle(case):
    assert_equal(*case)


def large(image, shift):
    """Return an image that is large enough for five wavelet scales, and a region."""
    image = np.kron(image, np.ones((4, 4), dtype=np.uint8))
    mask = np.zeros(image.shape, dtype=bool)
    mask[150 + shift : 220, 10 : 70 + shift] = True
    return image, mask


@given(hnp.arrays(np.uint8, (70, 80)), st.integers(0, 3))
@examples(15)
def test_five_wavelet_scales_equal_the_oracle(image, shift):
    image, mask = large(image, shift)
    energies = oracle.wavelet(image.astype(int), mask, DEFAULT[3])
    ours = extract_features(image, mask, normalization="none")
    wavelet = [value for name, value in ours.items() if name.startswith("Wav")]
    assert not np.isnan(wavelet).any()
    np.testing.assert_allclose(wavelet, energies, rtol=1e-10, atol=1e-10)


@given(
    hnp.arrays(np.uint8, (70, 80)),
    st.sampled_from(NORMALIZATIONS),
    st.integers(0, 3),
)
@examples(3)
def test_features_of_a_large_region_equal_the_oracle(image, normalization, shift):
    assert_equal(*large(image, shift), normalization)
