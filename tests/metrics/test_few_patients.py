"""Intervals and tests of few patients with several samples, against what is known."""

from itertools import combinations

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu, t

from sklearn_orn.metrics import roc_auc_ci, score_by_class
from sklearn_orn.metrics import _patient_ranks as patient_ranks
from sklearn_orn.metrics._patient_ranks import rank_test_by_patient


def test_default_auc_interval_by_hand():
    """Three against two, each a patient; the variance is DeLong's."""
    y, score = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
    auc, lower, upper, se = roc_auc_ci(y, score)
    # Placements: 1/2, 1, 1 of the positives, 1 and 2/3 of the negatives.
    own, other = (1 / 12) / 3, (1 / 18) / 2
    assert se == pytest.approx(np.sqrt(own + other))
    df = (own + other) ** 2 / (own**2 / 2 + other**2 / 1)
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
    assert twice.test == "Mann-Whitney U by patient (exact)"


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
def test_normal_variance_is_that_of_the_arrangements(mixed):
    positive, score, patient = patients(20, 3, 5, mixed=mixed)
    keep = np.random.default_rng(6).random(60) < 0.7
    positive, score = positive[keep], score[keep]
    patient = np.unique(patient[keep], return_inverse=True)[1]
    ends = np.cumsum(np.bincount(patient))[:-1]
    rows = np.split(np.argsort(patient, kind="stable"), ends)
    strata = patient_ranks._strata(
        np.array([positive[r].sum() for r in rows]),
        np.array([len(r) for r in rows]),
        [score[r] - score.mean() for r in rows],
    )
    assert len(strata) == (1 if not mixed else len(strata)) and strata
    for stratum in strata:
        drawn = stratum.draw(np.random.default_rng(1))
        assert drawn.mean() == pytest.approx(
            stratum.mean, abs=4 * np.sqrt(stratum.variance / len(drawn))
        )
        assert drawn.var() == pytest.approx(stratum.variance, rel=0.06)


def test_permuted_and_normal_p_agree(monkeypatch):
    for seed in range(3):
        case = patients(20, 3, seed, mixed=True)
        permuted = rank_test_by_patient(*case)
        with monkeypatch.context() as patched:
            patched.setattr(patient_ranks, "MOST_PERMUTED", 0)
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
