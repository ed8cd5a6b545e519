"""At the border exactly: thresholds, ties, turns, and bins, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

from sklearn_orn import FCMSelector, ICCFilter
from sklearn_orn.selection import (
    fisher_coefficient,
    intraclass_correlation,
    mutual_information,
    poe_acc,
)
from sklearn_orn.selection._fcm_selector import CRITERIA, combine_rankings

# The readers of "same" agree; those of "apart" do not quite.
READINGS = pd.DataFrame(
    {
        "anna__same": [1.0, 2, 3, 4, 5, 6],
        "anna__apart": [1.0, 2, 3, 4, 5, 6],
        "ben__same": [1.0, 2, 3, 4, 5, 6],
        "ben__apart": [2.0, 1, 4, 3, 6, 5],
    }
)


# ICC ------------------------------------------------------------------------------


@pytest.mark.parametrize("criterion", ["estimate", "lower"])
def test_an_icc_of_exactly_the_threshold_is_not_above_it(criterion):
    first = ICCFilter(threshold=-1, criterion=criterion).fit(READINGS)
    value = float((first.icc_ if criterion == "estimate" else first.icc_lower_)[1])
    at = ICCFilter(threshold=value, criterion=criterion).fit(READINGS)
    assert at.get_support().tolist() == [True, False]
    assert " <= " in at.reasons_[1] and at.reasons_[1].startswith("dropped")
    below = np.nextafter(value, -1)
    just = ICCFilter(threshold=below, criterion=criterion).fit(READINGS)
    assert just.get_support().tolist() == [True, True]
    assert " > " in just.reasons_[1] and just.reasons_[1].startswith("kept")


def test_the_icc_of_two_readers_who_swap_neighbours_by_hand():
    # Sums of squares: lesions 2 * (2^2 + 2^2) * 2 = 32, readers 0, error 12 * 0.5^2.
    ms_lesions, ms_readers, ms_error = 32 / 5, 0.0, 3 / 5
    result = intraclass_correlation(READINGS[["anna__apart", "ben__apart"]])
    below = ms_lesions + ms_error + 2 * (ms_readers - ms_error) / 6
    assert result.icc == pytest.approx((ms_lesions - ms_error) / below, rel=1e-14)
    assert result.f == pytest.approx(ms_lesions / ms_error)
    assert (result.df1, result.df2, result.n_lesions) == (5, 5, 6)


def test_five_lesions_read_by_both_are_enough_and_four_are_not():
    X = READINGS.copy()
    X.loc[5, ["ben__same", "ben__apart"]] = np.nan
    assert ICCFilter().fit(X).n_lesions_ == 5
    X.loc[4, ["ben__same", "ben__apart"]] = np.nan
    with pytest.raises(ValueError, match="in 4 of n_samples = 6 rows"):
        ICCFilter().fit(X)


# Shrout and Fleiss's table: six lesions, four readers.
SHROUT = np.array(
    [
        [9.0, 2, 5, 8],
        [6, 1, 3, 2],
        [8, 4, 6, 8],
        [7, 1, 2, 6],
        [10, 5, 6, 9],
        [6, 2, 4, 7],
    ]
)


def by_mcgraw_and_wong(x, form, confidence=0.95):
    """Estimate, limits, F, its degrees of freedom and p: their tables 4, 7 and 8."""
    n, k = x.shape
    lesions = k * x.mean(axis=1).var(ddof=1)
    readers = n * x.mean(axis=0).var(ddof=1)
    within = x.var(axis=1, ddof=1).mean()
    error = (within * n * (k - 1) - readers * (k - 1)) / ((n - 1) * (k - 1))
    noise, df2 = (within, n * (k - 1)) if "(1" in form else (error, (n - 1) * (k - 1))
    ratio, single = lesions / noise, form.endswith("1)")
    tail = 1 - (1 - confidence) / 2
    test = ratio, n - 1, df2, stats.f.sf(ratio, n - 1, df2)
    if "(2" not in form:
        low = ratio / stats.f.ppf(tail, n - 1, df2)
        high = ratio * stats.f.ppf(tail, df2, n - 1)
        if single:
            values = [(v - 1) / (v + k - 1) for v in (ratio, low, high)]
        else:
            values = [1 - 1 / v for v in (ratio, low, high)]
        return *values, *test
    icc = (lesions - error) / (lesions + (k - 1) * error + k * (readers - error) / n)
    a = k * icc / (n * (1 - icc))
    b = 1 + k * icc * (n - 1) / (n * (1 - icc))
    v = (a * readers + b * error) ** 2 / (
        (a * readers) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    )
    up, down = stats.f.ppf(tail, n - 1, v), stats.f.ppf(tail, v, n - 1)
    rest = k * readers + (k * n - k - n) * error
    low = n * (lesions - up * error) / (up * rest + n * lesions)
    high = n * (down * lesions - error) / (rest + n * down * lesions)
    if single:
        return icc, low, high, *test
    return *(k * r / (1 + (k - 1) * r) for r in (icc, low, high)), *test


@pytest.mark.parametrize(
    ("form", "published"),
    [
        *[("ICC(1,1)", 0.17), ("ICC(2,1)", 0.29), ("ICC(3,1)", 0.71)],
        *[("ICC(1,k)", 0.44), ("ICC(2,k)", 0.62), ("ICC(3,k)", 0.91)],
    ],
)
def test_four_readers_by_the_published_formulas(form, published):
    result = intraclass_correlation(SHROUT, form=form)
    assert result.icc == pytest.approx(published, abs=0.005)
    expected = by_mcgraw_and_wong(SHROUT, form)
    names = ("icc", "lower", "upper", "f", "df1", "df2", "p_value")
    found = [float(getattr(result, name)) for name in names]
    assert found == pytest.approx(expected, rel=1e-9)
    # A lesion that a reader left out does not count; another feature does not matter.
    more = np.vstack([SHROUT, [[5, np.nan, 5, 5]]])
    both = np.stack([more, np.vstack([SHROUT, [[3, 2, 5, 1]]])], axis=2)
    result = intraclass_correlation(both, form=form, confidence=0.8)
    for k, x in enumerate((SHROUT, both[..., 1])):
        expected = by_mcgraw_and_wong(x, form, 0.8)
        found = [float(getattr(result, name)[k]) for name in names]
        assert found == pytest.approx(expected, rel=1e-9)
    assert result.n_lesions.tolist() == [6, 7]


def test_an_error_of_rounding_is_none():
    x = np.array([1.0, 2, 3, 4, 5])
    # The second reader is the first but for a few units in the last place.
    near = np.column_stack([x, x + np.array([1, -2, 3, -1, 2]) * 2.0**-52])
    found = intraclass_correlation(near)
    assert (found.icc, found.lower, found.upper, found.p_value) == (1, 1, 1, 0)
    assert found.f == np.inf
    # A constant between the readers leaves an error of rounding alone.
    apart = intraclass_correlation(np.column_stack([x, x + 0.1]), form="ICC(3,1)")
    assert apart.icc == 1 and apart.f == np.inf and apart.p_value == 0
    # A thousandth of a thousand millionth is an error.
    far = intraclass_correlation(np.column_stack([x, x + x % 2 * 1e-12]))
    assert far.f < np.inf


def test_two_lesions_are_enough_and_one_is_not():
    two = intraclass_correlation([[1.0, 2], [3, 5]], form="ICC(1,1)")
    assert two.icc == pytest.approx((6.25 - 1.25) / (6.25 + 1.25)) and two.reason == ""
    one = intraclass_correlation([[1.0, 2], [3, np.nan]])
    assert one.reason == "fewer than two lesions rated by all readers"
    assert np.isnan([one.icc, one.lower, one.upper, one.f, one.p_value]).all()
    flat = intraclass_correlation([[1.0, 1], [1, 1], [5, np.nan]])
    assert flat.reason == "constant" and np.isnan(flat.icc) and flat.n_lesions == 2
    both = np.array([[[1.0, 1], [1, 1]], [[1, 2], [1, 2.5]], [[1, 3], [1, 3.5]]])
    assert intraclass_correlation(both).reason.tolist() == ["constant", ""]


def test_ratings_of_another_shape_are_refused():
    for bad in ([1.0, 2], [[1.0], [2]], np.ones((3, 1, 2)), np.ones((2, 2, 2, 2))):
        with pytest.raises(ValueError, match="at least two readers"):
            intraclass_correlation(bad)
    with pytest.raises(ValueError, match="infinite"):
        intraclass_correlation([[1.0, np.inf], [2, 3]])
    for confidence in (0, 1):
        with pytest.raises(ValueError, match="confidence must lie between"):
            intraclass_correlation(SHROUT, confidence=confidence)
    with pytest.raises(ValueError, match="'form' parameter"):
        intraclass_correlation(SHROUT, form="ICC(4,1)")


def test_patients_are_as_many_as_lesions_even_where_they_are_not_needed():
    for icc in (ICCFilter(), ICCFilter(n_readers=1), ICCFilter(min_lesions=99)):
        with pytest.raises(ValueError, match="patient of each of the 6 lesions"):
            icc.fit(READINGS, groups=["a"] * 7)


def test_names_that_are_given_stand_for_columns_without_names():
    icc = ICCFilter(n_readers=2, threshold=0.9).fit(READINGS.to_numpy())
    assert icc.get_feature_names_out().tolist() == ["x0"]
    assert icc.get_feature_names_out(list("abcd")).tolist() == ["a"]
    with pytest.raises(ValueError, match="equal to number of features .4., got 3"):
        icc.get_feature_names_out(list("abc"))
    icc = ICCFilter(threshold=0.9, average=False).fit(READINGS)
    both = ["anna__same", "ben__same"]
    assert icc.get_feature_names_out(list(READINGS)).tolist() == both
    with pytest.raises(ValueError, match="not equal to feature_names_in_"):
        icc.get_feature_names_out(list("abcd"))


# FCM: turns -----------------------------------------------------------------------


def test_each_ranking_gives_its_next_column_in_turn():
    rankings = {
        "fisher": np.array([0, 3, 4, 5, 9]),
        "poe_acc": np.array([0, 3, 6, 7, 9]),
        "mutual_information": np.array([1, 0, 8, 4, 9]),
    }
    union = combine_rankings(rankings, 1, "union")
    assert union == {0: ["fisher", "poe_acc"], 1: ["mutual_information"]}
    # One place is left: it is the first criterion's, and no other adds to it.
    assert combine_rankings(rankings, 1, "refill") == {**union, 3: ["fisher"]}
    # Two from each are 0, 3, 1; then 4, 6, 8 in turn, not 4, 5, 6 or 4, 5, 9.
    both = ["fisher", "poe_acc"]
    assert list(combine_rankings(rankings, 2, "refill").items()) == [
        (0, [*both, "mutual_information"]),
        (3, both),
        (1, ["mutual_information"]),
        (4, ["fisher"]),
        (6, ["poe_acc"]),
        (8, ["mutual_information"]),
    ]


def test_a_ranking_that_is_used_up_leaves_its_turn_to_the_others():
    rankings = {"a": np.array([0, 1]), "b": np.array([0, 2, 3, 4]), "c": np.array([0])}
    chosen = combine_rankings(rankings, 2, "refill")
    assert chosen == {0: ["a", "b", "c"], 1: ["a"], 2: ["b"], 3: ["b"], 4: ["b"]}


def test_ten_of_each_criterion_make_thirty_unless_there_are_fewer():
    rng = np.random.default_rng(0)
    y = np.arange(24) % 2
    X = rng.normal(size=(24, 40))
    assert FCMSelector().fit(X, y).get_support().sum() == 30
    few = FCMSelector().fit(rng.normal(size=(24, 30)), y)
    assert few.get_support().all()
    # POE+ACC is greedy: it goes no further than the places there are.
    lengths = [len(FCMSelector(k=4).fit(X, y).ranking_[c]) for c in CRITERIA]
    assert lengths == [40, 12, 40]


# FCM: ties ------------------------------------------------------------------------


def test_equal_scores_go_to_the_first_column():
    x = np.array([0.0, 1, 2, 3, 4, 5])
    X = np.column_stack([x % 2, np.ones(6), x, x, 7 * x])
    selector = FCMSelector(k=1, combine="union").fit(X, [0, 0, 0, 1, 1, 1])
    for order in selector.ranking_.values():
        assert order.tolist()[:3] == [2, 3, 4]
    assert list(selector.selected_by_) == ["x2"]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([0, 2, 1, 2, 2], [1, 0, 0, 1, 0]),
        ([0, 2, 3, 3, 2, 3], [0, 0, 1, 0, 0, 0]),
        ([0, 3, 2, 1, 2, 2, 3, 1, 3], [0, 0, 0, 0, 0, 1, 1, 0, 0]),
    ],
)
def test_the_same_counts_in_other_bins_are_the_same_information(x, y):
    # In which bin a pair of counts stands changes only the order of a sum.
    last = max(x)
    swaps = [np.array(x), last - np.array(x), np.array([last, *range(1, last), 0])[x]]
    for columns in ([0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]):
        X = np.column_stack([swaps[i] for i in columns])
        order = FCMSelector(k=1).fit(X, y).ranking_["mutual_information"]
        assert order.tolist() == [0, 1, 2]


def test_scores_that_differ_by_more_than_rounding_are_not_equal():
    from sklearn_orn.selection._fcm_selector import _descending

    scores = np.array([2**30, 2**30 * (1 + 4e-13), 1e-9, 1e-9 * (1 + 1e-11), 9, np.inf])
    everything = np.ones(6, dtype=bool)
    assert _descending(scores, everything).tolist() == [5, 0, 1, 4, 3, 2]


def test_costs_that_differ_by_rounding_are_equal():
    x = np.array([0.0, 1, 3, 10])
    # All tell the classes apart; the second and third are the first in other units.
    X = np.column_stack([x, 0.1 * x + 0.3, 0.7 * x - 11, 1e-3 * x + 5])
    for columns in ([0, 1, 2, 3], [0, 2, 1, 3], [0, 3, 2, 1], [1, 3, 0, 2]):
        order, _ = poe_acc(X[:, columns], [0, 0, 1, 1], 4)
        assert order.tolist() == [0, 1, 2, 3]


def test_costs_that_differ_by_more_than_rounding_are_not_equal():
    x = np.array([0.0, 1, 2, 3])
    X = np.column_stack([x, x, [0.0, 0.5, 3, 4]])
    y = [0, 0, 1, 1]
    assert poe_acc(X, y, 2)[0].tolist() == [0, 2]  # the less correlated one
    # Weights that make the same gain 1e-11 or 1e-13 of the cost: 12 digits count.
    gain = 1 - np.corrcoef(x, X[:, 2])[0, 1]
    assert poe_acc(X, y, 2, weights=(1, 1e-11 / gain))[0].tolist() == [0, 2]
    weights = (1, 4e-13 / gain)
    cost = weights[1] * (1 - np.array([0, gain]))
    assert np.round(cost[0], 12) == np.round(cost[1], 12)
    assert poe_acc(X, y, 2, weights=weights)[0].tolist() == [0, 1]


def test_the_average_correlation_is_over_all_that_stand():
    # After 0 and its opposite: 2 has r = 0 to both; 3 is nearly the first.
    X = np.array([[1.0, -1, 1, 2], [1, -1, -1, 1], [-1, 1, 1, -1], [-1, 1, -1, -2]])
    error = np.zeros(4)
    order, found = poe_acc(X, [0, 0, 1, 1], 4)
    np.testing.assert_array_equal(found[[0, 1, 3]], error[:3])
    assert found[2] == 1.0
    # 0.5 + 0 for column 2 against 0 + 0.5 r: the error weighs as much.
    r = np.corrcoef(X[:, 0], X[:, 3])[0, 1]
    assert 0.5 * r < 0.5 and order.tolist() == [0, 3, 1, 2]


def test_a_sample_is_ambiguous_within_any_other_class_its_ends_included():
    # Class 0 spans 0 to 4, class 1 3 to 6, class 2 6 to 9: 4, 3, 6 and 6 are theirs
    # and another's.
    X = np.array([[0.0], [4], [3], [6], [6], [9], [5]])
    _, error = poe_acc(X, [0, 0, 1, 1, 2, 2, 1], 1)
    assert error[0] == pytest.approx(4 / 7)


# FCM: bins ------------------------------------------------------------------------


def information(counts):
    p = np.array(counts) / np.sum(counts)
    product = p.sum(axis=1, keepdims=True) * p.sum(axis=0)
    return (p[p > 0] * np.log2(p[p > 0] / product[p > 0])).sum()


@pytest.mark.parametrize(
    ("x", "y", "counts"),
    [
        # log2 5 + 1 = 3.32: three bins of [0, 3], so that 1 and 2 begin bins.
        ([0, 0.9, 1, 2, 3], [0, 1, 0, 1, 1], [[1, 1], [1, 0], [0, 2]]),
        # log2 6 + 1 = 3.58: four bins of [0, 4]; the maximum falls in the last.
        ([0, 0.9, 1, 2, 3, 4], [0, 1, 0, 0, 1, 0], [[1, 1], [1, 0], [1, 0], [1, 1]]),
        # log2 7 + 1 = 3.81, and a third class.
        (
            [0, 0.5, 1.5, 1.9, 2, 3.9, 4],
            [0, 1, 1, 1, 2, 2, 0],
            [[1, 1, 0], [0, 2, 0], [0, 0, 1], [1, 0, 1]],
        ),
        # log2 11 + 1 = 4.46: four.
        (
            [0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4],
            [0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1],
            [[1, 0], [1, 1], [1, 2], [2, 3]],
        ),
    ],
)
def test_bins_of_numbers_of_samples_that_are_no_powers_of_two(x, y, counts):
    X = np.array(x, float)[:, None]
    assert mutual_information(X, y)[0] == pytest.approx(information(counts), abs=1e-14)
    _, error = poe_acc(X, y, 1, poe="histogram")
    assert error[0] == pytest.approx(1 - np.max(counts, axis=1).sum() / len(y))


def test_what_is_far_from_zero_or_large_is_judged_as_what_is_not():
    rng = np.random.default_rng(0)
    X, y = np.round(rng.normal(size=(11, 5)) * 8), np.arange(11) % 2
    expected = fisher_coefficient(X, y), *poe_acc(X, y, 5)
    for moved in (X + 2.0**44, X * 2.0**600, X / 2.0**600):
        with np.errstate(under="ignore"):
            order, error = poe_acc(moved, y, 5)
        np.testing.assert_array_equal(order, expected[1])
        np.testing.assert_array_equal(error, expected[2])
    found = fisher_coefficient(X + 2.0**44, y)
    np.testing.assert_allclose(found, expected[0], rtol=1e-9)


def test_fisher_of_unequal_classes_by_hand():
    # Means 1 and 4, shares 1/3 and 2/3; variances 1 and 2.5.
    X, y = np.array([[0.0], [2], [2], [5], [3], [6]]), [0, 0, 1, 1, 1, 1]
    expected = (1 - 4) ** 2 / (1 / 3 * 1 + 2 / 3 * 2.5)
    assert fisher_coefficient(X, y)[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "settings",
    [{"k": 0}, {"k": 1.0}, {"combine": "all"}, {"poe": "exact"}],
)
def test_a_selector_refuses_settings_that_it_does_not_know(settings):
    with pytest.raises(ValueError, match=f"'{next(iter(settings))}' parameter"):
        FCMSelector(**settings).fit(np.eye(4), [0, 0, 1, 1])


def test_a_selector_refuses_missing_values_by_name_and_numbers_for_classes():
    X = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, np.nan, 3, 4]})
    with pytest.raises(ValueError, match="contains NaN in 1 columns: b"):
        FCMSelector().fit(X, [0, 0, 1, 1])
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        FCMSelector().fit(X[["a"]], [0.1, 0.2, 1.5, 1.7])
    assert FCMSelector().fit([[1.0], [2.0]], [0, 1]).get_support().all()


@pytest.mark.parametrize(
    "settings",
    [
        *({"threshold": -1.5}, {"threshold": 1.5}, {"form": 2}, {"criterion": "upper"}),
        *({"average": 2}, {"min_lesions": 1}, {"n_readers": 0}),
    ],
)
def test_a_filter_refuses_settings_that_it_does_not_know(settings):
    with pytest.raises(ValueError, match=f"'{next(iter(settings))}' parameter"):
        ICCFilter(**settings).fit(READINGS)


def test_a_filter_takes_the_ends_of_its_settings():
    two = READINGS.iloc[:2]
    assert ICCFilter(threshold=-1, min_lesions=2).fit(two).n_lesions_ == 2
    assert ICCFilter(n_readers=1).fit(READINGS).get_support().all()
    with pytest.raises(ValueError, match="above threshold=1"):
        ICCFilter(threshold=1).fit(READINGS)


def test_what_is_not_fitted_says_so():
    for step in (FCMSelector(), ICCFilter()):
        for call in (step.get_support, step.get_feature_names_out):
            with pytest.raises(NotFittedError):
                call()
    with pytest.raises(NotFittedError):
        ICCFilter().transform(READINGS)


def test_what_the_steps_tell_scikit_learn():
    selector, icc = get_tags(FCMSelector()), get_tags(ICCFilter())
    assert selector.target_tags.required and not icc.target_tags.required
    assert icc.input_tags.allow_nan and not selector.input_tags.allow_nan
