"""The frame of all Displays."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, dataclass_transform

from sklearn_orn._shared_docs import public_methods, texts_of
from sklearn_orn.plotting import _docs
from sklearn_orn.plotting._style import COLUMN_WIDTH, add_legend, label_axes, panels_of
from sklearn_orn.plotting._types import Panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass_transform(kw_only_default=True, eq_default=False)
class Display:
    """The numbers of one figure, which `plot` draws; `from_*` make it and draw it.

    A subclass names its numbers as a dataclass does, and begins and ends its `plot`
    with `_begin` and `_end`. What its docstrings leave out is completed when it is
    made, with the texts in its own `_texts` and in `_docs.TEXTS`.
    """

    _texts = _docs.TEXTS
    ax_: "Axes"
    figure_: "Figure"

    def __init_subclass__(cls, *, kw_only: bool = True) -> None:
        super().__init_subclass__()
        texts = texts_of(cls)
        _docs.complete_class(cls, texts)
        for method in public_methods(cls):
            _docs.complete_method(method, cls, texts)
        dataclass(kw_only=kw_only, eq=False, repr=False)(cls)

    def _begin(
        self, ax: Panels, size: tuple[float, float] = (COLUMN_WIDTH, 3.3)
    ) -> "Axes":
        """Keep and return the axes to draw on; None makes a figure of a size."""
        (self.ax_,) = panels_of(ax, (1, 1), size)
        self.figure_ = self.ax_.figure  # type: ignore[assignment]
        return self.ax_

    def _end(
        self, x: str, y: str, *, inside: bool = False, title: str | None = None
    ) -> Self:
        """Label the axes, draw the legend and return the display."""
        label_axes(self.ax_, x, y)
        add_legend(self.ax_, inside=inside, title=title)
        return self
