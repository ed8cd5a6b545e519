"""Standard error of an AUC from the numbers of published studies."""

import numpy as np

from sklearn_orn._messages import shown


def hanley_mcneil_se(auc: float, n_positive: int, n_negative: int) -> float:
    r"""Return the standard error of an AUC from the AUC and the two numbers.

    Parameters
    ----------
    auc : float
        Area under the curve.
    n_positive, n_negative : int
        Numbers of samples.

    Returns
    -------
    float
        Standard error.

    Notes
    -----
    :math:`\sqrt{[A(1-A) + (m-1)(Q_1-A^2) + (n-1)(Q_2-A^2)]/(mn)}` with
    :math:`Q_1 = A/(2-A)` and :math:`Q_2 = 2A^2/(1+A)`. For the intervals of
    published studies; with the data at hand DeLong's does not assume a form.

    References
    ----------
    Hanley, McNeil, Radiology 1982;143:29-36.

    Examples
    --------
    >>> from sklearn_orn.metrics import hanley_mcneil_se
    >>> half = 1.96 * hanley_mcneil_se(0.725, 51, 44)
    >>> print(f"{0.725 - half:.3f} to {0.725 + half:.3f}")
    0.624 to 0.826
    """
    if not 0 <= auc <= 1:
        raise ValueError(f"auc must lie between 0 and 1, got {shown(auc)}.")
    if min(n_positive, n_negative) < 1:
        raise ValueError(
            "n_positive and n_negative must be at least 1, got "
            f"{shown(n_positive)} and {shown(n_negative)}."
        )
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc)
    variance += (n_positive - 1) * (q1 - auc**2) + (n_negative - 1) * (q2 - auc**2)
    return float(np.sqrt(variance / (n_positive * n_negative)))
