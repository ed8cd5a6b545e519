"""Intraclass correlation coefficients from the analysis of variance."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc, fdtri

from sklearn_orn._messages import shown
from sklearn_orn._readable import readable
from sklearn_orn._validation import check_share
from sklearn_orn.selection._icc_patients import (
    Deviations,
    MeanSquares,
    check_patients,
    deviations,
    estimate,
    patient_limits,
)

ShroutFleiss: TypeAlias = Literal[
    "ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"
]
McGrawWong: TypeAlias = Literal[
    "ICC(1)", "ICC(A,1)", "ICC(C,1)", "ICC(A,k)", "ICC(C,k)", "ICC(k)"
]
Form: TypeAlias = Literal[ShroutFleiss, McGrawWong]
FORMS: tuple[ShroutFleiss, ...] = get_args(ShroutFleiss)
ALIASES: dict[str, ShroutFleiss] = {
    "ICC(1)": "ICC(1,1)",
    "ICC(A,1)": "ICC(2,1)",
    "ICC(C,1)": "ICC(3,1)",
    "ICC(A,k)": "ICC(2,k)",
    "ICC(C,k)": "ICC(3,k)",
    "ICC(k)": "ICC(1,k)",
}


@readable
class IntraclassCorrelation(NamedTuple):
    """ICC of each feature with its interval and F test.

    Attributes
    ----------
    icc, lower, upper : ndarray of shape (n_features,)
        Estimate and confidence limits.
    f, df1, df2, p_value : ndarray of shape (n_features,)
        F test of ICC = 0.
    n_lesions : ndarray of shape (n_features,)
        Lesions with a rating by every reader.
    reason : ndarray of shape (n_features,)
        Why an ICC is NaN; empty where it is not.
    """

    icc: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    f: np.ndarray
    df1: np.ndarray
    df2: np.ndarray
    p_value: np.ndarray
    n_lesions: np.ndarray
    reason: np.ndarray


def canonical_form(form: str) -> ShroutFleiss:
    """Return Shrout and Fleiss's name of an ICC form."""
    for name in FORMS:
        if ALIASES.get(form, form) == name:
            return name
    raise ValueError(
        f"The 'form' parameter must be one of {list(FORMS)}, or of McGraw and "
        f"Wong's names {list(ALIASES)}. Got {shown(form)} instead."
    )


def _mean_squares(dev: Deviations, n: np.ndarray, magnitude: np.ndarray) -> MeanSquares:
    k = dev.centred.shape[1]
    of_reader = dev.centred.sum(axis=0) / n
    between_lesions = k * np.einsum("lf,lf->f", dev.of_lesion, dev.of_lesion)
    between_readers = n * np.einsum("rf,rf->f", of_reader, of_reader)
    within = np.einsum("lrf,lrf->f", dev.inner, dev.inner)
    # Where readers agree but for rounding, the error is zero: a reading minus means of
    # readings is right to a few units in the last place, here 8.
    rounding = (8 * np.finfo(float).eps * magnitude) ** 2 * n * k
    within = np.where(within <= rounding, 0.0, within)
    between_readers = np.where(within == 0.0, 0.0, between_readers)
    error = np.maximum(within - between_readers, 0.0)
    error = np.where(error <= rounding, 0.0, error)
    return MeanSquares(
        between_lesions / (n - 1),
        between_readers / (k - 1),
        error / ((n - 1) * (k - 1)),
        within / (n * (k - 1)),
    )


CONTRADICTION = "the readers contradict each other: their mean has no ICC"


def _one_or_three_limits(
    f: np.ndarray, df1: np.ndarray, df2: np.ndarray, k: int, single: bool, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    low = f / fdtri(df1, df2, 1 - alpha / 2)
    high = f * fdtri(df2, df1, 1 - alpha / 2)
    if single:
        return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)
    return 1 - 1 / low, 1 - 1 / high


def _two_way_limits(
    ms: MeanSquares, n: np.ndarray, k: int, single: bool, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of ICC(2,1) by Satterthwaite's degrees of freedom; ICC(2,k) from them."""
    icc = estimate("ICC(2,1)", ms, n, k)
    f_readers = ms.readers / ms.error
    common = n * (1 + (k - 1) * icc) - k * icc
    upper_part = (k - 1) * (n - 1) * (k * icc * f_readers + common) ** 2
    lower_part = (n - 1) * k**2 * icc**2 * f_readers**2 + common**2
    v = upper_part / lower_part
    f_up = fdtri(n - 1, v, 1 - alpha / 2)
    f_low = fdtri(v, n - 1, 1 - alpha / 2)
    rest = k * ms.readers + (k * n - k - n) * ms.error
    # Divided by f_up, which is infinite where v is next to 0.
    lower = n * (ms.lesions / f_up - ms.error) / (rest + n * ms.lesions / f_up)
    upper = n * (f_low * ms.lesions - ms.error) / (rest + n * f_low * ms.lesions)
    if single:
        return lower, upper
    return _of_means(lower, k), _of_means(upper, k)


def _without_mean(ms: MeanSquares, n: np.ndarray) -> np.ndarray:
    """Where the denominator of ICC(2,k), a variance of means, is not above 0."""
    # A sum of mean squares that cancels to this share of them is 0 but for rounding.
    variance = ms.lesions + (ms.readers - ms.error) / n
    # Of a difference of mean squares, beside their sum: 0 but for rounding.
    return variance <= 1e-10 * (ms.lesions + (ms.readers + ms.error) / n)


def _of_means(limit: np.ndarray, k: int) -> np.ndarray:
    """Spearman and Brown's transform, minus infinity from its pole on."""
    share = 1 + limit * (k - 1)
    return np.where(share <= 0, -np.inf, limit * k / share)


def _reasons(n: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Why there is no ICC, per feature; empty where there is one."""
    reason = np.full(len(n), "", dtype=object)
    reason[low == high] = "constant"
    reason[n < 2] = "fewer than two lesions rated by all readers"
    return reason


def intraclass_correlation(
    ratings: ArrayLike,
    *,
    form: Form = "ICC(2,1)",
    confidence: float = 0.95,
    groups: ArrayLike | None = None,
) -> IntraclassCorrelation:
    r"""Agreement between readers, feature by feature.

    Parameters
    ----------
    ratings : array-like of shape (n_lesions, n_readers[, n_features])
        NaN where a rating is missing: the lesion is left out for that feature.
    form : str, default="ICC(2,1)"
        One of Shrout and Fleiss's ``ICC(1,1)``, ``ICC(2,1)``, ``ICC(3,1)``,
        ``ICC(1,k)``, ``ICC(2,k)``, ``ICC(3,k)``, or McGraw and Wong's ``ICC(1)``,
        ``ICC(A,1)``, ``ICC(C,1)``, ``ICC(k)``, ``ICC(A,k)``, ``ICC(C,k)``.
    confidence : float, default=0.95
        Level of the interval.
    groups : array-like of shape (n_lesions,), default=None
        The patient of each lesion, for the interval. None takes each lesion for a
        patient of its own: the interval is too narrow if it is not.

    Returns
    -------
    IntraclassCorrelation
        Named tuple of arrays ``icc, lower, upper, f, df1, df2, p_value, n_lesions,
        reason``, of shape (n_features,), or scalars for two-dimensional ratings.

    Raises
    ------
    ValueError
        If there are fewer than two readers, an infinite rating, or another shape.

    Notes
    -----
    From the mean squares of lesions :math:`MS_R`, readers :math:`MS_C` and error
    :math:`MS_E`, for k readers and n lesions [1]_, [2]_:

    .. math:: ICC(2,1) = \frac{MS_R - MS_E}{MS_R + (k-1) MS_E + k (MS_C - MS_E) / n}

    The limits of ICC(2,k) are the Spearman-Brown transforms of those of ICC(2,1), as
    in psych. A negative ICC stays negative. A feature that is equal in all lesions
    has no ICC: NaN, with the reason. Perfect agreement of a varying feature gives 1.

    Readers may contradict each other so much that the variance of their mean is
    estimated as 0 or less. Then there is no ICC(2,k), and a limit there is minus
    infinity; psych prints a value far above 1. The degrees of freedom of ICC(2)'s
    interval are an approximation: of a negative estimate it may miss the estimate,
    there as here.

    Where patients have several lesions the limits by analysis of variance are too
    narrow. With `groups` they come from leaving out one patient after the other [3]_:
    :math:`\frac{I-1}{I} \sum_i (z_i - \bar z)^2` is the variance of
    :math:`z = \log \frac{1 + (k-1) ICC}{1 - ICC}`, of means :math:`-\log(1 - ICC)`,
    and the limits take Student's t with as many degrees of freedom as patients but
    one. The F test stays that of the lesions.

    References
    ----------
    .. [1] Shrout, Fleiss, Psychol Bull 1979;86:420-428.
    .. [2] McGraw, Wong, Psychol Methods 1996;1:30-46.
    .. [3] Ukoumunne, Davison, Gulliford, Chinn, Stat Med 2003;22:3805-3821.

    Examples
    --------
    >>> from sklearn_orn.selection import intraclass_correlation
    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8],
    ...            [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> print(f"{intraclass_correlation(ratings).icc:.2f}")
    0.29
    >>> print(intraclass_correlation([[1, 1], [1, 1], [1, 1]]).reason)
    constant
    """
    values = np.asarray(ratings, dtype=np.float64)
    flat = values.ndim == 2
    if flat:
        values = values[:, :, None]
    if values.ndim != 3 or values.shape[1] < 2:
        raise ValueError(
            "ratings must have the shape (n_lesions, n_readers, n_features) with at "
            f"least two readers, got {np.shape(ratings)}."
        )
    if np.isinf(values).any():
        raise ValueError("ratings hold infinite values.")
    check_share(confidence, "confidence")
    unit = check_patients(groups, len(values))
    result = estimated(values, canonical_form(form), 1 - confidence, unit)
    return IntraclassCorrelation(*(a[0] for a in result)) if flat else result


def estimated(
    values: np.ndarray, form: str, alpha: float | None, unit: np.ndarray | None
) -> IntraclassCorrelation:
    """Compute ICCs with their 1 - alpha limits; None leaves limits out, as NaN."""
    k, single = values.shape[1], form.endswith("1)")
    valid = ~np.isnan(values).any(axis=1)
    n = valid.sum(axis=0)
    counts = valid[:, None]
    low = np.where(counts, values, np.inf).min(axis=(0, 1))
    high = np.where(counts, values, -np.inf).max(axis=(0, 1))
    reason = _reasons(n, low, high)
    ratings = np.where(counts, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        dev = deviations(ratings, valid, n)
        ms = _mean_squares(dev, n, np.maximum(high, -low))
        icc = estimate(form, ms, n, k)
        if form == "ICC(2,k)":
            reason[(reason == "") & _without_mean(ms, n)] = CONTRADICTION
        one_way = form.startswith("ICC(1")
        f = ms.lesions / (ms.within if one_way else ms.error)
        df1 = np.asarray(n - 1, dtype=np.float64)
        df2 = np.asarray(n * (k - 1) if one_way else df1 * (k - 1), dtype=np.float64)
        if alpha is None:
            lower, upper = np.full((2, len(icc)), np.nan)
        elif unit is not None:
            lower, upper = patient_limits(dev, valid, unit, form, icc, 1 - alpha)
        elif form.startswith("ICC(2"):
            lower, upper = _two_way_limits(ms, n, k, single, alpha)
        else:
            lower, upper = _one_or_three_limits(f, df1, df2, k, single, alpha)
        p_value = fdtrc(df1, df2, f)
    perfect = (ms.within == 0) & (reason == "")
    for limit in (lower, upper):
        limit[perfect] = 1.0
    undefined = reason != ""
    for array in (icc, lower, upper, f, p_value):
        array[undefined] = np.nan
    return IntraclassCorrelation(icc, lower, upper, f, df1, df2, p_value, n, reason)
