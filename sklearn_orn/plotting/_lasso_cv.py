"""The cross-validation curve of the LASSO, as glmnet draws it."""

from typing import Self

import numpy as np

from sklearn_orn.plotting._lasso import LassoLines, fitted_lasso
from sklearn_orn.plotting._style import GREY, label_axes
from sklearn_orn.plotting._types import MaybeAxes

RED = "#CC0000"
SCORE_NAMES = {
    "deviance": "Binomial deviance",
    "auc": "AUC",
    "error": "Misclassification error",
    "brier": "Brier score",
}


class LassoCVDisplay(LassoLines):
    """Cross-validated deviance along the LASSO path, as ``plot.cv.glmnet``.

    Parameters
    ----------
    [[lambdas, n_nonzero]]
    lambda_min, lambda_1se : float, default=None
        Penalty with the lowest mean, and the largest one within a standard error.
    score_mean, score_se : ndarray of shape (n_lambdas,)
        Mean over the folds and its standard error.
    score_name : str, default="Binomial deviance"
        Label of the y axis.

    Attributes
    ----------
    points_ : matplotlib ErrorbarContainer
        Means with bars of one standard error each way.
    [[min_line_, top_axis_, ax_, figure_]]
    """

    score_mean: np.ndarray
    score_se: np.ndarray
    score_name: str = "Binomial deviance"

    @classmethod
    def from_estimator(cls, classifier: object, *, ax: MaybeAxes = None) -> Self:
        """Draw the cross-validation of a fitted `NomogramClassifier`."""
        lasso = fitted_lasso(classifier)
        score_mean = np.asarray(lasso.cv_score_mean_)
        if np.isnan(score_mean).all():
            raise ValueError(
                f"This {type(lasso).__name__} was not cross-validated: fit it "
                "with lambda_rule='min' or '1se'."
            )
        return cls(
            lambdas=np.asarray(lasso.lambdas_),
            score_mean=score_mean,
            score_se=np.asarray(lasso.cv_score_se_),
            n_nonzero=np.asarray(lasso.n_nonzero_),
            lambda_min=lasso.lambda_min_,
            lambda_1se=lasso.lambda_1se_,
            score_name=SCORE_NAMES[getattr(lasso, "scoring", "deviance")],
        ).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw."""
        ax = self._begin(ax)
        self._draw_choices(ax)
        self.points_ = ax.errorbar(
            np.log(self.lambdas),
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
        self._draw_counts(ax)
        return self
