"""Numbers of forest plots, odds ratios and waterfalls, read from what is drawn."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from sklearn_orn.metrics import performance_by_centre, score_by_class
from sklearn_orn.plotting import ForestDisplay, OddsRatioDisplay, WaterfallDisplay
from sklearn_orn.plotting._style import p_text

MINUS, INFINITY = "\N{MINUS SIGN}", "\N{INFINITY}"
MEASURES = {
    "auc": (0.5, "AUC", 2),
    "calibration_in_the_large": (0.0, "Calibration in the large", 2),
    "slope": (1.0, "Calibration slope", 2),
    "net_benefit": (0.0, "Net benefit at 0.35", 3),
}


def heads_of(ax):
    """Arrow heads as (marker, x, y)."""
    return {
        (line.get_marker(), float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in ax.lines
        if line.get_marker() in "<>"
    }


def new_axes():
    return Figure(figsize=(7, 3)).subplots()


# Forest plots of centres


def performance(rows, summary, measure="auc", names=None):
    """What `performance_by_centre` returns, with numbers of our own."""
    columns = [measure, f"{measure}_lower", f"{measure}_upper"]
    names = names or [*"ABCDEFG"][: len(rows)]
    keys = ["mean", "lower", "upper", "prediction_lower", "prediction_upper"]
    table = pd.DataFrame(rows, columns=columns, index=names, dtype=float)
    whole = pd.DataFrame(np.nan, index=list(MEASURES), columns=keys)
    whole.loc[measure] = summary
    return SimpleNamespace(table=table, summary=whole, threshold=0.35)


def forest(rows, summary, measure="auc", **settings):
    found = performance(rows, summary, measure, **settings)
    return ForestDisplay(performance=found, measure=measure).plot(new_axes())


@pytest.fixture(scope="module")
def three():
    return forest(
        [(0.8, 0.7, 0.9), (0.75, 0.5, 0.85), (0.65, np.nan, np.nan)],
        (0.76, 0.68, 0.82, 0.55, 0.91),
    )


def test_each_centre_has_its_row_from_the_top(three):
    assert [text.get_text() for text in three.ax_.get_yticklabels()] == [
        "A",
        "B",
        "C",
        "Mean",
        "New centre",
    ]
    np.testing.assert_array_equal(three.ax_.get_yticks(), range(5))
    top, bottom = three.ax_.get_ylim()[::-1]
    assert top == -0.5 and bottom == 4.5
    for y, (name, value) in enumerate({"A": 0.8, "B": 0.75, "C": 0.65}.items()):
        assert three.points_[name].get_xydata().tolist() == [[value, y]]
    assert three.intervals_["A"].get_xydata().tolist() == [[0.7, 0], [0.9, 0]]
    assert three.intervals_["B"].get_xydata().tolist() == [[0.5, 1], [0.85, 1]]
    assert "C" not in three.intervals_
    (rule,) = (
        line
        for line in three.ax_.lines
        if len(set(line.get_ydata())) == 1 and line.get_ydata()[0] == 2.5
    )
    assert rule.get_xdata() == [0, 1]


def test_rows_in_numbers(three):
    assert {name: text.get_text() for name, text in three.texts_.items()} == {
        "A": "0.80 (0.70 to 0.90)",
        "B": "0.75 (0.50 to 0.85)",
        "C": "0.65",
        "Mean": "0.76 (0.68 to 0.82)",
        "New centre": "0.55 to 0.91",
    }
    for y, text in enumerate(three.texts_.values()):
        assert text.xy == (1, y)
        assert text.xycoords == ("axes fraction", "data")
        assert text.xyann[0] > 0 and text.xyann[1] == 0
    # A dollar sign in a name begins no formula.
    names = three.ax_.get_yticklabels()
    assert not any(text.get_parse_math() for text in (*names, *three.texts_.values()))
    assert not three.ax_.spines["left"].get_visible()


def test_the_mean_is_a_diamond_and_the_new_centre_a_line(three):
    corners = three.mean_.get_xy()[:4]
    np.testing.assert_array_equal(corners[:, 0], [0.68, 0.76, 0.82, 0.76])
    np.testing.assert_allclose(corners[:, 1], [3, 2.7, 3, 3.3])
    assert three.prediction_.get_xydata().tolist() == [[0.55, 4], [0.91, 4]]
    colours = {three.prediction_.get_color(), three.points_["A"].get_color()}
    assert len(colours) == 2
    assert three.intervals_["A"].get_color() == three.points_["A"].get_color()


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_has_its_line_of_no_effect_its_label_and_its_digits(measure):
    no_effect, label, digits = MEASURES[measure]
    display = forest(
        [(0.71234, 0.61234, 0.81234), (0.8, 0.7, 0.9)],
        (0.7, 0.6, 0.8, np.nan, np.nan),
        measure,
    )
    assert list(display.reference_line_.get_xdata()) == [no_effect, no_effect]
    assert display.ax_.get_xlabel() == label
    values = [f"{value:.{digits}f}" for value in (0.71234, 0.61234, 0.81234)]
    assert display.texts_["A"].get_text() == "{} ({} to {})".format(*values)
    assert display.texts_["New centre"].get_text() == "too few centres"
    low, high = display.ax_.get_xlim()
    assert low < min(no_effect, 0.6) and high > max(no_effect, 0.9)
    assert high - low < 1.2 * (max(no_effect, 0.9) - min(no_effect, 0.6))


def test_numbers_below_zero_have_a_true_minus_sign():
    display = forest(
        [(-0.5, -1.25, 0.25), (0.1, -0.2, 0.4)],
        (-0.2, -0.6, 0.2, -1.1, 0.9),
        "calibration_in_the_large",
    )
    assert display.texts_["A"].get_text() == f"{MINUS}0.50 ({MINUS}1.25 to 0.25)"
    assert display.texts_["New centre"].get_text() == f"{MINUS}1.10 to 0.90"


def test_an_auc_axis_ends_at_0_and_1():
    display = forest(
        [(0.05, 0.0, 0.3), (0.95, 0.7, 1.0)], (0.5, 0.2, 0.8, np.nan, np.nan)
    )
    assert display.ax_.get_xlim() == (0, 1)
    assert heads_of(display.ax_) == set()
    slope = forest(
        [(0.05, 0.0, 0.3), (0.95, 0.7, 1.0)], (0.5, 0.2, 0.8, np.nan, np.nan), "slope"
    )
    assert slope.ax_.get_xlim() == pytest.approx((-0.05, 1.05))


def test_an_interval_far_beyond_the_points_ends_in_arrow_heads():
    display = forest(
        [(0.5, -30.0, 30.0), (1.5, 1.0, 2.0)], (1.0, -9.0, 9.0, -20.0, 20.0), "slope"
    )
    # Points and no effect span 1 about 1: the axis ends 2 further, and a bit.
    assert display.ax_.get_xlim() == pytest.approx((-1.2, 3.2))
    low, high = display.ax_.get_xlim()
    assert display.intervals_["A"].get_xdata().tolist() == [low, high]
    assert display.intervals_["B"].get_xdata().tolist() == [1, 2]
    assert heads_of(display.ax_) == {
        ("<", low, 0),
        (">", high, 0),
        ("<", low, 3),
        (">", high, 3),
    }
    np.testing.assert_array_equal(display.mean_.get_xy()[:4, 0], [low, 1, high, 1])
    assert display.texts_["A"].get_text() == f"0.50 ({MINUS}30.00 to 30.00)"


def test_an_interval_beyond_one_end_has_one_arrow_head():
    display = forest(
        [(0.5, 0.2, 30.0), (1.5, 1.0, 2.0)], (1.0, 0.5, 1.5, np.nan, np.nan), "slope"
    )
    assert heads_of(display.ax_) == {(">", display.ax_.get_xlim()[1], 0)}


def test_equal_centres_still_have_an_axis():
    display = forest(
        [(1.0, 1.0, 1.0), (1.0, 1.0, 1.0)], (1.0, 0.5, 1.5, np.nan, np.nan), "slope"
    )
    # The span is a tenth at least: limits further than a fifth are cut.
    assert display.ax_.get_xlim() == pytest.approx((0.78, 1.22))


def test_a_mean_that_is_not_defined_is_not_drawn():
    nothing = (np.nan,) * 5
    display = forest([(0.7, 0.6, 0.8), (np.nan, np.nan, np.nan)], nothing)
    assert display.mean_ is None and display.prediction_ is None
    assert display.texts_["Mean"].get_text() == "not defined"
    assert display.texts_["B"].get_text() == "not defined"
    assert set(display.points_) == set(display.intervals_) == {"A"}


def test_the_forest_of_predictions_takes_all_that_is_asked_for():
    rng = np.random.default_rng(0)
    proba = rng.uniform(0.05, 0.95, 160)
    y = np.where(rng.random(160) < proba, "ORN", "none")
    centre, groups = np.repeat([1, 2], 80), np.arange(160) // 2
    ax = new_axes()
    display = ForestDisplay.from_predictions(
        y,
        proba,
        centre,
        groups=groups,
        threshold=0.35,
        measure="net_benefit",
        pos_label="ORN",
        ax=ax,
    )
    assert display.ax_ is ax
    found = performance_by_centre(
        y == "ORN", proba, centre, groups=groups, threshold=0.35
    ).table
    for name, row in zip("12", found.itertuples(), strict=True):
        assert display.points_[name].get_xdata()[0] == row.net_benefit
        assert display.intervals_[name].get_xdata()[0] == row.net_benefit_lower
    assert ax.get_xlabel() == "Net benefit at 0.35"


def test_more_centres_make_a_higher_figure():
    rows = [(0.7, 0.6, 0.8)] * 7
    heights = [
        ForestDisplay(performance=performance(rows[:n], (0.7, 0.6, 0.8, 0.5, 0.9)))
        .plot()
        .figure_.get_size_inches()[1]
        for n in (2, 7)
    ]
    assert np.diff(heights) / 5 == pytest.approx(0.26, abs=0.05)
    assert 1 < heights[0] < 2.5


# Odds ratios


def ratios(*rows, **more):
    columns = ["predictor", "level", "odds_ratio", "lower", "upper", "p_value"]
    return pd.DataFrame(rows, columns=columns).assign(**more)


AGE = ("age", None, 2.0, 1.5, 2.5, 0.0004)
SEX = ("sex", "male", 0.5, 0.2, 1.25, 0.04)
FEMALE = ("sex", "female", 1.0, np.nan, np.nan, np.nan)


@pytest.fixture(scope="module")
def two_kinds():
    table = pd.concat(
        [
            ratios(AGE, FEMALE, SEX, kind="one"),
            ratios(("age", None, 3.0, 2.0, 4.0, 0.2), kind="two"),
        ]
    )
    return OddsRatioDisplay(table).plot(new_axes())


def test_two_kinds_share_a_row(two_kinds):
    first, second = ("one", "age"), ("two", "age")
    sex = ("one", "sex: male / female")
    assert list(two_kinds.points_) == [first, sex, second]
    y = {key: line.get_ydata()[0] for key, line in two_kinds.points_.items()}
    assert y[first] == pytest.approx(-0.21) and y[second] == pytest.approx(0.21)
    assert y[sex] == pytest.approx(0.79)
    for key, ends in ((first, [1.5, 2.5]), (second, [2, 4]), (sex, [0.2, 1.25])):
        interval = two_kinds.intervals_[key]
        assert interval.get_xdata().tolist() == ends
        assert set(interval.get_ydata()) == {y[key]}
        assert two_kinds.texts_[key].xy == (1, y[key])
        assert interval.get_color() == two_kinds.points_[key].get_color()
        assert two_kinds.texts_[key].get_color() == interval.get_color()
    assert [line.get_xdata()[0] for line in two_kinds.points_.values()] == [2, 0.5, 3]
    assert {key: text.get_text() for key, text in two_kinds.texts_.items()} == {
        first: "2.00 (1.50 to 2.50), p < 0.001",
        sex: "0.50 (0.20 to 1.25), p = 0.040",
        second: "3.00 (2.00 to 4.00), p = 0.200",
    }
    assert list(two_kinds.reference_line_.get_xdata()) == [1, 1]
    assert two_kinds.ax_.get_xlabel() == "Odds ratio"
    np.testing.assert_array_equal(two_kinds.ax_.get_yticks(), [0, 1])
    assert two_kinds.ax_.get_ylim() == (1.5, -0.5)


def test_the_legend_has_the_mark_of_each_kind(two_kinds):
    legend = two_kinds.ax_.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["one", "two"]
    for handle, key in zip(
        legend.legend_handles, [("one", "age"), ("two", "age")], strict=True
    ):
        point = two_kinds.points_[key]
        assert handle.get_marker() == point.get_marker()
        assert handle.get_color() == point.get_color()
    one, two = legend.legend_handles
    assert one.get_marker() != two.get_marker() and one.get_color() != two.get_color()


def test_one_kind_stands_in_the_middle_of_its_row():
    display = OddsRatioDisplay(ratios(AGE, FEMALE, SEX)).plot(new_axes())
    assert [line.get_ydata()[0] for line in display.points_.values()] == [0, 1]
    assert list(display.points_) == [("", "age"), ("", "sex: male / female")]


def test_a_third_kind_has_the_marks_of_the_first():
    tables = [ratios(AGE, kind=kind) for kind in ("a", "b", "c")]
    display = OddsRatioDisplay(pd.concat(tables)).plot(new_axes())
    y = [line.get_ydata()[0] for line in display.points_.values()]
    np.testing.assert_allclose(y, [-0.42, 0, 0.42], atol=1e-12)
    markers = [line.get_marker() for line in display.points_.values()]
    assert markers[0] == markers[2] != markers[1]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (np.inf, INFINITY),
        (0.0, "0.00"),
        (0.0099, "<0.01"),
        (0.01, "0.01"),
        (999.0, "999.00"),
        (1000.0, ">999"),
    ],
)
def test_an_odds_ratio_in_letters(ratio, text):
    row = ("age", None, 1.5, 0.5, ratio, 0.5)
    display = OddsRatioDisplay(ratios(row)).plot(new_axes())
    assert display.texts_["", "age"].get_text() == f"1.50 (0.50 to {text}), p = 0.500"


def test_the_axis_reaches_thirty_times_beyond_the_outermost_ratio():
    rows = [AGE, ("dose", None, 0.25, 1e-6, np.inf, 0.9)]
    display = OddsRatioDisplay(ratios(*rows)).plot(new_axes())
    low, high = display.ax_.get_xlim()
    # A margin of 15 % is added at both ends.
    assert (low, high) == pytest.approx((0.25 / 30 / 1.15, 2 * 30 * 1.15))
    assert heads_of(display.ax_) == {("<", low, 1), (">", high, 1)}
    assert display.intervals_["", "dose"].get_xdata().tolist() == [low, high]


def test_the_axis_holds_every_interval_that_ends_before():
    display = OddsRatioDisplay(ratios(SEX, AGE)).plot(new_axes())
    low, high = display.ax_.get_xlim()
    assert 0.2 / 1.2 < low < 0.2 and 2.5 < high < 2.5 * 1.2
    assert heads_of(display.ax_) == set()
    one_sided = OddsRatioDisplay(ratios(AGE)).plot(new_axes())
    assert 1 / 1.2 < one_sided.ax_.get_xlim()[0] < 1


def test_ratios_without_end_do_not_move_the_axis():
    rows = [AGE, ("a", None, np.inf, 2.0, np.inf, 0.1), ("b", None, 0, 0, 1.5, 0.1)]
    display = OddsRatioDisplay(ratios(*rows)).plot(new_axes())
    low, high = display.ax_.get_xlim()
    assert low == pytest.approx(1 / 30, rel=0.2)
    assert high == pytest.approx(2 * 30, rel=0.2)


def test_levels_are_compared_with_their_own_reference():
    rows = [
        FEMALE,
        SEX,
        ("stage", "I", 1.0, np.nan, np.nan, np.nan),
        ("stage", "II", 2.0, 1.0, 4.0, 0.1),
        ("tube", "yes", 1.0, 0.5, 2.0, 1.0),
        ("empty", "x", 3.0, np.nan, 4.0, 0.1),
        ("empty", "y", 3.0, 1.0, np.nan, 0.1),
    ]
    display = OddsRatioDisplay(ratios(*rows)).plot(new_axes())
    assert [name for _, name in display.points_] == [
        "sex: male / female",
        "stage: II / I",
        "tube: yes",
    ]


def test_ticks_are_round_and_in_their_places():
    display = OddsRatioDisplay(ratios(SEX, AGE)).plot(new_axes())
    shown = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert shown == ["0.2", "0.5", "1", "2"]
    assert display.ax_.get_xticks().tolist() == [0.2, 0.5, 1, 2]
    display.figure_.draw_without_rendering()
    minor = [text.get_text() for text in display.ax_.get_xticklabels(minor=True)]
    assert set(minor) <= {""}


@pytest.mark.parametrize(
    ("lower", "upper", "ticks"),
    [
        (0.012, 8.0, [0.1, 1, 10]),  # two powers of ten are few
        (0.02, 5.0, [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]),
        (0.4, 1.6, [0.5, 1]),
        (0.97, 1.03, [0.9, 1, 1.1]),
        (0.995, 1.005, [0.9, 1, 1.1]),
    ],
)
def test_every_tick_lies_on_the_axis_and_one_is_no_effect(lower, upper, ticks):
    display = OddsRatioDisplay(ratios(("a", None, 1.0, lower, upper, 0.5))).plot(
        new_axes()
    )
    low, high = display.ax_.get_xlim()
    shown = display.ax_.get_xticks()
    assert 1 in shown and len(shown) >= 3
    assert (shown >= low).all() and (shown <= high).all()
    assert {t for t in ticks if low <= t <= high} <= set(shown.tolist())


def test_more_rows_and_kinds_make_a_higher_figure():
    names = [f"x{i}" for i in range(8)]
    rows = [(name, None, 2.0, 1.0, 4.0, 0.1) for name in names]

    def height(n, kinds):
        tables = [ratios(*rows[:n], kind=kind) for kind in kinds]
        display = OddsRatioDisplay(pd.concat(tables)).plot()
        assert display.figure_.get_size_inches()[0] == 7
        return display.figure_.get_size_inches()[1]

    assert height(8, "a") - height(4, "a") == pytest.approx(4 * 0.24, abs=0.1)
    assert height(8, "a") < height(8, "ab") < height(8, "abc") < 2.5 * height(8, "a")


# Waterfalls

SCORE = np.array([0.4, -1.0, 0.4, 2.0, -0.3])
OUTCOME = np.array([1, 0, 0, 1, 0])


def test_each_bar_runs_from_the_threshold_to_its_score_in_order():
    ax = new_axes()
    display = WaterfallDisplay.from_predictions(
        OUTCOME, SCORE, threshold=0.5, class_names=("none", "ORN"), name="A", ax=ax
    )
    assert display.ax_ is ax
    expected = {0: -1.0, 1: -0.3, 3: 0.4}, {2: 0.4, 4: 2.0}
    for bars, tips in zip(display.bars_, expected, strict=True):
        found = {}
        for bar in bars:
            place = bar.get_x() + bar.get_width() / 2
            assert bar.get_y() == 0.5 and bar.get_width() < 1
            found[round(place, 9)] = bar.get_y() + bar.get_height()
        assert found == pytest.approx(tips)
    assert [line.get_ydata()[0] for line in ax.lines] == [0.5]
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["none (3)", "ORN (2)"]
    assert display.p_value == score_by_class(OUTCOME, SCORE).p_value
    title = ax.get_legend().get_title().get_text()
    assert title == f"A, {p_text(display.p_value)}"
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "Lesions, by score",
        "Radiomics score",
    )
    assert ax.get_xticks().size == 0
    low, high = ax.get_xlim()
    first, last = display.bars_[0][0], display.bars_[1][-1]
    assert low < first.get_x() and last.get_x() + last.get_width() < high
    assert high - low < 6
    colours = [to_hex(bars[0].get_facecolor()) for bars in display.bars_]
    assert colours[0] != colours[1]
    assert [bars[0].get_hatch() or "" for bars in display.bars_] == ["", "////"]


def test_the_title_of_a_waterfall_has_what_there_is():
    def title(**more):
        name = more.pop("plot_name", None)
        display = WaterfallDisplay(
            score=np.array([0.0, 1.0]), positive=np.array([False, True]), **more
        ).plot(new_axes(), name=name)
        return display.ax_.get_legend().get_title().get_text()

    assert title() == ""
    assert title(name="A") == "A"
    assert title(p_value=0.02) == "p = 0.020"
    assert title(p_value=0.02, name="A", plot_name="B") == "B, p = 0.020"


class Scores:
    """The first column is the score of the second class."""

    classes_ = np.array(["none", "ORN"])

    def __init__(self, **fitted):
        vars(self).update(fitted)

    def decision_function(self, X):
        return X[:, 0]


@pytest.mark.parametrize(
    ("fitted", "start"),
    [
        ({}, 0.0),
        ({"threshold_": 0.8}, np.log(4)),
        ({"threshold_": 0.0}, 0.0),
        ({"threshold_": 1.0}, 0.0),
    ],
)
def test_bars_start_at_the_logit_of_the_threshold(fitted, start):
    y = np.where(OUTCOME, "ORN", "none")
    for sign, label in ((1, None), (1, "ORN"), (-1, "none")):
        display = WaterfallDisplay.from_estimator(
            Scores(**fitted), SCORE[:, None], y, pos_label=label, ax=new_axes()
        )
        assert display.threshold == pytest.approx(sign * start)
        np.testing.assert_array_equal(display.score, np.sort(sign * SCORE))
        starts = [bar.get_y() for bars in display.bars_ for bar in bars]
        np.testing.assert_allclose(starts, sign * start)


def test_the_figures_here_are_not_pyplots():
    assert plt.get_fignums() == []
