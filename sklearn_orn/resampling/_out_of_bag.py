"""What the refits of a bootstrap do on the patients that they were not fitted to."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import logit

from sklearn_orn.metrics._roc import weighted_auc
from sklearn_orn.resampling._indexes import validation_indexes

Metric = Callable[[np.ndarray, np.ndarray], float]

# Averages over the resamples: scores of different refits are on different scales.
OF_RANKS = ("auc", "dxy")
INFORMATIVE = ("auc", "dxy", "r2", "brier", "slope")


def _both_classes(positive: np.ndarray, rows: np.ndarray) -> bool:
    return bool(0 < positive[rows].sum() < len(rows))


def out_of_bag_values(
    positive: np.ndarray,
    unit: np.ndarray,
    resamples: Sequence[np.ndarray],
    proba: np.ndarray,
    metrics: Mapping[str, Metric],
) -> tuple[dict[str, float], int]:
    """Return the indexes on the patients that were not drawn.

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
    metrics : mapping of str to callable
        Further metrics, functions of ``(y_true, y_proba)``.

    Returns
    -------
    values : dict of str to float
        ``auc``, ``dxy`` and `metrics` as means over the resamples whose rest has both
        classes, the other indexes of all predictions of patients not drawn together.
        NaN where there is none.
    n : int
        Resamples that count.
    """
    rest = [np.flatnonzero(~np.isin(unit, unit[rows])) for rows in resamples]
    used = [i for i, rows in enumerate(rest) if _both_classes(positive, rows)]
    if not used:
        return {}, 0
    pairs = [(positive[rest[i]], proba[i, rest[i]]) for i in used]
    outcome, risk = (np.concatenate(values) for values in zip(*pairs, strict=True))
    values = validation_indexes(outcome, risk)
    values["auc"] = float(np.mean([weighted_auc(*pair) for pair in pairs]))
    values["dxy"] = 2 * values["auc"] - 1
    for name, metric in metrics.items():
        of_each = [float(metric(y.astype(int), p)) for y, p in pairs]
        values[name] = float(np.mean(of_each))
    return values, len(used)


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
        weight of the slope, since both are of one line.
    """
    found = {}
    for name in INFORMATIVE:
        if name not in rest or not np.isfinite([apparent[name], rest[name]]).all():
            continue
        worst = nothing[name]
        # No worse than nothing, as Efron and Tibshirani bound it.
        bound = min if name == "brier" else max
        value = bound(rest[name], worst)
        weight = _weight_of_rest(apparent[name], value, worst)
        found[name] = (1 - weight) * apparent[name] + weight * value
        if name == "slope":
            found["intercept"] = (1 - weight) * apparent["intercept"]
            found["intercept"] += weight * rest["intercept"]
    return found
