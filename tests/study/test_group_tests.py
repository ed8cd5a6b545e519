"""Tests of two groups against R, scipy and counting by hand."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, mannwhitneyu, norm
from scipy.stats import t as student

from sklearn_orn.study.baseline._group_tests import (
    NOTHING,
    compare_counts,
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
