"""Criteria of selection where rounding could decide, by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from sklearn_orn import FCMSelector
from sklearn_orn.selection import fisher_coefficient, mutual_information, poe_acc


def test_fisher_of_a_column_of_zeros_and_ones():
    found = fisher_coefficient(
        [[0.0], [0], [0], [1], [1], [1], [1], [0]], [0] * 4 + [1] * 4
    )
    # Shares of 1/4 and 3/4, variances of 3/16 each.
    assert found == pytest.approx([0.25 / (3 / 16)])


@pytest.mark.parametrize("value", [0.1, 0.3, 1 / 3, 0.7, 1e5 / 3])
def test_fisher_of_values_that_are_alike_in_a_class(value):
    X = np.full((7, 3), value)
    X[3:, 1] = 5 * value
    X[3:, 2] = [0, 1, 2, 3]
    found = fisher_coefficient(X, [0, 0, 0, 1, 1, 1, 1])
    assert np.isnan(found[0]) and found[1] == np.inf
    assert found[2] == pytest.approx((value - 1.5) ** 2 / (4 / 7 * 1.25), rel=1e-9)


def test_fisher_of_a_constant_is_none_however_many_samples_there_are():
    # Of 29 the means of the classes differ by rounding, by 1e-30 of a variance of 0.
    for n in (3, 28, 29, 30, 31):
        assert np.isnan(fisher_coefficient(np.full((n, 1), 12.34), np.arange(n) % 2))


def test_bins_have_no_units():
    X, y = np.array([[0.0], [0.9], [1], [2], [3], [4]]), [0, 1, 0, 0, 1, 0]
    expected = mutual_information(X, y)
    assert 0 < expected < 1
    for unit in (0.01, 100):
        np.testing.assert_array_equal(mutual_information(unit * X, y), expected)


def test_error_and_correlation_have_a_weight_each():
    # Column 1 has no error and r = 0.95 with column 0; column 2 has an error and r = 0.
    X = np.array([[1.0, 2, 1], [1, 1, -1], [-1, -1, 1], [-1, -2, -1]])
    for weights, order in (
        ((0.5, 0.5), [0, 1, 2]),
        ((0.1, 0.9), [0, 2, 1]),
        ((0.9, 0.1), [0, 1, 2]),
    ):
        found, error = poe_acc(X, [0, 0, 1, 1], 3, weights=weights)
        assert found.tolist() == order and error.tolist() == [0, 0, 1]


def test_what_is_chosen_keeps_its_kind_of_numbers():
    X, y = np.arange(12).reshape(6, 2) ** 2 % 7, [0, 1] * 3
    assert FCMSelector().fit(X, y).transform(X).dtype == X.dtype
    table = pd.DataFrame(X, columns=["a", "b"]).astype({"b": float})
    selector = FCMSelector().set_output(transform="pandas")
    found = selector.fit(table, y).transform(table)
    pd.testing.assert_frame_equal(found, table)
    for unseen in (X, table, table[["b"]]):
        with pytest.raises(NotFittedError):
            FCMSelector().transform(unseen)
