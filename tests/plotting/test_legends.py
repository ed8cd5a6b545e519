"""Legends among curves, axes in parts of a figure, and numbers of tick labels."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from sklearn_orn.plotting import StabilityDisplay, _nomogram_labels
from sklearn_orn.plotting._nomogram_labels import kept_apart, thinned
from sklearn_orn.plotting._style import (
    add_legend,
    axes_size,
    fill_band,
    number,
    panels_of,
    text_size,
)


@pytest.mark.parametrize(
    ("curves", "inside"),
    [
        ([([0, 1], [0, 0]), ([0, 1], [0.9, 0.9])], False),
        ([([0, 1], [0.9, 0.9]), ([0, 1], [0, 0])], False),
        ([([0, 1], [0.8, 0.8]), ([0, 1], [0.9, 0.9])], True),
        # It goes round the corner of the legend.
        ([([0.3, 0.3, 1, 1], [-0.2, 0.5, 0.5, -0.2])], True),
    ],
)
def test_one_curve_is_enough_to_move_the_legend(curves, inside):
    ax = Figure(figsize=(5, 4)).add_axes((0.2, 0.2, 0.6, 0.6))
    for x, y in curves:
        ax.plot(x, y, label="A curve")
    ax.set(xlim=(0, 1), ylim=(-0.2, 1))
    add_legend(ax, inside=True)
    ax.figure.draw_without_rendering()
    top = ax.get_legend().get_window_extent().y1
    assert (top < ax.get_window_extent().y1) == inside


def test_a_band_over_the_whole_view_moves_the_legend():
    ax = Figure(figsize=(5, 4)).add_axes((0.2, 0.2, 0.6, 0.6))
    fill_band(ax, np.array([-9.0, 9]), ([-9.0, -9], [9.0, 9]), "red")
    ax.plot([], [], label="A")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    add_legend(ax, inside=True)
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y0 > ax.get_window_extent().y1


def test_a_text_of_72_dots_an_inch_is_as_large_in_points():
    text = Figure(figsize=(5, 4), dpi=72).subplots().text(0, 0, "Text\nof two lines")
    box = text.get_window_extent()
    assert text_size(text) == pytest.approx((box.width, box.height))


@pytest.mark.parametrize(
    ("value", "text"),
    [(45.678, "45.7"), (15_000_000_000.0, "15000000000"), (2e12, "2e+12")],
)
def test_large_numbers_keep_their_digits(value, text):
    assert number(value, 3) == text


def test_a_legend_that_makes_way_has_one_column():
    ax = Figure(figsize=(5, 4)).add_axes((0.2, 0.2, 0.6, 0.6))
    for label in "AB":
        ax.plot([0, 1], [0, 0], label=label)
    ax.set_ylim(-0.2, 1)
    add_legend(ax, inside=True)
    ax.figure.draw_without_rendering()
    first, second = (t.get_window_extent() for t in ax.get_legend().get_texts())
    assert first.x0 == pytest.approx(second.x0, abs=1) and first.y0 > second.y1
    assert second.y0 > ax.get_window_extent().y1


def test_a_legend_makes_way_in_the_axes_as_they_are_laid_out():
    ax = Figure(figsize=(5, 4), layout="constrained").subplots()
    ax.plot([0, 1], [0.15, 0.15], label="A")
    ax.set(ylim=(0, 1), xlabel="\n".join("abcdefghijklmno"))
    add_legend(ax, inside=True)
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y0 > ax.get_window_extent().y1


def test_axes_in_a_part_of_a_figure_are_measured():
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, _ = figure.subfigures(1, 2)
    ax = left.subplots()
    ax.set_ylabel("label")
    width, height = axes_size(ax)
    figure.draw_without_rendering()
    box = ax.get_window_extent()
    assert (width, height) == pytest.approx((box.width * 0.72, box.height * 0.72))
    assert 150 < width < 288


@pytest.mark.parametrize(("n", "word"), [(1, "one"), (2, "two"), (4, "four")])
def test_a_wrong_number_of_axes_is_named(n, word):
    with pytest.raises(ValueError, match=f"ax must be {word} Axes, got 3"):
        panels_of(Figure().subplots(3), (n, 1), (3, 3))


def test_ten_and_twenty_times_the_step():
    values = 0.5 * np.arange(45)
    x = 10.0 * np.arange(45)
    for size, shown in ((61, [0, 5, 10, 15, 20]), (150, [0, 10, 20])):
        found = thinned(values, x, np.full(45, float(size)))
        assert [values[i] for i, _, _ in found] == shown


def test_both_ends_go_before_the_middle():
    assert kept_apart(np.array([0.0, 4, 10]), np.full(3, 5.0), np.arange(3)) == [0, 2]
    # Then they come in their order: 16 goes before 25, which is farther out.
    x = np.array([0.0, 16, 25, 40])
    assert kept_apart(x, np.full(4, 12.0), np.arange(4)) == [0, 1, 3]


def test_a_wide_figure_is_as_wide_as_a_page():
    display = StabilityDisplay(frequencies=pd.DataFrame({"lasso": [0.5]})).plot()
    assert display.figure_.get_figwidth() == 7


def test_a_text_is_cut_by_single_letters(monkeypatch):
    def size(text):
        return 5.0 * len(text.get_text()), 8.0

    monkeypatch.setattr(_nomogram_labels, "text_size", size)
    texts = [Text(text=words) for words in ("ab", "0123456789")]
    for room, kept in ((60, "0123456789"), (55, "01234567"), (50, "0123456")):
        texts[1].set_text("0123456789")
        _nomogram_labels.cut_texts(texts, 0, room)
        shown = kept if room == 60 else f"{kept}\N{HORIZONTAL ELLIPSIS}"
        assert [text.get_text() for text in texts] == ["ab", shown]
