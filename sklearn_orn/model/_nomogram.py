"""The nomogram: a linear model drawn as axes of points, as rms makes it."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._validation import feature_names, name_list
from sklearn_orn.model._pretty import pretty

MAX_POINTS = 100.0
N_INTERVALS = 10
MAX_DISCRETE = 10
PROBABILITIES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

Limits = tuple[float, float]


@dataclass(frozen=True, eq=False)
class NomogramAxis:
    """One axis of a nomogram.

    Attributes
    ----------
    name : str
        Column of the predictor, or the name of the scale.
    label : str
        Text to print at the axis.
    kind : str
        "continuous", "discrete" (a number with few values), "categorical" or "scale".
    ticks : ndarray of shape (n_ticks,)
        Values at the ticks: numbers, or levels of a categorical predictor.
    points : ndarray of shape (n_ticks,)
        Points at the ticks; total points for the scales.
    """

    name: str
    label: str
    kind: str
    ticks: np.ndarray
    points: np.ndarray


@dataclass(frozen=True, eq=False)
class _Term:
    """A predictor before it is scaled to points: its ticks and their effects."""

    name: str
    kind: str
    ticks: np.ndarray
    effects: np.ndarray
    slope: float | None
    limits: Limits

    def effect(self, values: Iterable[Any]) -> np.ndarray:
        """Contribution to the linear predictor; a number goes beyond the axis."""
        values = list(values)
        missing = [i for i, value in enumerate(values) if pd.isna(value)]
        if missing:
            raise ValueError(
                f"Predictor {self.name!r} is missing in {len(missing)} of "
                f"{len(values)} rows, the first at position {missing[0]}. Impute it "
                "or leave these rows out."
            )
        if self.slope is not None:
            return self.slope * _numbers(values, self.name)
        known = dict(zip(self.ticks.tolist(), self.effects.tolist(), strict=True))
        unknown = [value for value in values if value not in known]
        if unknown:
            raise ValueError(
                f"Predictor {self.name!r} has no level {unknown[0]!r}. Its levels are "
                f"{name_list(map(repr, known), limit=20)}."
            )
        return np.array([known[value] for value in values], dtype=np.float64)


def _numbers(values: Iterable[Any], name: str) -> np.ndarray:
    try:
        numbers = np.array([float(value) for value in values])
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Predictor {name!r} must hold numbers: {error}. If it is categorical, "
            "name its levels in `categories`."
        ) from None
    if not np.isfinite(numbers).all():
        raise ValueError(f"Predictor {name!r} has missing or infinite values.")
    return numbers


def _level_effects(
    name: str, levels: Iterable[Hashable], coefficients: Mapping[str, float]
) -> dict[Hashable, float]:
    """Effects of the levels from `name=level` (R) or `name_level` (scikit-learn)."""
    levels = list(levels)
    effects = {}
    for level in levels:
        keys = [f"{name}={level}", f"{name}_{level}"]
        effects[level] = next((coefficients[k] for k in keys if k in coefficients), 0.0)
    if not any(
        f"{name}{sign}{level}" in coefficients for level in levels for sign in "=_"
    ):
        raise ValueError(
            f"No coefficient belongs to the categorical predictor {name!r}: expected "
            f"names such as {f'{name}={levels[-1]}'!r}, got {name_list(coefficients)}."
        )
    return effects


def _numeric_term(
    name: str, slope: float, values: Any, *, few: bool | None = None
) -> _Term:
    """Ticks at the values where they are few, over round limits otherwise.

    rms: datadist keeps the values of a variable with at most ten different ones.
    """
    distinct = np.unique(_numbers(np.asarray(values).tolist(), name))
    if len(distinct) == 0:
        raise ValueError(f"Predictor {name!r} has no values to take its limits from.")
    limits = (float(distinct[0]), float(distinct[-1]))
    discrete = len(distinct) <= MAX_DISCRETE if few is None else few
    ticks = distinct if discrete else pretty(*limits, n=N_INTERVALS)
    kind = "discrete" if discrete else "continuous"
    ends = sorted((slope * limits[0], slope * limits[1]))
    return _Term(name, kind, ticks, slope * ticks, slope, (ends[0], ends[1]))


def _categorical_term(name: str, effects: Mapping[Hashable, float]) -> _Term:
    levels = np.empty(len(effects), dtype=object)
    levels[:] = list(effects)
    values = np.array(list(effects.values()), dtype=np.float64)
    limits = (float(values.min()), float(values.max()))
    return _Term(name, "categorical", levels, values, None, limits)


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table.columns:
        raise ValueError(
            f"X has no column {name!r}, which the nomogram needs. Its columns are "
            f"{name_list(table.columns)}."
        )
    column = table[name]
    if column.ndim != 1:
        raise ValueError(f"X has more than one column {name!r}.")
    return column


def _terms(
    coefficients: Mapping[str, float],
    limits: pd.DataFrame | Mapping[str, Limits],
    categories: Mapping[str, Sequence[Hashable]],
) -> list[_Term]:
    """One term per predictor with a nonzero effect, in the coefficients' order."""
    terms: dict[str, _Term] = {}
    owner: dict[str, str] = {}
    for name, levels in categories.items():
        if name in coefficients:
            slope = coefficients[name]
            terms[name] = _numeric_term(name, slope, list(levels), few=True)
            continue
        effects = _level_effects(name, levels, coefficients)
        terms[name] = _categorical_term(name, effects)
        owner |= {f"{name}{sign}{level}": name for level in levels for sign in "=_"}
    for name, slope in coefficients.items():
        if slope == 0 or name in owner or name in terms:
            continue
        if isinstance(limits, pd.DataFrame):
            terms[name] = _numeric_term(name, slope, _column(limits, name))
        elif name in limits:
            terms[name] = _numeric_term(name, slope, limits[name], few=False)
        else:
            raise ValueError(
                f"No range is given for predictor {name!r}: pass (low, high) for it. "
                f"There are ranges for {name_list(limits)}."
            )
    order = dict.fromkeys(owner.get(name, name) for name in coefficients)
    return [terms[n] for n in order if n in terms and terms[n].effects.any()]


def _checked_coefficients(
    coefficients: Mapping[str, float], intercept: float
) -> tuple[dict[str, float], float]:
    if not isinstance(coefficients, Mapping):
        raise TypeError(
            "coefficients must be a mapping name -> coefficient, got "
            f"{type(coefficients).__name__}."
        )
    values = {str(name): float(value) for name, value in coefficients.items()}
    bad = [name for name, value in values.items() if not np.isfinite(value)]
    if bad or not np.isfinite(intercept):
        raise ValueError(f"Not finite: {name_list(bad or ['intercept'])}.")
    if "total" in values:
        raise ValueError("A predictor cannot be called 'total': rename its column.")
    return values, float(intercept)


def _probability_ticks(low: float, high: float) -> np.ndarray:
    """Customary probabilities between two values; round ones where few fit."""
    customary = np.array(PROBABILITIES)
    inside = customary[(customary >= low) & (customary <= high)]
    if len(inside) >= 3:
        return inside
    ticks = pretty(low, high, n=5)
    return ticks[(ticks >= max(low, 1e-12)) & (ticks <= min(high, 1 - 1e-12))]


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
        Names of all coefficients, those of zero too: the columns of an array.

    Notes
    -----
    The rules are those of rms [1]_:

    - A numeric predictor with at most ten different values has its ticks there. Any
      other runs over ``pretty()`` of its full range (datadist's "Low" and "High").
    - With :math:`x\beta` the effect of a predictor,
      :math:`points = 100\,(x\beta - \min x\beta)/r`, where `r` is the largest
      range of effects over the axes. A level without a coefficient has effect 0.
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
    _terms: tuple[_Term, ...]

    @classmethod
    def from_estimator(
        cls,
        classifier: Any,
        X: Any = None,
        *,
        labels: Mapping[str, str] | None = None,
    ) -> "Nomogram":
        """Make the nomogram of a fitted binary linear classifier.

        Parameters
        ----------
        classifier : estimator
            With `coef_`, `intercept_` and two classes. Only features with a nonzero
            coefficient get an axis.
        X : DataFrame or array-like of shape (n_samples, n_features), default=None
            The training table, for the limits of the axes. None is allowed where the
            classifier stores `feature_ranges_` of shape (2, n_features).
        labels : mapping, default=None
            Texts to print instead of the feature names.

        Returns
        -------
        Nomogram

        Raises
        ------
        ValueError
            If no coefficient differs from zero, or no limits are known.
        """
        check_is_fitted(classifier)
        coef = np.atleast_2d(getattr(classifier, "coef_", np.empty((0, 0))))
        if coef.shape[0] != 1 or not hasattr(classifier, "intercept_"):
            raise TypeError(
                "A nomogram needs a binary linear classifier with coef_ of shape (1, "
                f"n_features) and intercept_, got {type(classifier).__name__}."
            )
        names = [str(name) for name in feature_names(classifier)]
        if X is None:
            ranges = getattr(classifier, "feature_ranges_", None)
            if ranges is None:
                raise ValueError(
                    f"{type(classifier).__name__} does not store the ranges of its "
                    "features: pass the training table as X."
                )
            X = dict(zip(names, np.transpose(ranges).tolist(), strict=True))
        return cls._build(
            dict(zip(names, coef[0].tolist(), strict=True)),
            float(np.ravel(classifier.intercept_)[0]),
            X if isinstance(X, Mapping) else as_table(X, names),
            {},
            labels or {},
        )

    @classmethod
    def from_coefficients(
        cls,
        coefficients: Mapping[str, float],
        intercept: float,
        X_or_ranges: pd.DataFrame | Mapping[str, Limits],
        *,
        categories: Mapping[str, Sequence[Hashable]] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Nomogram":
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
        labels : mapping, default=None
            Texts to print instead of the predictors' names.

        Returns
        -------
        Nomogram
        """
        if not isinstance(X_or_ranges, (pd.DataFrame, Mapping)):
            raise TypeError(
                "X_or_ranges must be a DataFrame or a mapping name -> (low, high), "
                f"got {type(X_or_ranges).__name__}."
            )
        return cls._build(
            coefficients, intercept, X_or_ranges, categories or {}, labels or {}
        )

    @classmethod
    def _build(
        cls,
        coefficients: Mapping[str, float],
        intercept: float,
        limits: pd.DataFrame | Mapping[str, Limits],
        categories: Mapping[str, Sequence[Hashable]],
        labels: Mapping[str, str],
    ) -> "Nomogram":
        coefficients, intercept = _checked_coefficients(coefficients, intercept)
        terms = _terms(coefficients, limits, categories)
        widest = max((float(np.ptp(term.effects)) for term in terms), default=0.0)
        if widest == 0:
            raise ValueError(
                "The model gives everyone the same probability (no coefficient differs "
                "from zero, or no predictor varies): there is nothing to draw."
            )
        scale = MAX_POINTS / widest
        start = intercept + sum(float(term.effects.min()) for term in terms)
        if isinstance(limits, pd.DataFrame):
            table = limits
            lp = intercept + sum(t.effect(_column(table, t.name)) for t in terms)
        else:
            lp = intercept + np.sum([term.limits for term in terms], axis=0)
        lp_ticks = pretty(float(np.min(lp)), float(np.max(lp)), n=N_INTERVALS)
        most = MAX_POINTS
        if len(terms) > 1:
            most = max(most, scale * (float(lp_ticks[-1]) - start))
        totals = pretty(0, most, n=N_INTERVALS)
        risks = _probability_ticks(*expit(lp_ticks[[0, -1]]))
        return cls(
            predictors=tuple(
                NomogramAxis(
                    term.name,
                    labels.get(term.name, term.name),
                    term.kind,
                    term.ticks,
                    scale * (term.effects - term.effects.min()),
                )
                for term in terms
            ),
            total_points=NomogramAxis(
                "total", labels.get("total", "Total points"), "scale", totals, totals
            ),
            linear_predictor=NomogramAxis(
                "linear_predictor",
                labels.get("linear_predictor", "Linear predictor"),
                "scale",
                lp_ticks,
                scale * (lp_ticks - start),
            ),
            probability_axis=NomogramAxis(
                "probability",
                labels.get("probability", "Probability"),
                "scale",
                risks,
                scale * (logit(risks) - start),
            ),
            intercept=start,
            points_per_unit=scale,
            columns=tuple(coefficients),
            _terms=tuple(terms),
        )

    def points(self, X: Any) -> pd.DataFrame:
        """Return the points of each predictor, and their total.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), Series or mapping
            Patients; a Series or a mapping is one patient.

        Returns
        -------
        DataFrame of shape (n_samples, n_predictors + 1)
            One column per predictor and ``total``; the index of X. Values outside an
            axis are extrapolated, so points may be negative or above 100.
        """
        table = as_table(X, self.columns)
        columns = {
            term.name: self.points_per_unit
            * (term.effect(_column(table, term.name)) - term.effects.min())
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
        axes = [
            *self.predictors,
            self.total_points,
            self.linear_predictor,
            self.probability_axis,
        ]
        rows = [
            (axis.name, axis.label, value, point)
            for axis in axes
            for value, point in zip(
                axis.ticks.tolist(), axis.points.tolist(), strict=True
            )
        ]
        return pd.DataFrame(rows, columns=["axis", "label", "value", "points"])


def as_table(X: Any, columns: Sequence[str]) -> pd.DataFrame:
    """Return X as a table; a Series or mapping is one row, an array gets names."""
    if isinstance(X, pd.DataFrame):
        return X
    if isinstance(X, pd.Series):
        return pd.DataFrame([X.to_dict()], index=[X.name])
    if isinstance(X, Mapping):
        return pd.DataFrame([dict(X)])
    array = np.asarray(X)
    if array.ndim != 2 or array.shape[1] != len(columns):
        raise ValueError(
            f"X has the shape {array.shape}: expected (n_samples, {len(columns)}), in "
            f"the order {name_list(columns)}, or a DataFrame."
        )
    return pd.DataFrame(array, columns=list(columns))
