"""How often features come back on other patients."""

from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._style import COLOURS, PAGE_WIDTH
from sklearn_orn.plotting._types import MaybeAxes

if TYPE_CHECKING:
    from sklearn_orn.resampling.shared import Stability


class StabilityDisplay(Display):
    """Share of the resamples in which each feature passed each selecting step.

    Parameters
    ----------
    frequencies : DataFrame of shape (n_features, n_steps)
        Shares; the first row is drawn on top.

    Attributes
    ----------
    bars_ : dict of str to matplotlib BarContainer
        Bars of each step.
    [[ax_, figure_]]
    """

    frequencies: pd.DataFrame

    @classmethod
    def from_stability(
        cls, result: "Stability", *, n_features: int = 20, ax: MaybeAxes = None
    ) -> Self:
        """Draw the features that the last step selects most often.

        Parameters
        ----------
        result : Stability
            What `sklearn_orn.resampling.stability` returned.
        n_features : int, default=20
            How many features to draw, at most.
        """
        table = result.frequencies
        steps = list(table.columns)[::-1]
        table = table.sort_values(steps, ascending=False, kind="stable")
        return cls(frequencies=table.head(n_features)).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw."""
        n, n_steps = self.frequencies.shape
        ax = self._begin(ax, (PAGE_WIDTH, 0.9 + 0.1 * n * (n_steps + 1)))
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
        ax.tick_params(axis="y", length=0)
        return self._end("Share of resamples that select the feature", "")
