"""Limits by patient of net benefits, calibration and ROC curves, by their formulas."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.metrics import roc_curve

from sklearn_orn.metrics import (
    calibration_statistics,
    compare_net_benefit,
    decision_curve,
    diagnostic_performance,
    roc_band,
    wilson_interval,
)
from sklearn_orn.metrics._calibration_limits import in_the_large
from sklearn_orn.metrics._clusters import draw_patients, patient_codes
from sklearn_orn.metrics._roc_band import sensitivity_at

Y = np.array([0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0])
P = np.array([0.1, 0.2, 0.25, 0.4, 0.5, 0.5, 0.7, 0.75, 0.8, 0.3, 0.6, 0.6])
OTHER = np.array([0.3, 0.6, 0.2, 0.4, 0.3, 0.7, 0.5, 0.4, 0.9, 0.1, 0.6, 0.5])
PATIENTS = np.array(list("abbcdeeffggh"))
WEIGHT = np.array([1.0, 2, 1, 3, 1, 1, 2, 1, 0.5, 1, 1, 2])


# Net benefit ----------------------------------------------------------------------


def by_patient(residual, patients):
    """Root of I / (I - 1) times the squared sums of the I patients."""
    names = sorted(set(patients))
    sums = [residual[patients == name].sum() for name in names]
    return np.sqrt(len(names) / (len(names) - 1) * np.square(sums).sum())


def wilson(hit, among, weight, patients, quantile):
    """Share, how far the limits lie below it and above it."""
    w, hit, patients = weight[among], hit[among] * 1.0, patients[among]
    share = (w * hit).sum() / w.sum()
    number = len(set(patients))
    if 0 < share < 1:
        variance = (by_patient(w * (hit - share), patients) / w.sum()) ** 2
        number = min(share * (1 - share) / variance, len(w))
    z2 = quantile**2
    middle = (number * share + z2 / 2) / (number + z2)
    half = np.sqrt(z2 * (number * share * (1 - share) + z2 / 4)) / (number + z2)
    return share, share - (middle - half), middle + half - share


def benefit_distances(chosen, t, weight, patients, quantile):
    """Of n (q - t) / (1 - t), from the limits of q and of n."""
    q, below, above = wilson(Y == 1, chosen, weight, patients, quantile)
    whole = weight / weight.sum()
    n = whole[chosen].sum()
    of_n = quantile * by_patient(whole * (chosen - n), patients) * (q - t) / (1 - t)
    return [np.hypot(n / (1 - t) * d, of_n) for d in (below, above)]


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("groups", [None, PATIENTS])
def test_limits_of_a_decision_curve_put_two_shares_together(groups, weight):
    own = np.arange(12) if groups is None else groups
    used = np.ones(12) if weight is None else weight
    quantile = student.ppf(0.95, len(set(own)) - 1)
    at = np.array([0.3, 0.45, 0.72])
    table = decision_curve(
        Y, P, thresholds=at, groups=groups, sample_weight=weight, confidence=0.9
    )
    for t, row in zip(at, table.to_dict("records"), strict=True):
        called = t <= P
        below, above = benefit_distances(called, t, used, own, quantile)
        assert row["model"] - row["model_lower"] == pytest.approx(below)
        assert row["model_upper"] - row["model"] == pytest.approx(above)
        # Of those below t: the fewer are positive, the more is won over treating all.
        above, below = benefit_distances(~called, t, used, own, quantile)
        assert row["over_all"] - row["over_all_lower"] == pytest.approx(below)
        assert row["over_all_upper"] - row["over_all"] == pytest.approx(above)
        for end in ("lower", "upper"):
            avoided = row[f"over_all_{end}"] * (1 - t) / t
            assert row[f"interventions_avoided_{end}"] == pytest.approx(avoided)


@pytest.mark.parametrize("prevalence", [None, 0.2])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_limits_of_the_standardised_net_benefit_come_from_a_ratio(weight, prevalence):
    used = np.ones(12) if weight is None else weight
    share = prevalence or used[Y == 1].sum() / used.sum()
    w = np.where(Y == 1, share / used[Y == 1].sum(), (1 - share) / used[Y == 0].sum())
    w = w * used
    settings = {"groups": PATIENTS, "sample_weight": weight, "prevalence": prevalence}
    at = [0.3, 0.45]
    table = decision_curve(Y, P, thresholds=at, **settings)
    for t, row in zip(at, table.to_dict("records"), strict=True):
        gain = np.where(Y == 1, 1.0, -t / (1 - t)) * (t <= P)
        residual = w * (gain - row["standardized"] * Y) / share
        if prevalence is not None:  # the classes were sampled apart
            for k in (0, 1):
                residual[Y == k] -= w[Y == k] * np.average(
                    (residual / w)[Y == k], weights=w[Y == k]
                )
        half = student.ppf(0.975, 7) * by_patient(residual, PATIENTS)
        assert row["standardized_upper"] - row["standardized"] == pytest.approx(half)
        assert row["standardized"] - row["standardized_lower"] == pytest.approx(half)


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_limits_at_another_prevalence_put_both_rates_together(weight):
    used = np.ones(12) if weight is None else weight
    quantile, at, share = student.ppf(0.975, 7), [0.3, 0.55], 0.2
    table = decision_curve(
        *(Y, P),
        thresholds=at,
        groups=PATIENTS,
        sample_weight=weight,
        prevalence=share,
    )
    for t, row in zip(at, table.to_dict("records"), strict=True):
        cost = (1 - share) * t / (1 - t)
        for name, chosen, sign in (("model", t <= P, 1), ("over_all", t > P, -1)):
            _, low, high = wilson(chosen, Y == 1, used, PATIENTS, quantile)
            _, other_low, other_high = wilson(chosen, Y == 0, used, PATIENTS, quantile)
            ends = [
                np.hypot(share * low, cost * other_high),
                np.hypot(share * high, cost * other_low),
            ][::sign]
            assert row[name] - row[f"{name}_lower"] == pytest.approx(ends[0])
            assert row[f"{name}_upper"] - row[name] == pytest.approx(ends[1])


def test_nobody_above_a_threshold_has_a_benefit_of_0_for_certain():
    row = decision_curve(Y, P, thresholds=[0.95], groups=PATIENTS).iloc[0]
    assert row["model"] == row["model_lower"] == row["model_upper"] == 0
    # At 0 nobody is spared, and no intervention avoided.
    row = decision_curve(Y, P, thresholds=[0.0], groups=PATIENTS).iloc[0]
    assert row["over_all_lower"] == row["over_all_upper"] == 0
    avoided = row[["interventions_avoided_lower", "interventions_avoided_upper"]]
    assert avoided.tolist() == [0, 0]


def test_alike_samples_above_a_threshold_count_by_patient():
    # Above 0.5 are two positives of one patient and one of another: q = 1 of two.
    y, p = np.array([0, 0, 0, 1, 1, 1]), np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8])
    patients = np.array(list("abcdde"))
    z = student.ppf(0.975, 4)
    row = decision_curve(y, p, thresholds=[0.5], groups=patients).iloc[0]
    below = 0.5 / 0.5 * (1 - 1 / (1 + z**2 / 2))
    residual = (y - 0.5) / 6
    of_n = z * by_patient(residual, patients)
    assert row["model"] - row["model_lower"] == pytest.approx(np.hypot(below, of_n))
    assert row["model_upper"] - row["model"] == pytest.approx(of_n)


def test_patients_that_balance_exactly_count_once_each():
    # Above 0.5 one lesion of either class of each of a and b: no variance between them.
    y, p = np.array([1, 0, 1, 0, 0, 1]), np.array([0.6, 0.7, 0.8, 0.9, 0.1, 0.2])
    patients, z = np.array(list("aabbcd")), student.ppf(0.975, 3)
    row = decision_curve(y, p, thresholds=[0.5], groups=patients).iloc[0]
    middle = (2 * 0.5 + z**2 / 2) / (2 + z**2)
    half = np.sqrt(z**2 * (2 * 0.25 + z**2 / 4)) / (2 + z**2)
    assert (row["model"], middle) == (0, 0.5)
    assert row["model_upper"] == pytest.approx(4 / 6 / 0.5 * half)
    assert row["model_lower"] == pytest.approx(-4 / 6 / 0.5 * half)


def test_two_patients_have_limits_of_a_difference():
    two = {"thresholds": [0.4], "groups": ["a"] * 4 + ["b"] * 8}
    row = compare_net_benefit(Y, P, OTHER, **two).iloc[0]
    gain = ((P >= 0.4) * 1.0 - (OTHER >= 0.4)) * np.where(Y == 1, 1.0, -0.4 / 0.6)
    residual = (gain - gain.mean()) / 12
    half = student.ppf(0.975, 1) * np.sqrt(2 * 2) * abs(residual[:4].sum())
    assert half > 0
    assert row["upper"] - row["difference"] == pytest.approx(half)


def test_a_single_patient_has_no_limits_of_net_benefit():
    one = {"thresholds": [0.5], "groups": ["a"] * 12}
    row = decision_curve(Y, P, **one).iloc[0]
    assert row.filter(like="_lower").isna().all()
    assert row.filter(like="_upper").isna().all()
    row = compare_net_benefit(Y, P, OTHER, **one).iloc[0]
    assert np.isnan([row["lower"], row["upper"]]).all()


@pytest.mark.parametrize("prevalence", [None, 0.2])
def test_limits_of_a_difference_in_net_benefit_by_patient(prevalence):
    at = [0.0, 0.4, 0.5]
    settings = {"thresholds": at, "prevalence": prevalence, "confidence": 0.9}
    table = compare_net_benefit(Y, P, OTHER, groups=PATIENTS, **settings)
    share = prevalence or Y.mean()
    w = np.where(Y == 1, share / Y.sum(), (1 - share) / (1 - Y).sum())
    for t, row in zip(at, table.to_dict("records"), strict=True):
        gap = (t <= P) * 1.0 - (t <= OTHER)
        gain = gap * np.where(Y == 1, 1.0, -t / (1 - t))
        assert row["difference"] == pytest.approx(w @ gain)
        residual = w * (gain - w @ gain)
        if prevalence is not None:
            means = np.where(Y == 1, gain[Y == 1].mean(), gain[Y == 0].mean())
            residual = w * (gain - means)
        half = student.ppf(0.95, 7) * by_patient(residual, PATIENTS)
        limits = row["difference"] - half, row["difference"] + half
        assert (row["lower"], row["upper"]) == pytest.approx(limits)


def test_resampled_differences_in_net_benefit_are_paired():
    settings = {"n_resamples": 2, "random_state": 5, "groups": PATIENTS}
    table = compare_net_benefit(Y, P, OTHER, thresholds=[0.4], **settings)
    drawn = []
    unit = patient_codes(PATIENTS, 12)
    for rows in draw_patients(Y == 1, unit, 2, np.random.RandomState(5)):
        gain = np.where(Y[rows] == 1, 1.0, -0.4 / 0.6)
        drawn.append(((P[rows] >= 0.4) * gain - (OTHER[rows] >= 0.4) * gain).mean())
    ends = np.quantile(drawn, [0.025, 0.975])
    assert table.loc[0, ["lower", "upper"]].tolist() == pytest.approx(ends)
    for settings, message in (
        ({"n_resamples": 1}, "n_resamples must be at least 2"),
        ({"confidence": 1}, "confidence"),
        ({"prevalence": 1}, "prevalence must lie between"),
    ):
        with pytest.raises(ValueError, match=message):
            compare_net_benefit(Y, P, OTHER, **settings)


# Calibration ----------------------------------------------------------------------


@pytest.mark.parametrize("prevalence", [None, 0.3])
@pytest.mark.parametrize("groups", [None, PATIENTS])
def test_limits_of_calibration_by_their_formulas(groups, prevalence):
    own = np.arange(12) if groups is None else groups
    t = student.ppf(0.95, len(set(own)) - 1)
    found = calibration_statistics(
        Y, P, groups=groups, prevalence=prevalence, confidence=0.9
    )
    share = prevalence or Y.mean()
    w = np.where(Y == 1, share / Y.sum(), (1 - share) / (1 - Y).sum())

    def half_of_mean(values):
        if prevalence is None:
            return t * by_patient(w * (values - w @ values), own)
        means = np.where(Y == 1, values[Y == 1].mean(), values[Y == 0].mean())
        return t * by_patient(w * (values - means), own)

    def limits(name):
        return tuple(getattr(found, f"{name}_{side}") for side in ("lower", "upper"))

    shift = found.calibration_in_the_large
    risk = expit(logit(P) + shift)
    assert w @ risk == pytest.approx(share)
    half = half_of_mean(Y - risk) / (w @ (risk * (1 - risk)))
    expected = shift - half, shift + half
    assert limits("calibration_in_the_large") == pytest.approx(expected)

    ratio = share / (w @ P)
    half = half_of_mean(Y - ratio * P) / share
    assert found.observed_expected == pytest.approx(ratio)
    expected = ratio * np.exp(-half), ratio * np.exp(half)
    assert limits("observed_expected") == pytest.approx(expected)

    error = (P - Y) ** 2
    half = t * by_patient((error - error.mean()) / 12, own)
    expected = error.mean() - half, error.mean() + half
    assert limits("brier") == pytest.approx(expected)

    moved = 0 if prevalence is None else logit(0.3) - logit(Y.mean())
    a, b = found.intercept - moved, found.slope
    x = np.column_stack([np.ones(12), logit(P)])
    risk = expit(x @ [a, b])
    assert x.T @ (Y - risk) == pytest.approx([0, 0], abs=1e-9)
    each = (x * (Y - risk)[:, None]) @ np.linalg.inv(
        x.T @ (x * (risk * (1 - risk))[:, None])
    )
    for name, estimate, residual in zip(
        ("intercept", "slope"), (found.intercept, b), each.T, strict=True
    ):
        half = t * by_patient(residual, own)
        assert limits(name) == pytest.approx((estimate - half, estimate + half))


def test_what_has_no_calibration_has_no_limits_of_it():
    same = calibration_statistics([0, 1, 0, 1], [0.5] * 4)
    lines = [same.intercept, same.slope, same.intercept_lower, same.intercept_upper]
    assert np.isnan([*lines, same.slope_lower, same.slope_upper]).all()
    assert same.calibration_in_the_large == pytest.approx(0)
    for certain in ([0.0, 0.4, 0.6, 0.7], [0.1, 0.4, 0.6, 1.0]):
        found = calibration_statistics([0, 1, 0, 1], certain)
        ends = [
            getattr(found, f"calibration_in_the_large_{s}") for s in ("lower", "upper")
        ]
        assert np.isnan([found.calibration_in_the_large, *ends]).all()
        assert np.isfinite([found.brier_lower, found.observed_expected_lower]).all()
    nothing = calibration_statistics([0, 1, 0, 1], [0.0] * 4)
    assert nothing.observed_expected == np.inf
    ends = [nothing.observed_expected_lower, nothing.observed_expected_upper]
    assert np.isnan(ends).all()


@pytest.mark.parametrize("score", [-30.0, 0.0, 30.0])
def test_in_the_large_of_equal_risks_is_a_difference_of_log_odds(score):
    positive = np.array([True, False, False, False])
    proba = np.full(4, expit(score))
    found = in_the_large(positive, proba, np.full(4, 0.25))
    # A risk near 1 keeps its log-odds to a few digits only.
    assert found == pytest.approx(logit(0.25) - score, abs=1e-12 + 1e-2 * (score > 0))


# ROC curve ------------------------------------------------------------------------


def on_the_curve(y, score, fpr):
    """Between the points on either side; on a rise the upper end, as pROC has it."""
    false, true, _ = roc_curve(y, score, drop_intermediate=False)
    same = np.abs(false - fpr) < 1e-9
    if same.any():
        return true[same].max()
    i = np.flatnonzero(false > fpr)[0]
    part = (fpr - false[i - 1]) / (false[i] - false[i - 1])
    return true[i - 1] + part * (true[i] - true[i - 1])


def test_between_two_thresholds_a_curve_is_what_it_is():
    # Of two the lower positive: a rise to a half, level to a half, and a rise to 1.
    at = [0, 0.25, 0.49, 0.5, 0.75, 1]
    found = sensitivity_at(*roc_curve([0, 1, 0, 1], [1, 3, 6, 9])[:2], at)
    assert found.tolist() == [0.5, 0.5, 0.5, 1, 1, 1]
    # Ties of both classes: a slope.
    fpr, tpr = np.array([0, 0, 0.5, 1]), np.array([0, 0.25, 0.375, 1])
    found = sensitivity_at(fpr, tpr, [0.25, 0.75])
    assert found.tolist() == pytest.approx([0.3125, 0.6875])


@pytest.mark.parametrize("groups", [None, PATIENTS])
def test_a_band_holds_quantiles_of_the_highest_points_of_resampled_curves(groups):
    settings = {"n_resamples": 25, "confidence": 0.8, "random_state": 2}
    band = roc_band(Y, P, groups=groups, **settings)
    grid = np.arange(101) / 100
    assert band["fpr"].tolist() == pytest.approx(grid)
    curves = []
    unit = patient_codes(groups, 12)
    for rows in draw_patients(Y == 1, unit, 25, np.random.RandomState(2)):
        curves.append([on_the_curve(Y[rows], P[rows], f) for f in grid])
    lower, upper = np.quantile(curves, [0.1, 0.9], axis=0)
    np.testing.assert_allclose(band["lower"], lower, atol=1e-12)
    np.testing.assert_allclose(band["upper"], upper, atol=1e-12)


@pytest.mark.parametrize("groups", [None, PATIENTS])
def test_a_band_puts_two_shares_at_a_threshold_together(groups):
    band = roc_band(Y, P, groups=groups, confidence=0.8)
    false, _, cuts = roc_curve(Y, P, drop_intermediate=False)
    expected = np.ones((101, 2))
    for row, fpr in enumerate(np.arange(100) / 100):
        cut = cuts[false <= fpr + 1e-9][-1]
        own = on_the_curve(Y, P, fpr)
        shares = diagnostic_performance(Y, cut <= P, groups=groups, confidence=0.8)
        shares = shares[["lower", "upper"]].to_numpy()
        hits, others = shares[0], 1 - shares[1][::-1]
        low, high = (on_the_curve(Y, P, f) for f in others)
        below = np.hypot(max(own - hits[0], 0), max(own - low, 0))
        above = np.hypot(max(hits[1] - own, 0), max(high - own, 0))
        expected[row] = max(own - below, 0), min(own + above, 1)
    found = band[["lower", "upper"]].to_numpy()
    falls = expected[1:] < expected[:-1]
    assert falls.any()
    for row in range(101):
        assert found[row, 0] == pytest.approx(expected[row:, 0].min())
        assert found[row, 1] == pytest.approx(expected[: row + 1, 1].max())


def test_a_band_has_a_width_where_all_positive_samples_lie_above():
    y, score = np.repeat([0, 1], 10), np.arange(20.0)
    drawn = roc_band(y, score, n_resamples=50, random_state=0)
    assert (drawn.loc[50, ["lower", "upper"]] == 1).all()
    band = roc_band(y, score)
    # Ten of ten: Wilson's lower limit of a share of 1.
    assert band.loc[50, "lower"] == pytest.approx(10 / (10 + norm.ppf(0.975) ** 2))
    assert (band["upper"] == 1).all()


def test_the_last_point_before_the_end_has_limits_of_its_own():
    # At 99 of 100 negative samples the last of three positive ones is called.
    score = np.r_[np.arange(100.0), 0.5, 200, 201]
    band = roc_band(np.arange(103) >= 100, score)
    below = np.hypot(1 - wilson_interval(3, 3).lower, 1 - 2 / 3)
    assert band.loc[99, "lower"] == pytest.approx(1 - below)
    assert band.loc[100, "lower"] == 1


def test_a_band_needs_two_resamples_and_a_level():
    assert len(roc_band(Y, P, n_resamples=2, random_state=0)) == 101
    with pytest.raises(ValueError, match="n_resamples must be at least 2"):
        roc_band(Y, P, n_resamples=1)
    for n_resamples in (0, 2):
        with pytest.raises(ValueError, match="confidence"):
            roc_band(Y, P, confidence=1, n_resamples=n_resamples)
