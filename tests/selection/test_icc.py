"""The intraclass correlation against psych's analysis of variance."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_orn.selection import intraclass_correlation
from sklearn_orn.selection._intraclass_correlation import ALIASES
from tests._data import R_REFERENCE
from tests._examples import examples

REFERENCE = json.loads((R_REFERENCE / "icc.json").read_text())
RATINGS = pd.read_csv(R_REFERENCE / "icc_two_raters.csv")
PSYCH = {
    "ICC1": "ICC(1,1)",
    "ICC2": "ICC(2,1)",
    "ICC3": "ICC(3,1)",
    "ICC1k": "ICC(1,k)",
    "ICC2k": "ICC(2,k)",
    "ICC3k": "ICC(3,k)",
}
FEATURES = [
    name
    for name in REFERENCE
    if name in set(RATINGS["feature"]) and "error" not in REFERENCE[name]["psych_aov"]
]


def _ratings(feature):
    rows = RATINGS[RATINGS["feature"] == feature].sort_values("subject")
    return rows[["rater1", "rater2"]].to_numpy()


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("psych_name", PSYCH)
def test_equals_psych_where_it_defines_a_value(feature, psych_name):
    expected = REFERENCE[feature]["psych_aov"]
    i = expected["type"].index(psych_name)
    ours = intraclass_correlation(_ratings(feature), form=PSYCH[psych_name])
    pairs = {"icc": "ICC", "lower": "lower", "upper": "upper", "f": "F", "p_value": "p"}
    for our_name, their_name in pairs.items():
        value = expected[their_name][i]
        if value is None or ours.reason:
            continue
        mine = float(getattr(ours, our_name))
        if np.isinf(mine) and our_name == "f":
            continue  # perfect agreement: psych's F is a rounding error
        assert mine == pytest.approx(value, abs=1e-9, rel=1e-9), our_name


@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(3, 20), st.integers(2, 4), st.integers(1, 3)),
        elements=st.floats(-100, 100).map(lambda x: round(x, 3)),
    ),
    st.sampled_from(sorted(PSYCH.values())),
)
@examples(80)
def test_icc_properties(ratings, form):
    result = intraclass_correlation(ratings, form=form)
    defined = result.reason == ""
    assert np.isnan(result.icc[~defined]).all()
    assert (result.icc[defined] <= 1 + 1e-12).all()
    np.testing.assert_allclose(
        result.icc,
        intraclass_correlation(ratings[::-1, ::-1] * 2 + 64, form=form).icc,
        rtol=1e-6,
        atol=1e-8,
    )


def test_perfect_constant_negative_and_missing():
    rng = np.random.default_rng(0)
    a = rng.normal(size=12)
    ratings = np.stack(
        [
            np.column_stack([a, a]),
            np.full((12, 2), 0.1),
            np.column_stack([a, -a]),
            np.column_stack([a, np.where(np.arange(12) < 5, np.nan, a + 0.1)]),
        ],
        axis=2,
    )
    result = intraclass_correlation(ratings)
    assert result.icc[0] == result.lower[0] == result.upper[0] == 1
    assert np.isnan(result.icc[1]) and result.reason[1] == "constant"
    assert result.icc[2] < 0
    assert result.n_lesions.tolist() == [12, 12, 12, 7]


def test_aliases_are_the_same_forms():
    ratings = np.random.default_rng(0).normal(size=(9, 2))
    for alias, form in ALIASES.items():
        assert intraclass_correlation(ratings, form=alias).icc == pytest.approx(
            intraclass_correlation(ratings, form=form).icc
        )
    with pytest.raises(ValueError, match="'form' parameter must be one of"):
        intraclass_correlation(ratings, form="ICC(4,1)")
