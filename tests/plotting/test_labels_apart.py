"""Which labels stand where and how texts are cut, with letters of one width."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from sklearn_orn.model import Nomogram
from sklearn_orn.plotting import NomogramDisplay
from sklearn_orn.plotting import _nomogram_labels as labels
from sklearn_orn.plotting._nomogram_labels import (
    by_rank,
    cut_texts,
    in_two_rows,
    kept_apart,
    stretches,
    thinned,
    value_text,
    wrap_text,
)
from sklearn_orn.plotting._style import (
    add_legend,
    axes_size,
    diagonal,
    fill_band,
    fits,
    has_line,
    next_style,
    number,
    p_text,
    panels_of,
    spread,
    text_size,
)
from tests.plotting._boxes import assert_readable, axes_of

MINUS, ELLIPSIS = "\N{MINUS SIGN}", "\N{HORIZONTAL ELLIPSIS}"


# Numbers and levels as texts


@pytest.mark.parametrize(
    ("value", "kind", "digits", "text"),
    [
        (None, "categorical", 4, "missing"),
        (np.nan, "continuous", 4, "missing"),
        ("T1", "categorical", 4, "T1"),
        (True, "categorical", 4, "True"),
        (np.True_, "categorical", 4, "True"),
        (True, "discrete", 4, "1"),
        (2.0, "categorical", 4, "2"),
        (np.int64(3), "categorical", 4, "3"),
        (1 / 3, "categorical", 4, "0.3333"),
        (-2 / 3, "continuous", 12, f"{MINUS}0.666666666667"),
        ("1.50", "continuous", 4, "1.5"),
    ],
)
def test_a_value_as_text(value, kind, digits, text):
    assert value_text(value, kind, digits) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.5, 12, "0.5"),
        (1234.5, 3, "1234"),
        (1000.0, 3, "1000"),
        (999.4, 3, "999"),
        (1e12, 3, "1e+12"),
        (-123456.0, 3, f"{MINUS}123456"),
        (0.00001234, 3, f"1.23e{MINUS}05"),
        (1 / 3, 12, "0.333333333333"),
    ],
)
def test_a_number_is_as_short_as_possible(value, digits, text):
    assert number(value, digits) == text


def test_a_number_has_twelve_digits_unless_told():
    assert number(2 / 3) == "0.666666666667"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0004, "p < 0.001"),
        (0.000999, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0456, "p = 0.046"),
        (1.0, "p = 1.000"),
        (np.nan, "p not defined"),
    ],
)
def test_a_p_value_as_text(p, text):
    assert p_text(p) == text


# Places along a line


def test_labels_fit_where_half_of_both_is_between_their_centres():
    sizes = np.array([10.0, 6.0, 2.0])
    assert fits([0, 8, 12], sizes)
    assert not fits([0, 7.9, 12], sizes)
    assert not fits([0, 8, 11.9], sizes)


def test_labels_of_different_sizes_are_spread_by_hand():
    sizes = np.array([4.0, 10.0])
    # 7 apart about their middle, and within the ends.
    np.testing.assert_allclose(
        spread(np.array([10.0, 10]), sizes, (0, 99)), [6.5, 13.5]
    )
    np.testing.assert_allclose(spread(np.array([1.0, 1]), sizes, (0, 99)), [2, 9])
    np.testing.assert_allclose(spread(np.array([99.0, 99]), sizes, (0, 99)), [87, 94])
    # Without room for both the first stands at its end.
    np.testing.assert_allclose(spread(np.array([5.0, 6]), sizes, (0, 10)), [2, 9])


def places(found):
    return [(i, round(at, 9), row) for i, at, row in found]


def test_every_tick_of_a_long_axis_is_labelled():
    values = np.arange(5.0)
    x = 10 * values
    assert thinned(values, x, np.full(5, 10.0)) == [(i, 10.0 * i, 0) for i in range(5)]


@pytest.mark.parametrize(
    ("first", "step", "size", "shown"),
    [
        (0, 1, 11, [0, 2, 4, 6, 8, 10]),
        (0, 1, 21, [0, 5, 10]),
        (0, 1, 51, [0, 10]),
        (3, 1, 21, [5, 10]),
        (-4, 1, 11, [-4, -2, 0, 2, 4, 6]),
        (0, 0.2, 11, [0, 1, 2]),  # not 0.4 or 0.8
        (0, 0.5, 11, [0, 1, 2, 3, 4, 5]),
        (0, 0.5, 21, [0, 2, 4]),
        (0, 0.25, 9, [0, 0.5, 1, 1.5, 2, 2.5]),
        (0, 50, 11, [0, 100, 200, 300, 400, 500]),
    ],
)
def test_fewer_labels_stand_at_round_values(first, step, size, shown):
    values = first + step * np.arange(11)
    x = 10.0 * np.arange(11)
    found = thinned(values, x, np.full(11, float(size)))
    np.testing.assert_allclose([values[i] for i, _, _ in found], shown, atol=1e-12)
    assert [at for _, at, _ in found] == [x[i] for i, _, _ in found]
    assert {row for _, _, row in found} == {0}


def test_an_axis_shorter_than_its_labels_has_one_end_above():
    values, sizes = np.arange(3.0), np.full(3, 10.0)
    assert thinned(values, np.array([0.0, 1, 2]), sizes) == [(0, 0.0, 0), (2, 2.0, 1)]
    assert thinned(np.array([7.0]), np.array([3.0]), sizes[:1]) == [(0, 3.0, 0)]
    # No two of these are round: the ends are far enough apart for one side.
    odd = np.array([0.3, 1.3, 2.3])
    assert thinned(odd, np.array([0.0, 5, 10]), sizes) == [(0, 0.0, 0), (2, 10.0, 0)]


def test_levels_share_a_row_where_none_moves_by_more_than_a_third():
    sizes, limits = np.full(2, 30.0), (-100, 100)
    assert places(in_two_rows(np.array([0.0, 50]), sizes, limits)) == [
        (0, 0, 0),
        (1, 50, 0),
    ]
    assert places(in_two_rows(np.array([0.0, 10]), sizes, limits)) == [
        (0, -10, 0),
        (1, 20, 0),
    ]
    assert places(in_two_rows(np.array([0.0, 9]), sizes, limits)) == [
        (0, 0, 0),
        (1, 9, 1),
    ]


def test_levels_without_room_in_one_row_stand_in_turn_below_and_above():
    x, sizes = np.array([0.0, 20, 40, 60]), np.full(4, 25.0)
    assert places(in_two_rows(x, sizes, (-20, 80))) == [
        (0, -7.5, 0),
        (1, 17.5, 0),
        (2, 42.5, 0),
        (3, 67.5, 0),
    ]
    assert places(in_two_rows(x, sizes, (-20, 79.9))) == [
        (0, 0, 0),
        (2, 40, 0),
        (1, 20, 1),
        (3, 60, 1),
    ]
    assert places(in_two_rows(np.array([0.0]), sizes[:1], (5, 9))) == [(0, 17.5, 0)]
    assert in_two_rows(x[:3], sizes[:3], (-20, 50))[-1] == (1, 20.0, 1)


def test_an_axis_changes_sides_where_it_turns():
    assert stretches(np.array([1, 1, -1, -1, 1])).tolist() == [0, 0, 0, 1, 1, 0]
    assert stretches(np.array([1, 0, -1])).tolist() == [0, 0, 0, 1]
    assert stretches(np.array([0, -1, -1])).tolist() == [0, 0, 0, 0]


def test_of_labels_on_one_side_the_outermost_are_kept():
    x = np.array([0.0, 5, 10, 15, 20])
    assert kept_apart(x, np.full(5, 8.0), np.arange(5)) == [0, 2, 4]
    assert kept_apart(x, np.full(5, 5.0), np.arange(5)) == [0, 1, 2, 3, 4]
    assert kept_apart(x, np.full(5, 8.0), np.array([1, 2, 3])) == [1, 3]
    # Of two ends that do not fit, the one farther out.
    far = np.array([0.0, 1, 2, 9])
    assert kept_apart(far, np.full(4, 20.0), np.arange(4)) == [3]
    assert kept_apart(x[::-1], np.full(5, 8.0), np.arange(5)) == [4, 2, 0]


def test_customary_probabilities_go_first_and_others_above():
    values = np.array([0.05, 0.1, 0.2, 0.5, 0.9])
    x = np.array([0.0, 6, 12, 50, 90])
    assert by_rank(values, x, np.full(5, 10.0)) == [
        (1, 6.0, 0),
        (3, 50.0, 0),
        (4, 90.0, 0),
        (0, 0.0, 1),
        (2, 12.0, 1),
    ]
    # With letters as wide as half of the axis 0.1 is below and 0.5 above.
    assert by_rank(values, x, np.full(5, 80.0)) == [
        (1, 6.0, 0),
        (4, 90.0, 0),
        (3, 50.0, 1),
    ]


def test_of_other_probabilities_the_ends_go_first():
    values = np.array([0.01, 0.02, 0.98, 0.99])
    x = np.array([0.0, 5, 95, 100])
    assert by_rank(values, x, np.full(4, 60.0)) == [
        (0, 0.0, 0),
        (3, 100.0, 0),
        (1, 5.0, 1),
        (2, 95.0, 1),
    ]
    assert by_rank(values, x, np.full(4, 96.0)) == [
        (0, 0.0, 0),
        (3, 100.0, 0),
        (1, 5.0, 1),
    ]


# Texts that are broken and cut


class Letters:
    """A text in letters of 5 points."""

    def __init__(self, text):
        self.text = text

    def get_text(self):
        return self.text

    def set_text(self, text):
        self.text = text


@pytest.fixture
def five_points(monkeypatch):
    def size(text):
        lines = text.get_text().split("\n")
        return 5.0 * max(map(len, lines)), 8.0 * len(lines)

    monkeypatch.setattr(labels, "text_size", size)


def broken(text, limit, lines):
    letters = Letters(text)
    wrap_text(letters, limit, lines)
    return letters.text


def test_a_text_is_broken_only_where_it_is_too_wide(five_points):
    assert broken("aaaa bbbb cccc", 70, 3) == "aaaa bbbb cccc"
    assert broken("aaaa bbbb cccc", 69, 3) == "aaaa bbbb\ncccc"
    assert broken("aaaa bbbb cccc", 45, 3) == "aaaa bbbb\ncccc"
    assert broken("aaaa bbbb cccc", 44, 3) == "aaaa\nbbbb\ncccc"
    assert broken("aaaa bbbb cccc", 20, 3) == "aaaa\nbbbb\ncccc"
    assert broken("aaaa bbbb cccc", 45, 1) == f"aaaa{ELLIPSIS}"
    assert broken("aaaa bbbb cccc", 25, 2) == f"aaaa\nbbbb{ELLIPSIS}"
    assert broken("", 5, 2) == ""


def test_a_word_too_wide_for_a_line_goes_on_in_the_next(five_points):
    assert broken("abcdefghij", 25, 3) == "abcde\nfghij"
    # Lines of fewer than four letters are none: it stays wider than there is room.
    assert broken("abcdefgh", 20, 3) == "abcd\nefgh"
    assert broken("abcdefgh", 15, 3) == "abcdefgh"


def cut(texts, gap, room):
    rows = [Letters(text) for text in texts]
    cut_texts(rows, gap, room)
    return [row.text for row in rows]


def test_the_longest_texts_of_a_row_are_cut_to_one_width(five_points):
    texts = ["ab", "0123456789", "abcdefghijklmnopqrst"]
    assert cut(texts, 0, 160) == texts
    # 45 each is left for the two longer ones beside the first: 8 letters and a dot.
    found = cut(texts, 0, 100)
    assert found == ["ab", f"01234567{ELLIPSIS}", f"abcdefgh{ELLIPSIS}"]
    assert cut(texts, 0, 159) == [*texts[:2], f"{texts[2][:18]}{ELLIPSIS}"]
    assert cut(texts[::-1], 0, 100) == found[::-1]
    # A gap of 5 each takes as much as a letter.
    assert cut(texts, 5, 115) == found
    assert cut(["a b c", "abc d ef"], 0, 50) == ["a b c", f"abc{ELLIPSIS}"]
    assert cut(["abc", "abc"], 0, 1) == [f"a{ELLIPSIS}"] * 2


def test_a_value_that_fits_into_two_lines_has_its_points_once():
    made = Nomogram.from_coefficients(
        {"score": 2.0, "site=floor of the mouth": 0.3},
        0,
        {"score": (-3, 3)},
        categories={"site": ["none", "floor of the mouth"]},
    )
    ax = Figure(figsize=(3.5, 2.5)).subplots()
    display = NomogramDisplay(made).plot(
        ax, patient={"score": 0, "site": "floor of the mouth"}
    )
    text = display.patient_texts_["site"].get_text()
    assert text.split() == [
        "floor",
        "of",
        "the",
        "mouth",
        "\N{RIGHTWARDS ARROW}",
        "2.5",
    ]
    assert text.count("\n") >= 1


def test_long_levels_of_both_rows_are_cut():
    levels = [letter * 70 for letter in "abcd"]
    coef = {f"site={level}": 0.1 * i for i, level in enumerate(levels)}
    made = Nomogram.from_coefficients(
        {"score": 2.0, **coef}, 0, {"score": (-3, 3)}, categories={"site": levels}
    )
    ax = Figure(figsize=(3.5, 2.5)).subplots()
    texts = NomogramDisplay(made).plot(ax).tick_labels_["site"]
    assert [text.get_text()[0] for text in texts] == [*"acbd"]
    assert {text.get_text()[-1] for text in texts} == {"\N{HORIZONTAL ELLIPSIS}"}


def ticks_on(display, name):
    """How many ticks hang from an axis, and the longest of them."""
    y = display.axis_lines_[name].get_ydata()[0]
    found = [
        np.ptp(segment[:, 1])
        for lines in display.ax_.collections
        for segment in lines.get_segments()
        if y in segment[:, 1]
    ]
    return len(found), max(found)


def test_of_ticks_that_run_into_one_another_only_those_with_a_number_are_drawn():
    made = Nomogram.from_coefficients({"x": 1.0}, 0, {"x": (-25, 25)})
    display = NomogramDisplay(made).plot(Figure(figsize=(5, 2.5)).subplots())
    places = made.probability_axis.points
    width = np.ptp(display.axis_lines_["total"].get_xdata())
    apart = np.diff(places) / np.ptp(made.total_points.ticks) * width
    assert apart.min() < 2.5 < apart.max()
    n, _ = ticks_on(display, "probability")
    assert n == len(display.tick_labels_["probability"]) < len(places)


def test_customary_probabilities_are_named_on_a_narrow_page():
    made = Nomogram.from_coefficients({"x": 1.0}, 0, {"x": (-5, 5)})
    display = NomogramDisplay(made).plot(Figure(figsize=(4, 2.5)).subplots())
    y = display.axis_lines_["probability"].get_ydata()[0]
    above = {
        text.get_text(): text.get_position()[1] > y
        for text in display.tick_labels_["probability"]
    }
    assert not any(above[p] for p in ("0.1", "0.5", "0.9"))
    assert any(above.values())
    leaders = [line.get_ydata() for line in display.ax_.lines]
    leaders = [heights for heights in leaders if len(heights) == 3]
    assert len(leaders) == sum(above.values())
    assert all(y == a < b < c < y + 10 for a, b, c in leaders)


def test_wide_numbers_of_a_turning_axis_keep_apart():
    made = Nomogram.from_coefficients(
        {"dose": 0.0015, "dose'": -0.0035},
        -6.0,
        {"dose": (3000, 9000)},
        knots={"dose": [4500, 6000, 7500]},
    )
    ax = axes_of(3.5, 2.2)
    display = NomogramDisplay(made).plot(ax)
    assert len(display.tick_labels_["dose"]) >= 4
    assert_readable(display.figure_)
    _, length = ticks_on(display, "dose")
    assert length > 2


# Axes, legends and what is on them


def axes(width=5.0, height=4.0, dpi=100):
    figure = Figure(figsize=(width, height), dpi=dpi)
    return figure.add_axes((0.2, 0.25, 0.5, 0.5))


@pytest.mark.parametrize("dpi", [72, 100, 200])
def test_sizes_are_in_points_whatever_the_resolution(dpi):
    ax = axes(dpi=dpi)
    assert axes_size(ax) == pytest.approx((180, 144))
    text = ax.text(0, 0, "M" * 40, fontsize=10)
    width, height = text_size(text)
    assert 250 < width < 400 and 5 < height < 15


def test_axes_are_measured_after_their_layout():
    figure = Figure(figsize=(5, 4), layout="constrained")
    ax = figure.subplots()
    before = axes_size(ax)[0]
    ax.set_ylabel("a label\nof two lines")
    assert axes_size(ax)[0] < before
    ax.set_aspect("equal")
    width, height = axes_size(ax)
    assert width == pytest.approx(height)


def test_curves_of_one_kind_differ_and_begin_again():
    ax = axes()
    looks = []
    for _ in range(8):
        style = next_style(ax, "roc")
        ax.plot([0, 1], [0, 1], **style)
        ax.plot([0, 1], [0, 1], gid="other")
        looks.append((style["color"], style["linestyle"]))
    assert len(set(looks)) == 8
    assert looks[7][0] == looks[0][0] and looks[4][1] == looks[0][1] == "-"
    assert next_style(ax, "decision")["color"] == looks[0][0]


def test_a_line_is_known_by_its_kind_and_its_heights():
    ax = axes()
    assert not has_line(ax, "treat all")
    ax.plot([0, 1], [2, 3], gid="treat all")
    ax.plot([0, 1], [4, 5], gid="treat all")
    assert has_line(ax, "treat all") and not has_line(ax, "treat none")
    assert has_line(ax, "treat all", np.array([2, 3]))
    assert has_line(ax, "treat all", np.array([4, 5]))
    assert not has_line(ax, "treat all", np.array([2, 5]))


def test_the_diagonal_and_a_band():
    ax = axes()
    line = diagonal(ax, "chance", "Chance")
    assert line.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert (line.get_gid(), line.get_label()) == ("chance", "Chance")
    band = fill_band(ax, np.arange(3), ([0, np.nan, 1], [2, 3, 4]), "#D55E00", 0.4)
    assert band.get_facecolor()[0] == pytest.approx((0xD5 / 255, 0x5E / 255, 0, 0.4))
    ys = np.concatenate([path.vertices[:, 1] for path in band.get_paths()])
    assert ys.min() == 0 and ys.max() == 4


def legend_box(ax):
    return ax.get_legend().get_window_extent()


def test_nothing_named_has_no_legend():
    ax = axes()
    ax.plot([0, 1], [0, 1])
    add_legend(ax)
    assert ax.get_legend() is None


@pytest.mark.parametrize(
    ("low", "inside"), [(0.0, False), (0.6, True), ("chance", True), ("band", False)]
)
def test_a_legend_stands_inside_where_no_curve_passes(low, inside):
    ax = axes()
    if low == "band":
        fill_band(ax, np.array([0.0, 1]), ([0.0, 0], [1.0, 1]), "red")
        ax.plot([], [], label="A")
    elif low == "chance":
        ax.plot([0, 1], [0, 1], gid="chance")
        ax.plot([0, 0, 1], [0, 1, 1], label="A")
    else:
        ax.plot([0, 1], [low, low + 0.01], label="A")
    ax.set(xlim=(0, 1), ylim=(-0.2, 1))
    add_legend(ax, inside=True, title="T")
    ax.figure.draw_without_rendering()
    assert (legend_box(ax).y1 < ax.get_window_extent().y1) == inside
    assert ax.get_legend().get_title().get_text() == "T"


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        (["A", "B"], 2),
        (["a" * 40, "b" * 40], 1),
        (["A"], 1),
        (["a" * 26, "b"], 2),
    ],
)
def test_a_legend_above_has_two_columns_where_there_is_room(labels, columns):
    ax = axes()
    for label in labels:
        ax.plot([0, 1], [0, 1], label=label)
    add_legend(ax)
    ax.figure.draw_without_rendering()
    handles = [text.get_window_extent().x0 for text in ax.get_legend().get_texts()]
    assert len(set(np.round(handles))) == columns
    assert legend_box(ax).y0 >= ax.get_window_extent().y1
    assert legend_box(ax).x0 == pytest.approx(ax.get_window_extent().x0, abs=1)


def test_panels_below_one_another_share_their_x_axis():
    above, below = panels_of(None, (2, 1), (3, 4), height_ratios=(3, 1))
    above.set_xlim(2, 5)
    assert below.get_xlim() == (2, 5)
    figure = above.figure
    figure.draw_without_rendering()
    assert above.get_position().height > 2 * below.get_position().height
    assert figure.get_size_inches().tolist() == [3, 4]
    four = panels_of(None, (2, 2), (4, 4))
    four[0].set_xlim(2, 5)
    assert four.shape == (4,) and four[2].get_xlim() != (2, 5)
