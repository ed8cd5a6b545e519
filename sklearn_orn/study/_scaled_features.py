"""Features that were scaled over all lesions before the table was written."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.study.results import Guard

FEWEST_SCALED = 5  # fewer may be so by chance
_MEAN, _SD = 1e-3, 1e-2  # as tables are rounded, and whether n or n - 1 divides
_ENDS = 1e-6


def scaled_features(
    features: pd.DataFrame, training: np.ndarray
) -> tuple[int, str] | None:
    """Return how many features are scaled over all rows, and how, if most are.

    What is scaled by the rows of training alone is not: a smallest and a largest value
    of training may be those of all.
    """
    training = training if training.any() else ~training
    values = features.to_numpy(np.float64)
    values = values[:, np.isfinite(values[training]).any(axis=0)]
    by_training = _ways(values[training])
    for way, scaled in _ways(values).items():
        count = int(scaled.sum())
        if count < FEWEST_SCALED or 2 * count <= features.shape[1]:
            continue
        if training.all() or (scaled & ~by_training[way]).any():
            return count, way
    return None


def _ways(values: np.ndarray) -> dict[str, np.ndarray]:
    """Tell by way which columns are scaled so."""
    mean, sd = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    return {
        "mean 0 and SD 1": (np.abs(mean) < _MEAN) & (np.abs(sd - 1) < _SD),
        "0 as the smallest and 1 as the largest value": (np.abs(low) < _ENDS)
        & (np.abs(high - 1) < _ENDS),
    }


def of_scaled_features(features: pd.DataFrame, design: StudyDesign) -> Iterator[Guard]:
    """Warn of features whose scale was learnt from all lesions."""
    found = scaled_features(features, design.training)
    if found is None:
        return
    count, way = found
    held = ", those of validation among them" if design.has_split else ""
    yield Guard(
        "ORN034",
        "Features scaled over all lesions.",
        f"{count} of {features.shape[1]} features have {way} over all lesions{held}: "
        "they were scaled before the table was written. That flatters, and the model "
        "cannot be applied to new patients without the numbers it was done by. Give "
        "the features as they were measured.",
    )
