"""Likelihoods, their limits and what separates classes, from counts by hand."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, brentq, minimize
from scipy.special import expit, logit, xlogy
from scipy.stats import chi2, t

from sklearn_orn.model._likelihood import (
    PenalisedLikelihood,
    chi_squared_p,
    patient_sums,
)
from sklearn_orn.model._predictor_test import predictor_p
from sklearn_orn.model._separation import (
    find_separation,
    independent_columns,
    separation_text,
)

Z = 1.96


def coin(n, k, firth=False):
    """The likelihood of an intercept alone: k of n are positive."""
    y = (np.arange(n) < k).astype(float)
    return PenalisedLikelihood(np.ones((n, 1)), y, np.ones(n), firth)


def of_share(n, k, share):
    return xlogy(k, share) + xlogy(n - k, 1 - share)


def problem(firth):
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(20), rng.normal(size=(20, 2))])
    y, weight = (rng.random(20) < 0.5).astype(float), rng.integers(1, 4, 20) * 1.0
    return PenalisedLikelihood(design, y, weight, firth)


def test_the_rows_of_a_patient_are_added():
    scores = np.array([[1.0, 2], [10, 20], [100, 200], [1000, 2000]])
    found = patient_sums(scores, np.array([0, 2, 0, 1]))
    assert found.tolist() == [[101, 202], [1000, 2000], [10, 20]]


@pytest.mark.parametrize(
    ("statistic", "df", "p"),
    [(3.841458821, 1, 0.05), (5.991464547, 2, 0.05), (-1e-9, 1, 1), (0.5, 1, 0.4795)],
)
def test_a_p_value_of_chi_squared(statistic, df, p):
    assert chi_squared_p(statistic, df) == pytest.approx(p, abs=1e-5)


def test_nothing_has_no_p_value():
    assert np.isnan(chi_squared_p(1.0, 0))


@pytest.mark.parametrize("firth", [False, True])
def test_a_likelihood_with_its_derivatives(firth):
    likelihood, theta = problem(firth), np.array([0.3, -0.5, 0.8])
    X, y, weight = likelihood.design, likelihood.y, likelihood.weight
    p = expit(X @ theta)
    information = X.T @ np.diag(weight * p * (1 - p)) @ X
    value, score, curvature = likelihood.at(theta)
    expected = weight @ (y * np.log(p) + (1 - y) * np.log(1 - p))
    if firth:
        expected += np.log(np.linalg.det(information)) / 2
    assert value == pytest.approx(expected)
    slope = approx_fprime(theta, lambda t: likelihood.at(t)[0], 1e-7)
    np.testing.assert_allclose(score, slope, atol=1e-4)
    np.testing.assert_allclose(likelihood.information(theta), information)
    np.testing.assert_allclose(likelihood.scores(theta).sum(axis=0), score)
    if not firth:
        np.testing.assert_allclose(curvature, information)
        each = (weight * (y - p))[:, None] * X
        np.testing.assert_allclose(likelihood.scores(theta), each)


@pytest.mark.parametrize("firth", [False, True])
def test_the_top_of_a_coin_is_its_share(firth):
    likelihood = coin(10, 3, firth)
    share = (3 + firth / 2) / (10 + firth)  # half a sample more on each side
    for start in (0.0, 8.0, -30.0):
        top, height = likelihood.climb(np.array([start]))
        assert top == pytest.approx([logit(share)])
        log_det = np.log(10 * share * (1 - share)) / 2
        assert height == pytest.approx(of_share(10, 3, share) + firth * log_det)


@pytest.mark.parametrize("start", [2.4, -2.4])
def test_a_step_beyond_the_top_is_halved(start):
    top, height = coin(10, 5).climb(np.array([start]))  # Newton's would swing for ever
    assert top == pytest.approx([0], abs=1e-6)
    assert height == pytest.approx(10 * np.log(0.5))


def test_what_is_not_free_stays_where_it_is():
    likelihood = problem(False)
    start = np.array([0.0, 0.7, 0.0])
    top, height = likelihood.climb(start, np.array([True, False, True]))
    assert top[1] == 0.7 and start.tolist() == [0, 0.7, 0]
    score = likelihood.at(top)[1]
    assert score[[0, 2]] == pytest.approx([0, 0], abs=1e-5) and abs(score[1]) > 0.1
    assert height == likelihood.at(top)[0]
    whole = likelihood.climb(start)[0]
    assert likelihood.at(whole)[1] == pytest.approx([0, 0, 0], abs=1e-5)


def test_a_climb_without_a_top_ends():
    top, height = coin(10, 10).climb(np.zeros(1))
    assert top[0] > 10 and height == pytest.approx(0, abs=1e-8)


def profile(n, k, firth=False, error=0.7, z=Z):
    likelihood = coin(n, k, firth)
    start = likelihood.climb(np.zeros(1))[0]
    return likelihood.limits(start, 0, z, error)


@pytest.mark.parametrize("z", [0.25, 1.0, Z])
def test_limits_of_a_coin_are_where_its_likelihood_has_dropped(z):
    def beyond(score):
        return of_share(40, 12, 0.3) - of_share(40, 12, expit(score)) - z**2 / 2

    top = logit(0.3)
    expected = brentq(beyond, top - 5, top), brentq(beyond, top, top + 5)
    assert profile(40, 12, z=z) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("n", [1, 2, 10, 1000])
@pytest.mark.parametrize("error", [0.1, 0.7, 1e9])
def test_a_coin_that_never_falls_has_one_limit(n, error):
    edge = logit(np.exp(-(Z**2) / 2 / n))  # n times the log of the share has dropped
    assert profile(n, n, error=error) == pytest.approx((edge, np.inf))
    assert profile(n, 0, error=error) == pytest.approx((-np.inf, -edge))
    low, high = profile(n, n, firth=True, error=error)
    assert low < logit((n + 0.5) / (n + 1)) < high < np.inf


@pytest.mark.parametrize(("k", "sign"), [(12, -1), (28, 1), (20, 0)])
def test_the_root_of_a_likelihood_ratio_has_the_sign_of_its_coefficient(k, sign):
    likelihood = coin(40, k)
    expected = np.sqrt(2 * (of_share(40, k, k / 40) - of_share(40, k, 0.5)))
    found = likelihood.signed_root(np.zeros(1), 0)
    assert found == pytest.approx(sign * expected, abs=1e-6)


# The test of a predictor ----------------------------------------------------------

# Of ten without it two are positive, of ten with it seven.
LEVEL = np.repeat([0.0, 1.0], 10)[:, None]
OUTCOME = np.r_[np.ones(2), np.zeros(8), np.ones(7), np.zeros(3)]
DROP = of_share(10, 2, 0.2) + of_share(10, 7, 0.7) - of_share(20, 9, 0.45)


def test_a_predictor_has_the_p_of_its_likelihood_ratio():
    assert predictor_p(LEVEL, OUTCOME, None) == pytest.approx(chi2.sf(2 * DROP, 1))
    twins = np.column_stack([LEVEL, 3 * LEVEL - 1, np.ones(20)])
    assert predictor_p(twins, OUTCOME, None) == pytest.approx(chi2.sf(2 * DROP, 1))
    assert np.isnan(predictor_p(np.ones((20, 2)), OUTCOME, None))
    firth = predictor_p(LEVEL, OUTCOME, None, firth=True)
    assert firth > 1.1 * chi2.sf(2 * DROP, 1)


def test_by_patient_a_predictor_has_the_p_of_walds_test():
    odds = np.log(7 / 3 * 8 / 2)
    alone = predictor_p(LEVEL, OUTCOME, np.arange(20))
    assert alone == predictor_p(LEVEL, OUTCOME, None)
    variance = 1 / 2 + 1 / 8 + 1 / 7 + 1 / 3  # the sandwich of a table of four cells
    p = 2 * t.sf(odds / np.sqrt(variance), 20 - 2)
    twice = predictor_p(
        np.r_[LEVEL, LEVEL], np.r_[OUTCOME, OUTCOME], np.tile(np.arange(20), 2)
    )
    assert twice == pytest.approx(p, rel=1e-5)


def test_by_patient_what_separates_the_classes_has_a_score_test():
    y = np.r_[np.zeros(10), np.ones(7), np.zeros(3)]
    patient = np.r_[np.arange(10), np.arange(10) // 2 + 10]
    half = LEVEL[:, 0] - 0.5
    parts = np.bincount(patient, 2 * half * (y - y.mean()))
    expected = chi2.sf(parts.sum() ** 2 / (parts @ parts), 1)
    assert predictor_p(LEVEL, y, patient) == pytest.approx(expected)
    assert predictor_p(LEVEL, y, patient, firth=True) != pytest.approx(expected)


# Separation -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "direction", "complete"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], 1, True),
        ([1, 2, 3, 4], [1, 1, 0, 0], -1, True),
        ([1, 2, 2, 3], [0, 0, 1, 1], 1, False),
        ([0, 1, 1 + 1e-5, 2], [0, 0, 1, 1], 1, True),
        ([0, 0, 0, 1], [0, 1, 0, 1], 1, False),
        ([0, 0, 0, 1], [0, 1, 0, 0], -1, False),
    ],
)
def test_one_column_may_separate(x, y, direction, complete):
    found = find_separation(np.array(x, float)[:, None], np.array(y))
    assert (found.direction.tolist(), found.complete) == ([direction], complete)


def test_classes_that_overlap_are_not_separated():
    x = np.array([[1.0], [3], [2], [4]])
    assert find_separation(x, np.array([0, 0, 1, 1])) is None


def test_each_column_has_its_own_direction():
    # The first separates what the second leaves, the third is a copy, and constant.
    first = np.array([0, 0, 0, 0, 0, 1, 1.0])
    second = np.array([0, 1, 2, 3, 1, 0, 3.0])
    y = np.array([0, 1, 0, 1, 0, 1, 1])
    X = np.column_stack([second, first, 2 * first, np.ones(7)])
    found = find_separation(X, y)
    assert found.direction.tolist() == [0, 1, 0, 0] and not found.complete


def test_what_a_plane_leaves_may_be_separated_in_turn():
    a = np.array([0, 0, 0, 0, 1, 1.0])
    b = np.array([1, 2, 3, 4, 2.5, 2.5])
    y = np.array([0, 0, 1, 1, 1, 1])
    assert find_separation(np.column_stack([a, b]), y).direction.tolist() == [1, 1]


def told(X, y, coef, names=("site", "age")):
    X = np.array(X, float)
    classes = np.array(["A", "B"])
    return separation_text(X, np.array(y), np.array(names), np.array(coef), classes)


def test_what_separates_is_told_with_its_level():
    X = [[0, 1], [0, 3], [0, 2], [0, 4], [1, 2]]
    text = told(X, [0, 0, 1, 1, 1], [12.34, 0.5])
    assert text.startswith(
        "The classes are separated by 'site' (1 sample with 1, all of class 'B'): "
        "without a penalty its coefficient has no finite value, the one given (12.3) is"
    )
    assert text.endswith("leave the column out.")
    more = told([*X, [1, 3]], [0, 0, 1, 1, 1, 1], [-12.34, 0.5])
    assert "'site' (2 samples with 1, all of class 'B')" in more and "(-12.3)" in more
    other = told([[1 - a, b] for a, b in X], [0, 0, 1, 1, 1], [-12.34, 0.5])
    assert "'site' (1 sample with 0, all of class 'B')" in other


def test_a_column_of_three_values_has_no_level_of_its_own():
    text = told([[0, 1], [1, 1], [2, 1]], [0, 0, 1], [9.0, 0.0])
    assert "separated by 'site': without a penalty" in text


def test_columns_that_separate_together_are_told_together():
    X = [[1, 1], [2, 3], [3, 3.5], [4, 4], [5, 6]]
    text = told(X, [0, 0, 1, 1, 1], [-20.0, 60.0])
    assert "separated by 'site', 'age': without a penalty their coefficients" in text
    assert "the largest given (60.0)" in text
    assert text.endswith("merge levels or leave columns out.")


def test_columns_that_are_not_in_the_model_are_not_told():
    X = [[0, 1], [0, 3], [0, 2], [0, 4], [1, 2]]
    assert told(X, [0, 0, 1, 1, 1], [0.0, 0.5]) is None


def test_columns_that_depend_on_those_before_are_left_out():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 12))
    X = np.column_stack([np.full(12, 0.1), a, 2 * a + 1, b, a - b, np.exp(b)])
    kept, design = independent_columns(X)
    assert kept.tolist() == [1, 3, 5]
    assert design.shape == (12, 4) and (design[:, 0] == 1).all()
    np.testing.assert_allclose(design[:, 1:].mean(axis=0), 0, atol=1e-12)
    assert np.abs(design[:, 1:]).max(axis=0) == pytest.approx([1, 1, 1])


def test_a_column_far_from_0_varies():
    dates = 1e10 + np.array([0.0, 1, 1, 0])
    assert independent_columns(np.column_stack([dates, dates]))[0].tolist() == [0]


@pytest.mark.parametrize("unit", [1e-14, 1.0, 1e14])
def test_a_small_direction_counts_and_rounding_does_not(unit):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 30)) * unit
    assert independent_columns(np.column_stack([a, a + 1e-7 * b]))[0].tolist() == [0, 1]
    assert independent_columns(np.column_stack([a, a / 3 * 3]))[0].tolist() == [0]
    far = 1e5 * unit + a
    assert independent_columns(np.column_stack([far, far / 3]))[0].tolist() == [0]


def test_of_few_rows_no_more_columns_are_kept_than_they_tell_apart():
    X = np.random.default_rng(0).normal(size=(4, 6))
    assert independent_columns(X)[0].tolist() == [0, 1, 2]
    assert independent_columns(X[:, :0])[0].tolist() == []


def highest(likelihood, j=None, value=0.0):
    """Return the maximum by another program, where a coefficient is given or free."""

    def loss(theta):
        theta = theta if j is None else np.insert(theta, j, value)
        height, score, _ = likelihood.at(theta)
        return -height, -(score if j is None else np.delete(score, j))

    n_free = likelihood.design.shape[1] - (j is not None)
    return -minimize(loss, np.zeros(n_free), jac=True, options={"gtol": 1e-8}).fun


@pytest.mark.parametrize("seed", [9, 13, 15, 16, 17, 316, 553, 556])
def test_columns_that_separate_together(seed):
    """What is certain and wrong, far out, must be found on the way back."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((20, 3))
    y = (rng.random(20) < expit(X @ [6.0, -6, 3])).astype(float)
    X = X - X.mean(axis=0)
    design = np.column_stack([np.ones(20), X / np.abs(X).max(axis=0)])
    likelihood, start = PenalisedLikelihood(design, y, np.ones(20), False), np.zeros(4)
    top = highest(likelihood)
    for j in (1, 2, 3):
        fall = likelihood.signed_root(start, j) ** 2 / 2
        assert fall == pytest.approx(top - highest(likelihood, j), abs=1e-4)
        limits = likelihood.limits(start, j, Z, 1.0)
        for limit in limits:
            drop = top - highest(likelihood, j, np.clip(limit, -1e3, 1e3))
            assert drop == pytest.approx(Z**2 / 2 * np.isfinite(limit), abs=1e-3)
