"""Folds that are small or that no sample counts in, factors, and log-probabilities."""

import numpy as np
import pytest

from sklearn_orn import NomogramClassifier
from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.model._fit_input import weighted_deviation
from sklearn_orn.model._lambda_choice import (
    SCORINGS,
    cross_validate_path,
    interpolate_path,
)
from sklearn_orn.model._lasso import _repeats_merged, check_factors

LAMBDAS = np.array([0.1, 0.05])


def table(n=20):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 2))
    y = (X[:, 0] + rng.normal(size=n) > 0).astype(float)
    return X, y, np.linspace(0.5, 2, n)


def test_a_fold_of_two_samples_is_their_weighted_mean():
    X, y, weight = table()
    rows = np.arange(20)
    tests = [rows[:2], rows[2:9], rows[9:]]
    splits = [(np.delete(rows, test), test) for test in tests]
    found = cross_validate_path(X, y, splits, LAMBDAS, sample_weight=weight)
    values, sizes = [], []
    for train, test in splits:
        path = logistic_lasso_path(X[train], y[train], sample_weight=weight[train])
        intercepts, coefs = interpolate_path(path, LAMBDAS)
        score = X[test] @ coefs.T + intercepts
        each = SCORINGS["deviance"].of_samples(y[test], score)
        values.append(np.average(each, axis=0, weights=weight[test]))
        sizes.append(weight[test].sum())
    mean = np.average(values, axis=0, weights=sizes)
    np.testing.assert_allclose(found.mean, mean)
    spread = np.average((np.array(values) - mean) ** 2, axis=0, weights=sizes)
    np.testing.assert_allclose(found.se, np.sqrt(spread / 2))


@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
def test_a_fold_of_samples_without_weight_is_none():
    X, y, weight = table()
    weight[4:8] = 0
    rows = np.arange(20)
    tests = [rows[:4], rows[4:8], rows[8:]]
    splits = [(np.delete(rows, test), test) for test in tests]
    for scoring in ("deviance", "auc"):
        given = {"scoring": scoring, "sample_weight": weight}
        found = cross_validate_path(X, y, splits, LAMBDAS, **given)
        alone = cross_validate_path(X, y, splits[::2], LAMBDAS, **given)
        np.testing.assert_array_equal(found.mean, alone.mean)
        np.testing.assert_array_equal(found.se, alone.se)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_factors_have_no_unit(unit):
    found = check_factors(unit * np.array([2.0, 4, 0]), 3)
    np.testing.assert_allclose(found, [1, 2, 0])


@pytest.mark.parametrize("penalty", ["none", "firth"])
def test_a_fit_without_the_lasso_has_a_lambda_of_zero(penalty):
    X, y, _ = table(40)
    assert NomogramClassifier(penalty=penalty).fit(X, y).lambda_ == 0


def test_log_probabilities_are_of_the_classes_in_their_order():
    X, y, _ = table(40)
    model = NomogramClassifier(lambda_rule=0.05).fit(X, y)
    found = model.predict_log_proba(X)
    np.testing.assert_allclose(np.exp(found), model.predict_proba(X), rtol=1e-12)
    # Exact where a probability is 0 to all digits.
    far = model.predict_log_proba([[1e4, 0]])[0]
    assert far[0] == pytest.approx(-model.decision_function([[1e4, 0]])[0])
    assert far[0] < -800 and far[1] == 0


def test_deviations_of_constants_are_zero_whatever_rounding_says():
    values = np.array([0.1, 0.3, 1 / 3, 0.7, 1e5 / 3])
    weight = np.array([1.0, 2, 1, 3, 1, 0.7, 0])
    X = np.tile(values, (7, 1))
    X[6] = 9  # without weight
    share = weight / weight.sum()
    assert np.any(share @ (X - share @ X) ** 2 > 0)
    assert weighted_deviation(X, weight).tolist() == [0] * 5
    # One is a range, and no constant.
    y = np.arange(7)[:, None] % 2
    mean = np.average(y[:, 0], weights=weight)
    found = weighted_deviation(y, weight)
    assert found == pytest.approx([np.sqrt(mean * (1 - mean))])


def test_rows_that_are_there_again_are_one_row_with_the_weight_of_all():
    # The last two rows have one sum of x0 + cos(1) x1, and are no repeats.
    one = np.cos(1.0)
    rows = [[3.0, 1], [2, 5], [3, 1], [3, 1], [2, 5], [one, 0], [0, 1]]
    y, weight = np.array([1.0, 0, 0, 1, 0, 1, 1]), 2.0 ** np.arange(7)
    X, outcome, total = _repeats_merged(np.array(rows), y, weight)
    found = sorted(zip(X.tolist(), outcome.tolist(), total.tolist(), strict=True))
    assert found == [
        ([0, 1], 1, 64),
        ([one, 0], 1, 32),
        ([2, 5], 0, 2 + 16),
        ([3, 1], 0, 4),
        ([3, 1], 1, 1 + 8),
    ]
    # Where none is there again they stay as they are, in their order.
    first = [2, 1, 6]
    alone = _repeats_merged(np.array(rows)[first], y[first], weight[first])
    assert alone[0].tolist() == [rows[i] for i in first]
    assert (alone[1].tolist(), alone[2].tolist()) == ([0, 0, 1], [4, 2, 64])
