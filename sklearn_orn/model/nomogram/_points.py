"""The nomogram: a linear model drawn as axes of points, as rms makes it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit

from sklearn_orn._final_step import chosen_estimator
from sklearn_orn._readable import framed, rows_html
from sklearn_orn._shared_docs import documented
from sklearn_orn._tables import as_pandas
from sklearn_orn._types import Estimator
from sklearn_orn.exceptions import CohortError, NotEstimable
from sklearn_orn.model.nomogram._axes import (
    MAX_POINTS,
    NomogramAxis,
    Predictor,
    is_constant,
    predictor_axes,
    scale_axes,
)
from sklearn_orn.model.nomogram._coefficients import (
    Limits,
    finite_coefficients,
    term_within,
    terms_of_coefficients,
)
from sklearn_orn.model.nomogram._linear_model import read_classifier
from sklearn_orn.model.nomogram._source import Source, column_of
from sklearn_orn.model.nomogram._statsmodels import (
    StatsmodelsResults,
    is_results,
    read_results,
)

__all__ = ["Nomogram", "NomogramAxis"]

RESERVED = ("points", "total", "linear_predictor", "probability")


def _unreserved(names: Iterable[str]) -> tuple[str, ...]:
    """Return names, none of which is that of a scale."""
    names = tuple(names)
    taken = [name for name in names if name in RESERVED]
    if taken:
        raise CohortError(
            f"A predictor cannot be called {taken[0]!r}: rename its column."
        )
    return names


@documented("""
labels : mapping, default=None
    Texts to print instead of the predictors' names, and of their levels:
    ``{"sex": "Sex", "sex=0": "female"}``.
""")
@dataclass(frozen=True, eq=False)
class Nomogram:
    r"""A logistic model as a nomogram: points, their total, the probability.

    Made by `from_estimator` or `from_coefficients`, not by hand.

    Attributes
    ----------
    predictors : tuple of NomogramAxis
        One axis for each predictor with a nonzero effect.
    total_points, linear_predictor, probability_axis : NomogramAxis
        The scales below; `points` of their ticks are total points.
    intercept : float
        Linear predictor at 0 total points.
    points_per_unit : float
        Points per unit of the linear predictor.
    columns : tuple of str
        Columns that an array must have; empty for a model of images.

    Notes
    -----
    The rules are those of rms [1]_:

    - A numeric predictor with at most ten different values has its ticks there. Any
      other runs over ``pretty()`` of its full range (datadist's "Low" and "High").
    - With :math:`x\beta` the effect of a predictor,
      :math:`points = 100\,(x\beta - \min x\beta)/r`, where `r` is the largest
      range of effects over the axes. A level without a coefficient has effect 0.
      Missing values as a level make no axis longer: where they are beyond all of them
      they have fewer than 0 or more than 100 points.
    - The ticks of a restricted cubic spline give its range: its axis may double back,
      and between two ticks it may reach a little further.
    - Total points T give the linear predictor
      :math:`intercept + T/points\_per\_unit`, exact beyond the axes too: a value
      outside its axis gets fewer than 0 or more points than the axis shows, on the
      same straight line, so that the probability is the model's own.

    One deliberate difference: rms finds the places of the probability ticks by
    interpolating between 1000 values, up to 2e-4 points off; here they are exact.

    References
    ----------
    .. [1] Harrell, Regression Modeling Strategies, 2nd ed., 2015, section 5.4.

    Examples
    --------
    >>> from sklearn_orn.model import Nomogram
    >>> nomogram = Nomogram.from_coefficients(
    ...     {"score": 1.5, "age": -0.02, "stage=late": 0.6},
    ...     intercept=0.4,
    ...     X_or_ranges={"score": (-2, 2), "age": (30, 80)},
    ...     categories={"stage": ["early", "late"]},
    ... )
    >>> patient = {"score": 1.0, "age": 90, "stage": "late"}
    >>> points = nomogram.points(patient)
    >>> points.round(1)
       score  age  stage  total
    0   75.0 -3.3   10.0   81.7
    >>> nomogram.probability(points["total"]).round(4)
    array([0.6682])
    """

    predictors: tuple[NomogramAxis, ...]
    total_points: NomogramAxis
    linear_predictor: NomogramAxis
    probability_axis: NomogramAxis
    intercept: float
    points_per_unit: float
    columns: tuple[str, ...]
    _terms: tuple[Predictor, ...]
    _source: Source

    @classmethod
    def from_estimator(
        cls,
        classifier: Estimator | StatsmodelsResults,
        X: object = None,
        *,
        labels: Mapping[str, str] | None = None,
    ) -> Nomogram:
        """Make the nomogram of a fitted binary linear classifier, or its Pipeline.

        Parameters
        ----------
        classifier : estimator, Pipeline or results of statsmodels
            With `coef_`, `intercept_` and two classes, as `NomogramClassifier`,
            `LogisticRegression` and `LogisticRegressionCV`, or a Pipeline that ends in
            one, or a search that chose it; or what ``Logit(...).fit()`` and
            ``GLM(...).fit()`` return. Only predictors with a nonzero coefficient get an
            axis. See Notes.
        X : DataFrame, array-like or sequence of lesions, default=None
            The training table as `classifier` takes it, for the limits of the axes.
            None is allowed where the classifier at the end stores `feature_ranges_`
            of shape (2, n_features), as `NomogramClassifier` does; numbers with few
            values then have a continuous axis. Results of statsmodels hold the table.

        Raises
        ------
        TypeError
            If the classifier is not binary and linear, the model of statsmodels not
            logistic, or a step of the Pipeline is none of those below.
        ValueError
            If no coefficient differs from zero, no limits are known, or a setting of
            a step is not supported.

        Notes
        -----
        There is one axis per column of the table that the Pipeline takes: a number in
        its own unit, whatever scaler it went through, and a category with its levels,
        however many columns the encoder made of it. So each step must keep columns
        apart:

        - `Pipeline` and `ColumnTransformer`, nested in any way, and "passthrough";
        - `StandardScaler`, `RobustScaler`, `MinMaxScaler`, `MaxAbsScaler` (no clip);
        - `SimpleImputer`: a missing value gets the points of what is filled in, and
          with `add_indicator` those of being missing;
        - `OneHotEncoder` and `OrdinalEncoder` on columns that no step but an imputer
          has changed; unknown levels are an error in `points`, whatever the encoder
          does with them;
        - `RestrictedCubicSpline` of numbers, scaled or not: the curve is one axis,
          which doubles back where it turns;
        - selectors of columns (`get_support`), and `ICCFilter`.

        Steps that take images, an `ICCFilter` that averages readers and a
        `CrossFittedScore` make new columns: the axes begin behind the last of them, in
        the Pipeline or in that branch of the ColumnTransformer. Then `X`, here and in
        `points`, may be either table: one with a column for every axis is taken as it
        is, any other goes through these steps first.

        Of statsmodels these are `Logit`, and `GLM` with the family `Binomial` and the
        link `Logit`, with a formula or without. A term of a formula is a column, or
        levels such as ``C(stage)`` in treatment coding; functions of columns and
        interactions are refused by name.

        Examples
        --------
        >>> import pandas as pd
        >>> from sklearn.compose import ColumnTransformer
        >>> from sklearn.impute import SimpleImputer
        >>> from sklearn.linear_model import LogisticRegression
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import OneHotEncoder, StandardScaler
        >>> from sklearn_orn.model import Nomogram
        >>> table = pd.DataFrame({
        ...     "age": [44, 51, 58, 60, 63, 67, 72, 75],
        ...     "stage": ["I", "II", "I", "III", "II", "III", "I", "II"],
        ... })
        >>> columns = ColumnTransformer([
        ...     ("age", make_pipeline(StandardScaler(), SimpleImputer()), ["age"]),
        ...     ("stage", OneHotEncoder(drop="first"), ["stage"]),
        ... ])
        >>> model = make_pipeline(columns, LogisticRegression())
        >>> model = model.fit(table, [0, 0, 0, 1, 0, 1, 1, 1])
        >>> nomogram = Nomogram.from_estimator(model, table)
        >>> [(axis.name, axis.kind) for axis in nomogram.predictors]
        [('age', 'discrete'), ('stage', 'categorical')]
        >>> patient = {"age": None, "stage": "III"}  # gets the points of the mean age
        >>> nomogram.points(patient).round(1)
            age  stage  total
        0  55.6   27.8   83.5
        """
        if is_results(classifier):
            model, table = read_results(classifier)
            X = table if X is None else X
        else:
            model = read_classifier(chosen_estimator(classifier))
        names = _unreserved(model.effects)
        limits: pd.DataFrame | Mapping[str, Limits] | None = model.ranges
        if X is not None:
            limits = model.source.values(X, names)
        elif limits is None:
            raise ValueError(
                f"{type(classifier).__name__} does not store the ranges of its "
                "features: pass the training table as X."
            )
        terms = [
            term_within(name, effect, limits)
            for name, effect in model.effects.items()
            if not is_constant(effect)
        ]
        return cls._build(terms, model.intercept, limits, model.source, labels or {})

    @classmethod
    def from_coefficients(
        cls,
        coefficients: Mapping[str, float],
        intercept: float,
        X_or_ranges: pd.DataFrame | Mapping[str, Limits],
        *,
        categories: Mapping[str, Sequence[Hashable]] | None = None,
        knots: Mapping[str, ArrayLike] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Nomogram:
        """Make the nomogram of a published or otherwise known logistic model.

        Parameters
        ----------
        coefficients : mapping
            Name of the predictor -> coefficient (log odds per unit). Coefficients of
            a categorical predictor are named ``predictor=level`` or
            ``predictor_level``.
        intercept : float
            Intercept of the model.
        X_or_ranges : DataFrame, or mapping name -> (low, high)
            The training table, or the range of each continuous predictor.
        categories : mapping, default=None
            Name of a categorical predictor -> its levels in order. A level without
            a coefficient is the reference. A predictor with a coefficient of its own
            is a number that takes only these values.
        knots : mapping, default=None
            Name of a predictor with a restricted cubic spline -> its knots. Its
            coefficients are named as rms does: ``age``, ``age'``, ``age''``.

        """
        if not isinstance(X_or_ranges, (pd.DataFrame, Mapping)):
            raise TypeError(
                "X_or_ranges must be a DataFrame or a mapping name -> (low, high), "
                f"got {type(X_or_ranges).__name__}."
            )
        values, start = finite_coefficients(coefficients, intercept)
        names = _unreserved(values)
        terms = terms_of_coefficients(
            values, X_or_ranges, categories or {}, knots or {}
        )
        source = Source(names, names)
        return cls._build(terms, start, X_or_ranges, source, labels or {})

    @classmethod
    def _build(
        cls,
        terms: Sequence[Predictor],
        intercept: float,
        limits: pd.DataFrame | Mapping[str, Limits],
        source: Source,
        labels: Mapping[str, str],
    ) -> Nomogram:
        widest = max((float(np.ptp(term.present)) for term in terms), default=0.0)
        if widest == 0:
            # Only a missing value makes a difference, if anything.
            widest = max((float(np.ptp(term.effects)) for term in terms), default=0.0)
        if widest == 0:
            raise NotEstimable(
                "The model gives everyone the same probability (no coefficient differs "
                "from zero, or no predictor varies): there is nothing to draw."
            )
        terms = [term.placed(widest) for term in terms]
        scale = MAX_POINTS / widest
        start = intercept + sum(term.lowest for term in terms)
        limits = as_pandas(limits)
        if isinstance(limits, pd.DataFrame):
            columns = {term.name: column_of(limits, term.name) for term in terms}
            parts = [t.effect_of(columns[t.name]) for t in terms]
            lp = np.asarray(intercept + sum(parts))
            off = np.any([t.off_axis(columns[t.name], widest) for t in terms], axis=0)
            lp = lp if off.all() else lp[~off]
        else:
            lp = intercept + np.sum([term.limits for term in terms], axis=0)
        ends = (float(np.min(lp)), float(np.max(lp)))
        total, linear_predictor, probability = scale_axes(
            ends, start, scale, len(terms), labels
        )
        return cls(
            predictors=predictor_axes(terms, scale, labels),
            total_points=total,
            linear_predictor=linear_predictor,
            probability_axis=probability,
            intercept=start,
            points_per_unit=scale,
            columns=source.columns,
            _terms=tuple(terms),
            _source=source,
        )

    def values(self, X: object) -> pd.DataFrame:
        """Return the predictors' values, in the units of the axes.

        Parameters
        ----------
        X : DataFrame, array-like, Series, mapping or sequence of lesions
            Patients; a Series or a mapping is one patient. With a column for every
            axis it is taken as it is. Otherwise it goes through the steps in front of
            the axes, which measure images and average readers, where the model has
            such steps.

        Returns
        -------
        DataFrame of shape (n_samples, n_predictors)
            With the index of X. NaN where a value is missing.
        """
        return self._source.values(X, [term.name for term in self._terms])

    def points(self, X: object) -> pd.DataFrame:
        """Return the points of each predictor, and their total.

        Parameters
        ----------
        X : DataFrame, array-like, Series, mapping or sequence of lesions
            Patients, as in `values`: the table that the model takes, or one with a
            column for every axis.

        Returns
        -------
        DataFrame of shape (n_samples, n_predictors + 1)
            One column per predictor and ``total``; the index of X. Values outside an
            axis are extrapolated, so points may be negative or above 100.

        Raises
        ------
        ValueError
            If a column is absent, a value is missing that the model does not fill in,
            or a level is unknown.
        """
        table = self.values(X)
        columns = {
            term.name: self.points_per_unit
            * (term.effect_of(table[term.name]) - term.lowest)
            for term in self._terms
        }
        points = pd.DataFrame(columns, index=table.index)
        return points.assign(total=points.sum(axis=1))

    def probability(self, total_points: ArrayLike) -> np.ndarray:
        """Return the probability of the positive class at total points.

        Parameters
        ----------
        total_points : array-like
            Total points, within the axis or beyond it.

        Returns
        -------
        ndarray
            Of the same shape.
        """
        totals = np.asarray(total_points, dtype=np.float64)
        return np.asarray(expit(self.intercept + totals / self.points_per_unit))

    def table(self) -> pd.DataFrame:
        """Return all ticks as a table, to be read without the drawing.

        Returns
        -------
        DataFrame
            Columns ``axis, label, value, points``: one row per tick. On the total,
            linear predictor and probability axes `points` are total points.
        """
        rows = [
            (axis.name, axis.label, value, point)
            for axis in self._axes()
            for value, point in zip(
                axis.ticks.tolist(), axis.points.tolist(), strict=True
            )
        ]
        return pd.DataFrame(rows, columns=["axis", "label", "value", "points"])

    def _axes(self) -> tuple[NomogramAxis, ...]:
        scales = (self.total_points, self.linear_predictor, self.probability_axis)
        return *self.predictors, *scales

    def _repr_html_(self) -> str:
        rows: list[tuple[str, ...]] = []
        for axis in self._axes():
            rows.append((axis.label, *map(axis.tick_text, axis.ticks.tolist())))
            rows.append(("points", *(f"{point:.1f}" for point in axis.points)))
        return framed(rows_html(rows))
