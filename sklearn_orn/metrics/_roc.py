"""Area under the ROC curve with its confidence interval."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, rankdata

from sklearn_orn._validation import check_binary_outcome


class RocAuc(NamedTuple):
    """Area under the ROC curve, its confidence limits and standard error."""

    auc: float
    lower: float
    upper: float
    se: float


def placements(
    positive: np.ndarray, score: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return DeLong's placement values of the positive and the negative samples.

    The placement of a positive sample is the share of negatives that score lower
    (ties count half); that of a negative one, the share of positives that score
    higher. The mean of either is the AUC.
    """
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    overall = rankdata(score)
    of_positive = overall[positive] - rankdata(score[positive])
    of_negative = overall[~positive] - rankdata(score[~positive])
    return of_positive / n_negative, 1.0 - of_negative / n_positive


def _variance_of_mean(values: np.ndarray) -> float:
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else np.nan


def roc_auc_ci(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    confidence: float = 0.95,
    pos_label: object = None,
) -> RocAuc:
    r"""Area under the ROC curve with DeLong's confidence interval.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Outcome with two labels.
    y_score : array-like of shape (n_samples,)
        Scores or probabilities; higher means more likely positive.
    confidence : float, default=0.95
        Level of the interval, between 0 and 1.
    pos_label : label, default=None
        The positive label; None takes 1 of {0, 1} or {-1, 1}.

    Returns
    -------
    RocAuc
        Named tuple ``auc, lower, upper, se``. With a single positive or negative
        sample the standard error and the limits are NaN.

    Raises
    ------
    ValueError
        If there is one class only, a missing score, or unequal lengths.

    Notes
    -----
    The variance is :math:`S_{10}/m + S_{01}/n`, the sample variances of the
    placement values of the m positives and n negatives [1]_, computed from ranks in
    :math:`O(N \log N)` [2]_. The limits are cut at 0 and 1, as pROC does.

    References
    ----------
    .. [1] DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837-845.
    .. [2] Sun, Xu, IEEE Signal Process Lett 2014;21:1389-1393.

    Examples
    --------
    >>> from sklearn_orn.metrics import roc_auc_ci
    >>> auc, lower, upper, se = roc_auc_ci([0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9])
    >>> print(f"{auc:.3f} ({lower:.3f} to {upper:.3f})")
    0.833 (0.371 to 1.000)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence!r}.")
    positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
    of_positive, of_negative = placements(positive, score)
    auc = float(of_positive.mean())
    se = np.sqrt(_variance_of_mean(of_positive) + _variance_of_mean(of_negative))
    half = norm.ppf(0.5 + confidence / 2) * se
    lower, upper = np.clip([auc - half, auc + half], 0.0, 1.0)
    return RocAuc(auc, float(lower), float(upper), float(se))
