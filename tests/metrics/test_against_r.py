"""Metrics against pROC, generalhoslem, ResourceSelection, dcurves and rms."""

import warnings

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import (
    calibration_statistics,
    decision_curve,
    diagnostic_performance,
    flexible_calibration_curve,
    hosmer_lemeshow,
    net_benefit,
    roc_auc_ci,
    wilson_interval,
    youden_threshold,
)
from tests._data import R_REFERENCE, of_r

SCORES = {
    "train": pd.read_csv(R_REFERENCE / "scores_train.csv"),
    "valid": pd.read_csv(R_REFERENCE / "scores_valid.csv"),
}
ROC = of_r("roc")
HL = of_r("hosmer_lemeshow")
DCA = of_r("dca")
RMS = of_r("rms_lrm_valprob")
SETS = [f"{s}_{c}" for s in SCORES for c in ("rad", "clin_p", "comb_p", "rounded")]
HL_CASES = [k for k in HL if k.endswith(tuple(f"_g{g}" for g in (4, 5, 6, 8, 10, 12)))]


def _columns(name):
    part, column = name.split("_", 1)
    return SCORES[part]["y"], SCORES[part][column]


@pytest.mark.parametrize("name", SETS)
def test_auc_and_delong_interval_equal_proc(name):
    result = roc_auc_ci(*_columns(name), method="delong")
    expected = ROC[name]
    np.testing.assert_allclose(
        [result.lower, result.auc, result.upper], expected["ci_delong"], atol=1e-9
    )
    assert result.se**2 == pytest.approx(expected["var_delong"], abs=1e-12)
    narrow = roc_auc_ci(*_columns(name), method="delong", confidence=0.9)
    np.testing.assert_allclose(
        [narrow.lower, narrow.auc, narrow.upper], expected["ci90"], atol=1e-9
    )


@pytest.mark.parametrize("name", SETS)
def test_youden_threshold_equals_proc(name):
    y, score = _columns(name)
    expected = ROC[name]["youden"][0]
    threshold = youden_threshold(y, score)
    assert threshold == pytest.approx(expected["threshold"], abs=1e-12)
    table = diagnostic_performance(y, (score >= threshold).astype(int))
    for rate in ("sensitivity", "specificity", "accuracy", "ppv", "npv"):
        assert table.loc[rate, "estimate"] == pytest.approx(expected[rate], abs=1e-12)


@pytest.mark.parametrize("name", HL_CASES)
def test_hosmer_lemeshow_equals_r(name):
    part, rest = name.split("_", 1)
    column, g = rest.rsplit("_g", 1)
    y, p = SCORES[part]["y"], SCORES[part][column]
    expected = HL[name]
    # R counts a group without samples in the degrees of freedom, and gives NaN.
    held = np.array(expected["n"]) > 0
    empty = int((~held).sum())
    n_left = expected["bins"] - empty
    assert (expected["chisq"] is None) >= bool(empty)
    tied = n_left < int(g)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if tied else "error", StudyWarning)
        inner = hosmer_lemeshow(y, p, n_groups=int(g))
        outer = hosmer_lemeshow(y, p, n_groups=int(g), fitted=False)
    if tied:
        with pytest.warns(StudyWarning, match=f"leave {n_left} of {g} "):
            hosmer_lemeshow(y, p, n_groups=int(g))
    assert inner.df == expected["df_internal"] - empty
    assert outer.df == expected["df_external"] - empty
    table = inner.table
    np.testing.assert_array_equal(table["n"], np.array(expected["n"])[held])
    np.testing.assert_array_equal(table["observed"], np.array(expected["obs1"])[held])
    expects = np.array(expected["exp1"])[held]
    np.testing.assert_allclose(table["expected"], expects, atol=1e-9)
    if expected["chisq"] is None:  # R's NaN for an empty bin
        assert np.isfinite(inner.statistic)
    else:
        assert inner.statistic == pytest.approx(expected["chisq"], abs=1e-9)
        assert inner.p_value == pytest.approx(expected["p_internal"], abs=1e-9)
        assert outer.p_value == pytest.approx(expected["p_external"], abs=1e-9)


@pytest.mark.parametrize("part", ["train", "valid"])
@pytest.mark.parametrize("column", ["clin_p", "comb_p"])
def test_decision_curve_equals_dcurves(part, column):
    table = SCORES[part]
    reference = DCA[part]
    curve = decision_curve(
        table["y"], table[column], thresholds=reference["all"]["threshold"]
    )
    # dcurves calls positive what is above a threshold of 0, not at it: no p is 0.
    np.testing.assert_allclose(
        curve["model"], reference[column]["net_benefit"], atol=1e-9
    )
    np.testing.assert_allclose(
        curve["treat_all"], reference["all"]["net_benefit"], atol=1e-9
    )
    assert (curve["treat_none"] == 0).all()


@pytest.mark.parametrize("part", ["train", "valid"])
def test_net_benefit_counts_the_threshold_itself_as_positive(part):
    table = SCORES[part]
    thresholds = DCA["train"]["all"]["threshold"]
    ours = [net_benefit(table["y"], table["rounded"], threshold=t) for t in thresholds]
    np.testing.assert_allclose(ours, DCA[f"{part}_definition_rounded_ge"], atol=1e-9)


VALPROB = {
    "Dxy": ("dxy", 1e-9),
    "C (ROC)": ("c", 1e-9),
    "Brier": ("brier", 1e-9),
    "Intercept": ("intercept", 1e-8),
    "Slope": ("slope", 1e-8),
    "Emax": ("emax", 1e-6),
    "E90": ("e90", 1e-6),
    "Eavg": ("eavg", 1e-6),
}


@pytest.mark.parametrize("statistic", VALPROB)
def test_calibration_statistics_equal_val_prob(statistic):
    y = SCORES["valid"]["y"]
    proba = np.asarray(RMS["valprob_valid_p"])
    name, tolerance = VALPROB[statistic]
    ours = getattr(calibration_statistics(y, proba), name)
    assert ours == pytest.approx(
        RMS["valprob_valid"]["stats"][statistic], abs=tolerance
    )


def test_calibration_curve_equals_val_prob():
    reference = RMS["valprob_valid"]
    curve = flexible_calibration_curve(SCORES["valid"]["y"], RMS["valprob_valid_p"])
    np.testing.assert_allclose(curve.predicted, reference["lowess_x"], atol=1e-9)
    np.testing.assert_allclose(curve.observed, reference["lowess_y"], atol=1e-6)


@pytest.mark.parametrize("rate", ["sens", "spec"])
def test_wilson_interval_equals_r(rate):
    entry = of_r("tests")["prop_ci"][rate]
    ours = wilson_interval(entry["x"], entry["n"])
    np.testing.assert_allclose([ours.lower, ours.upper], entry["wilson"], atol=1e-9)
