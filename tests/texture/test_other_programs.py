"""Co-occurrence and run length against IBSI's reference values and mahotas."""

import json

import mahotas
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.texture._catalogue import COOCCURRENCE, RUN_LENGTH
from tests._data import SHARED, needs_shared
from tests._examples import examples
from tests.texture._parts import cooccurrence, run_length

ENTROPIES = ["SumEntrp", "Entropy", "DifEntrp"]
IBSI = {
    "AngScMom": "cm_uniformity",
    "Contrast": "cm_contrast",
    "Correlat": "cm_correlation",
    "SumOfSqs": "cm_joint_variance",
    "InvDfMom": "cm_inverse_difference_moment",
    "SumAverg": "cm_sum_average",
    "SumVarnc": "cm_sum_variance",
    "SumEntrp": "cm_sum_entropy",
    "Entropy": "cm_joint_entropy",
    "DifVarnc": "cm_difference_variance",
    "DifEntrp": "cm_difference_entropy",
    "RLNonUni": "rlm_run_length_non_uniformity",
    "GLevNonU": "rlm_grey_level_non_uniformity",
    "LngREmph": "rlm_long_runs_emphasis",
    "ShrtREmp": "rlm_short_runs_emphasis",
    "Fraction": "rlm_run_percentage",
}


def kernels(levels, distance=1, bits=3):
    """Features of a matrix of levels (0 outside), entropies to the base 2."""
    glcm = cooccurrence(levels, [distance], bits)[0]
    glcm[:, [COOCCURRENCE.index(name) for name in ENTROPIES]] /= np.log10(2)
    return glcm, run_length(levels, 1 << bits)


@needs_shared("ibsi")
@pytest.mark.parametrize("name", IBSI)
def test_ibsi_digital_phantom_2d_averaged(name):
    phantom = json.loads((SHARED / "ibsi" / "digital_phantom.json").read_text())
    levels = np.array(phantom["image"]) * np.array(phantom["mask"])
    values = []
    for z in range(levels.shape[2]):
        glcm, rlm = kernels(levels[:, :, z])
        table, names = (
            (glcm, COOCCURRENCE) if name in COOCCURRENCE else (rlm, RUN_LENGTH)
        )
        values.append(table[:, names.index(name)])
    reference = phantom["features"][IBSI[name]]["values"]["2D, averaged"]
    printed = reference["printed"]
    digits = len(printed.split(".")[1]) if "." in printed else 0
    assert np.mean(values) == pytest.approx(
        reference["value"], abs=0.5 * 10**-digits + 1e-12
    )


# mahotas' difference variance is that of the probabilities, not of the differences.
ALIKE = [i for i, name in enumerate(COOCCURRENCE) if name != "DifVarnc"]
MAHOTAS_ORDER = [0, 3, 1, 2]  # right, down-right, up, up-right


@given(
    st.integers(0, 2**32 - 1),
    st.integers(6, 30),
    st.integers(6, 30),
    st.integers(1, 3),
)
@examples(60)
def test_ten_features_equal_mahotas_in_each_direction(seed, height, width, distance):
    rng = np.random.default_rng(seed)
    levels = rng.integers(1, 9, size=(height, width))
    levels[0, 0], levels[-1, -1] = 1, 8
    levels *= rng.random(levels.shape) < 0.9
    levels[2:4, 2:4] = 3  # no direction is without pairs
    theirs = mahotas.features.haralick(levels, ignore_zeros=True, distance=distance)
    ours = kernels(levels, distance)[0][MAHOTAS_ORDER]
    np.testing.assert_allclose(ours[:, ALIKE], theirs[:, ALIKE], rtol=1e-9, atol=1e-9)
