"""The model in groups of patients, against what is counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import net_benefit, roc_auc_ci, subgroup_table
from sklearn_orn.study._subgroups import (
    UNKNOWN,
    JudgedPart,
    judge_groups,
    named_groupings,
)
from sklearn_orn.study.report.sections import _subgroups as section
from tests.study._results_example import EXAMPLE, example

N = 120
T = 0.4


def judged(seed=0, worse=0.0):
    """Sixty patients of two lesions; in the second half the scores say less."""
    rng = np.random.default_rng(seed)
    patient = np.repeat([f"P{i}" for i in range(N // 2)], 2)
    positive = np.repeat(rng.random(N // 2) < 0.5, 2)
    half = np.arange(N) >= N // 2
    logit = np.where(positive, 1.0, -1.0) * np.where(half, 1 - worse, 1)
    proba = 1 / (1 + np.exp(-logit - rng.standard_normal(N)))
    return JudgedPart("validation", T, positive, proba, patient), half


def named(half):
    return np.where(half, "b", "a").astype(object)


def test_cells_are_those_of_the_group_alone():
    data, half = judged()
    found = judge_groups(data, {"sex": named(half)})
    first, second = found.rows
    assert (first.name, first.n_lesions, first.n_patients) == ("a", 60, 30)
    own = data.positive[~half], data.proba[~half]
    assert first.n_positive == own[0].sum()
    assert first.n_positive_patients + first.n_negative_patients == 30
    assert first.auc.estimate == pytest.approx(roc_auc_score(*own))
    assert first.net_benefit.estimate == pytest.approx(net_benefit(*own, threshold=T))
    table = subgroup_table(data.positive, data.proba, half, groups=data.patient)
    for row, name in ((first, False), (second, True)):
        of = table.loc[name]
        limits = (row.in_the_large.lower, row.in_the_large.upper)
        assert row.in_the_large.estimate == pytest.approx(of["difference"])
        assert limits == pytest.approx((of["difference_lower"], of["difference_upper"]))
        assert (row.auc.lower, row.auc.upper) == pytest.approx(
            (of["auc_lower"], of["auc_upper"])
        )


def test_a_difference_is_to_all_others_and_adjusted_for_their_number():
    """Three measures of two groups, which have one difference each."""
    data, half = judged()
    found = judge_groups(data, {"sex": named(half)})
    assert found.n_comparisons == 3
    assert found.level == pytest.approx(1 - 0.05 / 3)
    one, other = (
        roc_auc_ci(
            data.positive[x],
            data.proba[x],
            groups=data.patient[x],
            confidence=found.level,
        )
        for x in (~half, half)
    )
    first, second = (row.auc for row in found.rows)
    # Zou and Donner, Stat Med 2008;27:1693-1702.
    below = np.hypot(one.auc - one.lower, other.upper - other.auc)
    above = np.hypot(one.upper - one.auc, other.auc - other.lower)
    assert first.difference == pytest.approx(one.auc - other.auc)
    assert first.difference - first.difference_lower == pytest.approx(below)
    assert first.difference_upper - first.difference == pytest.approx(above)
    assert second.difference == pytest.approx(-first.difference)


def test_more_groups_mean_wider_intervals():
    data, half = judged()
    thirds = np.array([f"{i // 40}" for i in range(N)], dtype=object)
    two = judge_groups(data, {"sex": named(half)})
    five = judge_groups(data, {"sex": named(half), "centre": thirds})
    assert five.n_comparisons == 3 + 9
    assert five.rows[0].auc.difference_upper > two.rows[0].auc.difference_upper


def test_a_model_that_fails_in_a_group_is_seen():
    data, half = judged(worse=2.0)  # turned round there
    found = judge_groups(data, {"centre": named(half)})
    assert found.rows[0].auc.difference_lower > 0
    assert section.differing_groups(found)[0] == "AUC of centre a"


def test_small_groups_are_said_and_one_class_has_no_auc():
    data, _ = judged()
    few = np.where(np.arange(N) < 8, "few", "many").astype(object)
    positive = data.positive.copy()
    positive[:8] = True
    found = judge_groups(data._replace(positive=positive), {"scanner": few})
    first, second = found.rows
    assert (first.few, second.few) == (True, False)
    assert first.auc.estimate is None and first.auc.difference is None
    assert first.in_the_large.difference is not None
    text = " ".join(section.subgroups_sentence(example(subgroups=found)))
    assert "1 group of 2 has fewer than 10 patients of a class" in text


@pytest.mark.parametrize(("n_positive", "few"), [(9, True), (10, False), (31, True)])
def test_ten_patients_of_each_class_are_enough(n_positive, few):
    data, half = judged()
    positive = np.where(half, data.positive, np.arange(N) < n_positive)
    one_each = data._replace(
        positive=np.r_[positive[:40], data.positive[40:]],
        patient=np.arange(N).astype(str),
    )
    groups = named(np.arange(N) >= 40)
    assert judge_groups(one_each, {"sex": groups}).rows[0].few == few


def test_groups_that_share_a_patient_have_no_difference():
    data, _ = judged()
    lesion = np.array(["a", "b"] * (N // 2), dtype=object)
    found = judge_groups(data, {"scanner": lesion})
    assert found.shared == ("scanner",)
    assert (found.n_comparisons, found.level) == (0, pytest.approx(0.95))
    assert all(row.auc.difference is None for row in found.rows)
    assert found.rows[0].auc.estimate is not None
    with_it = example(subgroups=found)
    assert not section.differences_table(with_it).rows
    assert "several groups by scanner" in " ".join(section.subgroups_sentence(with_it))


def test_one_patient_in_two_groups_is_enough_to_share():
    data, half = judged()
    patient = data.patient.copy()
    patient[-1] = patient[0]
    groupings = {"sex": named(half), "scanner": named(np.arange(N) % 4 < 2)}
    assert judge_groups(data, {"sex": named(half)}).shared == ()
    found = judge_groups(data._replace(patient=patient), {"sex": groupings["sex"]})
    assert found.shared == ("sex",)
    assert all(row.in_the_large.difference is None for row in found.rows)
    apart = judge_groups(data, groupings)
    assert apart.shared == () and apart.n_comparisons == 6


def test_a_probability_at_the_threshold_is_called():
    data, half = judged()
    at = np.full(N, T)
    found = judge_groups(data._replace(proba=at), {"sex": named(half)})
    for row, rows in zip(found.rows, (~half, half), strict=True):
        share = data.positive[rows].mean()
        expected = share - (1 - share) * T / (1 - T)
        assert row.net_benefit.estimate == pytest.approx(expected)


def test_a_single_positive_lesion_has_an_auc():
    data, half = judged()
    for n_positive in (0, 1):
        positive = np.where(half, data.positive, np.arange(N) < n_positive)
        found = judge_groups(data._replace(positive=positive), {"sex": named(half)})
        assert (found.rows[0].auc.estimate is None) == (n_positive == 0)
        # One patient of a class gives no interval; what has none is not counted.
        assert found.rows[0].auc.difference is None
        assert found.n_comparisons == 2


def test_the_unknown_stand_last_and_twelve_groups_are_groups():
    data, _ = judged()
    groups = np.array([f"z{i // 10:02d}" for i in range(N)], dtype=object)
    groups[groups == "z03"] = UNKNOWN
    found = judge_groups(data, {"centre": groups})
    names = [row.name for row in found.rows]
    assert names == [*sorted(set(groups) - {UNKNOWN}), UNKNOWN]
    groups[0] = "another"
    with pytest.raises(NotEstimable, match="13 groups, more than 12"):
        judge_groups(data, {"centre": groups})


def test_groupings_of_the_columns():
    training = np.array([True, True, True, False])
    table = pd.DataFrame({"Gender": ["f", "m", None, "f"], "age": [40, 50, 70, None]})
    found = named_groupings(table, training)
    assert found["sex"].tolist() == ["f", "m", UNKNOWN, "f"]
    assert found["age"].tolist() == ["below 50", *["50 and above"] * 2, UNKNOWN]
    assert found["scanner"] == "No clinical column of the scanner is named."
    words = pd.DataFrame({"age": ["old", "young", "old", "old"]})
    assert named_groupings(words, training)["age"] == "No age is known in training."


def test_no_grouping_says_why():
    data, _ = judged()
    one = np.full(N, "f", dtype=object)
    many = np.arange(N).astype(str).astype(object)
    with pytest.raises(NotEstimable, match=r"one group, f.*120 groups, more than 12"):
        judge_groups(data, {"sex": one, "scanner": many})
    some = judge_groups(data, {"sex": one, "centre": named(np.arange(N) > 59)})
    assert some.missing == {"sex": "All lesions are in one group, f."}


def test_the_tables_of_the_report():
    table = section.subgroups_table(EXAMPLE)
    assert table.rows[0][:4] == ["sex: F *", "9 (5, 4)", "10/17", "0.81 (0.35 to 0.96)"]
    apart = section.differences_table(EXAMPLE)
    assert apart.rows[1][1] == "−0.18 (−0.70 to 0.30)"
    assert "98.3 % each: all 3 hold together" in apart.note
    none = replace(EXAMPLE.subgroups, n_comparisons=0)
    text = " ".join(section.subgroups_sentence(example(subgroups=none)))
    assert text.startswith("2 groups of 2 have fewer than 10")
    assert text.endswith("centre (No column of the centre is named).")
