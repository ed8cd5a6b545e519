"""The mean AUC of cross-validated folds, with an interval by patient."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sklearn_orn.metrics._roc import limits, placements


class FoldAuc(NamedTuple):
    """Mean AUC over the folds that have both classes.

    Attributes
    ----------
    auc : float
        The mean; NaN where no fold has both classes.
    lower, upper : float
        Its confidence limits.
    se : float
        Its standard error; NaN with fewer than two patients of a class.
    """

    auc: float
    lower: float
    upper: float
    se: float


def fold_auc(
    predictions: pd.DataFrame, unit: np.ndarray, *, confidence: float = 0.95
) -> FoldAuc:
    r"""Average the AUC of folds, and give an interval that counts patients.

    Parameters
    ----------
    predictions : DataFrame
        Columns ``repeat, fold, row, y`` (0 or 1) and ``proba``.
    unit : ndarray of int, shape (n_samples,)
        The patient of each row, numbered from 0.
    confidence : float, default=0.95
        Level of the interval.

    Returns
    -------
    FoldAuc
        Named tuple ``auc, lower, upper, se``.

    Notes
    -----
    Each AUC is a mean of placements (DeLong's), so a patient's share in the mean over
    the folds is the sum of his placements' distances from their mean, over all folds
    and repeats that test him [1]_; the variance is the sum of their squares times
    I / (I - 1) for I patients. Repeats of the same patients do not narrow it as new
    patients would. The limits are taken on the logit scale.

    References
    ----------
    .. [1] LeDell, Petersen, van der Laan, Electron J Stat 2015;9:1583-1607.
    """
    n_units = int(unit.max()) + 1
    aucs: list[float] = []
    shares = np.zeros(n_units)
    classes = np.zeros((2, n_units), dtype=bool)
    for _, fold in predictions.groupby(["repeat", "fold"]):
        positive = fold["y"].to_numpy() == 1
        if not 0 < positive.sum() < len(positive):
            continue
        tested = unit[fold["row"].to_numpy()]
        of_positive, of_negative = placements(positive, fold["proba"].to_numpy())
        auc = float(of_positive.mean())
        aucs.append(auc)
        for label, values in enumerate((of_negative, of_positive)):
            rows = tested[positive == bool(label)]
            shares += np.bincount(rows, (values - auc) / len(rows), n_units)
            classes[label, rows] = True
    if not aucs:
        return FoldAuc(np.nan, np.nan, np.nan, np.nan)
    mean = float(np.mean(aucs))
    shares /= len(aucs)
    n = int(classes.any(axis=0).sum())
    if classes.sum(axis=1).min() < 2:
        return FoldAuc(mean, np.nan, np.nan, np.nan)
    se = float(np.sqrt(n / (n - 1) * (shares @ shares)))
    return FoldAuc(mean, *limits(mean, se, confidence, logit=True), se)
