"""What is rounding in an ICC and what is not; and who judges which features."""

import re

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import ICCFilter
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.selection import intraclass_correlation


def ulps(number):
    """Four lesions whose largest reading is 1024, and whose last place is 2^-42.

    One lesion's two readers differ by twice this number of them: it is the square
    root of half the sum of squares.
    """
    x = np.array([-1024.0, -512, 512, 1024])
    apart = np.array([0, number, 0, 0]) * 2.0**-42
    return np.column_stack([x + apart, x - apart])


def test_eight_units_in_the_last_place_of_the_largest_reading_are_rounding():
    # Squared, of 4 lesions by 2 readers: 8^2 * 8 = 512 = 2 * 16^2.
    for number in (1, 16):
        found = intraclass_correlation(ulps(number), form="ICC(1,1)")
        assert found.icc == 1 and found.f == np.inf
    found = intraclass_correlation(ulps(16.5), form="ICC(1,1)")
    lesions = 2 * (2 * 1024**2 + 2 * 512**2) / 3
    within = 2 * (16.5 * 2.0**-42) ** 2 / 4
    assert found.f == pytest.approx(lesions / within, rel=1e-9)


def test_readers_that_differ_by_rounding_alone_agree():
    # The lesions differ by 8 units in the last place, the readers by one.
    x = 1 + 8 * np.arange(6) * 2.0**-52
    found = intraclass_correlation(np.column_stack([x, x + 2.0**-52]))
    assert (found.icc, found.lower, found.p_value) == (1, 1, 0)


def test_two_lesions_by_hand():
    # Readers one apart: sums of squares 4 of lesions, 1 of readers, 0 of the error.
    found = intraclass_correlation([[0.0, 1], [2, 3]])
    assert found.icc == pytest.approx(4 / (4 + 2 * 1 / 2))


def contradiction(share):
    """Readings whose mean has a variance of this share of the mean squares' sum."""
    a = np.sqrt((1 + share) / (1 - share)) * np.array([-1.0, -1, 1, 1])
    apart = 2 * np.array([1.0, -1, 1, -1])
    return np.column_stack([a + apart, a - apart])


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e3])
def test_the_mean_of_readers_has_no_icc_where_its_variance_is_rounding(unit):
    # Of four lesions MS_R is 8/3 a^2 and MS_E is 8/3 * 4: the variance of the mean is
    # MS_R - MS_E / 4.
    for share in (-0.1, 0, 5e-11):
        found = intraclass_correlation(unit * contradiction(share), form="ICC(2,k)")
        assert "contradict each other" in found.reason and np.isnan(found.icc)
    for share in (2e-10, 0.1):
        found = intraclass_correlation(unit * contradiction(share), form="ICC(2,k)")
        square = (1 + share) / (1 - share)
        assert found.reason == ""
        assert found.icc == pytest.approx((square - 4) / (square - 1), rel=1e-5)
        # A single reader's limit beyond the pole of the means' is theirs at infinity.
        single = intraclass_correlation(unit * contradiction(share))
        assert single.lower < -1 and found.lower == -np.inf


def test_a_feature_that_one_lesion_has_says_nothing_of_another_feature():
    ratings = np.array([[[1.0, 1], [2, 2]], [[3, np.nan], [5, 7]]])
    found = intraclass_correlation(ratings)
    assert found.reason.tolist() == [
        "",
        "fewer than two lesions rated by all readers",
    ]
    assert np.isfinite(found.icc[0])


# Who judges -----------------------------------------------------------------------


def readings(readers, n=12, same=0):
    """Three features of each reader; of the first `same` all have the same values."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(n, 4))
    noise = {name: rng.normal(scale=0.1, size=(n, 4)) for name in readers}
    return pd.DataFrame(
        {
            f"{reader}__f{k}": truth[:, k] + (k >= same) * noise[reader][:, k]
            for reader in readers
            for k in range(4)
        }
    )


def test_one_outline_measured_in_two_ways_is_refused_unless_it_is_asked_for():
    X = readings(["a", "b"], same=3)
    with pytest.raises(ValueError, match="the same outlines measured in two ways"):
        ICCFilter().fit(X)
    named = ICCFilter(readers=["a", "b"]).fit(X)
    numbered = ICCFilter(n_readers=2).fit(X.to_numpy())
    np.testing.assert_array_equal(named.icc_, numbered.icc_)
    assert named.icc_[:3].tolist() == [1, 1, 1] and named.icc_[3] < 1
    # Perturbed outlines may leave features as they were.
    X = readings(["drawn", "perturbed1", "perturbed2"], same=3)
    assert set(ICCFilter().fit(X).judged_by_) == {"perturbed"}


def test_limits_are_those_of_the_features():
    X = readings(["a", "b"])
    X.loc[3, "b__f2"] = np.nan
    icc = ICCFilter().fit(X)
    expected = intraclass_correlation(X.to_numpy().reshape(12, 2, 4))
    for found, values in (
        (icc.icc_, expected.icc),
        (icc.icc_lower_, expected.lower),
        (icc.icc_upper_, expected.upper),
    ):
        np.testing.assert_allclose(found[[0, 1, 3]], values[[0, 1, 3]], rtol=1e-12)
        assert np.isnan(found[2])


def test_a_region_of_one_reader_is_kept_with_a_warning():
    double, single = (
        readings(["T1|lesion|anna", "T1|lesion|ben"]),
        readings(["T2|rim|anna"]),
    )
    X = pd.concat([double, single], axis=1)
    with pytest.warns(StudyWarning, match="features of 'T2.rim' are of one reader"):
        icc = ICCFilter(threshold=0.99).fit(X)
    assert icc.judged_by_.tolist() == ["readers"] * 4 + ["nobody"] * 4
    assert np.isnan(icc.icc_[4:]).all() and icc.get_support()[4:].all()
    assert icc.reasons_[4:] == ["kept: one reader, no ICC"] * 4
    assert not icc.get_support()[:4].all()


def test_one_perturbed_outline_has_nothing_to_be_compared_with():
    X = readings(["drawn", "perturbed1"])
    with pytest.warns(StudyWarning, match="are of one reader"):
        icc = ICCFilter().fit(X)
    assert set(icc.judged_by_) == {"nobody"} and icc.readers_ == ("drawn",)
    assert icc.get_feature_names_out().tolist() == list(X)[:4]
    with pytest.raises(ValueError, match="readers='perturbed' .* those of 1"):
        ICCFilter(readers="perturbed").fit(X)


def test_a_lesion_without_any_reading_has_no_value():
    X = readings(["a", "b"])
    icc = ICCFilter(threshold=-1).fit(X)
    new = X.iloc[:2].copy()
    new.iloc[0] = np.nan
    found = icc.transform(new)
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()
    with pytest.raises(ValueError, match="feature names should match"):
        icc.transform(X.iloc[:, :6])
    assert icc.n_features_in_ == 8


def test_names_of_what_comes_out():
    X = readings(["drawn", "perturbed1", "perturbed2"])
    names = ICCFilter().fit(X).get_feature_names_out().tolist()
    assert names == ["f0", "f1", "f2", "f3"]
    all_columns = ICCFilter(average=False).fit(X).get_feature_names_out().tolist()
    assert all_columns == ["drawn__f0", "drawn__f1", "drawn__f2", "drawn__f3"]
    # One block of columns that nobody judged keeps the names of its columns.
    one = ICCFilter(n_readers=1).fit(X)
    assert one.get_feature_names_out().tolist() == list(X)
    np.testing.assert_array_equal(one.transform(X), X)
    # Numbered blocks give the names of the first one's columns.
    two = ICCFilter(n_readers=2, threshold=-1).fit(readings(["a", "b"]))
    assert two.get_feature_names_out().tolist() == ["a__f0", "a__f1", "a__f2", "a__f3"]


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (["T1", "T2"], "'T1', 'T2', like sequences and not like readers"),
        (["anna"], "X holds one reader only, 'anna'"),
        (["T1|lesion|anna"], "X holds one reader only, 'anna'"),
        (
            ["T1|lesion|anna", "T2|lesion|ben"],
            "X holds one reader only of each sequence and region",
        ),
    ],
)
def test_blocks_that_are_not_of_several_readers(blocks, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        ICCFilter().fit(readings(blocks))


def test_sequences_are_readers_if_they_are_said_to_be():
    icc = ICCFilter(readers=["T1", "T2"]).fit(readings(["T1", "T2"]))
    assert icc.readers_ == ("T1", "T2")
    assert ICCFilter().fit(readings(["anna"] + ["ben"])).readers_ == ("anna", "ben")


def test_readers_of_some_sequences_only():
    # Anna alone drew in T1, both drew in T2.
    X = readings(["T1|rim|anna", "T2|rim|anna", "T2|rim|ben"])
    with pytest.warns(StudyWarning, match="of 'T1.rim' are of one reader"):
        icc = ICCFilter().fit(X)
    assert icc.judged_by_.tolist() == ["nobody"] * 4 + ["readers"] * 4


def test_two_perturbed_outlines_are_enough():
    X = readings(["anna", "ben", "perturbed1", "perturbed2"])
    assert set(ICCFilter(readers="perturbed").fit(X).judged_by_) == {"perturbed"}


def test_what_is_said_where_nothing_passes():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(12, 4)), columns=["a__x", "a__y", "b__x", "b__y"])
    X[["a__x", "b__x"]] = 2.0
    with pytest.raises(ValueError, match="the best is 'y' with"):
        ICCFilter().fit(X)
    X[["a__y", "b__y"]] = 3.0
    with pytest.raises(ValueError, match="it is defined for none .dropped: constant"):
        ICCFilter().fit(X)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_reading_is_that_of_either_sign(sign):
    x, apart = np.array([-1024.0, -512, 12, 24]), np.array([0, 7.9, 0, 0]) * 2.0**-42
    found = intraclass_correlation(sign * np.column_stack([x + apart, x - apart]))
    assert found.icc == 1 and found.f == np.inf
