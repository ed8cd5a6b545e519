"""Borders of lowess, by hand and as R's ``lowess(iter=0)`` has them, and of labels."""

import numpy as np
import pytest

from sklearn_orn.metrics import decision_curve, diagnostic_performance
from sklearn_orn.metrics._calibration_statistics import lowess


def test_lowess_of_a_narrow_neighbourhood_is_a_mean():
    # Of the three nearest points the third has no weight. At 1000 and 1002 the others
    # have weights of 1 and (1 - 1/8)^3, and a standard deviation of 0.4901: a line
    # through both of them if that is above a thousandth of the range, or their mean.
    y = np.array([0.0, 1, 3, 5])
    share = 1 / (1 + (7 / 8) ** 3)
    means = [1 - share, 1, 1 + 2 * share]
    for width, expected in ((490, y[:3]), (490.5, means)):
        x = 1000 + np.array([0.0, 1, 2, width])
        fitted = lowess(x, y, frac=0.75, delta=0)[1]
        np.testing.assert_allclose(fitted[:3], expected, atol=1e-9)
        np.testing.assert_allclose(lowess(x, y, frac=0.1, delta=0)[1], y, atol=1e-9)
    # A point at 0.999 of the reach has its weight, as in R.
    fitted = lowess(np.array([0.0, 999, 1000]), np.array([0.0, 1e9, 0]), frac=1)[1]
    weight = (1 - 0.999**3) ** 3
    assert fitted[0] == pytest.approx(1e9 * weight / (1 + weight), rel=1e-9)


def test_lowess_has_no_units():
    x = np.array([0.0, 0.02, 0.05, 0.1, 0.5, 0.52, 1.0])
    y = np.array([0.0, 1, 0, 1, 1, 0, 1])
    moved = lowess(4 + 8 * x, y, delta=0.06)[1]
    np.testing.assert_allclose(moved, lowess(x, y, delta=0.06)[1], atol=1e-12)


def test_one_wrong_threshold_among_right_ones_is_refused():
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        decision_curve([0, 1], [0.2, 0.8], thresholds=[0.1, 1.0])


def test_predicted_labels_and_their_prevalence_are_checked():
    with pytest.raises(ValueError, match="prevalence must lie between"):
        diagnostic_performance([0, 1], [0, 1], prevalence=1)
    with pytest.raises(ValueError, match="y_pred must not be missing, found 1"):
        diagnostic_performance([0, 1, 1], [0, 1, np.nan])


def test_two_resamples_have_quantiles():
    table = decision_curve(
        [0, 1, 0, 1], [0.2, 0.8, 0.6, 0.4], thresholds=[0.5], n_resamples=2
    )
    assert (table["model_lower"] <= table["model_upper"]).all()
