"""Fisher, POE+ACC and mutual information: worked examples and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_orn.selection import (
    FCMSelector,
    fisher_coefficient,
    mutual_information,
    poe_acc,
)
from tests._examples import examples


@st.composite
def labelled(draw, max_features=8):
    n = draw(st.integers(6, 40))
    p = draw(st.integers(1, max_features))
    X = draw(hnp.arrays(np.float64, (n, p), elements=st.integers(-50, 50).map(float)))
    y = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 2)))
    y[:3] = [0, 1, 2]
    return X, y


def test_fisher_of_three_classes_by_hand():
    # Means 1, 3, 8; variances 1, 0, 4; shares 2/6 each.
    X = np.array([[0.0], [2.0], [3.0], [3.0], [6.0], [10.0]])
    y = ["a", "a", "b", "b", "c", "c"]
    share = 1 / 3
    between = 2 * share**2 * ((1 - 3) ** 2 + (1 - 8) ** 2 + (3 - 8) ** 2)
    within = share * (1 + 0 + 4)
    expected = between / (1 - 3 * share**2) / within
    assert fisher_coefficient(X, y)[0] == pytest.approx(expected, rel=1e-14)


def test_mutual_information_by_hand():
    # Eight samples, round(log2 8 + 1) = 4 bins of width 1: {0,0,1}, {}, {0}, {1,1,1,1}.
    X = np.array([[0.0], [0.5], [0.9], [2.1], [3.0], [3.1], [3.5], [4.0]])
    y = [0, 0, 1, 0, 1, 1, 1, 1]
    p = np.array([[2, 1], [0, 0], [1, 0], [0, 4]]) / 8
    expected = sum(
        p[b, c] * np.log2(p[b, c] / (p[b].sum() * p[:, c].sum()))
        for b in range(4)
        for c in range(2)
        if p[b, c]
    )
    assert mutual_information(X, y)[0] == pytest.approx(expected, abs=1e-14)


def test_poe_is_the_share_inside_the_other_class():
    X = np.array([[0.0], [1.0], [4.0], [3.0], [5.0], [9.0]])
    # Class 0 spans 0..4 and holds the 3 of class 1; class 1 spans 3..9, holds the 4.
    _, error = poe_acc(X, [0, 0, 0, 1, 1, 1], 1)
    assert error[0] == pytest.approx(2 / 6)


def test_poe_acc_prefers_what_is_not_correlated():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 50)
    best = y + rng.uniform(-0.6, 0.6, size=100)
    copy = best + 1e-3 * rng.normal(size=100)
    other = y + rng.uniform(-0.65, 0.65, size=100)
    order, error = poe_acc(np.column_stack([best, copy, other]), y, 3)
    assert error[2] > error[1]
    assert order[0] in (0, 1) and order[1] == 2


@given(labelled(), st.floats(0.1, 10), st.integers(-5, 5))
@examples(60)
def test_criteria_do_not_depend_on_the_scale(data, factor, shift):
    X, y = data
    Z = X * 2.0 ** round(np.log2(factor)) + shift  # exact in floating point
    np.testing.assert_allclose(
        fisher_coefficient(X, y), fisher_coefficient(Z, y), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(
        mutual_information(X, y), mutual_information(Z, y), atol=1e-9
    )
    np.testing.assert_array_equal(poe_acc(X, y, 1)[1], poe_acc(Z, y, 1)[1])


@given(labelled())
@examples(60)
def test_mutual_information_is_bounded_by_the_entropy_of_the_class(data):
    X, y = data
    share = np.bincount(y) / len(y)
    entropy = -sum(q * np.log2(q) for q in share if q)
    information = mutual_information(X, y)
    assert (information >= 0).all() and (information <= entropy + 1e-12).all()


@given(labelled(), st.integers(1, 5), st.sampled_from(["union", "refill"]))
@examples(80)
def test_selector_keeps_its_promises(data, k, combine):
    X, y = data
    varying = int((np.ptp(X, axis=0) > 0).sum())
    if not varying:
        return
    selector = FCMSelector(k=k, combine=combine).fit(X, y)
    support = selector.get_support()
    assert not support[np.ptp(X, axis=0) == 0].any()
    assert len(selector.selected_by_) == support.sum()
    if combine == "refill":
        assert support.sum() == min(3 * k, varying)
    else:
        assert min(k, varying) <= support.sum() <= min(3 * k, varying)
    for criterion, order in selector.ranking_.items():
        for column in order[:k]:
            assert criterion in selector.selected_by_[f"x{column}"]


@given(labelled(), st.randoms(use_true_random=False))
@examples(40)
def test_row_order_does_not_matter(data, random):
    X, y = data
    if not np.ptp(X, axis=0).any():
        return
    order = list(range(len(y)))
    random.shuffle(order)
    first = FCMSelector(k=2).fit(X, y).get_support()
    second = FCMSelector(k=2).fit(X[order], y[order]).get_support()
    np.testing.assert_array_equal(first, second)


def test_zero_variance_within_and_different_means_ranks_first():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 10)
    X = np.column_stack([rng.normal(size=20), y * 0.1 + 0.7, rng.normal(size=20)])
    selector = FCMSelector(k=1).fit(X, y)
    assert selector.scores_["fisher"][1] == np.inf
    assert selector.ranking_["fisher"][0] == 1


def test_one_class_and_constant_tables_are_refused():
    with pytest.raises(ValueError, match="one class only"):
        FCMSelector().fit(np.eye(4), [1, 1, 1, 1])
    with pytest.raises(ValueError, match="All 3 features are constant"):
        FCMSelector().fit(np.ones((6, 3)), [0, 0, 0, 1, 1, 1])
