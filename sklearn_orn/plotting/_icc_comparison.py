"""Agreement of perturbed outlines beside that of readers, feature by feature."""

from typing import TYPE_CHECKING, Self

import numpy as np

from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._icc import MARKERS, families_of
from sklearn_orn.plotting._style import COLOURS, GREY, TEXT, number
from sklearn_orn.plotting._types import MaybeAxes

if TYPE_CHECKING:
    from sklearn_orn.selection.shared import IccComparison


class ICCComparisonDisplay(Display):
    """Scatter of the ICC over perturbed outlines against that over readers.

    Parameters
    ----------
    readers, perturbed : ndarray of shape (n_features,)
        The two ICCs; features that lack one are not drawn.
    families : ndarray of str, shape (n_features,)
        Family of each feature, which gives its colour and marker.
    correlation : float
        Spearman's, written into the figure.
    threshold : float, default=None
        Drawn as a line on both axes.

    Attributes
    ----------
    points_ : dict of str to matplotlib Line2D
        Points of each family.
    threshold_lines_ : list of matplotlib Line2D
        The threshold on both axes.
    diagonal_ : matplotlib Line2D
        Where both are the same.
    text_ : matplotlib Annotation
        The correlation.
    [[ax_, figure_]]
    """

    readers: np.ndarray
    perturbed: np.ndarray
    families: np.ndarray
    correlation: float
    threshold: float | None = None

    @classmethod
    def from_comparison(
        cls, comparison: "IccComparison", *, ax: MaybeAxes = None
    ) -> Self:
        """Draw what `compare_icc` found.

        Parameters
        ----------
        comparison : IccComparison
            See `sklearn_orn.selection.compare_icc`.
        """
        table = comparison.table
        return cls(
            readers=table["readers"].to_numpy(),
            perturbed=table["perturbed"].to_numpy(),
            families=families_of(table.index),
            correlation=comparison.correlation,
            threshold=comparison.threshold,
        ).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw."""
        ax = self._begin(ax, (4.6, 3.6))
        (self.diagonal_,) = ax.plot([-1, 1], [-1, 1], color=GREY, linewidth=0.8)
        self.threshold_lines_ = []
        if self.threshold is not None:
            self.threshold_lines_ = [
                line(self.threshold, color=GREY, linestyle="--", linewidth=1)
                for line in (ax.axvline, ax.axhline)
            ]
        drawn = ~np.isnan(self.readers) & ~np.isnan(self.perturbed)
        self.points_ = {}
        for i, family in enumerate(dict.fromkeys(self.families.tolist())):
            mine = drawn & (self.families == family)
            if not mine.any():
                continue
            (self.points_[family],) = ax.plot(
                self.readers[mine],
                self.perturbed[mine],
                linestyle="none",
                marker=MARKERS[i % len(MARKERS)],
                color=COLOURS[i % len(COLOURS)],
                markersize=3,
                alpha=0.7,
                label=family.replace("_", " "),
            )
        pairs = np.concatenate([self.readers[drawn], self.perturbed[drawn], [0.5]])
        ax.set_xlim(pairs.min() - 0.03, 1.03)
        ax.set_ylim(pairs.min() - 0.03, 1.03)
        ax.set_aspect("equal")
        self.text_ = ax.annotate(
            f"Spearman {number(self.correlation, 2)}, {int(drawn.sum())} features",
            (0.5, 0),  # below: in the axes it would stand on a line or a point
            xycoords="axes fraction",
            xytext=(0, -34),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=TEXT,
        )
        return self._end("ICC over readers", "ICC over perturbed outlines")
