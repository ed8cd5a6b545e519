"""Displays of the selection: ICC, stability, redundancy."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import ICCFilter
from sklearn_orn.plotting import (
    ICCComparisonDisplay,
    ICCDisplay,
    RedundancyDisplay,
    StabilityDisplay,
)
from sklearn_orn.resampling._selection_stability import Stability
from sklearn_orn.texture import FAMILIES, feature_names
from tests.plotting._boxes import assert_readable


@pytest.fixture(scope="module")
def icc_filter():
    rng = np.random.default_rng(0)
    names = feature_names()
    truth = rng.normal(size=(30, 279))
    noise = rng.exponential(0.5, size=279)
    blocks = [truth + noise * rng.normal(size=truth.shape) for _ in range(2)]
    blocks[0][3, 7] = np.nan
    columns = [f"{reader}__{name}" for reader in "ab" for name in names]
    return ICCFilter().fit(pd.DataFrame(np.hstack(blocks), columns=columns))


def test_icc_display_draws_each_feature_once(icc_filter):
    display = ICCDisplay.from_estimator(icc_filter)
    drawn = [len(bars.lines[0].get_xdata()) for bars in display.points_.values()]
    assert sum(drawn) == 278  # one has no ICC
    assert set(display.points_) == set(FAMILIES)
    assert display.threshold_line_.get_ydata()[0] == 0.75
    assert_readable(display.figure_)


def test_icc_display_takes_names_it_does_not_know():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(20, 3))
    icc = ICCFilter(n_readers=2).fit(np.hstack([a, a + 0.1 * rng.normal(size=(20, 3))]))
    assert list(ICCDisplay.from_estimator(icc).points_) == ["other"]
    one = ICCFilter(n_readers=1).fit(a)
    with pytest.raises(ValueError, match="fitted on one reader"):
        ICCDisplay.from_estimator(one)


def test_stability_display_shows_the_most_frequent_first():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        rng.random((279, 3)),
        index=feature_names(),
        columns=["icc", "fcm", "lasso"],
    )
    result = Stability(table, pd.DataFrame(), 100, {})
    display = StabilityDisplay.from_stability(result, n_features=15)
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == list(table.sort_values("lasso", ascending=False).index[:15])
    widths = [bar.get_width() for bar in display.bars_["lasso"]]
    assert widths == sorted(widths, reverse=True)
    assert_readable(display.figure_)


def test_redundancy_display_puts_similar_features_side_by_side(features):
    rng = np.random.default_rng(0)
    table = features.iloc[:, :10].copy()
    table["copy"] = -table[table.columns[0]] + 1e-9 * rng.normal(size=len(table))
    display = RedundancyDisplay.from_features(table)
    names = list(display.correlation.columns)
    assert abs(names.index("copy") - names.index(table.columns[0])) == 1
    assert display.correlation.loc["copy", table.columns[0]] < -0.9
    assert_readable(display.figure_)
    big = RedundancyDisplay.from_features(features)
    assert_readable(big.figure_)


def test_redundancy_display_names_what_it_cannot_use(features):
    table = features.iloc[:, :3].assign(constant=1.0)
    with pytest.raises(ValueError, match="4 features, 1 constant"):
        RedundancyDisplay.from_features(table)


def test_a_family_without_both_iccs_leaves_those_after_it():
    display = ICCComparisonDisplay(
        readers=np.array([np.nan, 0.7, 0.8]),
        perturbed=np.array([0.9, 0.8, 0.9]),
        families=np.array(["lost", "a", "b"], dtype=object),
        correlation=1.0,
    ).plot()
    assert set(display.points_) == {"a", "b"}


def test_ties_of_the_last_step_are_told_apart_by_those_before():
    table = pd.DataFrame(
        {"icc": [0.2, 0.9, 0.5], "fcm": [0.4, 0.4, 0.6], "lasso": [0.7, 0.7, 0.7]},
        index=[*"abc"],
    )
    display = StabilityDisplay.from_stability(Stability(table, pd.DataFrame(), 9, {}))
    assert [t.get_text() for t in display.ax_.get_yticklabels()] == ["c", "b", "a"]


def test_twenty_features_are_drawn_unless_told():
    table = pd.DataFrame({"lasso": np.linspace(0, 1, 21)})
    display = StabilityDisplay.from_stability(Stability(table, pd.DataFrame(), 9, {}))
    assert len(display.bars_["lasso"]) == 20


def test_a_feature_of_two_values_varies():
    table = pd.DataFrame({"a": [0, 1, 0, 1], "b": [0.1, 0.9, 0.4, 0.5]})
    drawn = RedundancyDisplay.from_features(table).image_.get_array()
    assert drawn[0, 1] == pytest.approx(4 / np.sqrt(20))
