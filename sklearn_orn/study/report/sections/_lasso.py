"""How the LASSO came to its features: the choice of the penalty, and the path."""

from typing import NamedTuple

import numpy as np

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._written_numbers import significant
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Results

SMALLEST_DRAWN = 50  # the chosen penalty over the smallest one drawn
N_LABELLED = 10


class _Path(NamedTuple):
    lambdas: np.ndarray
    deviance_mean: np.ndarray
    deviance_se: np.ndarray
    n_nonzero: np.ndarray
    coefs: np.ndarray  # per standard deviation
    lambda_min: float
    lambda_1se: float | None


def _path(results: Results) -> _Path:
    """Return the path down to where coefficients grow without bound."""
    lasso = s.needed(results.model).lasso
    if lasso.lambda_min is None:
        raise NotEstimable("No penalty was chosen by cross-validation.")
    lambdas = np.array(lasso.lambdas, dtype=float)
    drawn = lambdas >= lasso.lambda_chosen / SMALLEST_DRAWN
    path = np.array(lasso.coefficient_path, dtype=float)[drawn]
    return _Path(
        lambdas[drawn],
        np.array(lasso.deviance_mean, dtype=float)[drawn],
        np.array(lasso.deviance_se, dtype=float)[drawn],
        np.array(lasso.n_nonzero, dtype=int)[drawn],
        path * np.array(lasso.sd),
        lasso.lambda_min,
        lasso.lambda_1se,
    )


def draw_lasso_cv(results: Results) -> "b.Figure":
    """Draw the cross-validated deviance along the path."""
    from sklearn_orn.plotting import LassoCVDisplay

    path = _path(results)
    figure = s.new_figure(s.HALF, 3.3)
    LassoCVDisplay(
        lambdas=path.lambdas,
        score_mean=path.deviance_mean,
        score_se=path.deviance_se,
        n_nonzero=path.n_nonzero,
        lambda_min=path.lambda_min,
        lambda_1se=path.lambda_1se,
    ).plot(ax=figure.subplots())
    return figure


def draw_lasso_path(results: Results) -> "b.Figure":
    """Draw the coefficients along the path, per standard deviation."""
    from sklearn_orn.plotting import LassoPathDisplay

    path = _path(results)
    names = s.needed(results.model).lasso.features
    figure = s.new_figure(s.HALF, 3.3)
    LassoPathDisplay(
        lambdas=path.lambdas,
        coefs=path.coefs,
        names=[s.label(name, "\n") for name in names],
        n_nonzero=path.n_nonzero,
        lambda_min=path.lambda_min,
        lambda_1se=path.lambda_1se,
        n_labels=N_LABELLED,
        coef_name="Coefficient per SD",
    ).plot(ax=figure.subplots())
    return figure


def lasso_cv_sentence(results: Results) -> str:
    """Say where the penalty was chosen."""
    model = s.needed(results.model)
    lasso = model.lasso
    penalty = f"The penalty λ = {significant(lasso.lambda_chosen, 3)}"
    left = (
        f"leaves {len(model.coefficients)} of {len(lasso.features)} features in "
        "the score"
    )
    lowest = f"the lowest mean deviance over {results.config.cv} folds by patient"
    if lasso.lambda_chosen == lasso.lambda_min:
        return (
            f"{penalty} (log λ at the left dotted line) has {lowest} and {left}; the "
            "right dotted line is the largest penalty within one standard error of it."
        )
    if lasso.lambda_chosen == lasso.lambda_1se:
        return (
            f"{penalty} (log λ at the right dotted line) is the largest within one "
            f"standard error of {lowest}, at the left dotted line, and {left}."
        )
    return (
        f"{penalty} was given and {left}; the left dotted line is at {lowest}, the "
        "right one at the largest penalty within one standard error of it."
    )


def lasso_path_sentence(results: Results) -> str:
    """Say how to read the profiles."""
    n = len(s.needed(results.model).coefficients)
    return (
        "Each line is one feature's coefficient per standard deviation; as the penalty "
        f"falls, features enter the score, and at the chosen penalty {n} "
        f"{'has' if n == 1 else 'have'} entered; penalties below a "
        f"{SMALLEST_DRAWN}th of it are not drawn."
    )


SECTION = b.section(
    b.FigureBlock(
        "lasso-cv",
        "Choice of the LASSO penalty",
        draw_lasso_cv,
        lasso_cv_sentence,
        places=("lasso",),
    ),
    b.FigureBlock(
        "lasso-path", "Coefficient profiles", draw_lasso_path, lasso_path_sentence
    ),
    needs_model=True,
    layout="pair",
)
