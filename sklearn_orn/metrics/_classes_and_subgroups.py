"""The score by class and in subgroups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import mannwhitneyu

from sklearn_orn._readable import readable
from sklearn_orn._validation import check_binary_outcome, check_probabilities
from sklearn_orn.metrics._clusters import (
    check_confidence,
    mean_limits,
    patient_codes,
)
from sklearn_orn.metrics._parameters import of_metrics
from sklearn_orn.metrics._patient_permutation import (
    MOST_PERMUTED,
    rank_test_by_patient,
)
from sklearn_orn.metrics._recalibration import recalibration
from sklearn_orn.metrics._roc_auc import roc_auc_ci

SMALL = 10


@readable
class ScoreByClass(NamedTuple):
    """The score in the two classes, and the Mann-Whitney test.

    Attributes
    ----------
    table : DataFrame
        Rows ``negative, positive``; columns ``n, median, q1, q3``.
    statistic : float
        Mann-Whitney's U of the positives.
    p_value : float
        Two-sided.
    test : str
        Name of the test, with how p was found where it is by patient.
    """

    table: pd.DataFrame
    statistic: float
    p_value: float
    test: str


@of_metrics
def score_by_class(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    pos_label: object = None,
) -> ScoreByClass:
    """Compare the score of the two classes.

    Parameters
    ----------
    y_score : array-like of shape (n_samples,)
        Scores.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample. Where one has several samples, or there are no
        more than 20 patients, p comes from the outcomes permuted among patients.

    Returns
    -------
    ScoreByClass
        Named tuple ``table, statistic, p_value, test``.

    Notes
    -----
    As R's ``wilcox.test``: exact with fewer than 50 in each class and no ties,
    otherwise normal with a continuity correction.

    By patient the rank sum of the positives is held against what it is when patients
    exchange their outcomes [2]_. Patients who have both outcomes exchange with those of
    as many samples how many are positive, and which ones is drawn within each. Up to
    20 patients p is exact where no patient has both outcomes, and otherwise comes from
    9,999 arrangements drawn with a fixed seed; for more it is normal with the variance
    over all arrangements. An exact p cannot be small where there are few arrangements:
    of 3 patients against 3 it is at least 0.1.

    References
    ----------
    .. [1] Mann, Whitney, Ann Math Stat 1947;18:50-60.
    .. [2] Rosner, Glynn, Lee, Biometrics 2003;59:1089-1098 and 2006;62:1251-1259.

    Examples
    --------
    >>> from sklearn_orn.metrics import score_by_class
    >>> result = score_by_class([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6])
    >>> result.statistic, round(result.p_value, 3)
    (8.0, 0.2)
    """
    positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
    unit = patient_codes(groups, len(score))
    classes = {"negative": score[~positive], "positive": score[positive]}
    table = pd.DataFrame.from_dict(
        {
            name: [len(values), *np.quantile(values, [0.5, 0.25, 0.75])]
            for name, values in classes.items()
        },
        orient="index",
        columns=["n", "median", "q1", "q3"],
    ).astype({"n": int})
    ties = len(np.unique(score)) < len(score)
    exact = not ties and table["n"].max() < 50
    test = mannwhitneyu(
        classes["positive"],
        classes["negative"],
        method="exact" if exact else "asymptotic",
    )
    p_value = float(test.pvalue) if score.min() < score.max() else 1.0
    name = "Mann-Whitney U"
    several = unit is not None and unit.max() + 1 < len(unit)
    if unit is not None and (several or len(unit) <= MOST_PERMUTED):
        found = rank_test_by_patient(positive, score, unit)
        p_value, name = found.p_value, f"{name} by patient, {found.how}"
    return ScoreByClass(table, float(test.statistic), p_value, name)


@of_metrics
def subgroup_table(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    by: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    pos_label: object = None,
) -> pd.DataFrame:
    """Discrimination and calibration in each subgroup.

    Parameters
    ----------
    by : array-like of shape (n_samples,)
        The subgroup of each sample: any column, such as sex, scanner or hospital. Cut
        a continuous one first. Missing values are a subgroup of their own.

    Returns
    -------
    DataFrame
        One row per subgroup, in sorted order: ``n, patients, positive``; ``auc,
        auc_lower, auc_upper``; ``observed, expected`` (shares of positives) and their
        ``difference`` with ``difference_lower, difference_upper``; ``slope,
        slope_lower, slope_upper``; ``brier``; and a ``note`` where there are fewer than
        10 patients of either class. What one class only cannot have is NaN. The limits
        of the difference are Student's by patient.

    References
    ----------
    Collins et al. (TRIPOD+AI), BMJ 2024;385:e078378, item 14.

    Examples
    --------
    >>> from sklearn_orn.metrics import subgroup_table
    >>> y, p = [0, 1, 0, 1, 1], [0.2, 0.7, 0.6, 0.4, 0.9]
    >>> table = subgroup_table(y, p, by=["f", "f", "f", "m", "m"])
    >>> table[["n", "positive", "auc", "note"]]
       n  positive  auc                                               note
    f  3         1  1.0  1 positive, 2 negative patients: too few to judge
    m  2         2  NaN  2 positive, 0 negative patients: too few to judge
    """
    check_confidence(confidence)
    positive, proba = check_probabilities(y_true, y_proba, pos_label=pos_label)
    unit = patient_codes(groups, len(proba))
    level_of = np.asarray(by)
    if level_of.dtype.kind in "SU":  # NaN would be the text "nan"
        level_of = np.asarray(by, dtype=object)
    codes, levels = pd.factorize(level_of, sort=True, use_na_sentinel=False)
    if len(codes) != len(proba):
        raise ValueError(f"by has {len(codes)} values for {len(proba)} samples.")
    rows = []
    for code in range(len(levels)):
        chosen = codes == code
        own_unit = np.arange(chosen.sum()) if unit is None else unit[chosen]
        rows.append(_subgroup(positive[chosen], proba[chosen], own_unit, confidence))
    return pd.DataFrame(rows, index=list(levels))


def _subgroup(
    positive: np.ndarray, proba: np.ndarray, unit: np.ndarray, confidence: float
) -> dict[str, object]:
    auc = [np.nan] * 3
    slope = [np.nan] * 3
    n = len(proba)
    if 0 < positive.sum() < n:
        auc = list(roc_auc_ci(positive, proba, groups=unit, confidence=confidence)[:3])
        fit = recalibration(positive, proba, groups=unit, confidence=confidence)
        slope = [fit.slope, fit.slope_lower, fit.slope_upper]
    gap = positive - proba
    codes = np.unique(unit, return_inverse=True)[1]
    difference, lower, upper = mean_limits(gap, codes, confidence)
    return {
        "n": n,
        "patients": int(codes.max()) + 1,
        "positive": int(positive.sum()),
        **dict(zip(("auc", "auc_lower", "auc_upper"), auc, strict=True)),
        "observed": float(positive.mean()),
        "expected": float(proba.mean()),
        "difference": difference,
        "difference_lower": lower,
        "difference_upper": upper,
        **dict(zip(("slope", "slope_lower", "slope_upper"), slope, strict=True)),
        "brier": float(np.mean(gap**2)),
        "note": too_few(positive, unit),
    }


def too_few(positive: np.ndarray, unit: np.ndarray) -> str:
    """Say of how few patients of a class numbers are; nothing where they are enough."""
    n, others = (len(np.unique(unit[rows])) for rows in (positive, ~positive))
    if min(n, others) >= SMALL:
        return ""
    return f"{n} positive, {others} negative patients: too few to judge"
