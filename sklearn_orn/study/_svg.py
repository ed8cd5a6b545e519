"""Figures as SVG that can stand side by side in one page."""

import io
import re
import warnings
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Text stays text: it can be searched and copied, and takes the page's font.
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.frameon": False,
}

_TAG = re.compile(r"<[^<>]*>")
_REFERENCE = re.compile(r'(?:"|url\()#([^")]+)')
_ID = re.compile(r'\s+id="([^"]*)"')
_DROPPED = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>"
    r"|<style.*?</style>",
    re.DOTALL,
)


def inline_svg(svg: str, key: str, alt: str) -> str:
    r"""Return an SVG file's content as an element of an HTML page.

    Parameters
    ----------
    svg : str
        The file, as matplotlib writes it.
    key : str
        Put before every id, so that two figures of a page share none. An id that
        nothing refers to goes.
    alt : str
        What the figure shows, for those who do not see it.

    Returns
    -------
    str
        The element, as wide as the page lets it be.

    Examples
    --------
    >>> svg = '<svg width="1" viewBox="0 0 1 1"><path id="a"/><use href="#a"/></svg>'
    >>> print(inline_svg(svg, "roc", "ROC").replace("><", ">\n<"))
    <svg role="img" aria-label="ROC" viewBox="0 0 1 1">
    <path id="roc-a"/>
    <use href="#roc-a"/>
    </svg>
    """
    body = _DROPPED.sub("", svg).strip()
    used = {name for tag in _TAG.findall(body) for name in _REFERENCE.findall(tag)}

    def renamed(tag: re.Match[str]) -> str:
        text = _REFERENCE.sub(lambda ref: ref[0].replace("#", f"#{key}-", 1), tag[0])
        return _ID.sub(
            lambda name: f' id="{key}-{name[1]}"' if name[1] in used else "", text
        )

    body = _TAG.sub(renamed, body)
    head, tail = body.split(">", 1)
    head = re.sub(r'\s(width|height|version|xmlns:xlink|xmlns)="[^"]*"', "", head)
    label = f'<svg role="img" aria-label="{escape(alt)}"'
    tail = tail.replace("xlink:href=", "href=")
    return head.replace("<svg", label, 1) + ">" + tail


def draw_svg(draw: Callable[[], "Figure"], key: str, alt: str) -> str:
    """Draw a figure in the report's style.

    Parameters
    ----------
    draw : callable
        Makes the figure.
    key : str
        Name of the figure in the page.
    alt : str
        What it shows, in words.

    Returns
    -------
    str
        The same for the same figure, byte for byte.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = io.StringIO()
    # The name of a reader may hold letters that matplotlib's own font has not; the
    # browser's has.
    with rc_context({**STYLE, "svg.hashsalt": key}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        canvas = FigureCanvasSVG(draw())
        canvas.print_svg(file, metadata={"Date": None})
    return inline_svg(file.getvalue(), key, alt)
