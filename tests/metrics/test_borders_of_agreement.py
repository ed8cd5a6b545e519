"""Agreement, readers against the model and classes, at their borders and by formula."""

import numpy as np
import pytest
from scipy.stats import binomtest, chi2, mannwhitneyu, norm
from scipy.stats import t as student
from sklearn.metrics import cohen_kappa_score

from sklearn_orn.metrics import (
    cochrans_q_test,
    diagnostic_performance,
    kappa,
    limits_of_agreement,
    mcnemar_test,
    recalibration,
    roc_auc_ci,
    score_by_class,
    subgroup_table,
    wilson_interval,
)

# Bland and Altman -----------------------------------------------------------------

FIRST = np.array([1.0, 2.5, 3.0, 4.2, 5.1, 2.2, 0.4])
SECOND = np.array([1.2, 2.0, 3.3, 3.1, 5.0, 2.9, 0.1])


@pytest.mark.parametrize("groups", [None, list("aabccdd"), list("aaaaabb")])
def test_limits_of_agreement_by_their_formula(groups):
    found = limits_of_agreement(FIRST, SECOND, groups=groups, confidence=0.9)
    patients = np.arange(7) if groups is None else np.array(groups)
    gap, names = FIRST - SECOND, sorted(set(patients))
    n, bias, sd = len(names), gap.mean(), gap.std(ddof=1)
    sums = np.array([(gap - bias)[patients == name].sum() for name in names])
    error = np.sqrt(n / (n - 1) * (sums**2).sum()) / 7
    if groups is None:
        assert error == pytest.approx(sd / np.sqrt(7))
    z, t = 1.959963984540054, student.ppf(0.95, n - 1)
    of_limit = t * np.sqrt(error**2 + z**2 * sd**2 / (2 * (n - 1)))
    low, high = bias - z * sd, bias + z * sd
    expected = [bias, bias - t * error, bias + t * error, sd]
    expected += [low, low - of_limit, low + of_limit]
    expected += [high, high - of_limit, high + of_limit]
    assert tuple(found) == pytest.approx(tuple(expected))


def test_two_lesions_have_limits_and_one_patient_has_no_confidence_limits():
    assert limits_of_agreement([1, 2], [2, 5]).sd == pytest.approx(np.sqrt(2))
    one = limits_of_agreement([1, 2], [2, 5], groups=["a", "a"])
    assert (one.bias, one.sd) == pytest.approx((-2, np.sqrt(2)))
    limits = [one.bias_lower, one.bias_upper, one.low_lower, one.low_upper]
    assert np.isnan([*limits, one.high_lower, one.high_upper]).all()
    for first, second in (([1], [2]), ([1, 2], [1, 2, 3]), ([[1, 2]], [[1, 2]])):
        with pytest.raises(ValueError, match="the same two or more lesions"):
            limits_of_agreement(first, second)
    with pytest.raises(ValueError, match="must be finite"):
        limits_of_agreement([1, np.nan], [1, 2])
    with pytest.raises(ValueError, match="confidence"):
        limits_of_agreement([1, 2], [1, 2], confidence=1)


# Readers --------------------------------------------------------------------------


def labels(*counts):
    """Truth, and two labels: both right, the first only, the other only, none."""
    first = np.repeat([1, 1, 0, 0], counts)
    return np.ones(sum(counts), int), first, np.repeat([1, 0, 1, 0], counts)


@pytest.mark.parametrize(("b", "c"), [(5, 1), (1, 5), (3, 3)])
def test_mcnemars_exact_test_is_the_binomial_one(b, c):
    found = mcnemar_test(*labels(4, b, c, 2), exact=True)
    assert found.table.tolist() == [[4, b], [c, 2]]
    assert found.statistic == min(b, c)
    assert found.p_value == pytest.approx(binomtest(b, b + c).pvalue)
    found = mcnemar_test(*labels(4, b, c, 2), corrected=False)
    statistic = (b - c) ** 2 / (b + c)
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value == pytest.approx(chi2.sf(statistic, 1))


@pytest.mark.parametrize("n", [1, 2, 7])
def test_mcnemar_corrects_no_difference_of_0(n):
    # As R's mcnemar.test, where the corrected one of 0 is not 1.
    for corrected in (True, False):
        found = mcnemar_test(*labels(4, n, n, 2), corrected=corrected)
        assert (found.statistic, found.p_value) == (0, 1)
    found = mcnemar_test(*labels(4, n, n + 1, 2))
    assert (found.statistic, found.p_value) == (0, 1)


def test_mcnemars_test_by_patient_by_hand():
    y, first, other = labels(2, 3, 2, 1)
    # Patient a has two and b one of the first alone, c two of the other alone.
    found = mcnemar_test(y, first, other, groups=list("aaaabccb"))
    assert found.statistic == pytest.approx((2 + 1 - 2) ** 2 / (4 + 1 + 4))
    assert found.p_value == pytest.approx(chi2.sf(1 / 9, 1))
    assert found.table.tolist() == [[2, 3], [2, 1]]


def test_cochrans_q_of_three_by_hand():
    y = [1] * 6
    right = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0]])
    columns, rows, k = right.sum(axis=0), right.sum(axis=1), 3
    q = (k - 1) * (k * (columns**2).sum() - columns.sum() ** 2)
    q /= k * rows.sum() - (rows**2).sum()
    found = cochrans_q_test(y, *right.T)
    assert (found.statistic, found.df) == (pytest.approx(q), 2)
    assert found.p_value == pytest.approx(chi2.sf(q, 2))
    # Of three the last one alone may differ.
    assert cochrans_q_test(y, right[:, 0], right[:, 0], right[:, 1]).statistic > 0
    assert cochrans_q_test(y, *[right[:, 0]] * 3) == (0, 2, 1)


def test_cochrans_q_by_patient_is_of_what_patients_tell():
    rng = np.random.default_rng(1)
    y, n = np.ones(30, int), 30
    first = (rng.random((n, 3)) < [0.6, 0.75, 0.8]).astype(int)
    found = cochrans_q_test(y, *first.T)
    assert cochrans_q_test(y, *first.T, groups=np.arange(n)) == pytest.approx(found)
    # Three copies of each lesion say nothing new.
    copies = np.repeat(first, 3, axis=0), np.repeat(np.arange(n), 3)
    many = cochrans_q_test(np.repeat(y, 3), *copies[0].T, groups=copies[1])
    assert many.statistic == pytest.approx(3 * found.statistic)
    assert (many.df, many.p_value) == (2, pytest.approx(found.p_value))
    pairs = np.arange(n) // 2  # of two readers it is McNemar's by patient
    two = cochrans_q_test(y, *first.T[:2], groups=pairs)
    mcnemar = mcnemar_test(y, *first.T[:2], groups=pairs)
    assert two.p_value == pytest.approx(mcnemar.p_value)
    assert two.p_value != pytest.approx(cochrans_q_test(y, *first.T[:2]).p_value)
    with pytest.raises(ValueError, match="groups"):
        cochrans_q_test(y, *first.T, groups=np.arange(n - 1))


def test_readers_who_err_by_patient_do_not_differ():
    rng, alone, by_patient = np.random.default_rng(0), [], []
    patient, y = np.repeat(np.arange(25), 4), np.ones(100, int)
    for _ in range(150):
        of_patients = rng.normal(0, 1.5, (25, 3))[patient]  # by reader
        right = of_patients + rng.normal(0.8, 1, (100, 3)) > 0
        readers = right.astype(int).T
        alone.append(cochrans_q_test(y, *readers).p_value <= 0.05)
        by_patient.append(cochrans_q_test(y, *readers, groups=patient).p_value <= 0.05)
    assert np.mean(alone) > 0.2
    assert np.mean(by_patient) < 0.1


def test_labels_are_given_whole():
    with pytest.raises(ValueError, match="one dimension and equal length"):
        kappa([], [])
    with pytest.raises(ValueError, match="one dimension and equal length"):
        kappa([[0, 1]], [[0, 1]])
    with pytest.raises(ValueError, match="must not be missing, found 1"):
        kappa([0, 1, 1], [0, 1, np.nan])
    with pytest.raises(ValueError, match="confidence"):
        kappa([0, 1], [1, 1], confidence=1)
    with pytest.raises(ValueError, match="confidence"):
        kappa([1, 1], [1, 1], confidence=1)  # which has none
    assert kappa([0], [1]).kappa == 0 and np.isnan(kappa([0], [1]).se)


@pytest.mark.parametrize("groups", [None, list("aabbccdddeef"), list("aaaabbbbbbbb")])
def test_the_error_of_kappa_sums_what_each_lesion_changes(groups):
    a = np.array([0, 1, 2, 0, 1, 1, 2, 2, 0, 1, 0, 2])
    b = np.array([0, 1, 2, 1, 1, 0, 2, 1, 0, 1, 2, 2])
    found = kappa(a, b, groups=groups, confidence=0.9)
    step, each = 1e-6, []
    for i in range(12):
        weight = np.ones(12)
        weight[i] += step
        moved = cohen_kappa_score(a, b, sample_weight=weight)
        each.append((moved - cohen_kappa_score(a, b)) / step)
    patients = np.arange(12) if groups is None else np.array(groups)
    names = sorted(set(patients))
    sums = np.array([np.array(each)[patients == name].sum() for name in names])
    n = len(names)
    se = np.sqrt((sums**2).sum() * n / (n - 1) * 11 / 12)
    assert found.se == pytest.approx(se, rel=1e-4)
    law = norm if groups is None else student(n - 1)
    half = law.ppf(0.95) * found.se
    share = diagnostic_performance(
        np.arange(12) % 2,
        np.where(a == b, np.arange(12) % 2, 1 - np.arange(12) % 2),
        groups=groups,
        confidence=0.9,
    ).loc["accuracy"]
    chance = np.bincount(a) @ np.bincount(b) / 144
    wilson = [(share[end] - chance) / (1 - chance) for end in ("lower", "upper")]
    ends = min(found.kappa - half, wilson[0]), max(found.kappa + half, wilson[1])
    assert (found.lower, found.upper) == pytest.approx(
        (max(ends[0], -1), min(ends[1], 1))
    )
    one_each = kappa(a, b, groups=np.arange(12), confidence=0.9)
    assert one_each == pytest.approx(kappa(a, b, confidence=0.9))


def test_the_limits_of_kappa_are_full_agreement_and_disagreement_at_most():
    a, b = [0] * 10 + [1] * 10, [0] * 10 + [1] * 9 + [0]
    found = kappa(a, b)
    assert found.upper == 1 < found.kappa + 1.96 * found.se
    apart = kappa([0, 1, 0, 1], [1, 0, 1, 0])
    none = wilson_interval(0, 4)
    assert (apart.kappa, apart.lower, apart.se) == (-1, -1, 0)
    assert apart.upper == pytest.approx((none.upper - 0.5) / 0.5)
    few = kappa([0, 0, 1, 1, 0, 1], [0, 1, 1, 0, 0, 1], groups=list("ababaa"))
    assert few.lower == -1 > few.kappa - 4 * few.se


# Classes and subgroups ------------------------------------------------------------


def test_quartiles_of_the_classes_stand_under_their_names():
    y, score = [1, 0, 1, 0, 1, 1, 1], [5.0, 1, 2, 4, 9, 3, 7]
    table = score_by_class(y, score).table
    assert table.loc["positive"].tolist() == [5, 5.0, 3.0, 7.0]
    assert table.loc["negative"].tolist() == [2, 2.5, 1.75, 3.25]
    assert list(table.columns) == ["n", "median", "q1", "q3"]


@pytest.mark.parametrize(
    ("n", "ties", "method"),
    [(49, False, "exact"), (50, False, "asymptotic"), (49, True, "asymptotic")],
)
def test_p_is_exact_with_fewer_than_fifty_of_a_class_and_no_ties(n, ties, method):
    score = np.arange(n + 30.0) * 17 % (n + 30)
    if ties:
        score[0] = score[1]
    y = np.arange(n + 30) < n
    found = score_by_class(y, score)
    expected = mannwhitneyu(score[y], score[~y], method=method)
    assert found.p_value == expected.pvalue
    assert (found.statistic, found.test) == (expected.statistic, "Mann-Whitney U")


def test_more_than_twenty_patients_of_one_lesion_are_samples():
    y, score = np.arange(24) % 2, np.arange(24.0) * 7 % 24
    alone = score_by_class(y, score, groups=range(24))
    assert alone.test == "Mann-Whitney U"
    assert alone.p_value == score_by_class(y, score).p_value
    twice = score_by_class(y, score, groups=[*range(23), 22])
    assert twice.test == "Mann-Whitney U by patient, normal approximation"


def test_too_few_are_fewer_than_ten_patients_of_a_class():
    y = np.repeat([1, 0], 10)
    p = np.tile([0.3, 0.6], 10)
    assert subgroup_table(y, p, ["all"] * 20)["note"].tolist() == [""]
    note = subgroup_table(y[1:], p[1:], ["all"] * 19)["note"].item()
    assert note == "9 positive, 10 negative patients: too few to judge"
    shared = [0, 0, *range(2, 20)]
    note = subgroup_table(1 - y, p, ["all"] * 20, groups=shared)["note"].item()
    assert note == "10 positive, 9 negative patients: too few to judge"


def test_the_gap_of_a_subgroup_by_its_formula():
    y = np.array([1, 0, 0, 1, 1, 0, 1, 0])
    p = np.array([0.3, 0.4, 0.2, 0.7, 0.4, 0.5, 0.8, 0.35])
    patients = np.array(list("zzyyxxwv"))
    by = ["f", "f", "f", "f", "f", "f", None, None]
    table = subgroup_table(y, p, by, groups=patients, confidence=0.9)
    assert table.index[0] == "f" and table["n"].tolist() == [6, 2]
    row, here = table.iloc[0], slice(0, 6)
    gap = (y - p)[here]
    sums = gap.reshape(3, 2).sum(axis=1) - 2 * gap.mean()
    half = student.ppf(0.95, 2) * np.sqrt(3 / 2 * (sums**2).sum()) / 6
    assert half > 0
    assert (row["observed"], row["expected"]) == (0.5, pytest.approx(2.5 / 6))
    ends = [gap.mean(), gap.mean() - half, gap.mean() + half]
    names = ["difference", "difference_lower", "difference_upper"]
    assert row[names].tolist() == pytest.approx(ends)
    assert row["brier"] == pytest.approx((gap**2).mean())
    assert (row["patients"], row["positive"]) == (3, 3)
    settings = {"groups": patients[here], "confidence": 0.9}
    auc = roc_auc_ci(y[here], p[here], **settings)
    assert tuple(row[["auc", "auc_lower", "auc_upper"]]) == auc[:3]
    line = recalibration(y[here], p[here], **settings)
    slopes = (line.slope, line.slope_lower, line.slope_upper)
    assert tuple(row[["slope", "slope_lower", "slope_upper"]]) == slopes


def test_a_subgroup_of_one_class_or_one_patient():
    y, p = [1, 1, 0, 1], [0.3, 0.6, 0.2, 0.7]
    table = subgroup_table(y, p, ["a", "a", "b", "b"], groups=[1, 2, 3, 3])
    of_class = table.loc["a", ["auc", "auc_lower", "slope", "slope_upper"]]
    assert of_class.isna().all()
    assert np.isfinite(table.loc["a", ["difference_lower", "brier"]].tolist()).all()
    assert table.loc["b", "auc"] == 1
    assert table.loc["b", ["difference_lower", "difference_upper"]].isna().all()
    with pytest.raises(ValueError, match="confidence"):
        subgroup_table(y, p, ["b", "b", "a", "b"], confidence=1)
    assert subgroup_table(y, p, ["b", "a", "c", "b"]).index.tolist() == ["a", "b", "c"]


def test_full_agreement_of_a_few_is_no_certainty():
    a = np.tile([0, 1], 10)
    found = kappa(a, a)
    assert (found.kappa, found.upper, found.se) == (1, 1, 0)
    assert found.lower == pytest.approx((wilson_interval(20, 20).lower - 0.5) / 0.5)
    of_patients = kappa(a, a, groups=np.arange(20) // 2)  # ten who agree
    assert of_patients.lower == pytest.approx(
        (wilson_interval(10, 10).lower - 0.5) / 0.5
    )
    one = kappa(a, a, groups=np.zeros(20))
    assert np.isnan([one.lower, one.upper, one.se]).all()


@pytest.mark.parametrize(("shares", "size"), [((0.85, 0.15), 20), ((0.6, 0.4), 50)])
def test_an_interval_holds_a_high_kappa(shares, size):
    # The second repeats the first or is drawn anew: kappa is how often it does.
    rng, holds, error = np.random.default_rng(0), [], []
    for _ in range(300):
        a, anew = rng.choice(2, (2, size), p=shares)
        found = kappa(a, np.where(rng.random(size) < 0.9, a, anew))
        if not np.isnan(found.kappa):
            holds.append(found.lower <= 0.9 <= found.upper)
            error.append(abs(found.kappa - 0.9) <= 1.96 * found.se)
    assert np.mean(error) < 0.92
    assert np.mean(holds) > 0.95
