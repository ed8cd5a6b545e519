"""The coefficient profiles of the LASSO, as glmnet draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd

from sklearn_orn._final_step import names_at_final_step, seen_by_final_step
from sklearn_orn.plotting._lasso import LassoLines, fitted_lasso
from sklearn_orn.plotting._style import (
    COLOURS,
    GREY,
    LINES,
    PALE,
    axes_size,
    label_axes,
    spread,
    text_size,
)
from sklearn_orn.plotting._types import Look, MaybeAxes

LABEL_SIZE = "x-small"
LEADER = 14.0  # points between the end of a profile and its label


def _ranked(
    coefs: np.ndarray, lambdas: np.ndarray, lambda_min: float | None
) -> np.ndarray:
    """Nonzero profiles, the largest coefficients at `lambda_min` first."""
    end = np.abs(coefs[lambdas.argmin()])
    chosen = end
    if lambda_min is not None and not np.isnan(lambda_min):
        chosen = np.abs(coefs[np.abs(np.log(lambdas / lambda_min)).argmin()])
    order = np.lexsort((-end, -chosen))
    return order[end[order] > 0]


class LassoPathDisplay(LassoLines):
    """Coefficients along the LASSO path, as ``plot.glmnet``.

    Parameters
    ----------
    [[lambdas, n_nonzero]]
    lambda_min, lambda_1se : float, default=None
        Penalties at which to draw dotted lines.
    coefs : ndarray of shape (n_lambdas, n_features)
        Coefficients.
    names : sequence of str
        Feature names.
    n_labels : int, default=12
        Profiles to label at most: those with the largest coefficients at
        `lambda_min`, as many as there is room for. The others are pale.
    coef_name : str, default="Coefficient"
        Label of the y axis.

    Attributes
    ----------
    lines_ : dict of str to matplotlib Line2D
        Profiles by feature name.
    labels_ : dict of str to matplotlib Annotation
        Labels at the profiles' ends by feature name.
    [[min_line_, top_axis_, ax_, figure_]]
    """

    coefs: np.ndarray
    names: Sequence[str]
    n_labels: int = 12
    coef_name: str = "Coefficient"

    @classmethod
    def from_estimator(
        cls,
        classifier: object,
        X: object = None,
        *,
        n_labels: int = 12,
        ax: MaybeAxes = None,
    ) -> Self:
        """Draw the path of a fitted `NomogramClassifier`.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features), default=None
            The training table, or what the Pipeline takes. Coefficients are drawn per
            standard deviation, which makes features on different scales comparable: of
            X, or `feature_scale_` of the classifier. Without either they are on the
            original scale.
        n_labels : int, default=12
            Profiles to label at most.
        """
        lasso = fitted_lasso(classifier)
        lambdas = np.asarray(lasso.lambdas_)
        names = names_at_final_step(classifier)
        coefs = np.asarray(lasso.coef_path_)
        scale = getattr(lasso, "feature_scale_", None)
        if X is not None:
            seen = seen_by_final_step(classifier, X)
            table = seen[names] if isinstance(seen, pd.DataFrame) else seen
            scale = np.asarray(table, dtype=np.float64).std(axis=0)
        if scale is not None:
            coefs = coefs * scale
        return cls(
            lambdas=lambdas,
            coefs=coefs,
            names=names,
            n_nonzero=np.asarray(lasso.n_nonzero_),
            lambda_min=lasso.lambda_min_,
            lambda_1se=lasso.lambda_1se_,
            n_labels=n_labels,
            coef_name="Coefficient" if scale is None else "Coefficient per SD",
        ).plot(ax=ax)

    def plot(self, ax: MaybeAxes = None) -> Self:
        """Draw."""
        ax = self._begin(ax, (4.5, 3.6))
        log_lambdas = np.log(self.lambdas)
        ranked = _ranked(self.coefs, self.lambdas, self.lambda_min)
        ax.hlines(0, log_lambdas.min(), log_lambdas.max(), colors=GREY, linewidth=0.5)
        self._draw_choices(ax)
        self.lines_ = {}
        for j in range(self.coefs.shape[1]):
            (line,) = ax.plot(log_lambdas, self.coefs[:, j], color=PALE, linewidth=0.7)
            self.lines_[self.names[j]] = line
        label_axes(ax, r"log($\lambda$)", self.coef_name)
        ax.margins(x=0.02)
        self._draw_counts(ax)
        self._label_ends(ranked[: self.n_labels])
        return self

    def _label_ends(self, ranked: np.ndarray) -> None:
        """Write names left of the profiles' ends, moved apart, with leaders."""
        ax = self.ax_
        self.labels_ = {}
        end = int(self.lambdas.argmin())
        x_end = float(np.log(self.lambdas[end]))
        texts = {}
        for rank, j in enumerate(ranked):
            style: Look = {"color": COLOURS[rank % len(COLOURS)]}
            line = self.lines_[self.names[j]]
            line.set(
                **style,
                linestyle=LINES[rank // len(COLOURS) % len(LINES)],
                linewidth=1.2,
                zorder=2.5,
            )
            texts[j] = ax.annotate(
                self.names[j],
                xy=(x_end, self.coefs[end, j]),
                ha="right",
                va="center",
                fontsize=LABEL_SIZE,
                arrowprops={
                    "arrowstyle": "-",
                    "linewidth": 0.5,
                    "relpos": (1, 0.5),
                    "shrinkA": 2,
                    "shrinkB": 0,
                    **style,
                },
                annotation_clip=False,
                **style,
            )
        if not texts:
            return
        width, height = axes_size(ax)
        line_height = 1.08 * max(text_size(text)[1] for text in texts.values())
        for j in ranked[max(1, int(height / line_height)) :]:
            self.lines_[self.names[j]].set(color=PALE, linewidth=0.7, zorder=2)
            texts.pop(j).remove()
        room = LEADER + max(text_size(text)[0] for text in texts.values()) + 3
        room = min(room, 0.6 * width)
        low, high = ax.get_xlim()
        ticks = [tick for tick in ax.get_xticks() if x_end - 1e-9 <= tick <= high]
        ax.set_xlim(x_end - (high - x_end) * room / (width - room), high)
        ax.set_xticks(ticks)
        per_point = (high - x_end) / (width - room)
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom, top)
        to_points = height / (top - bottom)
        order = sorted(texts, key=lambda j: self.coefs[end, j])
        wanted = np.array([(self.coefs[end, j] - bottom) * to_points for j in order])
        places = spread(wanted, np.full(len(order), line_height), (0, height))
        for j, place in zip(order, places, strict=True):
            texts[j].set_position(
                (x_end - LEADER * per_point, bottom + place / to_points)
            )
            self.labels_[self.names[j]] = texts[j]
