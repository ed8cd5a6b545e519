"""Numbers of the LASSO's, agreement and stability figures, read from what is drawn."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from scipy.stats import spearmanr, t
from sklearn.exceptions import NotFittedError

from sklearn_orn import ICCFilter, NomogramClassifier
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.plotting import (
    ICCComparisonDisplay,
    ICCDisplay,
    InstabilityDisplay,
    LassoCVDisplay,
    LassoPathDisplay,
    ReaderAgreementDisplay,
    RedundancyDisplay,
    StabilityDisplay,
)
from sklearn_orn.plotting._icc import families_of
from sklearn_orn.resampling import instability
from tests.plotting.conftest import Fitted

MINUS = "\N{MINUS SIGN}"


def new_axes(width=5, height=4):
    return Figure(figsize=(width, height)).subplots()


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


# The LASSO

LAMBDAS = np.exp(-np.arange(7.0))


def fitted(**more):
    """A classifier with seven penalties and four features."""
    coefs = np.outer(np.arange(7.0) / 6, [0.0, 2.0, -3.0, 1.0])
    coefs[3] = [0, 1.5, -0.5, 1.0]
    attributes = {
        "lambdas_": LAMBDAS,
        "coef_path_": coefs,
        "cv_score_mean_": np.linspace(1.4, 0.8, 7),
        "cv_score_se_": np.linspace(0.1, 0.4, 7),
        "n_nonzero_": np.array([0, 1, 2, 3, 3, 5, 8]),
        "lambda_min_": LAMBDAS[3],
        "lambda_1se_": LAMBDAS[2],
        "feature_names_in_": np.array([*"abcd"], dtype=object),
        "n_features_in_": 4,
    }
    classifier = Fitted()
    vars(classifier).update(attributes | more)
    return classifier


@pytest.mark.parametrize("display", [LassoCVDisplay, LassoPathDisplay])
def test_every_count_stands_over_its_penalty(display):
    ax = new_axes()
    drawn = display.from_estimator(fitted(), ax=ax)
    assert drawn.ax_ is ax
    top = drawn.top_axis_
    shown = dict(zip(top.get_xticks(), top.get_xticklabels(), strict=True))
    counts = {place: text.get_text() for place, text in shown.items()}
    expected = {-6: "8", -5: "5", -4: "3", -3: "3", -2: "2", -1: "1", 0: "0"}
    assert counts == {float(place): count for place, count in expected.items()}
    assert top.get_xlabel() == "Number of nonzero coefficients"
    assert ax.get_xlabel() == r"log($\lambda$)"
    assert ax.spines["top"].get_visible()
    assert list(drawn.min_line_.get_xdata()) == [-3, -3]
    assert list(drawn.one_se_line_.get_xdata()) == [-2, -2]


def test_seven_counts_at_most_and_evenly_apart():
    lambdas = np.exp(-np.arange(61.0) / 10)
    display = LassoCVDisplay(
        lambdas=lambdas,
        n_nonzero=np.arange(61),
        score_mean=np.ones(61),
        score_se=np.ones(61),
        lambda_min=np.nan,
    ).plot(new_axes())
    shown = [text.get_text() for text in display.top_axis_.get_xticklabels()]
    assert sorted(map(int, shown)) == list(range(0, 61, 10))
    assert display.min_line_ is None and display.one_se_line_ is None


@pytest.mark.parametrize(
    ("scoring", "name"),
    [
        ({}, "Binomial deviance"),
        ({"scoring": "auc"}, "AUC"),
        ({"scoring": "error"}, "Misclassification error"),
        ({"scoring": "brier"}, "Brier score"),
    ],
)
def test_the_cross_validated_score_with_its_standard_errors(scoring, name):
    display = LassoCVDisplay.from_estimator(fitted(**scoring), ax=new_axes())
    assert display.ax_.get_ylabel() == name
    points, _, (bars,) = display.points_
    mean, se = np.linspace(1.4, 0.8, 7), np.linspace(0.1, 0.4, 7)
    np.testing.assert_allclose(
        points.get_xydata(), np.column_stack([-np.arange(7), mean])
    )
    ends = np.array(bars.get_segments())[:, :, 1]
    np.testing.assert_allclose(ends, np.column_stack([mean - se, mean + se]))


def test_a_score_of_some_penalties_is_drawn_and_one_of_none_is_refused():
    mean = np.append(np.ones(6), np.nan)
    LassoCVDisplay.from_estimator(fitted(cv_score_mean_=mean), ax=new_axes())
    with pytest.raises(ValueError, match="was not cross-validated"):
        LassoCVDisplay.from_estimator(fitted(cv_score_mean_=np.full(7, np.nan)))


def test_a_path_has_two_penalties_above_zero():
    short = {
        "lambdas_": LAMBDAS[:2],
        "coef_path_": np.eye(4)[:2],
        "n_nonzero_": np.array([1, 1]),
    }
    LassoPathDisplay.from_estimator(fitted(**short), ax=new_axes())
    for lambdas in ([0.1], [0.1, 0.0], [0.0, 0.0]):
        with pytest.raises(ValueError, match="no LASSO path to draw"):
            LassoPathDisplay.from_estimator(fitted(lambdas_=np.array(lambdas)))


def path(**more):
    return LassoPathDisplay.from_estimator(
        fitted(), n_labels=more.pop("n_labels", 12), ax=new_axes(), **more
    )


def test_the_largest_coefficients_at_lambda_min_are_labelled():
    assert set(path().labels_) == {"b", "c", "d"}
    # At the last penalty the order would be c, b, d.
    assert set(path(n_labels=1).labels_) == {"b"}
    assert set(path(n_labels=2).labels_) == {"b", "d"}
    for unknown in (None, np.nan):
        display = LassoPathDisplay(
            lambdas=LAMBDAS,
            coefs=fitted().coef_path_,
            names="abcd",
            n_nonzero=np.arange(7),
            lambda_min=unknown,
            n_labels=1,
        ).plot(new_axes())
        assert set(display.labels_) == {"c"}


def test_twelve_profiles_are_labelled_unless_told():
    n, names = 13, np.array([f"f{i}" for i in range(13)], dtype=object)
    numbers = {
        "coefs": np.outer(np.arange(7.0), np.arange(1.0, n + 1)),
        "n_nonzero": np.full(7, n),
    }
    model = fitted(
        coef_path_=numbers["coefs"],
        n_nonzero_=numbers["n_nonzero"],
        feature_names_in_=names,
        n_features_in_=n,
    )
    for display in (
        LassoPathDisplay.from_estimator(model, ax=new_axes(5, 6)),
        LassoPathDisplay(lambdas=LAMBDAS, names=names, **numbers).plot(new_axes(5, 6)),
    ):
        assert set(display.labels_) == {*names[1:]}


def test_what_is_not_fitted_is_not_drawn():
    with pytest.raises(NotFittedError):
        ICCDisplay.from_estimator(ICCFilter())
    for display in (LassoCVDisplay, LassoPathDisplay):
        with pytest.raises(NotFittedError):
            display.from_estimator(NomogramClassifier())


def test_of_equal_coefficients_at_lambda_min_the_larger_one_at_the_end_is_labelled():
    coefs = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [2.0, -4.0, 3.0]])
    display = LassoPathDisplay(
        lambdas=LAMBDAS[:3],
        coefs=coefs,
        names="abc",
        n_nonzero=np.array([0, 3, 3]),
        lambda_min=LAMBDAS[1],
        n_labels=2,
    ).plot(new_axes())
    assert set(display.labels_) == {"b", "c"}


def test_a_labelled_profile_differs_from_the_pale_ones_and_has_the_labels_colour():
    display = path(n_labels=2)
    pale = display.lines_["a"].get_color()
    assert display.lines_["c"].get_color() == pale
    colours = [display.lines_[name].get_color() for name in ("b", "d")]
    assert len({pale, *colours}) == 3
    for name, text in display.labels_.items():
        line = display.lines_[name]
        assert text.get_text() == name and text.get_color() == line.get_color()
        assert text.arrow_patch.get_edgecolor()[:3] == pytest.approx(
            tuple(int(line.get_color()[i : i + 2], 16) / 255 for i in (1, 3, 5))
        )
        assert text.xy == (-6, line.get_ydata()[-1])
        assert line.get_zorder() > display.lines_["a"].get_zorder()
        assert line.get_linewidth() > display.lines_["a"].get_linewidth()
    np.testing.assert_array_equal(display.lines_["b"].get_xdata(), -np.arange(7.0))


def test_profiles_of_one_colour_have_another_line_style():
    coefs = np.outer(np.arange(7.0), np.arange(1.0, 17.0))
    display = LassoPathDisplay(
        lambdas=LAMBDAS,
        coefs=coefs,
        names=[f"f{i}" for i in range(16)],
        n_nonzero=np.full(7, 16),
        n_labels=16,
    ).plot(new_axes(5, 6))
    assert len(display.labels_) == 16
    looks = {
        (line.get_color(), line.get_linestyle()) for line in display.lines_.values()
    }
    assert len(looks) == 16
    assert display.lines_["f15"].get_linestyle() == "-"
    assert display.lines_["f8"].get_linestyle() == "--"


def test_labels_stand_within_the_axes_left_of_the_profiles():
    display = path()
    figure = display.figure_
    figure.draw_without_rendering()
    inside = display.ax_.get_window_extent()
    x_end, _ = display.ax_.transData.transform((-6, 0))
    boxes = []
    for text in display.labels_.values():
        boxes.append(super(type(text), text).get_window_extent())
        assert inside.x0 - 2 < boxes[-1].x0 and boxes[-1].x1 < x_end
        assert inside.y0 - 2 < boxes[-1].y0 and boxes[-1].y1 < inside.y1 + 2
    boxes.sort(key=lambda box: box.y0)
    assert all(a.y1 <= b.y0 + 1 for a, b in zip(boxes, boxes[1:], strict=False))
    # Far apart they stand at the heights of their ends.
    for name, text in display.labels_.items():
        end = display.lines_[name].get_ydata()[-1]
        assert text.get_position()[1] == pytest.approx(end, abs=0.1)


def test_labels_that_have_no_room_are_left_out_with_the_smallest_coefficients():
    coefs = np.outer(np.arange(7.0), np.arange(1.0, 31.0))
    display = LassoPathDisplay(
        lambdas=LAMBDAS,
        coefs=coefs,
        names=[f"f{i}" for i in range(30)],
        n_nonzero=np.full(7, 30),
        n_labels=30,
    ).plot(new_axes(4, 1.8))
    kept = sorted(int(name[1:]) for name in display.labels_)
    assert 3 <= len(kept) < 20
    assert kept == list(range(30 - len(kept), 30))
    left_out = display.lines_[f"f{kept[0] - 1}"]
    assert left_out.get_color() == "#BBBBBB"
    assert left_out.get_linewidth() == pytest.approx(0.7)
    texts = {text.get_text() for text in display.ax_.texts}
    assert texts == set(display.labels_)


def test_ticks_stand_under_the_profiles_alone():
    display = path()
    low, high = display.ax_.get_xlim()
    ticks = display.ax_.get_xticks()
    assert -6 in ticks and 0 in ticks and min(ticks) == -6
    assert low < -6 and 0 < high < 0.5
    (rule,) = display.ax_.collections[0].get_segments()
    assert rule.tolist() == [[-6, 0], [0, 0]]
    bottom, top = display.ax_.get_ylim()
    assert bottom < -3 and top > 2 and top - bottom < 6


def test_coefficients_per_sd_of_the_table_with_its_columns_by_name():
    table = pd.DataFrame(
        {"d": [0.0, 8.0], "c": [0.0, 2.0], "b": [0.0, 6.0], "a": [0.0, 4.0]}
    )
    display = path(X=table)
    assert display.ax_.get_ylabel() == "Coefficient per SD"
    ends = [display.lines_[name].get_ydata()[-1] for name in "abcd"]
    np.testing.assert_allclose(ends, [0, 2 * 3, -3 * 1, 1 * 4])
    scaled = fitted(feature_scale_=np.array([1.0, 10, 100, 1000]))
    display = LassoPathDisplay.from_estimator(scaled, ax=new_axes())
    ends = [display.lines_[name].get_ydata()[-1] for name in "abcd"]
    np.testing.assert_allclose(ends, [0, 20, -300, 1000])
    assert display.ax_.get_ylabel() == "Coefficient per SD"


# Agreement


def icc_display(**more):
    values = {
        "icc": np.array([0.9, 0.3, np.nan, 0.6, 0.8]),
        "lower": np.array([0.8, 0.1, np.nan, 0.7, 0.7]),
        "upper": np.array([0.95, 0.5, np.nan, 0.75, 0.9]),
        "families": np.array(
            ["run_length", "run_length", "lost", "wavelet", "wavelet"], dtype=object
        ),
    }
    return ICCDisplay(**values | more).plot(new_axes())


def test_features_stand_in_order_of_their_icc_with_their_own_limits():
    display = icc_display()
    assert set(display.points_) == {"run_length", "wavelet"}
    expected = {
        "run_length": ([[1, 0.3], [4, 0.9]], [[0.1, 0.5], [0.8, 0.95]]),
        # A limit on the wrong side by rounding is at the ICC.
        "wavelet": ([[2, 0.6], [3, 0.8]], [[0.6, 0.75], [0.7, 0.9]]),
    }
    for family, (points, limits) in expected.items():
        drawn, _, (bars,) = display.points_[family]
        np.testing.assert_allclose(drawn.get_xydata(), points)
        ends = np.array(bars.get_segments())[:, :, 1]
        np.testing.assert_allclose(ends, limits)
    assert display.ax_.get_xlim() == (0, 5)
    assert 1 < display.ax_.get_ylim()[1] < 1.05
    assert legend_of(display.ax_) == ["run length", "wavelet"]
    assert display.threshold_line_ is None
    looks = {
        (points[0].get_marker(), points[0].get_color())
        for points in display.points_.values()
    }
    assert len(looks) == 2
    line = icc_display(threshold=0.0).threshold_line_
    assert list(line.get_ydata()) == [0, 0]


def test_more_families_than_markers_are_drawn():
    n = 9
    display = ICCDisplay(
        icc=np.linspace(0.1, 0.9, n),
        lower=np.zeros(n),
        upper=np.ones(n),
        families=np.array([f"f{i}" for i in range(n)], dtype=object),
    ).plot(new_axes())
    markers = [points[0].get_marker() for points in display.points_.values()]
    colours = [points[0].get_color() for points in display.points_.values()]
    for looks in (markers, colours):
        assert looks[:2] == looks[7:] and len(set(looks)) == 7


def test_the_family_is_that_of_the_name_without_its_sequence():
    names = ["Mean", "T1__Mean", "T1__S(1,0)Contrast", "age"]
    families = families_of(names)
    assert families[0] == families[1] != families[2]
    assert families[3] == "other" and len(families) == 4


def comparison(**more):
    values = {
        "readers": np.array([0.5, 0.9, np.nan, 0.7, -0.2]),
        "perturbed": np.array([0.7, 0.95, 0.9, np.nan, 0.4]),
        "families": np.array(["a_b", "c", "c", "d", "c"], dtype=object),
        "correlation": 0.8765,
        "threshold": 0.75,
    }
    return ICCComparisonDisplay(**values | more).plot(new_axes())


def test_readers_are_across_and_perturbed_outlines_up():
    display = comparison()
    ax = display.ax_
    assert set(display.points_) == {"a_b", "c"}
    assert display.points_["a_b"].get_xydata().tolist() == [[0.5, 0.7]]
    assert display.points_["c"].get_xydata().tolist() == [[0.9, 0.95], [-0.2, 0.4]]
    assert legend_of(ax) == ["a b", "c"]
    upright, level = display.threshold_lines_
    assert list(upright.get_xdata()) == [0.75, 0.75] == list(level.get_ydata())
    assert list(upright.get_ydata()) == [0, 1] == list(level.get_xdata())
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "ICC over readers",
        "ICC over perturbed outlines",
    )
    assert display.text_.get_text() == "Spearman 0.88, 3 features"
    assert display.text_.xy == (0.5, 0) and display.text_.xyann[0] == 0
    assert display.text_.xyann[1] < -20
    assert ax.get_xlim() == ax.get_ylim() == pytest.approx((-0.23, 1.03))
    assert ax.get_aspect() == 1
    x, y = display.diagonal_.get_data()
    assert list(x) == list(y) and x[0] <= -0.2 and x[1] == 1
    looks = [(line.get_marker(), line.get_color()) for line in display.points_.values()]
    assert looks[0] != looks[1]


def test_without_a_threshold_no_line_and_half_of_the_range_at_least():
    display = comparison(
        threshold=None,
        readers=np.full(5, 0.9),
        perturbed=np.linspace(0.8, 1, 5),
    )
    assert display.threshold_lines_ == []
    assert display.ax_.get_xlim() == display.ax_.get_ylim() == (0.47, 1.03)


def test_the_comparison_gives_all_that_is_drawn():
    table = pd.DataFrame(
        {"perturbed": [0.7, 0.8], "readers": [0.5, 0.6]}, index=["Mean", "age"]
    )
    found = SimpleNamespace(table=table, correlation=1.0, threshold=0.6)
    ax = new_axes()
    display = ICCComparisonDisplay.from_comparison(found, ax=ax)
    assert display.ax_ is ax and display.threshold == 0.6
    points = [line.get_xydata()[0].tolist() for line in display.points_.values()]
    assert points == [[0.5, 0.7], [0.6, 0.8]]
    assert display.text_.get_text() == "Spearman 1, 2 features"


FIRST = np.array([1.0, 2.0, 4.0, 7.0, 8.0])
SECOND = np.array([1.5, 1.0, 4.5, 5.0, 8.0])


def test_bland_and_altman_by_hand():
    ax = new_axes()
    display = ReaderAgreementDisplay.from_predictions(
        FIRST, SECOND, names=("A", "B"), ax=ax
    )
    gap = FIRST - SECOND
    np.testing.assert_array_equal(
        display.points_.get_xydata(), np.column_stack([(FIRST + SECOND) / 2, gap])
    )
    bias, sd = gap.mean(), gap.std(ddof=1)
    values = [bias, bias - 1.96 * sd, bias + 1.96 * sd]
    drawn = [list(line.get_ydata()) for line in display.lines_]
    np.testing.assert_allclose(drawn, np.transpose([values, values]), rtol=1e-4)
    boxes = [band.get_extents() for band in display.bands_]
    low, high = np.array(
        [ax.transData.inverted().transform(box)[:, 1] for box in boxes]
    ).T
    half = t.ppf(0.975, 4) * sd / np.sqrt(5)
    assert (low[0], high[0]) == pytest.approx((bias - half, bias + half))
    np.testing.assert_allclose((low + high) / 2, values, rtol=0.2, atol=0.1)
    assert low[1] < values[1] < high[1] and low[2] < values[2] < high[2]
    texts = [text.get_text() for text in display.texts_]
    assert texts == [
        f"{label}\n{value:.3g}".replace("-", MINUS)
        for label, value in zip(("Mean", "-1.96 SD", "+1.96 SD"), values, strict=True)
    ]
    places = [text.xy for text in display.texts_]
    np.testing.assert_allclose(places, np.column_stack([np.ones(3), values]), rtol=1e-4)
    assert all(text.xyann[0] > 0 and text.xyann[1] == 0 for text in display.texts_)
    assert ax.get_xlabel() == "Mean of the score"
    assert ax.get_ylabel() == f"Difference of the score, A {MINUS} B"
    assert ax.get_title(loc="left") == ""


def test_one_patient_has_no_bands_of_agreement():
    display = ReaderAgreementDisplay.from_predictions(
        FIRST, SECOND, groups=np.zeros(5), ax=new_axes()
    )
    assert display.bands_ == [] and len(display.lines_) == len(display.texts_) == 3
    assert display.ax_.get_title(loc="left") == "95 % CI by patient"


def test_the_second_reading_is_subtracted():
    model = SimpleNamespace(decision_function=lambda X: 2 * X[:, 0])
    display = ReaderAgreementDisplay.from_estimator(
        model, FIRST[:, None], SECOND[:, None], names=("A", "B"), ax=new_axes()
    )
    np.testing.assert_allclose(display.points_.get_ydata(), 2 * (FIRST - SECOND))


# Redundancy and stability


def similar():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 40))
    table = {"a": a, "b": b, "a2": a**3, "b2": -b + 0.05 * rng.normal(size=40)}
    return pd.DataFrame(table)


def test_the_heat_map_has_spearmans_correlations_in_the_order_of_its_names():
    X = similar()
    ax = new_axes()
    display = RedundancyDisplay.from_features(X, ax=ax)
    assert display.ax_ is ax
    names = [text.get_text() for text in ax.get_xticklabels()]
    assert names == [text.get_text() for text in ax.get_yticklabels()]
    np.testing.assert_array_equal(ax.get_xticks(), range(4))
    np.testing.assert_array_equal(ax.get_yticks(), range(4))
    drawn = display.image_.get_array()
    np.testing.assert_allclose(drawn, spearmanr(X[names]).statistic)
    assert {frozenset(names[:2]), frozenset(names[2:])} == {
        frozenset({"a", "a2"}),
        frozenset({"b", "b2"}),
    }
    assert display.image_.get_clim() == (-1, 1)
    high, low = (to_hex(display.image_.to_rgba(value)) for value in (1, -1))
    assert int(high[1:3], 16) > int(high[5:], 16)
    assert int(low[1:3], 16) < int(low[5:], 16)
    assert display.colorbar_.mappable is display.image_
    assert display.colorbar_.ax.get_ylabel() == "Spearman's correlation"


def test_two_features_that_vary_are_enough():
    X = similar()[["a", "b"]]
    assert RedundancyDisplay.from_features(X, ax=new_axes()).correlation.shape == (2, 2)
    for wrong, text in (
        (X[["a"]], "got 1 features, 0 constant, 0 with"),
        (X.assign(c=1.0), "got 3 features, 1 constant, 0 with"),
        (X.assign(b=X["b"].where(X.index > 1)), "got 2 features, 0 constant, 1 with"),
    ):
        with pytest.raises(NotEstimable, match=text):
            RedundancyDisplay.from_features(wrong)


def test_a_heat_map_grows_with_its_features():
    def size(n):
        table = pd.DataFrame(np.eye(n), columns=[f"x{i}" for i in range(n)])
        return RedundancyDisplay(correlation=table).plot().figure_.get_size_inches()

    assert size(2)[0] == size(6)[0] < size(30)[0] < 8
    assert size(30)[0] - size(20)[0] == pytest.approx(1.5, abs=0.1)
    assert 0.6 < size(30)[1] / size(30)[0] < 1


FREQUENCIES = pd.DataFrame(
    {"icc": [0.9, 0.5, 0.7, 0.2], "lasso": [0.4, 0.6, 0.4, 0.8]}, index=[*"abcd"]
)


def test_features_are_in_order_of_the_last_step_and_then_of_the_one_before():
    ax = new_axes()
    result = SimpleNamespace(frequencies=FREQUENCIES)
    display = StabilityDisplay.from_stability(result, n_features=3, ax=ax)
    assert display.ax_ is ax
    assert [text.get_text() for text in ax.get_yticklabels()] == ["d", "b", "a"]
    np.testing.assert_array_equal(ax.get_yticks(), range(3))
    bottom, top = ax.get_ylim()
    assert bottom > 2.3 and top < -0.3
    assert ax.get_xlim() == (0, 1)
    assert ax.get_xlabel() == "Share of resamples that select the feature"
    assert legend_of(ax) == ["icc", "lasso"]
    widths = {
        step: [bar.get_width() for bar in bars] for step, bars in display.bars_.items()
    }
    assert widths == {"icc": [0.2, 0.5, 0.9], "lasso": [0.8, 0.6, 0.4]}
    colours = {to_hex(bars[0].get_facecolor()) for bars in display.bars_.values()}
    hatches = {bars[0].get_hatch() for bars in display.bars_.values()}
    assert len(colours) == len(hatches) == 2


@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_the_bars_of_a_feature_share_its_row_without_a_gap(n_steps):
    table = pd.DataFrame(np.full((2, n_steps), 0.5), columns=[*"xyz"][:n_steps])
    display = StabilityDisplay(frequencies=table).plot(new_axes())
    for row in range(2):
        edges = [
            (bars[row].get_y(), bars[row].get_y() + bars[row].get_height())
            for bars in display.bars_.values()
        ]
        for (_, end), (start, _) in zip(edges, edges[1:], strict=False):
            assert start == pytest.approx(end)
        assert np.mean(edges) == pytest.approx(row)
        assert row - 0.5 < edges[0][0] and edges[-1][1] < row + 0.5


def test_eight_steps_are_drawn():
    table = pd.DataFrame(np.full((1, 8), 0.5), columns=[f"s{i}" for i in range(8)])
    display = StabilityDisplay(frequencies=table).plot(new_axes())
    colours = [to_hex(bars[0].get_facecolor()) for bars in display.bars_.values()]
    hatches = [bars[0].get_hatch() for bars in display.bars_.values()]
    assert colours[7] == colours[0] and hatches[4:] == hatches[:4]
    assert len(set(zip(colours, hatches, strict=True))) == 8


def test_more_features_and_steps_make_a_higher_figure():
    def height(n, n_steps):
        table = pd.DataFrame(np.full((n, n_steps), 0.5))
        figure = StabilityDisplay(frequencies=table).plot().figure_
        return figure.get_size_inches()[1]

    assert height(20, 1) - height(10, 1) == pytest.approx(2)
    assert height(10, 3) - height(10, 1) == pytest.approx(2)


# Instability


@pytest.fixture(scope="module")
def unstable():
    rng = np.random.default_rng(0)
    proba = np.linspace(0.1, 0.9, 24)
    refits = np.clip(proba + 0.15 * rng.normal(size=(20, 24)), 0.01, 0.99)
    return instability(np.arange(24) % 2, proba, refits, threshold=0.4)


def unstable_display(found, kind):
    return InstabilityDisplay(instability=found, kind=kind).plot(new_axes())


def test_the_models_own_probability_is_a_point_on_the_diagonal(unstable):
    ax = new_axes()
    result = SimpleNamespace(instability=unstable)
    display = InstabilityDisplay.from_optimism(result, ax=ax)
    assert display.ax_ is ax and display.kind == "prediction"
    own = np.linspace(0.1, 0.9, 24)
    np.testing.assert_allclose(
        display.line_.get_xydata().astype(float), np.column_stack([own, own])
    )
    (segments,) = (lines.get_segments() for lines in display.lines_)
    np.testing.assert_allclose(np.array(segments)[:, 1, 0], own)
    assert ax.get_xlim() == ax.get_ylim() == (0, 1)
    assert [0, 1] in [list(line.get_xdata()) for line in ax.lines]
    assert legend_of(ax) == ["95 % of the refits", "Model"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "Probability by the model",
        "Probability by refits",
    )


def test_the_mean_error_and_the_mean_share_in_the_legend(unstable):
    error = unstable_display(unstable, "error")
    mape = unstable.samples["mape"].mean()
    assert legend_of(error.ax_) == [f"Mean {mape:.3f}"]
    assert error.ax_.get_ylabel() == "Mean absolute error"
    changed = unstable_display(unstable, "classification")
    share = unstable.samples["changed"].mean()
    assert legend_of(changed.ax_) == [f"Mean {100 * share:.0f} %", "Threshold 0.40"]
    assert changed.ax_.get_ylabel() == "Share of refits that change class"
    for display, column in ((error, "mape"), (changed, "changed")):
        ax = display.ax_
        assert ax.get_xlabel() == "Probability by the model"
        np.testing.assert_allclose(
            display.lines_[0].get_xdata(), np.linspace(0.1, 0.9, 24)
        )
        highest = unstable.samples[column].max()
        assert ax.get_ylim()[0] == 0 and highest < ax.get_ylim()[1] < 1.2 * highest
        assert ax.get_xlim() == (0, 1)
    upright = [list(line.get_xdata()) for line in changed.ax_.lines]
    assert [0.4, 0.4] in upright
    assert [0.4, 0.4] not in [list(line.get_xdata()) for line in error.ax_.lines]


def test_a_stable_model_keeps_an_axis_of_errors():
    proba = np.linspace(0.1, 0.9, 10)
    found = instability(np.arange(10) % 2, proba, np.tile(proba, (3, 1)))
    ax = unstable_display(found, "error").ax_
    assert ax.get_ylim() == (0, 0.05)


@pytest.mark.parametrize(
    ("kind", "labels", "legend"),
    [
        ("calibration", ("Predicted probability", "Observed share"), []),
        (
            "decision",
            ("Threshold probability", "Net benefit"),
            ["Treat all", "Treat none"],
        ),
    ],
)
def test_curves_of_the_refits_and_of_the_model(unstable, kind, labels, legend):
    display = unstable_display(unstable, kind)
    ax = display.ax_
    assert (ax.get_xlabel(), ax.get_ylabel()) == labels
    assert legend_of(ax) == ["Refits", "Model", *legend]
    table = unstable.net_benefit if kind == "decision" else unstable.calibration
    x = table.iloc[:, 0]
    for line in (display.line_, *display.lines_):
        np.testing.assert_array_equal(line.get_xdata(), x)
    assert len(display.lines_) == 20
    np.testing.assert_array_equal(display.lines_[0].get_ydata(), table[0])
    np.testing.assert_array_equal(display.lines_[19].get_ydata(), table[19])
    assert display.line_.get_color() != display.lines_[0].get_color()
    low, high = ax.get_ylim()
    if kind == "decision":
        treat_all, none = ax.lines[-2:]
        np.testing.assert_array_equal(treat_all.get_ydata(), table["treat_all"])
        np.testing.assert_array_equal(treat_all.get_xdata(), x)
        assert list(none.get_ydata()) == [0, 0]
        highest = max(table["model"].max(), table["treat_all"].max())
        assert highest < high < 1.3 * highest and -0.4 * highest < low < 0
    else:
        assert list(ax.lines[-1].get_ydata()) == [0, 1]
        assert -0.1 < low < 0 and 1 < high < 1.1


def test_a_single_curve_without_refits_is_drawn(unstable):
    found = SimpleNamespace(calibration=unstable.calibration.iloc[:, :2])
    display = unstable_display(found, "calibration")
    assert list(display.lines_) == [] and legend_of(display.ax_) == ["Model"]
