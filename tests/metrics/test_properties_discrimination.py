"""AUC, its interval and its comparison: ranks, and nothing but ranks."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from sklearn_orn.metrics import (
    compare_auc,
    hanley_mcneil_se,
    roc_auc_ci,
    roc_band,
    score_by_class,
    youden_threshold,
)
from sklearn_orn.metrics._delong import placements
from sklearn_orn.testing.strategies import outcomes_with_patients, scores
from tests._examples import drawn_copies, examples
from tests.metrics._drawn import predictions

methods = st.sampled_from(["delong", "hanley-mcneil"])
# Strictly increasing on the drawn scores, and exact or far from ties.
RISING = {
    "a line": lambda x: 4 * x - 7,
    "a cube": lambda x: x**3,
    "an exponential": np.exp2,
    "ranks": lambda x: np.unique(x, return_inverse=True)[1],
}
rising = st.sampled_from(sorted(RISING)).map(RISING.get)


def assert_alike(first, second):
    assert second == pytest.approx(first, rel=1e-9, abs=1e-12, nan_ok=True)


@given(predictions(), rising, methods, st.booleans())
@examples(80)
def test_only_the_ranks_of_scores_count(case, change, method, logit):
    """The AUC is the share of pairs in the right order; so is its variance."""
    settings = {"method": method, "logit": logit}
    assert_alike(
        roc_auc_ci(case.y, case.score, **settings),
        roc_auc_ci(case.y, change(case.score), **settings),
    )


@given(predictions(), st.booleans())
@examples(80)
def test_the_other_class_as_positive_mirrors_the_interval(case, grouped):
    """A pair in the wrong order for one class is in the right order for the other."""
    groups = case.patients if grouped else None
    auc, lower, upper, se = roc_auc_ci(case.y, case.score, groups=groups)
    other = roc_auc_ci(1 - case.y, case.score, groups=groups)
    assert_alike((1 - auc, 1 - upper, 1 - lower, se), tuple(other))


@given(predictions(), st.data())
@examples(60)
def test_the_order_of_samples_and_the_names_of_patients_do_not_matter(case, data):
    """A table has no order, and an id no value."""
    order = data.draw(st.permutations(range(len(case.y))))
    y, score, patients = (case[i][order] for i in (0, 2, 3))
    named = [f"{patient} of the hospital" for patient in patients]
    for settings in ({}, {"groups": named}):
        own = {"groups": case.patients} if settings else {}
        assert_alike(
            roc_auc_ci(case.y, case.score, **own), roc_auc_ci(y, score, **settings)
        )


@given(predictions(), st.sampled_from(["delong", "hanley-mcneil"]), st.booleans())
@examples(80)
def test_intervals_lie_in_the_unit_and_hold_the_auc(case, method, logit):
    """A probability; NaN limits say that one sample of a class has no spread."""
    auc, lower, upper, se = roc_auc_ci(case.y, case.score, method=method, logit=logit)
    assert auc == pytest.approx(roc_auc_score(case.y, case.score), abs=1e-12)
    if np.isnan(se):
        assert np.isnan([lower, upper]).all()
        return
    assert 0 <= lower <= auc + 1e-12 and auc - 1e-12 <= upper <= 1 and se >= 0


@given(predictions(), st.data())
@examples(60)
def test_placements_of_both_classes_have_the_auc_as_their_mean(case, data):
    """Each counts the same pairs, once from either side; weights weigh the pairs."""
    n = len(case.y)
    positive = case.y == 1
    weight = np.array(data.draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)))
    auc = roc_auc_score(case.y, case.score, sample_weight=weight)
    for given_weight in (None, weight):
        expected = roc_auc_score(case.y, case.score) if given_weight is None else auc
        own, other = placements(positive, case.score, given_weight)
        used = np.ones(n) if given_weight is None else given_weight
        assert np.average(own, weights=used[positive]) == pytest.approx(expected)
        assert np.average(other, weights=used[~positive]) == pytest.approx(expected)


@given(predictions(), st.floats(0.5, 0.9), st.floats(0.91, 0.99), st.booleans())
@examples(60)
def test_surer_intervals_are_wider(case, less, more, logit):
    """What holds the truth more often must hold more."""
    narrow = roc_auc_ci(case.y, case.score, confidence=less, logit=logit)
    wide = roc_auc_ci(case.y, case.score, confidence=more, logit=logit)
    assert not wide.lower > narrow.lower and not wide.upper < narrow.upper


@given(predictions(), st.integers(1, 9))
@examples(60)
def test_a_weight_for_all_alike_changes_nothing(case, weight):
    """Weights are shares of a whole."""
    assert_alike(
        roc_auc_ci(case.y, case.score),
        roc_auc_ci(case.y, case.score, sample_weight=np.full(len(case.y), weight / 7)),
    )


@given(outcomes_with_patients(), st.data())
@examples(60)
def test_the_label_that_is_called_positive_is_all_that_labels_say(drawn, data):
    """0 and 1, False and True, or words: the positive one is named."""
    score = data.draw(scores(len(drawn.y)))
    named = roc_auc_ci(drawn.y, score, pos_label=drawn.labels[1])
    assert_alike(named, roc_auc_ci(drawn.positive, score))
    assert_alike(named, roc_auc_ci(drawn.positive.astype(int) * 2 - 1, score))


@given(predictions(), st.data(), st.booleans())
@examples(60)
def test_a_comparison_is_antisymmetric(case, data, grouped):
    """The first better than the second is the second worse than the first."""
    other = data.draw(scores(len(case.y)))
    groups = case.patients if grouped else None
    there = compare_auc(case.y, case.score, other, groups=groups)
    back = compare_auc(case.y, other, case.score, groups=groups)
    assert there.difference == pytest.approx(there.auc - there.other_auc)
    mirrored = (
        back.other_auc,
        back.auc,
        -back.difference,
        -back.upper,
        -back.lower,
        -back.statistic,
        back.df,
        back.p_value,
    )
    assert_alike(mirrored, tuple(there))


@given(predictions(), rising, st.booleans())
@examples(60)
def test_scores_that_rank_alike_are_alike(case, change, grouped):
    """No pair changes its order: no difference, and nothing to doubt."""
    groups = case.patients if grouped else None
    found = compare_auc(case.y, case.score, change(case.score), groups=groups)
    assert abs(found.difference) < 1e-12
    assert found.p_value == pytest.approx(1) or np.isnan(found.p_value)


@given(predictions(min_per_class=2), predictions(min_per_class=2))
@examples(60)
def test_other_samples_are_compared_by_their_own_intervals(case, others):
    """Unpaired: the variance of a difference is the sum of the variances."""
    found = compare_auc(case.y, case.score, others.score, y_other=others.y)
    first, second = roc_auc_ci(case.y, case.score), roc_auc_ci(others.y, others.score)
    assert found.auc == pytest.approx(first.auc)
    assert found.other_auc == pytest.approx(second.auc)
    se = np.hypot(first.se, second.se)
    assume(se > 0)
    assert found.statistic == pytest.approx(found.difference / se)
    assert found.lower <= found.difference <= found.upper
    assert 0 <= found.p_value <= 1 and found.df > 0


@given(st.integers(0, 64), st.integers(1, 200), st.integers(1, 200))
@examples(100)
def test_hanley_and_mcneil_is_symmetric_and_shrinks_with_numbers(share, m, n):
    """One minus the AUC with the classes swapped is the same curve, mirrored."""
    auc = share / 64
    se = hanley_mcneil_se(auc, m, n)
    assert se == pytest.approx(hanley_mcneil_se(1 - auc, n, m), abs=1e-12)
    # At most the variance of a coin over the rarer class.
    assert 0 <= se <= np.sqrt(auc * (1 - auc) / min(m, n)) + 1e-12
    assert hanley_mcneil_se(auc, m + 1, n) <= se + 1e-12
    assert hanley_mcneil_se(auc, m, n + 1) <= se + 1e-12


@given(predictions(), rising)
@examples(60)
def test_youden_calls_the_same_samples_positive_on_any_scale(case, change):
    """Sensitivity and specificity depend on who is above the threshold only."""
    score, moved = case.score, change(case.score)
    called = score >= youden_threshold(case.y, score)
    np.testing.assert_array_equal(called, moved >= youden_threshold(case.y, moved))


@given(predictions(), st.data())
@examples(60)
def test_a_weight_counts_as_copies_for_the_youden_threshold(case, data):
    """Rates are shares of weights; what has a weight of 0 is not there."""
    weight, rows = drawn_copies(data, len(case.y))
    if len(np.unique(case.y[rows])) < 2:
        with pytest.raises(ValueError, match="sample_weight must|where sample_weight"):
            youden_threshold(case.y, case.score, sample_weight=weight)
        return
    found = youden_threshold(case.y, case.score, sample_weight=weight)
    assert found == youden_threshold(case.y[rows], case.score[rows])
    scaled = youden_threshold(case.y, case.score, sample_weight=0.25 * weight)
    assert scaled == found


@given(predictions(), rising, st.booleans())
@examples(60)
def test_the_test_of_two_classes_is_of_ranks(case, change, grouped):
    """Mann and Whitney's U is the AUC times the number of pairs."""
    groups = case.patients if grouped else None
    found = score_by_class(case.y, case.score, groups=groups)
    moved = score_by_class(case.y, change(case.score), groups=groups)
    m, n = (case.y == 1).sum(), (case.y == 0).sum()
    auc = roc_auc_ci(case.y, case.score).auc
    assert found.statistic == moved.statistic == pytest.approx(auc * m * n)
    assert moved.p_value == pytest.approx(found.p_value, nan_ok=True)
    assert np.isnan(found.p_value) or 0 <= found.p_value <= 1
    table = found.table
    assert table["n"].tolist() == [n, m]
    assert (table["q1"] <= table["median"]).all()
    assert (table["median"] <= table["q3"]).all()


@given(predictions(), st.integers(0, 99), st.booleans(), st.sampled_from([0, 20]))
@examples(15)
def test_the_band_of_a_curve_rises_between_zero_and_one(case, seed, grouped, drawn):
    """Sensitivity is a share, and a laxer threshold never lowers it."""
    groups = case.patients if grouped else None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        band = roc_band(
            case.y, case.score, groups=groups, n_resamples=drawn, random_state=seed
        )
    assert (band["lower"] <= band["upper"]).all()
    for side in ("lower", "upper"):
        assert band[side].between(0, 1).all()
        assert (np.diff(band[side]) >= -1e-12).all()
    assert band["upper"].iloc[-1] == band["lower"].iloc[-1] == 1


@given(predictions(), st.integers(0, 99))
@examples(15)
def test_bootstrap_limits_are_aucs_of_resamples(case, seed):
    """Percentiles of AUCs are between the smallest and the largest there can be."""
    settings = {"method": "bootstrap", "n_resamples": 20, "random_state": seed}
    found = roc_auc_ci(case.y, case.score, groups=case.patients, **settings)
    assert 0 <= found.lower <= found.upper <= 1 and found.se >= 0
    assert found.auc == pytest.approx(roc_auc_score(case.y, case.score))
    again = roc_auc_ci(case.y, case.score, groups=case.patients, **settings)
    assert again == found
