"""At the border exactly, and numbers worked out by hand."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from scipy.linalg import eigvalsh
from scipy.special import expit, logit
from scipy.stats import chi2
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score

from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import (
    compare_auc,
    decision_curve,
    hosmer_lemeshow,
    roc_auc_ci,
)
from sklearn_orn.metrics._clusters import draw_patients, patient_codes
from sklearn_orn.metrics._roc_auc import METHODS

# Patient b has both outcomes.
Y, SCORE = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
GROUPS = ["a", "b", "b", "c", "c"]


# AUC ------------------------------------------------------------------------------


def test_obuchowskis_variance_of_a_patient_with_both_classes_by_hand():
    # Placements: positives 1/2, 1, 1; negatives 1, 2/3; both have a mean of 5/6.
    r_b, r_c = Fraction(1, 2) - Fraction(5, 6), 2 * (1 - Fraction(5, 6))
    s_a, s_b = 1 - Fraction(5, 6), Fraction(2, 3) - Fraction(5, 6)
    m, n, with_positive, with_negative, patients = 3, 2, 2, 2, 3
    variance = (
        Fraction(with_positive, (with_positive - 1) * m**2) * (r_b**2 + r_c**2)
        + Fraction(with_negative, (with_negative - 1) * n**2) * (s_a**2 + s_b**2)
        + Fraction(2 * patients, (patients - 1) * m * n) * r_b * s_b
    )
    result = roc_auc_ci(Y, SCORE, groups=GROUPS, method="delong")
    assert result.auc == pytest.approx(5 / 6)
    assert result.se == pytest.approx(float(variance) ** 0.5, rel=1e-12)
    # Turned round it is 1/6, with the same error.
    turned = roc_auc_ci(Y, -np.array(SCORE), groups=GROUPS, method="delong")
    assert turned.se == pytest.approx(result.se, rel=1e-12)


def test_obuchowskis_test_of_two_scores_with_mixed_patients_by_hand():
    other = [0.2, 0.1, 0.3, 0.15, 0.9]
    # Placements of the other: positives 1, 1/2, 1; negatives 2/3, 1. The differences
    # less their means, by patient: positives b -1/2, c 1/2; negatives a 1/3, b -1/3.
    result = compare_auc(Y, SCORE, other, groups=GROUPS)
    variance = (
        Fraction(2, 9) * 2 * Fraction(1, 4)
        + Fraction(2, 4) * 2 * Fraction(1, 9)
        + Fraction(6, 12) * Fraction(1, 6)
    )
    assert result.difference == pytest.approx(0)
    assert result.df == 2 and result.p_value == 1
    half = 4.302652729911275 * float(variance) ** 0.5  # t with 2 df
    assert (result.lower, result.upper) == pytest.approx((-half, half), rel=1e-9)


def test_the_limits_of_few_patients_by_their_formulas():
    result = roc_auc_ci(Y, SCORE, groups=GROUPS, confidence=0.9)
    a, variance = 5 / 6, result.se**2
    own, other = 4 / 81, 1 / 36  # of the positives and of the negatives, see above
    # What patients a, b, c add: (1/6) / 2, (-1/3) / 3 + (-1/6) / 2, (1/3) / 3.
    u = np.array([1 / 12, -1 / 9 - 1 / 12, 1 / 9])
    by_class = (own + other) ** 2 / (own**2 / 1 + other**2 / 1)
    by_patient = (
        2 * (u**2).sum() ** 2 / ((u**4).sum() - (u**2).sum() ** 2 / 3)
    )  # 3 patients
    df = min(by_class, 3 - 1, max(by_patient, 2))
    n = max(a * (1 - a) / variance, 2)
    middle = (n * a + 0.5) / (n + 1)
    half = student.ppf(0.95, df) / np.sqrt((n + 1) * middle * (1 - middle))
    expected = expit(logit(middle) + np.array([-half, half]))
    assert (result.lower, result.upper) == pytest.approx(tuple(expected), rel=1e-9)


def by_placements(y, score, groups, confidence=0.95):
    """AUC, limits of "logit-t" and standard error, sample by sample."""
    y, score, patients = np.asarray(y), np.asarray(score), sorted(set(groups))
    own, others = score[y == 1], score[y == 0]
    above = [((s > others) + (s == others) / 2).mean() for s in own]
    below = [((s < own) + (s == own) / 2).mean() for s in others]
    a, m, n, i = np.mean(above), len(own), len(others), len(patients)
    of = np.asarray(groups)
    r = np.array([(np.array(above) - a)[of[y == 1] == p].sum() for p in patients])
    s = np.array([(np.array(below) - a)[of[y == 0] == p].sum() for p in patients])
    m_i, n_i = (len(set(of[y == k])) for k in (1, 0))
    v10 = m_i / (m_i - 1) / m**2 * (r**2).sum()
    v01 = n_i / (n_i - 1) / n**2 * (s**2).sum()
    variance = v10 + v01 + 2 * i / (i - 1) / (m * n) * (r * s).sum()
    u = r / m + s / n
    by_class = (v10 + v01) ** 2 / (v10**2 / (m_i - 1) + v01**2 / (n_i - 1))
    by_patient = 2 * (u**2).sum() ** 2 / ((u**4).sum() - (u**2).sum() ** 2 / i)
    df = min(by_class, i - 1, max(by_patient, 2))
    pairs = max(a * (1 - a) / variance, min(m_i, n_i))
    middle = (pairs * a + 0.5) / (pairs + 1)
    half = student.ppf(0.5 + confidence / 2, df)
    half /= np.sqrt((pairs + 1) * middle * (1 - middle))
    lower, upper = expit(logit(middle) + np.array([-half, half]))
    return (a, lower, upper, variance**0.5), df, by_patient


def test_few_patients_of_both_classes_make_few_degrees_of_freedom():
    y = [0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0]
    score = [1, 3, 2, 2, 5, 4, 1, 3, 6, 7, 0, 2, 4, 4]
    groups = list("aabbbccddeefgh")
    expected, df, by_patient = by_placements(y, score, groups)
    assert df == by_patient > 2  # it is this one that counts
    assert tuple(roc_auc_ci(y, score, groups=groups)) == pytest.approx(expected)
    # A weight of 2 is two samples of the same patient, ties or not.
    weight = [1, 2, 1, 1, 1, 3, 1, 1, 1, 1, 1, 2, 1, 1]
    copies = np.repeat(np.arange(14), weight)
    expected, *_ = by_placements(
        *(np.array(values)[copies] for values in (y, score, groups))
    )
    found = roc_auc_ci(y, score, groups=groups, sample_weight=weight)
    assert tuple(found) == pytest.approx(expected)


def test_one_patient_has_no_interval_and_two_with_both_classes_have_one():
    one = roc_auc_ci([0, 1, 1, 0], [1, 2, 3, 1.5], groups=["a"] * 4, method="delong")
    assert one.auc == 1 and np.isnan([one.se, one.lower, one.upper]).all()
    two = roc_auc_ci([0, 1, 1, 0], [1, 2, 3, 2.5], groups=list("aabb"), method="delong")
    # r = -1/4 and 1/4, s = 1/4 and -1/4: 2/(1*4) of 2/16 twice, less 4/(1*4) of 2/16.
    assert two.se == pytest.approx(0, abs=1e-9)
    same = roc_auc_ci([0, 1, 1, 0], [1, 3, 2, 2.5], groups=list("aabb"))
    assert same.se == pytest.approx((2 * 0.5 * 2 / 16 + 2 / 16) ** 0.5)


@pytest.mark.parametrize("groups", [None, list("abcdefghhi")])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_bootstrap_takes_quantiles_over_resamples_of_patients(groups, weighted):
    y = np.array([0, 1, 0, 1, 0, 1, 0, 1, 1, 0])
    score = np.array([1, 4, 2, 2, 3, 9, 6, 7, 5, 0.0])
    weight = np.array([1.0, 2, 0, 1, 1, 3, 1, 0, 1, 1]) if weighted else None
    settings = {"n_resamples": 40, "confidence": 0.8, "random_state": 3}
    settings |= {"groups": groups, "sample_weight": weight}
    result = roc_auc_ci(y, score, method="bootstrap", **settings)
    unit = patient_codes(groups, 10)
    rows = draw_patients(y == 1, unit, 40, np.random.RandomState(3), weight)
    used = np.ones(10) if weight is None else weight
    drawn = [roc_auc_score(y[i], score[i], sample_weight=used[i]) for i in rows]
    assert result.auc == pytest.approx(roc_auc_score(y, score, sample_weight=used))
    assert result.lower == pytest.approx(np.quantile(drawn, 0.1))
    assert result.upper == pytest.approx(np.quantile(drawn, 0.9))
    assert result.se == pytest.approx(np.std(drawn, ddof=1))
    with pytest.raises(ValueError, match="n_resamples must be at least 2"):
        roc_auc_ci(y, score, method="bootstrap", n_resamples=1)


@pytest.mark.parametrize("method", ["delong", "logit-t", "bootstrap"])
def test_samples_without_weight_do_not_count_and_each_class_needs_some(method):
    y, score = [0, 0, 1, 1, 0, 1], [1, 3, 2, 4, 9, 0]
    weight = [1, 2, 1, 1, 0, 0]
    result = roc_auc_ci(
        y, score, sample_weight=weight, method=method, n_resamples=5, random_state=0
    )
    # Of three negatives 1, 3, 3 the positive 2 is above one, 4 above all.
    assert result.auc == pytest.approx((1 / 3 + 1) / 2)
    for none in ([0, 0, 1, 1, 0, 1], [1, 1, 0, 0, 1, 0]):
        with pytest.raises(ValueError, match="0 throughout one of the classes"):
            roc_auc_ci(y, score, sample_weight=none, method=method, n_resamples=5)


@pytest.mark.parametrize(
    "known", [{"groups": list("abcd")}, {"sample_weight": [1] * 4}]
)
def test_hanley_and_mcneil_know_neither_groups_nor_weights(known):
    y, score = [0, 0, 1, 1], [1, 3, 2, 4]
    with pytest.raises(ValueError, match="neither groups nor"):
        roc_auc_ci(y, score, method="hanley-mcneil", **known)
    with pytest.raises(ValueError, match="method must be one of logit-t"):
        roc_auc_ci(y, score, method="hanley", **known)
    for method in METHODS:
        for level in (0, 1):
            with pytest.raises(ValueError, match="confidence must lie between"):
                roc_auc_ci(y, score, method=method, confidence=level)
    # 3 positives and 2 negatives, A = 5/6: Q1 = A / (2 - A), Q2 = 2 A^2 / (1 + A).
    a = 5 / 6
    spread = a * (1 - a) + 2 * (a / (2 - a) - a**2) + (2 * a**2 / (1 + a) - a**2)
    result = roc_auc_ci(Y, SCORE, method="hanley-mcneil")
    assert result.se == pytest.approx((spread / 6) ** 0.5)
    inside = roc_auc_ci(Y, SCORE, method="hanley-mcneil", logit=True)
    assert inside.upper < 1 == result.upper


def test_a_resample_never_holds_a_class_of_samples_without_weight_alone():
    y = np.array([0, 0, 0, 1, 1, 1])
    p, weight = np.array([0.1, 0.4, 0.2, 0.3, 0.8, 0.9]), np.array([0, 0, 2, 0, 0, 1.0])
    settings = {"sample_weight": weight, "n_resamples": 50, "random_state": 0}
    result = roc_auc_ci(y, p, method="bootstrap", **settings)
    assert tuple(result) == (1, 1, 1, 0)
    curve = decision_curve(y, p, thresholds=[0.5], **settings)
    assert np.isfinite(curve.to_numpy()).all()
    for none in (weight * y, weight * (1 - y)):
        with pytest.raises(ValueError, match="0 throughout one of the classes"):
            decision_curve(y, p, sample_weight=none)


# The difference of two AUCs -------------------------------------------------------


def test_unpaired_comparison_with_patients_by_its_formula():
    first = Y, SCORE, GROUPS
    second = [0, 1, 1, 0, 0, 1], [1, 2, 0, 1, 3, 4], list("defghh")
    a, b = (roc_auc_ci(y, s, groups=g, method="delong") for y, s, g in (first, second))
    result = compare_auc(
        *first[:2], second[1], y_other=second[0], groups=GROUPS, other_groups=second[2]
    )
    v1, v2 = a.se**2, b.se**2
    df = (v1 + v2) ** 2 / (v1**2 / (3 - 1) + v2**2 / (5 - 1))
    t = (a.auc - b.auc) / np.sqrt(v1 + v2)
    half = student.ppf(0.975, df) * np.sqrt(v1 + v2)
    assert (result.auc, result.other_auc) == pytest.approx((a.auc, b.auc))
    assert (result.statistic, result.df) == pytest.approx((t, df))
    assert result.p_value == pytest.approx(2 * student.sf(abs(t), df))
    limits = (a.auc - b.auc - half, a.auc - b.auc + half)
    assert (result.lower, result.upper) == pytest.approx(limits)


def test_a_difference_without_variance():
    y, score = np.array([0, 0, 1, 1]), np.array([1.0, 2, 3, 4])
    same = compare_auc(y, score, 2 * score)
    assert (same.difference, same.statistic, same.p_value) == (0, 0, 1)
    turned = compare_auc(y, -score, score)
    assert (turned.difference, turned.statistic) == (-1, -np.inf)
    assert (turned.lower, turned.upper, turned.p_value) == (-1, -1, 0)
    # Both perfect: no variance, so no number of degrees of freedom is too large.
    apart = compare_auc(y, score, score, y_other=y)
    assert apart.df == np.inf and apart.p_value == 1
    alone = compare_auc([0, 0, 1], [1, 2, 3], [3, 1, 2])
    assert np.isnan([alone.statistic, alone.p_value, alone.lower]).all()


def test_patients_of_an_unpaired_comparison_are_others():
    y, score = [0, 1, 0, 1], [1, 2, 3, 4]
    with pytest.raises(ValueError, match="Give groups and other_groups, or neither"):
        compare_auc(y, score, score, y_other=y, groups=list("abcd"))
    with pytest.raises(ValueError, match="Give groups and other_groups, or neither"):
        compare_auc(y, score, score, y_other=y, other_groups=list("abcd"))
    with pytest.raises(ValueError, match="1 patients are in both sets: d"):
        compare_auc(
            *(y, score, score),
            y_other=y,
            groups=list("abcd"),
            other_groups=list("defg"),
        )
    with pytest.raises(ValueError, match="other_groups belong to y_other"):
        compare_auc(y, score, score, other_groups=list("abcd"))
    with pytest.raises(ValueError, match="confidence"):
        compare_auc(y, score, score, confidence=1)


# Hosmer and Lemeshow --------------------------------------------------------------


def test_groups_of_risk_and_their_chi_square_by_hand():
    # Quantiles 0, 1/3, 2/3, 1 of nine values fall at 0.1, 11/30, 19/30 and 0.9.
    p = np.arange(1, 10) / 10
    y = [0, 1, 0, 0, 1, 0, 1, 1, 1]
    result = hosmer_lemeshow(y, p, n_groups=3)
    assert result.table["n"].tolist() == [3, 3, 3]
    assert result.table["observed"].tolist() == [1, 1, 3]
    np.testing.assert_allclose(result.table["lower"], [0.1, 11 / 30, 19 / 30])
    np.testing.assert_allclose(result.table["upper"], [11 / 30, 19 / 30, 0.9])
    gaps = np.array([1 - 0.6, 1 - 1.5, 3 - 2.4]) ** 2
    expected = (gaps / [0.6, 1.5, 2.4] + gaps / [2.4, 1.5, 0.6]).sum()
    assert result.statistic == pytest.approx(expected)
    assert result.df == 1 and result.p_value == pytest.approx(chi2.sf(expected, 1))


def p_by_patient(y, p, patient, test, group):
    """Return Rao and Scott's p from the covariance of all pairs of samples."""
    spread = np.sqrt(p * (1 - p))
    standard = (np.asarray(y) - p) / spread
    n, products = len(p), []
    for i, j in permutations(range(n), 2):
        if patient[i] == patient[j]:
            products.append(standard[i] * standard[j])
    correlation = np.clip(np.mean(products), 0, 1)
    covariance = np.zeros((3, 3))
    for i, j in product(range(n), repeat=2):
        if patient[i] == patient[j]:
            own = 1 if i == j else correlation
            covariance[group[i], group[j]] += own * spread[i] * spread[j]
    variance = np.bincount(group, spread**2)
    delta = eigvalsh(covariance, np.diag(variance))  # relative to independent samples
    freedom = test.df * delta.sum() ** 2 / (3 * (delta**2).sum())
    return chi2.sf(test.statistic * delta.sum() / (delta**2).sum(), freedom)


@pytest.mark.parametrize("fitted", [True, False])
def test_p_allows_for_lesions_of_a_patient_that_agree(fitted):
    p = np.arange(1, 10) / 10
    y, patient = [0, 1, 0, 0, 1, 0, 1, 1, 1], list("abaccdbdb")
    group = np.repeat([0, 1, 2], 3)
    alone = hosmer_lemeshow(y, p, n_groups=3, fitted=fitted)
    found = hosmer_lemeshow(y, p, n_groups=3, fitted=fitted, groups=patient)
    expected = p_by_patient(y, p, patient, found, group)
    assert found.p_value == pytest.approx(expected)
    assert found.p_value > alone.p_value
    assert (found.statistic, found.df) == (alone.statistic, alone.df)
    order = np.array([4, 2, 7, 0, 8, 1, 3, 6, 5])
    turned = hosmer_lemeshow(
        np.array(y)[order],
        p[order],
        n_groups=3,
        fitted=fitted,
        groups=np.array(patient)[order],
    )
    assert turned.p_value == pytest.approx(expected)


def test_p_is_that_of_samples_where_patients_tell_nothing():
    p = np.arange(1, 10) / 10
    y = [0, 1, 0, 0, 1, 0, 1, 1, 1]
    alone = hosmer_lemeshow(y, p, n_groups=3).p_value
    for patient in (range(9), list("abcdabcde")):  # one each; pairs that disagree
        found = hosmer_lemeshow(y, p, n_groups=3, groups=list(patient))
        assert found.p_value == pytest.approx(alone, rel=1e-12)


def test_residuals_of_a_patient_agree_at_most_wholly():
    # One pair, both unexpected: their product is 9, and the correlation 1.
    p = np.array([0.1, 0.1, 0.3, 0.35, 0.5, 0.55, 0.7, 0.75, 0.9])
    y, patient = [1, 1, 0, 0, 1, 0, 1, 1, 1], list("aabcdefgh")
    found = hosmer_lemeshow(y, p, n_groups=3, groups=patient)
    group = np.repeat([0, 1, 2], 3)
    assert found.p_value == pytest.approx(p_by_patient(y, p, patient, found, group))


def test_a_certain_prediction_tells_nothing_of_how_patients_agree():
    y, p = [0, 1, 0, 0, 1, 1, 1, 1], np.array([0.0, 0.2, 0.3, 0.4, 0.6, 0.7, 0.9, 1])
    patient = list("aabbccdd")
    found = hosmer_lemeshow(y, p, n_groups=3, fitted=False, groups=patient)
    told, group = slice(1, 7), np.array([0, 0, 0, 1, 1, 2, 2, 2])
    own = p_by_patient(y[told], p[told], patient[told], found, group[told])
    assert found.p_value == pytest.approx(own)
    alone = hosmer_lemeshow(y, p, n_groups=3, fitted=False)
    assert found.p_value != pytest.approx(alone.p_value)
    # Only certain ones: nothing is left to vary.
    with pytest.warns(StudyWarning, match="leave 1 of 3"):
        sure = hosmer_lemeshow(
            [0, 0, 1, 1], [0, 0, 1, 1], n_groups=3, fitted=False, groups=list("aabb")
        )
    assert sure.p_value == 1


def test_a_test_needs_a_degree_of_freedom_and_three_groups():
    y, p = [0, 1, 0, 1, 0, 1], [0.2, 0.2, 0.5, 0.6, 0.8, 0.8]
    assert hosmer_lemeshow(y, p, n_groups=3).df == 1
    with pytest.warns(StudyWarning, match="leave 2 of 3"):
        two = hosmer_lemeshow([0, 1, 0, 1], [0.2, 0.2, 0.5, 0.8], n_groups=3)
    assert two.df == 0 and np.isnan(two.p_value)
    with pytest.raises(ValueError, match="integer of at least 3, got 3.0"):
        hosmer_lemeshow(y, p, n_groups=3.0)


def test_a_value_at_a_quantile_belongs_below_it():
    # The quantiles are 0.1, 0.3, 0.5, 0.7: right-closed, the lowest included.
    p = [0.1, 0.3, 0.5, 0.7]
    table = hosmer_lemeshow([0, 1, 0, 1], p, n_groups=3).table
    assert table["n"].tolist() == [2, 1, 1]


def test_one_group_is_all_samples():
    y = [0, 1, 0, 1]
    for p, ends in (
        ([0.2, 0.2, 0.2, 0.2], (0.2, 0.2)),
        ([0.2, 0.2, 0.2, 0.8], (0.2, 0.8)),
    ):
        with pytest.warns(StudyWarning, match="leave 1 of 3"):
            table = hosmer_lemeshow(y, p, n_groups=3).table
        assert (table["n"].tolist(), table["observed"].tolist()) == ([4], [2])
        assert (table["lower"].item(), table["upper"].item()) == ends


def test_a_cell_that_expects_nothing_is_empty_up_to_rounding():
    y, p = [0, 0, 0, 1, 1, 1], np.array([0.0, 0, 0.5, 0.5, 1, 1])
    assert hosmer_lemeshow(y, p, n_groups=3, fitted=False).statistic == 0
    nearly = np.array([0.0, 1e-14, 0.5, 0.5, 1 - 1e-14, 1])
    assert hosmer_lemeshow(y, nearly, n_groups=3, fitted=False).statistic < 1e-12
    # One expected in ten thousand million is not nothing: 1 / 2e-10.
    seen = hosmer_lemeshow([1, *y[1:]], [1e-10, 1e-10, *p[2:]], n_groups=3)
    assert 1e9 < seen.statistic < 1e11
    with_one = hosmer_lemeshow([1, *y[1:]], p, n_groups=3)
    assert with_one.statistic == np.inf and with_one.p_value == 0
