"""What both figures of a LASSO path have."""

from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._final_step import final_step
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._style import BLACK, TEXT
from sklearn_orn.plotting._types import LassoClassifier

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

N_TICKS = 7


def fitted_lasso(classifier: object) -> LassoClassifier:
    """Return the classifier with a LASSO path: itself, or the last step of what it is.

    Any other is refused.
    """
    check_is_fitted(classifier)
    last: LassoClassifier = final_step(classifier)
    lambdas = np.asarray(getattr(last, "lambdas_", []))
    if len(lambdas) < 2 or not (lambdas > 0).all():
        raise ValueError(
            f"This {type(last).__name__} has no LASSO path to draw: fit it with "
            "penalty='lasso'."
        )
    return last


class LassoLines(Display):
    """The penalties, how many coefficients each leaves, and the two customary ones."""

    lambdas: np.ndarray
    n_nonzero: np.ndarray
    lambda_min: float | None = None
    lambda_1se: float | None = None

    _texts = """
classifier : NomogramClassifier, or a Pipeline or search that ends with one
    Fitted with ``penalty="lasso"``.
lambdas : ndarray of shape (n_lambdas,)
    Penalties.
n_nonzero : ndarray of shape (n_lambdas,)
    Number of nonzero coefficients.
min_line_, one_se_line_ : matplotlib Line2D or None
    The dotted lines.
top_axis_ : matplotlib SecondaryAxis
    Number of nonzero coefficients.
"""

    def _draw_choices(self, ax: "Axes") -> None:
        """Draw the dotted lines at the two choices, where known."""
        self.min_line_ = _choice_line(ax, self.lambda_min)
        self.one_se_line_ = _choice_line(ax, self.lambda_1se)

    def _draw_counts(self, ax: "Axes") -> None:
        """Put the number of nonzero coefficients on the top axis."""
        logs = np.log(self.lambdas)
        places = np.linspace(logs.min(), logs.max(), N_TICKS)
        nearest = np.unique([np.abs(logs - place).argmin() for place in places])
        ax.spines["top"].set_visible(True)
        top = self.top_axis_ = ax.secondary_xaxis("top")
        top.set_ticks(logs[nearest], [str(n) for n in self.n_nonzero[nearest]])
        top.tick_params(labelsize=TEXT)
        top.set_xlabel("Number of nonzero coefficients", fontsize=TEXT)


def _choice_line(ax: "Axes", penalty: float | None) -> "Line2D | None":
    if penalty is None or np.isnan(penalty):
        return None
    return ax.axvline(np.log(penalty), color=BLACK, linestyle=":", linewidth=1)
