"""The axes of a nomogram, as rms lays them out."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from sklearn_orn.model.nomogram._effects import (
    Curve,
    Effect,
    Levels,
    Line,
    numbers,
    values_at,
)
from sklearn_orn.model.nomogram._pretty import pretty

MAX_POINTS = 100.0
N_INTERVALS = 10
MAX_DISCRETE = 10  # rms's datadist: so few values are ticks of their own
PROBABILITIES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


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
        Values at the ticks: numbers, or levels of a categorical predictor. NaN is the
        level of the missing values, where the model was trained with one.
    points : ndarray of shape (n_ticks,)
        Points at the ticks; total points for the scales.
    texts : mapping, default={}
        Texts to print instead of levels and values, where there are any.
    """

    name: str
    label: str
    kind: str
    ticks: np.ndarray
    points: np.ndarray
    texts: Mapping[Hashable, str] = field(default_factory=dict)

    def tick_text(self, value: float | str) -> str:
        """Return what a table says of a tick."""
        if pd.isna(value):
            return self.texts.get(value) or "missing"
        plain = f"{value:g}" if isinstance(value, float) else str(value)
        return self.texts.get(value) or plain


@dataclass(frozen=True, eq=False)
class Predictor:
    """A predictor before it is scaled to points.

    `limits` are effects in training, `lowest` is the effect at 0 points.
    """

    name: str
    effect: Effect
    kind: str
    ticks: np.ndarray
    effects: np.ndarray
    limits: tuple[float, float]
    lowest: float

    @property
    def present(self) -> np.ndarray:
        """Effects at the ticks of values, without the level of the missing ones."""
        return self.effects[~pd.isna(self.ticks)]

    def placed(self, widest: float) -> "Predictor":
        """Return the predictor with a place for 0 points, on axes as long as `widest`.

        The missing values' level stands on the axis where that makes none longer.
        """
        fits = np.ptp(self.effects) <= widest
        on_axis = self.effects if fits else self.present
        limits = self.limits
        if isinstance(self.effect, Levels):
            limits = (float(on_axis.min()), float(on_axis.max()))
        return replace(self, lowest=float(on_axis.min()), limits=limits)

    def off_axis(self, values: pd.Series, widest: float) -> np.ndarray:
        """Tell which values are missing ones whose effect is beyond all axes."""
        beyond = float(self.effect.missing) - self.lowest
        slack = 1e-9 * widest
        if -slack <= beyond <= widest + slack:
            return np.zeros(len(values), dtype=bool)
        return values.isna().to_numpy(dtype=bool)

    def effect_of(self, values: Iterable[Hashable]) -> np.ndarray:
        """Return the effects of values; a number may lie beyond the axis."""
        return values_at(self.effect, values, self.name)


def make_term(
    name: str, effect: Effect, values: Iterable[object], *, few: bool | None = None
) -> Predictor:
    """Choose the ticks of a predictor.

    `few` puts a line's ticks at the values themselves; None decides as rms's datadist:
    where ten at most differ.
    """
    if isinstance(effect, Levels):
        return _of_levels(name, effect)
    present = [value for value in np.asarray(values).tolist() if not pd.isna(value)]
    distinct = np.unique(numbers(present, name))
    if len(distinct) == 0:
        raise ValueError(f"Predictor {name!r} has no values to take its limits from.")
    ends = (float(distinct[0]), float(distinct[-1]))
    discrete = len(distinct) <= MAX_DISCRETE if few is None else few
    ticks = distinct if discrete else pretty(*ends, n=N_INTERVALS)
    if isinstance(effect, Curve):
        low, high = effect.extremes(*ends)
    else:
        low, high = sorted(effect.at(np.array(ends)).tolist())
    kind = "discrete" if discrete else "continuous"
    effects = effect.at(ticks)
    lowest = float(effects.min())
    return Predictor(name, effect, kind, ticks, effects, (low, high), lowest)


def _of_levels(name: str, effect: Levels) -> Predictor:
    shown = dict(effect.effects)
    if effect.missing_is_level:
        shown[np.nan] = effect.missing
    ticks = np.empty(len(shown), dtype=object)
    ticks[:] = list(shown)
    effects = np.array(list(shown.values()), dtype=np.float64)
    limits = (float(effects.min()), float(effects.max()))
    return Predictor(name, effect, "categorical", ticks, effects, limits, limits[0])


def is_constant(effect: Effect) -> bool:
    """Tell whether an effect is 0 for everyone: such a predictor has no axis."""
    if np.nan_to_num(float(effect.missing)) != 0:
        return False
    if isinstance(effect, Line):
        return effect.slope == 0 and effect.offset == 0
    if isinstance(effect, Curve):
        return not effect.bends and effect.offset == 0
    return not any(effect.effects.values())


def predictor_axes(
    terms: Sequence[Predictor], per_unit: float, labels: Mapping[str, str]
) -> tuple[NomogramAxis, ...]:
    """Return the axes of the predictors, at `per_unit` points for an effect of 1."""
    return tuple(
        NomogramAxis(
            term.name,
            labels.get(term.name, term.name),
            term.kind,
            term.ticks,
            per_unit * (term.effects - term.lowest),
            _texts(term, labels),
        )
        for term in terms
    )


def _texts(term: Predictor, labels: Mapping[str, str]) -> dict[Hashable, str]:
    """Return the labels of levels and of few values, ``predictor=level``."""
    texts = {}
    for tick in term.ticks.tolist() if term.kind != "continuous" else ():
        written = f"{tick:g}" if isinstance(tick, float) else str(tick)
        if f"{term.name}={written}" in labels:
            texts[tick] = labels[f"{term.name}={written}"]
    return texts


def scale_axes(
    lp_limits: tuple[float, float],
    start: float,
    per_unit: float,
    n_predictors: int,
    labels: Mapping[str, str],
) -> tuple[NomogramAxis, NomogramAxis, NomogramAxis]:
    """Return the axes total points, linear predictor and probability.

    `start` is the linear predictor at 0 total points, `per_unit` the points for an
    effect of 1. A single predictor ends at 100 total points.
    """
    lp = pretty(*lp_limits, n=N_INTERVALS)
    most = MAX_POINTS
    if n_predictors > 1:
        most = max(most, per_unit * (float(lp[-1]) - start))
    totals = pretty(0, most, n=N_INTERVALS)
    risks = _probability_ticks(*expit(lp[[0, -1]]))
    ticks = {
        "total": ("Total points", totals, totals),
        "linear_predictor": ("Linear predictor", lp, per_unit * (lp - start)),
        "probability": ("Probability", risks, per_unit * (logit(risks) - start)),
    }
    total, linear_predictor, probability = (
        NomogramAxis(name, labels.get(name, label), "scale", values, points)
        for name, (label, values, points) in ticks.items()
    )
    return total, linear_predictor, probability


def _probability_ticks(low: float, high: float) -> np.ndarray:
    """Customary probabilities between two values; round ones where few fit."""
    customary = np.array(PROBABILITIES)
    inside = customary[(customary >= low) & (customary <= high)]
    if len(inside) >= 3:
        return inside
    ticks = pretty(low, high, n=5)
    # 0 and 1 have no log-odds.
    return ticks[(ticks >= max(low, 1e-12)) & (ticks <= min(high, 1 - 1e-12))]
