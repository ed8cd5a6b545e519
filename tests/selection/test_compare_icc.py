"""Perturbed outlines beside readers, groups of features, one reader for another."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.exceptions import NotFittedError

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


def test_an_icc_of_exactly_the_threshold_is_dropped():
    table = compare_icc(readings()).table
    for judge in ("readers", "perturbed"):
        at = table.loc["Variance", judge]
        kept = {
            threshold: compare_icc(readings(), threshold=threshold).kept
            for threshold in (at, np.nextafter(at, -1))
        }
        counts = [
            found.sum(axis=1 if judge == "readers" else 0)["kept"]
            for found in kept.values()
        ]
        assert counts == [(table[judge] > at).sum(), (table[judge] >= at).sum()]
        assert counts[1] == counts[0] + 1
    assert kept[at].index.tolist() == kept[at].columns.tolist() == ["kept", "dropped"]
    assert (kept[at].index.name, kept[at].columns.name) == ("readers", "perturbed")


def test_forms_of_readers_and_of_perturbed_outlines():
    X, forms = readings(), {"form": "ICC(3,1)", "perturbed_form": "ICC(2,k)"}
    table = compare_icc(X, **forms).table
    cube = X.to_numpy().reshape(30, 5, 4)
    for judge, raters, form in zip(
        ("readers", "perturbed"),
        (cube[:, :2], cube[:, 2:]),
        forms.values(),
        strict=True,
    ):
        expected = intraclass_correlation(raters, form=form).icc
        np.testing.assert_allclose(table[judge], expected)
    assert table.index.name == "feature"
    assert (table[["sequence", "region"]] == "").all(axis=None)


def test_three_features_have_a_rank_correlation_and_equal_ones_have_none():
    X = readings()
    three = X[[c for c in X if not c.endswith("Mean")]]
    found = compare_icc(three)
    ranks = spearmanr(found.table["readers"], found.table["perturbed"]).statistic
    assert found.correlation == ranks
    two = three[[c for c in three if not c.endswith("Variance")]]
    assert np.isnan(compare_icc(two).correlation)
    for judged in ("anna ben", "perturbed1 perturbed2 perturbed3"):
        same = X.copy()
        for reader in judged.split():
            for name in NAMES:
                same[f"{reader}__{name}"] = X[f"anna__{name}"]
        found = compare_icc(same)
        column = "readers" if "anna" in judged else "perturbed"
        assert (found.table[column] == 1).all() and np.isnan(found.correlation)


def test_two_iccs_are_enough_for_ranks():
    X = readings()
    for reader in READERS:
        X[f"{reader}__Variance"] = X[f"{reader}__Mean"]
        X[f"{reader}__WavEnLL_s-1"] = X[f"{reader}__S(1,0)Contrast"]
    found = compare_icc(X)
    assert found.table["readers"].nunique() == 2
    expected = spearmanr(found.table["readers"], found.table["perturbed"]).statistic
    assert found.correlation == pytest.approx(expected)


def test_min_lesions_reaches_both_filters():
    X = readings()
    X.loc[6:, "ben__Mean":"ben__WavEnLL_s-1"] = np.nan
    assert np.isfinite(compare_icc(X, min_lesions=6).table["readers"]).all()
    with pytest.raises(NotEstimable, match="min_lesions=7"):
        compare_icc(X, min_lesions=7)
    X = readings()
    X.loc[6:, "perturbed2__Mean":"perturbed2__WavEnLL_s-1"] = np.nan
    with pytest.raises(NotEstimable, match="min_lesions=7"):
        compare_icc(X, min_lesions=7)


def test_readers_that_are_called_like_sequences_are_named():
    X = readings(["T1", "T2", "perturbed1", "perturbed2"])
    named = ["T1", "T2", "perturbed1", "perturbed2"]
    expected = compare_icc(readings(["anna", "ben", "perturbed1", "perturbed2"]))
    found = compare_icc(X, readers=named)
    pd.testing.assert_frame_equal(found.table, expected.table)


def test_a_summary_is_of_one_kind_where_no_families_are_given():
    icc = ICCFilter(0.6).fit(readings(["a", "b"]))
    summary = icc_summary(icc)
    assert summary["family"].tolist() == [""] and summary["n_features"].tolist() == [4]
    assert summary[["sequence", "region"]].to_numpy().tolist() == [["", ""]]
    assert summary["n_kept"].tolist() == [icc.get_support().sum()]
    one = icc_summary(icc, np.array(["x", "y", "x", "x"]))
    assert one["family"].tolist() == ["x", "y"]


def test_swapping_leaves_the_table_and_takes_the_order_of_names():
    X = pd.DataFrame(
        {"ben__b": [3], "anna__a": [1], "anna__b": [2], "ben__a": [4], "age": [5]}
    )
    before = X.copy()
    swapped = swap_reader(X, "anna", "ben")
    pd.testing.assert_frame_equal(X, before)
    assert swapped.to_dict("list") == {"anna__a": [4], "anna__b": [3], "age": [5]}


def test_each_sequence_needs_two_readers():
    X = pd.concat(
        [readings(front="T1|lesion|"), readings(["anna", *READERS[2:]], "T2|lesion|")],
        axis=1,
    )
    with pytest.raises(ValueError, match="expected two at least of each sequence"):
        compare_icc(X)
    with pytest.raises(ValueError, match="must be two readers with the same features"):
        swap_reader(X, "anna", "ben")
    with pytest.raises(NotFittedError):
        icc_summary(ICCFilter())
