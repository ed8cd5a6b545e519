"""Folds, resamples and the tables of their values, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.model_selection import StratifiedKFold

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling._bootstrap import patient_resamples
from sklearn_orn.resampling._fold_auc import fold_auc
from sklearn_orn.resampling._folds import patient_folds
from sklearn_orn.resampling._optimism_tables import calibration_table, index_table

Y = np.array([0, 1, 0, 0, 1, 1])
PATIENT = np.array(["b", "a", "c", "b", "d", "a"])  # two of each class


# The AUC of folds -----------------------------------------------------------------


def folds_of(*auc, train=(80, 60, 50), test=(20, 20, 25)):
    n = len(auc)
    return pd.DataFrame({"n_train": train[:n], "n_test": test[:n], "auc": auc})


def test_the_mean_auc_of_folds_by_hand():
    found = fold_auc(folds_of(0.7, 0.8, 0.9))
    ratio = (1 / 4 + 1 / 3 + 1 / 2) / 3
    se = np.sqrt(1 / 3 + ratio) * 0.1
    width = 4.30265273 * se / (0.8 * 0.2)  # Student's t of two degrees of freedom
    limits = [1 / (1 + np.exp(-(np.log(4) + side * width))) for side in (-1, 1)]
    assert found == pytest.approx((0.8, *limits, se))


def test_two_folds_have_limits_and_one_has_none():
    found = fold_auc(folds_of(0.7, 0.8, np.nan))
    se = np.sqrt(1 / 2 + (1 / 4 + 1 / 3) / 2) * 0.1 / np.sqrt(2)
    width = 12.7062047 * se / (0.75 * 0.25)
    assert found.se == pytest.approx(se)
    assert found.lower == pytest.approx(expit(np.log(3) - width))
    alone = fold_auc(folds_of(0.7, np.nan, np.nan))
    assert alone.auc == 0.7 and np.isnan(alone[1:]).all()
    assert np.isnan(fold_auc(folds_of(np.nan, np.nan))).all()


@pytest.mark.parametrize("auc", [0.0, 1.0])
def test_folds_that_are_all_perfect_have_no_width(auc):
    assert fold_auc(folds_of(auc, auc)) == (auc, auc, auc, 0)


# Folds ----------------------------------------------------------------------------


def pairs(splits):
    return [(train.tolist(), test.tolist()) for train, test in splits]


@pytest.mark.parametrize("cv", [3, np.int64(3)])
def test_folds_without_patients_are_those_of_scikit_learn(cv):
    own = StratifiedKFold(3, shuffle=True, random_state=5).split(Y, Y)
    assert pairs(patient_folds(cv, Y, None, 5)) == pairs(own)


def test_folds_of_patients_are_as_many_as_patients_of_a_class():
    found = patient_folds(2, Y, PATIENT, 0)
    for train, test in found:
        assert not set(PATIENT[train]) & set(PATIENT[test])
        assert set(Y[test]) == {0, 1}
    with pytest.raises(NotEstimable, match="at least 3 patients of each .* has 2"):
        patient_folds(3, Y, PATIENT, 0)
    assert len(patient_folds(3, Y, None, 0)) == 3
    with pytest.raises(NotEstimable, match="at least 4 samples of each .* has 3"):
        patient_folds(4, Y, None, 0)


def test_the_class_with_fewer_patients_limits_the_folds():
    y = np.array([0, 0, 0, 0, 1, 1])
    for label in (0, 1):
        with pytest.raises(NotEstimable, match="the smaller one has 2"):
            patient_folds(3, np.where(y == label, 1, 0), None, 0)


def test_one_fold_is_none():
    with pytest.raises(ValueError, match="At least 2 folds are needed, got 1"):
        patient_folds(1, Y, None, 0)


class Halves:
    """A splitter that notes what it was given."""

    def split(self, X, y=None, groups=None):
        self.given = X, y, groups
        yield [0, 2, 3], [1, 4, 5]

    def get_n_splits(self, X=None, y=None, groups=None):
        return 1


def test_a_splitter_sees_table_outcome_and_patients():
    table = pd.DataFrame({"date": range(6)})
    for X, patient in ((table, PATIENT), (None, None)):
        halves = Halves()
        found = patient_folds(halves, Y, patient, 0, X)
        assert pairs(found) == [([0, 2, 3], [1, 4, 5])]
        assert halves.given[1] is Y and halves.given[2] is patient
        assert len(halves.given[0]) == 6
        assert X is None or halves.given[0] is X


def test_folds_of_ones_own_part_patients():
    own = [([0, 2, 3], [1, 4, 5]), ([1, 4, 5], [0, 2, 3])]
    assert pairs(patient_folds(own, Y, PATIENT, 0)) == own
    mixed = [own[0], ([0, 1, 2], [3, 4, 5])]
    with pytest.raises(ValueError, match="2 patients stand on both sides"):
        patient_folds(mixed, Y, PATIENT, 0)
    assert pairs(patient_folds(mixed, Y, None, 0)) == mixed


# Resamples ------------------------------------------------------------------------


def test_a_patient_is_drawn_with_all_lesions():
    drawn = patient_resamples(Y, PATIENT, 30, 3)
    assert len(drawn) == 30
    for rows in drawn:
        counts = np.bincount(rows, minlength=6)
        assert counts[0] == counts[3] and counts[1] == counts[5]
        assert counts[[0, 1, 2, 4]].sum() == 4
        assert set(Y[rows]) == {0, 1}
    again = patient_resamples(Y, PATIENT, 30, 3)
    assert all((a == b).all() for a, b in zip(drawn, again, strict=True))
    assert any((a[:4] != b[:4]).any() for a, b in zip(drawn[1:], drawn, strict=False))


def test_samples_are_drawn_one_by_one_without_patients():
    drawn = patient_resamples(Y, None, 30, 3)
    assert {len(rows) for rows in drawn} == {6}
    counts = np.array([np.bincount(rows, minlength=6) for rows in drawn])
    assert (counts[:, 0] != counts[:, 3]).any()


def test_one_resample_can_be_asked_for_and_none_cannot():
    assert len(patient_resamples(Y, None, 1)) == 1
    with pytest.raises(ValueError, match="n_resamples must be at least 1"):
        patient_resamples(Y, None, 0)
    with pytest.raises(NotEstimable, match="one class only"):
        patient_resamples(np.zeros(4), None, 1)
    assert len(patient_resamples(Y[:2], None, 2)) == 2


@pytest.mark.parametrize("kind", [np.int64, np.uint8])
def test_rows_of_ones_own_are_resamples(kind):
    rows = np.array([[0, 5, 5], [1, 2, 3]], dtype=kind)
    found = patient_resamples(Y, PATIENT, rows)
    assert [list(drawn) for drawn in found] == rows.tolist()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, 1, 2], "integer rows of shape"),
        ([[0.0, 1.0]], "integer rows of shape"),
        ([[[0, 1]]], "integer rows of shape"),
        ([[0, -1]], "between 0 and 5, found -1 to 0"),
        ([[0, 6]], "between 0 and 5, found 0 to 6"),
    ],
)
def test_rows_that_are_none_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        patient_resamples(Y, PATIENT, rows)


# Tables ---------------------------------------------------------------------------


def judged(**values):
    return [
        (dict(zip(values, row, strict=True)), [])
        for row in zip(*values.values(), strict=True)
    ]


APPARENT = {"auc": 0.9, "intercept": 0.0, "slope": 1.0}
TRAINING = judged(auc=[0.95, 0.85, np.nan], intercept=[0, 0, 0], slope=[1, 1, 1])
TEST = judged(auc=[0.75, 0.85, 0.1], intercept=[0.2, 0.4, 0.6], slope=[0.6, 0.8, 1.0])


def furthest(intercept, slope):
    p = np.linspace(0.0005, 0.9995, 1999)
    return np.abs(expit(intercept + slope * logit(p)) - p).max()


def test_optimism_of_the_resamples_that_have_both_values():
    rest, plus = {"auc": 0.7}, {"auc": 0.75, "intercept": 0.5, "slope": 0.5}
    table = index_table(APPARENT, TRAINING, TEST, rest, plus)
    columns = ["apparent", "training", "test", "optimism", "corrected"]
    assert list(table) == [*columns, "out_of_bag", "plus_632", "n"]
    expected = [
        [0.9, 0.9, 0.8, 0.1, 0.8],
        [0, 0, 0.4, -0.4, 0.4],
        [1, 1, 0.8, 0.2, 0.8],
        [0, np.nan, np.nan, -furthest(0.4, 0.8), furthest(0.4, 0.8)],
    ]
    np.testing.assert_allclose(table[columns], expected, atol=1e-12)
    assert table["n"].tolist() == [2, 3, 3, 3] and table["n"].dtype.kind == "i"
    nan = [np.nan] * 3
    np.testing.assert_array_equal(table["out_of_bag"], [0.7, *nan])
    np.testing.assert_allclose(table["plus_632"], [0.75, 0.5, 0.5, furthest(0.5, 0.5)])


def test_an_index_without_any_value_is_missing():
    none = judged(auc=[np.nan, 1.0], intercept=[0, 0], slope=[1, 1])
    other = judged(auc=[1.0, np.nan], intercept=[0, 0], slope=[1, 1])
    table = index_table(APPARENT, none, other, {}, {})
    assert table.loc["auc", "n"] == 0
    assert table.loc["auc", ["training", "test", "corrected"]].isna().all()


def test_an_emax_that_was_measured_stays():
    names = [*APPARENT, "emax"]
    row = (dict.fromkeys(names, 0.25), [])
    table = index_table(dict.fromkeys(names, 0.5), [row], [row], {}, {})
    assert table.loc["emax", ["apparent", "corrected", "n"]].tolist() == [0.5, 0.5, 1]


def test_a_curve_is_corrected_by_the_mean_gap():
    grid, apparent = np.array([0.2, 0.8]), np.array([0.3, 0.7])
    nan = np.nan
    training = [({}, [np.array([0.4, 0.8]), 1]), ({}, [np.array([0.3, nan]), 1])]
    test = [({}, [np.array([0.2, 0.9]), 2]), ({}, [np.array([0.2, 0.5]), 2])]
    table = calibration_table(grid, apparent, training, test)
    assert list(table) == ["predicted", "apparent", "corrected"]
    assert table["predicted"].tolist() == [0.2, 0.8]
    assert table["apparent"].tolist() == [0.3, 0.7]
    np.testing.assert_allclose(table["corrected"], [0.3 - 0.15, 0.7 + 0.1])
