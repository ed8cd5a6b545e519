import pytest
from matplotlib.figure import Figure

from sklearn_orn.plotting import FlowChartDisplay
from sklearn_orn.plotting._flow_layout import count_text, lay_out
from tests.plotting._boxes import assert_readable

NASTY = 'a <b>class</b> of "x" & $y_1$, with a name that is much too long for one line'


def excluded(n, text='reason {i}, with $\\alpha$ & <i>quotes"</i> and a long tail'):
    return [
        {"reason": text.format(i=i), "lesions": 10 + i, "patients": i} for i in range(n)
    ]


def part(name="training", labels=("low", "high"), both=0):
    classes = [{"label": label, "lesions": 40, "patients": 30} for label in labels]
    return {
        "part": name,
        "lesions": 80,
        "patients": 60 - both,
        "patients_in_both": both,
        "classes": classes,
    }


def stage(name, lesions=142, patients=90, excluded=()):
    return {
        "name": name,
        "lesions": lesions,
        "patients": patients,
        "excluded": list(excluded),
    }


FLOWS = {
    "table only": {
        "stages": [stage("Analysed")],
        "parts": [part(), part("validation")],
    },
    "no split": {"stages": [stage("Analysed")], "parts": [part("all")]},
    "left out": {
        "stages": [
            stage("In the cohort table", excluded=excluded(1)),
            stage("Analysed"),
        ],
        "parts": [part(both=1), part("validation")],
    },
    "screening": {
        "stages": [
            stage("Screened", None, 400, excluded(2)),
            stage("In the cohort table", excluded=excluded(2)),
            stage("Analysed"),
        ],
        "parts": [part(), part("validation")],
    },
    "many reasons": {
        "stages": [stage("Screened", excluded=excluded(14)), stage("Analysed")],
        "parts": [part(labels=(NASTY, "W" * 90), both=12), part("validation")],
    },
    "one part": {
        "stages": [stage("Screened", excluded=excluded(3)), stage("Analysed")],
        "parts": [part("all", labels=(NASTY, NASTY.upper()))],
    },
}


def assert_inside(display):
    """Every text lies in its box, and the boxes lie apart and in the axes."""
    display.figure_.draw_without_rendering()
    view = display.ax_.get_window_extent()
    frames = []
    for frame, texts in display.boxes_:
        box = frame.get_window_extent()
        assert view.x0 - 1 <= box.x0 and box.x1 <= view.x1 + 1
        assert view.y0 - 1 <= box.y0 and box.y1 <= view.y1 + 1
        assert texts
        for text in texts:
            inner = text.get_window_extent()
            assert box.x0 < inner.x0 and inner.x1 < box.x1, text.get_text()
            assert box.y0 < inner.y0 and inner.y1 < box.y1, text.get_text()
        frames.append(box)
    for i, box in enumerate(frames):
        for other in frames[i + 1 :]:
            apart = box.y0 >= other.y1 or other.y0 >= box.y1
            assert apart or box.x1 <= other.x0 or other.x1 <= box.x0


@pytest.mark.parametrize("name", FLOWS)
def test_readable_in_a_figure_of_its_own(name):
    display = FlowChartDisplay(FLOWS[name]).plot()
    assert display.figure_.get_figwidth() == 7
    assert_readable(display.figure_)
    assert_inside(display)
    height = display.ax_.get_window_extent().height / display.figure_.dpi
    assert height == pytest.approx(display.height_, abs=0.01)


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("size", [9.5, 12])
def test_readable_in_the_font_size_of_another_page(name, size):
    import matplotlib.pyplot as plt

    with plt.rc_context({"font.size": size, "svg.fonttype": "none"}):
        figure = plt.figure(figsize=(7, 3), layout="constrained")
        display = FlowChartDisplay(FLOWS[name]).plot(figure.subplots(), resize=True)
    assert display.figure_ is figure
    assert_readable(figure)
    assert_inside(display)


def test_letters_become_smaller_in_axes_that_stay():
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(7, 4.2), layout="constrained")
    display = FlowChartDisplay(FLOWS["screening"]).plot(figure.subplots())
    assert figure.get_figheight() == 4.2
    assert 5 <= display.boxes_[0][1][0].get_fontsize() < 8.5
    assert_readable(figure)
    assert_inside(display)


def test_axes_too_small_are_an_error():
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(3.5, 2), layout="constrained")
    with pytest.raises(ValueError, match="needs .* in at a width of 3.4 in, .*resize"):
        FlowChartDisplay(FLOWS["screening"]).plot(figure.subplots())


def test_letters_are_never_smaller_than_5_points():
    def heights(font):
        return lay_out(
            FLOWS["no split"], 504, font, lambda text, bold: len(text)
        ).height

    between = (heights(4.5) + heights(5)) / 2 / 72
    ax = Figure(figsize=(7, between)).add_axes((0, 0, 1, 1))
    with pytest.raises(ValueError, match="the flow chart needs"):
        FlowChartDisplay(FLOWS["no split"]).plot(ax)


def test_a_dollar_sign_starts_no_formula():
    ax = Figure(figsize=(7, 9)).subplots()
    for _, texts in FlowChartDisplay(FLOWS["one part"]).plot(ax).boxes_:
        assert not any(text.get_parse_math() for text in texts)


def lines_of(box):
    return [text.get_text() for text in box[1]]


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_texts():
    display = FlowChartDisplay(FLOWS["screening"]).plot()
    texts = [[plain(line) for line in lines_of(box)] for box in display.boxes_]
    assert texts[0] == ["Screened", "400 patients"]
    assert texts[1][:2] == ["Excluded", "21 lesions, 1 patient"]
    joined = " ".join(texts[1][2:])
    assert 'Reason 0, with $\\alpha$ & <i>quotes"</i>' in joined
    assert "(11 lesions, 1 patient)" in joined
    assert texts[-2] == [
        "Training",
        "80 lesions, 60 patients",
        "low: 40 lesions, 30 patients",
        "high: 40 lesions, 30 patients",
    ]


def test_one_reason_is_counted_once():
    display = FlowChartDisplay(FLOWS["left out"]).plot()
    text = plain(" ".join(lines_of(display.boxes_[1])))
    assert text.startswith("Excluded 10 lesions, 0 patients Reason 0")
    assert "(" not in text
    assert "(1 patient in both classes)" in map(plain, lines_of(display.boxes_[-2]))


def test_a_part_without_a_name_has_no_title():
    display = FlowChartDisplay(FLOWS["no split"]).plot()
    assert plain(lines_of(display.boxes_[-1])[0]) == "low: 40 lesions, 30 patients"


def test_arrows_lead_from_box_to_box():
    display = FlowChartDisplay(FLOWS["screening"]).plot()
    assert len(display.boxes_) == 7 and len(display.arrows_) == 6
    tops = [frame.get_y() for frame, _ in display.boxes_]
    lefts = [frame.get_x() for frame, _ in display.boxes_]
    for arrow in display.arrows_:
        x, y = arrow.xy
        assert any(y == pytest.approx(top) for top in tops) or any(
            x == pytest.approx(left) for left in lefts
        )


def test_count_text():
    assert plain(count_text(1, 2)) == "1 lesion, 2 patients"
    assert plain(count_text(0, None)) == "0 lesions"
    assert count_text(None, None) == ""


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_file_formats(suffix, tmp_path):
    display = FlowChartDisplay(FLOWS["many reasons"]).plot()
    path = tmp_path / f"flow.{suffix}"
    display.figure_.savefig(path, dpi=300)
    assert path.stat().st_size > 5000
