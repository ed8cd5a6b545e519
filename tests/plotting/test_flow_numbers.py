"""Counts, places and arrows of a flow chart, with letters of one width."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from sklearn_orn.plotting import FlowChartDisplay
from sklearn_orn.plotting._flow_layout import lay_out, wrap

FONT, LINE = 8.0, 10.0  # points
WIDTH = 500.0


def measure(text, bold):
    return 4.0 * len(text) + bold * len(text)


def laid(flow, width=WIDTH, font=FONT):
    return lay_out(flow, width, font, measure)


def texts_of(box):
    """Paragraphs of a box, as they read."""
    return [
        " ".join(lines).replace("\N{NO-BREAK SPACE}", " ")
        for lines, _ in box.paragraphs
    ]


def stage(name, lesions, patients, *excluded):
    keys = ("reason", "lesions", "patients")
    entries = [dict(zip(keys, entry, strict=True)) for entry in excluded]
    return {"name": name, "lesions": lesions, "patients": patients, "excluded": entries}


def part(name, lesions, patients, *classes, **more):
    keys = ("label", "lesions", "patients")
    groups = [dict(zip(keys, entry, strict=True)) for entry in classes]
    counts = {"part": name, "lesions": lesions, "patients": patients}
    return {**counts, "classes": groups, **more}


TWO = {
    "stages": [
        stage("Screened", None, 60, ("no MRI", None, 8), ("motion", None, 1)),
        stage("In the table", 70, 51, ("no outline", 1, 1)),
        stage("Analysed", 69, 50),
    ],
    "parts": [
        part(
            "training",
            40,
            30,
            ("low", 30, 22),
            ("high", 10, 9),
            patients_in_both=1,
            centres=[
                {"label": "A", "lesions": 39, "patients": 29},
                {"label": "B", "lesions": 1, "patients": 1},
            ],
        ),
        part("validation", 29, 20, ("low", 20, 15), ("high", 9, 5), patients_in_both=0),
    ],
}
ONE = {
    "stages": [stage("Analysed", 69, 50)],
    "parts": [part("all", 69, 50, ("low", 50, 37), ("high", 19, 13))],
}


@pytest.fixture(scope="module")
def layout():
    return laid(TWO)


def test_all_counts_of_a_chart(layout):
    assert [texts_of(box) for box in layout.boxes] == [
        ["Screened", "60 patients"],
        ["Excluded", "9 patients", "No MRI (8 patients)", "Motion (1 patient)"],
        ["In the table", "70 lesions, 51 patients"],
        ["Excluded", "1 lesion, 1 patient", "No outline"],
        ["Analysed", "69 lesions, 50 patients"],
        [
            "Training",
            "40 lesions, 30 patients",
            "low: 30 lesions, 22 patients",
            "high: 10 lesions, 9 patients",
            "(1 patient in both classes)",
            "Centre A: 39 lesions, 29 patients",
            "Centre B: 1 lesion, 1 patient",
        ],
        [
            "Validation",
            "29 lesions, 20 patients",
            "low: 20 lesions, 15 patients",
            "high: 9 lesions, 5 patients",
        ],
    ]
    assert [texts_of(box) for box in laid(ONE).boxes] == [
        ["Analysed", "69 lesions, 50 patients"],
        ["low: 50 lesions, 37 patients", "high: 19 lesions, 13 patients"],
    ]


def test_titles_are_bold_and_counts_are_not(layout):
    for box in layout.boxes:
        bold = [bold for _, bold in box.paragraphs]
        assert bold == [True, *[False] * (len(bold) - 1)]
    assert [bold for _, bold in laid(ONE).boxes[1].paragraphs] == [False, False]


def test_a_total_of_which_some_are_not_known_is_not_written():
    flow = {
        "stages": [stage("A", 9, 9, ("x", 1, 2), ("y", None, 3)), stage("B", 4, 4)],
        "parts": ONE["parts"],
    }
    assert texts_of(laid(flow).boxes[1]) == [
        "Excluded",
        "5 patients",
        "X (1 lesion, 2 patients)",
        "Y (3 patients)",
    ]


def test_counts_that_are_not_known_leave_no_brackets():
    flow = {
        "stages": [
            stage("A", 9, 9, ("x", None, None), ("y", 1, None)),
            stage("B", 1, 1),
        ],
        "parts": [
            part(
                "training",
                4,
                4,
                ("low", None, None),
                centres=[{"label": "A", "lesions": None, "patients": None}],
            )
        ],
    }
    _, excluded, _, training = laid(flow).boxes
    assert texts_of(excluded) == ["Excluded", "X", "Y (1 lesion)"]
    assert texts_of(training)[2:] == ["low", "Centre A"]


def test_boxes_are_as_high_as_their_lines(layout):
    # Lines of a quarter more than the letters, 3 between paragraphs, 6 at the edges.
    screened, excluded, *_ = layout.boxes
    assert screened.height == 2 * LINE + 3 + 12
    assert excluded.height == 4 * LINE + 3 * 3 + 12
    training, validation = layout.boxes[-2:]
    assert training.height == validation.height == 7 * LINE + 6 * 3 + 12
    assert laid(TWO, font=16.0).boxes[0].height == 4 * LINE + 3 + 12


def bottom(box):
    return box.top + box.height


def middle(box):
    return box.left + box.width / 2


def test_stages_stand_below_one_another_and_exclusions_between_them(layout):
    first, out, second, _, third, training, validation = layout.boxes
    assert first.top > 0
    assert first.left == second.left == third.left == training.left > 0
    assert first.width == out.width == second.width == training.width
    assert out.left == validation.left > first.left + first.width
    assert out.left + out.width == pytest.approx(WIDTH - first.left)
    assert bottom(first) < out.top < bottom(out) < second.top
    assert out.top - bottom(first) == second.top - bottom(out)
    assert bottom(third) < training.top == validation.top
    assert layout.height > bottom(training)
    assert layout.height - bottom(training) == first.top
    assert [box.centred for box in layout.boxes] == [True, False] * 2 + [True] * 3


def test_arrows_go_from_middle_to_middle(layout):
    first, out, second, lost, third, training, validation = layout.boxes
    x = middle(first)

    def aside(box):
        y = box.top + box.height / 2
        return ((x, y), (box.left, y))

    fork = layout.arrows[-1][0][1]
    assert layout.arrows == [
        aside(out),
        ((x, bottom(first)), (x, second.top)),
        aside(lost),
        ((x, bottom(second)), (x, third.top)),
        ((middle(training), fork), (middle(training), training.top)),
        ((middle(validation), fork), (middle(validation), validation.top)),
    ]
    assert bottom(third) < fork < training.top
    assert layout.lines == [
        ((x, bottom(third)), (x, fork)),
        ((x, fork), (middle(training), fork)),
        ((x, fork), (middle(validation), fork)),
    ]


def test_a_chart_without_exclusions_stands_in_the_middle():
    layout = laid(ONE)
    analysed, whole = layout.boxes
    assert middle(analysed) == middle(whole) == WIDTH / 2
    assert analysed.width == whole.width < WIDTH
    x = WIDTH / 2
    assert layout.arrows == [((x, bottom(analysed)), (x, whole.top))]
    assert layout.lines == [((x, bottom(analysed)), (x, bottom(analysed)))]
    three = laid({"stages": [stage("A", 3, 3)], "parts": TWO["parts"]})
    assert middle(three.boxes[0]) == WIDTH / 2
    lefts = [box.left for box in three.boxes[1:]]
    assert lefts[0] == WIDTH - (lefts[1] + three.boxes[2].width)


def test_lines_are_broken_before_they_are_too_wide():
    assert wrap("aa bb cc", 5, len) == ["aa bb", "cc"]
    assert wrap("aa bb cc", 4, len) == ["aa", "bb", "cc"]
    assert wrap("  aa \n bb ", 9, len) == ["aa bb"]
    assert wrap("abcdef gh", 4, len) == ["abcd", "ef", "gh"]
    assert wrap("a bcdefg", 4, len) == ["a", "bcde", "fg"]
    assert wrap("abc", 1, len) == ["a", "b", "c"]
    width = laid(ONE).boxes[0].width
    n = int((width - 14) / 5)  # bold letters between the edges of a box
    for letters, lines in ((n, 1), (n + 1, 2)):
        flow = ONE | {"stages": [stage("x" * letters, 1, 1)]}
        assert len(laid(flow).boxes[0].paragraphs[0][0]) == lines


@pytest.fixture(scope="module")
def drawn():
    figure = Figure(figsize=(7, 7))
    ax = figure.add_axes((0, 0, 1, 1))
    return FlowChartDisplay(TWO).plot(ax)


def test_what_is_drawn_is_the_layout(drawn):
    ax = drawn.ax_
    assert ax.get_xlim() == (0, 504) and ax.get_ylim() == (504, 0)
    assert not ax.axison
    assert len(drawn.boxes_) == 7 and len(drawn.arrows_) == 6
    training, validation = (frame for frame, _ in drawn.boxes_[-2:])
    assert training.get_y() == validation.get_y()
    assert drawn.height_ * 72 == pytest.approx(
        training.get_y() + training.get_height() + drawn.boxes_[0][0].get_y()
    )
    ends = [arrow.xy for arrow in drawn.arrows_[-2:]]
    starts = [arrow.xyann for arrow in drawn.arrows_[-2:]]
    for frame, end, start in zip((training, validation), ends, starts, strict=True):
        assert end == (frame.get_x() + frame.get_width() / 2, frame.get_y())
        assert start[0] == end[0] and start[1] < end[1]
    assert len(ax.lines) == 3
    for frame, _ in drawn.boxes_:
        assert frame in ax.patches
    colours = [frame.get_edgecolor() for frame, _ in drawn.boxes_]
    assert colours[0] == colours[2] == colours[-1] != colours[1] == colours[3]


def test_texts_stand_in_their_boxes_line_by_line(drawn):
    for i, (frame, texts) in enumerate(drawn.boxes_):
        centred = i not in (1, 3)
        heights = [text.get_position()[1] for text in texts]
        assert (np.diff(heights) >= 8.5 * 1.25).all()
        assert heights[0] - frame.get_y() == pytest.approx(6 + 8.5 * 1.25 / 2)
        ends = frame.get_y() + frame.get_height()
        # The parts share the height of the longer one.
        if i != 6:
            assert ends - heights[-1] == pytest.approx(6 + 8.5 * 1.25 / 2)
        for text in texts:
            assert text.get_ha() == ("center" if centred else "left")
            x = frame.get_x() + (frame.get_width() / 2 if centred else 6)
            assert text.get_position()[0] == x
            assert text.get_fontsize() == 8.5
        assert texts[0].get_fontweight() == "bold"
        assert texts[-1].get_fontweight() == "normal"


def axes_of(height):
    return Figure(figsize=(7, height)).add_axes((0, 0, 1, 1))


def test_letters_shrink_only_as_far_as_needed():
    needed = FlowChartDisplay(TWO).plot(axes_of(8)).height_
    fits = FlowChartDisplay(TWO).plot(axes_of(needed + 0.01))
    assert fits.boxes_[0][1][0].get_fontsize() == 8.5
    tight = FlowChartDisplay(TWO).plot(axes_of(needed - 0.01))
    assert tight.boxes_[0][1][0].get_fontsize() == 8.0
    assert tight.height_ < needed
    flow = ONE
    for font in np.arange(5, 8.5, 0.5):
        height = lay_out(flow, 504, font, measure).height / 72
        shown = FlowChartDisplay(flow).plot(axes_of(height + 0.001))
        assert shown.boxes_[0][1][0].get_fontsize() == font
    least = lay_out(flow, 504, 5, measure).height / 72
    too_low = f"chart needs {least:.1f} in at a width of 7.0 in, .* are 1.0 in high"
    with pytest.raises(ValueError, match=too_low):
        FlowChartDisplay(flow).plot(axes_of(1.0))


def test_a_resized_figure_keeps_what_stands_outside_the_axes():
    figure = Figure(figsize=(7, 3))
    ax = figure.add_axes((0.1, 0.25, 0.8, 0.5))
    display = FlowChartDisplay(ONE).plot(ax, resize=True)
    assert figure.get_figheight() == pytest.approx(display.height_ + 1.5)
    new = FlowChartDisplay(ONE).plot()
    view = new.ax_.get_window_extent().height / new.figure_.dpi
    assert view == pytest.approx(new.height_, abs=0.01)
    fixed = FlowChartDisplay(ONE).plot(axes_of(3), resize=False)
    assert fixed.figure_.get_figheight() == 3
