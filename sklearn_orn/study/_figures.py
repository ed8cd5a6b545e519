"""The report's figures, with what each means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sklearn_orn.study._captions import (
    SMALLEST_DRAWN,
    calibration_sentence,
    decision_sentence,
    lasso_cv_sentence,
    lasso_path_sentence,
    nomogram_sentence,
    roc_sentence,
)
from sklearn_orn.study._evaluation import Predictions
from sklearn_orn.study._svg import draw_svg
from sklearn_orn.study._tables import PART_TITLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HALF, PAGE = 3.5, 7.0


@dataclass(frozen=True)
class ReportFigure:
    """A figure of the report.

    Attributes
    ----------
    key : str
        Its name in the page.
    title, meaning : str
        Above all, and in one sentence what it says.
    svg : str or None
        The drawing; None where there is nothing to draw.
    reason : str
        Why there is none.
    """

    key: str
    title: str
    meaning: str
    svg: str | None
    reason: str = ""


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _literal(name: object) -> str:
    """Return a name that matplotlib does not take for a formula."""
    return str(name).replace("$", r"\$")


def _drawn(nomogram: Any) -> np.ndarray:
    """Return which penalties are drawn.

    Far below the chosen one the coefficients grow without bound, and would flatten
    all that matters.
    """
    return nomogram.lambdas_ >= nomogram.lambda_ / SMALLEST_DRAWN


def draw_lasso_cv(nomogram: Any) -> "Figure":
    """Draw the cross-validated deviance along the path."""
    from sklearn_orn.plotting import LassoCVDisplay

    figure = _figure(HALF, 3.3)
    drawn = _drawn(nomogram)
    LassoCVDisplay(
        lambdas=nomogram.lambdas_[drawn],
        score_mean=nomogram.cv_score_mean_[drawn],
        score_se=nomogram.cv_score_se_[drawn],
        n_nonzero=nomogram.n_nonzero_[drawn],
        lambda_min=nomogram.lambda_min_,
        lambda_1se=nomogram.lambda_1se_,
    ).plot(ax=figure.subplots())
    return figure


def draw_lasso_path(nomogram: Any, chosen: pd.DataFrame) -> "Figure":
    """Draw the coefficients along the path, per standard deviation."""
    from sklearn_orn.plotting import LassoPathDisplay

    figure = _figure(HALF, 3.3)
    drawn = _drawn(nomogram)
    LassoPathDisplay(
        lambdas=nomogram.lambdas_[drawn],
        coefs=nomogram.coef_path_[drawn] * chosen.std(ddof=0).to_numpy(),
        names=[_literal(name) for name in chosen.columns],
        n_nonzero=nomogram.n_nonzero_[drawn],
        lambda_min=nomogram.lambda_min_,
        lambda_1se=nomogram.lambda_1se_,
        n_labels=10,
        coef_name="Coefficient per SD",
    ).plot(ax=figure.subplots())
    return figure


def draw_nomogram(nomogram: Any, chosen: pd.DataFrame, positive: str) -> "Figure":
    """Draw the nomogram of the features in the score."""
    from sklearn_orn.model import Nomogram
    from sklearn_orn.plotting import NomogramDisplay

    labels = {str(name): _literal(name) for name in chosen.columns}
    labels["linear_predictor"] = "Radiomics score"
    labels["probability"] = f"Probability of {_literal(positive)}"
    made = Nomogram.from_estimator(nomogram, chosen, labels=labels)
    figure = _figure(PAGE, 31.0 * (len(made.predictors) + 4) / 72 + 0.1)
    NomogramDisplay(made).plot(ax=figure.subplots())
    return figure


def draw_roc(parts: Sequence[Predictions]) -> "Figure":
    """Draw the ROC curves of all parts on one pair of axes."""
    from sklearn_orn.plotting import RocDisplay

    figure = _figure(4.2, 4.0)
    ax = figure.subplots()
    for part in parts:
        RocDisplay.from_predictions(
            part.design.y,
            part.proba,
            name=PART_TITLES[part.part],
            groups=part.design.patient,
            ax=ax,
        )
    return figure


def draw_calibration(parts: Sequence[Predictions]) -> "Figure":
    """Draw the calibration of each part beside that of the other."""
    from sklearn_orn.plotting import CalibrationDisplay

    figure = _figure(PAGE, 3.9)
    for ax, part in zip(figure.subplots(1, len(parts)), parts, strict=True):
        CalibrationDisplay.from_predictions(
            part.design.y, part.proba, name=PART_TITLES[part.part], ax=ax
        )
    return figure


def draw_decision_curves(parts: Sequence[Predictions]) -> "Figure":
    """Draw the decision curve of each part beside that of the other."""
    from sklearn_orn.plotting import DecisionCurveDisplay

    figure = _figure(PAGE, 3.4)
    thresholds = np.arange(1, 100) / 100
    axes = figure.subplots(1, len(parts), sharey=True)
    for ax, part in zip(axes, parts, strict=True):
        DecisionCurveDisplay.from_predictions(
            part.design.y,
            part.proba,
            name=PART_TITLES[part.part],
            thresholds=thresholds,
            ax=ax,
        )
    return figure


def make_figures(
    nomogram: Any,
    chosen: pd.DataFrame,
    parts: Sequence[Predictions],
    results: dict[str, Any],
) -> dict[str, ReportFigure]:
    """Draw every figure of the report.

    Parameters
    ----------
    nomogram : NomogramClassifier
        Fitted.
    chosen : DataFrame of shape (n_training, n_chosen)
        The table that it was fitted on.
    parts : sequence of Predictions
        Training, and the part that validates.
    results : dict
        All numbers of the study, as plain data.

    Returns
    -------
    dict of str to ReportFigure
        One that cannot be drawn says why.
    """
    model, last = results["model"], results["parts"][-1]
    negative, positive = results["classes"]
    wanted: list[tuple[str, str, str, Callable[[], Figure]]] = [
        (
            "lasso-cv",
            "Choice of the LASSO penalty",
            lasso_cv_sentence(model, results["config"]["cv"]),
            lambda: draw_lasso_cv(nomogram),
        ),
        (
            "lasso-path",
            "Coefficient profiles",
            lasso_path_sentence(model),
            lambda: draw_lasso_path(nomogram, chosen),
        ),
        (
            "nomogram",
            f"Nomogram for the probability of {positive}",
            nomogram_sentence(positive),
            lambda: draw_nomogram(nomogram, chosen, positive),
        ),
        (
            "roc",
            "ROC curves",
            roc_sentence(results["parts"], positive, negative),
            lambda: draw_roc(parts),
        ),
        (
            "calibration",
            "Calibration",
            calibration_sentence(last, positive),
            lambda: draw_calibration(parts),
        ),
        (
            "decision",
            "Decision curves",
            decision_sentence(last, positive),
            lambda: draw_decision_curves(parts),
        ),
    ]
    return {
        key: _report_figure(key, title, meaning, draw)
        for key, title, meaning, draw in wanted
    }


def _report_figure(
    key: str, title: str, meaning: str, draw: "Callable[[], Figure]"
) -> ReportFigure:
    try:
        svg = draw_svg(draw, key, f"{title}. {meaning}")
    except ValueError as error:
        # A model without features has no nomogram; the report says so and goes on.
        return ReportFigure(key, title, meaning, None, str(error))
    return ReportFigure(key, title, meaning, svg)
