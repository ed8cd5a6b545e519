"""The flow of patients into a study, as CONSORT and STARD draw it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._flow_layout import (
    LEADING,
    PAD,
    PARAGRAPH,
    Box,
    Flow,
    Layout,
    Measure,
    lay_out,
)
from sklearn_orn.plotting._style import (
    BLACK,
    GREY,
    PAGE_WIDTH,
    axes_size,
    figure_of,
    text_renderer,
)
from sklearn_orn.plotting._types import Look, MaybeAxes

if TYPE_CHECKING:
    from matplotlib.patches import Rectangle
    from matplotlib.text import Text

FONT, SMALLEST = 8.5, 5.0  # points


class FlowChartDisplay(Display, kw_only=False):
    """Who was screened, excluded and included, in boxes and arrows.

    Parameters
    ----------
    flow : dict
        ``stages``, a list of dicts with ``name, lesions, patients`` and ``excluded``
        (a list of dicts with ``reason, lesions, patients``), and ``parts``, a list
        of dicts with ``part, lesions, patients`` and ``classes`` (a list of dicts with
        ``label, lesions, patients``), and ``centres`` like them where there are
        several. A number that is not known is None. A part named
        other than "training" and "validation" has no title.

    Attributes
    ----------
    boxes_ : list of (Rectangle, list of Text)
        From top to bottom: each stage, what was excluded there, the parts.
    arrows_ : list of Annotation
        From box to box.
    height_ : float
        What the chart needs, in inches.
    [[ax_, figure_]]

    Notes
    -----
    Labels are drawn as they are: a dollar sign starts no formula.

    References
    ----------
    Bossuyt et al. (STARD 2015), BMJ 2015;351:h5527.

    Examples
    --------
    >>> from sklearn_orn.plotting import FlowChartDisplay
    >>> classes = [
    ...     {"label": "low", "lesions": 40, "patients": 30},
    ...     {"label": "high", "lesions": 20, "patients": 20},
    ... ]
    >>> flow = {
    ...     "stages": [
    ...         {
    ...             "name": "Screened",
    ...             "lesions": None,
    ...             "patients": 58,
    ...             "excluded": [{"reason": "no MRI", "lesions": None, "patients": 8}],
    ...         },
    ...         {"name": "Analysed", "lesions": 60, "patients": 50, "excluded": []},
    ...     ],
    ...     "parts": [
    ...         {"part": "all", "lesions": 60, "patients": 50, "classes": classes}
    ...     ],
    ... }
    >>> display = FlowChartDisplay(flow).plot()
    >>> len(display.boxes_), len(display.arrows_)
    (4, 3)
    """

    flow: Flow

    def plot(self, ax: MaybeAxes = None, *, resize: bool | None = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure of 7 inches, two columns of a journal.
        resize : bool, default=None
            Whether to give the figure, which holds nothing else, the height of the
            chart. Otherwise the letters become smaller until it fits. None does so
            for a new figure only.

        Raises
        ------
        ValueError
            If it does not fit the axes even with letters of 5 points.
        """
        resize = ax is None if resize is None else resize
        ax = self._begin(ax, (PAGE_WIDTH, 4.0))
        ax.set_axis_off()
        width, height = axes_size(ax)
        font = FONT
        layout = lay_out(self.flow, width, font, self._measure(font))
        while not resize and layout.height > height and font > SMALLEST:
            font -= 0.5
            layout = lay_out(self.flow, width, font, self._measure(font))
        self.height_ = layout.height / 72
        if resize:
            height = self._set_height(layout.height, height)
        elif layout.height > height:
            raise ValueError(
                f"the flow chart needs {layout.height / 72:.1f} in at a width of "
                f"{width / 72:.1f} in, and the axes are {height / 72:.1f} in high: "
                "make them higher or wider, or pass resize=True."
            )
        ax.set(xlim=(0, width), ylim=(height, 0))
        self._draw(layout, font)
        return self

    def _set_height(self, needed: float, height: float) -> float:
        """Give the axes a height in points through the figure's."""
        figure = figure_of(self.ax_)
        outside = figure.get_figheight() * 72 - height
        figure.set_figheight((needed + outside) / 72)
        return axes_size(self.ax_)[1]

    def _measure(self, font: float) -> Measure:
        """Return the function that gives the width of a line in points."""
        from matplotlib.font_manager import FontProperties

        figure = figure_of(self.ax_)
        renderer = text_renderer(figure.dpi)
        weights = [FontProperties(size=font, weight=w) for w in ("normal", "bold")]

        def measure(text: str, bold: bool) -> float:
            measured = renderer.get_text_width_height_descent(  # type: ignore[no-untyped-call]
                text, weights[bold], ismath=False
            )
            return float(measured[0]) * 72 / figure.dpi

        return measure

    def _draw(self, layout: Layout, font: float) -> None:
        for start, end in layout.lines:
            self.ax_.plot(*zip(start, end, strict=True), color=BLACK, linewidth=0.8)
        style = {
            "arrowstyle": "-|>,head_length=0.35,head_width=0.15",
            "color": BLACK,
            "linewidth": 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        self.arrows_ = [
            self.ax_.annotate("", xy=end, xytext=start, arrowprops=style)
            for start, end in layout.arrows
        ]
        self.boxes_ = [self._draw_box(made, font) for made in layout.boxes]

    def _draw_box(self, made: Box, font: float) -> tuple[Rectangle, list[Text]]:
        from matplotlib.patches import Rectangle

        frame = Rectangle(
            (made.left, made.top),
            made.width,
            made.height,
            facecolor="none",
            edgecolor=BLACK if made.centred else GREY,
            linewidth=0.8,
        )
        self.ax_.add_patch(frame)
        texts: list[Text] = []
        look: Look = {
            "va": "center_baseline",
            "ha": "center" if made.centred else "left",
        }
        x = made.left + (made.width / 2 if made.centred else PAD)
        y = made.top + PAD
        for lines, bold in made.paragraphs:
            look |= {"fontsize": font, "fontweight": "bold" if bold else "normal"}
            for line in lines:
                middle = y + font * LEADING / 2
                texts.append(self.ax_.text(x, middle, line, parse_math=False, **look))
                y += font * LEADING
            y += PARAGRAPH
        return frame, texts
