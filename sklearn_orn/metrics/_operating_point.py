"""What a threshold gives: sensitivity, specificity, accuracy, predictive values."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit
from scipy.stats import norm

from sklearn_orn._messages import shown
from sklearn_orn._validation import check_binary_outcome
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics._clusters import (
    check_confidence,
    check_prevalence,
    check_weight,
    patient_codes,
    ratio_variance,
    refuse_missing_labels,
)
from sklearn_orn.metrics._parameters import of_metrics


@dataclass(frozen=True)
class Proportion:
    """A proportion.

    Attributes
    ----------
    estimate : float
        ``count / total``.
    lower, upper : float
        Its confidence limits.
    count, total : int
        How many of how many.
    """

    estimate: float
    lower: float
    upper: float
    count: int
    total: int

    def __str__(self) -> str:
        if self.total == 0:
            return "none (0/0)"
        return f"{100 * self.estimate:.1f} % ({self.count}/{self.total})"


def wilson_interval(count: int, total: int, *, confidence: float = 0.95) -> Proportion:
    """Proportion with Wilson's score interval.

    Parameters
    ----------
    count : int
        Number of successes.
    total : int
        Number of trials. With 0 the estimate and the limits are NaN.
    confidence : float, default=0.95
        Level of the interval.

    Returns
    -------
    Proportion
        With ``estimate, lower, upper, count, total``; as text it reads
        ``84.3 % (43/51)``.

    References
    ----------
    Wilson, J Am Stat Assoc 1927;22:209-212.

    Examples
    --------
    >>> from sklearn_orn.metrics import wilson_interval
    >>> print(wilson_interval(43, 51))
    84.3 % (43/51)
    >>> wilson_interval(0, 0).estimate
    nan
    """
    check_confidence(confidence)
    if not 0 <= count <= total:
        raise ValueError(f"count must lie between 0 and {total}, got {shown(count)}.")
    if total == 0:
        return Proportion(np.nan, np.nan, np.nan, 0, 0)
    lower, upper = _wilson_limits(count / total, total, confidence)
    return Proportion(count / total, lower, upper, int(count), int(total))


def _wilson_limits(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's limits of a share of n independent samples; n need not be whole."""
    z2 = norm.ppf(0.5 + confidence / 2) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) + z2 / (4 * n)) / n)
    half /= 1 + z2 / n
    # At the borders the limit is the estimate itself; rounding must not cross it.
    lower = 0.0 if share == 0 else centre - half
    upper = 1.0 if share == 1 else centre + half
    return float(lower), float(upper)


def proportion(
    hit: np.ndarray, of: np.ndarray, unit: np.ndarray | None, confidence: float
) -> dict[str, float]:
    """Proportion with Wilson's interval, with patients for the effective number."""
    row = asdict(wilson_interval(int(hit.sum()), int(of.sum()), confidence=confidence))
    if unit is None:
        return row
    sizes = np.unique(unit[of], return_counts=True)[1]
    row["patients"] = patients = len(sizes)
    total, share = row["total"], row["estimate"]
    if total == 0:
        return row
    if 0 < share < 1 and patients > 1:
        variance = ratio_variance(hit.astype(float), of.astype(float), unit)
        effect = max(variance * (total - 1) / (share * (1 - share)), 1.0)
        freedom = np.array([total - 1.0, patients - 1.0])
        of_samples, of_patients = stdtrit(freedom, 0.5 + confidence / 2)
        fewer = total / effect * (of_samples / of_patients) ** 2
        if_alike = total**2 / (sizes @ sizes)
        effective = max(fewer, min(total / effect, if_alike))
    else:
        effective = patients  # all alike: a patient counts once
    row["lower"], row["upper"] = _wilson_limits(share, effective, confidence)
    return row


@of_metrics
def youden_threshold(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    pos_label: object = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Threshold with the largest sensitivity + specificity - 1.

    Parameters
    ----------
    y_score : array-like of shape (n_samples,)
        Scores or probabilities.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights; a sample with a weight of k counts as k samples, one with 0 as none.

    Returns
    -------
    float
        The midpoint between the two neighbouring scores that it separates, as pROC
        gives it, so that ``score >= threshold`` is positive. Of several equally good
        thresholds it is the lowest (the most sensitive). Where no threshold is
        better than none, it is the lowest score: all are positive.

    References
    ----------
    Youden, Cancer 1950;3:32-35.

    Examples
    --------
    >>> from sklearn_orn.metrics import youden_threshold
    >>> youden_threshold([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.9])
    0.5
    """
    positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
    weight = check_weight(sample_weight, len(score))
    if weight is not None:
        used = weight > 0
        positive, score, weight = positive[used], score[used], weight[used]
        if positive.all() or not positive.any():
            raise NotEstimable(
                "y_true holds one class only where sample_weight is above 0: both "
                "classes are needed."
            )
    order = np.argsort(-score, kind="stable")
    positive, score = positive[order], score[order]
    weight = np.ones(len(score)) if weight is None else weight[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)  # of each score
    cuts = score[last]
    true, false = (np.cumsum(weight * of)[last] for of in (positive, ~positive))
    youden = np.append(0.0, true / true[-1] - false / false[-1])  # 0: none is positive
    # Ties up to rounding: the lowest threshold of the best.
    best = int(np.flatnonzero(youden >= youden.max() - 1e-12)[-1])
    if best in (0, len(cuts)):
        return float(cuts[-1])
    cut, below = cuts[best - 1], cuts[best]
    middle = (cut + below) / 2
    return float(middle if middle > below else cut)


@of_metrics
def diagnostic_performance(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    prevalence: float | None = None,
    pos_label: object = None,
) -> pd.DataFrame:
    r"""Sensitivity, specificity, accuracy and predictive values with Wilson intervals.

    Parameters
    ----------
    y_pred : array-like of shape (n_samples,)
        Predicted labels.
    prevalence : float, default=None
        Share of positives where the model is to be used, for the predictive values;
        counts stay those of the samples. None takes that of `y_true`.

    Returns
    -------
    DataFrame
        Rows ``sensitivity, specificity, accuracy, ppv, npv``; columns ``estimate,
        lower, upper, count, total``, and ``patients`` (how many the samples of a row
        come from) if there are groups. A rate of nothing (0/0) is NaN.

    Notes
    -----
    With groups Wilson's interval takes the effective number of samples [1]_,
    :math:`n_e = n / d` with the design effect :math:`d = v (n - 1) / [p (1 - p)] \ge 1`
    and the variance v of the proportion over its k patients. As few patients tell
    little of v, it is :math:`n_e\,t_{n-1}^2 / t_{k-1}^2` with quantiles of Student's t
    [2]_, but no less than where all samples of each patient are alike. Where all
    samples are alike it takes the number of patients. With a prevalence the odds of
    the predictive values and of their limits are multiplied by the ratio of its odds to
    the samples' own: sensitivity and specificity are taken to be the same there.

    References
    ----------
    .. [1] Rao, Scott, Biometrics 1992;48:577-585.
    .. [2] Korn, Graubard, Surv Methodol 1998;24:193-201.

    Examples
    --------
    >>> from sklearn_orn.metrics import diagnostic_performance
    >>> table = diagnostic_performance([0, 0, 1, 1], [0, 1, 1, 1])
    >>> table[["count", "total"]].T
                 sensitivity  specificity  accuracy  ppv  npv
    count                  2            1         3    2    1
    total                  2            2         4    3    1
    """
    check_prevalence(prevalence)
    refuse_missing_labels(y_pred, "y_pred")
    y_pred = np.asarray(y_pred)
    positive, _ = check_binary_outcome(
        y_true, np.zeros(len(y_pred)), pos_label=pos_label, score_name="y_pred"
    )
    unit = patient_codes(groups, len(y_pred))
    label = 1 if pos_label is None else pos_label
    called = y_pred == label
    unknown = set(np.unique(y_pred).tolist()) - set(np.unique(np.asarray(y_true)))
    if unknown:
        raise ValueError(
            f"y_pred holds labels that y_true does not: {sorted(unknown)}."
        )
    pairs = {
        "sensitivity": (positive & called, positive),
        "specificity": (~positive & ~called, ~positive),
        "accuracy": (positive == called, np.ones_like(positive)),
        "ppv": (positive & called, called),
        "npv": (~positive & ~called, ~called),
    }
    rows = {
        name: proportion(hit, of, unit, confidence) for name, (hit, of) in pairs.items()
    }
    if prevalence is not None:
        base = float(positive.mean())
        ratio = prevalence * (1 - base) / ((1 - prevalence) * base)
        _move_odds(rows["ppv"], ratio)
        _move_odds(rows["npv"], 1 / ratio)
    return pd.DataFrame.from_dict(rows, orient="index")


def _move_odds(row: dict[str, float], ratio: float) -> None:
    for key in ("estimate", "lower", "upper"):
        row[key] = ratio * row[key] / (ratio * row[key] + 1 - row[key])
