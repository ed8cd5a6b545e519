"""At the border exactly, and numbers worked out by hand."""

from fractions import Fraction

import numpy as np
import pytest

from sklearn_orn.metrics import compare_auc, roc_auc_ci

# Patient b has both outcomes.
Y, SCORE = [0, 0, 1, 1, 1], [0.1, 0.4, 0.3, 0.7, 0.9]
GROUPS = ["a", "b", "b", "c", "c"]


# AUC ------------------------------------------------------------------------------


def test_obuchowskis_variance_of_a_patient_with_both_classes_by_hand():
    # Placements: positives 1/2, 1, 1; negatives 1, 2/3; both have a mean of 5/6.
    r_b, r_c = Fraction(1, 2) - Fraction(5, 6), 2 * (1 - Fraction(5, 6))
    s_a, s_b = 1 - Fraction(5, 6), Fraction(2, 3) - Fraction(5, 6)
    m, n, with_positive, with_negative, patients = 3, 2, 2, 2, 3
    variance = (
        Fraction(with_positive, (with_positive - 1) * m**2) * (r_b**2 + r_c**2)
        + Fraction(with_negative, (with_negative - 1) * n**2) * (s_a**2 + s_b**2)
        + Fraction(2 * patients, (patients - 1) * m * n) * r_b * s_b
    )
    result = roc_auc_ci(Y, SCORE, groups=GROUPS, method="delong")
    assert result.auc == pytest.approx(5 / 6)
    assert result.se == pytest.approx(float(variance) ** 0.5, rel=1e-12)
    # Turned round it is 1/6, with the same error.
    turned = roc_auc_ci(Y, -np.array(SCORE), groups=GROUPS, method="delong")
    assert turned.se == pytest.approx(result.se, rel=1e-12)


def test_obuchowskis_test_of_two_scores_with_mixed_patients_by_hand():
    other = [0.2, 0.1, 0.3, 0.15, 0.9]
    # Placements of the other: positives 1, 1/2, 1; negatives 2/3, 1. The differences
    # less their means, by patient: positives b -1/2, c 1/2; negatives a 1/3, b -1/3.
    result = compare_auc(Y, SCORE, other, groups=GROUPS)
    variance = (
        Fraction(2, 9) * 2 * Fraction(1, 4)
        + Fraction(2, 4) * 2 * Fraction(1, 9)
        + Fraction(6, 12) * Fraction(1, 6)
    )
    assert result.difference == pytest.approx(0)
    assert result.df == 2 and result.p_value == 1
    half = 4.302652729911275 * float(variance) ** 0.5  # t with 2 df
    assert (result.lower, result.upper) == pytest.approx((-half, half), rel=1e-9)
