"""Bands, bias-corrected curves, second panels, cross-validation, and weak results."""

import inspect

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import (
    decision_curve,
    limits_of_agreement,
    roc_auc_ci,
    roc_band,
    score_by_class,
)
from sklearn_orn.plotting import (
    DecisionCurveDisplay,
    FlexibleCalibrationDisplay,
    PerformanceDisplay,
    ReaderAgreementDisplay,
    RocDisplay,
    WaterfallDisplay,
)
from sklearn_orn.resampling import optimism
from tests.plotting._boxes import assert_readable

DRAWN = {"n_resamples": 50, "random_state": 0}


def test_roc_band_and_unit(validation):
    y, p, groups = validation["y"], validation["comb_p"], validation["patient"]
    display = RocDisplay.from_predictions(
        y, p, groups=groups, name="Validation", **DRAWN
    )
    _, lower, upper, _ = roc_auc_ci(y, p, groups=groups)
    assert f"{lower:.3f}\N{EN DASH}{upper:.3f}" in display.line_.get_label()
    assert display.ax_.get_legend().get_title().get_text() == "CI by patient"
    band = roc_band(y, p, groups=groups, **DRAWN)
    heights = display.band_.get_paths()[0].vertices[:, 1]
    assert heights.max() == band["upper"].max()
    assert_readable(display.figure_)
    plain = RocDisplay.from_predictions(y, p)
    assert plain.band_ is None
    assert plain.ax_.get_legend().get_title().get_text() == ""


def test_two_roc_bands_are_readable(training, validation):
    first = RocDisplay.from_predictions(
        training["y"],
        training["comb_p"],
        name="Training",
        groups=training["id"],
        threshold=0.5,
        **DRAWN,
    )
    RocDisplay.from_predictions(
        validation["y"],
        validation["comb_p"],
        name="Validation",
        groups=validation["patient"],
        ax=first.ax_,
        **DRAWN,
    )
    assert_readable(first.figure_)


@pytest.fixture(scope="module")
def corrected():
    from tests._data import R_REFERENCE

    table = pd.read_csv(R_REFERENCE / "scores_train.csv")
    model = LogisticRegression().fit(table[["rad"]], table["y"])
    result = optimism(
        LogisticRegression(), table[["rad"]], table["y"], n_resamples=20, random_state=0
    )
    return table["y"], model.predict_proba(table[["rad"]])[:, 1], result


@pytest.mark.parametrize("name", [None, "Score"])
def test_bias_corrected_calibration(corrected, name):
    y, p, result = corrected
    display = FlexibleCalibrationDisplay.from_predictions(
        y, p, optimism=result, name=name
    )
    x, height = display.corrected_line_.get_data()
    np.testing.assert_array_equal(x, result.calibration["predicted"])
    np.testing.assert_array_equal(height, result.calibration["corrected"])
    labels = [t.get_text() for t in display.ax_.get_legend().get_texts()]
    wanted = {"Apparent", "Bias-corrected"}
    assert set(labels) >= (wanted if name is None else {"Score, bias-corrected"})
    assert display.line_.get_linestyle() != display.corrected_line_.get_linestyle()
    assert_readable(display.figure_)


def test_decision_curve_with_bands_and_interventions(validation):
    y, p, groups = validation["y"], validation["comb_p"], validation["patient"]
    display = DecisionCurveDisplay.from_predictions(
        y, p, groups=groups, interventions=True, name="A", **DRAWN
    )
    table = decision_curve(y, p, groups=groups, **DRAWN)
    np.testing.assert_array_equal(
        display.interventions_line_.get_ydata(), 100 * table["interventions_avoided"]
    )
    assert display.band_ is not None and display.interventions_band_ is not None
    assert display.interventions_ax_.get_ylabel() == "Interventions\navoided per 100"
    assert_readable(display.figure_)
    second = DecisionCurveDisplay.from_predictions(
        y,
        validation["clin_p"],
        interventions=True,
        name="B",
        ax=(display.ax_, display.interventions_ax_),
    )
    assert second.band_ is None
    colours = {
        d.interventions_line_.get_color() == d.line_.get_color()
        for d in (display, second)
    }
    assert colours == {True}
    assert_readable(display.figure_)
    with pytest.raises(ValueError, match="ax must be two Axes"):
        DecisionCurveDisplay.from_predictions(y, p, interventions=True, ax=display.ax_)


@pytest.fixture(scope="module")
def cross_validated():
    from tests._data import R_REFERENCE

    table = pd.read_csv(R_REFERENCE / "scores_train.csv")
    X, y = table[["rad", "clin_p"]], np.where(table["y"] == 1, "b", "a")
    model = make_pipeline(StandardScaler(), LogisticRegression())
    results = cross_validate(
        model, X, y, cv=4, return_estimator=True, return_indices=True
    )
    return results, X, y


def test_roc_from_cv_results(cross_validated):
    display = RocDisplay.from_cv_results(*cross_validated, name="CV")
    assert len(display.fold_lines_) == 4
    areas = [
        np.trapezoid(line.get_ydata(), line.get_xdata()) for line in display.fold_lines_
    ]
    assert f"AUC {np.mean(areas):.3f} " in display.line_.get_label()
    assert "of 4 folds" in display.line_.get_label()
    assert_readable(display.figure_)


@pytest.mark.parametrize("display", [FlexibleCalibrationDisplay, DecisionCurveDisplay])
def test_pooled_from_cv_results(display, cross_validated):
    results, X, y = cross_validated
    drawn = display.from_cv_results(results, X, y)
    proba = np.empty(len(y))
    for model, test in zip(
        results["estimator"], results["indices"]["test"], strict=True
    ):
        proba[test] = model.predict_proba(X.iloc[test])[:, 1]
    expected = display.from_predictions(y == "b", proba, pos_label=True)
    np.testing.assert_allclose(drawn.line_.get_ydata(), expected.line_.get_ydata())
    with pytest.raises(ValueError, match="lacks estimator, indices: call cross_val"):
        display.from_cv_results({"test_score": [1]}, X, y)


@pytest.mark.parametrize("size", [None, (3.5, 3)])
def test_reader_agreement(size):
    import matplotlib.pyplot as plt

    rng = np.random.default_rng(0)
    first = rng.normal(size=60)
    second = first + 0.3 * rng.normal(size=60) - 0.1
    groups = np.arange(60) // 2
    ax = None if size is None else plt.subplots(figsize=size, layout="constrained")[1]
    display = ReaderAgreementDisplay.from_predictions(
        first, second, groups=groups, names=("A", "B"), ax=ax
    )
    result = limits_of_agreement(first, second, groups=groups)
    heights = [line.get_ydata()[0] for line in display.lines_]
    assert heights == [result.bias, result.low, result.high]
    np.testing.assert_allclose(display.points_.get_ydata(), first - second)
    assert display.ax_.get_title(loc="left") == "95 % CI by patient"
    assert_readable(display.figure_)


def test_reader_agreement_of_a_model():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), np.arange(40) % 2
    model = LogisticRegression().fit(X, y)
    display = ReaderAgreementDisplay.from_estimator(model, X, X + [0.1, 0])
    np.testing.assert_allclose(display.agreement.bias, -0.1 * model.coef_[0, 0])
    # A constant difference: the limits fall together, and nothing breaks.
    assert display.agreement.sd == pytest.approx(0)


def test_help_names_what_the_scores_of_two_readers_pass_on():
    named = inspect.signature(ReaderAgreementDisplay.from_estimator).parameters
    assert set(named) == {"estimator", "X", "other_X", "groups", "names", "ax"}


def test_limits_of_agreement():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 30))
    alone = limits_of_agreement(a, b)
    assert alone == pytest.approx(limits_of_agreement(a, b, groups=np.arange(30)))
    assert alone.bias == pytest.approx((a - b).mean())
    gap = a - b
    from scipy.stats import ttest_1samp

    interval = ttest_1samp(gap, 0).confidence_interval()
    assert (alone.bias_lower, alone.bias_upper) == pytest.approx(tuple(interval))
    copied = limits_of_agreement(
        np.tile(a, 2), np.tile(b, 2), groups=np.tile(np.arange(30), 2)
    )
    assert copied.bias_upper == pytest.approx(alone.bias_upper)
    assert np.isnan(limits_of_agreement(a, b, groups=np.zeros(30)).bias_lower)
    with pytest.raises(ValueError, match="same two or more lesions"):
        limits_of_agreement(a, b[:-1])
    with pytest.raises(ValueError, match="must be finite"):
        limits_of_agreement([1, np.nan], [1, 2])


@pytest.mark.parametrize("size", [None, (7, 3)])
def test_waterfall(validation, size):
    import matplotlib.pyplot as plt

    y, score = validation["y"], validation["rad"]
    ax = None if size is None else plt.subplots(figsize=size, layout="constrained")[1]
    display = WaterfallDisplay.from_predictions(
        y, score, groups=validation["patient"], name="Validation", threshold=0.2, ax=ax
    )
    tips = np.sort([b.get_y() + b.get_height() for bars in display.bars_ for b in bars])
    np.testing.assert_allclose(tips, np.sort(score))
    assert [len(bars) for bars in display.bars_] == [22, 25]
    p_value = score_by_class(y, score, groups=validation["patient"]).p_value
    assert display.p_value == p_value < 0.001
    title = display.ax_.get_legend().get_title().get_text()
    assert title == "Validation, p < 0.001"
    assert_readable(display.figure_)


def test_waterfall_starts_at_the_models_threshold(training):
    X, y = training[["rad"]], np.where(training["y"] == 1, "ORN", "other")
    model = NomogramClassifier(penalty="none", threshold=0.3).fit(X, y)
    display = WaterfallDisplay.from_estimator(model, X, y)
    assert display.threshold == pytest.approx(np.log(0.3 / 0.7))
    labels = [t.get_text() for t in display.ax_.get_legend().get_texts()]
    assert labels == ["ORN (51)", "other (44)"]


@pytest.fixture(scope="module")
def fitted():
    from tests._data import R_REFERENCE

    table = pd.read_csv(R_REFERENCE / "a_train95.csv")
    X, y = table[["f01", "f04", "f13"]], table["y"]
    pipeline = make_pipeline(
        StandardScaler(), NomogramClassifier(lambda_rule=0.01, threshold="youden")
    )
    return pipeline.set_output(transform="pandas").fit(X, y), X, y


@pytest.mark.parametrize(
    ("display", "reason"),
    [
        (FlexibleCalibrationDisplay, "the LASSO shrinks its score"),
        (DecisionCurveDisplay, "net benefit is optimistic"),
        (RocDisplay, "threshold was chosen on the data it is judged on"),
    ],
)
def test_training_data_are_warned_of(display, reason, fitted):
    model, X, y = fitted
    with pytest.warns(StudyWarning, match=f"{reason}.*docs/evaluation.md#training"):
        display.from_estimator(model, X, y)
    display.from_estimator(model, X + 0.001, y)  # other data: no warning


def test_repeated_patients_are_warned_of(training):
    X = training[["rad"]].assign(patient=np.arange(95) // 2)
    model = LogisticRegression().fit(X, training["y"])
    with pytest.warns(StudyWarning, match="95 rows come from 48 patients.*#repeated"):
        RocDisplay.from_estimator(model, X, training["y"])
    with pytest.warns(StudyWarning, match="95 rows"):
        DecisionCurveDisplay.from_estimator(model, X, training["y"], **DRAWN)
    RocDisplay.from_estimator(model, X, training["y"], groups=X["patient"])
    with pytest.warns(StudyWarning, match="threshold is chosen on the data"):
        RocDisplay.from_estimator(
            model, X, training["y"], groups=X["patient"], threshold="youden"
        )


def test_decision_band_by_patient_and_pale_ends(validation):
    y, p, groups = validation["y"], validation["comb_p"], validation["patient"]
    display = DecisionCurveDisplay.from_predictions(y, p, groups=groups, name="A")
    table = decision_curve(y, p, groups=groups)
    np.testing.assert_array_equal(display.band[0], table["model_lower"])
    few = table[["above", "below"]].min(axis=1).to_numpy() < 5
    assert few[0] and few[-1] and not few[50]
    solid = display.solid_line_.get_ydata()
    np.testing.assert_array_equal(np.isnan(solid), few)
    np.testing.assert_array_equal(solid[~few], table["model"][~few])
    assert display.line_.get_alpha() < 0.5 and display.solid_line_.get_alpha() is None
    legend = display.ax_.get_legend().get_texts()
    assert [text.get_text() for text in legend] == ["A", "Treat all", "Treat none"]
    assert_readable(display.figure_)


def test_clinical_thresholds_are_what_is_shown(validation):
    y, p = validation["y"], validation["comb_p"]
    display = DecisionCurveDisplay.from_predictions(y, p, threshold_range=(0.1, 0.4))
    assert display.ax_.get_xlim() == (0.1, 0.4)
    assert display.solid_line_ is None and display.band_ is None
    assert_readable(display.figure_)


@pytest.mark.parametrize("grouped", [False, True])
def test_four_essential_measures(validation, grouped):
    y, p = validation["y"], validation["comb_p"]
    groups = validation["patient"] if grouped else None
    display = PerformanceDisplay.from_predictions(
        y, p, groups=groups, name="Validation", class_names=("low", "high")
    )
    assert display.roc_.ax_ is display.ax_[0, 0]
    assert display.calibration_.ax_ is display.ax_[0, 1]
    assert display.decision_.ax_ is display.ax_[1, 0]
    assert (display.decision_.band_ is not None) is grouped
    negative, positive = (one.get_data().values for one in display.histograms_)
    assert negative.sum() == pytest.approx(100) and positive.sum() == pytest.approx(100)
    expected = np.histogram(p[y == 1], np.linspace(0, 1, 21))[0] / (y == 1).sum()
    np.testing.assert_allclose(positive, 100 * expected)
    assert_readable(display.figure_)
    again = display.plot()
    assert again is display and display.ax_.shape == (2, 2)
    with pytest.raises(ValueError, match="ax must be four Axes, got 1"):
        PerformanceDisplay.from_predictions(y, p, ax=display.ax_[0, 0])


def test_a_probability_of_0_has_no_place_among_scores(training):
    X = training[["rad"]]
    model = LogisticRegression().fit(X, training["y"])
    model.threshold_ = 0.0
    display = RocDisplay.from_estimator(
        model, X, training["y"], response_method="decision_function"
    )
    assert display.operating_point is None


class _Given:
    """Its probability of the second class is the column."""

    classes_ = np.array([0, 1])

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])


def test_a_fold_of_one_class_leaves_the_folds_after_it():
    X = np.array([0.5, 0.6, 0.9, 0.1])[:, None]
    folds = {"test": [np.array([0, 1]), np.array([2, 3])]}
    results = {"estimator": [_Given()] * 2, "indices": folds}
    # The pair that is left is in the wrong order: along the lower and the right edge.
    display = RocDisplay.from_cv_results(results, X, [1, 1, 0, 1])
    assert display.roc_auc == 0 and len(display.folds) == 1
    x, y = display.line_.get_data()
    assert y.tolist() == (x == 1).tolist()


def test_one_fold_is_drawn():
    X = np.array([0.2, 0.6, 0.9, 0.1])[:, None]
    results = {"estimator": [_Given()], "indices": {"test": [np.array([3, 1, 2])]}}
    display = DecisionCurveDisplay.from_cv_results(
        results, X, [0, 0, 1, 1], thresholds=[0.5]
    )
    # One true and one false positive of three.
    assert display.model.tolist() == [0]


def test_the_view_of_decisions_holds_the_highest_curve_at_the_last_threshold():
    display = DecisionCurveDisplay(
        thresholds=np.array([0.2, 0.4, 0.6]),
        model=np.array([0.1, 0.3, 0.9]),
        treat_all=np.zeros(3),
        treat_none=np.zeros(3),
        threshold_range=(0.1, 0.4),
    ).plot()
    assert 0.3 < display.ax_.get_ylim()[1] < 0.4


def test_a_lower_second_curve_leaves_the_first_in_view():
    def drawn(height, ax=None):
        return DecisionCurveDisplay(
            thresholds=np.array([0.2, 0.4]),
            model=np.full(2, height),
            treat_all=np.full(2, height / 2),
            treat_none=np.zeros(2),
            interventions=np.full(2, height),
        ).plot(ax)

    first = drawn(0.4)
    panels = (first.ax_, first.interventions_ax_)
    drawn(0.1, panels)
    assert panels[0].get_ylim()[1] > 0.4 and panels[1].get_ylim()[1] > 40
    drawn(0.6, panels)
    assert panels[0].get_ylim()[1] > 0.6 and panels[1].get_ylim()[1] > 60


def test_bars_start_at_0_where_nothing_else_is_said():
    drawn = WaterfallDisplay.from_predictions([0, 1], [-1.0, 2.0])
    own = WaterfallDisplay(score=drawn.score, positive=drawn.positive).plot()
    for display in (drawn, own):
        assert [bar.get_y() for bars in display.bars_ for bar in bars] == [0, 0]
        assert display.threshold == 0


def test_the_four_measures_of_a_model_with_labels(fitted):
    model, X, y = fitted
    labels = np.where(y == 1, "orn", "met")
    named = LogisticRegression().fit(X, labels)
    display = PerformanceDisplay.from_estimator(named, X, labels)
    np.testing.assert_array_equal(
        np.sort(display.risks[1]),
        np.sort(named.predict_proba(X)[labels == "orn", 1]),
    )
    with pytest.warns(StudyWarning, match="LASSO shrinks its score"):
        PerformanceDisplay.from_estimator(model, X, y)
