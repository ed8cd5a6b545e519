"""Thresholds, net benefit and calibration at their borders and by their definitions."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import chi2, norm
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from sklearn_orn.metrics import (
    calibration_statistics,
    decision_curve,
    diagnostic_performance,
    flexible_calibration_curve,
    net_benefit,
    wilson_interval,
    youden_threshold,
)
from sklearn_orn.metrics._benefit_bands import benefit_at
from sklearn_orn.metrics._calibration_statistics import lowess
from sklearn_orn.metrics._clusters import draw_patients, patient_codes

Y = np.array([0, 1, 0, 0, 1, 1, 0, 1, 1, 0])
P = np.array([0.1, 0.2, 0.2, 0.4, 0.5, 0.5, 0.7, 0.7, 0.8, 0.3])
WEIGHT = np.array([1.0, 2, 1, 3, 1, 1, 2, 1, 0, 1])
PATIENTS = list("abbcdeeffg")


# A threshold ----------------------------------------------------------------------


def test_of_equally_good_thresholds_the_lowest_is_taken():
    # From 0.2, 0.5 and 0.8 on: each separates as well, up to rounding.
    y, score = [0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.4, 0.5, 0.7, 0.8]
    assert youden_threshold(y, score) == pytest.approx(0.15)
    # Two of three and one of three: 2/3 - 1/3 as 1/3 - 0.
    y, score = [1, 0, 0, 1, 1, 0], [1, 2, 3, 4, 5, 0]
    assert youden_threshold(y, score) == 3.5
    # A weight of 1e-9 is worth more than rounding, and decides for the higher one.
    weight = [1, 1 + 1e-9, 1, 1, 1, 1]
    y, score = [0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.4, 0.5, 0.7, 0.8]
    assert youden_threshold(y, score, sample_weight=weight) == pytest.approx(0.15)
    weight = [1, 1 - 1e-9, 1 + 1e-9, 1, 1, 1]
    assert youden_threshold(y, score, sample_weight=weight) == pytest.approx(0.45)


def test_a_threshold_between_neighbouring_floats_is_the_upper_one():
    low = 0.5
    high = np.nextafter(low, 1)
    assert youden_threshold([0, 1], [low, high]) == high
    assert youden_threshold([0, 1], [0.25, 0.75]) == 0.5


def test_no_better_threshold_than_none_is_the_lowest_score():
    assert youden_threshold([1, 0, 1, 0], [1, 2, 1, 2]) == 1
    assert youden_threshold([1, 0], [0.3, 0.3]) == 0.3


def test_samples_without_weight_set_no_threshold():
    y, score = [0, 1, 0, 1], [0.1, 0.2, 0.9, 0.6]
    found = youden_threshold(y, score, sample_weight=[1, 0, 0, 2])
    assert found == pytest.approx(0.35)
    for weight in ([1, 0, 1, 0], [0, 1, 0, 1]):
        with pytest.raises(ValueError, match="one class only where sample_weight"):
            youden_threshold(y, score, sample_weight=weight)


# Shares ---------------------------------------------------------------------------


def test_wilson_by_its_formula():
    z = norm.ppf(0.95)
    found = wilson_interval(3, 8, confidence=0.9)
    middle = (3 + z**2 / 2) / (8 + z**2)
    half = z * np.sqrt(3 * 5 / 8 + z**2 / 4) / (8 + z**2)
    assert (found.lower, found.upper) == pytest.approx((middle - half, middle + half))
    assert (found.count, found.total, str(found)) == (3, 8, "37.5 % (3/8)")
    none = wilson_interval(0, 0)
    assert np.isnan([none.lower, none.upper]).all() and str(none) == "none (0/0)"
    assert (none.count, none.total) == (0, 0)
    for n in range(1, 40):  # rounding would leave some of them at 1 - 1e-16
        assert (wilson_interval(0, n).lower, wilson_interval(n, n).upper) == (0, 1)
    with pytest.raises(ValueError, match="between 0 and 5, got -1"):
        wilson_interval(-1, 5)
    with pytest.raises(ValueError, match="confidence"):
        wilson_interval(1, 5, confidence=1)


def limits(share, n, confidence=0.95):
    z2 = norm.ppf(0.5 + confidence / 2) ** 2
    middle = (n * share + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (n * share * (1 - share) + z2 / 4)) / (n + z2)
    return middle - half, middle + half


def test_shares_by_patient_have_an_effective_number_of_samples():
    called = np.array([0, 1, 0, 1, 1, 0, 1, 1, 1, 0])
    table = diagnostic_performance(Y, called, groups=PATIENTS, confidence=0.9)
    # Sensitivity 4/5: hits by patient b 1/1, d 1/1, e 0/1, f 2/2.
    residual = np.array([1, 1, 0, 2]) - 0.8 * np.array([1, 1, 1, 2])
    variance = 4 / 3 * (residual**2).sum() / 25
    effect = variance * 4 / (0.8 * 0.2)
    row = table.loc["sensitivity"]
    if_alike = 25 / 7  # sizes 1, 1, 1 and 2
    fewer = 5 / effect * (student.ppf(0.95, 4) / student.ppf(0.95, 3)) ** 2
    assert fewer < if_alike < 5 / effect and row["patients"] == 4
    expected = limits(0.8, if_alike, 0.9)
    assert (row["lower"], row["upper"]) == pytest.approx(expected)
    # Specificity 3/5: a 1/1, b 1/1, c 0/1, e 0/1, g 1/1; never more than the samples.
    residual = np.array([1, 1, 0, 0, 1]) - 0.6
    effect = 5 / 4 * (residual**2).sum() / 25 * 4 / (0.6 * 0.4)
    row = table.loc["specificity"]
    assert effect == pytest.approx(1) and row["patients"] == 5
    assert (row["lower"], row["upper"]) == pytest.approx(limits(0.6, 5, 0.9))
    assert table["count"].tolist() == [4, 3, 7, 4, 3]
    assert table["total"].tolist() == [5, 5, 10, 6, 4]


@pytest.mark.parametrize(
    ("hits", "which"), [([3, 1, 2, 0, 3, 1], "fewer"), ([4, 0, 4, 0, 4, 1], "own")]
)
def test_few_patients_tell_little_of_how_much_their_samples_agree(hits, which):
    patient = np.repeat(np.arange(6), 4)
    called = np.concatenate([np.arange(4) < n for n in hits]).astype(int)
    p = called.mean()
    residual = np.array(hits) - 4 * p
    effect = 6 / 5 * (residual @ residual) / 24**2 * 23 / (p * (1 - p))
    fewer = 24 / effect * (student.ppf(0.975, 23) / student.ppf(0.975, 5)) ** 2
    expected = {"fewer": fewer, "own": 24 / effect}[which]
    assert expected == max(fewer, min(24 / effect, 6)) and effect > 1
    y = np.r_[np.ones(24), 0]
    row = diagnostic_performance(y, np.r_[called, 0], groups=np.r_[patient, 6])
    row = row.loc["sensitivity"]
    assert (row["lower"], row["upper"]) == pytest.approx(limits(p, expected))


def test_alike_samples_count_by_patient_and_one_patient_counts_once():
    y, groups = [1, 1, 1, 0, 0, 0], list("aabbcc")
    table = diagnostic_performance(y, [1, 1, 1, 0, 0, 0], groups=groups)
    row = table.loc["sensitivity"]
    assert row["lower"] == pytest.approx(limits(1.0, 2)[0]) and row["upper"] == 1
    # One patient only, with samples that differ.
    row = diagnostic_performance(y, [1, 0, 1, 0, 0, 0], groups=list("aaabbc"))
    row = row.loc["sensitivity"]
    assert (row["lower"], row["upper"]) == pytest.approx(limits(2 / 3, 1))
    # Nothing is called: a share of nothing.
    row = diagnostic_performance(y, [0] * 6, groups=groups).loc["ppv"]
    assert np.isnan(row["estimate"]) and row["total"] == row["patients"] == 0
    # Samples of a patient that balance: less variance than samples have. Two
    # patients do not show it, twelve nearly do.
    few = student.ppf(0.975, 23) / student.ppf(0.975, 11)
    for n, effective in [(2, 2), (12, 24 * few**2)]:
        called, groups = [1, 0] * n + [0], np.r_[np.repeat(np.arange(n), 2), n]
        row = diagnostic_performance([1] * (2 * n) + [0], called, groups=groups)
        row = row.loc["sensitivity"]
        assert (row["lower"], row["upper"]) == pytest.approx(limits(0.5, effective))


def test_two_patients_count_by_their_samples():
    y, called = [1] * 6 + [0], [1, 1, 0, 1, 0, 1, 0]
    row = diagnostic_performance(y, called, groups=list("abbbbbc")).loc["sensitivity"]
    expected = limits(4 / 6, 36 / 26)  # where the five of b are alike
    assert (row["lower"], row["upper"]) == pytest.approx(expected)


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.7])
def test_a_net_benefit_at_one_threshold_is_that_of_the_curve(threshold):
    unit, names = np.arange(10) // 2, ["model", "model_lower", "model_upper"]
    at = {"thresholds": [threshold], "groups": unit, "confidence": 0.8}
    curve = decision_curve(Y, P, **at).loc[0, names]
    assert benefit_at(Y == 1, P, threshold, unit, 0.8) == pytest.approx(curve.tolist())
    alone = benefit_at(Y == 1, P / 10, threshold, np.zeros(10, dtype=int), 0.8)
    assert alone[0] == 0 and np.isnan(alone[1:]).all()
    one_class = benefit_at(np.ones(10, bool), P, threshold, unit, 0.8)
    assert one_class[0] == pytest.approx((P >= threshold).mean())


def test_predictive_values_at_another_prevalence_by_bayes():
    called = np.array([0, 1, 0, 1, 1, 0, 1, 1, 1, 0])
    table = diagnostic_performance(Y, called, prevalence=0.1)
    ppv = 0.1 * 0.8 / (0.1 * 0.8 + 0.9 * 0.4)
    npv = 0.9 * 0.6 / (0.9 * 0.6 + 0.1 * 0.2)
    assert table["estimate"].tolist()[3:] == pytest.approx([ppv, npv])
    own = diagnostic_performance(Y, called)
    pd.testing.assert_frame_equal(table.iloc[:3], own.iloc[:3])
    for name, ratio in (("ppv", 1 / 9), ("npv", 9)):
        for end in ("lower", "upper"):
            odds = own.loc[name, end] / (1 - own.loc[name, end]) * ratio
            assert table.loc[name, end] == pytest.approx(odds / (1 + odds))
    # A prevalence of 0.3 where the samples have 3/4.
    y, called = [1, 1, 1, 0], [1, 1, 0, 0]
    found = diagnostic_performance(y, called, prevalence=0.3).loc["npv", "estimate"]
    assert found == pytest.approx(0.7 / (0.7 + 0.3 / 3))


def test_labels_are_those_of_the_outcome():
    y = np.array(["no", "yes", "no", "yes"])
    table = diagnostic_performance(y, ["yes", "yes", "no", "no"], pos_label="yes")
    assert table["count"].tolist() == [1, 1, 2, 1, 1]
    other = diagnostic_performance(y, ["yes", "yes", "no", "yes"], pos_label="no")
    assert other["count"].tolist() == [1, 2, 3, 1, 2]


# Net benefit ----------------------------------------------------------------------


def by_definition(y, p, t, weight=None, prevalence=None):
    weight = np.ones(len(y)) if weight is None else weight
    called, yes = p >= t, y == 1
    share = prevalence or weight[yes].sum() / weight.sum()
    sensitivity = weight[yes & called].sum() / weight[yes].sum()
    alarms = weight[~yes & called].sum() / weight[~yes].sum()
    odds = t / (1 - t)
    model = share * sensitivity - (1 - share) * alarms * odds
    treat_all = share - (1 - share) * odds
    missed = share * (1 - sensitivity) / odds if t else 0.0
    return {
        "model": model,
        "treat_all": treat_all,
        "treat_none": 0.0,
        "standardized": model / share,
        "interventions_avoided": (1 - share) * (1 - alarms) - missed,
        "over_all": model - treat_all,
    }


@pytest.mark.parametrize("prevalence", [None, 0.2])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_a_decision_curve_by_its_definition(weight, prevalence):
    # Thresholds between, below, above the probabilities, and at some of them.
    at = [0.0, 0.05, 0.2, 0.35, 0.5, 0.7, 0.8, 0.9]
    settings = {"sample_weight": weight, "prevalence": prevalence}
    table = decision_curve(Y, P, thresholds=at, **settings)
    counted = P if weight is None else P[weight > 0]
    for t, row in zip(at, table.to_dict("records"), strict=True):
        for name, value in by_definition(Y, P, t, weight, prevalence).items():
            assert row[name] == pytest.approx(value, abs=1e-12), (t, name)
        found = net_benefit(Y, P, threshold=t, **settings)
        assert found == pytest.approx(row["model"], abs=1e-12)
        assert row["above"] == (t <= counted).sum()
        assert row["below"] == (t > counted).sum()


@pytest.mark.parametrize("prevalence", [None, 0.2])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("groups", [None, PATIENTS])
def test_bands_of_a_decision_curve_are_quantiles_over_patients(
    groups, weight, prevalence
):
    at = [0.25, 0.5]
    table = decision_curve(
        *(Y, P),
        thresholds=at,
        groups=groups,
        sample_weight=weight,
        prevalence=prevalence,
        n_resamples=30,
        confidence=0.8,
        random_state=1,
    )
    unit = patient_codes(groups, 10)
    drawn = draw_patients(Y == 1, unit, 30, np.random.RandomState(1), weight)
    drawn = list(drawn)
    for k, t in enumerate(at):
        rows = pd.DataFrame(
            by_definition(
                Y[i], P[i], t, None if weight is None else weight[i], prevalence
            )
            for i in drawn
        )
        for name in ("model", "standardized", "interventions_avoided", "over_all"):
            ends = np.quantile(rows[name], [0.1, 0.9])
            found = table.loc[k, [f"{name}_lower", f"{name}_upper"]].tolist()
            assert found == pytest.approx(ends, abs=1e-12)


def test_settings_of_decisions_are_named():
    assert decision_curve(Y, P)["threshold"].tolist() == [k / 100 for k in range(100)]
    for bad in (-0.01, 1.0, [[0.1]]):
        with pytest.raises(ValueError, match="at least 0 and below 1"):
            decision_curve(Y, P, thresholds=bad)
    with pytest.raises(ValueError, match="must be one number"):
        net_benefit(Y, P, threshold=[0.1])
    for function in (
        decision_curve,
        lambda y, p, **k: net_benefit(y, p, threshold=0.5, **k),
    ):
        with pytest.raises(ValueError, match="prevalence must lie between"):
            function(Y, P, prevalence=1)
    with pytest.raises(ValueError, match="confidence"):
        decision_curve(Y, P, confidence=0)
    with pytest.raises(ValueError, match="n_resamples"):
        decision_curve(Y, P, n_resamples=1)
    # One class only: net benefit is known, at another prevalence it is not.
    for y, benefit in ((np.ones(4), 0.5), (np.zeros(4), -0.5)):
        assert net_benefit(y, [0.2, 0.6, 0.5, 0.4], threshold=0.5) == benefit
        with pytest.raises(ValueError, match="only where y_true has both"):
            net_benefit(y, P[:4], threshold=0.5, prevalence=0.3)


# Calibration ----------------------------------------------------------------------


def test_calibration_statistics_by_their_definitions():
    found = calibration_statistics(Y, P)
    n, share = 10, 0.5
    assert found.c == pytest.approx(roc_auc_score(Y, P))
    assert found.dxy == pytest.approx(2 * found.c - 1)
    assert found.brier == pytest.approx(brier_score_loss(Y, P))
    assert found.brier_scaled == pytest.approx(1 - found.brier / (share * (1 - share)))
    own = 2 * n * log_loss(Y, P)
    null = 2 * n * np.log(2)
    line = LogisticRegression(C=1e12, tol=1e-12).fit(logit(P)[:, None], Y)
    best = 2 * n * log_loss(Y, line.predict_proba(logit(P)[:, None]))
    assert found.slope == pytest.approx(line.coef_[0, 0], rel=1e-6)
    assert found.intercept == pytest.approx(line.intercept_[0], rel=1e-6)
    assert found.discrimination_chi2 == pytest.approx(null - own)
    assert found.discrimination == pytest.approx((null - own - 1) / n)
    assert found.unreliability_chi2 == pytest.approx(own - best)
    assert found.unreliability == pytest.approx((own - best - 2) / n)
    assert found.unreliability_p == pytest.approx(chi2.sf(own - best, 2))
    assert found.quality == pytest.approx(found.discrimination - found.unreliability)
    r2 = (1 - np.exp(-(null - own) / n)) / (1 - np.exp(-null / n))
    assert found.r2 == pytest.approx(r2)
    z = ((Y - P) * (1 - 2 * P)).sum()
    z /= np.sqrt(((1 - 2 * P) ** 2 * P * (1 - P)).sum())
    assert found.spiegelhalter_z == pytest.approx(z)
    assert found.spiegelhalter_p == pytest.approx(2 * norm.sf(abs(z)))
    curve = flexible_calibration_curve(Y, P)
    off = np.abs(curve.predicted - curve.observed)
    assert (found.emax, found.eavg) == pytest.approx((off.max(), off.mean()))
    assert found.e90 == pytest.approx(np.quantile(off, 0.9))
    assert found.observed_expected == pytest.approx(5 / P.sum())
    # In the large: what makes as many expected as there are.
    shift = found.calibration_in_the_large
    assert expit(logit(P) + shift).sum() == pytest.approx(5)


def test_the_brier_score_of_unequal_classes_is_scaled_by_theirs():
    y, p = [0, 0, 0, 1], [0.1, 0.2, 0.3, 0.6]
    found = calibration_statistics(y, p)
    assert found.brier_scaled == pytest.approx(1 - found.brier / (0.25 * 0.75))


def test_certain_probabilities():
    # All are 0, 1/2 or 1: Spiegelhalter's z has no variance.
    found = calibration_statistics([0, 0, 1, 1, 0, 1], [0, 0.5, 0.5, 1, 0, 1])
    assert np.isnan([found.spiegelhalter_z, found.spiegelhalter_p]).all()
    assert np.isnan([found.slope, found.unreliability_chi2, found.quality]).all()
    own = 4 * np.log(2)
    assert found.discrimination_chi2 == pytest.approx(12 * np.log(2) - own)
    wrong = calibration_statistics([1, 0, 1, 1], [0, 0.5, 0.5, 1])
    assert wrong.discrimination == wrong.r2 == -np.inf
    with pytest.raises(ValueError, match="confidence"):
        calibration_statistics(Y, P, confidence=1)
    with pytest.raises(ValueError, match="prevalence"):
        calibration_statistics(Y, P, prevalence=1)


def test_limits_of_calibration_count_patients():
    alone = calibration_statistics(Y, P)
    both = np.tile(Y, 2), np.tile(P, 2)
    copied = calibration_statistics(*both, groups=np.tile(np.arange(10), 2))
    for name in ("intercept", "slope", "observed_expected", "brier"):
        for end in ("lower", "upper"):
            limit = getattr(alone, f"{name}_{end}")
            assert getattr(copied, f"{name}_{end}") == pytest.approx(limit), name
    apart = calibration_statistics(*both)
    assert apart.brier_upper < alone.brier_upper


# Lowess ---------------------------------------------------------------------------


def local_line(x, y, at, n_near):
    """Weighted least squares with tricube weights."""
    distance = np.abs(x - at)
    reach = np.sort(distance)[n_near - 1]
    near = distance <= 0.999 * reach
    weight = np.where(near, (1 - (distance / reach) ** 3) ** 3, 0.0)
    weight[distance <= 0.001 * reach] = 1
    coefficients = np.polyfit(x, y, 1, w=np.sqrt(weight))
    return np.polyval(coefficients, at)


def test_lowess_is_a_local_line_at_each_point():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=60), rng.normal(size=60)
    order = np.argsort(x)
    for frac, n_near in ((2 / 3, 40), (0.5, 30), (0.41, 24), (1.0, 60)):
        found_x, fitted = lowess(x, y, frac=frac, delta=0.0)
        np.testing.assert_array_equal(found_x, x[order])
        expected = [local_line(x, y, at, n_near) for at in x[order]]
        np.testing.assert_allclose(fitted, expected, rtol=1e-9)


def test_lowess_takes_two_points_at_least_and_all_at_most():
    x, y = np.array([0.0, 1, 2, 4]), np.array([1.0, 3, 2, 5])
    np.testing.assert_allclose(lowess(x, y, frac=0.1, delta=0)[1], y)
    np.testing.assert_allclose(
        lowess(x, y, frac=2.0, delta=0)[1], lowess(x, y, frac=1.0, delta=0)[1]
    )


def test_lowess_counts_what_only_rounding_leaves_out():
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.uniform(size=12)), rng.normal(size=12)
    for missing, n_near in ((5e-8, 8), (5e-6, 7)):
        expected = [local_line(x, y, at, n_near) for at in x]
        found = lowess(x, y, frac=(8 - missing) / 12, delta=0)[1]
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_lowess_interpolates_within_delta_of_the_last_point_fitted():
    x = np.array([0.0, 0.02, 0.05, 0.1, 0.5, 0.52, 1.0])
    y = np.array([0.0, 1, 0, 1, 1, 0, 1])
    exact = lowess(x, y, delta=0.0)[1]
    found = lowess(x, y, delta=0.05)[1]
    # Fitted: 0; 0.05, the last within its reach; 0.1; 0.5; 0.52; 1.
    fitted = [0, 2, 3, 4, 5, 6]
    np.testing.assert_allclose(found[fitted], exact[fitted], rtol=1e-12)
    between = np.interp(x[1], x[fitted], exact[fitted])
    assert found[1] == pytest.approx(between) and found[1] != pytest.approx(exact[1])
    np.testing.assert_allclose(lowess(x, y)[1], lowess(x, y, delta=0.01)[1])


def test_lowess_of_ties():
    x = np.array([0.2, 0.2, 0.2, 0.2, 0.6, 0.9])
    y = np.array([0.0, 1, 1, 1, 0, 1])
    found = lowess(x, y, frac=0.5)[1]
    # The nearest three lie at 0.2 itself: their mean, and that of all four of them.
    np.testing.assert_allclose(found[:4], 0.75)
    assert found.shape == (6,)
