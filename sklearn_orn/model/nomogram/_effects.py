"""What one predictor adds to a linear predictor: a line, a curve, or levels."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sklearn_orn._messages import shown
from sklearn_orn._validation import name_list
from sklearn_orn.model._restricted_cubic_spline import spline_term

FINE = 1001  # places at which a curve's extremes are looked for


def numbers(values: Iterable[object], name: str) -> np.ndarray:
    """Return values, none of them missing, as finite numbers."""
    try:
        result = np.fromiter(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Predictor {name!r} must hold numbers: {error}. If it is categorical, "
            "name its levels in `categories`."
        ) from None
    if not np.isfinite(result).all():
        raise ValueError(f"Predictor {name!r} has infinite values.")
    return result


@dataclass(frozen=True, eq=False)
class Line:
    """A number's effect, ``slope * (value - center) + offset``.

    A scaler's center is kept apart: it is exact where slope times center is not.
    `missing` is the effect of a missing value, NaN where that is an error; before its
    column is made a number it may be the level that is filled in.
    """

    slope: float = 1.0
    center: float = 0.0
    offset: float = 0.0
    missing: float | str = np.nan

    @property
    def is_identity(self) -> bool:
        """Whether the effect is the value itself."""
        return (self.slope, self.center, self.offset) == (1.0, 0.0, 0.0)

    def scaled(self, slope: float, center: float) -> "Line":
        """Return ``slope * (effect - center)``."""
        return Line(
            slope * self.slope,
            self.center + center / self.slope,
            slope * self.offset,
            slope * (float(self.missing) - center),
        )

    def at(self, values: np.ndarray) -> np.ndarray:
        """Return the effects of numbers, none of them missing."""
        return self.slope * (values - self.center) + self.offset


@dataclass(frozen=True, eq=False)
class Levels:
    """A categorical predictor's effects, in the order of the axis.

    `missing` is NaN where a missing value is an error; `missing_is_level` says that
    missing values were a level of their own in training.
    """

    effects: Mapping[Hashable, float] = field(default_factory=dict)
    missing: float = np.nan
    missing_is_level: bool = False

    def scaled(self, slope: float, center: float) -> "Levels":
        """Return ``slope * (effect - center)``."""
        return replace(
            self,
            effects={k: slope * (v - center) for k, v in self.effects.items()},
            missing=slope * (self.missing - center),
        )


@dataclass(frozen=True, eq=False)
class Bend:
    """A line, or with knots a term of the spline over it, times a weight."""

    line: Line
    weight: float = 1.0
    knots: tuple[float, ...] = ()
    term: int = 0

    def at(self, values: np.ndarray) -> np.ndarray:
        """Return the effects of numbers."""
        inside = self.line.at(values)
        if self.knots:
            inside = spline_term(inside, self.knots, self.term)
        return self.weight * inside


@dataclass(frozen=True, eq=False)
class Curve:
    """A number's effect by restricted cubic splines: the sum of bends."""

    bends: tuple[Bend, ...]
    offset: float = 0.0
    missing: float = np.nan

    def scaled(self, slope: float, center: float) -> "Curve":
        """Return ``slope * (effect - center)``."""
        bends = tuple(replace(bend, weight=slope * bend.weight) for bend in self.bends)
        return Curve(
            bends, slope * (self.offset - center), slope * (self.missing - center)
        )

    def at(self, values: np.ndarray) -> np.ndarray:
        """Return the effects of numbers, none of them missing."""
        effects = np.full(len(values), self.offset)
        for bend in self.bends:
            effects = effects + bend.at(values)
        return effects

    def extremes(self, low: float, high: float) -> tuple[float, float]:
        """Return the smallest and the largest effect between two values."""
        effects = self.at(np.linspace(low, high, FINE))
        return float(effects.min()), float(effects.max())


Effect = Line | Curve | Levels


def filled(effect: Effect, value: float | str) -> Effect:
    """Return the effect with a value in place of the missing ones."""
    if not pd.isna(effect.missing):
        return effect
    return replace(effect, missing=value if isinstance(effect, Line) else float(value))


def bent(line: Line, knots: tuple[float, ...], term: int) -> Curve:
    """Return a term of the spline over a line, with its knots."""
    missing = line.missing
    if not pd.isna(missing):
        missing = float(spline_term(np.array([float(missing)]), knots, term)[0])
    return Curve((Bend(line, 1.0, knots, term),), missing=missing)


def _as_curve(effect: Line | Curve) -> Curve:
    return effect if isinstance(effect, Curve) else Curve((Bend(effect),))


def total(first: Effect, second: Effect, name: str) -> Effect:
    """Return the sum of two effects.

    Of two lines a line, of a curve and another number's effect a curve, else the levels
    of both.
    """
    missing = float(first.missing) + float(second.missing)
    if isinstance(first, Curve | Line) and isinstance(second, Curve | Line):
        if isinstance(first, Curve) or isinstance(second, Curve):
            one, two = _as_curve(first), _as_curve(second)
            return Curve(one.bends + two.bends, one.offset + two.offset, missing)
        apart = second.slope * (first.center - second.center)
        offset = first.offset + second.offset + apart
        return Line(first.slope + second.slope, first.center, offset, missing)
    level_sets = [set(e.effects) for e in (first, second) if isinstance(e, Levels)]
    of_levels = first if isinstance(first, Levels) else second
    assert isinstance(of_levels, Levels)
    levels = [
        level for level in of_levels.effects if all(level in s for s in level_sets)
    ]
    sums = values_at(first, levels, name) + values_at(second, levels, name)
    return Levels(
        dict(zip(levels, sums.tolist(), strict=True)),
        missing,
        of_levels.missing_is_level and not np.isnan(missing),
    )


def values_at(effect: Effect, values: Iterable[Hashable], name: str) -> np.ndarray:
    """Return the effects of a predictor's values; a number may lie anywhere.

    A missing value that nothing stands in for, text for a number and an unknown level
    are errors.
    """
    values = list(values)
    gaps = pd.isna(np.fromiter(values, dtype=object))
    if gaps.any() and np.isnan(float(effect.missing)):
        raise ValueError(
            f"Predictor {name!r} is missing in {gaps.sum()} of {len(values)} rows, the "
            f"first at position {np.argmax(gaps)}. Impute it or leave these rows out."
        )
    result = np.full(len(values), float(effect.missing) if gaps.any() else 0.0)
    present = [value for value, gap in zip(values, gaps, strict=True) if not gap]
    if not isinstance(effect, Levels):
        result[~gaps] = effect.at(numbers(present, name))
        return result
    unknown = [value for value in present if value not in effect.effects]
    if unknown:
        raise ValueError(
            f"Predictor {name!r} has no level {shown(unknown[0])}. Its levels are "
            f"{name_list(map(repr, effect.effects), limit=20)}."
        )
    result[~gaps] = [effect.effects[value] for value in present]
    return result
