"""Tests of two groups against R, scipy and counting by hand."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency, fisher_exact, mannwhitneyu, norm
from scipy.stats import t as student

from sklearn_orn.study.baseline._group_tests import (
    NOTHING,
    compare_counts,
    compare_levels,
    compare_means,
    compare_ranks,
    difference_of_means,
    difference_of_shares,
    freeman_halton,
    is_normal,
)
from tests._data import R_REFERENCE
from tests._examples import examples

R = json.loads((R_REFERENCE / "tests.json").read_text())
TABLE = pd.read_csv(R_REFERENCE / "a_train95.csv")
TABLES = [name for name in R if isinstance(R[name], dict) and "fisher_p" in R[name]]
tables = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=4
)


def by_class(name):
    return tuple(TABLE.loc[TABLE["y"] == y, name].to_numpy(float) for y in (0, 1))


@pytest.mark.parametrize("name", TABLES)
def test_categories_as_r(name):
    expected = R[name]
    table = np.array(expected["table"])
    test = compare_counts(table)
    if expected["min_expected"] >= 5:
        assert test.name == "Pearson chi-square"
        assert test.statistic == pytest.approx(expected["chisq"], abs=1e-9)
        assert test.p_value == pytest.approx(expected["p"], abs=1e-9)
    else:
        wide = len(table) > 2
        name = "Fisher-Freeman-Halton exact" if wide else "Fisher's exact"
        assert test.name == name
        assert test.p_value == pytest.approx(expected["fisher_p"], abs=1e-9)
    assert freeman_halton(table) == pytest.approx(expected["fisher_p"], abs=1e-9)


@pytest.mark.parametrize("name", ["f01", "f02", "f05", "f10", "age", "size_mm"])
def test_numbers_as_r(name):
    expected = R[f"mw_{name}"]
    groups = by_class(name)
    means, ranks = compare_means(groups), compare_ranks(groups)
    assert means.name == "Welch's t"
    assert means.p_value == pytest.approx(expected["welch_t"], abs=1e-9)
    assert ranks.name == "Mann-Whitney U"
    # A class of 51 lesions is too many for the exact distribution, as in R.
    assert ranks.p_value == pytest.approx(expected["asymptotic_cc"]["p"], abs=1e-9)


def test_ranks_of_few_values_are_exact_as_r():
    first = TABLE.iloc[:12]
    groups = tuple(first.loc[first["y"] == y, "f07"].to_numpy() for y in (0, 1))
    expected = R["mw_small12_f07"]["exact"]
    assert compare_ranks(groups).p_value == pytest.approx(expected["p"], abs=1e-9)


@pytest.mark.parametrize("name", ["f01", "f02", "age"])
def test_normality_as_r(name):
    assert is_normal(TABLE[name].to_numpy()) == (R["shapiro"][name]["p"] >= 0.05)


def enumerated(table):
    """Freeman and Halton's p by all tables, one after the other."""
    sizes, first = table.sum(axis=1), int(table[:, 0].sum())
    choices = math.comb(int(sizes.sum()), first)

    def share(column):
        pairs = zip(sizes, column, strict=True)
        return math.prod(math.comb(int(n), int(k)) for n, k in pairs) / choices

    limit = share(table[:, 0]) * (1 + 1e-7)
    every = itertools.product(*(range(int(n) + 1) for n in sizes))
    shares = [share(column) for column in every if sum(column) == first]
    return sum(p for p in shares if p <= limit)


@examples(80)
@given(tables)
def test_exact_test_equals_counting_every_table(rows):
    table = np.array(rows)
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2 or (table.sum(axis=0) == 0).any():
        assert compare_counts(np.array(rows)) == NOTHING
        return
    p_value = freeman_halton(table)
    assert p_value == pytest.approx(enumerated(table), abs=1e-10)
    if len(table) == 2:
        assert p_value == pytest.approx(fisher_exact(table).pvalue, abs=1e-9)
    assert p_value == pytest.approx(freeman_halton(table[::-1, ::-1]), abs=1e-10)


def test_a_large_table_is_simulated_and_says_so():
    table = np.array([[30, 10], [10, 30], *[[15, 15]] * 9, [1, 1]])
    assert freeman_halton(table) is None
    test = compare_counts(table)
    assert test.name == "Fisher-Freeman-Halton (Monte Carlo, 99,999 tables)"
    assert test == compare_counts(table)
    # Without the rare level the chi-square approximation is good.
    near = compare_counts(table[:-1])
    assert near.name == "Pearson chi-square"
    assert test.p_value == pytest.approx(near.p_value, abs=0.01)


def test_nothing_to_test():
    empty, one = np.array([]), np.array([1.0])
    assert compare_ranks((empty, one)) == NOTHING
    assert compare_means((one, np.array([1.0, 2.0]))) == NOTHING
    assert compare_means((np.ones(3), np.full(4, 2.0))) == NOTHING
    assert compare_counts(np.zeros((0, 2), dtype=int)) == NOTHING
    assert compare_counts(np.array([[3, 0], [4, 0]])) == NOTHING
    assert compare_counts(np.array([[3, 4]])) == NOTHING


def test_the_least_that_can_be_tested():
    two, three = np.array([1.0, 3.0]), np.array([2.0, 4.0, 7.0])
    for groups in (
        (two, three),
        (three, two),
        (np.ones(2), three),
        (three, np.ones(4)),
    ):
        errors = [v.var(ddof=1) / len(v) for v in groups]
        t = (groups[1].mean() - groups[0].mean()) / math.sqrt(sum(errors))
        parts = [e**2 / (len(v) - 1) for e, v in zip(errors, groups, strict=True)]
        test = compare_means(groups)
        assert test.statistic == pytest.approx(t)
        p_value = 2 * student.sf(abs(t), sum(errors) ** 2 / sum(parts))
        assert test.p_value == pytest.approx(p_value)
    one = np.array([5.0])
    assert compare_ranks((one, three)).p_value == mannwhitneyu(one, three).pvalue
    owners = np.array([0, 1]), np.array([2, 3, 3])
    assert compare_ranks((two, three), owners).name == "Mann-Whitney U by patient"
    assert compare_ranks((two, three), (owners[0], np.array([2, 2, 2]))) == NOTHING
    assert compare_ranks((two, three), (np.zeros(2), owners[1])) == NOTHING


def test_a_level_of_one_patient_is_a_level():
    table = np.array([[9, 1], [3, 4], [0, 1]])
    test = compare_counts(table)
    assert test.name == "Fisher-Freeman-Halton exact"
    assert test.p_value == pytest.approx(enumerated(table))
    # One that nobody has is none.
    assert compare_counts(np.insert(table, 1, 0, axis=0)) == test
    assert compare_counts(np.array([[7, 0], [0, 1]])).p_value == pytest.approx(1 / 8)


def test_five_expected_are_enough_for_chi_square():
    assert compare_counts(np.array([[6, 4], [4, 6]])).name == "Pearson chi-square"
    assert compare_counts(np.array([[6, 4], [4, 5]])).name == "Fisher's exact"


def test_no_p_value_is_above_one():
    # Rounding takes the sum over every table past 1.
    assert freeman_halton(np.array([[5, 3], [3, 1], [1, 0]])) == 1


def test_one_level_of_too_many_partial_tables_is_enough():
    assert freeman_halton(np.array([[500_000, 500_000], [1, 1], [1, 1]])) is None


def test_ranks_by_patient_have_a_wider_p_for_copies():
    groups = by_class("f01")
    patients = (np.arange(len(groups[0])), 100 + np.arange(len(groups[1])))
    single = compare_ranks(groups, patients)
    assert single.name == "Mann-Whitney U by patient"
    twice = tuple(np.repeat(values, 2) for values in groups)
    owners = tuple(np.repeat(values, 2) for values in patients)
    copied = compare_ranks(twice, owners)
    assert copied.p_value == pytest.approx(single.p_value, rel=0.05)
    assert compare_ranks(twice).p_value < 0.1 * copied.p_value
    assert compare_ranks(groups, (patients[0], np.zeros(len(groups[1])))) == NOTHING


def test_difference_of_means():
    groups = by_class("age")
    gap = groups[1].mean() - groups[0].mean()
    spread = np.sqrt((groups[0].var(ddof=1) + groups[1].var(ddof=1)) / 2)
    assert difference_of_means(groups) == pytest.approx(abs(gap) / spread)
    assert difference_of_means(groups) == difference_of_means(groups[::-1])
    assert difference_of_means((np.ones(3), np.ones(2))) == 0
    assert difference_of_means((np.ones(3), np.zeros(2))) is None
    assert difference_of_means((np.ones(1), np.zeros(2))) is None


@examples(80)
@given(tables)
def test_difference_of_shares(rows):
    table = np.array(rows)
    found = difference_of_shares(table)
    if not (table > 0).all(axis=1).any():
        assert found is None  # the groups share no level
        return
    assert found == pytest.approx(difference_of_shares(table[::-1, ::-1]), abs=1e-9)
    assert found == pytest.approx(difference_of_shares(7 * table), abs=1e-9)
    table = table[table.sum(axis=1) > 0]
    if len(table) == 2:
        p, q = table[0] / table.sum(axis=0)
        spread = np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
        assert found == pytest.approx(abs(p - q) / spread if spread else 0, abs=1e-9)
    assert difference_of_shares(np.column_stack([table[:, 0]] * 2)) in (
        pytest.approx(0, abs=1e-9),
        None,
    )


def test_normal_needs_ten_values_and_at_most_5000():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(6000)
    assert is_normal(values[:100]) and is_normal(values[:10])
    assert not is_normal(values[:9])
    assert is_normal(values[:5000])
    assert not is_normal(values[:5001])
    assert not is_normal(np.exp(values[:100]))


def test_normality_has_no_unit():
    bell = norm.ppf((np.arange(30) + 0.5) / 30)
    for spread in (1e-6, 1, 1e6):
        assert is_normal(bell / np.ptp(bell) * spread)
    assert not is_normal(np.full(30, 3.5))


# By patient -----------------------------------------------------------------------

LEVELS = np.array([0.0, 0, 1, 2, 1, 0, 2, 2, 1, 2, 1, 1, 0, 2])
SIZES = np.array([3.1, 4.0, 8.5, 2.2, 9.0, 5.5, 6.1, 7.2, 7.7, 1.9, 6.6, 8.0, 3.3, 7.1])
LATER = np.arange(14) >= 6


def in_groups(second, *columns):
    return [(column[~second], column[second]) for column in columns]


@pytest.mark.parametrize(
    ("compare", "values", "name"),
    [
        (compare_levels, LEVELS, "Pearson chi-square by patient"),
        (compare_levels, np.minimum(LEVELS, 1), "Pearson chi-square by patient"),
        (compare_means, SIZES, "Fisher-Pitman by patient"),
        (compare_ranks, SIZES, "Mann-Whitney U by patient"),
    ],
)
def test_lesions_that_repeat_their_patient_tell_nothing_new(compare, values, name):
    once = compare(*in_groups(LATER, values, np.arange(14)))
    columns = (values, np.arange(14))
    more = compare(
        *in_groups(np.repeat(LATER, 3), *(np.repeat(column, 3) for column in columns))
    )
    assert once.name == more.name == name
    assert more.p_value == pytest.approx(once.p_value, rel=1e-12)
    if name != "Mann-Whitney U by patient":
        assert more.statistic == pytest.approx(once.statistic)


def test_categories_of_one_lesion_each_are_pearsons():
    rng = np.random.default_rng(0)
    level, second = rng.integers(0, 3, 60), np.arange(60) < 24
    table = np.array([np.bincount(level[second == side]) for side in (0, 1)])
    pearson = chi2_contingency(table, correction=False)
    found = compare_levels(*in_groups(second, level, np.arange(60)))
    assert found.statistic == pytest.approx(pearson.statistic * 59 / 60)
    assert found.p_value == pytest.approx(chi2.sf(found.statistic, 2))
    turned = compare_levels(*in_groups(~second, 7 - level, np.arange(60)))
    assert tuple(turned)[1:] == pytest.approx(tuple(found)[1:])


def whole_patients(values, patient, second):
    """The sum over the second group for every choice of as many patients."""
    names = np.unique(patient)
    chosen = len(np.unique(patient[second]))
    return np.array(
        [
            values[np.isin(patient, some)].sum(axis=0)
            for some in itertools.combinations(names, chosen)
        ]
    )


def as_far(sums, observed):
    """The share of sums that are as far from their mean, in units of their spread."""
    gap = np.atleast_2d(np.transpose(sums - sums.mean(axis=0)))
    inverse = np.linalg.pinv(gap @ gap.T / gap.shape[1])
    far = np.einsum("ij,ik,kj->j", gap, inverse, gap)
    own = np.atleast_1d(observed - sums.mean(axis=0))
    return np.mean(far >= own @ inverse @ own - 1e-9)


PATIENT = np.repeat(np.arange(9), [1, 2, 3, 1, 2, 2, 1, 3, 1])
SECOND = PATIENT >= 5
LEVEL = np.array([0, 0, 1, 0, 0, 2, 1, 1, 0, 2, 2, 1, 2, 2, 1, 2])


def test_two_categories_count_every_arrangement():
    level = np.minimum(LEVEL, 1)
    gap = level - level.mean()
    expected = as_far(whole_patients(gap, PATIENT, SECOND), gap[SECOND].sum())
    found = compare_levels(*in_groups(SECOND, level, PATIENT))
    assert 0.01 < expected < 0.5 and found.p_value == pytest.approx(expected)


def test_more_categories_are_near_to_every_arrangement():
    member = (LEVEL[:, None] == np.arange(3)).astype(float)
    member -= member.mean(axis=0)
    sums = whole_patients(member, PATIENT, SECOND)
    expected = as_far(sums, member[SECOND].sum(axis=0))
    found = compare_levels(*in_groups(SECOND, LEVEL, PATIENT))
    assert found.p_value == pytest.approx(expected, abs=0.02)


def test_means_count_every_arrangement_whatever_the_unit():
    values = 20.0 + np.sqrt(np.arange(16)) * np.where(SECOND, 3, 2)
    gap = values - values.mean()
    sums = whole_patients(gap, PATIENT, SECOND)
    expected = as_far(sums, gap[SECOND].sum())
    for unit in (1, 1e-12, 1e12):
        found = compare_means(*in_groups(SECOND, unit * values, PATIENT))
        assert found.p_value == pytest.approx(expected)
        spread = np.sqrt(np.mean((sums - sums.mean()) ** 2))
        own = (gap[SECOND].sum() - sums.mean()) / spread
        assert found.statistic == pytest.approx(own)
    turned = compare_means(*in_groups(~SECOND, values, PATIENT))
    assert turned.statistic == pytest.approx(-found.statistic)


def test_a_rare_category_among_many_patients_is_drawn():
    rare, second = np.arange(40) < 2, np.arange(40) < 20
    found = compare_levels(*in_groups(second, rare, np.arange(40)))
    assert 10_000 * found.p_value == pytest.approx(round(10_000 * found.p_value))
    assert found.p_value == pytest.approx(fisher_exact([[2, 0], [18, 20]])[1], abs=0.02)
    # In the smaller group: ten patients, of whom 2.5 are expected.
    few = compare_levels(
        *in_groups(np.arange(40) < 10, np.arange(40) % 4 == 0, np.arange(40))
    )
    assert 10_000 * few.p_value == pytest.approx(round(10_000 * few.p_value))
    # Five expected in either group are enough for the chi-square distribution.
    common = compare_levels(*in_groups(second, np.arange(40) < 10, np.arange(40)))
    assert common.p_value == pytest.approx(chi2.sf(common.statistic, 1), rel=1e-12)


@pytest.mark.parametrize("compare", [compare_levels, compare_means, compare_ranks])
def test_one_patient_is_no_group(compare):
    values, patient = np.array([0.0, 1, 1, 0, 1]), np.array([0, 0, 1, 1, 2])
    second = np.array([False, False, True, True, True])
    assert compare(*in_groups(second, values, patient)) == NOTHING
    two = compare(*in_groups(second, values, np.array([0, 3, 1, 1, 2])))
    assert two.p_value is not None


def test_one_category_is_nothing_to_test():
    ones = np.ones(16)
    assert compare_levels(*in_groups(SECOND, ones, PATIENT)) == NOTHING
    nobody = np.zeros(16, dtype=bool)
    assert compare_levels(*in_groups(nobody, LEVEL, PATIENT)) == NOTHING
