"""`pos_label` and `confidence` do what they say, in every function that takes them."""

import inspect

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import metrics

RNG = np.random.default_rng(3)
Y = np.tile([0, 1], 30)
P = np.clip(0.5 + 0.2 * (Y - 0.5) + 0.15 * RNG.normal(size=60), 0.01, 0.99)
Q = np.clip(0.5 + 0.1 * (Y - 0.5) + 0.2 * RNG.normal(size=60), 0.01, 0.99)
GROUP = np.repeat(["young", "old"], 30)
SECOND = {
    "flexible_calibration_curve": (P,),
    "compare_auc": (P, Q),
    "net_benefit": (P,),
    "recalibration": (P,),
    "score_by_class": (P,),
    "subgroup_table": (P, GROUP),
    "youden_threshold": (P,),
}


def _flat(result):
    values = list(result) if isinstance(result, tuple) else [result]
    if isinstance(result, pd.DataFrame):
        values = [result.select_dtypes("number").to_numpy()]
    numbers = [np.asarray(v, float).ravel() for v in values if not isinstance(v, str)]
    return np.concatenate(numbers)


@pytest.mark.parametrize("name", SECOND)
def test_the_positive_label_can_be_a_word(name):
    function = getattr(metrics, name)
    words = np.where(Y == 1, "benign", "orn")  # the smaller word is the positive one
    more = {"threshold": 0.4} if name == "net_benefit" else {}
    expected = _flat(function(Y, *SECOND[name], **more))
    named = _flat(function(words, *SECOND[name], pos_label="benign", **more))
    np.testing.assert_array_equal(named, expected)
    other = _flat(function(words, *SECOND[name], pos_label="orn", **more))
    assert not np.array_equal(other, expected, equal_nan=True)


NARROWER = {
    "compare_auc": (Y, P, Q),
    "kappa": (Y, (P > 0.5).astype(int)),
    "limits_of_agreement": (P, Q),
}


@pytest.mark.parametrize("name", NARROWER)
def test_a_lower_level_makes_narrower_limits(name):
    function = getattr(metrics, name)
    assert inspect.signature(function).parameters["confidence"].default == 0.95
    wide = function(*NARROWER[name])
    narrow = function(*NARROWER[name], confidence=0.8)
    pairs = [n for n in dir(wide) if n.endswith("lower") and not n.startswith("_")]
    assert pairs
    for lower in pairs:
        upper = lower.removesuffix("lower") + "upper"
        assert getattr(wide, lower) < getattr(narrow, lower)
        assert getattr(narrow, upper) < getattr(wide, upper)


def test_a_lower_level_makes_narrower_limits_in_subgroups():
    wide = metrics.subgroup_table(Y, P, GROUP)
    narrow = metrics.subgroup_table(Y, P, GROUP, confidence=0.8)
    lower = [c for c in wide.columns if c.endswith("lower")]
    assert lower
    for column in lower:
        assert (wide[column] < narrow[column]).all()
