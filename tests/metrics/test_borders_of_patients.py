"""Few patients, at the border exactly: limits of an AUC, ranks, draws and checks."""

from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import chi2, mannwhitneyu, norm, rankdata
from scipy.stats import t as student

from sklearn_orn.metrics import _patient_permutation as patient_permutation
from sklearn_orn.metrics import (
    calibration_statistics,
    decision_curve,
    roc_auc_ci,
    score_by_class,
)
from sklearn_orn.metrics._auc_limits import PlacementSpread
from sklearn_orn.metrics._clusters import (
    check_weight,
    draw_patients,
    mean_limits,
    patient_codes,
    wald_quantile,
)
from sklearn_orn.metrics._patient_permutation import rank_test_by_patient
from sklearn_orn.metrics._rao_scott import (
    p_by_patient,
    scaled_p,
    shared_correlation,
)

# One correlation ------------------------------------------------------------------


def test_residuals_of_a_patient_share_the_mean_of_their_products():
    unit, once = np.array([0, 0, 1, 1, 1, 2]), np.ones(6)
    standard = np.array([1.0, 0.5, -1, -0.5, 1, 2])
    products = [0.5, 0.5, -1, -0.5]  # of the last patient there are none
    assert shared_correlation(standard, once, unit) == 0  # never below
    found = shared_correlation(abs(standard), once, unit)
    assert found == np.mean(np.abs(products))
    spread = np.arange(1.0, 7)
    assert shared_correlation(abs(standard) * spread, spread, unit) == found
    assert shared_correlation(3 * abs(standard), once, unit) == 1  # nor above
    assert shared_correlation(standard, once, np.arange(6)) == 0
    twice = np.repeat(abs(standard), 2), np.ones(12), np.repeat(unit, 2)
    weighted = shared_correlation(abs(standard), once, unit, 2 * once)
    assert weighted == pytest.approx(shared_correlation(*twice))
    light = np.array([0.8, 0.8])
    both = np.ones(2), np.ones(2), np.zeros(2, int)
    assert shared_correlation(*both, light) == pytest.approx(1)
    # What has no spread is certain: it is no lesion that agrees or does not.
    certain = np.r_[abs(standard), 0.0, 1.0], np.r_[once, 0.0, 0.0], np.r_[unit, 0, 1]
    assert shared_correlation(*certain) == found


def test_a_statistic_is_scaled_by_what_lesions_of_a_patient_add_together():
    rows = np.array([[1.0, 0], [1, 0], [0, 2], [0, 1], [0, 0]])
    unit = np.array([0, 0, 1, 1, 2])
    # Independent: 2 and 5; of patients 4 and 9.
    for alike in (0.0, 0.5, 1.0):
        effects = np.array([1 + alike, 1 + alike * 4 / 5])
        first, second = effects.sum(), (effects**2).sum()
        for df in (1, 2):
            p = chi2.sf(7 * first / second, df * first**2 / second / 2)
            assert scaled_p(7.0, df, rows, unit, alike) == pytest.approx(p)
            turned = rows @ np.array([[1.0, 1], [1, -1]])
            assert scaled_p(7.0, df, turned, unit, alike) == pytest.approx(p)
            twice = np.column_stack([rows, rows.sum(axis=1)])
            assert scaled_p(7.0, df, twice, unit, alike) == pytest.approx(p)
    # What lesions of a patient add can cancel: 0.25 of 1.25.
    less = scaled_p(7.0, 1, np.array([[1.0], [-0.5]]), np.zeros(2, int), 1.0)
    assert less == pytest.approx(chi2.sf(7 * 5, 1))
    nothing = scaled_p(7.0, 2, np.zeros((3, 2)), unit[:3], 0.5)
    assert nothing == pytest.approx(chi2.sf(7.0, 2))


def test_p_by_patient_is_of_what_patients_tell():
    rng = np.random.default_rng(0)
    n, m = 40, 3
    proba = rng.uniform(0.1, 0.9, n)
    y = rng.random(n) < proba
    unit = np.repeat(np.arange(n), m)
    alone = calibration_statistics(y, proba)
    one_each = calibration_statistics(y, proba, groups=np.arange(n))
    copied = calibration_statistics(np.repeat(y, m), np.repeat(proba, m), groups=unit)
    for name in ("unreliability_p", "spiegelhalter_p"):
        assert getattr(one_each, name) == pytest.approx(getattr(alone, name))
    # Copies of a lesion say nothing new, if their residuals are all alike.
    spread = np.sqrt(proba * (1 - proba))
    alike = min(1.0, np.mean(((y - proba) / spread) ** 2))
    effect = 1 + alike * (m - 1)
    assert copied.spiegelhalter_z == pytest.approx(np.sqrt(m) * alone.spiegelhalter_z)
    expected = chi2.sf(m * alone.spiegelhalter_z**2 / effect, 1)
    assert copied.spiegelhalter_p == pytest.approx(expected)
    expected = chi2.sf(m * alone.unreliability_chi2 / effect, 2)
    assert copied.unreliability_p == pytest.approx(expected, rel=1e-6)


def test_parts_of_a_score_that_agree_unlike_have_fewer_degrees_of_freedom():
    unit = np.array([0, 0, 1, 2])
    rows = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    residual, spread = np.array([1.0, 1, 1, -1]), np.ones(4)
    # All alike: the first part counts twice, of patients of one lesion each once.
    first, second = 2 + 1, 4 + 1
    p = p_by_patient(7.0, 2, rows, residual, spread, unit)
    assert p == pytest.approx(chi2.sf(7 * first / second, first**2 / second))
    fitted = p_by_patient(7.0, 1, rows, residual, spread, unit)
    assert fitted == pytest.approx(chi2.sf(7 * first / second, first**2 / second / 2))
    empty = np.column_stack([rows, np.zeros(4)])
    assert p_by_patient(7.0, 2, empty, residual, spread, unit) == pytest.approx(p)
    nothing = np.zeros((4, 2))
    none = p_by_patient(7.0, 2, nothing, residual, np.zeros(4), unit)
    assert none == pytest.approx(chi2.sf(7.0, 2))


def test_each_test_of_calibration_has_the_effect_of_its_own_score():
    rng = np.random.default_rng(6)
    unit = np.repeat(np.arange(30), rng.integers(1, 5, 30))
    proba = expit(rng.normal(0.4, 1, 30)[unit] + 0.5 * rng.normal(size=len(unit)))
    y = rng.random(len(unit)) < expit(logit(proba) + rng.normal(0, 2, 30)[unit])
    spread = np.sqrt(proba * (1 - proba))
    standard, own = (y - proba) / spread, unit[:, None] == unit
    np.fill_diagonal(own, False)
    alike = (standard @ own @ standard) / own.sum()
    assert 0.1 < alike < 0.9
    agree = np.where(own, alike, 0.0)
    np.fill_diagonal(agree, 1.0)
    found = calibration_statistics(y, proba, groups=unit)
    rows = spread * (1 - 2 * proba)
    effect = rows @ agree @ rows / (rows @ rows)
    p = chi2.sf(found.spiegelhalter_z**2 / effect, 1)
    assert found.spiegelhalter_p == pytest.approx(p)
    rows = spread[:, None] * np.column_stack([np.ones(len(y)), logit(proba)])
    effects = np.linalg.eigvals(np.linalg.inv(rows.T @ rows) @ rows.T @ agree @ rows)
    first, second = effects.sum(), (effects**2).sum()
    p = chi2.sf(found.unreliability_chi2 * first / second, first**2 / second)
    assert found.unreliability_p == pytest.approx(p)


def test_certain_probabilities_have_the_p_that_is_left():
    y, unit = np.array([0, 1, 1, 0, 1, 0]), np.arange(6) // 2
    found = calibration_statistics(y, [0, 1, 0.7, 0.4, 0.5, 0.2], groups=unit)
    assert np.isnan(found.unreliability_p) and 0 < found.spiegelhalter_p < 1
    certain = calibration_statistics(y, y.astype(float), groups=unit)
    assert np.isnan(certain.spiegelhalter_p)


# A mean ---------------------------------------------------------------------------


def test_a_mean_has_students_limits_by_patient():
    values = np.array([1.0, 3, 2, 6, 4, 5])
    own = wald_quantile(None, 0.9), wald_quantile(np.array([0, 1, 1, 2]), 0.9)
    assert own == pytest.approx((norm.ppf(0.95), student.ppf(0.95, 2)))
    assert wald_quantile(np.array([0, 1]), 0.9) == pytest.approx(student.ppf(0.95, 1))
    # Patients with as many samples each: the mean of their means.
    means = values.reshape(3, 2).mean(axis=1)
    half = student.ppf(0.95, 2) * means.std(ddof=1) / np.sqrt(3)
    found = mean_limits(values, np.repeat(np.arange(3), 2), 0.9)
    assert found == pytest.approx((3.5, 3.5 - half, 3.5 + half))
    alone = mean_limits(values, np.zeros(6, dtype=int), 0.9)
    assert alone[0] == 3.5 and np.isnan(alone[1:]).all()


# Limits of an AUC -----------------------------------------------------------------


def test_normal_limits_of_an_auc_on_either_scale():
    y, score = [0, 0, 1, 1, 1, 0], [0.1, 0.4, 0.3, 0.7, 0.9, 0.8]
    plain = roc_auc_ci(y, score, method="delong", confidence=0.5)
    half = norm.ppf(0.75) * plain.se
    assert 0 < plain.auc - half < plain.auc + half < 1
    assert plain[1:3] == pytest.approx((plain.auc - half, plain.auc + half))
    inside = roc_auc_ci(y, score, method="delong", confidence=0.5, logit=True)
    half /= plain.auc * (1 - plain.auc)
    ends = expit(logit(plain.auc) + np.array([-half, half]))
    assert inside[1:3] == pytest.approx(tuple(ends))
    wide = roc_auc_ci([1, 0, 1, 0], [1, 2, 3, 2.5], method="delong")
    assert (wide.lower, wide.upper) == (0, 1)


@pytest.mark.parametrize("method", ["delong", "hanley-mcneil"])
def test_normal_limits_of_classes_apart_are_their_auc_on_either_scale(method):
    for sign, auc in ((1, 1), (-1, 0)):
        score = sign * np.arange(6)
        for on_logit in (False, True):
            found = roc_auc_ci([0] * 3 + [1] * 3, score, method=method, logit=on_logit)
            assert (found.auc, found.lower, found.upper) == (auc, auc, auc)


@pytest.mark.parametrize(
    ("y", "groups", "pairs", "df"),
    [
        ([0, 0, 0, 1, 1, 1, 1], None, 12, (1 + 1) ** 2 / (1 / 2 + 1 / 3)),
        # Four patients with both classes: each is half a patient of either.
        ([0] * 4 + [1] * 4, list("abcdabcd"), 4, 3),
        # Of a to d two have both: 4 / 6 of 3 times 3 pairs.
        ([0, 0, 0, 1, 1, 1], list("abcbcd"), (4 / 6) ** 2 * 9, 3),
    ],
)
def test_classes_apart_have_the_limits_of_half_the_pairs(y, groups, pairs, df):
    found = roc_auc_ci(y, np.arange(len(y)), groups=groups)
    number = pairs / 2
    middle = (number + 0.5) / (number + 1)
    half = student.ppf(0.975, df) / np.sqrt((number + 1) * middle * (1 - middle))
    assert (found.auc, found.upper, found.se) == (1, 1, 0)
    assert found.lower == pytest.approx(expit(logit(middle) - half))


def test_degrees_of_freedom_stay_below_the_number_of_patients():
    # Four patients with both classes add the same each: nothing varies but their signs.
    even = PlacementSpread(0.01, 0.01, 0.0, 4, 4, 4, square=4.0, fourth=4.0)
    assert even.df == 3
    # One patient adds all: 2 / (1 - 1 / 4).
    one = even._replace(square=1.0, fourth=1.0)
    assert one.df == pytest.approx(8 / 3)


# Ranks by patient -----------------------------------------------------------------


@pytest.mark.parametrize("n_positive", [1, 2, 4, 5])
def test_the_exact_test_of_unequal_classes(n_positive):
    score = np.array([0.3, 2.0, -1.0, 0.1, 0.7, 1.5])
    positive = np.arange(6) < n_positive
    found = rank_test_by_patient(positive, score, np.arange(6))
    expected = mannwhitneyu(score[positive], score[~positive], method="exact").pvalue
    assert found.p_value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n", "test"),
    [(20, "Mann-Whitney U by patient, exact"), (21, "Mann-Whitney U")],
)
def test_up_to_twenty_patients_outcomes_are_permuted(n, test):
    y, score = np.arange(n) % 2, np.arange(n) * 7 % n
    assert score_by_class(y, score, groups=range(n)).test == test
    found = rank_test_by_patient(y == 1, score, np.arange(n))
    assert found.how == ("exact" if n == 20 else "normal approximation")


# Two patients of two samples, one of three, four of one; a and c have both outcomes.
MIXED = list("aabbcccdefg")
OUTCOME = np.array([1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1]) == 1
SCORE = np.array([3.0, 1, 4, 1.5, 9, 2.5, 6, 5, 3.5, 8, 9.7])


def arrangements():
    """Rank sums of the positives, with their probabilities: all that could be."""
    ranks = rankdata(SCORE)
    names = np.array(MIXED)
    of = [
        [("a", "b"), (1, 2)],
        [("c",), (1,)],
        [("d", "e", "f", "g"), (1, 0, 0, 1)],
    ]
    sums, chances = np.zeros(1), np.ones(1)
    for patients, counts in of:
        own, own_chances = [], []
        orders = list(permutations(counts))
        for order in orders:
            ways = [
                [sum(c) for c in combinations(ranks[names == patient], k)]
                for patient, k in zip(patients, order, strict=True)
            ]
            every = [sum(way) for way in product(*ways)]
            own += every
            own_chances += [1 / len(orders) / len(every)] * len(every)
        sums = np.add.outer(sums, own).ravel()
        chances = np.multiply.outer(chances, own_chances).ravel()
    assert chances.sum() == pytest.approx(1)
    return sums, chances, ranks[OUTCOME].sum()


def test_patients_with_both_outcomes_change_places_with_those_of_their_size():
    sums, chances, observed = arrangements()
    unit = np.unique(MIXED, return_inverse=True)[1]
    middle = chances @ sums
    far = np.abs(sums - middle) >= abs(observed - middle) - 1e-9
    found = rank_test_by_patient(OUTCOME, SCORE, unit)
    assert found.how == "9,999 permutations"
    assert found.p_value == pytest.approx(chances[far].sum(), abs=0.02)


def test_drawn_arrangements_as_far_as_the_observed_one_count():
    # Of two patients one of two lesions each: rank sums 4, 5, 5 or 6, and here 6; the
    # only lesion of a third stays positive.
    positive = np.array([False, True, False, True, True])
    found = rank_test_by_patient(positive, np.arange(5.0), np.array([0, 0, 1, 1, 2]))
    assert found.how == "9,999 permutations"
    assert found.p_value == pytest.approx(0.5, abs=0.02)
    assert 10_000 * found.p_value == pytest.approx(round(10_000 * found.p_value))


def test_the_smallest_drawn_p_is_one_in_ten_thousand():
    # Of 20 patients the upper two of four lesions each: one of 6 to the power of 20.
    score = np.arange(80.0) % 4
    found = rank_test_by_patient(score >= 2, score, np.arange(80) // 4)
    assert found.p_value == pytest.approx(1 / 10_000, rel=1e-12)


def test_the_normal_law_has_mean_and_variance_of_all_arrangements(monkeypatch):
    sums, chances, observed = arrangements()
    unit = np.unique(MIXED, return_inverse=True)[1]
    monkeypatch.setattr(patient_permutation, "MOST_PERMUTED", 0)
    middle = chances @ sums
    spread = np.sqrt(chances @ (sums - middle) ** 2)
    found = rank_test_by_patient(OUTCOME, SCORE, unit)
    assert found.how == "normal approximation"
    expected = 2 * norm.sf(abs(observed - middle) / spread)
    assert found.p_value == pytest.approx(expected, rel=1e-9)


# Samples and weights --------------------------------------------------------------


def test_patients_are_numbered_in_the_order_of_their_names():
    assert patient_codes(["c", "a", "c", "b"], 4).tolist() == [2, 0, 2, 1]


@pytest.mark.parametrize("weight", [[1, -1, 1], [1, np.inf, 1], [0, 0, 0]])
def test_one_weight_that_cannot_be_is_refused(weight):
    with pytest.raises(ValueError, match="finite and not negative, and not 0"):
        check_weight(weight, 3)


@pytest.mark.parametrize("weight", [None, np.array([1, 0, 1, 2, 1, 0.0])])
def test_as_many_resamples_as_asked_for_with_both_classes_in_each(weight):
    positive = np.arange(6) < 2
    unit = np.array([0, 0, 1, 1, 2, 2])
    drawn = list(draw_patients(positive, unit, 7, 0, weight))
    assert len(drawn) == 7
    used = np.ones(6) if weight is None else weight > 0
    n_used = np.bincount(unit, used)
    for rows in drawn:
        assert 0 < positive[rows].sum() < len(rows)
        times = np.bincount(unit[rows], minlength=3) / n_used
        assert times.sum() == 3
        assert np.bincount(rows, minlength=6).tolist() == (times[unit] * used).tolist()


@pytest.mark.parametrize("groups", [None, np.array(list("aabbccddee"))])
def test_samples_without_weight_make_no_interval_narrower(groups):
    y = np.array([0, 1, 0, 0, 1, 1, 0, 1, 1, 0])
    p = np.array([0.1, 0.2, 0.2, 0.4, 0.5, 0.5, 0.7, 0.7, 0.8, 0.3])
    weight = np.array([2.0, 0, 1, 1, 1, 3, 1, 1, 0, 0])
    used = weight > 0
    alone = {"sample_weight": weight[used]}
    alone["groups"] = None if groups is None else groups[used]
    every = {"sample_weight": weight, "groups": groups}
    for method in ("logit-t", "delong"):
        expected = roc_auc_ci(y[used], p[used], method=method, **alone)
        found = roc_auc_ci(y, p, method=method, **every)
        assert tuple(found) == pytest.approx(tuple(expected))
    for prevalence in (None, 0.2):
        at = {"thresholds": [0.0, 0.45, 0.75], "prevalence": prevalence}
        expected = decision_curve(y[used], p[used], **at, **alone)
        found = decision_curve(y, p, **at, **every)
        pd.testing.assert_frame_equal(found, expected)
        assert (found["above"] + found["below"] == used.sum()).all()
