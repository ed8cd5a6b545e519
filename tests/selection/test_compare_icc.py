"""Perturbed outlines beside readers, groups of features, one reader for another."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from sklearn_orn import ICCFilter
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.plotting import ICCComparisonDisplay
from sklearn_orn.selection import (
    compare_icc,
    icc_summary,
    intraclass_correlation,
    swap_reader,
)

NAMES = ["Mean", "Variance", "S(1,0)Contrast", "WavEnLL_s-1"]
READERS = ["anna", "ben", "perturbed1", "perturbed2", "perturbed3"]


def block(name, seed, n=30):
    rng = np.random.default_rng(seed)
    truth = np.random.default_rng(0).normal(size=(n, 4))
    seen = truth + [0.1, 0.4, 0.8, 1.5] * rng.normal(size=(n, 4))
    return pd.DataFrame(seen, columns=[f"{name}__{feature}" for feature in NAMES])


def readings(readers=READERS, front=""):
    blocks = [block(f"{front}{reader}", i) for i, reader in enumerate(readers, 1)]
    return pd.concat(blocks, axis=1)


def test_each_icc_is_that_of_its_own_raters():
    X = readings()
    found = compare_icc(X, threshold=0.6)
    cube = X.to_numpy().reshape(30, 5, 4)
    readers = intraclass_correlation(cube[:, :2], form="ICC(2,1)").icc
    perturbed = intraclass_correlation(cube[:, 2:], form="ICC(1,1)").icc
    assert np.allclose(found.table["readers"], readers)
    assert np.allclose(found.table["perturbed"], perturbed)
    assert list(found.table.index) == NAMES
    assert found.correlation == spearmanr(readers, perturbed).statistic
    expected = [
        [((readers > 0.6) == a).__and__((perturbed > 0.6) == b).sum() for b in (1, 0)]
        for a in (1, 0)
    ]
    assert found.kept.to_numpy().tolist() == expected
    assert found.kept.to_numpy().sum() == 4


def test_sequences_and_regions_are_columns():
    X = pd.concat(
        [readings(front=f"{f}|") for f in ("T1|lesion", "T2|rim3out")], axis=1
    )
    table = compare_icc(X).table
    assert table["sequence"].tolist() == ["T1"] * 4 + ["T2"] * 4
    assert table["region"].tolist() == ["lesion"] * 4 + ["rim3out"] * 4
    assert table.index[4] == "T2|rim3out__Mean"


@cache
def judged_as_they_are():
    X = readings()
    return compare_icc(X).table, icc_summary(ICCFilter(0.5).fit(X))


@given(st.permutations(range(30)), st.booleans())
def test_neither_rows_nor_blocks_have_an_order(rows, turned):
    other = readings().iloc[rows]
    if turned:
        other = other[other.columns[::-1]]
    table, summary = judged_as_they_are()
    pd.testing.assert_frame_equal(table, compare_icc(other).table.loc[table.index])
    pd.testing.assert_frame_equal(summary, icc_summary(ICCFilter(0.5).fit(other)))


@given(st.permutations(["anna", "ben", "carla", "dora"]))
def test_readers_who_swap_twice_are_where_they_were(order):
    X = readings(["anna", "ben", "carla", "dora"])
    first, second, _, _ = order
    swapped = swap_reader(X, first, second)
    assert swapped.shape == (30, 12)
    back = swapped.rename(columns=lambda c: c.replace(f"{first}__", f"{second}__"))
    kept = X.drop(columns=X.filter(like=f"{first}__"))
    pd.testing.assert_frame_equal(back[kept.columns], kept)


def test_an_icc_that_is_not_defined_drops_and_does_not_correlate():
    X = readings()
    X.loc[3, "ben__Mean"] = np.nan
    found = compare_icc(X)
    assert np.isnan(found.table.loc["Mean", "readers"])
    assert found.kept.to_numpy().sum() == 4
    rest = found.table.iloc[1:]
    assert found.correlation == spearmanr(rest["readers"], rest["perturbed"]).statistic
    X = X[[c for c in X if c.endswith(("Mean", "Variance"))]]
    assert np.isnan(compare_icc(X).correlation)


def test_what_is_missing_is_told():
    with pytest.raises(ValueError, match=r"readers 'anna'; expected two at least of"):
        compare_icc(readings(["anna", "perturbed1", "perturbed2"]))
    with pytest.raises(ValueError, match="readers='perturbed' compares"):
        compare_icc(readings(["anna", "ben"]))
    with pytest.raises(NotEstimable, match="needs min_lesions=40"):
        compare_icc(readings(), min_lesions=40)


def test_the_figure_shows_features_with_both():
    X = readings()
    X.loc[3, "ben__Mean"] = np.nan
    display = ICCComparisonDisplay.from_comparison(compare_icc(X))
    assert set(display.points_) == {"histogram", "cooccurrence", "wavelet"}
    shown = sum(len(line.get_xdata()) for line in display.points_.values())
    assert shown == 3
    assert display.text_.get_text().startswith("Spearman ")
    assert display.text_.get_text().endswith("3 features")
    assert display.ax_.get_xlabel() == "ICC over readers"


def test_a_summary_counts_each_group():
    X = pd.concat([readings(["a", "b"], f"{f}|lesion|") for f in ("T1", "T2")], axis=1)
    icc = ICCFilter(0.6).fit(X)
    summary = icc_summary(icc, ["h", "h", "c", "w"] * 2)
    assert summary["family"].tolist() == ["h", "c", "w"] * 2
    assert summary["n_features"].tolist() == [2, 1, 1] * 2
    assert summary["n_kept"].sum() == icc.get_support().sum()
    assert summary["median"][0] == np.median(icc.icc_[:2])
    assert summary["lower_quartile"][0] == np.quantile(icc.icc_[:2], 0.25)
    assert summary["upper_quartile"][0] == np.quantile(icc.icc_[:2], 0.75)
    whole = icc_summary(icc)
    assert whole[["sequence", "n_features"]].to_numpy().tolist() == [
        ["T1", 4],
        ["T2", 4],
    ]
    with pytest.raises(
        ValueError, match="families has 1 entries; .* of the 8 features"
    ):
        icc_summary(icc, ["h"])


def test_a_reader_takes_the_place_of_another():
    X = readings(["anna", "ben", "carla"], "T1|lesion|").assign(age=50)
    swapped = swap_reader(X, "anna", "carla")
    assert [c for c in X if "carla" not in c] == list(swapped)
    for name in NAMES:
        assert np.array_equal(
            swapped[f"T1|lesion|anna__{name}"], X[f"T1|lesion|carla__{name}"]
        )
        kept = f"T1|lesion|ben__{name}"
        assert np.array_equal(swapped[kept], X[kept])
    assert not X.equals(swap_reader(X, "carla", "anna"))


def test_who_is_not_there_takes_no_place():
    X = readings(["anna", "ben"])
    with pytest.raises(ValueError, match="No column is of the reader 'carla'"):
        swap_reader(X, "anna", "carla")
    with pytest.raises(ValueError, match="'anna' and 'anna' must be two readers"):
        swap_reader(X, "anna", "anna")
    with pytest.raises(ValueError, match="'anna' and 'ben' have different features"):
        swap_reader(X.drop(columns="ben__Mean"), "anna", "ben")
