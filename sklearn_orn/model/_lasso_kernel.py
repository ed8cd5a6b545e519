"""Compiled solver of the penalised logistic likelihood along a path of lambdas.

Each lambda is solved by Newton steps on the columns whose coefficients are not 0, with
the signs that they have. A coefficient that would change its sign leaves; columns that
violate their bound enter. Cholesky's factor of the weighted Gram matrix stays from step
to step and from lambda to lambda: a column is appended or deleted at the cost of the
square of their number. Its weights may be those of an earlier step, which is a chord
method; they are renewed when they have drifted. Correlated columns cost it nothing.

Row 0 of the columns is the intercept's, of ones, or of zeros where there is none.
"""

import numpy as np

from sklearn_orn._numba import inlined, kernel, part, reassociating_part
from sklearn_orn.model._exp_log import exp_of_negative, log1p_of_share

NULL_LAMBDA = 1e30  # so large that only unpenalised coefficients are free
SPANNED = 1e-12  # what is left of a column that others span, of its square: rounding
# A factor is made anew where its weights have drifted by so much (mean, relative), or
# where a step leaves so much of the violation: one of many columns costs many steps.
FEW = 64  # columns
FEW_DRIFT, FEW_LEFT = 0.03, 0.1
MANY_DRIFT, MANY_LEFT = 0.1, 0.3
MOST_ENTER = 32  # of columns that violate their bound, at once


@part
def _probabilities(eta, p):
    for i in range(len(eta)):
        rarer = exp_of_negative(-abs(eta[i]))
        likelier = 1.0 / (1.0 + rarer)
        p[i] = likelier if eta[i] >= 0.0 else rarer * likelier


@reassociating_part
def _loss(eta, y, w):
    """Return the mean negative log-likelihood; the weights sum to 1."""
    total = 0.0
    for i in range(len(eta)):
        t = eta[i]
        soft = max(t, 0.0) + log1p_of_share(exp_of_negative(-abs(t)))
        total += w[i] * (soft - y[i] * t)
    return total


@reassociating_part
def _dot(first, second):
    total = 0.0
    for i in range(len(first)):
        total += first[i] * second[i]
    return total


@reassociating_part
def _add(target, factor, column):
    for i in range(len(target)):
        target[i] += factor * column[i]


@part
def _append(xt, ridge, work, j):
    """Append column j to the factor; return whether the others do not span it.

    If they do, the next row of the factor holds what solves for it.
    """
    factor, order, inside, curvature, count = work
    m, column = count[0], xt[j]
    weighted = np.empty(len(column))
    for i in range(len(column)):
        weighted[i] = curvature[i] * column[i]
    square = _dot(weighted, column) + ridge[j]
    row, left = factor[m], square
    for a in range(m):
        shared = _dot(xt[order[a]], weighted) - _dot(factor[a, :a], row[:a])
        row[a] = shared / factor[a, a]
        left -= row[a] * row[a]
    if left <= SPANNED * square or m == len(order) - 1:
        return False
    row[m] = np.sqrt(left)
    order[m], inside[j], count[0] = j, True, m + 1
    return True


@part
def _delete(work, k):
    """Delete the k-th column of the factor; rotations close the gap."""
    factor, order, inside, _, count = work
    m = count[0]
    inside[order[k]] = False
    cosine, sine = np.empty(m - k), np.empty(m - k)
    for r in range(k, m - 1):
        order[r] = order[r + 1]
        row, below = factor[r], factor[r + 1]
        for c in range(r + 2):
            row[c] = below[c]
        upper = row[k]
        for c in range(k, r):
            lower = row[c + 1]
            row[c] = cosine[c - k] * upper + sine[c - k] * lower
            upper = cosine[c - k] * lower - sine[c - k] * upper
        length = np.hypot(upper, row[r + 1])
        cosine[r - k], sine[r - k] = upper / length, row[r + 1] / length
        row[r] = length
    count[0] = m - 1


@part
def _solve_back(factor, m, x):
    """Solve factor' x = x in place."""
    for a in range(m - 1, -1, -1):
        x[a] /= factor[a, a]
        _add(x[:a], -x[a], factor[a, :a])


@part
def _solve(factor, m, right, x):
    """Solve factor factor' x = right."""
    for a in range(m):
        x[a] = (right[a] - _dot(factor[a, :a], x[:a])) / factor[a, a]
    _solve_back(factor, m, x)


@part
def _renew(xt, ridge, work, now):
    """Factorise anew with the weights of now; leave out columns that others span."""
    factor, order, inside, curvature, count = work
    m = count[0]
    columns, weighted = np.empty((m, len(now))), np.empty((m, len(now)))
    for i in range(len(now)):
        curvature[i] = now[i]
    for a in range(m):
        column = xt[order[a]]
        for i in range(len(now)):
            columns[a, i], weighted[a, i] = column[i], now[i] * column[i]
    gram = np.dot(weighted, columns.T)
    kept = 0
    which = np.empty(m, np.int64)
    for a in range(m):
        j = order[a]
        square = gram[a, a] + ridge[j]
        row, left = factor[kept], square
        for b in range(kept):
            shared = gram[a, which[b]] - _dot(factor[b, :b], row[:b])
            row[b] = shared / factor[b, b]
            left -= row[b] * row[b]
        if left <= SPANNED * square:
            inside[j] = False
            continue
        row[kept] = np.sqrt(left)
        which[kept], order[kept] = a, j
        kept += 1
    count[0] = kept


@part
def _exchange(xt, bound, slope, signs, state, work, j, tol):
    """Move along the direction in which column j and those that span it change nothing.

    The penalty falls until a coefficient is 0: that column leaves, and j may enter.
    """
    beta, eta, _ = state
    factor, order, _, _, count = work
    m = count[0]
    if bound[j] == 0.0:  # what it adds, the others give without a penalty
        return False
    span = factor[m, :m].copy()
    _solve_back(factor, m, span)
    widest, gain = 0.0, slope[j] - bound[j] * signs[j]
    for a in range(m):
        widest = max(widest, abs(span[a]))
        i = order[a]
        gain -= span[a] * (slope[i] - bound[i] * signs[i])
    way = np.sign(gain)
    reach, leaving = np.inf, m
    if beta[j] * way < 0.0:
        reach = abs(beta[j])
    for a in range(m):
        i = order[a]
        rounding = abs(span[a]) <= 1e-8 * widest
        if bound[i] > 0.0 and signs[i] * span[a] * way > 0.0 and not rounding:
            if abs(beta[i] / span[a]) < reach:
                reach, leaving = abs(beta[i] / span[a]), a
    wrong = beta[j] == 0.0 and way != signs[j]
    if wrong or abs(gain) <= tol or reach == np.inf or reach == 0.0:
        return False
    for a in range(m):
        moved = -way * reach * span[a]
        beta[order[a]] += moved
        _add(eta, moved, xt[order[a]])
    beta[j] += way * reach
    _add(eta, way * reach, xt[j])
    if leaving == m:
        beta[j] = 0.0
        return False
    beta[order[leaving]] = 0.0
    _delete(work, leaving)
    return True


@part
def _newton_step(bound, slope, signs, state, work, end):
    """Return in `end` where the set's quadratic model is lowest with these signs."""
    beta, _, _ = state
    factor, order, _, _, count = work
    right, move = np.empty(count[0]), np.empty(count[0])
    for a in range(count[0]):
        j = order[a]
        end[j] = beta[j]
        right[a] = slope[j] - bound[j] * signs[j]
    while True:
        m = count[0]
        _solve(factor, m, right, move)
        share, leaving = 1.0, m
        for a in range(m):
            j = order[a]
            target = end[j] + move[a]
            if bound[j] > 0.0 and target * signs[j] < 0.0:
                reach = end[j] / (end[j] - target)
                if reach < share:
                    share, leaving = reach, a
        for a in range(m):
            end[order[a]] += share * move[a]
            right[a] *= 1.0 - share
        if leaving == m:
            return
        end[order[leaving]] = 0.0
        for a in range(leaving, m - 1):
            right[a] = right[a + 1]
        _delete(work, leaving)


@part
def _penalty(beta, active, bound, ridge):
    total = 0.0
    for j in active:
        total += bound[j] * abs(beta[j]) + 0.5 * ridge[j] * beta[j] ** 2
    return total


@part
def _go_to_end(xt, y, w, bound, ridge, signs, active, state, end, point):
    """Go to `end` if that lowers the objective, as its slopes there and here show.

    It does by convexity if it still falls at `end`. It does too if it rises there at
    half the rate at which it fell, and no sample moves by more than 0.5: the curvature
    then changes by less than exp(0.5) on the way. `point` is (p, residual, there,
    start): at `there`, which is the eta of `end`, and the coefficients of the start.
    """
    beta, eta, gradient = state
    p, residual, there, start = point
    least, rise, fall, farthest = 0.0, 0.0, 0.0, 0.0
    for i in range(len(eta)):
        there[i] = eta[i]
    for a in range(len(active)):
        j = active[a]
        start[a] = beta[j]
        least += bound[j] * abs(beta[j])
        slope = bound[j] * signs[j] + ridge[j] * start[a] - gradient[j]
        fall -= slope * (end[j] - start[a])
        _add(there, end[j] - start[a], xt[j])
    _residual(there, y, w, p, residual)
    for a in range(len(active)):
        j = active[a]
        gradient[j] = _dot(xt[j], residual)
        slope = bound[j] * signs[j] + ridge[j] * end[j] - gradient[j]
        rise += slope * (end[j] - start[a])
    if rise > 1e-13 * least:  # the objective is larger than its penalty
        for i in range(len(eta)):
            farthest = max(farthest, abs(there[i] - eta[i]))
        if farthest > 0.5 or rise > 0.5 * fall:
            return False
    for j in active:
        beta[j] = end[j]
    for i in range(len(eta)):
        eta[i] = there[i]
    return True


@part
def _line_search(xt, y, w, bound, ridge, active, state, end, point):
    """Go as much of the way to `end` as lowers the objective; return the share."""
    beta, eta, gradient = state
    p, residual, there, start = point
    before = _loss(eta, y, w) + _penalty(beta, active, bound, ridge)
    tried, share = np.empty(len(eta)), 1.0
    for _ in range(30):  # halvings, to 1e-9 of the way
        for a in range(len(active)):
            s, e = start[a], end[active[a]]
            beta[active[a]] = e if share == 1.0 else s + share * (e - s)
        for i in range(len(eta)):
            tried[i] = share * there[i] + (1.0 - share) * eta[i]
        after = _loss(tried, y, w) + _penalty(beta, active, bound, ridge)
        if after <= before + 1e-13 * abs(before):  # lower, or equal but for rounding
            break
        share *= 0.5
    for i in range(len(eta)):
        eta[i] = tried[i]
    if share < 1.0:
        _residual(eta, y, w, p, residual)
        for j in active:
            gradient[j] = _dot(xt[j], residual)
    return share


@part
def _violation(j, beta, slope, bound):
    if beta[j] != 0.0:
        return abs(slope[j] - bound[j] * np.sign(beta[j]))
    return abs(slope[j]) - bound[j]


@part
def _kth_largest(values, k):
    """Return a bound that about k of the values reach; 0 if fewer are above 0."""
    least, most = 0.0, 0.0
    for value in values:
        most = max(most, value)
    for _ in range(30):
        count = 0
        for value in values:
            count += value > least
        if count <= k:
            break
        least = 0.5 * (least + most)
    return least


@part
def _enter(xt, bound, ridge, candidates, slope, signs, aside, state, work, tol):
    """Put the columns that most violate their bound into the set; count them."""
    beta, _, gradient = state
    inside = work[2]
    excess = np.zeros(len(candidates))
    for c in range(len(candidates)):
        j = candidates[c]
        if not inside[j] and not aside[j]:
            excess[c] = _violation(j, beta, slope, bound)
    entered, least = 0, _kth_largest(excess, MOST_ENTER)
    for c in range(len(candidates)):
        j = candidates[c]
        if excess[c] > tol and excess[c] >= least:
            signs[j] = np.sign(gradient[j] if beta[j] == 0.0 else beta[j])
            if _append(xt, ridge, work, j):
                entered += 1
            elif _exchange(xt, bound, slope, signs, state, work, j, tol):
                entered += 1
                aside[j] = not _append(xt, ridge, work, j)
            else:
                aside[j] = True
    return entered


@part
def _curvature(w, p, now):
    """Write the model's weights; a sample that is certain would leave it flat."""
    for i in range(len(p)):
        now[i] = w[i] * max(p[i] * (1.0 - p[i]), 1e-9)


@part
def _drift(before, now):
    """Return the mean relative change of the weights."""
    moved, total = 0.0, 0.0
    for i in range(len(now)):
        moved += abs(now[i] - before[i])
        total += now[i]
    return moved / total


@part
def _residual(eta, y, w, p, residual):
    _probabilities(eta, p)
    for i in range(len(eta)):
        residual[i] = w[i] * (y[i] - p[i])


@part
def _worst_inside(bound, ridge, slope, state, work):
    """Update the slopes of the set; return its worst violation."""
    beta, _, gradient = state
    order, count, worst = work[1], work[4], 0.0
    for a in range(count[0]):
        j = order[a]
        slope[j] = gradient[j] - ridge[j] * beta[j]
        worst = max(worst, _violation(j, beta, slope, bound))
    return worst


@part
def _gradient_outside(xt, residual, candidates, inside, gradient):
    for j in candidates:
        if not inside[j]:
            gradient[j] = _dot(xt[j], residual)


@part
def _worst_outside(bound, ridge, candidates, slope, aside, state, inside):
    """Return the worst violation outside the set, and that of columns set aside."""
    beta, _, gradient = state
    outside, spanned = 0.0, 0.0
    for j in candidates:
        if inside[j]:
            continue
        slope[j] = gradient[j] - ridge[j] * beta[j]
        excess = _violation(j, beta, slope, bound)
        if aside[j]:
            spanned = max(spanned, excess)
        else:
            outside = max(outside, excess)
    return outside, spanned


@part
def _step(xt, y, w, bound, ridge, slope, signs, aside, state, work, end, point):
    """Go a Newton step within the set, and update its gradient."""
    beta = state[0]
    _, order, inside, _, count = work
    active = order[: count[0]].copy()
    _newton_step(bound, slope, signs, state, work, end)
    if count[0] < len(active):
        aside[:] = False
    if _go_to_end(xt, y, w, bound, ridge, signs, active, state, end, point):
        return
    if _line_search(xt, y, w, bound, ridge, active, state, end, point) < 1.0:
        for j in active:
            if beta[j] != 0.0 and not inside[j]:
                _append(xt, ridge, work, j)


@inlined
def _solve_one(xt, y, w, bound, ridge, candidates, state, fit, work, tol, max_iter):
    """Solve one lambda from a warm start; return whether it converged.

    `state` is (beta, eta, gradient) and `fit` (p, residual), changed in place; the
    gradient of the candidates, which alone may become nonzero, is that of the start,
    and in the end, if it converged, that of the solution. `work` is (factor, order,
    inside, curvature, count): the columns of the set and their factor.
    """
    beta, eta, gradient = state
    p, residual = fit
    _, _, inside, curvature, count = work
    n, n_features = len(eta), len(beta)
    now = np.empty(n)
    point = (p, residual, np.empty(n), np.empty(n_features))
    end, slope, signs = np.zeros(n_features), np.zeros(n_features), np.zeros(n_features)
    for j in range(n_features):
        signs[j] = np.sign(beta[j])
    aside = np.zeros(n_features, np.bool_)  # spanned: they cannot enter now
    outside, last, everywhere = np.inf, np.inf, True
    entered, tried = 0, -1
    for _ in range(max_iter):
        violation = _worst_inside(bound, ridge, slope, state, work)
        if not everywhere and violation <= max(tol, 0.1 * outside):
            _gradient_outside(xt, residual, candidates, inside, gradient)
            everywhere = True
        if everywhere:
            outside, spanned = _worst_outside(
                bound, ridge, candidates, slope, aside, state, inside
            )
            if max(violation, outside) <= tol:
                if spanned <= tol or entered == tried:
                    return spanned <= tol
                tried, outside = entered, spanned
                aside[:] = False
            if outside > tol:
                entered += _enter(
                    xt, bound, ridge, candidates, slope, signs, aside, state, work, tol
                )
        _curvature(w, p, now)
        few = count[0] <= FEW
        slow = violation > (FEW_LEFT if few else MANY_LEFT) * last
        borne = FEW_DRIFT if few else MANY_DRIFT
        if _drift(curvature, now) > (0.0 if slow else borne):
            _renew(xt, ridge, work, now)
        last = violation
        _step(xt, y, w, bound, ridge, slope, signs, aside, state, work, end, point)
        everywhere = False
    return False


@inlined
def _solve_screened(xt, y, w, lam, last, alpha, pf, state, fit, work, tol, max_iter):
    """Solve one lambda over the columns that the strong rule keeps, then check all."""
    beta, _, gradient = state
    n_features = len(pf)
    bound, ridge = np.zeros(n_features), np.zeros(n_features)
    kept = np.zeros(n_features, np.bool_)
    candidates = np.empty(n_features, np.int64)
    for j in range(n_features):
        bound[j], ridge[j] = lam * alpha * pf[j], lam * (1.0 - alpha) * pf[j]
        least = alpha * pf[j] * (2.0 * lam - last)
        near = beta[j] != 0.0 or pf[j] == 0.0 or abs(gradient[j]) >= least
        kept[j] = near and pf[j] >= 0.0
    while True:
        n_kept = 0
        for j in range(n_features):
            if kept[j]:
                candidates[n_kept] = j
                n_kept += 1
        converged = _solve_one(
            xt, y, w, bound, ridge, candidates[:n_kept], state, fit, work, tol, max_iter
        )
        missed = False
        for j in range(n_features):
            if pf[j] < 0.0 or (kept[j] and converged):
                continue
            gradient[j] = _dot(xt[j], fit[1])
            if not kept[j] and abs(gradient[j]) > bound[j] + tol:
                kept[j] = missed = True
        if not missed:
            return converged


@part
def _largest_lambda(gradient, pf, alpha):
    largest = 0.0
    for j in range(len(pf)):
        if pf[j] > 0.0:
            largest = max(largest, abs(gradient[j]) / pf[j])
    return largest / max(alpha, 1e-3)  # glmnet's bound: ridge has no largest lambda


@part
def _fill(grid, largest, ratio):
    for i in range(len(grid)):
        grid[i] = largest * ratio ** (i / max(len(grid) - 1, 1))


@kernel
def solve_path(
    xt: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    lambdas: np.ndarray,
    n_lambdas: int,
    ratio: float,
    alpha: float,
    pf: np.ndarray,
    tol: float,
    max_iter: int,
    early: bool,
    until: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Solve the path: its whole grid; beta, deviance ratios and what converged.

    `xt` holds standardised columns, one per row, C-contiguous, behind a row of ones
    for the intercept, whose `pf` is 0 (or -1: no intercept); `w` sums to 1; empty
    `lambdas` ask for `n_lambdas` values down to `ratio` times the largest; `alpha` is
    the share of the l1 penalty; a negative `pf` leaves a column out; `tol` is relative
    to the largest bound; `early` lets the path stop early; it ends with the first
    lambda that is not above `until`.
    """
    n_features, n = xt.shape
    beta, eta, gradient = np.zeros(n_features), np.zeros(n), np.zeros(n_features)
    state, fit = (beta, eta, gradient), (np.empty(n), np.empty(n))
    if pf[0] == 0.0:
        mean = _dot(w, y)
        beta[0] = np.log(mean / (1.0 - mean))
        _add(eta, beta[0], xt[0])
    null = _loss(eta, y, w)
    (p, residual), scale = fit, 0.0
    _residual(eta, y, w, p, residual)
    for j in range(n_features):
        if pf[j] >= 0.0:
            gradient[j] = _dot(xt[j], residual)
            scale = max(scale, abs(gradient[j]))
    most = n_features if alpha < 1.0 else min(n_features, n)
    work = (
        np.empty((most + 1, most + 1)),
        np.empty(most + 1, np.int64),
        np.zeros(n_features, np.bool_),
        np.empty(n),
        np.zeros(1, np.int64),
    )
    _curvature(w, p, work[3])
    grid = lambdas.copy() if len(lambdas) else np.empty(n_lambdas)
    total = len(grid)
    out_beta = np.empty((total, n_features))
    dev_ratio, converged = np.empty(total), np.empty(total, np.bool_)
    rounding, last = 1e-15, NULL_LAMBDA
    accuracy = max(tol * scale, rounding)
    for k in range(-1, total):  # at first the null model, for the largest lambda
        lam, share = (NULL_LAMBDA, 1.0) if k < 0 else (grid[k], alpha)
        solved = _solve_screened(
            xt, y, w, lam, last, share, pf, state, fit, work, accuracy, max_iter
        )
        if k < 0:
            largest = _largest_lambda(gradient, pf, alpha)
            accuracy = max(tol * largest * alpha, rounding)
            if len(lambdas) == 0:
                _fill(grid, largest, ratio)
            last = max(largest, grid[0])
            continue
        last, converged[k] = lam, solved
        for j in range(n_features):
            out_beta[k, j] = beta[j]
        dev_ratio[k] = 1.0 - _loss(eta, y, w) / null
        ended = lam <= until
        if early and k >= 4:  # glmnet's mnlam, fdev and devmax
            gain = dev_ratio[k] - dev_ratio[k - 1]
            ended = ended or gain < 1e-5 or dev_ratio[k] > 0.999
        if ended:
            total = k + 1
            break
    return grid, out_beta[:total], dev_ratio[:total], converged[:total]
