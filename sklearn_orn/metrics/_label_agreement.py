"""Readers against the model: McNemar, Cochran's Q and kappa."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from sklearn_orn._readable import readable
from sklearn_orn.metrics._clusters import (
    check_confidence,
    patient_codes,
    refuse_missing_labels,
    wald_quantile,
)
from sklearn_orn.metrics._operating_point import proportion
from sklearn_orn.metrics._rao_scott import scaled_p


@readable
class McNemar(NamedTuple):
    """McNemar's test.

    Attributes
    ----------
    statistic, p_value : float
        Chi-square with 1 degree of freedom (for the exact test the smaller number of
        discordant samples), and p.
    table : ndarray of int, shape (2, 2)
        Rows: the first correct or not; columns: the other.
    """

    statistic: float
    p_value: float
    table: np.ndarray


@readable
class CochransQ(NamedTuple):
    """Cochran's Q test.

    Attributes
    ----------
    statistic, df, p_value : float, int, float
        Q, its degrees of freedom and p.
    """

    statistic: float
    df: int
    p_value: float


@readable
class Kappa(NamedTuple):
    """Cohen's kappa.

    Attributes
    ----------
    kappa : float
        1 for full agreement, 0 for that of chance.
    lower, upper : float
        Its confidence limits.
    se : float
        Its standard error.
    """

    kappa: float
    lower: float
    upper: float
    se: float


def _labels(y_true: ArrayLike, *predictions: ArrayLike) -> list[np.ndarray]:
    arrays = [np.asarray(values) for values in (y_true, *predictions)]
    lengths = {array.shape for array in arrays}
    if len(lengths) > 1 or arrays[0].ndim != 1 or not len(arrays[0]):
        raise ValueError(
            "All labels must have one dimension and equal length, got shapes "
            f"{[array.shape for array in arrays]}."
        )
    for values in (y_true, *predictions):
        refuse_missing_labels(values)
    return arrays


def mcnemar_test(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    other_pred: ArrayLike,
    *,
    exact: bool = False,
    corrected: bool = True,
    groups: ArrayLike | None = None,
) -> McNemar:
    r"""McNemar's test: are two readers, or reader and model, correct equally often.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_pred, other_pred : array-like of shape (n_samples,)
        The labels that the two gave to the same samples.
    exact : bool, default=False
        Binomial instead of chi-square: for fewer than 25 discordant samples.
    corrected : bool, default=True
        Edwards' continuity correction, as in R's ``mcnemar.test``: of a difference
        that is not 0.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample. With groups the statistic is
        :math:`(\sum_i d_i)^2 / \sum_i d_i^2` with the difference :math:`d_i` of
        discordant samples within each patient, and neither `exact` nor `corrected`
        applies; with one sample each it is the uncorrected test.

    Returns
    -------
    McNemar
        Named tuple ``statistic, p_value, table``. Without discordant samples the
        statistic is 0 and p is 1.

    References
    ----------
    McNemar, Psychometrika 1947;12:153-157. Groups: Yang, Sun, Hardin, Stat Med
    2010;29:1363-1376. Computed by mlxtend.

    Examples
    --------
    >>> from sklearn_orn.metrics import mcnemar_test
    >>> y = [0] * 10 + [1] * 10
    >>> reader, model = [0] * 16 + [1] * 4, [0] * 10 + [1] * 9 + [0]
    >>> result = mcnemar_test(y, reader, model, exact=True)
    >>> result.table.tolist(), round(result.p_value, 3)
    ([[13, 1], [6, 0]], 0.125)
    """
    from mlxtend.evaluate import mcnemar, mcnemar_table

    truth, first, other = _labels(y_true, y_pred, other_pred)
    unit = patient_codes(groups, len(truth))
    correct, other_correct = first == truth, other == truth
    everything = np.ones(len(truth), dtype=int)
    table = mcnemar_table(everything, correct.astype(int), other_correct.astype(int))
    difference = correct.astype(float) - other_correct
    if not difference.any():
        return McNemar(0.0, 1.0, table)
    if unit is None:
        if table[0, 1] == table[1, 0] and not exact:  # mlxtend corrects even 0
            return McNemar(0.0, 1.0, table)
        statistic, p_value = mcnemar(table, corrected=corrected, exact=exact)
        if exact:
            statistic = min(table[0, 1], table[1, 0])
        return McNemar(float(statistic), float(p_value), table)
    sums = np.bincount(unit, difference)
    spread = sums @ sums
    statistic = float(sums.sum() ** 2 / spread) if spread else 0.0
    return McNemar(statistic, float(chi2.sf(statistic, 1)), table)


def cochrans_q_test(
    y_true: ArrayLike, *predictions: ArrayLike, groups: ArrayLike | None = None
) -> CochransQ:
    """Cochran's Q: are several readers and models correct equally often.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    *predictions : array-like of shape (n_samples,)
        The labels that each of two or more gave to the same samples.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample; None takes each sample for a patient of its own.
        With groups Q stays, and p is Rao and Scott's of the second order, by what the
        samples of a patient add to the differences together.

    Returns
    -------
    CochransQ
        Named tuple ``statistic, df, p_value``. With two it is McNemar's uncorrected
        test. Where all are correct on the same samples, 0 and 1.

    References
    ----------
    Cochran, Biometrika 1950;37:256-266. Groups: Rao, Scott, J Am Stat Assoc
    1981;76:221-230. Computed by mlxtend.

    Examples
    --------
    >>> from sklearn_orn.metrics import cochrans_q_test
    >>> y = [0, 0, 0, 1, 1, 1]
    >>> a, b, c = [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 0], [1, 1, 0, 1, 0, 0]
    >>> statistic, df, p_value = cochrans_q_test(y, a, b, c)
    >>> df, round(p_value, 2)
    (2, 0.09)
    """
    from mlxtend.evaluate import cochrans_q

    if len(predictions) < 2:
        raise ValueError(
            f"cochrans_q_test compares two or more, got {len(predictions)}."
        )
    truth, *others = _labels(y_true, *predictions)
    unit = patient_codes(groups, len(truth))
    correct = [(labels == truth).astype(int) for labels in others]
    df = len(others) - 1
    if all(np.array_equal(correct[0], other) for other in correct[1:]):
        return CochransQ(0.0, df, 1.0)
    statistic, p_value = cochrans_q(np.ones(len(truth), dtype=int), *correct)
    if unit is not None:
        apart = np.transpose(correct) - np.mean(correct, axis=0)[:, None]
        p_value = scaled_p(float(statistic), df, apart[:, :-1], unit, 1.0)
    return CochransQ(float(statistic), df, float(p_value))


def kappa(
    labels: ArrayLike,
    other_labels: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Kappa:
    r"""Cohen's kappa of two readers, or of reader and model, with its interval.

    Parameters
    ----------
    labels, other_labels : array-like of shape (n_samples,)
        The labels that the two gave.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample; None takes each sample for a patient of its own.
    confidence : float, default=0.95
        Level of the interval.

    Returns
    -------
    Kappa
        Named tuple ``kappa, lower, upper, se``; all NaN where both gave one and the
        same label throughout.

    Notes
    -----
    :math:`(p_o - p_e)/(1 - p_e)`. The standard error is that of Fleiss, Cohen and
    Everitt, written as a sum over samples; with groups the terms of a patient are
    summed first, and where patients have several samples the interval takes Student's t
    with as many degrees of freedom as patients but one.

    The error is 0 where both agree throughout, and too small where they nearly do. So
    the interval also holds the kappas of Wilson's interval of :math:`p_o`, see
    `diagnostic_performance`, with the :math:`p_e` that was found.

    References
    ----------
    Cohen, Educ Psychol Meas 1960;20:37-46. Fleiss, Cohen, Everitt, Psychol Bull
    1969;72:323-327.

    Examples
    --------
    >>> from sklearn_orn.metrics import kappa
    >>> round(kappa([0, 0, 1, 1, 1, 0], [0, 0, 1, 1, 0, 1]).kappa, 3)
    0.333
    """
    check_confidence(confidence)
    first, other = _labels(labels, other_labels)
    unit = patient_codes(groups, len(first))
    n = len(first)
    codes = np.unique(np.concatenate([first, other]), return_inverse=True)[1]
    a, b = codes[:n], codes[n:]
    share_a, share_b = (np.bincount(c, minlength=codes.max() + 1) / n for c in (a, b))
    agree = (a == b).astype(float)
    observed, expected = agree.mean(), share_a @ share_b
    if expected >= 1:
        return Kappa(np.nan, np.nan, np.nan, np.nan)
    value = (observed - expected) / (1 - expected)
    chance = share_b[a] + share_a[b] - 2 * expected
    terms = (agree - observed) * (1 - expected) - (1 - observed) * chance
    terms /= (1 - expected) ** 2 * n
    if unit is not None:
        terms = np.bincount(unit, terms)
        if len(terms) > 1:
            terms = terms * np.sqrt(len(terms) / (len(terms) - 1) * (n - 1) / n)
    se = float(np.sqrt(terms @ terms)) if len(terms) > 1 else np.nan
    repeated = unit if len(terms) < n else None
    half = wald_quantile(repeated, confidence) * se
    share = proportion(agree > 0, np.ones(n, dtype=bool), repeated, confidence)
    wilson = (np.array([share["lower"], share["upper"]]) - expected) / (1 - expected)
    # Of one patient there is no error, and no interval.
    lower = max(np.minimum(value - half, wilson[0]), -1.0)
    upper = min(np.maximum(value + half, wilson[1]), 1.0)
    return Kappa(float(value), float(lower), float(upper), se)
