"""Compiled solver of the penalised logistic likelihood along a path of lambdas.

Each lambda is solved by prox-Newton steps. The quadratic problem of a step is solved
in one of two ways. Few columns: exactly, by an active set on their Gram matrix; the
support with its signs is solved by Cholesky's factorisation, a coefficient that would
change its sign leaves, one that violates its bound enters. Correlated columns cost it
nothing. Many columns: by coordinate descent, whose sweeps do not grow with the square
of their number.
"""

import numpy as np

from sklearn_orn._numba import kernel, reassociating_kernel

MANY_COLUMNS = 128  # from here on sweeps are faster than a factorisation
NULL_LAMBDA = 1e30  # so large that only unpenalised coefficients are free


@kernel
def _probabilities(eta, p):
    for i in range(len(eta)):
        if eta[i] >= 0:
            p[i] = 1.0 / (1.0 + np.exp(-eta[i]))
        else:
            e = np.exp(eta[i])
            p[i] = e / (1.0 + e)


@kernel
def _loss(eta, y, w):
    """Return the mean negative log-likelihood; the weights sum to 1."""
    total = 0.0
    for i in range(len(eta)):
        t = eta[i]
        soft = max(t, 0.0) + np.log1p(np.exp(-abs(t)))
        total += w[i] * (soft - y[i] * t)
    return total


@reassociating_kernel
def _dot(first, second):
    total = 0.0
    for i in range(len(first)):
        total += first[i] * second[i]
    return total


@kernel
def _solve_support(gram, support, n_support, right, factor, solution):
    """Solve gram[support, support] x = right by Cholesky.

    A pivot that vanishes (a column that others span) gives its coefficient 0.
    """
    for a in range(n_support):
        ia = support[a]
        for b in range(a + 1):
            total = gram[ia, support[b]] - _dot(factor[a, :b], factor[b, :b])
            if a == b:
                # What is left of the pivot is rounding: others span the column.
                if total <= 1e-12 * gram[ia, ia] or total <= 0.0:
                    factor[a, a] = 1e150  # divided by it twice, x is 0
                else:
                    factor[a, a] = np.sqrt(total)
            else:
                factor[a, b] = total / factor[b, b]
    for a in range(n_support):
        solution[a] = (right[a] - _dot(factor[a, :a], solution[:a])) / factor[a, a]
    for a in range(n_support - 1, -1, -1):
        total = solution[a]
        for c in range(a + 1, n_support):
            total -= factor[c, a] * solution[c]
        solution[a] = total / factor[a, a]


@kernel
def _longest_step(z, solution, support, n_support, signs, bound):
    """Return how far to go (at most 1) and which coefficient crosses zero first."""
    step, leaving = 1.0, -1
    for a in range(n_support):
        j = support[a]
        target = z[j] + solution[a]
        if bound[j] > 0.0 and target * signs[j] < 0.0:
            reach = z[j] / (z[j] - target)
            if reach < step:
                step, leaving = reach, j
    return step, leaving


@kernel
def _shift(gram, gradient, z, j, by):
    z[j] += by
    for i in range(len(z)):
        gradient[i] -= gram[i, j] * by


@kernel
def _worst_violation(gradient, bound, inside):
    """Return the coefficient outside the support that most violates its bound."""
    # Beyond rounding: of the gradient, a mean of values of 1, and of its bound.
    worst, entering = 1e-14, -1
    for j in range(len(bound)):
        excess = abs(gradient[j]) - bound[j]
        if not inside[j] and excess > worst + 1e-12 * bound[j]:
            worst, entering = excess, j
    return entering


@kernel
def _quadratic_lasso(gram, gradient, z, bound):
    """Minimise ``-gradient (x - z) + (x - z) gram (x - z) / 2 + sum bound |x|``.

    `z` is the start and becomes the solution; `gradient` becomes the one there.
    """
    m = len(z)
    support = np.empty(m, np.int64)
    right, solution, factor = np.empty(m), np.empty(m), np.empty((m, m))
    signs = np.sign(z) * (bound > 0.0)
    inside = (bound == 0.0) | (z != 0.0)
    # Each column enters and leaves a few times; rounding must not cycle for ever.
    for _ in range(20 * m + 100):
        n_support = 0
        for j in range(m):
            if inside[j]:
                support[n_support] = j
                right[n_support] = gradient[j] - bound[j] * signs[j]
                n_support += 1
        _solve_support(gram, support, n_support, right, factor, solution)
        step, leaving = _longest_step(z, solution, support, n_support, signs, bound)
        for a in range(n_support):
            _shift(gram, gradient, z, support[a], step * solution[a])
        if leaving >= 0:
            # Rounding may leave a trace of what crossed zero.
            _shift(gram, gradient, z, leaving, -z[leaving])
            inside[leaving] = False
            continue
        entering = _worst_violation(gradient, bound, inside)
        if entering < 0:
            return
        inside[entering] = True
        signs[entering] = np.sign(gradient[entering])


@kernel
def _penalty(beta, active, l1, l2, pf):
    total = 0.0
    for j in active:
        total += pf[j] * (l1 * abs(beta[j]) + 0.5 * l2 * beta[j] ** 2)
    return total


@kernel
def _optimality(xt, residual, l1, l2, pf, screened, beta, gradient, active):
    """Update the gradients; return the worst violation and how many columns move."""
    violation = 0.0
    n_active = 0
    for j in range(len(beta)):
        if not screened[j]:
            continue
        g = _dot(xt[j], residual) - l2 * pf[j] * beta[j]
        gradient[j] = g
        if beta[j] != 0.0:
            excess = abs(g - l1 * pf[j] * np.sign(beta[j]))
        else:
            excess = abs(g) - l1 * pf[j]
        violation = max(violation, excess)
        if beta[j] != 0.0 or excess > 0.0 or pf[j] == 0.0:
            active[n_active] = j
            n_active += 1
    return violation, n_active


@kernel
def _gram_matrix(xt, curvature, active, l2, pf, first):
    """Weighted products of the active columns, behind the intercept where `first`."""
    m = len(active) + first
    gram = np.empty((m, m))
    weighted = np.empty(len(curvature))
    if first:
        gram[0, 0] = curvature.sum()
    for a in range(len(active)):
        column = xt[active[a]]
        for i in range(len(curvature)):
            weighted[i] = curvature[i] * column[i]
        if first:
            gram[0, a + 1] = gram[a + 1, 0] = weighted.sum()
        for b in range(a + 1):
            value = _dot(xt[active[b]], weighted)
            gram[a + first, b + first] = gram[b + first, a + first] = value
        gram[a + first, a + first] += l2 * pf[active[a]]
    return gram


@reassociating_kernel
def _sweep(xt, curvature, residual, active, l1, l2, pf, weight, z, first):
    """One round of coordinate descent; return the largest move of a gradient."""
    largest = 0.0
    if first:
        step = residual.sum() / weight[0]
        z[0] += step
        residual -= step * curvature
        largest = abs(step) * weight[0]
    for a in range(len(active)):
        j, k = active[a], a + first
        column = xt[j]
        slope = _dot(column, residual) - l2 * pf[j] * z[k] + weight[k] * z[k]
        bound = l1 * pf[j]
        new = np.sign(slope) * max(abs(slope) - bound, 0.0) / weight[k]
        step = new - z[k]
        if step != 0.0:
            z[k] = new
            for i in range(len(residual)):
                residual[i] -= step * curvature[i] * column[i]
            largest = max(largest, abs(step) * weight[k])
    return largest


@reassociating_kernel
def _weights(xt, curvature, active, l2, pf, first):
    """Diagonal of the Gram matrix."""
    weight = np.empty(len(active) + first)
    if first:
        weight[0] = curvature.sum()
    for a in range(len(active)):
        column = xt[active[a]]
        total = 0.0
        for i in range(len(curvature)):
            total += curvature[i] * column[i] * column[i]
        weight[a + first] = total + l2 * pf[active[a]]
    return weight


@kernel
def _coordinate_descent(
    xt, curvature, residual, active, l1, l2, pf, z, first, accuracy
):
    """Solve the quadratic problem of a step to an accuracy of its gradient."""
    weight = _weights(xt, curvature, active, l2, pf, first)
    for _ in range(1000):  # then the next Newton step goes on from there
        largest = _sweep(xt, curvature, residual, active, l1, l2, pf, weight, z, first)
        if largest <= accuracy:
            return


@kernel
def _newton_target(
    xt, curvature, residual, active, l1, l2, pf, beta, gradient, b0, first, accuracy
):
    """Return the active coefficients now and at the minimum of the quadratic model."""
    m = len(active) + first
    slope, z, bound = np.empty(m), np.empty(m), np.zeros(m)
    if first:
        slope[0], z[0] = residual.sum(), b0[0]
    for a in range(len(active)):
        j = active[a]
        slope[a + first], z[a + first] = gradient[j], beta[j]
        bound[a + first] = l1 * pf[j]
    start = z.copy()
    if m > MANY_COLUMNS:
        _coordinate_descent(
            xt, curvature, residual, active, l1, l2, pf, z, first, accuracy
        )
    else:
        gram = _gram_matrix(xt, curvature, active, l2, pf, first)
        _quadratic_lasso(gram, slope, z, bound)
    return start, z


@kernel
def _line_search(xt, y, w, l1, l2, pf, active, start, end, first, state):
    """Go from `start` to `end`, or as much of the way as lowers the objective."""
    beta, b0, eta, _ = state
    before = _loss(eta, y, w) + _penalty(beta, active, l1, l2, pf)
    change = np.zeros(len(eta))
    if first:
        change += end[0] - start[0]
    for a in range(len(active)):
        moved = end[a + first] - start[a + first]
        if moved != 0.0:
            column = xt[active[a]]
            for i in range(len(change)):
                change[i] += moved * column[i]
    share = 1.0
    for _ in range(30):  # halvings, to 1e-9 of the way
        for a in range(len(active)):
            s, e = start[a + first], end[a + first]
            beta[active[a]] = e if share == 1.0 else s + share * (e - s)
        after = _loss(eta + share * change, y, w) + _penalty(beta, active, l1, l2, pf)
        if after <= before + 1e-13 * abs(before):  # lower, or equal but for rounding
            break
        share *= 0.5
    eta += share * change
    if first:
        b0[0] += share * (end[0] - start[0])


@kernel
def _solve_one(xt, y, w, l1, l2, pf, intercept, screened, state, tol, max_iter):
    """Solve one lambda from a warm start; return whether it converged.

    `state` is (beta, b0, eta, gradient), changed in place: b0 has one element. Only
    columns in `screened` may become nonzero.
    """
    beta, b0, eta, gradient = state
    p = np.empty(len(eta))
    active_buffer = np.empty(len(beta), np.int64)
    first = 1 if intercept else 0
    for _ in range(max_iter):
        _probabilities(eta, p)
        residual = w * (y - p)
        violation, n_active = _optimality(
            xt, residual, l1, l2, pf, screened, beta, gradient, active_buffer
        )
        violation = max(violation, abs(residual.sum()) * first)
        if violation <= tol:
            return True
        active = active_buffer[:n_active]
        # A sample that is certain would leave the quadratic model flat.
        curvature = w * np.maximum(p * (1.0 - p), 1e-9)
        accuracy = 0.1 * min(violation, max(tol, violation**2))
        start, z = _newton_target(
            xt,
            curvature,
            residual,
            active,
            l1,
            l2,
            pf,
            beta,
            gradient,
            b0,
            first,
            accuracy,
        )
        _line_search(xt, y, w, l1, l2, pf, active, start, z, first, state)
    return False


@kernel
def _solve_screened(xt, y, w, lam, last, alpha, pf, intercept, state, tol, max_iter):
    """Solve one lambda over the columns that the strong rule keeps, then check all."""
    beta, _, eta, gradient = state
    n_features, n = xt.shape
    cut = 2.0 * lam - last
    screened = np.empty(n_features, np.bool_)
    for j in range(n_features):
        screened[j] = (
            beta[j] != 0.0 or pf[j] == 0.0 or abs(gradient[j]) >= alpha * pf[j] * cut
        )
        if pf[j] < 0.0:
            screened[j] = False
    p = np.empty(n)
    while True:
        l1, l2 = lam * alpha, lam * (1.0 - alpha)
        converged = _solve_one(
            xt, y, w, l1, l2, pf, intercept, screened, state, tol, max_iter
        )
        _probabilities(eta, p)
        residual = w * (y - p)
        missed = False
        for j in range(n_features):
            if screened[j] or pf[j] < 0.0:
                continue
            gradient[j] = _dot(xt[j], residual)
            if abs(gradient[j]) > l1 * pf[j] + tol:
                screened[j] = True
                missed = True
        if not missed:
            return converged


@kernel
def _largest_lambda(gradient, pf, alpha):
    largest = 0.0
    for j in range(len(pf)):
        if pf[j] > 0.0:
            largest = max(largest, abs(gradient[j]) / pf[j])
    return largest / max(alpha, 1e-3)  # glmnet's bound: ridge has no largest lambda


@kernel
def solve_path(
    xt, y, w, lambdas, n_lambdas, ratio, alpha, pf, intercept, tol, max_iter, early
):
    """Solve the path: lambdas, b0, beta, deviance ratios and what converged.

    `xt` holds standardised columns, one per row, C-contiguous; `w` sums to 1; empty
    `lambdas` ask for `n_lambdas` values down to `ratio` times the largest; `alpha` is
    the share of the l1 penalty; a negative `pf` leaves a column out; `early` lets the
    path stop early.
    """
    n_features, n = xt.shape
    beta, b0 = np.zeros(n_features), np.zeros(1)
    eta, gradient = np.zeros(n), np.zeros(n_features)
    state = (beta, b0, eta, gradient)
    if intercept:
        share = _dot(w, y)
        b0[0] = np.log(share / (1.0 - share))
        eta += b0[0]
    null = _loss(eta, y, w)
    _solve_screened(
        xt, y, w, NULL_LAMBDA, NULL_LAMBDA, 1.0, pf, intercept, state, tol, max_iter
    )
    largest = _largest_lambda(gradient, pf, alpha)
    grid = lambdas
    if len(lambdas) == 0:
        grid = largest * ratio ** (np.arange(n_lambdas) / max(n_lambdas - 1, 1))
    total = len(grid)
    out_b0, out_beta = np.empty(total), np.empty((total, n_features))
    dev_ratio, converged = np.empty(total), np.empty(total, np.bool_)
    last = max(largest, grid[0])
    for k in range(total):
        converged[k] = _solve_screened(
            xt, y, w, grid[k], last, alpha, pf, intercept, state, tol, max_iter
        )
        last = grid[k]
        out_b0[k] = b0[0]
        out_beta[k] = beta
        dev_ratio[k] = 1.0 - _loss(eta, y, w) / null
        if early and k >= 4:  # glmnet's mnlam, fdev and devmax
            if dev_ratio[k] - dev_ratio[k - 1] < 1e-5 or dev_ratio[k] > 0.999:
                total = k + 1
                break
    return (
        grid[:total],
        out_b0[:total],
        out_beta[:total],
        dev_ratio[:total],
        converged[:total],
    )
