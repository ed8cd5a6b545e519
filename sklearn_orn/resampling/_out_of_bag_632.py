"""What the refits of a bootstrap do on the patients that they were not fitted to."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sklearn_orn.metrics.shared import weighted_auc
from sklearn_orn.resampling._indexes import validation_indexes

Metric = Callable[[np.ndarray, np.ndarray], float]

INFORMATIVE = ("auc", "dxy", "r2", "brier", "slope")


Pair = tuple[np.ndarray, np.ndarray]


def out_of_bag_pairs(
    positive: np.ndarray,
    unit: np.ndarray,
    resamples: Sequence[np.ndarray],
    proba: np.ndarray,
) -> list[Pair]:
    """Outcome and probability of the patients not drawn, if they have both classes.

    `proba` is (n_resamples, n_samples): what each refit gives each sample.
    """
    rest = [np.flatnonzero(~np.isin(unit, unit[rows])) for rows in resamples]
    return [
        (positive[rows], proba[i, rows])
        for i, rows in enumerate(rest)
        if 0 < positive[rows].sum() < len(rows)
    ]


def all_together(pairs: Sequence[Pair]) -> Pair:
    """Return outcomes and probabilities of all resamples in one pair."""
    outcomes, risks = zip(*pairs, strict=True)
    return np.concatenate(outcomes), np.concatenate(risks)


def out_of_bag_values(
    pairs: Sequence[Pair], metrics: Mapping[str, Metric]
) -> dict[str, float]:
    """Return the indexes on the patients that were not drawn; empty without any.

    ``auc``, ``dxy`` and `metrics` as means over the resamples, the other indexes of all
    predictions together.
    """
    if not pairs:
        return {}
    values = validation_indexes(*all_together(pairs))
    values["auc"] = float(np.mean([weighted_auc(*pair) for pair in pairs]))
    values["dxy"] = 2 * values["auc"] - 1
    for name, metric in metrics.items():
        of_each = [float(metric(y.astype(int), p)) for y, p in pairs]
        values[name] = float(np.mean(of_each))
    return values


def without_information(positive: np.ndarray, proba: np.ndarray) -> dict[str, float]:
    """Return what probabilities reach that have nothing to do with the outcome."""
    share = positive.mean()
    brier = share * np.mean((1 - proba) ** 2) + (1 - share) * np.mean(proba**2)
    return {
        "auc": 0.5,
        "dxy": 0.0,
        "r2": 0.0,
        "brier": float(brier),
        "slope": 0.0,
    }


def _weight_of_rest(apparent: float, rest: float, nothing: float) -> float:
    """Weight of the patients not drawn: 0.632 without overfitting, up to 1."""
    room = apparent - nothing
    overfitting = (apparent - rest) / room if room else 1.0
    overfitting = min(max(overfitting, 0.0), 1.0)
    return 0.632 / (1 - 0.368 * overfitting)


def plus_632(
    apparent: Mapping[str, float],
    rest: Mapping[str, float],
    nothing: Mapping[str, float],
) -> dict[str, float]:
    """Return the .632+ estimates; see the Notes of `optimism`."""
    estimates = {}
    for name in INFORMATIVE:
        if name not in rest or not np.isfinite([apparent[name], rest[name]]).all():
            continue
        weight = _weight_of_rest(apparent[name], rest[name], nothing[name])
        estimates[name] = (1 - weight) * apparent[name] + weight * rest[name]
        if name == "slope":
            estimates["intercept"] = (1 - weight) * apparent["intercept"]
            estimates["intercept"] += weight * rest["intercept"]
    return estimates
