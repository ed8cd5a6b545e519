"""The compiled kernels on regions so small that they also run uncompiled.

Coverage sees the lines of a kernel only where numba is switched off: ``make coverage``
runs these tests once more so.
"""

import numpy as np
import pytest

from sklearn_orn.texture import extract_features
from tests.texture import oracle

pytestmark = pytest.mark.kernels


def noise(shape, top=4096, seed=0):
    return np.random.default_rng(seed).integers(0, top, size=shape)


def ring(shape):
    mask = np.ones(shape, dtype=bool)
    mask[3:-3, 3:-3] = False
    return mask


WHOLE = np.ones((12, 15), dtype=bool)
CASES = {
    "noise": (noise(WHOLE.shape), WHOLE),
    "few levels": (noise(WHOLE.shape, top=3), WHOLE),
    "negative": (noise(WHOLE.shape) - 2000, WHOLE),
    "ring": (noise((14, 11)), ring((14, 11))),
    "flat": (np.full(WHOLE.shape, 7), WHOLE),
    "ramp": (np.add.outer(np.arange(12), np.arange(15)), WHOLE),
    "row": (noise(WHOLE.shape), np.arange(12)[:, None] == np.full(15, 5)),
    "pixel": (noise((1, 1)), np.ones((1, 1), dtype=bool)),
    "two wavelet scales": (noise((33, 34)), np.ones((33, 34), dtype=bool)),
    "five wavelet scales": (noise((256, 256)), np.pad(ring((40, 40)), (90, 126))),
}


@pytest.mark.parametrize("normalization", ["3sigma", "1-99", "1-99-below", "none"])
@pytest.mark.parametrize("case", CASES)
def test_small_regions_equal_the_oracle(case, normalization):
    image, mask = CASES[case]
    ours = extract_features(image, mask, normalization=normalization)
    theirs = oracle.features(image, mask, normalization, (6, 6, 4, 8))
    if case == "ramp":  # its equations are singular but for rounding
        theta = [i for i, n in enumerate(ours) if n.startswith(("Teta", "Sigma"))]
        ours = {n: v for i, (n, v) in enumerate(ours.items()) if i not in theta}
        theirs = [v for i, v in enumerate(theirs) if i not in theta]
    np.testing.assert_allclose(list(ours.values()), theirs, rtol=1e-9, atol=1e-9)


def test_counts_beyond_the_table_of_logarithms():
    image = np.zeros((70, 70), dtype=np.uint8)
    image[:, 69] = 1
    features = extract_features(
        image,
        np.ones(image.shape),
        normalization="none",
        families=["cooccurrence"],
        distances=[1],
    )
    # 70 x 68 pairs of zeros and 70 of zero and one, each seen from both sides.
    p = np.array([68, 0.5, 0.5]) / 69
    assert features["S(1,0)Entropy"] == pytest.approx(-(p * np.log10(p)).sum())
    assert features["S(1,0)AngScMom"] == pytest.approx((p**2).sum())
