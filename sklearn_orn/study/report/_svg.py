"""Figures as SVG that can stand side by side in one page, and as files."""

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sklearn_orn._io.text_files import write_bytes, write_text
from sklearn_orn.study.report._pdf_font import pdf_families
from sklearn_orn.study.report._png import png_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PRINT_DPI = 300
Settings: TypeAlias = dict[Any, Any]  # of matplotlib

# Text stays text: it can be searched and copied, and takes the page's font.
STYLE: Settings = {
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
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
    """Return an SVG file's content as an element of an HTML page.

    `key` is put before every id and every reference to one, so that two figures of a
    page share none; a colour is neither. An id that nothing refers to goes.
    """
    body = _DROPPED.sub("", svg).strip()
    tags = _TAG.findall(body)
    used = {name for tag in tags for name in _REFERENCE.findall(tag)}
    used &= {name for tag in tags for name in _ID.findall(tag)}

    def reference(found: re.Match[str]) -> str:
        # "#d55e00" is written like one: a colour of hatching.
        return found[0].replace("#", f"#{key}-", 1) if found[1] in used else found[0]

    def renamed(tag: re.Match[str]) -> str:
        text = _REFERENCE.sub(reference, tag[0])
        return _ID.sub(
            lambda name: f' id="{key}-{name[1]}"' if name[1] in used else "", text
        )

    body = _TAG.sub(renamed, body)
    head, tail = body.split(">", 1)
    head = re.sub(r'\s(width|height|version|xmlns:xlink|xmlns)="[^"]*"', "", head)
    label = f'<svg role="img" aria-label="{escape(alt)}"'
    tail = tail.replace("xlink:href=", "href=")
    return head.replace("<svg", label, 1) + ">" + tail


@dataclass(frozen=True)
class Rendered:
    """A picture as the content of its files, by suffix; `svg` may be empty."""

    key: str
    svg: str
    pictures: dict[str, bytes]

    def save(self, folder: Path) -> None:
        """Write ``<key>.svg``, ``.pdf`` and ``.png`` (300 dots per inch)."""
        if self.svg:
            write_text(folder / f"{self.key}.svg", self.svg)
        for suffix, content in self.pictures.items():
            write_bytes(folder / f"{self.key}.{suffix}", content)


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure in the report's style; its SVG is the same byte for byte."""

    figure: "Figure"
    key: str
    svg: str

    def rendered(self) -> Rendered:
        """Return it as the content of its files."""
        # A font that is found for this format only: the layout stays.
        letters = {"font.sans-serif": pdf_families(self.svg)}
        pdf = self._saved("pdf", letters, metadata={"CreationDate": None})
        width = int(self.figure.get_figwidth() * PRINT_DPI)
        png = png_file(self._saved("rgba"), width, PRINT_DPI)
        return Rendered(self.key, self.svg, {"pdf": pdf, "png": png})

    def _saved(self, form: str, style: Settings | None = None, **options: Any) -> bytes:
        content = io.BytesIO()
        with _style(self.key, style):
            self.figure.savefig(
                content, format=form, dpi=PRINT_DPI, facecolor="white", **options
            )
        return content.getvalue()

    def save(self, folder: Path) -> None:
        """Write its files."""
        self.rendered().save(folder)


def own_settings() -> Settings:
    """Return what was set in matplotlib here, and is not in another process."""
    from matplotlib import rcParams, rcParamsOrig

    names = [name for name in rcParams if name != "backend"]
    changed = [name for name in names if rcParams[name] != rcParamsOrig[name]]
    return {name: rcParams[name] for name in changed}


@contextmanager
def _style(key: str, more: Settings | None = None) -> Iterator[None]:
    from matplotlib import rc_context

    # The name of a reader may hold letters that matplotlib's own font has not; the
    # browser's has.
    settings = {**STYLE, "svg.hashsalt": key, **(more or {})}
    with rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def draw(make: Callable[[], "Figure"], key: str) -> Drawing:
    """Draw a figure in the report's style."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = io.StringIO()
    with _style(key):
        figure = make()
        canvas = FigureCanvasSVG(figure)
        canvas.print_svg(  # type: ignore[no-untyped-call]
            file, metadata={"Date": None}
        )
        # It stays as it was laid out; with "none" every file would be drawn twice.
        figure.set_layout_engine(None)
    return Drawing(figure, key, file.getvalue())
