"""Readers and models against each other, and shares with their intervals."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sklearn_orn.metrics import (
    cochrans_q_test,
    diagnostic_performance,
    kappa,
    limits_of_agreement,
    mcnemar_test,
    wilson_interval,
)
from sklearn_orn.testing.strategies import scores
from tests._examples import examples
from tests.metrics._drawn import labels, predictions

sizes = st.integers(2, 20)


@st.composite
def readings(draw, n_readers=2, most=2):
    """The truth, and what each reader called the same samples."""
    n = draw(sizes)
    return [draw(labels(n, most=most)) for _ in range(1 + n_readers)]


def alike(first, second):
    return second == pytest.approx(first, rel=1e-9, abs=1e-12, nan_ok=True)


@given(readings(most=3))
@examples(80)
def test_kappa_does_not_know_who_is_first(drawn):
    """Agreement is mutual."""
    _, a, b = drawn
    assert alike(tuple(kappa(a, b)), tuple(kappa(b, a)))


@given(readings(most=3))
@examples(80)
def test_kappa_is_at_most_one_and_one_for_the_same(drawn):
    """Perfect agreement leaves nothing; agreement by chance is 0, less is possible."""
    _, a, b = drawn
    found = kappa(a, b)
    if np.isnan(found.kappa):
        assert len(set(a) | set(b)) == 1
        return
    assert -1 - 1e-12 <= found.kappa <= 1 and found.upper <= 1 and found.se >= 0
    assert found.lower <= found.kappa <= found.upper
    same = kappa(a, a)
    assert same.kappa == pytest.approx(1) or len(set(a)) == 1
    assert (found.kappa == 1) == np.array_equal(a, b)


@given(readings(most=3), st.permutations(["x", "y", "z"]))
@examples(60)
def test_kappa_does_not_know_what_labels_mean(drawn, names):
    """Unweighted: two labels are the same, or they are not."""
    _, a, b = drawn
    words = np.array(names)
    assert alike(tuple(kappa(a, b)), tuple(kappa(words[a], words[b])))


def weighted_kappa(a, b, weight):
    share = weight / weight.sum()
    levels = np.unique(np.r_[a, b])
    expected = sum(share[a == x].sum() * share[b == x].sum() for x in levels)
    return (share[a == b].sum() - expected) / (1 - expected)


@given(readings(most=3))
@examples(60)
def test_the_error_of_kappa_is_that_of_the_infinitesimal_jackknife(drawn):
    """How much kappa moves with the weight of each sample, squared and summed."""
    _, a, b = drawn
    found = kappa(a, b)
    assume(not np.isnan(found.kappa))
    n, step = len(a), 1e-6
    ones = np.ones(n)
    moves = [
        weighted_kappa(a, b, ones + step * unit)
        - weighted_kappa(a, b, ones - step * unit)
        for unit in np.eye(n)
    ]
    assert found.se == pytest.approx(
        np.linalg.norm(moves) / (2 * step), rel=1e-4, abs=1e-6
    )


@given(readings(), st.booleans(), st.booleans())
@examples(80)
def test_mcnemar_is_symmetric_and_counts_every_sample(drawn, exact, corrected):
    """Only samples that one had right and the other wrong speak."""
    truth, a, b = drawn
    there = mcnemar_test(truth, a, b, exact=exact, corrected=corrected)
    back = mcnemar_test(truth, b, a, exact=exact, corrected=corrected)
    np.testing.assert_array_equal(there.table, back.table.T)
    assert there.statistic == pytest.approx(back.statistic)
    assert there.p_value == pytest.approx(back.p_value)
    assert there.table.sum() == len(truth)
    assert there.table[0].sum() == (a == truth).sum()
    assert 0 <= there.p_value <= 1


@given(readings(), st.data())
@examples(60)
def test_mcnemar_ignores_what_both_had_right_or_wrong(drawn, data):
    """More samples on which they do not differ change the table, not the test."""
    truth, a, b = drawn
    more = data.draw(labels(5, most=2))
    longer = [np.r_[truth, more], np.r_[a, more], np.r_[b, more]]
    first, second = mcnemar_test(truth, a, b), mcnemar_test(*longer)
    assert second.statistic == pytest.approx(first.statistic)
    assert second.p_value == pytest.approx(first.p_value)


@given(readings(), st.data())
@examples(60)
def test_the_names_of_patients_do_not_matter_to_mcnemar(drawn, data):
    """Patients say which samples belong together."""
    truth, a, b = drawn
    groups = data.draw(labels(len(truth), most=6))
    named = [f"patient {group}" for group in groups]
    first = mcnemar_test(truth, a, b, groups=groups)
    second = mcnemar_test(truth, a, b, groups=named)
    assert (first.statistic, first.p_value) == (second.statistic, second.p_value)
    assert 0 <= first.p_value <= 1
    # Cauchy and Schwarz: no more evidence than patients who differ.
    assert first.statistic <= len(set(groups.tolist())) + 1e-9


@given(readings(n_readers=3), st.permutations(range(3)))
@examples(60)
def test_cochrans_q_does_not_know_the_order_of_readers(drawn, order):
    """All of them are compared with all."""
    truth, *others = drawn
    first = cochrans_q_test(truth, *others)
    second = cochrans_q_test(truth, *[others[i] for i in order])
    assert alike(tuple(first), tuple(second))
    assert first.df == 2 and first.statistic >= 0 and 0 <= first.p_value <= 1


@given(readings())
@examples(60)
def test_cochrans_q_of_two_is_mcnemar_without_correction(drawn):
    """The same sums of discordant samples."""
    truth, a, b = drawn
    q, mcnemar = (
        cochrans_q_test(truth, a, b),
        mcnemar_test(truth, a, b, corrected=False),
    )
    assert q.statistic == pytest.approx(mcnemar.statistic)
    assert q.p_value == pytest.approx(mcnemar.p_value)


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.5, 0.99))
@examples(100)
def test_more_samples_of_the_same_share_are_surer(count, total, confidence):
    """Ten times the samples say the same more precisely."""
    count = min(count, total)
    few = wilson_interval(count, total, confidence=confidence)
    many = wilson_interval(10 * count, 10 * total, confidence=confidence)
    assert many.estimate == few.estimate
    assert few.lower <= many.lower + 1e-12 and many.upper <= few.upper + 1e-12
    surer = wilson_interval(count, total, confidence=(1 + confidence) / 2)
    assert surer.lower <= few.lower + 1e-12 and few.upper <= surer.upper + 1e-12


@given(readings(n_readers=1), st.booleans(), st.data())
@examples(80)
def test_the_other_class_swaps_sensitivity_and_specificity(drawn, grouped, data):
    """What is a hit for one class is a correct rejection for the other."""
    truth, called = drawn
    assume(len(set(truth)) == 2)
    groups = data.draw(labels(len(truth), most=6)) if grouped else None
    first = diagnostic_performance(truth, called, groups=groups)
    other = diagnostic_performance(truth, called, groups=groups, pos_label=0)
    swap = {
        "sensitivity": "specificity",
        "specificity": "sensitivity",
        "accuracy": "accuracy",
        "ppv": "npv",
        "npv": "ppv",
    }
    for name, mirror in swap.items():
        assert alike(tuple(first.loc[name]), tuple(other.loc[mirror]))


@given(readings(n_readers=1))
@examples(80)
def test_counts_of_performance_add_up(drawn):
    """Four cells make five rates."""
    truth, called = drawn
    assume(len(set(truth)) == 2)
    table = diagnostic_performance(truth, called)
    count, total = table["count"], table["total"]
    assert count["accuracy"] == count["sensitivity"] + count["specificity"]
    assert count["accuracy"] == count["ppv"] + count["npv"]
    assert total["sensitivity"] + total["specificity"] == len(truth)
    assert total["ppv"] + total["npv"] == total["accuracy"] == len(truth)
    known = table[total > 0]
    assert (known["lower"] <= known["estimate"]).all()
    assert (known["estimate"] <= known["upper"]).all()
    assert known[["lower", "upper"]].stack().between(0, 1).all()


@given(predictions(min_per_class=2), st.data(), st.booleans())
@examples(60)
def test_limits_of_agreement_turn_with_the_readers(case, data, grouped):
    """First minus second is minus second minus first."""
    other = data.draw(scores(len(case.y)))
    groups = case.patients if grouped else None
    there = limits_of_agreement(case.score, other, groups=groups)
    back = limits_of_agreement(other, case.score, groups=groups)
    assert alike(back.sd, there.sd)
    for name, mirror in (
        ("bias", "bias"),
        ("bias_lower", "bias_upper"),
        ("low", "high"),
        ("low_lower", "high_upper"),
        ("low_upper", "high_lower"),
    ):
        assert alike(-getattr(back, mirror), getattr(there, name))
    assert there.low <= there.bias <= there.high


@given(predictions(min_per_class=2), st.data(), st.integers(-8, 8))
@examples(60)
def test_limits_of_agreement_have_the_units_of_the_score(case, data, power):
    """What both add cancels, and a factor goes into every limit."""
    other, factor = data.draw(scores(len(case.y))), 2.0**power
    first = limits_of_agreement(case.score, other)
    scaled = limits_of_agreement((case.score + 8) * factor, (other + 8) * factor)
    assert alike(tuple(value * factor for value in first), tuple(scaled))
