"""Compiled solver of the penalised logistic likelihood along a path of lambdas.

Each lambda is solved by prox-Newton steps. The quadratic problem of a step is solved
exactly, by an active set on its Gram matrix: the support with its signs is solved by
Cholesky's factorisation, a coefficient that would change its sign leaves, one that
violates its bound enters.
"""

import numpy as np

from sklearn_orn._numba import kernel

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


@kernel
def _solve_support(gram, support, n_support, right, factor, solution):
    """Solve gram[support, support] x = right by Cholesky.

    A pivot that vanishes (a column that others span) gives its coefficient 0.
    """
    for a in range(n_support):
        ia = support[a]
        for b in range(a + 1):
            total = gram[ia, support[b]]
            for c in range(b):
                total -= factor[a, c] * factor[b, c]
            if a == b:
                if total <= 1e-12 * gram[ia, ia] or total <= 0.0:
                    factor[a, a] = 1e150
                else:
                    factor[a, a] = np.sqrt(total)
            else:
                factor[a, b] = total / factor[b, b]
    for a in range(n_support):
        total = right[a]
        for c in range(a):
            total -= factor[a, c] * solution[c]
        solution[a] = total / factor[a, a]
    for a in range(n_support - 1, -1, -1):
        total = solution[a]
        for c in range(a + 1, n_support):
            total -= factor[c, a] * solution[c]
        solution[a] = total / factor[a, a]


@kernel
def _quadratic_lasso(gram, gradient, z, bound):
    """Minimise ``-gradient (x - z) + (x - z) gram (x - z) / 2 + sum bound |x|``.

    `z` is the start and becomes the solution; `gradient` becomes the one there.
    """
    m = len(z)
    support = np.empty(m, np.int64)
    signs = np.zeros(m)
    right = np.empty(m)
    solution = np.empty(m)
    factor = np.empty((m, m))
    inside = np.zeros(m, np.bool_)
    for j in range(m):
        if bound[j] == 0.0 or z[j] != 0.0:
            inside[j] = True
            signs[j] = np.sign(z[j])
    for _ in range(20 * m + 100):
        n_support = 0
        for j in range(m):
            if inside[j]:
                support[n_support] = j
                right[n_support] = gradient[j] - bound[j] * signs[j]
                n_support += 1
        _solve_support(gram, support, n_support, right, factor, solution)
        step = 1.0
        leaving = -1
        for a in range(n_support):
            j = support[a]
            target = z[j] + solution[a]
            if bound[j] > 0.0 and target * signs[j] < 0.0:
                reach = z[j] / (z[j] - target)
                if reach < step:
                    step = reach
                    leaving = j
        for a in range(n_support):
            j = support[a]
            z[j] += step * solution[a]
            moved = step * solution[a]
            for i in range(m):
                gradient[i] -= gram[i, j] * moved
        if leaving >= 0:
            # Rounding may leave a trace of what crossed zero: account for it.
            trace = z[leaving]
            z[leaving] = 0.0
            for i in range(m):
                gradient[i] += gram[i, leaving] * trace
            inside[leaving] = False
            signs[leaving] = 0.0
            continue
        worst = 1e-14
        entering = -1
        for j in range(m):
            if not inside[j]:
                excess = abs(gradient[j]) - bound[j]
                if excess > worst + 1e-12 * bound[j]:
                    worst = excess
                    entering = j
        if entering < 0:
            return
        inside[entering] = True
        signs[entering] = np.sign(gradient[entering])


@kernel
def _gradient(xt, residual, j):
    total = 0.0
    for i in range(len(residual)):
        total += xt[j, i] * residual[i]
    return total


@kernel
def _penalty(beta, active, n_active, l1, l2, pf):
    total = 0.0
    for a in range(n_active):
        j = active[a]
        total += pf[j] * (l1 * abs(beta[j]) + 0.5 * l2 * beta[j] ** 2)
    return total


@kernel
def _solve_one(xt, y, w, l1, l2, pf, intercept, screened, state, tol, max_iter):
    """Solve one lambda from a warm start; return whether it converged.

    `state` is (beta, b0, eta, gradient), changed in place: b0 has one element. Only
    columns in `screened` may become nonzero.
    """
    beta, b0, eta, gradient = state
    n_features, n = xt.shape
    p = np.empty(n)
    residual = np.empty(n)
    curvature = np.empty(n)
    active = np.empty(n_features, np.int64)
    for _ in range(max_iter):
        _probabilities(eta, p)
        pull = 0.0
        for i in range(n):
            residual[i] = w[i] * (y[i] - p[i])
            curvature[i] = w[i] * max(p[i] * (1.0 - p[i]), 1e-9)
            pull += residual[i]
        violation = abs(pull) if intercept else 0.0
        n_active = 0
        for j in range(n_features):
            if not screened[j]:
                continue
            g = _gradient(xt, residual, j) - l2 * pf[j] * beta[j]
            gradient[j] = g
            if beta[j] != 0.0:
                excess = abs(g - l1 * pf[j] * np.sign(beta[j]))
            else:
                excess = abs(g) - l1 * pf[j]
            violation = max(violation, excess)
            if beta[j] != 0.0 or excess > 0.0 or pf[j] == 0.0:
                active[n_active] = j
                n_active += 1
        if violation <= tol:
            return True
        # Coordinates of the step: the intercept first, where there is one.
        first = 1 if intercept else 0
        m = n_active + first
        gram = np.empty((m, m))
        slope = np.empty(m)
        z = np.empty(m)
        bound = np.zeros(m)
        if intercept:
            gram[0, 0] = curvature.sum()
            slope[0] = pull
            z[0] = b0[0]
        weighted = np.empty(n)
        for a in range(n_active):
            j = active[a]
            for i in range(n):
                weighted[i] = curvature[i] * xt[j, i]
            if intercept:
                gram[0, a + 1] = gram[a + 1, 0] = weighted.sum()
            for b in range(a + 1):
                value = _gradient(xt, weighted, active[b])
                gram[a + first, b + first] = gram[b + first, a + first] = value
            gram[a + first, a + first] += l2 * pf[j]
            slope[a + first] = gradient[j]
            z[a + first] = beta[j]
            bound[a + first] = l1 * pf[j]
        start = z.copy()
        _quadratic_lasso(gram, slope, z, bound)
        before = _loss(eta, y, w) + _penalty(beta, active, n_active, l1, l2, pf)
        change = np.zeros(n)
        if intercept:
            change += z[0] - start[0]
        for a in range(n_active):
            moved = z[a + first] - start[a + first]
            if moved != 0.0:
                j = active[a]
                for i in range(n):
                    change[i] += moved * xt[j, i]
        share = 1.0
        for _ in range(30):
            for a in range(n_active):
                s, e = start[a + first], z[a + first]
                beta[active[a]] = e if share == 1.0 else s + share * (e - s)
            after = _loss(eta + share * change, y, w)
            after += _penalty(beta, active, n_active, l1, l2, pf)
            if after <= before + 1e-13 * abs(before):
                break
            share *= 0.5
        eta += share * change
        if intercept:
            b0[0] += share * (z[0] - start[0])
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
            gradient[j] = _gradient(xt, residual, j)
            if abs(gradient[j]) > l1 * pf[j] + tol:
                screened[j] = True
                missed = True
        if not missed:
            return converged


@kernel
def solve_path(
    xt, y, w, lambdas, n_lambdas, ratio, alpha, pf, intercept, tol, max_iter, early
):
    """Solve the path.

    Parameters
    ----------
    xt : ndarray of shape (n_features, n_samples)
        Standardised columns, one per row, C-contiguous.
    y : ndarray of shape (n_samples,)
        0 and 1.
    w : ndarray of shape (n_samples,)
        Weights that sum to 1.
    lambdas : ndarray
        Descending, or empty for a grid of `n_lambdas` values down to `ratio` times
        the largest one.
    alpha : float
        Share of the l1 penalty.
    pf : ndarray of shape (n_features,)
        Penalty factors; negative leaves a column out.
    intercept, early : bool
        Whether there is an intercept; whether the path may stop early.

    Returns
    -------
    lambdas, b0, beta, deviance_ratios, converged
        Of the lambdas that were solved.
    """
    n_features, n = xt.shape
    beta = np.zeros(n_features)
    b0 = np.zeros(1)
    eta = np.zeros(n)
    gradient = np.zeros(n_features)
    state = (beta, b0, eta, gradient)
    share = 0.0
    for i in range(n):
        share += w[i] * y[i]
    if intercept:
        b0[0] = np.log(share / (1.0 - share))
        eta += b0[0]
    null = _loss(eta, y, w)
    _solve_screened(
        xt, y, w, NULL_LAMBDA, NULL_LAMBDA, 1.0, pf, intercept, state, tol, max_iter
    )
    largest = 0.0
    for j in range(n_features):
        if pf[j] > 0.0:
            largest = max(largest, abs(gradient[j]) / pf[j])
    largest /= max(alpha, 1e-3)
    if len(lambdas) == 0:
        grid = np.empty(n_lambdas)
        for k in range(n_lambdas):
            grid[k] = largest * ratio ** (k / max(n_lambdas - 1, 1))
    else:
        grid = lambdas.copy()
    total = len(grid)
    out_b0 = np.empty(total)
    out_beta = np.empty((total, n_features))
    dev_ratio = np.empty(total)
    converged = np.empty(total, np.bool_)
    last = max(largest, grid[0])
    solved = 0
    for k in range(total):
        converged[k] = _solve_screened(
            xt, y, w, grid[k], last, alpha, pf, intercept, state, tol, max_iter
        )
        last = grid[k]
        out_b0[k] = b0[0]
        out_beta[k] = beta
        dev_ratio[k] = 1.0 - _loss(eta, y, w) / null
        solved = k + 1
        if early and k >= 4:
            if dev_ratio[k] - dev_ratio[k - 1] < 1e-5 or dev_ratio[k] > 0.999:
                break
    return (
        grid[:solved],
        out_b0[:solved],
        out_beta[:solved],
        dev_ratio[:solved],
        converged[:solved],
    )
