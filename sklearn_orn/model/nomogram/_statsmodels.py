"""Read a fitted logistic model of statsmodels, which need not be installed."""

import re
from collections.abc import Hashable, Sequence
from typing import Protocol, TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._validation import name_list
from sklearn_orn.model.nomogram._effects import Effect, Levels, Line
from sklearn_orn.model.nomogram._linear_model import LinearModel
from sklearn_orn.model.nomogram._source import Source, column_of

# C(stage), C(stage, Treatment("I")), Q("radiomics score"), stage; then [T.II].
_FACTOR = re.compile(
    r"(?:C\()?\s*(?:Q\((['\"])(.+?)\1\)|([^\W\d][\w.]*))\s*(?:,.*)?\)?"
)
_LEVEL = re.compile(r"(.+)\[(T\.)?(.*)\]")


class _Model(Protocol):
    exog: ArrayLike
    exog_names: Sequence[str]


class StatsmodelsResults(Protocol):
    """What statsmodels' ``fit`` returns, as far as a nomogram reads it."""

    model: _Model
    params: ArrayLike


def is_results(fitted: object) -> TypeGuard[StatsmodelsResults]:
    """Tell whether something looks like results of statsmodels."""
    return hasattr(fitted, "params") and hasattr(
        getattr(fitted, "model", None), "exog_names"
    )


def read_results(
    results: StatsmodelsResults,
) -> tuple[LinearModel, pd.DataFrame | None]:
    """Read results of Logit, or of GLM with the binomial family and the logit link.

    Returns the model and its training table, None where it was given arrays. A
    TypeError for another kind of model, a ValueError for a term that has no axis.
    """
    model = results.model
    _refuse_other_models(model)
    names = [str(name) for name in model.exog_names]
    params = np.asarray(results.params, dtype=np.float64)
    if params.shape != (len(names),):
        raise TypeError(
            "A nomogram needs one coefficient for each column, got params of shape "
            f"{params.shape} for {len(names)} columns."
        )
    exog = np.asarray(model.exog, dtype=np.float64)
    constant = np.ptp(exog, axis=0) == 0
    intercept = float(params[constant] @ exog[0, constant])
    data = getattr(model, "data", None)
    frame = getattr(data, "frame", None)
    terms = [
        (name, float(weight))
        for name, weight, same in zip(names, params, constant, strict=True)
        if not same
    ]
    if frame is None:
        effects: dict[str, Effect] = {name: Line(weight) for name, weight in terms}
        table = getattr(data, "orig_exog", None)
        if not isinstance(table, pd.DataFrame):
            table = pd.DataFrame(exog, columns=names)
    else:
        effects, table = _effects_of_formula(terms, frame), frame
    columns = tuple(effects)
    table = table[list(columns)].dropna()
    effects = {name: effect for name, effect in effects.items() if _matters(effect)}
    return LinearModel(effects, intercept, Source(columns, columns), None), table


def _matters(effect: Effect) -> bool:
    if isinstance(effect, Line):
        return effect.slope != 0
    return not isinstance(effect, Levels) or any(effect.effects.values())


def _refuse_other_models(model: _Model) -> None:
    kind = type(model).__name__
    family = getattr(model, "family", None)
    if family is not None:
        link = type(getattr(family, "link", None)).__name__
        kind = f"{kind} with the family {type(family).__name__} and the link {link}"
        logistic = type(family).__name__ == "Binomial" and link.lower() == "logit"
    else:
        logistic = kind == "Logit"
    if not logistic:
        raise TypeError(
            "A nomogram needs results of a logistic model, statsmodels' Logit or GLM "
            f"with the family Binomial and the link Logit, got {kind}."
        )
    for name in ("offset", "exposure"):
        values = getattr(model, name, None)
        if values is not None and np.any(np.asarray(values, dtype=np.float64) != 0):
            raise ValueError(
                f"The model has an {name} of each row, which is no axis: make it a "
                "predictor, or leave it out."
            )


def _effects_of_formula(
    terms: Sequence[tuple[str, float]], frame: pd.DataFrame
) -> dict[str, Effect]:
    lines: dict[str, Effect] = {}
    of_levels: dict[str, dict[str, float]] = {}
    for term, weight in terms:
        split = _LEVEL.fullmatch(term)
        name = _column_of_term(split[1] if split else term, term, frame)
        if split:
            of_levels.setdefault(name, {})[split[3]] = weight
            lines.setdefault(name, Levels())
        else:
            lines[name] = Line(weight)
    for name, weights in of_levels.items():
        if isinstance(lines[name], Line):
            raise ValueError(
                f"The formula takes {name!r} as a number and as levels: a nomogram "
                "takes one of them."
            )
        lines[name] = _levels(name, weights, column_of(frame, name))
    return lines


def _column_of_term(factor: str, term: str, frame: pd.DataFrame) -> str:
    """Return the column that a term of a formula is about."""
    found = _FACTOR.fullmatch(factor)
    name = (found[2] or found[3]) if found else factor
    if name not in frame.columns:
        raise ValueError(
            f"The term {term!r} of the formula is a function of columns or an "
            "interaction: a nomogram needs each term to be a column, or the levels of "
            "one, C(column). Add a column for it to the table."
        )
    return name


def _levels(name: str, weights: dict[str, float], values: pd.Series) -> Levels:
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels: list[Hashable] = list(values.cat.categories)
    else:
        levels = sorted(values.dropna().unique().tolist())
    unknown = set(weights) - {str(level) for level in levels}
    reference = [level for level in levels if str(level) not in weights]
    if unknown or len(reference) > 1:
        raise ValueError(
            f"The coefficients of {name!r} are those of {name_list(weights)}, its "
            f"levels are {name_list(levels)}: a nomogram takes treatment coding, with "
            "one reference level."
        )
    return Levels({level: weights.get(str(level), 0.0) for level in levels})
