"""ICCFilter: which features stay, and what comes out for a lesion."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn import ICCFilter
from sklearn_orn.selection import intraclass_correlation
from sklearn_orn.testing.strategies import reader_tables
from tests._examples import examples

READERS = ["A", "B", "C"]


def kept(X, **settings):
    fitted = ICCFilter(**settings).fit(X)
    return fitted, list(fitted.features_[fitted.get_support()])


def table_of(fitted, X):
    return pd.DataFrame(fitted.transform(X), columns=fitted.get_feature_names_out())


@given(reader_tables(readers=READERS))
@examples(60)
def test_averages_lie_between_the_readings(X):
    """A mean over the readers present is within what they measured."""
    fitted, names = kept(X)
    found = table_of(fitted, X)
    for name in names:
        readings = X[[f"{reader}__{name}" for reader in READERS]]
        low, high = readings.min(axis=1), readings.max(axis=1)
        slack = 1e-9 * np.maximum(abs(low), abs(high))
        present = readings.notna().any(axis=1)
        assert (found[name] >= low - slack)[present].all()
        assert (found[name] <= high + slack)[present].all()
        assert found[name].isna()[~present].all()


@given(reader_tables(readers=READERS), st.data())
@examples(60)
def test_the_order_of_columns_does_not_matter(X, data):
    """Blocks are read from the names, wherever the columns stand."""
    fitted, names = kept(X)
    shuffled = X[data.draw(st.permutations(list(X.columns)))]
    other, other_names = kept(shuffled)
    assert set(other_names) == set(names)
    first, second = table_of(fitted, X), table_of(other, shuffled)
    np.testing.assert_allclose(second[names], first, rtol=1e-12, atol=1e-9)


@given(reader_tables(readers=READERS), st.permutations(READERS))
@examples(60)
def test_names_of_readers_do_not_matter(X, names):
    """Readers are interchangeable: who is called A changes no decision."""
    renamed = dict(zip(READERS, names, strict=True))
    columns = [f"{renamed[c[0]]}{c[1:]}" for c in X.columns]
    fitted, features = kept(X)
    other, other_features = kept(X.set_axis(columns, axis=1))
    assert features == other_features
    np.testing.assert_allclose(fitted.icc_, other.icc_, rtol=1e-7, atol=1e-9)


@given(reader_tables(), st.floats(-1, 0.9), st.floats(-1, 0.9))
@examples(60)
def test_a_higher_threshold_keeps_fewer(X, first, second):
    """What passes the higher bar passes the lower one."""
    low, high = sorted([first, second])
    lenient, _ = kept(X, threshold=low)
    strict, _ = kept(X, threshold=high)
    assert not (strict.get_support() & ~lenient.get_support()).any()


@given(reader_tables(), st.floats(-1, 0.8))
@examples(60)
def test_the_lower_limit_keeps_no_more_than_the_estimate(X, threshold):
    """The limit lies below the estimate."""
    estimate, _ = kept(X, threshold=threshold)
    lower, _ = kept(X, threshold=threshold, criterion="lower")
    assert not (lower.get_support() & ~estimate.get_support()).any()


@given(reader_tables(), st.data())
@examples(60)
def test_a_row_comes_out_as_it_does_alone(X, data):
    """A new patient is one row; how many others there are is nothing to it."""
    fitted, _ = kept(X)
    rows = data.draw(st.lists(st.integers(0, len(X) - 1), min_size=1))
    whole = fitted.transform(X)
    np.testing.assert_array_equal(fitted.transform(X.iloc[rows]), whole[rows])


@given(reader_tables())
@examples(60)
def test_without_averaging_the_readings_come_out_untouched(X):
    """The columns of all readers, for those who average or weigh otherwise."""
    fitted, names = kept(X, average=False)
    columns = [f"{reader}__{name}" for reader in ("A", "B") for name in names]
    assert list(fitted.get_feature_names_out()) == columns
    np.testing.assert_array_equal(fitted.transform(X), X[columns])


@given(reader_tables(missing_readings=False))
@examples(60)
def test_its_coefficients_are_those_of_the_function(X):
    """The estimator decides; intraclass_correlation computes."""
    fitted, _ = kept(X)
    ratings = X.to_numpy().reshape(len(X), 2, -1)
    expected = intraclass_correlation(ratings)
    np.testing.assert_allclose(fitted.icc_, expected.icc, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(fitted.get_support(), fitted.icc_ > 0.75)
    assert len(fitted.reasons_) == ratings.shape[2]


@given(reader_tables(missing_readings=False), st.data())
@examples(60)
def test_lesions_that_one_reader_left_out_do_not_change_the_choice(X, data):
    """Agreement is of lesions that all drew: others only come out averaged."""
    fitted, names = kept(X)
    n = data.draw(st.integers(1, 3))
    more = X.iloc[:n].copy()
    more.loc[:, [c for c in X.columns if c.startswith("B__")]] = np.nan
    longer = pd.concat([X, more * 3 + 1], ignore_index=True)
    other, other_names = kept(longer)
    assert other_names == names and other.n_lesions_ == len(X)
    np.testing.assert_array_equal(other.icc_, fitted.icc_)
