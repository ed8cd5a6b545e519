"""How far selected features say the same."""

from typing import Self

import numpy as np
import pandas as pd

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._style import TEXT
from sklearn_orn.plotting._types import MaybeAxes


class RedundancyDisplay(Display):
    """Rank correlations between features, similar ones side by side.

    Parameters
    ----------
    correlation : DataFrame of shape (n_features, n_features)
        Correlations in the order to draw.

    Attributes
    ----------
    image_ : matplotlib AxesImage
        The heat map.
    colorbar_ : matplotlib Colorbar
        Its scale.
    [[ax_, figure_]]
    """

    correlation: pd.DataFrame

    @classmethod
    def from_features(cls, X: pd.DataFrame, *, ax: MaybeAxes = None) -> Self:
        """Draw Spearman's correlations, ordered by average-linkage clustering.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_features)
            At least two features, none of them constant, without missing values.
        """
        from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
        from scipy.spatial.distance import squareform

        constant = [name for name in X if X[name].nunique(dropna=False) < 2]
        if X.shape[1] < 2 or constant or X.isna().any(axis=None):
            raise NotEstimable(
                "Correlations need two or more features that vary and have no missing "
                f"values; got {X.shape[1]} features, {len(constant)} constant, "
                f"{int(X.isna().any().sum())} with missing values."
            )
        correlation = X.rank().corr().clip(-1, 1)
        condensed = squareform(1 - np.abs(correlation.to_numpy()), checks=False)
        tree = optimal_leaf_ordering(linkage(condensed, "average"), condensed)
        order = leaves_list(tree)
        return cls(correlation=correlation.iloc[order, order]).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw."""
        n = len(self.correlation)
        side = max(3.2, 1.9 + 0.15 * n)
        ax = self._begin(ax, (side, side * 0.86))
        self.image_ = ax.imshow(self.correlation, vmin=-1, vmax=1, cmap="RdBu_r")
        names = [str(name) for name in self.correlation.columns]
        size = "x-small" if n > 8 else TEXT
        ax.set_xticks(np.arange(n), names, rotation=90, fontsize=size)
        ax.set_yticks(np.arange(n), names, fontsize=size)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        self.colorbar_ = self.figure_.colorbar(self.image_, ax=ax, shrink=0.7)
        self.colorbar_.set_label("Spearman's correlation", fontsize=TEXT)
        self.colorbar_.ax.tick_params(labelsize=TEXT)
        return self
