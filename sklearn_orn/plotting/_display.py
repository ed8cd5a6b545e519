"""The frame of all Displays."""

import inspect
from typing import TYPE_CHECKING

from sklearn_orn.plotting._docs import complete
from sklearn_orn.plotting._style import COLUMN_WIDTH, panels_of
from sklearn_orn.plotting._types import Panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure


class Display:
    """What has the numbers of a figure and draws them with `plot`.

    A class method `from_*` makes it and draws it. The docstrings of its public methods
    are completed when the class is made, see `sklearn_orn.plotting._docs`.
    """

    _texts = ""
    ax_: "Axes"
    figure_: "Figure | SubFigure"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, member in vars(cls).items():
            method = getattr(member, "__func__", member)
            if not name.startswith("_") and inspect.isfunction(method):
                complete(method, cls, cls._texts)

    def _begin(
        self, ax: Panels, size: tuple[float, float] = (COLUMN_WIDTH, 3.3)
    ) -> "Axes":
        """Keep and return the axes to draw on; None makes a figure of a size."""
        (self.ax_,) = panels_of(ax, (1, 1), size)
        self.figure_ = self.ax_.figure
        return self.ax_
