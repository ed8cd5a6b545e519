"""DeLong's placements and their variance; Obuchowski's where patients have several."""

from collections.abc import Callable

import numpy as np

from sklearn_orn.metrics._auc_limits import PlacementSpread


def placements(
    positive: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """DeLong's placement values of the positives and the negatives; their mean is AUC.

    The share of negatives that score lower (ties count half), or of positives higher.
    """
    weight = np.ones(len(positive)) if weight is None else weight
    below_positive = _weight_below(score[~positive], weight[~positive])
    below_negative = _weight_below(score[positive], weight[positive])
    return below_positive(score[positive]), 1.0 - below_negative(score[~positive])


def _weight_below(
    score: np.ndarray, weight: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function: share of the weight below a score, ties by half."""
    order = np.argsort(score, kind="stable")
    ordered = score[order]
    total = np.concatenate([[0.0], np.cumsum(weight[order])])

    def share(at: np.ndarray) -> np.ndarray:
        below = total[np.searchsorted(ordered, at, side="left")]
        up_to = total[np.searchsorted(ordered, at, side="right")]
        return (below + up_to) / (2 * total[-1])

    return share


def placement_variance(
    positive: np.ndarray,
    of_positive: np.ndarray,
    of_negative: np.ndarray,
    *,
    unit: np.ndarray | None = None,
) -> float:
    """Variance of a mean of placements, or of the difference of two.

    With `unit` Obuchowski's, without DeLong's; NaN with fewer than two positives or
    negatives (patients with any).
    """
    return placement_spread(positive, of_positive, of_negative, unit=unit).variance


def placement_spread(
    positive: np.ndarray,
    of_positive: np.ndarray,
    of_negative: np.ndarray,
    *,
    unit: np.ndarray | None = None,
    weight: np.ndarray | None = None,
) -> PlacementSpread:
    """Return the variance with what it rests on; see `placement_variance`."""
    weight = np.ones(len(positive)) if weight is None else weight
    unit = np.arange(len(positive)) if unit is None else unit
    own, other = weight[positive], weight[~positive]
    own, other = own / own.sum(), other / other.sum()
    residual = own * (of_positive - own @ of_positive)
    other_residual = other * (of_negative - other @ of_negative)
    n_units = int(unit.max()) + 1
    by_unit = np.bincount(unit[positive], residual, n_units)
    by_unit_other = np.bincount(unit[~positive], other_residual, n_units)
    has = np.bincount(unit[positive], minlength=n_units) > 0
    has_other = np.bincount(unit[~positive], minlength=n_units) > 0
    factor = 2 * n_units / (n_units - 1) if n_units > 1 else np.nan
    together = (by_unit + by_unit_other) ** 2
    return PlacementSpread(
        of_positive=_corrected_square(by_unit[has]),
        of_negative=_corrected_square(by_unit_other[has_other]),
        cross=float(by_unit @ by_unit_other) * factor,
        n_positive=int(has.sum()),
        n_negative=int(has_other.sum()),
        n_units=n_units,
        square=float(together.sum()),
        fourth=float(together @ together),
    )


def _corrected_square(residual: np.ndarray) -> float:
    n = len(residual)
    return float(n / (n - 1) * (residual @ residual)) if n > 1 else np.nan


def weighted_auc(
    positive: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None
) -> float:
    """Area under the curve of checked arrays."""
    of_positive, _ = placements(positive, score, weight)
    own = None if weight is None else weight[positive]
    return float(np.average(of_positive, weights=own))
