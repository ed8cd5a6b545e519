"""The intraclass correlation against psych's analysis of variance."""

import json

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.selection import intraclass_correlation
from tests._data import R_REFERENCE

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
