import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sklearn_orn.metrics import decision_curve, flexible_calibration_curve, roc_auc_ci
from sklearn_orn.plotting import (
    DecisionCurveDisplay,
    FlexibleCalibrationDisplay,
    RocDisplay,
)
from tests.plotting._boxes import assert_readable, axes_of

DISPLAYS = [RocDisplay, FlexibleCalibrationDisplay, DecisionCurveDisplay]


@pytest.mark.parametrize("display", DISPLAYS)
@pytest.mark.parametrize("size", [(3.5, 3.3), (7, 5), None])
def test_readable_with_two_curves(display, size, training, validation):
    ax = None if size is None else axes_of(*size)
    first = display.from_predictions(
        training["y"], training["comb_p"], name="Training set", ax=ax
    )
    second = display.from_predictions(
        validation["y"], validation["comb_p"], name="Validation set", ax=first.ax_
    )
    assert second.ax_ is first.ax_ and second.figure_ is first.figure_
    # Told apart in grey too.
    assert first.line_.get_linestyle() != second.line_.get_linestyle()
    assert first.line_.get_color() != second.line_.get_color()
    assert_readable(first.figure_)


@pytest.mark.parametrize("display", DISPLAYS)
def test_labels_need_pos_label(display, training):
    y = np.where(training["y"] == 1, "ORN", "none")
    with pytest.raises(ValueError, match="pass pos_label"):
        display.from_predictions(y, training["comb_p"])
    by_label = display.from_predictions(y, training["comb_p"], pos_label="ORN")
    by_number = display.from_predictions(training["y"], training["comb_p"])
    np.testing.assert_array_equal(
        by_label.line_.get_ydata(), by_number.line_.get_ydata()
    )


@pytest.mark.parametrize("display", DISPLAYS)
def test_from_estimator(display, training):
    X = training[["rad"]]
    y = np.where(training["y"] == 1, "a", "b")
    model = LogisticRegression().fit(X, y)
    drawn = display.from_estimator(model, X, y, name="Score")
    expected = display.from_predictions(
        y == "b", model.predict_proba(X)[:, 1], pos_label=True
    )
    np.testing.assert_allclose(drawn.line_.get_ydata(), expected.line_.get_ydata())
    labels = [text.get_text() for text in drawn.ax_.get_legend().get_texts()]
    assert any(label.startswith("Score") for label in labels)


def test_roc(training):
    display = RocDisplay.from_predictions(
        training["y"], training["comb_p"], name="Training", threshold=0.5
    )
    auc, lower, upper, _ = roc_auc_ci(training["y"], training["comb_p"])
    assert display.line_.get_label() == (
        f"Training\nAUC {auc:.3f} (95 % CI {lower:.3f}\N{EN DASH}{upper:.3f})"
    )
    area = np.trapezoid(display.line_.get_ydata(), display.line_.get_xdata())
    assert area == pytest.approx(auc, abs=1e-12)
    called = training["comb_p"] >= 0.5
    (x,), (y,) = display.operating_point_.get_data()
    assert y == pytest.approx(called[training["y"] == 1].mean())
    assert x == pytest.approx(called[training["y"] == 0].mean())
    assert display.operating_point_.get_label().startswith("At 0.5: sens. 0.84")
    np.testing.assert_array_equal(display.chance_level_.get_xdata(), [0, 1])
    assert display.ax_.get_xlabel() == "1 \N{MINUS SIGN} specificity"
    assert display.ax_.get_ylabel() == "Sensitivity"
    assert_readable(display.figure_)


def test_roc_youden_is_the_highest_above_chance(validation):
    display = RocDisplay.from_predictions(
        validation["y"], validation["comb_p"], threshold="youden", confidence=0.9
    )
    (x,), (y,) = display.operating_point_.get_data()
    assert y - x == pytest.approx((display.tpr - display.fpr).max())
    assert "90 % CI" in display.line_.get_label()


def test_roc_threshold_beyond_the_scores(validation):
    y, p = validation["y"], validation["comb_p"]
    all_called = RocDisplay.from_predictions(y, p, threshold=-1.0)
    assert all_called.operating_point[1:] == (1, 1)
    none_called = RocDisplay.from_predictions(y, p, threshold=2.0)
    assert none_called.operating_point[1:] == (0, 0)


def test_roc_legend_makes_way_for_a_poor_curve(validation):
    display = RocDisplay.from_predictions(
        validation["y"], -validation["comb_p"], name="Poor"
    )
    display.figure_.draw_without_rendering()
    legend = display.ax_.get_legend().get_window_extent()
    assert legend.y0 >= display.ax_.get_window_extent().y1
    assert_readable(display.figure_)


def test_roc_takes_the_estimators_threshold(training):
    X = training[["rad"]]
    model = LogisticRegression().fit(X, training["y"])
    assert RocDisplay.from_estimator(model, X, training["y"]).operating_point is None
    model.threshold_ = 0.4
    display = RocDisplay.from_estimator(model, X, training["y"])
    assert display.operating_point[0] == 0.4


def test_calibration(training):
    y, p = training["y"], training["comb_p"]
    display = FlexibleCalibrationDisplay.from_predictions(y, p, n_groups=4)
    curve = flexible_calibration_curve(y, p)
    np.testing.assert_array_equal(display.line_.get_xdata(), curve.predicted)
    np.testing.assert_array_equal(display.line_.get_ydata(), curve.observed)
    np.testing.assert_array_equal(display.ideal_line_.get_ydata(), [0, 1])
    points = display.points_[0]
    assert len(points.get_xdata()) == 4
    shares = display.groups
    assert ((shares["lower"] <= shares["observed"]) & (shares["upper"] <= 1)).all()
    assert np.average(points.get_xdata(), weights=[24, 23, 24, 24]) == pytest.approx(
        p.mean(), abs=0.01
    )
    assert display.ax_.get_ylabel() == "Observed proportion"
    assert_readable(display.figure_)


def test_calibration_has_five_groups_and_one_patient_may_be_one(training):
    y, p = training["y"], training["comb_p"]
    assert len(FlexibleCalibrationDisplay.from_predictions(y, p).groups) == 5
    few = FlexibleCalibrationDisplay.from_predictions(
        [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.9], n_groups=6
    )
    assert few.groups["observed"].tolist() == [0, 0, 1, 0, 1, 1]


def test_calibration_distribution_counts_both_outcomes(training):
    display = FlexibleCalibrationDisplay.from_predictions(
        training["y"], training["comb_p"]
    )
    events, others = (
        np.array([np.ptp(segment[:, 1]) for segment in spikes.get_segments()])
        for spikes in display.distribution_
    )
    # Lengths are proportional to counts: 51 with the event, 44 without.
    assert events.sum() / others.sum() == pytest.approx(51 / 44)
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels[:2] == ["No event", "Event"]
    bottom = min(s[:, 1].min() for s in display.distribution_[1].get_segments())
    assert display.ax_.get_ylim()[0] < bottom


def test_calibration_of_tied_probabilities(validation):
    display = FlexibleCalibrationDisplay.from_predictions(
        validation["y"], validation["clin_p"], n_groups=10
    )
    assert 2 <= len(display.groups) <= 10


def test_calibration_second_curve_keeps_the_first_distribution(training, validation):
    first = FlexibleCalibrationDisplay.from_predictions(
        training["y"], training["comb_p"]
    )
    second = FlexibleCalibrationDisplay.from_predictions(
        validation["y"], validation["comb_p"], ax=first.ax_
    )
    assert second.distribution_ is None and second.ideal_line_ is None
    labels = [text.get_text() for text in first.ax_.get_legend().get_texts()]
    assert labels.count("Groups (95 % CI)") == 1


def test_decision_curve(validation):
    y, p = validation["y"], validation["comb_p"]
    display = DecisionCurveDisplay.from_predictions(y, p, name="Nomogram")
    table = decision_curve(y, p)
    np.testing.assert_array_equal(display.line_.get_xdata(), table["threshold"])
    np.testing.assert_array_equal(display.line_.get_ydata(), table["model"])
    np.testing.assert_array_equal(
        display.treat_all_line_.get_ydata(), table["treat_all"]
    )
    assert not display.treat_none_line_.get_ydata().any()
    assert display.ax_.get_xlim() == (0, 1)
    bottom, top = display.ax_.get_ylim()
    assert y.mean() < top < 1 and -0.3 < bottom < 0
    assert display.ax_.get_xlabel() == "Threshold probability"
    assert display.ax_.get_ylabel() == "Net benefit"
    assert_readable(display.figure_)


def test_decision_curve_extremes_once_per_data_set(training, validation):
    y = validation["y"]
    first = DecisionCurveDisplay.from_predictions(y, validation["comb_p"], name="A")
    same = DecisionCurveDisplay.from_predictions(
        y, validation["clin_p"], name="B", ax=first.ax_
    )
    assert same.treat_all_line_ is None and same.treat_none_line_ is None
    other = DecisionCurveDisplay.from_predictions(
        training["y"], training["comb_p"], name="C", ax=first.ax_
    )
    assert other.treat_all_line_.get_label() == "Treat all (C)"


def test_decision_curve_at_own_thresholds(validation):
    display = DecisionCurveDisplay.from_predictions(
        validation["y"], validation["comb_p"], thresholds=[0.1, 0.2, 0.3]
    )
    assert display.line_.get_xdata().tolist() == [0.1, 0.2, 0.3]


def test_given_axes_leave_pyplot_alone(training):
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    ax = Figure(figsize=(3.5, 3.3)).subplots()
    for display in DISPLAYS:
        display.from_predictions(training["y"], training["comb_p"], ax=ax)
    assert not plt.get_fignums()
