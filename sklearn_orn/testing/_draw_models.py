"""Hypothesis strategies of fitted classifiers and of nomograms."""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from hypothesis import assume
from hypothesis import strategies as st

from sklearn_orn._readable import readable
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.model import Nomogram, NomogramClassifier, logistic_lasso_path
from sklearn_orn.testing._draw_outcomes import Outcomes, outcomes_with_patients
from sklearn_orn.testing._draw_tables import feature_tables


@readable
class FittedNomogram(NamedTuple):
    """A fitted classifier and what it was fitted on.

    Attributes
    ----------
    classifier : NomogramClassifier
        Fitted, with at least one feature selected.
    X : DataFrame of shape (n_samples, n_features)
        The training table.
    y : ndarray of shape (n_samples,)
        The outcomes.
    patients : ndarray of shape (n_samples,)
        The patient of each row.
    """

    classifier: NomogramClassifier
    X: pd.DataFrame
    y: np.ndarray
    patients: np.ndarray


@readable
class DrawnNomogram(NamedTuple):
    """A nomogram, the model behind it, and rows to read it for.

    Attributes
    ----------
    nomogram : Nomogram
        Of the model.
    rows : DataFrame
        One row or more, some of them beyond the axes.
    coefficients : dict of str to float
        Log odds per unit; ``"stage=late"`` is that of a level.
    intercept : float
        Of the model.
    """

    nomogram: Nomogram
    rows: pd.DataFrame
    coefficients: dict[str, float]
    intercept: float

    def linear_predictor(self) -> np.ndarray:
        """Return the log odds of the rows, from the coefficients alone.

        Returns
        -------
        ndarray of shape (n_rows,)
            Log odds.
        """
        total = np.full(len(self.rows), self.intercept)
        for name, slope in self.coefficients.items():
            column, _, level = name.partition("=")
            values = self.rows[column]
            x = (values == level) if level else values
            total += slope * x.to_numpy(dtype=float)
        return total


@st.composite
def _fitted(
    draw: st.DrawFn,
    outcomes: st.SearchStrategy[Outcomes],
    n_features: int | tuple[int, int],
    cv: int | None,
) -> FittedNomogram:
    drawn = draw(outcomes)
    X = draw(feature_tables(len(drawn.y), n_features=n_features))
    # An outcome that the first feature knows of, so that one is mostly selected.
    f0 = X["f0"].to_numpy()
    unit = max(np.ptp(f0) / 4, np.abs(f0).max() * 2.0**-20, 2.0**-16)
    X["f0"] = f0 + unit * drawn.positive
    share = draw(st.sampled_from([0.5, 0.1, 0.9]))
    thresholds: list[float | Literal["youden"]] = [0.5, "youden"]
    threshold = draw(st.sampled_from(thresholds))
    classifier = NomogramClassifier(threshold=threshold, random_state=0, n_lambdas=20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # so small a table is weak
        if cv is None:
            path = logistic_lasso_path(X, drawn.positive, n_lambdas=1)
            classifier.set_params(lambda_rule=share * float(path.lambdas[0]))
        else:
            classifier.set_params(cv=cv)
        classifier.fit(X, drawn.y, groups=drawn.patients)
    assume(classifier.coef_.any())
    return FittedNomogram(classifier, X, drawn.y, drawn.patients)


def fitted_nomograms(
    *,
    n_features: int | tuple[int, int] = (1, 5),
    min_per_class: int = 3,
    max_patients: int = 10,
    cv: int | None = None,
) -> st.SearchStrategy[FittedNomogram]:
    """Draw fitted classifiers with their training tables.

    Parameters
    ----------
    n_features : int or tuple of int, default=(1, 5)
        Columns of the table, or their limits.
    min_per_class, max_patients : int, default=3 and 10
        Patients, see `outcomes_with_patients`.
    cv : int, default=None
        Folds of patients that choose lambda; at most `min_per_class`. None takes a
        drawn share of the largest lambda: nothing is cross-validated, which is faster.

    Returns
    -------
    SearchStrategy of FittedNomogram
        Named tuple ``classifier, X, y, patients``. At least one feature is selected.
        The `StudyWarning` of the fit is not shown: so few patients are weak.

    Raises
    ------
    ValueError
        If there are more folds than patients of a class.

    Notes
    -----
    It shrinks to one feature that separates the classes, `min_per_class` patients of
    each class with one lesion each, and half the largest lambda.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import fitted_nomograms
    >>> few = fitted_nomograms(n_features=(1, 2), min_per_class=2, max_patients=4)
    >>> fitted = find(few, lambda drawn: True)
    >>> fitted.X.shape, fitted.y
    ((4, 1), array([0, 1, 0, 1]))
    >>> fitted.classifier.selected_features_
    array(['f0'], dtype=object)
    """
    if cv is not None and cv > min_per_class:
        raise ValueError(
            f"cv={cv} folds need as many patients of each class, min_per_class is "
            f"{min_per_class}."
        )
    outcomes = outcomes_with_patients(
        min_per_class=min_per_class, max_patients=max_patients
    )
    return _fitted(outcomes, n_features, cv)


@st.composite
def _nomograms(
    draw: st.DrawFn, max_predictors: int, categorical: bool
) -> DrawnNomogram:
    slopes = st.integers(-40, 40).filter(bool).map(lambda k: k / 8)
    coefficients: dict[str, float] = {}
    ranges: dict[str, tuple[float, float]] = {}
    columns: dict[str, st.SearchStrategy] = {}
    for number in range(draw(st.integers(1, max_predictors))):
        name = f"f{number}"
        low, width = draw(st.integers(-20, 20)), draw(st.integers(1, 50))
        coefficients[name] = draw(slopes)
        ranges[name] = (float(low), float(low + width))
        # Beyond both ends of the axis too.
        columns[name] = st.integers(low - width, low + 2 * width).map(float)
    categories: dict[str, list[Hashable]] = {}
    if categorical and draw(st.booleans()):
        levels = ["early", "late", "unknown"][: draw(st.integers(2, 3))]
        categories["stage"] = list(levels)
        coefficients |= {f"stage={level}": draw(slopes) for level in levels[1:]}
        columns["stage"] = st.sampled_from(levels)
    intercept = draw(st.integers(-20, 20)) / 4
    n_rows = draw(st.integers(1, 4))
    rows = {
        name: [draw(values) for _ in range(n_rows)] for name, values in columns.items()
    }
    nomogram = Nomogram.from_coefficients(
        coefficients, intercept, ranges, categories=categories
    )
    return DrawnNomogram(nomogram, pd.DataFrame(rows), coefficients, intercept)


def nomograms(
    *, max_predictors: int = 4, categorical: bool = True
) -> st.SearchStrategy[DrawnNomogram]:
    """Draw nomograms of known models, with rows to read them for.

    Parameters
    ----------
    max_predictors : int, default=4
        Continuous predictors, at most.
    categorical : bool, default=True
        Whether there may be a categorical predictor ``"stage"``, of two or three
        levels.

    Returns
    -------
    SearchStrategy of DrawnNomogram
        Named tuple ``nomogram, rows, coefficients, intercept``.

    Notes
    -----
    It shrinks to one predictor ``"f0"`` from 0 to 1 with a coefficient of 1/8, no
    intercept, and a row of 0.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import nomograms
    >>> smallest = find(nomograms(max_predictors=1), lambda drawn: True)
    >>> smallest.coefficients, smallest.intercept, smallest.rows["f0"].tolist()
    ({'f0': 0.125}, 0.0, [0.0])
    """
    if max_predictors < 1:
        raise ValueError(f"max_predictors must be at least 1, got {max_predictors!r}.")
    return _nomograms(max_predictors, categorical)
