"""Paired and clustered metrics against pROC, rms robcov, dcurves and wilcox.test."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sklearn_orn.metrics import (
    calibration_statistics,
    compare_auc,
    decision_curve,
    hanley_mcneil_se,
    mcnemar_test,
    net_benefit,
    recalibration,
    roc_auc_ci,
    score_by_class,
)
from tests._data import R_REFERENCE, of_r

TRAIN = pd.read_csv(R_REFERENCE / "scores_train.csv")
VALID = pd.read_csv(R_REFERENCE / "scores_valid.csv")

ROC, RMS, TESTS = of_r("roc"), of_r("rms_lrm_valprob"), of_r("tests")


@pytest.mark.parametrize(
    ("name", "table", "first", "other"),
    [
        ("paired_train_rad_vs_clin", TRAIN, "rad", "clin_p"),
        ("paired_train_comb_vs_clin", TRAIN, "comb_p", "clin_p"),
        ("paired_valid_comb_vs_rad", VALID, "comb_p", "rad"),
    ],
)
@pytest.mark.parametrize("groups", [None, "own"])
def test_paired_comparison_equals_proc(name, table, first, other, groups):
    groups = None if groups is None else np.arange(len(table))
    ours = compare_auc(table["y"], table[first], table[other], groups=groups)
    expected = ROC[name]
    assert ours.auc == pytest.approx(expected["auc1"], abs=1e-12)
    assert ours.other_auc == pytest.approx(expected["auc2"], abs=1e-12)
    assert ours.statistic == pytest.approx(expected["z"], abs=1e-9)
    assert ours.p_value == pytest.approx(expected["p"], abs=1e-9)
    assert (ours.lower, ours.upper) == pytest.approx(expected["ci_diff"], abs=1e-9)


def test_unpaired_comparison_equals_proc():
    ours = compare_auc(TRAIN["y"], TRAIN["rad"], VALID["rad"], y_other=VALID["y"])
    expected = ROC["unpaired_train_vs_valid_rad"]
    assert ours.statistic == pytest.approx(expected["D"], abs=1e-9)
    assert ours.df == pytest.approx(expected["df"], abs=1e-9)
    assert ours.p_value == pytest.approx(expected["p"], abs=1e-9)


@pytest.mark.parametrize(
    ("auc", "n_positive", "n_negative", "lower", "upper"),
    [(0.725, 51, 44, 0.622, 0.828), (0.720, 25, 22, 0.573, 0.867)],
)
def test_hanley_mcneil_gives_the_published_intervals(
    auc, n_positive, n_negative, lower, upper
):
    half = 1.959964 * hanley_mcneil_se(auc, n_positive, n_negative)
    assert (auc - half, auc + half) == pytest.approx((lower, upper), abs=0.003)


def test_hanley_mcneil_method_takes_the_numbers():
    ours = roc_auc_ci(VALID["y"], VALID["rad"], method="hanley-mcneil")
    assert ours.se == pytest.approx(hanley_mcneil_se(ours.auc, 25, 22))


VALPROB = {
    "r2": "R2",
    "discrimination": "D",
    "discrimination_chi2": "D:Chi-sq",
    "unreliability": "U",
    "unreliability_chi2": "U:Chi-sq",
    "unreliability_p": "U:p",
    "quality": "Q",
    "intercept": "Intercept",
    "slope": "Slope",
    "spiegelhalter_z": "S:z",
    "spiegelhalter_p": "S:p",
}


@pytest.mark.parametrize("name", VALPROB)
def test_likelihood_statistics_equal_val_prob(name):
    fitted = expit(np.array(RMS["three_linear"]["linear_predictors"]))
    for entry, y, proba in [
        ("valprob_train", TRAIN["y"], fitted),
        ("valprob_valid", VALID["y"], np.array(RMS["valprob_valid_p"])),
    ]:
        ours = getattr(calibration_statistics(y, proba), name)
        expected = RMS[entry]["stats"][VALPROB[name]]
        assert ours == pytest.approx(expected, abs=1e-9)


def test_recalibration_by_patient_equals_robcov():
    expected = RMS["cluster_robcov"]
    proba = expit(VALID["rad"])
    for groups, name in [
        (None, "vcov"),
        (np.arange(47), "vcov_robust_unclustered"),
        (VALID["patient"], "vcov_robust_cluster_patient"),
    ]:
        ours = recalibration(VALID["y"], proba, groups=groups)
        assert ours.intercept == pytest.approx(expected["coef"]["Intercept"], abs=1e-9)
        assert ours.slope == pytest.approx(expected["coef"]["rad"], abs=1e-9)
        np.testing.assert_allclose(ours.covariance, expected[name], atol=1e-9)


@pytest.mark.parametrize("part", ["train", "valid"])
def test_interventions_avoided_and_standardised_follow_from_dcurves(part):
    table = TRAIN if part == "train" else VALID
    reference = of_r("dca")[part]
    t = np.array(reference["all"]["threshold"])[1:]
    model = np.array(reference["comb_p"]["net_benefit"])[1:]
    treat_all = np.array(reference["all"]["net_benefit"])[1:]
    ours = decision_curve(table["y"], table["comb_p"], thresholds=t)
    np.testing.assert_allclose(
        ours["interventions_avoided"], (model - treat_all) * (1 - t) / t, atol=1e-9
    )
    np.testing.assert_allclose(ours["standardized"], model / table["y"].mean())
    # With the sample's own prevalence nothing changes.
    same = decision_curve(
        table["y"], table["comb_p"], thresholds=t, prevalence=table["y"].mean()
    )
    curves = ["model", "treat_all", "standardized", "interventions_avoided", "over_all"]
    pd.testing.assert_frame_equal(ours[curves], same[curves])


def test_prevalence_equals_weighting_the_classes():
    y, p = TRAIN["y"].to_numpy(), TRAIN["comb_p"]
    weight = np.where(y == 1, 0.1 / y.mean(), 0.9 / (1 - y.mean()))
    for t in (0.05, 0.1, 0.3):
        assert net_benefit(y, p, threshold=t, prevalence=0.1) == pytest.approx(
            net_benefit(y, p, threshold=t, sample_weight=weight)
        )


@pytest.mark.parametrize(
    ("settings", "name"),
    [({"exact": True}, "exact"), ({}, "cc"), ({"corrected": False}, "nocc")],
)
def test_mcnemar_equals_r(settings, name):
    (a, b), (c, d) = TESTS["mcnemar"]["table"]
    y = np.ones(a + b + c + d, dtype=int)
    first = np.repeat([1, 1, 0, 0], [a, b, c, d])
    other = np.repeat([1, 0, 1, 0], [a, b, c, d])
    ours = mcnemar_test(y, first, other, **settings)
    assert ours.table.tolist() == [[a, b], [c, d]]
    assert ours.p_value == pytest.approx(TESTS["mcnemar"][name], abs=1e-9)


@pytest.mark.parametrize("name", ["f01", "f02", "f05", "f10", "age", "size_mm"])
def test_mann_whitney_equals_wilcox_test(name):
    table = pd.read_csv(R_REFERENCE / "a_train95.csv")
    ours = score_by_class(table["y"], table[name])
    expected = TESTS[f"mw_{name}"]["asymptotic_cc"]  # 51 positives: not exact
    assert ours.statistic == pytest.approx(expected["W"])
    assert ours.p_value == pytest.approx(expected["p"], abs=1e-9)


def test_mann_whitney_of_few_samples_is_exact():
    table = pd.read_csv(R_REFERENCE / "a_train95.csv").iloc[:12]
    expected = TESTS["mw_small12_f07"]["exact"]
    ours = score_by_class(table["y"], table["f07"])
    assert ours.statistic == pytest.approx(expected["W"])
    assert ours.p_value == pytest.approx(expected["p"], abs=1e-9)
