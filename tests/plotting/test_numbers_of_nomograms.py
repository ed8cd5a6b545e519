"""Places and texts of a nomogram, by the arithmetic of its coefficients."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from scipy.special import expit

from sklearn_orn.model import Nomogram
from sklearn_orn.plotting import NomogramDisplay

MINUS, ARROW = "\N{MINUS SIGN}", "\N{RIGHTWARDS ARROW}"
SCALES = ("total", "linear_predictor", "probability")
# The score has the widest range of effects, 6: a point is 0.06.
# At 0 points score is -2, age 80 and stage early.
START = 0.4 - 1.5 * 2 - 0.02 * 80
PATIENT = {"score": -1.2, "age": 45, "stage": "late"}
POINTS = {"score": 20.0, "age": 0.7 / 0.06, "stage": 10.0}


def nomogram():
    return Nomogram.from_coefficients(
        {"score": 1.5, "age": -0.02, "stage=late": 0.6},
        0.4,
        {"score": (-2, 2), "age": (30, 80)},
        categories={"stage": ["early", "late"]},
        labels={"age": "Age (years)"},
    )


@pytest.fixture(scope="module")
def drawn():
    ax = Figure(figsize=(7, 3.2)).subplots()
    return NomogramDisplay(nomogram()).plot(ax, patient=PATIENT)


def number(text):
    return float(text.get_text().replace(MINUS, "-"))


def points_at(display, name, x):
    """Points of a place on an axis."""
    left, right = display.axis_lines_["points"].get_xdata()
    most = display.nomogram.total_points.ticks[-1] if name in SCALES else 100
    return (np.asarray(x) - left) / (right - left) * most


def row_of(display, name):
    return display.axis_lines_[name].get_ydata()[0]


def ticks_of(display, name):
    """Segments of the ticks of one axis."""
    y = row_of(display, name)
    found = [
        segment
        for lines in display.ax_.collections
        if isinstance(lines, LineCollection)
        for segment in lines.get_segments()
        if np.any(segment[:, 1] == y)
    ]
    return np.array(found)


VALUE_AT = {
    "points": lambda points: points,
    "score": lambda points: -2 + 0.06 * points / 1.5,
    "age": lambda points: 80 - 0.06 * points / 0.02,
    "total": lambda points: points,
    "linear_predictor": lambda points: START + 0.06 * points,
    "probability": lambda points: expit(START + 0.06 * points),
}


@pytest.mark.parametrize("name", VALUE_AT)
def test_each_number_stands_at_its_points(drawn, name):
    texts = drawn.tick_labels_[name]
    assert len(texts) > 1
    for text in texts:
        points = points_at(drawn, name, text.get_position()[0])
        assert number(text) == pytest.approx(VALUE_AT[name](points), abs=1e-9)


@pytest.mark.parametrize("name", VALUE_AT)
def test_each_tick_hangs_from_its_axis_at_its_points(drawn, name):
    segments = ticks_of(drawn, name)
    axis = next(axis for axis in drawn._axes if axis.name == name)
    points = np.sort(points_at(drawn, name, segments[:, 0, 0]))
    inside = axis.points[(axis.points > -1e-9)]
    np.testing.assert_allclose(points, np.sort(inside), atol=1e-9)
    np.testing.assert_array_equal(segments[:, 0, 0], segments[:, 1, 0])
    y = row_of(drawn, name)
    lower = segments[:, :, 1].min(axis=1)
    assert (segments[:, :, 1].max(axis=1) == y).all() and (lower < y - 2).all()


def test_axes_reach_from_their_first_to_their_last_value(drawn):
    ends = {
        name: points_at(drawn, name, line.get_xdata())
        for name, line in drawn.axis_lines_.items()
    }
    np.testing.assert_allclose(ends["points"], [0, 100])
    np.testing.assert_allclose(ends["score"], [0, 100], atol=1e-9)
    np.testing.assert_allclose(ends["age"], [0, 50 / 3], atol=1e-9)
    np.testing.assert_allclose(ends["stage"], [0, 10], atol=1e-9)
    np.testing.assert_allclose(
        ends["total"], [0, drawn.nomogram.total_points.ticks[-1]]
    )


def test_rows_stand_below_one_another_in_their_order(drawn):
    names = ["points", "score", "age", "stage", *SCALES]
    rows = [row_of(drawn, name) for name in names]
    steps = -np.diff(rows)
    np.testing.assert_allclose(steps, drawn.ax_.get_ylim()[1] / 7)
    assert 0 < rows[-1] and rows[0] < drawn.ax_.get_ylim()[1]
    for name, y in zip(names, rows, strict=True):
        assert drawn.names_[name].get_position() == (0, y)
        assert drawn.patient_texts_[name].get_position()[1] == y
        if name != "points":
            assert drawn.patient_markers_[name].get_ydata()[0] == y
    assert drawn.names_["age"].get_text() == "Age (years)"
    assert [drawn.names_[name].get_text() for name in ("points", *SCALES)] == [
        "Points",
        "Total points",
        "Linear predictor",
        "Probability",
    ]
    assert drawn.ax_.get_xlim()[0] == drawn.ax_.get_ylim()[0] == 0
    assert not drawn.ax_.axison


def test_the_worked_patient_by_hand(drawn):
    total = sum(POINTS.values())
    score = START + 0.06 * total
    texts = {name: text.get_text() for name, text in drawn.patient_texts_.items()}
    assert texts == {
        "points": "Patient",
        "score": f"{MINUS}1.2 {ARROW} 20.0",
        "age": f"45 {ARROW} 11.7",
        "stage": f"late {ARROW} 10.0",
        "total": "41.7",
        "linear_predictor": f"{score:.2f}".replace("-", MINUS),
        "probability": f"{expit(score):.3f}",
    }
    assert score == pytest.approx(0.4 - 1.5 * 1.2 - 0.02 * 45 + 0.6)
    places = dict.fromkeys(SCALES, total) | POINTS
    assert set(drawn.patient_markers_) == set(places)
    for name, points in places.items():
        marker = drawn.patient_markers_[name]
        assert marker.get_marker() == "o" and len(marker.get_xdata()) == 1
        assert points_at(drawn, name, marker.get_xdata()[0]) == pytest.approx(points)
    assert "points" not in drawn.patient_markers_


def test_texts_of_the_patient_stand_right_of_the_axes(drawn):
    right = drawn.axis_lines_["points"].get_xdata()[1]
    width = drawn.ax_.get_xlim()[1]
    drawn.figure_.draw_without_rendering()
    for text in drawn.patient_texts_.values():
        assert text.get_position()[0] == width and text.get_ha() == "right"
        box = text.get_window_extent().transformed(drawn.ax_.transData.inverted())
        assert box.x0 > right
    for text in drawn.names_.values():
        box = text.get_window_extent().transformed(drawn.ax_.transData.inverted())
        assert box.x1 < drawn.axis_lines_["points"].get_xdata()[0]


def test_levels_stand_below_their_ticks(drawn):
    early, late = drawn.tick_labels_["stage"]
    assert (early.get_text(), late.get_text()) == ("early", "late")
    at = points_at(drawn, "stage", [t.get_position()[0] for t in (early, late)])
    np.testing.assert_allclose(at, [0, 10], atol=5)
    ticks = ticks_of(drawn, "stage")
    np.testing.assert_allclose(
        points_at(drawn, "stage", np.sort(np.unique(ticks[:, 0, 0]))),
        [0, 10],
        atol=1e-9,
    )


def test_without_a_patient_there_are_no_marks_and_more_room(drawn):
    plain = NomogramDisplay(nomogram()).plot()
    assert plain.patient_markers_ == {} and plain.patient_texts_ == {}
    right = plain.axis_lines_["points"].get_xdata()[1]
    assert 0.95 < right / plain.ax_.get_xlim()[1] < 1
    # Both figures are as high as they have rows, about 0.43 in each.
    width, height = plain.figure_.get_size_inches()
    assert width == 7 and 2.9 < height < 3.3


@pytest.mark.parametrize(
    ("score", "marker", "text"),
    [(2.1, ">", "102.5"), (2.0, "o", "100.0"), (-2.0, "o", "0.0"), (-2.1, "<", "2.5")],
)
def test_a_value_beyond_its_axis_is_an_arrow_at_its_end(score, marker, text):
    ax = Figure(figsize=(7, 3.2)).subplots()
    patient = PATIENT | {"score": score}
    display = NomogramDisplay(nomogram()).plot(ax, patient=patient)
    mark = display.patient_markers_["score"]
    assert mark.get_marker() == marker
    ends = display.axis_lines_["points"].get_xdata()
    assert mark.get_xdata()[0] == pytest.approx(ends[int(score > 0)], abs=1e-9)
    assert display.patient_texts_["score"].get_text().endswith(text)


@pytest.mark.parametrize(
    ("score", "text"),
    [(-9.0, "< 0.001"), (-6.903, "0.001"), (6.903, "0.999"), (9.0, "> 0.999")],
)
def test_a_probability_near_0_or_1_is_bounded(score, text):
    plain = Nomogram.from_coefficients({"x": 1.0}, 0.0, {"x": (-9, 9)})
    ax = Figure(figsize=(5, 3)).subplots()
    display = NomogramDisplay(plain).plot(ax, patient={"x": score})
    assert display.patient_texts_["probability"].get_text() == text


def test_values_of_few_are_written_with_four_digits():
    table = pd.DataFrame({"dose": [1 / 3, 2 / 3, 1.0], "x": [0.0, 1.0, 2.0]})
    made = Nomogram.from_coefficients({"dose": 3.0, "x": 1.0}, 0.0, table)
    ax = Figure(figsize=(7, 3)).subplots()
    display = NomogramDisplay(made).plot(ax, patient={"dose": 2 / 3, "x": 1 / 3})
    texts = [text.get_text() for text in display.tick_labels_["dose"]]
    assert texts == ["0.3333", "0.6667", "1"]
    assert display.patient_texts_["dose"].get_text() == f"0.6667 {ARROW} 50.0"
    assert display.patient_texts_["x"].get_text() == f"0.3333 {ARROW} 16.7"


def test_levels_on_a_short_axis_are_led_to_their_ticks():
    levels = ["first", "second", "third", "fourth"]
    coef = {f"site={level}": 0.03 * i for i, level in enumerate(levels)}
    made = Nomogram.from_coefficients(
        {"score": 2.0, **coef}, 0, {"score": (-3, 3)}, categories={"site": levels}
    )
    ax = Figure(figsize=(5, 2.5)).subplots()
    display = NomogramDisplay(made).plot(ax)
    y = row_of(display, "site")
    texts = {text.get_text(): text for text in display.tick_labels_["site"]}
    assert list(texts) == ["first", "third", "second", "fourth"]
    side = {name: np.sign(text.get_position()[1] - y) for name, text in texts.items()}
    assert side == {"first": -1, "third": -1, "second": 1, "fourth": 1}
    points = display.nomogram.predictors[1].points
    np.testing.assert_allclose(points, [0, 0.25, 0.5, 0.75], atol=1e-9)
    leaders = [
        line
        for line in display.ax_.lines
        if len(line.get_xdata()) == 3 and line.get_ydata()[0] == y
    ]
    assert len(leaders) == 3  # the first one stands below its tick
    for i, name in enumerate(levels[1:], start=1):
        at = texts[name].get_position()[0]
        (leader,) = (
            line
            for line in leaders
            if line.get_xdata()[2] == at
            and np.sign(line.get_ydata()[2] - y) == side[name]
        )
        x, heights = leader.get_data()
        assert x[0] == x[1]
        assert points_at(display, "site", x[0]) == pytest.approx(points[i], abs=1e-9)
        steps = np.abs(np.array(heights) - y)
        assert 0 < steps[1] < steps[2] < abs(texts[name].get_position()[1] - y)


def test_a_turning_axis_has_its_ticks_at_their_points_on_the_side_of_their_text():
    made = Nomogram.from_coefficients(
        {"age": 0.15, "age'": -0.35},
        -6.0,
        {"age": (30, 90)},
        knots={"age": [45, 60, 75]},
    )
    (axis,) = made.predictors
    ax = Figure(figsize=(7, 3)).subplots()
    display = NomogramDisplay(made).plot(ax)
    y = row_of(display, "age")
    segments = ticks_of(display, "age")
    tips = np.where(segments[:, 0, 1] == y, segments[:, 1, 1], segments[:, 0, 1])
    top = axis.ticks[axis.points.argmax()]
    below, above = axis.points[axis.ticks <= top], axis.points[axis.ticks > top]
    at = points_at(display, "age", segments[:, 0, 0])
    np.testing.assert_allclose(np.sort(at[tips < y]), np.sort(below), atol=1e-9)
    np.testing.assert_allclose(np.sort(at[tips > y]), np.sort(above), atol=1e-9)
    for text in display.tick_labels_["age"]:
        x, height = text.get_position()
        place = axis.points[axis.ticks == number(text)].item()
        assert points_at(display, "age", x) == pytest.approx(place, abs=1e-9)
        assert (height > y) == (number(text) > top)


def test_a_long_value_of_the_patient_is_broken_and_keeps_its_points():
    level = f"moved from one hospital {ARROW} another hospital {ARROW} a third hospital"
    made = Nomogram.from_coefficients(
        {"score": 2.0, f"way={level}": 0.3},
        0,
        {"score": (-3, 3)},
        categories={"way": ["none", level]},
    )
    ax = Figure(figsize=(5, 2.5)).subplots()
    display = NomogramDisplay(made).plot(ax, patient={"score": 0, "way": level})
    *lines, points = display.patient_texts_["way"].get_text().split("\n")
    assert points == f"{ARROW} 2.5"
    assert len(lines) == 2 and lines[0].startswith("moved from")
    assert level.startswith(" ".join(lines).rstrip("\N{HORIZONTAL ELLIPSIS}").strip())
