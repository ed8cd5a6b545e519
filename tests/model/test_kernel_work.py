"""What the compiled solver does for a path: how many steps, and how many columns.

The bounds are what it took when they were written and a twentieth more: a slower way
to the same solution shows here alone.
"""

from collections import Counter

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from sklearn_orn.model import logistic_lasso_path
from tests.model.test_kernel_parts import (
    RIDGE,
    SUM,
    XT,
    E,
    K,
    assert_factor_of,
    enter,
    exchange,
    one_column,
    work,
)
from tests.model.test_lasso_kernel import data, violation


@pytest.fixture
def calls(monkeypatch):
    """Count what the solver calls; keep what it returns, and the columns it solves."""
    names = K.solve_path.__globals__
    found = {"n": Counter(), "share": [], "candidates": []}

    def counted(name, function):
        def call(*arguments):
            found["n"][name] += 1
            if name == "_solve_one":
                found["candidates"].append(arguments[5].tolist())
            result = function(*arguments)
            if name == "_line_search":
                found["share"].append(result)
            return result

        return call

    for name in ("_step", "_renew", "_append", "_gradient_outside", "_line_search"):
        monkeypatch.setitem(names, name, counted(name, names[name]))
    monkeypatch.setitem(names, "_solve_one", counted("_solve_one", names["_solve_one"]))
    return found


def solve(X, y, n_lambdas, *, lambdas=(), alpha=1.0, tol=1e-10, max_iter=200):
    """Solve a path uncompiled; return it with the rows that were solved."""
    xt = np.vstack([np.ones(len(y)), ((X - X.mean(axis=0)) / X.std(axis=0)).T])
    w, pf = np.full(len(y), 1 / len(y)), np.append(0.0, np.ones(X.shape[1]))
    given = np.array(lambdas, float)
    ratio = 1e-4 if len(y) >= X.shape[1] else 1e-2
    early = not lambdas
    grid, *rest = K.solve_path(
        xt, y, w, given, n_lambdas, ratio, alpha, pf, tol, max_iter, early, -1.0
    )
    return xt, (grid[: len(rest[0])], *rest)


@pytest.mark.parametrize(
    ("shape", "n_lambdas", "solved", "most"),
    [
        ((20, 4, 0), 100, 62, (353, 15, 6, 68)),
        ((40, 60, 1), 20, 20, (115, 23, 110, 41)),
    ],
)
def test_a_path_takes_few_steps(calls, shape, n_lambdas, solved, most):
    n, p, seed = shape
    _, path = solve(*data(n, p, seed), n_lambdas)
    assert len(path[0]) == solved and path[3].all()
    names = ("_step", "_renew", "_append", "_gradient_outside")
    assert all(
        calls["n"][name] <= 1.05 * number + 1
        for name, number in zip(names, most, strict=True)
    ), calls["n"]
    assert calls["n"]["_solve_one"] <= 1.1 * solved + 1


@pytest.mark.parametrize(
    ("shape", "most"), [((30, 10, 0), (21, 18, 16)), ((40, 60, 4), (27, 25, 84))]
)
def test_one_small_lambda_from_nothing_takes_shorter_steps(calls, shape, most):
    n, p, seed = shape
    X, y = data(n, p, seed)
    xt, (lambdas, beta, _, converged) = solve(X, y, 1, lambdas=[1e-4])
    assert converged.all() and calls["share"] and min(calls["share"]) < 1
    # So far below the largest lambda the strong rule leaves no column out.
    assert calls["candidates"][1:] == [list(range(p + 1))]
    slope = xt @ (y - expit(beta[0] @ xt)) / n
    bound = np.where(np.arange(p + 1) == 0, 0, lambdas[0])
    off = np.where(beta[0] != 0, np.abs(slope - bound * np.sign(beta[0])), 0)
    assert off.max() < 1e-10 and (np.abs(slope) <= bound + 1e-10).all()
    names = ("_step", "_renew", "_append")
    assert all(
        calls["n"][name] <= 1.1 * number
        for name, number in zip(names, most, strict=True)
    ), calls["n"]


def test_the_strong_rule_leaves_columns_out(calls):
    X, y = data(40, 60, 1)
    xt, (lambdas, beta, *_) = solve(X, y, 20)
    # Once each, but for the null model: the rule misses no column here.
    last, before = lambdas[0], np.zeros(61)
    before[0] = np.log(y.mean() / (1 - y.mean()))
    for lam, after, kept in zip(lambdas, beta, calls["candidates"][1:], strict=True):
        gradient = np.abs(xt @ (y - expit(before @ xt))) / 40
        expected = (before != 0) | (gradient >= 2 * lam - last - 1e-12)
        expected[0] = True
        assert kept == np.flatnonzero(expected).tolist()
        last, before = lam, after


# A whole step ---------------------------------------------------------------------


@pytest.mark.parametrize(("rise", "gone"), [(5e-15, True), (5e-14, False)])
def test_a_rise_of_1e_13_of_the_penalty_is_rounding(rise, gone):
    # From 1, with a penalty of 0.1 there, to just beyond 2.197, where it rises.
    best = np.log(9.0)
    problem, signs, state, ends, point = one_column(1.0, best)
    ends += rise / ((best - 1) * 0.09)
    found = K._go_to_end(*problem, signs, np.array([0]), state, ends, point)
    assert found is gone


def test_the_slope_of_a_ridge_at_the_start_counts():
    # From 0.1085 at 1.2 to -0.0091 at 0.9.
    problem, signs, state, ends, point = one_column(1.2, 0.9, ridge=0.2)
    assert K._go_to_end(*problem, signs, np.array([0]), state, ends, point)


def test_a_sample_may_move_by_a_half():
    problem, signs, state, ends, point = one_column(1.75, 2.25)
    assert K._go_to_end(*problem, signs, np.array([0]), state, ends, point)


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [
        (1.0, 20.0, 0.125),  # objectives of 2, 1.05 and 0.58 are above 0.41: 0.37
        (-1.0, 0.1, 1.0),  # the end itself: -1 + 1.1 would not be 0.1
        (1.0, 1.0, 1.0),
        # At the lowest point: a rise of 1e-12 of it, a quarter and a sixteenth of that.
        (np.log(9.0), np.log(9.0) + 2.69e-6, 0.25),
    ],
)
def test_a_step_is_halved_until_it_does_not_rise_but_for_rounding(start, end, share):
    problem, signs, state, ends, point = one_column(start, end)
    K._go_to_end(*problem, signs, np.array([0]), state, ends, point)
    state[0][0] = state[1][0] = start
    xt, y, w, bound, ridge = problem
    found = K._line_search(xt, y, w, bound, ridge, np.array([0]), state, ends, point)
    reached = end if share == 1 else start + share * (end - start)
    assert found == share and state[0][0] == reached
    assert state[1][0] == pytest.approx(reached, rel=1e-15)
    assert state[2][0] == pytest.approx(1 - expit(reached))


# An exchange, with other weights --------------------------------------------------


def test_a_column_of_small_numbers_is_exchanged_like_another():
    taken, beta, stay = exchange(
        [2.0, 0], [E[0], 1e-9 * E[0]], [1, 5e-10], [0], 1, tol=0.0
    )
    assert taken and stay == [] and beta == pytest.approx([0, 2e9])
    columns = [E[0], E[1], 1e4 * (E[0] + 1e-9 * E[1])]
    taken, beta, stay = exchange([2, 1e-10, 0], columns, [2, 1, 1e4], [0, 1], 2)
    assert taken and stay == [1] and beta[2] == pytest.approx(2e-4)


def test_the_first_coefficient_at_zero_is_that_of_the_least_way():
    # Two of the second column go for each that enters: 2 and 3 / 2 of it.
    columns = [E[0], E[1], E[0] + 2 * E[1]]
    taken, beta, stay = exchange([2, 3, 0], columns, [1, 1, 1], [0, 1], 2)
    assert taken and beta.tolist() == [0.5, 0, 1.5] and stay == [0]


def test_what_leaves_is_zero_and_not_a_rounding_error():
    assert 1 - 49 * (1 / 49) != 0
    taken, beta, stay = exchange([1, 0], [E[0], 49 * E[0]], [1, 1], [0], 1)
    assert taken and beta[0] == 0 and beta[1] == 1 / 49 and stay == []
    assert SUM[2].tolist() == [1, 1, 0, 0]


def test_a_column_at_the_bound_of_the_worst_enters():
    excess = np.arange(24.0, 40.5, 0.5)  # 33 of them, all above a half of 40
    entered, order, *_ = enter(excess)
    assert entered == 21 and excess[order].min() == 30


def test_a_coefficient_outside_of_the_set_has_its_ridge():
    slope, one = np.zeros(1), np.ones(1)
    state = np.array([0.5]), None, np.array([0.9])
    outside = np.zeros(1, bool)
    found = K._worst_outside(
        *(0.5 * one, 0.4 * one, np.array([0]), slope, outside, state, outside)
    )
    assert slope == pytest.approx([0.7]) and found == pytest.approx((0.2, 0))


# What a step leaves ---------------------------------------------------------------


@pytest.mark.parametrize("leaves", [True, False])
@pytest.mark.parametrize(("share", "start"), [(0.5, 0.5), (1.0, 0.5), (0.5, 0.0)])
def test_a_column_that_was_to_leave_stays_where_the_step_was_shorter(
    monkeypatch, leaves, share, start
):
    names = K.solve_path.__globals__
    made, aside = work([3, 0, 5]), np.zeros(7, bool)
    aside[6] = True
    beta = np.array([start, 0, 0, 0.4, 0, 0.3, 0])

    def newton_step(bound, slope, signs, state, made, end):
        end[[3, 0, 5]] = 0.2, 0, 0.1
        if leaves:
            K._delete(made, 1)

    def line_search(xt, y, w, bound, ridge, active, state, end, point):
        assert active.tolist() == [3, 0, 5]
        beta[active] += share * (end[active] - beta[active])
        return share

    monkeypatch.setitem(names, "_newton_step", newton_step)
    monkeypatch.setitem(names, "_go_to_end", lambda *_: False)
    monkeypatch.setitem(names, "_line_search", line_search)
    state = beta, np.zeros(12), None
    K._step(
        *(XT, None, None, None, RIDGE, None, None, aside),
        *(state, made, np.zeros(7), None),
    )
    stay = [3, 5, 0] if share < 1 and start else [3, 5]
    stay = stay if leaves else [3, 0, 5]
    assert_factor_of(stay, made)
    # With a column less, one that was spanned may not be so any more.
    assert aside[6] == (not leaves)


# When a lambda is solved ----------------------------------------------------------


@pytest.mark.parametrize(
    ("outside", "entering", "solved"),
    [
        # The worst violation outside, and of columns that were set aside.
        ([(0, 0)], [], True),
        ([(1, 0), (0, 0)], [1], True),
        # A spanned one violates: all that were set aside are tried once more.
        ([(0, 1), (0, 0)], [1], True),
        ([(1, 0), (0, 1), (0, 0)], [1, 1], True),
        # None of them could enter since the last time: no way is left.
        ([(0, 1), (0, 1)], [0], False),
        ([(1, 0), (0, 1), (0, 1), (0, 1)], [1, 1, 0], False),
    ],
)
def test_a_lambda_is_solved_where_nothing_violates_or_no_column_can_enter(
    monkeypatch, outside, entering, solved
):
    names, left, enters = K.solve_path.__globals__, list(outside), list(entering)

    def enter_(xt, bound, ridge, candidates, slope, signs, aside, state, made, tol):
        assert not aside.any()
        aside[:] = True
        return enters.pop(0)

    monkeypatch.setitem(names, "_worst_inside", lambda *_: 0.0)
    monkeypatch.setitem(names, "_worst_outside", lambda *_: left.pop(0))
    monkeypatch.setitem(names, "_enter", enter_)
    monkeypatch.setitem(names, "_step", lambda *_: None)
    state = np.zeros(7), np.zeros(12), np.zeros(7)
    found = K._solve_one(
        *(XT, np.zeros(12), np.ones(12), np.ones(7), RIDGE, np.arange(7)),
        *(state, (np.full(12, 0.5), np.zeros(12)), work([0]), 1e-9, 99),
    )
    assert found == solved and left == enters == []


# Where a lambda was not solved, all slopes are taken anew.
@pytest.mark.parametrize("solved", [True, False])
def test_the_strong_rule_and_what_it_missed_by_hand(monkeypatch, solved):
    names, rounds = K.solve_path.__globals__, []

    def solve_one(xt, y, w, bound, ridge, candidates, *rest):
        rounds.append(candidates.tolist())
        gradient[candidates] = after[candidates] if solved else 99.0
        np.testing.assert_allclose(bound, 0.8 * pf)
        np.testing.assert_allclose(ridge, 0.2 * pf)
        return solved

    # At a lambda of 1 after 1.5 those of half their bound of 0.8 are looked at; the
    # first has no penalty, the fourth a coefficient, the sixth is left out.
    pf = np.array([0.0, 1, 1, 1, 2, -1, 1])
    gradient = np.array([0.3, 0.4, 0.39, 0, 0.79, 9, -0.5])
    beta = np.array([0.0, 0, 0, 0.1, 0, 0, 0])
    # Then the third turns out to be beyond its bound; the fifth is not.
    after = np.array([0.2, 0.8, 0.81, -0.8, 1.59, 7, 0.8])
    monkeypatch.setitem(names, "_solve_one", solve_one)
    state, fit = (beta, np.zeros(7), gradient), (np.full(7, 0.1), np.full(7, 0.5))
    found = K._solve_screened(
        *(np.diag(2 * after), np.ones(7), np.ones(7), 1.0, 1.5, 0.8, pf),
        *(state, fit, None, 1e-9, 9),
    )
    assert found == solved and rounds == [[0, 1, 3, 6], [0, 1, 2, 3, 6]]
    after[5] = 9
    np.testing.assert_allclose(gradient, after)


# The path -------------------------------------------------------------------------


@pytest.mark.parametrize("intercept", [True, False])
def test_the_share_of_the_deviance_that_is_explained(intercept):
    X, y = data(20, 4, 1)
    assert y.mean() != 0.5
    path = logistic_lasso_path(X, y, n_lambdas=4, fit_intercept=intercept)
    # Without an intercept the null model gives everyone one half.
    null = log_loss(y, np.full(20, y.mean() if intercept else 0.5))
    for b, coef, found in zip(
        path.intercepts, path.coefs, path.deviance_ratios, strict=True
    ):
        expected = 1 - log_loss(y, expit(b + X @ coef)) / null
        assert found == pytest.approx(expected, abs=1e-9)
    assert path.deviance_ratios[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("lambdas", [[2.0], [2, 0.5], [2, 1, 0.5]])
def test_a_grid_is_even_on_the_log_scale(lambdas):
    grid = np.empty(len(lambdas))
    K._fill(grid, 2.0, 0.25)
    np.testing.assert_allclose(grid, lambdas)


def test_the_first_lambda_comes_after_what_has_no_penalty():
    X, y = data(30, 3, 2)
    factors = np.array([1.5, 0, 1.5])  # of mean 1
    path = logistic_lasso_path(X, y, penalty_factor=factors, n_lambdas=4)
    alone = LogisticRegression(C=1e12, tol=1e-10).fit(X[:, [1]], y)
    assert path.coefs[0].tolist()[::2] == [0, 0]
    assert path.coefs[0, 1] == pytest.approx(alone.coef_[0, 0], rel=1e-6)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    slope = np.abs(Z.T @ (y - alone.predict_proba(X[:, [1]])[:, 1])) / 30
    largest = (slope[::2] / 1.5).max()
    assert path.lambdas[0] == pytest.approx(largest, rel=1e-6)


@pytest.mark.parametrize("tol", [0.1, 1e-2, 1e-4, 0.0])
def test_the_tolerance_is_a_share_of_the_largest_bound(tol):
    X, y = data(20, 4, 5)
    path = logistic_lasso_path(X, y, tol=tol, n_lambdas=6, l1_ratio=0.5)
    assert path.converged.all()  # to the last digit, where none is left to be wrong
    most = 1.0001 * tol * path.lambdas[0] * 0.5 + 1e-14
    assert violation(X, y, path, l1_ratio=0.5).max() < most
