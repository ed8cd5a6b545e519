"""Several centres: random effects against published numbers, and each centre."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import (
    calibration_statistics,
    net_benefit,
    performance_by_centre,
    random_effects,
    recalibration,
    roc_auc_ci,
)

# BCG vaccine, 13 trials: vaccinated with and without tuberculosis, controls with and
# without (Colditz et al., JAMA 1994;271:698-702; Berkey et al., Stat Med 1995;14:395).
BCG = np.array(
    """
    4 119 11 128 6 300 29 274 3 228 11 209 62 13536 248 12619 33 5036 47 5761
    180 1361 372 1079 8 2537 10 619 505 87886 499 87892 29 7470 45 7232 17 1699 65 1600
    186 50448 141 27197 5 2493 3 2338 27 16886 29 17825
    """.split(),
    dtype=float,
).reshape(13, 4)
ILL, WELL, CONTROL_ILL, CONTROL_WELL = BCG.T
TREATED, CONTROLS = ILL + WELL, CONTROL_ILL + CONTROL_WELL
LOG_RATIO = np.log(ILL / TREATED / (CONTROL_ILL / CONTROLS))
SE = np.sqrt(1 / ILL - 1 / TREATED + 1 / CONTROL_ILL - 1 / CONTROLS)

RNG = np.random.default_rng(4)
P = RNG.uniform(0.05, 0.95, 180)
Y = (RNG.random(180) < P).astype(int)
CENTRE = np.repeat(["north", "south", "west"], 60)
PATIENT = np.arange(180) // 2


@pytest.mark.parametrize(
    ("method", "tau2", "mean", "i2"),
    # rma(yi, vi, method=...) of metafor 3.8-1 in R 4.2.2, on its dat.bcg.
    [
        ("reml", 0.3132433260, -0.7145323484, 0.922213860750),
        ("dl", 0.3087602629, -0.7141172221, 0.921173468546),
    ],
)
def test_the_variance_between_trials_of_metafor(method, tau2, mean, i2):
    found = random_effects(LOG_RATIO, SE, method=method)
    assert found.tau2 == pytest.approx(tau2, abs=1e-6)
    assert found.mean == pytest.approx(mean, abs=1e-6)
    assert found.i2 == pytest.approx(i2, abs=1e-6)


def test_the_interval_of_hartung_and_knapp_of_metafor():
    found = random_effects(LOG_RATIO, SE)
    limits = (found.lower, found.upper)
    assert limits == pytest.approx((-1.1084437230, -0.3206209737), abs=1e-6)


def test_equal_standard_errors_have_a_closed_form():
    y, k = np.array([0.1, 0.5, 0.9, 1.3]), 4
    for method in ("reml", "dl"):
        found = random_effects(y, np.full(k, 0.2), method=method)
        assert found.mean == pytest.approx(y.mean())
        assert found.tau2 == pytest.approx(y.var(ddof=1) - 0.04, abs=1e-10)
        assert found.se == pytest.approx(np.sqrt(y.var(ddof=1) / k))


def test_centres_that_agree_do_not_narrow_the_interval():
    found = random_effects([0.5, 0.5, 0.5], [0.3, 0.3, 0.3])
    assert found.tau2 == found.i2 == 0
    assert found.se == pytest.approx(0.3 / np.sqrt(3))


def test_two_centres_predict_nothing():
    found = random_effects([0.2, 0.6], [0.1, 0.2])
    assert np.isnan([found.prediction_lower, found.prediction_upper]).all()
    assert found.lower < found.mean < found.upper


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=3, max_size=8),
    st.floats(-5, 5),
)
def test_a_shift_of_all_centres_shifts_the_summary(values, shift):
    y, se = np.array(values).T
    for method in ("reml", "dl"):
        found = random_effects(y, se, method=method)
        moved = random_effects(y + shift, se, method=method)
        assert moved.tau2 == pytest.approx(found.tau2, rel=1e-4, abs=1e-9)
        assert moved.mean == pytest.approx(found.mean + shift, rel=1e-4, abs=1e-4)
        assert found.prediction_lower <= found.lower <= found.mean <= found.upper
        assert y.min() - 1e-9 <= found.mean <= y.max() + 1e-9


@pytest.mark.parametrize(
    ("estimates", "errors", "match"),
    [
        ([0.1, 0.2], [0.1], "one value for each centre"),
        ([0.1, np.nan], [0.1, 0.1], "must be finite"),
        ([0.1, 0.2], [0.1, 0.0], "above 0"),
    ],
)
def test_wrong_estimates_are_refused(estimates, errors, match):
    with pytest.raises(ValueError, match=match):
        random_effects(estimates, errors)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method must be one of reml, dl, got 'ml'"):
        random_effects([0.1, 0.2], [0.1, 0.1], method="ml")


def test_one_centre_is_no_sample_of_centres():
    with pytest.raises(NotEstimable, match="needs two centres, got 1"):
        random_effects([0.1], [0.1])
    with pytest.raises(NotEstimable, match="All samples are of one centre"):
        performance_by_centre(Y, P, ["a"] * 180)


def test_each_centre_has_the_numbers_of_its_own_lesions():
    found = performance_by_centre(Y, P, CENTRE, groups=PATIENT, threshold=0.3)
    assert list(found.table.index) == ["north", "south", "west"]
    for name, row in found.table.iterrows():
        here = CENTRE == name
        own = {"groups": PATIENT[here]}
        auc = roc_auc_ci(Y[here], P[here], **own)
        assert (row["auc"], row["auc_lower"], row["auc_upper"]) == auc[:3]
        line = recalibration(Y[here], P[here], **own)
        assert (row["slope"], row["slope_lower"]) == (line.slope, line.slope_lower)
        benefit = net_benefit(Y[here], P[here], threshold=0.3)
        assert row["net_benefit"] == pytest.approx(benefit)
        statistics = calibration_statistics(Y[here], P[here])
        assert row["calibration_in_the_large"] == pytest.approx(
            statistics.calibration_in_the_large, abs=1e-9
        )
        assert row["patients"] == 30 and row["note"] == ""


def test_the_auc_is_summarised_on_the_logit_scale():
    found = performance_by_centre(Y, P, CENTRE)
    aucs = [roc_auc_ci(Y[CENTRE == c], P[CENTRE == c]) for c in found.table.index]
    value, se = np.array([(a.auc, a.se) for a in aucs]).T
    expected = random_effects(np.log(value / (1 - value)), se / (value * (1 - value)))
    row = found.summary.loc["auc"]
    assert row["mean"] == pytest.approx(1 / (1 + np.exp(-expected.mean)))
    assert 0 < row["prediction_lower"] < row["lower"] < row["mean"]
    assert row["mean"] < row["upper"] < row["prediction_upper"] < 1


def test_a_centre_of_one_class_is_shown_and_does_not_count():
    y = np.where(CENTRE == "west", 1, Y)
    found = performance_by_centre(y, P, CENTRE)
    west = found.table.loc["west"]
    assert np.isnan([west["auc"], west["slope"]]).all()
    assert "0 negative patients" in west["note"]
    assert found.summary["centres"].tolist() == [2, 2, 2, 3]
    assert np.isnan(found.summary.loc["auc", "prediction_lower"])


def test_gaps_and_lengths_are_named():
    with pytest.raises(ValueError, match="centre has 1 missing .* position 3"):
        performance_by_centre(Y, P, [*"aab", None, *["b"] * 176])
    with pytest.raises(ValueError, match="centre of each of the 180 samples"):
        performance_by_centre(Y, P, ["a", "b"])
    with pytest.raises(ValueError, match="threshold must lie between 0 and 1"):
        performance_by_centre(Y, P, CENTRE, threshold=1)
