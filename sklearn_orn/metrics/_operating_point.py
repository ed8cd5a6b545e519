"""What a threshold gives: sensitivity, specificity, accuracy, predictive values."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm
from sklearn.metrics import roc_curve

from sklearn_orn._validation import check_binary_outcome


@dataclass(frozen=True)
class Proportion:
    """A proportion ``count / total`` with its confidence limits."""

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
    if not 0 <= count <= total:
        raise ValueError(f"count must lie between 0 and {total}, got {count!r}.")
    if total == 0:
        return Proportion(np.nan, np.nan, np.nan, 0, 0)
    z2 = norm.ppf(0.5 + confidence / 2) ** 2
    share = count / total
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = np.sqrt(z2 * (share * (1 - share) + z2 / (4 * total)) / total)
    half /= 1 + z2 / total
    # At the borders the limit is the estimate itself; rounding must not cross it.
    lower = 0.0 if count == 0 else centre - half
    upper = 1.0 if count == total else centre + half
    return Proportion(share, float(lower), float(upper), int(count), int(total))


def youden_threshold(
    y_true: ArrayLike, y_score: ArrayLike, *, pos_label: object = None
) -> float:
    """Threshold with the largest sensitivity + specificity - 1.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome with two labels.
    y_score : array-like of shape (n_samples,)
        Scores or probabilities.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

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
    false_rate, true_rate, cuts = roc_curve(positive, score, drop_intermediate=False)
    youden = true_rate - false_rate
    best = int(np.flatnonzero(youden >= youden.max() - 1e-12)[-1])
    cut = cuts[best]
    if best == 0 or best == len(cuts) - 1:
        return float(score.min())
    below = score[score < cut].max()
    middle = (cut + below) / 2
    return float(middle if middle > below else cut)


def diagnostic_performance(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    confidence: float = 0.95,
    pos_label: object = None,
) -> pd.DataFrame:
    """Sensitivity, specificity, accuracy and predictive values with Wilson intervals.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome with two labels.
    y_pred : array-like of shape (n_samples,)
        Predicted labels.
    confidence : float, default=0.95
        Level of the intervals.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

    Returns
    -------
    DataFrame
        Rows ``sensitivity, specificity, accuracy, ppv, npv``; columns ``estimate,
        lower, upper, count, total``. A rate of nothing (0/0) is NaN.

    Examples
    --------
    >>> from sklearn_orn.metrics import diagnostic_performance
    >>> table = diagnostic_performance([0, 0, 1, 1], [0, 1, 1, 1])
    >>> table[["count", "total"]].T
                 sensitivity  specificity  accuracy  ppv  npv
    count                  2            1         3    2    1
    total                  2            2         4    3    1
    """
    y_pred = np.asarray(y_pred)
    positive, _ = check_binary_outcome(
        y_true, np.zeros(len(y_pred)), pos_label=pos_label, score_name="y_pred"
    )
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
        name: asdict(
            wilson_interval(int(hit.sum()), int(of.sum()), confidence=confidence)
        )
        for name, (hit, of) in pairs.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")
