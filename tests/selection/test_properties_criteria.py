"""MaZda's three criteria and the selector: what must not change a choice."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from sklearn_orn import FCMSelector
from sklearn_orn.selection import fisher_coefficient, mutual_information, poe_acc
from sklearn_orn.testing.strategies import feature_tables, outcomes_with_patients
from tests._examples import examples

poes = st.sampled_from(["range", "histogram"])


@st.composite
def labelled(draw, min_per_class=2, **settings):
    y = draw(outcomes_with_patients(min_per_class=min_per_class)).y
    return draw(feature_tables(len(y), **settings)), y


@given(labelled(), st.data(), poes)
@examples(60)
def test_criteria_judge_each_column_by_itself(table, data, poe):
    """Only the average correlation looks at other features."""
    X, y = table
    order = data.draw(st.permutations(range(X.shape[1])))
    moved = X.iloc[:, order]
    for criterion in (
        fisher_coefficient,
        mutual_information,
        lambda X, y: poe_acc(X, y, 1, poe=poe)[1],
    ):
        np.testing.assert_allclose(criterion(moved, y), criterion(X, y)[order])


@given(labelled(), poes)
@examples(60)
def test_names_of_the_classes_do_not_matter(table, poe):
    """Classes are told apart, not ordered."""
    X, y = table
    swapped = np.where(y == y[0], "b", "a")
    np.testing.assert_allclose(fisher_coefficient(X, swapped), fisher_coefficient(X, y))
    np.testing.assert_allclose(
        mutual_information(X, swapped), mutual_information(X, y), atol=1e-12
    )
    first, error = poe_acc(X, y, 5, poe=poe)
    second, other = poe_acc(X, swapped, 5, poe=poe)
    np.testing.assert_array_equal(error, other)
    np.testing.assert_array_equal(first, second)


@given(labelled())
@examples(60)
def test_fisher_is_at_least_zero_and_nan_for_constants_only(table):
    """A ratio of variances."""
    X, y = table
    found = fisher_coefficient(X, y)
    constant = np.ptp(X.to_numpy(), axis=0) == 0
    assert (np.isnan(found) == constant).all()
    assert (found[~constant] >= 0).all()


@given(labelled(min_per_class=3, constant_columns=False))
@examples(60)
def test_fisher_of_two_classes_is_a_squared_t(table):
    """Both are a squared difference of means over a pooled variance."""
    X, y = table
    values = X.to_numpy()
    groups = [values[y == label] for label in np.unique(y)]
    varies = np.max([np.ptp(group, axis=0) for group in groups], axis=0) > 0
    assume(varies.any())
    n = [len(group) for group in groups]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # of a class without variance
        t = ttest_ind(*groups).statistic
    # F = D / V with V of divisor n; t squared is D / (s^2 (1/n1 + 1/n2)).
    factor = sum(n) / (sum(n) - 2) * (1 / n[0] + 1 / n[1])
    expected = t**2 * factor
    np.testing.assert_allclose(
        fisher_coefficient(X, y)[varies], expected[varies], rtol=1e-6, atol=1e-9
    )


@given(labelled(), poes)
@examples(60)
def test_a_probability_of_error_is_a_probability(table, poe):
    """A share of samples; in bins the larger class is right, so at most one half."""
    X, y = table
    error = poe_acc(X, y, 1, poe=poe)[1]
    assert (error >= 0).all() and (error <= 1).all()
    if poe == "histogram":
        rarer = min(np.mean(y == label) for label in np.unique(y))
        assert (error <= rarer + 1e-12).all()


@given(labelled(constant_columns=False))
@examples(60)
def test_a_feature_that_is_the_class_has_no_error_and_all_information(table):
    """Nothing is left to know: the classes overlap in no range and share no bin."""
    X, y = table
    told = X.assign(told=(y == y[0]).astype(float))
    assert poe_acc(told, y, 1)[1][-1] == 0
    share = np.mean(y == y[0])
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    assert mutual_information(told, y)[-1] == pytest.approx(entropy)
    assert fisher_coefficient(told, y)[-1] == np.inf


@given(labelled(), st.integers(1, 5), poes)
@examples(60)
def test_more_features_only_lengthen_the_list(table, k, poe):
    """The choice is greedy: what is chosen first does not depend on how many follow."""
    X, y = table
    short, error = poe_acc(X, y, k, poe=poe)
    longer, _ = poe_acc(X, y, k + 3, poe=poe)
    np.testing.assert_array_equal(longer[: len(short)], short)
    assert len(set(longer.tolist())) == len(longer)
    if len(short):
        varying = np.ptp(X.to_numpy(), axis=0) > 0
        assert error[short[0]] == error[varying].min()


@given(labelled(n_features=(2, 5)), poes)
@examples(60)
def test_each_choice_is_the_cheapest_of_those_left(table, poe):
    """Half the error and half the mean correlation with what was chosen before."""
    X, y = table
    order, error = poe_acc(X, y, X.shape[1], poe=poe)
    varying = np.flatnonzero(np.ptp(X.to_numpy(), axis=0) > 0)
    assert sorted(order) == list(varying)
    if len(order) < 2:
        return
    correlation = np.abs(np.corrcoef(X.to_numpy()[:, order], rowvar=False))
    for n in range(1, len(order)):
        cost = (error[order] + correlation[:, :n].mean(axis=1)) / 2
        assert cost[n] <= cost[n:].min() + 1e-9


@given(labelled(), st.integers(1, 4), st.sampled_from(["refill", "union"]))
@examples(60)
def test_selected_columns_come_out_as_they_are(table, k, combine):
    """A selector selects: values, names and order of the columns stay."""
    X, y = table
    assume((np.ptp(X.to_numpy(), axis=0) > 0).any())
    selector = FCMSelector(k=k, combine=combine).set_output(transform="pandas")
    found = selector.fit_transform(X, y)
    assert list(found) == list(selector.selected_by_)
    assert list(found) == [name for name in X if name in set(found)]
    assert found.equals(X[list(found)])


@given(labelled(n_features=(2, 5)), st.integers(1, 3))
@examples(60)
def test_a_constant_column_beside_the_others_changes_nothing(table, k):
    """It tells no class from another, and it correlates with nothing."""
    X, y = table
    assume((np.ptp(X.to_numpy(), axis=0) > 0).any())
    with_constant = X.assign(same=7.0)
    first = FCMSelector(k=k).fit(X, y).selected_by_
    second = FCMSelector(k=k).fit(with_constant, y).selected_by_
    assert first == second


@given(labelled(n_features=(2, 5)), st.integers(1, 3), st.data())
@examples(60)
def test_units_of_single_features_do_not_change_the_choice(table, k, data):
    """All three criteria are of ranks, bins, or ratios of one feature's variances."""
    X, y = table
    assume((np.ptp(X.to_numpy(), axis=0) > 0).any())
    width = X.shape[1]
    powers = data.draw(st.lists(st.integers(-9, 9), min_size=width, max_size=width))
    first = FCMSelector(k=k).fit(X, y)
    second = FCMSelector(k=k).fit(X * 2.0 ** np.array(powers), y)
    assert first.selected_by_ == second.selected_by_
