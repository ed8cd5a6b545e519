"""Hosmer and Lemeshow's goodness-of-fit test."""

from __future__ import annotations

from numbers import Integral
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2

from sklearn_orn._messages import shown
from sklearn_orn._readable import readable
from sklearn_orn._study_warnings import warn
from sklearn_orn._validation import check_probabilities
from sklearn_orn.metrics._clusters import patient_codes
from sklearn_orn.metrics._parameters import of_metrics
from sklearn_orn.metrics._rao_scott import p_by_patient


@readable
class HosmerLemeshow(NamedTuple):
    """The Hosmer-Lemeshow test.

    Attributes
    ----------
    statistic, df, p_value : float, int, float
        Chi-square, its degrees of freedom and p, by patient where there are groups.
    table : DataFrame
        Observed and expected numbers, one row per group of risk.
    """

    statistic: float
    df: int
    p_value: float
    table: pd.DataFrame


def risk_groups(proba: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Group between unique type-7 quantiles, right-closed, the lowest included.

    A quantile between two values of many ties can leave nothing below it: that group
    is one with the next.
    """
    cuts = np.unique(np.quantile(proba, np.linspace(0, 1, n_groups + 1)))
    if len(cuts) == 1:
        return np.zeros(len(proba), dtype=int), np.repeat(cuts, 2)
    group = np.searchsorted(cuts[1:-1], proba, side="left")
    held, group = np.unique(group, return_inverse=True)
    return group, np.r_[cuts[0], cuts[held + 1]]


def check_n_groups(n_groups: object) -> None:
    """Refuse a number of groups that makes no test."""
    if not isinstance(n_groups, Integral) or n_groups < 3:
        raise ValueError(
            f"n_groups must be an integer of at least 3, got {shown(n_groups)}."
        )


@of_metrics
def hosmer_lemeshow(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    n_groups: int = 10,
    fitted: bool = True,
    groups: ArrayLike | None = None,
    pos_label: object = None,
) -> HosmerLemeshow:
    r"""Hosmer-Lemeshow test of calibration.

    Parameters
    ----------
    n_groups : int, default=10
        Number of groups of risk, at least 3. Ties merge groups, with a warning; the
        degrees of freedom count the groups that hold samples.
    fitted : bool, default=True
        Whether the model was fitted to these samples: the degrees of freedom are
        groups - 2 then, and groups on validation data.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample: p allows for lesions of a patient that agree.

    Returns
    -------
    HosmerLemeshow
        Named tuple ``statistic, df, p_value, table``. The table has one row per
        group: ``lower, upper, n, observed, expected`` (positives). With too few
        groups left for a test (df < 1) the p value is NaN.

    Warns
    -----
    StudyWarning
        If tied probabilities leave fewer than `n_groups` groups.

    Notes
    -----
    :math:`\sum_g (O_g - E_g)^2 / E_g` over both outcomes [1]_. The groups lie between
    unique type-7 quantiles, right-closed, as R's ``cut`` makes them in
    generalhoslem and ResourceSelection. A group without samples is no group. A group
    that expects 0 of an outcome adds 0 if it has none and infinity if it has
    some.

    With `groups` statistic and degrees of freedom stay, and p is Rao and Scott's of the
    second order [2]_: the standardised residuals of a patient have one correlation,
    the mean product of their pairs between 0 and 1, so that residuals of the risk
    groups have a covariance with the eigenvalues :math:`\delta`, relative to
    independent samples. :math:`\sum\delta / \sum\delta^2` times the statistic is held
    against the chi-square distribution with :math:`(\sum\delta)^2 / \sum\delta^2`
    degrees of freedom, and with proportionally fewer where the model was fitted to the
    samples. For patients of one sample each p is that without groups.

    References
    ----------
    .. [1] Hosmer, Lemeshow, Sturdivant, Applied Logistic Regression, 3rd ed., 2013.
    .. [2] Rao, Scott, J Am Stat Assoc 1981;76:221-230.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.metrics import hosmer_lemeshow
    >>> proba = np.linspace(0.05, 0.95, 40)
    >>> y = (np.arange(40) % 5 < 2).astype(int)
    >>> statistic, df, p_value, table = hosmer_lemeshow(y, proba, n_groups=4)
    >>> df, len(table)
    (2, 4)
    """
    check_n_groups(n_groups)
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    unit = patient_codes(groups, len(proba))
    group, cuts = risk_groups(proba, int(n_groups))
    n_left = len(cuts) - 1
    if n_left < n_groups:
        warn(
            f"Tied probabilities leave {n_left} of {n_groups} Hosmer-Lemeshow groups.",
            "ORN010",
            stacklevel=2,
        )
    n = np.bincount(group, minlength=n_left)
    observed = np.bincount(group, weights=positive, minlength=n_left)
    expected = np.bincount(group, weights=proba, minlength=n_left)
    table = pd.DataFrame(
        {
            "lower": cuts[:-1],
            "upper": cuts[1:],
            "n": n,
            "observed": observed.astype(int),
            "expected": expected,
        }
    )
    squares = np.concatenate([(observed - expected) ** 2] * 2)
    cells = np.concatenate([expected, n - expected])
    # Sums of probabilities carry rounding errors: a cell below them is empty, and
    # its difference, squared here, is 0 below 1e-10.
    empty = cells <= 1e-12
    terms = np.where(squares > 1e-20, np.inf, 0.0)
    np.divide(squares, cells, out=terms, where=~empty)
    statistic = float(terms.sum())
    df = n_left - 2 if fitted else n_left
    p_value = float(chi2.sf(statistic, df)) if df >= 1 else np.nan
    if unit is not None and df >= 1:
        spread = np.sqrt(proba * (1 - proba))
        rows = np.zeros((len(proba), group.max() + 1))
        rows[np.arange(len(proba)), group] = spread
        p_value = p_by_patient(statistic, df, rows, positive - proba, spread, unit)
    return HosmerLemeshow(statistic, df, p_value, table)
