"""The difference of two areas under the ROC curve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm
from scipy.stats import t as student

from sklearn_orn._readable import readable
from sklearn_orn._validation import check_binary_outcome, name_list
from sklearn_orn.metrics._clusters import check_confidence, n_patients, patient_codes
from sklearn_orn.metrics._delong import placement_variance, placements
from sklearn_orn.metrics._parameters import of_metrics


@readable
class AucComparison(NamedTuple):
    """Two AUCs and the test of their difference.

    Attributes
    ----------
    auc, other_auc : float
        The two.
    difference, lower, upper : float
        ``auc - other_auc`` with its confidence limits.
    statistic, df, p_value : float
        Of the test that they are equal: t; if paired and without a patient with
        several samples z (`df` infinite).
    """

    auc: float
    other_auc: float
    difference: float
    lower: float
    upper: float
    statistic: float
    df: float
    p_value: float


@of_metrics
def compare_auc(
    y_true: ArrayLike,
    y_score: ArrayLike,
    other_score: ArrayLike,
    *,
    y_other: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    other_groups: ArrayLike | None = None,
    confidence: float = 0.95,
    pos_label: object = None,
) -> AucComparison:
    r"""Compare two AUCs on the same samples, or on two sets of samples.

    Parameters
    ----------
    y_score : array-like of shape (n_samples,)
        Scores.
    other_score : array-like of shape (n_samples,) or (n_others,)
        Scores of another model on the same samples; with `y_other`, scores of other
        samples.
    y_other : array-like of shape (n_others,), default=None
        Outcome of the other samples: the unpaired comparison, such as training
        against validation.
    other_groups : array-like of shape (n_others,), default=None
        The patient of each other sample. A patient in both sets is refused.
    confidence : float, default=0.95
        Level of the interval of the difference.

    Returns
    -------
    AucComparison
        Named tuple ``auc, other_auc, difference, lower, upper, statistic, df,
        p_value``. Two scores that rank the samples alike have a difference and a
        statistic of 0 and a p value of 1.

    Notes
    -----
    Paired: DeLong's test [1]_, Obuchowski's with groups [2]_, on the differences of
    the placement values. Where patients have several samples it is held against
    Student's t with as many degrees of freedom as patients but one [4]_. Unpaired:
    :math:`t = (A_1-A_2)/\sqrt{v_1+v_2}` with
    :math:`(v_1+v_2)^2 / (v_1^2/(n_1-1) + v_2^2/(n_2-1))` degrees of freedom, as pROC
    [3]_; with groups n counts patients.

    References
    ----------
    .. [1] DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837-845.
    .. [2] Obuchowski, Biometrics 1997;53:567-578.
    .. [3] Robin et al., BMC Bioinformatics 2011;12:77.
    .. [4] Feng, Baumgartner, Svetnik, Stat Methods Med Res 2017;26:2603-2621.

    Examples
    --------
    >>> from sklearn_orn.metrics import compare_auc
    >>> y = [0, 0, 0, 1, 1, 1]
    >>> result = compare_auc(y, [1, 2, 4, 3, 5, 6], [2, 1, 6, 3, 4, 5])
    >>> print(f"{result.difference:.3f}, p = {result.p_value:.2f}")
    0.222, p = 0.37
    """
    check_confidence(confidence)
    positive, score = check_binary_outcome(y_true, y_score, pos_label=pos_label)
    unit = patient_codes(groups, len(score))
    first = placements(positive, score)
    auc = float(first[0].mean())
    if y_other is None:
        if other_groups is not None:
            raise ValueError("other_groups belong to y_other, which is not given.")
        _, other = check_binary_outcome(
            y_true, other_score, pos_label=pos_label, score_name="other_score"
        )
        second = placements(positive, other)
        other_auc = float(second[0].mean())
        gaps = (a - b for a, b in zip(first, second, strict=True))
        variance, df = placement_variance(positive, *gaps, unit=unit), np.inf
        n = n_patients(unit, len(score))
        if n < len(score):
            df = float(n - 1)
    else:
        positive_other, other = check_binary_outcome(
            y_other, other_score, pos_label=pos_label, score_name="other_score"
        )
        unit_other = patient_codes(other_groups, len(other))
        _refuse_shared(groups, other_groups)
        second = placements(positive_other, other)
        other_auc = float(second[0].mean())
        v1 = placement_variance(positive, *first, unit=unit)
        v2 = placement_variance(positive_other, *second, unit=unit_other)
        variance = v1 + v2
        n1, n2 = n_patients(unit, len(score)), n_patients(unit_other, len(other))
        spread = v1**2 / (n1 - 1) + v2**2 / (n2 - 1)
        df = variance**2 / spread if spread else np.inf
    return _comparison(auc, other_auc, variance, df, confidence)


def _refuse_shared(groups: ArrayLike | None, other_groups: ArrayLike | None) -> None:
    if (groups is None) != (other_groups is None):
        raise ValueError("Give groups and other_groups, or neither.")
    if groups is not None and other_groups is not None:
        shared = np.intersect1d(groups, other_groups)
        if shared.size:
            raise ValueError(
                f"{shared.size} patients are in both sets: {name_list(shared)}. An "
                "unpaired comparison needs different patients."
            )


def _comparison(
    auc: float, other_auc: float, variance: float, df: float, confidence: float
) -> AucComparison:
    difference, se = auc - other_auc, float(np.sqrt(variance))
    law = norm() if np.isinf(df) else student(df)
    half = float(law.ppf(0.5 + confidence / 2)) * se
    if se > 0 or np.isnan(se):
        statistic = difference / se
    else:
        # AUCs that are equal but for the rounding of their sums.
        statistic = 0.0 if abs(difference) < 1e-12 else np.copysign(np.inf, difference)
    p_value = float(2 * law.sf(abs(statistic)))
    return AucComparison(
        auc,
        other_auc,
        difference,
        difference - half,
        difference + half,
        float(statistic),
        float(df),
        p_value,
    )
