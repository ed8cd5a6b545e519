"""Numbers of ROC, calibration and decision curves, read from what is drawn."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from scipy.stats import binomtest

from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.metrics import decision_curve, diagnostic_performance, roc_band
from sklearn_orn.plotting import (
    DecisionCurveDisplay,
    FlexibleCalibrationDisplay,
    PerformanceDisplay,
    RocDisplay,
)

P = np.array([0.03, 0.11, 0.11, 0.19, 0.25, 0.31, 0.43, 0.49, 0.57, 0.63, 0.81, 0.93])
Y = np.array([0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1])
PATIENT = np.array([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9])


class Fixed:
    """Its probability of the second class is the first column."""

    def __init__(self, classes=(0, 1)):
        self.classes_ = np.array(classes)

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])


def wilson(counts, n):
    """Lower and upper limits of shares, by SciPy."""
    found = [binomtest(k, n).proportion_ci(method="wilson") for k in counts]
    return np.array(found).T


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def edges_of(band):
    """Lower and upper edge of a filled band at each x, from its polygon."""
    points = pd.DataFrame(band.get_paths()[0].vertices, columns=["x", "y"])
    found = points.groupby("x")["y"].agg(["min", "max"])
    return found.index.to_numpy(), found["min"].to_numpy(), found["max"].to_numpy()


@pytest.fixture
def axes():
    return plt.subplots()[1]


# ROC


def test_the_operating_point_at_a_score_that_is_the_threshold(axes):
    score = np.array([1, 2, 3, 3, 4, 5, 5, 6])
    y = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    # Positive from 3 on: 4 of 4 events, 2 of 4 others.
    display = RocDisplay.from_predictions(y, score, threshold=3, ax=axes)
    assert display.operating_point == (3.0, 0.5, 1.0)
    label = display.operating_point_.get_label()
    assert label == "At 3: sens. 1.00, spec. 0.50"
    assert display.operating_point_.get_xydata().tolist() == [[0.5, 1.0]]
    above = RocDisplay.from_predictions(y, score, threshold=3.0001)
    assert above.operating_point[1:] == (0.25, 0.75)
    assert "At 3: sens. 0.75, spec. 0.75" in above.operating_point_.get_label()


def test_the_roc_band_has_the_level_and_the_seed_that_were_asked_for(axes):
    settings = {"confidence": 0.7, "n_resamples": 20, "random_state": 3}
    display = RocDisplay.from_predictions(Y, P, groups=PATIENT, ax=axes, **settings)
    band = roc_band(Y, P, groups=PATIENT, **settings)
    x, low, high = edges_of(display.band_)
    np.testing.assert_array_equal(x, band["fpr"])
    # A step of the polygon closes each end.
    np.testing.assert_array_equal(low[1:-1], band["lower"][1:-1])
    np.testing.assert_array_equal(high[1:-1], band["upper"][1:-1])
    assert "(70 % CI " in display.line_.get_label()
    assert axes.get_legend().get_title().get_text() == "CI by patient"
    assert display.band_.get_facecolor()[0, :3].tolist() == pytest.approx(
        to_rgb(display.line_.get_color())
    )


def test_the_roc_band_without_resamples_is_drawn_where_it_is_asked_for(axes):
    settings = {"groups": PATIENT, "confidence": 0.7}
    display = RocDisplay.from_predictions(Y, P, plot_band=True, ax=axes, **settings)
    band = roc_band(Y, P, **settings)
    _, low, high = edges_of(display.band_)
    np.testing.assert_array_equal(low[1:-1], band["lower"][1:-1])
    np.testing.assert_array_equal(high[1:-1], band["upper"][1:-1])
    assert RocDisplay.from_predictions(Y, P, **settings).band_ is None


def test_an_auc_limit_that_is_not_defined_is_said(axes):
    for limits in ((np.nan, 0.9), (0.2, np.nan)):
        display = RocDisplay(
            fpr=[0, 1], tpr=[0, 1], roc_auc=0.5, roc_auc_limits=limits
        ).plot()
        assert display.line_.get_label() == "AUC 0.500 (95 % CI not defined)"


def test_a_curve_of_nothing_but_points_has_no_label():
    display = RocDisplay(fpr=[0, 1], tpr=[0, 1]).plot()
    assert display.ax_.get_legend() is None
    assert display.band_ is None and display.operating_point_ is None
    assert display.fold_lines_ == []


def test_the_name_given_to_plot_goes_before_the_displays_own():
    display = RocDisplay(fpr=[0, 1], tpr=[0, 1], roc_auc=0.5, name="own")
    assert display.plot().line_.get_label() == "own\nAUC 0.500"
    assert display.plot(name="other").line_.get_label() == "other\nAUC 0.500"
    assert display.name == "own"


def test_all_of_the_roc_curve_is_in_view_and_both_axes_have_one_scale():
    display = RocDisplay(fpr=[0, 1], tpr=[0, 1]).plot()
    for low, high in (display.ax_.get_xlim(), display.ax_.get_ylim()):
        assert -0.05 < low < 0 and 1 < high < 1.05
    assert display.ax_.get_aspect() == 1


# Scores of three folds: all apart; the second and third of four in the wrong order;
# and one class alone.
FOLDS = [
    ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]),
    ([0.1, 0.3, 0.6, 0.9], [0, 1, 0, 1]),
    ([0.5, 0.6], [1, 1]),
]


def cross_validated(folds):
    X = np.concatenate([score for score, _ in folds])[:, None]
    y = np.concatenate([outcome for _, outcome in folds])
    ends = np.cumsum([len(outcome) for _, outcome in folds])
    rows = np.split(np.arange(len(y)), ends[:-1])
    results = {"estimator": [Fixed()] * len(folds), "indices": {"test": rows}}
    return results, X, y


def test_the_mean_roc_curve_of_two_folds_by_hand(axes):
    display = RocDisplay.from_cv_results(*cross_validated(FOLDS), name="Score", ax=axes)
    # AUCs of 1 and 3/4: SD = sqrt(2) / 8.
    label = "AUC 0.875 \N{PLUS-MINUS SIGN} 0.177 (mean \N{PLUS-MINUS SIGN} SD of 2"
    assert display.line_.get_label() == f"Score\n{label} folds)"
    assert display.roc_auc == 0.875
    assert len(display.fold_lines_) == 2
    assert all(line.get_color() == "#0072B2" for line in display.fold_lines_)
    assert display.ax_ is axes
    x, y = display.line_.get_data()
    assert (x[0], y[0]) == (0, 0)
    # 1, and 1/2 up to a half and 1 from there.
    np.testing.assert_allclose(x[1:], np.linspace(0, 1, 101))
    np.testing.assert_allclose(y[1:], np.where(x[1:] < 0.5, 0.75, 1), atol=1e-12)


def test_the_area_of_the_mean_roc_curve_is_the_mean_area():
    rng = np.random.default_rng(0)
    folds = [(rng.integers(0, 9, 30) / 10, rng.integers(0, 2, 30)) for _ in range(4)]
    display = RocDisplay.from_cv_results(*cross_validated(folds))
    area = np.trapezoid(display.line_.get_ydata(), display.line_.get_xdata())
    # The grid is of hundredths, and rises take part of one.
    assert area == pytest.approx(display.roc_auc, abs=0.006)


def test_the_roc_curve_of_one_fold_has_no_spread():
    display = RocDisplay.from_cv_results(*cross_validated(FOLDS[1:]))
    label = "AUC 0.750 (mean \N{PLUS-MINUS SIGN} SD of 1 folds)"
    assert display.line_.get_label() == label


@pytest.mark.parametrize("outcome", [0, 1])
def test_folds_of_one_class_have_no_roc_curve(outcome):
    results = cross_validated([([0.5, 0.6], [outcome] * 2)])
    with pytest.raises(NotEstimable, match="No test fold .* has both classes"):
        RocDisplay.from_cv_results(*results)


def test_the_mean_roc_curve_of_the_first_class():
    results, X, y = cross_validated(FOLDS[:2])
    display = RocDisplay.from_cv_results(results, X, y, pos_label=0)
    assert display.roc_auc == 0.875
    with pytest.raises(ValueError, match="response_method"):
        RocDisplay.from_cv_results(results, X, y, response_method="none")


# Calibration


def test_groups_of_risk_have_wilson_intervals(axes):
    display = FlexibleCalibrationDisplay.from_predictions(
        Y, P, n_groups=3, name="A", ax=axes
    )
    points, caps, (bars,) = display.points_
    parts = [slice(0, 4), slice(4, 8), slice(8, 12)]
    x, y = points.get_xydata().T
    np.testing.assert_allclose(x, [P[part].mean() for part in parts])
    np.testing.assert_allclose(y, [0.25, 0.25, 0.75])
    low, high = wilson([1, 1, 3], 4)
    segments = np.array(bars.get_segments())
    np.testing.assert_allclose(segments[:, 0, 1], low)
    np.testing.assert_allclose(segments[:, 1, 1], high)
    assert len(caps) == 2
    assert legend_of(axes) == ["Ideal", "A", "Groups (95 % CI)"]


def test_groups_of_risk_have_intervals_by_patient(axes):
    patient = np.array(list("aabbccddbbea"))
    display = FlexibleCalibrationDisplay.from_predictions(
        Y, P, groups=patient, n_groups=3, ax=axes
    )
    segments = np.array(display.points_[2][0].get_segments())[:, :, 1]
    for part, ends in zip(np.split(np.arange(12), 3), segments, strict=True):
        # All called positive: the accuracy is the share of the positive.
        told = diagnostic_performance(Y[part], np.ones(4), groups=patient[part])
        expected = told.loc["accuracy", ["lower", "upper"]]
        assert ends == pytest.approx(expected.to_numpy(float))
    assert legend_of(axes)[-1] == "Groups (95 % CI)"
    assert axes.get_legend().get_title().get_text() == "CI by patient"
    one_each = FlexibleCalibrationDisplay.from_predictions(
        Y, P, groups=np.arange(12), n_groups=3
    )
    low, high = wilson([1, 1, 3], 4)
    np.testing.assert_allclose(one_each.groups["lower"], low)
    np.testing.assert_allclose(one_each.groups["upper"], high)


def test_bars_of_folds_follow_their_patients():
    order = np.array([7, 0, 4, 11, 2, 9, 5, 1, 10, 3, 8, 6])
    results, X, y = cross_validated([(P, Y)])
    results["indices"]["test"] = [order[:5], order[5:]]
    results["estimator"] *= 2
    patient = np.array(list("aabbccddbbea"))
    folds = FlexibleCalibrationDisplay.from_cv_results(
        results, X, y, groups=patient, n_groups=3
    )
    whole = FlexibleCalibrationDisplay.from_predictions(
        Y, P, groups=patient, n_groups=3
    )
    assert folds.unit == "patient"
    pd.testing.assert_frame_equal(folds.groups, whole.groups)


def test_a_group_without_events_has_an_interval_from_zero():
    y = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1])
    display = FlexibleCalibrationDisplay.from_predictions(y, P, n_groups=3)
    segments = np.array(display.points_[2][0].get_segments())
    low, high = wilson([0, 2, 4], 4)
    np.testing.assert_allclose(segments[:, 0, 1], low, atol=1e-12)
    np.testing.assert_allclose(segments[:, 1, 1], high)


def test_equal_risks_make_fewer_groups_without_a_warning(recwarn):
    proba = np.repeat([0.2, 0.4, 0.6], 4)
    display = FlexibleCalibrationDisplay.from_predictions(Y, proba, n_groups=10)
    np.testing.assert_allclose(display.points_[0].get_xydata()[:, 0], [0.2, 0.4, 0.6])
    assert not [one for one in recwarn if issubclass(one.category, StudyWarning)]
    with pytest.raises(ValueError, match="n_groups must be an integer of at least 3"):
        FlexibleCalibrationDisplay.from_predictions(Y, proba, n_groups=2)


def test_spikes_are_as_long_as_there_are_patients(axes):
    risk = np.array([0.011, 0.012, 0.013, 0.5, 0.99, 0.3, 0.011, 0.5, 0.99, 0.99])
    y = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    display = FlexibleCalibrationDisplay.from_predictions(y, risk, n_groups=3, ax=axes)
    events, others = (np.array(lines.get_segments()) for lines in display.distribution_)
    # Bins of 0.02: 0.01, 0.31 and 0.51 are the middles of theirs.
    np.testing.assert_allclose(events[:, 0, 0], [0.01, 0.51, 0.99])
    np.testing.assert_allclose(others[:, 0, 0], [0.01, 0.31, 0.51, 0.99])
    base = events[0, 0, 1]
    one = (events[0, 1, 1] - base) / 3
    assert one > 0
    np.testing.assert_allclose(events[:, 0, 1], base)
    np.testing.assert_allclose(others[:, 0, 1], base)
    np.testing.assert_allclose(events[:, 1, 1], base + one * np.array([3, 1, 1]))
    np.testing.assert_allclose(others[:, 1, 1], base - one * np.array([1, 1, 1, 2]))
    # The two names stand on their sides, and all spikes below the curve and in view.
    ticks = dict(
        zip(
            [text.get_text() for text in axes.get_yticklabels()],
            axes.get_yticks(),
            strict=True,
        )
    )
    assert ticks["No event"] < base < ticks["Event"] < base + 3 * one < -0.02
    assert axes.get_ylim()[0] < base - 3 * one
    assert [ticks[f"{i / 10:.1f}"] for i in range(0, 11, 2)] == pytest.approx(
        [0, 0.2, 0.4, 0.6, 0.8, 1]
    )
    visible = [t.tick1line.get_visible() for t in axes.yaxis.get_major_ticks()]
    assert visible == [False] * 2 + [True] * 6
    assert base in [line.get_ydata()[0] for line in axes.lines]


def test_all_of_the_calibration_plot_is_in_view(axes):
    FlexibleCalibrationDisplay.from_predictions(Y, P, n_groups=3, ax=axes)
    assert -0.05 < axes.get_xlim()[0] < 0 and 1 < axes.get_xlim()[1] < 1.05
    assert -0.35 < axes.get_ylim()[0] < -0.28 and 1 < axes.get_ylim()[1] < 1.1
    np.testing.assert_allclose(axes.get_xticks(), [0, 0.2, 0.4, 0.6, 0.8, 1])


def test_a_calibration_curve_alone():
    curve = FlexibleCalibrationDisplay(predicted=P, observed=P**2)
    display = curve.plot()
    assert display.points_ is None and display.distribution_ is None
    assert display.corrected_line_ is None
    assert legend_of(display.ax_) == ["Ideal", "Lowess"]
    assert legend_of(curve.plot(name="Mine").ax_) == ["Ideal", "Mine"]
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    np.testing.assert_allclose(display.ax_.get_yticks(), [0, 0.2, 0.4, 0.6, 0.8, 1])
    np.testing.assert_array_equal(display.ideal_line_.get_xydata(), [[0, 0], [1, 1]])


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_corrected_curve_may_be_a_table(wrapped):
    table = pd.DataFrame({"predicted": [0.1, 0.9], "corrected": [0.3, 0.7]})
    display = FlexibleCalibrationDisplay.from_predictions(
        Y,
        P,
        n_groups=3,
        optimism=SimpleNamespace(calibration=table) if wrapped else table,
    )
    assert display.corrected_line_.get_xydata().tolist() == [[0.1, 0.3], [0.9, 0.7]]
    assert legend_of(display.ax_) == [
        "Ideal",
        "Apparent",
        "Bias-corrected",
        "Groups (95 % CI)",
    ]
    named = display.plot(name="B")
    assert legend_of(named.ax_)[1:3] == ["B", "B, bias-corrected"]


def test_calibration_of_an_estimator_takes_all_that_is_asked_for(axes):
    display = FlexibleCalibrationDisplay.from_estimator(
        Fixed(), P[:, None], Y, n_groups=4, name="A", ax=axes
    )
    assert len(display.groups) == 4 and display.ax_ is axes
    assert legend_of(axes)[1] == "A"


# Decision


def test_thresholds_with_five_samples_on_either_side_are_solid(axes):
    proba = np.repeat([0.05, 0.25, 0.45, 0.65, 0.85], [4, 1, 3, 1, 4])
    y = np.arange(13) % 3 == 0
    at = [0.0, 0.1, 0.3, 0.5, 0.7, 0.9]
    # Below: 0, 4, 5, 8, 9, 13.
    display = DecisionCurveDisplay.from_predictions(y, proba, thresholds=at, ax=axes)
    solid = display.solid_line_.get_ydata()
    np.testing.assert_array_equal(np.isnan(solid), [1, 1, 0, 0, 1, 1])
    assert display.line_.get_alpha() < 1
    assert legend_of(axes) == ["Model", "Treat all", "Treat none"]
    enough = [0.3, 0.5]
    display = DecisionCurveDisplay.from_predictions(y, proba, thresholds=enough)
    assert display.solid_line_ is None and display.line_.get_alpha() is None
    assert display.line_.get_label() == "Model"


@pytest.fixture(scope="module")
def banded():
    settings = {"thresholds": [0.1, 0.3, 0.5, 0.7], "groups": PATIENT}
    table = decision_curve(Y, P, **settings)
    display = DecisionCurveDisplay.from_predictions(
        Y, P, interventions=True, threshold_range=(0.1, 0.7), **settings
    )
    return table, display


def test_the_bands_of_net_benefit_and_of_interventions(banded):
    table, display = banded
    for band, name, factor in (
        (display.band_, "model", 1),
        (display.interventions_band_, "interventions_avoided", 100),
    ):
        x, low, high = edges_of(band)
        np.testing.assert_array_equal(x, table["threshold"])
        np.testing.assert_allclose(low, factor * table[f"{name}_lower"])
        np.testing.assert_allclose(high, factor * table[f"{name}_upper"])
    line = display.interventions_line_
    np.testing.assert_array_equal(line.get_xdata(), table["threshold"])
    np.testing.assert_allclose(line.get_ydata(), 100 * table["interventions_avoided"])
    assert len(display.ax_.collections) == 1


def test_the_two_panels_of_a_decision_curve(banded):
    table, display = banded
    below = display.interventions_ax_
    assert display.ax_.get_xlabel() == "" and display.ax_.get_ylabel() == "Net benefit"
    assert below.get_xlabel() == "Threshold probability"
    assert display.ax_.get_xlim() == below.get_xlim() == (0.1, 0.7)
    assert [0, 0] in [list(line.get_ydata()) for line in below.lines]
    assert display.ax_.get_position().y0 > below.get_position().y1
    for ax, highest in (
        (display.ax_, table["model_upper"].max()),
        (below, 100 * table["interventions_avoided"].max()),
    ):
        assert highest < ax.get_ylim()[1] < 1.2 * highest
        assert -0.4 * highest < ax.get_ylim()[0] < -0.1 * highest


def test_pale_ends_of_a_band_stay_in_the_band():
    settings = {"thresholds": np.linspace(0.05, 0.9, 18), "groups": PATIENT}
    display = DecisionCurveDisplay.from_predictions(Y, P, **settings)
    table = decision_curve(Y, P, **settings)
    few = (table[["above", "below"]].min(axis=1) < 5).to_numpy()
    solid, whole = display.ax_.collections
    assert whole is display.band_
    x, low, high = edges_of(whole)
    np.testing.assert_allclose(low, table["model_lower"])
    np.testing.assert_allclose(high, table["model_upper"])
    x, low, high = edges_of(solid)
    np.testing.assert_allclose(x, table["threshold"][~few])
    np.testing.assert_allclose(low, table["model_lower"][~few])
    np.testing.assert_allclose(high, table["model_upper"][~few])
    for line in (display.line_, display.solid_line_):
        np.testing.assert_array_equal(line.get_xdata(), table["threshold"])


def test_the_view_holds_every_curve_within_the_thresholds_shown(axes):
    at = [0.0, 0.1, 0.4, 0.6]
    model, treat_all = np.array([0.5, 0.2, 0.3, 0.05]), np.array([0.5, 0.4, 0.1, -9])

    def drawn(shown, band=None, ax=None):
        return DecisionCurveDisplay(
            thresholds=np.array(at),
            model=model,
            treat_all=treat_all,
            treat_none=np.zeros(4),
            threshold_range=shown,
            band=band,
        ).plot(ax=ax)

    def top(display):
        return display.ax_.get_ylim()[1]

    assert 0.5 < top(drawn(None)) < 0.6
    assert 0.4 < top(drawn((0.1, 0.4))) < 0.48
    assert 0.3 < top(drawn((0.2, 0.5))) < 0.36
    assert 0.7 < top(drawn((0.4, 0.6), (model - 1, model + 0.4))) < 0.84
    assert 0 < top(drawn((0.7, 0.9))) < 0.02
    both = DecisionCurveDisplay.from_predictions(Y, P, thresholds=[0.5], ax=axes)
    first = top(both)
    low = DecisionCurveDisplay.from_predictions([0, 0, 1, 0], [0.1] * 4, ax=axes)
    assert top(low) == pytest.approx(max(first, top(low))) and top(low) >= first


def test_a_second_curve_of_interventions_keeps_the_first_in_view():
    first = DecisionCurveDisplay.from_predictions(Y, P, interventions=True, name="A")
    panels = (first.ax_, first.interventions_ax_)
    before = first.interventions_ax_.get_ylim()[1]
    proba = np.full(12, 0.5)
    second = DecisionCurveDisplay.from_predictions(
        Y, proba, interventions=True, name="B", ax=panels
    )
    assert second.interventions_ax_.get_ylim()[1] == before
    assert second.interventions_band_ is None
    zeros = [line for line in panels[1].lines if list(line.get_ydata()) == [0, 0]]
    assert len(zeros) == 1
    assert panels[1].get_xlim() == (0, 1)
    assert legend_of(first.ax_) == ["A", "Treat all", "Treat none", "B"]
    alone = DecisionCurveDisplay.from_predictions(Y, proba, thresholds=[0.4])
    assert alone.interventions_ax_ is None and alone.interventions_line_ is None
    assert alone.interventions_band_ is None


def test_the_prevalence_reaches_the_decision_curve():
    display = DecisionCurveDisplay.from_predictions(Y, P, prevalence=0.1)
    assert display.treat_all_line_.get_ydata()[0] == pytest.approx(0.1)
    assert display.treat_none_line_.get_ydata()[0] == 0
    np.testing.assert_array_equal(
        display.treat_none_line_.get_xdata(), display.treat_all_line_.get_xdata()
    )
    np.testing.assert_array_equal(
        display.treat_none_line_.get_xdata(), display.thresholds
    )


def test_resamples_alone_give_a_band_and_its_seed():
    settings = {"n_resamples": 20, "random_state": 4, "thresholds": [0.2, 0.5]}
    display = DecisionCurveDisplay.from_predictions(Y, P, **settings)
    table = decision_curve(Y, P, **settings)
    np.testing.assert_array_equal(display.band[0], table["model_lower"])
    np.testing.assert_array_equal(display.band[1], table["model_upper"])
    assert display.interventions_band is None and display.interventions is None


def test_the_name_given_to_plot_is_that_of_the_curve_and_of_its_extreme(axes):
    DecisionCurveDisplay.from_predictions(Y, P, ax=axes)
    other = DecisionCurveDisplay.from_predictions(1 - Y, P, name="own")
    other.plot(axes, name="B")
    assert legend_of(axes) == ["Model", "Treat all", "Treat none", "B", "Treat all (B)"]


# All four


def test_the_four_panels_take_what_is_asked_for(axes):
    settings = {"thresholds": [0.2, 0.3, 0.5], "threshold_range": (0.2, 0.5)}
    display = PerformanceDisplay.from_predictions(
        Y, P, groups=PATIENT, name="A", prevalence=0.2, **settings
    )
    roc, calibration, decision, risks = display.ax_.ravel()
    assert (roc.get_ylabel(), calibration.get_ylabel()) == (
        "Sensitivity",
        "Observed proportion",
    )
    assert (decision.get_ylabel(), risks.get_ylabel()) == (
        "Net benefit",
        "Share of the class (%)",
    )
    assert risks.get_xlabel() == "Predicted probability"
    assert roc.get_legend().get_title().get_text() == "CI by patient"
    for ax in (roc, calibration, decision):
        assert any(label.startswith("A") for label in legend_of(ax))
    table = decision_curve(Y, P, groups=PATIENT, prevalence=0.2, thresholds=[0.2, 0.3])
    np.testing.assert_allclose(display.decision.model[:2], table["model"])
    np.testing.assert_allclose(display.decision.band[0][:2], table["model_lower"])
    assert decision.get_xlim() == (0.2, 0.5)
    assert legend_of(risks) == ["No event (n = 7)", "Event (n = 5)"]
    assert risks.get_xlim() == (0, 1)
    old = display.ax_
    again = display.plot()
    assert again.ax_.shape == (2, 2) and again.figure_ is again.ax_[0, 0].figure
    for ax, other in zip(old.ravel(), again.ax_.ravel(), strict=True):
        assert ax is not other and ax.get_ylabel() == other.get_ylabel()
        assert len(ax.lines) == len(other.lines)
    assert again.roc_.ax_ is again.ax_[0, 0]


def test_the_shares_of_each_class_along_the_risk():
    risks = (np.array([0.0, 0.02, 0.05, 0.5]), np.array([0.99, 1.0]))
    drawn = PerformanceDisplay.from_predictions(
        [0, 0, 0, 0, 1, 1], np.concatenate(risks)
    )
    for steps, risk in zip(drawn.histograms_, risks, strict=True):
        values, edges, _ = steps.get_data()
        np.testing.assert_allclose(edges, np.arange(21) / 20)
        expected = np.zeros(20)
        for one in risk:
            expected[min(int(round(one * 100)) // 5, 19)] += 100 / len(risk)
        np.testing.assert_allclose(values, expected)
        fills = [p for p in drawn.ax_[1, 1].patches if p.get_fill()]
        assert any(np.array_equal(p.get_data().values, values) for p in fills)
