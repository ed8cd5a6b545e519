from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.study.checklists._checklist import STATUSES
from sklearn_orn.study.checklists._fill import fill_checklist
from sklearn_orn.study.checklists._metrics_score import metrics_score, metrics_weights
from tests.study._results_example import EXAMPLE, nothing_example

# The calculator's own weights, to three decimals.
CALCULATOR = """0.037 0.074 0.092 0.044 0.029 0.044 0.029 0.034 0.022 0.011 0.062 0.031
0.041 0.02 0.02 0.03 0.02 0.06 0.03 0.035 0.023 0.018 0.012 0.029 0.018 0.037 0.075
0.007 0.007 0.007"""
# The weights are ranks: of the categories, and of the items within each.
CATEGORIES = [18, 13, 6, 12, 8, 8, 12, 10, 2]
WITHIN = [
    (2, 4, 5),
    (3, 2, 3, 2),
    (3, 2, 1),
    (6, 3, 4),
    (2, 2, 3, 2),
    (2, 1),
    (6, 4, 3, 2, 5, 3),
    (1, 2),
    (1, 1, 1),
]


def test_weights_sum_to_one():
    assert round(sum(metrics_weights().values()), 10) == 1


def test_weights_are_those_of_the_calculator():
    listed = [float(text) for text in CALCULATOR.split()]
    for ours, theirs in zip(metrics_weights().values(), listed, strict=True):
        assert abs(ours - theirs) <= 0.000501


def test_weights_follow_from_ranks():
    exact = [
        Fraction(category, sum(CATEGORIES)) * Fraction(rank, sum(ranks))
        for category, ranks in zip(CATEGORIES, WITHIN, strict=True)
        for rank in ranks
    ]
    assert sum(exact) == 1
    assert [round(float(w), 4) for w in exact] == list(metrics_weights().values())


def items_with(status, **others):
    items = fill_checklist("metrics", nothing_example())
    return [
        replace(item, status=others.get(f"n{item.number}", status)) for item in items
    ]


def test_all_none_and_unknown():
    assert metrics_score(items_with("filled")).score_percent == pytest.approx(100)
    assert metrics_score(items_with("not done")).highest_percent == 0
    unknown = metrics_score(items_with("author"))
    assert unknown.score_percent == 0
    assert unknown.highest_percent == pytest.approx(100)
    nothing = metrics_score(items_with("not applicable"))
    assert (nothing.score_percent, nothing.highest_percent) == (0, 0)


def test_items_that_do_not_apply_leave_both_sums():
    score = metrics_score(items_with("filled", n17="not applicable", n9="not done"))
    assert score.score_percent == pytest.approx(100 * (0.98 - 0.0225) / 0.98)
    assert score.not_applicable == ("17",)
    assert score.categories["Feature processing"] == pytest.approx((0.07, 0, 0.07))


def test_a_study_of_which_nothing_is_known():
    score = metrics_score(fill_checklist("metrics", nothing_example()))
    assert round(score.score_percent, 1) == 3.8
    assert round(score.highest_percent, 1) == 59.7


def test_the_example_by_hand():
    score = metrics_score(fill_checklist("metrics", EXAMPLE))
    weights = metrics_weights()
    applies = 1 - weights["9"] - weights["17"]
    met = sum(weights[number] for number in score.met)
    unknown = sum(weights[number] for number in score.unknown)
    assert score.score_percent == pytest.approx(100 * met / applies)
    assert score.highest_percent == pytest.approx(100 * (met + unknown) / applies)
    assert score.not_met == ("10", "12", "16", "19")
    assert score.not_applicable == ("9", "17")
    assert round(score.score_percent, 1) == 47.7
    assert round(score.highest_percent, 1) == 89.3
    assert len(score.categories) == 9


def test_only_the_items_of_metrics():
    with pytest.raises(ValueError, match="items are 58, .* expected the 30 items"):
        metrics_score(fill_checklist("clear", EXAMPLE))
    with pytest.raises(ValueError, match="items are 29"):
        metrics_score(items_with("filled")[:-1])


@given(st.lists(st.sampled_from(STATUSES), min_size=30, max_size=30))
def test_score_stays_within_its_range(statuses):
    items = fill_checklist("metrics", nothing_example())
    items = [replace(i, status=s) for i, s in zip(items, statuses, strict=True)]
    score = metrics_score(items)
    assert 0 <= score.score_percent <= score.highest_percent <= 100 + 1e-9
    numbers = score.met + score.not_met + score.unknown + score.not_applicable
    assert sorted(numbers, key=int) == [str(i) for i in range(1, 31)]
