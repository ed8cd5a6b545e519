"""For how many units of a number its odds ratio is told."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sklearn_orn.study.results import CombinedPredictor, OddsRatio

WIDE = 1000.0  # of a wider range the odds ratio of one unit would read 1.00


def unit_of(predictor: CombinedPredictor) -> float:
    """Return 1, or a power of 10 where one unit is next to nothing."""
    low, high = predictor.minimum, predictor.maximum
    if predictor.kind != "continuous" or predictor.knots or low is None or high is None:
        return 1.0
    if high - low <= WIDE:
        return 1.0
    return float(10.0 ** np.floor(np.log10((high - low) / 2)))


def in_units(row: OddsRatio, predictors: Mapping[str, CombinedPredictor]) -> OddsRatio:
    """Return an odds ratio with its limits for as many units as `per_unit` says."""
    unit = unit_of(predictors[row.predictor])
    if unit == 1:
        return row
    return replace(
        row,
        odds_ratio=_power(row.odds_ratio, unit),
        lower=_power(row.lower, unit),
        upper=_power(row.upper, unit),
    )


def _power(ratio: float | None, unit: float) -> float | None:
    with np.errstate(over="ignore", under="ignore"):
        return None if ratio is None else float(np.power(ratio, unit))


def per_unit(predictor: CombinedPredictor) -> str:
    """Return how many units, for the name of a row; empty for one."""
    unit = unit_of(predictor)
    return "" if unit == 1 else f", per {unit:,.0f}"
