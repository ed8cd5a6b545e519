"""A nomogram's predictors from named coefficients, as a publication gives them."""

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._tables import as_pandas
from sklearn_orn._validation import name_list
from sklearn_orn.model._restricted_cubic_spline import checked_knots
from sklearn_orn.model.nomogram._axes import Predictor, is_constant, make_term
from sklearn_orn.model.nomogram._effects import Bend, Curve, Effect, Levels, Line
from sklearn_orn.model.nomogram._source import column_of

Limits = tuple[float, float]


def finite_coefficients(
    coefficients: Mapping[str, float], intercept: float
) -> tuple[dict[str, float], float]:
    """Return coefficients and intercept as finite numbers."""
    if not isinstance(coefficients, Mapping):
        raise TypeError(
            "coefficients must be a mapping name -> coefficient, got "
            f"{type(coefficients).__name__}."
        )
    values = {str(name): float(value) for name, value in coefficients.items()}
    bad = [name for name, value in values.items() if not np.isfinite(value)]
    if bad or not np.isfinite(intercept):
        raise ValueError(f"Not finite: {name_list(bad or ['intercept'])}.")
    return values, float(intercept)


def terms_of_coefficients(
    coefficients: Mapping[str, float],
    limits: pd.DataFrame | Mapping[str, Limits],
    categories: Mapping[str, Sequence[Hashable]],
    knots: Mapping[str, ArrayLike],
) -> list[Predictor]:
    """Return one term for each predictor with an effect, in the coefficients' order.

    Levels are named ``predictor=level`` or ``predictor_level``; `categories` holds a
    predictor's levels in order, or the only values of a number. Terms of a spline with
    `knots` are ``predictor``, ``predictor'``, ``predictor''``.
    """
    terms: dict[str, Predictor] = {}
    owner: dict[str, str] = {}
    for name, values in knots.items():
        curve, names = _curve(
            name, checked_knots(values, f"knots of {name!r}"), coefficients
        )
        terms[name] = term_within(name, curve, limits)
        owner |= dict.fromkeys(names, name)
    for name, levels in categories.items():
        if name in terms:
            raise ValueError(f"Predictor {name!r} has both categories and knots.")
        if name in coefficients:
            line = Line(coefficients[name])
            terms[name] = make_term(name, line, list(levels), few=True)
            continue
        effects = _level_effects(name, levels, coefficients)
        terms[name] = make_term(name, effects, ())
        owner |= {f"{name}{sign}{level}": name for level in levels for sign in "=_"}
    for name, slope in coefficients.items():
        if slope != 0 and name not in owner and name not in terms:
            terms[name] = term_within(name, Line(slope), limits)
    order = dict.fromkeys(owner.get(name, name) for name in coefficients)
    return [terms[n] for n in order if n in terms and not is_constant(terms[n].effect)]


def term_within(
    name: str, effect: Effect, limits: pd.DataFrame | Mapping[str, Limits]
) -> Predictor:
    """Return the term of a predictor from the training table, or from its range."""
    if isinstance(effect, Levels):
        return make_term(name, effect, ())
    limits = as_pandas(limits)
    if isinstance(limits, pd.DataFrame):
        return make_term(name, effect, column_of(limits, name))
    if name not in limits:
        raise ValueError(
            f"No range is given for predictor {name!r}: pass (low, high) for it. "
            f"There are ranges for {name_list(limits)}."
        )
    return make_term(name, effect, limits[name], few=False)


def _curve(
    name: str, knots: np.ndarray, coefficients: Mapping[str, float]
) -> tuple[Curve, list[str]]:
    """Return the effect of a spline's coefficients, and their names."""
    names = [f"{name}{chr(39) * j}" for j in range(len(knots) - 1)]
    missing = [term for term in names if term not in coefficients]
    if missing:
        raise ValueError(
            f"Predictor {name!r} has {len(knots)} knots, so a coefficient for each of "
            f"{name_list(names)}; there is none for {name_list(missing)}."
        )
    first, *others = (coefficients[term] for term in names)
    bends = [Bend(Line(first))] + [
        Bend(Line(), weight, tuple(knots), j) for j, weight in enumerate(others)
    ]
    return Curve(tuple(bends)), names


def _level_effects(
    name: str, levels: Iterable[Hashable], coefficients: Mapping[str, float]
) -> Levels:
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
    return Levels(effects)
