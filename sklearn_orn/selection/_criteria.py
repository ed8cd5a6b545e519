"""MaZda's three selection criteria: Fisher, POE+ACC and mutual information."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._shared_docs import documented
from sklearn_orn.exceptions import NotEstimable

Poe: TypeAlias = Literal["range", "histogram"]

__all__ = ["fisher_coefficient", "mutual_information", "poe_acc"]

_of_criteria = documented("""
X : array-like of shape (n_samples, n_features)
    Feature values.
y : array-like of shape (n_samples,)
    Classes, any number.
""")


def _classes(y: ArrayLike) -> tuple[np.ndarray, int]:
    _, codes = np.unique(np.asarray(y), return_inverse=True)
    n_classes = int(codes.max()) + 1
    if n_classes < 2:
        raise NotEstimable("y holds one class only: the criteria compare classes.")
    return codes, n_classes


@_of_criteria
def fisher_coefficient(X: ArrayLike, y: ArrayLike) -> np.ndarray:
    r"""Fisher coefficient of each feature: variance between over variance within.

    Returns
    -------
    ndarray of shape (n_features,)
        Infinity where classes differ without any variance inside, NaN for a constant
        feature.

    Notes
    -----
    :math:`F = D / V`, :math:`D = \frac{1}{1 - \sum_k P_k^2} \sum_k \sum_j P_k P_j
    (\mu_k - \mu_j)^2`, :math:`V = \sum_k P_k V_k`, with the population variances
    :math:`V_k`. For two classes :math:`D = (\mu_1 - \mu_2)^2`.

    References
    ----------
    MaZda 4.6 user's manual, B11 report. Szczypinski et al. 2009.

    Examples
    --------
    >>> from sklearn_orn.selection import fisher_coefficient
    >>> fisher_coefficient([[1.0, 5.0], [3.0, 5.0], [5.0, 5.0], [7.0, 5.0]],
    ...                    [0, 0, 1, 1])
    array([16., nan])
    """
    X = np.asarray(X, dtype=np.float64)
    codes, n_classes = _classes(y)
    constant = np.ptp(X, axis=0) == 0
    centred = X - X.mean(axis=0)
    share = np.bincount(codes) / len(codes)
    means = np.array([centred[codes == c].mean(axis=0) for c in range(n_classes)])
    within = np.array(
        [((centred[codes == c] - means[c]) ** 2).mean(axis=0) for c in range(n_classes)]
    )
    # Values that are equal within each class have no variance, whatever rounding says.
    for c in range(n_classes):
        within[c, np.ptp(X[codes == c], axis=0) == 0] = 0.0
    means -= share @ means
    between = 2 * (share @ means**2) / (1 - share @ share)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = between / (share @ within)
    ratio[constant] = np.nan
    return ratio


def _equal_width_counts(X: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Count samples in bins from min to max: (n_features, n_bins, n_classes)."""
    n, p = X.shape
    n_bins = int(np.rint(np.log2(n) + 1))
    low = X.min(axis=0)
    width = X.max(axis=0) - low
    width = np.where(width > 0, width, 1.0)
    bins = np.minimum(((X - low) / width * n_bins).astype(np.int64), n_bins - 1)
    cells = (np.arange(p) * n_bins + bins) * n_classes + codes[:, None]
    counts = np.bincount(cells.ravel(), minlength=p * n_bins * n_classes)
    return counts.reshape(p, n_bins, n_classes)


@_of_criteria
def mutual_information(X: ArrayLike, y: ArrayLike) -> np.ndarray:
    r"""Mutual information between each feature, in equal-width bins, and the class.

    Returns
    -------
    ndarray of shape (n_features,)
        In bits; 0 for a constant feature.

    Notes
    -----
    :math:`\sum_{b,c} P(b,c) \log_2 \frac{P(b,c)}{P(b) P(c)}` over
    :math:`N_b = \mathrm{round}(\log_2 M + 1)` bins of equal width from the minimum to
    the maximum of the M samples. MaZda's manual gives the number of bins; that they
    are of equal width is our reading.

    References
    ----------
    Tourassi et al., Med Phys 2001;28:2394-2402. MaZda 4.6 user's manual.

    Examples
    --------
    >>> from sklearn_orn.selection import mutual_information
    >>> mutual_information([[0.0, 1.0], [0.1, 1.0], [0.9, 1.0], [1.0, 1.0]],
    ...                    [0, 0, 1, 1])
    array([1., 0.])
    """
    X = np.asarray(X, dtype=np.float64)
    codes, n_classes = _classes(y)
    joint = _equal_width_counts(X, codes, n_classes) / len(codes)
    product = joint.sum(axis=2, keepdims=True) * joint.sum(axis=1, keepdims=True)
    ratio = np.divide(joint, product, out=np.ones_like(joint), where=joint > 0)
    return np.maximum((joint * np.log2(ratio)).sum(axis=(1, 2)), 0.0)


def _poe_range(X: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Share of samples inside the range of a class that is not theirs."""
    ambiguous = np.zeros(X.shape, dtype=bool)
    for c in range(n_classes):
        own = codes == c
        low, high = X[own].min(axis=0), X[own].max(axis=0)
        others = X[~own]
        ambiguous[~own] |= (others >= low) & (others <= high)
    return ambiguous.mean(axis=0)


def _poe_histogram(X: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Share of samples outside the most frequent class of their bin."""
    counts = _equal_width_counts(X, codes, n_classes)
    return 1 - counts.max(axis=2).sum(axis=1) / len(codes)


_POE = {"range": _poe_range, "histogram": _poe_histogram}


@_of_criteria
def poe_acc(
    X: ArrayLike,
    y: ArrayLike,
    k: int,
    *,
    poe: Poe = "range",
    weights: tuple[float, float] = (0.5, 0.5),
) -> tuple[np.ndarray, np.ndarray]:
    r"""Order features by probability of error and average correlation, greedily.

    Parameters
    ----------
    k : int
        How many features to choose; all where there are fewer. Constant features are
        never chosen.
    poe : {"range", "histogram"}, default="range"
        Estimate of the probability of error. MaZda's manual gives it as the share of
        samples that cannot be assigned to one class because classes overlap there, and
        not how that is counted.

        - ``"range"``: a sample is ambiguous inside the [min, max] of another class.
        - ``"histogram"``: in equal-width bins (as in `mutual_information`), the share
          outside the most frequent class of the bin.
    weights : tuple of float, default=(0.5, 0.5)
        Weights of error and correlation.

    Returns
    -------
    order : ndarray of int, shape (min(k, n_varying),)
        Columns in the order of choice.
    probability_of_error : ndarray of shape (n_features,)
        POE of each feature.

    Notes
    -----
    The first feature has the smallest POE; the n-th the smallest
    :math:`w_1 POE(f) + w_2 ACC_n(f)`, :math:`ACC_n` being the mean
    :math:`|r(f, g)|` to the features g chosen before. Ties go to the first column.

    References
    ----------
    Mucciardi, Gose, IEEE Trans Comput 1971;C-20:1023-1031. MaZda 4.6 user's manual.

    Examples
    --------
    >>> from sklearn_orn.selection import poe_acc
    >>> X = [[0.0, 0.0, 1.0], [1.0, 1.1, 0.0], [2.0, 2.0, 1.0], [3.0, 3.0, 0.0]]
    >>> order, probability_of_error = poe_acc(X, [0, 0, 1, 1], k=2)
    >>> order, probability_of_error
    (array([0, 1]), array([0., 0., 1.]))
    """
    if poe not in _POE:
        raise ValueError(f"poe must be one of {sorted(_POE)}, got {poe!r}.")
    X = np.asarray(X, dtype=np.float64)
    codes, n_classes = _classes(y)
    error = _POE[poe](X, codes, n_classes)
    spread = np.ptp(X, axis=0)
    varying = spread > 0
    scaled = (X - X.mean(axis=0)) / np.where(varying, spread, 1.0)
    norm = np.sqrt((scaled**2).sum(axis=0))
    scaled = scaled / np.where(varying, norm, 1.0)
    order: list[int] = []
    correlation = np.zeros(X.shape[1])
    open_, own = varying.copy(), weights[0] * error
    for n in range(min(k, int(varying.sum()))):
        cost = error if n == 0 else own + weights[1] * correlation / n
        # Rounding must not decide between features that are equal.
        chosen = int(np.where(open_, np.rint(cost * 1e12), np.inf).argmin())
        order.append(chosen)
        open_[chosen] = False
        correlation += np.abs(scaled.T @ scaled[:, chosen])
    return np.array(order, dtype=np.intp), error
