"""How often features come back on other patients."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sklearn_orn.plotting._style import (
    COLOURS,
    PAGE_WIDTH,
    TEXT,
    add_legend,
    get_axes,
    label_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class StabilityDisplay:
    """Share of the resamples in which each feature passed each selecting step.

    Make it with `from_stability`.

    Parameters
    ----------
    frequencies : DataFrame of shape (n_features, n_steps)
        Shares; the first row is drawn on top.

    Attributes
    ----------
    bars_ : dict of str to matplotlib BarContainer
        Bars of each step.
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    """

    def __init__(self, *, frequencies: pd.DataFrame) -> None:
        self.frequencies = frequencies

    @classmethod
    def from_stability(
        cls, result: Any, *, n_features: int = 20, ax: "Axes | None" = None
    ) -> "StabilityDisplay":
        """Draw the features that the last step selects most often.

        Parameters
        ----------
        result : Stability
            What `sklearn_orn.resampling.stability` returned.
        n_features : int, default=20
            How many features to draw, at most.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        StabilityDisplay
        """
        table = result.frequencies
        steps = list(table.columns)[::-1]
        table = table.sort_values(steps, ascending=False, kind="stable")
        return cls(frequencies=table.head(n_features)).plot(ax=ax)

    def plot(self, ax: "Axes | None" = None) -> "StabilityDisplay":
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        StabilityDisplay
            Itself.
        """
        n, n_steps = self.frequencies.shape
        height = 0.9 + 0.1 * n * (n_steps + 1)
        self.figure_, self.ax_ = get_axes(ax, figsize=(PAGE_WIDTH, height))
        ax = self.ax_
        places = np.arange(n)
        thickness = 0.8 / n_steps
        self.bars_ = {}
        for i, step in enumerate(self.frequencies):
            self.bars_[str(step)] = ax.barh(
                places + (i - (n_steps - 1) / 2) * thickness,
                self.frequencies[step],
                height=thickness,
                color=COLOURS[i % len(COLOURS)],
                hatch=("", "///", "...", "xxx")[i % 4],
                edgecolor="white",
                linewidth=0.3,
                label=str(step),
            )
        ax.set_yticks(places, [str(name) for name in self.frequencies.index])
        ax.invert_yaxis()
        ax.set_xlim(0, 1)
        label_axes(ax, "Share of resamples that select the feature", "")
        ax.tick_params(axis="y", length=0, labelsize=TEXT)
        add_legend(ax)
        return self
