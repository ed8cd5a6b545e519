"""The parts of the compiled solver, each by what it is to be: linear algebra by numpy.

They run uncompiled: from Python they cannot be called otherwise.
"""

import types
from types import FunctionType

import numpy as np
import pytest
from scipy.special import expit

from sklearn_orn.model import _lasso_kernel


def uncompiled(module):
    """Return a module's contents with its kernels as plain functions."""
    plain = {}
    for name, value in vars(module).items():
        function = getattr(value, "py_func", value)
        if isinstance(function, FunctionType):
            own = function.__module__ == module.__name__
            names = plain if own else function.__globals__
            value = FunctionType(function.__code__, names)
        plain[name] = value
    return types.SimpleNamespace(**plain)


K = uncompiled(_lasso_kernel)
RNG = np.random.default_rng(0)
XT = RNG.normal(size=(7, 12))
XT[6] = 2 * XT[3] - XT[0]
RIDGE = np.array([0.0, 0.1, 0.2, 0, 0.3, 0.4, 0])
NOW = RNG.uniform(0.05, 0.25, size=12) / 12


def work(columns=(), most=5, curvature=NOW, xt=XT, ridge=RIDGE):
    """Return the factor of some columns and what belongs to it."""
    made = (
        np.full((most + 1, most + 1), np.nan),
        np.full(most + 1, -1),
        np.zeros(len(xt), bool),
        curvature.copy(),
        np.zeros(1, np.int64),
    )
    for j in columns:
        assert K._append(xt, ridge, made, j)
    return made


def assert_factor_of(columns, made, curvature=NOW, xt=XT, ridge=RIDGE):
    factor, order, inside, _, count = made
    m = len(columns)
    assert count[0] == m and order[:m].tolist() == list(columns)
    assert np.flatnonzero(inside).tolist() == sorted(columns)
    lower = np.tril(factor[:m, :m])
    x = xt[list(columns)]
    gram = (x * curvature) @ x.T + np.diag(ridge[list(columns)])
    np.testing.assert_allclose(lower @ lower.T, gram, rtol=1e-10, atol=1e-14)
    assert (np.diag(lower) > 0).all()


# Numbers --------------------------------------------------------------------------


def test_probabilities_and_losses_of_any_score():
    eta = np.array([-800.0, -3, -0.5, 0, 0.5, 3, 800])
    p = np.empty(7)
    K._probabilities(eta, p)
    np.testing.assert_allclose(p, expit(eta), rtol=1e-14, atol=1e-304)
    y, w = np.array([0.0, 1, 0, 1, 0, 1, 1]), np.array([1.0, 2, 3, 4, 3, 2, 1]) / 16
    p, y, w, eta = (values[1:6] for values in (p, y, w, eta))
    loss = -(w * (y * np.log(p) + (1 - y) * np.log(1 - p))).sum()
    assert K._loss(eta, y, w) == pytest.approx(loss, rel=1e-12)
    assert K._loss(np.array([-800.0, 800]), np.array([1.0, 1]), np.ones(2)) == 800.0
    residual, now = np.empty(5), np.empty(5)
    K._residual(eta, y, w, p, residual)
    np.testing.assert_allclose(residual, w * (y - expit(eta)))
    K._curvature(w, p, now)
    np.testing.assert_allclose(now, w * p * (1 - p))
    K._curvature(np.ones(3), np.array([0.0, 1, 1e-10]), now)
    assert now[:3].tolist() == [1e-9] * 3


def test_drift_is_the_mean_relative_change():
    assert K._drift(np.array([1.0, 5, 2]), np.array([2.0, 3, 5])) == 6 / 10


def test_a_penalty_by_hand():
    beta, bound = np.array([2.0, -3, 9, 0]), np.array([0.5, 1, 7, 7])
    ridge = np.array([0.25, 2, 7, 7])
    found = K._penalty(beta, np.array([0, 1, 3]), bound, ridge)
    assert found == 0.5 * 2 + 1 * 3 + 0.25 * 4 / 2 + 2 * 9 / 2


def test_a_violation_is_the_distance_from_the_optimum():
    beta, slope = np.array([1.0, -1, 0, 0]), np.array([0.5, -0.5, -0.5, 0.2])
    bound = np.array([0.3, 0.75, 0.4, 0.4])
    found = [K._violation(j, beta, slope, bound) for j in range(4)]
    assert found == pytest.approx([0.2, 0.25, 0.1, -0.2])


@pytest.mark.parametrize(
    ("k", "least"), [(64, 0), (63, 32), (32, 32), (31, 48), (8, 56), (7, 60), (1, 63)]
)
def test_a_bound_that_a_number_of_values_reach(k, least):
    # It halves what is left of the range until no more than k are above it.
    values = np.append(np.arange(64.0, 0, -1), np.zeros(9))
    assert K._kth_largest(values, k) == least
    assert K._kth_largest(np.ones(9), 3) == 1 - 0.5**30  # nothing is between them


# The factor -----------------------------------------------------------------------


def test_columns_are_appended_to_the_factor_up_to_its_size():
    made = work([3, 0, 5, 1])
    assert_factor_of([3, 0, 5, 1], made)
    assert K._append(XT, RIDGE, made, 4)
    assert_factor_of([3, 0, 5, 1, 4], made)
    assert not K._append(XT, RIDGE, made, 2)
    assert_factor_of([3, 0, 5, 1, 4], made)


def test_a_column_that_others_span_is_refused_with_what_solves_for_it():
    made = work([3, 1, 0])
    assert not K._append(XT, RIDGE, made, 6)
    assert_factor_of([3, 1, 0], made)
    span = made[0][3, :3].copy()
    K._solve_back(made[0], 3, span)
    gram = (XT[[3, 1, 0]] * NOW) @ XT[[3, 1, 0]].T + np.diag(RIDGE[[3, 1, 0]])
    solved = np.linalg.solve(gram, (XT[[3, 1, 0]] * NOW) @ XT[6])
    np.testing.assert_allclose(span, solved, atol=1e-12)
    # A ridge makes it its own.
    assert K._append(XT, RIDGE + 0.1, work([3, 1, 0]), 6)


@pytest.mark.parametrize(("left", "taken"), [(1e-10, True), (1e-13, False)])
def test_what_is_left_of_a_column_is_rounding_below_a_billionth_of_a_thousandth(
    left, taken
):
    xt = np.array([[1.0, 0], [1, np.sqrt(left)]]) * 1e3
    made = work([0], curvature=np.ones(2), xt=xt, ridge=np.zeros(2))
    assert K._append(xt, np.zeros(2), made, 1) is taken
    made = work([], curvature=np.ones(2), xt=xt, ridge=np.zeros(2))
    made[1][:2], made[4][0] = [0, 1], 2
    K._renew(xt, np.zeros(2), made, np.ones(2))
    assert made[4][0] == 1 + taken


@pytest.mark.parametrize("k", range(5))
def test_a_column_is_deleted_from_the_factor(k):
    columns = [3, 0, 5, 1, 4]
    made = work(columns)
    K._delete(made, k)
    assert_factor_of(columns[:k] + columns[k + 1 :], made)


def test_equations_are_solved_with_the_factor():
    made = work([3, 0, 5, 1])
    lower = np.tril(made[0][:4, :4])
    right, x = np.array([1.0, -2, 3, 0.5]), np.empty(4)
    K._solve(made[0], 4, right, x)
    np.testing.assert_allclose(x, np.linalg.solve(lower @ lower.T, right))
    K._solve_back(made[0], 4, right)
    np.testing.assert_allclose(
        right, np.linalg.solve(lower.T, [1.0, -2, 3, 0.5]), rtol=1e-10
    )


def test_a_factor_is_made_anew_with_other_weights():
    made = work([3, 0, 5, 1])
    other = NOW[::-1] * 2
    K._renew(XT, RIDGE, made, other)
    assert_factor_of([3, 0, 5, 1], made, other)
    np.testing.assert_array_equal(made[3], other)
    # A column that those before it span now leaves, and the others close up.
    made = work([3, 0, 5, 1])
    made[1][:5], made[4][0] = [3, 0, 6, 5, 1], 5
    made[2][6] = True
    K._renew(XT, RIDGE, made, other)
    assert_factor_of([3, 0, 5, 1], made, other)


# Steps ----------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "n"), [(0.02, 5), (0.3, 5), (1.0, 4), (3.0, 3)])
def test_a_newton_step_ends_at_the_lowest_point_with_these_signs(scale, n):
    columns = [3, 0, 5, 1, 4]
    beta = np.array([0.3, -0.2, 0, 0.5, 0.4, -0.1, 0])
    signs, bound = np.sign(beta), np.array([0.01, 0.02, 1, 0.0, 0.01, 0.02, 1])
    slope = scale * np.array([0.02, 0.03, 0, -0.1, -0.05, 0.02, 0])
    made, end = work(columns), np.zeros(7)
    K._newton_step(bound, slope, signs, (beta, None, None), made, end)
    stay = made[1][: made[4][0]].tolist()
    assert_factor_of(stay, made)
    assert len(stay) == n
    gone = [j for j in columns if j not in stay]
    assert (end[gone] == 0).all() and 3 in stay
    # The slope of the quadratic model is 0 in what stays, and no sign has changed.
    x = XT[columns]
    moved = np.zeros(7)
    gram = (x * NOW) @ x.T + np.diag(RIDGE[columns])
    moved[columns] = gram @ (end - beta)[columns]
    rest = (slope - bound * signs - moved)[stay]
    np.testing.assert_allclose(rest, 0, atol=1e-14)
    assert all(end[j] * signs[j] >= 0 for j in stay if bound[j] > 0)


def one_column(start, end, ridge=0.0):
    """Return what `_go_to_end` needs where y = 1 at x = 1, for a bound of 0.1."""
    xt, y, w = np.ones((1, 1)), np.ones(1), np.ones(1)
    beta, eta = np.array([start]), np.array([start])
    gradient = np.array([1 - expit(start)])
    point = tuple(np.empty(1) for _ in range(4))
    problem = xt, y, w, np.array([0.1]), np.array([ridge])
    return problem, np.ones(1), (beta, eta, gradient), np.array([end]), point


# The objective is log(1 + exp(-t)) + t / 10, with a slope of p - 0.9; lowest at 2.197.
@pytest.mark.parametrize(
    ("start", "end", "gone"),
    [
        (0.0, 2.0, True),  # it falls still: p = 0.8808
        (0.0, 2.5, False),  # it rises there, too far away: p = 0.924
        (1.7, 2.19, True),
        (2.0, 2.25, True),  # a slope of 0.0047 after -0.0192
        (2.0, 2.4, False),  # of 0.0168, more than half of it
        (1.8, 2.301, False),  # 0.5 is the farthest; 0.0090 after -0.0419
        (1.8, 2.299, True),
        (2.5, 2.15, True),  # back: -0.0043 after 0.0241
        (2.5, 2.05, False),
    ],
)
def test_a_whole_step_is_taken_where_the_slopes_show_that_it_lowers(start, end, gone):
    problem, signs, state, ends, point = one_column(start, end)
    active = np.array([0])
    assert K._go_to_end(*problem, signs, active, state, ends, point) is gone
    p, residual, there, before = point
    assert (there[0], before[0], p[0]) == (end, start, pytest.approx(expit(end)))
    assert residual[0] == state[2][0] == pytest.approx(1 - expit(end))
    assert state[0][0] == state[1][0] == (end if gone else start)


def test_a_whole_step_with_a_ridge():
    # At 1.5 the slope is p - 0.9 + 1.5 r: 0 for r = 0.0549.
    ridge = (0.9 - expit(1.5)) / 1.5
    for end, gone in ((1.49, True), (2.2, False)):
        problem, signs, state, ends, point = one_column(0.9, end, ridge)
        found = K._go_to_end(*problem, signs, np.array([0]), state, ends, point)
        assert found is gone


@pytest.mark.parametrize(("end", "share"), [(2.0, 1.0), (8.0, 0.5), (60.0, 0.0625)])
def test_a_step_is_halved_until_it_lowers_the_objective(end, share):
    def objective(t):
        return np.log1p(np.exp(-t)) + 0.1 * t

    problem, signs, state, ends, point = one_column(0.0, end)
    K._go_to_end(*problem, signs, np.array([0]), state, ends, point)
    state[0][0] = state[1][0] = 0.0
    xt, y, w, bound, ridge = problem
    found = K._line_search(xt, y, w, bound, ridge, np.array([0]), state, ends, point)
    assert found == share and objective(share * end) <= objective(0)
    assert share == 1 or objective(2 * share * end) > objective(0)
    assert state[0][0] == state[1][0] == share * end
    assert state[2][0] == pytest.approx(1 - expit(share * end))


def test_halving_ends_after_thirty():
    # The point of the lowest objective: every step rises.
    best = np.log(9.0)
    problem, signs, state, ends, point = one_column(best, -1e6)
    K._go_to_end(*problem, signs, np.array([0]), state, ends, point)
    xt, y, w, bound, ridge = problem
    found = K._line_search(
        xt, y, w, bound + 1, ridge, np.array([0]), state, -ends, point
    )
    assert found == 0.5**30


# An exchange ----------------------------------------------------------------------


def exchange(beta, xt, bound, in_set, j, tol=1e-9, sign=1.0, slope=None):
    """Try to let column j in where the others span it; return what came of it."""
    xt, bound = np.array(xt, float), np.array(bound, float)
    beta = np.array(beta, float)
    eta, ridge = beta @ xt, np.zeros(len(xt))
    signs = np.sign(beta)
    signs[j] = sign
    made = work(in_set, curvature=np.ones(xt.shape[1]), xt=xt, ridge=ridge)
    if slope is None:  # those of the set are at their bounds
        slope = np.zeros(len(xt))
        slope[in_set] = bound[in_set] * signs[in_set]
        share = np.linalg.lstsq(xt[in_set].T, xt[j], rcond=None)[0]
        slope[j] = share @ slope[in_set]
    assert not K._append(xt, ridge, made, j)
    state = beta, eta.copy(), None
    taken = K._exchange(xt, bound, slope, signs, state, made, j, tol)
    np.testing.assert_allclose(state[1], eta, atol=1e-12)
    np.testing.assert_allclose(beta @ xt, eta, atol=1e-12)
    assert_factor_of(made[1][: made[4][0]].tolist(), made, np.ones(len(eta)), xt, ridge)
    return bool(taken), beta, made[1][: made[4][0]].tolist()


E = np.eye(4)
SUM = [E[0], E[1], E[0] + E[1]]  # the third is the sum of the others


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_cheaper_column_takes_over_until_another_is_at_zero(sign):
    taken, beta, stay = exchange(
        sign * np.array([2.0, 3, 0]), SUM, [1, 1, 1], [0, 1], 2, sign=sign
    )
    assert taken and beta.tolist() == [0, sign, sign * 2] and stay == [1]
    taken, beta, stay = exchange(
        sign * np.array([3.0, 2, 0]), SUM, [1, 1, 1], [0, 1], 2, sign=sign
    )
    assert taken and beta.tolist() == [sign, 0, sign * 2] and stay == [0]
    # With a weight of its own: 3 of the first column are 2 of the second.
    taken, beta, stay = exchange(
        [sign * 3.0, 0], [2 * E[0], 3 * E[0]], [1, 1], [0], 1, sign=sign
    )
    assert taken and beta == pytest.approx([0, sign * 2]) and stay == []


@pytest.mark.parametrize(
    ("bound", "tol", "sign"),
    [
        ([1, 1, 2], 1e-9, 1),  # it costs as much as the others
        ([1, 1, 3], 1e-9, 1),  # more: it would grow the other way
        ([1, 1, 1.9], 0.2, 1),  # hardly less
        ([1, 1, 0], 1e-9, 1),  # nothing: the others give what it adds
        ([0, 0, 1], 1e-9, -1),  # the others cost nothing
        ([1, 1, 1], 1e-9, -1),  # its sign is another one
    ],
)
def test_a_column_that_is_not_cheaper_stays_out(bound, tol, sign):
    taken, beta, stay = exchange([2, 3, 0], SUM, bound, [0, 1], 2, tol=tol, sign=sign)
    assert not taken and beta.tolist() == [2, 3, 0] and stay == [0, 1]


def test_a_coefficient_that_is_there_may_go_to_zero_itself():
    # 2 = 0 + 1 costs 3, they cost 2: its 1 goes over to them.
    taken, beta, stay = exchange([2, 3, 1], SUM, [1, 1, 3], [0, 1], 2)
    assert not taken and beta.tolist() == [3, 4, 0] and stay == [0, 1]
    # It costs 1: it grows from its 1.
    taken, beta, stay = exchange([2, 3, 1], SUM, [1, 1, 1], [0, 1], 2)
    assert taken and beta.tolist() == [0, 1, 3] and stay == [1]


def test_columns_without_a_penalty_never_leave_in_an_exchange():
    taken, beta, stay = exchange([2, 3, 0], SUM, [0, 2, 1], [0, 1], 2)
    assert taken and beta.tolist() == [-1, 0, 3] and stay == [0]


def test_what_spans_by_rounding_alone_does_not_leave():
    columns = [E[0], E[1], E[0] + 1e-9 * E[1]]
    taken, beta, stay = exchange([2, 1e-10, 0], columns, [2, 1, 1], [0, 1], 2)
    assert taken and stay == [1] and beta[2] == pytest.approx(2)
    columns[2] = E[0] + 1e-7 * E[1]
    taken, beta, stay = exchange([2, 1e-10, 0], columns, [2, 1, 1], [0, 1], 2)
    assert taken and stay == [0] and beta[2] == pytest.approx(1e-3)


# The set of columns ---------------------------------------------------------------


def test_violations_inside_and_outside_of_the_set_by_hand():
    beta = np.array([0.5, -0.5, 0, 0, 0.25])
    gradient = np.array([0.7, -0.2, 0.9, -0.6, 9])
    ridge, bound = np.array([0.2, 0.4, 1, 0, 9]), np.array([0.5, 0.25, 0.5, 0.5, 0.5])
    state, slope = (beta, None, gradient), np.full(5, np.nan)
    made = work([0, 1], xt=RNG.normal(size=(5, 12)), ridge=np.zeros(5))
    # Slopes: 0.7 - 0.1, above its bound by 0.1; -0.2 + 0.2, where -0.25 should be.
    worst = K._worst_inside(bound, ridge, slope, state, made)
    assert worst == pytest.approx(0.25)
    np.testing.assert_allclose(slope, [0.6, 0, np.nan, np.nan, np.nan])
    aside = np.array([False, False, False, True, False])
    found = K._worst_outside(
        bound, ridge, np.array([0, 1, 2, 3]), slope, aside, state, made[2]
    )
    assert found == pytest.approx((0.4, 0.1))
    np.testing.assert_allclose(slope, [0.6, 0, 0.9, -0.6, np.nan])
    nothing = K._worst_outside(
        bound + 9, ridge, np.array([2, 3]), slope, aside, state, made[2]
    )
    assert nothing == (0, 0)
    xt, residual = RNG.normal(size=(5, 12)), RNG.normal(size=12)
    K._gradient_outside(xt, residual, np.array([0, 2, 3]), made[2], gradient)
    expected = [0.7, -0.2, *(xt[2:4] @ residual), 9]
    np.testing.assert_allclose(gradient, expected)


def enter(excess, beta=None, inside=(), aside=(), candidates=None, tol=1e-9):
    """Let columns of an identity matrix enter whose bounds of 1 are exceeded so."""
    excess = np.asarray(excess, float)
    n = len(excess)
    gradient = (1 + np.abs(excess)) * np.where(excess < 0, -1, 1)
    state = (np.zeros(n) if beta is None else np.array(beta, float), None, gradient)
    out, signs = np.isin(np.arange(n), aside), np.zeros(n)
    made = work(inside, n, np.ones(n), np.eye(n), np.zeros(n))
    candidates = np.arange(n) if candidates is None else np.array(candidates)
    entered = K._enter(
        *(np.eye(n), np.ones(n), np.zeros(n), candidates),
        *(gradient.copy(), signs, out, state, made, tol),
    )
    return entered, made[1][: made[4][0]].tolist(), signs, out


def test_columns_enter_that_violate_their_bound_with_the_sign_of_their_slope():
    beta = [0, 0, 0, 0, 0, -1e-3]
    given = {"beta": beta, "inside": [3], "aside": [1], "candidates": [0, 1, 2, 3, 5]}
    entered, order, signs, out = enter([2.0, 9, -1, 9, 9, 1], **given)
    assert (entered, order) == (3, [3, 0, 2, 5])
    assert signs.tolist() == [1, 0, -1, 0, 0, -1]  # a coefficient keeps its own sign
    assert out.tolist() == [False, True, False, False, False, False]
    assert enter([0.25, 0.125], tol=0.125)[:2] == (1, [0])
    assert enter([0.0, 0.0])[:2] == (0, [])


def test_the_worst_thirty_two_columns_or_fewer_enter_at_once():
    # 33 are above the half of the most, which are too many: 16 above three quarters.
    excess = np.r_[np.linspace(20.5, 40, 33), 10, 10]
    entered, order, *_ = enter(excess)
    assert entered == 17 and order == np.flatnonzero(excess >= 30).tolist()
    entered, order, *_ = enter(excess[1:])
    assert entered == 32 and order == list(range(32))


@pytest.mark.parametrize(("of_set", "exchanged"), [(1.0, True), (4.0, False)])
def test_a_spanned_column_enters_by_an_exchange_or_is_set_aside(of_set, exchanged):
    xt = np.array(SUM)
    beta, slope = np.array([2.0, 3, 0]), np.array([of_set, of_set, 2])
    state = beta, beta @ xt, slope.copy()
    made, aside = work([0, 1], 3, np.ones(4), xt, np.zeros(3)), np.zeros(3, bool)
    entered = K._enter(
        *(xt, np.ones(3), np.zeros(3), np.array([2]), slope, np.sign(beta), aside),
        *(state, made, 1e-9),
    )
    assert entered == exchanged
    assert aside.tolist() == [False, False, not exchanged]
    assert made[1][: made[4][0]].tolist() == ([1, 2] if exchanged else [0, 1])
    assert beta.tolist() == ([0, 1, 2] if exchanged else [2, 3, 0])
