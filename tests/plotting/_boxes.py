"""What a reader would see as a fault: texts over one another or cut off."""

import matplotlib.pyplot as plt
from matplotlib.text import Text


def axes_of(width, height):
    """Axes of a figure of a size in inches."""
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def _out_of_view(figure):
    """Tick labels that matplotlib keeps but does not draw."""
    hidden = set()
    for ax in figure.findobj(lambda artist: hasattr(artist, "xaxis")):
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-6 * (high - low)
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not low - slack <= tick.get_loc() <= high + slack:
                    hidden |= {tick.label1, tick.label2}
            if not ax.axison or not axis.get_visible():
                hidden |= set(axis.findobj(Text))
    return hidden


def text_boxes(figure):
    """Boxes of all drawn texts, in pixels."""
    figure.draw_without_rendering()
    hidden = _out_of_view(figure)
    texts = [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]
    return [
        (text.get_text(), Text.get_window_extent(text)) for text in dict.fromkeys(texts)
    ]


def assert_readable(figure, margin=1.0):
    """No text touches another one, and none leaves the figure."""
    boxes = text_boxes(figure)
    assert boxes
    whole = figure.bbox
    for i, (name, box) in enumerate(boxes):
        assert box.x0 >= whole.x0 - margin and box.x1 <= whole.x1 + margin, name
        assert box.y0 >= whole.y0 - margin and box.y1 <= whole.y1 + margin, name
        for other_name, other in boxes[i + 1 :]:
            apart = (
                box.x1 <= other.x0 + margin
                or other.x1 <= box.x0 + margin
                or box.y1 <= other.y0 + margin
                or other.y1 <= box.y0 + margin
            )
            assert apart, f"{name!r} lies on {other_name!r}"
