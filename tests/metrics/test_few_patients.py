"""Intervals and tests of few patients with several samples, against what is known."""

from itertools import combinations

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu, t

from sklearn_orn.metrics import (
    ExternalValidation,
    calibration_statistics,
    compare_auc,
    compare_net_benefit,
    decision_curve,
    diagnostic_performance,
    roc_auc_ci,
    score_by_class,
)
from sklearn_orn.metrics import _patient_permutation as patient_permutation
from sklearn_orn.metrics._calibration_limits import calibration_limits
from sklearn_orn.metrics._patient_permutation import rank_test_by_patient
from sklearn_orn.metrics._recalibration import logistic_line


def test_default_auc_interval_by_hand():
    """Three against two, each a patient; the variance is DeLong's."""
    y, score = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
    auc, lower, upper, se = roc_auc_ci(y, score)
    # Placements: 1/2, 1, 1 of the positives, 1 and 2/3 of the negatives.
    own, other = (1 / 12) / 3, (1 / 18) / 2
    assert se == pytest.approx(np.sqrt(own + other))
    df = (own + other) ** 2 / (own**2 / 2 + other**2 / 1)
    each = np.array([-1 / 3, 1 / 6, 1 / 6, 0, 0]) / 3
    each[3:] = np.array([1 / 6, -1 / 6]) / 2
    square, fourth = (each**2).sum(), (each**4).sum()
    df = min(df, max(2 * square**2 / (fourth - square**2 / 5), 2))
    number = max(auc * (1 - auc) / (own + other), 2)
    middle = (number * auc + 0.5) / (number + 1)
    half = t.ppf(0.975, df) / np.sqrt((number + 1) * middle * (1 - middle))
    expected = expit(logit(middle) + np.array([-half, half]))
    assert (lower, upper) == pytest.approx(tuple(expected))


def test_classes_apart_leave_room_below_one():
    widths = []
    for n in (3, 6, 12, 60):
        found = roc_auc_ci([0] * n + [1] * n, range(2 * n))
        assert found.auc == found.upper == 1
        assert roc_auc_ci([1] * n + [0] * n, range(2 * n)).upper == pytest.approx(
            1 - found.lower
        )
        widths.append(1 - found.lower)
    assert widths == sorted(widths, reverse=True)
    # The exact test rejects from 4 against 4 on; of 3 against 3 it cannot.
    assert widths[0] > 0.5 > widths[1] and widths[3] < 0.01
    delong = roc_auc_ci([0] * 9 + [1] * 9, range(18), method="delong")
    assert delong.lower == pytest.approx(1) and delong.upper == 1


def test_equal_scores_and_one_patient_of_a_class():
    assert roc_auc_ci([0, 1] * 4, [1] * 8)[:3] == (0.5, 0.5, 0.5)
    alone = roc_auc_ci([0, 0, 1, 1], [1, 2, 3, 4], groups=[0, 1, 2, 2])
    assert np.isnan(alone[1:]).all()


def patients(n_patients, n_lesions, seed, *, mixed):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), n_lesions)
    label = rng.permutation(n_patients) % 2 == 0
    positive = rng.random(len(patient)) < 0.4 if mixed else label[patient]
    return positive, rng.normal(size=len(patient)), patient


def test_separation_of_three_against_three_is_the_exact_tenth():
    score = np.arange(6.0)
    assert score_by_class([0] * 3 + [1] * 3, score, groups=range(6)).p_value == (
        pytest.approx(0.1)
    )
    twice = score_by_class(
        np.repeat([0, 0, 0, 1, 1, 1], 2),
        np.repeat(score, 2),
        groups=np.repeat(np.arange(6), 2),
    )
    assert twice.p_value == pytest.approx(0.1)
    assert twice.test == "Mann-Whitney U by patient, exact"


def test_one_sample_a_patient_is_the_exact_test_without_patients():
    positive, score, patient = patients(17, 1, 0, mixed=False)
    found = rank_test_by_patient(positive, score, patient).p_value
    expected = mannwhitneyu(score[positive], score[~positive], method="exact").pvalue
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_exact_test_counts_every_arrangement(seed):
    positive, score, patient = patients(8, 2, seed, mixed=False)
    keep = np.random.default_rng(seed).random(16) < 0.8  # patients of one or two
    positive, score = positive[keep], score[keep]
    patient = np.unique(patient[keep], return_inverse=True)[1]
    ranks = np.argsort(np.argsort(score)) + 1 - (len(score) + 1) / 2
    sums = np.bincount(patient, ranks)
    chosen = np.unique(patient[positive])
    distance = abs(sums[chosen].sum())
    every = [sums[list(c)].sum() for c in combinations(range(len(sums)), len(chosen))]
    expected = np.mean(np.abs(every) >= distance - 1e-9)
    found = rank_test_by_patient(positive, score, patient)
    assert found.how == "exact" and found.p_value == pytest.approx(expected)


@pytest.mark.parametrize("mixed", [False, True])
def test_mean_and_covariance_are_those_of_the_arrangements(mixed):
    positive, score, patient = patients(20, 3, 5, mixed=mixed)
    keep = np.random.default_rng(6).random(60) < 0.7
    positive, score = positive[keep], score[keep]
    patient = np.unique(patient[keep], return_inverse=True)[1]
    ends = np.cumsum(np.bincount(patient))[:-1]
    rows = np.split(np.argsort(patient, kind="stable"), ends)
    strata = patient_permutation._strata(
        np.array([positive[r].sum() for r in rows]),
        np.array([len(r) for r in rows]),
        [np.column_stack([score[r] - score.mean(), score[r] > 0]) for r in rows],
    )
    assert len(strata) == (1 if not mixed else len(strata)) and strata
    for stratum in strata:
        drawn = stratum.draw(np.random.default_rng(1))
        spread = np.sqrt(np.diag(stratum.covariance))
        gap = np.abs(drawn.mean(axis=0) - stratum.mean)
        assert (gap <= 4 * spread / np.sqrt(len(drawn))).all()
        within = np.abs(np.cov(drawn.T) - stratum.covariance)
        assert (within <= 0.06 * np.outer(spread, spread)).all()


def test_arrangements_drawn_some_at_a_time_are_as_many(monkeypatch):
    stratum = patient_permutation._Stratum(
        np.array([0, 1, 2]), np.arange(6.0).reshape(3, 2, 1)
    )
    monkeypatch.setattr(patient_permutation, "MOST_CELLS", 600)  # 100 at a time
    drawn = stratum.draw(np.random.default_rng(0))
    assert drawn.shape == (9_999, 1)
    assert drawn.var() == pytest.approx(stratum.covariance[0, 0], rel=0.06)
    # Half of 15 on average, and whatever sum can be.
    assert drawn.mean() == pytest.approx(7.5, abs=0.1)
    assert set(np.unique(drawn)) <= set(range(1, 15))


def test_permuted_and_normal_p_agree(monkeypatch):
    for seed in range(3):
        case = patients(20, 3, seed, mixed=True)
        permuted = rank_test_by_patient(*case)
        with monkeypatch.context() as patched:
            patched.setattr(patient_permutation, "MOST_PERMUTED", 0)
            normal = rank_test_by_patient(*case)
        assert (permuted.how, normal.how) == (
            "9,999 permutations",
            "normal approximation",
        )
        assert permuted.p_value == pytest.approx(normal.p_value, abs=0.03)
        assert rank_test_by_patient(*case) == permuted


def test_nothing_that_can_move():
    """One patient of one class each way, all of the same score."""
    found = score_by_class([0, 0, 1, 1], [1, 1, 1, 1], groups=[0, 0, 1, 1])
    assert found.p_value == 1
    y, alike = np.array([False, False, True, True]), np.ones(4)
    test = rank_test_by_patient(y, alike, np.array([0, 0, 1, 1]))
    assert (test.statistic, test.p_value) == (0, 1)


def risks(seed, n_patients=40, n_lesions=3):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), n_lesions)
    score = rng.normal(size=n_patients)[patient] + rng.normal(size=len(patient))
    y = (rng.random(len(patient)) < expit(score)).astype(int)
    return y, expit(1.3 * score + 0.4), patient


def test_limits_of_the_decision_curve_are_those_of_the_bootstrap():
    y, proba, patient = risks(0, n_patients=150)
    at = np.array([0.3, 0.4, 0.5, 0.6])
    ours = decision_curve(y, proba, thresholds=at, groups=patient)
    drawn = decision_curve(
        y, proba, thresholds=at, groups=patient, n_resamples=1500, random_state=0
    )
    for name in ("model", "over_all", "standardized", "interventions_avoided"):
        width = ours[f"{name}_upper"] - ours[f"{name}_lower"]
        for side in ("lower", "upper"):
            gap = (ours[f"{name}_{side}"] - drawn[f"{name}_{side}"]).abs()
            assert (gap < 0.12 * width).all(), (name, side)
    prevalence = {"prevalence": 0.35, "groups": patient, "thresholds": at}
    ours = decision_curve(y, proba, **prevalence)
    drawn = decision_curve(y, proba, n_resamples=1500, random_state=0, **prevalence)
    gap = (ours["model_lower"] - drawn["model_lower"]).abs()
    assert (gap < 0.2 * (ours["model_upper"] - ours["model_lower"])).all()


def test_one_lesion_above_a_threshold_proves_nothing():
    """Its net benefit is above both defaults, its lower limit is not."""
    y = np.repeat([1, 0], 20)
    proba = np.where(np.arange(40) == 0, 0.99, np.linspace(0.6, 0.2, 40))
    curve = decision_curve(y, proba, thresholds=[0.9]).iloc[0]
    assert curve["model"] > max(curve["treat_all"], 0)
    assert curve["model_lower"] < 0
    assert (curve["above"], curve["below"]) == (1, 39)


def estimates(positive, proba):
    """What `calibration_statistics` has limits for, without its curve."""
    line = logistic_line(logit(proba), positive)
    unit = np.arange(len(positive))
    found = calibration_limits(positive, proba, line, unit, 1.0, None)
    return found | {"slope": line[1], "brier": np.mean((proba - positive) ** 2)}


def test_calibration_limits_are_those_of_the_bootstrap():
    y, proba, patient = risks(1, n_patients=150)
    found = calibration_statistics(y, proba, groups=patient)
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(600):
        rows = (rng.integers(150, size=150)[:, None] * 3 + np.arange(3)).ravel()
        drawn.append(estimates(y[rows] == 1, proba[rows]))
    last = calibration_statistics(y[rows], proba[rows])
    for name in (
        "calibration_in_the_large",
        "intercept",
        "slope",
        "observed_expected",
        "brier",
    ):
        assert drawn[-1][name] == getattr(last, name)
        spread = np.std([one[name] for one in drawn])
        width = getattr(found, f"{name}_upper") - getattr(found, f"{name}_lower")
        assert width == pytest.approx(2 * 1.976 * spread, rel=0.12), name
        lower, upper = (getattr(found, f"{name}_{side}") for side in ("lower", "upper"))
        assert lower < getattr(found, name) < upper


def test_calibration_in_the_large_fixes_the_slope_at_one():
    y, proba, patient = risks(2)
    found = calibration_statistics(y, proba, groups=patient)
    moved = expit(logit(proba) + found.calibration_in_the_large)
    assert moved.mean() == pytest.approx(y.mean())
    again = ExternalValidation.from_predictions(
        y, proba, groups=patient
    ).calibration_in_the_large
    assert found.calibration_in_the_large == pytest.approx(again.estimate)
    assert found.intercept != pytest.approx(found.calibration_in_the_large, abs=0.01)
    assert found.calibration_in_the_large_lower < again.estimate
    assert found.calibration_in_the_large_upper > again.estimate
    assert found.observed_expected_lower < found.observed_expected
    assert found.observed_expected_upper > found.observed_expected
    assert found.brier_lower < found.brier < found.brier_upper
    certain = calibration_statistics([0, 1, 1], [0.0, 0.4, 0.9])
    assert np.isnan(certain.calibration_in_the_large)


def test_another_prevalence_is_that_of_weighted_classes():
    y, proba, patient = risks(3)
    copies = np.where(y == 1, 1, 4)
    rows = np.repeat(np.arange(len(y)), copies)
    share = y[rows].mean()
    found = calibration_statistics(y, proba, prevalence=share, groups=patient)
    plain = calibration_statistics(y[rows], proba[rows])
    for name in ("calibration_in_the_large", "observed_expected"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name))
    assert found.slope == calibration_statistics(y, proba).slope
    called = (proba > 0.5).astype(int)
    ours = diagnostic_performance(y, called, prevalence=share)
    theirs = diagnostic_performance(y[rows], called[rows])
    assert ours["estimate"][["ppv", "npv", "sensitivity"]].tolist() == pytest.approx(
        theirs["estimate"][["ppv", "npv", "sensitivity"]].tolist()
    )
    assert (ours["lower"] < ours["estimate"]).all()
    with pytest.raises(ValueError, match="prevalence must lie between 0 and 1"):
        diagnostic_performance(y, called, prevalence=1)


def test_paired_aucs_by_patient_take_students_t():
    y, proba, patient = risks(4, n_patients=12)
    other = np.random.default_rng(5).permutation(proba)
    found = compare_auc(y, proba, other, groups=patient)
    assert found.df == 11
    se = (found.upper - found.lower) / 2 / t.ppf(0.975, 11)
    assert found.p_value == pytest.approx(2 * t.sf(abs(found.difference) / se, 11))
    assert np.isinf(compare_auc(y, proba, other).df)


def test_net_benefits_compared_by_patient():
    y, proba, patient = risks(6, n_patients=150)
    other = proba[::-1]
    settings = {"thresholds": [0.3, 0.5], "groups": patient}
    found = compare_net_benefit(y, proba, other, **settings)
    drawn = compare_net_benefit(
        y, proba, other, n_resamples=1500, random_state=0, **settings
    )
    width = found["upper"] - found["lower"]
    assert ((found["lower"] - drawn["lower"]).abs() < 0.12 * width).all()
    same = compare_net_benefit(y, proba, proba, **settings)
    assert not same[["difference", "lower", "upper"]].to_numpy().any()
