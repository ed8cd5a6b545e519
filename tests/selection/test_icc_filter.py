"""ICCFilter: who stays, who goes, and why."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import ICCFilter
from sklearn_orn.selection import intraclass_correlation


@pytest.fixture
def readings():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(40, 3))
    table = {}
    for reader, seed in (("anna", 1), ("ben", 2)):
        noise = np.random.default_rng(seed).normal(size=(40, 3)) * [0.1, 2.0, 0.1]
        for k, name in enumerate(["good", "bad", "partly"]):
            table[f"{reader}__{name}"] = truth[:, k] + noise[:, k]
    return pd.DataFrame(table, index=[f"L{i}" for i in range(40)])


def test_keeps_and_averages_the_reproducible_features(readings):
    icc = ICCFilter().set_output(transform="pandas").fit(readings)
    out = icc.transform(readings)
    assert list(out) == ["good", "partly"] == list(icc.get_feature_names_out())
    assert out.index.equals(readings.index)
    np.testing.assert_allclose(
        out["good"], (readings["anna__good"] + readings["ben__good"]) / 2
    )
    assert icc.readers_ == ("anna", "ben")
    assert icc.reasons_[0].startswith("kept: ICC 0.9")
    assert icc.reasons_[1].startswith("dropped: ICC 0.")
    ratings = readings.to_numpy().reshape(40, 2, 3)
    np.testing.assert_allclose(icc.icc_, intraclass_correlation(ratings).icc)


def test_column_order_of_the_blocks_does_not_matter(readings):
    shuffled = readings[list(readings)[::-1]]
    first = ICCFilter().fit(readings)
    second = ICCFilter().fit(shuffled)
    assert dict(zip(first.features_, first.icc_, strict=True)) == pytest.approx(
        dict(zip(second.features_, second.icc_, strict=True))
    )


def test_works_when_a_part_is_read_twice(readings):
    readings.iloc[10:, 3:] = np.nan
    icc = ICCFilter().set_output(transform="pandas").fit(readings)
    assert icc.n_lesions_ == 10
    out = icc.transform(readings)
    np.testing.assert_array_equal(out["good"][10:], readings["anna__good"][10:])
    assert not out.isna().any().any()


def test_undefined_in_a_double_read_lesion_is_dropped_with_the_reason(readings):
    readings.loc["L3", "ben__partly"] = np.nan
    icc = ICCFilter().fit(readings)
    assert icc.reasons_[2] == "dropped: undefined in 1 lesions read by all"
    assert np.isnan(icc.icc_[2])


def test_constant_feature_is_dropped_with_the_reason(readings):
    readings[["anna__bad", "ben__bad"]] = 3.0
    icc = ICCFilter().fit(readings)
    assert icc.reasons_[1] == "dropped: constant"


def test_lower_limit_is_stricter(readings):
    estimate = ICCFilter(threshold=0.993).fit(readings)
    lower = ICCFilter(threshold=0.993, criterion="lower", average=False)
    with pytest.raises(ValueError, match="lower limit.*the best is '"):
        lower.fit(readings)
    assert estimate.get_support().sum() >= 1


def test_without_averaging_all_readers_come_out(readings):
    icc = ICCFilter(average=False).set_output(transform="pandas")
    assert list(icc.fit_transform(readings)) == [
        "anna__good",
        "anna__partly",
        "ben__good",
        "ben__partly",
    ]


def test_nothing_passes_names_the_best(readings):
    bad = readings[["anna__bad", "ben__bad"]]
    with pytest.raises(ValueError, match="the best is 'bad' with"):
        ICCFilter().fit(bad)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (["good", "bad"], "2 columns have no reader: good, bad"),
        (["anna__good"], "one reader only, 'anna'"),
        (["anna__good", "ben__good", "ben__bad"], "different features: bad"),
    ],
)
def test_columns_that_are_no_blocks(readings, table, message):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(9, len(table))))
    X.columns = table
    with pytest.raises(ValueError, match=message):
        ICCFilter().fit(X)


def test_unnamed_input_needs_the_number_of_readers(readings):
    X = readings.to_numpy()
    with pytest.raises(ValueError, match="no column names"):
        ICCFilter().fit(X)
    with pytest.raises(ValueError, match="n_readers=4 does not divide"):
        ICCFilter(n_readers=4).fit(X)
    icc = ICCFilter(n_readers=2).fit(X)
    assert list(icc.get_feature_names_out()) == ["x0", "x2"]


def test_too_few_double_read_lesions(readings):
    readings.iloc[3:, 3:] = np.nan
    with pytest.raises(ValueError, match="in 3 of n_samples = 40 rows.*min_lesions=5"):
        ICCFilter().fit(readings)
