"""Agreement between readers, feature by feature."""

from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._style import COLOURS, GREY, PAGE_WIDTH
from sklearn_orn.plotting._types import MaybeAxes

if TYPE_CHECKING:
    from sklearn_orn.selection import ICCFilter

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
OTHER = "other"


def families_of(features: ArrayLike) -> np.ndarray:
    """Return the texture family of each feature, ``"other"`` for names unknown.

    What stands before it in the name, as the sequence, does not count.
    """
    from sklearn_orn.texture import family_of

    families = []
    for name in np.asarray(features, dtype=object):
        try:
            families.append(family_of(str(name).split(SEPARATOR)[-1])[0])
        except ValueError:
            families.append(OTHER)
    return np.array(families, dtype=object)


class ICCDisplay(Display):
    """ICC of all features in ascending order, with intervals and the threshold.

    Parameters
    ----------
    icc, lower, upper : ndarray of shape (n_features,)
        ICC and its confidence limits; features without an ICC are not drawn.
    families : ndarray of str, shape (n_features,)
        Family of each feature, which gives its colour and marker.
    threshold : float, default=None
        Drawn as a line.

    Attributes
    ----------
    points_ : dict of str to matplotlib ErrorbarContainer
        Points of each family.
    threshold_line_ : matplotlib Line2D or None
        The threshold.
    [[ax_, figure_]]
    """

    icc: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    families: np.ndarray
    threshold: float | None = None

    @classmethod
    def from_estimator(cls, icc_filter: "ICCFilter", *, ax: MaybeAxes = None) -> Self:
        """Draw a fitted `ICCFilter`.

        Parameters
        ----------
        icc_filter : ICCFilter
            Fitted on two or more readers.
        """
        check_is_fitted(icc_filter)
        if np.isnan(icc_filter.icc_).all():
            raise ValueError(
                "This ICCFilter has no ICC to draw: it was fitted on one reader."
            )
        return cls(
            icc=icc_filter.icc_,
            lower=icc_filter.icc_lower_,
            upper=icc_filter.icc_upper_,
            families=families_of(icc_filter.features_),
            threshold=icc_filter.threshold,
        ).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw."""
        ax = self._begin(ax, (PAGE_WIDTH, 3.3))
        order = np.argsort(self.icc, kind="stable")
        order = order[~np.isnan(self.icc[order])]
        rank = np.arange(1, len(order) + 1)
        self.threshold_line_ = None
        if self.threshold is not None:
            self.threshold_line_ = ax.axhline(
                self.threshold, color=GREY, linestyle="--", linewidth=1, gid="threshold"
            )
        self.points_ = {}
        for i, family in enumerate(dict.fromkeys(self.families.tolist())):
            mine = self.families[order] == family
            if not mine.any():
                continue
            icc = self.icc[order][mine]
            reach = [icc - self.lower[order][mine], self.upper[order][mine] - icc]
            self.points_[family] = ax.errorbar(
                rank[mine],
                icc,
                yerr=np.maximum(reach, 0),
                fmt=MARKERS[i % len(MARKERS)],
                color=COLOURS[i % len(COLOURS)],
                markersize=2.5,
                elinewidth=0.5,
                label=family.replace("_", " "),
            )
        ax.set_xlim(0, len(order) + 1)
        ax.set_ylim(top=1.02)
        return self._end("Feature, in order of agreement", "ICC (95 % CI)", inside=True)
