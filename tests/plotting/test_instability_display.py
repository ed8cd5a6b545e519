"""The instability of predictions, drawn."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.plotting import InstabilityDisplay
from sklearn_orn.resampling import instability


@pytest.fixture
def found():
    rng = np.random.default_rng(0)
    proba = np.linspace(0.1, 0.9, 24)
    refits = np.clip(proba + 0.15 * rng.normal(size=(20, 24)), 0.01, 0.99)
    return instability(np.arange(24) % 2, proba, refits, threshold=0.4)


def test_the_range_of_the_refits_is_drawn_at_the_models_probability(found):
    display = InstabilityDisplay.from_optimism(SimpleNamespace(instability=found))
    segments = np.array(display.lines_[0].get_segments())
    np.testing.assert_allclose(segments[:, 0, 0], found.samples["probability"])
    np.testing.assert_allclose(segments[:, 0, 1], found.samples["lower"])
    np.testing.assert_allclose(segments[:, 1, 1], found.samples["upper"])


@pytest.mark.parametrize(
    ("kind", "column", "mean"),
    [("error", "mape", "mape"), ("classification", "changed", "changed")],
)
def test_each_sample_has_a_point_and_the_mean_a_line(found, kind, column, mean):
    display = InstabilityDisplay(instability=found, kind=kind).plot()
    np.testing.assert_array_equal(display.lines_[0].get_ydata(), found.samples[column])
    assert display.line_.get_ydata()[0] == getattr(found, mean)
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert ("Threshold 0.40" in texts) == (kind == "classification")


@pytest.mark.parametrize(
    ("kind", "table", "own"),
    [
        ("calibration", "calibration", "observed"),
        ("decision", "net_benefit", "model"),
    ],
)
def test_every_refit_has_a_curve(found, kind, table, own):
    display = InstabilityDisplay(instability=found, kind=kind).plot()
    curves = getattr(found, table)
    assert len(display.lines_) == found.n_resamples
    np.testing.assert_array_equal(display.lines_[7].get_ydata(), curves[7])
    np.testing.assert_array_equal(display.line_.get_ydata(), curves[own])


def test_an_unknown_kind_is_refused(found):
    with pytest.raises(ValueError, match="kind must be one of prediction, error"):
        InstabilityDisplay(instability=found, kind="roc").plot()


@pytest.mark.parametrize("model_is_higher", [False, True])
def test_the_view_holds_the_model_and_treating_all(model_is_higher):
    low, high = [0.05, 0.1], [0.3, 0.2]
    table = pd.DataFrame(
        {
            "threshold": [0.1, 0.2],
            "model": high if model_is_higher else low,
            "treat_all": low if model_is_higher else high,
            0: [0.0, 0.0],
        }
    )
    found = SimpleNamespace(net_benefit=table)
    display = InstabilityDisplay(instability=found, kind="decision").plot()
    assert 0.3 < display.ax_.get_ylim()[1] < 0.4
