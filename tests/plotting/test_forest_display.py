"""The forest plot of several centres shows the numbers of `performance_by_centre`."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_orn.metrics import performance_by_centre
from sklearn_orn.plotting import ForestDisplay

RNG = np.random.default_rng(1)
P = RNG.uniform(0.05, 0.95, 240)
Y = RNG.random(240) < P
CENTRE = np.repeat(["A", "B", "C"], 80)


@pytest.mark.parametrize(
    "measure", ["auc", "calibration_in_the_large", "slope", "net_benefit"]
)
def test_points_intervals_and_summary(measure):
    found = performance_by_centre(Y, P, CENTRE)
    display = ForestDisplay(performance=found, measure=measure).plot()
    for name, row in found.table.iterrows():
        assert display.points_[name].get_xdata()[0] == row[measure]
        low, high = display.ax_.get_xlim()
        ends = np.clip([row[f"{measure}_lower"], row[f"{measure}_upper"]], low, high)
        np.testing.assert_array_equal(display.intervals_[name].get_xdata(), ends)
    summary = found.summary.loc[measure]
    x = display.mean_.get_xy()[:, 0]
    assert summary["mean"] in x
    assert display.prediction_ is not None
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels == ["A", "B", "C", "Mean", "New centre"]
    plt.close(display.figure_)


def test_a_centre_without_the_measure_keeps_its_row():
    y = np.where(CENTRE == "C", True, Y)
    display = ForestDisplay.from_predictions(y, P, CENTRE)
    assert set(display.points_) == {"A", "B"}
    assert display.texts_["C"].get_text() == "not defined"
    assert display.texts_["New centre"].get_text() == "too few centres"
    assert display.prediction_ is None
    plt.close(display.figure_)


def test_an_unknown_measure_is_named():
    found = performance_by_centre(Y, P, CENTRE)
    with pytest.raises(ValueError, match="measure must be one of auc, .* got 'brier'"):
        ForestDisplay(performance=found, measure="brier").plot()


def test_an_interval_with_one_limit_is_not_written():
    found = performance_by_centre(Y, P, CENTRE)
    found.table.loc["B", "auc_lower"] = np.nan
    display = ForestDisplay(performance=found).plot()
    assert display.texts_["B"].get_text() == f"{found.table.loc['B', 'auc']:.2f}"
    assert set(display.intervals_) == {"A", "C"}
    plt.close(display.figure_)
