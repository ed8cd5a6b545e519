"""Area under the ROC curve with its confidence interval."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._readable import readable
from sklearn_orn._types import Seed
from sklearn_orn._validation import check_at_least, check_binary_outcome
from sklearn_orn.metrics._auc_limits import normal_limits, student_limits
from sklearn_orn.metrics._clusters import (
    check_confidence,
    check_weight,
    check_weighted_classes,
    draw_patients,
    patient_codes,
    percentiles,
    without_weightless,
)
from sklearn_orn.metrics._delong import placement_spread, placements, weighted_auc
from sklearn_orn.metrics._hanley_mcneil import hanley_mcneil_se
from sklearn_orn.metrics._parameters import of_metrics

Method: TypeAlias = Literal["logit-t", "delong", "hanley-mcneil", "bootstrap"]
METHODS = get_args(Method)


@readable
class RocAuc(NamedTuple):
    """Area under the ROC curve.

    Attributes
    ----------
    auc : float
        The area.
    lower, upper : float
        Its confidence limits.
    se : float
        Its standard error.
    """

    auc: float
    lower: float
    upper: float
    se: float


@of_metrics
def roc_auc_ci(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    method: Method = "logit-t",
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
    logit: bool = False,
    n_resamples: int = 2000,
    random_state: Seed = None,
    pos_label: object = None,
) -> RocAuc:
    r"""Area under the ROC curve with its confidence interval.

    Parameters
    ----------
    y_score : array-like of shape (n_samples,)
        Scores or probabilities; higher means more likely positive.
    method : {"logit-t", "delong", "hanley-mcneil", "bootstrap"}, default="logit-t"
        - ``"logit-t"``: the variance of ``"delong"`` on the logit scale with Student's
          t, for few patients and AUCs near 1; see Notes.
        - ``"delong"``: normal limits, as pROC; with `groups` the variance is
          Obuchowski's, for patients with several samples.
        - ``"hanley-mcneil"``: from the AUC and the numbers alone, for comparison with
          published studies; it knows neither groups nor weights.
        - ``"bootstrap"``: percentiles over resamples of patients.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample. None takes each sample for a patient of its own:
        the interval is too narrow if it is not.
    confidence : float, default=0.95
        Level of the interval, between 0 and 1.
    logit : bool, default=False
        Whether the normal limits of ``"delong"`` and ``"hanley-mcneil"`` are taken on
        the logit scale, which keeps them inside (0, 1) and covers better near 1. Those
        of ``"logit-t"`` always are, those of the bootstrap never.
    n_resamples : int, default=2000
        Number of resamples of the bootstrap.

    Returns
    -------
    RocAuc
        Named tuple ``auc, lower, upper, se``. With a single positive or negative
        sample (or patient with one) the standard error and the limits are NaN. An AUC
        of exactly 1 has an upper limit of 1; its lower one comes from the number of
        patients, and is 1 with ``"delong"``, whose variance is 0.

    Raises
    ------
    ValueError
        If there is one class only, a missing score, or unequal lengths.

    See Also
    --------
    compare_auc : The difference of two AUCs.

    Notes
    -----
    The variance is :math:`S_{10}/m + S_{01}/n`, the sample variances of the
    placement values of the m positives and n negatives [1]_, computed from ranks in
    :math:`O(N \log N)` [2]_. With groups the placements are summed within each
    patient, and patients with both classes add a covariance [3]_:
    :math:`\frac{I_{10}}{(I_{10}-1)m^2}\sum_i r_i^2 + \frac{I_{01}}{(I_{01}-1)n^2}
    \sum_i s_i^2 + \frac{2I}{(I-1)mn}\sum_i r_i s_i` with the patient's sums
    :math:`r_i, s_i` of placement - AUC over its positives and negatives. With one
    sample per patient that is DeLong's. Its normal limits are cut at 0 and 1, as pROC
    does. They are too narrow with few patients, and nearly always on the high side:
    where the AUC comes out too high, its variance comes out too low.

    The default takes them on the logit scale, where they cover better [4]_, counts
    the AUC A as a share of :math:`N = A(1-A)/v` pairs to which half a pair of either
    order is added [5]_, and draws its limits by Student's t with Satterthwaite's
    degrees of freedom by patients, below their number [6]_, and with fewer where few
    patients make most of the variance: :math:`2 (\sum_i u_i^2)^2 / (\sum_i u_i^4 -
    (\sum_i u_i^2)^2 / I)` for :math:`u_i = r_i/m + s_i/n`, 2 at least. N is no less
    than the patients of the smaller class, which the variance of an AUC implies.
    ``docs/operating-characteristics.md`` says how often it holds the truth.

    References
    ----------
    .. [1] DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837-845.
    .. [2] Sun, Xu, IEEE Signal Process Lett 2014;21:1389-1393.
    .. [3] Obuchowski, Biometrics 1997;53:567-578.
    .. [4] Pohar Perme, Manevski, Stat Methods Med Res 2019;28:3755-3768.
    .. [5] Gart, Zweifel, Biometrika 1967;54:181-187; effective numbers: Korn, Graubard,
       Surv Methodol 1998;24:193-201; their least: Birnbaum, Klose, Ann Math Stat
       1957;28:933-945.
    .. [6] Brunner, Munzel, Biom J 2000;42:17-25; Feng, Baumgartner, Svetnik, Stat
       Methods Med Res 2017;26:2603-2621.

    Examples
    --------
    >>> from sklearn_orn.metrics import roc_auc_ci
    >>> y, score = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
    >>> auc, lower, upper, se = roc_auc_ci(y, score)
    >>> print(f"{auc:.3f} ({lower:.3f} to {upper:.3f})")
    0.833 (0.042 to 0.994)

    Three patients, two of them with two lesions; one has both outcomes:

    >>> auc, lower, upper, se = roc_auc_ci(y, score, groups=["a", "b", "b", "c", "c"])
    >>> print(f"{auc:.3f} ({lower:.3f} to {upper:.3f})")
    0.833 (0.007 to 0.999)
    """
    check_confidence(confidence)
    positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
    unit = patient_codes(groups, len(score))
    weight = check_weight(sample_weight, len(score))
    if method == "bootstrap":
        check_at_least(n_resamples, 2, "n_resamples")
        check_weighted_classes(positive, weight)
        values = [
            weighted_auc(
                positive[rows], score[rows], None if weight is None else weight[rows]
            )
            for rows in draw_patients(positive, unit, n_resamples, random_state, weight)
        ]
        auc = weighted_auc(positive, score, weight)
        lower, upper = map(float, percentiles(values, confidence))
        return RocAuc(auc, lower, upper, float(np.std(values, ddof=1)))
    if method == "hanley-mcneil":
        if unit is not None or weight is not None:
            raise ValueError(
                'method="hanley-mcneil" counts samples and knows neither groups nor '
                'sample_weight: take "delong" or "bootstrap".'
            )
        auc = weighted_auc(positive, score)
        n_positive = int(positive.sum())
        se = hanley_mcneil_se(auc, n_positive, len(positive) - n_positive)
        return RocAuc(auc, *normal_limits(auc, se, confidence, on_logit=logit), se)
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}.")
    check_weighted_classes(positive, weight)
    weight, unit, positive, score = without_weightless(weight, unit, positive, score)
    placed = placements(positive, score, weight)
    own = None if weight is None else weight[positive]
    auc = float(np.average(placed[0], weights=own))
    spread = placement_spread(positive, *placed, unit=unit, weight=weight)
    se = float(np.sqrt(spread.variance))
    if method == "delong":
        return RocAuc(auc, *normal_limits(auc, se, confidence, on_logit=logit), se)
    return RocAuc(auc, *student_limits(auc, spread, confidence), se)
