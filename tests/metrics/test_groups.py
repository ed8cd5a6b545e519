"""Patients with several samples: what groups change and what they do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from sklearn_orn.metrics import (
    calibration_statistics,
    cochrans_q_test,
    compare_auc,
    compare_net_benefit,
    decision_curve,
    diagnostic_performance,
    hanley_mcneil_se,
    kappa,
    mcnemar_test,
    net_benefit,
    recalibration,
    roc_auc_ci,
    roc_band,
    score_by_class,
    subgroup_table,
    wilson_interval,
)
from sklearn_orn.metrics._operating_point import _wilson_limits
from tests._examples import examples

seeds = st.integers(0, 2**32 - 1)


def cohort(seed, n_patients=20, most=3):
    """Outcomes by patient, scores that share a patient's part."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), rng.integers(1, most + 1, n_patients))
    label = np.arange(n_patients) % 2
    y = label[patient]
    score = 0.8 * y + rng.normal(size=n_patients)[patient] + rng.normal(size=len(y))
    return y, score, patient


@given(seeds)
@examples(50)
def test_obuchowski_is_delong_with_one_sample_per_patient(seed):
    y, score, _ = cohort(seed)
    rng = np.random.default_rng(seed)
    own = rng.permutation(len(y))
    assert roc_auc_ci(y, score, groups=own) == pytest.approx(roc_auc_ci(y, score))
    other = rng.normal(size=len(y))
    assert compare_auc(y, score, other, groups=own) == pytest.approx(
        compare_auc(y, score, other)
    )


@given(seeds, st.integers(2, 4))
@examples(50)
def test_copies_of_samples_add_nothing_when_grouped(seed, copies):
    rng = np.random.default_rng(seed)
    y, score = np.arange(30) % 2, np.round(rng.normal(size=30), 1)
    groups = np.tile(np.arange(30), copies)
    many_y, many = np.tile(y, copies), np.tile(score, copies)
    alone, copied = roc_auc_ci(y, score), roc_auc_ci(many_y, many, groups=groups)
    assert copied == pytest.approx(alone)
    called = (score > 0).astype(int)
    ours = diagnostic_performance(many_y, np.tile(called, copies), groups=groups)
    assert (ours["patients"] * copies == ours["total"]).all()
    for row in ours.itertuples():
        k, n, p = row.patients, row.total, row.estimate
        as_many = n * (k - 1) / (n - 1) if 0 < p < 1 else k
        assert (row.lower, row.upper) == pytest.approx(_wilson_limits(p, as_many, 0.95))
    kappas = kappa(y, called), kappa(many_y, np.tile(called, copies), groups=groups)
    assert kappas[1].kappa == pytest.approx(kappas[0].kappa)
    assert kappas[1].se == pytest.approx(kappas[0].se, abs=0.01)
    few = student.ppf(0.975, 29) * kappas[1].se  # of 30 patients, however many copies
    agree = diagnostic_performance(many_y, np.tile(called, copies), groups=groups)
    share = agree.loc["accuracy"]  # of both labels that agree
    chance = (share["estimate"] - kappas[1].kappa) / (1 - kappas[1].kappa)
    wilson = (share["lower"] - chance) / (1 - chance)
    assert kappas[1].lower == pytest.approx(max(min(kappas[1].kappa - few, wilson), -1))
    tests = (
        mcnemar_test(y, called, 1 - y, corrected=False),
        mcnemar_test(many_y, np.tile(called, copies), 1 - many_y, groups=groups),
    )
    assert tests[0].p_value == pytest.approx(tests[1].p_value)


@given(seeds)
@examples(30)
def test_weights_count_as_copies_for_the_estimates(seed):
    y, score, _ = cohort(seed)
    weight = np.random.default_rng(seed).integers(1, 4, len(y))
    rows = np.repeat(np.arange(len(y)), weight)
    weighted = roc_auc_ci(y, score, sample_weight=weight)
    # Copies of one sample are one patient: interval and estimate agree.
    copied = roc_auc_ci(y[rows], score[rows], groups=rows)
    assert weighted == pytest.approx(copied)
    proba = 1 / (1 + np.exp(-score))
    a = decision_curve(y, proba, sample_weight=weight)
    b = decision_curve(y[rows], proba[rows])
    curves = ["model", "treat_all", "standardized", "interventions_avoided", "over_all"]
    np.testing.assert_allclose(a[curves], b[curves], atol=1e-12)


def test_variance_of_clustered_auc_is_that_of_the_sampling():
    aucs, by_patient, by_lesion = [], [], []
    for seed in range(300):
        y, score, patient = cohort(seed, n_patients=60)
        result = roc_auc_ci(y, score, groups=patient)
        aucs.append(result.auc)
        by_patient.append(result.se**2)
        by_lesion.append(roc_auc_ci(y, score).se ** 2)
    truth = np.var(aucs)
    assert np.mean(by_patient) == pytest.approx(truth, rel=0.2)
    assert np.mean(by_lesion) < 0.8 * truth


def test_bootstrap_agrees_with_the_closed_form():
    y, score, patient = cohort(1, n_patients=80)
    closed = roc_auc_ci(y, score, method="delong", groups=patient)
    drawn = roc_auc_ci(
        y, score, groups=patient, method="bootstrap", n_resamples=1000, random_state=0
    )
    assert drawn == pytest.approx(closed, abs=0.02)
    again = roc_auc_ci(
        y, score, groups=patient, method="bootstrap", n_resamples=1000, random_state=0
    )
    assert again == drawn


@given(seeds)
@examples(50)
def test_logit_limits_stay_inside(seed):
    y, score, patient = cohort(seed)
    score = score + 2 * y
    result = roc_auc_ci(y, score, method="delong", groups=patient, logit=True)
    assert 0 <= result.lower <= result.auc <= result.upper <= 1
    if result.auc < 1:
        assert result.upper < 1
        middle = np.log([result.lower, result.auc, result.upper])
        middle -= np.log1p(-np.array([result.lower, result.auc, result.upper]))
        assert middle[1] == pytest.approx((middle[0] + middle[2]) / 2)


@given(seeds)
@examples(50)
def test_intervals_by_patient_are_never_narrower_than_wilson(seed):
    y, score, patient = cohort(seed)
    called = (score > 0.4).astype(int)
    alone = diagnostic_performance(y, called)
    grouped = diagnostic_performance(y, called, groups=patient)
    np.testing.assert_array_equal(alone["estimate"], grouped["estimate"])
    assert (grouped["lower"] <= alone["lower"] + 1e-12).all()
    assert (grouped["upper"] >= alone["upper"] - 1e-12).all()


def test_comparison_is_antisymmetric_and_zero_of_itself():
    y, score, patient = cohort(3)
    other = -score + 2 * y
    there = compare_auc(y, score, other, groups=patient)
    back = compare_auc(y, other, score, groups=patient)
    assert there.difference == -back.difference
    assert there.lower == pytest.approx(-back.upper)
    same = compare_auc(y, score, np.exp(score), groups=patient)
    assert (same.difference, same.statistic, same.p_value) == (0, 0, 1)
    perfect = compare_auc([0, 0, 1, 1], [1, 2, 3, 4], [4, 3, 2, 1])
    assert perfect.statistic == np.inf and perfect.p_value == 0


def test_unpaired_comparison_by_patient():
    y, score, patient = cohort(4)
    result = compare_auc(
        y, score, score, y_other=y, groups=patient, other_groups=patient + 100
    )
    assert result.difference == 0
    assert result.df == pytest.approx(2 * 19)
    with pytest.raises(ValueError, match="20 patients are in both sets: 0, 1, 2"):
        compare_auc(y, score, score, y_other=y, groups=patient, other_groups=patient)
    with pytest.raises(ValueError, match="or neither"):
        compare_auc(y, score, score, y_other=y, groups=patient)
    with pytest.raises(ValueError, match="y_other, which is not given"):
        compare_auc(y, score, score, other_groups=patient)


def test_band_and_decision_intervals_hold_the_curve():
    y, score, patient = cohort(5, n_patients=60)
    proba = 1 / (1 + np.exp(-score))
    band = roc_band(y, score, groups=patient, n_resamples=200, random_state=0)
    assert (band["lower"] <= band["upper"]).all()
    assert (band.diff().dropna()[["lower", "upper"]] >= -1e-12).all(axis=None)
    curve = decision_curve(y, proba, groups=patient, n_resamples=200, random_state=0)
    for name in ("model", "standardized", "interventions_avoided"):
        inside = curve[name].between(
            curve[f"{name}_lower"] - 1e-9, curve[f"{name}_upper"] + 1e-9
        )
        assert inside.mean() > 0.95
    wide = (curve["model_upper"] - curve["model_lower"])[:60].mean()
    alone = decision_curve(y, proba, n_resamples=200, random_state=0)
    assert wide > (alone["model_upper"] - alone["model_lower"])[:60].mean()


def test_difference_in_net_benefit():
    y, score, patient = cohort(6, n_patients=60)
    proba = 1 / (1 + np.exp(-score))
    table = compare_net_benefit(
        y, proba, np.full(len(y), 0.5), groups=patient, n_resamples=200, random_state=0
    )
    expected = decision_curve(y, proba)["model"]
    expected -= decision_curve(y, np.full(len(y), 0.5))["model"]
    np.testing.assert_allclose(table["difference"], expected)
    assert (table["lower"] <= table["upper"]).all()
    same = compare_net_benefit(y, proba, proba, n_resamples=10, random_state=0)
    assert not same[["difference", "lower", "upper"]].to_numpy().any()


@given(seeds)
@examples(50)
def test_kappa_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 3, (2, 30))
    result = kappa(a, b)
    assert result.kappa == pytest.approx(cohen_kappa_score(a, b))
    assert result.lower <= result.kappa <= result.upper


def test_kappa_has_the_published_standard_error():
    # Fleiss, Cohen, Everitt 1969, table 1: 200 subjects, kappa .429, variance .002885.
    shares = np.array([[0.53, 0.05, 0.02], [0.11, 0.14, 0.05], [0.01, 0.06, 0.03]])
    rows, columns = np.indices((3, 3))
    counts = np.rint(200 * shares).astype(int).ravel()
    result = kappa(np.repeat(rows.ravel(), counts), np.repeat(columns.ravel(), counts))
    assert result.kappa == pytest.approx(0.429, abs=5e-4)
    assert result.se**2 == pytest.approx(0.002885, abs=5e-6)
    assert np.isnan(kappa([1, 1], [1, 1]).kappa)
    assert np.isnan(kappa([0, 1], [0, 1], groups=[3, 3]).se)


def test_cochrans_q_of_two_is_mcnemar():
    rng = np.random.default_rng(0)
    y, a, b = rng.integers(0, 2, (3, 50))
    q = cochrans_q_test(y, a, b)
    assert q.p_value == pytest.approx(mcnemar_test(y, a, b, corrected=False).p_value)
    assert cochrans_q_test(y, a, a) == (0, 1, 1)
    with pytest.raises(ValueError, match="two or more, got 1"):
        cochrans_q_test(y, a)
    with pytest.raises(ValueError, match="equal length"):
        cochrans_q_test(y, a, b[:-1])


def test_mcnemar_without_discordant_samples():
    result = mcnemar_test([0, 1], [0, 1], [0, 1])
    assert (result.statistic, result.p_value) == (0, 1)
    cancelled = mcnemar_test([0, 0], [0, 1], [1, 0], groups=["a", "a"])
    assert (cancelled.statistic, cancelled.p_value) == (0, 1)


def test_scores_by_class():
    y, score, patient = cohort(7, n_patients=40)
    result = score_by_class(y, score, groups=patient)
    assert result.table.loc["positive", "median"] == np.median(score[y == 1])
    auc = roc_auc_score(y, score)
    assert result.statistic == pytest.approx(auc * y.sum() * (1 - y).sum())
    assert result.p_value > score_by_class(y, score).p_value
    assert score_by_class([0, 1, 0], [1, 1, 1]).p_value == 1
    assert score_by_class([0, 1] * 2, [1] * 4, groups=range(4)).p_value == 1
    certain = score_by_class([0, 1] * 2, [1, 2] * 2, groups=range(4))
    assert certain.p_value == pytest.approx(1 / 3)
    assert certain.test == "Mann-Whitney U by patient, exact"


def test_subgroups():
    y, score, patient = cohort(8, n_patients=60)
    proba = 1 / (1 + np.exp(-score))
    side = np.where(patient % 3 == 0, "left", "right")
    table = subgroup_table(y, proba, side, groups=patient)
    assert table["n"].sum() == len(y) and table["patients"].sum() == 60
    rows = side == "right"
    auc = roc_auc_ci(y[rows], proba[rows], groups=patient[rows])
    assert tuple(table.loc["right", ["auc", "auc_lower", "auc_upper"]]) == auc[:3]
    fit = recalibration(y[rows], proba[rows], groups=patient[rows])
    assert table.loc["right", "slope_lower"] == fit.slope_lower
    right = table.loc["right"]
    assert right["difference"] == pytest.approx(right["observed"] - right["expected"])
    assert right["note"] == ""
    few = subgroup_table(y, proba, np.where(patient < 4, None, "x"), groups=patient)
    assert "2 positive, 2 negative patients: too few to judge" in set(few["note"])
    with pytest.raises(ValueError, match="by has 3 values"):
        subgroup_table(y, proba, [1, 2, 3])


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([0, 1], r"each of the 4 samples, got an array of shape \(2,\)"),
        ([0, 1, None, 2], "1 missing values, the first at position 2"),
        ([0, 1, np.nan, 2], "1 missing values, the first at position 2"),
    ],
)
def test_bad_groups_are_named(groups, message):
    for function in (roc_auc_ci, recalibration, subgroup_by_nothing, roc_band):
        with pytest.raises(ValueError, match=message):
            function([0, 1, 0, 1], [0.2, 0.3, 0.4, 0.5], groups=groups)


def subgroup_by_nothing(y, p, groups):
    return subgroup_table(y, p, np.zeros(len(y)), groups=groups)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1, 2], "one weight for each of the 4"),
        ([1, 1, 1, -1], "not negative"),
        ([0, 1, 0, 1], "0 throughout one of the classes"),
    ],
)
def test_bad_weights_are_named(weight, message):
    with pytest.raises(ValueError, match=message):
        roc_auc_ci([0, 1, 0, 1], [0.2, 0.3, 0.4, 0.5], sample_weight=weight)


def test_bad_settings_are_named():
    y, p = [0, 1, 0, 1], [0.2, 0.3, 0.4, 0.5]
    with pytest.raises(
        ValueError, match="method must be one of logit-t, delong, hanley"
    ):
        roc_auc_ci(y, p, method="hanley")
    with pytest.raises(ValueError, match="knows neither groups nor"):
        roc_auc_ci(y, p, method="hanley-mcneil", groups=[0, 1, 2, 3])
    with pytest.raises(ValueError, match="n_resamples must be at least 2"):
        roc_auc_ci(y, p, method="bootstrap", n_resamples=1)
    with pytest.raises(ValueError, match="prevalence must lie between"):
        decision_curve(y, p, prevalence=5)
    assert np.isnan(recalibration(y, [0.2, 0.2, 0.2, 0.2]).slope)


def test_edges_of_closed_forms():
    with pytest.raises(ValueError, match="auc must lie between"):
        hanley_mcneil_se(1.2, 5, 5)
    with pytest.raises(ValueError, match="must be at least 1, got 0 and 5"):
        hanley_mcneil_se(0.8, 0, 5)
    with pytest.raises(ValueError, match="y_true has both classes"):
        net_benefit([1, 1], [0.2, 0.4], threshold=0.1, prevalence=0.3)
    nothing = calibration_statistics([0, 1, 1], [0.5, 0.5, 0.5])
    assert np.isnan(nothing.spiegelhalter_z)
    # All called alike: patients count once; no negative call has no predictive value.
    table = diagnostic_performance([0, 1, 1, 1], [1, 1, 1, 1], groups=[0, 1, 1, 1])
    assert table.loc["sensitivity", "lower"] == wilson_interval(1, 1).lower
    assert np.isnan(table.loc["npv", "estimate"]) and table.loc["npv", "patients"] == 0


@given(seeds, st.floats(1, 200))
@examples(50)
def test_recalibration_finds_the_maximum_from_far_off(seed, scale):
    rng = np.random.default_rng(seed)
    y = np.arange(40) % 2
    score = y + rng.normal(size=40)
    proba = 1 / (1 + np.exp(-np.clip(scale * score, -30, 30)))
    fit = recalibration(y, proba)
    if np.isnan(fit.slope):
        return
    x = np.log(proba / (1 - proba))
    risk = 1 / (1 + np.exp(-(fit.intercept + fit.slope * x)))
    assert abs((y - risk).sum()) < 1e-6
    assert abs(((y - risk) * x).sum()) < 1e-4
