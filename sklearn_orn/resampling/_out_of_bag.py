"""What the refits of a bootstrap do on the patients that they were not fitted to."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import logit

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
    """Return outcome and probability of the patients that were not drawn.

    Parameters
    ----------
    positive : ndarray of bool, shape (n_samples,)
        Outcome.
    unit : ndarray of int, shape (n_samples,)
        The patient of each sample.
    resamples : sequence of ndarray of int
        Rows that each refit learnt from.
    proba : ndarray of shape (n_resamples, n_samples)
        Probability that each refit gives each sample.

    Returns
    -------
    list of (ndarray, ndarray)
        One pair for each resample whose rest has both classes.
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
    """Return the indexes on the patients that were not drawn.

    Parameters
    ----------
    pairs : sequence of (ndarray, ndarray)
        Of `out_of_bag_pairs`.
    metrics : mapping of str to callable
        Further metrics, functions of ``(y_true, y_proba)``.

    Returns
    -------
    dict of str to float
        ``auc``, ``dxy`` and `metrics` as means over the resamples, the other indexes
        of all predictions together. Empty where there is no resample.
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
    """Return what probabilities reach that have nothing to do with the outcome.

    The Brier score is the mean over all pairs of an outcome and a probability.
    """
    share = positive.mean()
    brier = share * np.mean((1 - proba) ** 2) + (1 - share) * np.mean(proba**2)
    return {
        "auc": 0.5,
        "dxy": 0.0,
        "r2": 0.0,
        "brier": float(brier),
        "slope": 0.0,
        "intercept": float(logit(share)),
    }


def _weight_of_rest(apparent: float, rest: float, nothing: float) -> float:
    """Return the weight of the patients not drawn: 0.632 without overfitting, up to 1.

    Examples
    --------
    >>> _weight_of_rest(0.8, 0.8, 0.5), _weight_of_rest(0.8, 0.5, 0.5)
    (0.632, 1.0)
    """
    room = apparent - nothing
    overfitting = (apparent - rest) / room if room else 1.0
    overfitting = min(max(overfitting, 0.0), 1.0)
    return 0.632 / (1 - 0.368 * overfitting)


def plus_632(
    apparent: Mapping[str, float],
    rest: Mapping[str, float],
    nothing: Mapping[str, float],
) -> dict[str, float]:
    """Return the .632+ estimates.

    Parameters
    ----------
    apparent, rest, nothing : mapping of str to float
        Indexes in training, on patients not drawn, and without information.

    Returns
    -------
    dict of str to float
        Of ``auc, dxy, r2, brier, slope`` and ``intercept``. The intercept has the
        weight of the slope, since both are of one line. A value on patients not drawn
        that is worse than nothing stands as it is.
    """
    found = {}
    for name in INFORMATIVE:
        if name not in rest or not np.isfinite([apparent[name], rest[name]]).all():
            continue
        weight = _weight_of_rest(apparent[name], rest[name], nothing[name])
        found[name] = (1 - weight) * apparent[name] + weight * rest[name]
        if name == "slope":
            found["intercept"] = (1 - weight) * apparent["intercept"]
            found["intercept"] += weight * rest["intercept"]
    return found
