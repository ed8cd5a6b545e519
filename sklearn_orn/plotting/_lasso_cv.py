"""The cross-validation curve of the LASSO, as glmnet draws it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_orn.plotting._style import (
    BLACK,
    GREY,
    TEXT,
    get_axes,
    label_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RED = "#CC0000"
SCORE_NAMES = {
    "deviance": "Binomial deviance",
    "auc": "AUC",
    "error": "Misclassification error",
    "brier": "Brier score",
}


def add_count_axis(
    ax: "Axes", log_lambdas: np.ndarray, n_nonzero: np.ndarray, n_ticks: int = 7
) -> Any:
    """Put the number of nonzero coefficients on the top axis."""
    places = np.linspace(log_lambdas.min(), log_lambdas.max(), n_ticks)
    nearest = np.unique([np.abs(log_lambdas - place).argmin() for place in places])
    top = ax.secondary_xaxis("top")
    top.set_ticks(log_lambdas[nearest], [str(n) for n in n_nonzero[nearest]])
    top.tick_params(labelsize=TEXT)
    top.set_xlabel("Number of nonzero coefficients", fontsize=TEXT)
    return top


def add_lambda_lines(
    ax: "Axes", lambda_min: float | None, lambda_1se: float | None
) -> tuple[Any, Any]:
    """Draw the dotted lines at the two customary choices of lambda, where known."""
    lines = [
        None
        if value is None or np.isnan(value)
        else ax.axvline(np.log(value), color=BLACK, linestyle=":", linewidth=1)
        for value in (lambda_min, lambda_1se)
    ]
    return lines[0], lines[1]


def check_path(classifier: Any) -> np.ndarray:
    """Return the penalties of a fitted classifier that has a LASSO path."""
    check_is_fitted(classifier)
    lambdas = np.asarray(classifier.lambdas_)
    if len(lambdas) < 2 or not (lambdas > 0).all():
        raise ValueError(
            f"This {type(classifier).__name__} has no LASSO path to draw: fit it with "
            "penalty='lasso'."
        )
    return lambdas


class LassoCVDisplay:
    """Cross-validated deviance along the LASSO path, as ``plot.cv.glmnet``.

    Make it with `from_estimator`.

    Parameters
    ----------
    lambdas : ndarray of shape (n_lambdas,)
        Penalties.
    score_mean, score_se : ndarray of shape (n_lambdas,)
        Mean over the folds and its standard error.
    n_nonzero : ndarray of shape (n_lambdas,)
        Number of nonzero coefficients.
    lambda_min, lambda_1se : float, default=None
        Penalty with the lowest mean, and the largest one within a standard error.
    score_name : str, default="Binomial deviance"
        Label of the y axis.

    Attributes
    ----------
    points_ : matplotlib ErrorbarContainer
        Means with bars of one standard error each way.
    min_line_, one_se_line_ : matplotlib Line2D or None
        The dotted lines.
    top_axis_ : matplotlib SecondaryAxis
        Number of nonzero coefficients.
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    """

    def __init__(
        self,
        *,
        lambdas: np.ndarray,
        score_mean: np.ndarray,
        score_se: np.ndarray,
        n_nonzero: np.ndarray,
        lambda_min: float | None = None,
        lambda_1se: float | None = None,
        score_name: str = "Binomial deviance",
    ) -> None:
        self.lambdas = lambdas
        self.score_mean = score_mean
        self.score_se = score_se
        self.n_nonzero = n_nonzero
        self.lambda_min = lambda_min
        self.lambda_1se = lambda_1se
        self.score_name = score_name

    @classmethod
    def from_estimator(
        cls, classifier: Any, *, ax: "Axes | None" = None
    ) -> "LassoCVDisplay":
        """Draw the cross-validation of a fitted `NomogramClassifier`.

        Parameters
        ----------
        classifier : NomogramClassifier
            Fitted with ``penalty="lasso"``.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        LassoCVDisplay
        """
        lambdas = check_path(classifier)
        score_mean = np.asarray(classifier.cv_score_mean_)
        if np.isnan(score_mean).all():
            raise ValueError(
                f"This {type(classifier).__name__} was not cross-validated: fit it "
                "with lambda_rule='min' or '1se'."
            )
        return cls(
            lambdas=lambdas,
            score_mean=score_mean,
            score_se=np.asarray(classifier.cv_score_se_),
            n_nonzero=np.asarray(classifier.n_nonzero_),
            lambda_min=classifier.lambda_min_,
            lambda_1se=classifier.lambda_1se_,
            score_name=SCORE_NAMES[getattr(classifier, "scoring", "deviance")],
        ).plot(ax=ax)

    def plot(self, ax: "Axes | None" = None) -> "LassoCVDisplay":
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        LassoCVDisplay
            Itself.
        """
        self.figure_, self.ax_ = get_axes(ax)
        ax = self.ax_
        log_lambdas = np.log(self.lambdas)
        self.min_line_, self.one_se_line_ = add_lambda_lines(
            ax, self.lambda_min, self.lambda_1se
        )
        self.points_ = ax.errorbar(
            log_lambdas,
            self.score_mean,
            yerr=self.score_se,
            fmt="o",
            color=RED,
            markersize=2.5,
            ecolor=GREY,
            elinewidth=0.6,
            capsize=1.2,
        )
        label_axes(ax, r"log($\lambda$)", self.score_name)
        ax.spines["top"].set_visible(True)
        self.top_axis_ = add_count_axis(ax, log_lambdas, self.n_nonzero)
        return self
