"""The mean AUC of cross-validated folds, with an interval that holds."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import t


class FoldAuc(NamedTuple):
    """Mean AUC over the folds that have both classes.

    Attributes
    ----------
    auc : float
        The mean; NaN where no fold has both classes.
    lower, upper : float
        Its confidence limits; NaN with fewer than two such folds.
    se : float
        Its standard error.
    """

    auc: float
    lower: float
    upper: float
    se: float


def fold_auc(folds: pd.DataFrame, *, confidence: float = 0.95) -> FoldAuc:
    r"""Average the AUC of folds, and give its interval.

    Parameters
    ----------
    folds : DataFrame
        Columns ``n_train, n_test`` and ``auc`` (NaN with one class only), one row for
        each fold of each repeat.
    confidence : float, default=0.95
        Level of the interval.

    Returns
    -------
    FoldAuc
        Named tuple ``auc, lower, upper, se``.

    Notes
    -----
    The folds share most of their training samples, so their AUCs vary together and
    the standard error of independent values, :math:`s / \sqrt J` over J folds, is too
    small. With :math:`\sqrt{1 / J + n_{test} / n_{train}} \, s` [1]_, which is used for
    repeated folds too [2]_, and Student's t with J - 1 degrees of freedom the interval
    keeps its level on noise. The limits are taken on the logit scale.

    References
    ----------
    .. [1] Nadeau, Bengio, Mach Learn 2003;52:239-281.
    .. [2] Bouckaert, Frank, PAKDD 2004:3-12.
    """
    known = folds.dropna(subset="auc")
    n = len(known)
    if not n:
        return FoldAuc(np.nan, np.nan, np.nan, np.nan)
    mean = float(known["auc"].mean())
    if n < 2:
        return FoldAuc(mean, np.nan, np.nan, np.nan)
    ratio = float((known["n_test"] / known["n_train"]).mean())
    se = float(np.sqrt(1 / n + ratio) * known["auc"].std())
    half = float(t.ppf(0.5 + confidence / 2, n - 1)) * se
    if not 0 < mean < 1:
        return FoldAuc(mean, mean, mean, se)
    middle, width = logit(mean), half / (mean * (1 - mean))
    return FoldAuc(mean, float(expit(middle - width)), float(expit(middle + width)), se)
