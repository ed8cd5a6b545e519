"""The mean AUC of cross-validated folds, with an interval that holds."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import t


class FoldAuc(NamedTuple):
    """Mean AUC over the folds with both classes; limits are NaN with fewer than two."""

    auc: float
    lower: float
    upper: float
    se: float


def fold_auc(folds: pd.DataFrame) -> FoldAuc:
    """Average the AUC of folds (``n_train, n_test, auc``), and give its 95 % interval.

    With the standard error in the Notes of `nested_cross_validate` and Student's t with
    a degree of freedom less than folds, on the logit scale.
    """
    defined = folds.dropna(subset="auc")
    n = len(defined)
    if not n:
        return FoldAuc(np.nan, np.nan, np.nan, np.nan)
    mean = float(defined["auc"].mean())
    if n < 2:
        return FoldAuc(mean, np.nan, np.nan, np.nan)
    ratio = float((defined["n_test"] / defined["n_train"]).mean())
    se = float(np.sqrt(1 / n + ratio) * defined["auc"].std())
    half = float(t.ppf(0.975, n - 1)) * se
    if not 0 < mean < 1:
        return FoldAuc(mean, mean, mean, se)
    middle, width = logit(mean), half / (mean * (1 - mean))
    return FoldAuc(mean, float(expit(middle - width)), float(expit(middle + width)), se)
