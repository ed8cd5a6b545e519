"""Bland and Altman's limits of agreement."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm
from scipy.stats import t as student

from sklearn_orn._readable import readable
from sklearn_orn._validation import float_array
from sklearn_orn.metrics._clusters import (
    check_confidence,
    n_patients,
    patient_codes,
    ratio_variance,
)


@readable
class Agreement(NamedTuple):
    """Limits of agreement of two readings, with confidence limits.

    Attributes
    ----------
    bias, bias_lower, bias_upper : float
        Mean of first - second.
    sd : float
        Standard deviation of the differences.
    low, low_lower, low_upper : float
        Lower limit of agreement.
    high, high_lower, high_upper : float
        Upper limit of agreement.
    """

    bias: float
    bias_lower: float
    bias_upper: float
    sd: float
    low: float
    low_lower: float
    low_upper: float
    high: float
    high_lower: float
    high_upper: float


def limits_of_agreement(
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Agreement:
    r"""Limits between which two readers' scores differ for 95 % of the lesions.

    Parameters
    ----------
    first, second : array-like of shape (n_samples,)
        The score of each lesion from the two readers.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample; None takes each sample for a patient of its own.
    confidence : float, default=0.95
        Level of the confidence intervals; the limits themselves are for 95 %.

    Returns
    -------
    Agreement
        Named tuple of the bias, the standard deviation and both limits.

    Notes
    -----
    :math:`\bar d \pm 1.96 s`, with standard errors :math:`s_{\bar d}` of the bias and
    :math:`\sqrt{s_{\bar d}^2 + 1.96^2 s^2 / (2(I-1))}` of the limits (Student's t, I
    patients); :math:`s_{\bar d}` is :math:`s/\sqrt n`, or with groups that of a mean
    over patients.

    References
    ----------
    Bland, Altman, Stat Methods Med Res 1999;8:135-160.

    Examples
    --------
    >>> from sklearn_orn.metrics import limits_of_agreement
    >>> result = limits_of_agreement([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.2, 3.8])
    >>> print(f"{result.bias:.2f} ({result.low:.2f} to {result.high:.2f})")
    0.00 (-0.36 to 0.36)
    """
    check_confidence(confidence)
    a, b = float_array(first, "first"), float_array(second, "second")
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(
            "first and second must hold the scores of the same two or more lesions, "
            f"got shapes {a.shape} and {b.shape}."
        )
    gap = a - b
    if not np.isfinite(gap).all():
        raise ValueError("first and second must be finite: leave out missing readings.")
    unit = patient_codes(groups, len(gap))
    n = n_patients(unit, len(gap))
    bias, sd = float(gap.mean()), float(gap.std(ddof=1))
    error = np.sqrt(ratio_variance(gap, np.ones(len(gap)), unit))
    z = norm.ppf(0.975)
    limit_error = np.sqrt(error**2 + z**2 * sd**2 / (2 * (n - 1))) if n > 1 else np.nan
    t = student.ppf(0.5 + confidence / 2, n - 1)  # NaN with one patient
    low, high = bias - z * sd, bias + z * sd
    return Agreement(
        bias,
        float(bias - t * error),
        float(bias + t * error),
        sd,
        float(low),
        float(low - t * limit_error),
        float(low + t * limit_error),
        float(high),
        float(high - t * limit_error),
        float(high + t * limit_error),
    )
